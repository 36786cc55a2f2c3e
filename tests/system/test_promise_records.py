# SPDX-License-Identifier: Apache-2.0
"""What sources say about promises, from the record to what others make of it: given, at risk, broken by
the step timer, kept, renegotiated, waived, withdrawn; compensations; expectations."""

import json

import event_pb2 as event
import pytest
import report_pb2 as report
import score_pb2 as score

from tests.support import ledger, sealed
from tests.support.intake_client import (
    ACCEPTED,
    DUPLICATE,
    REJECTED,
    IntakeClient,
    case_update,
    compensation,
    contact,
    expectation,
    promise_given,
    promise_update,
)
from tests.support.load import HOUR_US
from tests.support.stage import Stage
from tests.support.system import config_text

READERS = ["loyalty", "reporting"]
OPEN, AT_RISK, KEPT, KEPT_LATE, BROKEN, WITHDRAWN, WAIVED, RENEGOTIATED, RENEGOTIATED_LATE = range(1, 10)


class Desk:
    """Somebody who writes down what is promised, on the demo clock. His customer praised, so nothing
    was promised by the standard."""

    def __init__(self, system):
        self.system = system
        self.key = system.key("garage", ["records", "scores", "reports"])
        self.stage = Stage(system, programs=["intake", *READERS])
        self.sender = IntakeClient(system.client("intake", "garage"))
        self.case = self.send(contact("li", kind="praise", case_ref="T-1", branch="north")).case_number
        self.promises = 0

    def now(self):
        return self.stage.clock.now_us

    def ask(self, one, hours=0.0):
        """The receipt of a record that occurred so many hours from now."""
        one.occurred_us = self.now() + round(hours * HOUR_US)
        return self.sender.send_one(one)

    def send(self, one, hours=0.0):
        receipt = self.ask(one, hours)
        assert receipt.status == ACCEPTED, receipt
        return receipt

    def refused(self, one, hours=0.0):
        receipt = self.ask(one, hours)
        assert receipt.status == REJECTED, receipt
        return receipt.code, receipt.field

    def due(self, hours):
        return self.now() + round(hours * HOUR_US)

    def give(self, hours=10, by="number", **fields):
        """A new promise that is due in so many hours; returns how it is named from then on."""
        self.promises += 1
        name = f"p-{self.promises}"
        receipt = self.send(promise_given(self.due(hours), case_number=self.case, promise_ref=name, **fields))
        (made,) = receipt.promises
        assert (made.due_us, receipt.case_number) == (self.due(hours), self.case)
        if by == "number":
            return {"promise_number": made.promise_number}
        return {"customer_ref": "li", "case_ref": "T-1", "promise_ref": name}

    def step(self, hours):
        self.stage.step(hours)
        self.quiet()

    def quiet(self):
        ledger.wait_until_quiet(self.system, READERS)

    def state(self, name):
        if "promise_number" in name:
            where = f"number = {number_of(name['promise_number'])}"
        else:
            where = f"reference = '{name['promise_ref']}'"
        return int(self.system.psql(f"SELECT state FROM intake.promise WHERE {where}"))

    def told(self, kind):
        """The events of that kind, in the order in which they were told."""
        rows = self.system.psql(f"SELECT encode(body, 'hex') FROM log.event WHERE kind = '{kind}' ORDER BY seq")
        return [getattr(event.Event.FromString(bytes.fromhex(row)), kind) for row in rows.split()]

    def texts(self):
        return {fact.number: fact.texts for fact in sealed.texts(self.system)}


def number_of(text):
    return int(text.split("-")[1])


@pytest.fixture
def desk(system):
    return Desk(system)


