# SPDX-License-Identifier: Apache-2.0
"""Disks that are full: small file systems (ext4 on loop devices) for the database, its write-ahead log, the logs of the services,
the dialer's journal and the copy of the audit record. Each is filled to the last byte under load, held so for a moment, and
given room again.

Nothing that was acknowledged is lost, senders hear at once that they have to come again, and everything is as before within
30 s, without a hand. With the limit of intake (disk_free_min_percent) the database never meets a full disk at all; a second
half of the rounds has none, so that PostgreSQL does.
"""

import os
import shutil
import subprocess
import threading
import time

from tests.faults.live_rig import LiveRig, needs_crash_programs
from tests.faults.trial import Found, fault
from tests.support.intake_client import RETRY, IntakeClient, contact
from tests.support.system import wait_until

MIB = 1024 * 1024
VOLUMES = {"data": 400, "wal": 300, "log": 24, "journal": 24, "audit": 24}  # MiB
HELD_SECONDS = 2.0
REFUSED_WITHIN = 0.1  # seconds, from a record to the receipt that says: come again
NORMAL_WITHIN = 30.0
SMALL_WAL = ("min_wal_size = '32MB'", "max_wal_size = '64MB'", "wal_recycle = off", "restart_after_crash = on")


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, **options).stdout


class Volume:
    """A file system of its own size."""

    def __init__(self, folder, name, mib):
        self.image, self.path = folder / f"{name}.img", folder / name
        with open(self.image, "wb") as file:
            file.truncate(mib * MIB)
        run("mkfs.ext4", "-q", "-m", "0", self.image)
        self.path.mkdir()
        run("mount", "-o", "loop", self.image, self.path)
        self.filler = self.path / ".filler"

    def fill(self):
        """To the last byte: large pieces first."""
        with open(self.filler, "ab", buffering=0) as file:
            size = MIB
            while size:
                try:
                    file.write(b"\0" * size)
                except OSError:
                    size //= 2

    def free(self):
        self.filler.unlink(missing_ok=True)

    def unmount(self):
        for _ in range(50):
            if subprocess.run(["umount", str(self.path)], capture_output=True, check=False).returncode == 0:
                return
            threading.Event().wait(0.1)
        run("umount", "--lazy", self.path)


def why_no_volumes():
    if os.geteuid() != 0:
        return "needs root, for loop devices"
    if shutil.which("mkfs.ext4") is None:
        return "needs mkfs.ext4 (e2fsprogs)"
    try:
        free = subprocess.run(["losetup", "--find"], capture_output=True, text=True, check=False)
    except OSError:
        return "needs losetup"
    return needs_crash_programs() or (None if free.returncode == 0 else "no loop device is free")


class DiskRig(LiveRig):
    """LiveRig with everything that grows on a volume of its own."""

    def __init__(self, trial):
        super().__init__(trial, fast=False, rate=50.0)
        self.volumes = {}

    def __enter__(self):
        super().__enter__()
        self.cluster.halt("fast")
        self.place = self.cluster.folder / "volumes"
        self.place.mkdir()
        for name, mib in VOLUMES.items():
            self.volumes[name] = Volume(self.place, name, mib)
        self.move_database()
        self.cluster.resume()
        for name in ("journal", "audit", "log"):
            (self.volumes[name].path / "files").mkdir()
        return self

    def __exit__(self, *unused):
        for volume in self.volumes.values():
            volume.free()
        self.eye.close()
        self.load.stop()
        self.system.stop()
        self.cluster.halt("immediate")
        for volume in self.volumes.values():
            volume.unmount()
        self.cluster.stop()

    def move_database(self):
        data = self.cluster.folder / "data"
        for source, volume in ((data / "pg_wal", "wal"), (data, "data")):
            target = self.volumes[volume].path / "files"
            run("cp", "-a", source, target)
            shutil.rmtree(source)
            os.symlink(target, source)
        with open(self.volumes["data"].path / "files/postgresql.conf", "a", encoding="ascii") as file:
            file.write("\n".join(SMALL_WAL) + "\n")
        run("chown", "-R", "--no-dereference", "postgres:", self.place)
        for folder in (self.place, *(volume.path for volume in self.volumes.values())):
            folder.chmod(0o755)

    def start_on_volumes(self, has_limit):
        paths = {name: volume.path / "files" for name, volume in self.volumes.items()}
        key, public = self.system.folder / "audit.key", self.system.folder / "audit.pub"
        made = self.system.run("troth", "audit", "key", "new", key, "--public", public)
        if made.returncode:
            raise AssertionError(made.stderr)
        for name in self.programs:  # what they write to standard error
            (self.system.folder / f"{name}.log").symlink_to(paths["log"] / f"{name}.log")
        intake = {"audit_key_file": key, "audit_every": "1s", "audit_copy": paths["audit"]}
        if has_limit:
            intake.update(disk_watch=paths["data"], disk_free_min=10)
        self.start(intake=intake, dialer={"journal": paths["journal"] / "dialer.journal"})

    def revive(self, found):
        """What a supervisor does."""
        for name, process in list(self.processes.items()):
            if not process.is_running():
                found.figures["programs that ended and came back"] = 1 + found.figures.get(
                    "programs that ended and came back", 0)
                self.processes[name] = self.system.start_again(process)
        if not self.server_is_running():
            found.figures["PostgreSQL ended and came back"] = 1 + found.figures.get("PostgreSQL ended and came back", 0)
            self.cluster.resume()

    def server_is_running(self):
        return subprocess.run(["pg_isready", "-q", "-h", str(self.cluster.socket)], check=False).returncode == 0


