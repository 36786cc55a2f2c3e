# SPDX-License-Identifier: Apache-2.0
"""What a run says, as a row of the table, and whether that is as it must be."""

import importlib
import time
from pathlib import Path

from tests.faults.invariants import i9_recovered_in_time

COLUMNS = ("test", "rounds", "hit", "acknowledged", "lost", "duplicated", "phantom", "dialed twice", "silent", "unauthorised",
           "recovery p50", "recovery p95", "verdict", "seed", "minutes", "date")


# What must be found of a system that is wrong in that way: how one of the reasons begins. Another reason is not the control's.
CONTROL_FINDS = {
    "ack_before_commit": "lost",
    "asynchronous_commit": "lost",
    "dial_before_order": "dialed twice",
    "dial_before_journal": "dialed before the journal had it",
    "naive_cursor": "I6",
    "short_lease": "leases that changed hands",
    "a text where none belongs": "unauthorised",
    "a stranger is let in": "unauthorised",
}


def load_faults():
    """Every f*.py of this folder: they fill trial.FAULTS."""
    for path in sorted(Path(__file__).parent.glob("f[0-9]*.py")):
        importlib.import_module(f"tests.faults.{path.stem}")


def seconds_text(value):
    return "" if value is None else f"{value:.2f} s"


class Row:
    """error: how the test itself ended, when it did not return. slack: see Trial."""

    def __init__(self, fault, found, *, is_control, seed, seconds=0.0, error=None, slack=1):
        self.fault, self.found, self.is_control, self.seed, self.error = fault, found, is_control, seed, error
        self.slack = slack
        self.seconds, self.date = seconds, time.strftime("%Y-%m-%d", time.gmtime())

    def reasons(self):
        """Why it is not green; for a control only what its checks found, not how slow it was."""
        found, fault = self.found, self.fault
        reasons = [f"{name.replace('_', ' ')} {count}" for name, count in found.must_be_zero().items() if count]
        reasons += found.broken
        if self.is_control:
            return reasons
        if fault.hits_work and found.hit * 2 < found.rounds:
            reasons.append(f"only {found.hit} of {found.rounds} rounds met work in flight: this proves nothing")
        if fault.recovery_max is not None and not self.error:
            slow = i9_recovered_in_time(found, fault.recovery_max * self.slack)
            reasons += [slow] if slow else []
        if not found.rounds and not self.error:
            reasons.append("no round was run")
        return reasons

    def verdict(self):
        if self.error:
            return "broken"
        if self.is_control:
            wanted = CONTROL_FINDS.get(self.fault.control, "")
            if any(reason.startswith(wanted) for reason in self.reasons()):
                return "red as it must be"
            return "red for another reason" if self.reasons() else "BLIND"
        return "red" if self.reasons() else "green"

    def is_as_it_must_be(self):
        return self.verdict() in ("green", "red as it must be")

    def cells(self):
        found = self.found
        name = self.fault.number + (f" ({self.fault.control})" if self.is_control else "")
        return [name, f"{found.rounds} {self.fault.unit}", str(found.hit), str(found.acknowledged),
                *[str(count) for count in found.must_be_zero().values()],
                seconds_text(found.percentile(0.5)), seconds_text(found.percentile(0.95)), self.verdict(),
                str(self.seed), f"{self.seconds / 60:.1f}", self.date]

    def lines(self):
        """For people, below the name of the test."""
        lines = [f"    {name}: {value}" for name, value in self.found.figures.items()]
        lines += [f"    {reason}" for reason in self.reasons()]
        if self.error:
            lines += ["    " + line for line in self.error.splitlines()]
        return [*lines, f"    {self.verdict()} after {self.seconds:.1f} s"]

    def notes(self):
        """For the table's reader: what has no column."""
        name = self.cells()[0]
        said = [f"{key} {value}" for key, value in self.found.figures.items()]
        return [f"- {name}: {'; '.join([*said, *self.reasons()])}"] if said or self.reasons() else []


def table(rows):
    """Markdown that also reads well as it is."""
    lines = [list(COLUMNS), *[row.cells() for row in rows]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
    shown = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines]
    shown.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n" + "\n".join(shown) + "\n"
