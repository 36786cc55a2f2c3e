# SPDX-License-Identifier: Apache-2.0
"""What /metrics tells of a standby: how far it is behind, and that it is gone; and which receipts wait for one."""

import os
import subprocess

import pytest

from tests.support.cluster import PG_BIN, SUPERUSER, Cluster, run
from tests.support.intake_client import ACCEPTED, DUPLICATE, REJECTED, IntakeClient, contact
from tests.support.metrics_page import MetricsPage
from tests.support.system import System, wait_until

MIB = 1 << 20
NAME = "second"  # of the standby, and of its slot
LAG, ACTIVE, RETAINED = "troth_postgresql_standby_lag_bytes", "troth_postgresql_slot_active", "troth_postgresql_slot_retained_bytes"


class Standby:
    """Follows the cluster by a slot; in the cluster's folder, which goes with it."""

    def __init__(self, cluster):
        self.data = cluster.folder / NAME
        self.owner = (cluster.folder / "data/PG_VERSION").owner()
        self.as_server("pg_basebackup", "-h", cluster.socket, "-p", "5432", "-U", SUPERUSER, "-D", self.data, "-c", "fast",
                       "-X", "stream", "--no-sync", "-R", "-C", "-S", NAME)
        # It says where it is when it is asked, and each second.
        options = f"-k {self.data} -c cluster_name={NAME} -c wal_receiver_status_interval=1s"
        self.as_server("pg_ctl", "-D", self.data, "-l", self.data / "server.log", "-o", options, "-w", "-s", "start")

    def as_server(self, program, *arguments):
        """PostgreSQL does not run as root."""
        command = [PG_BIN / program, *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid", self.owner, "--regid", self.owner, "--init-groups", *command]
        subprocess.run([str(part) for part in command], cwd="/", check=True, timeout=120)

    def psql(self, sql):
        run([PG_BIN / "psql", "-X", "-q", "-h", self.data, "-p", "5432", "-U", SUPERUSER, "-c", sql])

    def stop(self):
        if (self.data / "postmaster.pid").exists():
            self.as_server("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "-s", "stop")


@pytest.fixture
def followed(programs):
    """A system and the standby of its database; others' databases have none."""
    with Cluster(fast=True) as cluster, System(cluster, programs) as system:
        standby = Standby(cluster)
        yield system, standby
        standby.stop()


def test_a_standby_is_told_of_while_it_follows_and_its_slot_when_it_is_gone(followed):
    system, standby = followed
    system.start("intake", watch="1s")

    def told(name, **labels):
        return MetricsPage(system.get("intake", "/metrics")).get(name, **labels)

    def lag():
        return told(LAG, standby=NAME)

    wait_until(lambda: told(ACTIVE, slot=NAME) == 1, what="its slot is read")
    wait_until(lambda: lag() is not None and lag() < MIB, what="it follows")
    standby.psql("SELECT pg_wal_replay_pause()")
    system.psql("SELECT pg_logical_emit_message(false, 'test', repeat('x', 1048576)) FROM generate_series(1, 4)")
    wait_until(lambda: (lag() or 0) > 3 * MIB, what="it has not replayed that")
    standby.psql("SELECT pg_wal_replay_resume()")
    wait_until(lambda: lag() is not None and lag() < MIB, what="it has")

    standby.stop()
    wait_until(lambda: told(ACTIVE, slot=NAME) == 0, what="nobody reads its slot")
    wait_until(lambda: lag() is None, what="nothing is told of one that is not there")
    system.psql("SELECT pg_logical_emit_message(false, 'test', repeat('x', 1048576)) FROM generate_series(1, 4)")
    wait_until(lambda: told(RETAINED, slot=NAME) > 3 * MIB, what="the log is kept for it")


def wait_for_nobody(system, is_waiting):
    """COMMIT waits for a standby that there is not; or waits no more, also who waits by now."""
    for name, value in (("synchronous_commit", "on"), ("synchronous_standby_names", "nobody")):
        system.psql(f"ALTER SYSTEM SET {name} = '{value}'" if is_waiting else f"ALTER SYSTEM RESET {name}")
    system.psql("SELECT pg_reload_conf()")
    wait_until(lambda: system.psql("SHOW synchronous_standby_names") == ("nobody" if is_waiting else ""), what="the setting")


def test_a_duplicate_is_told_only_when_a_standby_has_what_it_repeats(programs):
    with Cluster(fast=True) as cluster, System(cluster, programs) as system:
        garage = IntakeClient(system.client("intake", "garage", rights=["records"]))
        system.start("intake", lease="10m")  # no renewal of it, which would wait too, is due meanwhile
        one = contact("li", key="k-1")
        assert garage.send_one(one).status == ACCEPTED
        assert garage.send_one(one).status == DUPLICATE
        wait_for_nobody(system, True)
        # What nobody has to keep needs no standby: this one tells that intake reads and answers.
        assert garage.send_one(contact("li", kind="request", key="k-1")).status == REJECTED
        garage.send([one])
        with pytest.raises(TimeoutError):
            garage.receive(1)
        wait_for_nobody(system, False)
        assert garage.send_one(one).status == DUPLICATE
