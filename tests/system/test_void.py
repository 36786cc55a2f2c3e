# SPDX-License-Identifier: Apache-2.0
"""What a source takes back: figures, scores and follow-ups are those of a twin that never had it."""

import intake_pb2 as pb
import pytest

from tests.support import figures, ledger
from tests.support.intake_client import (
    ACCEPTED,
    DUPLICATE,
    REJECTED,
    IntakeClient,
    answer,
    case_update,
    compensation,
    consent,
    contact,
    customer_link,
    expectation,
    new_key,
    profile,
    promise_given,
    promise_update,
    purchase,
    record,
)
from tests.support.stage import Stage
from tests.support.system import wait_until

HOUR_US = 3600 * 10**6
# With a dialer, so that what is due goes on; nobody has a phone number, so that nobody is called.
PROGRAMS = ["intake", "followup", "loyalty", "reporting", "dialer"]


def void(key, reason="typed twice", occurred_us=None, **fields):
    return record(occurred_us=occurred_us, record_void=pb.RecordVoid(record_key=key, reason=reason),
                  **fields)


def redemption(who, branch=None):
    return record(points_redemption=pb.PointsRedemption(
        customer_ref=who, redemption_ref=f"{who}-t-1", points=5, branch=branch))


def refund(customer_ref, occurred_us=None, **fields):
    body = pb.Refund(customer_ref=customer_ref, amount_minor=500, currency="CNY", **fields)
    return record(occurred_us=occurred_us, refund=body)


def device_signal(customer_ref, occurred_us=None, **fields):
    body = pb.DeviceSignal(customer_ref=customer_ref, device_ref="LSV AM4-187", **fields)
    return record(occurred_us=occurred_us, device_signal=body)


def made(what, who, at_us):
    """The record that a word of a script stands for."""
    case = {"customer_ref": who, "case_ref": f"{who}-case"}
    word, _, value = what.partition(" ")
    branch = who
    makers = {
        "contact": lambda: contact(kind="complaint", channel="phone", branch=branch, **case),
        "csat": lambda: answer("csat", int(value), **case),
        "nps": lambda: answer("nps", int(value), **case),
        "purchase": lambda: purchase(who, branch=branch),
        "refund": lambda: refund(who, branch=branch),
        "redeem": lambda: redemption(who, branch),
        "signal": lambda: device_signal(who, mileage_km=1000.0),
        "expect": lambda: expectation(expected_us=at_us + HOUR_US, **case),
        "give": lambda: promise_given(at_us + 10 * HOUR_US, promise_ref="p-1", **case),
        "amends": lambda: compensation("voucher", at_us + 10 * HOUR_US, amount_minor=100,
                                       currency="CNY", promise_ref="p-2", **case),
        "kept": lambda: promise_update("kept", promise_ref=value, **case),
        "renegotiated": lambda: promise_update("renegotiated", promise_ref="p-1", new_promise_ref="p-3",
                                               due_us=at_us + 40 * HOUR_US, **case),
    }
    one = makers[word]() if word in makers else case_update(what, **case)
    one.occurred_us = at_us
    return one


