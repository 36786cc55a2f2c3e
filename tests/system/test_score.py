# SPDX-License-Identifier: Apache-2.0
"""Who asks troth-loyalty for scores: explanations that add up, the past, replays, lists, languages."""

import time

import event_pb2 as event
import intake_pb2 as intake
import pytest
import score_pb2 as score

from tests.support.event_feed import EventFeed, number, spelled
from tests.support.system import wait_until

KEPT, LATE, BROKEN = event.PROMISE_STATE_KEPT, event.PROMISE_STATE_KEPT_LATE, event.PROMISE_STATE_BROKEN
CSAT, NPS, CES = (intake.SURVEY_INSTRUMENT_CSAT, intake.SURVEY_INSTRUMENT_NPS,
                  intake.SURVEY_INSTRUMENT_CES)
SERVQUAL = intake.SURVEY_INSTRUMENT_SERVQUAL
DAY_US = 86_400_000_000
NAMES = ["base", "trust", "satisfaction", "experience", "recommendation", "effort", "service_gap", "purchases"]


class Told(EventFeed):
    """Thirty days ago, so that everything is in the past of whoever asks."""

    def __init__(self, system):
        super().__init__(system)
        self.now_us = int(time.time() * 1_000_000) - 30 * DAY_US

    def days_pass(self, days):
        self.now_us += days * DAY_US

    def purchase(self, customer, purchase, amount_minor):
        self.add(customer, purchase_made=event.PurchaseMade(
            purchase=purchase, amount_minor=amount_minor, currency="CNY"))

    def applied(self):
        self.commit()
        wait_until(lambda: self.is_read_by("loyalty"), what="the events to be applied")


@pytest.fixture
def feed(system):
    return Told(system)


@pytest.fixture
def reader(system):
    system.key("reader", rights=["scores"])
    return system.client("loyalty", "reader")


@pytest.fixture
def loyalty(system, reader):
    return system.start("loyalty", poll="50ms", lease="1s")


def ask(client, language="", **body):
    request = score.ScoreRequest(request_id=f"r-{time.monotonic_ns()}", **body)
    if language:
        request.language = language
    reply = client.ask(request, score.ScoreReply)
    assert reply.request_id == request.request_id
    return reply


def score_of(client, customer, language="", **more):
    reply = ask(client, language, customer=score.ScoreOfCustomer(customer_number=spelled("K", customer), **more))
    assert reply.code == "", reply
    (one,) = reply.scores
    return one


def parts(one):
    return {part.name: part for part in one.contributions}


def adds_up(one):
    """Exactly: all are whole hundredths."""
    return round(100 * one.index) == sum(round(100 * part.points) for part in one.contributions)


def tell_much(feed, customer):
    """Something for every contribution."""
    bucket = customer & 255
    case = number(900, bucket)
    feed.promise(customer, number(1, bucket), KEPT)
    feed.promise(customer, number(2, bucket), BROKEN)
    feed.answer(customer, number(3, bucket), CSAT, 5)
    feed.answer(customer, number(4, bucket), CSAT, 2, service_case=case)
    feed.answer(customer, number(5, bucket), NPS, 9)
    feed.answer(customer, number(6, bucket), CES, 6, service_case=case)
    feed.answer(customer, number(7, bucket), SERVQUAL, 0, items=[
        intake.ServqualItem(item=1, dimension=1, expectation=6, perception=5),
        intake.ServqualItem(item=5, dimension=2, expectation=7, perception=4)])
    feed.purchase(customer, number(8, bucket), 12_300)


# ---- one customer

def test_every_contribution_is_explained_and_they_add_up_to_the_index(feed, loyalty, reader):
    customer = number(4711, 9)
    feed.add_customer(customer)
    tell_much(feed, customer)
    feed.applied()

    one = score_of(reader, customer)
    assert [part.name for part in one.contributions] == NAMES
    assert adds_up(one)
    for name, part in parts(one).items():
        assert part.points_min <= part.points <= part.points_max
        assert part.points != 0, name
        assert name == "base" or part.evidence, name
    trust = parts(one)["trust"]
    assert {e.kind for e in trust.evidence} == {"promise_kept", "promise_broken"}
    assert [e.at_us for e in trust.evidence] == sorted((e.at_us for e in trust.evidence), reverse=True)
    kept = next(e for e in trust.evidence if e.kind == "promise_kept")
    assert (kept.value, kept.subject) == (1, spelled("P", number(1, 9)))
    assert 0.9 < kept.weight < 1
    assert kept.event.startswith("intake.7/9/")
    assert {e.kind for e in parts(one)["experience"].evidence} == {"csat", "ces"}
    assert {e.value for e in parts(one)["service_gap"].evidence} == {-1, -3}
    assert (one.promises_kept, one.promises_broken, one.csat_count, one.nps) == (1, 1, 2, 100)
    assert one.churn_because and one.churn_level in ("low", "raised", "high")
    assert "rule" in one.churn_because
    assert one.tier in ("bronze", "silver", "gold")
    assert one.servqual_items == 2
    assert one.currency == "CNY"


