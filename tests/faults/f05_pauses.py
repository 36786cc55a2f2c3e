# SPDX-License-Identifier: Apache-2.0
"""F5: SIGSTOP under load, of a program that has a twin, of a backend of PostgreSQL in the middle of a transaction, or of a
source; 1 to 60 s (short form 1 to 3 s), mostly longer than what it held was its own. Whatever it wanted to do when it goes on
must be refused: another one has done it."""

import math
import os
import signal
import threading
import time

from tests.faults.live_rig import LiveRig, needs_crash_programs
from tests.faults.trial import fault
from tests.support.system import wait_until

PROGRAMS = ["intake", "intake-2", "followup", "followup-2", "loyalty", "loyalty-2", "reporting", "reporting-2", "dialer"]
SHORT_PROGRAMS = ["intake", "intake-2", "followup", "followup-2", "loyalty", "loyalty-2", "dialer"]
LONG_SECONDS, SHORT_SECONDS = 60.0, 3.0
BUSY = """SELECT pid FROM pg_stat_activity WHERE usename LIKE 'troth_%' AND datname = current_database()
           AND backend_type = 'client backend' AND xact_start IS NOT NULL"""
ANY = """SELECT pid FROM pg_stat_activity WHERE usename LIKE 'troth_%' AND datname = current_database()
          AND backend_type = 'client backend'"""
# What has written and not committed: its number is lower than those that others commit meanwhile.
WRITING = """SELECT pid FROM pg_stat_activity WHERE usename = 'troth_intake' AND datname = current_database()
              AND backend_xid IS NOT NULL"""


def victims(rig, rounds):
    """Half of them programs, a quarter each backends and sources; what the control is wrong about needs a writer."""
    chance, order = rig.trial.chance, []
    if rig.trial.control:
        return ["writer"] * rounds
    while len(order) < rounds:
        block = ["program", "backend", "program", "source"]
        chance.shuffle(block)
        order += block
    return order[:rounds]


def seconds_of(trial):
    """As many between 1 and 2 as between 30 and 60."""
    longest = LONG_SECONDS if trial.form == "long" else SHORT_SECONDS
    return math.exp(trial.chance.uniform(0.0, math.log(longest)))


def choose(rig, kind):
    """(pid, whether it was in the middle of something)"""
    chance = rig.trial.chance
    if kind == "program":
        name = chance.choice(rig.programs)
        wait_until(lambda: rig.look_after(name), what=f"{name} at work")
        return rig.processes[name].pid, rig.has_work(name.split("-", maxsplit=1)[0])
    if kind == "source":
        return chance.choice(rig.load.processes).pid, bool(rig.load.in_flight())
    busy = rig.eye.ask(BUSY)
    return int(chance.choice(busy or rig.eye.ask(ANY))), bool(busy)


def stop_writer(rig):
    """One that is still in its transaction when it stands."""
    def stopped():
        for pid in rig.eye.ask(WRITING):
            os.kill(int(pid), signal.SIGSTOP)
            if pid in rig.eye.ask(WRITING):
                return int(pid)
            os.kill(int(pid), signal.SIGCONT)
        return None
    return wait_until(stopped, 60, "a writer in the middle of its transaction"), True


def stop(rig, kind):
    """(pid, whether it was in the middle of something)"""
    if kind == "writer":
        return stop_writer(rig)
    pid, has_work = choose(rig, kind)
    os.kill(pid, signal.SIGSTOP)
    return pid, has_work


def pause_one(rig, kind, found):
    pid, has_work = stop(rig, kind)
    try:
        threading.Event().wait(seconds_of(rig.trial))
    finally:
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            pass  # a backend whose client gave up on it
    found.recoveries.append(rig.load.seconds_until_new_receipt(time.monotonic(), meanwhile=rig.look_after_all))
    found.hit += has_work
    found.rounds += 1
    found.figures[f"{kind}s"] = found.figures.get(f"{kind}s", 0) + 1


@fault("F5", "programs, backends of PostgreSQL and sources stopped and let go under load", short=3, long=200, unit="pauses",
       recovery_max=15.0, control="naive_cursor", control_rounds=2, needs=needs_crash_programs, hits_work=True)
def pauses(trial):
    found = trial.found
    with LiveRig(trial, programs=PROGRAMS if trial.form == "long" else SHORT_PROGRAMS) as rig:
        if trial.control:
            rig.environments.update({name: {"TROTH_CRASH_CONTROL": trial.control} for name in ("loyalty", "loyalty-2")})
        rig.start()
        for kind in victims(rig, trial.rounds):
            rig.look_after_all()
            rig.load.wait_for(20, seconds=60)
            pause_one(rig, kind, found)
        for name in rig.programs:
            wait_until(lambda name=name: rig.look_after(name), what=f"{name} at work")
        rig.finish(found)
        if rig.broke_after_stop:
            found.figures["programs that libzmq ended after a stop"] = "; ".join(rig.broke_after_stop)
    return found
