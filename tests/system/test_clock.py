# SPDX-License-Identifier: Apache-2.0
"""'troth clock': where the time of a promise went, and what it would have been under another standard.

A case over the Spring Festival of 2026 with everything in it that moves clocks, and every figure computed
a second time by SQL that knows nothing of ours: working time is what days and hours of this file make, less the
stretches in which the case waited for the customer."""

import json
import re
from datetime import datetime, timedelta, timezone

import pytest

from tests.support.event_feed import spelled
from tests.support.intake_client import ACCEPTED, IntakeClient, case_update, contact, promise_given
from tests.support.ledger import number
from tests.support.load import HOUR_US, DemoClock
from tests.support.system import wait_until

CHINA = timezone(timedelta(hours=8))

CALENDARS = """
days_china = (
    { notice = "notice of 4 November 2025"; days = (
        { name = "春节"; off = "2026-02-15..2026-02-23"; work = ("2026-02-14", "2026-02-28"); } ); }
);
calendars = (
    { name = "garage"; zone = "Asia/Shanghai"; branches = "*"; days = "china";
      week = { mon-fri = ("08:00-12:00", "13:00-18:00"); sat = "09:00-15:00"; }; }
);
"""

STANDARD = CALENDARS + """
escalation = ( { at = 80; tell = "manager"; }, { after = "2h"; tell = "director"; } );
rules = (
    { name = "brakes"; kind = "complaint"; category = "brakes"; priority = 1; owner_team = "care";
      promises = ( { kind = "resolution"; target = "12h"; calendar = "branch"; } ); },
    { name = "complaint"; kind = "complaint"; priority = 2; owner_team = "care";
      promises = ( { kind = "first_response"; target = "10h"; calendar = "branch"; },
                   { kind = "next_update"; target = "9h"; calendar = "branch"; },
                   { kind = "resolution"; target = "20h"; calendar = "branch"; } ); },
    { name = "rest"; priority = 3; owner_team = "care"; }
);
"""

OTHER = CALENDARS + """
rules = (
    { name = "all_complaints"; kind = "complaint"; priority = 2; owner_team = "care";
      promises = ( { kind = "first_response"; target = "24h"; },
                   { kind = "resolution"; target = "40h"; calendar = "garage"; } ); },
    { name = "rest"; priority = 3; owner_team = "care"; }
);
"""

# Working time, from what this file says about days and hours: a multirange of instants.
OPEN_HOURS = """
    SELECT range_agg(tstzrange((day + begins) AT TIME ZONE 'Asia/Shanghai', (day + ends) AT TIME ZONE 'Asia/Shanghai'))
    FROM generate_series('2026-02-01'::date, '2026-07-31', '1 day') AS days (at),
         LATERAL (SELECT at::date AS day) AS d,
         LATERAL (SELECT CASE WHEN day IN ('2026-02-14', '2026-02-28') THEN 1
                              WHEN day BETWEEN '2026-02-15' AND '2026-02-23' THEN 7
                              ELSE extract(isodow FROM day) END AS like_day) AS l,
         LATERAL (SELECT * FROM (VALUES (1, 5, time '08:00', time '12:00'), (1, 5, '13:00', '18:00'),
                                        (6, 6, '09:00', '15:00')) AS hours (first, last, begins, ends)
                  WHERE like_day BETWEEN first AND last) AS h
"""
ALL_HOURS = "SELECT tstzmultirange(tstzrange('2026-02-01', '2026-08-01'))"

# When a case waited for the customer: between the events that led into that state and out of it.
WAITS = """
    SELECT COALESCE(range_agg(tstzrange(occurred_at, next_at)), '{{}}')
    FROM (SELECT to_state, occurred_at, lead(occurred_at) OVER (ORDER BY case_version) AS next_at
          FROM intake.case_event
          WHERE case_number = {case} AND (from_state = 3) <> (to_state = 3)) AS moved
    WHERE to_state = 3
"""

