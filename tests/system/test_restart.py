# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL crashes in the middle of a load; the services stay and go on."""

import time

import pytest

from tests.support import ledger
from tests.support.cluster import Cluster
from tests.support.load import Sender, garage_records, seeded_instants
from tests.support.stage import Stage
from tests.support.system import System

RECORDS = 2000
CRASHES = 3
SEED = 59


@pytest.fixture
def syncing_system(programs):
    """A server that syncs its disk: only such a one keeps what it committed when it crashes."""
    with Cluster() as cluster, System(cluster, programs) as running:
        yield running


def test_nothing_is_lost_or_doubled_when_postgresql_crashes(syncing_system, record_property):
    system = syncing_system
    system.key("garage", ["records"])
    stage = Stage(system)
    sender = Sender(system.client("intake", "garage"), garage_records(SEED, RECORDS // 10),
                    stage.clock, SEED)

    actions = dict.fromkeys(range(100, RECORDS, 100), lambda: stage.step(hours=3))
    for instant in seeded_instants(SEED, CRASHES, 110, RECORDS - 110):
        actions[instant + (instant % 100 == 0)] = system.cluster.restart
    begun = time.monotonic()
    sender.run(actions)
    stage.run_out(on_step=[lambda: crash_while_calling(stage)])
    seconds = time.monotonic() - begun

    stage.check_alive()
    figures = {
        "crashes": CRASHES + 1, "records": RECORDS,
        **ledger.check_records(system, [sender], "garage"),
        "sent_again": sender.repeats,
        **ledger.check_calls(system, stage.dials()),
        **ledger.check_loyalty(system), **ledger.check_reporting(system),
        "seconds": round(seconds, 1),
    }
    assert figures["acknowledged"] == RECORDS
    assert figures["dials"] > 0, "no call was placed: the test did not test what it says"
    ledger.report(figures, record_property)


def crash_while_calling(stage):
    stage.wait_for_dials(3)
    stage.system.cluster.restart("immediate")
