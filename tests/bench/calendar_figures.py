# SPDX-License-Identifier: Apache-2.0
"""Working-time arithmetic: what one question to a calendar costs, against its limit."""

import re
import subprocess

from tests.bench.measure import Figure, run_pairs

# name, unit, limit, as tests/bench/calendar_bench.c prints them
LIMITS = [
    ("calendar_between", "ns", 1000),
    ("calendar_after", "ns", 1000),
    ("calendar_is_open", "ns", 1000),
    ("calendar_build", "ms", 20),
]


def calendar_figures(bench):
    figures = [Figure(name, unit, 1, False, f"{limit} {unit}") for name, unit, limit in LIMITS]

    def pair():
        done = subprocess.run([bench.tools / "calendar_bench"], text=True, capture_output=True, check=True)
        ours = dict(re.findall(r"^(\w+) ours=([0-9.]+) ", done.stdout, re.M))
        return [(float(ours[name]), limit) for name, unit, limit in LIMITS]

    run_pairs(bench.sizes, figures, pair, bench.roots)
    return figures