def test_the_last_moves_name_the_events_that_made_them(feed, loyalty, reader):
    customer = number(77, 5)
    feed.add_customer(customer)
    feed.promise(customer, number(1, 5), KEPT)
    feed.answer(customer, number(2, 5), NPS, 0)
    feed.applied()
    one = score_of(reader, customer)
    newest, oldest = one.history
    assert (newest.reason, oldest.reason) == ("recommendation", "trust")
    assert newest.after < newest.before < 60
    assert (oldest.before, oldest.event) == (50, "intake.7/5/1")
    assert newest.after == pytest.approx(one.index, abs=0.5)


def test_a_customer_of_whom_nothing_is_known_is_told_so_in_both_languages(feed, loyalty, reader):
    customer = number(12, 1)
    feed.add_customer(customer)
    english, chinese = score_of(reader, customer), score_of(reader, customer, "zh-Hans")
    assert english.index == chinese.index == 50
    assert english.tier == "bronze"
    for name in NAMES[1:]:
        assert "yet" in parts(english)[name].because
        assert "还没有" in parts(chinese)[name].because
        assert not parts(english)[name].evidence
    for unset in ("csat_mean", "nps", "alive", "rfm", "changed_us", "evaluated_us", "servqual_gap"):
        assert not english.HasField(unset), unset
    assert english.trust_uncertainty == 1


def test_an_erased_customer_and_an_unknown_one_have_codes(system, feed, loyalty, reader):
    erased = number(13, 2)
    feed.add_customer(erased)
    system.psql(f"UPDATE intake.customer SET wrapped_key = NULL, key_generation = 1 WHERE number = {erased}")
    asked = score.ScoreOfCustomer(customer_number=spelled("K", erased))
    assert ask(reader, customer=asked).code == "customer_erased"
    nobody = score.ScoreOfCustomer(customer_number=spelled("K", number(14, 2)))
    assert ask(reader, customer=nobody).code == "customer_unknown"
    many = ask(reader, customers=score.ScoresOfCustomers(
        customer_numbers=[spelled("K", erased), spelled("K", number(14, 2))]))
    assert (many.code, len(many.scores)) == ("", 0)
    assert "1 of them are erased" in many.text and "1 of them are no customers" in many.text
    twice = ask(reader, customers=score.ScoresOfCustomers(customer_numbers=[spelled("K", erased)] * 2))
    assert (len(twice.scores), twice.text) == (0, "1 of them are erased")


# ---- the past

def test_the_past_is_told_by_what_was_known_then(feed, loyalty, reader):
    customer, bucket = number(21, 3), 3
    feed.add_customer(customer)
    tell_much(feed, customer)
    feed.applied()
    before_us = feed.now_us
    feed.days_pass(10)
    feed.promise(customer, number(50, bucket), BROKEN)
    feed.applied()
    after_us = feed.now_us
    feed.days_pass(10)
    feed.promise(customer, number(50, bucket), KEPT, version=3, is_correction=True)
    feed.applied()

    now = score_of(reader, customer)
    then = score_of(reader, customer, as_of_us=before_us)
    broken = score_of(reader, customer, as_of_us=after_us)
    third, second = now.history[:2]
    assert then.history[0] == now.history[2]
    assert then.index == pytest.approx(then.history[0].after, abs=0.011)
    assert broken.index == pytest.approx(second.after, abs=0.011)
    assert (then.promises_kept, broken.promises_broken, now.promises_kept) == (1, 2, 2)
    assert broken.index < then.index < now.index
    assert third.before < third.after
    assert adds_up(then) and adds_up(broken)
    assert then.as_of_us == before_us
    assert len(then.history) < len(now.history)
    assert not then.HasField("evaluated_us")
    fresh = max(e.weight for e in parts(then)["satisfaction"].evidence)
    faded = max(e.weight for e in parts(now)["satisfaction"].evidence)
    assert faded < fresh == pytest.approx(1, abs=1e-4)


def test_before_anything_was_known_everybody_stands_at_the_start(feed, loyalty, reader):
    customer = number(22, 3)
    feed.add_customer(customer)
    tell_much(feed, customer)
    feed.applied()
    assert score_of(reader, customer, as_of_us=feed.now_us - DAY_US).index == 50


