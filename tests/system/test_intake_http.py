# SPDX-License-Identifier: Apache-2.0
"""The HTTP door: the same records, receipts and answers as over ZeroMQ, and nothing for who may not."""

import json
import re
import threading
import time

import intake_pb2 as pb
import psycopg2
import pytest
from google.protobuf import json_format

from tests.support.http_door import HttpDoor, door_settings, give_token, record_json
from tests.support.intake_client import IntakeClient, contact, new_key, now_us, profile, purchase
from tests.support.system import wait_until

ACCEPTED, DUPLICATE = "RECEIPT_STATUS_ACCEPTED", "RECEIPT_STATUS_DUPLICATE"
REJECTED, RETRY = "RECEIPT_STATUS_REJECTED", "RECEIPT_STATUS_RETRY"


@pytest.fixture
def door(system):
    """A source with key and token, and intake with both doors open."""
    system.key("garage", ["records"])
    token = give_token(system, "garage")
    system.start("intake", **door_settings(system))
    one = HttpDoor(system, token)
    yield one
    one.close()


def statuses(answer):
    return [one["status"] for one in answer.receipts]


def metric(system, name):
    answer = HttpDoor(system).at(system.http("intake")).ask(b"", method="GET", path="/metrics")
    return int(re.search(rf"^{name} (\d+)$", answer.body.decode(), re.M)[1])


def count(system, table):
    return int(system.psql(f"SELECT count(*) FROM intake.{table}"))


# ---- records and receipts


def test_a_record_gets_its_receipt(system, door):
    receipt = door.post_one(record_json(contact("li", kind="complaint", body="刹车异响")))
    assert receipt["status"] == ACCEPTED
    assert receipt["is_new_case"] is True
    assert receipt["case_number"].startswith("C-")
    assert [p["kind"] for p in receipt["promises"]] == ["first_response", "resolution"]
    parsed = json_format.ParseDict(receipt, pb.Receipt())  # it is the protobuf JSON mapping
    assert parsed.case_number == receipt["case_number"]
    assert count(system, "contact") == 1


def test_receipts_come_in_the_order_of_the_records(system, door):
    records = [contact(f"c-{i % 7}", key=f"k-{i}") for i in range(256)]
    answer = door.post([record_json(one) for one in records])
    assert answer.status == 200
    assert [one["key"] for one in answer.receipts] == [one.key for one in records]
    assert set(statuses(answer)) == {ACCEPTED}
    assert count(system, "service_case") == 256


def test_one_record_over_both_doors_is_one_record(system, door):
    one = contact("li", kind="complaint", channel="phone", subject="刹车", body="刹车异响\n\"!")
    other = profile("li", name="李雷", phone="+86 138 0000 0000", language="zh-CN",
                    consents=[{"purpose": 2, "is_given": True}])
    bus = IntakeClient(system.client("intake", "garage"))
    first = door.post([record_json(one)]).receipts[0]
    again = bus.send_one(one)
    assert again.status == pb.RECEIPT_STATUS_DUPLICATE
    known = bus.send_one(other)
    last = door.post_one(record_json(other))
    assert (known.status, last["status"]) == (pb.RECEIPT_STATUS_ACCEPTED, DUPLICATE)
    # Apart from the status the receipts are equal.
    again.status = pb.RECEIPT_STATUS_ACCEPTED
    assert json_format.ParseDict(first, pb.Receipt()) == again
    parsed = json_format.ParseDict(last, pb.Receipt())
    parsed.status = pb.RECEIPT_STATUS_ACCEPTED
    assert parsed == known
    assert count(system, "service_case") == 1


