# SPDX-License-Identifier: Apache-2.0
"""How long a report takes, beside the same questions asked of the facts in plain SQL.

A year of cases in six branches. The facts are made by the server; reporting's figures are what its fold
would have made of them, also written by the server, because here the reading is measured. Both sides
must give the same numbers, or the bench fails.
"""

import statistics
import time

import psycopg2

import report_pb2
from tests.bench.measure import Figure, run_pairs
from tests.support.system import System

ZONE = "Asia/Shanghai"
FIRST_DAY, DAYS = "2026-01-01", 360
RANGES = {"year": ("2026-01-01", "2026-12-26"), "month": ("2026-06-01", "2026-06-30")}

# $cases cases, spread evenly; answered after minutes to hours, three quarters resolved; every case with two promises,
# every third with an answer.
FACTS = """
INSERT INTO intake.service_case (bucket, number, customer_number, version, state, kind, channel, branch, priority,
    standard_id, rule, opened_at, first_response_at, resolved_at, is_historical, last_contact_at)
SELECT i % 256, (1000000 + i)::int8 << 8 | i % 256, (1000 + i % 50000)::int8 << 8 | i % 256, 3,
       CASE WHEN i % 4 > 0 THEN 5 ELSE 2 END, 1 + i % 4, 'phone',
       (ARRAY['north', 'south', 'east', 'west', 'harbour', 'airport'])[1 + i % 6], 3, 1, 'rule', opened,
       opened + (60 + i * 7919 % 20000) * interval '1 s',
       CASE WHEN i % 4 > 0 THEN opened + (20060 + i * 104729 % 150000) * interval '1 s' END, false, opened
FROM (SELECT i, timestamptz '{first} 00:00 {zone}' + i * (interval '{days} days' / {cases}) AS opened
      FROM generate_series(0::int8, {cases} - 1) AS i) AS c;

INSERT INTO intake.promise (bucket, number, case_number, customer_number, kind, branch, state, version, made_at,
    target_us, due_at, next_step, done_at, settled_at, standard_id, is_historical)
SELECT c.bucket, c.number + n * (8000000::int8 << 8), c.number, c.customer_number, k, c.branch,
       CASE WHEN (c.number >> 8) % 9 = n THEN 5 ELSE 3 END, 2, c.opened_at, 14400000000,
       c.opened_at + interval '4 h', 0, c.first_response_at, c.first_response_at, 1, false
FROM intake.service_case AS c, (VALUES (1, 'first_response'), (2, 'resolution')) AS p (n, k);

INSERT INTO intake.survey_answer (bucket, number, customer_number, case_number, branch, instrument, value, source_id,
    occurred_at, received_at)
SELECT bucket, number + (24000000::int8 << 8), customer_number, number, branch, 1, 1 + (number >> 8) % 5, 1,
       first_response_at, first_response_at
FROM intake.service_case WHERE (number >> 8) % 3 = 0;
"""

# What the fold makes of them: days of the zone, lanes of the buckets.
FIGURES = """
INSERT INTO reporting.fold_zone (time_zone) VALUES ('{zone}');
INSERT INTO reporting.daily_fact (lane, day, branch, measure, count, sum)
SELECT bucket % 8, (at AT TIME ZONE '{zone}')::date, branch, measure, count(*), sum(value)
FROM (SELECT bucket, opened_at AS at, branch, 'cases' AS measure, 0 AS value FROM intake.service_case
      UNION ALL SELECT bucket, made_at, branch, 'promises_made', 0 FROM intake.promise
      UNION ALL SELECT bucket, settled_at, branch,
                CASE WHEN state = 3 THEN 'promises_kept' ELSE 'promises_broken' END, 0 FROM intake.promise
      UNION ALL SELECT bucket, occurred_at, branch, 'csat', value FROM intake.survey_answer) AS f
GROUP BY 1, 2, 3, 4;
INSERT INTO reporting.duration_fact (bucket, case_number, measure, version, day, branch, value_us)
SELECT bucket, number, measure, 2, (at AT TIME ZONE '{zone}')::date, branch,
       (extract(epoch FROM at - opened_at) * 1000000)::int8
FROM (SELECT *, 'first_response' AS measure, first_response_at AS at FROM intake.service_case
      UNION ALL SELECT *, 'resolution', resolved_at FROM intake.service_case WHERE resolved_at IS NOT NULL) AS c;
"""

