# SPDX-License-Identifier: Apache-2.0
"""F23: a rolling upgrade from the newest released version, the rollback and the upgrade again, under load; 'make upgrade-test'
says how. Its witnesses compare in the end what both versions did."""

from tests.faults.trial import fault
from tests.upgrade import release
from tests.upgrade.rolling import programs_of, upgrade

SECONDS_EACH = 20


def needs():
    return None if programs_of("new") else "not built: make crash-programs CRASH=1"


@fault("F23", "upgrade, rollback and upgrade again, one process at a time", short=0, long=1, unit="upgrades", needs=needs)
def upgrades(trial):
    found = trial.found
    if release.build(release.newest()) is None:
        raise LookupError("the commit of the newest release is not in this clone")
    for number in range(max(1, trial.rounds)):
        verdict, rows = upgrade(trial.seed + number, SECONDS_EACH)
        found.rounds += 1
        found.acknowledged += verdict.figures["acknowledged"]
        found.dialed += verdict.figures["dialed"]
        found.dialed_twice += verdict.figures["dialed_twice"]
        found.silent += verdict.figures["silent"]
        found.lost += verdict.figures["lost"]
        found.duplicated += verdict.figures["duplicates"]
        found.broken += verdict.wrong
        found.figures = {"version before": release.newest(), "phases": len(rows), "retries": verdict.figures["retries"],
                         "sent again": verdict.figures["sent_again"], "audit": verdict.figures["audit"]}
    return found
