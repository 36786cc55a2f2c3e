# SPDX-License-Identifier: Apache-2.0
"""What a fault test is: a function of a Trial that returns what it counted, under its number of the catalogue.

    @fault("F6", "connections to PostgreSQL cut at a random byte", short=40, long=2000, control="ack_before_commit")
    def cuts(trial):
        found = trial.found
        ...
        return found

Every run is made of its seed. Whoever names a control must, when trial.control is set, run the same test against a system
that is wrong in that way, and Found.is_red() must become true: a check that cannot fail is none.
"""

import random
from dataclasses import dataclass, field

FAULTS = {}  # number: Fault, filled by the decorator


@dataclass
class Found:
    """Counts of one run. All of the second group must be zero."""

    rounds: int = 0
    hit: int = 0  # rounds that met work in flight
    acknowledged: int = 0
    dialed: int = 0

    lost: int = 0  # I1: acknowledged, and not stored or stored otherwise
    duplicated: int = 0  # I2: more than one effect of one key
    phantom: int = 0  # I3: stored, and never attempted
    dialed_twice: int = 0  # I4
    silent: int = 0  # I4, I12: a due follow-up or a claimed row without an end, an event nobody reads
    unauthorised: int = 0  # I7
    broken: list = field(default_factory=list)  # the other invariants, a sentence each: "I8: 3 descriptors more than before"

    recoveries: list = field(default_factory=list)  # I9: seconds from the fault until the next new receipt (or takeover)
    figures: dict = field(default_factory=dict)  # whatever else was measured, name: value

    def must_be_zero(self):
        names = ("lost", "duplicated", "phantom", "dialed_twice", "silent", "unauthorised")
        return {name: getattr(self, name) for name in names}

    def is_red(self):
        return bool(any(self.must_be_zero().values()) or self.broken)

    def percentile(self, share):
        """Of the recoveries, by the nearest rank; None without one."""
        ordered = sorted(self.recoveries)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


@dataclass
class Trial:
    seed: int
    rounds: int
    programs: object  # Path of build/bin; crash_programs() of tests/support/witness.py gives the other build
    control: str | None = None
    form: str = "short"  # "middle": more of the same; "long": for tests whose rounds differ, too
    found: Found = field(default_factory=Found)  # what was counted until now, also should the test break off
    slack: float = 1  # how many times longer things may take, for who shares the processors with other tests

    def __post_init__(self):
        self.chance = random.Random(self.seed)


@dataclass
class Fault:
    number: str
    title: str
    run: object
    short: int  # rounds of the form that is part of 'make test'; 0: only in the long form
    long: int  # of 'make faults-night'
    unit: str  # what a round is
    recovery_max: float | None  # seconds, of the 95th percentile
    control: str | None
    needs: object  # a function that returns why it cannot run on this machine, or None
    hits_work: bool  # fewer than half of the rounds with work in flight is a failure
    control_rounds: int | None = None  # of the control, in every form; None: those of the short form


def fault(number, title, *, short, long, unit="rounds", recovery_max=None, control=None, needs=lambda: None, hits_work=False,
          control_rounds=None):
    def add(run):
        assert number not in FAULTS, number
        FAULTS[number] = Fault(number, title, run, short, long, unit, recovery_max, control, needs, hits_work, control_rounds)
        return run

    return add
