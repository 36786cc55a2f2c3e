# SPDX-License-Identifier: Apache-2.0
"""What deploy/backup has done to an older database. That a restore needs it is shown by 'make drill'."""

import configparser
import json
import re

import intake_pb2 as pb
import pytest
import yaml

from tests.support.cluster import ROOT, ClusterError, run
from tests.support.intake_client import ACCEPTED, IntakeClient, consent, contact, profile, record
from tests.support.system import System, wait_until

RECIPE = ROOT / "deploy/backup/after-restore.sh"
LIVING = ROOT / "deploy/database/living_keys.sh"
KEYS = "SELECT number, key_generation, wrapped_key FROM intake.customer ORDER BY number"
NUMBERS = "SELECT (SELECT last_value FROM intake.number_block), (SELECT last_value FROM followup.number_block)"
SIGNED = """
    SELECT (SELECT tree_size FROM audit.head ORDER BY number DESC LIMIT 1)
           >= (SELECT count(*) FROM log.event WHERE stream LIKE 'intake.%')"""
PHONE = "+8613900004711"


class Two:
    """A database in which somebody was erased since, and its older self, which has not heard of it."""

    def __init__(self, system):
        self.system = system
        self.audit_key = system.folder / "audit.key"
        assert system.run("troth", "audit", "key", "new", self.audit_key, "--installation", "two").returncode == 0
        system.key("source", ["records"])
        system.key("officer", ["records", "erasure"])
        intake = system.start("intake", audit_key_file=self.audit_key, audit_every="1s")
        client = IntakeClient(system.client("intake", "source", rights=["records"]))
        client.send_all([contact(f"c-{i}") for i in range(4)], seconds=20)
        self.erased = client.send_one(profile("c-4", name="Li", phone=PHONE)).customer_number
        client.send_one(consent("c-4", do_not_call=True))
        wait_until(lambda: system.psql(SIGNED) == "t", what="a head over all of it")
        assert self.faults(system) == []
        assert intake.terminate() == 0
        self.older = f"{system.database}_older"
        system.psql_elsewhere(f'CREATE DATABASE "{self.older}" TEMPLATE "{system.database}"')
        intake = system.start("intake", audit_key_file=self.audit_key, audit_every="1s")
        officer = IntakeClient(system.client("intake", "officer", rights=["records", "erasure"]))
        body = pb.CustomerErasure(ground=pb.ERASURE_GROUND_REQUEST, asked_by="customer", customer_number=self.erased,
                                  keeps_do_not_call=True)
        assert officer.send_one(record(customer_erasure=body)).status == ACCEPTED
        assert intake.terminate() == 0
        self.newest_conninfo = system.conninfo("postgres")
        self.older_conninfo = system.cluster.conninfo("postgres", self.older)

    def faults(self, system):
        done = system.run("troth", "audit", "verify", "--key", self.audit_key, "--json", "--database",
                          system.conninfo("troth_operator"))
        return [fault["kind"] for fault in json.loads(done.stdout)["faults"]] if done.stdout else [done.stderr]

    def older_psql(self, sql):
        return self.system.cluster.psql(sql, self.older)


@pytest.fixture
def two(system):
    made = Two(system)
    yield made
    system.cluster.drop_database(made.older)


def test_who_was_erased_since_stays_erased(system, programs, two):
    saved = system.folder / "living"
    silent = "SELECT count(*) FROM intake.do_not_call"
    assert two.older_psql(KEYS) != system.psql(KEYS), "nothing differs: the test tests nothing"
    assert (two.older_psql(silent), system.psql(silent)) == ("0", "1")
    assert "4 keys, 1 erasures" in run([LIVING, "save", two.newest_conninfo, saved])
    for _ in range(2):  # it may be run again
        assert "4 keys, 1 erasures" in run([LIVING, "restore", two.older_conninfo, saved])
        assert two.older_psql(KEYS) == system.psql(KEYS)
        assert two.older_psql(silent) == "1", "who must not be called would be called"
        for table in ("person", "contact_point", "customer_reference"):
            number = two.erased.split("-")[1]
            assert two.older_psql(f"SELECT count(*) FROM intake.{table} WHERE customer_number = {number}") == "0", table
    with System(system.cluster, programs, database=two.older) as older:
        assert two.faults(older) == ["event_redacted"], "the entry of the erasure is lost with the instant; nothing else is wrong"