# hour: what happens; "X " is what is taken back at the hour that comes first.
SCRIPTS = {
    "answer": (6, {0: "contact", 1: "responded", 2: "resolved", 3: "csat 5", 4: "X csat 1"}),
    "nps": (6, {0: "contact", 1: "X nps 10"}),
    "purchase": (6, {0: "purchase", 1: "X purchase"}),
    "refund": (6, {0: "purchase", 1: "X refund"}),
    "redeem": (6, {0: "purchase", 1: "X redeem"}),
    "signal": (6, {0: "purchase", 1: "X signal"}),
    "expect": (6, {0: "contact", 1: "X expect"}),
    "resolution": (6, {0: "contact", 1: "responded", 2: "X resolved"}),
    "resolved-anew": (6, {0: "contact", 1: "responded", 2: "X resolved", 8: "resolved"}),
    "called-already": (30, {0: "contact", 1: "responded", 2: "X note"}),
    "late-answer": (12, {0: "contact", 10: "X responded"}),
    "first-answer": (12, {0: "contact", 1: "X responded", 3: "responded"}),
    "answer-before-break": (12, {0: "contact", 1: "X responded"}),
    "reopening": (8, {0: "contact", 1: "responded", 2: "resolved", 5: "X reopened"}),
    "contact-reopens": (8, {0: "contact", 1: "responded", 2: "resolved", 5: "X contact"}),
    "contact-resumes": (8, {0: "contact", 1: "waiting_customer", 5: "X contact"}),
    "waiting": (30, {0: "contact", 1: "X waiting_customer"}),
    "closed": (8, {0: "contact", 1: "responded", 2: "resolved", 3: "X closed"}),
    "given": (8, {0: "contact", 1: "responded", 2: "X give"}),
    "given-broken": (30, {0: "contact", 1: "responded", 2: "X give"}),
    "given-kept": (8, {0: "contact", 1: "responded", 2: "give", 3: "X kept p-1"}),
    "given-renegotiated": (8, {0: "contact", 1: "responded", 2: "give", 3: "X renegotiated"}),
    "amends": (8, {0: "contact", 1: "responded", 2: "X amends"}),
    "opening": (3, {0: "purchase", 1: "X contact"}),
    "opening-broken": (12, {0: "purchase", 1: "X contact"}),
}


class Play:
    """Every script twice: once with the record and its taking back, once without."""

    def __init__(self, system):
        self.system = system
        system.key("garage", ["records"])
        self.stage = Stage(system, PROGRAMS)
        self.garage = IntakeClient(system.client("intake", "garage"))
        self.keys = {}

    def at_hour(self, hour):
        voids = []
        records = []
        now_us = self.stage.clock.now_us
        for name, (void_at, script) in SCRIPTS.items():
            what = script.get(hour)
            if what and what.startswith("X "):
                taken = made(what[2:], f"{name}.with", now_us)
                self.keys[name] = taken.key
                records.append(taken)
            elif what:
                records += [made(what, f"{name}.{who}", now_us) for who in ("with", "twin")]
            if void_at == hour:
                voids.append(void(self.keys[name], occurred_us=now_us))
        for part in (records, voids):
            if part:
                self.garage.send(part)
                receipts = self.garage.collect([one.key for one in part])
                refused = [r for r in receipts.values() if r.status != ACCEPTED]
                assert not refused, refused
                ledger.wait_until_quiet(self.system)

    def run(self, hours):
        for hour in range(hours):
            self.at_hour(hour)
            is_busy = any(hour + 1 in script or hour + 1 == void_at for void_at, script in SCRIPTS.values())
            if is_busy or (hour + 1) % 4 == 0:
                self.stage.step(hour + 1 - self.stepped(hour))
                ledger.wait_until_quiet(self.system)

    def stepped(self, hour):
        self.done = getattr(self, "done", 0)
        done, self.done = self.done, hour + 1
        return done


def rows(system, sql):
    return sorted(system.psql(sql).splitlines())


# Alarms that rang while the record stood did ring.
RANG = ("promises_at_risk", "escalations")


def figures_of(system, who):
    """The daily figures of the branches of one of the two, without saying whose they are."""
    found = figures.read_rows(system, where=f"branch LIKE '%.{who}'")
    return sorted((key._replace(branch=key.branch.split(".")[0]), one.count, one.total, sorted(one.buckets.items()))
                  for key, one in found.items() if not one.is_nothing() and key.measure not in RANG)


OF_CUSTOMER = """
    FROM intake.customer_reference r JOIN {table} t ON t.customer_number = r.customer_number
    WHERE r.reference LIKE '%.{who}'"""
