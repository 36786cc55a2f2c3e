# SPDX-License-Identifier: Apache-2.0
"""One person, one customer; one matter, one case: also when two sources, two processes or a machine say it at once."""

import threading

import intake_pb2 as pb
import pytest

from tests.support.event_feed import spelled
from tests.support.intake_client import (
    ACCEPTED, DUPLICATE, REJECTED, IntakeClient, case_update, consent, contact, customer_link, new_key, now_us,
    profile,
)

PAIRS = 100
HOUR_US = 3600 * 1_000_000


@pytest.fixture
def door(system):
    """Two sources, one intake."""
    return Door(system, ["intake"])


@pytest.fixture
def doors(system):
    """Two sources, each with an intake of its own."""
    return Door(system, ["intake", "intake-2"])


class Door:
    def __init__(self, system, instances):
        self.system = system
        for name in ("garage", "shop"):
            system.key(name, ["records"])
        self.processes = [system.start("intake", instance=name) for name in instances]
        self.garage = IntakeClient(system.client("intake", "garage", instance=instances[0]))
        self.shop = IntakeClient(system.client("intake", "shop", instance=instances[-1]))

    def count(self, table, where="true"):
        return int(self.system.psql(f"SELECT count(*) FROM intake.{table} WHERE {where}"))

    def accepted(self, sender, one):
        receipt = sender.send_one(one)
        assert receipt.status == ACCEPTED, receipt
        return receipt

    def rejected(self, sender, one):
        receipt = sender.send_one(one)
        assert receipt.status == REJECTED, receipt
        return receipt.code


def at_once(*jobs):
    """Each in a thread, begun together; their results in order."""
    results, errors = [None] * len(jobs), []
    barrier = threading.Barrier(len(jobs))

    def work(index, job):
        try:
            barrier.wait()
            results[index] = job()
        except Exception as error:  # pylint: disable=broad-except
            errors.append(error)

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def phone(number):
    return f"+86138{number:08d}"


# ---- customers


def test_two_sources_that_bring_the_same_new_customers_at_once_make_one_of_each(doors):
    """Over two processes; also evolution-api#2578: one person in many contacts is not many rows."""
    def send(sender, name):
        return sender.send_all(
            [profile(f"{name}-{i}", phone=phone(i), phone_is_verified=True,
                     email=f"{i}@example.org", email_is_verified=True) for i in range(PAIRS)],
            per_message=5)

    garage, shop = at_once(lambda: send(doors.garage, "g"), lambda: send(doors.shop, "s"))
    receipts = [*garage.values(), *shop.values()]
    assert {receipt.status for receipt in receipts} <= {ACCEPTED, DUPLICATE}
    assert doors.count("customer") == PAIRS
    assert doors.count("customer_reference") == 2 * PAIRS
    assert doors.count("contact_point") == 2 * PAIRS
    assert doors.count("identity_question") == 0
    assert sorted(receipt.customer_joined_by for receipt in receipts) == [""] * PAIRS + ["phone"] * PAIRS

    again_garage, again_shop = at_once(lambda: send(doors.garage, "g"), lambda: send(doors.shop, "s"))
    assert {receipt.status for receipt in (*again_garage.values(), *again_shop.values())} == {ACCEPTED}
    assert doors.count("customer") == PAIRS
    assert doors.count("contact_point") == 2 * PAIRS


