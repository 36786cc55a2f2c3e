# SPDX-License-Identifier: Apache-2.0
"""From a resolved case to a call, through real programs; and what becomes of it when they die."""

import time

import dialer_pb2 as pb
import event_pb2 as events
import intake_pb2 as intake
import pytest
import zmq.utils.z85

from tests.support import ledger
from tests.support.fake_intake import ACCEPTED, REJECTED, FakeIntake
from tests.support.office import (
    DAY, DONE, EVERYBODY, FAILED, LISTED, MISSED, PROGRAMS, SUPPRESSED, Office, ScriptedDialer, update,
)
from tests.support.sealed import seal_to
from tests.support.stage import QUICK, connections
from tests.support.system import wait_until

MANY = 150  # more than the dialer has lines


# ---- the usual way


def test_resolved_case_becomes_one_call_when_it_is_due(system):
    office = Office(system)
    office.resolve("li")
    assert office.follow_ups() == [["1", "", "0", "0"]]

    office.step(DAY - 1)
    assert office.stage.dials() == []
    office.step(1)

    assert office.follow_ups() == [[str(DONE), "answered", "1", "1"]]
    assert len(office.stage.dials()) == 1
    ledger.check_calls(system, office.stage.dials())
    answers = office.rows("SELECT instrument, value FROM intake.survey_answer WHERE case_number IS NOT NULL")
    assert answers[0][0] == str(intake.SURVEY_INSTRUMENT_CSAT)
    reads = office.rows("SELECT outcome = 'disclosed', purpose LIKE 'follow_up F-%' FROM intake.disclosure")
    assert reads == [["t", "t"]]
    kinds = office.rows("SELECT kind FROM log.event WHERE stream LIKE 'followup.%' ORDER BY seq")
    assert kinds == [["follow_up_planned"], ["call_finished"], ["follow_up_changed"]]


def test_many_that_are_due_at_once_are_worked_off_while_time_stands_still(system):
    office = Office(system)
    office.resolve(*[f"c{number}" for number in range(MANY)])

    begun = time.monotonic()
    office.step(DAY)
    print(f"{MANY} calls in {time.monotonic() - begun:.2f} s")

    assert {row[0] for row in office.follow_ups()} == {str(DONE)}
    figures = ledger.check_calls(system, office.stage.dials())
    assert figures["orders"] == figures["dials"] == MANY


def test_who_does_not_answer_is_called_three_times_an_hour_apart(system):
    office = Office(system, dialer={**EVERYBODY, "no_answer": 1.0})
    office.resolve("li")

    office.step(DAY)
    assert office.follow_ups() == [["1", "", "1", "1"]]
    office.step(0.9)
    assert len(office.stage.dials()) == 1
    office.step(0.1)
    assert office.follow_ups() == [["1", "", "2", "2"]]
    office.step(1)

    assert office.follow_ups() == [[str(FAILED), "no_answer", "3", "3"]]
    office.step(DAY)
    assert len(office.stage.dials()) == 3
    ledger.check_calls(system, office.stage.dials())


# ---- without a call


def test_what_must_not_be_called_is_not_called_and_says_why(system):
    office = Office(system)
    office.resolve("silent", phone="")
    office.resolve("refusing", refuses=True)
    office.resolve("angry")
    office.send(update("angry", intake.CASE_ACTION_REOPENED))
    office.quiet()

    office.step(DAY)

    assert office.follow_ups() == [
        [str(LISTED), "no_channel", "0", "0"],
        [str(SUPPRESSED), "consent_refused", "0", "0"],
        [str(SUPPRESSED), "case_reopened", "0", "0"],
    ]
    assert office.stage.dials() == []
    office.send(update("angry", intake.CASE_ACTION_RESOLVED))
    office.quiet()
    office.step(DAY)
    assert len(office.stage.dials()) == 1


