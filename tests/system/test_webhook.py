# SPDX-License-Identifier: Apache-2.0
"""Calls that another service places: orders as signed webhooks, outcomes by callback or by asking."""

import os
import shutil
import tempfile
import time
from pathlib import Path

import dialer_pb2 as pb
import event_pb2 as events
import intake_pb2 as intake
import pytest

from tests.support.fake_scheduler import FakeScheduler
from tests.support.office import DAY, Office
from tests.support.stage import ask as get
from tests.support.system import Key, wait_until
from tests.support.web_receiver import OTHER_SECRET, SECRET, WebReceiver, post_signed

PHONE = "+8613800138000"
CSAT = pb.DialItem(code="csat", instrument=intake.SURVEY_INSTRUMENT_CSAT, low=1, high=5,
                   question="Are you satisfied?")
WHY = pb.DialItem(code="solved", low=0, high=1, only_if="csat", only_min=1, only_max=2,
                  question="Is it solved?")
DONE = {"outcome": "answered", "answers": [{"code": "csat", "value": 4}]}


@pytest.fixture
def scheduler():
    folder = Path(tempfile.mkdtemp(prefix=f"troth-hook-{os.getpid()}-", dir="/tmp"))
    with FakeScheduler(folder) as playing:
        yield playing
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def receiver():
    with WebReceiver() as listening:
        yield listening


def secret_file(folder, text=SECRET):
    path = folder / "webhook.secret"
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def start(scheduler, programs, receiver, **settings):
    return scheduler.start_dialer(programs, **{
        "driver": "webhook", "webhook_url": receiver.url,
        "webhook_secret_file": secret_file(scheduler.folder), **settings})


def door(scheduler):
    return scheduler.folder / "dialer.http"


def call_back(scheduler, content, secret=SECRET, identity="cb-1"):
    return post_signed(door(scheduler), "/dialer/callback", secret, identity, content)


def metric(path, name):
    lines = [line for line in get(path, "/metrics").splitlines() if line.startswith(name + " ")]
    return int(lines[0].split()[1])


def journal(scheduler):
    return [line.split()[1:3] for line in (scheduler.folder / "dialer.journal").read_text().splitlines()]


# ---- orders


def test_an_order_is_a_signed_post_with_what_the_service_needs_and_no_more(scheduler, programs, receiver):
    receiver.answer = lambda request: (202, {"accepted": True})
    dialer = start(scheduler, programs, receiver, webhook_callback="https://troth.example/dialer/callback")
    scheduler.order("F-1/1", phone=PHONE, items=[CSAT, WHY], opening="Hello.", closing="Bye.",
                    service_case=4711,
                    agenda=[pb.DialReason(follow_up=77, rule="after_resolution", service_case=4711, say="Your repair.")])
    wait_until(lambda: receiver.requests, what="the order")

    order = receiver.requests[0]
    assert (order.method, order.path, order.id, order.is_signed) == ("POST", "/orders", "F-1/1", True)
    assert order.json["start_by"] > time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() - 60))
    assert {k: v for k, v in order.json.items() if k != "start_by"} == {
        "type": "call.ordered", "key": "F-1/1", "channel": "call", "phone": PHONE, "language": "en",
        "script": "after_resolution", "opening": "Hello.", "closing": "Bye.",
        "callback": "https://troth.example/dialer/callback",
        "items": [
            {"code": "csat", "question": "Are you satisfied?", "low": 1, "high": 5},
            {"code": "solved", "question": "Is it solved?", "low": 0, "high": 1, "only_if": "csat",
             "only_min": 1, "only_max": 2}],
        "agenda": [{"rule": "after_resolution", "say": "Your repair."}]}
    assert ["placed", "F-1/1"] in journal(scheduler)
    assert PHONE not in dialer.log()


def test_an_outcome_may_come_with_the_answer(scheduler, programs, receiver):
    receiver.answer = lambda request: (200, {
        "key": request.id, "outcome": "call_back", "call_back": "2030-01-02T03:04:05Z", "language": "zh",
        "note": "später, bitte", "new_phone": "+8613900139000"})
    dialer = start(scheduler, programs, receiver)
    scheduler.order("F-1/1")
    result = scheduler.result("F-1/1")
    assert result.outcome == events.CALL_OUTCOME_CALL_BACK
    assert (result.language, result.note, result.new_phone) == ("zh", "später, bitte", "+8613900139000")
    assert abs(result.call_back_us - 1893553445_000000) < 5_000_000
    assert "bitte" not in dialer.log() and "139000" not in dialer.log()


@pytest.mark.parametrize("status, outcome", [
    (400, events.CALL_OUTCOME_FAILED), (404, events.CALL_OUTCOME_FAILED), (302, events.CALL_OUTCOME_FAILED)])
