# SPDX-License-Identifier: Apache-2.0
"""Sources that write down what they said and what they were promised, and what must be true of a system that they spoke to.

    load = Generators(system, count=2, seed=7, rate=200)     # before intake starts: it makes their keys
    system.start("intake")
    with load:                                               # starts the processes, kills them at the end
        load.wait_for(500)                                   # acknowledged, by all of them
        moment = time.monotonic()
        is_hit = bool(load.in_flight())                      # keys without a receipt
        intake.kill(); ...
        found.recoveries.append(load.seconds_until_new_receipt(moment))
        load.finish()                                        # the same keys until each has its receipt, no new ones
    check(system, load, found)                               # waits until all is quiet, then I1 to I12 (invariants.py)

check() takes consumers=[] when intake alone runs, journals=[paths] of real dialers, and more: see Evidence.
"""

import os
import subprocess
import sys
from collections import Counter, namedtuple

from tests.faults import invariants
from tests.support import ledger
from tests.support.system import ROOT, wait_until

Intent = namedtuple("Intent", "at key digest kind customer")
Ack = namedtuple("Ack", "at sent key customer")


class Paper:
    """What a generator wrote, read as far as it goes; a line that is not whole yet is read the next time."""

    def __init__(self, path):
        self.path = path
        self.intents, self.acks, self.refused, self.reopened, self.twice = {}, {}, {}, 0, []
        self._read = {"intents": 0, "acks": 0}

    def read(self):
        for kind in ("acks", "intents"):  # never an ack without its intent
            path = self.path.with_suffix(f".{kind}")
            if not path.exists():
                continue
            with open(path, "rb") as file:
                file.seek(self._read[kind])
                data = file.read()
            whole = data[:data.rfind(b"\n") + 1]
            self._read[kind] += len(whole)
            for line in whole.decode().splitlines():
                self._take(line.split(" "))
        return self

    def _take(self, words):
        if words[0] == "intent":
            if words[2] in self.intents:
                self.twice.append(words[2])
            self.intents[words[2]] = Intent(float(words[1]), *words[2:])
        elif words[0] == "ack":
            self.acks[words[3]] = Ack(float(words[1]), float(words[2]), *words[3:])
        elif words[0] == "refused":
            self.refused[words[2]] = words[3]
        elif words[0] == "reopened":
            self.reopened += 1


