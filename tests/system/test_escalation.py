# SPDX-License-Identifier: Apache-2.0
"""The ladder of a promise, from the standard's file to the events: each step is taken once, at its own
instant, whoever dies; a promise keeps the version of the standard that it was made under."""

import event_pb2 as event
import pytest

from tests.support import ledger
from tests.support.intake_client import (
    ACCEPTED,
    REJECTED,
    IntakeClient,
    case_update,
    contact,
    promise_given,
    promise_update,
    record,
)
from tests.support.load import HOUR_US
from tests.support.stage import LEASE, SERVICES, Stage
from tests.support.system import wait_until

OPEN, AT_RISK, KEPT, KEPT_LATE, BROKEN, WITHDRAWN, WAIVED, RENEGOTIATED, RENEGOTIATED_LATE = range(1, 10)
STANDARD = """
rules = (
    {
        name = "complaint";
        kind = "complaint";
        priority = 1;
        owner_team = "care";
        promises = (
            { kind = "first_response"; target = "%(target)s"; calendar = "%(calendar)s"; },
            { kind = "resolution"; target = "100h"; }
        );
        escalation = (
            { at = 50; tell = "%(tell)s"; }, { at = 80; tell = "boss"; }, { at = 90; tell = "board"; },
            { after = "1h"; tell = "owner"; }, { after = "10h"; tell = "director"; }
        );
        renegotiate_by = ("care");
    },
    { name = "rest"; priority = 4; owner_team = "care"; promises = (); }
);
calendars = ( { name = "office"; zone = "Asia/Shanghai"; branches = ("*");
                week = { mon-sun = "09:00-17:00"; }; } );
"""
USUAL = {"target": "10h", "calendar": "24x7", "tell": "team"}
STEPS = [(50, 5, "team"), (80, 8, "boss"), (90, 9, "board"), (100, 10, ""), (101, 11, "owner"), (102, 20, "director")]


class Garage:
    """Complaints on the demo clock; what became of their promises in the database and in the events."""

    def __init__(self, system, programs=("intake",), **values):
        self.system = system
        system.key("garage", ["records"])
        self.stage = Stage(system, programs=list(programs),
                           intake={"standard": self.standard("first", **values), "step_batch": 1})
        self.sender = IntakeClient(system.client("intake", "garage"))

    def standard(self, name, **values):
        path = self.system.folder / f"{name}.standard"
        path.write_text(STANDARD % {**USUAL, **values})
        return path

    def second(self, standard):
        return self.system.start("intake", instance="intake-2", arguments=["--demo-clock"], lease=LEASE,
                                 standard=standard, step_batch=1)

    def send(self, one, hours=0.0, status=ACCEPTED, sender=None):
        """A record that occurred so many hours from now."""
        one.occurred_us = self.stage.clock.now_us + round(hours * HOUR_US)
        receipt = (sender or self.sender).send_one(one)
        assert receipt.status == status, receipt
        return receipt

    def complain(self, customer="li", **fields):
        receipt = self.send(contact(customer, kind="complaint", branch="north"), **fields)
        first = min(receipt.promises, key=lambda p: p.due_us)
        return receipt.case_number, first.promise_number

    def due(self):
        return ledger.number(self.system, "SELECT count(*) FROM intake.promise WHERE next_step_at <= log.now()")

    def step(self, hours):
        self.stage.step(hours)
        wait_until(lambda: self.due() == 0, seconds=30, what="the steps")

    def rows(self, promise=None):
        """(step, hours after the promise was made, whom to tell) of each step that was taken."""
        where = f"s.promise_number = {number_of(promise)}" if promise else "p.kind = 'first_response'"
        lines = self.system.psql(
            "SELECT s.step, round(extract(epoch FROM s.due_at - p.made_at) / 3600, 2)::real, s.tell"
            "  FROM intake.promise_step s JOIN intake.promise p ON p.number = s.promise_number"
            f" WHERE {where} ORDER BY s.promise_number, s.clock_version, s.due_at").split("\n")
        fields = [line.split("|") for line in lines if line]
        return [(int(step), float(hours), tell) for step, hours, tell in fields]

    def events(self, kind, promise=None):
        lines = self.system.psql(
            f"SELECT encode(body, 'hex') FROM log.event WHERE kind = '{kind}' ORDER BY stream, bucket, seq").split()
        told = [event.Event.FromString(bytes.fromhex(line)) for line in lines]
        return [e for e in told if promise is None or getattr(e, kind).promise == number_of(promise)]

    def state(self, promise):
        return int(self.system.psql(f"SELECT state FROM intake.promise WHERE number = {number_of(promise)}"))

    def check_each_step_once(self):
        """The rows, the events and the clock of each promise say the same; returns how many there are."""
        told = [(e.promise_step_taken.promise, e.promise_step_taken.clock_version, e.promise_step_taken.percent)
                for e in self.events("promise_step_taken")]
        written = [tuple(map(int, line.split("|"))) for line in self.system.psql(
            "SELECT promise_number, clock_version, step FROM intake.promise_step").split("\n") if line]
        assert len(set(told)) == len(told)
        assert sorted(told) == sorted(written)
        changes = [(e.promise_changed.promise, e.promise_changed.to) for e in self.events("promise_changed")]
        assert len(set(changes)) == len(changes)
        return len(told)


