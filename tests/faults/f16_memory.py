# SPDX-License-Identifier: Apache-2.0
"""Memory that runs out: an allocation of a program fails, each program's in turn, while all of them work on records.

failing_malloc.c makes it fail. First each place of a program that allocates fails once; then the n-th allocation from some
moment on, for every n up to 10,000, alone or with those that follow. What the program may do is to go on (and answer an
error if it must) or to end in order: with status 1 and a line that says why, or by abort() of a library that says why. It
may not crash, stand still, refuse a good record for good, or end with status 2, after which systemd does not start it again.
A crash in the code of a library that does not look whether it got memory (CRASHING_LIBRARIES) is counted, and named in the
figures; in our own code, or without a word where it was, it is red.

F16-cgroup takes memory away from outside: a control group whose limit kills.
"""

import bisect
import ctypes
import mmap
import os
import re
import signal
import struct
import threading
import time
from collections import Counter

from tests.faults.live_rig import LiveRig, needs_crash_programs
from tests.faults.sampler import Sampler
from tests.faults.trial import fault
from tests.support.stage import PROGRAMS
from tests.support.system import ROOT, wait_until

LIBRARY = ROOT / os.environ.get("TROTH_OUT", "build") / "tests/faults/failing_malloc.so"
PLACES = 1 << 20
UNTIL_NEXT, IN_A_ROW, ONLY_NEW, MADE, FAILED = range(0, 40, 8)  # struct control
SEEN = 40
LARGEST_N = 10_000
AT_START_SHARE, AT_START_LARGEST_N = 0.2, 3000
AFTER_FAILURE = 0.15  # seconds in which a program that cannot go on has ended
NOTHING_NEW = 1.5  # seconds of work without a place that has not failed yet: go over to counting
READY_WITHIN = 20.0
ROUND_SECONDS = 30  # on average, at most
ADDR_NO_RANDOMIZE = 0x0040000
# Libraries that do not look whether they got memory (Debian 12): it is theirs to crash, and ours to come back.
CRASHING_LIBRARIES = {"libzmq.so", "libconfig.so", "libmicrohttpd.so", "libstdc++.so"}
CRASHES = {-signal.SIGSEGV, -signal.SIGBUS, -signal.SIGFPE}
# What the C++ runtime, libzmq and libc say before they call abort().
LIBRARY_GIVES_UP = re.compile(
    r"^(terminate called after throwing|.*\(\S*src/\w+\.[ch]pp:\d+\)$|\S+: \w+\.c:\d+: \w+: Assertion )", re.M)


class Memory:
    """The control file of one program."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            file.truncate(SEEN + PLACES)
        with open(path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), SEEN + PLACES)

    def environment(self):
        return {"LD_PRELOAD": str(LIBRARY), "TROTH_FAILING_MALLOC": str(self.path)}

    def arm(self, count, only_new=False, in_a_row=1):
        self._put(IN_A_ROW, in_a_row)
        self._put(ONLY_NEW, only_new)
        self._put(UNTIL_NEXT, count)

    def disarm(self):
        self._put(UNTIL_NEXT, 0)

    @property
    def failed(self):
        return struct.unpack_from("q", self._map, FAILED)[0]

    @property
    def places(self):
        """How many places have failed, or had their turn and were known."""
        seen = self._map[SEEN:]
        return len(seen) - seen.count(0)

    def _put(self, at, value):
        struct.pack_into("q", self._map, at, value)


class Victim:
    """One program: makes its memory fail, sees what becomes of it, starts it again."""

    def __init__(self, rig, name, memory, chance, found):
        self.rig, self.name, self.memory, self.chance, self.found = rig, name, memory, chance, found
        self.rounds = self.aborts = self.at_start = 0
        self.crashes = Counter()  # library: how often
        self.deaths = []  # moments; of those that stood again without another failure
        self.only_new = True
        self.is_over = False
        self.numbers = every_number(chance)
        self.armed_at = None
        self.failed_before = 0
        self.since = time.monotonic()

    @property
    def process(self):
        return self.rig.processes[self.name]

    def look(self):
        now = time.monotonic()
        has_failed = self.memory.failed > self.failed_before
        if not self.process.is_running():
            self.bury()
        elif not self.process.is_ready():
            if now - self.since > READY_WITHIN:
                self.found.broken.append(f"F16: {self.name} stood still while it started:\n{self.process.log()[-3000:]}")
                self.process.kill()
                self.count_round()
                self.start()
        elif self.armed_at is None:
            self.arm()
        elif not has_failed:
            self.since = now
            if self.only_new and now - self.armed_at > NOTHING_NEW:
                self.only_new = False
                self.armed_at = None
        elif now - self.since > AFTER_FAILURE:
            self.count_round()  # it goes on

    def arm(self):
        self.failed_before = self.memory.failed
        self.armed_at = self.since = time.monotonic()
        if self.only_new:
            self.memory.arm(self.chance.randrange(1, 50), only_new=True)
        else:
            self.memory.arm(next(self.numbers), in_a_row=self.chance.choice([1, 1, 1, 3, 100]))

    def count_round(self):
        self.rounds += 1
        self.memory.disarm()
        self.armed_at = None

    def bury(self):
        """It has ended: in order?"""
        status, log = self.process.wait(), self.process.log()
        crash = where_it_crashed(log) if status in CRASHES else None
        if "failing_malloc: no memory" not in log or not is_in_order(status, log, crash):
            self.found.broken.append(f"F16: {self.name} ended with {status}:\n{log[-3000:]}")
        if crash:
            self.crashes[crash] += 1
        self.aborts += status == -signal.SIGABRT
        self.count_round()
        self.start()

    def start(self):
        """Some rounds fail while it starts."""
        self.failed_before = self.memory.failed
        self.since = time.monotonic()
        if not self.is_over and self.chance.random() < AT_START_SHARE:
            self.at_start += 1
            self.armed_at = self.since
            self.memory.arm(self.chance.randrange(1, AT_START_LARGEST_N), only_new=self.only_new)
        else:
            self.deaths.append(self.since)
        self.rig.processes[self.name] = self.rig.system.start_again(self.process)

    def recover(self):
        """From now on there is memory. What failed before may still end it: see Guard."""
        self.memory.disarm()
        self.is_over = True
        wait_until(self.stands_again, READY_WITHIN, f"{self.name}'s start")

    def stands_again(self):
        if not self.process.is_running():
            self.bury()
        return self.process.is_ready()


class Guard(Sampler):
    """Buries who ends late, and starts it again, while the sources come to their end."""

    every = 0.02

    def __init__(self, victims):
        super().__init__()
        self.victims = victims

    def sample(self):
        for victim in self.victims:
            victim.stands_again()


def is_in_order(status, log, crash):
    """crash: where_it_crashed()."""
    if "event=bug" in log:
        return False
    if status == 1:
        return "level=error" in log
    if status == -signal.SIGABRT:
        return bool(LIBRARY_GIVES_UP.search(log))
    return crash in CRASHING_LIBRARIES


def where_it_crashed(log):
    """Whose code that was: the first that is not libc's, which does what it is told. None when nobody said so."""
    _, said, frames = log.rpartition("failing_malloc: crashed in\n")
    return first_module(frames) if said else None


