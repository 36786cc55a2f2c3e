# SPDX-License-Identifier: Apache-2.0
"""Records acknowledged per second, and how long one record waits for its receipt.

The reference of the flood is a binary COPY of the very rows that our run left behind, into identical
tables, on two connections, in batches of 20,000 records: nothing that ends in the same rows can be
faster by much. The reference of the single record is a single-row INSERT with its COMMIT.
"""

import io
import json
import os
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import psycopg2

from tests.bench.measure import TICKS, Figure, progress, run_pairs, ticks_of
from tests.support.system import System

IN_FLIGHT = 4096
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


def intake_figures(bench):
    figures = []
    for name, known in [("intake_new_customers", 0), ("intake_known_customers", KNOWN_CUSTOMERS)]:
        figure = Figure(name, "records/s", 0.55, True,
                        f"COPY of the same rows, {FLOOR_CONNECTIONS} connections, batches of {FLOOR_BATCH}")
        flood = Flood(bench, known, bench.sizes.choose(20_000, 160_000))
        run_pairs(bench.sizes, [figure], flood.pair, bench.roots)
        flood.close()
        figures.append(figure)
    return figures


class Loader:
    """An intake of its own on a database, and the load generator."""

    def __init__(self, bench, database):
        self.bench = bench
        self.system = System(bench.cluster, bench.programs, database)
        self.loader = self.system.key("loader", ["records"])
        try:
            self.intake = self.system.start("intake", requests="tcp://127.0.0.1:*")
        except BaseException:
            self.system.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.intake.terminate()
        self.system.stop()

    def run(self, kind, count, in_flight, first=0, known=0):
        """What the generator measured; the numbers FIRST to FIRST + count must not have been used."""
        command = [self.bench.tools / "intake_load_bench", self.intake.ready["requests"], self.loader.path,
                   self.system.service_key("intake").public_path, kind, count, in_flight, first, known]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"intake_load_bench: {done.stderr}\n{self.intake.log()[-2000:]}")
        return json.loads(done.stdout)


class Flood:
    """known: contacts are about so many customers who are there already; 0: each about a new one."""

    def __init__(self, bench, known, count):
        self.bench, self.known, self.count = bench, known, count
        self.cluster = bench.cluster
        self.base = self.cluster.new_database()
        with Loader(bench, self.base) as loader:
            loader.run("profile", max(1, known), IN_FLIGHT)

    def close(self):
        self.cluster.drop_database(self.base)

    def pair(self):
        ours, floor = self.copy_of_base(), self.copy_of_base()
        before = self.row_counts(ours)
        with Loader(self.bench, ours) as loader:
            self.cluster.psql("CHECKPOINT", ours)
            used = self.used(loader)
            result = loader.run("contact", self.count, IN_FLIGHT, first=1_000_000, known=self.known)
            used = [after - begin for after, begin in zip(self.used(loader), used, strict=True)]
        batches = self.export(ours, before)
        self.cluster.drop_database(ours)
        self.cluster.psql("CHECKPOINT", floor)
        server = ticks_of(self.bench.roots())
        seconds = self.import_batches(floor, batches)
        used.append(ticks_of(self.bench.roots()) - server)
        self.cluster.drop_database(floor)
        progress("CPU time per record: server {:.0f} us, intake {:.0f} us, generator {:.0f} us;"
                 " reference: server {:.0f} us".format(*(ticks / TICKS / self.count * 1e6 for ticks in used)))
        return [(self.count / result["seconds"], self.count / seconds)]

    def used(self, loader):
        """Ticks of server, intake and generator; the last one counts once it has ended."""
        return [ticks_of(self.bench.roots()), ticks_of([loader.intake.pid]), os.times().children_user * TICKS
                + os.times().children_system * TICKS]

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

    def export(self, database, before):
        """The rows that were added, as [{table: binary COPY data}], each an equal share of every table."""
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
                    cursor.copy_expert(
                        f"COPY (SELECT * FROM {table} WHERE xmin::text::int8 > {transaction}"
                        f" OFFSET {start} LIMIT {end - start}) TO STDOUT (FORMAT binary)", data)
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

COMMIT_SCRIPT = r"""
\set n random(1, 1000000000000000)
INSERT INTO intake.receipt (bucket, source_id, key, digest, body, received_at, is_permanent)
VALUES ((:n::bigint % 256)::int2, 1, 'key-' || :n::bigint, '\x00112233445566778899aabbccddeeff',
        decode(repeat('5a', 150), 'hex'), now(), false);
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
