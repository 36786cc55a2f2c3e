# SPDX-License-Identifier: Apache-2.0
"""How long good sources wait for their receipts while somebody else attacks, compared with just before.

    latency = OthersLatency(rig)
    latency.measure_usual(2.0)
    with latency.attack("flood") as span: ...    # span.is_judged = False: the program died, which is judged as a recovery
    latency.judge(found)                         # at most twice as long, p99, for each kind of attack
"""

import contextlib
import threading
import time
from dataclasses import dataclass

ALLOWED = 2.0
# Below this a processor that is shared with the attacker itself decides, and nobody is harmed.
NEGLIGIBLE = 0.25


@dataclass
class Span:
    name: str
    since: float
    until: float = 0.0
    is_judged: bool = True


def percentile_99(values):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))] if ordered else None


def in_ms(seconds):
    return "none" if seconds is None else f"{seconds * 1000:.0f} ms"


class OthersLatency:
    def __init__(self, rig):
        self.load, self.slack = rig.load, rig.trial.slack
        self.usual, self.attacks = [], []

    def measure_usual(self, seconds):
        with self.measured("usual", self.usual):
            threading.Event().wait(seconds)

    def attack(self, name="attack"):
        return self.measured(name, self.attacks)

    @contextlib.contextmanager
    def measured(self, name, spans):
        span = Span(name, time.monotonic())
        yield span
        span.until = time.monotonic()
        spans.append(span)

    def wait_p99(self, spans):
        acks = self.load.acks().values()
        return percentile_99([ack.at - ack.sent for ack in acks if any(span.since <= ack.sent <= span.until for span in spans)])

    def judge(self, found):
        usual = self.wait_p99(self.usual)
        if usual is None:
            found.broken.append("P10: no receipt came in the time that was measured before the attack")
            return
        found.figures["others' p99 without an attack"] = in_ms(usual)
        names = dict.fromkeys(span.name for span in self.attacks if span.is_judged)
        if not names:
            found.broken.append("P10: no attack left the program alive")
        for name in names:
            attacked = self.wait_p99([span for span in self.attacks if span.name == name and span.is_judged])
            found.figures[f"others' p99, {name}"] = in_ms(attacked)
            if attacked is not None and attacked > max(ALLOWED * usual, NEGLIGIBLE * self.slack):
                found.broken.append(f"P10: others' p99 is {attacked:.3f} s during {name}, {usual:.3f} s before")
