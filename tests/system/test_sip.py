# SPDX-License-Identifier: Apache-2.0
"""Real telephone calls over loopback: SIPp is the customer."""

import os
import re
import shutil
import signal
import socket
import struct
import tempfile
import wave
from pathlib import Path

import dialer_pb2 as pb
import event_pb2 as events
import intake_pb2 as intake
import pytest

from tests.support import sip_phone
from tests.support.fake_scheduler import FakeScheduler
from tests.support.office import DAY, Office
from tests.support.sip_phone import SipPhone, answers, picks_up
from tests.support.system import USUAL_SECONDS, wait_until

CSAT = pb.DialItem(code="csat", instrument=intake.SURVEY_INSTRUMENT_CSAT, low=1, high=5,
                   question="How satisfied are you? Press 1 to 5.")
NPS = pb.DialItem(code="nps", instrument=intake.SURVEY_INSTRUMENT_NPS, low=0, high=10,
                  question="Would you recommend us?")
WHY = pb.DialItem(code="solved", low=0, high=1, only_if="csat", only_min=1, only_max=2,
                  question="Is it solved?")
QUESTIONS = """
languages = ("en");
opening = { en = "Hello."; };
closing = { en = "Bye."; };
questions = ({ code = "csat"; instrument = "csat"; en = "How satisfied are you? Press 1 to 5."; });
scripts = ({ name = "case_resolved"; say = { en = "It is done."; }; ask = ("csat"); });
"""
CSAT_STORED = f"""
    SELECT value, case_number IS NOT NULL FROM intake.survey_answer
    WHERE instrument = {intake.SURVEY_INSTRUMENT_CSAT}"""
HELLO = {"opening": "Hello.", "closing": "Bye."}


@pytest.fixture
def scheduler():
    folder = Path(tempfile.mkdtemp(prefix=f"troth-sip-{os.getpid()}-", dir="/tmp"))
    with FakeScheduler(folder) as playing:
        yield playing
    shutil.rmtree(folder, ignore_errors=True)


def start(scheduler, programs, phone, **settings):
    return scheduler.start_dialer(programs, **{
        "driver": "sip", "sip_server": phone.address, "sip_ring_time": "2s",
        "sip_answer_time": "1500ms", "sip_repeats": 0, **settings})


def line_of(dialer):
    """The process that holds the calls."""
    wait_until(lambda: "sip_line_ready" in dialer.log(), what="a line")
    return int(re.findall(r"sip_line_ready pid=(\d+)", dialer.log())[-1])


def given(result):
    return [(answer.code, answer.value) for answer in result.answers]


def test_a_key_becomes_the_answer(scheduler, programs):
    with SipPhone(scheduler.folder, picks_up(keys=["4"], first_ms=1500)) as phone:
        dialer = start(scheduler, programs, phone)
        scheduler.order("F-1/1", items=[CSAT], opening="Good morning, this is your garage.")
        # A fifth of a second: on a busy machine not much more comes before the key.
        wait_until(lambda: phone.sound_packets() > 10, what="our voice")
        result = scheduler.result("F-1/1")
        assert phone.wait() == 0
        assert result.outcome == events.CALL_OUTCOME_ANSWERED
        assert given(result) == [("csat", 4)]
        assert result.answers[0].instrument == intake.SURVEY_INSTRUMENT_CSAT
        assert result.ended_us - result.started_us > 1_500_000
        assert phone.requests("INVITE") == [
            f"INVITE sip:+8613800138000@{phone.address};transport=udp SIP/2.0"]
        assert len(phone.requests("BYE")) == 1
        assert "X-Troth-Order: F-1/1" in phone.log()
        assert scheduler.stages["F-1/1"][-3:] == [
            pb.DIAL_STAGE_RINGING, pb.DIAL_STAGE_CONNECTED, pb.DIAL_STAGE_ASKING]
        assert "13800138000" not in dialer.log(), "no number in a log"


@pytest.mark.parametrize("keys, asked, wanted", [
    (["3", "10"], [CSAT, WHY, NPS], [("csat", 3), ("nps", 10)]),
    (["2", "1", "1#"], [CSAT, WHY, NPS], [("csat", 2), ("solved", 1), ("nps", 1)]),
    (["*"], [NPS], [("nps", 10)]),
    (["0"], [NPS], [("nps", 0)]),
    (["1"], [NPS], [("nps", 1)]),
    (["97", "5"], [CSAT], [("csat", 5)]),
], ids=["skips, and takes two digits", "asks what an answer leads to, a hash ends a number",
        "a star is ten", "nought", "a second digit may stay away", "another key is asked again"])