# A promise whose end was decided again ended then: it fades a few hours later, which the third digit shows.
SUMS = "SELECT split_part(r.reference, '.', 1), measure, count, round((value / weight)::numeric, 2)" + OF_CUSTOMER + \
    " AND count > 0"
# Not the index: it fades, and the two were not looked at at the same instant.
SCORES = "SELECT split_part(r.reference, '.', 1), tier, is_trust_broken, purchase_days, first_purchase_at," \
    " last_purchase_at, currency" + OF_CUSTOMER + " AND (trust <> 0.5 OR purchase_days > 0)"
FOLLOW_UPS = "SELECT split_part(r.reference, '.', 1), rule, occurrence, state, reason, due_at" + \
    OF_CUSTOMER + " AND reason <> 'record_void'"
CASES = "SELECT split_part(r.reference, '.', 1), state, resolved_at, closed_at, first_response_at," \
    " reopened_count" + OF_CUSTOMER + " AND state <> 7"
PROMISES = "SELECT split_part(r.reference, '.', 1), kind, state, made_at, due_at, done_at" + \
    OF_CUSTOMER + " AND NOT is_void"

COMPARED = {
    "sums": (SUMS, "loyalty.score_sum"), "scores": (SCORES, "loyalty.customer_score"),
    "follow-ups": (FOLLOW_UPS, "followup.follow_up"), "cases": (CASES, "intake.service_case"),
    "promises": (PROMISES, "intake.promise"),
}


FOLDED = {
    "reporting": (
        "SELECT * FROM reporting.daily_fact",
        "SELECT * FROM reporting.monthly_fact",
        "SELECT * FROM reporting.case_fact",
        "SELECT * FROM reporting.other_fact",
    ),
    "loyalty": (
        "SELECT customer_number, index_hundredths, tier, churn_level, evaluated_at FROM loyalty.customer_score",
        "SELECT customer_number, kind, subject, version, value, is_void FROM loyalty.score_evidence",
        "SELECT customer_number, number, kind, subject, points, points_left, balance FROM loyalty.points_entry",
    ),
}


def folded(system, tables):
    return [rows(system, sql) for sql in tables]


def test_what_was_taken_back_might_never_have_been(system):
    play = Play(system)
    play.run(100)
    play.stage.check_alive()
    for name, (sql, table) in COMPARED.items():
        found, twin = (rows(system, sql.format(who=who, table=table)) for who in ("with", "twin"))
        assert found == twin, name
        assert twin, name
    assert figures_of(system, "with") == figures_of(system, "twin") != []
    assert system.psql("SELECT count(*) FROM intake.record_void") == str(len(SCRIPTS))
    ledger.check_loyalty(system)
    ledger.check_reporting(system)
    # The events say the same again: replayed from the first one they give the same numbers. One after the other, for
    # loyalty tells its moves anew.
    for service, tables in FOLDED.items():
        before = folded(system, tables)
        system.psql(f"SELECT {service}.start_over()")
        wait_until(lambda: folded(system, tables) == before, what=f"the same numbers of {service}", seconds=60)
        ledger.wait_until_quiet(system)
        assert folded(system, tables) == before


# ---- the door


@pytest.fixture
def garage(system):
    client = system.client("intake", "garage", rights=["records"])
    system.client("intake", "other", rights=["records"])
    system.client("intake", "desk", rights=["disclosure"])
    system.start("intake")
    return IntakeClient(client)


def code_of(receipt):
    return (receipt.status, receipt.code)


def test_a_record_is_taken_back_once(system, garage):
    one = purchase("li")
    garage.send_one(one)
    taking = void(one.key)
    first = garage.send_one(taking)
    assert first.status == ACCEPTED
    assert first.customer_number.startswith("K-")
    assert garage.send_one(taking).status == DUPLICATE
    again = garage.send_one(void(one.key))
    assert (code_of(again), again.field) == ((REJECTED, "record_voided_already"), "record_void.record_key")
    assert system.psql("SELECT is_void FROM intake.purchase") == "t"
    assert system.psql("SELECT count(*) FROM log.event WHERE kind = 'purchase_made'") == "2"
    # The record itself keeps its receipt.
    assert garage.send_one(one).status == DUPLICATE


