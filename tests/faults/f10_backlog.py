# SPDX-License-Identifier: Apache-2.0
"""The dialer is dead for an hour of business time while a backlog becomes due; then it is slow; then as fast as ever.

Whoever is most urgent is called first, the oldest of them before the others; the scheduler needs no more memory for a
backlog than without one; and the last of it is claimed at the rate of the first.
"""

from tests.faults.f20_outage import BIG, COLLAPSE
from tests.faults.herd import HOUR_US, LINES, Herd, Pace, not_built, us
from tests.faults.trial import Found, fault
from tests.support.system import wait_until
from tests.support.witness import journal_keys

SLOW_LINES, SLOW_RING = 1, "200ms"  # five calls a second at most, where hundreds are usual
SLOW_CALLS = 10
PRIORITIES = 4
# A claim takes what is first of all that is due, as much as there are free lines: one may overtake within a few claims only.
LATE_MAX = 4 * LINES
MEMORY_GROWTH_MIB = 16
UNDER_WAY = 40
# What was ordered before the scheduler knew that nobody answers any more: so much as there are lines.
TOLD = ("8|outcome_unknown", "8|dialer_gone")


class Backlog:
    def __init__(self, herd, count, found):
        self.herd, self.count, self.found = herd, count, found

    def die(self):
        """While calls are under way."""
        herd = self.herd
        now = herd.clock.now_us
        if herd.trial.control:
            herd.wait_for_end("dialer")  # it dies where it was told to
        else:
            herd.wait_for_dials(UNDER_WAY // 2)
            herd.kill("dialer")
        self.found.hit = int(herd.open_orders() > 0)
        self.idle_mib = herd.memory_mib("followup")
        # Least urgent first, so that the order of age is not that of urgency.
        width = HOUR_US // (self.count + 1)
        due = us(f"({now} + (n - {UNDER_WAY}) * {width})")
        self.run = herd.add(UNDER_WAY, UNDER_WAY + self.count, due, us(now + 20 * 24 * HOUR_US),
                            priority=f"{PRIORITIES} - (c.n * {PRIORITIES} / {UNDER_WAY + self.count})")
        herd.clock.step(1)

    def wait_without(self):
        """Nobody can call: nothing is claimed, and nothing grows."""
        wait_until(lambda: self.herd.system.psql("""
            SELECT 1 FROM followup.backlog WHERE name = 'orders_in_flight' AND count = 0"""), 60, "the end of open orders")
        claimed = int(self.herd.system.psql("SELECT count(*) FROM followup.follow_up WHERE state = 2"))
        if claimed > LINES:
            self.found.broken.append(f"I12: {claimed} claimed, and nobody calls")

    def return_slow(self):
        """At a hundredth of the usual speed no more is claimed than it has lines."""
        herd = self.herd
        before = herd.dialed()
        herd.system.environments.pop("dialer", None)
        herd.start_dialer(lines=SLOW_LINES, ring_time=SLOW_RING)
        most = 0
        while herd.dialed() < before + SLOW_CALLS:
            open_now = int(herd.system.psql("""
                SELECT (SELECT count(*) FROM followup.follow_up_attempt WHERE state IN (1, 2))
                     + (SELECT count(*) FROM followup.follow_up WHERE state = 2)"""))
            most = max(most, open_now)
        if most > SLOW_LINES + 1:  # one is told of its end while the next begins
            self.found.broken.append(f"I12: {most} claimed or ordered for a dialer with {SLOW_LINES} line")
        herd.kill("dialer")

    def return_fast(self):
        herd = self.herd
        herd.start_dialer()
        with Pace(herd) as pace:
            herd.quiet_down(3 * 3600)
        self.rates = pace.rates()
        herd.clock.step(1)  # what the dead dialer had been given and never dialed
        herd.quiet_down()
        if self.count >= BIG and self.rates and self.rates[-1] < COLLAPSE * self.rates[0]:
            self.found.broken.append(f"the rate fell from {self.rates[0]:.0f} to {self.rates[-1]:.0f} calls per second")

    def check(self):
        herd, found = self.herd, self.found
        most = herd.memory_mib("followup", "VmHWM")
        found.figures.update({"scheduler MiB without": round(self.idle_mib, 1), "at most": round(most, 1),
                              "calls/s by thirds": "/".join(f"{rate:.0f}" for rate in self.rates)})
        if most > self.idle_mib + MEMORY_GROWTH_MIB:
            found.broken.append(f"I8: {most:.0f} MiB with the backlog, {self.idle_mib:.0f} before")
        ends = herd.ends(self.run)
        told = sum(ends.get(end, 0) for end in TOLD)
        if ends.get("4|answered", 0) + told != self.count or told > LINES:
            found.broken.append(f"I4: the backlog of {self.count} ended as {ends}")
        self.check_order()

    def check_order(self):
        """How far each was called from its place; but those that the dead dialer was given, which are tried again later."""
        wanted = self.herd.system.psql(f"""
            SELECT f.number FROM followup.follow_up AS f WHERE occurrence = '{self.run}' AND attempts = 1
             ORDER BY priority, due_at, number""").splitlines()
        place = {number: index for index, number in enumerate(wanted)}
        called = [number for number in self.numbers_dialed() if number in place]
        worst = max((index - place[number] for index, number in enumerate(called)), default=0)
        self.found.figures["latest by places"] = worst
        if worst > LATE_MAX:
            self.found.broken.append(f"one was called {worst} places late")

    def numbers_dialed(self):
        """In the order in which telephones rang, the first time of each."""
        rows = self.herd.system.psql("SELECT order_key, follow_up_number FROM followup.follow_up_attempt").splitlines()
        number = dict(row.split("|") for row in rows)
        return list(dict.fromkeys(number[key] for key in self.herd.system.dial_log.read_text().split()))


@fault("F10", "dialer dead for 1 h with a backlog, then slow, then back", short=400, long=1_000_000,
       unit="follow-ups waiting", control="dial_before_journal", needs=not_built)
def backlog(trial):
    found = Found(rounds=trial.rounds)
    with Herd(trial) as herd:
        herd.customers(trial.rounds + UNDER_WAY)
        if trial.control:
            herd.system.environments["dialer"] = {"TROTH_CRASH_CONTROL": trial.control,
                                                  "TROTH_CRASH_POINT": "dialer.call.dialed:9"}
        herd.start_scheduler()
        herd.start_dialer(ring_time="50ms")
        now = herd.clock.now_us
        herd.add(0, UNDER_WAY, us(now), us(now + 20 * 24 * HOUR_US))
        waiting = Backlog(herd, trial.rounds, found)
        waiting.die()
        waiting.wait_without()
        waiting.return_slow()
        waiting.return_fast()
        waiting.check()
        for process in herd.processes.values():
            process.kill()
        herd.judge(found)
        found.figures["calls in the journal"] = len(journal_keys(herd.journal, "placed"))
    return found