def test_every_kind_of_record_is_the_same_over_both_doors(system, door, project_root):
    """The golden records, once as protobuf's own JSON over HTTP and then over ZeroMQ."""
    bus = IntakeClient(system.client("intake", "garage"))
    kinds = set()
    for path in sorted((project_root / "tests/golden").glob("v*/intake_request-*.bin")):
        for record in pb.IntakeRequest.FromString(path.read_bytes()).records.records:
            record.key = new_key()
            record.occurred_us = now_us() - 10**6
            first = json_format.ParseDict(door.post_one(record_json(record)), pb.Receipt())
            again = bus.send_one(record)
            if first.status == pb.RECEIPT_STATUS_ACCEPTED:
                assert again.status == pb.RECEIPT_STATUS_DUPLICATE, path.name
                first.status = again.status
            assert again == first, path.name
            kinds.add(record.WhichOneof("body"))
    assert kinds >= {field.name for field in pb.Record.DESCRIPTOR.oneofs_by_name["body"].fields}


def test_every_way_to_write_a_record_is_the_same_record(system, door):
    at = now_us()
    ways = [
        {"key": "k", "occurred_us": at, "contact": {"customer_ref": "li", "kind": 2}},
        {"key": "k", "occurredUs": str(at), "contact": {"customerRef": "li", "kind": "complaint"}},
        {"key": "k", "occurred_us": at, "purchase": None,
         "contact": {"customer_ref": "li", "kind": "CONTACT_KIND_COMPLAINT", "body": None}},
    ]
    assert statuses(door.post(ways)) == [ACCEPTED, DUPLICATE, DUPLICATE]
    changed = {"key": "k", "occurred_us": at, "contact": {"customer_ref": "li", "kind": 1}}
    receipt = door.post_one(changed)
    assert (receipt["status"], receipt["code"]) == (REJECTED, "key_reused")


def test_no_records_are_no_receipts(door):
    answer = door.post([])
    assert (answer.status, answer.json) == (200, {"receipts": []})


# ---- what is wrong with a record

GOOD = {"occurred_us": 1_700_000_000_000_000, "contact": {"customer_ref": "li", "kind": "praise"}}
SECRET = "13800001234"
BAD_RECORDS = {
    "no JSON": (f'{{"key":"bad","x":{SECRET}x}}', "json_invalid", None),
    "deep nesting": ('{"key":"bad","a":' + "[" * 5000 + "]" * 5000 + "}", "too_deep", None),
    "huge number": (f'{{"key":"bad","occurred_us":{SECRET}1e999}}', "value_out_of_range", None),
    "huge integer": (f'{{"key":"bad","occurred_us":{SECRET * 4}}}', "value_out_of_range", None),
    "wrong UTF-8": ('{"key":"bad","trace":"\udcff"}', "not_utf8", None),
    "lone surrogate": ('{"key":"bad","trace":"\\ud800"}', "json_invalid", None),
    "NUL": ('{"key":"bad","trace":"a\\u0000"}', "not_utf8", None),
    "name twice": ('{"key":"bad","trace":"a","trace":"b"}', "json_invalid", None),
    "unknown field": ('{"key":"bad","contact":{"colour":"x"}}', "field_unknown", "contact.colour"),
    "unknown value": (f'{{"key":"bad","contact":{{"kind":"{SECRET}"}}}}', "enum_unknown",
                      "contact.kind"),
    "wrong type": (f'{{"key":"bad","contact":{{"body":{SECRET}}}}}', "wrong_type", "contact.body"),
    "a number as name": (f'{{"key":"bad","contact":{{"{SECRET}":1}}}}', "field_unknown", "contact"),
    "two bodies": ('{"key":"bad","contact":{},"purchase":{}}', "wrong_type", "purchase"),
    "no body": ('{"key":"bad","occurred_us":1700000000000000}', "body_missing", "body"),
    "no time": ('{"key":"bad","contact":{"customer_ref":"li","kind":1}}', "field_missing",
                "occurred_us"),
    "too large": ('{"key":"bad","contact":{"body":"' + "x" * 140_000 + '"}}', "too_large", None),
    "long key": ('{"key":"' + "k" * 65 + '","occurred_us":1,"contact":{}}', "key_too_long", "key"),
    "no record": ("7", "wrong_type", None),
}


