# SPDX-License-Identifier: Apache-2.0
"""What a sender with a good key may try: each gets its exact answer, and harms nobody beside it."""

import struct
import threading

import intake_pb2 as pb
import pytest
import zmq

from tests.support.intake_client import (
    ACCEPTED,
    REJECTED,
    IntakeClient,
    RequestRefused,
    case_update,
    contact,
    now_us,
    profile,
    purchase,
)
from tests.support.system import wait_until
from tests.support.wire import field, request, tag, varint, varint_field

YEAR_US = 366 * 86_400 * 10**6
CONTACT, PROFILE, PURCHASE, SIGNAL = 11, 10, 14, 20  # fields of Record


def head(key):
    return field(1, key) + varint_field(3, now_us())


def with_body(number, body):
    return lambda key: head(key) + field(number, body)


def of(build, **fields):
    """The bytes of a record that a library can make."""
    return lambda key: build(key=key, **fields).SerializeToString()


CONTACT_BODY = field(1, "c-1") + varint_field(2, 2)
ACCEPTED_AS_IT_IS = ("", "")

# name: (bytes of the record by its key, code, field). The key stands first, so that it can be read
# whatever comes after it.
RECORDS = {
    "a text that is not UTF-8":
        (with_body(CONTACT, CONTACT_BODY + field(7, b"\xc3\x28")), "not_utf8", "contact.subject"),
    "an overlong UTF-8 form":
        (with_body(CONTACT, CONTACT_BODY + field(7, b"\xc0\xaf")), "not_utf8", "contact.subject"),
    "half of a surrogate pair":
        (with_body(CONTACT, CONTACT_BODY + field(7, b"\xed\xa0\x80")), "not_utf8", "contact.subject"),
    "a NUL in a text":
        (with_body(CONTACT, CONTACT_BODY + field(8, b"a\0b")), "not_utf8", "contact.body"),
    "not a number":
        (with_body(SIGNAL, field(1, "c-1") + tag(5, 1) + struct.pack("<d", float("nan"))),
         "not_finite", "device_signal.mileage_km"),
    "infinity":
        (with_body(SIGNAL, field(1, "c-1") + tag(6, 1) + struct.pack("<d", float("-inf"))),
         "not_finite", "device_signal.usage"),
    "an enum value that nobody knows":
        (with_body(CONTACT, field(1, "c-1") + varint_field(2, 99)), "enum_unknown", "contact.kind"),
    "an enum value that is one in 32 bits":
        (with_body(CONTACT, field(1, "c-1") + varint_field(2, 2**32 + 2)), "enum_unknown",
         "contact.kind"),
    "a negative enum value":
        (with_body(CONTACT, field(1, "c-1") + varint_field(2, -2)), "enum_unknown", "contact.kind"),
    "the enum value that means none":
        (with_body(CONTACT, field(1, "c-1") + varint_field(2, 0)), "enum_unknown", "contact.kind"),
    "a time far ahead":
        (lambda key: contact(key=key, occurred_us=now_us() + YEAR_US).SerializeToString(),
         "time_in_future", "occurred_us"),
    "the last instant of all":
        (of(contact, occurred_us=2**63 - 1), "time_out_of_range", "occurred_us"),
    "a time before 1970":
        (of(contact, occurred_us=-1), "time_out_of_range", "occurred_us"),
    "the first instant of all":
        (of(contact, occurred_us=-2**63), "time_out_of_range", "occurred_us"),
    "no body":
        (head, "body_missing", "body"),
    "a body of a kind that is not there yet":
        (with_body(900, b"abc"), "body_missing", "body"),
    "an empty body":
        (with_body(CONTACT, b""), "field_missing", "contact.customer_ref"),
    "a number that is cut off":
        (lambda key: field(1, key) + tag(3, 0) + b"\xff\xff", "malformed", "occurred_us"),
    "a number of eleven bytes":
        (lambda key: field(1, key) + tag(3, 0) + b"\x80" * 10 + b"\x01", "malformed", "occurred_us"),
    "a length beyond the end":
        (lambda key: head(key) + field(CONTACT, CONTACT_BODY, length=5000), "malformed", "contact"),
    "a length of nearly 2^32":
        (lambda key: head(key) + field(CONTACT, CONTACT_BODY, length=2**32 - 1), "malformed",
         "contact"),
    "a length of 2^63":
        (lambda key: head(key) + field(CONTACT, CONTACT_BODY, length=2**63), "malformed", "contact"),
    "a group":
        (lambda key: head(key) + tag(CONTACT, 3) + CONTACT_BODY + tag(CONTACT, 4), "malformed",
         "contact"),
    "an unknown group":
        (lambda key: head(key) + tag(900, 3) + tag(900, 4), "malformed", ""),
    "wire type 7":
        (lambda key: head(key) + tag(900, 7), "malformed", ""),
    "field number 0":
        (lambda key: head(key) + varint(2) + b"\0", "malformed", ""),
    "a text where a number belongs":
        (lambda key: field(1, key) + field(3, b"123"), "malformed", "occurred_us"),
    "a number where a message belongs":
        (lambda key: head(key) + varint_field(CONTACT, 5), "malformed", "contact"),
    "a negative number":
        (of(purchase, amount_minor=-1), "value_out_of_range", "purchase.amount_minor"),
    "the largest number":
        (of(purchase, amount_minor=2**63 - 1), "value_out_of_range", "purchase.amount_minor"),
    "a text that is too long":
        (of(contact, body="x" * (32 * 1024 + 1)), "field_too_long", "contact.body"),
    "a list that is too long":
        (of(profile, consents=[{"purpose": 2, "is_given": True}] * 17), "value_out_of_range",
         "customer_profile.consents"),
    "many empty messages":
        (with_body(PROFILE, field(1, "c-1") + field(8, b"") * 10_000), "value_out_of_range",
         "customer_profile.consents"),
    "a number of a case with a typing error":
        (of(case_update, action="closed", case_number="C-1234567-0"), "case_number_invalid",
         "case_update.case_number"),
    "two bodies: the last one counts":
        (lambda key: head(key) + field(PURCHASE, field(1, "c-1")) + field(CONTACT, CONTACT_BODY),
         *ACCEPTED_AS_IT_IS),
    "a body in two parts":
        (lambda key: head(key) + field(CONTACT, field(1, "c-1")) + field(CONTACT, varint_field(2, 2)),
         "field_missing", "contact.customer_ref"),
    "unknown fields, nested a thousand times":
        (lambda key: head(key) + field(CONTACT, CONTACT_BODY + field(900, nested(1000))),
         *ACCEPTED_AS_IT_IS),
    "a key again, at the end":
        (lambda key: field(1, "another") + varint_field(3, now_us()) + field(CONTACT, CONTACT_BODY)
         + field(1, key), *ACCEPTED_AS_IT_IS),
}


