# SPDX-License-Identifier: Apache-2.0
"""Follow-ups that the scheduler takes through claim, order and result per second, and how late orders are.

The dialer is one whose calls take no time (followup_dialer_bench.c), so what is left is the scheduler,
intake that discloses each number and writes that down, and the server.
"""

import statistics
import time
from pathlib import Path

import psycopg2

from tests.bench.followup_references import SET, floor_rate, install_peers, peer_rate
from tests.bench.followup_world import World, orders_of, pause
from tests.bench.measure import Figure, progress, run_once, run_pairs

SMALL = 100_000  # planned beside what is due
DUE_PER_SECOND = 500
MEMORY_MIB = 64
LATE_MS = 30
PLANNING_GOAL = 10_000
STREAMS = "SELECT coalesce(sum(seq), 0) FROM log.head WHERE stream LIKE 'intake.%'"
CURSORS = "SELECT coalesce(sum(seq), 0) FROM log.consumer_cursor WHERE consumer = 'followup' AND stream LIKE 'intake.%'"


def followup_figures(bench):
    sizes = bench.sizes
    with World(bench) as world:
        planning(bench, world, sizes.choose(10_000, 40_000))
        world.execute("DELETE FROM followup.follow_up")
        progress("followup: making customers")
        world.add_customers(sizes.choose(100_000, 1_000_000))
        world.add_planned(SMALL)
        world.execute("VACUUM ANALYZE")
        count = sizes.choose(20_000, 60_000)
        world.rate(count)  # nothing is cold any more
        cycle(bench, world, count)
        small = [world.rate(count)[0] for _ in range(3)]
        held(bench, world, statistics.median(small), sizes.choose(15, 60), count)
        in_one_go(bench, world, sizes.choose(100_000, 1_000_000))
        ten_million(bench, world, small, count)
        late(bench, world, sizes.choose(15, 60))
        memory(bench, world)


def queue_figures(bench):
    """The part that other job queues are measured beside, alone."""
    with World(bench) as world:
        world.start_scheduler()  # leaves the version of its rules
        world.add_customers(bench.sizes.choose(20_000, 60_000))
        world.add_planned(SMALL)
        world.execute("VACUUM ANALYZE")
        count = bench.sizes.choose(20_000, 60_000)
        world.rate(count)  # nothing is cold any more
        cycle(bench, world, count)


# ---- planning


def planning(bench, world, cases):
    """The scheduler starts on a log that stands there."""
    world.add_resolved_cases(cases)
    figure = Figure("planning_events", "events/s", 1, True, f"{PLANNING_GOAL} events per second")
    total = int(world.execute(STREAMS)[0][0])

    def measure():
        world.start_scheduler()
        return [(watch(world, total), PLANNING_GOAL)]

    run_once([figure], measure, bench.roots)
    planned = world.execute("SELECT count(*) FROM followup.follow_up")[0][0]
    if planned != cases:
        raise AssertionError(f"{planned} of {cases} cases have their follow-up")


def watch(world, total, seconds=300):
    """Events per second from the first move of the cursors that is seen to the last."""
    first = None
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, now = int(world.execute(CURSORS)[0][0]), time.monotonic()
        if first is None and done > 0:
            first = done, now
        if done >= total:
            return (total - first[0]) / max(0.001, now - first[1])
        pause(0.02)
    raise TimeoutError(f"of {total} events {done} are planned:\n{world.followup.log()[-2000:]}")


# ---- rates


def cycle(bench, world, count):
    ours = "follow-ups/s"
    figures = [Figure("followup_cycle", ours, 0.60, True, f"the same rows by SQL alone, in sets of {SET}, two connections")]
    peers = []
    if install_peers(["followup_over_graphile_worker", "followup_over_pg_boss"]):
        figures += [Figure("followup_over_graphile_worker", ours, 0.8, True, "jobs of graphile-worker on this server, batched"),
                    Figure("followup_over_pg_boss", ours, 3, True, "jobs of pg-boss on this server, four loops")]
        peers = ["graphile_worker.mjs", "pg_boss.mjs"]

    def pair():
        rate = world.rate(count)[0]
        return [(rate, floor_rate(world, count))] + [(rate, peer_rate(bench, peer, count)) for peer in peers]

    run_pairs(bench.sizes, figures, pair, bench.roots)


def held(bench, world, free_rate, seconds, count):
    figure = Figure("followup_held_snapshot", "follow-ups/s", 0.60, True, "without the reader who holds a snapshot")

    def measure():
        reader = psycopg2.connect(world.system.conninfo())
        reader.set_session(isolation_level="REPEATABLE READ")
        with reader.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM followup.follow_up WHERE state = 1")
            end = time.monotonic() + seconds
            rates = []
            while time.monotonic() < end or not rates:
                rates.append(world.rate(count)[0])
        reader.close()
        progress(f"followup_held_snapshot: one run after the other: {', '.join(f'{rate:.0f}' for rate in rates)}")
        return [(rates[-1], free_rate)]

    run_once([figure], measure, bench.roots)


def in_one_go(bench, world, count):
    figure = Figure("followup_million_in_one_go", "follow-ups/s", 0.85, True, f"the first tenth of {count}; ours is the last")

    def measure():
        _, log = world.rate(count)
        orders = [at for _, at in orders_of(log)]
        tenth = len(orders) // 10
        rates = [(tenth - 1) * 1e6 / (part[-1] - part[0]) for part in
                 (orders[i * tenth:(i + 1) * tenth] for i in range(10))]
        progress(f"followup_million_in_one_go: by tenths: {', '.join(f'{rate:.0f}' for rate in rates)}")
        return [(rates[-1], rates[0])]

    run_once([figure], measure, bench.roots)


def ten_million(bench, world, small, count):
    planned = bench.sizes.choose(1_000_000, 10_000_000)
    figure = Figure("followup_ten_million", "follow-ups/s", 0.90, True, f"with {SMALL} planned; ours with {planned}")
    progress(f"followup: planning {planned} more")
    world.add_planned(planned)
    world.settle()

    def measure():
        world.rate(count)
        return [(statistics.median(world.rate(count)[0] for _ in range(3)), statistics.median(small))]

    run_once([figure], measure, bench.roots)


# ---- lateness and memory


def late(bench, world, seconds):
    figure = Figure("followup_order_p99", "ms", 1, False,
                    f"{LATE_MS} ms after the instant at which it was due, {DUE_PER_SECOND} of them per second")

    def measure():
        count = seconds * DUE_PER_SECOND
        begin = time.time() + 15
        process, log = world.dial(count)
        first = world.add_due(count, begin, 1 / DUE_PER_SECOND)
        if time.time() > begin:
            raise AssertionError("they were due before they were there")
        world.finish(process)
        delays = sorted(at / 1000 - (begin + ((number >> 8) - first) / DUE_PER_SECOND) * 1000 for number, at in orders_of(log))
        progress(f"followup_order: p50 {delays[count // 2]:.1f} ms, most {delays[-1]:.1f} ms")
        return [(delays[count * 99 // 100], LATE_MS)]

    run_once([figure], measure, bench.roots)


def memory(bench, world):
    figure = Figure("followup_memory", "MiB", 1, False, f"{MEMORY_MIB} MiB")

    def measure():
        status = Path(f"/proc/{world.followup.pid}/status").read_text().splitlines()
        used = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        return [(used / 1024, MEMORY_MIB)]

    run_once([figure], measure, bench.roots)