def test_records_of_a_joined_reference_are_its_customers(door):
    first = door.accepted(door.garage, profile("li", phone="13800138000", phone_is_verified=True))
    joined = door.accepted(door.shop, profile("u-77", phone="+86 138 0013 8000", phone_is_verified=True))
    assert joined.customer_joined_by == "phone"
    assert joined.customer_number == first.customer_number
    opened = door.accepted(door.shop, contact("u-77", "request", case_ref="O-1", body="where is it?"))
    assert opened.customer_number == first.customer_number
    door.accepted(door.shop, case_update("waiting_customer", customer_ref="u-77", case_ref="O-1"))
    again = door.accepted(door.shop, contact("u-77", "request", case_ref="O-1"))
    assert (again.case_number, again.case_joined_by) == (opened.case_number, "case_ref")
    door.accepted(door.shop, case_update("resolved", customer_ref="u-77", case_ref="O-1"))
    # The other source sees the case by its number, and that it is its own customer's.
    door.accepted(door.garage, contact("li", "request", case_number=opened.case_number))
    assert door.system.psql("SELECT DISTINCT bucket = (number & 255) AND bucket = (customer_number & 255)"
                            " FROM intake.service_case") == "t"
    assert door.system.psql("SELECT state, reopened_count FROM intake.service_case") == "2|1"


def test_records_of_joined_references_keep_their_order(door):
    """Their customers are another lane's: they move there, and nothing overtakes anything."""
    for sender, name in ((door.garage, "g"), (door.shop, "s")):
        sender.send_all([profile(f"{name}-{i}", phone=phone(i), phone_is_verified=True) for i in range(PAIRS)])
    records = []
    for turn in range(5):
        for step in ("opened", "responded", "waiting_customer", "resumed", "resolved"):
            for i in range(PAIRS):
                named = {"customer_ref": f"s-{i}", "case_ref": f"{turn}"}
                records.append(contact(kind="request", **named) if step == "opened" else case_update(step, **named))
    receipts = door.shop.send_all(records, per_message=50)
    assert {(receipt.status, receipt.code) for receipt in receipts.values()} == {(ACCEPTED, "")}
    assert door.count("service_case", "state = 5") == 5 * PAIRS
    assert door.count("customer") == PAIRS


def test_what_leads_to_two_customers_is_listed_and_never_joined(door):
    li = door.accepted(door.garage, profile("li", phone=phone(1), phone_is_verified=True))
    wang = door.accepted(door.garage, profile("wang", email="w@example.org", email_is_verified=True))
    for reference in ("u-1", "u-2"):
        receipt = door.accepted(door.shop, profile(reference, phone=phone(1), phone_is_verified=True,
                                                   email="W@Example.org", email_is_verified=True))
        assert receipt.customer_joined_by == "ambiguous"
        assert receipt.customer_number not in (li.customer_number, wang.customer_number)
    assert door.count("customer") == 4
    assert door.count("identity_question", "state = 0") == 4
    receipt = door.accepted(door.garage, profile("li", email="w@example.org", email_is_verified=True))
    assert receipt.customer_joined_by == "ambiguous"
    assert door.count("identity_question", "state = 0") == 5
    assert door.count("contact_point") == 2
    assert door.count("customer", "merged_into IS NOT NULL") == 0

    door.accepted(door.garage, customer_link("distinct", customer_ref="li", other_ref="wang"))
    door.accepted(door.garage, profile("li", email="w@example.org", email_is_verified=True))
    assert door.count("identity_question", "state = 0") == 4
    assert door.count("identity_question", "state = 2 AND decided_at IS NOT NULL") == 1


def test_a_number_that_changes_hands_leads_to_its_new_owner(door):
    door.accepted(door.garage, profile("li", phone=phone(1), phone_is_verified=True))
    door.accepted(door.garage, profile("li", phone=phone(2), phone_is_verified=True))
    wang = door.accepted(door.garage, profile("wang", phone=phone(1), phone_is_verified=True))
    assert wang.customer_joined_by == ""
    door.accepted(door.garage, profile("li", phone=""))
    assert door.count("contact_point") == 1
    joined = door.accepted(door.shop, profile("u-1", phone=phone(1), phone_is_verified=True))
    assert joined.customer_number == wang.customer_number
    # In one batch: what one gives up the other has.
    batch = [profile("li", phone=phone(3), phone_is_verified=True, key="b-1"),
             profile("li", phone=phone(4), phone_is_verified=True, key="b-2"),
             profile("zhao", phone=phone(3), phone_is_verified=True, key="b-3")]
    door.garage.send(batch)
    found = door.garage.collect([one.key for one in batch])
    assert {receipt.status for receipt in found.values()} == {ACCEPTED}
    assert found["b-3"].customer_joined_by == ""
    assert door.count("contact_point") == 3


