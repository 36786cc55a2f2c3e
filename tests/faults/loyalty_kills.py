# SPDX-License-Identifier: Apache-2.0
"""Scores under kills: two processes that share the customers die and stand still at random instants, and at each point of
their code where it matters, while events arrive.

    make faults-loyalty SEED=7 EVENTS=20000

Afterwards everything that they have stored is read, and then made once more by loyalty.start_over() and a process that
nobody disturbs: evidence, sums, groups, scores, histories and points must be the same, and every change told once. Business
time stands still a little after the last event, so that time alone moves nobody in between.
"""

import argparse
import os
import random
import sys
import threading
import time

from tests.support import loyalty_oracle
from tests.support.cluster import Cluster
from tests.support.event_feed import SECOND_US, EventFeed
from tests.support.loyalty_life import Life
from tests.support.system import wait_until
from tests.support.witness import ROOT, CrashSystem, crash_programs

NAMES = ["loyalty", "loyalty-2"]
SETTINGS = {"poll": "20ms", "lease": "1s", "batch_events": 40}
# The process dies when it comes by: before it computes, before it commits, before it knows that it has, before it tells.
POINTS = ["loyalty.batch.read", "loyalty.batch.written", "loyalty.batch.sent", "loyalty.batch.committed"]
PACE_US = SECOND_US // 2
IN_A_COMMIT = 50
PAUSE_SHARE = 0.2  # SIGSTOP, longer than the lease, instead of SIGKILL
PAUSE_SECONDS = 1.5
SECONDS_MAX = 1800

# All that is made of events, row by row. Groups are added to in batches: rounding may differ, and what cancels out within one
# leaves no row.
STORED = {
    "score_evidence": "SELECT * FROM loyalty.score_evidence",
    "score_sum": "SELECT * FROM loyalty.score_sum",
    "group_trust": "SELECT bucket, grouping, name, kept, late, broken, round(weight::numeric, 6), round(value::numeric, 6)"
                   " FROM loyalty.group_trust AS t WHERE kept + late + broken > 0",
    "customer_score": "SELECT * FROM loyalty.customer_score",
    "score_history": "SELECT * FROM loyalty.score_history",
    "standing_history": "SELECT * FROM loyalty.standing_history",
    "points_entry": "SELECT * FROM loyalty.points_entry",
}
TOLD_TWICE = """SELECT customer_id, version, kind = 'points_changed', count(*) FROM log.event WHERE stream LIKE 'loyalty.%'
                 GROUP BY 1, 2, 3 HAVING count(*) > 1"""
TOLD = "SELECT count(*) FROM log.event WHERE stream LIKE 'loyalty.%' AND kind = '{}'"