NO_WAITS = "SELECT '{{}}'::tstzmultirange"
PAUSED_KINDS = ("first_response", "resolution")

# Counted until an instant, and the instant at which the target is counted.
FIGURES = """
    WITH time AS (SELECT (({hours}) - ({waits})) * tstzmultirange(tstzrange({made}, '2026-08-01')) AS counts),
    parts AS (SELECT lower(part) AS begins, upper(part) AS ends,
                     sum(upper(part) - lower(part)) OVER (ORDER BY lower(part)) AS until_end
              FROM time, unnest(counts) AS part)
    SELECT (SELECT COALESCE(sum(extract(epoch FROM upper(part) - lower(part))), 0)
            FROM time, unnest(counts * tstzmultirange(tstzrange({made}, {until}))) AS part),
           (SELECT extract(epoch FROM ends - (until_end - {target} * interval '1 second'))
            FROM parts WHERE until_end >= {target} * interval '1 second' ORDER BY begins LIMIT 1)
"""


def at(day, clock):
    """An instant of 2026 in China: at("02-12", "16:30")."""
    local = datetime.fromisoformat(f"2026-{day}T{clock}:00").replace(tzinfo=CHINA)
    return round(local.timestamp() * 1_000_000)


class Garage:
    """Intake on the demo clock, from Thursday before the holiday on."""

    def __init__(self, system):
        self.system = system
        self.standard = system.folder / "standard.conf"
        self.standard.write_text(STANDARD)
        self.other = system.folder / "other.conf"
        self.other.write_text(OTHER)
        self.clock = DemoClock(system, at("02-12", "16:00"))
        system.key("garage", ["records"])
        self.intake = system.start("intake", arguments=["--demo-clock"], standard=self.standard)
        self.sender = IntakeClient(system.client("intake", "garage"))

    def restart(self, standard):
        """With another standards file."""
        self.intake.terminate()
        self.intake = self.system.start("intake", arguments=["--demo-clock"], standard=standard)

    def go_to(self, instant_us):
        """Business time moves by at most half a day; the steps of clocks that are due are taken before it goes on."""
        while self.clock.now_us < instant_us:
            hours = min(instant_us - self.clock.now_us, 12 * 3_600_000_000) / 3_600_000_000
            self.clock.step(hours)
            wait_until(lambda: number(self.system, f"""
                SELECT count(*) FROM intake.promise
                WHERE next_step_at <= to_timestamp({self.clock.now_us} / 1e6)""") == 0, what="the steps")

    def send(self, day, clock, one):
        self.go_to(at(day, clock))
        one.occurred_us = at(day, clock)
        receipt = self.sender.send_one(one)
        assert receipt.status == ACCEPTED, receipt
        return receipt

    def troth(self, *arguments):
        return self.system.run("troth", "clock", *arguments, "--database", self.system.conninfo("troth_operator"))

    def text(self, *arguments):
        done = self.troth(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.text(*arguments, "--json"))

    def figures(self, case, made_us, until_us, target_us, hours=OPEN_HOURS, waits=WAITS):
        """What SQL says: counted, and when it is due (None: not within this year's summer)."""
        row = self.system.psql(FIGURES.format(
            hours=hours, waits=waits.format(case=case), made=f"to_timestamp({made_us} / 1e6)",
            until=f"to_timestamp({until_us} / 1e6)", target=target_us / 1_000_000)).split("|")
        return round(float(row[0]) * 1e6), round(float(row[1]) * 1e6) if row[1] else None

    def promises(self):
        """Number as people read it, and case, of all promises of the standard."""
        rows = self.system.psql("SELECT number, case_number FROM intake.promise WHERE standard_id > 0")
        return [(spelled("P", int(row.split("|")[0])), int(row.split("|")[1])) for row in rows.splitlines()]

    def check_all(self):
        """Every one of them, by SQL; returns how many."""
        for promise, case in self.promises():
            got = self.json(promise)
            waits = WAITS if got["kind"] in PAUSED_KINDS else NO_WAITS
            counted_us, due_us = self.figures(case, got["made_us"], got["until_us"], got["target_us"], waits=waits)
            assert (got["counted_us"], got["due_us"]) == (counted_us, due_us), got
            assert got["adds_up"] and got["agrees"], got
            assert got["counted_us"] + got["remaining_us"] == got["target_us"]
        return len(self.promises())