# All, per day and per branch in one pass over each table, as somebody would write it who has no figures.
RAW = [
    """SELECT (opened_at AT TIME ZONE %(zone)s)::date AS day, branch, count(*)
       FROM intake.service_case WHERE opened_at >= %(from)s AND opened_at < %(until)s
       GROUP BY GROUPING SETS ((), (1), (2))""",
    """SELECT (first_response_at AT TIME ZONE %(zone)s)::date AS day, branch, count(*),
              percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM first_response_at - opened_at)::float8),
              percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM first_response_at - opened_at)::float8)
       FROM intake.service_case WHERE first_response_at >= %(from)s AND first_response_at < %(until)s
       GROUP BY GROUPING SETS ((), (1), (2))""",
    """SELECT (resolved_at AT TIME ZONE %(zone)s)::date AS day, branch, count(*)
       FROM intake.service_case WHERE resolved_at >= %(from)s AND resolved_at < %(until)s
       GROUP BY GROUPING SETS ((), (1), (2))""",
    """SELECT (made_at AT TIME ZONE %(zone)s)::date AS day, branch, count(*)
       FROM intake.promise WHERE made_at >= %(from)s AND made_at < %(until)s GROUP BY GROUPING SETS ((), (1), (2))""",
    """SELECT (settled_at AT TIME ZONE %(zone)s)::date AS day, branch, count(*) FILTER (WHERE state = 3),
              count(*) FILTER (WHERE state IN (4, 5))
       FROM intake.promise WHERE settled_at >= %(from)s AND settled_at < %(until)s
       GROUP BY GROUPING SETS ((), (1), (2))""",
    """SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day, branch, count(*), avg(value)
       FROM intake.survey_answer WHERE instrument = 1 AND occurred_at >= %(from)s AND occurred_at < %(until)s
       GROUP BY GROUPING SETS ((), (1), (2))""",
]


def report_figures(bench):
    database = bench.cluster.new_database()
    cases = bench.sizes.choose(60_000, 500_000)
    values = {"first": FIRST_DAY, "days": DAYS, "cases": cases, "zone": ZONE}
    bench.cluster.psql(FACTS.format(**values) + FIGURES.format(**values), database)
    # An index that only reports would need; without it the reference would be slower than it has to be.
    bench.cluster.psql("CREATE INDEX ON intake.service_case (opened_at); VACUUM ANALYZE; CHECKPOINT", database)
    reference = f"plain SQL over the facts of {cases} cases"
    figures = [Figure(f"report_{name}", "ms", 0.025, False, reference) for name in RANGES]
    asks = bench.sizes.choose(3, 5)
    with System(bench.cluster, bench.programs, database) as system:
        manager = system.key("manager", ["reports"])
        # With the usual deadline (5 s) a year of very many cases would not be slow but refused.
        system.start("reporting", time_zone=ZONE, db_deadline="60s")
        client = system.client("reporting", "manager", key=manager)
        connection = psycopg2.connect(system.conninfo())
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET jit = off")

        def pair():
            return [compare(client, connection, days, asks) for days in RANGES.values()]

        run_pairs(bench.sizes, figures, pair, bench.roots)
        connection.close()
    bench.cluster.drop_database(database)
    return figures


def compare(client, connection, days, asks):
    """Milliseconds of both: the median of a few."""
    ours, raw = [], []
    for _ in range(asks):
        begin = time.monotonic()
        overview = ask(client, days)
        ours.append(time.monotonic() - begin)
        begin = time.monotonic()
        rows = ask_facts(connection, days)
        raw.append(time.monotonic() - begin)
        check_same(overview, rows)
    return statistics.median(ours) * 1000, statistics.median(raw) * 1000


def ask(client, days):
    request = report_pb2.ReportRequest(
        request_id="bench", overview=report_pb2.OverviewRequest(from_day=days[0], to_day=days[1]))
    reply = client.ask(request, report_pb2.ReportReply, seconds=60)
    if reply.code:
        raise RuntimeError(f"{reply.code}: {reply.text}")
    return reply.overview


def ask_facts(connection, days):
    """The rows of each question."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT %(from)s::timestamp AT TIME ZONE %(zone)s,"
                       " (%(to)s::date + 1)::timestamp AT TIME ZONE %(zone)s",
                       {"from": days[0], "to": days[1], "zone": ZONE})
        begin, until = cursor.fetchone()
        answers = []
        for question in RAW:
            cursor.execute(question, {"from": begin, "until": until, "zone": ZONE})
            answers.append(cursor.fetchall())
    return answers


def check_same(overview, answers):
    total = [next(row[2:] for row in rows if row[0] is None and row[1] is None) for rows in answers]
    ours, facts = overview.total, [value for row in total for value in row]
    seconds = [ours.first_response_median_us / 1e6, ours.first_response_p90_us / 1e6]
    mine = [ours.cases, ours.first_responses, *seconds, ours.resolved, ours.promises_made, ours.promises_kept,
            ours.promises_broken, ours.csat_count, ours.csat_mean]
    if any(abs(a - float(b)) > 0.001 for a, b in zip(mine, facts, strict=True)):
        raise RuntimeError(f"the report says {mine}, the facts say {facts}")
