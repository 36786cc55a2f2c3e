# SPDX-License-Identifier: Apache-2.0
"""All of it for an hour: records, calls, scores and figures go on while somebody is killed, stopped or cut off every so often.

Two of each service run. Faults hit the second of them, its connections, and the links; the first one lives from the beginning
to the end, and must not grow.
"""

import threading
import time
from pathlib import Path

from tests.faults.f06_cuts import needs_programs
from tests.faults.live_rig import service_of
from tests.faults.net_rig import NetRig
from tests.faults.trial import Found, fault
from tests.support.stage import SERVICES
from tests.support.system import wait_until

PROGRAMS = [*SERVICES, *(f"{name}-2" for name in SERVICES), "dialer"]
LINKS = ["followup-intake"]  # one with a single end: dialers are connected to both schedulers
EVERY_MIN, EVERY_MAX = 10.0, 60.0  # seconds from one fault to the next
FAULTS_IN_ALL = 30
PAUSE_SECONDS, SILENCE_SECONDS = (1.0, 20.0), (5.0, 15.0)
RATE = 60.0  # records a second, of each of two sources
HOT = ("follow_up", "follow_up_attempt", "record_outbox", "head", "consumer_cursor", "lease")
DEAD_MAX = 10_000
GROWTH_MIB_HOUR = 16.0  # of a process that meets new customers all the while; judged in what lasts half an hour at least
JUDGED_FROM = 1800.0
SETTLED = 0.3  # of the time: until then caches and pools fill


class Samples:
    """Memory of those who are never struck, dead rows, and how busy the machine is."""

    def __init__(self, rig):
        self.rig, self.begun, self.memory, self.dead = rig, time.monotonic(), {name: [] for name in SERVICES}, []
        self.idle, self.all = ticks()

    def take(self):
        at = time.monotonic() - self.begun
        for name, values in self.memory.items():
            pages = int(Path(f"/proc/{self.rig.processes[name].pid}/statm").read_text().split()[1])
            values.append((at, pages * 4096 / 2**20))
        names = ", ".join(f"'{name}'" for name in HOT)
        self.dead.append(self.rig.eye.number(f"SELECT coalesce(max(n_dead_tup), 0) FROM pg_stat_user_tables"
                                             f" WHERE schemaname IN ('followup', 'log') AND relname IN ({names})"))

    def busy(self):
        idle, everything = ticks()
        return 1 - (idle - self.idle) / max(1, everything - self.all)

    def growth(self, name):
        """MiB an hour, by the line of least squares through what came after the beginning."""
        values = self.memory[name]
        values = [(at, mib) for at, mib in values if at >= SETTLED * values[-1][0]]
        mean_at = sum(at for at, _ in values) / len(values)
        mean = sum(mib for _, mib in values) / len(values)
        spread = sum((at - mean_at) ** 2 for at, _ in values)
        return 3600 * sum((at - mean_at) * (mib - mean) for at, mib in values) / spread if spread else 0.0

    def tell(self, found):
        seconds = time.monotonic() - self.begun
        later = self.dead[len(self.dead) // 2:]
        found.figures.update({f"{name}: MiB at the end, MiB/h": f"{self.memory[name][-1][1]:.0f}, {self.growth(name):+.1f}"
                              for name in SERVICES})
        found.figures.update({"dead rows at most": max(self.dead), "machine busy": f"{100 * self.busy():.0f} %"})
        if sorted(later)[len(later) // 2] > DEAD_MAX:
            found.broken.append(f"I8: {max(later)} dead rows in a hot table")
        for name in SERVICES:
            if seconds >= JUDGED_FROM and self.growth(name) > GROWTH_MIB_HOUR:
                found.broken.append(f"I8: {name} grew by {self.growth(name):.1f} MiB an hour")


def ticks():
    values = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return values[3] + values[4], sum(values)


class Soak:
    def __init__(self, rig, found):
        self.rig, self.found, self.chance = rig, found, rig.trial.chance
        self.count = {}

    def kill(self, name):
        wait_until(lambda: self.rig.look_after(name), 60, f"{name} at work")
        return self.rig.kill(name)

    def pause(self, name):
        """Mostly longer than what it holds is its own."""
        wait_until(lambda: self.rig.look_after(name), 60, f"{name} at work")
        self.rig.processes[name].pause()
        threading.Event().wait(self.chance.uniform(*PAUSE_SECONDS))
        self.rig.processes[name].resume()
        return time.monotonic()

    def silence(self, link):
        proxy = self.rig.proxies[link]
        proxy.say(f"silence {self.chance.choice(['up', 'down', 'both'])} {self.chance.choice(['hold', 'drop'])}")
        threading.Event().wait(self.chance.uniform(*SILENCE_SECONDS))
        proxy.say("pass")
        return time.monotonic()

    def strike(self):
        """Records have their receipts again soon, whoever was struck."""
        kind = self.chance.choice(["kill", "pause", "silence"])
        second = self.chance.choice([name for name in PROGRAMS if name.endswith("-2") or name == "dialer"])
        victim = self.chance.choice([*LINKS, *SERVICES]) if kind == "silence" else second
        self.found.hit += bool(self.rig.load.in_flight()) or self.rig.has_work(service_of(second))
        moment = {"kill": self.kill, "pause": self.pause, "silence": self.silence}[kind](victim)
        self.found.recoveries.append(self.rig.load.seconds_until_new_receipt(moment, 60))
        self.count[kind] = self.count.get(kind, 0) + 1

    def play(self, seconds):
        every = min(EVERY_MAX, max(EVERY_MIN, seconds / FAULTS_IN_ALL))
        samples, pause = Samples(self.rig), threading.Event()
        end, next_at = time.monotonic() + seconds, time.monotonic() + every / 2
        while time.monotonic() < end:
            samples.take()
            if time.monotonic() >= next_at:
                self.strike()
                next_at = max(next_at + every, time.monotonic() + 1)
            for name in PROGRAMS:
                self.rig.look_after(name)
            pause.wait(2.0)
        samples.take()
        samples.tell(self.found)
        self.found.figures.update(self.count)


@fault("F27", "everything at once: kills, stops and silences under load", short=0, long=60, unit="minutes", recovery_max=10.0,
       control="ack_before_commit", control_rounds=1, needs=needs_programs)
def soak(trial):
    found = Found(rounds=max(1, trial.rounds))
    with NetRig(trial, programs=PROGRAMS, links=LINKS, rate=RATE) as rig:
        if trial.control:
            rig.doom("intake-2")
        rig.start()
        Soak(rig, found).play(max(1, trial.rounds) * 60)
        rig.finish(found)
    return found
