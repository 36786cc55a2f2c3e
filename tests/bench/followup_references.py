# SPDX-License-Identifier: Apache-2.0
"""What the follow-up scheduler is measured beside: the rows it writes, written by nothing but SQL, and two job queues."""

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import psycopg2

from tests.bench.measure import skip

PEERS = Path(__file__).resolve().parent / "peers"
INSTALLED = Path(__file__).resolve().parent.parent.parent / "var/bench/peers"
INSTALL_SECONDS = 180
SET = 512
CONNECTIONS = 2

# The writes of one conversation, in sets: four transactions, as ours. Nobody is asked whether the call may be made.
CLAIM = """
WITH due AS (
    SELECT bucket, number FROM followup.follow_up
     WHERE channel = 1 AND priority = 3 AND state = 1 AND next_attempt_at <= now()
     ORDER BY next_attempt_at, number LIMIT %s FOR UPDATE SKIP LOCKED)
UPDATE followup.follow_up AS f SET state = 2, version = version + 1, claim_holder = 'floor',
       claim_until = now() + interval '30 seconds'
  FROM due WHERE f.bucket = due.bucket AND f.number = due.number
RETURNING f.number, f.customer_number
"""
DISCLOSURE = """
INSERT INTO intake.disclosure (bucket, number, customer_number, kind, purpose, reader_id, at, outcome)
SELECT (n.customer & 255)::int2, (1 << 30) + n.number, n.customer, 1, 'follow_up F-' || n.number, 1, now(), 'disclosed'
  FROM unnest(%(numbers)s::int8[], %(customers)s::int8[]) AS n (number, customer)
"""
ORDER = """
INSERT INTO followup.contact_budget AS b (bucket, kind, subject, day, orders)
SELECT (n.customer & 255)::int2, k.kind, n.customer, current_date, 1
  FROM unnest(%(customers)s::int8[]) AS n (customer) CROSS JOIN (VALUES (1), (2)) AS k (kind)
    ON CONFLICT (bucket, kind, subject, day) DO UPDATE SET orders = b.orders + 1;
UPDATE followup.follow_up AS f SET state = 3, version = version + 1, attempts = 1, next_attempt_at = NULL, claim_holder = NULL,
       claim_until = NULL
  FROM unnest(%(numbers)s::int8[]) AS n (number) WHERE f.bucket = (n.number & 255)::int2 AND f.number = n.number;
INSERT INTO followup.follow_up_attempt (bucket, follow_up_number, attempt, order_key, customer_number, channel, number_handle,
       dialer, journal, state, ordered_at, start_by)
SELECT (n.number & 255)::int2, n.number, 1, 'F-' || n.number || '/1', n.customer, 1, n.customer, 'floor/floor',
       '0123456789abcdef0123456789abcdef', 1, now(), now() + interval '30 seconds'
  FROM unnest(%(numbers)s::int8[], %(customers)s::int8[]) AS n (number, customer)
"""
RESULT = """
UPDATE followup.follow_up_attempt AS a SET state = 3, outcome = 1, started_at = now(), ended_at = now(), finished_at = now()
  FROM unnest(%(numbers)s::int8[]) AS n (number)
 WHERE a.bucket = (n.number & 255)::int2 AND a.follow_up_number = n.number AND a.attempt = 1;
UPDATE followup.follow_up AS f SET state = 4, version = version + 1, reason = 'answered', calls = 1, last_outcome = 1,
       last_call_at = now(), settled_at = now()
  FROM unnest(%(numbers)s::int8[]) AS n (number) WHERE f.bucket = (n.number & 255)::int2 AND f.number = n.number
"""
# Two events for each conversation: ordered or called, and ended.
EVENTS = """
WITH added AS (
    SELECT (n.number & 255)::int2 AS bucket, n.customer, k.kind,
           row_number() OVER (PARTITION BY n.number & 255) AS place
      FROM unnest(%(numbers)s::int8[], %(customers)s::int8[]) AS n (number, customer)
     CROSS JOIN (VALUES ('call_attempted'), ('follow_up_ended')) AS k (kind)),
heads AS (
    INSERT INTO log.head AS h (stream, bucket, seq)
    SELECT %(stream)s, bucket, count(*) FROM added GROUP BY bucket ORDER BY bucket
        ON CONFLICT (stream, bucket) DO UPDATE SET seq = h.seq + excluded.seq RETURNING bucket, seq)
INSERT INTO log.event (stream, bucket, seq, customer_id, version, kind, at, body)
SELECT %(stream)s, a.bucket, h.seq - a.place + 1, a.customer, 1, a.kind, now(), decode(repeat('5a', 60), 'hex')
  FROM added AS a JOIN heads AS h ON h.bucket = a.bucket
"""
SETTINGS = "SET jit = off; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off;" \
           " SET enable_mergejoin = off"


