# SPDX-License-Identifier: Apache-2.0
"""Two processes of loyalty scoring are killed and stopped at random instants while events arrive: the short form of
'make faults-loyalty'. And the same checks when events are applied twice: they must find that."""

import pytest

from tests.faults.loyalty_kills import Kills, compare, stored
from tests.support import ledger
from tests.support.event_feed import EventFeed
from tests.support.loyalty_life import Life
from tests.support.system import wait_until
from tests.support.witness import CrashSystem, crash_programs

SEED = 20261122


@pytest.fixture
def crashing_system(cluster, programs):
    crashing = crash_programs()
    if crashing is None:
        pytest.skip("SKIP: not built: make crash-programs CRASH=1")
    with CrashSystem(cluster, programs, crashing, log_level="warning") as running:
        yield running


def test_no_event_counts_twice_and_none_is_lost_under_kills(crashing_system, record_property):
    figures = Kills(crashing_system, SEED, 4000).run(strike_every=150)

    ledger.report(figures, record_property)
    assert figures["kills"] > 8
    assert figures["score_history"] > 1000


def test_checks_find_events_that_are_applied_twice(system):
    """Cursors that fall behind do no harm as long as there is evidence: it is known already. Without it, all counts again."""
    feed = EventFeed(system)
    Life(feed, SEED).live(300)

    def apply():
        process = system.start("loyalty", poll="20ms")
        wait_until(lambda: feed.is_read_by("loyalty"))
        process.terminate()
        return stored(system)

    before = apply()
    system.psql("DELETE FROM log.consumer_cursor WHERE bucket < 128")
    compare(before, apply())
    system.psql("DELETE FROM log.consumer_cursor WHERE bucket < 128; DELETE FROM loyalty.score_evidence WHERE bucket < 128")
    twice = apply()
    with pytest.raises(AssertionError):
        compare(before, twice)
    assert len(twice["score_history"]) > len(before["score_history"])