# ---- merge


def test_a_merge_leaves_everything_where_it_is_and_can_be_taken_back(door):
    """freescout#1298 and #2188: what was merged wrongly, or lost its history, could not be undone."""
    li = door.accepted(door.garage, profile("li", phone=phone(1), phone_is_verified=True))
    wang = door.accepted(door.shop, profile("wang", phone=phone(2), phone_is_verified=True))
    for name, sender in (("li", door.garage), ("wang", door.shop)):
        door.accepted(sender, contact(name, "request", case_ref=f"{name}-1", body="squeaks"))
        door.accepted(sender, case_update("resolved", customer_ref=name, case_ref=f"{name}-1"))
    before = facts(door.system)

    merged = customer_link("merge", customer_number=li.customer_number,
                           other_number=wang.customer_number, reason="the same person, on the phone")
    assert door.accepted(door.garage, merged).customer_number == li.customer_number
    assert door.garage.send_one(merged).status == DUPLICATE
    assert facts(door.system) == before
    again = customer_link("merge", customer_number=li.customer_number, other_number=wang.customer_number)
    assert door.rejected(door.garage, again) == "customer_merged_already"
    # Both buckets are told, with versions of their own.
    assert door.system.psql("SELECT count(DISTINCT customer_id) FROM log.event WHERE kind = 'customer_merged'") == "2"
    new = door.accepted(door.garage, profile("new", phone=phone(2), phone_is_verified=True))
    assert (new.customer_number, new.customer_joined_by) == (li.customer_number, "phone")
    kept = door.accepted(door.shop, contact("wang", "request", case_ref="wang-2"))
    assert kept.customer_number == wang.customer_number
    texts = door.count("contact_text", "case_number IS NULL")
    assert texts == 1, "the reason is kept, sealed"

    door.accepted(door.garage, customer_link("unmerge", customer_number=li.customer_number,
                                             other_number=wang.customer_number))
    assert door.count("customer", "merged_into IS NOT NULL OR follower_count <> 0") == 0
    assert door.system.psql("SELECT string_agg(action::text, ',' ORDER BY number) FROM intake.customer_link") == "1,2"
    assert door.system.psql(
        "SELECT count(DISTINCT customer_id) FROM log.event WHERE kind = 'customer_unmerged'") == "2"
    not_merged = customer_link("unmerge", customer_ref="li", other_number=wang.customer_number)
    assert door.rejected(door.garage, not_merged) == "customer_not_merged"
    last = door.accepted(door.garage, profile("later", phone=phone(2), phone_is_verified=True))
    assert last.customer_number == wang.customer_number


def facts(system):
    """Cases, promises and their events: what a merge must not touch."""
    return [system.psql(f"SELECT * FROM intake.{table} ORDER BY number")
            for table in ("service_case", "promise", "case_event", "contact")]