class Kills:
    """One run."""

    def __init__(self, system, seed, events):
        self.system, self.chance, self.events = system, random.Random(seed), events
        self.feed = EventFeed(system)
        self.life = Life(self.feed, seed, customers=200, pace_us=PACE_US)
        self.processes, self.paused = {}, {}
        self.kills = self.pauses = 0
        end_us = self.feed.now_us + (events + 1) * 2 * (SECOND_US + PACE_US)
        system.psql(f"UPDATE log.clock SET demo_now = to_timestamp({end_us} / 1e6)")

    # ---- the processes

    def start(self, name, point=None):
        if point is not None:
            self.system.environments[name] = {"TROTH_CRASH_POINT": point}
        self.processes[name] = self.system.start("loyalty", name, arguments=["--demo-clock"], **SETTINGS)
        self.system.environments.pop(name, None)

    def start_again(self, name):
        self.processes[name] = self.system.start_again(self.processes[name])

    def strike(self):
        """Returns whether there was somebody to strike: a process that works."""
        working = [name for name in NAMES if name not in self.paused and self.processes[name].is_ready()]
        if not working:
            return False
        name = self.chance.choice(working)
        process = self.processes[name]
        if self.chance.random() < PAUSE_SHARE:
            process.pause()
            self.pauses += 1
            self.paused[name] = time.monotonic() + PAUSE_SECONDS
        else:
            process.kill()
            self.kills += 1
            self.start_again(name)
        return True

    def look_after(self):
        for name in [name for name, until in self.paused.items() if until <= time.monotonic()]:
            del self.paused[name]
            self.processes[name].resume()
        for name, process in self.processes.items():
            if not process.is_running():
                raise AssertionError(f"{name} ended by itself with {process.wait()}:\n{process.log()[-3000:]}")

    # ---- a run

    def die_at_each_point(self):
        """One process alone, which dies at one point after the other."""
        for place, point in enumerate(POINTS):
            self.live(200)
            self.start(NAMES[0], f"{point}:{place + 2}")
            process = self.processes.pop(NAMES[0])
            wait_until(lambda: not process.is_running(), what=f"death at {point}")
            if process.wait() != -9:
                raise AssertionError(f"{point}: ended with {process.wait()}:\n{process.log()[-3000:]}")
            self.kills += 1

    def live(self, steps):
        for done in range(0, steps, IN_A_COMMIT):
            self.life.happen(min(IN_A_COMMIT, steps - done))
            self.feed.commit()
            self.events -= IN_A_COMMIT

    def work(self, strike_every):
        """Until every event is applied. Somebody is struck every so many events, on average: the next ones wait until that is
        done, so how often does not depend on the machine."""
        pause, deadline = threading.Event(), time.monotonic() + SECONDS_MAX
        strike_at = self.events - self.chance.expovariate(1 / strike_every)
        while self.events > 0 or self.paused or not self.feed.is_read_by("loyalty"):
            if time.monotonic() > deadline:
                raise AssertionError("events are left")
            if self.events > max(strike_at, 0):
                self.live(IN_A_COMMIT)
            elif self.events > 0 and self.strike():
                strike_at = self.events - self.chance.expovariate(1 / strike_every)
            self.look_after()
            pause.wait(0.05)

    def run(self, strike_every):
        """Returns figures for a table."""
        begun = time.monotonic()
        self.die_at_each_point()
        for name in NAMES:
            self.start(name)
        self.work(strike_every)
        self.stop()
        before = stored(self.system)
        self.check_told(before)
        sums = loyalty_oracle.check_sums(self.system)
        self.replay()
        compare(before, stored(self.system))
        return {"kills": self.kills, "stops": self.pauses, "sums": sums,
                **{table: len(rows) for table, rows in before.items()}, "seconds": round(time.monotonic() - begun, 1)}

    def replay(self):
        """Once more from the first event, undisturbed."""
        self.system.psql("SELECT loyalty.start_over()", role="troth_operator")
        self.start(NAMES[0])
        wait_until(lambda: self.feed.is_read_by("loyalty"), 120, "all events applied again")
        self.stop()

    def stop(self):
        for process in self.processes.values():
            process.kill()
        self.processes = {}

    def check_told(self, before):
        twice = self.system.psql(TOLD_TWICE)
        assert twice == "", f"told twice (customer, version, of points, times):\n{twice}"
        for kind, table in (("score_changed", "score_history"), ("points_changed", "points_entry")):
            assert int(self.system.psql(TOLD.format(kind))) == len(before[table]), f"{kind} is not told for each row of {table}"


def stored(system):
    return {table: sorted(system.psql(sql).splitlines()) for table, sql in STORED.items()}


def compare(before, after):
    for table, rows in before.items():
        only_before, only_after = sorted(set(rows) - set(after[table])), sorted(set(after[table]) - set(rows))
        assert rows == after[table], (f"{table}: {len(rows)} rows, made again {len(after[table])}; that differ:\n"
                                      + "\n".join([*only_before[:5], "made again:", *only_after[:5]]))


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.faults.loyalty_kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--strike-every", type=float, default=400, help="events, on average")
    options = parser.parse_args()
    crashing = crash_programs()
    if crashing is None:
        print("not built: make crash-programs CRASH=1", file=sys.stderr)
        return 2
    programs = ROOT / os.environ.get("TROTH_OUT", "build") / "bin"
    with Cluster(fast=True) as cluster, CrashSystem(cluster, programs, crashing, log_level="warning") as system:
        figures = Kills(system, options.seed, options.events).run(options.strike_every)
    width = max(len(name) for name in figures)
    for name, value in figures.items():
        print(f"{name:<{width}}  {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
