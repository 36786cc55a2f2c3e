# SPDX-License-Identifier: Apache-2.0
"""F21: PostgreSQL's primary dies under load, again and again, with synchronous standbys; 'make failover-test' says how.

In the end replication stands still before the death: what was acknowledged meanwhile must be there. The control does the same
with asynchronous standbys, which must lose something.
"""

import shutil

from tests.failover.failover import RECOVER_S, Failover
from tests.failover.nodes import Nodes
from tests.faults.trial import fault
from tests.support.system import wait_until

PROGRAMS = ("patroni", "patronictl", "etcd")


def needs():
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    return f"not installed: {', '.join(missing)} (group high-availability)" if missing else None


def lose_primary(run, prefix, found, may_lose=False):
    """While its standbys get nothing."""
    _, found.lost, old = run.stalled(prefix, may_lose=may_lose)
    found.rounds += 1
    found.hit += 1
    return old


@fault("F21", "failover with synchronous standbys, two of each service", short=0, long=50, unit="failovers", recovery_max=RECOVER_S,
       control="asynchronous_standby", needs=needs)
def failovers(trial):
    found = trial.found
    with Nodes() as nodes, Failover(nodes, trial.programs, trial.seed) as run:
        if trial.control:
            nodes.be_asynchronous()
            lose_primary(run, "async", found, may_lose=True)
            return found
        run.play(trial.rounds)
        old = lose_primary(run, "strict", found)
        old.start()
        wait_until(lambda: nodes.leader() is not None, 90, "a primary")
        found.rounds += trial.rounds
        found.hit += trial.rounds
        found.recoveries = list(run.gaps)
        found.acknowledged, found.dialed = run.figures.pop("acknowledged"), run.figures.pop("dials")
        found.figures, found.broken = run.figures, list(run.wrong)
    return found
