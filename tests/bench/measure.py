# SPDX-License-Identifier: Apache-2.0
"""What all benches share: pairs of runs, how much of the machine was ours, and the report.

A figure is never an absolute number: 'ours' and its 'reference' run by turns (A B A B) in one go, and
the ratio of each pair is what counts. A run during which others used more than a tenth of the machine
(their CPU time and what the hypervisor stole) is noisy.
"""

import gc
import os
import statistics
import time
from pathlib import Path

NOISY_SHARE = 0.10
QUICK_SECONDS = 360
QUICK_SECONDS_MAX = 13 * 60
TICKS = os.sysconf("SC_CLK_TCK")
PROCESSORS = os.cpu_count() or 1


class Sizes:
    """How much is measured; QUICK=1 for a look."""

    def __init__(self):
        self.is_quick = os.environ.get("QUICK", "") not in ("", "0")
        self.pairs = 2 if self.is_quick else 5
        # More pairs are run for those that were noisy, up to so many in all.
        self.pairs_max = self.pairs if self.is_quick else 9
        # A quick run on a busy machine is content with one pair from here on.
        self.hurry_at = time.monotonic() + QUICK_SECONDS if self.is_quick else float("inf")
        # And begins nothing new after that.
        self.end_at = time.monotonic() + QUICK_SECONDS_MAX if self.is_quick else float("inf")

    def choose(self, quick, full):
        return quick if self.is_quick else full


FIGURES = []  # all that were begun, in order
SKIPPED = {}  # figure: why it is not measured here


def skip(name, why):
    SKIPPED[name] = why


class Figure:
    """One line of the report: pairs of numbers, and the ratio that they should have; goal None: it is only told."""

    def __init__(self, name, unit, goal, is_more_better, reference_is):
        self.name, self.unit, self.goal, self.is_more_better = name, unit, goal, is_more_better
        self.reference_is = reference_is
        self.pairs = []  # (ours, reference, share of the machine that others used)
        self.bench = ""  # which one measures it
        FIGURES.append(self)

    def add(self, ours, reference, noise):
        self.pairs.append((ours, reference, noise))

    @property
    def clean_pairs(self):
        return [pair for pair in self.pairs if pair[2] <= NOISY_SHARE]

    @property
    def counted(self):
        """The clean pairs; when fewer than two are, all: a ratio suffers less than its two numbers."""
        return self.clean_pairs if len(self.clean_pairs) >= 2 else self.pairs

    def median(self, index):
        return statistics.median(pair[index] for pair in self.counted)

    @property
    def ratio(self):
        return statistics.median(pair[0] / pair[1] for pair in self.counted)

    @property
    def ratios(self):
        return sorted(pair[0] / pair[1] for pair in self.counted)

    @property
    def is_reached(self):
        if self.goal is None:
            return True
        return self.ratio >= self.goal if self.is_more_better else self.ratio <= self.goal

    def line(self):
        return (f"bench: {self.name} ours={number(self.median(0))} unit={self.unit}"
                f" reference={number(self.median(1))} ratio={number(self.ratio)} goal={self.goal_text}")

    @property
    def goal_words(self):
        return "" if self.goal is None else ("at least " if self.is_more_better else "at most ") + self.goal_text

    @property
    def verdict(self):
        return "" if self.goal is None else "reached" if self.is_reached else "missed"

    @property
    def quality(self):
        counted, clean = len(self.counted), len(self.clean_pairs)
        return f"{counted} clean, {len(self.pairs) - counted} left out" if counted == clean else f"{counted} noisy"

    @property
    def goal_text(self):
        return "none" if self.goal is None else number(self.goal)


def number(value):
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def run_pairs(sizes, figures, pair, roots):
    """pair(): runs ours and the reference once; returns for each figure (ours, reference).

    roots(): the processes whose CPU time is ours, besides this one."""
    for count in range(1, sizes.pairs_max + 1):
        gc.collect()
        with Noise(roots) as noise:
            values = pair()
        for figure, (ours, reference) in zip(figures, values, strict=True):
            figure.add(ours, reference, noise.share)
            progress(f"{figure.name}: pair {count}: ours {number(ours)} {figure.unit}, reference"
                     f" {number(reference)}, ratio {number(ours / reference)}, others {noise.share:.0%}")
        if count >= sizes.pairs and len(figures[0].clean_pairs) >= min(3, sizes.pairs):
            break
        if time.monotonic() > sizes.hurry_at:
            break


def run_once(figures, measure, roots):
    """For what takes too long to be repeated, or does not vary."""
    with Noise(roots) as noise:
        values = measure()
    for figure, (ours, reference) in zip(figures, values, strict=True):
        figure.add(ours, reference, noise.share)
        progress(f"{figure.name}: ours {number(ours)} {figure.unit}, reference {number(reference)},"
                 f" others {noise.share:.0%}")


def progress(text):
    print(f"# {text}", flush=True)


# ---- what others did to the machine meanwhile


class Noise:
    """share: of all processors' time, what neither we nor PostgreSQL used and what was stolen."""

    def __init__(self, roots):
        self.roots = roots
        self.share = 0.0

    def __enter__(self):
        self._begin = machine_ticks(), ticks_of([os.getpid(), *self.roots()]), time.monotonic()
        return self

    def __exit__(self, *unused):
        (busy, stolen), ours, begin = self._begin
        now_busy, now_stolen = machine_ticks()
        others = max(0, now_busy - busy - (ticks_of([os.getpid(), *self.roots()]) - ours)) + now_stolen - stolen
        self.share = others / TICKS / PROCESSORS / max(0.001, time.monotonic() - begin)


def machine_ticks():
    """(busy, stolen) since boot, of all processors."""
    fields = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _idle, _wait, irq, soft_irq, stolen = fields
    return user + nice + system + irq + soft_irq, stolen


def ticks_of(roots):
    """CPU time of the processes, of all below them, and of those that ended and were waited for."""
    parents, ticks = {}, {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        parents.setdefault(int(fields[1]), []).append(int(folder.name))
        ticks[int(folder.name)] = sum(int(word) for word in fields[11:15])
    total, left = 0, list(roots)
    while left:
        process = left.pop()
        total += ticks.get(process, 0)
        left.extend(parents.get(process, []))
    return total


# ---- the report


def report(figures):
    """A table for people, then one line per figure for programs."""
    head = ["figure", "unit", "ours", "reference", "ratio", "range of ratios", "goal", "", "pairs", "reference is"]
    rows = [head]
    for figure in figures:
        if not figure.pairs:
            rows.append([figure.name, figure.unit, "", "", "", "", "", "failed", "none", figure.reference_is])
            continue
        ratios = figure.ratios
        rows.append([
            figure.name, figure.unit, number(figure.median(0)), number(figure.median(1)), number(figure.ratio),
            f"{number(ratios[0])} to {number(ratios[-1])}", figure.goal_words, figure.verdict, figure.quality, figure.reference_is,
        ])
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    print()
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print()
    for figure in figures:
        print(figure.line() if figure.pairs else f"bench: {figure.name} failed", flush=True)
    for name, why in SKIPPED.items():
        print(f"bench: {name} skipped: {why}", flush=True)
