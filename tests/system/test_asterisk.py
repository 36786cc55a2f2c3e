# SPDX-License-Identifier: Apache-2.0
"""Calls through Asterisk's manager interface: a small server of ours plays the PBX."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import dialer_pb2 as pb
import event_pb2 as events
import intake_pb2 as intake
import pytest

from tests.support.fake_scheduler import FakeScheduler
from tests.support.system import ROOT, wait_until

CSAT = pb.DialItem(code="csat", instrument=intake.SURVEY_INSTRUMENT_CSAT, low=1, high=5)
NPS = pb.DialItem(code="nps", instrument=intake.SURVEY_INSTRUMENT_NPS, low=0, high=10)


class Pbx:
    """tests/support/ami_server.py with a scenario."""

    def __init__(self, folder, port=0, certificate=None, **scenario):
        self.log_path = folder / "pbx.log"
        self._process = subprocess.Popen(
            [sys.executable, ROOT / "tests/support/ami_server.py", "--port", str(port), "--log", self.log_path,
             *(["--tls", certificate] if certificate else []),
             "--scenario", json.dumps({"secret": "s3cret", **scenario})],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._process.stdout.readline().split()[1])

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def actions(self, name):
        """What was asked for, in order."""
        text = self.log_path.read_text() if self.log_path.exists() else ""
        rows = [json.loads(line) for line in text.splitlines()]
        return [row for row in rows if name in json.dumps(row)]


@pytest.fixture
def scheduler():
    folder = Path(tempfile.mkdtemp(prefix=f"troth-pbx-{os.getpid()}-", dir="/tmp"))
    with FakeScheduler(folder) as playing:
        yield playing
    shutil.rmtree(folder, ignore_errors=True)


def start(scheduler, programs, pbx, **settings):
    return scheduler.start_dialer(programs, **{
        "driver": "asterisk", "asterisk_server": f"127.0.0.1:{pbx.port}", "asterisk_password": "s3cret",
        "asterisk_channel": "PJSIP/agent", **settings})


def given(result):
    return [(answer.code, answer.value) for answer in result.answers]


@pytest.mark.parametrize("plan, outcome", [
    ({"customer": "ANSWER"}, events.CALL_OUTCOME_ANSWERED),
    ({"customer": "BUSY"}, events.CALL_OUTCOME_BUSY),
    ({"customer": "NOANSWER"}, events.CALL_OUTCOME_NO_ANSWER),
    ({"customer": "CANCEL"}, events.CALL_OUTCOME_NO_ANSWER),
    ({"customer": "CONGESTION"}, events.CALL_OUTCOME_FAILED),
    ({"customer": "CHANUNAVAIL", "cause": 1}, events.CALL_OUTCOME_INVALID_NUMBER),
    ({"agent": "NOANSWER"}, events.CALL_OUTCOME_FAILED),
    ({"agent": "BUSY"}, events.CALL_OUTCOME_FAILED),
], ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else "")
def test_a_pbx_says_what_came_of_it(scheduler, programs, plan, outcome):
    with Pbx(scheduler.folder, calls=[plan]) as pbx:
        dialer = start(scheduler, programs, pbx)
        scheduler.order("F-1/1")
        assert scheduler.result("F-1/1").outcome == outcome
        assert len(pbx.actions("Originate")) == 1
        assert "13800138000" not in dialer.log() and "s3cret" not in dialer.log()


def test_keys_of_the_dialplan_are_answers(scheduler, programs):
    telling = {"UserEvent": "TrothAnswer", "Order": "${TROTH_ORDER}", "Code": "csat", "Value": "4"}
    with Pbx(scheduler.folder, calls=[{"talk_ms": 200, "user_events": [telling]}]) as pbx:
        start(scheduler, programs, pbx)
        scheduler.order("F-1/1", items=[CSAT])
        result = scheduler.result("F-1/1")
        assert result.outcome == events.CALL_OUTCOME_ANSWERED
        assert given(result) == [("csat", 4)]
        assert result.answers[0].instrument == intake.SURVEY_INSTRUMENT_CSAT
        assert scheduler.stages["F-1/1"][-3:] == [
            pb.DIAL_STAGE_RINGING, pb.DIAL_STAGE_CONNECTED, pb.DIAL_STAGE_ASKING]


def test_half_the_answers_are_a_part(scheduler, programs):
    telling = {"UserEvent": "TrothAnswer", "Order": "${TROTH_ORDER}", "Code": "csat", "Value": "9"}
    again = {**telling, "Value": "2"}
    with Pbx(scheduler.folder, calls=[{"talk_ms": 200, "user_events": [telling, again]}]) as pbx:
        dialer = start(scheduler, programs, pbx)
        scheduler.order("F-1/1", items=[CSAT, NPS])
        result = scheduler.result("F-1/1")
        assert result.outcome == events.CALL_OUTCOME_PARTLY_ANSWERED
        assert given(result) == [("csat", 2)]
        assert "answer_unreadable" in dialer.log(), "9 is not on the scale"


def test_an_agent_says_what_came_of_it(scheduler, programs):
    telling = {"UserEvent": "TrothOutcome", "Order": "${TROTH_ORDER}", "Outcome": "call_back",
               "CallBack": "2027-01-05T10:00:00Z"}
    with Pbx(scheduler.folder, calls=[{"talk_ms": 200, "user_events": [telling]}]) as pbx:
        start(scheduler, programs, pbx)
        scheduler.order("F-1/1")
        result = scheduler.result("F-1/1")
        assert result.outcome == events.CALL_OUTCOME_CALL_BACK
        assert result.call_back_us == 1_799_143_200_000_000


@pytest.mark.parametrize("settings, is_warned", [
    ({"asterisk_channel": "Local/agent@here"}, True), ({"asterisk_channel": "Local/agent@here/n"}, False), ({}, False)])
def test_a_channel_that_would_end_in_the_middle_of_a_talk_is_warned_of(scheduler, programs, settings, is_warned):
    with Pbx(scheduler.folder) as pbx:
        dialer = scheduler.start_dialer(programs, driver="asterisk", asterisk_server=f"127.0.0.1:{pbx.port}",
                                        asterisk_password="s3cret", **settings)
        scheduler.order("F-1/1")
        scheduler.result("F-1/1")
        assert ("asterisk_channel_without_n" in dialer.log()) == is_warned
        channel = settings.get("asterisk_channel", "Local/agent@troth-agents/n")
        assert [action["Channel"] for action in pbx.actions("Originate")] == [[channel]], "the usual one has it"


def test_what_the_pbx_refuses_failed(scheduler, programs):
    with Pbx(scheduler.folder, refuse_originate=True) as pbx:
        start(scheduler, programs, pbx)
        scheduler.order("F-1/1")
        assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_FAILED


def test_what_is_no_number_never_reaches_the_pbx(scheduler, programs):
    with Pbx(scheduler.folder) as pbx:
        start(scheduler, programs, pbx)
        scheduler.order("F-1/1", phone="1\r\nAction: Command")
        assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_INVALID_NUMBER
        assert pbx.actions("Originate") == []


def test_a_pbx_that_is_not_there_fails_the_call_at_its_start_by(scheduler, programs):
    with Pbx(scheduler.folder) as pbx:
        pass
    start(scheduler, programs, pbx)
    scheduler.order("F-1/1", start_within=1.0)
    assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_FAILED


def test_a_near_pbx_without_challenges_is_spoken_to(scheduler, programs):
    with Pbx(scheduler.folder, only_plain_login=True) as pbx:
        start(scheduler, programs, pbx)
        scheduler.order("F-1/1")
        assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_ANSWERED


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Of localhost alone, with its key."""
    path = tmp_path_factory.mktemp("tls") / "pbx.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", path, "-out", f"{path}.crt"],
                   check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def test_a_pbx_is_spoken_to_over_tls(scheduler, programs, certificate):
    telling = {"UserEvent": "TrothAnswer", "Order": "${TROTH_ORDER}", "Code": "csat", "Value": "4"}
    with Pbx(scheduler.folder, certificate=certificate, calls=[{"talk_ms": 200, "user_events": [telling]}]) as pbx:
        start(scheduler, programs, pbx, asterisk_server=f"localhost:{pbx.port}", asterisk_tls=True, ca_file=certificate)
        for number in range(10):
            scheduler.order(f"F-{number}/1", items=[CSAT])
        for number in range(10):
            assert given(scheduler.result(f"F-{number}/1")) == [("csat", 4)]
        assert len(pbx.actions("Originate")) == 10


