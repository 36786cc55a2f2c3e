# SPDX-License-Identifier: Apache-2.0
"""Every code that intake may answer with, produced once by the real program.

The table of proto/README.md says which codes there are; what has no test here fails the last one.
"""

import re
import struct

import intake_pb2 as pb
import psycopg2
import pytest

from tests.support.http_door import HttpDoor, door_settings, give_token, open_socket, record_json
from tests.support.intake_client import (
    IntakeClient,
    RequestRefused,
    answer,
    case_update,
    contact,
    customer_link,
    new_key,
    now_us,
    profile,
    purchase,
    record,
)
from tests.support.system import ROOT, System, wait_until
from tests.support.wire import field, request, tag, varint_field

DAY_US = 86_400 * 10**6
PRODUCED = set()  # by the tests below


def produces(*codes):
    PRODUCED.update(codes)
    return lambda function: function


class Doors:
    """One intake with both doors for all of the tests, and the sources that they need."""

    def __init__(self, system):
        self.system = system
        system.key("garage", ["records"])
        system.key("narrow", ["records"], record_kinds=["contact"], branches=["north"])
        system.key("slow", ["records"], rate_per_second=1, burst=1)
        system.key("reader", ["reports"])
        system.key("caller", ["disclosure"])
        system.key("officer", ["records", "erasure"])
        self.token = give_token(system, "garage")
        # Its standard says who may renegotiate.
        self.intake = system.start("intake", **door_settings(system), standard=ROOT / "deploy/config/standards.conf")
        self.garage = self.client("garage")
        self.http = HttpDoor(system, self.token)

    def client(self, name):
        return IntakeClient(self.system.client("intake", name))

    def wire(self, body):
        """The receipt of one record that no library would make."""
        self.garage.client.send(request(field(1, new_key()) + varint_field(3, now_us()) + body))
        return self.garage.receive()[0]

    def accepted(self, one):
        receipt = self.garage.send_one(one)
        assert receipt.status == pb.RECEIPT_STATUS_ACCEPTED, (receipt.code, receipt.text)
        return receipt


@pytest.fixture(scope="module")
def doors(cluster, programs):
    with System(cluster, programs) as running:
        yield Doors(running)


def promise(**fields):
    fields = {"words": "we call", "due_us": now_us() + DAY_US, **fields}
    return record(promise_given=pb.PromiseGiven(**fields))


def promise_update(action, **fields):
    action = getattr(pb, f"PROMISE_ACTION_{action.upper()}")
    return record(promise_update=pb.PromiseUpdate(action=action, **fields))


def void(key):
    return record(record_void=pb.RecordVoid(record_key=key))


def uuid7_of_1970():
    return "00000000-0001-7000-8000-000000000001"


# ---- one record at the ZeroMQ door: code -> a function of the doors that returns what to send

RECORDS = {
    "body_missing": lambda d: record(),
    "key_missing": lambda d: contact(key=""),
    "key_too_old": lambda d: contact(key=uuid7_of_1970()),
    "field_missing": lambda d: contact(""),
    "field_too_long": lambda d: contact("c" * 129),
    "text_invalid": lambda d: contact(channel="NOT A CHANNEL"),
    "time_in_future": lambda d: contact(occurred_us=now_us() + DAY_US),
    "time_out_of_range": lambda d: contact(occurred_us=-1),
    "value_out_of_range": lambda d: answer("csat", 6, customer_ref="li"),
    "currency_invalid": lambda d: purchase(currency="ABC"),
    "birthday_invalid": lambda d: profile(birthday="1985-02-29"),
    "time_zone_invalid": lambda d: profile(time_zone="Asia/Shangai"),
    "case_number_invalid": lambda d: case_update("note", case_number="C-1-1"),
    "customer_number_invalid": lambda d: answer("csat", 5, customer_number="K-1-1"),
    "follow_up_number_invalid": lambda d: answer("csat", 5, customer_ref="li", follow_up_number="x"),
    "promise_number_invalid": lambda d: promise_update("kept", promise_number="P-1-1"),
    "field_not_expected": lambda d: case_update("note", customer_ref="li", case_ref="T-1", category="safety"),
    "case_unknown": lambda d: case_update("note", customer_ref="nobody", case_ref="none"),
    "customer_unknown": lambda d: customer_link("merge", customer_ref="nobody", other_ref="none"),
    "record_unknown": lambda d: void("never sent"),
}