def test_what_is_of_an_empty_database_changes_nothing(system, two):
    before = two.older_psql(KEYS)
    saved = system.folder / "living"
    run([LIVING, "save", two.newest_conninfo, saved])
    for file in saved.iterdir():
        file.write_text("")
    with pytest.raises(ClusterError, match="no master key"):
        run([LIVING, "restore", two.older_conninfo, saved])
    assert two.older_psql(KEYS) == before


def test_what_is_older_than_the_database_destroys_no_key(system, two):
    saved = system.folder / "living"
    run([LIVING, "save", two.older_conninfo, saved])
    intake = system.start("intake")
    IntakeClient(system.client("intake", "source", rights=["records"])).send_one(contact("new"))
    assert intake.terminate() == 0
    before = system.psql(KEYS)
    with pytest.raises(ClusterError, match="older than this database"):
        run([LIVING, "restore", two.newest_conninfo, saved])
    assert system.psql(KEYS) == before


def test_half_of_what_is_saved_has_not_its_name(system, two):
    saved = system.folder / "living"
    two.older_psql("ALTER TABLE intake.do_not_call RENAME TO gone")
    with pytest.raises(ClusterError):
        run([LIVING, "save", two.older_conninfo, saved])
    assert list(system.folder.glob("living*")) == []


def test_numbers_go_on_far_ahead_and_orders_of_nobody_are_told(system, two):
    journal = system.folder / "some.journal"
    journal.write_text("0" * 16 + " troth-dialer-journal 2 abc dialer\n" + "0" * 16 + " placed F-256-5/1 1700000000000000\n"
                       + "0" * 16 + " barred F-512-9/1 1700000000000000\n")
    before = [int(value) for value in two.older_psql(NUMBERS).split("|")]
    told = run([RECIPE, "reconcile", two.older_conninfo, journal])
    after = [int(value) for value in two.older_psql(NUMBERS).split("|")]
    assert all(new - old == 2**24 for old, new in zip(before, after))
    assert "orders: 1 dialed, 1 of them unknown to this database, 0 got their row again" in told
    assert "planned after the restored instant, and dialed: F-256-5/1" in told


# ---- settings that must say the same


def test_backups_look_where_each_way_has_its_data(project_root):
    """archive-push refuses another folder than the server's, and the log fills the disk."""
    deploy = project_root / "deploy"
    text = (deploy / "backup/pgbackrest.conf").read_text()
    settings = configparser.ConfigParser()
    settings.read_string(text)
    of_debian = settings["troth"]["pg1-path"]
    of_patroni = re.findall(r"^# .*\bpg1-path=(\S+)$", text, re.MULTILINE)
    patroni = yaml.safe_load((deploy / "high-availability/patroni.yml").read_text())
    assert of_patroni == [patroni["postgresql"]["data_dir"]]
    page = (deploy / "backup/README.md").read_text()
    assert f"--pgdata {of_debian}\n" in page and "postgresql@15-main" in page
    unit = (deploy / "backup/systemd/troth-backup@.service").read_text()
    writable = re.search(r"^ReadWritePaths=(.*)$", unit, re.MULTILINE)[1].split()
    for name in ("repo1-path", "spool-path", "log-path"):
        assert f"-{settings['global'][name]}" in writable, name


def test_only_who_knows_the_password_changes_patroni_and_only_from_a_node(project_root):
    patroni = yaml.safe_load((project_root / "deploy/high-availability/patroni.yml").read_text())
    assert set(patroni["restapi"]["authentication"]) == {"username", "password"}
    assert patroni["restapi"]["allowlist"] == [host.split(":")[0] for host in patroni["etcd3"]["hosts"]]
