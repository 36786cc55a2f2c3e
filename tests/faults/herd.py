# SPDX-License-Identifier: Apache-2.0
"""What the faults of the scheduler share: customers by the thousand, follow-ups of theirs that are due when the test says, and
the comparison of who was called with who had to be.

    with Herd(trial) as herd:
        herd.customers(1000)                     # profiles, by intake; zones in turn
        herd.start()                             # scheduler and dialer
        herd.add("1", 0, 1000, due=..., end=...) # follow-ups, by SQL as the planner would make them
        ...
        herd.judge(found)
"""

import contextlib
import os
import time
from collections import Counter
from pathlib import Path

import intake_pb2 as intake

from tests.faults.followup_kills import SCHEDULER
from tests.faults.sampler import Sampler
from tests.support import ledger
from tests.support.cluster import shared_cluster
from tests.support.intake_client import IntakeClient, profile
from tests.support.load import DemoClock
from tests.support.office import EVERYBODY
from tests.support.stage import connections
from tests.support.system import wait_until
from tests.support.witness import CrashSystem, crash_programs, judge

HOUR_US = 3_600_000_000
ZONES = ["America/New_York", "Asia/Shanghai", "Australia/Sydney", "Europe/Berlin"]  # in this order
CHUNK = 20_000
CONTROL_SECONDS = 5  # for calls that a wrong system may never make
# A busy machine must not make a scheduler give up calls: only deaths may.
PATIENT = {"start_within": "8s", "claim_for": "8s", "call_limit": "8s", "ask_for": "10s"}
# A claim never waits for more than these; what is due in one go is taken in rounds.
LINES = 64
RULES = """
limits: {{ quiet = "{quiet}"; usual_zone = "UTC"; attempts_per_day = 0; agenda_ahead = "0"; called_back = "0";
          refusal_pause = "0"; }};
rules = ( {{ name = "after_resolution"; trigger = "case_resolved"; after = "24h"; window = "48h"; channels = ("call");
            attempts = 3; }} );
"""
# n counts the customers so that their zones come in turn; {due}, {end} and {priority} are SQL that may use n.
INSERT = """
INSERT INTO followup.follow_up (bucket, number, version, customer_number, case_version, rule, rule_version, trigger, topic,
    subject, occurrence, purpose, priority, channel, state, reason, planned_at, due_at, window_end_at, next_attempt_at,
    attempts, calls, is_historical)
SELECT c.number & 255, (({first} + c.n) << 8) | (c.number & 255), 1, c.number, 0, 'after_resolution',
    (SELECT max(id) FROM followup.rule_version), 1, 'case_resolved', c.number, '{occurrence}', 1, {priority}, 1, 1, '',
    log.now(), d.due, d.until, d.due, 0, 0, false
  FROM (SELECT row_number() OVER (ORDER BY turn, time_zone COLLATE "C") - 1 AS n, number
          FROM (SELECT row_number() OVER (PARTITION BY time_zone ORDER BY number) AS turn, time_zone, number
                  FROM intake.customer) AS t) AS c
  CROSS JOIN LATERAL (SELECT {due} AS due, {end} AS until) AS d
 WHERE c.n >= {begin} AND c.n < {stop}"""
FIRST, RUN_NUMBERS = 1_000_000_000, 20_000_000


def not_built():
    return None if crash_programs() else "not built: make crash-programs CRASH=1"


def us(instant_us):
    """The instant as SQL."""
    return f"('epoch'::timestamptz + {instant_us} * interval '1 microsecond')"