def key_reused(d):
    d.accepted(contact(key="used"))
    return contact("another", key="used")


def customer_erased(d):
    gone = d.accepted(contact("gone")).customer_number
    erasure = pb.CustomerErasure(customer_number=gone, ground=pb.ERASURE_GROUND_REQUEST, asked_by="customer")
    d.client("officer").send_one(record(customer_erasure=erasure))
    return answer("csat", 5, customer_number=gone)


def case_reference_taken(d):
    d.accepted(contact("ref", case_ref="T-1"))
    other = d.accepted(contact("ref", case_ref="T-2"))
    return contact("ref", case_ref="T-1", case_number=other.case_number)


def transition_invalid(d):
    d.accepted(contact("new", case_ref="T-1"))
    return case_update("reopened", customer_ref="new", case_ref="T-1")


def promise_unknown(d):
    d.accepted(contact("p1", case_ref="T-1"))
    return promise_update("kept", customer_ref="p1", case_ref="T-1", promise_ref="none")


def promise_reference_taken(d):
    d.accepted(contact("p2", case_ref="T-1"))
    d.accepted(promise(customer_ref="p2", case_ref="T-1", promise_ref="P-1"))
    return promise(customer_ref="p2", case_ref="T-1", promise_ref="P-1")


def redemption_reference_taken(d):
    def redemption():
        return record(points_redemption=pb.PointsRedemption(customer_ref="r1", redemption_ref="t-1", points=5))

    d.accepted(redemption())
    return redemption()


def promise_settled(d):
    d.accepted(contact("p3", case_ref="T-1"))
    d.accepted(promise(customer_ref="p3", case_ref="T-1", promise_ref="P-1"))
    names = {"customer_ref": "p3", "case_ref": "T-1", "promise_ref": "P-1"}
    d.accepted(promise_update("waived", **names))
    return promise_update("kept", **names)


def promise_open(d):
    d.accepted(contact("p4", case_ref="T-1"))
    d.accepted(promise(customer_ref="p4", case_ref="T-1", promise_ref="P-1"))
    return promise_update("confirmed", customer_ref="p4", case_ref="T-1", promise_ref="P-1")


def renegotiation_not_permitted(d):
    d.accepted(contact("p5", case_ref="T-1"))
    d.accepted(promise(customer_ref="p5", case_ref="T-1", promise_ref="P-1"))
    return promise_update("renegotiated", customer_ref="p5", case_ref="T-1", promise_ref="P-1",
                          due_us=now_us() + DAY_US)


def case_void(d):
    opened = contact("v1", case_ref="T-1")
    d.accepted(opened)
    d.accepted(void(opened.key))
    return case_update("responded", customer_ref="v1", case_ref="T-1")


def same_case(d):
    opened = d.accepted(contact("c1", case_ref="T-1"))
    return case_update("merged", customer_ref="c1", case_ref="T-1", into_case_number=opened.case_number)


def case_not_open(d):
    for reference in ("T-1", "T-2"):
        d.accepted(contact("c2", case_ref=reference))
    d.accepted(case_update("closed", customer_ref="c2", case_ref="T-2"))
    return case_update("merged", customer_ref="c2", case_ref="T-1", into_case_ref="T-2")


def record_voided_already(d):
    bought = purchase("v2")
    d.accepted(bought)
    d.accepted(void(bought.key))
    return void(bought.key)


def not_voidable(d):
    branch = record(branch_profile=pb.BranchProfile(branch="north"))
    d.accepted(branch)
    return void(branch.key)


def customers(d, *references):
    for reference in references:
        d.accepted(profile(reference))


def same_customer(d):
    customers(d, "m1")
    return customer_link("merge", customer_ref="m1", other_ref="m1")


def customer_merged_already(d):
    customers(d, "m2", "m3", "m4")
    d.accepted(customer_link("merge", customer_ref="m2", other_ref="m3"))
    return customer_link("merge", customer_ref="m4", other_ref="m3")