@pytest.mark.parametrize("name", BAD_RECORDS)
def test_a_bad_record_does_not_harm_its_neighbours(system, door, name):
    text, code, field = BAD_RECORDS[name]
    good = [json.dumps(dict(GOOD, key=f"good-{i}")) for i in range(2)]
    body = '{"records":[' + ",".join([good[0], text, good[1]]) + "]}"
    answer = door.ask(body.encode("utf-8", "surrogateescape"))
    assert answer.status == 200
    assert statuses(answer) == [ACCEPTED, REJECTED, ACCEPTED]
    bad = answer.receipts[1]
    assert (bad["code"], bad.get("field")) == (code, field)
    assert bad["key"] == ("bad" if '"bad"' in text else "")
    assert SECRET not in answer.body.decode()
    assert count(system, "service_case") == 2
    assert SECRET not in system.processes[-1].log()


# ---- what is wrong with a request


def test_requests_that_are_none_are_refused_as_a_whole(system, door):
    many = '{"records":[' + ",".join(["{}"] * 257) + "]}"
    for body, status, code in [
        ("", 400, "malformed"),
        ("{", 400, "malformed"),
        ("[]", 400, "malformed"),
        ('{"records":', 400, "malformed"),
        ('{"records":[{"key":"k"', 400, "malformed"),
        ('{"batch":[]}', 400, "field_unknown"),
        ("[" * 100_000, 400, "malformed"),
        ('{"records":[' + "[" * 500_000, 400, "malformed"),
        (many, 400, "too_many_records"),
        (" " * 1_048_577, 413, "request_too_large"),
    ]:
        answer = door.ask(body)
        assert (answer.status, answer.json["code"]) == (status, code)
        assert answer.json["text"]
        door.close()
    for headers, status, code in [
        ({"Content_Type": "text/plain"}, 415, "content_type_invalid"),
        ({"Content_Type": None}, 415, "content_type_invalid"),
        ({"Content_Encoding": "gzip"}, 415, "content_type_invalid"),
    ]:
        answer = door.ask('{"records":[]}', **headers)
        assert (answer.status, answer.json["code"]) == (status, code)
        door.close()
    for method, path, status, code in [
        ("GET", "/v1/records", 405, "method_invalid"),
        ("PUT", "/v1/records", 405, "method_invalid"),
        ("POST", "/v2/records", 404, "path_unknown"),
        ("GET", "/metrics", 404, "path_unknown"),
    ]:
        answer = door.ask('{"records":[]}', method=method, path=path)
        assert (answer.status, answer.json["code"]) == (status, code)
        door.close()
    assert door.post([]).status == 200
    assert count(system, "receipt") == 0


def test_a_body_may_come_in_chunks_up_to_its_limit(door):
    one = json.dumps({"records": [dict(GOOD, key="k")]})
    pieces = (one[i:i + 7].encode() for i in range(0, len(one), 7))
    assert statuses(door.ask(pieces)) == [ACCEPTED]
    assert door.ask(b" " * 65536 for _ in range(17)).status == 413


