# SPDX-License-Identifier: Apache-2.0
"""What deploy/backup/after-restore.sh does to an older database. That a restore needs it is shown by 'make drill'."""

import pytest

from tests.support.cluster import ROOT, ClusterError, run
from tests.support.intake_client import IntakeClient, contact

RECIPE = ROOT / "deploy/backup/after-restore.sh"
KEYS = "SELECT number, key_generation, wrapped_key FROM intake.customer ORDER BY number"
NUMBERS = "SELECT (SELECT last_value FROM intake.number_block), (SELECT last_value FROM followup.number_block)"


@pytest.fixture
def two(system):
    """(newest, older): conninfos of a database in which somebody was erased since, and of itself before that."""
    system.key("source", ["records"])
    intake = system.start("intake")
    client = IntakeClient(system.client("intake", "source", rights=["records"]))
    client.send_all([contact(f"c-{i}") for i in range(5)], seconds=20)
    assert intake.terminate() == 0
    older = f"{system.database}_older"
    system.psql_elsewhere(f'CREATE DATABASE "{older}" TEMPLATE "{system.database}"')
    system.psql("UPDATE intake.customer SET wrapped_key = NULL WHERE number = (SELECT min(number) FROM intake.customer)")
    yield system.conninfo("postgres"), system.cluster.conninfo("postgres", older), older
    system.cluster.drop_database(older)


def test_who_was_erased_since_stays_erased(system, two):
    newest, older_conninfo, older = two
    saved = system.folder / "living.csv"
    assert system.cluster.psql(KEYS, older) != system.psql(KEYS), "nothing differs: the test tests nothing"
    run([RECIPE, "save-keys", newest, saved])
    told = run([RECIPE, "take-keys", older_conninfo, saved])
    assert "1 customers took theirs from the newest, 1 of them were erased since" in told
    assert system.cluster.psql(KEYS, older) == system.psql(KEYS)
    assert "0 customers" in run([RECIPE, "take-keys", older_conninfo, saved])  # it may be run again


def test_a_file_that_is_none_changes_nothing(system, two):
    _, older_conninfo, older = two
    before = system.cluster.psql(KEYS, older)
    empty = system.folder / "empty.csv"
    empty.touch()
    with pytest.raises(ClusterError, match="no master key"):
        run([RECIPE, "take-keys", older_conninfo, empty])
    assert system.cluster.psql(KEYS, older) == before


def test_numbers_go_on_far_ahead_and_orders_of_nobody_are_told(system, two):
    _, older_conninfo, older = two
    journal = system.folder / "some.journal"
    journal.write_text("0" * 16 + " troth-dialer-journal 2 abc dialer\n" + "0" * 16 + " placed F-256-5/1 1700000000000000\n"
                       + "0" * 16 + " barred F-512-9/1 1700000000000000\n")
    before = [int(value) for value in system.cluster.psql(NUMBERS, older).split("|")]
    told = run([RECIPE, "reconcile", older_conninfo, journal])
    after = [int(value) for value in system.cluster.psql(NUMBERS, older).split("|")]
    assert all(new - old == 2**24 for old, new in zip(before, after))
    assert "orders: 1 dialed, 1 of them unknown to this database, 0 got their row again" in told
    assert "planned after the restored instant, and dialed: F-256-5/1" in told