def number_of(text):
    return int(text.split("-")[1])


@pytest.fixture
def garage(system):
    return Garage(system)


def test_each_step_is_taken_at_its_instant_and_says_whom_to_tell(garage):
    _, promise = garage.complain()
    seen = []
    for _ in range(22):
        garage.step(1)
        seen.append(len(garage.rows(promise)))
    assert garage.rows(promise) == [(step, hours, tell) for step, hours, tell in STEPS]
    # Not before its time: so many steps were there after each hour.
    assert seen == [sum(1 for _, hours, _ in STEPS if hours <= hour) for hour in range(1, 23)]
    told = garage.events("promise_step_taken", promise)
    made_us = garage.stage.clock.now_us - 22 * HOUR_US
    assert [(e.promise_step_taken.percent, (e.occurred_us - made_us) / HOUR_US, e.promise_step_taken.tell)
            for e in told] == STEPS
    last = told[-1].promise_step_taken
    assert (last.after_us, last.kind, last.owner_team, last.branch) == (10 * HOUR_US, "first_response", "care", "north")
    assert not told[0].promise_step_taken.after_us
    assert (last.clock_version, last.due_us) == (1, made_us + 10 * HOUR_US)
    assert garage.state(promise) == BROKEN
    assert int(garage.system.psql("SELECT counted_us FROM intake.promise WHERE kind = 'first_response'")) == 10 * HOUR_US
    garage.step(1000)
    assert len(garage.rows(promise)) == 6
    garage.check_each_step_once()


def test_steps_that_come_late_have_their_own_instants_and_an_answer_ends_them(garage):
    case, promise = garage.complain()
    garage.step(11.5)  # nobody looked for that long
    assert [row[:2] for row in garage.rows(promise)] == [(50, 5), (80, 8), (90, 9), (100, 10), (101, 11)]
    garage.send(case_update("responded", case_number=case))
    assert garage.state(promise) == KEPT_LATE
    garage.step(50)
    assert len(garage.rows(promise)) == 5
    # The resolution is another clock: its first step.
    assert len(garage.events("promise_step_taken")) == 6


def test_a_pause_over_a_step_moves_it_and_never_repeats_one(garage):
    case, promise = garage.complain()
    garage.step(4)
    garage.send(case_update("waiting_customer", case_number=case))
    garage.step(100)
    assert not garage.rows(promise)
    garage.send(case_update("resumed", case_number=case))
    garage.step(2)
    assert garage.rows(promise) == [(50, 105, "team")]
    # A pause that we hear of late began before the step: its instant moves, and it stays taken.
    garage.send(case_update("waiting_customer", case_number=case), hours=-1.5)
    garage.step(10)
    garage.send(case_update("resumed", case_number=case))
    garage.step(30)
    # Counted: 4 h, 0.5 h, and then the rest after the second pause, which ended at 116.
    assert [row[:2] for row in garage.rows(promise)] == [
        (50, 105), (80, 119.5), (90, 120.5), (100, 121.5), (101, 122.5), (102, 131.5)]
    garage.check_each_step_once()


def test_a_step_follows_the_working_hours_of_the_promise(system):
    garage = Garage(system, calendar="office", target="8h")
    # 2026-01-01 08:00 in Shanghai: open from 9 to 17.
    _, promise = garage.complain()
    garage.step(48)
    assert [row[:2] for row in garage.rows(promise)] == [
        (50, 5), (80, 7.4), (90, 8.2), (100, 9), (101, 10), (102, 19)]


