# SPDX-License-Identifier: Apache-2.0
"""What a source may do, while it does it: keys, kinds, branches, rates, room on the disk."""

import threading
import time

import psycopg2
import pytest

from tests.support.intake_client import (
    ACCEPTED,
    REJECTED,
    RETRY,
    IntakeClient,
    RequestRefused,
    answer,
    case_update,
    contact,
    profile,
    purchase,
)
from tests.support.metrics_page import MetricsPage
from tests.support.system import Key, wait_until

WITHIN = 1.0  # seconds from a change in the database to its effect in every service


def sender(system, name, **limits):
    system.key(name, ["records"], **limits)
    return IntakeClient(system.client("intake", name))


# ---- keys


def test_a_revoked_key_is_refused_on_its_open_connection_within_a_second(system):
    garage = sender(system, "garage")
    other = sender(system, "other")
    system.start("intake")
    assert garage.send_one(contact()).status == ACCEPTED
    assert other.send_one(contact()).status == ACCEPTED

    system.revoke("garage")
    revoked_at = time.monotonic()
    last = None  # when it was heard last
    while True:
        sent_at = time.monotonic()
        try:
            assert garage.send_one(contact()).status == ACCEPTED
            last = sent_at
        except RequestRefused as refused:
            assert refused.args[0] == "not_permitted"
            break
    assert last is None or last - revoked_at < WITHIN
    stored = system.psql("SELECT count(*) FROM intake.receipt")
    for _ in range(3):  # for good, and said each time
        with pytest.raises(RequestRefused, match="not_permitted"):
            garage.send_one(contact())
    assert garage.disclose("name", 256).code == "not_permitted"
    assert system.psql("SELECT count(*) FROM intake.receipt") == stored
    assert other.send_one(contact()).status == ACCEPTED

    again = IntakeClient(system.client("intake", "garage"))
    with pytest.raises(TimeoutError):
        again.send_one(contact(), seconds=0.7)


def test_a_name_that_is_registered_anew_has_the_new_key_alone(system):
    old = system.key("garage", ["records"])
    before = IntakeClient(system.client("intake", "garage"))
    intake = system.start("intake")
    assert before.send_one(contact(key="k-1")).status == ACCEPTED

    (system.folder / "garage.key").unlink()
    new = Key.new(system.folder, "garage")
    system.register(new, ["records"])
    changed_at = time.monotonic()
    wait_until(lambda: is_refused(before), what="the old key's end")
    assert time.monotonic() - changed_at < WITHIN + 0.5

    after = IntakeClient(system.client("intake", "garage", key=new))
    receipt = after.send_one(contact(key="k-1"))
    assert (receipt.status, receipt.code) == (REJECTED, "key_reused")  # the same source
    assert after.send_one(contact()).status == ACCEPTED
    stranger = IntakeClient(system.client("intake", "garage", key=old))
    with pytest.raises(TimeoutError):
        stranger.send_one(contact(), seconds=0.7)
    assert intake.is_running()


def is_refused(client):
    try:
        client.send_one(contact())
    except RequestRefused:
        return True
    return False


def test_a_key_that_nobody_knows_is_let_in_once_it_is_registered(system):
    key = system.unknown_key("garage")
    system.start("intake")

    def receipt():
        client = IntakeClient(system.client("intake", "garage", key=key))
        try:
            return client.send_one(contact(), seconds=0.3)
        except TimeoutError:
            return None

    assert receipt() is None
    system.register(key, ["records"])
    assert wait_until(receipt).status == ACCEPTED


def test_a_client_that_expects_another_server_key_does_not_talk_to_ours(system):
    """Somebody in between, or a mistake in the settings: no record leaves the client."""
    system.key("garage", ["records"])
    system.start("intake")
    client = system.client("intake", "garage")
    client.socket.disconnect(system.endpoint("intake"))
    client.socket.curve_serverkey = system.unknown_key("impostor").public
    client.socket.connect(system.endpoint("intake"))
    with pytest.raises(TimeoutError):
        IntakeClient(client).send([contact()], seconds=0.7)


def test_a_subscriber_that_is_revoked_hears_nothing_more(system):
    """Nothing that it sends could be refused: its connection ends, and others come back."""
    garage = sender(system, "garage")
    system.key("spy", ["events"])
    system.key("friend", ["events"])
    intake = system.start("intake")
    spy, friend = system.subscriber("intake", "spy"), system.subscriber("intake", "friend")
    wait_until(lambda: hears(garage, spy) and hears(garage, friend), what="the first events")

    system.revoke("spy")
    wait_until(lambda: "event=subscribers_reconnect" in intake.log())
    wait_until(lambda: hears(garage, friend), what="the friend's return")
    while spy.receive_bytes(0) is not None:
        pass  # what was on its way
    for _ in range(3):
        assert hears(garage, friend)
    assert spy.receive_bytes(0.2) is None


def hears(garage, subscriber):
    assert garage.send_one(contact()).status == ACCEPTED
    return subscriber.receive_bytes(0.5) is not None