def test_of_two_changes_at_one_instant_the_later_one_counts(system, feed, loyalty, reader):
    customer = number(23, 3)
    feed.add_customer(customer)
    for i in range(2):  # 59: not yet silver, but who is silver stays it
        feed.promise(customer, number(1 + i, 3), KEPT)
    feed.applied()
    for version, after in ((900, 2), (901, 1), (902, 2)):
        system.psql("INSERT INTO loyalty.standing_history (bucket, customer_number, version, at, what, before, after,"
                    f" is_by_time, index_hundredths, churn) VALUES (3, {customer}, {version}, '2020-01-01', 1, 1, {after},"
                    " false, 7000, 0.1)")
        assert score_of(reader, customer, as_of_us=feed.now_us).tier == ("bronze", "silver")[after - 1]


# ---- replays

def merge(system, survivor, *others):
    system.psql(f"UPDATE intake.customer SET follower_count = {len(others)} WHERE number = {survivor}")
    for other in others:
        system.psql(f"UPDATE intake.customer SET merged_into = {survivor} WHERE number = {other}")


def test_a_replay_of_the_log_gives_the_same_index(feed, loyalty, reader):
    customer = number(31, 4)
    feed.add_customer(customer)
    tell_much(feed, customer)
    for i in range(1200):  # others in the same bucket, and more events than one slice has
        feed.promise(customer if i % 2 else number(32, 4), number(100 + i, 4), [KEPT, LATE, BROKEN][i % 3])
    feed.applied()
    one = score_of(reader, customer, is_replayed=True)
    assert one.promises_kept + one.promises_broken > 600
    assert one.replayed_index == one.index
    then = score_of(reader, customer, is_replayed=True, as_of_us=feed.now_us - 600 * 1_000_000)
    assert then.replayed_index == then.index != one.index


def test_an_event_of_a_clock_that_is_ahead_is_in_the_replay_too(feed, loyalty, reader):
    customer = number(32, 5)
    feed.add_customer(customer)
    feed.promise(customer, number(1, 5), KEPT)
    feed.days_pass(31)
    feed.promise(customer, number(2, 5), BROKEN)
    feed.applied()
    one = score_of(reader, customer, is_replayed=True)
    assert (one.promises_kept, one.promises_broken) == (1, 1)
    assert one.replayed_index == one.index
    then = score_of(reader, customer, is_replayed=True, as_of_us=feed.now_us - 31 * DAY_US)
    assert then.replayed_index == then.index > one.index


def test_a_replay_of_somebody_without_events_stands_at_the_start(feed, loyalty, reader):
    customer = number(33, 4)
    feed.add_customer(customer)
    assert score_of(reader, customer, is_replayed=True).replayed_index == 50


def test_a_stored_sum_that_is_wrong_shows_in_the_replay(system, feed, loyalty, reader):
    customer = number(34, 4)
    feed.add_customer(customer)
    feed.promise(customer, number(1, 4), KEPT)
    feed.applied()
    system.psql(f"UPDATE loyalty.score_sum SET value = 0 WHERE customer_number = {customer}")
    one = score_of(reader, customer, is_replayed=True)
    assert one.replayed_index > one.index


def test_one_person_of_several_customers_is_scored_and_replayed_as_one(system, feed, loyalty, reader):
    customers = [number(41, 6), number(41, 200), number(42, 6)]
    for i, customer in enumerate(customers):
        feed.add_customer(customer)
        tell_much(feed, customer)
        feed.promise(customer, number(70 + i, customer & 255), BROKEN)
    feed.applied()
    alone = score_of(reader, customers[1])
    merge(system, customers[0], *customers[1:])
    persons = [score_of(reader, customer, is_replayed=True) for customer in customers]
    assert {one.index for one in persons} == {persons[0].index}
    for one in persons:
        assert adds_up(one)
        assert (one.merged_count, one.replayed_index) == (2, one.index)
        assert (one.promises_kept, one.promises_broken) == (3, 6)
        assert {move.customer_number for move in one.history} <= {spelled("K", c) for c in customers}
    assert persons[0].index != alone.index
    then = score_of(reader, customers[2], as_of_us=feed.now_us)
    assert then.promises_broken == 6

    merge(system, customers[0])
    system.psql("UPDATE intake.customer SET merged_into = NULL")
    again = score_of(reader, customers[1])
    assert not again.HasField("merged_count")
    assert again.index == pytest.approx(alone.index, abs=0.011)


# ---- lists

