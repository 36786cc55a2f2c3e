# SPDX-License-Identifier: Apache-2.0
"""Old events are dropped part by part: nobody misses one, what is open keeps its own, and the tamper-evident record
tells what was removed on purpose from what was taken away."""

import json
import subprocess

import event_pb2 as event
import intake_pb2 as pb
import pytest

from tests.support.cluster import ClusterError
from tests.support.event_feed import EventFeed
from tests.support.intake_client import ACCEPTED, IntakeClient, case_update, contact, record
from tests.support.system import wait_until

NOBODY = "loyalty:followup:reporting"
CASES = 30


class House:
    """A system with the record, whose log is closed and dropped by hand; only intake runs, and not all the time."""

    def __init__(self, system):
        self.system = system
        self.key, self.copy = system.folder / "audit.key", system.folder / "heads"
        assert system.run("troth", "audit", "key", "new", self.key).returncode == 0
        self.settings = {"audit_key_file": self.key, "audit_every": "1s", "audit_copy": self.copy, "keep_events": "1h",
                         "event_part": "1h", "absent_readers": NOBODY}
        self.source = system.key("source", ["records", "erasure"])
        self.begin()

    def begin(self):
        self.intake = self.system.start("intake", **self.settings)
        self.client = IntakeClient(self.system.client("intake", "source", key=self.source))

    def live(self, count=CASES, name="c", resolve=True):
        opened = [contact(f"{name}-{i}", "complaint") for i in range(count)]
        receipts = self.client.send_all(opened)
        numbers = [receipts[one.key].case_number for one in opened]
        if resolve:
            for action in ("responded", "resolved"):
                done = self.client.send_all([case_update(action, case_number=number) for number in numbers])
                assert {one.status for one in done.values()} == {ACCEPTED}
        return numbers

    def erase(self, customer):
        body = pb.CustomerErasure(customer_ref=customer, ground=pb.ERASURE_GROUND_REQUEST, asked_by="customer")
        assert self.client.send_one(record(customer_erasure=body)).status == ACCEPTED

    def wait_signed(self):
        wait_until(lambda: self.system.psql(
            "SELECT (SELECT sum(seq) FROM log.head) = (SELECT tree_size FROM audit.head ORDER BY number DESC LIMIT 1)") == "t",
            what="a head over all events")

    def end_day(self):
        """Everything is signed, intake ends, and a day has passed since all of it."""
        self.wait_signed()
        assert self.intake.terminate() == 0
        self.a_day_later()

    def a_day_later(self):
        self.system.psql("UPDATE log.clock SET demo_now = coalesce(demo_now, clock_timestamp()) + interval '1 day'")

    def job(self, status=0, arguments=(), **more):
        path = self.system.write_settings("intake", "job", **dict(self.settings, **more))
        done = self.system.run("troth-intake", "--config", path, "--demo-clock", "--job", "retention", *arguments)
        assert done.returncode == status, (done.stdout, done.stderr)
        return done.stdout + done.stderr

    def close_and_drop(self, **more):
        assert "part 1 closed" in self.job(**more)
        self.a_day_later()
        return self.job(**more)

    def verify(self, status=0):
        done = self.system.run("troth", "audit", "verify", "--key", self.key, "--copies", self.copy, "--json", "--database",
                               self.system.conninfo("troth_operator"))
        assert done.returncode == status, (done.stdout, done.stderr)
        return json.loads(done.stdout)

    def prove(self, case, status=0):
        done = self.system.run("troth", "audit", "prove", case, "--key", self.key, "--database", self.system.conninfo("troth_operator"))
        assert done.returncode == status, (done.stdout, done.stderr)
        return done

    def parts(self):
        return self.system.psql("SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'log.event'::regclass"
                                " ORDER BY inhrelid").split()

    def events(self, table="log.event"):
        return int(self.system.psql(f"SELECT count(*) FROM {table}"))


@pytest.fixture
def house(system):
    return House(system)