def test_what_is_refused_for_good_has_failed_and_is_not_sent_again(scheduler, programs, receiver, status, outcome):
    receiver.answer = lambda request: (status, None)
    start(scheduler, programs, receiver)
    scheduler.order("F-1/1")
    assert scheduler.result("F-1/1").outcome == outcome
    assert len(receiver.requests) == 1


def test_what_was_certainly_not_taken_is_sent_again_with_the_same_id(scheduler, programs, receiver):
    answers = [(503, None, {"Retry-After": "1"}), (429, None), (202, None)]
    receiver.answer = lambda request: answers[len(receiver.requests) - 1]
    start(scheduler, programs, receiver)
    scheduler.order("F-1/1")
    wait_until(lambda: len(receiver.requests) == 3, what="three posts")
    assert {r.id for r in receiver.requests} == {"F-1/1"}
    assert len({r.body for r in receiver.requests}) == 1 and all(r.is_signed for r in receiver.requests)
    assert call_back(scheduler, {"key": "F-1/1", **DONE}) == 200
    assert scheduler.result("F-1/1").answers[0].value == 4
    assert len(receiver.requests) == 3


def test_nothing_is_sent_past_the_start_by(scheduler, programs, receiver):
    receiver.answer = lambda request: (429, None)
    start(scheduler, programs, receiver)
    begun = time.time()
    scheduler.order("F-1/1", start_within=1.5)
    assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_FAILED
    assert len(receiver.requests) >= 2
    assert max(r.at for r in receiver.requests) < begun + 1.6


def test_a_dialer_that_was_stopped_sends_nothing_past_the_start_by(scheduler, programs, receiver):
    """It waits to send the order again when it is stopped, and goes on too late."""
    receiver.answer = lambda request: (503, None, {"Retry-After": "2"})
    dialer = start(scheduler, programs, receiver)
    scheduler.order("F-1/1", start_within=3.0)
    start_by = time.time() + 3.0
    wait_until(lambda: receiver.requests, what="the first try")
    wait_until(lambda: time.time() > start_by - 2.0, what="a while, so that the answer was read")
    dialer.pause()
    wait_until(lambda: time.time() > start_by + 0.5, what="the start-by")
    dialer.resume()
    assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_FAILED
    assert len(receiver.requests) == 1


def test_nobody_there_is_tried_again_until_the_start_by(scheduler, programs, receiver):
    start(scheduler, programs, receiver, webhook_url="http://127.0.0.1:1/orders")
    scheduler.order("F-1/1", start_within=1.0)
    assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_FAILED
    assert metric(door(scheduler), "troth_dialer_webhook_failed_total") == 1


@pytest.mark.parametrize("answer", [None, (500, None), (502, None), (503, None)])
def test_what_may_have_been_taken_is_never_sent_again(scheduler, programs, receiver, answer):
    receiver.answer = lambda request: answer
    start(scheduler, programs, receiver, webhook_give_up="2s", lines=1)
    scheduler.order("F-1/1")
    wait_until(lambda: metric(door(scheduler), "troth_dialer_webhook_dead_total") == 1, what="the dead letter")
    assert scheduler.question("F-1/1") == pb.DIAL_FATE_INTERRUPTED
    assert len(receiver.requests) == 1 and not scheduler.results
    receiver.answer = lambda request: (200, DONE)
    scheduler.order("F-2/1")  # on the line that is free again
    assert scheduler.result("F-2/1").outcome == events.CALL_OUTCOME_ANSWERED
    assert call_back(scheduler, {"key": "F-1/1", "outcome": "busy"}) == 200, "better late than never"
    assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_BUSY


def test_the_outcome_is_asked_for_by_key(scheduler, programs, receiver):
    states = [{"state": "placed"}, {"stage": "connected"}, DONE]

    def answer(request):
        asked = [r for r in receiver.requests if r.method == "GET"]
        return (202, None) if request.method == "POST" else (200, states[min(len(asked), 3) - 1])

    receiver.answer = answer
    start(scheduler, programs, receiver, webhook_poll="100ms")
    scheduler.order("F-1/1")
    assert scheduler.result("F-1/1").answers[0].code == "csat"
    assert pb.DIAL_STAGE_CONNECTED in scheduler.stages["F-1/1"]
    polls = [r for r in receiver.requests if r.method == "GET"]
    assert {r.path for r in polls} == {"/orders/F-1%2F1"} and all(r.is_signed for r in polls)


def test_after_a_kill_the_service_is_asked_and_not_ordered_again(scheduler, programs, receiver):
    receiver.answer = lambda request: (202, None) if request.method == "POST" else (200, {"state": "placed"})
    dialer = start(scheduler, programs, receiver, webhook_poll="100ms")
    scheduler.order("F-1/1")
    wait_until(lambda: len(receiver.requests) > 1, what="the order and a question")
    dialer.kill()
    receiver.answer = lambda request: (200, DONE)
    start(scheduler, programs, receiver, webhook_poll="100ms")
    assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_ANSWERED
    assert len(receiver.posts()) == 1


