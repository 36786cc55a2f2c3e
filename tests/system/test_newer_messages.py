# SPDX-License-Identifier: Apache-2.0
"""What the programs of the last release do with messages of this version, each of which stands in tests/golden: at their doors,
in the log, and at the dialer. They neither end nor lose what comes after.

Needs the programs of that release; `make upgrade-test` builds them and runs this, too."""

import re

import dialer_pb2 as dialer
import event_pb2 as events
import intake_pb2 as intake
import pytest

from tests.support import ledger
from tests.support.fake_scheduler import FakeScheduler
from tests.support.http_door import HttpDoor, door_settings, give_token, record_json
from tests.support.intake_client import ACCEPTED, REJECTED, IntakeClient, contact, new_key, now_us, profile
from tests.support.system import ROOT, System
from tests.upgrade import release

GOLDEN = ROOT / "tests/golden/v2"
NEW_KINDS = {"customer_erasure"}  # of records
RIGHTS = ["records", "disclosure", "reports"]


def golden(prefix):
    """{name: packed message}."""
    return {path.stem: path.read_bytes() for path in sorted(GOLDEN.glob(f"{prefix}*.bin"))}


@pytest.fixture(name="old")
def old_programs(cluster):
    """The schema is this version's, as in an upgrade; the programs are the last release's."""
    built = release.programs(release.newest())
    if built is None:
        pytest.skip(f"version {release.newest()} was not built here: make upgrade-test")
    with System(cluster, built) as system:
        yield system


def check_alive(system):
    for process in system.processes:
        assert process.is_running(), process.log()[-3000:]


def records_of(packed):
    """Of a golden request, each under a key of its own and of now."""
    found = list(intake.IntakeRequest.FromString(packed).records.records)
    for one in found:
        one.key, one.occurred_us = new_key(), now_us()
        if one.HasField("customer_profile"):  # the files name numbers that nobody has
            one.customer_profile.ClearField("customer_number")
    return found


def test_every_message_of_the_files_is_tried_here():
    """Who adds a kind says here what the release does with it."""
    prefixes = ["intake_request-", "event-", "dialer_reply-order-"]
    tried = {name for prefix in prefixes for name in golden(prefix)}
    # Answers of intake go to who asked, and programs of the release ask neither for receipts of erasures nor on behalf of
    # anybody. The rolling upgrade has schedulers of the release ask intakes of this version.
    answers = set(golden("intake_reply-"))
    assert tried | answers == set(golden(""))


# ---- doors


def test_the_door_for_records_takes_what_it_knows_and_names_what_it_does_not(old):
    old.key("garage", RIGHTS)
    old.start("intake")
    garage = IntakeClient(old.client("intake", "garage"))
    for name, packed in golden("intake_request-").items():
        for record in records_of(packed):
            receipt = garage.send_one(record)
            if record.WhichOneof("body") in NEW_KINDS:
                assert (receipt.status, receipt.code) == (REJECTED, "body_missing"), name
            else:
                assert receipt.status == ACCEPTED, (name, receipt)
        if intake.IntakeRequest.FromString(packed).WhichOneof("body") != "records":
            garage.client.send(packed)
            reply = garage.client.receive(intake.IntakeReply)
            assert reply.WhichOneof("body") in ("disclosure", "similar", "error"), name
    # Neighbours of what it does not know: each record has its own receipt.
    unknown = records_of(golden("intake_request-customer_erasure")["intake_request-customer_erasure"])
    receipts = garage.send_all([profile("li", name="Li"), *unknown, contact("li", kind="complaint")])
    assert sorted(one.status for one in receipts.values()) == [ACCEPTED, ACCEPTED, REJECTED, REJECTED]
    check_alive(old)


def test_over_http_a_field_that_it_does_not_know_is_refused_by_its_name(old):
    old.key("garage", RIGHTS)
    token = give_token(old, "garage")
    old.start("intake", **door_settings(old))
    door = HttpDoor(old, token)
    for name, packed in golden("intake_request-").items():
        for record in records_of(packed):
            answer = door.post([record_json(record)])
            assert answer.status == 200, (name, answer.body)
            receipt = answer.receipts[0]
            assert (receipt["status"], receipt["code"]) == ("RECEIPT_STATUS_REJECTED", "field_unknown"), (name, receipt)
    assert door.post_one(record_json(contact("li", kind="complaint")))["status"] == "RECEIPT_STATUS_ACCEPTED"
    door.close()
    check_alive(old)


# ---- the log


def put_event(system, customer, event):
    """Into a stream that no process writes to, as intake would."""
    event.customer, event.bucket, event.stream = customer, customer & 255, "intake.7"
    event.is_historical = event.is_reversal = False
    event.occurred_us = event.recorded_us = now_us()
    event.seq = int(system.psql(f"""
        INSERT INTO log.head AS h (stream, bucket, seq) VALUES ('intake.7', {event.bucket}, 1)
            ON CONFLICT (stream, bucket) DO UPDATE SET seq = h.seq + 1 RETURNING seq""").split()[0])
    system.psql(f"""
        INSERT INTO log.event (stream, bucket, seq, customer_id, version, kind, at, body)
        VALUES ('intake.7', {event.bucket}, {event.seq}, {customer}, {event.version}, '{event.WhichOneof("body")}', log.now(),
                '\\x{event.SerializeToString().hex()}')""")


def test_readers_of_the_log_pass_over_what_they_do_not_know_and_go_on(old):
    old.key("garage", RIGHTS)
    for service in ["intake", "followup", "loyalty", "reporting"]:
        old.service_key(service)
    for service in ["intake", "followup", "loyalty", "reporting"]:
        old.start(service, **({} if service == "intake" else {"poll": "100ms"}))
    garage = IntakeClient(old.client("intake", "garage"))
    known = [garage.send_one(profile(name, name=name)).customer_number for name in ("li", "han")]
    ledger.wait_until_quiet(old)
    for packed in golden("event-").values():
        for number in known:
            put_event(old, int(re.match(r"K-(\d+)-", number)[1]), events.Event.FromString(packed))
        ledger.wait_until_quiet(old)
        check_alive(old)
    # After them, in the same buckets.
    for name in ("li", "han"):
        assert garage.send_one(contact(name, kind="complaint", channel="phone", body="noise")).status == ACCEPTED
    ledger.wait_until_quiet(old)
    ledger.check_loyalty(old)
    ledger.check_reporting(old)
    check_alive(old)
    assert not [process.log() for process in old.processes if "level=error" in process.log()]


# ---- the dialer


def test_a_dialer_obeys_an_order_with_fields_that_it_does_not_know(old):
    with FakeScheduler(old.folder) as scheduler:
        process = scheduler.start_dialer(old.programs)
        for number, packed in enumerate(golden("dialer_reply-order-").values()):
            order = dialer.DialerReply.FromString(packed).order
            now = now_us()
            order.key, order.now_us = f"F-{number}/1", now
            order.start_by_us, order.window_end_us = now + 10_000_000, now + 3600_000_000
            order.channel = 1
            scheduler.send(order=order)
            assert scheduler.result(order.key).outcome
        assert golden("dialer_reply-order-")
        assert process.is_running(), process.log()
