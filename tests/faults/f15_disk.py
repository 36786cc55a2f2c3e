# SPDX-License-Identifier: Apache-2.0
"""Disks that are full: small file systems (ext4 on loop devices) for the database, its write-ahead log, the logs of the services,
the dialer's journal and the copy of the audit record. Each is filled to the last byte under load, held so for a moment, and
given room again; the one of the database also only so far that intake sees it coming (disk_free_min).

Nothing that was acknowledged is lost, senders hear at once that they have to come again, and everything is as before within
30 s, without a hand: who ended is started again, as a supervisor would, PostgreSQL too.
"""

import atexit
import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from tests.faults.live_rig import LiveRig, needs_crash_programs
from tests.faults.trial import fault
from tests.support.cluster import PG_BIN, PREFIX, Cluster, ClusterError, shared_cluster
from tests.support.intake_client import RETRY, IntakeClient, contact
from tests.support.system import wait_until

MIB = 1024 * 1024
VOLUMES = {"data": 400, "wal": 300, "log": 24, "journal": 24, "audit": 24}  # MiB
LOW, FREE_MIN_PERCENT, LEFT_WHEN_LOW = "data, nearly", 10, 0.05
KINDS = [*VOLUMES, LOW]
HELD_MIN, HELD_MAX = 0.3, 2.0  # seconds
REFUSED_WITHIN = 0.1  # from a record to the receipt that says: come again; the best of some, for the machine has other work
ASKED_TIMES = 3
MET_WITHIN = 5.0
NORMAL_WITHIN = 30.0
SETTINGS = """
unix_socket_directories = '{socket}'
fsync = on
synchronous_commit = on
full_page_writes = on
min_wal_size = '32MB'
max_wal_size = '64MB'
wal_recycle = off
restart_after_crash = on
"""


def run(*command):
    done = subprocess.run([str(part) for part in command], check=False, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{command[0]} ended with {done.returncode}: {done.stderr}")
    return done.stdout


class Volume:
    """A file system of its own size."""

    def __init__(self, folder, name, mib):
        self.image, self.path = folder / f"{name}.img", folder / name
        self.files = self.path / "files"
        self.filler = self.path / ".filler"
        with open(self.image, "wb") as file:
            file.truncate(mib * MIB)
        run("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", self.image)
        self.path.mkdir()
        run("mount", "-o", "loop", self.image, self.path)

    def fill(self, left=0.0):
        """Until this share of it is free; to the last byte at 0."""
        with open(self.filler, "ab", buffering=0) as file:
            free = os.statvfs(self.path)
            size = int((free.f_bavail - left * free.f_blocks) * free.f_frsize)
            while size > 0:
                try:
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), size)
                    size = 0 if left else MIB
                except OSError:
                    size //= 2

    def free(self):
        self.filler.unlink(missing_ok=True)

    def unmount(self):
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: subprocess.run(["umount", str(self.path)], capture_output=True, check=False).returncode == 0, 5)
            return
        run("umount", "--lazy", self.path)


class SmallCluster(Cluster):
    """A copy of the cluster that all tests share, which is far quicker than a new one, with all that grows on volumes."""

    def start(self):
        source = shared_cluster()
        for name in source.psql("SELECT datname FROM pg_database WHERE datname LIKE 'test%'", "postgres").split():
            source.drop_database(name)  # of tests that are over: it would be copied
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir="/tmp"))
        atexit.register(self.stop)
        self.socket = self.folder / "socket"
        self.volumes = {}
        place = self.folder / "volumes"
        place.mkdir()
        for name, mib in VOLUMES.items():
            self.volumes[name] = Volume(place, name, mib)
        data, wal = self.volumes["data"].files, self.volumes["wal"].files
        run(PG_BIN / "pg_basebackup", "-h", source.socket, "-U", "postgres", "-c", "fast", "-X", "stream", "--no-sync",
            "-D", data, "--waldir", wal)
        with open(data / "postgresql.conf", "a", encoding="ascii") as file:
            file.write(SETTINGS.format(socket=self.socket))
        os.symlink(data, self.folder / "data")
        run("chown", "-R", "--no-dereference", "postgres:", data, wal)
        for folder in (place, *(volume.path for volume in self.volumes.values())):
            folder.chmod(0o755)
        self.resume()

    def stop(self):
        if self.folder is not None:
            self.halt()
            for volume in self.volumes.values():
                volume.unmount()
            super().stop()

    def complaints(self, what=b"No space left on device"):
        return (self.folder / "server.log").read_bytes().count(what)

    def is_running(self):
        return subprocess.run([PG_BIN / "pg_isready", "-q", "-h", self.socket], check=False).returncode == 0


def why_no_volumes():
    if os.geteuid() != 0:
        return "needs root, for loop devices"
    for program in ("mkfs.ext4", "losetup"):
        if shutil.which(program) is None:
            return f"needs {program}"
    if subprocess.run(["losetup", "--find"], capture_output=True, check=False).returncode:
        return "no loop device is free"
    return needs_crash_programs()