def test_merges_that_meet_leave_one_level(doors):
    """A into B, B into C and C into A at once, over two processes: nobody follows a follower."""
    for i in range(20):
        for name in ("a", "b", "c"):
            doors.accepted(doors.garage, profile(f"{name}-{i}"))
            doors.accepted(doors.shop, profile(f"{name}-{i}"))
    numbers = dict(line.split("|") for line in doors.system.psql(
        "SELECT reference, customer_number FROM intake.customer_reference r"
        " JOIN intake.source s ON s.id = r.source_id WHERE s.name = 'garage'").splitlines())
    assert len(numbers) == 60

    def merge(sender, pairs):
        return sender.send_all([customer_link("merge", customer_number=spell(numbers[one]),
                                              other_number=spell(numbers[other])) for one, other in pairs], per_message=1)

    def spell(number):
        return spelled("K", int(number))

    at_once(
        lambda: merge(doors.garage, [(f"a-{i}", f"b-{i}") for i in range(20)] + [(f"c-{i}", f"a-{i}") for i in range(20)]),
        lambda: merge(doors.shop, [(f"b-{i}", f"c-{i}") for i in range(20)]))
    chained = doors.system.psql(
        "SELECT count(*) FROM intake.customer f JOIN intake.customer s ON s.number = f.merged_into"
        " WHERE s.merged_into IS NOT NULL OR s.number = f.number")
    assert chained == "0"
    wrong = doors.system.psql(
        "SELECT count(*) FROM intake.customer s WHERE follower_count <>"
        " (SELECT count(*) FROM intake.customer f WHERE f.merged_into = s.number)")
    assert wrong == "0"
    assert doors.count("customer", "merged_into IS NOT NULL") >= 20


# ---- cases


def test_two_contacts_at_the_same_instant_over_two_processes_open_one_case(doors):
    """chatwoot#14071: two messages 214 ms apart made two cases."""
    names = [f"c-{i}" for i in range(PAIRS)]
    for name in names:  # known to both sources as one customer
        number = names.index(name)
        doors.accepted(doors.garage, profile(name, phone=phone(number), phone_is_verified=True))
        doors.accepted(doors.shop, profile(name, phone=phone(number), phone_is_verified=True))

    def send(sender, later_us):
        return sender.send_all([contact(name, "enquiry", channel="wechat", occurred_us=now_us() - 1_000_000 + later_us)
                                for name in names], per_message=5)

    garage, shop = at_once(lambda: send(doors.garage, 0), lambda: send(doors.shop, 214_000))
    receipts = [*garage.values(), *shop.values()]
    assert {receipt.status for receipt in receipts} <= {ACCEPTED, DUPLICATE}
    assert doors.count("service_case") == PAIRS
    assert doors.count("contact") == 2 * PAIRS
    assert sum(receipt.is_new_case for receipt in receipts) == PAIRS
    assert {receipt.case_joined_by for receipt in receipts if not receipt.is_new_case} == {"chat"}


def test_a_new_customer_who_complains_twice_at_once_has_one_case(doors):
    """The same source on both processes; the customer himself is new."""
    other = IntakeClient(doors.system.client("intake", "garage", instance="intake-2"))

    def send(sender):
        return sender.send_all([contact(f"n-{i}", "complaint", category="brakes") for i in range(PAIRS)], per_message=5)

    at_once(lambda: send(doors.garage), lambda: send(other))
    assert doors.count("customer") == PAIRS
    assert doors.count("service_case") == PAIRS
    assert doors.count("contact") == 2 * PAIRS


def test_a_timeout_then_a_resend_to_another_process_changes_nothing(doors):
    """zammad#5628: who got no answer could not know whether it landed, and sent again."""
    one = contact("li", "complaint", case_ref="T-1", body="the brakes squeal")
    doors.accepted(doors.garage, profile("somebody"))  # connected
    doors.processes[0].pause()
    doors.garage.send([one])
    with pytest.raises(TimeoutError):
        doors.garage.receive(seconds=0.5)
    other = IntakeClient(doors.system.client("intake", "garage", instance="intake-2"))
    first = other.send_one(one)
    assert first.status == ACCEPTED
    doors.processes[0].resume()
    late = doors.garage.collect([one.key])[one.key]
    assert late.status == DUPLICATE
    assert late.case_number == first.case_number
    assert doors.count("service_case") == 1
    assert doors.count("contact") == 1


