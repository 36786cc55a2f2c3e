# SPDX-License-Identifier: Apache-2.0
"""Every fault in its short form, and its control, which must turn red. TROTH_FAULT_SEED is for another seed."""

import os

import pytest

from tests.faults.trial import FAULTS, Trial
from tests.faults.verdict import Row, load_faults

# Other tests use the processors at the same time; 'make faults' judges by the figures themselves.
SLACK = 4
# The same each time: who changes something wants to hear of that. New seeds are for 'make faults' and 'make faults-night'.
SEED = 21

load_faults()
SHORT = [fault for fault in FAULTS.values() if fault.short]

# One after the other: they measure how long things take, and some want most of the memory.
pytestmark = [pytest.mark.xdist_group("faults")]


def run(fault, programs, control, record_property):
    reason = fault.needs()
    if reason:
        pytest.skip(f"SKIP: {reason}")
    seed = int(os.environ.get("TROTH_FAULT_SEED") or SEED)
    record_property("seed", seed)
    print(f"seed {seed}")
    rounds = fault.short if control is None else fault.control_rounds or fault.short
    found = fault.run(Trial(seed, rounds, programs, control, slack=SLACK))
    row = Row(fault, found, is_control=control is not None, seed=seed, slack=SLACK)
    return row, f"{fault.number}, seed {seed}:\n" + "\n".join(row.lines())


@pytest.mark.parametrize("fault", SHORT, ids=lambda fault: fault.number)
def test_nothing_is_lost_or_doubled(fault, programs, record_property):
    row, said = run(fault, programs, None, record_property)
    assert row.verdict() == "green", said


@pytest.mark.parametrize("fault", [fault for fault in SHORT if fault.control], ids=lambda fault: fault.number)
def test_a_system_that_is_wrong_is_found_out(fault, programs, record_property):
    row, said = run(fault, programs, fault.control, record_property)
    assert row.verdict() == "red as it must be", said