def test_the_copy_works_on_while_the_database_is_away_and_says_how_old_it_is(system):
    garage = sender(system, "garage")
    system.start("intake")
    assert garage.send_one(contact()).status == ACCEPTED
    assert system.metric("intake", "troth_principals") >= 2
    assert system.metric("intake", "troth_principals_age_seconds") < 5

    system.forbid_connections()
    try:
        wait_until(lambda: system.metric("intake", "troth_principals_age_seconds") > 1.5)
        late = contact()
        garage.send([late])  # it is let in, and waits for the database
        with pytest.raises(RequestRefused, match="malformed"):
            garage.client.send(b"\x0a\x7f no such length")
            garage.receive()
    finally:
        system.allow_connections()
    assert garage.send_all([late])[late.key].status == ACCEPTED
    wait_until(lambda: system.metric("intake", "troth_principals_age_seconds") < 1.5)


# ---- limits of a source


def test_kinds_and_branches_are_asked_of_each_record(system):
    shop = sender(system, "shop", record_kinds=["contact", "purchase"], branches=["north", "south"])
    free = sender(system, "free")
    system.start("intake")
    records = {
        "a kind and a branch": (contact(branch="north"), ACCEPTED, "", ""),
        "another of its branches": (purchase(branch="south"), ACCEPTED, "", ""),
        "no branch named": (contact(), ACCEPTED, "", ""),
        "a kind that is not its own": (
            profile(name="李雷"), REJECTED, "kind_not_permitted", "customer_profile"),
        "another": (answer("nps", 9, customer_ref="c-1"), REJECTED, "kind_not_permitted",
                    "survey_answer"),
        "a branch that is not its own": (
            contact(branch="east"), REJECTED, "branch_not_permitted", "contact.branch"),
        "of a purchase": (
            purchase(branch="nor"), REJECTED, "branch_not_permitted", "purchase.branch"),
        "and the last one is good again": (contact(branch="north"), ACCEPTED, "", ""),
    }
    shop.send([one[0] for one in records.values()])
    receipts = shop.collect([one[0].key for one in records.values()])
    for name, (one, status, code, field) in records.items():
        got = receipts[one.key]
        assert (got.status, got.code, got.field) == (status, code, field), name
    for one, *_ in records.values():
        assert free.send_one(one).status == ACCEPTED

    # A limit that is changed counts within a second, on the open connection.
    system.register(system.key("shop"), ["records"], record_kinds=["case_update"])
    wait_until(lambda: shop.send_one(contact()).code == "kind_not_permitted")
    assert shop.send_one(case_update("closed", customer_ref="c-1", case_ref="none")).code == "case_unknown"


def test_the_right_to_disclosure_may_be_for_some_kinds(system):
    garage = sender(system, "garage")
    system.key("caller", ["disclosure"], disclosure_kinds=["phone"])
    system.start("intake")
    garage.send_one(profile("li", name="李雷", phone="13800000000"))
    customer = int(system.psql("SELECT number FROM intake.customer"))
    caller = IntakeClient(system.client("intake", "caller"))
    assert caller.disclose("phone", customer).texts[0].text == "13800000000"
    assert caller.disclose("name", customer).code == "kind_not_permitted"
    assert system.psql("SELECT count(*) FROM intake.disclosure WHERE outcome = 'disclosed'") == "1"


def test_over_its_rate_a_source_is_told_when_to_come_back_and_others_are_not(system):
    slow = sender(system, "slow", rate_per_second=10, burst=5)
    fast = sender(system, "fast", rate_per_second=100000, burst=1000)
    system.start("intake")
    records = [contact(f"c-{i}") for i in range(15)]
    slow.send(records)
    receipts = slow.collect([one.key for one in records])
    now = time.monotonic()
    ordered = [receipts[one.key] for one in records]
    assert [r.status for r in ordered] == [ACCEPTED] * 5 + [RETRY] * 10
    assert {r.code for r in ordered[5:]} == {"rate_limited"}
    told = [r.retry_after_us / 1e6 for r in ordered[5:]]
    assert told == sorted(told)
    assert told[0] == pytest.approx(0.1, abs=0.02) and told[-1] == pytest.approx(1.0, abs=0.02)

    others = [contact(f"d-{i}") for i in range(200)]
    fast.send(others)
    assert {r.status for r in fast.collect([one.key for one in others]).values()} == {ACCEPTED}

    # Whoever comes when told is taken, on another connection too.
    second = IntakeClient(system.client("intake", "slow"))
    pause = threading.Event()
    for one, after in zip(records[5:], told):
        pause.wait(max(0, now + after + 0.005 - time.monotonic()))
        assert second.send_one(one).status == ACCEPTED
    assert system.psql("SELECT count(*) FROM intake.receipt") == "215"
    assert system.metric("intake", "troth_intake_rate_limited_total") == 10