def seconds_to_refusal(client, number):
    """From a record to its receipt, when that says to come again; None without one."""
    begun = time.monotonic()
    try:
        receipt = client.send_one(contact("looker", key=f"looker-{number}"), seconds=5)
    except TimeoutError:
        return None
    return time.monotonic() - begun if receipt.status == RETRY else None


def fill(rig, name, found, looker):
    """Full, held, and free again: seconds until everything is as before."""
    volume = rig.volumes[name]
    volume.fill()
    full_at = time.monotonic()
    if name == "data":
        if rig.has_limit:
            wait_until(lambda: rig.system.metric("intake", "troth_intake_disk_low") == 1, what="the limit of intake")
            seconds = seconds_to_refusal(looker, found.rounds)
            found.figures.setdefault("refused within", []).append(seconds)
            if seconds is None or seconds > REFUSED_WITHIN:
                found.broken.append(f"P15: a record on a full disk was refused after {seconds} s")
    threading.Event().wait(max(0.0, full_at + HELD_SECONDS - time.monotonic()))
    rig.revive(found)
    volume.free()
    moment = time.monotonic()
    wait_until(lambda: rig.revive(found) or rig.server_is_running(), NORMAL_WITHIN, "PostgreSQL")
    return rig.load.seconds_until_new_receipt(moment, NORMAL_WITHIN)


@fault("F15", "full disks: database, write-ahead log, logs, journal, audit copy", short=0, long=20, unit="fillings",
       recovery_max=NORMAL_WITHIN, control="ack_before_commit", needs=why_no_volumes)
def disks(trial):
    found = Found()
    for has_limit, rounds in ((True, (trial.rounds + 1) // 2), (False, trial.rounds // 2)):
        if rounds:
            fillings(trial, found, has_limit, rounds)
    return found


def fillings(trial, found, has_limit, rounds):
    with DiskRig(trial) as rig:
        rig.has_limit = has_limit
        rig.system.key("looker", ["records"])
        if trial.control:
            rig.environments["intake"] = {"TROTH_CRASH_CONTROL": "ack_before_commit",
                                          "TROTH_CRASH_POINT": "control.batch.answered:20"}
        rig.start_on_volumes(has_limit)
        looker = IntakeClient(rig.system.client("intake", "looker"))
        names = ["data", "wal", "log", "journal", "audit"]
        for number in range(rounds):
            found.hit += bool(rig.load.in_flight())
            found.recoveries.append(fill(rig, names[number % len(names)], found, looker))
            found.rounds += 1
            rig.load.wait_for(20, NORMAL_WITHIN)
        for name in rig.processes:
            if not rig.processes[name].is_ready():
                rig.processes[name].wait_ready()
        rig.finish(found, other_sources=["looker"])