def test_only_the_source_itself_takes_a_record_back(system, garage):
    one = purchase("li")
    garage.send_one(one)
    other = IntakeClient(system.client("intake", "other"))
    assert code_of(other.send_one(void(one.key))) == (REJECTED, "record_unknown")
    assert code_of(garage.send_one(void("never sent"))) == (REJECTED, "record_unknown")
    assert system.psql("SELECT count(*) FROM intake.record_void") == "0"


def test_a_record_without_a_receipt_is_not_known_yet(garage):
    one = purchase("li")
    taking = void(one.key)
    garage.send([one, taking])
    receipts = garage.collect([one.key, taking.key])
    assert receipts[one.key].status == ACCEPTED
    if receipts[taking.key].status == REJECTED:
        assert receipts[taking.key].code == "record_unknown"
        assert garage.send_one(taking).status == ACCEPTED


def test_what_cannot_be_taken_back_says_what_to_do(garage):
    garage.send_one(profile("wang"))
    kinds = [
        consent("wang", do_not_call=True),
        record(branch_profile=pb.BranchProfile(branch="north", name="North")),
        record(staff_profile=pb.StaffProfile(staff="s1", branch="north")),
        customer_link("distinct", customer_ref="wang", other_ref="li"),
    ]
    garage.send_one(profile("li"))
    for one in kinds:
        receipt = garage.send_one(one)
        assert receipt.status == ACCEPTED, receipt
        refused = garage.send_one(void(one.key))
        assert code_of(refused) == (REJECTED, "not_voidable"), one
        assert "send" in refused.text
    one = purchase("li")
    garage.send_one(one)
    taking = void(one.key)
    garage.send_one(taking)
    assert code_of(garage.send_one(void(taking.key))) == (REJECTED, "not_voidable")


def test_a_case_that_was_taken_back_is_done_nothing_to(garage):
    one = contact("li", case_ref="T-1")
    first = garage.send_one(one)
    assert garage.send_one(void(one.key)).status == ACCEPTED
    for late in (case_update("resolved", case_number=first.case_number),
                 case_update("resolved", customer_ref="li", case_ref="T-1"),
                 contact("li", case_number=first.case_number),
                 answer("csat", 5, case_number=first.case_number)):
        assert code_of(garage.send_one(late)) == (REJECTED, "case_void")
    # Its reference may be used again: what was wrong is sent as it should have been.
    second = garage.send_one(contact("li", kind="enquiry", case_ref="T-1"))
    assert second.status == ACCEPTED
    assert second.is_new_case
    assert second.case_number != first.case_number
    update = garage.send_one(case_update("resolved", customer_ref="li", case_ref="T-1"))
    assert update.case_number == second.case_number


def test_a_case_stands_as_long_as_one_contact_does(system, garage):
    first, second = contact("li", case_ref="T-1"), contact("li", case_ref="T-1")
    garage.send_one(first)
    garage.send_one(second)
    garage.send_one(void(first.key))
    assert system.psql("SELECT state FROM intake.service_case") == "1"
    garage.send_one(void(second.key))
    assert system.psql("SELECT state FROM intake.service_case") == "7"
    assert system.psql("SELECT DISTINCT state, is_void FROM intake.promise") == "6|t"
    assert system.psql("SELECT bool_and(is_void) FROM intake.contact") == "t"