def test_do_not_call_holds_for_every_call_also_when_it_is_said_later(system):
    office = Office(system)
    office.resolve("before", "after", "taken-back")
    office.send(("consent", intake.Consent(customer_ref="taken-back", do_not_call=True)))
    office.send(("consent", intake.Consent(customer_ref="after", do_not_call=True)))
    office.send(("consent", intake.Consent(customer_ref="taken-back", do_not_call=False)))
    office.quiet()

    office.step(DAY)

    assert sorted(row[1] for row in office.follow_ups()) == ["answered", "answered", "do_not_call"]
    assert len(office.stage.dials()) == 2
    # Before the next one: planned while nothing forbade it, forbidden when it is due.
    office.send(update("before", intake.CASE_ACTION_REOPENED), update("before", intake.CASE_ACTION_RESOLVED))
    office.quiet()
    office.send(("consent", intake.Consent(customer_ref="before", do_not_call=True)))
    office.step(DAY)
    assert len(office.stage.dials()) == 2
    assert [row[1] for row in office.follow_ups()].count("do_not_call") == 2


def test_a_person_with_two_numbers_is_called_once_and_either_no_counts(system):
    office = Office(system)
    office.resolve("li", "li-again", "wang", "wang-again", "zhao", "zhao-again", "qian-again")
    office.resolve("qian", phone="")  # the other one's phone is hers
    for name in ("li", "wang", "zhao", "qian"):
        office.send(("customer_link", intake.CustomerLink(
            action=intake.CUSTOMER_LINK_ACTION_MERGE, customer_ref=name, other_ref=f"{name}-again")))
    office.send(("consent", intake.Consent(customer_ref="wang", do_not_call=True)))
    office.send(("consent", intake.Consent(customer_ref="zhao-again", consents=[
        intake.ConsentChange(purpose=intake.PURPOSE_SERVICE_CALL, is_given=False)])))
    office.quiet()

    office.step(DAY)

    reasons = dict(office.rows("""
        SELECT r.reference, f.reason FROM followup.follow_up f
          JOIN intake.customer_reference r ON r.customer_number = f.customer_number"""))
    assert reasons == {"li": "answered", "li-again": "joined", "wang": "do_not_call",
                       "wang-again": "do_not_call", "zhao": "consent_refused", "zhao-again": "consent_refused",
                       "qian": "answered", "qian-again": "joined"}
    assert len(office.stage.dials()) == 2

    office.send(("customer_link", intake.CustomerLink(
        action=intake.CUSTOMER_LINK_ACTION_UNMERGE, customer_ref="li", other_ref="li-again")))
    for name in ("li", "li-again"):
        office.send(update(name, intake.CASE_ACTION_REOPENED), update(name, intake.CASE_ACTION_RESOLVED))
    office.quiet()
    office.step(DAY)
    assert len(office.stage.dials()) == 4, "they are two again"


def test_history_orders_no_call(system):
    office = Office(system, is_historical=True)
    office.resolve("old")

    assert office.follow_ups() == [[str(MISSED), "history", "0", "0"]]
    office.step(DAY)
    assert office.stage.dials() == []


def test_without_a_dialer_the_window_passes(system):
    office = Office(system, programs=["intake", "followup"])
    office.resolve("li")

    office.clock.step(2 * DAY)
    assert office.follow_ups() == [["1", "", "0", "0"]]
    office.step(2 * DAY)

    assert office.follow_ups() == [[str(MISSED), "window_passed", "0", "0"]]


# ---- processes die between order and result


def test_killed_dialer_leaves_one_dial_and_a_named_state(system):
    office = Office(system, dialer={**EVERYBODY, "ring_time": "10m"}, followup={"call_limit": "2s"})
    office.resolve("li")
    office.clock.step(DAY)
    wait_until(lambda: len(office.stage.dials()) == 1, what="the dial")

    office.stage.kill("dialer")

    office.wait_for(LISTED, "outcome_unknown")
    assert len(office.stage.dials()) == 1
    ledger.check_calls(system, office.stage.dials())


