# SPDX-License-Identifier: Apache-2.0
"""A test that plays a service: appends events as the service would, for tests of those who read them.

    feed = EventFeed(system, "intake")
    feed.promise(customer, promise, version=2, to=event_pb2.PROMISE_STATE_KEPT)
    feed.commit()

Customers whom a reader asks intake about are made by add_customer().
"""

import event_pb2 as event

START_US = 1_795_276_800_000_000  # 2026-11-22 00:00 in Shanghai
SECOND_US = 1_000_000


def number(counter, bucket=0):
    """A number of a customer, case, promise or follow-up: it carries its bucket."""
    return counter << 8 | bucket


# The table of H. M. Damm's check digit.
DAMM = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2], [7, 0, 9, 2, 1, 5, 4, 8, 6, 3], [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6], [6, 1, 2, 3, 0, 4, 5, 9, 7, 8], [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4], [8, 9, 4, 5, 3, 6, 2, 0, 1, 7], [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
]


def spelled(letter, value):
    """As people write it: K-12345-7."""
    check = 0
    for digit in str(value):
        check = DAMM[check][int(digit)]
    return f"{letter}-{value}-{check}"


class EventFeed:
    def __init__(self, system, service="intake", slot=7):
        self.system = system
        self.service = service
        self.stream = f"{service}.{slot}"
        self.now_us = START_US
        self._rows = []
        # The last slot: a real process that joins takes the first free one.
        self.term = int(system.psql(
            f"INSERT INTO log.lease VALUES ('stream/{service}/{slot}', 'feed', 1, 'infinity')"
            " RETURNING term"))

    def add(self, customer, version=1, is_reversal=None, **body):
        """One event a second later; body is the field to set and its message."""
        self.now_us += SECOND_US
        (kind,) = body
        one = event.Event(customer=customer, version=version, occurred_us=self.now_us, recorded_us=self.now_us,
                          is_reversal=is_reversal, **body)
        self._rows.append((customer & 255, customer, version, kind, one.SerializeToString().hex()))

    def promise(self, customer, promise, to, version=2, **more):
        self.add(customer, version, promise_changed=event.PromiseChanged(
            promise=promise, to=to, promise_version=version, due_us=self.now_us, **more))

    def answer(self, customer, answer, instrument, value, **more):
        self.add(customer, survey_answered=event.SurveyAnswered(
            answer=answer, instrument=instrument, value=value, **more))

    def case_opened(self, customer, case, branch=""):
        self.add(customer, case_opened=event.CaseOpened(service_case=case, branch=branch))

    def responded(self, customer, case, after_s, branch=""):
        """The first response, so long after the opening."""
        self.now_us += SECOND_US
        opened_us = self.now_us - after_s * SECOND_US
        self.add(customer, 2, case_changed=event.CaseChanged(
            service_case=case, branch=branch, opened_us=opened_us, is_first_response=True,
            first_response_us=self.now_us, **{"from": event.CASE_STATE_OPEN}, to=event.CASE_STATE_OPEN))

    def commit(self):
        """What was added, in one transaction."""
        columns = list(zip(*self._rows))
        self._rows = []
        arrays = [f"'{{{','.join(map(str, column))}}}'" for column in columns[:4]]
        bodies = ",".join(f"'\\x{body}'::bytea" for body in columns[4])
        self.system.psql(
            f"SELECT count(*) FROM log.append('{self.stream}', {self.term}, {', '.join(arrays)},"
            f" array_fill(now(), ARRAY[{len(columns[0])}]), ARRAY[{bodies}])")

    def is_read_by(self, consumer):
        """Whether that consumer has applied everything of this stream."""
        return self.system.psql(
            "SELECT count(*) FROM log.head h LEFT JOIN log.consumer_cursor c"
            f" ON c.consumer = '{consumer}' AND c.stream = h.stream AND c.bucket = h.bucket"
            f" WHERE h.stream = '{self.stream}' AND h.seq > coalesce(c.seq, 0)") == "0"

    def add_customer(self, customer):
        self.system.psql(
            "INSERT INTO intake.customer (bucket, number, version, first_seen_at)"
            f" VALUES ({customer & 255}, {customer}, 1, now())")