def first_module(frames):
    return next((name for name in re.findall(r"^\S*/([\w+-]+(?:\.so)?)\S*\(", frames, re.M) if name != "libc.so"), None)


def every_number(chance):
    """1 to 10,000 in an order by chance, without end."""
    while True:
        numbers = list(range(1, LARGEST_N + 1))
        chance.shuffle(numbers)
        yield from numbers


def recoveries(deaths, acks):
    """Of each death after which intake lived until it gave a new receipt: how long that took."""
    acks = sorted((ack.at, ack.sent) for ack in acks.values())
    for number, death in enumerate(deaths):
        until = deaths[number + 1] if number + 1 < len(deaths) else float("inf")
        first = next((at for at, sent in acks[bisect.bisect(acks, (death, 0)):] if sent > death), None)
        if first is not None and first < until:
            yield first - death


def no_library():
    if "-san" in str(LIBRARY):
        return "the sanitizers have a malloc of their own"
    return needs_crash_programs() or (None if LIBRARY.exists() else f"{LIBRARY} is not built")


def without_address_chance():
    """Of what is started from here, each place of a program has the same address in every run."""
    ctypes.CDLL(None).personality(ADDR_NO_RANDOMIZE)


@fault("F16", "an allocation of a program fails, at each place and for every n", short=100, long=50_000,
       unit="failed allocations", recovery_max=3.0, control="ack_before_commit", needs=no_library)
def allocations(trial):
    found = trial.found
    without_address_chance()
    with LiveRig(trial) as rig:
        memories = {name: Memory(rig.system.folder / f"{name}.memory") for name in PROGRAMS}
        rig.environments.update({name: memory.environment() for name, memory in memories.items()})
        if trial.control:
            rig.doom()
            found.rounds = 1
        rig.start()
        victims = [Victim(rig, name, memories[name], trial.chance, found) for name in PROGRAMS]
        strike(victims, 0 if trial.control else trial.rounds)
        for victim in victims:
            victim.recover()
        with Guard(victims):
            rig.load.finish()
        rig.finish(found)
        found.recoveries = list(recoveries(victims[0].deaths, rig.load.acks()))
    if not trial.control:
        found.rounds = found.hit = sum(victim.rounds for victim in victims)
    for victim in victims:
        found.figures[victim.name] = (f"{victim.rounds} failed at {victim.memory.places} places, {len(victim.deaths)} ends,"
                                      f" {victim.aborts} by abort() of a library, crashes: {dict(victim.crashes) or 'none'}")
    return found


def strike(victims, rounds):
    pause = threading.Event()
    deadline = time.monotonic() + 60 + rounds * ROUND_SECONDS
    while sum(victim.rounds for victim in victims) < rounds:
        if time.monotonic() > deadline:
            raise TimeoutError(f"only {[victim.rounds for victim in victims]} rounds")
        for victim in victims:
            victim.look()
        pause.wait(0.01)