def test_a_body_that_is_cut_off_stores_nothing(system, door):
    body = json.dumps({"records": [dict(GOOD, key="k")]}).encode()
    head = (f"POST /v1/records HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {door.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode()
    for cut in (head[:40], head, head + body[:-1]):
        sock = door.socket()
        sock.sendall(cut)
        sock.close()
    assert door.post([dict(GOOD, key="other")]).status == 200
    assert count(system, "receipt") == 1


# ---- who may


def test_a_token_is_needed_and_its_source_needs_the_right(system):
    system.key("garage", ["records"])
    system.key("reader", ["reports"])
    reader = give_token(system, "reader")
    garage = give_token(system, "garage")
    system.start("intake", **door_settings(system))
    for token in (None, "wrong", garage[:-1], garage + "x", "", "x" * 3000):
        answer = HttpDoor(system, token).post([dict(GOOD, key="k")])
        assert (answer.status, answer.json["code"]) == (401, "token_invalid")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    door = HttpDoor(system, garage)
    for other in (f"Basic {garage}", garage, f"Bearer{garage}"):
        assert door.ask('{"records":[]}', Authorization=other).status == 401
        door.close()
    answer = HttpDoor(system, reader).post([dict(GOOD, key="k")])
    assert (answer.status, answer.json["code"]) == (403, "not_permitted")
    assert door.ask('{"records":[]}', Authorization=f"bearer  {garage}").status == 200
    assert count(system, "receipt") == 0


def test_a_revoked_token_is_refused_within_a_second_on_its_open_connection(system, door):
    assert door.post([dict(GOOD, key="k-1")]).status == 200
    sock = door.connection.sock
    system.psql("SELECT intake.source_revoke('garage', now())")
    revoked = time.monotonic()
    while door.post([dict(GOOD, key=new_key())]).status == 200:
        assert door.connection.sock is sock
        assert time.monotonic() < revoked + 1
    assert door.post([dict(GOOD, key="k-2")]).status == 401


def test_a_new_token_ends_the_old_one(system, door):
    other = HttpDoor(system, give_token(system, "garage")).wait_for_token()
    assert door.post([]).status == 401
    assert other.post([dict(GOOD, key="k")]).status == 200


def test_a_source_sends_what_it_may_and_as_fast_as_it_may(system, door):
    system.psql("SELECT intake.source_register(name, public_key, rights, is_historical, now(), '{contact}',"
                " NULL, NULL, 1, 3) FROM intake.source WHERE name = 'garage'")
    refused = wait_until(
        lambda: next((r for r in door.post([record_json(purchase("li", 100))]).receipts
                      if r.get("code") == "kind_not_permitted"), None), what="the narrower kinds")
    assert (refused["status"], refused["field"]) == (REJECTED, "purchase")
    answers = [door.post([dict(GOOD, key=new_key())]) for _ in range(8)]
    limited = [one for one in answers if one.status == 503]
    assert limited
    (receipt,) = limited[0].receipts
    assert (receipt["status"], receipt["code"]) == (RETRY, "rate_limited")
    assert int(limited[0].headers["Retry-After"]) >= 1


# ---- load, loss and malice


def test_a_full_intake_says_when_to_come_again(system):
    system.key("garage", ["records"])
    token = give_token(system, "garage")
    system.start("intake", **door_settings(system, pending_max=4))
    answer = HttpDoor(system, token).post([dict(GOOD, key=f"k-{i}") for i in range(20)])
    assert answer.status == 200
    assert sorted(set(statuses(answer))) == [ACCEPTED, RETRY]
    busy = [one for one in answer.receipts if one["status"] == RETRY]
    assert {one["code"] for one in busy} == {"busy"}
    assert all(int(one["retry_after_us"]) > 0 and one["key"] for one in busy)


def test_who_waits_too_long_is_told_to_ask_again(system):
    system.key("garage", ["records"])
    token = give_token(system, "garage")
    system.start("intake", **door_settings(system, records_http_wait="300ms"))
    door = HttpDoor(system, token)
    assert door.post([dict(GOOD, key="k-0")]).status == 200
    system.forbid_connections()
    try:
        answer = door.post([dict(GOOD, key="k-1"), dict(GOOD, key="k-2")])
    finally:
        system.allow_connections()
    assert answer.status == 503
    assert [(r["key"], r["code"]) for r in answer.receipts] == [("k-1", "unavailable"),
                                                               ("k-2", "unavailable")]
    assert int(answer.headers["Retry-After"]) >= 1
    # They were stored all the same, when the database was back.
    wait_until(lambda: count(system, "receipt") == 3, what="the records")
    assert statuses(door.post([dict(GOOD, key="k-1")])) == [DUPLICATE]


def test_records_are_stored_when_their_sender_has_hung_up(system, door):
    body = json.dumps({"records": [dict(GOOD, key=f"k-{i}") for i in range(100)]}).encode()
    head = (f"POST /v1/records HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {door.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode()
    with psycopg2.connect(system.conninfo("postgres")) as locked, locked.cursor() as cursor:
        cursor.execute("LOCK TABLE intake.receipt")  # nothing can be committed
        socks = [door.socket() for _ in range(5)]
        for sock in socks:
            sock.sendall(head + body)
        wait_until(lambda: metric(system, "troth_intake_pending_records") == 500, what="the posts")
        for sock in socks:
            sock.close()
    wait_until(lambda: count(system, "receipt") == 100, what="the records")
    assert statuses(door.post([dict(GOOD, key="k-7")])) == [DUPLICATE]
    wait_until(lambda: metric(system, "troth_intake_pending_records") == 0, what="the end")


def test_requests_that_wait_survive_a_kill_as_their_keys(system, door):
    posts = [[dict(GOOD, key=f"k-{i}-{j}") for j in range(50)] for i in range(20)]
    killed = threading.Event()

    def post(records):
        one = HttpDoor(system, door.token)
        try:
            one.post(records)
        except OSError:
            killed.set()
        except Exception:  # an answer that was cut off
            killed.set()

    threads = [threading.Thread(target=post, args=(records,)) for records in posts]
    for one in threads:
        one.start()
    wait_until(lambda: count(system, "receipt") > 0, what="the first commit")
    system.processes[-1].kill()
    for one in threads:
        one.join()
    before = {key for key in system.psql("SELECT key FROM intake.receipt").split("\n") if key}
    system.start("intake", **door_settings(system))
    door.close()
    for records in posts:
        for receipt in door.post(records).receipts:
            assert receipt["status"] == (DUPLICATE if receipt["key"] in before else ACCEPTED)
    assert count(system, "service_case") == count(system, "receipt") == 1000


def test_slow_and_idle_connections_do_not_keep_others_out(system):
    system.key("garage", ["records"])
    token = give_token(system, "garage")
    system.start("intake", **door_settings(system, records_http_connections=200))
    door = HttpDoor(system, token)
    assert door.post([dict(GOOD, key="first")]).status == 200
    head = (f"POST /v1/records HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n").encode()
    slow = []
    for i in range(1000):
        sock = door.socket()
        slow.append(sock)
        if i % 3:
            sock.sendall(head[:60] if i % 3 == 1 else head + b"[")
        if i % 100 == 0:
            assert HttpDoor(system, token).post([dict(GOOD, key=new_key())]).status == 200
    start = time.monotonic()
    for _ in range(20):
        assert HttpDoor(system, token).post([dict(GOOD, key=new_key())]).status == 200
    assert time.monotonic() - start < 5
    # The oldest of them were closed for the newer ones.
    slow[1].settimeout(5)
    assert slow[1].recv(1) == b""
    for sock in slow:
        sock.close()


def test_a_thousand_idle_connections_are_fine(system, door):
    idle = [door.socket() for _ in range(1000)]
    assert statuses(door.post([dict(GOOD, key="k")])) == [ACCEPTED]
    assert HttpDoor(system, door.token).post([dict(GOOD, key="k-2")]).status == 200
    for sock in idle:
        sock.close()


def test_garbage_is_answered_or_dropped(system, door):
    for garbage in (b"\x00" * 1000, b"GET\r\n\r\n", b"POST /v1/records HTTP/9.9\r\n\r\n",
                    b"\xff\xfe\r\n\r\n", b"A" * 100_000, b"POST " + b"/" * 20_000,
                    b"POST /v1/records HTTP/1.1\r\nX: " + b"y" * 40_000 + b"\r\n\r\n",
                    b"POST /v1/records HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                    b"POST /v1/records HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n"):
        sock = door.socket()
        try:
            sock.sendall(garbage)
        except OSError:
            pass
        sock.close()
    assert door.post([dict(GOOD, key="k")]).status == 200


def test_it_finishes_what_waits_when_asked_to_stop(system, door):
    answers = []
    threads = [
        threading.Thread(target=lambda i=i: answers.append(HttpDoor(system, door.token).post(
            [dict(GOOD, key=f"k-{i}-{j}") for j in range(100)])))
        for i in range(4)
    ]
    for one in threads:
        one.start()
    wait_until(lambda: count(system, "receipt") > 0, what="the first commit")
    intake = system.processes[-1]
    assert intake.terminate() == 0
    for one in threads:
        one.join()
    accepted = sum(r["status"] == ACCEPTED for a in answers if a.status == 200 for r in a.receipts)
    assert len(answers) == 4
    assert accepted == count(system, "receipt")