def tell_of_many(feed, count):
    """The one with the highest number has the most broken promises."""
    customers = [number(60 + i, i * 37 % 256) for i in range(count)]
    for i, customer in enumerate(customers):
        feed.add_customer(customer)
        for k in range(count):
            feed.promise(customer, number(500 + k, customer & 255), BROKEN if k < i else KEPT)
    return customers


def segment(client, **body):
    reply = ask(client, segment=score.ScoresOfSegment(**body))
    assert reply.code == "", reply
    return reply.scores


def test_segments_come_lowest_or_highest_first_and_within_their_bounds(feed, loyalty, reader):
    customers = tell_of_many(feed, 12)
    feed.applied()
    named = [spelled("K", customer) for customer in customers]
    assert [one.customer_number for one in segment(reader, limit=3)] == named[::-1][:3]
    highest = segment(reader, order=score.SEGMENT_ORDER_HIGHEST_INDEX, limit=2)
    assert [one.customer_number for one in highest] == named[:2]
    assert all(adds_up(one) for one in highest)
    everybody = segment(reader, limit=100)
    assert len(everybody) == 12
    middle = everybody[5].index
    below = segment(reader, index_below=middle + 0.5, limit=100)
    above = segment(reader, index_at_least=middle + 0.5, limit=100)
    assert {one.customer_number for one in below} == set(named[6:])
    assert {one.customer_number for one in above} == set(named[:6])
    leaving = segment(reader, order=score.SEGMENT_ORDER_HIGHEST_CHURN, limit=100)
    assert [one.churn for one in leaving] == sorted((one.churn for one in leaving), reverse=True)
    assert {one.churn_level for one in leaving} == {"raised", "high"}
    for tier in ("bronze", "silver", "gold"):
        assert {one.tier for one in segment(reader, tier=tier, limit=100)} <= {tier}
    for level in ("low", "raised", "high"):
        assert {one.churn_level for one in segment(reader, churn_level=level, limit=100)} <= {level}
    broken = segment(reader, is_trust_broken=True, limit=100)
    unbroken = segment(reader, is_trust_broken=False, limit=100)
    assert len(broken) + len(unbroken) == 12
    assert broken and max(one.trust for one in broken) < min(one.trust for one in unbroken)


def test_many_are_answered_in_the_order_in_which_they_were_asked(feed, loyalty, reader):
    customers = tell_of_many(feed, 5)
    feed.applied()
    wanted = [spelled("K", customers[i]) for i in (3, 0, 4)]
    reply = ask(reader, customers=score.ScoresOfCustomers(customer_numbers=wanted))
    assert [one.customer_number for one in reply.scores] == wanted


def test_a_hundred_scores_fit_into_one_message(feed, loyalty, reader):
    customers = [number(1000 + i, i) for i in range(100)]
    for customer in customers:
        feed.add_customer(customer)
        tell_much(feed, customer)
    feed.applied()
    reply = ask(reader, "zh-Hans", customers=score.ScoresOfCustomers(
        customer_numbers=[spelled("K", customer) for customer in customers]))
    assert reply.ByteSize() <= 65536
    assert len(reply.scores) == 100
    assert all(adds_up(one) for one in reply.scores)
    assert "left out" in reply.text


def test_those_who_fell_are_found_by_what_happened(feed, loyalty, reader):
    fell, rose, early = number(81, 7), number(82, 8), number(83, 9)
    for customer in (fell, rose, early):
        feed.add_customer(customer)
        feed.promise(customer, number(1, customer & 255), KEPT)
    feed.promise(early, number(2, 9), BROKEN)
    feed.applied()
    since_us = feed.now_us
    feed.days_pass(25)
    for i in range(3):
        feed.promise(fell, number(10 + i, 7), BROKEN)
        feed.promise(rose, number(10 + i, 8), KEPT)
    feed.applied()
    for body in ({"since_us": since_us}, {"within_us": 10 * DAY_US}):
        (one,) = ask(reader, fallen=score.FallenScores(**body)).scores
        assert one.customer_number == spelled("K", fell)
        assert one.index < one.index_before
    everybody = ask(reader, fallen=score.FallenScores(within_us=60 * DAY_US)).scores
    assert [one.customer_number for one in everybody] == [spelled("K", fell), spelled("K", early)]


