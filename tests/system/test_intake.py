# SPDX-License-Identifier: Apache-2.0
"""Intake as its senders see it: the real program, CURVE on."""

import intake_pb2 as pb
import pytest

from tests.support import sealed
from tests.support.intake_client import (
    ACCEPTED,
    DUPLICATE,
    REJECTED,
    IntakeClient,
    RequestRefused,
    answer,
    case_update,
    contact,
    new_key,
    now_us,
    profile,
    purchase,
)
from tests.support.system import wait_until

HOUR_US = 3600 * 10**6


@pytest.fixture
def garage(system):
    """A source that may send records, with intake running. Two others have other rights."""
    client = system.client("intake", "garage", rights=["records"])
    system.key("reader", ["reports"])
    system.key("caller", ["disclosure"])
    system.start("intake")
    return IntakeClient(client)


def test_one_contact_gets_its_receipt(system, garage):
    receipt = garage.send_one(contact("li", kind="complaint", channel="phone", body="刹车异响"))
    assert receipt.status == ACCEPTED
    assert receipt.is_new_case
    assert receipt.case_number.startswith("C-")
    assert receipt.customer_number.startswith("K-")
    assert receipt.rule == "complaint"
    assert [p.kind for p in receipt.promises] == ["first_response", "resolution"]
    assert all(p.due_us > now_us() for p in receipt.promises)
    assert system.psql("SELECT count(*) FROM intake.contact") == "1"
    kinds = system.psql("SELECT kind FROM log.event ORDER BY seq").split("\n")
    assert kinds == ["case_opened", "promise_made", "promise_made"]


def test_a_key_sent_twice_is_stored_once(system, garage):
    one = contact("li")
    first = garage.send_one(one)
    again = garage.send_one(one)
    assert (first.status, again.status) == (ACCEPTED, DUPLICATE)
    again.status = ACCEPTED
    assert again == first
    assert system.psql("SELECT count(*) FROM intake.service_case") == "1"


def test_a_key_sent_twice_in_one_message_is_stored_once(system, garage):
    one = contact("li")
    garage.send([one, one])
    receipts = garage.receive()
    assert sorted(r.status for r in receipts) == [ACCEPTED, DUPLICATE]
    assert system.psql("SELECT count(*) FROM intake.service_case") == "1"


def test_a_key_with_another_body_is_rejected(system, garage):
    garage.send_one(contact("li", key="k-1"))
    receipt = garage.send_one(contact("wang", key="k-1"))
    assert (receipt.status, receipt.code, receipt.field) == (REJECTED, "key_reused", "key")
    assert system.psql("SELECT count(*) FROM intake.service_case") == "1"


def test_eight_clients_with_the_same_key_make_one_case(system):
    key = system.key("garage", ["records"])
    clients = [IntakeClient(system.client("intake", "garage", key=key)) for _ in range(8)]
    system.start("intake")
    one = contact("li")
    for client in clients:
        client.send([one])
    receipts = [client.collect([one.key])[one.key] for client in clients]
    assert sorted(r.status for r in receipts) == [ACCEPTED] + [DUPLICATE] * 7
    assert len({r.case_number for r in receipts}) == 1
    assert system.psql("SELECT count(*) FROM intake.service_case") == "1"


def test_a_rejected_record_does_not_harm_its_neighbours(system, garage):
    records = [contact(f"c-{i}") for i in range(5)]
    records[2] = contact("c-2", channel="NOT A CHANNEL")
    garage.send(records)
    receipts = garage.collect([one.key for one in records])
    assert [receipts[one.key].status for one in records] == [
        ACCEPTED, ACCEPTED, REJECTED, ACCEPTED, ACCEPTED]
    bad = receipts[records[2].key]
    assert (bad.code, bad.field) == ("text_invalid", "contact.channel")
    # It bound no key: corrected, it is accepted.
    assert garage.send_one(contact("c-2", key=records[2].key)).status == ACCEPTED


def test_bytes_that_are_no_record_do_not_harm_their_neighbours(system, garage):
    good = contact("li").SerializeToString()
    bad = b"\x0a\x03bad\xff\xff"
    batch = b"".join(b"\x0a" + bytes([len(part)]) + part for part in (bad, good))
    assert len(batch) < 128
    garage.client.send(b"\x0a" + bytes([len(batch)]) + batch)
    receipts = {}
    wait_until(lambda: receipts.update({r.key: r for r in garage.receive()}) or len(receipts) == 2)
    assert (receipts["bad"].status, receipts["bad"].code) == (REJECTED, "malformed")
    assert sorted(r.status for r in receipts.values()) == [ACCEPTED, REJECTED]


def test_a_request_that_cannot_be_read_is_refused_as_a_whole(system, garage):
    garage.client.send(b"\x0a\x7f no such length")
    with pytest.raises(RequestRefused, match="malformed"):
        garage.receive()
    with pytest.raises(RequestRefused, match="too_many_records"):
        garage.send([contact() for _ in range(257)])
        garage.receive()