@pytest.fixture
def garage(system):
    return Garage(system)


def spring_festival(garage):
    """Opened before the holiday, solved after it; numbers of the first promises by kind."""
    opened = garage.send("02-12", "16:30", contact("li", case_ref="T-1", branch="north"))

    def tell(day, clock, action, **more):
        garage.send(day, clock, case_update(action, case_number=opened.case_number, **more))

    tell("02-12", "16:40", "note", staff="w-1")
    tell("02-12", "17:10", "waiting_customer", staff="w-1")
    garage.send("02-13", "09:00", contact("li", case_ref="T-1", body="the third from the left"))
    tell("02-13", "09:30", "waiting_third_party")
    garage.send("02-13", "11:00", contact("li", case_ref="T-1", origin="CONTACT_ORIGIN_AUTO_REPLY"))
    tell("02-24", "14:00", "responded", staff="w-2")
    tell("02-24", "15:00", "resolved", staff="w-2")
    garage.send("02-24", "15:05", contact("li", case_ref="T-1", body="谢谢！"))
    tell("02-24", "15:30", "note")
    return {p.kind: p.promise_number for p in opened.promises}


def test_every_minute_is_accounted_for_and_sql_says_the_same(garage):
    promises = spring_festival(garage)
    garage.go_to(at("02-26", "12:00"))

    got = garage.json(promises["resolution"])
    # 40 min on Thursday; from 9:00 on Friday 8 h; Saturday that makes up 9 h; after the holiday 6 h.
    assert got["counted_us"] == (40 + 8 * 60 + 9 * 60 + 6 * 60) * 60_000_000
    assert got["verdict"] == "kept late"
    assert got["due_us"] == at("02-24", "10:20")
    assert got["stopped_us"] == at("02-24", "15:00")
    assert garage.check_all() == 5  # three at first, another update after each of two answers
    assert got["counted_us_of_intake"] == got["counted_us"]


def test_a_service_manager_reads_why(garage):
    promises = spring_festival(garage)
    text = garage.text(promises["resolution"])

    for line in [
        r"^P-\S+  resolution of case C-\S+: kept late$",
        r"^rule        complaint, of standard 1 \([0-9a-f]{8}\) in force since ",
        r"^calendar    garage; times are Asia/Shanghai \(time zones \S+\)$",
        r"^made        Thu 2026-02-12 16:30$",
        r"^promised    20 h of working time$",
        r"^due         Tue 2026-02-24 10:20$",
        r"^done        Tue 2026-02-24 15:00$",
        r"^Thu 2026-02-12 17:10  asked the customer +w-1 +pause +waiting for the customer$",
        r"^Fri 2026-02-13 09:00  the customer wrote again +- +- +saying more of it does not begin it anew$",
        r"^Fri 2026-02-13 09:00  resumed +- +resume +the waiting is over$",
        r"^Fri 2026-02-13 11:00  automatic message +- +- +a machine's message solves and asks nothing$",
        r"^Tue 2026-02-24 15:00  resolved +w-2 +stop +solved$",
        r"^Tue 2026-02-24 15:05  the customer said thanks +- +- +the customer's thanks changes nothing$",
        r"^Thu 2026-02-12 16:30  Thu 2026-02-12 17:10 +40 min +40 min  counted$",
        r"^Thu 2026-02-12 17:10  Fri 2026-02-13 09:00 +15 h 50 min +-  waiting for the customer$",
        r"^Fri 2026-02-13 12:00  Fri 2026-02-13 13:00 +1 h +-  lunch 12:00-13:00$",
        r"^Fri 2026-02-13 18:00  Sat 2026-02-14 08:00 +14 h +-  night$",
        r"^Sun 2026-02-15 00:00  Tue 2026-02-24 00:00 +216 h +-  春节$",
        r"^Tue 2026-02-24 13:00  Tue 2026-02-24 15:00 +2 h +2 h  counted, after it was due$",
        r"^春节: notice of 4 November 2025$",
        r"^80 % +Sat 2026-02-14 16:20 .* manager$",
        r"^100 % +Tue 2026-02-24 10:20 .* nobody in particular$",
        r"^2 h after +Tue 2026-02-24 12:20 .* director$",
        r"^counted     23 h 40 min$",
        r"^not +waiting for the customer: 15 h 50 min, 1 h 50 min of it working time$",
        r"^check       23 h 40 min counted - 3 h 40 min over = 20 h promised; the intervals add up$",
    ]:
        assert re.search(line, text, re.MULTILINE), f"{line}\n{text}"
    assert "another due time" not in text
    assert text.count("notice of") == 1


