# SPDX-License-Identifier: Apache-2.0
"""Follow-ups under kills: two schedulers and two dialers die and stand still at random instants until all is done.

    make faults-followup SEED=7 FOLLOWUPS=20000

The seed chooses who dies when and which call is answered how; which order is in whose hands at that instant it cannot
choose. Afterwards three witnesses are compared (tests/support/witness.py): the rows of the schedulers, the journals of the
dialers, and the log of the simulated telephone network. With control="dial_before_journal" the dialers dial first and
write after it, and the comparison has to find that.
"""

import argparse
import os
import random
import sys
import threading
import time

import intake_pb2 as intake

from tests.support import ledger
from tests.support.cluster import Cluster
from tests.support.load import DemoClock, Planned, Sender
from tests.support.stage import connections
from tests.support.witness import ROOT, CrashSystem, crash_programs, judge

SCHEDULERS, DIALERS = ["followup", "followup-2"], ["dialer", "dialer-2"]
SCHEDULER = {"lease": "2s", "start_within": "2s", "claim_for": "2s", "ask_every": "100ms", "resend_after": "500ms",
             "call_limit": "3s"}
# Not everybody is reached at once: second and third attempts meet kills, too.
DIALER = {"no_answer": 0.1, "busy": 0.05, "voicemail": 0.0, "refused": 0.0, "wrong_number": 0.0, "ring_time": "100ms",
          "ring_jitter": 0.9}
RULES = """
limits: { quiet = "none"; attempts_per_day = 0; refusal_pause = "0"; agenda_ahead = "0"; called_back = "0";
          usual_zone = "UTC"; };
outcomes = ( { outcome = "busy"; retry_after = "1h"; }, { outcome = "no_answer"; retry_after = "1h"; },
             { outcome = "failed"; retry_after = "1h"; } );
rules = ( { name = "after_resolution"; trigger = "case_resolved"; after = "24h"; window = "48h"; channels = ("call");
            attempts = 3; } );
"""
CONTROL_DEATH = "dialer.call.dialed:9"  # random instants hardly meet the moment before a write
PAUSE_SHARE = 0.15  # of what happens to schedulers: SIGSTOP instead of SIGKILL
SECONDS_MAX = 3600