def test_what_was_noted_opens_with_the_key_of_then(scheduler, programs, receiver):
    """SIGHUP with a new pair above the old one: what is noted since is sealed with the new one, and both open. Without the old one
    its result is held back."""
    receiver.answer = lambda request: (200, {**DONE, "note": f"said in {request.id}"})
    scheduler.is_taking = False
    old, new = Key.new(scheduler.folder, "old"), Key.new(scheduler.folder, "new")
    in_use = scheduler.folder / "in-use.key"

    def use(*keys):
        in_use.touch(mode=0o600)
        in_use.write_text("".join(key.path.read_text() for key in keys))

    def told_after_a_restart(*orders):
        scheduler.processes[-1].kill()
        scheduler.results.clear()
        start(scheduler, programs, receiver, key_file=in_use)
        return [scheduler.result(order).note for order in orders]

    use(old)
    dialer = start(scheduler, programs, receiver, key_file=in_use)
    scheduler.order("F-1/1")
    scheduler.result("F-1/1")
    use(new, old)
    dialer.reload()
    wait_until(lambda: "key_replaced" in dialer.log(), what="the new key")
    scheduler.wait_for_new_connection()
    scheduler.order("F-2/1")
    scheduler.result("F-2/1")

    assert told_after_a_restart("F-1/1", "F-2/1") == ["said in F-1/1", "said in F-2/1"]
    use(new)
    assert told_after_a_restart("F-2/1") == ["said in F-2/1"]
    wait_until(lambda: "result_held_back order=F-1/1" in scheduler.processes[-1].log(), what="a word about the other")
    assert "F-1/1" not in scheduler.results


def test_after_a_kill_an_outcome_that_nobody_tells_is_not_waited_for_for_ever(scheduler, programs, receiver):
    receiver.answer = lambda request: (202, None)
    dialer = start(scheduler, programs, receiver)
    scheduler.order("F-1/1")
    wait_until(lambda: receiver.posts(), what="the order")
    dialer.kill()
    start(scheduler, programs, receiver, webhook_give_up="1s")
    assert scheduler.question("F-1/1") == pb.DIAL_FATE_PLACED
    wait_until(lambda: scheduler.question("F-1/1") == pb.DIAL_FATE_INTERRUPTED, what="a person's turn")
    assert len(receiver.requests) == 1, "neither ordered again nor asked"
    assert call_back(scheduler, {"key": "F-1/1", **DONE}) == 200
    assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_ANSWERED


# ---- callbacks


def test_a_callback_is_acknowledged_when_the_journal_has_it_and_counts_once(scheduler, programs, receiver):
    scheduler.is_taking = False
    dialer = start(scheduler, programs, receiver)
    scheduler.order("F-1/1")
    wait_until(lambda: receiver.requests, what="the order")
    assert call_back(scheduler, {"key": "F-1/1", "stage": "ringing"}) == 200
    assert call_back(scheduler, {"key": "F-1/1", **DONE}) == 200
    assert ["finished", "F-1/1"] in journal(scheduler), "safe before it was acknowledged"
    dialer.kill()
    scheduler.is_taking = True
    start(scheduler, programs, receiver)
    assert call_back(scheduler, {"key": "F-1/1", "outcome": "busy"}, identity="cb-2") == 200
    assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_ANSWERED
    assert journal(scheduler).count(["finished", "F-1/1"]) == 1
    assert metric(door(scheduler), 'troth_dialer_callbacks_total{result="again"}') == 1


def test_what_is_forged_unknown_or_nonsense_is_refused_and_counted(scheduler, programs, receiver):
    start(scheduler, programs, receiver)
    scheduler.order("F-1/1")
    wait_until(lambda: receiver.requests, what="the order")
    done = {"key": "F-1/1", **DONE}
    assert call_back(scheduler, done, secret=OTHER_SECRET) == 401
    assert call_back(scheduler, done, secret=None) == 401
    assert call_back(scheduler, {**done, "key": "F-2/1"}) == 404
    assert call_back(scheduler, {**done, "outcome": "delighted"}) == 400
    assert call_back(scheduler, {**done, "answers": [{"code": "csat"}]}) == 400
    assert call_back(scheduler, {**done, "key": "F 1\n"}) == 400
    assert call_back(scheduler, []) == 400
    assert metric(door(scheduler), 'troth_dialer_callbacks_total{result="refused"}') == 7
    assert scheduler.question("F-1/1") == pb.DIAL_FATE_PLACED
    assert not scheduler.results


