# SPDX-License-Identifier: Apache-2.0
"""troth-reporting as others see it: figures, errors, rights, and what is left when it dies."""

import datetime

import event_pb2 as event
import pytest
import report_pb2 as report

from tests.support import figure_rows
from tests.support.event_feed import EventFeed, SECOND_US, number, spelled
from tests.support.system import ProgramError, wait_until


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


def test_the_overview_has_each_thing_on_its_day_and_branch(system, reader):
    rows = figure_rows.FigureRows()
    for i in range(4):
        where = {"lane": i, "branch": ["north", "south"][i % 2]}
        rows.add("2026-11-22", figure_rows.CASES, 1, **where)
        rows.add("2026-11-22", figure_rows.FIRST_RESPONSE, values=[100 * (i + 1) * SECOND_US], **where)
        rows.add("2026-11-22", figure_rows.PROMISES_BROKEN if i == 3 else figure_rows.PROMISES_KEPT, 1, **where)
    rows.add("2026-11-22", figure_rows.CSAT, 1, total=4, branch="north")
    rows.add("2026-11-22", figure_rows.PROMOTERS, 1, branch="south")
    rows.add("2026-11-23", figure_rows.CASES, 1, branch="north")
    rows.add("2026-12-24", figure_rows.FOLLOW_UPS_DUE, 1, branch="north")
    rows.write(system)
    start(system)

    view = overview_of(reader)
    assert (view.from_day, view.to_day, view.time_zone) == ("2026-11-22", "2026-11-23", "Asia/Shanghai")
    assert view.events_behind == 0
    total = view.total
    assert (total.cases, total.first_responses, total.resolved) == (5, 4, 0)
    # The value of rank floor(1 + q (n - 1)), within 1 %.
    assert total.first_response_median_us == pytest.approx(200 * SECOND_US, rel=0.011)
    assert total.first_response_p90_us == pytest.approx(300 * SECOND_US, rel=0.011)
    assert (total.promises_kept, total.promises_broken) == (3, 1)
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
    feed.add(number(10, 0), purchase_made=event.PurchaseMade(purchase=number(20, 0)))
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
    assert system.psql("SELECT DISTINCT day FROM reporting.daily_fact") == "2026-11-21"


def test_it_refuses_figures_that_were_folded_with_another_return_window(system, feed):
    feed.add(number(10, 0), purchase_made=event.PurchaseMade(purchase=number(20, 0)))
    feed.commit()
    process = start(system)
    wait_until(lambda: feed.is_read_by("reporting"))
    assert process.terminate() == 0
    with pytest.raises(ProgramError, match="folded with 7 days"):
        start(system, return_window="14d")
    system.psql("SELECT reporting.start_over()", role="troth_operator")
    start(system, return_window="14d")
    wait_until(lambda: feed.is_read_by("reporting"))


def tell_moves(feed, customers, versions):
    for customer in customers:
        for version in versions:
            feed.add(customer, version, tier_changed=event.TierChanged(before="bronze", after="silver"))
    feed.commit()


def test_moves_that_loyalty_tells_again_are_counted_once(system):
    feed, other = EventFeed(system, "loyalty"), EventFeed(system, "loyalty", slot=6)
    customers = [number(50 + i, i) for i in range(8)]
    tell_moves(feed, customers, (1, 2, 3, 7))
    start(system)
    wait_until(lambda: feed.is_read_by("reporting"))
    counted = "SELECT md5(string_agg(figures::text, ',' ORDER BY lane, part, branch)) FROM reporting.daily_fact"
    before = system.psql(counted)
    assert system.psql("SELECT count(*) FROM reporting.other_fact WHERE subject = 'S'") == "8"
    for again in (feed, other):  # loyalty.start_over(), in its own stream and in that of another process
        tell_moves(again, customers, (1, 2, 3, 7))
        wait_until(lambda: again.is_read_by("reporting"))
        assert system.psql(counted) == before
    tell_moves(other, customers, (5,))  # an older one that was not told yet: between streams is no order
    wait_until(lambda: other.is_read_by("reporting"))
    assert system.psql(counted) != before


def test_killed_in_the_middle_it_counts_every_event_once(system, feed, reader):
    purchases = 1200
    for i in range(purchases):
        feed.add(number(50 + i % 64, i % 64), purchase_made=event.PurchaseMade(
            purchase=number(100 + i, i % 64), branch=f"b{i % 3}"))
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
    view = overview_of(reader)
    assert view.total.purchases == purchases
    assert [one.purchases for one in view.per_branch] == [400, 400, 400]


def test_years_of_days_are_cut_to_what_fits_and_it_says_so(system, reader):
    rows = figure_rows.FigureRows()
    first = datetime.date(2025, 10, 1)
    for i in range(400):
        rows.add(str(first + datetime.timedelta(i)), figure_rows.CASES, 1, lane=i % 8, branch=f"branch-{i}")
    rows.write(system)
    start(system)
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