def test_who_fell_is_a_person_and_not_one_of_its_customers(system, feed, loyalty, reader):
    """One of them rose by more; of two others each fell less than a third who is alone."""
    fell, rose, half, other_half, alone = (number(84 + i, 7 + i) for i in range(5))
    for customer, state, times in ((fell, BROKEN, 1), (rose, KEPT, 9), (half, BROKEN, 2), (other_half, BROKEN, 2),
                                   (alone, BROKEN, 3)):
        feed.add_customer(customer)
        for i in range(times):
            feed.promise(customer, number(1 + i, customer & 255), state)
    feed.applied()
    merge(system, rose, fell)
    merge(system, half, other_half)
    scores = ask(reader, fallen=score.FallenScores(since_us=0)).scores
    assert [one.customer_number for one in scores] == [spelled("K", half), spelled("K", alone)]
    (first,) = ask(reader, fallen=score.FallenScores(since_us=0, limit=1)).scores
    assert first.customer_number == spelled("K", half)


def test_without_a_beginning_those_who_fell_did_so_in_the_last_thirty_days(feed, loyalty, reader):
    lately, earlier = number(95, 1), number(96, 2)
    for customer in (lately, earlier):
        feed.days_pass(5)
        feed.add_customer(customer)
        feed.promise(customer, number(1, customer & 255), BROKEN)
        feed.days_pass(-15)
    feed.applied()
    usual, wider = (ask(reader, fallen=score.FallenScores(**body)).scores for body in ({}, {"within_us": 90 * DAY_US}))
    assert [one.customer_number for one in usual] == [spelled("K", lately)]
    assert len(wider) == 2


def test_groups_come_least_trusted_first(feed, loyalty, reader):
    customer = number(91, 11)
    feed.add_customer(customer)
    other = number(91, 12)
    for i in range(8):
        feed.promise(customer, number(1 + i, 11), KEPT, branch="north", owner_team="parts", kind="callback")
        feed.promise(other, number(1 + i, 12), BROKEN if i % 2 else LATE, branch="south", owner_team="parts",
                     kind="resolution")
    feed.applied()
    groups = {}
    for grouping in (score.TRUST_GROUPING_COMPANY, score.TRUST_GROUPING_BRANCH, score.TRUST_GROUPING_TEAM,
                     score.TRUST_GROUPING_PROMISE_KIND):
        reply = ask(reader, groups=score.TrustOfGroups(grouping=grouping))
        groups[grouping] = reply.groups
        assert [g.trust for g in reply.groups] == sorted(g.trust for g in reply.groups)
    assert [g.name for g in groups[score.TRUST_GROUPING_BRANCH]] == ["south", "north"]
    assert [g.name for g in groups[score.TRUST_GROUPING_PROMISE_KIND]] == ["resolution", "callback"]
    assert [g.name for g in groups[score.TRUST_GROUPING_TEAM]] == ["parts"]
    (company,) = groups[score.TRUST_GROUPING_COMPANY]
    assert (company.name, company.kept, company.late, company.broken) == ("", 8, 4, 4)
    south, north = groups[score.TRUST_GROUPING_BRANCH]
    assert south.trust < company.trust < north.trust
    assert company.trust_uncertainty < north.trust_uncertainty


# ---- wrong questions

@pytest.mark.parametrize("field, body", [
    ("customer:", {"customer": {}}),
    ("customer.as_of_us:", {"customer": {"customer_number": spelled("K", number(1, 1)), "as_of_us": -1}}),
    ("customer.as_of_us:", {"customer": {"customer_number": spelled("K", number(1, 1)),
                                         "as_of_us": 9_000_000_000_000_000}}),
    ("customers.customer_numbers:", {"customers": {}}),
    ("segment.tier:", {"segment": {"tier": "platinum"}}),
    ("segment.churn_level:", {"segment": {"churn_level": "some"}}),
    ("segment.index_below:", {"segment": {"index_below": 101}}),
    ("segment.index_at_least:", {"segment": {"index_at_least": -1}}),
    ("segment.limit:", {"segment": {"limit": 101}}),
    ("segment.order:", {"segment": {"order": 3, "churn_level": "low"}}),
    ("fallen.limit:", {"fallen": {"limit": -1}}),
    ("fallen.within_us:", {"fallen": {"within_us": -5}}),
    ("groups.grouping:", {"groups": {}}),
    ("groups.limit:", {"groups": {"grouping": 1, "limit": 1000}}),
    ("points:", {"points": {}}),
    ("body:", {}),
])
def test_a_wrong_question_names_the_field(loyalty, reader, field, body):
    reply = ask(reader, **body)
    assert reply.code == "request_invalid"
    assert reply.text.startswith(field), reply.text


def test_a_wrong_language_or_number_is_named_too(loyalty, reader):
    assert ask(reader, "tlh", fallen=score.FallenScores()).text.startswith("language:")
    wrong = ask(reader, customers=score.ScoresOfCustomers(customer_numbers=["K-12-0"]))
    assert wrong.code == "customer_unknown"
    assert wrong.text.startswith("customers.customer_numbers[0]:")
