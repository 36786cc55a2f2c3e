# SPDX-License-Identifier: Apache-2.0
"""Events that loyalty scoring applies per second.

Events stand in the log, loyalty is started, and its cursors are watched from their first move to the
last. The reference writes the very rows that such a run leaves behind, and reads, computes and asks nothing
(loyalty_floor.py).
"""

import io
import threading
import time

import psycopg2
import psycopg2.extras

import event_pb2
import intake_pb2
from tests.bench.loyalty_floor import FLOOR_BATCH, keep_rows, stage, write_sets
from tests.bench.measure import Figure, run_pairs
from tests.support.system import System

ROUNDS = 5  # events per customer
START_US = 1_790_000_000_000_000
MINUTE_US = 60_000_000
STREAM = "intake.0"


def loyalty_figures(bench):
    figure = Figure("loyalty_events", "events/s", 0.5, True,
                    f"the rows that our run left behind, written by SQL alone, a statement per table for {FLOOR_BATCH} events")
    base = bench.cluster.new_database()
    count = fill(bench, base, bench.sizes.choose(8_000, 40_000))
    sets = keep(bench, base, count)

    def pair():
        return [(our_rate(bench, base, count), floor_rate(bench, base, count, sets))]

    run_pairs(bench.sizes, [figure], pair, bench.roots)
    bench.cluster.drop_database(base)
    return [figure]


# ---- events


def body_of(event, step, number):
    """What happened to a customer in that round: a promise kept, two answers, a purchase, a promise broken."""
    if step in (1, 3):
        answer = event.survey_answered
        answer.answer = number
        answer.instrument = intake_pb2.SURVEY_INSTRUMENT_CSAT if step == 1 else intake_pb2.SURVEY_INSTRUMENT_NPS
        answer.value = number // 256 % 5 + 1
        answer.branch = "north"
        return "survey_answered"
    if step == 2:
        purchase = event.purchase_made
        purchase.purchase = number
        purchase.amount_minor, purchase.currency = number % 100_000, "EUR"
        return "purchase_made"
    promise = event.promise_changed
    promise.promise = number
    promise.service_case = number
    promise.kind = "resolution"
    promise.owner_team = "desk"
    setattr(promise, "from", event_pb2.PROMISE_STATE_OPEN)
    promise.to = event_pb2.PROMISE_STATE_BROKEN if step == 4 else event_pb2.PROMISE_STATE_KEPT
    promise.made_us, promise.due_us, promise.done_us = START_US, START_US + MINUTE_US, event.occurred_us
    promise.branch = "north"
    promise.promise_version = 2
    return "promise_changed"


def customer_of(i):
    """Neighbours in time are not neighbours in the log."""
    return (1024 + i) << 8 | i * 167 % 256


def lines_of(customers, heads, rounds=ROUNDS, first=1_000_000):
    """The log as intake would have written it: COPY's text, and heads, 256 of them, moved on. first: counts things."""
    lines = io.StringIO()
    for step in range(rounds):
        for i, customer in enumerate(customers):
            bucket = customer & 255
            event = event_pb2.Event(
                customer=customer, version=step + 2, is_historical=False,
                occurred_us=START_US + step * MINUTE_US, recorded_us=START_US + step * MINUTE_US)
            kind = body_of(event, step, (first + step * len(customers) + i) << 8 | bucket)
            heads[bucket] += 1
            at = f"2026-10-01 00:{step:02}:00+00"
            lines.write(f"{STREAM}\t{bucket}\t{heads[bucket]}\t{customer}\t{step + 2}\t{kind}\t{at}"
                        f"\t\\\\x{event.SerializeToString().hex()}\n")
    lines.seek(0)
    return lines


def write_log(bench, database, lines, heads):
    with psycopg2.connect(bench.cluster.conninfo(dbname=database)) as connection, connection.cursor() as cursor:
        cursor.copy_expert("COPY log.event FROM STDIN", lines)
        psycopg2.extras.execute_values(
            cursor, "INSERT INTO log.head (stream, bucket, seq) VALUES %s"
                    " ON CONFLICT (stream, bucket) DO UPDATE SET seq = excluded.seq",
            [(STREAM, bucket, seq) for bucket, seq in enumerate(heads) if seq > 0])
    connection.close()


def fill(bench, database, customers):
    """Returns how many events there are."""
    heads = [0] * 256
    write_log(bench, database, lines_of([customer_of(i) for i in range(customers)], heads), heads)
    bench.cluster.psql("VACUUM ANALYZE", database)
    return sum(heads)


# ---- ours and the reference


def keep(bench, base, count):
    """A run that is not measured leaves its rows for the reference. Returns how many sets they are."""
    kept = copy_of(bench, base)
    with psycopg2.connect(bench.cluster.conninfo(dbname=kept)) as connection, connection.cursor() as cursor:
        keep_rows(cursor)
    connection.close()
    run(bench, kept, count)
    sets = stage(bench, kept, base)
    bench.cluster.drop_database(kept)
    return sets


def run(bench, database, count):
    """Events per second."""
    with System(bench.cluster, bench.programs, database) as system:
        connection = psycopg2.connect(system.conninfo())
        connection.autocommit = True
        bench.cluster.psql("CHECKPOINT", database)
        loyalty = system.start("loyalty")
        rate = watch_cursors(connection, count, loyalty)
        connection.close()
        loyalty.terminate()
    return rate


def our_rate(bench, base, count):
    database = copy_of(bench, base)
    rate = run(bench, database, count)
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


def floor_rate(bench, base, count, sets):
    database = copy_of(bench, base)
    rate = count / write_sets(bench, database, sets)
    bench.cluster.drop_database(database)
    return rate


def copy_of(bench, base):
    name = f"{base}_{time.monotonic_ns()}"
    bench.cluster.psql(f'CREATE DATABASE "{name}" TEMPLATE "{base}"', "postgres")
    return name