def test_keys_are_read_as_the_scales_are(scheduler, programs, keys, asked, wanted):
    """Each burst comes after the question it answers."""
    with SipPhone(scheduler.folder, picks_up(keys=keys, first_ms=800, between_ms=2000)) as phone:
        start(scheduler, programs, phone, sip_answer_time="5s", sip_repeats=2)
        scheduler.order("F-1/1", items=asked, closing="Bye.")
        result = scheduler.result("F-1/1")
        assert given(result) == wanted
        assert result.outcome == events.CALL_OUTCOME_ANSWERED
        assert phone.wait() == 0


@pytest.mark.parametrize("status, outcome, refusal", [
    ("486 Busy Here", events.CALL_OUTCOME_BUSY, 0),
    ("600 Busy Everywhere", events.CALL_OUTCOME_BUSY, 0),
    ("603 Decline", events.CALL_OUTCOME_BUSY, 0),
    ("480 Temporarily Unavailable", events.CALL_OUTCOME_NO_ANSWER, 0),
    ("404 Not Found", events.CALL_OUTCOME_INVALID_NUMBER, 0),
    ("484 Address Incomplete", events.CALL_OUTCOME_INVALID_NUMBER, 0),
    ("503 Service Unavailable", events.CALL_OUTCOME_FAILED, 0),
    ("403 Forbidden", events.CALL_OUTCOME_FAILED, 0),
    ("607 Unwanted", events.CALL_OUTCOME_REFUSED, pb.DIAL_REFUSAL_EVERYTHING),
])
def test_who_does_not_pick_up_says_why(scheduler, programs, status, outcome, refusal):
    with SipPhone(scheduler.folder, answers(status, is_ringing=True)) as phone:
        start(scheduler, programs, phone)
        scheduler.order("F-1/1", **HELLO)
        result = scheduler.result("F-1/1")
        assert (result.outcome, result.refusal) == (outcome, refusal)
        assert phone.wait() == 0


def test_a_telephone_that_rings_too_long_is_left_alone(scheduler, programs):
    with SipPhone(scheduler.folder, sip_phone.rings_until_cancelled()) as phone:
        start(scheduler, programs, phone, sip_ring_time="1s")
        scheduler.order("F-1/1", **HELLO)
        assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_NO_ANSWER
        assert phone.wait() == 0
        assert len(phone.requests("CANCEL")) == 1


@pytest.mark.parametrize("keys, outcome, refusal", [
    ([], events.CALL_OUTCOME_REFUSED, pb.DIAL_REFUSAL_THIS_TIME),
    (["5"], events.CALL_OUTCOME_PARTLY_ANSWERED, 0),
], ids=["before the first answer", "after an answer"])
def test_who_rings_off_is_asked_no_more(scheduler, programs, keys, outcome, refusal):
    with SipPhone(scheduler.folder, picks_up(keys, first_ms=800, hangs_up=True)) as phone:
        start(scheduler, programs, phone, sip_answer_time="10s")
        scheduler.order("F-1/1", items=[CSAT, NPS])
        result = scheduler.result("F-1/1")
        assert (result.outcome, result.refusal) == (outcome, refusal)
        assert given(result) == [("csat", int(key)) for key in keys]
        assert phone.wait() == 0


def test_a_hash_before_the_first_question_ends_calls_for_good(scheduler, programs):
    with SipPhone(scheduler.folder, picks_up(keys=["#"], first_ms=500)) as phone:
        start(scheduler, programs, phone)
        scheduler.order("F-1/1", items=[CSAT],
                        opening="Good morning, this is your garage. Press the hash key if we shall not call you any more.")
        result = scheduler.result("F-1/1")
        assert (result.outcome, result.refusal) == (events.CALL_OUTCOME_REFUSED, pb.DIAL_REFUSAL_EVERYTHING)
        assert phone.wait() == 0
        assert len(phone.requests("BYE")) == 1


def test_a_telephone_without_keys_is_taken_for_a_machine(scheduler, programs):
    with SipPhone(scheduler.folder, picks_up()) as phone:
        start(scheduler, programs, phone, sip_answer_time="200ms")
        scheduler.order("F-1/1", items=[CSAT], **HELLO)
        assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_VOICEMAIL


def test_news_without_a_question_are_heard_to_the_end(scheduler, programs):
    with SipPhone(scheduler.folder, picks_up(codec=8)) as phone:
        start(scheduler, programs, phone)
        scheduler.order("F-1/1", agenda=[pb.DialReason(rule="late", say="It will be late.")], **HELLO)
        assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_ANSWERED
        assert phone.wait() == 0