class Kills:
    """One run."""

    def __init__(self, system, seed, follow_ups, lines=16, control=None):
        self.system, self.chance, self.follow_ups, self.lines = system, random.Random(seed), follow_ups, lines
        self.clock = DemoClock(system)
        self.rules = system.folder / "rules.conf"
        self.rules.write_text(RULES)
        self.control = control
        self.seed = seed
        self.journals = {name: system.folder / f"{name}.journal" for name in DIALERS}
        self.processes = {}
        self.kills = {"followup": 0, "dialer": 0}
        self.pauses = self.broken = 0
        self.paused = {}  # name: when it goes on
        self.open = []  # (killed at, orders that were open then and have no end yet)
        self.recovered = []  # seconds until the last of them had its end

    # ---- the programs

    def start(self):
        self.system.key("garage", ["records"])
        for name in ("intake", "followup", "dialer"):
            self.system.service_key(name)
        self.system.start("intake", arguments=["--demo-clock"])
        garage = self.system.client("intake", "garage")
        for name in SCHEDULERS:
            self.processes[name] = self.system.start(
                "followup", name, arguments=["--demo-clock"],
                **{**connections(self.system, "followup"), **SCHEDULER, "rules": self.rules})
        both = " ".join(self.system.endpoint(name) for name in SCHEDULERS)
        for name in DIALERS:
            if self.control:
                self.system.environments[name] = {"TROTH_CRASH_CONTROL": self.control,
                                                  "TROTH_CRASH_POINT": CONTROL_DEATH}
            self.processes[name] = self.system.start(
                "dialer", name, arguments=["--demo-clock"],
                **{**connections(self.system, "dialer"), **DIALER, "lines": self.lines, "followup": both,
                   "name": name, "journal": self.journals[name], "seed": self.seed})
        return garage

    def plan(self, garage):
        """One resolved case of each customer; everything is due a day later."""
        Sender(garage, records(self.follow_ups), self.clock, self.seed, in_flight=512).run(seconds=SECONDS_MAX)
        ledger.wait_until_quiet(self.system, ["followup"], 300)

    # ---- what happens to them

    def kill(self, name):
        process = self.processes[name]
        kind = "followup" if name in SCHEDULERS else "dialer"
        process.kill()
        self.kills[kind] += 1
        self.open.append((time.monotonic(), self.open_orders()))
        self.processes[name] = self.system.start_again(process)

    def pause(self, name):
        """Longer or shorter than its lease."""
        self.processes[name].pause()
        self.pauses += 1
        self.paused[name] = time.monotonic() + self.chance.uniform(0.5, 4.0)

    def strike(self):
        name = self.chance.choice([*SCHEDULERS, *DIALERS])
        process = self.processes[name]
        if name in self.paused or not process.is_ready():
            return  # what never got ready cannot be in the middle of something
        if name in SCHEDULERS and self.chance.random() < PAUSE_SHARE:
            self.pause(name)
        else:
            self.kill(name)

    def look_after(self):
        now = time.monotonic()
        for name in [name for name, until in self.paused.items() if until <= now]:
            del self.paused[name]
            self.processes[name].resume()
        for name, process in self.processes.items():
            if not process.is_running():
                self.judge_end(name, process)
                self.processes[name] = self.system.start_again(process)
        self.measure(now)

    def judge_end(self, name, process):
        """After a long standstill libzmq may give up on connections that filled up and broke (its issue 4364), which is a
        crash like any other; and a control dies where it was told to. Nothing else may end a process."""
        environment = self.system.environments.get(name, {})
        if name in SCHEDULERS and process.wait() == -6:
            self.broken += 1
        elif "TROTH_CRASH_POINT" in environment and process.wait() == -9:
            self.kills["dialer"] += 1
            del environment["TROTH_CRASH_POINT"]
        else:
            raise AssertionError(f"{name} ended by itself with {process.wait()}:\n{process.log()[-3000:]}")

    # ---- looking

    def open_orders(self):
        return set(self.system.psql(
            "SELECT order_key FROM followup.follow_up_attempt WHERE state IN (1, 2)").splitlines())

    def measure(self, now):
        if not self.open:
            return
        still = self.open_orders()
        left = []
        for since, orders in self.open:
            if orders & still:
                left.append((since, orders & still))
            else:
                self.recovered.append(now - since)
        self.open = left

    def work(self, kills_every):
        """Until nothing is due any more; meanwhile somebody is struck every so often."""
        pause = threading.Event()
        next_strike = time.monotonic() + self.chance.expovariate(1 / kills_every)
        deadline = time.monotonic() + SECONDS_MAX
        while ledger.backlog(self.system, ["followup"]) or self.paused:
            if time.monotonic() > deadline:
                raise AssertionError(f"still to do: {ledger.backlog(self.system, ['followup'])}")
            if time.monotonic() >= next_strike:
                self.strike()
                next_strike = time.monotonic() + self.chance.expovariate(1 / kills_every)
            self.look_after()
            pause.wait(0.02)

    def waiting(self):
        return int(self.system.psql("SELECT count(*) FROM followup.follow_up WHERE state < 4"))

    def run(self, kills_every):
        """Returns what the witnesses say."""
        begun = time.monotonic()
        self.plan(self.start())
        hours, rounds = 24, 0
        while self.waiting():
            self.clock.step(hours)
            hours = 1
            rounds += 1
            self.work(kills_every)
        for process in self.processes.values():
            process.kill()  # no word after this
        verdict = judge(self.system, self.journals.values())
        if not self.control:
            ledger.check_follow_ups(self.system)
            ledger.check_answers(self.system)
        verdict.figures = {
            "seed": self.seed, "rounds": rounds, "kills_schedulers": self.kills["followup"],
            "kills_dialers": self.kills["dialer"], "stops": self.pauses, "broke_after_stop": self.broken,
            **verdict.figures, "kills_with_open_orders": len(self.recovered),
            "recovered_p50_s": percentile(self.recovered, 0.5), "recovered_p95_s": percentile(self.recovered, 0.95),
            "seconds": round(time.monotonic() - begun, 1)}
        return verdict


def percentile(values, share):
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2) if ordered else None


def records(count):
    """Three of each customer, in the order in which they must take effect."""
    planned = []
    for number in range(count):
        ref, case = f"c{number}", f"c{number}-case"
        bodies = [
            ("customer_profile", intake.CustomerProfile(
                customer_ref=ref, phone=f"+86138{number:08d}", language="en", time_zone="UTC",
                consents=[intake.ConsentChange(purpose=intake.PURPOSE_SERVICE_CALL, is_given=True)])),
            ("contact", intake.Contact(customer_ref=ref, kind=intake.CONTACT_KIND_REQUEST, channel="phone",
                                       branch="north", case_ref=case)),
            ("case_update", intake.CaseUpdate(customer_ref=ref, case_ref=case,
                                              action=intake.CASE_ACTION_RESOLVED)),
        ]
        planned += [Planned(f"kills-{number}-{step}", ref, kind, body) for step, (kind, body) in enumerate(bodies)]
    return planned


def table(figures):
    width = max(len(name) for name in figures)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in figures.items())


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.faults.followup_kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--followups", type=int, default=20_000)
    parser.add_argument("--kills-every", type=float, default=1.0, help="seconds, on average")
    parser.add_argument("--control", choices=["dial_before_journal"], help="must find double dials")
    options = parser.parse_args()
    crashing = crash_programs()
    if crashing is None:
        print("not built: make crash-programs CRASH=1", file=sys.stderr)
        return 2
    programs = ROOT / os.environ.get("TROTH_OUT", "build") / "bin"
    with Cluster(fast=True) as cluster, CrashSystem(cluster, programs, crashing, log_level="warning") as system:
        run = Kills(system, options.seed, options.followups, control=options.control)
        verdict = run.run(options.kills_every)
    print(table(verdict.figures))
    for text in verdict.wrong:
        print(f"WRONG: {text}")
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
