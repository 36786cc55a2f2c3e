# SPDX-License-Identifier: Apache-2.0
"""Runs the benches named on the command line, or all of them."""

import os
import sys
import time
from pathlib import Path

from tests.bench.intake_figures import intake_figures, latency_figures
from tests.bench.intake_more_figures import curve_figures, http_figures, memory_figures, two_figures
from tests.bench.intake_stored_figures import stored_figures
from tests.bench.loyalty_figures import loyalty_figures
from tests.bench.measure import Sizes, progress, report
from tests.bench.report_figures import report_figures
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
    "report": report_figures,
}
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
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"unknown: {' '.join(unknown)}; there are {' '.join(BENCHES)}", file=sys.stderr)
        return 2
    begin = time.monotonic()
    figures = []
    with Cluster() as cluster:
        use_memory(cluster)
        bench = Bench(cluster)
        for name in names or BENCHES:
            figures += BENCHES[name](bench)
    progress(f"measured in {time.monotonic() - begin:.0f} s")
    report(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
