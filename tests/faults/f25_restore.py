# SPDX-License-Identifier: Apache-2.0
"""F25: everything burns, and comes back from the backups twice: to the end of the archive, and to an instant before; 'make drill'
says how. The control comes back without the recipe that asks the dialers' journals, and has to call people twice."""

import shutil

from tests.drill.drill import Drill
from tests.faults.trial import fault
from tests.support.cluster import Cluster

LOAD_ROUNDS, ARCHIVE_TIMEOUT = 16, 10


def needs():
    return None if shutil.which("pgbackrest") else "not installed: pgbackrest (group backup)"


@fault("F25", "restore drill: the end of the archive, and an instant", short=0, long=1, unit="fires", control="no_recipe",
       needs=needs)
def restores(trial):
    found = trial.found
    for number in range(max(1, trial.rounds)):
        with Cluster() as cluster, Drill(cluster, trial.programs, LOAD_ROUNDS, trial.seed + number, ARCHIVE_TIMEOUT) as drill:
            drill.run(bool(trial.control))
        found.rounds += 1
        if trial.control:
            found.dialed_twice += drill.figures["control_called_twice"]
            continue
        found.acknowledged += len(drill.witness.acknowledged)
        found.dialed_twice += drill.figures["instant_called_twice"]
        found.broken += drill.wrong
        found.figures = drill.figures
    return found