class Generators:
    """count processes, each a source of its own with the right 'records'."""

    def __init__(self, system, count=2, *, seed, rate=200.0, instances=("intake",), endpoints=None, occurred_us=0,
                 prefix="generator"):
        """rate: new records a second, of each. endpoints: instead of those of the instances, for who puts something in between."""
        self.system, self.seed, self.rate, self.occurred_us = system, seed, rate, occurred_us
        self.endpoints = endpoints or [system.endpoint(name) for name in instances]
        self.names = [f"{prefix}-{number}" for number in range(count)]
        self.papers = [Paper(system.folder / f"{name}.paper") for name in self.names]
        self.processes = []
        for name in self.names:
            system.key(name, ["records"])

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *unused):
        self.stop()

    def start(self):
        for number, (name, paper) in enumerate(zip(self.names, self.papers)):
            command = [sys.executable, "-m", "tests.faults.generator", "--name", name, "--place", str(number),
                       "--paper", str(paper.path.with_suffix("")),
                       "--key", str(self.system.key(name).path), "--seed", str(self.seed + number),
                       "--server-key", str(self.system.service_key("intake").public_path), "--rate", str(self.rate),
                       "--occurred-us", str(self.occurred_us)]
            for endpoint in self.endpoints:
                command += ["--endpoint", endpoint]
            with open(self.system.folder / f"{name}.log", "ab") as log:
                self.processes.append(subprocess.Popen(
                    command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}))
        wait_until(lambda: all(paper.path.with_suffix(".acks").exists() for paper in self.papers), 60, "the sources")

    def stop(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()

    def finish(self, seconds=60):
        """No new records; until each has its receipt. Their processes have ended then."""
        for process in self.processes:
            process.terminate()
        try:
            wait_until(lambda: all(process.poll() is not None for process in self.processes), seconds)
        except TimeoutError:
            raise AssertionError(f"after {seconds} s {len(self.in_flight())} records have no receipt, as"
                                 f" {sorted(self.in_flight())[:5]}") from None
        for name, process in zip(self.names, self.processes):
            if process.returncode != 0:
                log = (self.system.folder / f"{name}.log").read_text()
                raise AssertionError(f"{name} ended with {process.returncode}:\n{log[-2000:]}")

    # ---- looking

    def read(self):
        for paper in self.papers:
            paper.read()
        return self.papers

    def intents(self):
        return {key: one for paper in self.read() for key, one in paper.intents.items()}

    def acks(self):
        return {key: one for paper in self.read() for key, one in paper.acks.items()}

    def acknowledged(self):
        return sum(len(paper.acks) for paper in self.read())

    def in_flight(self):
        """Keys that were sent, or are about to be, and have no receipt."""
        return {key for paper in self.read() for key in paper.intents.keys() - paper.acks.keys() - paper.refused.keys()}

    def wait_for(self, more, seconds=60):
        """Until so many more records are acknowledged."""
        enough = self.acknowledged() + more
        wait_until(lambda: self.acknowledged() >= enough, seconds, f"{more} more receipts")

    def seconds_until_new_receipt(self, moment, seconds=60, meanwhile=lambda: None):
        """Until the first receipt of a record that was sent after that moment (time.monotonic()). meanwhile is called at each look."""
        def first():
            meanwhile()
            # Ordered by arrival: the newest are the last ones.
            new = []
            for paper in self.read():
                for ack in reversed(paper.acks.values()):
                    if ack.at < moment:
                        break
                    if ack.sent > moment:
                        new.append(ack.at)
            return new and min(new)
        return wait_until(first, seconds, "a new receipt") - moment


class Evidence:
    """What the witnesses say, each of them looked at once."""

    def __init__(self, system, load, *, journals=(), dial_logs=(), fake_dialers=(), other_sources=(), strangers_keys=(),
                 usage_before=None, audit_key=None, forbidden_hours=None):
        """journals: paths, of real dialers. dial_logs: paths; what programs with crash points write (dial_witness.h). fake_dialers:
        FakeDialer of dialer_log.py. other_sources: names that may have effects, too. strangers_keys: of records that must have
        none. usage_before: {name: invariants.Usage}. forbidden_hours: SQL over a.ordered_at."""
        self.system, self.journals = system, list(journals)
        self.other_sources, self.strangers_keys = list(other_sources), set(strangers_keys)
        self.usage_before, self.audit_key, self.forbidden_hours = usage_before or {}, audit_key, forbidden_hours
        self.papers, self.sources = load.read(), load.names
        self.intents, self.acks = load.intents(), load.acks()
        self.refused = {key: code for paper in self.papers for key, code in paper.refused.items()}
        self.said_twice = [key for paper in self.papers for key in paper.twice]
        self.reopened = sum(paper.reopened for paper in self.papers)
        self.receipts = invariants.read_receipts(system, self.sources)  # {key: (digest, customer number)}
        self.facts = invariants.read_facts(system, self.sources)        # Counter of marks
        self.dialed, self.told_placed = Counter(), Counter()
        for path in dial_logs:
            self.dialed.update(path.read_text().split())
        for dialer in fake_dialers:
            self.dialed.update(dialer.dialed())
            self.told_placed.update(dialer.placed())


def check(system, load, found, *, consumers=ledger.CONSUMERS, seconds=60, leave_out=(), **witnesses):
    """Waits until nothing is due, then adds to 'found' whatever is wrong. leave_out: names as 'i6'. witnesses: see Evidence."""
    if consumers:
        try:
            ledger.wait_until_quiet(system, consumers, seconds)
        except AssertionError as wrong:  # I12 says what is left
            found.figures["not quiet"] = str(wrong)[:200]
    evidence = Evidence(system, load, **witnesses)
    found.acknowledged += len(evidence.acks)
    for name, rule in invariants.RULES.items():
        if name not in leave_out:
            rule(evidence, found, consumers)
    if evidence.reopened:
        found.figures["connections that a source gave up"] = evidence.reopened
    return found
