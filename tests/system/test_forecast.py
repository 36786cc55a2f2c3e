# SPDX-License-Identifier: Apache-2.0
"""Forecasts: computed in the background at a known instant, told in receipts, judged by `troth forecast`.

What intake computed is recomputed here from the tables of promises by SQL that shares nothing with it:
working time by the days between two instants, Kaplan-Meier by sums of logarithms."""

import json
import random

import pytest

from tests.support import ledger
from tests.support.intake_client import (
    ACCEPTED,
    IntakeClient,
    case_update,
    contact,
    promise_given,
    promise_update,
)
from tests.support.load import HOUR_US
from tests.support.stage import Stage
from tests.support.system import wait_until

DAY_US = 24 * HOUR_US
OFFICE_DAYS_OFF = ["2026-01-07"]  # a Wednesday

STANDARD = f"""
calendars = ( {{
    name = "office"; zone = "Asia/Shanghai"; branches = ("*"); days = ("own");
    week: {{ mon-fri = ("08:00-12:00", "13:00-18:00"); }};
}} );
days_own = ( {{ notice = "by ourselves"; days = ( {{ name = "stocktaking"; off = ("{OFFICE_DAYS_OFF[0]}"); }} ); }} );
rules = (
    {{ name = "complaint"; kind = "complaint"; priority = 2; owner_team = "care";
       promises = ( {{ kind = "first_response"; target = "4h"; }},
                    {{ kind = "next_update"; target = "9h"; calendar = "office"; }},
                    {{ kind = "resolution"; target = "18h"; calendar = "branch"; }} ); }},
    {{ name = "request"; kind = "request"; priority = 3; owner_team = "workshop";
       promises = ( {{ kind = "resolution"; target = "30h"; calendar = "branch"; }} ); }},
    {{ name = "rest"; priority = 4; owner_team = "care"; }}
);
"""

# The same calendar, said again: working microseconds from a to b.
WORKING = f"""
CREATE FUNCTION public.office(a timestamptz, b timestamptz) RETURNS numeric LANGUAGE sql AS $$
    SELECT coalesce(sum(greatest(extract(epoch FROM least(b, till) - greatest(a, since)), 0)), 0) * 1000000
      FROM generate_series((a AT TIME ZONE 'Asia/Shanghai')::date - 1,
                           (b AT TIME ZONE 'Asia/Shanghai')::date + 1, interval '1 day') AS d,
           LATERAL (VALUES ((d::date + time '08:00') AT TIME ZONE 'Asia/Shanghai',
                            (d::date + time '12:00') AT TIME ZONE 'Asia/Shanghai'),
                           ((d::date + time '13:00') AT TIME ZONE 'Asia/Shanghai',
                            (d::date + time '18:00') AT TIME ZONE 'Asia/Shanghai')) AS h (since, till)
     WHERE extract(isodow FROM d) < 6 AND d::date <> '{OFFICE_DAYS_OFF[0]}'
$$;
CREATE FUNCTION public.every_hour(a timestamptz, b timestamptz) RETURNS numeric LANGUAGE sql AS $$
    SELECT greatest(extract(epoch FROM b - a), 0) * 1000000
$$;
"""

# What the clock of each promise of a group had counted when it was done, or ended, or by now.
PAST = """
WITH promises AS (
    SELECT p.*, p.state IN (3, 4) AS is_done,
           CASE WHEN p.state IN (3, 4) THEN p.done_at
                WHEN p.state IN (6, 7, 8) THEN (SELECT max(e.occurred_at) FROM intake.promise_event AS e
                                                 WHERE (e.bucket, e.promise_number) = (p.bucket, p.number))
                ELSE '{now}' END AS till
      FROM intake.promise AS p
      JOIN intake.service_case AS c ON (c.bucket, c.number) = (p.bucket, p.case_number)
     WHERE p.kind = '{kind}' AND c.owner_team = '{team}' AND p.source_id IS NULL AND NOT p.is_void
       AND p.made_at <= '{now}'),
pauses AS (
    SELECT bucket, case_number, occurred_at AS since,
           lead(occurred_at) OVER (PARTITION BY bucket, case_number ORDER BY case_version) AS till, to_state
      FROM intake.case_event WHERE from_state = 3 OR to_state = 3),
counted AS (
    SELECT p.is_done,
           public.{clock}(p.made_at, p.till)
           - coalesce((SELECT sum(public.{clock}(greatest(w.since, p.made_at),
                                                 least(coalesce(w.till, p.till), p.till)))
                         FROM pauses AS w
                        WHERE (w.bucket, w.case_number) = (p.bucket, p.case_number) AND w.to_state = 3
                          AND {pauses} AND w.since < p.till
                          AND coalesce(w.till, p.till) > p.made_at), 0) AS us
      FROM promises AS p),
steps AS (
    SELECT c.us, count(*) FILTER (WHERE c.is_done) AS done,
           (SELECT count(*) FROM counted AS later WHERE later.us >= c.us) AS watched
      FROM counted AS c GROUP BY c.us),
curve AS (
    SELECT us, exp(sum(ln(1.0 - done / watched::numeric)) OVER (ORDER BY us)) AS open
      FROM steps WHERE done > 0 AND done < watched
     UNION ALL SELECT us, 0 FROM steps WHERE done = watched)
"""


