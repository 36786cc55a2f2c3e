# SPDX-License-Identifier: Apache-2.0
"""What troth-loyalty makes of events: every one once, whoever dies, and sums that SQL makes again from the evidence."""

import event_pb2 as event
import intake_pb2 as intake
import pytest

from tests.support import loyalty_oracle
from tests.support.event_feed import EventFeed, number
from tests.support.loyalty_life import Life
from tests.support.system import wait_until

KEPT, BROKEN = event.PROMISE_STATE_KEPT, event.PROMISE_STATE_BROKEN
CSAT, NPS = intake.SURVEY_INSTRUMENT_CSAT, intake.SURVEY_INSTRUMENT_NPS
# What is stored, without what depends on when somebody happened to look.
STORED = """SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM (
    SELECT bucket, customer_number, kind, subject, part, version, value, is_void, at FROM loyalty.score_evidence) AS t
    UNION ALL SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM (
    SELECT bucket, customer_number, measure, count, round(weight::numeric, 6), round(value::numeric, 4)
      FROM loyalty.score_sum) AS t
    UNION ALL SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM (
    SELECT bucket, grouping, name, kept, late, broken, round(weight::numeric, 6) FROM loyalty.group_trust
     WHERE kept + late + broken > 0) AS t -- what cancels out within a batch leaves no row
    UNION ALL SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM (
    SELECT bucket, customer_number, first_purchase_at, last_purchase_at, purchase_days, currency, seen_at
      FROM loyalty.customer_score) AS t"""


@pytest.fixture
def feed(system):
    return EventFeed(system)


def start(system, **settings):
    return system.start("loyalty", poll="50ms", lease="1s", **settings)


def read_all(feed):
    wait_until(lambda: feed.is_read_by("loyalty"))


def test_sums_are_what_sql_makes_of_the_evidence_and_starting_over_gives_the_same(system, feed):
    Life(feed, seed=1).live(900)
    start(system, batch_events=37)
    read_all(feed)
    assert loyalty_oracle.check_sums(system) > 150
    before = system.psql(STORED)
    system.psql("SELECT loyalty.start_over()", role="troth_operator")
    read_all(feed)
    assert system.psql(STORED) == before


def test_the_oracle_finds_a_sum_that_is_wrong(system, feed):
    Life(feed, seed=2).live(200)
    start(system)
    read_all(feed)
    loyalty_oracle.check_sums(system)
    for table in ("score_sum", "group_trust"):
        system.psql(f"UPDATE loyalty.{table} SET value = value * 1.000001 WHERE ctid = (SELECT min(ctid) FROM loyalty.{table}"
                    " WHERE value <> 0)")
        with pytest.raises(AssertionError):
            loyalty_oracle.check_sums(system)


def test_changes_are_published_with_their_place_in_the_log(system, feed):
    customer = number(30, 3)
    system.key("listener", ["events"])
    start(system)
    listener = system.subscriber("loyalty", "listener")

    def heard():
        feed.answer(customer, number(100 + feed.now_us % 100000, 3), CSAT, 5)
        feed.commit()
        return listener.receive_bytes(seconds=0.5)

    topic, body = wait_until(heard, what="a published change")
    assert topic == b"score_changed"
    change = event.Event.FromString(body)
    assert change.customer == customer
    assert change.score_changed.reason == "satisfaction"
    assert change.score_changed.tier == "bronze"
    assert 0 < change.score_changed.churn < 1
    stream, bucket, seq = change.score_changed.event.split("/")
    assert system.psql(f"SELECT kind, customer_id FROM log.event WHERE (stream, bucket, seq) = ('{stream}', {bucket}, {seq})"
                       ) == f"survey_answered|{customer}"
    assert system.psql(
        f"SELECT count(*) FROM log.event WHERE stream = '{change.stream}' AND bucket = 3"
        f" AND seq = {change.seq}") == "1"


def events_of(system, customer):
    rows = system.psql("SELECT version, encode(body, 'hex') FROM log.event WHERE stream LIKE 'loyalty.%'"
                       f" AND customer_id = {customer} ORDER BY stream, seq").splitlines()
    return [event.Event.FromString(bytes.fromhex(row.split("|")[1])) for row in rows]