def test_a_call_goes_over_tcp_too(scheduler, programs):
    with SipPhone(scheduler.folder, picks_up(keys=["1"], first_ms=800), transport="tcp") as phone:
        start(scheduler, programs, phone, sip_transport="tcp", sip_answer_time="5s")
        scheduler.order("F-1/1", items=[CSAT])
        assert given(scheduler.result("F-1/1")) == [("csat", 1)]
        assert phone.wait() == 0


def test_many_calls_go_on_at_once(scheduler, programs):
    count = 24
    with SipPhone(scheduler.folder, picks_up(keys=["5"], first_ms=1500), calls=count) as phone:
        start(scheduler, programs, phone, sip_answer_time="5s")
        for number in range(count):
            scheduler.order(f"F-{number}/1", phone=f"+86138001380{number:02}", items=[CSAT])
        for number in range(count):
            assert given(scheduler.result(f"F-{number}/1")) == [("csat", 5)]
        assert phone.wait() == 0


# ---- who we are


def test_the_telephone_system_is_shown_the_password(scheduler, programs):
    with SipPhone(scheduler.folder, sip_phone.asks_for_password("troth", "s3cret")) as phone:
        dialer = start(scheduler, programs, phone, sip_user="troth", sip_password="s3cret")
        scheduler.order("F-1/1", **HELLO)
        assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_BUSY
        assert phone.wait() == 0
        assert "s3cret" not in phone.log() + dialer.log()


def test_a_line_registers_itself(scheduler, programs):
    with SipPhone(scheduler.folder, sip_phone.registers("troth", "s3cret")) as phone:
        dialer = start(scheduler, programs, phone, sip_user="troth", sip_password="s3cret",
                       sip_register=True)
        assert phone.wait() == 0
        wait_until(lambda: "sip_registered" in dialer.log(), what="the registration")


# ---- nobody was called


def test_what_is_no_number_is_not_dialed(scheduler, programs):
    with SipPhone(scheduler.folder, picks_up()) as phone:
        start(scheduler, programs, phone)
        scheduler.order("F-1/1", phone="see remarks", **HELLO)
        assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_INVALID_NUMBER
        assert phone.requests("INVITE") == []


def test_nobody_is_called_to_hear_nothing(scheduler, programs):
    with SipPhone(scheduler.folder, picks_up()) as phone:
        start(scheduler, programs, phone)
        scheduler.order("F-1/1")
        assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_FAILED
        assert phone.requests("INVITE") == []


def test_a_telephone_system_that_refuses_connections_fails_the_call(scheduler, programs):
    with SipPhone(scheduler.folder, picks_up(), transport="tcp") as phone:
        phone.kill()
        start(scheduler, programs, phone, sip_transport="tcp")
        scheduler.order("F-1/1", **HELLO)
        assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_FAILED