def test_the_window_of_a_rule_has_edges(door):
    start = now_us() - 200 * HOUR_US
    window = 72 * HOUR_US

    def complain(at_us, **fields):
        fields = {"category": "brakes", **fields}
        return door.accepted(door.garage, contact("li", "complaint", occurred_us=at_us, **fields))

    first = complain(start)
    assert first.is_new_case and first.case_joined_by == ""
    for at_us, is_joined in ((start + window, True), (start + 2 * window + 1, False)):
        receipt = complain(at_us)
        assert receipt.is_new_case != is_joined
        assert receipt.case_joined_by == ("same_category" if is_joined else "")
    assert complain(start + window, category="paint").is_new_case
    assert complain(start, case_ref="T-1").is_new_case
    door.accepted(door.garage, case_update("resolved", case_number=first.case_number))
    assert complain(start + window).case_number != first.case_number


# ---- machines


def test_what_machines_say_is_kept_and_opens_nothing(door):
    opened = door.accepted(door.garage, contact("li", "enquiry", channel="email", case_ref="T-1"))
    door.accepted(door.garage, case_update("resolved", case_number=opened.case_number))
    for origin in (pb.CONTACT_ORIGIN_AUTO_REPLY, pb.CONTACT_ORIGIN_BOUNCE, pb.CONTACT_ORIGIN_OURSELVES):
        receipt = door.accepted(door.garage, contact("li", "enquiry", channel="email", origin=origin))
        assert (receipt.case_number, receipt.rule, receipt.case_joined_by) == ("", "", "")
        named = door.accepted(door.garage, contact("li", "enquiry", case_ref="T-1", origin=origin))
        assert (named.case_number, named.is_new_case) == (opened.case_number, False)
    assert door.system.psql("SELECT state, reopened_count FROM intake.service_case") == "5|0"
    assert door.count("contact", "case_number IS NULL AND origin > 1") == 3
    assert door.count("contact", "case_number IS NOT NULL AND origin > 1") == 3


@pytest.mark.parametrize("counts_hops", [True, False])
def test_a_mail_loop_of_a_thousand_messages_opens_one_case(door, counts_hops):
    """ost#1041 and odoo#66329: two automatic repliers filled the system. With or without what mail says about itself."""
    start = now_us() - 2000 * 1_000_000
    loop = [contact("li", "enquiry", channel="email", subject="Re: " * min(i, 20) + "we have your message",
                    occurred_us=start + i * 1_000_000, hop_count=i if counts_hops else 3) for i in range(1000)]
    receipts = door.garage.send_all(loop)
    assert {receipt.status for receipt in receipts.values()} <= {ACCEPTED, DUPLICATE}
    assert door.count("service_case") == 1
    assert door.count("contact") == 1000
    assert door.count("contact", "origin = 4 AND case_number IS NULL") == (979 if counts_hops else 0)


# ---- consent


def test_consent_is_what_was_said_last(door):
    door.accepted(door.garage, consent("li", do_not_call=True))
    door.accepted(door.garage, consent("li", consents=[
        pb.ConsentChange(purpose=pb.PURPOSE_SURVEY, is_given=True)]))
    assert door.system.psql("SELECT do_not_call, consents, refusals FROM intake.customer_public") == "t|4|0"
    receipt = door.garage.send_one(consent("li"))
    assert (receipt.status, receipt.code, receipt.field) == (REJECTED, "field_missing", "consent.consents")
    unknown = consent(None, customer_number=spelled("K", 4711 * 256), do_not_call=True)
    assert door.rejected(door.garage, unknown) == "customer_unknown"
    nobody = customer_link("merge", customer_ref="li", key=new_key())
    assert door.rejected(door.garage, nobody) == "field_missing"


def test_no_phone_and_no_email_stands_open_anywhere(door):
    door.accepted(door.garage, profile("li", phone="13812345678", phone_is_verified=True,
                                       email="li.lei@example.org", email_is_verified=True))
    found = door.system.psql(
        "SELECT count(*) FROM intake.contact_point"
        " WHERE encode(hash, 'escape') LIKE '%1381234%' OR octet_length(hash) <> 16")
    assert found == "0"
    for process in door.processes:
        assert "13812345678" not in process.log()
        assert "li.lei" not in process.log()
