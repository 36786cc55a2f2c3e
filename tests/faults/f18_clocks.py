# SPDX-License-Identifier: Apache-2.0
"""The clock of a machine jumps by a second to a day and back, of each service's, of the dialer's, and of PostgreSQL's.

Each program runs under libfaketime (Debian's) with a file of its own that says how far its clock is off; the monotonic clock
goes on. Customers live where it is noon and where it is midnight: whoever is called at midnight was called by a wrong clock.
"""

import datetime
import os
import re
from pathlib import Path

from tests.faults.herd import Herd, not_built
from tests.faults.trial import fault
from tests.support import ledger
from tests.support.cluster import PG_BIN, Cluster, ClusterError
from tests.support.intake_client import ACCEPTED, IntakeClient, profile
from tests.support.stage import connections
from tests.support.system import wait_until

LIBRARY = "faketime/libfaketime.so.1"
QUIET = "20:00-08:00"
HOUR, DAY = 3600, 86400
EACH = 2  # follow-ups that become due at each moment where it is noon, and as many at midnight
LINES = 4
# By the clock of a dialer or scheduler that is off, orders have expired: nobody dials them, and a person is told.
TOLD = {"8|orders_barred", "8|outcome_unknown"}
SERVICES = ["intake", "followup", "followup-2", "loyalty", "reporting", "dialer"]
# Both schedulers have their share of the lanes, and every one is somebody's.
SHARED = """SELECT 1 FROM (SELECT count(*) AS lanes FROM log.lease WHERE resource LIKE 'lane/followup/%' AND until > now()
            GROUP BY holder) AS h HAVING count(*) = 2 AND max(lanes) - min(lanes) <= 1"""
LEASES = "SELECT resource, holder, term FROM log.lease ORDER BY 1"


def library():
    paths = list(Path("/usr/lib").glob(f"*/{LIBRARY}"))
    return paths[0] if paths else None


def needs():
    return not_built() or (None if library() else "libfaketime is not installed: apt-get install libfaketime")


class Clocks:
    """A file for each program that says how many seconds its clock is ahead."""

    def __init__(self, folder):
        self.folder = folder

    def set(self, name, seconds):
        new = self.folder / f"clock-{name}.new"
        new.write_text(f"{seconds:+d}\n")
        new.chmod(0o644)
        os.rename(new, self.folder / f"clock-{name}")

    def environment(self, name):
        self.set(name, 0)
        return {"LD_PRELOAD": str(library()), "FAKETIME_TIMESTAMP_FILE": str(self.folder / f"clock-{name}"),
                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}


class JumpingCluster(Cluster):
    """PostgreSQL on a machine whose clock can be wrong."""

    def __init__(self):
        super().__init__(fast=True)
        self.clocks = None

    def start(self):
        super().start()
        place = self.folder / "clocks"
        place.mkdir(mode=0o755)
        self.clocks = Clocks(place)
        self._server("stop")
        self._server("start", TROTH_PG_BIN=str(self.wrap(place)))

    def refused(self):
        """Writes of a process whose lease had gone to another one."""
        return len(re.findall(r"ERROR:  term \d+ of lease .* is over", (self.folder / "server.log").read_text(errors="replace")))

    def deaths(self):
        """What the server wrote about processes of its own that died."""
        text = (self.folder / "server.log").read_text(errors="replace")
        return "\n".join(line for line in text.splitlines() if "terminated by signal" in line or "PANIC" in line)

    def wrap(self, place):
        """A folder of the server's programs in which pg_ctl starts it under libfaketime, as the server's own user."""
        wrapper = place / "pg_ctl"
        variables = " ".join(f"{name}='{value}'" for name, value in self.clocks.environment("database").items())
        wrapper.write_text(f'#!/bin/sh\nexec env {variables} {PG_BIN}/pg_ctl "$@"\n')
        wrapper.chmod(0o755)
        (place / "initdb").symlink_to(PG_BIN / "initdb")
        return place

    def stop(self):
        super().stop()
        remove_semaphores()