def test_a_call_without_any_response_may_have_rung_and_is_not_tried_again(scheduler, programs):
    """The way back is closed: the telephone hears of the call, we hear of nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as telephone:
        telephone.bind(("127.0.0.1", 0))
        telephone.settimeout(USUAL_SECONDS)
        dialer = scheduler.start_dialer(programs, driver="sip", lines=1, sip_ring_time="1s",
                                        sip_server=f"127.0.0.1:{telephone.getsockname()[1]}")
        scheduler.order("F-1/1", **HELLO)
        assert telephone.recv(4096).startswith(b"INVITE ")
        wait_until(lambda: "call_unknown" in dialer.log() or scheduler.results, what="the end")
        assert scheduler.question("F-1/1") == pb.DIAL_FATE_INTERRUPTED
        scheduler.order("F-2/1", phone="none", **HELLO)
        scheduler.result("F-2/1")  # on the line that is free again
        assert scheduler.told == ["F-2/1"]


def record(path, seconds):
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(b"".join(struct.pack("<h", (i % 16 - 8) * 1000)
                                 for i in range(int(8000 * seconds))))


def test_recorded_sounds_are_played_and_missing_ones_are_not_dialed(scheduler, programs):
    folder = scheduler.folder / "sounds"
    record(folder / "after_resolution/en/opening.wav", 0.5)
    record(folder / "after_resolution/en/csat.wav", 0.5)
    with SipPhone(scheduler.folder, picks_up(keys=["3"], first_ms=1300)) as phone:
        dialer = start(scheduler, programs, phone, sip_sounds=folder, sip_speak=False,
                       sip_answer_time="5s")
        scheduler.order("F-1/1", items=[CSAT, NPS], **HELLO)
        assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_FAILED
        assert "sound_missing" in dialer.log()
        scheduler.order("F-1/2", items=[CSAT], opening="Hello.")
        assert given(scheduler.result("F-1/2")) == [("csat", 3)]
        assert phone.wait() == 0
        assert len(phone.requests("INVITE")) == 1


# ---- deaths


def test_a_line_that_dies_while_it_rings_leaves_the_call_unknown(scheduler, programs):
    with SipPhone(scheduler.folder, sip_phone.rings_until_cancelled()) as phone:
        dialer = start(scheduler, programs, phone, lines=1, sip_ring_time="1m")
        scheduler.order("F-1/1", **HELLO)
        wait_until(lambda: pb.DIAL_STAGE_RINGING in scheduler.stages.get("F-1/1", []), what="ringing")
        os.kill(line_of(dialer), signal.SIGKILL)
        wait_until(lambda: "call_unknown" in dialer.log(), what="the loss")
        assert scheduler.question("F-1/1") == pb.DIAL_FATE_INTERRUPTED
        scheduler.order("F-2/1", phone="none", **HELLO)
        scheduler.result("F-2/1")  # by another line; the only one that orders may have is free again
        assert scheduler.told == ["F-2/1"]
        assert len(phone.requests("INVITE")) == 1


def test_a_line_that_dies_in_a_talk_keeps_the_answers(scheduler, programs):
    with SipPhone(scheduler.folder, picks_up(keys=["4"], first_ms=800)) as phone:
        dialer = start(scheduler, programs, phone, sip_answer_time="30s")
        scheduler.order("F-1/1", items=[CSAT, NPS])
        wait_until(lambda: phone.sound_packets() > 80, what="the second question")
        os.kill(line_of(dialer), signal.SIGKILL)
        result = scheduler.result("F-1/1")
        assert result.outcome == events.CALL_OUTCOME_PARTLY_ANSWERED
        assert given(result) == [("csat", 4)]


def test_a_line_that_hangs_is_replaced_by_another_one(scheduler, programs):
    with SipPhone(scheduler.folder, picks_up(keys=["4"], first_ms=800)) as phone:
        dialer = start(scheduler, programs, phone, sip_answer_time="60s")
        scheduler.order("F-1/1", items=[CSAT, NPS])
        wait_until(lambda: phone.sound_packets() > 80, what="the second question")
        os.kill(line_of(dialer), signal.SIGSTOP)
        result = scheduler.result("F-1/1")
        assert (result.outcome, given(result)) == (events.CALL_OUTCOME_PARTLY_ANSWERED, [("csat", 4)])
        assert "sip_line_hangs" in dialer.log()
        wait_until(lambda: dialer.log().count("sip_line_ready") == 2, what="another line")


def test_a_dialer_that_dies_hangs_up_and_never_dials_again(scheduler, programs):
    with SipPhone(scheduler.folder, picks_up(), calls=2) as phone:
        dialer = start(scheduler, programs, phone, sip_answer_time="30s")
        scheduler.order("F-1/1", items=[CSAT])
        wait_until(lambda: phone.sound_packets() > 20, what="our voice")
        os.kill(dialer.pid, signal.SIGKILL)
        wait_until(lambda: phone.requests("BYE"), what="the end of the call")
        start(scheduler, programs, phone)
        scheduler.order("F-1/1", items=[CSAT])
        assert scheduler.question("F-1/1") == pb.DIAL_FATE_INTERRUPTED
        assert len(phone.requests("INVITE")) == 1


# ---- all the way


def test_a_resolved_case_becomes_a_telephone_call_and_a_stored_answer(system, tmp_path):
    with SipPhone(tmp_path, picks_up(keys=["5"], first_ms=3500)) as phone:
        questions = tmp_path / "questionnaire.conf"
        questions.write_text(QUESTIONS)
        office = Office(system, followup={
            "call_limit": "2m", "questionnaire": questions}, dialer={
            "driver": "sip", "sip_server": phone.address, "sip_answer_time": "6s"})
        office.resolve("li", phone="+8613800138000")
        office.clock.step(DAY)
        wait_until(lambda: phone.requests("INVITE"), what="the call")
        wait_until(lambda: phone.sound_packets() > 50, what="our voice")
        wait_until(lambda: office.rows(CSAT_STORED), seconds=60, what="the answer")
        assert phone.requests("INVITE") == [
            f"INVITE sip:+8613800138000@{phone.address};transport=udp SIP/2.0"]
        assert office.rows(CSAT_STORED) == [["5", "t"]]


# ---- by hand: TROTH_SIP="HOST[:PORT] NUMBER [USER PASSWORD]"

if os.environ.get("TROTH_SIP"):
    def test_a_real_telephone(scheduler, programs):
        server, number, user, password = (os.environ["TROTH_SIP"].split() + ["", ""])[:4]
        scheduler.start_dialer(programs, driver="sip", sip_server=server, sip_user=user, sip_password=password)
        scheduler.order("F-1/1", phone=number, items=[CSAT], **HELLO)
        print(scheduler.result("F-1/1", seconds=120))