def customer_has_followers(d):
    customers(d, "m5", "m6", "m7")
    d.accepted(customer_link("merge", customer_ref="m5", other_ref="m6"))
    return customer_link("merge", customer_ref="m7", other_ref="m5")


def customer_not_merged(d):
    customers(d, "m8", "m9")
    return customer_link("unmerge", customer_ref="m8", other_ref="m9")


def data_refused(d):
    d.system.psql("ALTER TABLE intake.purchase ADD CHECK (product <> 'cursed')")
    return purchase(product="cursed")


RECORDS.update((function.__name__, function) for function in (
    key_reused, customer_erased, case_reference_taken, transition_invalid, promise_unknown, promise_reference_taken,
    redemption_reference_taken,
    promise_settled, promise_open, renegotiation_not_permitted, case_void, same_case, case_not_open, record_voided_already, not_voidable, same_customer,
    customer_merged_already, customer_has_followers, customer_not_merged, data_refused))


@produces(*RECORDS)
@pytest.mark.parametrize("code", sorted(RECORDS))
def test_a_record_is_rejected_with(doors, code):
    receipt = doors.garage.send_one(RECORDS[code](doors))
    assert (receipt.status, receipt.code) == (pb.RECEIPT_STATUS_REJECTED, code), receipt.text
    assert receipt.text


# ---- bytes that no library makes

CONTACT, SIGNAL = 11, 20
WIRE = {
    "not_utf8": field(CONTACT, field(1, "c-1") + varint_field(2, 2) + field(7, b"\xff")),
    "enum_unknown": field(CONTACT, field(1, "c-1") + varint_field(2, 99)),
    "not_finite": field(SIGNAL, field(1, "c-1") + tag(5, 1) + struct.pack("<d", float("nan"))),
    "key_too_long": field(1, "k" * 65) + field(CONTACT, field(1, "c-1") + varint_field(2, 2)),
    "malformed": field(CONTACT, b"\x0a\x7f"),
}


@produces(*WIRE)
@pytest.mark.parametrize("code", sorted(WIRE))
def test_the_bytes_of_a_record_are_rejected_with(doors, code):
    receipt = doors.wire(WIRE[code])
    assert (receipt.status, receipt.code) == (pb.RECEIPT_STATUS_REJECTED, code), receipt.text


@produces("too_many_records", "not_permitted")
def test_requests_are_refused_as_a_whole(doors):
    with pytest.raises(RequestRefused, match="too_many_records"):
        doors.garage.send([contact() for _ in range(257)])
        doors.garage.receive()
    with pytest.raises(RequestRefused, match="not_permitted"):
        doors.client("reader").send_one(contact())


# ---- what a source may do

@produces("kind_not_permitted", "branch_not_permitted", "rate_limited")
def test_a_source_is_held_to_its_kinds_branches_and_rate(doors):
    narrow = doors.client("narrow")
    assert narrow.send_one(purchase()).code == "kind_not_permitted"
    assert narrow.send_one(contact(branch="south")).code == "branch_not_permitted"
    slow = doors.client("slow")
    slow.send([contact(), contact()])
    codes = [receipt.code for receipt in slow.receive()]
    assert "rate_limited" in codes


# ---- disclosure

@produces("unknown", "damaged")
def test_what_cannot_be_disclosed_is_said(doors):
    number = doors.accepted(profile("sealed", name="李雷")).customer_number
    customer = int(doors.system.psql(
        "SELECT customer_number FROM intake.customer_reference WHERE reference = 'sealed'"))
    assert number
    caller = doors.client("caller")
    assert caller.disclose("name", customer + 256 * 10**6).code == "unknown"
    doors.system.psql("UPDATE intake.person SET sealed = sealed || '\\x00'"
                      f" WHERE customer_number = {customer}")
    assert caller.disclose("name", customer).code == "damaged"


# ---- the HTTP door

HTTP = {  # what is sent in place of a good request: (arguments, status, code)
    "token_invalid": ({"token": "wrong"}, 401),
    "path_unknown": ({"path": "/v2/records"}, 404),
    "method_invalid": ({"method": "GET"}, 405),
    "content_type_invalid": ({"Content_Type": "text/plain"}, 415),
    "request_too_large": ({"body": b"[" * (2**20 + 1)}, 413),
}


