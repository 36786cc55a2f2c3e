# SPDX-License-Identifier: Apache-2.0
"""F1 once more, from the dialer's side: two dialers that are no Troth die in the middle of what they write, tell results late
and twice, and are asked by key, while two schedulers are killed."""

import threading
from collections import Counter

from tests.faults.dialer_log import FakeDialer
from tests.faults.invariants import called_again, read_orders
from tests.faults.live_rig import LiveRig, needs_crash_programs
from tests.faults.trial import fault
from tests.support.system import wait_until

PROGRAMS = ["intake", "followup", "followup-2"]
SHARES = {"crash_share": 0.01, "late_share": 0.1, "twice_share": 0.3}
NAMES = ["dials-here", "dials-there"]
CONTROL = {"TROTH_CRASH_CONTROL": "dial_before_order", "TROTH_CRASH_POINT": "control.order.sent:2"}
CONTROL_DEATHS_MAX = 20


class Desk:
    def __init__(self, rig, seed):
        self.rig = rig
        services = rig.instances("followup")
        self.dialers = [FakeDialer(rig.system, name, seed=seed, services=services, **SHARES) for name in NAMES]

    def wait(self, seconds):
        """Meanwhile those that die are started again."""
        pause, steps = threading.Event(), max(1, int(seconds / 0.1))
        for _ in range(steps):
            pause.wait(seconds / steps)
            self.look_after()

    def look_after(self):
        for dialer in self.dialers:
            dialer.look_after()

    def calm(self):
        """From now on they do not die, and what they have to say they say at once."""
        for dialer in self.dialers:
            dialer.stop()
            dialer.start(crash_share=0, late_share=0)

    def stop(self):
        for dialer in self.dialers:
            dialer.stop()

    def dialed(self):
        return sum((dialer.dialed() for dialer in self.dialers), Counter())

    def dials(self):
        return sum(self.dialed().values())


def strike(rig, desk, found):
    desk.wait(rig.trial.chance.uniform(0.5, 3.0))
    name = rig.trial.chance.choice(rig.instances("followup"))
    found.hit += rig.catch_at_work("dialer")
    rig.kill(name)
    before = desk.dials()
    wait_until(lambda: desk.look_after() or desk.dials() > before, what="another dial")
    found.rounds += 1


def is_dialed_twice(rig, desk):
    dialed = desk.dialed()
    return max(dialed.values(), default=0) > 1 or called_again(read_orders(rig.system), dialed)


def die_before_order(rig, desk, found):
    """A scheduler that has let dial what it never committed; and again, until whoever came after it has let the other dialer dial
    the same. The same dialer would know the key."""
    for _ in range(CONTROL_DEATHS_MAX):
        for name in rig.instances("followup"):
            process = rig.processes[name]
            wait_until(lambda process=process: desk.look_after() or not process.is_running(), 60,
                       what=f"the death of {name}")
            rig.system.environments[name] = CONTROL
            rig.processes[name] = rig.system.start_again(process)
        found.rounds += 1
        found.hit += 1
        if is_dialed_twice(rig, desk):
            break
    for name in rig.instances("followup"):
        rig.processes[name].kill()
        rig.start_again(name)


@fault("F1-dialers", "schedulers killed before dialers that crash, answer late and answer twice", short=2, long=250, unit="kills",
       control="dial_before_order", needs=needs_crash_programs, hits_work=True)
def fake_dialers(trial):
    found = trial.found
    with LiveRig(trial, programs=PROGRAMS, rate=60.0) as rig:
        desk = Desk(rig, trial.seed)
        try:
            if trial.control:
                rig.environments.update({name: CONTROL for name in rig.instances("followup")})
            for dialer in desk.dialers:
                dialer.start()
            rig.start()
            if trial.control:
                die_before_order(rig, desk, found)
            for _ in range(0 if trial.control else trial.rounds):
                strike(rig, desk, found)
            desk.calm()
            rig.finish(found, fake_dialers=desk.dialers)
        finally:
            desk.stop()
        found.figures["deaths of dialers"] = sum(dialer.deaths for dialer in desk.dialers)
    return found
