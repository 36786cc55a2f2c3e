# SPDX-License-Identifier: Apache-2.0
"""How long good sources wait for their receipts while somebody else attacks, compared with just before.

    latency = OthersLatency(rig.load)
    latency.measure_usual(2.0)
    with latency.attack(): ...
    latency.judge(found)                     # at most twice as long, p99
"""

import contextlib
import threading
import time

ALLOWED = 2.0
# Below this a processor that is shared with the attacker itself decides, and nobody is harmed.
NEGLIGIBLE = 0.25


def percentile_99(values):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))] if ordered else None


class OthersLatency:
    def __init__(self, load):
        self.load = load
        self.usual, self.attacks = [], []  # (from, until)

    def measure_usual(self, seconds):
        begun = time.monotonic()
        threading.Event().wait(seconds)
        self.usual.append((begun, time.monotonic()))

    @contextlib.contextmanager
    def attack(self):
        begun = time.monotonic()
        yield
        self.attacks.append((begun, time.monotonic()))

    def waits(self, spans):
        acks = self.load.acks().values()
        return [ack.at - ack.sent for ack in acks if any(since <= ack.sent <= until for since, until in spans)]

    def judge(self, found):
        usual, attacked = percentile_99(self.waits(self.usual)), percentile_99(self.waits(self.attacks))
        if usual is None or attacked is None:
            found.broken.append("P10: no receipt came in the time that was measured")
            return
        found.figures["others' p99"] = f"{attacked * 1000:.0f} ms, without an attack {usual * 1000:.0f} ms"
        if attacked > max(ALLOWED * usual, NEGLIGIBLE):
            found.broken.append(f"P10: others' p99 is {attacked:.3f} s under attack, {usual:.3f} s before")