def nested(depth):
    data = b""
    for _ in range(depth):
        data = field(1, data)
    return data


@pytest.fixture
def garage(system):
    client = system.client("intake", "garage", rights=["records"])
    system.start("intake")
    return IntakeClient(client)


def test_each_hostile_record_gets_its_answer_between_two_good_ones(system, garage):
    assert len(RECORDS) >= 20
    wrong = []
    for number, (name, (build, code, at)) in enumerate(RECORDS.items()):
        key = f"hostile-{number}"
        good = [contact(f"good-{number}-{i}").SerializeToString() for i in range(2)]
        keys = [key, *(pb.Record.FromString(one).key for one in good)]
        garage.client.send(request(good[0], build(key), good[1]))
        receipts = garage.collect(keys)
        got = receipts[key]
        want = ACCEPTED if (code, at) == ACCEPTED_AS_IT_IS else REJECTED
        if (got.status, got.code, got.field) != (want, code, at):
            wrong.append(f"{name}: {got.status} {got.code} {got.field} {got.text}")
        assert [receipts[one].status for one in keys[1:]] == [ACCEPTED, ACCEPTED], name
    assert wrong == []
    assert system.psql("SELECT count(*) FROM intake.receipt") == str(
        2 * len(RECORDS) + sum(1 for one in RECORDS.values() if one[1:] == ACCEPTED_AS_IT_IS))


def test_keys_are_checked_and_answered_as_far_as_they_can_be_read(garage):
    body = field(CONTACT, CONTACT_BODY)
    cases = [
        # key field, key in the receipt, code
        (b"", "", "key_missing"),
        (field(1, ""), "", "key_missing"),
        (field(1, "k" * 65), "", "key_too_long"),
        (field(1, "é" * 33), "", "key_too_long"),
        (field(1, b"\xff\xfe"), "", "not_utf8"),
        (field(1, b"a\0b"), "", "not_utf8"),
        (varint_field(1, 7), "", "malformed"),
    ]
    for key, want_key, code in cases:
        good = contact()
        garage.client.send(request(key + varint_field(3, now_us()) + body, good.SerializeToString()))
        receipts = []
        wait_until(lambda: receipts.extend(garage.receive()) or len(receipts) == 2)
        bad = [r for r in receipts if r.key != good.key]
        assert [(r.status, r.code, r.key) for r in bad] == [(REJECTED, code, want_key)], (key, bad)
    longest = "k" * 64
    assert garage.send_one(contact(key=longest)).status == ACCEPTED


