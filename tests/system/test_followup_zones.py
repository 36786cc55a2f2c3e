# SPDX-License-Identifier: Apache-2.0
"""The machine gets new time zone data: what was planned for a local time stays at that time, and the
operator sees what moved."""

import json
import shutil
import time

import intake_pb2 as intake
import pytest

from tests.support.system import wait_until

INSTALLED = "/usr/share/zoneinfo"
RULES = """
limits: { quiet = "none"; attempts_per_day = 0; };
rules = (
    { name = "well_again"; trigger = "case_resolved"; after = "24h"; at = "10:00"; window = "8h"; channels = ("call"); }
);
"""


class Zones:
    """Time zone data of our own, which every program of the test reads."""

    def __init__(self, folder, release):
        self.folder = folder
        self.install("Europe/Berlin", "Europe/Berlin")
        self.install("Asia/Shanghai", "Asia/Shanghai")
        self.release(release)

    def install(self, source, name):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(f"{INSTALLED}/{source}", path)

    def release(self, version):
        (self.folder / "+VERSION").write_text(version + "\n")


@pytest.fixture
def zones(tmp_path, monkeypatch):
    monkeypatch.setenv("TZDIR", str(tmp_path))
    return Zones(tmp_path, "2030a")


def resolve(client, name, zone):
    now_us = time.time_ns() // 1000
    bodies = [
        ("customer_profile", intake.CustomerProfile(
            customer_ref=name, phone="+8613800000001", time_zone=zone,
            consents=[intake.ConsentChange(purpose=intake.PURPOSE_SERVICE_CALL, is_given=True)])),
        ("contact", intake.Contact(customer_ref=name, kind=intake.CONTACT_KIND_REQUEST,
                                   channel="phone", branch="north", case_ref=f"{name}-case")),
        ("case_update", intake.CaseUpdate(customer_ref=name, case_ref=f"{name}-case",
                                          action=intake.CASE_ACTION_RESOLVED)),
    ]
    records = []
    for kind, body in bodies:
        record = intake.Record(key=f"{name}-{kind}", occurred_us=now_us)
        getattr(record, kind).CopyFrom(body)
        records.append(record)
    client.send(intake.IntakeRequest(records=intake.RecordBatch(records=records)))
    receipts = []
    while len(receipts) < len(records):
        receipts += client.receive(intake.IntakeReply).receipts.receipts
    assert {receipt.status for receipt in receipts} == {intake.RECEIPT_STATUS_ACCEPTED}, receipts


def rows(system):
    """{zone: (release, instant in seconds, wall clock)} of what is planned."""
    lines = system.psql("""
        SELECT zone, zone_version, extract(epoch FROM due_at)::bigint, local_due,
               window_end_at - due_at, next_attempt_at - due_at
        FROM followup.follow_up WHERE state = 1""").splitlines()
    return {line.split("|")[0]: line.split("|")[1:] for line in lines}


def wait_for_release(system, release, count):
    wait_until(lambda: [row[0] for row in rows(system).values()] == [release] * count,
               what=f"{count} follow-ups of release {release}")


def test_planned_follow_ups_keep_their_local_time_and_what_moved_is_listed(system, zones):
    rules = system.folder / "rules.conf"
    rules.write_text(RULES)
    system.key("garage", ["records"])
    system.start("intake")
    followup = system.start("followup", rules=rules)
    client = system.client("intake", "garage")
    resolve(client, "anna", "Europe/Berlin")
    resolve(client, "bo", "Asia/Shanghai")
    wait_for_release(system, "2030a", 2)
    before = rows(system)
    assert {row[2].split()[1] for row in before.values()} == {"10:00:00"}

    followup.terminate()
    zones.install("Asia/Dubai", "Europe/Berlin")  # all the year round 4 h before UTC
    zones.release("2030b")
    followup = system.start("followup", rules=rules)
    wait_for_release(system, "2030b", 2)
    after = rows(system)

    shanghai, berlin = after["Asia/Shanghai"], after["Europe/Berlin"]
    assert shanghai[1:] == before["Asia/Shanghai"][1:]
    assert berlin[2:] == before["Europe/Berlin"][2:], "the wall clock, the window, the next attempt"
    moved = int(berlin[1]) - int(before["Europe/Berlin"][1])
    assert moved in (-2 * 3600, -3 * 3600), "Berlin has summer time or not when this runs"
    assert "event=follow_up_zones release=2030b resolved=2 moved=1 zone_gone=0" in followup.log()

    database = ["--database", system.conninfo("troth_operator")]
    listed = system.run("troth", "followups", "--moved", "--json", *database)
    assert listed.returncode == 0, listed.stderr
    [move] = json.loads(listed.stdout)
    assert (move["rule"], move["state"], move["zone"]) == ("well_again", "planned", "Europe/Berlin")
    assert move["reason"] == f"zone 2030a->2030b {moved // 3600}h"
    assert move["local_due"] == berlin[2][:16]
    table = system.run("troth", "followups", "--moved", *database).stdout
    assert "zone 2030a->2030b" in table and move["follow_up"] in table


def test_nothing_moved_is_said(system):
    done = system.run("troth", "followups", "--moved", "--database", system.conninfo("troth_operator"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "No follow-up was moved by new time zone data.\n"
    wrong = system.run("troth", "followups", "--moved", "--state", "planned")
    assert wrong.returncode == 2 and "--moved goes with" in wrong.stderr
