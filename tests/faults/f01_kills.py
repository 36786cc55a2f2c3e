# SPDX-License-Identifier: Apache-2.0
"""F1: kill -9 of each program at a random instant, 0.1 to 3 s after the one before works again, under load."""

import threading

from tests.faults.live_rig import LiveRig, needs_crash_programs
from tests.faults.trial import Found, fault
from tests.support.stage import PROGRAMS

PAUSE_MIN, PAUSE_MAX = 0.1, 1.0
# Who waits for them notices at once. The work of the others goes on when the term of what they held has ended (LEASE, 2 s here).
AT_ONCE = {"intake", "dialer"}
TAKEOVER_MAX = 5.0


def victims(chance, rounds):
    """Each program equally often, in an order that nobody knows."""
    order = []
    while len(order) < rounds:
        block = list(PROGRAMS)
        chance.shuffle(block)
        order += block
    return order[:rounds]


def strike(rig, name, found, recoveries):
    found.hit += rig.catch_at_work(name)
    sessions = rig.sessions(name)
    moment = rig.kill(name)
    seconds = rig.seconds_until_it_works(name, moment, sessions)
    if name in AT_ONCE:
        found.recoveries.append(seconds)
    recoveries.setdefault(name, []).append(seconds)
    found.rounds += 1


def strike_all(rig, trial):
    """Starts everything and kills each program at random instants; the control is wrong from its start on. Returns
    {name: [seconds until it worked again]}."""
    found, recoveries = trial.found, {}
    if trial.control:
        rig.doom()
        found.rounds = found.hit = 1
    rig.start()
    pause = threading.Event()
    for name in victims(trial.chance, 0 if trial.control else trial.rounds):
        pause.wait(trial.chance.uniform(PAUSE_MIN, PAUSE_MAX))
        strike(rig, name, found, recoveries)
    rig.finish(found)
    return recoveries


@fault("F1", "kill -9 of each program at a random instant, under load", short=5, long=1250, unit="kills", recovery_max=3.0,
       control="ack_before_commit", needs=needs_crash_programs, hits_work=True)
def kills(trial):
    found = trial.found
    with LiveRig(trial) as rig:
        recoveries = strike_all(rig, trial)
    for name, seconds in sorted(recoveries.items()):
        slow = Found(recoveries=seconds).percentile(0.95)
        found.figures[f"{name} p95"] = f"{slow:.2f} s of {len(seconds)}"
        if name not in AT_ONCE and slow > TAKEOVER_MAX * trial.slack:
            found.broken.append(f"I9: {slow:.2f} s until {name} went on (p95), allowed {TAKEOVER_MAX:g}")
    return found
