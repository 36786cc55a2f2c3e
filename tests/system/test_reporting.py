# SPDX-License-Identifier: Apache-2.0
"""troth-reporting as others see it: figures, errors, rights, and what is left when it dies."""

import event_pb2 as event
import intake_pb2 as intake
import pytest
import report_pb2 as report

from tests.support.event_feed import EventFeed, SECOND_US, number, spelled
from tests.support.system import ProgramError, wait_until

KEPT, BROKEN = event.PROMISE_STATE_KEPT, event.PROMISE_STATE_BROKEN
CSAT, NPS = intake.SURVEY_INSTRUMENT_CSAT, intake.SURVEY_INSTRUMENT_NPS
DAY_US = 86_400 * SECOND_US


@pytest.fixture
def feed(system):
    return EventFeed(system)


def start(system, **settings):
    return system.start("reporting", poll="50ms", lease="1s", **settings)


@pytest.fixture
def reader(system):
    system.key("reader", rights=["reports"])
    return system.client("reporting", "reader")


def ask(client, **body):
    reply = client.ask(report.ReportRequest(request_id="r-1", **body), report.ReportReply)
    assert reply.request_id == "r-1"
    return reply


def overview_of(client, **asked):
    reply = ask(client, overview=report.OverviewRequest(**asked))
    assert reply.code == "", reply
    return reply.overview


def test_the_overview_counts_each_thing_on_its_day_and_branch(system, feed, reader):
    calls = EventFeed(system, "followup")
    for i in range(4):
        customer, branch = number(10 + i, i), ["north", "south"][i % 2]
        feed.case_opened(customer, number(20 + i, i), branch)
        feed.responded(customer, number(20 + i, i), after_s=100 * (i + 1), branch=branch)
        feed.promise(customer, number(30 + i, i), BROKEN if i == 3 else KEPT, branch=branch)
    feed.answer(number(10, 0), number(40, 0), CSAT, 4, branch="north")
    feed.answer(number(11, 1), number(41, 1), NPS, 9, branch="south")
    feed.now_us += DAY_US
    feed.case_opened(number(14, 4), number(24, 4), "north")
    feed.commit()
    for outcome in [event.CALL_OUTCOME_ANSWERED, event.CALL_OUTCOME_BUSY, event.CALL_OUTCOME_FAILED]:
        calls.add(number(10, 0), call_finished=event.CallFinished(outcome=outcome, branch="north"))
    calls.commit()
    start(system)
    wait_until(lambda: feed.is_read_by("reporting") and calls.is_read_by("reporting"))

    view = overview_of(reader)
    assert (view.from_day, view.to_day, view.time_zone) == ("2026-11-22", "2026-11-23", "Asia/Shanghai")
    assert view.events_behind == 0
    total = view.total
    assert (total.cases, total.first_responses, total.resolved) == (5, 4, 0)
    assert total.first_response_median_us == 250 * SECOND_US
    assert total.first_response_p90_us == 370 * SECOND_US
    assert (total.promises_kept, total.promises_broken) == (3, 1)
    assert (total.calls_placed, total.calls_reached) == (2, 1)
    assert (total.csat_count, total.csat_mean, total.nps) == (1, 4.0, 100.0)
    assert [(day.day, day.cases) for day in view.per_day] == [("2026-11-22", 4), ("2026-11-23", 1)]
    assert [(one.branch, one.cases) for one in view.per_branch] == [("north", 3), ("south", 2)]
    assert not view.per_day[1].HasField("first_response_median_us")

    assert overview_of(reader, branch="south").total.cases == 2
    assert overview_of(reader, from_day="2026-11-23").total.cases == 1
    assert overview_of(reader, to_day="2026-11-21").total.cases == 0


def test_wrong_questions_are_answered_with_a_code(system, reader):
    start(system)
    backwards = report.OverviewRequest(from_day="2026-11-22", to_day="2026-11-21")
    assert ask(reader, overview=backwards).code == "range_invalid"
    assert ask(reader, overview=report.OverviewRequest(from_day="2026-02-30")).code == "range_invalid"
    unknown = spelled("C", number(999, 1))
    assert ask(reader, service_case=report.CaseRequest(case_number=unknown)).code == "case_unknown"
    assert ask(reader, service_case=report.CaseRequest(case_number="C-1-1")).code == "case_unknown"
    nobody = report.CustomerRequest(customer_ref="nobody")
    assert ask(reader, customer=nobody).code == "customer_unknown"
    stranger = report.CustomerRequest(customer_number=spelled("K", number(999, 1)))
    assert ask(reader, customer=stranger).code == "customer_unknown"
    assert ask(reader).code == "request_invalid"
    reader.send(b"\xff\xff\xff")
    assert reader.receive(report.ReportReply).code == "malformed"