def test_the_step_timer_warns_and_breaks_a_given_promise(desk):
    name = desk.give(10, kind="callback")
    # No pause moves the date, and closing the case does not end it.
    desk.send(case_update("waiting_customer", case_number=desk.case))
    desk.step(7.9)
    assert desk.state(name) == OPEN
    desk.step(0.2)
    assert desk.state(name) == AT_RISK
    desk.send(case_update("closed", case_number=desk.case))
    desk.step(2)
    assert desk.state(name) == BROKEN
    # In time, but heard of late: within the grace it takes the break back. Then another is kept late.
    late = desk.give(1)
    desk.step(2)
    desk.send(promise_update("kept", **name), hours=-2.5)
    desk.send(promise_update("kept", **late))
    desk.quiet()
    assert (desk.state(name), desk.state(late)) == (KEPT, KEPT_LATE)
    changes = [(c.kind, getattr(c, "from"), c.to, c.is_correction) for c in desk.told("promise_changed")]
    assert changes == [
        ("callback", OPEN, AT_RISK, False), ("callback", AT_RISK, BROKEN, False),
        ("custom", OPEN, AT_RISK, False), ("custom", AT_RISK, BROKEN, False),
        ("callback", BROKEN, KEPT, True), ("custom", BROKEN, KEPT_LATE, False)]


@pytest.mark.parametrize("by", ["number", "reference"])
def test_what_is_said_of_a_promise_names_just_that_one(desk, by):
    names = {state: desk.give(10, by) for state in [OPEN, KEPT, WAIVED, WITHDRAWN, RENEGOTIATED, RENEGOTIATED_LATE]}
    desk.send(promise_update("kept", staff="s-1", note="called", **names[KEPT]))
    desk.send(promise_update("waived", **names[WAIVED]))
    desk.send(promise_update("withdrawn", **names[WITHDRAWN]))
    renewed = desk.send(promise_update("renegotiated", due_us=desk.due(48), note="on Sunday", new_promise_ref="n-1",
                                       **names[RENEGOTIATED]))
    desk.step(11)
    names[BROKEN] = names.pop(OPEN)  # nobody said anything
    late = desk.send(promise_update("renegotiated", due_us=desk.due(24), **names[RENEGOTIATED_LATE]))
    desk.quiet()
    assert {state: desk.state(name) for state, name in names.items()} == {state: state for state in names}
    # The receipt lists the promise that takes its place, and so does the event.
    (new,), (newest,) = renewed.promises, late.promises
    assert (new.kind, newest.kind) == ("custom", "custom")
    replaced = {made.promise: made.replaces for made in desk.told("promise_made") if made.replaces}
    assert set(replaced) == {number_of(new.promise_number), number_of(newest.promise_number)}
    states = dict(row.split("|") for row in desk.system.psql("SELECT number, state FROM intake.promise").split("\n"))
    assert [states[str(old)] for old in replaced.values()] == [str(RENEGOTIATED), str(RENEGOTIATED_LATE)]
    # By its own reference from then on; the new words are its words.
    desk.send(promise_update("kept", case_number=desk.case, promise_ref="n-1"))
    texts = desk.texts()
    assert texts[number_of(new.promise_number)] == {"words": "on Sunday"}
    said = desk.system.psql("SELECT action, from_state, to_state, promise_version, staff, number FROM intake.promise_event"
                            " WHERE action = 2 ORDER BY number").split("\n")
    assert said[0].rpartition("|")[0] == f"2|{OPEN}|{KEPT}|2|s-1"
    assert texts[int(said[0].rpartition("|")[2])] == {"note": "called"}
    assert len(said) == 2


def test_a_promise_of_the_standard_can_be_renegotiated_and_is_kept_by_its_case(desk):
    opened = desk.send(contact("wang", kind="complaint"))
    first, solution = sorted(opened.promises, key=lambda p: p.kind)
    new_due = desk.due(200)
    desk.send(promise_update("renegotiated", promise_number=solution.promise_number, due_us=new_due))
    desk.send(promise_update("waived", promise_number=first.promise_number))
    desk.step(100)  # past the first date
    desk.send(case_update("resolved", case_number=opened.case_number))
    rows = desk.system.psql("SELECT kind, state, standard_id > 0, is_due_fixed FROM intake.promise ORDER BY number")
    assert rows.split("\n") == [f"first_response|{WAIVED}|t|f", f"resolution|{RENEGOTIATED}|t|f",
                                f"resolution|{KEPT}|f|t"]


