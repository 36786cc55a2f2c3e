# SPDX-License-Identifier: Apache-2.0
"""A year of cases as intake and the scheduler would have stored them, and the events that reporting folds from them."""

import datetime
import io

import psycopg2
import psycopg2.extras

import event_pb2
import intake_pb2
from tests.bench.measure import progress

ZONE = "Asia/Shanghai"

def month_before(day):
    return (day - datetime.timedelta(days=1)).replace(day=1)


def year_before(day):
    return day.replace(year=day.year - 1)


# The twelve whole months before this one: what is open now was opened lately.
END = datetime.date.today().replace(day=1)
FIRST_DAY, DAYS = year_before(END), (END - year_before(END)).days
LAST_DAY = END - datetime.timedelta(days=1)
RANGES = {"year": (str(FIRST_DAY), str(LAST_DAY)), "month": (str(month_before(END)), str(LAST_DAY))}
OPEN_DAYS = 60  # what was opened before these is resolved
CHANNELS = ["phone", "web", "app", "counter", "mail", "wechat"]
STEP = 100_000  # cases in one transaction
STREAM = "intake.0"
CONTACTS = 5  # of each case
EVENTS = 8  # of each case: opened, four contacts, answered, resolved, an answer of the customer

# Case i is opened at its share of the year; customers come back with a case now and then. Answered after minutes to hours,
# then resolved, every sixth after it waited for the customer. Of the last 60 days every eighth is open, with a promise that is
# broken and one that is due in the next days.
CASES = f"""
CREATE TEMP TABLE made ON COMMIT DROP AS
SELECT i, (i * 167 %% 256)::int2 AS bucket, (1000000 + i)::int8 << 8 | i * 167 %% 256 AS number,
       (1000 + i %% 200000)::int8 << 8 | i * 167 %% 256 AS customer_number,
       timestamptz '{FIRST_DAY} 00:00 {ZONE}' + i * (interval '{DAYS} days' / %(cases)s) AS opened,
       (60 + i * 7919 %% 20000) * interval '1 s' AS answer_after,
       (20060 + i * 104729 %% 400000) * interval '1 s' AS resolve_after,
       i %% 8 > 0 OR i < (1 - {OPEN_DAYS} / {DAYS}.0) * %(cases)s AS is_resolved,
       'product' || i * 17 %% %(products)s AS product
  FROM generate_series(%(first)s::int8, %(last)s) AS i"""
FILL = [
    f"""INSERT INTO intake.service_case (bucket, number, customer_number, version, state, kind, channel, branch, category, product,
           priority, owner_team, standard_id, rule, opened_at, first_response_at, resolved_at, is_historical, last_contact_at,
           opened_by)
        SELECT bucket, number, customer_number, {EVENTS}, CASE WHEN is_resolved THEN 5 ELSE 2 END, 1 + i % 4,
               (ARRAY{CHANNELS})[1 + i % 6], 'branch' || i % 10, 'category' || i * 31 % 20, product,
               1 + i % 4, 'team' || i % 12, 1, 'rule' || i % 5, opened, opened + answer_after,
               CASE WHEN is_resolved THEN opened + resolve_after END, false, opened + answer_after / 2,
               number
          FROM made""",
    f"""INSERT INTO intake.contact (bucket, number, customer_number, case_number, case_version, source_id, kind, channel, occurred_at,
           received_at, is_historical)
        SELECT bucket, number + n * (20000000::int8 << 8), customer_number, number, CASE WHEN n > 0 THEN n + 1 END, 1, 1 + i % 4,
               (ARRAY{CHANNELS})[1 + i % 6], opened + answer_after * n / {2 * CONTACTS}, opened + answer_after * n / {2 * CONTACTS}, false
          FROM made CROSS JOIN generate_series(0, {CONTACTS - 1}) AS n""",
    f"""INSERT INTO intake.case_event (bucket, number, case_number, case_version, action, from_state, to_state, standard_id, staff,
           source_id, occurred_at, received_at)
        SELECT bucket, number + (160000000::int8 + n * 20000000::int8 << 8), number, {CONTACTS} + 1 + n, action, before, after, 1,
               'staff' || i % 150, 1, opened + answer_after + share * (resolve_after - answer_after),
               opened + answer_after + share * (resolve_after - answer_after)
          FROM made JOIN (VALUES (0, 1, 1, 2, 0.0, 1), (1, 3, 2, 3, 0.2, 6), (2, 5, 3, 2, 0.5, 6), (3, 6, 2, 5, 1.0, 1))
               AS e (n, action, before, after, share, every) ON i % every = 0 AND (action <> 6 OR is_resolved)""",
    """INSERT INTO intake.promise (bucket, number, case_number, customer_number, kind, branch, state, version, made_at, target_us,
           due_at, next_step, done_at, settled_at, standard_id, rule, is_historical, counted_us, chance)
       SELECT bucket, number + (p.n * 20000000::int8 << 8), number, customer_number, p.kind, 'branch' || i % 10,
              CASE WHEN done IS NULL THEN 5 WHEN done > opened + target THEN 4 ELSE 3 END, 2, opened,
              (extract(epoch FROM target) * 1000000)::int8, opened + target, 0, done, coalesce(done, opened + target), 1,
              'rule' || i % 5, false, (extract(epoch FROM coalesce(done - opened, target)) * 500000)::int8, (i % 10) / 10.0 + 0.05
         FROM made CROSS JOIN LATERAL (VALUES
              (12, 'first_response', interval '4 h', opened + answer_after),
              (13, 'resolution', interval '3 d', CASE WHEN is_resolved THEN opened + resolve_after END)) AS p (n, kind, target, done)""",
    """INSERT INTO intake.promise (bucket, number, case_number, customer_number, kind, branch, state, version, made_at, target_us,
           due_at, next_step, standard_id, rule, is_historical)
       SELECT bucket, number + (300000000::int8 << 8), number, customer_number, 'custom', 'branch' || i % 10, 1, 1, opened,
              86400000000, now() + i % 4000 * interval '1 min', 0, 1, 'rule' || i % 5, false
         FROM made WHERE NOT is_resolved""",
    """INSERT INTO intake.survey_answer (bucket, number, customer_number, case_number, branch, instrument, value, source_id,
           occurred_at, received_at)
       SELECT bucket, number + (280000000::int8 << 8), customer_number, number, 'branch' || i % 10, 1 + i / 2 % 3, 1 + i * 7 % 5, 1,
              opened + resolve_after + interval '1 d', opened + resolve_after + interval '1 d'
         FROM made WHERE is_resolved AND i % 2 = 0""",
]