def test_an_unknown_key_gets_nowhere(system, garage):
    stranger = IntakeClient(system.client("intake", "stranger", key=system.unknown_key("stranger")))
    with pytest.raises(TimeoutError):
        stranger.send([contact("li")], seconds=1)
    assert garage.send_one(contact("wang")).status == ACCEPTED
    assert system.psql("SELECT count(*) FROM intake.service_case") == "1"


def test_a_key_without_the_right_is_refused(system, garage):
    reader = IntakeClient(system.client("intake", "reader"))
    with pytest.raises(RequestRefused, match="not_permitted"):
        reader.send_one(contact("li"))


def test_a_key_that_was_registered_later_is_let_in_without_a_word(system, garage):
    key = system.key("later", ["records"])

    def receipt():
        # Who was turned away is not let in later: each try is a new connection.
        client = IntakeClient(system.client("intake", "later", key=key))
        try:
            return client.send_one(contact("li"), seconds=1)
        except TimeoutError:
            return None

    assert wait_until(receipt).status == ACCEPTED


def test_a_case_goes_its_way_and_keeps_its_promises(system, garage):
    begin = now_us() - 10 * HOUR_US
    opened = garage.send_one(contact("li", case_ref="T-1", occurred_us=begin, branch="north"))
    steps = [("responded", 1), ("waiting_customer", 2), ("resumed", 5), ("resolved", 6), ("closed", 7)]
    for action, hours in steps:
        receipt = garage.send_one(case_update(action, case_number=opened.case_number, staff="s1",
                                              occurred_us=begin + hours * HOUR_US))
        assert receipt.status == ACCEPTED, receipt.text
        assert receipt.case_number == opened.case_number
    assert system.psql("SELECT kind, state FROM intake.promise ORDER BY kind") == (
        "first_response|3\nresolution|3")
    state, versions = system.psql(
        "SELECT state, version FROM intake.service_case").split("|")
    assert state == "6"
    # Every event about the case has a version of its own.
    assert system.psql("SELECT count(*), count(DISTINCT version) FROM log.event") == (
        f"{versions}|{versions}")


def test_updates_in_one_message_take_effect_in_their_order(system, garage):
    begin = now_us() - HOUR_US
    records = [contact("li", case_ref="T-1", occurred_us=begin)]
    records += [case_update(action, customer_ref="li", case_ref="T-1", occurred_us=begin + i)
                for i, action in enumerate(["responded", "resolved", "reopened", "resolved"])]
    receipts = garage.send_all(records)
    assert {r.status for r in receipts.values()} == {ACCEPTED}
    assert system.psql("SELECT state, reopened_count FROM intake.service_case") == "5|1"
    assert system.psql("SELECT count(*) FROM intake.promise WHERE kind = 'resolution'") == "2"


def test_a_transition_that_is_not_allowed_is_rejected(system, garage):
    garage.send_one(contact("li", case_ref="T-1"))
    receipt = garage.send_one(case_update("reopened", customer_ref="li", case_ref="T-1"))
    assert (receipt.status, receipt.code) == (REJECTED, "transition_invalid")


def test_a_contact_that_names_a_case_belongs_to_it(system, garage):
    opened = garage.send_one(contact("li", case_ref="T-1"))
    garage.send_one(case_update("resolved", case_number=opened.case_number))
    again = garage.send_one(contact("li", case_ref="T-1", body="还是不行"))
    assert (again.status, again.is_new_case) == (ACCEPTED, False)
    assert again.case_number == opened.case_number
    assert [p.kind for p in again.promises] == ["resolution"]
    assert system.psql("SELECT state, reopened_count FROM intake.service_case") == "2|1"
    other = garage.send_one(contact("wang", case_number=opened.case_number))
    assert (other.status, other.code) == (REJECTED, "case_unknown")


def test_an_update_that_overtakes_its_contact_is_taken_the_second_time(system):
    key = system.key("garage", ["records"])
    first, second = (IntakeClient(system.client("intake", "garage", key=key)) for _ in range(2))
    system.start("intake")
    update = case_update("responded", customer_ref="li", case_ref="T-1")
    early = second.send_one(update)
    assert (early.status, early.code) == (REJECTED, "case_unknown")
    assert first.send_one(contact("li", case_ref="T-1")).status == ACCEPTED
    assert second.send_one(update).status == ACCEPTED


def test_overdue_promises_are_broken_and_late_proof_is_heard(system, garage):
    begin = now_us() - 30 * HOUR_US
    opened = garage.send_one(contact("li", kind="complaint", occurred_us=begin))
    wait_until(lambda: system.psql(
        "SELECT count(*) FROM intake.promise WHERE state = 5") == "1", what="broken")
    times = system.psql(
        "SELECT (extract(epoch FROM due_at) * 1000000)::bigint, state FROM intake.promise"
        " WHERE kind = 'first_response'")
    assert times == f"{begin + 4 * HOUR_US}|5"
    garage.send_one(case_update("responded", case_number=opened.case_number,
                                occurred_us=begin + HOUR_US))
    assert system.psql("SELECT state FROM intake.promise WHERE kind = 'first_response'") == "3"
    events = system.psql("SELECT kind FROM log.event ORDER BY seq").split("\n")
    assert events == ["case_opened", "promise_made", "promise_made", "promise_step_taken",
                      "promise_step_taken", "promise_changed", "promise_step_taken",
                      "promise_changed", "case_changed", "promise_changed"]


