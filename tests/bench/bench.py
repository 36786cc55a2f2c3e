# SPDX-License-Identifier: Apache-2.0
"""Runs the benches named on the command line, or all of them."""

import os
import signal
import sys
import time
import traceback
from pathlib import Path

from tests.bench.audit_figures import audit_figures
from tests.bench.broker_figures import broker_figures
from tests.bench.followup_figures import followup_figures, queue_figures
from tests.bench.growth_figures import growth_figures
from tests.bench.intake_figures import intake_figures, latency_figures
from tests.bench.intake_more_figures import curve_figures, http_figures, memory_figures, two_figures
from tests.bench.intake_stored_figures import build_stored, stored_figures
from tests.bench.limit_figures import calendar_figures, standard_figures, value_figures
from tests.bench.loyalty_figures import loyalty_figures
from tests.bench.loyalty_stored_figures import loyalty_stored_figures
from tests.bench.measure import FIGURES, SKIPPED, Sizes, progress, report
from tests.bench.report_figures import report_figures
from tests.bench.results import write_results
from tests.bench.retention_figures import retention_figures
from tests.bench.similar_figures import similar_figures
from tests.bench.tracker_figures import tracker_figures
from tests.bench.triage_figures import triage_figures
from tests.support.cluster import Cluster

BENCHES = {
    "intake": intake_figures,
    "latency": latency_figures,
    "two": two_figures,
    "http": http_figures,
    "curve": curve_figures,
    "memory": memory_figures,
    "stored": stored_figures,
    "loyalty": loyalty_figures,
    "scores": loyalty_stored_figures,
    "followup": followup_figures,
    "report": report_figures,
    "calendar": calendar_figures,
    "similar": similar_figures,
    "triage": triage_figures,
    "standard": standard_figures,
    "value": value_figures,
    "audit": audit_figures,
    "retention": retention_figures,
    "tracker": tracker_figures,
    "brokers": broker_figures,
    "queues": queue_figures,
    "growth": growth_figures,
}
PART_OF_ANOTHER = {"queues"}  # of "followup": run by name alone
LONG = {"tracker", "brokers", "growth"}  # not part of a look, unless by name
# Every row that has a limit of the machine or another product beside it.
SIDE_BY_SIDE = ["intake", "tracker", "brokers", "queues", "report", "growth"]
SIDE = "side"
DATA = "data"  # only builds what "stored" needs, at its full size
ROOT = Path(__file__).resolve().parent.parent.parent


class Bench:
    """What every bench gets: sizes, a server that syncs its disk, and the programs."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.sizes = Sizes()
        self.out = ROOT / os.environ.get("TROTH_OUT", "build")
        self.programs = self.out / "bin"
        self.tools = self.out / "tests/bench"

    def roots(self):
        """The server; everything else was started from here."""
        return [self.cluster.postmaster()]


def use_memory(cluster):
    """The demo's server is small; a server that takes a flood is not."""
    cluster.psql("ALTER SYSTEM SET shared_buffers = '1GB'", "postgres")
    cluster.psql("ALTER SYSTEM SET max_wal_size = '8GB'", "postgres")
    cluster.restart("fast")


def main(names):
    """0 when every bench came to its end, whatever its figures are."""
    names = [part for name in names for part in (SIDE_BY_SIDE if name == SIDE else [name])]
    unknown = [name for name in names if name not in BENCHES and name != DATA]
    if unknown:
        print(f"unknown: {' '.join(unknown)}; there are {' '.join(BENCHES)} {SIDE} {DATA}", file=sys.stderr)
        return 2
    # Asked to stop, by timeout(1) for example: servers are removed, and what was measured is reported.
    signal.signal(signal.SIGTERM, lambda *unused: sys.exit(128 + signal.SIGTERM))
    begin = time.monotonic()
    failed = []
    try:
        with Cluster() as cluster:
            use_memory(cluster)
            bench = Bench(cluster)
            if names:
                bench.sizes.end_at = float("inf")  # only a look at all of them ends in time
            for name in names or usual(bench.sizes):
                if not run_one(bench, name):
                    failed.append(name)
    finally:
        progress(f"measured in {time.monotonic() - begin:.0f} s")
        if FIGURES or SKIPPED:
            report(FIGURES)
            write_results(ROOT / os.environ.get("TROTH_OUT", "build") / "bench/results.md")
        for name in failed:
            print(f"bench: {name} did not come to its end", flush=True)
    return 1 if failed else 0


def usual(sizes):
    """What is measured when nothing is named."""
    return [name for name in BENCHES if name not in PART_OF_ANOTHER and not (sizes.is_quick and name in LONG)]


def run_one(bench, name):
    """False when it failed, or there was no time left for it; the others go on."""
    if time.monotonic() > bench.sizes.end_at:
        progress(f"{name}: no time left")
        return False
    known = len(FIGURES)
    try:
        (build_stored if name == DATA else BENCHES[name])(bench)
    except Exception:
        progress(f"{name} failed")
        traceback.print_exc()
        return False
    finally:
        for figure in FIGURES[known:]:
            figure.bench = name
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