@produces(*HTTP)
@pytest.mark.parametrize("code", sorted(HTTP))
def test_an_http_request_is_refused_with(doors, code):
    arguments, status = HTTP[code]
    arguments = dict(arguments)
    door = HttpDoor(doors.system, arguments.pop("token", doors.token))
    body = arguments.pop("body", b'{"records": []}')
    said = door.ask(body, **arguments)
    assert (said.status, said.json["code"]) == (status, code)


@produces("length_missing")
def test_an_http_body_needs_a_length(doors):
    sock = open_socket(doors.http.path)
    sock.sendall(b"POST /v1/records HTTP/1.1\r\nHost: intake\r\nContent-Type: application/json\r\n"
                 b"Authorization: Bearer " + doors.token.encode() + b"\r\n\r\n")
    said = sock.recv(65536)
    sock.close()
    assert said.startswith(b"HTTP/1.1 411 ") and b"length_missing" in said


@produces("field_unknown", "wrong_type", "json_invalid", "too_deep", "too_large")
@pytest.mark.parametrize("code, contact_json", [
    ("field_unknown", '{"customer_ref": "li", "kind": 2, "colour": "red"}'),
    ("wrong_type", '{"customer_ref": 7, "kind": 2}'),
    ("json_invalid", '{"customer_ref": "li", "customer_ref": "wang"}'),
    ("too_deep", "[" * 100 + "]" * 100),
    ("too_large", '{"body": "' + "x" * 140_000 + '"}'),
])
def test_a_json_record_is_rejected_with(doors, code, contact_json):
    receipt = doors.http.post_one(
        f'{{"key": "{new_key()}", "occurred_us": {now_us()}, "contact": {contact_json}}}')
    assert (receipt["status"], receipt["code"]) == ("RECEIPT_STATUS_REJECTED", code)


# ---- not now

@produces("busy", "disk_low")
def test_a_full_intake_says_busy_and_a_full_disk_disk_low(cluster, programs):
    with System(cluster, programs) as system:
        garage = IntakeClient(system.client("intake", "garage", rights=["records"]))
        intake = system.start("intake", pending_max=1)
        garage.send([contact(f"c-{i}") for i in range(5)])
        assert "busy" in {receipt.code for receipt in garage.receive()}
        intake.kill()
        system.start("intake", disk_watch=system.folder, disk_free_min=100)
        assert garage.send_one(contact()).code == "disk_low"


@produces("unavailable", "stopping")
def test_a_database_that_cannot_store_is_unavailable_and_an_end_is_said(cluster, programs):
    with System(cluster, programs) as system:
        system.key("garage", ["records"])
        token = give_token(system, "garage")
        garage = IntakeClient(system.client("intake", "garage"))
        intake = system.start("intake", **door_settings(system))
        system.psql("REVOKE INSERT ON intake.purchase FROM troth_intake")
        assert garage.send_one(purchase()).code == "unavailable"
        # While a batch waits for a lock, intake is asked to end, and one more record comes.
        holder = psycopg2.connect(system.conninfo())
        holder.cursor().execute("BEGIN; LOCK TABLE intake.receipt IN ACCESS EXCLUSIVE MODE")
        waiting = contact()
        garage.send([waiting])
        wait_until(lambda: int(system.psql(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")) > 0)
        door = HttpDoor(system, token)
        intake.ask_to_stop()
        said = wait_until(lambda: stopping(door))
        assert said == "stopping"
        holder.rollback()
        holder.close()
        assert intake.wait() == 0


def stopping(door):
    """The code of one more record, once intake has noticed that it is to end."""
    said = door.post([record_json(contact())]).json
    codes = [said.get("code")] + [receipt.get("code") for receipt in said.get("receipts", ())]
    return "stopping" in codes and "stopping"


def test_every_code_of_the_readme_was_tested(project_root):
    text = (project_root / "proto/README.md").read_text(encoding="utf-8")
    table = text[text.index("## Codes"):]
    codes = set(re.findall(r"^\| `([a-z0-9_]+)` \|", table[:table.index("\n## ", 1)], re.M))
    assert len(codes) > 50
    assert codes == PRODUCED