def remove_semaphores():
    """libfaketime leaves two names behind of each process that was killed."""
    for path in Path("/dev/shm").glob("*faketime_*"):
        pid = path.name.rsplit("_", 1)[1]
        if pid.isdigit() and not Path("/proc", pid).exists():
            path.unlink(missing_ok=True)


def zone_where_it_is(hour):
    """A zone of whole hours; the name has the sign of POSIX, which counts west of Greenwich."""
    east = (hour - datetime.datetime.now(datetime.timezone.utc).hour + 12) % 24 - 12
    return f"Etc/GMT{-east:+d}"


class Jumps:
    def __init__(self, herd, found):
        self.herd, self.found, self.chance = herd, found, herd.trial.chance
        self.clocks = Clocks(herd.system.folder)
        self.customers = self.jumps = self.hit = self.of_services = 0
        self.ahead = 0  # seconds, the most that PostgreSQL's clock was
        self.off = {}  # program: seconds
        self.agreeing = []  # runs during which all clocks agreed

    # ---- what runs

    def start(self, customers):
        herd = self.herd
        for name in SERVICES:
            herd.system.environments[name] = self.clocks.environment(name)
        if herd.trial.control:
            herd.system.environments["followup"]["TROTH_CRASH_CONTROL"] = herd.trial.control
        for name in ("loyalty", "reporting"):
            herd.system.service_key(name)
        herd.processes["intake"].terminate()
        herd.start_one("intake")
        self.midnight = zone_where_it_is(0)
        herd.customers(customers, zones=[zone_where_it_is(12), self.midnight])
        self.garage = IntakeClient(herd.system.client("intake", "garage"))
        for name in ("followup", "followup-2"):
            herd.start_scheduler(name, lease="20s")
        herd.start_dialer(("followup", "followup-2"), ring_time="600ms")
        for name in ("loyalty", "reporting"):
            herd.start_one(name, **connections(herd.system, name))
        wait_until(lambda: herd.system.psql(SHARED), 60, "two schedulers with their lanes")

    # ---- what happens

    def become_due(self):
        run = self.herd.add(self.customers, self.customers + 2 * EACH, "log.now()", "log.now() + interval '10 days'")
        self.customers += 2 * EACH
        if not any(self.off.values()):
            self.agreeing.append(run)

    def jump(self, name, seconds):
        """While calls are under way."""
        before = self.herd.dialed()
        self.become_due()
        wait_until(lambda: self.herd.dialed() > before or self.herd.open_orders() or not self.is_calling(), what="a call")
        self.hit += self.herd.open_orders() > 0
        if seconds and self.agreeing:
            self.agreeing.pop()  # the clocks part while these calls are not over
        (self.herd.cluster.clocks if name == "database" else self.clocks).set(name, seconds)
        self.off[name] = seconds
        self.jumps += 1

    def is_calling(self):
        """Not when the clocks are so far apart that nothing gets ordered."""
        return self.herd.system.psql("SELECT 1 FROM followup.backlog WHERE count > 0 LIMIT 1")

    def excursion(self, name, seconds):
        leases = self.herd.system.psql(LEASES)
        self.jump(name, seconds)
        self.herd.quiet_down()
        if name != "database":
            self.send(f"{name} {seconds:+d} s")
        self.jump(name, 0)
        self.herd.quiet_down()
        if name != "database" and self.herd.system.psql(LEASES) != leases:
            self.found.broken.append(f"leases changed hands while the clock of {name} was off by {seconds} s")
        self.check_alive()

    def send(self, what):
        """Whose clock is wrong does not matter to when something happened."""
        record = profile(f"c-{self.customers - 1}", language="en")
        if self.garage.send_one(record).status != ACCEPTED:
            self.found.broken.append(f"a good record was rejected with {what}")
        self.found.acknowledged += 1

    def check_alive(self):
        for name, process in self.herd.processes.items():
            if not process.is_running():
                raise AssertionError(f"{name} ended by itself:\n{process.log()[-2000:]}")

    def some_seconds(self):
        """From a second to a day, as often of each magnitude."""
        return self.chance.choice((-1, 1)) * round(DAY ** self.chance.random())

    def play(self, of_services, of_database):
        self.of_services = of_services
        for number in range(of_services):
            # The first of them is what would make a midnight a noon.
            name, seconds = ("followup", 12 * HOUR) if number == 0 else (self.chance.choice(SERVICES), self.some_seconds())
            self.excursion(name, seconds)
        self.check_midnight()
        for number in range(of_database):
            # The first of them takes up what was put off for an hour; nobody's night has ended by then.
            seconds = HOUR + 60 if number == 0 else self.some_seconds()
            self.ahead = max(self.ahead, seconds)
            self.excursion("database", seconds)
        self.catch_up()

    def catch_up(self):
        """Answers that were given while PostgreSQL's clock was ahead wait until it is that time: then intake takes them."""
        self.found.figures["answers of a time to come"] = self.waiting()
        self.herd.cluster.clocks.set("database", self.ahead)
        wait_until(lambda: not self.waiting(), 60, "intake has all answers")
        self.herd.quiet_down()

    def waiting(self):
        return ledger.number(self.herd.system, "SELECT count(*) FROM followup.record_outbox WHERE state = 1")

    # ---- what must be true

    def check_midnight(self):
        if self.jumps > 2 * self.of_services:
            return  # PostgreSQL's clock itself has said since that it was another time there
        called = int(self.herd.system.psql("""
            SELECT count(*) FROM followup.follow_up_attempt AS a JOIN intake.customer AS c
                ON c.bucket = a.bucket AND c.number = a.customer_number
             WHERE c.time_zone = '{}'""".format(self.midnight)))
        if called:
            self.found.broken.append(f"I5: {called} orders to customers at midnight")

    def check_ends(self):
        """Where the clocks agreed everybody was called; elsewhere each was, or a person was told."""
        runs = ", ".join(f"'{run}'" for run in self.agreeing)
        calm = {row.rsplit("|", 1)[0]: int(row.rsplit("|", 1)[1]) for row in self.herd.system.psql(f"""
            SELECT state, reason, count(*) FROM followup.follow_up WHERE occurrence IN ({runs}) AND state <> 1
             GROUP BY 1, 2""").splitlines()} if runs else {}
        ends = self.herd.ends()
        late = sum(count for end, count in ends.items() if end.startswith("1|") and end not in ("1|quiet_hours", "1|"))
        others = {end: count for end, count in ends.items() if end[0] not in "14" and end not in TOLD}
        if set(calm) - {"4|answered"}:
            self.found.broken.append(f"I4: with all clocks right: {calm}")
        if others:
            self.found.broken.append(f"I4: ended as {others}")
        self.found.figures.update({"answered": ends.get("4|answered", 0), "put off": late,
                                   "told a person": sum(ends.get(end, 0) for end in TOLD)})


@fault("F18", "clock of each service, of the dialer and of PostgreSQL jumps by 1 s to 1 d", short=6, long=100, unit="jumps",
       control="own_clock", needs=needs)
def clock_jumps(trial):
    found = trial.found
    excursions = max(3, trial.rounds // 2)
    of_database = max(1, excursions // 5)
    with Herd(trial, QUIET, LINES, has_demo_clock=False, cluster=JumpingCluster()) as herd:
        jumps = Jumps(herd, found)
        jumps.start(2 * EACH * (2 * excursions + 1))
        try:
            jumps.play(excursions - of_database, of_database)
        except ClusterError as error:
            raise AssertionError(f"{error}{herd.cluster.deaths()}") from error
        except TimeoutError as error:
            found.silent += 1
            found.broken.append(f"I12: {error}: {ledger.backlog(herd.system, ['followup'])}")
        jumps.check_midnight()
        jumps.check_ends()
        herd.check_hours(found)
        found.figures["stale writes refused"] = herd.cluster.refused()
        found.rounds, found.hit = jumps.jumps, jumps.hit
        for process in herd.processes.values():
            process.kill()
        herd.judge(found)
    return found