def test_while_a_secret_is_replaced_both_count(scheduler, programs, receiver):
    both = secret_file(scheduler.folder, f"{OTHER_SECRET}\n{SECRET}\n")
    scheduler.start_dialer(programs, driver="webhook", webhook_url=receiver.url, webhook_secret_file=both)
    for number, secret in enumerate([SECRET, OTHER_SECRET]):
        key = f"F-{number}/1"
        scheduler.order(key)
        wait_until(lambda key=key: receiver.posts(key), what="the order")
        assert receiver.posts(key)[0].is_signed, "the receiver knows the old one"
        assert call_back(scheduler, {"key": key, **DONE}, secret=secret) == 200


# ---- by way of reporting


def test_reporting_hands_callbacks_on_and_says_so_only_when_the_dialer_has_them(system, scheduler, programs, receiver):
    dialer = start(scheduler, programs, receiver)
    scheduler.order("F-1/1")
    wait_until(lambda: receiver.requests, what="the order")
    for name in ["intake", "reporting"]:
        system.service_key(name)
    system.start("reporting", webhook_secret_file=secret_file(system.folder),
                 dialers=f"unix:{system.folder}/nobody.http unix:{door(scheduler)}")

    def call_reporting(content, secret=SECRET):
        return post_signed(system.http("reporting"), "/dialer/callback", secret, "cb-1", content)

    done = {"key": "F-1/1", **DONE}
    assert call_reporting(done, OTHER_SECRET) == 401
    assert call_reporting(done, None) == 401
    assert metric(door(scheduler), 'troth_dialer_callbacks_total{result="refused"}') == 0, "it stays outside"
    assert call_reporting({**done, "key": "F-9/1"}) == 503, "it may be the other dialer's"
    dialer.kill()
    assert call_reporting(done) == 503, "come again"
    start(scheduler, programs, receiver)
    assert call_reporting(done) == 200
    assert ["finished", "F-1/1"] in journal(scheduler)
    assert call_reporting(done) == 200
    assert scheduler.result("F-1/1").answers[0].value == 4
    assert metric(system.http("reporting"), 'troth_reporting_callbacks_total{result="passed"}') == 2


def test_a_dialer_with_another_secret_does_not_keep_callbacks_from_the_next_one(system, scheduler, programs, receiver):
    receiver.answer = lambda request: (401, None) if request.path == "/dialer/callback" else (202, None)
    start(scheduler, programs, receiver)
    scheduler.order("F-1/1")
    wait_until(lambda: receiver.posts("F-1/1"), what="the order")
    for name in ["intake", "reporting"]:
        system.service_key(name)
    other = receiver.url.split("/")[2]
    system.start("reporting", webhook_secret_file=secret_file(system.folder), dialers=f"{other} unix:{door(scheduler)}")
    done = {"key": "F-1/1", **DONE}
    assert post_signed(system.http("reporting"), "/dialer/callback", SECRET, "cb-1", done) == 200
    assert ["finished", "F-1/1"] in journal(scheduler)
    assert [r.path for r in receiver.requests] == ["/orders", "/dialer/callback"], "the other one was asked first"


@pytest.mark.parametrize("settings, fault", [
    ({"webhook_url": "ftp://example.com"}, "webhook_url"),
    ({"webhook_secret_file": "/nonexistent"}, "webhook_secret_file"),
    ({"http": "", "webhook_poll": "0"}, "webhook_poll"),
])
def test_settings_that_cannot_work_end_the_start(scheduler, programs, receiver, settings, fault):
    with pytest.raises(Exception, match=fault):
        start(scheduler, programs, receiver, **settings)


# ---- the whole way


def test_a_resolved_case_becomes_a_webhook_call_whose_answer_is_stored(system, receiver):
    secret = secret_file(system.folder)
    receiver.answer = lambda request: (202, {"accepted": True})
    office = Office(system, programs=["intake", "followup", "reporting", "dialer"],
                    dialer={"driver": "webhook", "webhook_url": receiver.url, "webhook_secret_file": secret},
                    followup={"call_limit": "1m"},
                    reporting={"webhook_secret_file": secret, "dialers": f"unix:{system.http('dialer')}"})
    office.resolve("li", phone=PHONE)
    office.clock.step(DAY)
    order = wait_until(lambda: receiver.requests, what="the order")[0].json
    assert order["phone"] == PHONE and office.rows("SELECT 1 FROM intake.survey_answer") == []

    for _ in range(2):  # a callback may come twice
        assert post_signed(system.http("reporting"), "/dialer/callback", SECRET, "cb", {"key": order["key"], **DONE}) == 200
    office.quiet()

    assert office.follow_ups() == [[str(events.FOLLOW_UP_STATE_DONE), "answered", "1", "1"]]
    assert office.rows("SELECT instrument, value, follow_up_number IS NOT NULL FROM intake.survey_answer") == [
        [str(intake.SURVEY_INSTRUMENT_CSAT), "4", "t"]]
    assert len(receiver.requests) == 1
