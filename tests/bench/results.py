# SPDX-License-Identifier: Apache-2.0
"""The run's table in Markdown, with the day, the machine and the versions, to be kept in tests/bench/RESULTS.md."""

import datetime
import os
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from tests.bench.measure import FIGURES, SKIPPED, number

SYNCS = 200
# What has a version that matters, and how it tells it.
PRODUCTS = [
    ("PostgreSQL", ["psql", "--version"]), ("Node.js", ["node", "--version"]), ("NATS", ["nats-server", "--version"]),
    *((name, ["dpkg-query", "-W", "-f", "${Version}", package]) for name, package in
      (("RabbitMQ", "rabbitmq-server"), ("Request Tracker", "request-tracker5"))),
]
# The rows that the project's README shows: where a name ends with "_", the one with the largest size.
SHORT = {
    "intake_new_customers": "records of new customers, beside COPY of the rows that they become",
    "cases_over_request_tracker": "cases opened, beside Request Tracker's tickets",
    "acknowledged_over_rabbitmq": "records acknowledged, beside messages of a quorum queue of RabbitMQ",
    "acknowledged_over_nats_synced": "records acknowledged, beside messages of NATS JetStream that are written through",
    "followup_over_graphile_worker": "follow-ups, beside jobs of graphile-worker",
    "followup_over_pg_boss": "follow-ups, beside jobs of pg-boss",
    "report_year": "a year's report, beside SQL over the facts",
    "growth_intake_record_": "a record's CPU time, beside 10,000 customers stored",
    "growth_claim_": "a follow-up's CPU time, beside 10,000 planned",
    "growth_score_read_": "a score, beside 10,000 customers",
    "growth_report_year_": "a year's report, beside 10,000 cases",
}


def write_results(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*about(), "", *table(), "", "The short table:", "", *short_table(), ""]))
    print(f"# the same as a table in Markdown: {path}", flush=True)


def about():
    quick = ", `QUICK=1`" if os.environ.get("QUICK", "") not in ("", "0") else ""
    long = ", `LONG=1`" if os.environ.get("LONG", "") not in ("", "0") else ""
    return [f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC{quick}{long}. {machine()}", "",
            "Versions: " + "; ".join(f"{name} {version}" for name, version in versions()) + "."]


def machine():
    model = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())[1]) / 1024 / 1024
    load = os.getloadavg()[0]
    return (f"{os.cpu_count()} processors ({model[1] if model else 'unknown'}), {memory:.0f} GiB of memory, {disk()},"
            f" load at the end {load:.1f}.")


def disk():
    """Its file system, and what a synced write of one page costs: what every acknowledgement pays for."""
    with tempfile.TemporaryFile(dir="/tmp") as file:
        kind = subprocess.run(["findmnt", "-n", "-o", "FSTYPE", "-T", "/tmp"], capture_output=True, text=True,
                              check=False).stdout.strip()
        times = []
        for _ in range(SYNCS):
            file.seek(0)
            begin = time.perf_counter()
            os.write(file.fileno(), bytes(8192))
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - begin) * 1000)
    return f"disk: {kind}, 8 KiB written and synced in {statistics.median(times):.2f} ms"


def versions():
    for name, command in PRODUCTS:
        try:
            said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        except OSError:
            continue
        found = re.search(r"\d+\.\d\S*", said)
        if found:
            yield name, found[0]


def table():
    rows = ["| figure | unit | ours | reference | ratio, its range | goal | pairs | reference is | again |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for figure in FIGURES:
        again = f"`make bench BENCH={figure.bench}`"
        if not figure.pairs:
            rows.append(f"| `{figure.name}` | {figure.unit} | failed | | | | none | {figure.reference_is} | {again} |")
            continue
        ratios = figure.ratios
        spread = f"{number(figure.ratio)} ({number(ratios[0])} to {number(ratios[-1])})"
        goal = f"{figure.goal_words}: {figure.verdict}" if figure.verdict else "for information"
        rows.append(f"| `{figure.name}` | {figure.unit} | {number(figure.median(0))} | {number(figure.median(1))} | {spread} | {goal}"
                    f" | {figure.quality} | {figure.reference_is} | {again} |")
    return rows + [f"| `{name}` | | skipped | | | | | {why} | |" for name, why in SKIPPED.items()]


def short_table():
    rows = ["| what | unit | ours | theirs | ratio, its range |", "| --- | --- | --- | --- | --- |"]
    for name, what in SHORT.items():
        found = [figure for figure in FIGURES if figure.pairs
                 and (figure.name == name or name.endswith("_") and figure.name.startswith(name))]
        if found:
            figure, ratios = found[-1], found[-1].ratios
            size = f", with {int(figure.name[len(name):]):,}" if name.endswith("_") else ""
            rows.append(f"| {what}{size} | {figure.unit} | {number(figure.median(0))} | {number(figure.median(1))}"
                        f" | {number(figure.ratio)} ({number(ratios[0])} to {number(ratios[-1])}) |")
    return rows
