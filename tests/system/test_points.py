# SPDX-License-Identifier: Apache-2.0
"""Loyalty points from the till to the statement: earned, spent, refused, given back, run out, and never paid twice."""

import random

import event_pb2 as event
import intake_pb2 as intake
import pytest
import score_pb2 as score

from tests.support import ledger
from tests.support.event_feed import EventFeed, number, spelled
from tests.support.intake_client import (
    ACCEPTED,
    IntakeClient,
    answer,
    customer_link,
    purchase,
    record,
)
from tests.support.stage import Stage
from tests.support.system import wait_until
from tests.system.test_cli import connected

DAY = 24  # hours
STATEMENT = """SELECT number, k[kind], points, balance, owed, points_left, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), reason
    FROM loyalty.points_entry_public, (SELECT ARRAY['earned', 'spent', 'expired', 'taken_back', 'refused', 'given_back'] AS k) AS n
   WHERE customer_number = {} ORDER BY number"""
# All of it but the place in the log, which a process that joins later may give another name.
LEDGER = """SELECT customer_number, number, kind, subject, points, balance, owed, points_left, at, expires_at, reason, event_seq
    FROM loyalty.points_entry ORDER BY 1, 2"""


def redemption(reference, points, who="li", **more):
    return record(points_redemption=intake.PointsRedemption(
        customer_ref=who, redemption_ref=reference, points=points), **more)


def refund(amount_minor, who="li", **more):
    return record(refund=intake.Refund(customer_ref=who, amount_minor=amount_minor, currency="CNY"), **more)


def void(one):
    return record(record_void=intake.RecordVoid(record_key=one.key))