def micros(moment):
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


class ReportWorld:
    """The database of so many cases. Events: all of them, or one of each case, which makes the same figures."""

    def __init__(self, bench, cases, has_all_events, products=40):
        self.bench, self.cases, self.has_all_events, self.products = bench, cases, has_all_events, products
        self.database = bench.cluster.new_database()
        self.events = 0

    def __enter__(self):
        connection = psycopg2.connect(self.bench.cluster.conninfo(dbname=self.database))
        heads = [0] * 256
        with connection, connection.cursor() as cursor:
            cursor.execute("SET jit = off")
        for first in range(0, self.cases, STEP):
            with connection, connection.cursor() as cursor:
                cursor.execute(CASES, {"first": first, "last": min(first + STEP, self.cases) - 1, "cases": self.cases,
                                       "products": self.products})
                for statement in FILL:
                    cursor.execute(statement)
                cursor.execute("SELECT number, customer_number, opened, opened + answer_after, opened + resolve_after,"
                               " is_resolved, i FROM made ORDER BY i")
                self.write_events(cursor, cursor.fetchall(), heads)
            progress(f"{min(first + STEP, self.cases)} cases are made")
        with connection, connection.cursor() as cursor:
            psycopg2.extras.execute_values(
                cursor, "INSERT INTO log.head (stream, bucket, seq) VALUES %s",
                [(STREAM, bucket, seq) for bucket, seq in enumerate(heads) if seq > 0])
        connection.close()
        self.bench.cluster.psql("VACUUM ANALYZE", self.database)
        self.bench.cluster.psql("CHECKPOINT", self.database)
        self.events = sum(heads)
        return self

    def __exit__(self, *unused):
        self.bench.cluster.drop_database(self.database)

    def write_events(self, cursor, rows, heads):
        """In the order of time, as they would have come."""
        told = sorted((event for row in rows for event in events_of(*row, self.has_all_events)), key=lambda event: event[0])
        lines = io.StringIO()
        for at, customer, version, kind, event in told:
            bucket = customer & 255
            heads[bucket] += 1
            lines.write(f"{STREAM}\t{bucket}\t{heads[bucket]}\t{customer}\t{version}\t{kind}\t{at}"
                        f"\t\\\\x{event.SerializeToString().hex()}\n")
        lines.seek(0)
        cursor.copy_expert("COPY log.event FROM STDIN", lines)


def events_of(number, customer, opened, answered, resolved, is_resolved, i, has_all):
    """(time, customer, version, kind, event) of one case."""
    if not has_all:
        yield event_of(opened, customer, 1, "case_opened", number)
        return
    yield event_of(opened, customer, 1, "case_opened", number)
    for n in range(1, CONTACTS):
        yield event_of(opened + (answered - opened) * n / (2 * CONTACTS), customer, 1 + n, "contact_added", number)
    yield event_of(answered, customer, CONTACTS + 1, "case_changed", number)
    if is_resolved:
        yield event_of(resolved, customer, CONTACTS + 2, "case_changed", number)
        if i % 2 == 0:
            yield event_of(resolved, customer, CONTACTS + 3, "survey_answered", number)


def event_of(at, customer, version, kind, number):
    event = event_pb2.Event(customer=customer, version=version, occurred_us=micros(at), recorded_us=micros(at))
    body = getattr(event, kind)
    body.service_case = number
    if kind == "survey_answered":
        body.answer = number + (280000000 << 8)
        body.instrument = intake_pb2.SURVEY_INSTRUMENT_CSAT
    return at, customer, version, kind, event