def test_a_part_is_closed_kept_and_dropped_and_the_record_stays_whole(house):
    closed_case = house.live()[0]
    open_name = house.live(1, "open", resolve=False)[0]
    open_case = open_name.split("-")[1]
    house.erase("c-0")
    house.end_day()
    total = house.events()
    assert "part 1 closed" in house.job(keep_events="30d")
    assert house.parts() == ["log.event_1"] and house.events() == total and house.events("ONLY log.event") == 0
    assert "part 1 stays" in house.job(keep_events="30d"), "it is young"
    assert house.verify()["faults"] == []
    whole = house.prove(closed_case)
    assert len(json.loads(whole.stdout)["entries"]) > 3 and "dropped" not in whole.stderr

    house.a_day_later()
    said = house.job()
    kept = house.events()
    assert "part 1 dropped" in said and house.parts() == [] and 0 < kept < 10
    # What is open is kept, and that somebody was erased: it explains what was taken out of events that may be kept elsewhere.
    assert set(house.system.psql("SELECT DISTINCT customer_id FROM log.event WHERE kind <> 'customer_erased'").split()) == set(
        house.system.psql(f"SELECT customer_number FROM intake.service_case WHERE number = {open_case}").split())
    assert house.events("log.event WHERE kind = 'customer_erased'") == 1
    found = house.verify()
    assert found["faults"] == [] and found["removed"] == total - kept and found["entries"] == total
    assert "dropped" not in house.job(), "twice is once"
    # Whoever asks for the history of a case hears that it is not all there.
    assert "those until 20" in house.prove(closed_case, status=1).stderr
    left = house.prove(open_name)
    assert json.loads(left.stdout)["entries"] and "may be missing from the proof" in left.stderr

    # And life goes on: the next events are numbered on, and recorded.
    house.system.psql("UPDATE log.clock SET demo_now = NULL")
    house.begin()
    house.live(1, "later")
    house.wait_signed()
    assert house.verify()["faults"] == []


FORGERIES = {
    "an event that was kept is deleted": ("DELETE FROM log.event WHERE ctid = (SELECT ctid FROM log.event LIMIT 1)", "event_deleted"),
    "the statement is gone": ("DELETE FROM audit.removal", "event_deleted"),
    "the statement tells of more": (
        "UPDATE audit.removal SET places = places || 'intake.0 1 1 1000' || chr(10), events = events + 1000", "removal_changed"),
    "a recorded hash of a dropped event is changed": (
        "UPDATE audit.tile SET hashes = set_byte(hashes, 40, (get_byte(hashes, 40) + 1) % 256) WHERE level = 0 AND index = 0",
        None),
}


def test_whatever_is_not_in_the_signed_statement_still_counts_as_taken_away(house):
    house.live()
    house.live(2, "open", resolve=False)
    house.end_day()
    assert "part 1 dropped" in house.close_and_drop()
    system = house.system
    for name, (sql, kind) in FORGERIES.items():
        copy = f"{system.database}-forged"
        system.psql_elsewhere(f'CREATE DATABASE "{copy}" TEMPLATE "{system.database}"')
        try:
            system.cluster.psql(sql, copy)
            done = system.run("troth", "audit", "verify", "--key", house.key, "--copies", house.copy, "--json", "--database",
                              system.cluster.conninfo("troth_operator", copy))
            faults = {one["kind"] for one in json.loads(done.stdout)["faults"]}
            assert faults and (kind is None or kind in faults), (name, done.stdout)
        finally:
            system.psql_elsewhere(f'DROP DATABASE "{copy}"')


def test_what_is_dropped_while_the_record_is_verified_is_not_called_deleted(house):
    """The verification has read the statements, and waits for the hashes, when the part goes with a new statement."""
    house.live(3)
    house.end_day()
    assert "part 1 closed" in house.job()
    house.a_day_later()
    system = house.system
    lock = subprocess.Popen(["psql", "-X", "-q", "-d", system.conninfo()], stdin=subprocess.PIPE, text=True)
    try:
        lock.stdin.write("BEGIN; LOCK TABLE audit.tile;\n")
        lock.stdin.flush()
        waits = "SELECT count(*) FROM pg_locks WHERE relation = 'audit.tile'::regclass AND {}granted"
        wait_until(lambda: system.psql(waits.format("")) == "1", what="the lock")
        verify = subprocess.Popen([system.programs / "troth", "audit", "verify", "--key", house.key, "--json", "--database",
                                   system.conninfo("troth_operator")], stdout=subprocess.PIPE, text=True)
        wait_until(lambda: system.psql(waits.format("NOT ")) == "1", what="the verification to wait")
        assert "part 1 dropped" in house.job()
    finally:
        lock.communicate("COMMIT;\n")
    said = json.loads(verify.communicate()[0])
    assert said["faults"] == [] and said["removed"] == said["entries"] > 0, said


def test_a_part_stays_until_all_have_read_it_and_all_of_it_is_signed(house):
    house.live(3)
    house.end_day()
    assert "unread, followup" in house.close_and_drop(absent_readers="loyalty:reporting")
    house.system.psql("DELETE FROM audit.head WHERE number > 0")
    assert "unsigned" in house.job(), "nothing is signed yet"
    house.system.psql("INSERT INTO audit.head SELECT 1, 1, decode(repeat('00', 32), 'hex'), now(), 'a', decode(repeat('00', 8), 'hex'),"
                      " decode(repeat('00', 64), 'hex')")
    assert "unsigned" in house.job()
    assert house.parts() == ["log.event_1"]


def test_without_its_key_nothing_of_the_record_is_dropped(house):
    house.live(3)
    house.end_day()
    house.job()
    house.a_day_later()
    assert "no_audit_key" in house.job(status=1, audit_key_file="")
    assert house.parts() == ["log.event_1"] and house.verify()["faults"] == []