class Herd:
    """Intake, schedulers and a dialer whose telephone network keeps a log of its own."""

    def __init__(self, trial, quiet="none", lines=LINES, has_demo_clock=True, cluster=None):
        self.trial, self.lines = trial, lines
        self.own_cluster, self.cluster = cluster, cluster
        self.quiet, self.has_demo_clock = quiet, has_demo_clock
        self.runs = 0
        self.processes = {}

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            if self.own_cluster:
                stack.enter_context(self.own_cluster)
            else:
                self.cluster = shared_cluster()
            self.system = stack.enter_context(
                CrashSystem(self.cluster, self.trial.programs, crash_programs(), log_level="warning"))
            self.begin()
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *unused):
        self.stack.close()

    def begin(self):
        self.clock = DemoClock(self.system) if self.has_demo_clock else None
        self.rules = self.system.folder / "rules.conf"
        self.rules.write_text(RULES.format(quiet=self.quiet))
        self.system.key("garage", ["records"])
        for name in ("intake", "followup", "dialer"):
            self.system.service_key(name)
        self.start_one("intake")

    # ---- programs

    @property
    def journal(self):
        return self.system.folder / "dialer.journal"

    def start_one(self, service, name=None, **settings):
        arguments = ["--demo-clock"] if self.has_demo_clock else []
        name = name or service
        self.processes[name] = self.system.start(service, name, arguments=arguments, **settings)

    def start_scheduler(self, name="followup", **settings):
        settings = {**connections(self.system, "followup"), **SCHEDULER, **PATIENT, "rules": self.rules, **settings}
        self.start_one("followup", name, **settings)

    def start_dialer(self, schedulers=("followup",), **settings):
        settings = {**connections(self.system, "dialer"), **EVERYBODY, "lines": self.lines, "seed": self.trial.seed,
                    "followup": " ".join(self.system.endpoint(name) for name in schedulers), **settings}
        self.start_one("dialer", **settings)

    def start(self):
        if self.trial.control:
            self.system.environments["followup"] = {"TROTH_CRASH_CONTROL": self.trial.control}
        self.start_scheduler()
        self.start_dialer()

    def kill(self, name):
        self.processes[name].kill()

    def wait_for_end(self, name):
        """Of a program that was told to die somewhere."""
        self.processes[name].wait()

    def start_again(self, name, seconds=60):
        self.processes[name] = self.system.start_again(self.processes[name])
        self.processes[name].wait_ready(seconds)

    def memory_mib(self, name, what="VmRSS"):
        status = Path(f"/proc/{self.processes[name].pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in status if line.startswith(what)) / 1024

    # ---- data

    def customers(self, count, zones=tuple(ZONES)):
        """At least so many with a number, a zone and a consent. add() has them in an order in which the n-th lives in
        sorted(zones)[n % len(zones)]."""
        count += -count % len(zones)
        garage = IntakeClient(self.system.client("intake", "garage"))
        consents = [intake.ConsentChange(purpose=intake.PURPOSE_SERVICE_CALL, is_given=True)]
        instant = self.clock.now_us if self.clock else None
        for begin in range(0, count, CHUNK):
            garage.send_all([
                profile(f"c-{i}", occurred_us=instant, phone=f"+8613{i:09d}", language="en",
                        time_zone=zones[i % len(zones)], consents=consents)
                for i in range(begin, min(begin + CHUNK, count))], per_message=200, seconds=1500)
        self.system.psql("ANALYZE")

    def add(self, begin, stop, due, end, priority="2"):
        """A follow-up of each customer from begin to stop, in the order of customers(). due, end, priority: SQL over n."""
        self.runs += 1
        self.system.psql(INSERT.format(
            first=FIRST + self.runs * RUN_NUMBERS, occurrence=self.runs, begin=begin, stop=stop, due=due, end=end,
            priority=priority))
        return self.runs

    # ---- looking

    def dialed(self):
        """How often a telephone rang until now."""
        return self.system.dial_log.read_bytes().count(b"\n")

    def open_orders(self):
        return ledger.number(self.system, "SELECT count(*) FROM followup.follow_up_attempt WHERE state IN (1, 2)")

    def wait_for_dials(self, count):
        seconds = CONTROL_SECONDS if self.trial.control else 60
        wait_until(lambda: self.dialed() >= count, seconds, f"{count} calls")

    def quiet_down(self, seconds=120):
        """Until nothing is due. A system that never gets there raises TimeoutError: the caller counts it as silent."""
        seconds = 3 * CONTROL_SECONDS if self.trial.control else seconds
        wait_until(lambda: not ledger.backlog(self.system, ["followup"]), seconds, "the end of what is due")

    def ends(self, run=None):
        """{'state|reason': count}"""
        where = "" if run is None else f" WHERE occurrence = '{run}'"
        rows = self.system.psql(f"SELECT state, reason, count(*) FROM followup.follow_up{where} GROUP BY 1, 2").splitlines()
        return {row.rsplit("|", 1)[0]: int(row.rsplit("|", 1)[1]) for row in rows}

    def judge(self, found, journals=None):
        """Adds what the witnesses say."""
        verdict = judge(self.system, journals or [self.journal])
        found.dialed += verdict.figures["dialed"]
        found.dialed_twice += verdict.figures["dialed_twice"]
        found.silent += verdict.figures["silent"]
        found.broken += [text for text in verdict.wrong if not text.startswith(("dialed twice", "silent"))]
        found.figures["listed"] = verdict.figures["listed"]
        return verdict

    def check_hours(self, found):
        """I5: no order before it was due, after its window, or in the quiet hours of the customer's zone."""
        begin, end = self.quiet.split("-") if self.quiet != "none" else ("00:00", "00:00")
        wrong = self.system.psql(f"""
            SELECT count(*) FILTER (WHERE a.ordered_at < f.due_at), count(*) FILTER (WHERE a.ordered_at >= f.window_end_at),
                   count(*) FILTER (WHERE '{begin}' <> '{end}' AND
                       (a.ordered_at AT TIME ZONE c.time_zone)::time NOT BETWEEN time '{end}' AND time '{begin}')
              FROM followup.follow_up_attempt AS a
              JOIN followup.follow_up AS f ON f.bucket = a.bucket AND f.number = a.follow_up_number
              JOIN intake.customer AS c ON c.bucket = a.bucket AND c.number = a.customer_number
             WHERE a.state <> 4""")
        for what, count in zip(("before it was due", "after its window", "in quiet hours"), wrong.split("|")):
            if int(count):
                found.broken.append(f"I5: {count} calls {what}")


class Pace(Sampler):
    """How many calls there were at which moment."""

    every = 0.05

    def __init__(self, herd):
        super().__init__()
        self.herd, self.points = herd, []
        self.size = self.count = 0

    def begin(self):
        self.size, self.count = os.path.getsize(self.herd.system.dial_log), self.herd.dialed()

    def sample(self):
        now = os.path.getsize(self.herd.system.dial_log)
        if now != self.size:
            self.size, self.count = now, self.herd.dialed()
            self.points.append((time.monotonic(), self.count))

    def rates(self, parts=3):
        """Calls per second in each part of them all, in order; [] when there are too few."""
        if len(self.points) < 3 * parts:
            return []
        low, high = self.points[0][1], self.points[-1][1]
        marks = [low + (high - low) * i / parts for i in range(parts + 1)]
        instants = [next(at for at, count in self.points if count >= mark) for mark in marks]
        return [(high - low) / parts / max(0.05, later - earlier) for earlier, later in zip(instants, instants[1:])]


def counts(values):
    return ", ".join(f"{value} {count}" for value, count in sorted(Counter(values).items()))
