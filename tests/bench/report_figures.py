# SPDX-License-Identifier: Apache-2.0
"""Reporting: how fast it folds, how long its reports take beside the same figure asked of the facts in plain SQL, what it
needs of memory, and whether a report costs more when there are more cases.

Cases and events are made by SQL (report_world.py); the figures are folded by the service itself. Both sides must give the
same numbers, or the bench fails: counts exactly, quantiles within 1.1 % and what ranks are rounded by (check_same).
"""

import datetime
import statistics
import threading
import time

import psycopg2

from tests.bench.loyalty_world import peak_mib
from tests.bench.measure import TICKS, Figure, progress, run_once, run_pairs, ticks_of
from tests.bench.report_tiles import ask_timed, figures_request, first_load, slowest_tile
from tests.bench.report_world import CHANNELS, LAST_DAY, RANGES, ZONE, ReportWorld
from tests.support.system import System

FOLD_PER_SECOND = 20_000
TILE_MS = 100
MEMORY_MIB = 128
PRODUCTS = 20_000  # names that people typed in
FLAT = 1.3  # a report of many cases may cost so much more than of few
RAW = """
SELECT channel, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY waited), percentile_disc(0.9) WITHIN GROUP (ORDER BY waited)
  FROM (SELECT channel, extract(epoch FROM first_response_at - opened_at)::float8 AS waited FROM intake.service_case
         WHERE first_response_at >= %(from)s::timestamp AT TIME ZONE %(zone)s
           AND first_response_at < (%(to)s::date + 1)::timestamp AT TIME ZONE %(zone)s) AS c
 GROUP BY channel"""
CPU_US = 1_000_000 / FOLD_PER_SECOND  # one process of one thread, and one backend that it waits for
LOAD_KB, LOAD_MS = 400, 1000


def report_figures(bench):
    fold = Figure("report_fold", "events/s", 1, True, f"{FOLD_PER_SECOND} events/s, as asked for")
    cpu = Figure("report_fold_cpu", "us/event", 1, False, f"{CPU_US:.0f} us of process and server: all that one processor has")
    cases = Figure("report_fold_cases", "cases/s", None, True, f"{FOLD_PER_SECOND} cases/s: no event can be left out")
    products = [Figure("report_fold_products", "events/s", 1, True, f"{FOLD_PER_SECOND} events/s, as asked for"),
                Figure("report_products_memory", "MiB", 1, False, f"{MEMORY_MIB} MiB, after a year by product")]
    times = [Figure(f"report_{name}", "ms", goal, False, "percentile_disc by channel over the cases, in plain SQL, indexed")
             for name, goal in (("year", 1 / 50), ("month", 1 / 7))]
    tile = Figure("report_tile_p95", "ms", 1, False, f"{TILE_MS} ms: the slowest report, list of cases or page of today")
    flat = Figure("report_flat", "ms", FLAT, False, "the same report when there are a tenth of the cases or fewer")
    memory = Figure("report_memory", "MiB", 1, False, f"{MEMORY_MIB} MiB, after all of this")
    loads = [Figure("report_first_load", "kB", 1, False, f"{LOAD_KB} kB compressed"),
             Figure("report_first_load_ms", "ms", 1, False, f"{LOAD_MS} ms on loopback")]
    with ReportWorld(bench, bench.sizes.choose(20_000, 100_000), has_all_events=True) as world:
        small = measure_small(bench, world, (fold, cpu))
    with ReportWorld(bench, bench.sizes.choose(20_000, 100_000), has_all_events=True, products=PRODUCTS) as world:
        measure_products(bench, world, products)
    with ReportWorld(bench, bench.sizes.choose(200_000, 1_000_000), has_all_events=False) as world:
        measure_large(bench, world, (cases, times, tile, flat, memory, loads), small)
    return [fold, cpu, *products, cases, *times, tile, flat, memory, *loads]


def measure_small(bench, world, figures):
    """The fold, and milliseconds of a report."""
    with System(bench.cluster, bench.programs, world.database) as system:
        manager = system.key("manager", ["reports"])
        connection = connect(system)

        def one():
            _process, rate, cpu_us = fold_all(bench, system, connection, world)
            return [(rate, FOLD_PER_SECOND), (cpu_us, CPU_US)]

        run_once(figures, one, bench.roots)
        check_figures(system)
        took = [ask_timed(client_of(system, manager), figures_request(*RANGES["year"]))[0] for _ in range(9)]
        connection.close()
    return statistics.median(took)


def check_figures(system):
    """The nightly check of the last days: this world's facts and its events say the same."""
    days = (f"job_from={LAST_DAY - datetime.timedelta(days=7)}", f"job_to={LAST_DAY}")
    done = system.run("troth-reporting", "--config", system.write_settings("reporting", "check", time_zone=ZONE), "--job", "check",
                      "--set", days[0], "--set", days[1])
    assert done.returncode == 0, done.stderr[-2000:]


