# SPDX-License-Identifier: Apache-2.0
"""The scheduler is dead for an hour, a day, ten days of business time, and comes back to a herd that became due meanwhile.

What must become of each follow-up is computed here, from its window and the hours of its customer: called once at the first
permitted moment, or missed. The outage begins while calls are under way.
"""

import contextlib
import datetime
import zoneinfo

from tests.faults.herd import LINES, ZONES, Herd, Pace, not_built, us
from tests.faults.trial import Found, fault
from tests.support.system import wait_until

HOUR_US = 3_600_000_000
OUTAGES = {"1 h": 1, "24 h": 24, "10 d": 240}
QUIET = "20:00-08:00"
DAY_HOURS = 24  # after that everybody's night has been over
# By n % 10: the window ended during the outage; ends half an hour after it; is long.
PASSED, SHORT = (0, 1), (2, 3)
UNDER_WAY_SHARE = 5  # one of so many is being called when the scheduler dies
COLLAPSE = 0.4  # the last third of a big herd is not called at less than this share of the first third's rate
BIG = 5_000
CALLED, MISSED = "called", "missed"


def permitted(instant_us, zone):
    local = datetime.datetime.fromtimestamp(instant_us / 1e6, zoneinfo.ZoneInfo(zone))
    return 8 <= local.hour < 20


def until_permitted(instant_us, zone):
    """Hours that pass before a call is allowed."""
    return next(hours for hours in range(24) if permitted(instant_us + hours * HOUR_US, zone))


def under_way(count):
    """How many are being called when the scheduler dies: enough that some still wait for a line."""
    return max(count // UNDER_WAY_SHARE, 4 * LINES)


class Outage:
    """One death, the time without, and the return."""

    def __init__(self, herd, hours, count, found):
        self.herd, self.hours, self.count, self.found = herd, hours, count, found
        self.under_way = under_way(count)

    def begin(self):
        """Calls are under way: of customers beyond the herd's."""
        self.step_to_day()
        now = self.herd.clock.now_us
        self.before = self.herd.dialed()
        self.herd.add(self.count, self.count + self.under_way, us(now), us(now + 60 * 24 * HOUR_US))
        self.herd.wait_for_dials(self.before + 1)
        with contextlib.suppress(TimeoutError):  # who had none is counted
            wait_until(self.herd.open_orders, 5)
        self.herd.kill("followup")
        self.found.hit += self.herd.open_orders() > 0

    def step_to_day(self):
        """To a moment at which the first half of the zones may be called: a start like any other."""
        while not permitted(self.herd.clock.now_us, ZONES[0]):
            self.herd.clock.step(1)

    def herd_becomes_due(self):
        """Spread over the outage, oldest first; planned before it as everything is."""
        now = self.herd.clock.now_us
        end = now + self.hours * HOUR_US
        width = self.hours * HOUR_US // (self.count + 1)
        self.herd.clock.step(self.hours)
        short, long = us(end + HOUR_US // 2), us(end + 10 * 24 * HOUR_US)
        self.run = self.herd.add(
            0, self.count, us(f"({now} + n * {width})"),
            f"CASE WHEN n % 10 IN {PASSED} THEN {us(f'({now} + n * {width} + {width})')}"
            f" WHEN n % 10 IN {SHORT} THEN {short} ELSE {long} END")

    def come_back(self):
        """Then on to each moment at which the night ends for somebody."""
        found, herd = self.found, self.herd
        begun = herd.clock.now_us
        waits = sorted({until_permitted(begun, zone) for zone in ZONES} | {0, DAY_HOURS})
        for hours in waits:
            herd.clock.step(hours - (herd.clock.now_us - begun) // HOUR_US)
            with Pace(herd) as pace:
                if hours == 0:
                    herd.start_again("followup", 120)
                herd.quiet_down(1200)
            if hours == 0:
                self.rates = pace.rates()
        if self.count >= BIG and self.rates and self.rates[-1] < COLLAPSE * self.rates[0]:
            found.broken.append(f"the rate fell from {self.rates[0]:.0f} to {self.rates[-1]:.0f} calls per second")

    def expected(self, returned_us):
        """{end: how many}, by this file's own calendar."""
        ends = {CALLED: 0, MISSED: 0}
        waits = {zone: until_permitted(returned_us, zone) for zone in ZONES}
        for n in range(self.count):
            is_called = n % 10 not in PASSED and (n % 10 not in SHORT or waits[ZONES[n % len(ZONES)]] == 0)
            ends[CALLED if is_called else MISSED] += 1
        return ends

    def check(self, returned_us):
        ends = self.herd.ends(self.run)
        in_vain = self.ordered_in_vain()
        self.found.figures["ordered in vain"] = self.found.figures.get("ordered in vain", 0) + in_vain
        listed = sum(count for end, count in ends.items() if end.startswith("8|"))
        told = {CALLED: ends.get("4|answered", 0) + listed + in_vain,
                MISSED: sum(count for end, count in ends.items() if end.startswith("5|")) - in_vain}
        want = self.expected(returned_us)
        if told != want:
            self.found.silent += abs(want[CALLED] - told[CALLED])
            self.found.broken.append(f"I4: after {self.hours} h {told} instead of {want}: {ends}")
        under_way = self.herd.ends(self.run - 1)
        if sum(under_way.values()) - under_way.get("4|answered", 0) - under_way.get("8|outcome_unknown", 0):
            self.found.broken.append(f"I4: of the calls under way at the death of {self.hours} h: {under_way}")

    def ordered_in_vain(self):
        """Missed after an order that reached no line in time: on a machine that is busy with other things."""
        return int(self.herd.system.psql(f"""
            SELECT count(*) FROM followup.follow_up WHERE occurrence = '{self.run}' AND state = 5 AND attempts > 0"""))

    def play(self):
        self.begin()
        self.herd_becomes_due()
        returned_us = self.herd.clock.now_us
        self.come_back()
        self.check(returned_us)


@fault("F20", "scheduler off for 1 h, 24 h and 10 d, then a herd", short=200, long=100_000,
       unit="follow-ups due in each outage", control="own_clock", needs=not_built, hits_work=False)
def outages(trial):
    found = Found(rounds=trial.rounds)
    with Herd(trial, QUIET) as herd:
        # By n % 4 the zones come in turn, by n % 10 the windows: all pairs are there.
        herd.customers(trial.rounds + under_way(trial.rounds))
        herd.start()
        try:
            for name, hours in OUTAGES.items():
                outage = Outage(herd, hours, trial.rounds, found)
                outage.play()
                found.figures[f"{name}: calls/s by thirds"] = "/".join(f"{rate:.0f}" for rate in outage.rates)
            if found.hit < len(OUTAGES) / 2:
                found.broken.append("the deaths met no call under way")
        except TimeoutError as error:
            found.broken.append(f"I4: {error}: {herd.ends()}")
        herd.check_hours(found)
        found.figures["scheduler MiB"] = round(herd.memory_mib("followup", "VmHWM"))
        for process in herd.processes.values():
            process.kill()
        herd.judge(found)
        check_lines(herd, found)
    return found


def check_lines(herd, found):
    """Orders beyond the lines would be barred: only what was open at a death may be."""
    barred = int(herd.system.psql("SELECT count(*) FROM followup.follow_up_attempt WHERE state = 4"))
    found.figures["barred"] = barred
    if barred > 2 * len(OUTAGES) * LINES:
        found.broken.append(f"{barred} orders were given that no line could take")
