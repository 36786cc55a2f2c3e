# SPDX-License-Identifier: Apache-2.0
"""What the build with crash points has, and no other: names of points and of controls (README-controls.md). And each control is
wrong in the way that it says, so that the checks must find it."""

import pytest

from tests.faults.doomed import names_of_the_code, points_of_the_code
from tests.faults.f02_crash_points import CONTROLS, crash_points
from tests.faults.trial import Trial
from tests.support.system import ROOT
from tests.support.witness import CRASHING, crash_programs

VARIABLES = {"TROTH_CRASH_POINT", "TROTH_CRASH_CONTROL", "TROTH_CLOCK_JUMP", "TROTH_DIAL_LOG"}
SEED = 20261123


@pytest.fixture(scope="module")
def crashing():
    folder = crash_programs()
    if folder is None:
        pytest.skip("SKIP: not built: make crash-programs CRASH=1")
    return folder


def test_programs_for_use_know_nothing_of_crash_points_and_controls(programs, crashing):
    names = names_of_the_code()
    assert len(names) > 70
    words = {word.encode() for word in names | VARIABLES}
    for service in sorted(CRASHING):
        released, other = ((folder / f"troth-{service}").read_bytes() for folder in (programs, crashing))
        assert not {word for word in words if word in released}, service
        own = {point.encode() for program, point in points_of_the_code() if program == service}
        assert own and not {word for word in own if word not in other}, service


def test_controls_are_described():
    described = (ROOT / "tests/faults/README-controls.md").read_text()
    for control in CONTROLS:
        assert f"`{control}`" in described


# dial_before_order is left to 'make faults': a dialer that gets the same order again knows it from its journal, so that
# chance decides whether the second one goes to the other dialer.
@pytest.mark.parametrize("control, what", [
    ("ack_before_commit", lambda found: found.lost),
    ("naive_cursor", lambda found: [line for line in found.broken if line.startswith("I6")]),
])
def test_what_is_wrong_on_purpose_is_found(programs, crashing, control, what):
    found = crash_points(Trial(SEED, 0, programs, control))
    assert what(found), (found.must_be_zero(), found.broken)
