# SPDX-License-Identifier: Apache-2.0
"""Summer time and new time zone data: forty zones, ten years, each local date exactly once.

zone_days.c says when the scheduler would call for each date and time of day: by the date, from one occurrence to the next, and
what becomes of it when the machine gets other zone data. Python's zoneinfo, which shares no code with it, says when it must be.
"""

import datetime
import os
import re
import shutil
import subprocess
import tempfile
import zoneinfo
from pathlib import Path

from tests.faults.trial import Found, fault
from tests.support.system import ROOT

INSTALLED = Path("/usr/share/zoneinfo")
PROGRAM = ROOT / os.environ.get("TROTH_OUT", "build") / "tests/faults/zone_days"
FIRST_YEAR = 2024
MINUTES = [0, 30, 90, 120, 150, 180, 600, 1439]
# Summer times of an hour, of half of one and of two, negative ones and around Ramadan; changes at midnight and before it.
ZONES = """Africa/Cairo Africa/Casablanca Africa/El_Aaiun Africa/Johannesburg America/Asuncion America/Godthab America/Havana
America/Los_Angeles America/Mexico_City America/New_York America/Sao_Paulo America/Scoresbysund America/Santiago
America/St_Johns Antarctica/Troll Asia/Amman Asia/Beirut Asia/Gaza Asia/Hong_Kong Asia/Jerusalem Asia/Kathmandu Asia/Kolkata
Asia/Shanghai Asia/Singapore Asia/Tehran Asia/Tokyo Atlantic/Azores Australia/Adelaide Australia/Lord_Howe Australia/Sydney
Europe/Berlin Europe/Dublin Europe/Istanbul Europe/Lisbon Europe/London Europe/Moscow Pacific/Apia Pacific/Auckland
Pacific/Chatham Pacific/Easter""".split()
# A whole day is missing: 30 December 2011 at Apia.
SKIPPED_DAY = ("Pacific/Apia", 2011)
# What other release the machine gets: summer time of many begins on another day from now on, and ends for ever some years later.
END_YEAR = 2028
# Irish winter time is a summer time of less than none: were that to last for ever, zoneinfo and libc would be wrong in the last
# hour of each year (RFC 9636, 3.3.1: all the year is one time then).
KEPT = "IE"
EPOCH = datetime.datetime(1970, 1, 1)
UTC = datetime.timezone.utc


def needs():
    for path, what in ((PROGRAM, "make fault-programs"), (INSTALLED / "tzdata.zi", "package tzdata")):
        if not path.exists():
            return f"not there: {path.name} ({what})"
    return None if shutil.which("zic") or Path("/usr/sbin/zic").exists() else "no zic (package libc-bin)"


def other_release(folder):
    """Zone data of another release, made of the text of the installed one."""
    text = (INSTALLED / "tzdata.zi").read_text(encoding="utf-8")
    lines = []
    for line in text.splitlines():
        words = line.split(" ")
        if words[0] == "R" and words[3] == "ma" and int(words[2]) < END_YEAR and words[1] != KEPT:
            words[3] = str(END_YEAR)
            words[6] = re.sub("^last(\\w+)$", r"\1>=15", words[6])
        lines.append(" ".join(words))
    source = folder / "source.zi"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    zic = shutil.which("zic") or "/usr/sbin/zic"
    subprocess.run([zic, "-d", folder / "zones", source], check=True, capture_output=True)
    (folder / "zones/+VERSION").write_text("2099z\n")
    return folder / "zones"


class Zones:
    """What zoneinfo says, of one folder."""

    def __init__(self, folder):
        self.folder, self.zones = folder, {}

    def zone(self, name):
        if name not in self.zones:
            with open(self.folder / name, "rb") as file:
                self.zones[name] = zoneinfo.ZoneInfo.from_file(file, key=name)
        return self.zones[name]

    def due(self, name, day, minute):
        """Seconds since 1970 of the first time that a wall clock shows it; of a time that is skipped, the end of the gap."""
        zone = self.zone(name)
        local = EPOCH + datetime.timedelta(days=day, minutes=minute)
        first = local.replace(tzinfo=zone, fold=0)
        instant = first.astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None) == local:
            return int(instant.timestamp())
        early = int(local.replace(tzinfo=zone, fold=1).astimezone(UTC).timestamp())
        return self.end_of_gap(zone, early, int(instant.timestamp()))

    @staticmethod
    def end_of_gap(zone, early, late):
        """The second at which the offset has become that of 'late'."""
        def offset(second):
            return datetime.datetime.fromtimestamp(second, zone).utcoffset()
        after = offset(late)
        while late - early > 1:
            middle = (early + late) // 2
            early, late = (early, middle) if offset(middle) == after else (middle, late)
        return late


