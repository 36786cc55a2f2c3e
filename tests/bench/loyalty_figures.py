# SPDX-License-Identifier: Apache-2.0
"""Events that loyalty scoring applies per second.

Events stand in the log, loyalty is started, and its cursors are watched from their first move to the
last. The reference adds the same events up into the same score rows, set by set, and does nothing else:
no evidence, no history, no events of its own, no cursors.
"""

import io
import threading
import time

import psycopg2
import psycopg2.extras

import event_pb2
import intake_pb2
from tests.bench.measure import Figure, run_pairs
from tests.support.system import System

FLOOR_BATCH = 1024
ROUNDS = 5  # events per customer
START_US = 1_790_000_000_000_000
MINUTE_US = 60_000_000
STREAM = "intake.0"


def loyalty_figures(bench):
    figure = Figure("loyalty_events", "events/s", 0.5, True,
                    f"the score rows alone, upserted in sets of {FLOOR_BATCH} events, one connection")
    base = bench.cluster.new_database()
    count = fill(bench, base, bench.sizes.choose(8_000, 40_000))

    def pair():
        return [(our_rate(bench, base, count), floor_rate(bench, base, count))]

    run_pairs(bench.sizes, [figure], pair, bench.roots)
    bench.cluster.drop_database(base)
    return [figure]


# ---- events


def body_of(event, step, number):
    """What happened to a customer in that round: two promises kept, one broken, two answers."""
    if step in (1, 3):
        answer = event.survey_answered
        answer.answer = number
        answer.instrument = intake_pb2.SURVEY_INSTRUMENT_CSAT if step == 1 else intake_pb2.SURVEY_INSTRUMENT_NPS
        answer.value = number // 256 % 5 + 1
        answer.branch = "north"
        return "survey_answered"
    promise = event.promise_changed
    promise.promise = number
    promise.service_case = number
    promise.kind = "resolution"
    setattr(promise, "from", event_pb2.PROMISE_STATE_OPEN)
    promise.to = event_pb2.PROMISE_STATE_BROKEN if step == 4 else event_pb2.PROMISE_STATE_KEPT
    promise.made_us, promise.due_us, promise.done_us = START_US, START_US + MINUTE_US, event.occurred_us
    promise.branch = "north"
    promise.promise_version = 2
    return "promise_changed"


def fill(bench, database, customers):
    """Writes the log as intake would have. Returns how many events there are."""
    lines = io.StringIO()
    heads = [0] * 256
    for step in range(ROUNDS):
        for i in range(customers):
            bucket = i * 167 % 256  # neighbours in time are not neighbours in the log
            customer = (1024 + i) << 8 | bucket
            event = event_pb2.Event(
                customer=customer, version=step + 2, is_historical=False,
                occurred_us=START_US + step * MINUTE_US, recorded_us=START_US + step * MINUTE_US)
            kind = body_of(event, step, (1_000_000 + step * customers + i) << 8 | bucket)
            heads[bucket] += 1
            at = f"2026-10-01 00:{step:02}:00+00"
            lines.write(f"{STREAM}\t{bucket}\t{heads[bucket]}\t{customer}\t{step + 2}\t{kind}\t{at}"
                        f"\t\\\\x{event.SerializeToString().hex()}\n")
    lines.seek(0)
    with psycopg2.connect(bench.cluster.conninfo(dbname=database)) as connection, connection.cursor() as cursor:
        cursor.copy_expert("COPY log.event FROM STDIN", lines)
        psycopg2.extras.execute_values(
            cursor, "INSERT INTO log.head (stream, bucket, seq) VALUES %s",
            [(STREAM, bucket, seq) for bucket, seq in enumerate(heads) if seq > 0])
        # What the reference reads: the same events, decoded already.
        cursor.execute("""
            CREATE UNLOGGED TABLE public.staged AS
            SELECT row_number() OVER (ORDER BY at, customer_id)::int AS n, bucket, customer_id AS customer,
                   (kind = 'survey_answered')::int AS answers FROM log.event;
            CREATE INDEX ON public.staged (n);
        """)
    connection.close()
    bench.cluster.psql("VACUUM ANALYZE", database)
    return sum(heads)


# ---- ours and the reference


def our_rate(bench, base, count):
    database = copy_of(bench, base)
    with System(bench.cluster, bench.programs, database) as system:
        connection = psycopg2.connect(system.conninfo())
        connection.autocommit = True
        bench.cluster.psql("CHECKPOINT", database)
        loyalty = system.start("loyalty")
        rate = watch_cursors(connection, count, loyalty)
        connection.close()
        loyalty.terminate()
    bench.cluster.drop_database(database)
    return rate


def watch_cursors(connection, count, process, seconds=300):
    """Events per second from the first move that is seen to the last."""
    first = None
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while time.monotonic() < deadline and process.is_running():
            cursor.execute("SELECT coalesce(sum(seq), 0) FROM log.consumer_cursor WHERE consumer = 'loyalty'")
            done, now = int(cursor.fetchone()[0]), time.monotonic()
            if first is None and done > 0:
                first = done, now
            if done == count:
                return (count - first[0]) / (now - first[1])
            pause.wait(0.05)  # the database has other things to do than to answer us
    raise TimeoutError(f"loyalty has not applied {count} events:\n{process.log()[-2000:]}")


def floor_rate(bench, base, count):
    database = copy_of(bench, base)
    connection = psycopg2.connect(bench.cluster.conninfo(dbname=database))
    with connection.cursor() as cursor:
        cursor.execute("SET jit = off")
        cursor.execute("""
            PREPARE add_up (int, int) AS
            INSERT INTO loyalty.customer_score AS s
                (bucket, customer_number, version, index, base_points, trust_points, satisfaction_points,
                 recommendation_points, csat_count, csat_sum, nps_promoters, nps_passives, nps_detractors, changed_at)
            SELECT bucket, customer, 1, 50, 50, 0, 0, 0, sum(answers), 0, 0, 0, 0, '2026-10-01 00:00:00+00'
              FROM public.staged WHERE n BETWEEN $1 AND $2 GROUP BY bucket, customer
                ON CONFLICT (bucket, customer_number) DO UPDATE
               SET version = s.version + 1, csat_count = s.csat_count + excluded.csat_count,
                   csat_sum = s.csat_sum + excluded.csat_sum, changed_at = excluded.changed_at
        """)
        connection.commit()
        bench.cluster.psql("CHECKPOINT", database)
        begin = time.monotonic()
        for start in range(1, count + 1, FLOOR_BATCH):
            cursor.execute("EXECUTE add_up (%s, %s)", (start, start + FLOOR_BATCH - 1))
            connection.commit()
        rate = count / (time.monotonic() - begin)
    connection.close()
    bench.cluster.drop_database(database)
    return rate


def copy_of(bench, base):
    name = f"{base}_{time.monotonic_ns()}"
    bench.cluster.psql(f'CREATE DATABASE "{name}" TEMPLATE "{base}"', "postgres")
    return name