@pytest.mark.parametrize("host, settings", [
    ("127.0.0.1", {}), ("localhost", {"ca_file": ""}), ("localhost", {"asterisk_tls": False})],
    ids=["of another name", "of nobody we believe", "spoken to without TLS"])
def test_who_is_not_proven_to_be_the_pbx_is_told_nothing(scheduler, programs, certificate, host, settings):
    with Pbx(scheduler.folder, certificate=certificate) as pbx:
        dialer = start(scheduler, programs, pbx, **{
            "asterisk_server": f"{host}:{pbx.port}", "asterisk_tls": True, "ca_file": certificate, **settings})
        wait_until(lambda: "pbx_lost" in dialer.log(), what="the refusal", seconds=40)
        assert "pbx_ready" not in dialer.log()
        assert pbx.actions("Action") == []


def test_a_wrong_password_dials_nothing(scheduler, programs):
    with Pbx(scheduler.folder) as pbx:
        dialer = start(scheduler, programs, pbx, asterisk_password="other")
        wait_until(lambda: "pbx_login_failed" in dialer.log(), what="the refusal")
        scheduler.order("F-1/1", start_within=1.0)
        assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_FAILED
        assert pbx.actions("Originate") == []


# ---- deaths


def test_a_call_that_outlives_the_connection_is_followed_to_its_end(scheduler, programs):
    with Pbx(scheduler.folder, calls=[{"close": "drop", "ring_ms": 1500, "talk_ms": 1000}]) as pbx:
        start(scheduler, programs, pbx)
        scheduler.order("F-1/1")
        assert scheduler.result("F-1/1").outcome == events.CALL_OUTCOME_ANSWERED
        assert len(pbx.actions("Originate")) == 1