def test_late_proof_counts_in_the_grace_and_after_it_only_a_person_decides(system):
    garage = Garage(system, programs=SERVICES)
    (one, first), (other, second) = garage.complain("li"), garage.complain("wang")
    garage.step(12)
    assert garage.state(first) == garage.state(second) == BROKEN
    garage.send(case_update("responded", case_number=one), hours=-4)
    assert garage.state(first) == KEPT
    garage.step(30)
    garage.send(case_update("responded", case_number=other), hours=-34)
    assert garage.state(second) == KEPT_LATE
    # Why, and what the customer says: facts beside the state.
    garage.send(promise_update("explained", promise_number=second, cause=2, staff="s-1"))
    garage.send(promise_update("explained", promise_number=second, cause=3, staff="s-1"))
    garage.send(promise_update("confirmed", promise_number=second))
    (answered,) = garage.events("promise_answered")
    assert (answered.promise_answered.is_confirmed, answered.promise_answered.state) == (True, KEPT_LATE)
    assert [e.break_explained.cause for e in garage.events("break_explained")] == [2, 3]
    # Not by what was late, and not without a reason.
    refused = garage.send(promise_update("corrected", promise_number=second, staff="s-1", note="list"), -1, REJECTED)
    assert (refused.code, refused.field) == ("value_out_of_range", "occurred_us")
    refused = garage.send(promise_update("corrected", promise_number=second, staff="s-1"), -34, REJECTED)
    assert (refused.code, refused.field) == ("field_missing", "promise_update.note")
    garage.send(promise_update("corrected", promise_number=second, staff="s-1", note="the list says so"), -34)
    assert garage.state(second) == KEPT
    last = garage.events("promise_changed", second)[-1].promise_changed
    assert (getattr(last, "from"), last.to, last.is_correction) == (KEPT_LATE, KEPT, True)
    assert {e.promise_changed.owner_team for e in garage.events("promise_changed")} == {garage.system.psql(
        "SELECT DISTINCT owner_team FROM intake.service_case")}
    assert garage.system.psql("SELECT cause, customer_word, done_at = made_at + interval '8h' FROM intake.promise"
                              f" WHERE number = {number_of(second)}") == "|1|t"
    assert garage.system.psql("SELECT action, cause FROM intake.promise_event ORDER BY case_version") == (
        "5|2\n5|3\n6|\n8|")
    # Readers that have no use for such events pass over them.
    ledger.wait_until_quiet(system)
    garage.stage.check_alive()


def test_what_was_said_of_a_break_can_be_taken_back(garage):
    _, promise = garage.complain()
    garage.step(12)
    said = [promise_update("explained", promise_number=promise, cause=cause) for cause in (1, 2)]
    said += [promise_update(word, promise_number=promise) for word in ("confirmed", "disputed")]
    for one in said:
        garage.send(one)
    facts = f"SELECT cause, customer_word, state FROM intake.promise WHERE number = {number_of(promise)}"
    assert garage.system.psql(facts) == f"2|2|{BROKEN}"
    garage.send(void(said[1]))
    garage.send(void(said[3]))
    assert garage.system.psql(facts) == f"1|1|{BROKEN}"
    garage.send(void(said[0]))
    garage.send(void(said[2]))
    assert garage.system.psql(facts) == f"||{BROKEN}"
    causes = [(e.break_explained.cause, e.is_reversal) for e in garage.events("break_explained")]
    assert causes == [(1, False), (2, False), (2, True), (1, False), (1, True)]
    words = [(e.promise_answered.is_confirmed, e.is_reversal) for e in garage.events("promise_answered")]
    assert words == [(True, False), (False, False), (False, True), (True, False), (True, True)]
    garage.step(50)
    garage.check_each_step_once()


def test_a_step_that_was_due_all_the_time_is_taken_once_when_that_comes_to_light(garage):
    case, promise = garage.complain()
    garage.step(1)
    pause, resumed = case_update("waiting_customer", case_number=case), case_update("resumed", case_number=case)
    garage.send(pause)
    garage.step(50)
    garage.send(resumed)
    garage.step(4.5)
    assert [row[:2] for row in garage.rows(promise)] == [(50, 55)]
    # As if it had never waited: due long ago.
    garage.send(void(pause))
    garage.send(void(resumed))
    garage.step(1)
    assert garage.state(promise) == BROKEN
    assert [row[0] for row in garage.rows(promise)] == [80, 90, 100, 101, 102, 50]
    garage.check_each_step_once()


def test_a_promise_that_is_open_again_takes_its_steps_in_a_new_clock_version(garage):
    case, promise = garage.complain()
    garage.step(1)
    garage.send(case_update("waiting_customer", case_number=case))
    garage.step(9)
    resumed = case_update("resumed", case_number=case)
    garage.send(resumed)
    garage.step(10)
    assert garage.state(promise) == BROKEN
    # As if it still waited: then the customer answers.
    garage.send(void(resumed))
    assert garage.state(promise) == OPEN
    garage.step(100)
    garage.send(case_update("resumed", case_number=case))
    garage.step(50)
    assert [row[:2] for row in garage.rows(promise)] == [
        (50, 14), (80, 17), (90, 18), (100, 19), (101, 20),
        (50, 124), (80, 127), (90, 128), (100, 129), (101, 130), (102, 139)]
    assert garage.system.psql("SELECT clock_version, count(*) FROM intake.promise_step s"
                              f" WHERE promise_number = {number_of(promise)} GROUP BY 1 ORDER BY 1") == "1|5\n2|6"
    steps = [e.promise_step_taken.clock_version for e in garage.events("promise_step_taken", promise)]
    assert steps == [1] * 5 + [2] * 6


