# SPDX-License-Identifier: Apache-2.0
"""Loyalty scoring when a million customers have scores: what an event costs, how soon a score is told, memory, and fits."""

import random
import statistics
import subprocess
import threading
import time

import psycopg2.extras

import score_pb2
from tests.bench.loyalty_figures import STREAM, customer_of
from tests.bench.loyalty_world import ScoredCustomers, peak_mib
from tests.bench.measure import TICKS, Figure, progress, run_once, run_pairs
from tests.support.event_feed import spelled

SMALL = 10_000
EVENTS = 10_000  # at once; as many customers have one each
ROUNDS_PER_PAIR = 3
MEMORY_MIB = 128
ASK_MS = 5
RESCORE_SECONDS_PER_MILLION = 60
COMING = 20  # events in a commit, five times a second, while scores are asked
WRITE = """
WITH written AS (
    INSERT INTO log.event (stream, bucket, seq, customer_id, version, kind, at, body) VALUES %s RETURNING stream, bucket, seq)
INSERT INTO log.head (stream, bucket, seq) SELECT stream, bucket, max(seq) FROM written GROUP BY stream, bucket
    ON CONFLICT (stream, bucket) DO UPDATE SET seq = excluded.seq"""
ROW = "(%s, %s, %s, %s, %s, %s, '2026-10-01Z', %s)"
# A session of the server plays intake: nothing of ours that measures has to wake up for it.
COME = f"""
DO $$ BEGIN
    FOR part IN 0..100000 LOOP
        EXIT WHEN NOT EXISTS (SELECT FROM public.coming WHERE n / {COMING} = part);
        INSERT INTO log.event SELECT (c).* FROM (SELECT c FROM public.coming_event AS c
              JOIN public.coming AS o ON (o.bucket, o.seq) = (c.bucket, c.seq) WHERE o.n / {COMING} = part) AS one;
        INSERT INTO log.head (stream, bucket, seq) SELECT '{STREAM}', bucket, max(seq) FROM public.coming
         WHERE n / {COMING} = part GROUP BY bucket ON CONFLICT (stream, bucket) DO UPDATE SET seq = excluded.seq;
        COMMIT;
        PERFORM pg_sleep(0.2);
    END LOOP;
END $$"""


def loyalty_stored_figures(bench):
    large = bench.sizes.choose(100_000, 1_000_000)
    cost = Figure("loyalty_many_customers", "us/event", 1.2, False, f"CPU time of an event with {SMALL} customers")
    asked = [Figure(f"score_{name}", "ms", 1 if name == "p99" else None, False, f"{ASK_MS} ms") for name in ("p50", "p99")]
    jobs = [*job_figures(large), Figure("loyalty_memory", "MiB", 1, False, f"{MEMORY_MIB} MiB")]
    with ScoredCustomers(bench, SMALL) as few, ScoredCustomers(bench, large) as many:
        progress(f"{large} customers have scores: {database_size(many)}")
        apply(few), apply(many)  # the first ones pay for plans and cold pages
        run_pairs(bench.sizes, [cost], lambda: [(cost_us(many), cost_us(few))], bench.roots)
        few.loyalty.kill()
        run_once(asked, lambda: ask_many(bench, many), bench.roots)
        run_once(jobs, lambda: run_jobs(many), bench.roots)
    return [cost, *asked, *jobs]


def database_size(many):
    return many.query("SELECT pg_size_pretty(pg_database_size(current_database()))")[0][0]


# ---- what an event costs


def wait_applied(customers, seconds=300):
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while sum(customers.heads) > int(customers.query("SELECT coalesce(sum(seq), 0) FROM log.consumer_cursor")[0][0]):
        if time.monotonic() > deadline or not customers.loyalty.is_running():
            raise TimeoutError(f"events are not applied:\n{customers.loyalty.log()[-2000:]}")
        pause.wait(0.05)


def apply(customers):
    rows = customers.events(EVENTS)
    with customers.connection.cursor() as cursor:
        psycopg2.extras.execute_values(cursor, WRITE, rows, ROW, page_size=len(rows))
    wait_applied(customers)


def cost_us(customers):
    """Of process and server, while nothing else is asked of them."""
    begin = customers.cpu()
    for _ in range(ROUNDS_PER_PAIR):
        apply(customers)
    return (customers.cpu() - begin) / TICKS * 1e6 / (ROUNDS_PER_PAIR * EVENTS)


