# SPDX-License-Identifier: Apache-2.0
"""Customers with scores, as a company has them after two years: made by SQL as loyalty scoring would have written them."""

import psycopg2

import event_pb2
from tests.bench.loyalty_figures import MINUTE_US, ROUNDS, START_US, STREAM, body_of, customer_of
from tests.bench.measure import ticks_of
from tests.support.system import System

STEP = 100_000  # customers in one transaction
CHANCE = "((hashint8extended(i, {0}) & 16777215) / 16777216.0)"  # of customer i, from 0 to 1
NUMBER = "((1024 + i) << 8 | i * 167 %% 256)"  # as customer_of()
BUCKET = "(i * 167 %% 256)::int2"
BEGIN = "timestamptz '2024-09-21Z'"
# A customer came some time in two years, buys at a pace of their own and stops one day.
LIVES = f"""
SELECT i, {NUMBER} AS number, {BUCKET} AS bucket, {BEGIN} + {CHANCE.format(1)} * interval '720 days' AS came,
       least(9, floor(-2 * ln(1 - {CHANCE.format(2)})))::int AS more, -ln(1 - {CHANCE.format(3)}) * interval '200 days' AS stays,
       {CHANCE.format(4)} AS luck
  FROM generate_series(%(first)s::int8, %(last)s) AS i"""
EVIDENCE = """
INSERT INTO loyalty.score_evidence (bucket, customer_number, kind, subject, part, version, value, at, recorded_at, branch, team,
                                    label, event_stream, event_seq)
SELECT bucket, number, kind, {subject}, 0, {version}, {value}, {at}, {at}, {branch}, {team}, {label}, 'intake.6', 1
  FROM lives CROSS JOIN LATERAL (SELECT {kind}::int2 AS kind) AS k {more}"""
THING = "(({0}::int8 * 10000000 + i) << 8 | bucket)"
FILL = [
    f"CREATE TEMP TABLE lives ON COMMIT DROP AS {LIVES}",
    "INSERT INTO intake.customer (bucket, number, version, first_seen_at) SELECT bucket, number, 1, came FROM lives",
    EVIDENCE.format(kind=9, subject=THING.format("(100 + n)"), version=1, value="1000 + (luck * 20000)::int8 + n",
                    at=f"least(came + stays * n / (1 + more), {BEGIN} + interval '729 days')", branch="NULL", team="NULL",
                    label="'EUR'", more="CROSS JOIN LATERAL generate_series(0, more) AS n"),
    EVIDENCE.format(kind=1, subject=THING.format(1), version=2, value="CASE WHEN luck < 0.8 THEN 3 ELSE 5 END", at="came",
                    branch="'north'", team="'desk'", label="'resolution'", more=""),
    EVIDENCE.format(kind=2, subject=THING.format(2), version=1, value="1 + floor(luck * 5)::int8", at="came + interval '1 hour'",
                    branch="'north'", team="NULL", label="NULL", more=""),
    """INSERT INTO loyalty.score_sum (bucket, customer_number, measure, count, weight, value)
       SELECT e.bucket, e.customer_number, m.measure, count(*), sum(w.forward), sum(w.forward * e.value)
         FROM lives AS l JOIN loyalty.score_evidence AS e ON e.bucket = l.bucket AND e.customer_number = l.number
         JOIN (VALUES (1, 1), (2, 4), (2, 16), (9, 17)) AS m (kind, measure) ON m.kind = e.kind
         JOIN loyalty.sum_policy AS p ON p.measure = m.measure
        CROSS JOIN LATERAL (SELECT power(2, extract(epoch FROM e.at - timestamptz '2020-01-01Z')::float8 * 1e6 / p.value)) AS w (forward)
        GROUP BY e.bucket, e.customer_number, m.measure""",
    """INSERT INTO loyalty.customer_score (bucket, customer_number, version, index_hundredths, churn, churn_level, tier,
              is_trust_broken, trust, first_purchase_at, last_purchase_at, purchase_days, currency, seen_at, changed_at,
              evaluated_at, next_change_at, fit_id)
       SELECT l.bucket, number, 3, 4500 + (luck * 2000)::int, luck, 1, 1, false, luck, min(e.at), max(e.at),
              count(DISTINCT (e.at AT TIME ZONE 'UTC')::date), 'EUR', max(e.at), max(e.at), max(e.at),
              timestamptz '2030-01-01Z' + luck * interval '900 days', 0
         FROM lives AS l JOIN loyalty.score_evidence AS e ON e.bucket = l.bucket AND e.customer_number = number AND e.kind = 9
        GROUP BY l.bucket, number, luck, l.i ORDER BY l.i""",
    """INSERT INTO loyalty.score_history (bucket, customer_number, version, at, before_hundredths, after_hundredths, churn,
                                          reason, event_stream, event_seq)
       SELECT bucket, number, n, came + n * interval '1 day', 5000, 5000 + n, luck, 'trust', 'intake.6', 1
         FROM lives CROSS JOIN generate_series(1, 3) AS n""",
]


class ScoredCustomers:
    """So many of them, and a process that keeps their scores."""

    def __init__(self, bench, count):
        self.bench, self.count = bench, count
        self.database = bench.cluster.new_database()
        self.system = System(bench.cluster, bench.programs, self.database)
        self.system.key("reader", ["scores"])
        self.connection = psycopg2.connect(self.system.conninfo())
        self.heads = [0] * 256
        self.things = 1_000_000_000
        self.loyalty = None

    def __enter__(self):
        self.system.start("loyalty").terminate()  # leaves loyalty.sum_policy
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute("SET jit = off")
        for first in range(0, self.count, STEP):
            with self.connection, self.connection.cursor() as cursor:
                for number, statement in enumerate(FILL):
                    cursor.execute(statement, {"first": first, "last": min(first + STEP, self.count) - 1} if number == 0 else None)
        self.connection.autocommit = True
        self.bench.cluster.psql("VACUUM ANALYZE", self.database)
        self.bench.cluster.psql("CHECKPOINT", self.database)
        self.loyalty = self.system.start("loyalty")
        return self

    def __exit__(self, *unused):
        self.connection.close()
        self.system.stop()
        self.bench.cluster.drop_database(self.database)

    def query(self, sql, *values):
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()

    # ---- events

    def events(self, count):
        """Rows of log.event: one event of each of so many customers, evenly chosen, of all kinds."""
        rows = []
        for place in range(count):
            customer = customer_of(place * self.count // count)
            bucket = customer & 255
            self.things += 1
            self.heads[bucket] += 1
            at_us = START_US + self.things % 1_000_000_000 // count * MINUTE_US
            event = event_pb2.Event(customer=customer, version=self.heads[bucket] + 10, is_historical=False,
                                    occurred_us=at_us, recorded_us=at_us)
            kind = body_of(event, (place + self.things // count) % ROUNDS, self.things << 8 | bucket)
            rows.append((STREAM, bucket, self.heads[bucket], customer, event.version, kind, event.SerializeToString()))
        return rows

    def cpu(self):
        """Ticks that the process and its sessions have used."""
        pids = [pid for (pid,) in self.query("SELECT pid FROM pg_stat_activity WHERE usename = 'troth_loyalty'"
                                             " AND datname = current_database()")]
        return ticks_of([self.loyalty.pid, *pids])


def peak_mib(pid):
    """The most that the process has had in memory; 0 when it has just ended."""
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0) / 1024
