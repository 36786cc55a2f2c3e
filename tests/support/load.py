# SPDX-License-Identifier: Apache-2.0
"""A flood of good records, and a sender that forgets none of them.

    records = garage_records(seed=7, customers=200)     # 2,000, ten per customer
    sender = Sender(client, records, clock)
    sender.run({600: kill, 1400: kill})                 # calls kill() when so many are acknowledged
    sender.run()                                        # to the end

The sender does what proto/README.md asks of a source: the same key until there is a receipt, and
one record of a customer at a time, so that a case is known before something is said about it.
Every record carries its key in a text or reference that intake stores, so that a test can tell which
facts it became.
"""

import contextlib
import random
import time

import intake_pb2 as intake

from tests.support.system import wait_until

REPEAT_AFTER = 0.5  # seconds of machine time without a receipt, then the same key again
HOUR_US = 3_600_000_000
# Who has not asked for the business time since it was written.
UNREAD = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND application_name LIKE 'troth-%-clock' AND NOT (state = 'idle' AND query_start > '{written_at}')"""


class DemoClock:
    """Business time of the services that were started with --demo-clock; only steps forward."""

    def __init__(self, system, start_us=1_767_225_600_000_000):  # 2026-01-01T00:00:00Z
        self.system = system
        self.now_us = start_us
        self.before_us = start_us
        self._write()

    def step(self, hours):
        self.before_us = self.now_us
        self.now_us += round(hours * HOUR_US)
        self._write()

    def _write(self):
        """Until those who read it every 10 ms have read it again; who stands still or starts just now is not waited for long."""
        written_at = self.system.psql(
            "UPDATE log.clock SET demo_now = 'epoch'::timestamptz"
            f" + {self.now_us} * interval '1 microsecond' RETURNING clock_timestamp()"
        )
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: self.system.psql(UNREAD.format(written_at=written_at)) == "0", 1)


class RealClock:
    """Business time of services without a demo clock."""

    @property
    def before_us(self):
        return time.time_ns() // 1000 - 1_000_000


class Planned:
    """A record that was not sent yet: its instant is the one at which it is sent first."""

    def __init__(self, key, customer, kind, body):
        self.key, self.customer, self.kind, self.body = key, customer, kind, body

    def message(self, occurred_us):
        record = intake.Record(key=self.key, occurred_us=occurred_us)
        getattr(record, self.kind).CopyFrom(self.body)
        return record


def garage_records(seed, customers, prefix="load", first=0):
    """Ten records each; a list of Planned, in the order in which each customer's must take effect.

    Lists with different prefixes are about the same customers, from number 'first' on, in other cases."""
    chance = random.Random(seed)
    records = []
    for number in range(first, first + customers):
        ref = f"customer-{first + number}"
        bodies = customer_bodies(chance, ref, f"{prefix}-{number}")
        for step, (kind, body) in enumerate(bodies):
            records.append(Planned(f"{prefix}-{number}-{step}", ref, kind, body))
    return records


def customer_bodies(chance, ref, mark):
    """mark-N is the key of the record; it stands in a text or reference of each body."""
    branch = chance.choice(["north", "south", "east", "west"])
    first, second = f"{mark}-a", f"{mark}-b"
    owed = chance.choice([intake.CONTACT_KIND_COMPLAINT, intake.CONTACT_KIND_REQUEST])
    other = chance.choice([intake.CONTACT_KIND_ENQUIRY, intake.CONTACT_KIND_PRAISE])

    def contact(kind, case_ref, step):
        return "contact", intake.Contact(
            customer_ref=ref, kind=kind, channel="phone", branch=branch, case_ref=case_ref,
            subject="garage", body=f"{mark}-{step}")

    def update(action, case_ref, step):
        return "case_update", intake.CaseUpdate(
            customer_ref=ref, case_ref=case_ref, action=action, staff="s1", note=f"{mark}-{step}")

    def answer(instrument, value, step, **case):
        return "survey_answer", intake.SurveyAnswer(
            customer_ref=ref, instrument=instrument, value=value, comment=f"{mark}-{step}", **case)

    profile = intake.CustomerProfile(
        customer_ref=ref, name=f"{mark}-0", phone=f"+86138{chance.randrange(10**8):08d}",
        language=chance.choice(["zh-CN", "en"]), time_zone="Asia/Shanghai",
        consents=[intake.ConsentChange(purpose=purpose, is_given=True)
                  for purpose in (intake.PURPOSE_SERVICE_CALL, intake.PURPOSE_SURVEY)])
    purchase = intake.Purchase(
        customer_ref=ref, order_ref=f"{mark}-5", branch=branch, product="oil",
        amount_minor=chance.randrange(1_00, 9000_00), currency="CNY")
    return [
        ("customer_profile", profile),
        contact(owed, first, 1),
        update(intake.CASE_ACTION_RESPONDED, first, 2),
        update(intake.CASE_ACTION_NOTE, first, 3),
        update(intake.CASE_ACTION_RESOLVED, first, 4),
        ("purchase", purchase),
        answer(intake.SURVEY_INSTRUMENT_CSAT, chance.randint(1, 5), 6, case_ref=first),
        contact(other, second, 7),
        update(intake.CASE_ACTION_RESPONDED, second, 8),
        answer(intake.SURVEY_INSTRUMENT_NPS, chance.randint(0, 10), 9),
    ]


class Sender:
    """One source. Everything that was planned ends in 'receipts', by key."""

    def __init__(self, client, records, clock, seed=1, in_flight=64):
        self.client, self.clock, self.in_flight = client, clock, in_flight
        self.kinds = {record.key: record.kind for record in records}
        self.receipts = {}
        self.retries = 0  # receipts that asked to come again
        self.repeats = 0  # records that were sent more than once
        self._chance = random.Random(seed)
        self._waiting = {}  # of each customer, what was not sent yet
        for record in records:
            self._waiting.setdefault(record.customer, []).append(record)
        self._idle = sorted(self._waiting)  # customers of whom nothing is on its way
        self._sent = {}  # key: (record as sent, customer, when to send it again)

    @property
    def acknowledged(self):
        """How many records have a receipt that says: committed."""
        return len(self.receipts)

    def run(self, actions=None, seconds=120):
        """Sends until every record has its receipt. actions: {acknowledged: function}; each is
        called once, as soon as so many are acknowledged and while others are on their way."""
        actions = sorted((actions or {}).items())
        deadline = time.monotonic() + seconds
        while self._sent or self._idle:
            while actions and self.acknowledged >= actions[0][0]:
                actions.pop(0)[1]()
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"{self.acknowledged} acknowledged, {len(self._sent)} without receipt after {seconds} s"
                )
            self._send_new()
            self._send_again()
            self._receive()
        if actions:
            raise ValueError(f"no moment for {len(actions)} actions: only {self.acknowledged} records")

    def _send_new(self):
        batch = []
        while self._idle and len(self._sent) < self.in_flight and len(batch) < 16:
            customer = self._idle.pop(self._chance.randrange(len(self._idle)))
            planned = self._waiting[customer].pop(0)
            record = planned.message(self.clock.before_us)
            self._sent[planned.key] = (record, customer, time.monotonic() + REPEAT_AFTER)
            batch.append(record)
        self._send(batch)

    def _send_again(self):
        now = time.monotonic()
        batch = [one[0] for one in self._sent.values() if one[2] <= now][:256]
        for record in batch:
            self._sent[record.key] = (record, self._sent[record.key][1], now + REPEAT_AFTER)
        self.repeats += len(batch)
        self._send(batch)

    def _send(self, batch):
        if not batch:
            return
        request = intake.IntakeRequest(records=intake.RecordBatch(records=batch))
        try:
            self.client.send(request, 0.01)
        except TimeoutError:
            pass  # nobody is there: they are sent again when their time is up

    def _receive(self):
        frames = self.client.receive_bytes(0.02)
        while frames is not None:
            reply = intake.IntakeReply.FromString(frames[-1])
            for receipt in reply.receipts.receipts:
                self._take(receipt)
            frames = self.client.receive_bytes(0)

    def _take(self, receipt):
        if receipt.key not in self._sent:
            return  # a second receipt, for a record that was sent twice
        record, customer, _ = self._sent[receipt.key]
        if receipt.status == intake.RECEIPT_STATUS_RETRY:
            self.retries += 1
            again = time.monotonic() + receipt.retry_after_us / 1e6
            self._sent[receipt.key] = (record, customer, again)
            return
        if receipt.status == intake.RECEIPT_STATUS_REJECTED:
            raise AssertionError(f"a good record was rejected: {receipt}")
        del self._sent[receipt.key]
        self.receipts[receipt.key] = receipt
        if self._waiting[customer]:
            self._idle.append(customer)


def seeded_instants(seed, count, low, high):
    """count different numbers of acknowledged records, in order."""
    return sorted(random.Random(seed).sample(range(low, high), count))