def test_another_standard_side_by_side(garage):
    promises = spring_festival(garage)
    case = garage.promises()[0][1]
    what_if = ("--what-if", garage.other)

    got = garage.json(promises["resolution"], *what_if)
    counted_us, due_us = garage.figures(case, got["made_us"], got["until_us"], 40 * HOUR_US)
    other = got["what_if"]
    assert (other["counted_us"], other["due_us"]) == (counted_us, due_us)
    assert (got["verdict"], other["verdict"]) == ("kept late", "kept")
    assert (other["rule"], other["calendar"], other["target_us"]) == ("all_complaints", "garage", 40 * HOUR_US)

    got = garage.json(promises["first_response"], *what_if)
    counted_us, due_us = garage.figures(case, got["made_us"], got["until_us"], 24 * HOUR_US, hours=ALL_HOURS)
    other = got["what_if"]
    assert (other["counted_us"], other["due_us"]) == (counted_us, due_us)
    assert (other["calendar"], other["verdict"]) == ("24x7", "kept late")

    text = garage.text(promises["resolution"], *what_if)
    for line in [r"^The same history under \S+other.conf \([0-9a-f]{8}\)$", r"^rule +complaint +all_complaints$",
                 r"^promised +20 h +40 h$", r"^remaining +-3 h 40 min +16 h 20 min$",
                 r"^due +Tue 2026-02-24 10:20 +Thu 2026-02-26 13:20$", r"^so it is +kept late +kept$"]:
        assert re.search(line, text, re.MULTILINE), f"{line}\n{text}"
    text = garage.text(promises["next_update"], *what_if)
    assert "rule all_complaints would apply, and it promises no next_update" in text


def test_reopened_reclassified_and_merged(garage):
    spring_festival(garage)
    case = garage.promises()[0][1]
    garage.send("06-10", "10:00", contact("li", case_ref="T-1", body="it squeaks again"))
    named = {"case_number": spelled("C", case)}
    garage.send("06-10", "11:00", case_update("waiting_customer", **named))
    garage.send("06-10", "14:00", case_update("reclassified", category="brakes", **named))
    garage.send("06-10", "15:00", case_update("resumed", **named))
    garage.go_to(at("06-10", "16:00"))
    again = [promise for promise, _ in garage.promises()
             if garage.json(promise)["made_us"] == at("06-10", "10:00")]
    got = next(one for one in map(garage.json, again) if one["kind"] == "resolution")

    # An hour before the pause, an hour after it; the target is the new one.
    assert (got["counted_us"], got["target_us"], got["rule"]) == (2 * HOUR_US, 12 * HOUR_US, "brakes")
    assert got["due_us"] == at("06-11", "17:00")
    assert got["intervals"][0]["kind"] == "before"
    assert "reclassified" in [event["what"] for event in got["events"]]
    assert garage.check_all() >= 8

    other = garage.send("06-10", "16:30", contact("li", kind="complaint", category="noise", case_ref="T-2"))
    garage.send("06-10", "17:00", case_update("merged", into_case_number=other.case_number, **named))
    garage.go_to(at("06-12", "12:00"))
    got = garage.json(got["promise"])
    assert (got["state"], got["stopped_us"], got["counted_us"]) == ("withdrawn", at("06-10", "17:00"), 3 * HOUR_US)


