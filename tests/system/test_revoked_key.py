# SPDX-License-Identifier: Apache-2.0
"""A key that was let in is locked out again, on the connection that it has."""

import time

import intake_pb2 as intake

from tests.support import ledger
from tests.support.system import wait_until


def one_record(key):
    record = intake.Record(key=key, occurred_us=time.time_ns() // 1000)
    record.customer_profile.customer_ref = "somebody"
    return intake.IntakeRequest(records=intake.RecordBatch(records=[record]))


def test_a_client_that_is_revoked_is_not_heard_any_more(system):
    system.key("garage", ["records"])
    process = system.start("intake")
    client = system.client("intake", "garage")
    (receipt,) = client.ask(one_record("k1"), intake.IntakeReply).receipts.receipts
    assert receipt.status == intake.RECEIPT_STATUS_ACCEPTED

    system.psql("SELECT intake.source_revoke('garage', now())")
    process.reload()
    wait_until(lambda: not is_accepted(client, "k2"), what="the revocation")
    stored = ledger.number(system, "SELECT count(*) FROM intake.receipt")
    assert not is_accepted(client, "k3")
    assert ledger.number(system, "SELECT count(*) FROM intake.receipt") == stored


def is_accepted(client, key):
    """Whether one record, sent now, gets a receipt."""
    try:
        client.send(one_record(key), 1)
    except TimeoutError:
        return False
    frames = client.receive_bytes(1)
    return frames is not None and len(intake.IntakeReply.FromString(frames[-1]).receipts.receipts) > 0
