# SPDX-License-Identifier: Apache-2.0
"""A source that writes down what it is about to say, and what it was promised: a process of its own, which no fault of the
system under test reaches.

    intent <instant> <key> <digest> <kind> <customer>         on the disk before the record is sent for the first time
    ack <instant> <sent> <key> <customer number>              after the receipt; sent: when the record was sent last before it
    later <instant> <key> <seconds> <code>                    it is to come again after so long
    refused <instant> <key> <code>                            a good record was rejected, which must never be
    reopened <instant>                                        the connection said nothing for so long that a new one was made

Instants are CLOCK_MONOTONIC, the same for all processes of the machine. The digest is what intake must store: BLAKE2b of the
record without its key. A key is sent again, with the same body, until it has its receipt; of one customer one record at a time.
SIGTERM: no new records, and the end once each has its receipt. Started by witnesses.Generators.
"""

import argparse
import hashlib
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

import intake_pb2 as intake
import zmq

from tests.support.load import customer_bodies
from tests.support.system import Client

REPEAT_AFTER = 0.5  # seconds without a receipt, then the same key again
# Far longer than any recovery may take: a new connection must not be what makes it succeed.
REOPEN_AFTER = 20.0
MESSAGE_RECORDS = 16
AGAIN_RECORDS = 64
DIGEST_BYTES = 16
HEARTBEAT_MS = (1000, 3000)


class Log:
    """Lines that are on the disk when write() returns."""

    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, lines):
        if lines:
            os.write(self.file, "".join(f"{line}\n" for line in lines).encode())
            os.fsync(self.file)


class PublicKey:
    def __init__(self, path):
        self.public = dict(read_pairs(path))["public-key"].encode()


class SecretKey(PublicKey):
    def __init__(self, path):
        super().__init__(path)
        self.secret = dict(read_pairs(path))["secret-key"].encode()


def read_pairs(path):
    for line in Path(path).read_text(encoding="ascii").splitlines():
        name, value = line.split(" = ", 1)
        yield name, value


def digest(record):
    body = intake.Record.FromString(record.SerializeToString())
    body.ClearField("key")
    return hashlib.blake2b(body.SerializeToString(), digest_size=DIGEST_BYTES).hexdigest()


class Lives:
    """Customers without end, ten records each; which ones comes of the seed alone."""

    def __init__(self, options):
        self.name, self.place, self.occurred_us = options.name, options.place, options.occurred_us
        self.chance = random.Random(f"{self.name}/{options.seed}")
        self.number = 0

    def next(self):
        """[(key, kind, record)] in the order in which they must take effect."""
        mark = f"{self.name}-{self.number}"
        bodies = customer_bodies(self.chance, f"{mark}-customer", mark)
        # Customers with the same number would be one person.
        bodies[0][1].phone = f"+86139{self.place:02d}{self.number:06d}"
        self.number += 1
        return mark, [(f"{mark}-{step}", kind, body) for step, (kind, body) in enumerate(bodies)]

    def record(self, key, kind, body):
        now_us = self.occurred_us or time.time_ns() // 1000 - 1_000_000
        record = intake.Record(key=key, occurred_us=now_us)
        getattr(record, kind).CopyFrom(body)
        return record


