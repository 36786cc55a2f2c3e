# SPDX-License-Identifier: Apache-2.0
"""kill -9 in the middle of 2,000 records: nothing that was acknowledged is lost, nothing happens twice.

When a process dies is decided by progress, never by time: at seeded numbers of acknowledged records,
and for those who place calls also at numbers of calls.
"""

import time

import pytest

from tests.support import ledger
from tests.support.load import Sender, garage_records, seeded_instants
from tests.support.stage import PROGRAMS, Stage

RECORDS = 2000
KILLS = 5
STEP_EVERY = 100  # records, then business time goes on by 3 hours


@pytest.mark.parametrize("victim", PROGRAMS)
def test_nothing_is_lost_or_doubled_when_a_process_is_killed(system, victim, record_property):
    seed = 41 + PROGRAMS.index(victim)
    system.key("garage", ["records"])
    stage = Stage(system)
    sender = Sender(system.client("intake", "garage"), garage_records(seed, RECORDS // 10),
                    stage.clock, seed)

    begun = time.monotonic()
    sender.run(moments(stage, victim, seed))
    stage.run_out(on_step=[lambda: kill_while_calling(stage, victim)] * 3)
    seconds = time.monotonic() - begun

    stage.check_alive()
    figures = {
        "victim": victim, "seed": seed, "records": RECORDS, "kills": stage.kills,
        "orders_open_at_kills": stage.orders_open_at_kills,
        **ledger.check_records(system, [sender], "garage"),
        "sent_again": sender.repeats,
        **ledger.check_calls(system, stage.dials()),
        **ledger.check_loyalty(system), **ledger.check_reporting(system),
        "seconds": round(seconds, 1),
    }
    assert figures["acknowledged"] == RECORDS
    assert figures["dials"] > 0, "no call was placed: the test did not test what it says"
    ledger.report(figures, record_property)


def moments(stage, victim, seed):
    """What happens at which number of acknowledged records."""
    actions = dict.fromkeys(range(STEP_EVERY, RECORDS, STEP_EVERY), lambda: stage.step(hours=3))
    for instant in seeded_instants(seed, KILLS, 50, RECORDS - 50):
        while instant in actions:
            instant += 1
        actions[instant] = lambda: stage.kill(victim)
    return actions


def kill_while_calling(stage, victim):
    """After the records: calls are due, so the one that dies is in the middle of placing them."""
    stage.wait_for_dials(3)
    stage.kill(victim)