def measure_products(bench, world, figures):
    with System(bench.cluster, bench.programs, world.database) as system:
        manager = system.key("manager", ["reports"])
        connection = connect(system)

        def one():
            reporting, rate, _cpu_us = fold_all(bench, system, connection, world)
            took, reply = ask_timed(client_of(system, manager), figures_request(*RANGES["year"], group="product"))
            progress(f"a year by {PRODUCTS} products: {took:.0f} ms, {len(reply.figures.rows)} rows")
            return [(rate, FOLD_PER_SECOND), (peak_mib(reporting.pid), MEMORY_MIB)]

        run_once(figures, one, bench.roots)
        connection.close()


def measure_large(bench, world, figures, small):
    cases, times, tile, flat, memory, loads = figures
    # An index that only reports would need; without it the reference would be slower than it has to be.
    bench.cluster.psql("CREATE INDEX ON intake.service_case (first_response_at)", world.database)
    with System(bench.cluster, bench.programs, world.database) as system:
        manager = system.key("manager", ["reports"])
        connection = connect(system)
        reporting, rate, cpu_us = fold_all(bench, system, connection, world, web_root=bench.out / "web", http="127.0.0.1:0")
        progress(f"{world.events} cases folded, {rate:.0f} a second, {cpu_us:.0f} us of CPU time each")
        run_once([cases], lambda: [(rate, FOLD_PER_SECOND)], bench.roots)
        bench.cluster.psql("VACUUM ANALYZE", world.database)
        client = client_of(system, manager)
        asks = bench.sizes.choose(3, 7)

        def pair():
            return [compare(client, connection, days, asks) for days in RANGES.values()]

        run_pairs(bench.sizes, times, pair, bench.roots)
        run_once([tile], lambda: [(slowest_tile(client, bench.sizes.choose(20, 60)), TILE_MS)], bench.roots)
        run_once([flat], lambda: [(statistics.median(ask_timed(client, figures_request(*RANGES["year"]))[0] for _ in range(9)),
                                   small)], bench.roots)
        kilobytes, took = first_load(reporting.ready["http"], bench.out / "web")
        run_once(loads, lambda: [(kilobytes, LOAD_KB), (took, LOAD_MS)], bench.roots)
        run_once([memory], lambda: [(peak_mib(reporting.pid), MEMORY_MIB)], bench.roots)
        connection.close()


# ---- folding


def fold_all(bench, system, connection, world, **settings):
    """The process; events per second from the first move of its cursors that is seen to the last; and microseconds of CPU time
    of process and server for an event."""
    begin = ticks_of(bench.roots())
    reporting = system.start("reporting", time_zone=ZONE, db_deadline="60s", **settings)
    first, pause = None, threading.Event()
    deadline = time.monotonic() + 1800
    with connection.cursor() as cursor:
        while time.monotonic() < deadline and reporting.is_running():
            cursor.execute("SELECT coalesce(sum(seq), 0) FROM log.consumer_cursor WHERE consumer = 'reporting'")
            done, now = int(cursor.fetchone()[0]), time.monotonic()
            if first is None and done > 0:
                first = done, now
            if done == world.events:
                ticks = ticks_of(bench.roots()) - begin + ticks_of([reporting.pid])
                rate = (world.events - first[0]) / max(0.001, now - first[1])
                return reporting, rate, ticks / TICKS * 1e6 / world.events
            pause.wait(0.05)  # the database has other things to do than to answer us
    raise TimeoutError(f"reporting has not folded {world.events} events:\n{reporting.log()[-2000:]}")


# ---- asking


def connect(system):
    connection = psycopg2.connect(system.conninfo())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SET jit = off")
    return connection


def client_of(system, manager):
    return system.client("reporting", "manager", key=manager)


def compare(client, connection, days, asks):
    """Milliseconds of both: the median of a few."""
    ours, raw = [], []
    for _ in range(asks):
        took, reply = ask_timed(client, figures_request(*days))
        ours.append(took)
        begin = time.monotonic()
        rows = ask_facts(connection, days)
        raw.append((time.monotonic() - begin) * 1000)
        check_same(reply.figures, rows)
    return statistics.median(ours), statistics.median(raw)


def ask_facts(connection, days):
    with connection.cursor() as cursor:
        cursor.execute(RAW, {"from": days[0], "to": days[1], "zone": ZONE})
        return {row[0]: row[1:] for row in cursor.fetchall()}


def check_same(table, facts):
    names = [column.name for column in table.columns]
    count, median, p90 = (names.index(name) for name in ("first_responses", "first_response_median", "first_response_p90"))
    for channel in CHANNELS:
        row = next(row for row in table.rows if row.key == channel)
        wanted = facts[channel]
        ours = [row.cells[count].value, row.cells[median].value / 1e6, row.cells[p90].value / 1e6]
        # 1 % of the histogram's bucket, and of few cases the one before or after may be further away: ranks are rounded.
        near = 0.011 + 4 / wanted[0]
        if ours[0] != wanted[0] or any(abs(a / b - 1) > near for a, b in zip(ours[1:], wanted[1:], strict=True)):
            raise RuntimeError(f"{channel}: the report says {ours}, the facts say {wanted}")
