# SPDX-License-Identifier: Apache-2.0
"""A reading of standards files that shares nothing with ours: libconfig in fifty lines, and from it the rows of
tables in which SQL finds rules, targets, ladders, weekly hours and special days."""

import json
import re
from datetime import date, timedelta

TOKEN = re.compile(r'\s+|#[^\n]*|//[^\n]*|/\*.*?\*/|(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>[=:;,(){}\[\]])|(?P<word>[^\s=:;,(){}\[\]"]+)',
                   re.DOTALL)
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
UNITS = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
EVERY_HOUR = "24x7"


# ---- libconfig


class Parser:
    def __init__(self, text):
        self.tokens = [found.group() for found in TOKEN.finditer(text) if found.lastgroup]
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def value(self):
        token = self.take()
        if token == "{":
            return self.group("}")
        if token in "([":
            items = []
            while self.peek() not in (")", "]"):
                items.append(self.value())
                if self.peek() == ",":
                    self.take()
            self.take()
            return items
        if token[0] == '"':
            parts = [json.loads(token)]
            while (self.peek() or "")[:1] == '"':  # adjacent texts are one
                parts.append(json.loads(self.take()))
            return "".join(parts)
        return {"true": True, "false": False}.get(token, int(token) if token.isdigit() else token)

    def group(self, end):
        found = {}
        while self.peek() != end:
            name = self.take()
            assert self.take() in "=:", name
            found[name] = self.value()
            while self.peek() in (";", ","):
                self.take()
        if end:
            self.take()
        return found


def read(text):
    return Parser(text).group(None)


# ---- its parts


def as_list(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def duration(text):
    parts = re.findall(r"(\d+)(ms|s|m|h|d)", text)
    assert "".join(map("".join, parts)) == text, text
    return sum(int(count) * UNITS[unit] for count, unit in parts)


def minutes(text):
    """("08:00-12:00") as minutes of the day; what ends before it begins ends on the next one."""
    begins, ends = (int(one[:2]) * 60 + int(one[3:]) for one in text.split("-"))
    return begins, ends if ends > begins else ends + 1440


def hours(value):
    return [minutes(one) for one in as_list(value)]


def weekdays(name):
    first, _, last = name.partition("-")
    return range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1)


def dates(value):
    for one in as_list(value):
        first, _, last = one.partition("..")
        first, last = date.fromisoformat(first), date.fromisoformat(last or first)
        yield from (first + timedelta(days=i) for i in range((last - first).days + 1))


def week_of(calendar):
    """Weekday: its hours."""
    return {day: hours(value) for name, value in calendar["week"].items() for day in weekdays(name)}


def special_days(calendar, lists):
    """Date: its hours; a later list wins."""
    week = week_of(calendar)
    usual = WEEKDAYS.index(calendar.get("make_up", "mon"))
    usual = usual if week.get(usual) else min(day for day in week if week[day])
    found = {}
    for name in as_list(calendar.get("days")):
        for notice in lists[f"days_{name}"]:
            for named in notice["days"]:
                found.update((day, []) for day in dates(named.get("off")))
                like = WEEKDAYS.index(named["like"]) if "like" in named else usual
                work = hours(named["hours"]) if "hours" in named else week[like]
                found.update((day, work) for day in dates(named.get("work")))
    return found


def ladder(rule, usual):
    """(step, percent, after_us, whom it tells): 50, 80, 100 in any case; 101 is the first one after."""
    told = rule.get("escalation", usual)
    percents = {50: None, 80: None, 100: None}
    percents.update((one["at"], one["tell"]) for one in told if "at" in one)
    after = sorted((duration(one["after"]), one["tell"]) for one in told if "after" in one)
    return [*((percent, percent, None, tell) for percent, tell in sorted(percents.items())),
            *((101 + i, None, us, tell) for i, (us, tell) in enumerate(after))]


# ---- tables

TABLES = """
    CREATE TABLE again.calendar (standard int, name text, zone text);
    CREATE TABLE again.branch (standard int, branch text, calendar text);
    CREATE TABLE again.weekly (standard int, calendar text, isodow int, begins int, ends int);
    CREATE TABLE again.special (standard int, calendar text, day date, begins int, ends int);
    CREATE TABLE again.rule (standard int, place int, name text, kind text, category text, channel text, branch text,
                             asked_priority int, is_hidden boolean, owner_team text);
    CREATE TABLE again.promised (standard int, rule text, kind text, target_us bigint, calendar text);
    CREATE TABLE again.ladder (standard int, rule text, step int, percent int, after_us bigint, tell text);
"""


def wanted(rule, name):
    """None: anything."""
    value = rule.get(name)
    assert not isinstance(value, (list, dict)), (name, value)
    return None if value == "*" else value


def rows(standard, text):
    """{table: rows} of one standard."""
    conf = read(text)
    found = {name: [] for name in ("calendar", "branch", "weekly", "special", "rule", "promised", "ladder")}
    for calendar in conf["calendars"]:
        name = calendar["name"]
        found["calendar"].append((standard, name, calendar["zone"]))
        found["branch"] += [(standard, branch, name) for branch in as_list(calendar.get("branches"))]
        found["weekly"] += [(standard, name, day + 1, *one) for day, open_at in week_of(calendar).items() for one in open_at]
        for day, open_at in special_days(calendar, conf).items():
            found["special"] += [(standard, name, day.isoformat(), *one) for one in open_at or [(None, None)]]
    for place, rule in enumerate(conf["rules"]):
        name = rule["name"]
        conditions = [wanted(rule, one) for one in ("kind", "category", "channel", "branch", "asked_priority")]
        found["rule"].append((standard, place, name, *conditions, "words" in rule or "tier" in rule, rule.get("owner_team")))
        found["promised"] += [(standard, name, one["kind"], duration(one["target"]), one.get("calendar", EVERY_HOUR))
                              for one in rule.get("promises", [])]
        found["ladder"] += [(standard, name, *step) for step in ladder(rule, conf.get("escalation", []))]
    return found


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def inserts(standard, text):
    """SQL that puts one standard into the tables."""
    for table, lines in rows(standard, text).items():
        if lines:
            values = ", ".join(f"({', '.join(map(literal, line))})" for line in lines)
            yield f"INSERT INTO again.{table} VALUES {values};"