def test_the_keys_and_cases_of_others_are_theirs(system, garage):
    system.key("other", ["records"])
    other = IntakeClient(wait_until(lambda: let_in(system, "other")))
    mine = garage.send_one(contact("li", key="k-1", case_ref="T-1", body="mine"))
    theirs = other.send_one(contact("li", key="k-1", body="theirs"))
    assert (mine.status, theirs.status) == (ACCEPTED, ACCEPTED)
    assert mine.case_number != theirs.case_number
    assert mine.customer_number != theirs.customer_number
    by_reference = other.send_one(case_update("closed", customer_ref="li", case_ref="T-1"))
    assert by_reference.code == "case_unknown"
    other_customer = other.send_one(contact("li", case_number=mine.case_number))
    assert other_customer.code == "case_unknown"


def let_in(system, name):
    client = system.client("intake", name)
    try:
        IntakeClient(client).send_one(contact(), seconds=0.5)
        return client
    except TimeoutError:
        return None


REQUESTS = {
    "no bytes at all": (b"", "malformed"),
    "bytes of chance": (bytes((i * 167 + 13) % 256 for i in range(1000)), "malformed"),
    "an unknown request alone": (field(900, b"abc"), "malformed"),
    "a list of records that is cut off": (field(1, field(1, b"abc"), length=100), "malformed"),
    "a record that is cut off": (field(1, field(1, b"abc", length=4000)), "malformed"),
    "a group around the records": (tag(1, 3) + tag(1, 4), "malformed"),
    "one record too many": (request(*[b""] * 257), "too_many_records"),
    "thousands of empty records": (request(*[b""] * 30_000), "too_many_records"),
    "a reply instead of a request": (
        pb.IntakeReply(error=pb.RequestError(code="x", text="y")).SerializeToString(), "malformed"),
}


def test_each_hostile_request_gets_its_answer(system, garage):
    wrong = []
    for name, (data, code) in REQUESTS.items():
        garage.client.send(data)
        try:
            wrong.append(f"{name}: {garage.receive()}")
        except RequestRefused as refused:
            if refused.args[0] != code:
                wrong.append(f"{name}: {refused}")
        assert garage.send_one(contact()).status == ACCEPTED, name
    assert wrong == []
    assert system.metric("intake", "troth_intake_requests_refused_total") == len(REQUESTS)


def test_frames_that_are_no_message_are_counted_and_the_connection_goes_on(system, garage):
    good = request(contact().SerializeToString())
    socket = garage.client.socket
    for frames in ([good, good], [b"", good], [good] * 100, [b""] * 3, [b"x" * 65536 + b"y"]):
        garage.client.send(request())  # waits until it can be sent
        socket.send_multipart(frames)
        assert garage.send_one(contact()).status == ACCEPTED
    assert 'result="refused"} 5' in next(
        line for line in system.get("intake", "/metrics").splitlines()
        if line.startswith('troth_bus_messages_total{socket="requests",result="refused"}'))


def test_a_frame_far_over_the_limit_costs_its_sender_the_connection_alone(system, garage):
    other = IntakeClient(system.client("intake", "garage"))
    assert other.send_one(contact()).status == ACCEPTED
    garage.client.send(b"x" * 1_000_000)
    assert other.send_one(contact()).status == ACCEPTED
    # The sender is back after its reconnect.
    again = contact()
    wait_until(lambda: try_once(garage, again), what="the sender's return")
    assert system.processes[-1].is_running()


def try_once(client, one):
    try:
        return client.send_one(one, seconds=1).status in (ACCEPTED, pb.RECEIPT_STATUS_DUPLICATE)
    except TimeoutError:
        return False


@pytest.mark.parametrize("kind", ["REQ", "SUB", "PUB", "PUSH", "ROUTER", "PAIR", "XPUB"])
def test_sockets_of_another_type_get_nothing_and_harm_nobody(system, garage, kind):
    socket = system.context().socket(getattr(zmq, kind))
    key, server = system.key("garage"), system.service_key("intake")
    socket.linger = 0
    socket.curve_publickey, socket.curve_secretkey = key.public, key.secret
    socket.curve_serverkey = server.public
    if kind == "SUB":
        socket.subscribe(b"")
    socket.connect(system.endpoint("intake"))
    try:
        data = request(contact().SerializeToString())
        for _ in range(3):
            send_if_possible(socket, kind, data)
            assert garage.send_one(contact()).status == ACCEPTED
        if kind not in ("PUSH", "PUB"):
            assert not socket.poll(50)
    finally:
        socket.close()
    assert system.psql("SELECT count(*) FROM intake.receipt") == "3"


def send_if_possible(socket, kind, data):
    """What this type can send at all: some may not send, others only after an answer."""
    try:
        if kind == "ROUTER":
            socket.send_multipart([b"nobody", data], zmq.DONTWAIT)
        else:
            socket.send(data, zmq.DONTWAIT)
    except zmq.ZMQError:
        threading.Event().wait(0.01)
