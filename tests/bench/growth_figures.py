# SPDX-License-Identifier: Apache-2.0
"""Curves: what a record, a follow-up, a report and a score cost with 10,000 stored, with 100,000, with 1,000,000, and with
LONG=1 with 10,000,000 of them.

All sizes of a curve are there at once and are measured by turns, the smallest first, so that what else the machine does meets
all of them. Costs are CPU time of process and server where that is what grows, and time to the answer where somebody waits.
"""

import os
import random
import statistics
import time
from contextlib import ExitStack

from tests.bench.followup_world import World
from tests.bench.intake_loader import IN_FLIGHT, Loader
from tests.bench.intake_stored_figures import add_copy, take_sample
from tests.bench.loyalty_figures import customer_of
from tests.bench.loyalty_stored_figures import check
from tests.bench.loyalty_world import ScoredCustomers
from tests.bench.measure import TICKS, Figure, progress, run_once, run_pairs, ticks_of
from tests.bench.report_figures import client_of, connect, fold_all
from tests.bench.report_tiles import ask_timed, figures_request
from tests.bench.report_world import RANGES, ReportWorld
from tests.support.event_feed import spelled
from tests.support.system import System

import score_pb2

SMALLEST = 10_000
FLAT = 1.3  # what is asked of a thousand times as many may cost so much more
DUE = 10_000  # follow-ups of one run
ASKS = 300
SEED = 7


def growth_figures(bench):
    sizes = bench.sizes.choose([SMALLEST, 100_000], [SMALLEST, 100_000, 1_000_000])
    if os.environ.get("LONG", "") not in ("", "0"):
        sizes = [*sizes, 10_000_000]
    progress(f"growth: {', '.join(f'{size:,}' for size in sizes)}; seed {SEED}")
    for curve in (intake_curve, claim_curve, score_curve, report_curve):
        begin = time.monotonic()
        curve(bench, sizes)
        progress(f"{curve.__name__}: {time.monotonic() - begin:.0f} s")


def curve_of(sizes, name, unit, goal, what):
    return [Figure(f"growth_{name}_{size}", unit, goal, False, f"with {SMALLEST:,} {what}; ours with {size:,}") for size in sizes[1:]]


def beside_first(costs):
    """[(a larger size, the smallest)]"""
    return [(cost, costs[0]) for cost in costs[1:]]


# ---- a record, with so many customers and cases stored


def intake_curve(bench, sizes):
    figures = curve_of(sizes, "intake_record", "us/record", FLAT, "customers with a case each stored")
    bases = [stored(bench, size) for size in sizes]
    rounds = iter(range(1, 1_000_000))

    def pair():
        first = 100_000_000 * next(rounds)
        return beside_first([record_cost(bench, base, first) for base in bases])

    record_cost(bench, bases[0], 50_000_000)  # warm
    run_pairs(bench.sizes, figures, pair, bench.roots)
    for base in bases:
        bench.cluster.drop_database(base)