def test_killed_scheduler_takes_the_result_when_it_is_back(system):
    office = Office(system, dialer={**EVERYBODY, "ring_time": "1s"})
    office.resolve("li")
    office.clock.step(DAY)
    wait_until(lambda: len(office.stage.dials()) == 1, what="the dial")

    office.stage.kill("followup")

    office.wait_for(DONE, "answered")
    office.quiet()
    assert len(office.stage.dials()) == 1
    ledger.check_calls(system, office.stage.dials())


def test_journal_that_was_deleted_gives_its_orders_to_a_person(system):
    office = Office(system, dialer={**EVERYBODY, "ring_time": "10m"})
    office.resolve("li")
    office.clock.step(DAY)
    wait_until(lambda: len(office.stage.dials()) == 1, what="the dial")

    (system.folder / "dialer.journal").unlink()
    office.stage.kill("dialer")

    office.wait_for(LISTED, "journal_lost")
    assert office.stage.dials() == []


def test_two_schedulers_share_the_work_and_survive_each_other(system):
    both = f"{system.endpoint('followup')} {system.endpoint('followup-2')}"
    office = Office(system, dialer={**EVERYBODY, "followup": both})
    second = system.start(
        "followup", instance="followup-2", arguments=["--demo-clock"], lease="2s",
        **QUICK["followup"], **connections(system, "followup"))
    wait_until(lambda: office.rows("""
        SELECT 1 FROM log.lease WHERE resource LIKE 'lane/followup/%' AND until > clock_timestamp()
         GROUP BY holder HAVING count(*) = 4 OFFSET 1"""), what="fair shares")
    office.resolve(*[f"c{number}" for number in range(40)])

    office.clock.step(DAY)
    wait_until(lambda: len(office.stage.dials()) >= 5, what="some calls")
    office.stage.kill("followup")
    office.quiet()

    assert {row[0] for row in office.follow_ups()} <= {str(DONE), str(LISTED)}
    figures = ledger.check_calls(system, office.stage.dials())
    assert figures["followups"] == 40
    assert second.is_running()


def test_orderly_stop_is_quick_and_clean(system):
    office = Office(system)
    office.resolve("li")
    office.step(DAY)

    for name in reversed(PROGRAMS):
        begun = time.monotonic()
        assert office.stage.processes[name].terminate() == 0, office.stage.processes[name].log()
        assert time.monotonic() - begun < 5

    left = office.rows("SELECT resource FROM log.lease WHERE until > clock_timestamp() AND resource LIKE 'lane/%'")
    assert left == []


# ---- an intake that does what the test says


def test_answer_that_is_ahead_of_the_clock_of_intake_is_sent_until_it_is_not(system):
    record = intake.Record(key="F-263-0/1/csat", survey_answer=intake.SurveyAnswer(
        instrument=intake.SURVEY_INSTRUMENT_CSAT, value=5))
    early = intake.Receipt(status=REJECTED, code="time_in_future", field="occurred_us")
    verdicts = [early, early, ACCEPTED]

    with FakeIntake(lambda _: verdicts.pop(0) if verdicts else ACCEPTED) as fake:
        office = Office(system, programs=["followup"], followup={
            "intake": fake.endpoint, "intake_key_file": fake.key_file, "intake_events": ""})
        own_key = zmq.utils.z85.decode(system.service_key("followup").public)
        system.psql(f"""
            INSERT INTO followup.record_outbox (bucket, key, follow_up_number, record, state, code, added_at)
            VALUES (7, '{record.key}', 263, '\\x{seal_to(own_key, record.SerializeToString()).hex()}', 1, '',
                    log.now())""")
        wait_until(lambda: office.rows("""
            SELECT state, code, record IS NULL FROM followup.record_outbox WHERE state <> 1""") ==
                   [["2", "", "t"]], what="the receipt that counts")

        assert [sent.key for sent in fake.records][:3] == [record.key] * 3


# ---- a dialer that does what the test says