def lines_of(found, other, years, zones, minutes, is_naive):
    """What the scheduler would do: (zone, minute, day, due, chained, moved)."""
    environment = {**os.environ, **({"NAIVE": "1"} if is_naive else {})}
    done = subprocess.run(
        [PROGRAM, INSTALLED, other, str(years[0]), str(years[1]), ",".join(map(str, minutes)), *zones],
        env=environment, text=True, capture_output=True, check=False)
    if done.returncode:
        raise AssertionError(done.stderr)
    for line in done.stdout.splitlines():
        name, *numbers = line.split(" ")
        found.figures["occurrences"] += 1
        yield name, *map(int, numbers)


class Check:
    def __init__(self, found, other):
        self.found, self.installed, self.other = found, Zones(INSTALLED), Zones(other)
        self.last = None  # (zone, minute), day and instant of the occurrence before

    def line(self, name, minute, day, due, chained, moved):
        wanted = self.installed.due(name, day, minute)
        again = self.other.due(name, day, minute)
        self.found.figures["moved by new data"] += again != wanted
        if due != wanted:
            self.wrong("due", name, minute, day, due, wanted)
        if moved != again:
            self.wrong("with new data", name, minute, day, moved, again)
        self.once(name, minute, day, chained)

    def once(self, name, minute, day, chained):
        """From one to the next: this date's, neither the one before again nor one beyond it."""
        before, self.last = self.last, ((name, minute), day, chained)
        if (name, minute, day) in self.gone(name, minute, day):
            return
        if chained != self.installed.due(name, day, minute):
            if before and before[0] == (name, minute) and chained <= before[2]:
                self.found.duplicated += 1
            else:
                self.found.silent += 1
            self.wrong("next", name, minute, day, chained, self.installed.due(name, day, minute))

    @staticmethod
    def gone(name, minute, day):
        """A date that the zone has not: its occurrence is that of the first moment after it, and no other."""
        apia = (datetime.date(2011, 12, 30) - datetime.date(1970, 1, 1)).days
        return {(name, minute, day)} if name == SKIPPED_DAY[0] and apia <= day <= apia + 1 else set()

    def wrong(self, what, name, minute, day, told, wanted):
        if len(self.found.broken) < 10:
            date = (EPOCH + datetime.timedelta(days=day, minutes=minute)).isoformat(" ")
            self.found.broken.append(f"I5: {name} {date} {what}: {told} instead of {wanted} ({told - wanted:+d} s)")


@fault("F19", "summer time and new zone data, 40 zones", short=1, long=10, unit="years", control="add_24_hours", needs=needs)
def zones_and_years(trial):
    found = Found(rounds=trial.rounds, figures={"zones": len(ZONES), "occurrences": 0, "moved by new data": 0})
    # A short run takes one of the years and three of the times, others with each seed.
    is_short = trial.rounds < 10
    first = FIRST_YEAR + (trial.seed % 10 if is_short else 0)
    minutes = sorted(trial.chance.sample(MINUTES, 3)) if is_short else MINUTES
    with tempfile.TemporaryDirectory(prefix="troth-zones-") as folder:
        other = other_release(Path(folder))
        check = Check(found, other)
        spans = [((first, first + trial.rounds), ZONES), ((SKIPPED_DAY[1], SKIPPED_DAY[1] + 2), [SKIPPED_DAY[0]])]
        for years, zones in spans:
            for line in lines_of(found, other, years, zones, minutes, bool(trial.control)):
                check.line(*line)
    if not found.figures["moved by new data"]:
        found.broken.append("the other release moved nothing: this proves nothing")
    return found