def test_a_compensation_is_a_promise_with_a_value(desk):
    voucher = desk.send(compensation("voucher", desk.due(5), case_number=desk.case, promise_ref="v-1",
                                     amount_minor=5000, currency="CNY", words="for the next service"))
    (made,) = voucher.promises
    assert made.kind == "compensation"
    sorry = desk.send(compensation("apology", desk.due(1), customer_ref="li", case_ref="T-1"))
    desk.send(promise_update("kept", case_number=desk.case, promise_ref="v-1"))
    desk.send(promise_update("kept", promise_number=sorry.promises[0].promise_number))
    rows = desk.system.psql("SELECT c.kind, c.amount_minor, c.currency, p.state, p.kind FROM intake.compensation c"
                            " JOIN intake.promise p ON p.number = c.promise_number ORDER BY c.promise_number")
    assert rows.split("\n") == ["3|5000|CNY|3|compensation", "1|||3|compensation"]
    told = desk.told("compensation_promised")
    assert [(one.promise, one.kind, one.amount_minor, one.branch) for one in told] == [
        (number_of(made.promise_number), 3, 5000, "north"),
        (number_of(sorry.promises[0].promise_number), 1, 0, "north")]
    assert not told[1].HasField("amount_minor")
    assert desk.texts()[number_of(made.promise_number)] == {"words": "for the next service"}


def test_what_a_customer_expects_is_told_without_its_words(desk):
    wish = {"case_number": desk.case, "expectation_ref": "e-1"}
    desk.send(expectation(expected_us=desk.due(24), outcome="没有异响", **wish))
    desk.send(expectation(manner="at my door", is_confirmed=True, customer_ref="li", case_ref="T-1"))
    told = desk.told("expectation_stated")
    assert [(one.has_outcome, one.has_manner, one.is_confirmed) for one in told] == [
        (True, False, False), (False, True, True)]
    assert told[0].expected_us == desk.due(24)
    assert not told[1].HasField("expected_us")
    texts = desk.texts()
    assert [texts[one.expectation] for one in told] == [{"outcome": "没有异响"}, {"manner": "at my door"}]
    assert desk.system.psql("SELECT reference, case_number IS NOT NULL FROM intake.expectation ORDER BY number") == (
        "e-1|t\n|t")
    assert "异响" not in desk.system.psql("SELECT string_agg(encode(body, 'escape'), '') FROM log.event")


def test_the_same_record_twice_gives_the_same_receipt_and_one_fact(desk):
    name = desk.give(10)
    records = [
        promise_given(desk.due(5), case_number=desk.case, promise_ref="twice"),
        promise_update("renegotiated", due_us=desk.due(20), **name),
        compensation("apology", desk.due(5), case_number=desk.case),
        expectation(case_number=desk.case, outcome="no noise"),
    ]
    for one in records:
        first = desk.send(one)
        again = desk.ask(one)
        assert again.status == DUPLICATE
        again.status = ACCEPTED
        assert again == first
    counts = desk.system.psql("SELECT (SELECT count(*) FROM intake.promise), (SELECT count(*) FROM intake.promise_event),"
                              " (SELECT count(*) FROM intake.compensation), (SELECT count(*) FROM intake.expectation)")
    assert counts == "4|4|1|1"
    # The receipt knows what the record became, so that it can be taken back.
    facts = desk.system.psql("""
        SELECT r.record_kind, count(*) FROM intake.receipt r
          JOIN (SELECT 15, number FROM intake.promise
                UNION ALL SELECT 16, number FROM intake.promise_event
                UNION ALL SELECT 17, number FROM intake.expectation
                UNION ALL SELECT 19, promise_number FROM intake.compensation) AS f (kind, number)
            ON (f.kind, f.number) = (r.record_kind, r.fact_number)
         GROUP BY 1 ORDER BY 1""")
    assert facts == "15|2\n16|1\n17|1\n19|1"