def test_a_date_of_a_person_counts_every_hour_and_nothing_moves_it(garage):
    opened = garage.send("02-12", "16:30", contact("li", case_ref="T-1", branch="north"))
    given = garage.send("02-12", "17:00", promise_given(at("02-13", "17:00"), kind="callback",
                                                        case_number=opened.case_number))
    garage.send("02-12", "17:30", case_update("waiting_customer", case_number=opened.case_number))
    garage.go_to(at("02-13", "09:00"))
    promise = given.promises[0].promise_number

    got = garage.json(promise, "--what-if", garage.other)
    assert (got["due_us"], got["counted_us"], got["verdict"]) == (at("02-13", "17:00"), 16 * HOUR_US, "open")
    text = garage.text(promise, "--what-if", garage.other)
    assert "rule        none: a person promised this date" in text
    assert "no standard changes it: a person promised this date" in text
    assert "a promised date stands, whoever waits" in text


def test_what_cannot_be_shown_is_said(garage):
    wrong = garage.troth("P-1-2")
    assert wrong.returncode == 2 and "P-..." in wrong.stderr
    unknown = garage.troth(spelled("P", 99 << 8))
    assert unknown.returncode == 1 and "no such promise" in unknown.stderr
    opened = garage.send("02-12", "16:30", contact("li", case_ref="T-1", branch="north"))
    broken = garage.troth(opened.promises[0].promise_number, "--what-if", garage.system.folder / "nowhere.conf")
    assert broken.returncode == 2 and "nowhere.conf" in broken.stderr


def test_an_answer_that_is_told_late_is_not_the_next_update(garage):
    opened = garage.send("02-12", "16:30", contact("li", case_ref="T-1", branch="north"))
    garage.send("02-13", "10:00", case_update("responded", case_number=opened.case_number))
    late = case_update("responded", case_number=opened.case_number, occurred_us=at("02-13", "09:00"))
    assert garage.sender.send_one(late).status == ACCEPTED
    garage.go_to(at("02-13", "11:00"))

    updates = [one for one in map(garage.json, (promise for promise, _ in garage.promises()))
               if one["kind"] == "next_update"]
    assert [(one["made_us"], one["state"]) for one in sorted(updates, key=lambda one: one["made_us"])] == [
        (at("02-12", "16:30"), "kept"), (at("02-13", "10:00"), "open")]
    garage.check_all()


def test_a_promise_keeps_the_standard_that_it_was_made_under(garage):
    opened = garage.send("02-12", "16:30", contact("li", case_ref="T-1", branch="north"))
    before = garage.json(opened.promises[0].promise_number)
    garage.restart(garage.other)
    garage.send("02-13", "10:00", case_update("note", case_number=opened.case_number))
    again = garage.send("02-13", "10:30", contact("wu", case_ref="T-2", branch="north"))

    after = garage.json(opened.promises[0].promise_number)
    new = garage.json(again.promises[0].promise_number)
    same = ("standard_id", "standard_hash", "rule", "calendar", "target_us", "due_us")
    assert [before[name] for name in same] == [after[name] for name in same]
    assert (new["standard_id"], new["rule"], new["calendar"]) == (2, "all_complaints", "24x7")
    assert new["due_us"] == at("02-14", "10:30")