def stored(bench, size):
    """A database with so many cases of as many customers: a sample that intake wrote, and copies of it by SQL."""
    cluster, database = bench.cluster, bench.cluster.new_database()
    cluster.psql("CREATE SCHEMA bench; CREATE TABLE bench.progress (copies int8, next int8)", database)
    with Loader(bench, database) as loader:
        transaction = cluster.psql("SELECT pg_current_xact_id()", database)
        loader.run("contact", SMALLEST, IN_FLIGHT, first=1_000_000)
    take_sample(cluster, database, transaction)
    for copy in range(1, size // SMALLEST):
        add_copy(cluster, database, copy, is_recent=(size // SMALLEST - copy) * SMALLEST <= 1_000_000)
    cluster.psql("VACUUM ANALYZE", database)
    progress(f"growth: {cluster.psql('SELECT count(*) FROM intake.service_case', database)} cases stored")
    return database


def record_cost(bench, database, first):
    """Microseconds of CPU time of a record of a new customer, at intake and server. All sizes grow by the same few."""
    with Loader(bench, database) as loader:
        bench.cluster.psql("CHECKPOINT", database)
        used = loader.used()
        loader.run("contact", SMALLEST, IN_FLIGHT, first=first)
        used = [after - begin for after, begin in zip(loader.used(), used, strict=True)]
    return (used[0] + used[1]) / TICKS / SMALLEST * 1e6


# ---- a follow-up, with so many more planned


def claim_curve(bench, sizes):
    figures = curve_of(sizes, "claim", "us/follow-up", FLAT, "follow-ups planned")
    with ExitStack() as stack:
        worlds = [planned(bench, stack.enter_context(World(bench)), size) for size in sizes]
        run_pairs(bench.sizes, figures, lambda: beside_first([claim_cost(bench, world) for world in worlds]), bench.roots)


def planned(bench, world, size):
    world.start_scheduler()  # leaves the version of its rules
    world.add_customers(DUE)
    world.add_planned(size)
    world.execute("VACUUM ANALYZE")
    world.rate(DUE)  # warm
    progress(f"growth: {size:,} follow-ups are planned")
    return world


def claim_cost(bench, world):
    """Microseconds of CPU time of a follow-up, of scheduler, intake and server: claimed, disclosed, ordered, settled."""
    world.add_due(DUE, time.time() - 60)
    world.settle()
    roots = [world.followup.pid, *bench.roots()]
    used = ticks_of(roots)
    process, _log = world.dial(DUE)
    world.finish(process)
    return (ticks_of(roots) - used) / TICKS * 1e6 / DUE


# ---- a score, of so many customers


def score_curve(bench, sizes):
    figures = curve_of(sizes, "score_read", "ms", FLAT, "customers with scores")
    chance = random.Random(SEED)
    with ExitStack() as stack:
        crowds = [stack.enter_context(ScoredCustomers(bench, size)) for size in sizes]
        readers = [crowd.system.client("loyalty", "reader") for crowd in crowds]

        def pair():
            return beside_first([score_ms(crowd, reader, chance) for crowd, reader in zip(crowds, readers, strict=True)])

        pair()  # warm
        run_pairs(bench.sizes, figures, pair, bench.roots)


def score_ms(crowd, reader, chance):
    """The median of some: a customer's score with its evidence and sentences."""
    times = []
    for number in range(ASKS):
        whom = spelled("K", customer_of(chance.randrange(crowd.count)))
        request = score_pb2.ScoreRequest(request_id=str(number), customer=score_pb2.ScoreOfCustomer(customer_number=whom))
        begin = time.perf_counter()
        reader.send(request.SerializeToString())
        reply = reader.receive_bytes()[-1]
        times.append((time.perf_counter() - begin) * 1000)
        check(score_pb2.ScoreReply.FromString(reply))
    return statistics.median(times)


# ---- a report and a folded event, with so many cases


def report_curve(bench, sizes):
    years = curve_of(sizes, "report_year", "ms", FLAT, "cases in a year")
    folds = curve_of(sizes, "fold_event", "us/event", FLAT, "cases to fold, an event of each")
    with ExitStack() as stack:
        clients, costs = [], []
        for size in sizes:
            client, cost_us = folded(bench, stack, size)
            clients.append(client)
            costs.append(cost_us)
        run_once(folds, lambda: beside_first(costs), bench.roots)
        request = figures_request(*RANGES["year"])

        def pair():
            return beside_first([statistics.median(ask_timed(client, request)[0] for _ in range(9)) for client in clients])

        pair()  # warm
        run_pairs(bench.sizes, years, pair, bench.roots)


def folded(bench, stack, size):
    """Who may ask, and what folding an event has cost."""
    world = stack.enter_context(ReportWorld(bench, size, has_all_events=False))
    system = stack.enter_context(System(bench.cluster, bench.programs, world.database))
    manager = system.key("manager", ["reports"])
    connection = connect(system)
    _process, _rate, cost_us = fold_all(bench, system, connection, world)
    connection.close()
    return client_of(system, manager), cost_us