def void(one):
    return record(record_void={"record_key": one.key})


def test_only_the_named_teams_agree_on_another_date(garage):
    for staff, team in (("s-care", "care"), ("s-wash", "wash")):
        garage.send(record(staff_profile={"staff": staff, "team": team}))
    case, promise = garage.complain()
    due_us = garage.stage.clock.now_us + 99 * HOUR_US
    for staff in ("", "s-wash", "s-nobody"):
        refused = garage.send(promise_update("renegotiated", promise_number=promise, due_us=due_us, staff=staff),
                              status=REJECTED)
        assert (refused.code, refused.field) == ("renegotiation_not_permitted", "promise_update.staff")
    renewed = garage.send(promise_update("renegotiated", promise_number=promise, due_us=due_us, staff="s-care"))
    (fresh,) = renewed.promises
    assert (garage.state(promise), fresh.due_us) == (RENEGOTIATED, due_us)
    # A date that a person gave has the ladder of its case.
    garage.step(60)
    assert garage.rows(fresh.promise_number) == [(50, 49.5, "team")]
    given = garage.send(promise_given(garage.stage.clock.now_us + 10 * HOUR_US, case_number=case, kind="callback"))
    garage.step(9)
    assert [row[0] for row in garage.rows(given.promises[0].promise_number)] == [50, 80, 90]
    garage.send(case_update("responded", case_number=case))
    assert garage.state(given.promises[0].promise_number) == KEPT
    assert garage.state(fresh.promise_number) == KEPT


def test_killed_in_the_middle_every_step_is_taken_once(garage):
    customers = 250
    for customer in range(customers):
        garage.complain(f"c-{customer}")
    total = customers * 9  # six of the first response, three of the resolution
    garage.second(garage.standard("first"))
    kills = 0
    garage.stage.step(95)
    while garage.due():
        if kills < 6:
            garage.stage.kill("intake")
            kills += 1
    assert kills > 1
    assert garage.check_each_step_once() == total
    assert ledger.number(garage.system, f"SELECT count(*) FROM intake.promise WHERE state = {BROKEN}") == customers
    print(f"{total} steps, {kills} kills")


def test_a_promise_keeps_the_version_that_another_process_made_it_under(garage):
    """The first process has never seen that version when it takes the steps, or its records."""
    _, mine = garage.complain("li")
    other = garage.second(garage.standard("second", target="20h", tell="others"))
    sender = IntakeClient(garage.system.client("intake", "garage", instance="intake-2"))
    case, promise = garage.complain("wang", sender=sender)
    assert other.terminate() == 0
    garage.send(case_update("waiting_customer", case_number=case))
    garage.send(case_update("resumed", case_number=case))
    garage.step(50)
    assert [row[:3] for row in garage.rows(promise)] == [
        (50, 10, "others"), (80, 16, "boss"), (90, 18, "board"), (100, 20, ""), (101, 21, "owner"), (102, 30, "director")]
    assert garage.rows(mine) == STEPS
    # The same after the text of the standard in force has changed and that process was started anew.
    _, late = garage.complain("zhao")
    garage.stage.processes["intake"].terminate()
    garage.stage.processes["intake"] = garage.system.start(
        "intake", arguments=["--demo-clock"], lease=LEASE, standard=garage.standard("third", target="1h", tell="new"))
    garage.step(30)
    assert garage.rows(late) == STEPS
    assert ledger.number(garage.system, "SELECT count(*) FROM intake.standard_version") == 3


def test_a_version_that_cannot_be_read_any_more_is_an_alarm_and_no_end(garage):
    case, promise = garage.complain()
    garage.stage.processes["intake"].terminate()
    garage.system.psql("UPDATE intake.standard_version SET body = 'nonsense'")
    intake = garage.stage.processes["intake"] = garage.system.start(
        "intake", arguments=["--demo-clock"], lease=LEASE, standard=garage.standard("second", tell="new"))
    assert garage.system.metric("intake", "troth_intake_standards_unreadable") == 1
    garage.step(12)
    assert garage.rows(promise) == [(50, 5, ""), (80, 8, ""), (100, 10, "")]
    garage.send(case_update("responded", case_number=case))
    assert garage.state(promise) == KEPT_LATE
    assert intake.log().count("standard_unreadable") == 1
