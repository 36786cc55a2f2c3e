# SPDX-License-Identifier: Apache-2.0
"""The clock of a machine jumps by an hour while calls are under way, of the scheduler's or of the dialer's; and business
time jumps over windows. Nobody is called twice, and every follow-up has an end that says why."""

import os

import pytest

from tests.support.office import DAY, EVERYBODY, Office
from tests.support.system import wait_until
from tests.support.witness import CrashSystem, crash_programs, judge

CUSTOMERS = 20
LINES = 4
ORDERS_MAX = 2
ANSWERED, MISSED, BARRED, UNKNOWN = "4|answered", "5|window_passed", "8|orders_barred", "8|outcome_unknown"


@pytest.fixture
def system(cluster, programs):
    crashing = crash_programs()
    if crashing is None:
        pytest.skip("SKIP: not built: make crash-programs CRASH=1")
    with CrashSystem(cluster, programs, crashing) as running:
        yield running


def begin(system, lines=LINES):
    """Some calls are over, some under way, some to come."""
    office = Office(system, followup={"orders_max": ORDERS_MAX}, dialer={**EVERYBODY, "ring_time": "500ms", "lines": lines})
    office.resolve(*[f"c{number}" for number in range(CUSTOMERS)])
    office.stage.step(DAY)
    wait_until(lambda: len(office.stage.dials()) >= 3, what="some calls")
    return office


def jump(system, seconds):
    path = system.folder / "jump"
    path.with_suffix(".new").write_text(str(seconds))
    os.rename(path.with_suffix(".new"), path)


def ends(system):
    rows = system.psql("SELECT state, reason, count(*) FROM followup.follow_up GROUP BY 1, 2").splitlines()
    return {row.rsplit("|", 1)[0]: int(row.rsplit("|", 1)[1]) for row in rows}


@pytest.mark.parametrize(("who", "seconds", "others"), [
    # The dialer's clock is the later one: what the scheduler orders has always expired, nobody dials it, and a person is
    # told after orders_max times.
    ("dialer", 3600, {ANSWERED, BARRED}),
    ("followup", -3600, {ANSWERED, BARRED}),
    ("dialer", -3600, {ANSWERED}),
    # What was placed before is long overdue all at once; its result still counts when it comes.
    ("followup", 3600, {ANSWERED}),
])
def test_clock_of_a_machine_that_jumps_calls_nobody_twice(system, who, seconds, others):
    system.environments[who] = {"TROTH_CLOCK_JUMP": str(system.folder / "jump")}
    office = begin(system)

    jump(system, seconds)
    office.quiet()
    office.step(1)  # what was noted before the jump and was too late after it is tried again after an hour

    verdict = judge(system, [system.folder / "dialer.journal"])
    assert not verdict.wrong, verdict.wrong
    found = ends(system)
    assert sum(found.values()) == CUSTOMERS
    assert set(found) <= {*others, UNKNOWN}, found
    assert found.get(UNKNOWN, 0) <= LINES


def test_business_time_that_jumps_over_windows_calls_nobody_twice_and_counts_who_was_missed(system):
    office = begin(system, lines=1)

    office.stage.step(40 * DAY)
    office.quiet()

    verdict = judge(system, [system.folder / "dialer.journal"])
    assert not verdict.wrong, verdict.wrong
    found = ends(system)
    assert set(found) <= {ANSWERED, MISSED}, found
    assert found[ANSWERED] >= 3
    missed = found[MISSED]
    assert f'troth_followup_missed_total{{reason="window_passed"}} {missed}' in system.get("followup", "/metrics")