# ---- asking


def ask_many(bench, customers):
    """One at a time, while events come."""
    count = bench.sizes.choose(3_000, 20_000)
    rows = customers.events(bench.sizes.choose(2_000, 20_000))
    with customers.connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.coming_event AS SELECT * FROM log.event LIMIT 0")
        psycopg2.extras.execute_values(
            cursor, "INSERT INTO public.coming_event (stream, bucket, seq, customer_id, version, kind, at, body) VALUES %s", rows, ROW)
        cursor.execute("CREATE TABLE public.coming AS SELECT row_number() OVER (ORDER BY seq, bucket) - 1 AS n, bucket, seq"
                       " FROM public.coming_event")
    feeder = subprocess.Popen(["psql", "-X", "-q", "-d", customers.system.conninfo(), "-c", COME])
    try:
        times = ask_one_by_one(customers, count)
    finally:
        feeder.kill()
        feeder.wait()
    return [(statistics.median(times), ASK_MS), (times[len(times) * 99 // 100], ASK_MS)]


def ask_one_by_one(customers, count):
    """Milliseconds, in order."""
    reader, chance, times = customers.system.client("loyalty", "reader"), random.Random(7), []
    for number in range(count):
        whom = customer_of(chance.randrange(customers.count))
        request = score_pb2.ScoreRequest(request_id=str(number), customer=score_pb2.ScoreOfCustomer(customer_number=spelled("K", whom)))
        data = request.SerializeToString()
        begin = time.perf_counter()
        reader.send(data)
        frames = reader.receive_bytes()
        times.append((time.perf_counter() - begin) * 1000)
        if number == 0:
            check(score_pb2.ScoreReply.FromString(frames[-1]))
    return sorted(times)


def check(reply):
    if reply.code or len(reply.scores) != 1 or len(reply.scores[0].contributions) < 3:
        raise ValueError(f"no score: {reply}")


# ---- fits


def job_figures(large):
    figures = []
    for job, name in (("fit-models", "fit"), ("train-churn", "train")):
        figures.append(Figure(f"loyalty_{name}_seconds", "s", None, False, f"1 s: '{job}' of {large} customers, with reading them"))
        figures.append(Figure(f"loyalty_{name}_memory", "MiB", 1, False, f"{MEMORY_MIB} MiB"))
    limit = RESCORE_SECONDS_PER_MILLION * large / 1_000_000
    figures.append(Figure("loyalty_rescore", "s", 1, False, f"{limit:.0f} s for {large} customers after a fit"))
    return figures


def run_jobs(customers):
    values = []
    for job in ("train-churn", "fit-models"):
        seconds, mib = run_job(customers, job)
        values = [(seconds, 1), (mib, MEMORY_MIB), *values]
    limit = RESCORE_SECONDS_PER_MILLION * customers.count / 1_000_000
    return [*values, (rescore_seconds(customers), limit), (peak_mib(customers.loyalty.pid), MEMORY_MIB)]


def run_job(customers, job):
    """Seconds, and the most memory that it had."""
    system, pause, mib = customers.system, threading.Event(), 0
    with open(system.folder / f"{job}.log", "wb") as log:
        begin = time.monotonic()
        process = subprocess.Popen([system.program("loyalty"), "--config", system.folder / "loyalty.conf", "--job", job],
                                   stdout=log, stderr=log)
        while process.poll() is None:  # a process that has ended cannot be asked any more
            mib = peak_mib(process.pid) or mib
            pause.wait(0.01)
        seconds = time.monotonic() - begin
    if process.returncode != 0:
        raise ValueError(f"{job} ended with {process.returncode}:\n{(system.folder / (job + '.log')).read_text()[-2000:]}")
    return seconds, mib


def rescore_seconds(customers):
    """From the end of the fit until every stored score was made with it."""
    begin, pause = time.monotonic(), threading.Event()
    while customers.query("SELECT EXISTS (SELECT FROM loyalty.customer_score WHERE fit_id <> (SELECT max(id) FROM loyalty.model_fit"
                          " WHERE is_in_force))")[0][0]:
        if time.monotonic() - begin > 600:
            raise TimeoutError(f"scores of older fits are left:\n{customers.loyalty.log()[-2000:]}")
        pause.wait(0.2)
    return time.monotonic() - begin