def test_a_call_that_ended_out_of_sight_is_left_to_a_person(scheduler, programs):
    with Pbx(scheduler.folder, calls=[{"close": "forget", "ring_ms": 300}]) as pbx:
        dialer = start(scheduler, programs, pbx)
        scheduler.order("F-1/1")
        wait_until(lambda: "call_unknown" in dialer.log(), what="the loss")
        assert scheduler.question("F-1/1") == pb.DIAL_FATE_INTERRUPTED
        assert scheduler.told == []
        assert len(pbx.actions("Originate")) == 1


def test_a_call_whose_end_nobody_told_is_noticed_and_its_line_is_free_again(scheduler, programs):
    with Pbx(scheduler.folder, calls=[{"match": "111", "lost": True}, {"match": "222", "talk_ms": 10_000}]) as pbx:
        dialer = start(scheduler, programs, pbx, lines=2, asterisk_ring_time="1s")
        scheduler.order("F-1/1", phone="+86111")
        scheduler.order("F-2/1", phone="+86222")
        wait_until(lambda: "call_unknown" in dialer.log(), what="the loss")
        assert scheduler.question("F-1/1") == pb.DIAL_FATE_INTERRUPTED
        assert scheduler.result("F-2/1").outcome == events.CALL_OUTCOME_ANSWERED, "what goes on is left alone"
        assert len(pbx.actions("CoreShowChannels")) >= 3
        assert len(pbx.actions("Originate")) == 2


def test_a_dialer_that_comes_back_asks_for_its_calls(scheduler, programs):
    with Pbx(scheduler.folder, calls=[{"talk_ms": 3000}]) as pbx:
        dialer = start(scheduler, programs, pbx)
        scheduler.order("F-1/1", items=[CSAT])
        wait_until(lambda: pb.DIAL_STAGE_CONNECTED in scheduler.stages.get("F-1/1", []), what="a talk")
        os.kill(dialer.pid, signal.SIGKILL)
        again = start(scheduler, programs, pbx)
        wait_until(lambda: len(pbx.actions("CoreShowChannels")) >= 2, what="the question")
        assert "call_unknown" not in again.log(), "the PBX still has it"
        wait_until(lambda: "call_unknown" in again.log(), what="its end, of which too little was seen")
        assert scheduler.question("F-1/1") == pb.DIAL_FATE_INTERRUPTED
        assert scheduler.told == []
        assert len(pbx.actions("Originate")) == 1


# ---- by hand: TROTH_PBX="HOST[:PORT] USER SECRET CHANNEL CONTEXT NUMBER"

if os.environ.get("TROTH_PBX"):
    def test_a_real_pbx(scheduler, programs):
        server, user, secret, channel, context, number = os.environ["TROTH_PBX"].split()
        scheduler.start_dialer(
            programs, driver="asterisk", asterisk_server=server, asterisk_user=user,
            asterisk_password=secret, asterisk_channel=channel, asterisk_context=context)
        scheduler.order("F-1/1", phone=number, items=[CSAT])
        print(scheduler.result("F-1/1", seconds=180))
