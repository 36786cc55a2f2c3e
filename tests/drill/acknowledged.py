# SPDX-License-Identifier: Apache-2.0
"""What senders were promised, written down by somebody who does not burn with the database.

    witness = Witness(path)
    sender = WitnessedSender(witness, client, records, clock)     # a Sender that writes each receipt down and syncs it
    Resender(witness, client, keys, clock).run()                  # the same records, byte by byte, once more
"""

import os
import time

from tests.support.load import Sender


class Witness:
    """A line for each receipt, on the disk before the sender goes on."""

    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8")
        self.said = {}  # key: (Planned, the record as it was sent, instant at which it was sent first)
        self.acknowledged = {}  # key: instant at which its receipt was here

    def note_sent(self, planned, record):
        self.said.setdefault(planned.key, (planned, record, time.time()))

    def note_receipts(self, keys):
        now = time.time()
        for key in keys:
            self.acknowledged.setdefault(key, now)
            self.file.write(f"{now:.6f} {key}\n")
        self.file.flush()
        os.fsync(self.file.fileno())

    def acknowledged_before(self, instant):
        return {key for key, at in self.acknowledged.items() if at <= instant}

    def sent_before(self, instant):
        return {key for key, (_, _, at) in self.said.items() if at <= instant}


class Noted:
    """A planned record that tells the witness when it becomes a message."""

    def __init__(self, witness, planned):
        self.witness, self.planned = witness, planned
        self.key, self.customer, self.kind, self.body = planned.key, planned.customer, planned.kind, planned.body

    def message(self, occurred_us):
        record = self.planned.message(occurred_us)
        self.witness.note_sent(self.planned, record)
        return record


class WitnessedSender(Sender):
    def __init__(self, witness, client, records, clock, seed=1, **options):
        super().__init__(client, [Noted(witness, record) for record in records], clock, seed, **options)
        self.witness = witness

    def _receive(self):
        before = set(self.receipts)
        super()._receive()
        new = [key for key in self.receipts if key not in before]
        if new:
            self.witness.note_receipts(new)


class Again:
    """A record as it was sent the first time: another body under the same key would be refused."""

    def __init__(self, planned, record):
        self.key, self.customer, self.kind, self.body = planned.key, planned.customer, planned.kind, planned.body
        self.record = record

    def message(self, _):
        return self.record


class Resender(Sender):
    """What proto/README.md asks of a source whose receipts are in doubt: the same keys again, in the same order."""

    def __init__(self, witness, client, clock):
        records = [Again(planned, record) for planned, record, _ in witness.said.values()]
        super().__init__(client, records, clock, in_flight=256)