def test_what_cannot_be_is_refused_with_its_code(desk):
    name = desk.give(10)
    other = desk.send(contact("wang", kind="praise")).case_number
    here = {"case_number": desk.case}
    refused = desk.refused
    assert refused(promise_given(desk.due(1), case_number=desk.case, words="")) == (
        "field_missing", "promise_given.words")
    assert refused(promise_given(desk.due(0), **here)) == ("value_out_of_range", "promise_given.due_us")
    assert refused(promise_given(desk.due(1), customer_ref="li", case_ref="T-9")) == (
        "case_unknown", "promise_given.case_ref")
    assert refused(promise_given(desk.due(1), promise_ref="p-1", **here)) == (
        "promise_reference_taken", "promise_given.promise_ref")
    assert refused(promise_update("kept", promise_number="P-12-0")) == (
        "promise_number_invalid", "promise_update.promise_number")
    assert refused(promise_update("kept", case_number=other, **name)) == (
        "promise_unknown", "promise_update.promise_number")
    assert refused(promise_update("kept", customer_ref="wang", **name)) == (
        "promise_unknown", "promise_update.promise_number")
    assert refused(promise_update("kept", promise_ref="p-9", **here)) == (
        "promise_unknown", "promise_update.promise_ref")
    assert refused(promise_update("renegotiated", **name)) == ("field_missing", "promise_update.due_us")
    assert refused(promise_update("renegotiated", due_us=desk.due(1), new_promise_ref="p-1", **name)) == (
        "promise_reference_taken", "promise_update.new_promise_ref")
    assert refused(compensation("refund", desk.due(1), **here)) == ("field_missing", "compensation.amount_minor")
    assert refused(expectation(**here)) == ("field_missing", "expectation.expected_us")
    desk.step(11)
    assert desk.state(name) == BROKEN
    # A break stands: it cannot be waived away.
    assert refused(promise_update("waived", **name)) == ("promise_settled", "promise_update.action")
    assert refused(promise_update("withdrawn", **name)) == ("promise_settled", "promise_update.action")
    assert desk.system.psql("SELECT count(*), count(DISTINCT promise_number) FROM intake.promise_event") == "1|1"


def test_trust_figures_and_the_case_show_what_became_of_the_promises(desk):
    names = [desk.give(10) for _ in range(6)]
    for name, action in zip(names, ["kept", "waived", "withdrawn"]):
        desk.send(promise_update(action, **name))
    desk.send(promise_update("renegotiated", due_us=desk.due(500), **names[3]))
    desk.step(11)
    desk.send(promise_update("renegotiated", due_us=desk.due(500), **names[4]))
    desk.quiet()

    request = score.ScoreRequest(request_id="s", customer=score.ScoreOfCustomer(source="garage", customer_ref="li"))
    (one,) = desk.system.client("loyalty", "garage").ask(request, score.ScoreReply).scores
    assert (one.promises_kept, one.promises_broken) == (1, 2)
    evidence = {part.name: part.evidence for part in one.contributions}["trust"]
    assert sorted(e.kind for e in evidence) == ["promise_broken", "promise_broken", "promise_kept"]

    reporting = desk.system.client("reporting", "garage")
    total = reporting.ask(report.ReportRequest(overview=report.OverviewRequest()), report.ReportReply).overview.total
    assert (total.promises_made, total.promises_kept, total.promises_broken) == (8, 1, 2)
    assert (total.promises_waived, total.promises_renegotiated) == (1, 1)
    ledger.check_reporting(desk.system)

    shown = troth(desk, "case", desk.case)
    states = [(p["kind"], p["state"]) for p in shown["service_case"]["promises"]]
    assert sorted(state for _, state in states) == [
        "broken", "kept", "open", "open", "renegotiated", "renegotiated_late", "waived", "withdrawn"]
    replaced = [p["replaces"] for p in shown["service_case"]["promises"] if "replaces" in p]
    assert replaced == [names[3]["promise_number"], names[4]["promise_number"]]
    history = [step["what"] for step in shown["service_case"]["history"]]
    assert history.count("promise_given") == 6
    assert {"promise_kept", "promise_waived", "promise_withdrawn", "promise_renegotiated"} < set(history)

    desk.step(500)  # until every promise has ended
    ledger.check_loyalty(desk.system)
    ledger.check_reporting(desk.system)


def troth(desk, *arguments):
    config = desk.system.folder / "troth.conf"
    config.write_text(config_text({
        "key_file": desk.key.path, "source": "garage", "reporting": desk.system.endpoint("reporting"),
        "reporting_key": desk.system.service_key("reporting").public_path}))
    done = desk.system.run("troth", *arguments, "--config", config, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
