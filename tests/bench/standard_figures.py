# SPDX-License-Identifier: Apache-2.0
"""The service standard: what one decision costs with 200 rules, against its limit."""

import re
import subprocess

from tests.bench.measure import Figure, run_pairs

# name, unit, limit, as tests/bench/standard_bench.c prints them
LIMITS = [
    ("standard_decide", "us", 20),
    ("standard_decide_long", "us", 1000),
    ("standard_load", "ms", 50),
]


def standard_figures(bench):
    figures = [Figure(name, unit, 1, False, f"{limit} {unit}") for name, unit, limit in LIMITS]

    def pair():
        done = subprocess.run([bench.tools / "standard_bench"], text=True, capture_output=True, check=True)
        ours = dict(re.findall(r"^(\w+) ours=([0-9.]+) ", done.stdout, re.M))
        return [(float(ours[name]), limit) for name, unit, limit in LIMITS]

    run_pairs(bench.sizes, figures, pair, bench.roots)
    return figures
