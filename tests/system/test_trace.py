# SPDX-License-Identifier: Apache-2.0
"""One trace (W3C Trace Context) is followed from a record to the call, the answer, a webhook and every log."""

import json
import secrets

import event_pb2 as event
import pytest

from tests.support import ledger
from tests.support.http_door import HttpDoor, door_settings, give_token, record_json
from tests.support.intake_client import IntakeClient, case_update, contact, profile
from tests.support.stage import Stage
from tests.support.system import wait_until
from tests.support.web_receiver import WebReceiver

ALWAYS_ANSWERS = dict.fromkeys(["no_answer", "busy", "voicemail", "refused", "wrong_number"], 0.0)


def new_trace(flags="01"):
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-{flags}"


def trace_id(traceparent):
    return traceparent.split("-")[1]


class Walk:
    """All programs, a garage that posts, and somebody who is told."""

    def __init__(self, system, receiver):
        self.system, self.receiver = system, receiver
        system.key("garage", ["records"])
        self.stage = Stage(system, intake=door_settings(system), dialer=ALWAYS_ANSWERS,
                           followup={"delivery_retry": "50ms"})
        self.door = HttpDoor(system, give_token(system, "garage")).wait_for_token()
        done = system.run("troth", "subscription", "add", "crm", "--url", receiver.url, "--json", "--database",
                          system.conninfo("troth_operator"))
        assert done.returncode == 0, done.stderr
        receiver.secret = json.loads(done.stdout)["secret"]

    def now(self):
        return self.stage.clock.now_us

    def post(self, record, **headers):
        answer = self.door.post([record_json(record)], **headers)
        (receipt,) = answer.receipts
        assert receipt["status"] == "RECEIPT_STATUS_ACCEPTED", receipt
        ledger.wait_until_quiet(self.system)
        return receipt

    def events(self):
        rows = self.system.psql("SELECT kind || ' ' || encode(body, 'hex') FROM log.event ORDER BY at, stream, seq")
        return [(kind, event.Event.FromString(bytes.fromhex(body)))
                for kind, body in (row.split() for row in rows.splitlines())]

    def kinds_of(self, traceparent):
        return {kind for kind, one in self.events() if one.trace == traceparent}

    def lines_of(self, program, traceparent):
        """The events of its log lines with that trace."""
        wanted = f"trace={trace_id(traceparent)}"
        lines = self.stage.processes[program].log().splitlines()
        return {line.split("event=")[1].split()[0] for line in lines if wanted in line.split()}

    def told(self, traceparent):
        return {one.json["type"] for one in self.receiver.requests if one.headers.get("traceparent") == traceparent}


@pytest.fixture
def walk(system):
    with WebReceiver() as receiver:
        yield Walk(system, receiver)


def test_one_trace_leads_from_a_post_to_the_call_its_answer_and_the_webhook(walk):
    opening, resolving = new_trace(), new_trace()
    walk.post(profile("li", phone="+8613800000001", language="zh-CN", time_zone="Asia/Shanghai",
                      occurred_us=walk.now()))
    receipt = walk.post(contact("li", occurred_us=walk.now()), traceparent=opening)
    walk.post(case_update("resolved", case_number=receipt["case_number"], staff="s1", occurred_us=walk.now()),
              traceparent=resolving)
    walk.stage.step(24)
    wait_until(lambda: walk.stage.dials(), what="the call")
    ledger.wait_until_quiet(walk.system)

    assert {"case_opened", "promise_made"} <= walk.kinds_of(opening)
    assert {"case_changed", "follow_up_planned", "call_finished", "follow_up_changed", "survey_answered"} \
        <= walk.kinds_of(resolving)
    assert not walk.kinds_of(opening) & {"follow_up_planned", "survey_answered"}
    assert not [one for kind, one in walk.events() if kind == "customer_changed" and one.HasField("trace")]

    wait_until(lambda: {"case_changed", "call_finished", "survey_answered"} <= walk.told(resolving), what="the webhooks")
    for request in walk.receiver.requests:
        assert request.headers.get("traceparent") == request.json.get("traceparent")
        assert request.is_signed

    assert walk.lines_of("intake", resolving) == {"record_answered"}
    assert {"event_applied", "ordered", "call_told", "delivery_sent"} <= walk.lines_of("followup", resolving)
    assert walk.lines_of("dialer", resolving) == {"dialed"}
    assert walk.lines_of("loyalty", resolving) == walk.lines_of("reporting", resolving) == {"event_applied"}
    assert walk.lines_of("dialer", opening) == set()


def test_what_is_no_traceparent_is_ignored_and_one_that_is_not_sampled_is_carried_without_words(walk):
    quiet = new_trace("00")
    walk.post(contact("a", occurred_us=walk.now()), traceparent="00-order of Mrs. Li-01")
    walk.post(contact("b", occurred_us=walk.now()), traceparent=new_trace().upper())
    named = contact("c", occurred_us=walk.now())
    named.trace = "Mrs. Li"
    walk.post(named)
    assert not [kind for kind, one in walk.events() if one.HasField("trace")]
    walk.post(contact("d", occurred_us=walk.now()), traceparent=quiet)
    assert "case_opened" in walk.kinds_of(quiet)
    assert all(not walk.lines_of(name, quiet) for name in walk.stage.processes)
    assert not any("Mrs. Li" in process.log() for process in walk.stage.processes.values())


def test_a_record_keeps_its_own_trace_and_the_trace_is_no_part_of_what_it_says(walk):
    own, of_post, again = new_trace(), new_trace(), new_trace()
    one, other = contact("a", occurred_us=walk.now()), contact("b", occurred_us=walk.now())
    one.trace = own
    answer = walk.door.post([record_json(one), '{"key": 1}', record_json(other)], traceparent=of_post)
    assert [r["status"].split("_")[-1] for r in answer.receipts] == ["ACCEPTED", "REJECTED", "ACCEPTED"]
    assert "case_opened" in walk.kinds_of(own) and "case_opened" in walk.kinds_of(of_post)

    one.trace = again
    sender = IntakeClient(walk.system.client("intake", "garage"))
    assert sender.send_all([one])[one.key].status == 2  # duplicate: the same body
    assert walk.kinds_of(again) == set()
    assert walk.lines_of("intake", again) == {"record_answered"}

    zeromq = contact("c", occurred_us=walk.now())
    zeromq.trace = new_trace()
    sender.send_one(zeromq)
    assert "case_opened" in walk.kinds_of(zeromq.trace)
