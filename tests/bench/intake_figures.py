# SPDX-License-Identifier: Apache-2.0
"""Records acknowledged per second, and how long one record waits for its receipt.

The reference of the flood is a binary COPY of the very rows that our run left behind, into identical
tables, on two connections, in batches of 20,000 records: nothing that ends in the same rows can be
faster by much. It is taken twice: with the rows in the order in which the records came, as any loader
would have them, and in the order in which intake wrote them, which is sorted by bucket and spares the
indexes. The reference of the single record is a single-row INSERT with its COMMIT.
"""

import io
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import psycopg2

from tests.bench.intake_loader import IN_FLIGHT, Loader
from tests.bench.measure import TICKS, Figure, progress, run_pairs, ticks_of

FLOOR_CONNECTIONS = 2
FLOOR_BATCH = 20_000
KNOWN_CUSTOMERS = 20_000
# Rows in these places are what records leave behind; leases, heads and heartbeats are not.
TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname = 'intake' AND tablename NOT IN ('source', 'standard_version')
       OR (schemaname, tablename) = ('log', 'event')
    ORDER BY 1
"""


# With 64 in flight: this rate, or this share of the floor, and p99 below so many milliseconds.
RATE_64, SHARE_64, P99_64_MS = 12_000, 0.35, 15


def intake_figures(bench):
    floor = f"COPY of the same rows as they came, {FLOOR_CONNECTIONS} connections, batches of {FLOOR_BATCH}"
    wal = "WAL of that COPY"
    new = [Figure("intake_new_customers", "records/s", 0.55, True, floor),
           Figure("intake_new_customers_sorted", "records/s", None, True, "that COPY, in intake's own order"),
           Figure("intake_new_customers_wal", "bytes/record", 1.25, False, wal)]
    known = [Figure("intake_known_customers", "records/s", 0.55, True, floor),
             Figure("intake_known_customers_sorted", "records/s", None, True, "that COPY, in intake's own order"),
             Figure("intake_known_customers_wal", "bytes/record", 1.25, False, wal)]
    few = [Figure("intake_64_in_flight", "records/s", SHARE_64, True, floor),
           Figure("intake_64_in_flight_p99", "ms", 1, False, f"{P99_64_MS} ms")]
    count = bench.sizes.choose(40_000, 160_000)
    for figures, customers, in_flight in [(new, 0, IN_FLIGHT), (known, KNOWN_CUSTOMERS, IN_FLIGHT), (few, 0, 64)]:
        flood = Flood(bench, customers, count, in_flight)
        run_pairs(bench.sizes, figures, flood.pair, bench.roots)
        flood.close()
    if few[0].median(0) >= RATE_64:
        few[0].goal = min(SHARE_64, few[0].ratio)  # either will do
    return new + known + few


class Flood:
    """known: contacts are about so many customers who are there already; 0: each about a new one."""

    def __init__(self, bench, known, count, in_flight=IN_FLIGHT):
        self.bench, self.known, self.count, self.in_flight = bench, known, count, in_flight
        self.cluster = bench.cluster
        self.base = self.cluster.new_database()
        with Loader(bench, self.base) as loader:
            loader.run("profile", max(1, known), IN_FLIGHT)

    def close(self):
        self.cluster.drop_database(self.base)

    def pair(self):
        """Rates; then WAL, or the latency of few in flight."""
        ours = self.copy_of_base()
        before = self.row_counts(ours)
        with Loader(self.bench, ours) as loader:
            self.cluster.psql("CHECKPOINT", ours)
            used, wal = loader.used(), self.wal_position()
            result = loader.run("contact", self.count, self.in_flight, first=1_000_000, known=self.known)
            wal = self.wal_position() - wal
            used = [after - begin for after, begin in zip(loader.used(), used, strict=True)]
        progress("CPU time per record: server {:.0f} us, intake {:.0f} us, generator {:.0f} us".format(
            *(ticks / TICKS / self.count * 1e6 for ticks in used)))
        rate = self.count / result["seconds"]
        floor, floor_wal = self.floor(self.export(ours, before, is_sorted=False))
        if self.in_flight < IN_FLIGHT:
            values = [(rate, floor), (result["p99_us"] / 1000, P99_64_MS)]
        else:
            in_our_order, _ = self.floor(self.export(ours, before, is_sorted=True))
            values = [(rate, floor), (rate, in_our_order), (wal / self.count, floor_wal)]
        self.cluster.drop_database(ours)
        return values

    def floor(self, batches):
        """Records per second, and WAL per record, of that COPY."""
        database = self.copy_of_base()
        self.cluster.psql("CHECKPOINT", database)
        used, wal = ticks_of(self.bench.roots()), self.wal_position()
        seconds = self.import_batches(database, batches)
        wal = self.wal_position() - wal
        used = ticks_of(self.bench.roots()) - used
        self.cluster.drop_database(database)
        progress(f"CPU time per record: server {used / TICKS / self.count * 1e6:.0f} us, for the reference")
        return self.count / seconds, wal / self.count

    def wal_position(self):
        return int(self.cluster.psql("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn", "postgres"))

    def copy_of_base(self):
        name = f"{self.base}_{time.monotonic_ns()}"
        self.cluster.psql(f'CREATE DATABASE "{name}" TEMPLATE "{self.base}"', "postgres")
        return name

    def row_counts(self, database):
        """{table: rows}, and the transaction after which rows are new."""
        with psycopg2.connect(self.cluster.conninfo(dbname=database)) as connection, connection.cursor() as cursor:
            cursor.execute(TABLES)
            counts = {}
            for (table,) in cursor.fetchall():
                cursor.execute(f"SELECT count(*) FROM {table}")
                counts[table] = cursor.fetchone()[0]
            cursor.execute("SELECT pg_current_xact_id()::text::int8")
            transaction = cursor.fetchone()[0]
        connection.close()
        return counts, transaction

    def export(self, database, before, is_sorted):
        """The rows that were added, as [{table: binary COPY data}], each an equal share of every table. The order in
        which the records came is made again by mixing those that were on their way at the same time."""
        shares = max(FLOOR_CONNECTIONS, self.count // FLOOR_BATCH)  # a quick run has smaller batches
        batches = [{} for _ in range(shares)]
        counts, transaction = before
        after, _ = self.row_counts(database)
        with psycopg2.connect(self.cluster.conninfo(dbname=database)) as connection, connection.cursor() as cursor:
            # So that each share sees the rows in the same order.
            cursor.execute("SET synchronize_seqscans = off; SET max_parallel_workers_per_gather = 0")
            for table, count in after.items():
                added = count - counts[table]
                # A row or two are of the record that goes ahead: not what this flood is about.
                for share in range(shares) if added > shares else []:
                    start, end = (added * part // shares for part in (share, share + 1))
                    data = io.BytesIO()
                    window = IN_FLIGHT * max(1, round(added / self.count))
                    order = "" if is_sorted else f"ORDER BY (row_number() OVER () - 1) / {window}, random()"
                    cursor.copy_expert(
                        f"COPY (SELECT * FROM (SELECT * FROM {table} WHERE xmin::text::int8 > {transaction}"
                        f" OFFSET {start} LIMIT {end - start}) AS rows {order}) TO STDOUT (FORMAT binary)", data)
                    batches[share][table] = data
        connection.close()
        return batches

    def import_batches(self, database, batches):
        """Seconds."""
        ready = threading.Barrier(FLOOR_CONNECTIONS + 1)
        errors = []
        threads = [threading.Thread(target=self.import_some, args=(database, batches[i::FLOOR_CONNECTIONS], ready, errors))
                   for i in range(FLOOR_CONNECTIONS)]
        for thread in threads:
            thread.start()
        ready.wait()
        begin = time.monotonic()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]
        return time.monotonic() - begin

    def import_some(self, database, batches, ready, errors):
        connection = psycopg2.connect(self.cluster.conninfo(dbname=database))
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET jit = off")
                connection.commit()
                ready.wait()
                for batch in batches:
                    for table, data in batch.items():
                        data.seek(0)
                        cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT binary)", data, size=1 << 20)
                    connection.commit()
        except psycopg2.Error as error:
            errors.append(error)
        finally:
            connection.close()


# ---- one at a time

COMMIT_TABLE = "CREATE TABLE public.bare (number int8 PRIMARY KEY, body bytea NOT NULL)"
COMMIT_SCRIPT = r"""
\set n random(1, 1000000000000000)
INSERT INTO public.bare VALUES (:n, decode(repeat('5a', 150), 'hex'));
"""


def latency_figures(bench):
    reference = "a single-row INSERT and its COMMIT, prepared, one client"
    figures = [Figure(f"intake_one_at_a_time_{part}", "us", 3, False, reference) for part in ("p50", "p99")]
    count = bench.sizes.choose(500, 4_000)

    def pair():
        database = bench.cluster.new_database()
        with Loader(bench, database) as loader:
            loader.run("contact", 200, 1)  # connections, statements and caches are warm, as for the reference
            ours = loader.run("contact", count, 1, first=1_000_000)
            bench.cluster.psql(COMMIT_TABLE, database)
            single_commits(bench, database, 200)
            times = single_commits(bench, database, count)
        bench.cluster.drop_database(database)
        cuts = statistics.quantiles(times, n=100)
        return [(ours["p50_us"], cuts[49]), (ours["p99_us"], cuts[98])]

    run_pairs(bench.sizes, figures, pair, bench.roots)
    return figures


def single_commits(bench, database, count):
    """Microseconds of each transaction, as pgbench logs them."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "insert.sql")
        script.write_text(COMMIT_SCRIPT)
        subprocess.run(
            ["pgbench", "--no-vacuum", "--protocol=prepared", "--client=1", f"--transactions={count}", "--log",
             f"--log-prefix={folder}/log", f"--file={script}"],
            env=bench.cluster.environment(dbname=database), capture_output=True, text=True, check=True)
        lines = [line for log in Path(folder).glob("log*") for line in log.read_text().splitlines()]
    return [int(line.split()[2]) for line in lines]
