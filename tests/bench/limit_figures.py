# SPDX-License-Identifier: Apache-2.0
"""What one call costs, against its limit: benches in C that print a line `NAME ours=N ...` for each figure."""

import re
import subprocess

from tests.bench.measure import Figure, run_pairs

# name, unit, limit
CALENDAR = [
    ("calendar_between", "ns", 1000),
    ("calendar_after", "ns", 1000),
    ("calendar_is_open", "ns", 1000),
    ("calendar_build", "ms", 20),
]
STANDARD = [
    ("standard_decide", "us", 20),  # with 200 rules
    ("standard_decide_long", "us", 1000),
    ("standard_load", "ms", 50),
]
TRIAGE = [("triage_text", "us", 20)]
VALUE = [
    ("value_fit", "s", 30),  # of 1,000,000 customers
    ("value_score", "s", 60),
]


def limit_figures(bench, program, limits):
    figures = [Figure(name, unit, 1, False, f"{limit} {unit}") for name, unit, limit in limits]

    def pair():
        done = subprocess.run([bench.tools / program], text=True, capture_output=True, check=True)
        ours = dict(re.findall(r"^(\w+) ours=([0-9.]+) ", done.stdout, re.M))
        return [(float(ours[name]), limit) for name, unit, limit in limits]

    run_pairs(bench.sizes, figures, pair, bench.roots)
    return figures


def calendar_figures(bench):
    return limit_figures(bench, "calendar_bench", CALENDAR)


def standard_figures(bench):
    return limit_figures(bench, "standard_bench", STANDARD)


def value_figures(bench):
    return limit_figures(bench, "value_bench", VALUE)
