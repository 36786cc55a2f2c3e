# SPDX-License-Identifier: Apache-2.0
"""pgBackRest beside a private PostgreSQL: the files of deploy/backup, with paths of its own.

    with Cluster() as cluster, Backups(cluster, archive_timeout=10) as backups:
        backups.run("backup", "--type=full")
        backups.destroy()                             # kill -9, and the data are gone
        backups.restore("--type=time", "--target=...")
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.support.cluster import ROOT, ClusterError
from tests.support.leftovers import remove_leftovers
from tests.support.system import wait_until

FILES = ROOT / "deploy/backup"
STANZA = "troth"
PREFIX = "troth-backup-"
BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"), key=lambda path: int(path.parent.name))


class Backups:
    """A repository and its settings in one folder under /tmp, which is gone at the end."""

    def __init__(self, cluster, archive_timeout=60):
        self.cluster = cluster
        self.data = cluster.folder / "data"
        remove_leftovers(PREFIX)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir="/tmp"))
        self.config = self.folder / "pgbackrest.conf"
        self._write_settings()
        own(self.folder)
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write(self._server_settings(archive_timeout))
        cluster.restart("fast")
        self.run("stanza-create")
        self.run("check")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- settings

    def _write_settings(self):
        """Those that are delivered; what is named here gets another value, and all else stays."""
        places = {
            "repo1-path": self.folder / "repo", "spool-path": self.folder / "spool", "log-path": self.folder / "log",
            "lock-path": self.folder / "lock", "pg1-path": self.data, "pg1-socket-path": self.cluster.socket,
        }
        lines = []
        for line in (FILES / "pgbackrest.conf").read_text().splitlines():
            name = line.split("=")[0]
            lines.append(f"{name}={places.pop(name)}" if name in places else line)
        if places:
            raise ValueError(f"deploy/backup/pgbackrest.conf has no {sorted(places)}")
        self.config.write_text("\n".join(lines) + "\n")
        for name in ("repo", "spool", "log", "lock", "conf.d"):
            (self.folder / name).mkdir()
        cipher = self.folder / "conf.d/cipher.conf"
        cipher.touch(mode=0o600)
        cipher.write_text(f"[global]\nrepo1-cipher-pass={secrets.token_urlsafe(48)}\n")

    def _options(self):
        return [f"--config={self.config}", f"--config-include-path={self.folder / 'conf.d'}", f"--stanza={STANZA}"]

    def _server_settings(self, archive_timeout):
        text = (FILES / "postgresql.conf").read_text()
        told = text.replace("pgbackrest --stanza=troth", f"pgbackrest {' '.join(self._options())}")
        return told.replace("archive_timeout = 60s", f"archive_timeout = {archive_timeout}s")

    # ---- commands

    def start(self, command, *options):
        """In the background: a Popen."""
        return subprocess.Popen(
            [*as_server(), "pgbackrest", *self._options(), command, *options], cwd="/", text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def run(self, command, *options, seconds=600):
        return finish(self.start(command, *options), seconds)

    def program(self, name, *arguments, seconds=600):
        """One of PostgreSQL's own programs, as the server's user."""
        return finish(subprocess.Popen(
            [*as_server(), str(BIN / name), *map(str, arguments)], cwd="/", text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL), seconds)

    def destroy(self):
        """The machine is gone, with its disk."""
        server = self.cluster.postmaster()
        family = [server, *children(server)]
        os.kill(server, 9)
        shutil.rmtree(self.data, ignore_errors=True)
        wait_until(lambda: not any(Path("/proc", str(pid)).exists() for pid in family), what="the end of the server")
        shutil.rmtree(self.data, ignore_errors=True)

    def restore(self, *options):
        """Into an empty folder; waits until the server writes again."""
        self.data.mkdir(mode=0o700)
        own(self.data)
        self.run("restore", *options)
        self.cluster.resume()
        wait_until(self._is_recovered, 300, "the recovery")

    def _is_recovered(self):
        try:
            return self.cluster.psql("SELECT pg_is_in_recovery()", "postgres") == "f"
        except ClusterError:
            log = (self.cluster.folder / "server.log").read_text().splitlines()
            raise BackupError("the server ended in its recovery:\n" + "\n".join(log[-10:])) from None

    def check_files(self):
        """Every page of every table and index: checksums while it is stopped, structure while it runs."""
        self.cluster.halt("fast")
        told = self.program("pg_checksums", "--check", "--pgdata", self.data)
        blocks = next(int(line.split()[-1]) for line in told.splitlines() if line.startswith("Blocks scanned"))
        self.cluster.resume()
        self.program("pg_amcheck", "--all", "--install-missing", "--heapallindexed", "--parent-check", "-j", "2",
                     "-h", self.cluster.socket, "-p", "5432", "-U", "postgres")
        return blocks

    def size_mib(self):
        return round(sum(path.stat().st_size for path in (self.folder / "repo").rglob("*") if path.is_file()) / 2**20, 1)


def as_server():
    """PostgreSQL does not run as root, and pgBackRest reads its files."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"] if os.getuid() == 0 else []


def own(path):
    """Everything below it, too."""
    if os.getuid() == 0:
        subprocess.run(["chown", "-R", "postgres:", str(path)], check=True)


def children(pid):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def finish(process, seconds=600):
    """Its output; an error carries it."""
    told, _ = process.communicate(timeout=seconds)
    if process.returncode != 0:
        raise BackupError(f"{' '.join(process.args[-3:])} ended with {process.returncode}:\n{told}")
    return told


class BackupError(Exception):
    """pgBackRest or PostgreSQL said no; the text has their words."""