def test_a_reconnect_does_not_fill_the_bucket_and_nothing_is_dropped(system):
    key = system.key("slow", ["records"], rate_per_second=200, burst=20)
    system.start("intake")
    begin = time.monotonic()
    answered = retried = 0
    while answered < 300:
        client = IntakeClient(system.client("intake", "slow", key=key))
        records = [contact(f"c-{i}") for i in range(50)]
        client.send(records)
        statuses = [r.status for r in client.collect([one.key for one in records]).values()]
        assert set(statuses) <= {ACCEPTED, RETRY} and len(statuses) == 50
        answered += statuses.count(ACCEPTED)
        retried += statuses.count(RETRY)
        client.client.close()
    assert answered <= 20 + 200 * (time.monotonic() - begin) + 1
    assert retried > 0


# ---- room


def test_while_one_source_fills_the_backlog_another_still_finds_room(system):
    flooder, other = sender(system, "flooder"), sender(system, "other")
    system.start("intake", pending_max=8)
    assert flooder.send_one(contact()).status == ACCEPTED
    flood, more = [contact(f"c-{i}") for i in range(20)], [contact(f"d-{i}") for i in range(3)]
    with psycopg2.connect(system.conninfo("postgres")) as locked, locked.cursor() as cursor:
        cursor.execute("LOCK TABLE intake.receipt")  # nothing can be committed
        flooder.send(flood)
        busy = flooder.collect([one.key for one in flood[4:]])
        assert {receipt.code for receipt in busy.values()} == {"busy"}
        other.send(more)
        too_much = other.collect([more[2].key])  # it may hold as many as are left: two
        assert {receipt.code for receipt in too_much.values()} == {"busy"}
        assert system.metric("intake", "troth_intake_pending_records") == 6
    locked.close()
    for client, taken in ((flooder, flood[:4]), (other, more[:2])):
        receipts = client.collect([one.key for one in taken])
        assert {receipt.status for receipt in receipts.values()} == {ACCEPTED}


def test_a_source_that_waits_is_in_the_next_batch_whatever_another_has_sent(system):
    flooder, other = sender(system, "flooder"), sender(system, "other")
    system.start("intake", lanes=1, batch_max=64)
    assert flooder.send_one(contact()).status == ACCEPTED
    flood, one = [contact(f"c-{i}") for i in range(1000)], contact("d-1")
    with psycopg2.connect(system.conninfo("postgres")) as locked, locked.cursor() as cursor:
        cursor.execute("LOCK TABLE intake.receipt")
        for i in range(0, 1000, 100):
            flooder.send(flood[i:i + 100])
        wait_until(lambda: system.metric("intake", "troth_intake_pending_records") == 1000, what="the flood")
        other.send([one])
        wait_until(lambda: system.metric("intake", "troth_intake_pending_records") == 1001, what="the record")
    locked.close()
    assert other.collect([one.key])[one.key].status == ACCEPTED
    flooder.collect([record.key for record in flood])
    # Transactions in their order: what was under way when it came, and the batch that it is in.
    before = system.psql("SELECT count(*) FROM intake.receipt WHERE xmin::text::int8 <"
                         f" (SELECT xmin::text::int8 FROM intake.receipt WHERE key = '{one.key}')")
    assert int(before) <= 1 + 64


# ---- the disk


def test_a_disk_that_is_nearly_full_is_said_early_and_over_when_it_is_over(system):
    garage = sender(system, "garage")
    settings = {"disk_watch": "/", "disk_free_min": 100}  # no volume that is in use is empty
    intake = system.start("intake", **settings)
    records = [contact(), profile("li")]
    garage.send(records)
    for receipt in garage.collect([one.key for one in records]).values():
        assert (receipt.status, receipt.code) == (RETRY, "disk_low")
        assert receipt.retry_after_us >= 1_000_000
    assert system.metric("intake", "troth_intake_disk_low") == 1
    assert 0 <= system.metric("intake", "troth_intake_disk_free_ratio") <= 1
    assert system.psql("SELECT count(*) FROM intake.receipt") == "0"

    system.write_settings("intake", disk_watch="/", disk_free_min=0)
    intake.reload()
    wait_until(lambda: system.metric("intake", "troth_intake_disk_low") == 0)
    assert garage.send_one(records[0]).status == ACCEPTED
    log = intake.log()
    assert log.count("event=disk_low ") == 1 and log.count("event=disk_low_ended ") == 1


@pytest.mark.parametrize("settings", [{}, {"disk_watch": "/no/such/path", "disk_free_min": 100}], ids=["unwatched", "unreadable"])
def test_a_disk_that_cannot_be_looked_at_is_not_told_of_as_one_with_room(system, settings):
    garage = sender(system, "garage")
    system.start("intake", **settings)
    told = MetricsPage(system.get("intake", "/metrics"))
    for name in ("troth_intake_disk_low", "troth_intake_disk_free_ratio"):
        assert name in told.names and told.get(name) is None
    assert garage.send_one(contact()).status == ACCEPTED
