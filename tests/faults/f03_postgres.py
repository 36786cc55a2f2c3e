# SPDX-License-Identifier: Apache-2.0
"""F3: PostgreSQL dies under load: its postmaster by kill -9, one backend by kill -9 (which makes it throw everybody out and
recover), or all at once by 'pg_ctl stop -m immediate'."""

import os
import signal
import threading
import time
from pathlib import Path

from tests.faults.live_rig import LiveRig
from tests.faults.trial import fault
from tests.support.cluster import Cluster, ClusterError
from tests.support.stage import PROGRAMS
from tests.support.system import wait_until

WAYS = ["postmaster"] * 5 + ["backend"] * 5 + ["immediate"] * 2
PAUSE_MIN, PAUSE_MAX = 0.1, 1.0
# In the short form nobody waits for the disk: a process that dies leaves behind what it has written. The long one has fsync, too.
SAFE = ["ALTER SYSTEM SET synchronous_commit = on", "ALTER SYSTEM SET full_page_writes = on", "SELECT pg_reload_conf()"]
# COMMIT returns before its WAL is written, and nobody else writes it soon.
ASYNCHRONOUS = ["ALTER SYSTEM SET synchronous_commit = off", "ALTER SYSTEM SET wal_writer_delay = '10s'",
                "ALTER SYSTEM SET wal_writer_flush_after = '1GB'", "SELECT pg_reload_conf()"]


def ways(chance, rounds):
    order = []
    while len(order) < rounds:
        block = list(WAYS)
        chance.shuffle(block)
        order += block
    return order[:rounds]


def bring_back(cluster):
    """As whoever supervises it would: until it starts. The children of a postmaster that died hold its memory a little longer."""
    def is_up():
        try:
            cluster.resume()
            return True
        except ClusterError:
            return False
    wait_until(is_up, 60, "PostgreSQL's start")


def kill_postmaster(rig):
    pid = rig.cluster.postmaster()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not os.path.exists(f"/proc/{pid}"), what="the end of the postmaster")
    bring_back(rig.cluster)


def kill_backend(rig):
    """One that works for intake; the postmaster then ends all others and recovers by itself."""
    pids = [int(pid) for pid in rig.sessions("intake")]
    os.kill(rig.trial.chance.choice(pids), signal.SIGKILL)


def stop_at_once(rig):
    rig.cluster.restart("immediate")


STRIKES = {"postmaster": kill_postmaster, "backend": kill_backend, "immediate": stop_at_once}


def strike(rig, way, found):
    wait_until(lambda: is_served(rig), what="connections of intake")
    found.hit += rig.catch_at_work("intake")
    backends = rig.sessions("intake")
    moment = time.monotonic()
    STRIKES[way](rig)
    # A backend may finish what it had begun; what counts is what the new ones do.
    wait_until(lambda: not any(is_backend(pid) for pid in backends), what="the end of the old backends")
    gone = time.monotonic()
    found.recoveries.append(gone - moment + rig.load.seconds_until_new_receipt(gone))
    found.rounds += 1
    found.figures[way] = found.figures.get(way, 0) + 1


def is_backend(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="ascii") == "postgres\n"
    except OSError:
        return False


def is_served(rig):
    try:
        return rig.sessions("intake")
    except (ConnectionError, BrokenPipeError):
        return False


@fault("F3", "PostgreSQL's postmaster, a backend, or all of it killed under load", short=3, long=120, unit="kills",
       recovery_max=15.0, control="asynchronous_commit", hits_work=True)
def crashes(trial):
    found = trial.found
    programs = PROGRAMS if trial.form == "long" else ["intake"]
    with LiveRig(trial, programs=programs, cluster=Cluster(fast=trial.form != "long")) as rig:
        for sql in ASYNCHRONOUS if trial.control else SAFE:
            rig.cluster.psql(sql, "postgres")
        rig.start()
        pause = threading.Event()
        for way in ["postmaster"] * 2 if trial.control else ways(trial.chance, trial.rounds):
            pause.wait(trial.chance.uniform(PAUSE_MIN, PAUSE_MAX))
            strike(rig, way, found)
        rig.load.wait_for(100)
        rig.finish(found)
    return found