@pytest.fixture
def scripted(system):
    office = Office(system, programs=["intake", "followup"], followup={"ask_for": "6s", "call_limit": "1m"})
    office.resolve("li")
    office.clock.step(DAY)
    return ScriptedDialer(office)


def test_result_that_comes_twice_counts_once(scripted):
    order = scripted.wait_for("order")
    assert order.phone == "+8613800000000"
    assert order.script == "case_resolved"
    assert order.start_by_us - time.time_ns() // 1000 <= 30_000_000
    for _ in range(3):
        scripted.finish(order, answers=[(intake.SURVEY_INSTRUMENT_CSAT, 4)])
        assert scripted.wait_for("result_receipt").key == order.key

    scripted.office.quiet()
    assert scripted.office.follow_ups() == [[str(DONE), "answered", "1", "1"]]
    assert scripted.office.rows("SELECT value FROM intake.survey_answer") == [["4"]]
    assert scripted.office.rows("SELECT count(*) FROM log.event WHERE kind = 'call_finished'") == [["1"]]


def test_result_that_is_refused_is_not_forgotten_by_its_dialer(scripted):
    order = scripted.wait_for("order")
    log = scripted.office.stage.processes["followup"].log
    renamed = scripted.office.system.client("followup", "scripted")
    renamed.send(pb.DialerRequest(hello=pb.DialerHello(dialer="another", journal="first", free_lines=0)))
    for _ in range(3):
        renamed.send(pb.DialerRequest(result=pb.DialResult(key=order.key, outcome=events.CALL_OUTCOME_ANSWERED)))
    wait_until(lambda: "event=fate_refused" in log(), what="the refusal")
    # What nobody ordered may be forgotten, and its receipt comes after those of the results before it.
    renamed.send(pb.DialerRequest(result=pb.DialResult(key="F-572-4/1", outcome=events.CALL_OUTCOME_BUSY)))
    replies = []
    while not replies or replies[-1].WhichOneof("body") != "result_receipt":
        replies.append(renamed.receive(pb.DialerReply))
    assert replies[-1].result_receipt.key == "F-572-4/1"
    assert log().count("event=fate_refused") == 1, "not for each repetition"

    scripted.finish(order)  # it has its old name again
    assert scripted.wait_for("result_receipt").key == order.key
    assert scripted.office.follow_ups() == [[str(DONE), "answered", "1", "1"]]


def test_barred_order_is_followed_by_another_attempt(scripted):
    first = scripted.wait_for("order")
    scripted.connect()
    assert scripted.wait_for("question").key == first.key
    scripted.send(answer=pb.DialAnswer(key=first.key, fate=pb.DIAL_FATE_BARRED))

    second = scripted.wait_for("order")
    assert second.key != first.key
    assert (second.follow_up, second.attempt) == (first.follow_up, 2)
    scripted.finish(second)
    scripted.wait_for("result_receipt")
    assert scripted.office.follow_ups() == [[str(DONE), "answered", "2", "1"]]


def test_placed_order_is_waited_for_and_never_ordered_again(scripted):
    order = scripted.wait_for("order")
    scripted.connect()
    scripted.wait_for("question")
    scripted.send(answer=pb.DialAnswer(key=order.key, fate=pb.DIAL_FATE_PLACED))
    wait_until(lambda: scripted.office.rows("SELECT state FROM followup.follow_up_attempt") == [["2"]])

    scripted.wait_for("question")  # it goes on asking
    scripted.finish(order, events.CALL_OUTCOME_REFUSED)
    scripted.wait_for("result_receipt")
    assert scripted.office.follow_ups() == [[str(DONE), "refused", "1", "1"]]


def test_dialer_with_another_journal_is_not_asked(scripted):
    scripted.wait_for("order")
    scripted.connect()
    scripted.journal = "second"
    scripted.hello()

    scripted.office.wait_for(LISTED, "journal_lost")