def test_what_was_taken_back_is_disclosed_to_nobody(system, garage):
    desk = IntakeClient(system.client("intake", "desk"))
    one = contact("li", body="squeaks")
    case = garage.send_one(one).case_number
    wrong = case_update("note", case_number=case, note="of somebody else")
    garage.send_one(wrong)
    customer, number = map(int, system.psql("SELECT customer_number, number FROM intake.service_case").split("|"))

    def texts():
        reply = desk.disclose("case_texts", customer, number)
        assert reply.code in ("", "unknown"), reply
        return sorted(text.text for text in reply.texts)

    assert texts() == ["of somebody else", "squeaks"]
    garage.send_one(void(wrong.key, reason="the wrong case"))
    assert texts() == ["squeaks", "the wrong case"]


def test_two_voids_at_once_take_effect_once(system):
    key = system.key("garage", ["records"])
    system.service_key("intake")
    names = ["intake", "intake-2"]
    for name in names:
        system.start("intake", instance=name)
    clients = [IntakeClient(system.client("intake", "garage", key=key, instance=name)) for name in names]
    purchases = [purchase(f"c-{i}", key=new_key()) for i in range(50)]
    assert all(r.status == ACCEPTED for r in clients[0].send_all(purchases).values())
    voids = [[void(one.key) for one in purchases] for _ in clients]
    for client, part in zip(clients, voids):
        client.send(part)
    receipts = [client.collect([one.key for one in part]) for client, part in zip(clients, voids)]
    for i in range(len(purchases)):
        both = sorted(receipts[n][voids[n][i].key].code for n in range(2))
        assert both == ["", "record_voided_already"]
    assert system.psql("SELECT count(*) FROM log.event WHERE kind = 'purchase_made'") == "100"


def test_a_reference_is_free_in_the_work_that_takes_its_redemption_back(system):
    key = system.key("garage", ["records"])
    intake = system.start("intake", lanes=1)
    till = IntakeClient(system.client("intake", "garage", key=key))
    names = [f"c-{i}" for i in range(40)]
    spent = [redemption(who) for who in names]
    assert {r.status for r in till.send_all(spent).values()} == {ACCEPTED}
    again = [redemption(who) for who in names]
    receipts = till.send_all([void(one.key) for one in spent] + again)
    # The lane goes from bucket to bucket, and voids have one of their own: for half of them, or so, they come first.
    quick = [one for one in again if receipts[one.key].status == ACCEPTED]
    assert 0 < len(quick) < len(names)
    assert {r.code for r in receipts.values()} == {"", "redemption_reference_taken"}
    late = till.send_all([one for one in again if one not in quick])
    assert {r.status for r in late.values()} == {ACCEPTED}
    assert system.psql("SELECT count(*), count(DISTINCT customer_number), count(*) FILTER (WHERE is_void)"
                       " FROM intake.points_redemption") == "80|40|40"
    assert "batch_failed" not in intake.log()


def test_an_import_is_taken_back_from_its_end(system, garage):
    records = []
    for i in range(200):
        who = f"c-{i}"
        records += [contact(who, case_ref="T", branch="north"),
                    case_update("responded", customer_ref=who, case_ref="T"),
                    case_update("resolved", customer_ref=who, case_ref="T"),
                    answer("csat", 4, customer_ref=who, case_ref="T"),
                    purchase(who)]
    receipts = garage.send_all(records)
    assert {r.status for r in receipts.values()} == {ACCEPTED}
    receipts = garage.send_all([void(one.key) for one in reversed(records)])
    assert {(r.status, r.code) for r in receipts.values()} == {(ACCEPTED, "")}
    assert system.psql("SELECT state, count(*) FROM intake.service_case GROUP BY 1") == "7|200"
    assert system.psql("SELECT count(*) FROM intake.promise WHERE NOT is_void OR state <> 6") == "0"
    assert system.psql("SELECT bool_and(is_void) FROM intake.survey_answer") == "t"
    assert system.psql("SELECT bool_and(is_void) FROM intake.case_event") == "t"
    # Each event was taken back once.
    assert system.psql("SELECT version, count(*) FROM log.event WHERE kind LIKE 'case_%'"
                       " GROUP BY version, customer_id, kind HAVING count(*) > 1") == ""
