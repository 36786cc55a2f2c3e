# SPDX-License-Identifier: Apache-2.0
"""One contact becomes a score, step by step, as the services themselves tell it, and 'troth' the same.

contact -> case and promises -> responded -> resolved -> follow-up planned -> due -> called -> answer
recorded -> loyalty index moved -> figures of the report.
"""

import json

import dialer_pb2 as dialer
import event_pb2 as event
import intake_pb2 as intake
import report_pb2 as report
import score_pb2 as score
import pytest

from tests.support import ledger
from tests.support.load import HOUR_US
from tests.support.stage import Stage
from tests.support.system import config_text, wait_until

REF = "CAR-1"
ALWAYS_ANSWERS = dict.fromkeys(["no_answer", "busy", "voicemail", "refused", "wrong_number"], 0.0)


class Walk:
    """The stage, the clients of a source and of a reader, and what they ask."""

    def __init__(self, system):
        self.system = system
        system.key("garage", ["records"])
        reader = system.key("reader", ["worklist", "scores", "reports"])
        self.stage = Stage(system, dialer=ALWAYS_ANSWERS)
        self.clock = self.stage.clock
        self.garage = system.client("intake", "garage")
        self.followup = system.client("followup", "reader")
        self.loyalty = system.client("loyalty", "reader")
        self.reporting = system.client("reporting", "reader")
        self.config = system.folder / "troth.conf"
        self.config.write_text(config_text(cli_settings(system, reader)))
        self.keys = 0

    def send(self, kind, body):
        """One record, now; its receipt."""
        self.keys += 1
        record = intake.Record(key=f"walk-{self.keys}", occurred_us=self.clock.now_us)
        getattr(record, kind).CopyFrom(body)
        request = intake.IntakeRequest(records=intake.RecordBatch(records=[record]))
        reply = self.garage.ask(request, intake.IntakeReply)
        (receipt,) = reply.receipts.receipts
        assert receipt.key == record.key
        assert receipt.status == intake.RECEIPT_STATUS_ACCEPTED, receipt
        ledger.wait_until_quiet(self.system)
        return receipt

    def update(self, case, action):
        return self.send("case_update", intake.CaseUpdate(case_number=case, action=action, staff="s1"))

    def step(self, hours):
        self.stage.step(hours)
        ledger.wait_until_quiet(self.system)

    def case(self, number):
        request = report.ReportRequest(request_id="c", service_case=report.CaseRequest(case_number=number))
        reply = self.reporting.ask(request, report.ReportReply)
        assert reply.code == "", reply
        return reply.service_case

    def overview(self):
        request = report.ReportRequest(request_id="o", overview=report.OverviewRequest())
        reply = self.reporting.ask(request, report.ReportReply)
        assert reply.code == "", reply
        return reply.overview

    def follow_ups(self):
        reply = self.followup.ask(
            dialer.DialerRequest(worklist=dialer.WorklistRequest(request_id="w")), dialer.DialerReply)
        assert reply.WhichOneof("body") == "worklist", reply
        return list(reply.worklist.entries)

    def score(self):
        request = score.ScoreRequest(request_id="s", customer=score.ScoreOfCustomer(
            source="garage", customer_ref=REF))
        reply = self.loyalty.ask(request, score.ScoreReply)
        assert reply.code == "", reply
        (one,) = reply.scores
        return one

    def troth(self, *arguments):
        """What the command line prints with --json."""
        done = self.system.run("troth", *arguments, "--config", self.config, "--json")
        assert done.returncode == 0, f"troth {arguments}: {done.returncode}\n{done.stderr}"
        return json.loads(done.stdout)


def cli_settings(system, reader):
    services = ["intake", "followup", "loyalty", "reporting"]
    return {
        "key_file": reader.path, "source": "garage",
        **{name: system.endpoint(name) for name in services},
        **{f"{name}_key": system.service_key(name).public_path for name in services},
    }


@pytest.fixture
def walk(system):
    return Walk(system)


def test_one_contact_becomes_a_score_step_by_step(walk):
    case, before = contact_opens_a_case_with_two_promises(walk)
    work_on_the_case_keeps_both_promises(walk, case)
    resolution_plans_one_follow_up_and_no_call_yet(walk, case)
    the_call_is_placed_once_when_it_is_due(walk, case)
    the_answer_and_the_promises_move_the_loyalty_index(walk, before)
    the_report_shows_all_of_it(walk)
    the_command_line_tells_the_same(walk, case)
    walk.stage.check_alive()


def contact_opens_a_case_with_two_promises(walk):
    walk.send("customer_profile", intake.CustomerProfile(
        customer_ref=REF, name="李雷", phone="+8613800000001", language="zh-CN",
        time_zone="Asia/Shanghai"))
    before = walk.score().index
    receipt = walk.send("contact", intake.Contact(
        customer_ref=REF, kind=intake.CONTACT_KIND_COMPLAINT, channel="phone", branch="north",
        subject="刹车", body="刹车又响了"))
    assert receipt.is_new_case
    # tests/support/plain_standards.conf: rule "complaint"
    dues = {promise.kind: promise.due_us - walk.clock.now_us for promise in receipt.promises}
    assert dues == {"first_response": 4 * HOUR_US, "resolution": 72 * HOUR_US}
    view = walk.case(receipt.case_number)
    assert view.state == event.CASE_STATE_NEW
    assert view.branch == "north"
    assert [one.state for one in view.promises] == [event.PROMISE_STATE_OPEN] * 2
    return receipt.case_number, before


