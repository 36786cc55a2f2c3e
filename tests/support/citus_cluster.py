# SPDX-License-Identifier: Apache-2.0
"""The same throw-away database as cluster.py's, spread over three servers by deploy/database/distribute.sql.

TROTH_TEST_CITUS=1 makes the fixture 'cluster' one of these: a coordinator, which is all that a test sees, and two workers,
each with half of the buckets. PostgreSQL must have the extension citus.
"""

import os
from pathlib import Path

from tests.support.cluster import ROOT, SERVER, SUPERUSER, TEMPLATE, Cluster, run

DISTRIBUTE = ROOT / "deploy/database/distribute.sql"
# Nobody may connect to this one, so that Citus' own background process does not either: a database that somebody
# uses cannot be copied.
SOURCE = "troth_source"
WORKERS = ("worker1", "worker2")

SETTINGS = """
shared_preload_libraries = 'citus'
max_prepared_transactions = 400
max_connections = 400
max_worker_processes = 128
shared_buffers = 64MB
citus.node_conninfo = 'sslmode=disable'
"""


def is_installed():
    return any(Path("/usr/share/postgresql").glob("*/extension/citus.control"))


class CitusCluster(Cluster):
    """A coordinator in 'folder', its workers in folders beside it."""

    def start(self):
        migrate, self.migrate = self.migrate, False
        super().start()
        for home in self._homes():
            self._prepare(home)
        if migrate:
            self._make_source()
            self.new_database(TEMPLATE)

    def stop(self):
        if self.folder is not None:
            for home in self._homes()[1:]:
                run([SERVER, "remove", home])
        super().stop()

    def new_database(self, name=None):
        name = name or self.next_name()
        for home in self._homes():
            self._ask(home, f'CREATE DATABASE "{name}" TEMPLATE "{SOURCE}"')
        return name

    def drop_database(self, name):
        for home in self._homes():
            self._ask(home, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _homes(self):
        return [self.folder, *(self.folder.with_name(f"{self.folder.name}-{w}") for w in WORKERS)]

    def _prepare(self, home):
        """Starts the server of a folder with Citus in it."""
        env = dict(os.environ, TROTH_PG_FAST="1" if self.fast else "")
        run([SERVER, "start", home], env)
        run([SERVER, "stop", home], env)
        with open(home / "data/postgresql.conf", "a", encoding="utf-8") as settings:
            settings.write(SETTINGS)
        run([SERVER, "start", home], env)

    def _make_source(self):
        coordinator, *workers = self._homes()
        self.socket = coordinator / "socket"
        self.deploy(SOURCE)
        for worker in workers:
            self._ask(worker, f"CREATE DATABASE {SOURCE}")
            self._ask(worker, "CREATE EXTENSION citus", SOURCE)
        self._ask(coordinator, "CREATE EXTENSION citus", SOURCE)
        self._ask(coordinator, f"SELECT citus_set_coordinator_host('{self.socket}', 5432)", SOURCE)
        for worker in workers:
            self._ask(coordinator, f"SELECT citus_add_node('{worker / 'socket'}', 5432)", SOURCE)
        self._ask(coordinator, DISTRIBUTE.read_text(encoding="utf-8"), SOURCE)
        for home in self._homes():
            self._ask(
                home,
                f"ALTER DATABASE {SOURCE} ALLOW_CONNECTIONS false;"
                f" SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{SOURCE}'",
            )

    @staticmethod
    def _ask(home, sql, dbname="postgres"):
        where = f"host={home / 'socket'} port=5432 user={SUPERUSER} dbname={dbname}"
        return run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", where, "-f", "-"], text=sql)
