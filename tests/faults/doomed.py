# SPDX-License-Identifier: Apache-2.0
"""Processes that die at named points of their code (common/base/crash_point.h), and who starts them again.

    doomed = Doomed(system, stage.processes, {"followup": ["followup.plan.read:2", "events.sent:1"]})
    system.environments = doomed.environments()        # before they start
    ...
    doomed.look_after()                                # again and again: who died is started again, and dies at its next point
    assert not doomed.waiting()
"""

import re
import threading
import time

from tests.faults.sampler import Sampler
from tests.support.witness import ROOT

READERS = ["followup", "loyalty", "reporting"]  # of events
SERVICES = ["intake", *READERS]
# What is common to several programs is tried in each of them.
OF_COMMON_FILES = {"event_consumer.c": READERS, "db.c": SERVICES}
POINT = re.compile(r'CRASH_POINT(?:_AFTER)?\((?:[^"]*,\s*)?"([^"]+)"\)')
CONTROL = re.compile(r'CRASH_CONTROL\("([^"]+)"\)')


def sources():
    return sorted([*ROOT.glob("services/*/*.c"), *ROOT.glob("common/*/*.c")])


def points_of_the_code():
    """{(program, point)}, as the sources name them; those of controls are left out."""
    found = set()
    for path in sources():
        for point in POINT.findall(path.read_text()):
            if not point.startswith("control."):
                programs = [path.parent.name] if path.parent.parent.name == "services" else OF_COMMON_FILES[path.name]
                found.update((program, point) for program in programs)
    return found


def names_of_the_code():
    """Of all points and controls."""
    texts = [path.read_text() for path in sources()]
    return {name for text in texts for name in [*POINT.findall(text), *CONTROL.findall(text)]}


class Doomed:
    def __init__(self, system, processes, left, controls=None):
        """processes: {instance: Process}, which this keeps up to date. left: {instance: [point:passing]}, in the order of the
        deaths. controls: {instance: name}."""
        self.system, self.processes = system, processes
        self.left = {name: list(points) for name, points in left.items()}
        self.controls = controls or {}
        self.deaths = []  # (instance, point), in order
        self.armed_at = {}  # of those that were started again
        self._begun = time.monotonic()
        self.wrong = []

    def environments(self):
        """{instance: variables}: each dies at the next of its points."""
        found = {}
        for name in sorted({*self.left, *self.controls}):
            points = self.left.get(name)
            found[name] = {**({"TROTH_CRASH_POINT": points[0]} if points else {}),
                           **({"TROTH_CRASH_CONTROL": self.controls[name]} if name in self.controls else {})}
        return found

    def waiting(self):
        """{instance: points} that nobody came by yet."""
        return {name: points for name, points in self.left.items() if points}

    def story(self):
        """For who has to find out."""
        logs = "\n".join(f"--- {name}:\n{process.log()[-700:]}" for name, process in self.processes.items())
        return f"deaths {self.deaths}, left {self.waiting()}, wrong {self.wrong}\n{logs}"

    def start_again(self, name):
        """With its next point; kills it before, when it still runs. Does not wait until it is ready."""
        process = self.processes[name]
        process.kill()
        self.system.environments.update(self.environments())
        self.armed_at[name] = time.monotonic()
        self.processes[name] = self.system.start_again(process)

    def look_after(self):
        for name, process in list(self.processes.items()):
            if process.is_running():
                continue
            if process.wait() == -9 and self.left.get(name):
                self.deaths.append((name, self.left[name].pop(0)))
            else:
                self.wrong.append(f"{name} ended by itself with {process.wait()}: {process.log()[-1000:]}")
            self.start_again(name)

    def give_up(self, seconds):
        """Points that nobody came by for so long."""
        for name, points in self.waiting().items():
            if time.monotonic() - self.armed_at.get(name, self._begun) > seconds:
                self.wrong.append(f"nobody came by {points[0]} of {name} in {seconds} s")
                points.pop(0)
                self.start_again(name)


class Keeper(Sampler):
    """Looks after them in a thread of its own, while the test speaks to them."""

    every = 0.02

    def __init__(self, doomed, patience):
        super().__init__()
        self.doomed, self.patience = doomed, patience
        self.lock = threading.Lock()

    def sample(self):
        with self.lock:
            self.doomed.look_after()
            self.doomed.give_up(self.patience)