def test_a_key_without_the_right_learns_nothing(system):
    system.key("garage", rights=["records"])
    start(system)
    stranger = system.client("reporting", "garage")
    reply = ask(stranger, overview=report.OverviewRequest())
    assert reply.code == "not_permitted"
    assert reply.WhichOneof("body") is None


def test_the_backlog_names_everything_that_can_wait(system, feed, reader):
    feed.case_opened(number(10, 0), number(20, 0))
    feed.commit()
    start(system)
    wait_until(lambda: feed.is_read_by("reporting"))
    reply = ask(reader, backlog=report.BacklogRequest())
    assert {entry.name: entry.count for entry in reply.backlog.entries} == {
        "events/followup": 1, "events/loyalty": 1, "events/reporting": 0, "promise_steps_due": 0,
        "follow_ups_due": 0, "orders_in_flight": 0, "answers_waiting": 0,
        "days_to_plan": 0, "improvements_to_plan": 0}
    assert reply.backlog.now_us > 0


def test_it_refuses_to_add_up_days_of_two_zones(system, feed):
    feed.case_opened(number(10, 0), number(20, 0))
    feed.commit()
    process = start(system)
    wait_until(lambda: feed.is_read_by("reporting"))
    assert process.terminate() == 0
    with pytest.raises(ProgramError, match="folded in Asia/Shanghai"):
        start(system, time_zone="Europe/Berlin")
    with pytest.raises(ProgramError, match="time_zone_unknown"):
        start(system, time_zone="Mars/Olympus")
    system.psql("SELECT reporting.start_over()", role="troth_operator")
    start(system, time_zone="Europe/Berlin")
    wait_until(lambda: feed.is_read_by("reporting"))
    assert system.psql("SELECT time_zone FROM reporting.fold_zone") == "Europe/Berlin"
    assert system.psql("SELECT day FROM reporting.daily_fact") == "2026-11-21"


def test_killed_in_the_middle_it_counts_every_event_once(system, feed, reader):
    cases = 1200
    for i in range(cases):
        customer, case, branch = number(50 + i % 64, i % 64), number(100 + i, i % 64), f"b{i % 3}"
        feed.case_opened(customer, case, branch)
        feed.promise(customer, case, BROKEN, version=2, branch=branch)
        if i % 2:
            feed.promise(customer, case, KEPT, version=3, branch=branch)
        if i % 100 == 99:
            feed.commit()
    for _ in range(5):
        process = start(system, batch_events=20)
        seen = int(system.psql("SELECT coalesce(sum(seq), 0) FROM log.consumer_cursor"))
        wait_until(lambda: int(system.psql(
            "SELECT coalesce(sum(seq), 0) FROM log.consumer_cursor")) > seen or feed.is_read_by("reporting"))
        process.kill()
    start(system)
    wait_until(lambda: feed.is_read_by("reporting"))
    total = overview_of(reader).total
    assert (total.cases, total.promises_kept, total.promises_broken) == (cases, cases // 2, cases // 2)


def test_years_of_days_are_cut_to_what_fits_and_it_says_so(system, feed, reader):
    for i in range(400):
        feed.now_us += DAY_US
        feed.case_opened(number(10, i % 8), number(100 + i, i % 8), f"branch-{i}")
    feed.commit()
    start(system)
    wait_until(lambda: feed.is_read_by("reporting"))
    reply = ask(reader, overview=report.OverviewRequest())
    assert reply.code == ""
    assert reply.ByteSize() <= 64 * 1024
    assert reply.overview.total.cases == 400
    assert len(reply.overview.per_day) == 366
    assert "newest 366 days" in reply.text
    assert "200 branches" in reply.text
    days = [one.day for one in reply.overview.per_day]
    assert days == sorted(days)
    assert days[-1] == reply.overview.to_day