def test_profiles_purchases_and_answers_are_stored(system, garage):
    known = garage.send_one(profile("li", name="李雷", phone="+86 138 0000 0000", language="zh-CN",
                                    time_zone="Asia/Shanghai", birthday="1984-02-29",
                                    consents=[{"purpose": 2, "is_given": True}]))
    assert known.status == ACCEPTED
    assert garage.send_one(profile("li", phone="")).status == ACCEPTED
    assert garage.send_one(purchase("li", 45000, order_ref="o-1")).status == ACCEPTED
    csat = garage.send_one(answer("csat", 5, customer_number=known.customer_number, comment="好"))
    assert csat.status == ACCEPTED
    row = system.psql("SELECT version, language, time_zone, birth_month, birth_day, has_phone,"
                      " consents FROM intake.customer")
    assert row == "5|zh-CN|Asia/Shanghai|2|29|f|4"
    assert list(sealed.persons(system).values()) == [{
        "name": "李雷", "birthday": "1984-02-29", "language": "zh-CN", "time_zone": "Asia/Shanghai"}]
    unknown = garage.send_one(answer("nps", 9, customer_number="K-0-0"))
    assert unknown.code in ("customer_number_invalid", "customer_unknown")
    bad = garage.send_one(profile("li", time_zone="Asia/Shangai"))
    assert bad.code == "time_zone_invalid"


def test_numbers_and_texts_are_disclosed_to_who_may_ask_and_written_down(system, garage):
    known = garage.send_one(profile("li", name="李雷", phone="13800000000"))
    opened = garage.send_one(contact("li", subject="刹车", body="刹车异响"))
    assert known.status == opened.status == ACCEPTED
    customer, case = (int(n) for n in system.psql(
        "SELECT customer_number, number FROM intake.service_case").split("|"))
    reader = IntakeClient(system.client("intake", "caller"))
    phone = reader.disclose("phone", customer)
    assert [(t.field, t.text) for t in phone.texts] == [("phone", "13800000000")]
    texts = reader.disclose("case_texts", customer, case)
    assert [(t.field, t.text) for t in texts.texts] == [("subject", "刹车"), ("body", "刹车异响")]
    assert reader.disclose("name", customer + 256).code == "unknown"
    assert reader.disclose("case_texts", customer).code == "field_missing"
    assert garage.disclose("name", customer).code == "not_permitted"
    assert system.psql("SELECT outcome, count(*) FROM intake.disclosure WHERE purpose = 'page test'"
                       " GROUP BY 1 ORDER BY 1") == "disclosed|2\nunknown|1"


def test_two_intakes_at_once_store_every_key_once(system):
    key = system.key("garage", ["records"])
    system.start("intake")
    system.start("intake", instance="intake-2")
    clients = [IntakeClient(system.client("intake", "garage", key=key, instance=name))
               for name in ("intake", "intake-2")]
    records = [contact(f"c-{i % 50}") for i in range(300)]
    for client in clients:
        for at in range(0, len(records), 100):
            client.send(records[at:at + 100])
    keys = [one.key for one in records]
    both = [client.collect(keys, 60) for client in clients]
    for one in keys:
        assert sorted(found[one].status for found in both) == [ACCEPTED, DUPLICATE]
        assert len({found[one].case_number for found in both}) == 1
    assert system.psql("SELECT count(*) FROM intake.service_case") == "300"
    assert system.psql("SELECT count(*) FROM intake.customer") == "50"


def test_records_in_flight_survive_a_kill(system):
    client = IntakeClient(system.client("intake", "garage", rights=["records"]))
    intake = system.start("intake")
    records = [contact(f"c-{i % 40}", key=new_key()) for i in range(1000)]
    client.send(records[:200])
    client.receive()
    intake.kill()
    system.start("intake")
    receipts = client.send_all(records)
    assert {r.status for r in receipts.values()} <= {ACCEPTED, DUPLICATE}
    assert system.psql("SELECT count(*) FROM intake.service_case") == "1000"
    assert system.psql("SELECT count(*) FROM intake.receipt") == "1000"
    # The log has no gaps.
    assert system.psql(
        "SELECT count(*) FROM (SELECT stream, bucket, count(*) AS n, max(seq) AS last FROM log.event"
        " GROUP BY 1, 2) AS e WHERE n <> last") == "0"


def test_it_drains_when_asked_to_stop(system, garage):
    intake = system.processes[-1]
    records = [contact(f"c-{i}") for i in range(200)]
    garage.send(records[:100])
    garage.send(records[100:])
    got = len(garage.receive())
    intake.ask_to_stop()
    while intake.is_running():
        frames = garage.client.receive_bytes(0.1)
        got += len(pb.IntakeReply.FromString(frames[-1]).receipts.receipts) if frames else 0
    assert intake.wait() == 0
    assert got == int(system.psql("SELECT count(*) FROM intake.receipt"))
