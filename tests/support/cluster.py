# SPDX-License-Identifier: Apache-2.0
"""A throw-away PostgreSQL with the schema of deploy/database.

    with Cluster() as cluster:
        name = cluster.new_database()      # a fresh copy, milliseconds
        cluster.psql("SELECT 1", name)
        cluster.conninfo("troth_intake", name)

By hand, for a C test or a service:

    python3 -m tests.support.cluster run -- build/tests/integration/db_test

runs the command with TROTH_TEST_DATABASE set to the conninfo of a fresh database.
"""

import argparse
import atexit
import functools
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.leftovers import abandoned

ROOT = Path(__file__).resolve().parent.parent.parent
SERVER = ROOT / "deploy/demo/postgres.sh"
MIGRATE = ROOT / "deploy/database/migrate.sh"
# The server's own programs, newest version; 'psql' of the PATH is a script in Perl that looks for one, 30 ms each time.
PG_BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"), key=lambda path: float(path.parent.name))
PREFIX = "troth-test-"
TEMPLATE = "troth"
SUPERUSER = "postgres"


class Cluster:
    """One server on a unix socket of its own. Its databases are copies of the template 'troth'.

    fast=True turns fsync off: only for tests that do not ask what survives a crash.
    """

    def __init__(self, fast=False, migrate=True):
        self.fast = fast
        self.migrate = migrate
        self.folder = None
        self.socket = None
        self._numbers = itertools.count(1)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *unused):
        self.stop()

    # ---- life

    def start(self):
        """Makes, starts and migrates it."""
        remove_leftovers()
        # A short path: the name of a socket has at most 107 bytes. The process is in the name, so
        # that the next run can tell a leftover from a neighbour.
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir="/tmp"))
        atexit.register(self.stop)
        self._server("start")
        self.socket = self.folder / "socket"
        if self.migrate:
            self.deploy(TEMPLATE)

    def stop(self):
        """Ends it and removes everything."""
        if self.folder is not None:
            atexit.unregister(self.stop)
            self._server("remove")
            self.folder = None

    def restart(self, mode="immediate"):
        """mode: 'immediate' is a crash, 'fast' ends sessions in order."""
        self._server("stop", TROTH_PG_STOP=mode)
        self._server("start")

    def halt(self, mode="immediate"):
        """Stops the server and keeps the data; resume() starts it again."""
        self._server("stop", TROTH_PG_STOP=mode)

    def resume(self):
        self._server("start")

    def postmaster(self):
        """The process that all others of the server come from."""
        return int((self.folder / "data/postmaster.pid").read_text().split("\n", 1)[0])

    def _server(self, command, **variables):
        env = dict(os.environ, **variables)
        env["TROTH_PG_FAST"] = "1" if self.fast else ""
        run([SERVER, command, self.folder], env)

    # ---- databases

    def conninfo(self, role=None, dbname=TEMPLATE):
        """For libpq. Every role may enter without a password."""
        return f"host={self.socket} port=5432 user={role or SUPERUSER} dbname={dbname}"

    def environment(self, role=None, dbname=TEMPLATE):
        """The same as libpq's variables, for programs that take no conninfo."""
        place = {"PGHOST": str(self.socket), "PGPORT": "5432"}
        return dict(os.environ, **place, PGUSER=role or SUPERUSER, PGDATABASE=dbname)

    def deploy(self, dbname, to=None):
        """Creates the database when it is missing and deploys the schema."""
        run([MIGRATE, self.conninfo(dbname=dbname), *([to] if to else [])])

    def new_database(self, name=None):
        """The name of a fresh copy of the template."""
        name = name or self.next_name()
        self.psql(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"', "postgres")
        return name

    def next_name(self):
        return f"test_{os.getpid()}_{next(self._numbers)}"

    def drop_database(self, name):
        """Ends its sessions first."""
        self.psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', "postgres")

    def psql(self, sql, dbname=TEMPLATE, role=None):
        """The rows as psql prints them, without a frame: columns parted by '|'."""
        command = [PG_BIN / "psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1"]
        return run([*command, "-d", self.conninfo(role, dbname), "-f", "-"], text=sql).rstrip("\n")


@functools.cache
def shared_cluster():
    """One for all tests of this process that do not strike it, without fsync, until the process ends. Making one takes longer than
    many a test."""
    cluster = Cluster(fast=True)
    cluster.start()
    return cluster


def run(command, env=None, text=""):
    """Its standard output; an error carries what it wrote to standard error."""
    done = subprocess.run(
        [str(part) for part in command], env=env, input=text, text=True, capture_output=True
    )
    if done.returncode != 0:
        shown = " ".join(str(part) for part in command[:3])
        raise ClusterError(f"{shown} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class ClusterError(Exception):
    """The server, psql or sqitch said no; the text has their words."""


def remove_leftovers():
    """Ends servers whose test process was killed before it could."""
    for folder in abandoned(PREFIX):
        subprocess.run([str(SERVER), "remove", str(folder)], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def split_at(words, mark):
    """Like str.partition, for lists."""
    place = words.index(mark) if mark in words else len(words)
    return words[:place], words[place : place + 1], words[place + 1 :]


def main():
    parser = argparse.ArgumentParser(
        prog="python3 -m tests.support.cluster",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s run [--fast] -- COMMAND [ARGUMENT]...",
    )
    parser.add_argument("action", choices=["run"])
    parser.add_argument("--fast", action="store_true", help="without fsync")
    own, _, command = split_at(sys.argv[1:], "--")
    options = parser.parse_args(own)
    if not command:
        parser.error("no command after '--'")
    with Cluster(fast=options.fast) as cluster:
        conninfo = cluster.conninfo(dbname=cluster.new_database())
        env = dict(os.environ, TROTH_TEST_DATABASE=conninfo)
        return subprocess.run(command, env=env).returncode


if __name__ == "__main__":
    sys.exit(main())