def floor_rate(world, count):
    """Follow-ups per second that SQL alone takes through, on the same tables and the same customers."""
    world.followup.pause()  # it would take them, too
    try:
        world.add_due(count, time.time() - 60)
        world.settle()
        workers = [threading.Thread(target=take_all, args=(world.system.conninfo(), f"floor.{i}"))
                   for i in range(CONNECTIONS)]
        begin = time.monotonic()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        seconds = time.monotonic() - begin
    finally:
        world.followup.resume()
    left = world.execute("SELECT count(*) FROM followup.follow_up WHERE state < 4 AND next_attempt_at <= now()")[0][0]
    if left:
        raise AssertionError(f"{left} are not done")
    return count / seconds


def take_all(conninfo, stream):
    connection = psycopg2.connect(conninfo)
    with connection.cursor() as cursor:
        cursor.execute(SETTINGS)
        connection.commit()
        while take_set(connection, cursor, stream):
            pass
    connection.close()


def take_set(connection, cursor, stream):
    cursor.execute(CLAIM, (SET,))
    rows = cursor.fetchall()
    connection.commit()
    if not rows:
        return False
    values = {"numbers": [row[0] for row in rows], "customers": [row[1] for row in rows], "stream": stream}
    for statement in (DISCLOSURE, ORDER, RESULT + ";" + EVENTS):
        cursor.execute(statement, values)
        connection.commit()
    return True


# ---- other job queues


def install_peers(figures):
    """Whether they are there; npm gets them once. Figures that need them are told to be skipped otherwise."""
    why = npm_says_no()
    for figure in figures if why else []:
        skip(figure, why)
    return not why


def npm_says_no():
    """Why they are not there; "" when they are."""
    if not (INSTALLED / "node_modules").is_dir():
        if not shutil.which("npm"):
            return "graphile-worker and pg-boss are not installed, for there is no npm"
        INSTALLED.mkdir(parents=True, exist_ok=True)
        shutil.copy(PEERS / "package.json", INSTALLED)
        try:
            subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=INSTALLED, check=True,
                           capture_output=True, timeout=INSTALL_SECONDS)
        except (OSError, subprocess.SubprocessError) as error:
            shutil.rmtree(INSTALLED / "node_modules", ignore_errors=True)
            return f"npm could not install graphile-worker and pg-boss ({error})"
    return ""


def peer_rate(bench, script, count):
    """Jobs per second, in a database of its own on the same server."""
    database = bench.cluster.new_database()
    shutil.copy(PEERS / script, INSTALLED)
    info = dict(part.split("=", 1) for part in bench.cluster.conninfo(dbname=database).split())
    url = f"postgres://{info['user']}@localhost:{info['port']}/{database}?host={info['host']}"
    done = subprocess.run(["node", script, url, str(count)], cwd=INSTALLED, check=True, capture_output=True, text=True,
                          timeout=600, env=dict(os.environ, NODE_ENV="production"))
    bench.cluster.drop_database(database)
    return count / float(done.stdout.strip().splitlines()[-1])