class Office:
    def __init__(self, system):
        self.system = system
        self.random = random.Random(4)
        path = system.folder / "office.conf"
        path.write_text(STANDARD)
        system.key("garage", ["records"])
        self.stage = Stage(system, programs=["intake"], intake={"standard": path})
        self.sender = IntakeClient(system.client("intake", "garage"))
        system.psql(WORKING)
        self.cases = 0

    def now(self):
        return self.stage.clock.now_us

    def step(self, hours):
        """intake knows it, too, when this returns."""
        self.stage.step(hours)
        wait_until(lambda: self.stage.time_of("intake") >= self.now() // 1_000_000, what="the clock")

    def open_case(self, kind, at_us):
        self.cases += 1
        return contact(f"c-{self.cases}", kind=kind, occurred_us=at_us, branch="north",
                       case_ref=f"T-{self.cases}")

    def say(self, case, action, at_us):
        ref = case.contact
        return case_update(action, occurred_us=at_us, customer_ref=ref.customer_ref, case_ref=ref.case_ref)

    def live(self, case, since_us, until_us):
        """What happens to a case: answered, perhaps the customer is waited for, resolved or not yet."""
        hours = self.random.expovariate
        at = since_us + round(hours(1 / 3) * 3600) * 1_000_000
        story = [("responded", at)]
        if self.random.random() < 0.4:
            at += round(hours(1 / 5) * 3600) * 1_000_000
            story.append(("waiting_customer", at))
            at += round(hours(1 / 20) * 3600) * 1_000_000
            story.append(("resumed", at))
        at += round(hours(1 / 40) * 3600) * 1_000_000
        story.append(("resolved", at))
        return [self.say(case, action, when) for action, when in story if when <= until_us]

    def send(self, records):
        receipts = self.sender.send_all(records)
        assert {receipt.status for receipt in receipts.values()} == {ACCEPTED}, receipts
        return receipts

    def month(self, kind, count, days):
        """Cases opened within the last days, with what became of them until now."""
        begin, now = self.now() - days * DAY_US, self.now()
        opened = [self.open_case(kind, begin + round(i * days * 86400 / count) * 1_000_000)
                  for i in range(count)]
        receipts = self.send(opened)
        for case in opened:  # in the order of their time, each one
            updates = self.live(case, case.occurred_us, now)
            if updates:
                self.send(updates)
        return [receipts[case.key] for case in opened]

    def refresh(self, hours=2):
        """Business time goes on, and intake computes and takes over the forecasts of that instant."""
        self.step(hours)
        now = self.instant()
        wait_until(lambda: self.system.psql(
            f"SELECT bool_and(computed_at = {now}) FROM intake.forecast") == "t", what="new forecasts")
        log = self.stage.processes["intake"].log
        wait_until(lambda: log().count("forecasts_computed") == log().count("forecasts_in_force"),
                   what="the forecasts to be in force")
        self.quiet()

    def quiet(self):
        wait_until(lambda: ledger.number(self.system, "SELECT count(*) FROM intake.promise"
                                         " WHERE next_step_at <= log.now()") == 0, what="all due steps")

    def instant(self):
        return f"'epoch'::timestamptz + {self.now()} * interval '1 microsecond'"

    def past(self, kind, team, clock, pauses):
        now = self.system.psql(f"SELECT {self.instant()}")
        return PAST.format(now=now, kind=kind, team=team, clock=clock, pauses=str(pauses).lower())

    def stored(self, kind, team):
        """(past cases, kept cases, calendar, {counted time: share still open})"""
        rows = self.system.psql(
            "SELECT past_cases, kept_cases, calendar, s.us, s.open FROM intake.forecast"
            " LEFT JOIN LATERAL unnest(counted_us, still_open) AS s (us, open) ON true"
            f" WHERE kind = '{kind}' AND owner_team = '{team}' ORDER BY s.us").splitlines()
        cells = [row.split("|") for row in rows]
        return (int(cells[0][0]), int(cells[0][1]), cells[0][2],
                {int(row[3]): float(row[4]) for row in cells if row[3]})

    def recomputed(self, *group):
        past = self.past(*group)
        counts = self.system.psql(past + "SELECT count(*), count(*) FILTER (WHERE is_done) FROM counted")
        rows = self.system.psql(past + "SELECT us, open FROM curve ORDER BY us").splitlines()
        return (*map(int, counts.split("|")),
                {int(float(us)): float(share) for us, share in (row.split("|") for row in rows)})

    def working(self, clock, from_us, to_us):
        micro = "'epoch'::timestamptz + {} * interval '1 microsecond'"
        return float(self.system.psql(
            f"SELECT public.{clock}({micro.format(from_us)}, {micro.format(to_us)})"))


@pytest.fixture
def office(system):
    return Office(system)


def promise(receipt, kind):
    (found,) = [one for one in receipt.promises if one.kind == kind]
    return found


GROUPS = {("first_response", "care"): ("every_hour", "24x7", False),
          ("next_update", "care"): ("office", "office", False),
          ("resolution", "care"): ("office", "office", True)}


def check_curves(office):
    """Returns what SQL computed: {group: (past cases, kept cases, curve)}."""
    found = {}
    for (kind, team), (clock, calendar, pauses) in GROUPS.items():
        past, kept, name, curve = office.stored(kind, team)
        want_past, want_kept, want_curve = office.recomputed(kind, team, clock, pauses)
        assert (past, kept, name) == (want_past, want_kept, calendar)
        assert curve.keys() == want_curve.keys()
        assert all(abs(curve[us] - want_curve[us]) < 1e-9 for us in curve)
        found[kind, team] = (past, kept, want_curve)
    return found


def check_receipt(office, receipt, made_us, targets, found):
    """Chance and safe date, from SQL's own curve."""
    for (kind, team), (clock, _, _) in GROUPS.items():
        told = promise(receipt, kind)
        past, _, curve = found[kind, team]
        done = [1 - share for us, share in curve.items() if us <= targets[kind]]
        assert abs(told.chance - max(done, default=0)) < 1e-9
        assert told.past_cases == past
        safe = min(us for us, share in curve.items() if share <= 0.2 + 1e-9)
        assert office.working(clock, made_us, told.safe_us) == safe
        assert office.working(clock, made_us, told.safe_us - 1) < safe


def test_receipts_tell_what_sql_computes_from_past_promises(office):
    office.step(24 * 12)  # Tuesday, 13 January
    first = office.month("complaint", 70, days=11)
    assert not any(one.HasField("chance") for receipt in first for one in receipt.promises)
    office.month("request", 29, days=11)
    for receipt in first[::9]:  # owed no more: watched until then
        resolution = promise(receipt, "resolution")
        office.sender.send_one(promise_update("waived", occurred_us=office.now(),
                                              promise_number=resolution.promise_number))
    # What people promise is no past promise of the standard.
    office.send([promise_given(office.now() + DAY_US, occurred_us=office.now(), kind="next_update",
                               case_number=receipt.case_number) for receipt in first[:5]])
    office.refresh()
    states = office.system.psql("SELECT DISTINCT state FROM intake.promise WHERE kind = 'resolution'").split()
    assert {"1", "3", "5"} <= set(states)
    found = check_curves(office)

    made = office.now() - 60_000_000
    probe = office.open_case("complaint", made)
    receipt = office.send([probe])[probe.key]
    check_receipt(office, receipt, made, {"first_response": 4 * HOUR_US, "next_update": 9 * HOUR_US,
                                          "resolution": 18 * HOUR_US}, found)

    # 29 past cases: it is not known, and nothing is said.
    assert office.stored("resolution", "workshop")[0] == 29
    other = office.open_case("request", made)
    told = promise(office.send([other])[other.key], "resolution")
    assert not told.HasField("chance") and not told.HasField("safe_us") and not told.HasField("past_cases")
    assert told.due_us > 0

    # A date that a person gave: like the standard's promises of that kind, in working time until then.
    number = receipt.case_number
    _, _, curve = found["next_update", "care"]
    for kind in ("next_update", "callback", "custom"):
        given = promise_given(made + DAY_US, occurred_us=made, case_number=number, kind=kind)
        (told,) = office.send([given])[given.key].promises
        assert told.HasField("chance") == (kind == "next_update")
        if told.HasField("chance"):
            work = office.working("office", made, made + DAY_US)
            assert abs(told.chance - max(1 - share for us, share in curve.items() if us <= work)) < 1e-9


def test_a_restarted_intake_knows_what_was_known(office):
    office.step(24 * 12)
    office.month("complaint", 40, days=11)
    office.refresh()
    office.stage.kill("intake")
    log = office.stage.processes["intake"].log
    wait_until(lambda: "forecasts_in_force" in log(), what="the forecasts to be in force")
    probe = office.open_case("complaint", office.now() - 60_000_000)
    assert promise(office.send([probe])[probe.key], "resolution").HasField("chance")


def test_the_command_shows_curves_and_how_good_the_forecasts_were(office):
    system = office.system
    database = ["--database", system.conninfo("troth_operator")]
    before = system.run("troth", "forecast", *database)
    assert before.returncode == 0 and "No forecasts yet" in before.stdout, before.stderr
    office.step(24 * 12)
    office.month("complaint", 60, days=11)
    office.refresh()
    since = office.now()
    office.step(24 * 8)
    office.month("complaint", 40, days=7)  # each with a forecast
    office.refresh(hours=24)

    shown = json.loads(system.run("troth", "forecast", "--json", *database).stdout)
    curves = {(one["kind"], one["owner_team"]): one for one in shown["curves"]}
    resolution = curves["resolution", "care"]
    _, _, _, curve = office.stored("resolution", "care")
    assert resolution["half_done_us"] == min(us for us, share in curve.items() if share <= 0.5 + 1e-9)
    assert resolution["safe_us"] == min(us for us, share in curve.items() if share <= 0.2 + 1e-9)
    assert resolution["shortest_target_us"] == resolution["longest_target_us"] == 18 * HOUR_US
    within = 1 - min(share for us, share in curve.items() if us <= 18 * HOUR_US)
    assert abs(resolution["done_within_shortest"] - within) < 1e-9

    judged = system.psql("""
        SELECT count(*), count(*) FILTER (WHERE state = 3), avg(chance), avg((chance - (state = 3)::int) ^ 2)
          FROM intake.promise WHERE chance IS NOT NULL AND state >= 3 AND due_at <= log.now()""").split("|")
    told = shown["calibration"]["all"]
    assert [told["promises"], told["kept"]] == [int(judged[0]), int(judged[1])] and told["promises"] > 40
    assert abs(told["mean_chance"] - float(judged[2])) < 1e-9
    assert abs(told["brier"] - float(judged[3])) < 1e-9
    bins = shown["calibration"]["bins"]
    assert sum(one["promises"] for one in bins) == told["promises"]
    for one in bins:
        if one["promises"]:
            assert one["from_percent"] <= 100 * one["mean_chance"] + 1e-9 <= one["from_percent"] + 10.1
            assert one["low"] <= one["kept"] / one["promises"] <= one["high"]

    text = system.run("troth", "forecast", *database).stdout
    for words in ("resolution", "care", "office", "18.0 h", "How good the forecasts were", "Brier score"):
        assert words in text, text
    day = system.psql(f"SELECT 'epoch'::timestamptz + {since + 30 * DAY_US} * interval '1 microsecond'")
    later = json.loads(system.run("troth", "forecast", "--json", "--since", day[:10], *database).stdout)
    assert later["calibration"]["all"] == {"promises": 0, "kept": 0}
