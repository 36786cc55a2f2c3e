# SPDX-License-Identifier: Apache-2.0
"""Schedulers and dialers are killed and stopped at random instants under many follow-ups: the short form of
'make faults-followup'. And the same checks with dialers that dial before they write it down: they must find that."""

import pytest

from tests.faults.followup_kills import Kills
from tests.support import ledger
from tests.support.witness import CrashSystem, crash_programs

SEED = 20261122


@pytest.fixture
def system(cluster, programs):
    crashing = crash_programs()
    if crashing is None:
        pytest.skip("SKIP: not built: make crash-programs CRASH=1")
    with CrashSystem(cluster, programs, crashing, log_level="warning") as running:
        yield running


def test_nobody_is_called_twice_and_nothing_is_silent_under_kills(system, record_property):
    verdict = Kills(system, SEED, 1500, lines=4).run(kills_every=0.7)

    ledger.report(verdict.figures, record_property)
    assert not verdict.wrong, verdict.wrong
    assert verdict.figures["kills_with_open_orders"] > 5
    assert verdict.figures["dialed"] >= 1400


def test_checks_find_dialers_that_dial_before_they_write_it_down(system):
    """A dialer dies between the dial and its journal; the order is said never to have been dialed, and is tried again."""
    verdict = Kills(system, SEED, 60, lines=4, control="dial_before_journal").run(kills_every=1000)

    assert verdict.figures["dialed_twice"] > 0
    assert any(text.startswith("barred and dialed") for text in verdict.wrong), verdict.wrong