def test_tier_risk_and_broken_trust_are_told_with_versions_that_go_up(system, feed):
    customer = number(31, 4)
    start(system, tier_silver=55.0, tier_gold=65.0)
    for i in range(6):
        feed.promise(customer, number(100 + i, 4), KEPT, branch="north")
        feed.answer(customer, number(200 + i, 4), CSAT, 5)
        feed.answer(customer, number(300 + i, 4), NPS, 10)
    feed.commit()
    read_all(feed)
    for i in range(12):
        feed.promise(customer, number(400 + i, 4), BROKEN, branch="north", service_case=number(9, 4))
        feed.answer(customer, number(500 + i, 4), CSAT, 1)
    feed.commit()
    read_all(feed)

    told = events_of(system, customer)
    versions = [one.version for one in told]
    assert versions == sorted(set(versions))
    assert versions[-1] == int(system.psql("SELECT version FROM loyalty.customer_score"))
    tiers = [(one.tier_changed.before, one.tier_changed.after) for one in told if one.HasField("tier_changed")]
    assert tiers[:2] == [("bronze", "silver"), ("silver", "gold")]
    assert tiers[-1][1] == "bronze"
    (broken,) = [one.trust_broken for one in told if one.HasField("trust_broken")]
    assert broken.trust_after < 0.4 <= broken.trust_before
    assert (broken.branch, broken.service_case) == ("north", number(9, 4))
    risks = [one.churn_risk_changed for one in told if one.HasField("churn_risk_changed")]
    assert risks
    assert not risks[0].HasField("model")  # the documented rule
    assert system.psql("SELECT count(*) FROM loyalty.standing_history WHERE is_by_time") == "0"


def test_killed_in_the_middle_it_counts_every_event_once(system, feed):
    Life(feed, seed=3, customers=64).live(1500)
    for _ in range(6):
        process = start(system, batch_events=20)
        seen = int(system.psql("SELECT coalesce(sum(seq), 0) FROM log.consumer_cursor"))
        wait_until(lambda: int(system.psql(
            "SELECT coalesce(sum(seq), 0) FROM log.consumer_cursor")) > seen or feed.is_read_by("loyalty"))
        process.kill()
    start(system)
    read_all(feed)
    loyalty_oracle.check_sums(system)
    assert system.psql(
        "SELECT count(*) FROM loyalty.score_history") == system.psql(
        "SELECT count(*) FROM log.event WHERE kind = 'score_changed'")


def test_two_processes_share_the_work_and_count_once(system, feed):
    first = start(system, batch_events=10)
    second = start(system, instance="loyalty-2", batch_events=10)
    Life(feed, seed=4, customers=128).live(600, in_a_commit=50)
    read_all(feed)
    loyalty_oracle.check_sums(system)
    assert system.psql("SELECT count(DISTINCT stream) FROM log.head WHERE stream LIKE 'loyalty.%' AND seq > 0") == "2"
    assert first.terminate() == 0
    assert second.terminate() == 0


def test_other_half_lives_are_refused_until_the_operator_starts_over(system, feed):
    Life(feed, seed=5).live(50)
    process = start(system)
    read_all(feed)
    process.terminate()
    with pytest.raises(Exception) as refused:
        start(system, process_window="365d")
    assert "loyalty.start_over()" in str(refused.value)
    system.psql("SELECT loyalty.start_over()", role="troth_operator")
    start(system, process_window="365d")
    read_all(feed)
    loyalty_oracle.check_sums(system)


def test_what_time_takes_away_is_found_on_the_day(system, feed):
    """On the demo clock: a customer who was silver is so no more when what made them so has faded."""
    customer = number(32, 5)
    system.psql("UPDATE log.clock SET demo_now = '2026-11-22 00:00Z'")
    feed.now_us = 1_795_305_600_000_000
    for i in range(4):
        feed.promise(customer, number(100 + i, 5), KEPT)
    feed.commit()
    system.start("loyalty", poll="50ms", lease="1s", arguments=["--demo-clock"], tier_silver=58.0, tier_slack=0.0)
    read_all(feed)
    assert system.psql("SELECT tier FROM loyalty.customer_score_public") == "silver"
    due = system.psql("SELECT next_change_at FROM loyalty.customer_score")
    assert due
    for _ in range(60):
        system.psql(f"UPDATE log.clock SET demo_now = '{due}'")
        wait_until(lambda: system.psql("SELECT next_change_at > log.now() FROM loyalty.customer_score") == "t")
        if system.psql("SELECT tier FROM loyalty.customer_score_public") == "bronze":
            break
        due = system.psql("SELECT next_change_at FROM loyalty.customer_score")
    (change,) = [one.tier_changed for one in events_of(system, customer)
                 if one.HasField("tier_changed") and one.tier_changed.after == "bronze"]
    assert change.before == "silver"
    assert change.index < 58
    assert system.psql("SELECT is_by_time FROM loyalty.standing_history WHERE what = 1 ORDER BY version DESC LIMIT 1") == "t"
    assert system.psql("SELECT count(*) FROM loyalty.score_history") == "4"