def test_order_that_was_not_sent_goes_to_no_other_journal(system):
    office = Office(system, programs=["intake", "followup"], followup={"start_within": "30s"})
    office.resolve("li")
    dialer = ScriptedDialer(office)
    dialer.wait_for("welcome")
    dialer.disconnect()
    office.clock.step(DAY)
    office.wait_for_order()  # nobody is there to take it

    dialer.client, dialer.journal = None, "second"
    dialer.connect()
    dialer.hello()
    office.wait_for(LISTED, "journal_lost")
    dialer.hello()
    for _ in range(2):  # the second one goes out after everything that waited
        dialer.wait_for("welcome")
    assert [reply.WhichOneof("body") for reply in dialer.unread] == []


def test_dialer_that_stays_away_leaves_its_orders_to_a_person(scripted):
    order = scripted.wait_for("order")
    scripted.disconnect()
    scripted.office.wait_for(LISTED, "dialer_gone")

    # What it tells after all is taken, and settles it.
    scripted.client = None
    scripted.connect()
    scripted.hello()
    scripted.finish(order)
    scripted.wait_for("result_receipt")
    assert scripted.office.follow_ups() == [[str(DONE), "answered", "1", "1"]]


def test_dialer_whose_key_was_revoked_gets_no_order_on_its_open_connection(system):
    office = Office(system, programs=["intake", "followup"])
    office.resolve("li")
    dialer = ScriptedDialer(office)
    dialer.wait_for("welcome")

    known = system.metric("followup", "troth_principals")
    system.revoke("scripted")
    wait_until(lambda: system.metric("followup", "troth_principals") < known, what="the revocation")
    office.clock.step(DAY)
    assert dialer.client.receive_bytes(2) is None
    assert office.follow_ups() == [["1", "", "0", "0"]], "planned, and never ordered"
    assert dialer.wait_for("error").code == "not_permitted"
    with pytest.raises(TimeoutError):
        dialer.wait_for("order", seconds=2)


def test_who_says_no_between_claim_and_order_is_not_called(system):
    office = Office(system, programs=["intake", "followup"], followup={"claim_for": "8s"})
    office.resolve("li")
    dialer = ScriptedDialer(office)
    dialer.wait_for("welcome")

    door = office.stage.processes["intake"]
    door.pause()  # nobody tells the number
    office.clock.step(DAY)
    wait_until(lambda: office.follow_ups() == [["2", "", "0", "0"]], what="the claim")
    system.psql("UPDATE intake.customer SET do_not_call = true")
    door.resume()

    wait_until(lambda: "event=claim_lost" in office.stage.processes["followup"].log())
    with pytest.raises(TimeoutError):
        dialer.wait_for("order", seconds=4)
    office.wait_for(SUPPRESSED, "do_not_call")
    assert office.rows("SELECT count(*) FROM followup.follow_up_attempt") == [["0"]]


# ---- who may ask what


def test_worklist_shows_follow_ups_to_those_with_the_right(system):
    office = Office(system, programs=["intake", "followup"])
    office.resolve("li")
    question = pb.DialerRequest(worklist=pb.WorklistRequest(request_id="w", limit=5))

    reply = system.client("followup", "reader").ask(question, pb.DialerReply)
    assert reply.worklist.request_id == "w"
    (entry,) = reply.worklist.entries
    assert entry.follow_up_number.startswith("F-")
    assert entry.case_number.startswith("C-")
    assert entry.state == events.FOLLOW_UP_STATE_PLANNED
    assert entry.due_us == office.clock.now_us + DAY * 3_600_000_000

    refused = system.client("followup", "scripted").ask(question, pb.DialerReply)
    assert refused.error.code == "not_permitted"
    hello = pb.DialerRequest(hello=pb.DialerHello(dialer="x", journal="y", free_lines=1))
    assert system.client("followup", "reader").ask(hello, pb.DialerReply).error.code == "not_permitted"
    result = pb.DialerRequest(result=pb.DialResult(key="F-572-4/1", outcome=1))
    first = system.client("followup", "scripted").ask(result, pb.DialerReply)
    assert first.error.code == "hello_first"
