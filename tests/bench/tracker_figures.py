# SPDX-License-Identifier: Apache-2.0
"""Cases opened per second beside Request Tracker's tickets, on the same PostgreSQL: as many at once as each takes best, and one
in each request."""

from tests.bench.intake_loader import IN_FLIGHT, Loader
from tests.bench.measure import Figure, progress, run_pairs
from tests.bench.peer_process import is_there
from tests.bench.tracker_peer import SERVER, WORKERS, RequestTracker

BATCHES = (1, 10, 50)  # tickets in one request
MANY_GOAL, ONE_GOAL = 500, 30


def tracker_figures(bench):
    names = ["cases_over_request_tracker", "cases_one_per_request_over_request_tracker"]
    if not is_there("Request Tracker", SERVER, names):
        return
    figures = [Figure(names[0], "cases/s", MANY_GOAL, True,
                      f"tickets/s of Request Tracker over REST 2.0, every scrip off, {WORKERS} workers and connections, the best of"
                      f" {', '.join(map(str, BATCHES))} in a request"),
               Figure(names[1], "cases/s", ONE_GOAL, True,
                      f"tickets/s of Request Tracker; both over HTTP, one in a request, {WORKERS} connections")]
    count, single = bench.sizes.choose(40_000, 160_000), bench.sizes.choose(2_000, 10_000)
    tickets = bench.sizes.choose(40, 200)
    with RequestTracker(bench) as tracker:
        tracker.create(2 * WORKERS, WORKERS, 1)  # every worker has compiled what it needs

        def pair():
            ours = [opened_per_second(bench, False, count), opened_per_second(bench, True, single)]
            rates = {batch: tickets / tracker.create(tickets, WORKERS, batch) for batch in BATCHES}
            progress("Request Tracker: " + ", ".join(f"{rate:.1f}/s with {batch} in a request" for batch, rate in rates.items()))
            return [(ours[0], max(rates.values())), (ours[1], rates[1])]

        run_pairs(bench.sizes, figures, pair, lambda: [*bench.roots(), *tracker.roots()])


def opened_per_second(bench, is_http, count):
    """Each contact is of a customer never seen before and opens a case."""
    database = bench.cluster.new_database()
    try:
        with Loader(bench, database, has_door=is_http) as loader:
            bench.cluster.psql("CHECKPOINT", database)
            if is_http:
                result = loader.run_http(count, 1, WORKERS, 1_000_000)
            else:
                result = loader.run("contact", count, IN_FLIGHT, first=1_000_000)
            opened = int(bench.cluster.psql("SELECT count(*) FROM intake.service_case", database))
        if opened < count:
            raise RuntimeError(f"{opened} cases for {count} contacts")
    finally:
        bench.cluster.drop_database(database)
    return count / result["seconds"]