class DiskRig(LiveRig):
    """LiveRig with everything that grows on a volume of its own."""

    def __init__(self, trial, found):
        super().__init__(trial, cluster=SmallCluster(), rate=50.0)
        self.found = found

    def start_on_volumes(self):
        volumes, folder = self.cluster.volumes, self.system.folder
        for name in ("log", "journal", "audit"):
            volumes[name].files.mkdir()
        made = self.system.run("troth", "audit", "key", "new", folder / "audit.key")
        if made.returncode:
            raise AssertionError(made.stderr)
        for name in self.programs:  # what they write to standard error
            (folder / f"{name}.log").symlink_to(volumes["log"].files / f"{name}.log")
        journal = volumes["journal"].files / "dialer.journal"
        (folder / "dialer.journal").symlink_to(journal)  # for the witnesses
        intake = {"audit_key_file": folder / "audit.key", "audit_every": "1s", "audit_copy": volumes["audit"].files / "heads",
                  "disk_watch": volumes["data"].files, "disk_free_min": FREE_MIN_PERCENT}
        self.start(intake=intake, dialer={"journal": journal})

    def revive(self):
        """What supervisors do. Returns whether PostgreSQL runs."""
        for name, process in self.processes.items():
            if not process.is_running():
                self.count(f"{name} ended and came back")
                self.processes[name] = self.system.start_again(process)
        if not self.cluster.is_running():
            with contextlib.suppress(ClusterError):  # it does not start on a full disk
                self.cluster.resume()
        return self.cluster.is_running()

    def count(self, what):
        self.found.figures[what] = self.found.figures.get(what, 0) + 1


def seconds_to_refusal(client, keys):
    """From a record to its receipt, when that says to come again; None without one."""
    begun = time.monotonic()
    try:
        receipt = client.send_one(contact("looker", key=f"looker-{next(keys)}"), seconds=5)
    except TimeoutError:
        return None
    return time.monotonic() - begun if receipt.status == RETRY else None


def look_at_refusals(rig, looker, keys):
    wait_until(lambda: rig.system.metric("intake", "troth_intake_disk_low") == 1, what="the limit of intake")
    seconds = [seconds_to_refusal(looker, keys) for _ in range(ASKED_TIMES)]
    if None in seconds or min(seconds) > REFUSED_WITHIN * rig.trial.slack:
        rig.found.broken.append(f"P15: records on a full disk were refused after {seconds} s")
    else:
        rig.found.figures["refused after"] = f"{1000 * min(seconds):.1f} ms"


def meet_postgres(rig, kind, before):
    """Until it has no room: in the data sooner or later, in the log of writes with the next segment."""
    with contextlib.suppress(ClusterError, TimeoutError):
        if kind == "wal":
            rig.system.psql("SELECT pg_switch_wal()")
        wait_until(lambda: rig.cluster.complaints() > before, MET_WITHIN)
    rig.count(f"PostgreSQL had no room for {kind}" if rig.cluster.complaints() > before else f"unnoticed: {kind}")


def fill(rig, kind, looker, keys):
    """Full, held, and free again. Returns when it was free."""
    volume, before = rig.cluster.volumes["data" if kind == LOW else kind], rig.cluster.complaints()
    volume.fill(LEFT_WHEN_LOW if kind == LOW else 0.0)
    if kind == LOW:
        look_at_refusals(rig, looker, keys)
    elif kind in ("data", "wal"):
        meet_postgres(rig, kind, before)
    threading.Event().wait(rig.trial.chance.uniform(HELD_MIN, HELD_MAX))
    rig.revive()
    volume.free()
    return time.monotonic()


def kinds(chance, rounds):
    """Each equally often, in an order that nobody knows."""
    order = []
    while len(order) < rounds:
        order += chance.sample(KINDS, len(KINDS))
    return order[:rounds]


@fault("F15", "full disks: database, write-ahead log, logs, journal, audit copy", short=3, long=120, unit="fillings",
       recovery_max=NORMAL_WITHIN, control="ack_before_commit", needs=why_no_volumes)
def disks(trial):
    found = trial.found
    keys = iter(range(10**6))
    with DiskRig(trial, found) as rig:
        rig.system.key("looker", ["records"])
        if trial.control:
            rig.doom()
            found.rounds = 1
        rig.start_on_volumes()
        looker = IntakeClient(rig.system.client("intake", "looker"))
        for kind in kinds(trial.chance, 0 if trial.control else trial.rounds):
            found.hit += bool(rig.load.in_flight())
            moment = fill(rig, kind, looker, keys)
            wait_until(rig.revive, NORMAL_WITHIN, "PostgreSQL")
            found.recoveries.append(rig.load.seconds_until_new_receipt(moment, NORMAL_WITHIN))
            found.rounds += 1
            rig.count(f"filled {kind}")
        found.figures["PostgreSQL crashed and came back"] = rig.cluster.complaints(b"PANIC:")
        wait_until(lambda: rig.revive() and all(process.is_ready() for process in rig.processes.values()), NORMAL_WITHIN,
                   "all programs")
        rig.finish(found, other_sources=["looker"], audit_key=None if trial.control else rig.system.folder / "audit.key")
    return found