def test_by_default_everything_is_kept(house):
    house.live(3)
    house.end_day()
    said = house.job(keep_events="0")
    assert "events: kept for good" in said and "disclosures: kept for good" in said and house.parts() == []
    assert "setting_invalid" in house.job(status=1, keep_events="0", keep_disclosures="30d")


def test_a_reader_that_is_behind_finds_what_was_closed_meanwhile(system):
    """Loyalty comes when two parts are closed, and reads all events in order."""
    feed = EventFeed(system)
    for round_ in range(3):
        for customer in range(20):
            feed.add((customer + 1) << 8 | customer, purchase_made=feed_purchase(round_ * 100 + customer, customer))
        feed.commit()
        if round_ < 2:
            system.psql("UPDATE log.event SET at = at - interval '40 days'")
            assert system.psql(f"SELECT log.event_part_close(log.now() - interval '{40 - 39 * round_} days' + interval '1 hour',"
                               " interval '1 minute', 500)") == str(round_ + 1)
    assert system.psql("SELECT count(*) FROM ONLY log.event") == "20"
    system.start("loyalty")
    wait_until(lambda: system.psql("SELECT count(*) FROM loyalty.score_evidence") == "60", what="all sixty purchases")
    assert "event_gap" not in system.processes[-1].log()


def feed_purchase(number, customer):
    return event.PurchaseMade(purchase=(number + 1) << 8 | customer, amount_minor=100, currency="CNY")


def test_what_was_dropped_cannot_be_counted_again_and_a_new_reader_begins_behind_it(house):
    house.live(3)
    house.end_day()
    house.system.psql("INSERT INTO log.head VALUES ('followup.0', 1, 1);"
                      " INSERT INTO log.event VALUES ('followup.0', 1, 1, 257, 1, 'follow_up_planned', log.now(), '')")
    assert "part 1 dropped" in house.close_and_drop()
    for service in ("loyalty", "reporting"):
        with pytest.raises(ClusterError, match="cannot be made again"):
            house.system.psql(f"SELECT {service}.start_over()")
    moved = int(house.system.psql("SELECT log.skip_dropped('loyalty')", role="troth_operator"))
    assert moved > 0
    assert house.system.psql("SELECT count(*) FROM log.head AS h JOIN log.consumer_cursor AS c USING (stream, bucket)"
                             " WHERE c.consumer = 'loyalty' AND c.seq < h.seq") == "0"
    # Nothing would ever move a cursor on that loyalty does not read by, and every later part would stay for it.
    assert house.system.psql("SELECT DISTINCT split_part(stream, '.', 1) FROM log.consumer_cursor WHERE consumer = 'loyalty'") == "intake"


def test_who_writes_while_a_part_is_closed_loses_nothing(system):
    """Ten closings under records that come all the time."""
    source = system.key("source", ["records"])
    system.start("intake")
    client = IntakeClient(system.client("intake", "source", key=source))
    opened = []
    for number in range(10):
        client.send([contact(f"w-{number}-{i}", "complaint", key=f"w-{number}-{i}") for i in range(20)])
        closed = system.psql("SELECT log.event_part_close(log.now() + interval '1 second', interval '0', 1000)")
        opened.append(closed)
    wait_until(lambda: int(system.psql("SELECT count(*) FROM intake.service_case")) == 200, what="all cases")
    system.psql("SELECT 1")
    assert system.psql("SELECT count(*), count(DISTINCT (stream, bucket, seq)), (SELECT sum(seq) FROM log.head) FROM log.event"
                       ).split("|") == [system.psql("SELECT count(*) FROM log.event")] * 3
    assert len({one for one in opened if one != "0"}) >= 3


# ---- who read whose data


def test_old_disclosures_are_deleted_and_no_others(house):
    """More pages than one slice has, old and new rows mixed on each."""
    house.intake.terminate()
    house.system.psql("""
        INSERT INTO intake.disclosure (bucket, number, customer_number, kind, purpose, reader_id, at, outcome)
        SELECT n % 256, n, 1, 1, 'test', 1, log.now() - CASE WHEN n % 3 = 0 THEN interval '4 years' ELSE interval '2 years' END, 'disclosed'
          FROM generate_series(1, 120000) AS n""")
    pages = int(house.system.psql("SELECT pg_relation_size('intake.disclosure') / 8192"))
    assert pages > 1024
    assert "disclosures: 40000 deleted" in house.job(keep_events="0", keep_disclosures="1100d")
    left = "SELECT count(*), min(at) > log.now() - interval '3 years' FROM intake.disclosure"
    assert house.system.psql(left) == "80000|t"
    assert "disclosures: 0 deleted" in house.job(keep_events="0", keep_disclosures="1100d")