def work_on_the_case_keeps_both_promises(walk, case):
    walk.step(hours=1)
    walk.update(case, intake.CASE_ACTION_RESPONDED)
    assert states(walk.case(case)) == {
        "first_response": event.PROMISE_STATE_KEPT, "resolution": event.PROMISE_STATE_OPEN}
    assert walk.follow_ups() == []
    walk.step(hours=1)
    walk.update(case, intake.CASE_ACTION_RESOLVED)
    view = walk.case(case)
    assert states(view) == dict.fromkeys(["first_response", "resolution"], event.PROMISE_STATE_KEPT)
    assert view.state == event.CASE_STATE_RESOLVED


def states(view):
    return {promise.kind: promise.state for promise in view.promises}


def resolution_plans_one_follow_up_and_no_call_yet(walk, case):
    (planned,) = walk.follow_ups()
    assert planned.case_number == case
    assert planned.rule == "after_resolution"
    assert planned.state == event.FOLLOW_UP_STATE_PLANNED
    assert planned.due_us == walk.clock.now_us + 24 * HOUR_US
    assert planned.window_end_us == planned.due_us + 48 * HOUR_US
    walk.step(hours=23)
    (waiting,) = walk.follow_ups()
    assert waiting.state == event.FOLLOW_UP_STATE_PLANNED
    assert walk.stage.dials() == []


def the_call_is_placed_once_when_it_is_due(walk, case):
    walk.step(hours=1)
    wait_until(lambda: walk.follow_ups()[0].state == event.FOLLOW_UP_STATE_DONE, what="the call")
    ledger.wait_until_quiet(walk.system)
    (done,) = walk.follow_ups()
    assert done.attempts == 1
    assert done.last_outcome == event.CALL_OUTCOME_ANSWERED
    assert len(walk.stage.dials()) == 1
    figures = ledger.check_calls(walk.system, walk.stage.dials())
    assert figures["orders"] == 1
    (shown,) = walk.case(case).follow_ups
    assert shown.follow_up_number == done.follow_up_number


def the_answer_and_the_promises_move_the_loyalty_index(walk, before):
    one = walk.score()
    assert one.promises_kept == 2
    assert one.promises_broken == 0
    assert one.csat_count == 1
    # The customer is simulated: who was promised something and got it is content.
    assert one.csat_mean >= 3
    assert one.index > before
    assert one.index == pytest.approx(sum(part.points for part in one.contributions))
    kinds = sorted(evidence.kind for part in one.contributions for evidence in part.evidence)
    assert kinds.count("promise_kept") == 2
    assert kinds.count("csat") == 1
    for part in one.contributions:
        for evidence in part.evidence:
            stream, bucket, seq = evidence.event.split("/")
            found = ledger.number(walk.system, f"""
                SELECT count(*) FROM log.event
                 WHERE stream = '{stream}' AND bucket = {int(bucket)} AND seq = {int(seq)}""")
            assert found == 1, f"the evidence names an event that is not there: {evidence.event}"


def the_report_shows_all_of_it(walk):
    overview = walk.overview()
    assert overview.events_behind == 0
    total = overview.total
    assert (total.cases, total.first_responses, total.resolved) == (1, 1, 1)
    assert abs(total.first_response_median_us - HOUR_US) <= 0.01 * HOUR_US
    assert (total.promises_made, total.promises_kept, total.promises_broken) == (2, 2, 0)
    assert (total.follow_ups_planned, total.calls_placed, total.calls_reached) == (1, 1, 1)
    assert total.csat_count == 1
    assert [branch.branch for branch in overview.per_branch] == ["north"]
    ledger.check_loyalty(walk.system)
    ledger.check_reporting(walk.system)


def the_command_line_tells_the_same(walk, case):
    shown = walk.troth("case", case)["service_case"]
    assert (shown["case_number"], shown["state"]) == (case, "resolved")
    assert {one["kind"]: one["state"] for one in shown["promises"]} == {
        "first_response": "kept", "resolution": "kept"}
    score_now = walk.score()
    assert walk.troth("customer", REF)["customer"]["customer_number"] == score_now.customer_number
    (shown,) = walk.troth("score", REF)["scores"]
    assert shown["index"] == pytest.approx(score_now.index)
    (listed,) = walk.troth("followups")["entries"]
    assert (listed["follow_up_number"], listed["state"], listed["reason"]) == (
        walk.follow_ups()[0].follow_up_number, "done", "answered")
    total = walk.troth("report", "overview")["overview"]["total"]
    assert (total["cases"], total["promises_kept"], total["calls_reached"]) == (1, 2, 1)