class Generator:
    def __init__(self, options, ending):
        self.options, self.ending = options, ending
        self.intents, self.acks = Log(f"{options.paper}.intents"), Log(f"{options.paper}.acks")
        self.lives = Lives(options)
        self.chance = random.Random(options.seed)
        self.context = zmq.Context()
        self.client = None
        self.connect()
        self.waiting = {}  # of each customer, what was not sent yet
        self.idle = []     # customers of whom nothing is on its way
        self.sent = {}     # key: [record, customer, when to send it again, when it was sent last]
        self.allowance, self.counted_at = 0.0, time.monotonic()

    def connect(self):
        if self.client is not None:
            self.client.close()
        self.client = Client(self.context, zmq.DEALER, SecretKey(self.options.key), PublicKey(self.options.server_key),
                             [])
        # As proto/README.md advises sources: who hears nothing for so long connects again.
        self.client.socket.heartbeat_ivl, self.client.socket.heartbeat_timeout = HEARTBEAT_MS
        for endpoint in self.options.endpoint:
            self.client.socket.connect(endpoint)
        self.heard_at = time.monotonic()

    def run(self):
        while self.sent or not self.ending.is_set():
            self.send_new()
            self.send_again()
            self.receive()
            if self.sent and time.monotonic() > self.heard_at + REOPEN_AFTER:
                self.acks.write([f"reopened {time.monotonic():.6f}"])
                self.connect()

    # ---- out

    def pace(self):
        """How many records may be new now."""
        now = time.monotonic()
        self.allowance = min(MESSAGE_RECORDS, self.allowance + (now - self.counted_at) * self.options.rate)
        self.counted_at = now
        return min(int(self.allowance), self.options.in_flight - len(self.sent), MESSAGE_RECORDS)

    def send_new(self):
        count = 0 if self.ending.is_set() else self.pace()
        batch, lines = [], []
        while len(batch) < count:
            if len(self.idle) < self.options.customers:
                customer, self.waiting[customer] = self.lives.next()
                self.idle.append(customer)
            customer = self.idle.pop(self.chance.randrange(len(self.idle)))
            key, kind, body = self.waiting[customer].pop(0)
            record = self.lives.record(key, kind, body)
            now = time.monotonic()
            self.sent[key] = [record, customer, now + REPEAT_AFTER, now]
            batch.append(record)
            lines.append(f"intent {now:.6f} {key} {digest(record)} {kind} {customer}")
        self.allowance -= len(batch)
        self.intents.write(lines)
        self.send(batch)

    def send_again(self):
        now = time.monotonic()
        late = [one for one in self.sent.values() if one[2] <= now][:AGAIN_RECORDS]
        for one in late:
            one[2] = now + REPEAT_AFTER
        self.send([one[0] for one in late])

    def send(self, records):
        if not records:
            return
        try:
            self.client.send(intake.IntakeRequest(records=intake.RecordBatch(records=records)), 0.01)
        except TimeoutError:
            return  # nobody is there: they are sent again when their time is up
        now = time.monotonic()
        for record in records:
            self.sent[record.key][3] = now

    # ---- in

    def receive(self):
        lines = []
        frames = self.client.receive_bytes(0.005)
        while frames is not None:
            self.heard_at = time.monotonic()
            for receipt in intake.IntakeReply.FromString(frames[-1]).receipts.receipts:
                lines += self.take(receipt)
            frames = self.client.receive_bytes(0)
        self.acks.write(lines)

    def take(self, receipt):
        """The lines that say so."""
        if receipt.key not in self.sent:
            return []  # a second receipt, of a record that was sent twice
        now = time.monotonic()
        _, customer, _, sent_at = self.sent[receipt.key]
        if receipt.status == intake.RECEIPT_STATUS_RETRY:
            self.sent[receipt.key][2] = now + receipt.retry_after_us / 1e6
            return [f"later {now:.6f} {receipt.key} {receipt.retry_after_us / 1e6:.3f} {receipt.code}"]
        del self.sent[receipt.key]
        if receipt.status == intake.RECEIPT_STATUS_REJECTED:
            self.waiting.pop(customer)
            return [f"refused {now:.6f} {receipt.key} {receipt.code}"]
        if self.waiting[customer]:
            self.idle.append(customer)
        else:
            del self.waiting[customer]
        return [f"ack {now:.6f} {sent_at:.6f} {receipt.key} {receipt.customer_number}"]


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.faults.generator")
    parser.add_argument("--name", required=True, help="what keys begin with")
    parser.add_argument("--place", type=int, default=0, help="0 to 99, another one for each generator: their customers differ")
    parser.add_argument("--paper", required=True, help="path of .intents and .acks")
    parser.add_argument("--endpoint", required=True, action="append")
    parser.add_argument("--key", required=True)
    parser.add_argument("--server-key", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--rate", type=float, default=200.0, help="new records a second at most")
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--customers", type=int, default=64, help="how many lives run side by side")
    parser.add_argument("--occurred-us", type=int, default=0, help="when everything happened; 0: a second ago")
    options = parser.parse_args()
    # Before the papers are there, by which the test sees that it may send the signal.
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    Generator(options, ending).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