class Shop:
    """Intake and loyalty on the demo clock, and a till."""

    def __init__(self, system, **settings):
        self.system = system
        self.till = IntakeClient(system.client("intake", "garage", ["records"]))
        system.key("reader", rights=["scores"])
        self.stage = Stage(system, ["intake", "loyalty"], loyalty={"poll": "50ms", **settings})

    def send(self, *records):
        """Now, one after the other; the number of the customer of the last one."""
        for one in records:
            one.occurred_us = self.stage.clock.now_us
            receipt = self.till.send_one(one)
            assert receipt.status == ACCEPTED, receipt
        return receipt.customer_number

    def step(self, hours):
        """Until intake knows, so that what is sent then is not in its future."""
        self.stage.step(hours)
        wait_until(lambda: self.stage.time_of("intake") >= self.stage.clock.now_us // 1_000_000)

    def quiet(self):
        ledger.wait_until_quiet(self.system, ["loyalty"])

    def statement(self, customer):
        self.quiet()
        return self.system.psql(STATEMENT.format(customer[2:-2])).splitlines()

    def told(self):
        """What loyalty says to the others."""
        bodies = self.system.psql("SELECT encode(body, 'hex') FROM log.event WHERE kind = 'points_changed' ORDER BY seq")
        events = [event.Event.FromString(bytes.fromhex(body)) for body in bodies.split()]
        return [(e.points_changed.reason, e.points_changed.change, e.points_changed.balance) for e in events]

    def start_over(self):
        self.system.psql("SELECT loyalty.start_over()", role="troth_operator")
        self.quiet()


@pytest.fixture
def shop(system):
    with_shop = Shop(system)
    yield with_shop
    with_shop.stage.check_alive()


def test_points_are_earned_spent_refused_given_back_and_told(shop):
    bought, spent, back = purchase("li", 128_050), redemption("t-1", 500), refund(28_000)
    customer = shop.send(bought, spent, redemption("t-2", 2000), back)
    shop.send(void(spent))
    assert shop.statement(customer) == [
        "1|earned|1280|1280|0|500|2026-01-01|purchase",
        "2|spent|-500|780|0|0|2026-01-01|redemption",
        "3|refused|0|780|0|2000|2026-01-01|redemption",
        "4|taken_back|-280|500|0|0|2026-01-01|refund",
        "5|given_back|500|1000|0|500|2026-01-01|redemption",
    ]
    assert shop.told() == [("earned", 1280, 1280), ("spent", -500, 780), ("refused", 0, 780),
                           ("taken_back", -280, 500), ("given_back", 500, 1000)]
    # The till may use its reference again, and the purchase is void as a whole: what was spent is owed.
    shop.send(redemption("t-1", 900), void(bought))
    assert shop.statement(customer)[5:] == [
        "6|spent|-900|100|0|0|2026-01-01|redemption",
        "7|taken_back|-1280|-1180|1180|0|2026-01-01|purchase",
    ]
    shop.send(purchase("li", 200_000))
    assert shop.statement(customer)[-1] == "8|earned|2000|820|0|820|2026-01-01|purchase"


def test_a_void_takes_back_what_the_rule_of_then_gave(system):
    shop = Shop(system, points_per_unit=2.0, points_per_answer=7)
    bought, said, back = purchase("li", 10_000), answer("csat", 5, customer_ref="li"), refund(1_000)
    customer = shop.send(bought, said, back)
    assert shop.statement(customer)[-1] == "3|taken_back|-20|187|0|0|2026-01-01|refund"
    shop.stage.processes["loyalty"].terminate()
    shop.stage.processes["loyalty"] = system.start(
        "loyalty", arguments=["--demo-clock"], poll="50ms", points_per_unit=0.0, points_currency="USD")
    shop.send(void(bought), void(said), void(back), purchase("li", 500))
    assert [line.split("|")[1:4] for line in shop.statement(customer)[3:]] == [
        ["taken_back", "-200", "-13"], ["taken_back", "-7", "-20"], ["given_back", "20", "0"]]
    shop.stage.check_alive()


def test_one_currency_earns_points_and_refunds_take_whole_ones(system):
    shop = Shop(system, points_currency="CNY")
    customer = shop.send(purchase("li", 10_000, currency="JPY"), purchase("li", 150), refund(150),
                         purchase("li", 10_000), *[refund(99) for _ in range(3)], refund(199))
    # In one piece all comes back, whatever was cut off; in pieces each is cut off.
    assert [line.split("|")[1:4] for line in shop.statement(customer)] == [
        ["earned", "1", "1"], ["taken_back", "-1", "0"], ["earned", "100", "100"], ["taken_back", "-1", "99"]]
    shop.stage.check_alive()


def test_the_same_ledger_again_from_the_events(system):
    shop = Shop(system, points_last="200d")
    draw = random.Random(6)
    for day in range(12):
        sent = []
        for n in range(12):
            who = draw.choice(["li", "wang", "zhao"])
            sent.append(draw.choice([
                lambda who=who: purchase(who, draw.randrange(100, 80_000)),
                lambda who=who: purchase(who, draw.randrange(100, 80_000)),
                lambda who=who, n=n, day=day: redemption(f"{day}-{n}", draw.randrange(1, 400), who),
                lambda who=who: refund(draw.randrange(1, 9_000), who),
                lambda sent=sent: void(sent.pop(draw.randrange(len(sent)))) if sent else purchase("li", 500),
            ])())
            shop.send(sent[-1])
            if sent[-1].WhichOneof("body") == "record_void":
                sent.pop()
        shop.quiet()
        if day in (3, 7):
            shop.stage.kill("loyalty")
            shop.stage.processes["loyalty"].wait_ready()
        shop.step(90 * DAY)
        shop.quiet()
    kinds = shop.system.psql("SELECT string_agg(DISTINCT kind::text, '') FROM loyalty.points_entry")
    assert kinds == "123456"
    before = shop.system.psql(LEDGER)
    shop.start_over()
    assert shop.system.psql(LEDGER) == before
    assert shop.system.psql(
        "SELECT count(*) FROM (SELECT customer_number, sum(points) AS points, max(number) AS number"
        "   FROM loyalty.points_entry GROUP BY 1) AS s JOIN loyalty.points_entry AS e USING (customer_number, number)"
        " WHERE e.balance <> s.points") == "0"


def test_points_run_out_and_what_is_told_late_still_finds_them(system):
    shop = Shop(system, points_last="100d", points_per_answer=7)
    customer = shop.send(purchase("li", 10_000), answer("csat", 5, customer_ref="li"))
    shop.send(answer("csat", 4, customer_ref="wang"))
    shop.step(100 * DAY + 12)
    shop.quiet()
    late = redemption("t-1", 60)
    shop.send(redemption("t-2", 5))
    late.occurred_us = shop.stage.clock.now_us - 20 * 3600 * 10**6  # before they ran out
    assert shop.till.send_one(late).status == ACCEPTED
    assert shop.statement(customer)[2:] == [
        "3|refused|0|107|0|5|2026-04-11|redemption", "4|spent|-60|47|0|0|2026-04-10|redemption"]
    shop.step(13)
    assert shop.statement(customer)[4:] == [
        "5|expired|-40|7|0|0|2026-04-11|purchase", "6|expired|-7|0|0|0|2026-04-11|answer"]
    assert sorted(shop.told()) == [
        ("earned", 7, 7), ("earned", 7, 107), ("earned", 100, 100), ("expired", -40, 7), ("expired", -7, 0),
        ("expired", -7, 0), ("refused", 0, 107), ("spent", -60, 47)]
    before = system.psql(LEDGER)
    shop.start_over()
    assert system.psql(LEDGER) == before
    shop.stage.check_alive()


def test_points_last_for_ever_or_are_not_given_at_all(system):
    shop = Shop(system, points_last="0s", points_per_unit=0.5)
    customer = shop.send(purchase("li", 10_000), purchase("li", 199, currency="JPY"))
    shop.step(5000 * DAY)
    shop.send(redemption("t-1", 149))
    assert [line.split("|")[1:3] for line in shop.statement(customer)] == [
        ["earned", "50"], ["earned", "99"], ["spent", "-149"]]
    shop.stage.processes["loyalty"].terminate()
    system.psql("SELECT loyalty.start_over()", role="troth_operator")
    system.start("loyalty", arguments=["--demo-clock"], poll="50ms", points_per_unit=0.0)
    shop.quiet()
    assert [line.split("|")[1:3] for line in shop.statement(customer)] == [["refused", "0"]]


def test_nothing_is_paid_twice_when_loyalty_dies_again_and_again(shop):
    sent = [purchase(f"c-{i % 9}", 10_000) for i in range(180)]
    sent += [redemption(f"t-{i}", 150, f"c-{i % 9}") for i in range(120)]
    random.Random(3).shuffle(sent)
    for start in range(0, len(sent), 60):
        for one in sent[start:start + 60]:
            one.occurred_us = shop.stage.clock.now_us
        assert {r.status for r in shop.till.send_all(sent[start:start + 60]).values()} == {ACCEPTED}
        shop.stage.kill("loyalty")
        shop.stage.processes["loyalty"].wait_ready()
    shop.quiet()
    # 20 purchases of 100 and at most 13 of the redemptions each: 2000 = 13 * 150 + 50, whatever came first.
    assert shop.system.psql("SELECT count(*), sum(points) FROM loyalty.points_entry WHERE kind = 1") == "180|18000"
    newest = shop.system.psql("SELECT DISTINCT ON (customer_number) balance FROM loyalty.points_entry"
                              " ORDER BY customer_number, number DESC").split()
    assert newest == ["50"] * 9
    spent = shop.system.psql("SELECT count(*), count(DISTINCT subject) FROM loyalty.points_entry WHERE kind = 2")
    assert spent == "117|117"
    assert shop.system.psql("SELECT count(*) FROM loyalty.points_entry WHERE kind = 5 AND points_left > 0") == "3"
    assert len(shop.told()) == int(shop.system.psql("SELECT count(*) FROM loyalty.points_entry"))


# ---- what is asked


@pytest.fixture
def feed(system):
    return EventFeed(system)


def test_points_are_shown_as_a_statement(system, programs, feed):
    customer = number(4711, 9)
    feed.add_customer(customer)
    for i, amount in enumerate((10_000, 5_000)):
        feed.add(customer, purchase_made=event.PurchaseMade(purchase=number(20 + i, 9), amount_minor=amount, currency="CNY"))
    feed.add(customer, points_spent=event.PointsSpent(redemption=number(30, 9), points=120))
    feed.add(customer, points_spent=event.PointsSpent(redemption=number(31, 9), points=31))
    feed.commit()
    troth = connected(system, programs)
    wait_until(lambda: feed.is_read_by("loyalty"))
    shown = troth("points", spelled("K", customer)).stdout
    lines = shown.splitlines()
    assert lines[0] == f"{spelled('K', customer)}  30 points"
    assert lines[1].split() == ["TIME", "POINTS", "BALANCE", "LEFT", "UNTIL", "WHAT"]
    words = [line.split() for line in lines[2:]]
    assert [w[2:5] for w in words] == [["+0", "30", "31"], ["-120", "30", "-"], ["+50", "150", "30"], ["+100", "100", "-"]]
    assert "not spent: too few points" in lines[2] and "earned with a purchase" in lines[5]
    chinese = troth("points", spelled("K", customer), "--language", "zh").stdout
    assert "积分" in chinese and "未兑换" in chinese
    account = troth.json("points", spelled("K", customer))["points"]
    assert (int(account["balance"]), len(account["entries"])) == (30, 4)
    assert account["entries"][0]["kind"] == "refused" and account["entries"][0]["event"] == "intake.7/9/4"
    refused = troth("points", "nobody", status=1)
    assert "no customer has this reference" in refused.stderr
    assert "give one customer" in troth("points", status=2).stderr


def test_who_is_one_person_keeps_an_account_each(shop, programs):
    system = shop.system
    numbers = [shop.send(purchase(who, 10_000)) for who in ("li", "lili")]
    shop.send(customer_link("merge", customer_ref="li", other_ref="lili"))
    shop.send(redemption("t-1", 150))
    shop.quiet()
    reader = system.client("loyalty", "reader")

    def account(**who):
        return reader.ask(score.ScoreRequest(request_id="r", points=score.PointsOfCustomer(**who)), score.ScoreReply)

    one = account(customer_ref="li").points
    assert (one.customer_number, one.balance, one.elsewhere) == (numbers[0], 100, 100)
    assert [e.kind for e in one.entries] == ["refused", "earned"]
    assert account(source="garage", customer_ref="lili").points.elsewhere == 100
    counter = int(numbers[1].split("-")[1])
    system.psql(f"UPDATE intake.customer SET wrapped_key = NULL, key_generation = 1 WHERE number = {counter}")
    assert not account(customer_ref="li").points.HasField("elsewhere")  # what is erased is nobody's
    shop.send(customer_link("unmerge", customer_ref="li", other_ref="lili"))
    assert not account(customer_number=numbers[0]).points.HasField("elsewhere")
    assert account(customer_number=spelled("K", number(99, 1))).code == "customer_unknown"


def test_what_runs_out_soon_and_what_has_run_out_is_said(system):
    shop = Shop(system, points_last="100d")
    shop.send(purchase("li", 10_000), purchase("lili", 5_000))
    shop.send(customer_link("merge", customer_ref="li", other_ref="lili"))
    shop.step(75 * DAY)
    customer = shop.send(purchase("li", 2_000))
    shop.quiet()
    reader = system.client("loyalty", "reader")

    def figures():
        reply = reader.ask(score.ScoreRequest(request_id="r", points=score.PointsOfCustomer(customer_number=customer)),
                           score.ScoreReply)
        return reply.points.balance, reply.points.expiring, reply.points.elsewhere

    wait_until(lambda: figures() == (120, 100, 50))
    shop.step(25 * DAY + 1)  # run out, and not yet written off
    wait_until(lambda: figures() == (20, 0, 0))
    assert len(shop.statement(customer)) == 2
    shop.stage.check_alive()
