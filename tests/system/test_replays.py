# SPDX-License-Identifier: Apache-2.0
"""The same keys again and again: many at once, after cuts and kills, and after a month."""

import threading
import time
import uuid

from tests.support.intake_client import (
    ACCEPTED,
    DUPLICATE,
    REJECTED,
    IntakeClient,
    contact,
    record,
    purchase,
)
from tests.support.system import wait_until

RECORDS = 5_000
SENDERS = 4
ROUNDS = 5  # each of the senders sends every record so often: 100,000 in all
DAY_MS = 24 * 3600 * 1000


def uuid7(age_days):
    """A UUIDv7 that was made so long ago."""
    ms = time.time_ns() // 10**6 - age_days * DAY_MS
    random = uuid.uuid4().int
    value = (ms << 80) | (7 << 76) | (random & 0xFFF << 64) | (2 << 62) | (random & (1 << 62) - 1)
    return str(uuid.UUID(int=value))


class Replayer(threading.Thread):
    """Sends every record in each round. Every second round its connection is cut on the way, with
    receipts in it, and it begins with a new one."""

    def __init__(self, system, key, records, turn):
        super().__init__(daemon=True)
        self.make_client = lambda: IntakeClient(system.client("intake", "garage", key=key))
        # Not all in step: each begins at another place.
        begin = turn * len(records) // SENDERS
        self.records = records[begin:] + records[:begin]
        self.turn = turn
        self.receipts = []  # {key: receipt}, one per round
        self.error = None

    def run(self):
        try:
            client = self.make_client()
            for number in range(ROUNDS):
                if (number + self.turn) % 2:
                    for at in range(0, 500, 100):
                        client.send(self.records[at:at + 100])
                    client.client.close()
                    client = self.make_client()
                self.receipts.append(client.send_all(self.records, resend=10))
        except Exception as error:  # shown by the test
            self.error = error


def test_a_hundred_thousand_replays_have_no_second_effect(system):
    key = system.key("garage", ["records"])
    intake = system.start("intake")
    records = [contact(f"c-{i % 700}", category=f"k-{i}") for i in range(RECORDS)]
    senders = [Replayer(system, key, records, turn) for turn in range(SENDERS)]
    for sender in senders:
        sender.start()
    # In the middle of it.
    wait_until(lambda: int(system.psql("SELECT count(*) FROM intake.receipt")) > RECORDS // 2, 60)
    intake.kill()
    system.start("intake")
    for sender in senders:
        sender.join(240)
        assert sender.error is None, sender.error
        assert not sender.is_alive()

    cases = {}
    accepted = {}
    for receipts in (one for sender in senders for one in sender.receipts):
        assert len(receipts) == RECORDS
        for name, receipt in receipts.items():
            assert receipt.status in (ACCEPTED, DUPLICATE), receipt.text
            assert cases.setdefault(name, receipt.case_number) == receipt.case_number
            accepted[name] = accepted.get(name, 0) + (receipt.status == ACCEPTED)
    assert max(accepted.values()) == 1
    assert system.psql("SELECT count(*), count(DISTINCT (source_id, key)) FROM intake.receipt") == \
        f"{RECORDS}|{RECORDS}"
    assert system.psql("SELECT count(*) FROM intake.contact") == f"{RECORDS}"
    assert system.psql("SELECT count(*) FROM intake.customer") == "700"


def test_after_31_days_an_old_key_is_told_and_a_permanent_one_remembered(system):
    client = IntakeClient(system.client("intake", "garage", rights=["records"]))
    young = contact("li", key=uuid7(29))
    old = contact("li", key=uuid7(31))
    free = contact("li", key="order-4711")  # says nothing about its age
    kept = record(key=uuid7(31), purchase=purchase("li").purchase)
    kept.is_permanent_key = True

    # They came when they were new ...
    intake = system.start("intake", key_age="3650d")
    records = [young, old, free, kept]
    assert {client.send_one(one).status for one in records} == {ACCEPTED}
    system.psql("UPDATE intake.receipt SET received_at = received_at - interval '31 days'"
                f" WHERE key <> '{young.key}'")
    intake.terminate()

    # ... and come again a month later, before and after the receipts were cleared away.
    intake = system.start("intake")
    late = {one.key: client.send_one(one) for one in records}
    assert [late[one.key].status for one in records] == [DUPLICATE, REJECTED, DUPLICATE, DUPLICATE]
    assert (late[old.key].code, late[old.key].field) == ("key_too_old", "key")
    intake.terminate()
    job = system.run("troth-intake", "--config", system.folder / "intake.conf",
                     "--job", "expire-receipts")
    assert job.returncode == 0, job.stderr
    left = system.psql("SELECT key FROM intake.receipt ORDER BY key").split("\n")
    assert sorted(left) == sorted([young.key, kept.key])
    system.start("intake")
    assert client.send_one(kept).status == DUPLICATE
    assert client.send_one(old).code == "key_too_old"
    assert system.psql("SELECT count(*) FROM intake.purchase") == "1"
