# SPDX-License-Identifier: Apache-2.0
"""The demo's month, with the standard changed twice in it: every promise explained, and every figure that intake
stored and that `troth clock`, `--what-if`, `troth standards explain` and `troth forecast` show computed a second
time by SQL that shares nothing with our code (tests/support/month_sql.py)."""

import re
import tempfile

import pytest

from tests.support import month_follow_ups
from tests.support.demo_month import DAYS, OTHER, Month
from tests.support.event_feed import spelled

# November has weekends and noons; the Spring Festival has holidays, days that make up for them and half days, too.
STORIES = {"november": {}, "spring festival": {"START": "2026-02-07T00:00:00+08:00"}}
SAMPLE = 40


@pytest.fixture(scope="module", params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in STORIES])
def month(programs, request):
    """Played once for all tests of this file, which one worker runs: it takes a minute."""
    played = Month(tempfile.mkdtemp(prefix="troth-month-", dir="/tmp"), programs, STORIES[request.param])
    try:
        played.play()
        yield played
    finally:
        played.remove()


# ---- versions


def test_each_promise_kept_the_standard_it_was_made_under(month, record_property):
    versions = month.rows("SELECT id, first_used_at FROM intake.standard_version ORDER BY id")
    assert [one["id"] for one in versions] == [1, 2, 3]
    made = month.rows("""SELECT standard_id, count(*), count(*) FILTER (WHERE state IN (3, 4, 5)) AS judged
                           FROM intake.promise WHERE standard_id > 0 GROUP BY 1 ORDER BY 1""")
    assert [one["standard_id"] for one in made] == [1, 2, 3] and all(one["judged"] > 20 for one in made)
    # Made under an earlier one, settled under a later one.
    for earlier, later in ((1, 2), (2, 3)):
        assert month.number(f"""SELECT count(*) FROM intake.promise AS p, intake.standard_version AS v
                                 WHERE v.id = {later} AND p.standard_id = {earlier} AND p.settled_at > v.first_used_at""") > 5
    # The standard in force when it was made; of a reclassified one when that was decided.
    month.nothing("""
        SELECT m.number, t.standard, m.made_received FROM again.made AS m
          JOIN LATERAL (SELECT * FROM again.era AS t WHERE t.number = m.number ORDER BY era LIMIT 1) AS t ON true
         WHERE NOT m.is_date
           AND t.standard <> (SELECT max(id) FROM intake.standard_version WHERE first_used_at <= m.made_received)""")
    record_property("versions", made)


def test_what_changed_is_what_is_promised(month):
    """The two changes of deploy/demo/change-standard.sh, and nothing else."""
    hour = 3_600_000_000
    targets = month.rows("""SELECT standard_id AS id, rule, kind, array_agg(DISTINCT target_us) AS targets FROM intake.promise
                             WHERE standard_id > 0 AND (rule, kind) IN (('complaint', 'first_response'), ('request', 'resolution'))
                             GROUP BY 1, 2, 3 ORDER BY 2, 1""")
    assert [(one["id"], one["rule"], one["targets"]) for one in targets] == [
        (1, "complaint", [4 * hour]), (2, "complaint", [2 * hour]), (3, "complaint", [2 * hour]),
        (1, "request", [40 * hour]), (2, "request", [40 * hour]), (3, "request", [80 * hour])]


# ---- what intake stored


def test_cases_got_the_first_rule_that_matches(month):
    # Words and tiers are seen at the opening alone: such a rule may be the one, or not.
    month.nothing("""
        WITH first AS (
            SELECT c.number, c.bucket, c.channel, c.branch, coalesce(k.rule_before, c.rule) AS rule,
                   coalesce(k.standard_id_before, c.standard_id) AS standard, coalesce(k.kind_before, c.kind) AS kind,
                   CASE WHEN k.number IS NULL THEN c.category ELSE k.category_before END AS category
              FROM intake.service_case AS c
              LEFT JOIN LATERAL (SELECT * FROM intake.case_class AS k WHERE k.case_number = c.number
                                  ORDER BY number LIMIT 1) AS k ON true)
        SELECT f.*, r.name FROM first AS f
          JOIN LATERAL (
              SELECT * FROM again.rule AS r
               WHERE r.standard = f.standard AND (NOT is_hidden OR r.name = f.rule)
                 AND coalesce(r.kind, '') IN ('', (ARRAY['enquiry', 'complaint', 'request', 'praise'])[f.kind])
                 AND coalesce(r.category, '') IN ('', f.category) AND coalesce(r.channel, '') IN ('', f.channel)
                 AND coalesce(r.branch, '') IN ('', f.branch) AND r.asked_priority IS NULL
               ORDER BY r.place LIMIT 1) AS r ON true
         WHERE r.name <> f.rule""")


def test_every_promise_was_made_when_something_happened(month, record_property):
    # By the opening, an answer, a question, a reopening or another class; at its very instant.
    month.nothing("""
        SELECT m.number, m.kind, m.made_at, m.made_action, e.occurred_at FROM again.made AS m
          JOIN intake.service_case AS c ON c.number = m.case_number
          LEFT JOIN again.event AS e ON e.number = m.made_by
         WHERE NOT m.is_date AND NOT CASE
               WHEN m.made_by IS NULL THEN m.made_at = c.opened_at
               WHEN m.made_action IN (1, 3) THEN m.kind = 'next_update' AND m.made_at = e.occurred_at
               WHEN m.made_action = 7 THEN m.kind IN ('next_update', 'resolution') AND m.made_at = e.occurred_at
               ELSE m.made_action = 9 END""")
    # The other way round: what a case that goes on must be promised, once each.
    month.nothing("""
        WITH ruled AS (
            SELECT c.number AS case_number, e.number AS made_by, e.action,
                   coalesce((SELECT b.rule_after FROM again.event AS b WHERE b.case_number = c.number AND b.action = 9
                              AND b.version < e.version ORDER BY b.version DESC LIMIT 1),
                            (SELECT b.rule_before FROM again.event AS b WHERE b.case_number = c.number AND b.action = 9
                              ORDER BY b.version LIMIT 1), c.rule) AS rule, coalesce(e.standard_id, c.standard_id) AS standard
              FROM intake.service_case AS c
              JOIN (SELECT case_number, number, action, version, standard_id FROM again.event
                     WHERE action = 7 OR (action IN (1, 3) AND to_state BETWEEN 1 AND 4)
                    UNION ALL SELECT number, NULL, 0, 0, NULL FROM intake.service_case) AS e ON e.case_number = c.number)
        SELECT r.*, p.kind, (SELECT count(*) FROM again.made AS m
                              WHERE (m.case_number, m.kind) = (r.case_number, p.kind) AND NOT m.is_date
                                AND m.made_by IS NOT DISTINCT FROM r.made_by) AS made
          FROM ruled AS r
          JOIN again.promised AS p ON (p.standard, p.rule) = (r.standard, r.rule)
           AND (r.action = 0 OR p.kind = 'next_update' OR (r.action = 7 AND p.kind = 'resolution'))
         WHERE (SELECT count(*) FROM again.made AS m WHERE (m.case_number, m.kind) = (r.case_number, p.kind)
                   AND NOT m.is_date AND m.made_by IS NOT DISTINCT FROM r.made_by) <> 1""")
    # With the target of its rule.
    month.nothing("""SELECT t.* FROM again.era AS t
                       LEFT JOIN again.promised AS r ON (r.standard, r.rule, r.kind) = (t.standard, t.rule, t.kind)
                      WHERE NOT t.is_date AND t.target_us IS DISTINCT FROM r.target_us""")
    counted = month.rows("SELECT count(*) AS all, count(*) FILTER (WHERE made_action IN (1, 3)) AS chained FROM again.made")[0]
    assert counted["chained"] > 100
    record_property("made", counted)


def test_time_due_and_state_of_every_promise_are_what_sql_computes(month, record_property):
    assert month.number("SELECT count(*) FROM intake.promise WHERE is_void OR is_historical") == 0
    month.nothing("""
        SELECT o.number, o.kind, o.rule, o.state, p.state AS stored_state, o.due_at, p.due_at AS stored_due,
               o.counted_us, p.counted_us AS stored_counted, o.done_at, p.done_at AS stored_done, p.settled_at, o.steps_till,
               o.clock_version, p.clock_version AS stored_clock, p.rule AS stored_rule, o.standard, p.standard_id
          FROM again.outcome AS o JOIN intake.promise AS p ON p.number = o.number
         WHERE o.clock_version <> p.clock_version OR o.target_us <> p.target_us
            OR NOT o.is_date AND (o.standard, o.rule) <> (p.standard_id, p.rule)
            OR o.state <> p.state OR o.due_at IS DISTINCT FROM p.due_at OR o.counted_us IS DISTINCT FROM p.counted_us
            OR CASE WHEN o.state IN (3, 4) THEN o.done_at END IS DISTINCT FROM p.done_at
            OR CASE WHEN o.state IN (3, 4, 6) THEN p.settled_at <> o.steps_till
                    WHEN o.state = 5 THEN p.settled_at NOT BETWEEN o.break_at AND o.break_at + interval '1 hour'
                    ELSE p.settled_at IS NOT NULL END""")
    compared = month.rows("SELECT kind, state, count(*) FROM again.outcome GROUP BY 1, 2 ORDER BY 1, 2")
    count = month.number("SELECT count(*) FROM again.outcome")
    assert count == month.number("SELECT count(*) FROM intake.promise") > 900
    assert {(one["kind"], one["state"]) for one in compared} >= {
        (kind, state) for kind in ("first_response", "next_update", "resolution") for state in (3, 6)} | {
        ("first_response", 4), ("next_update", 4), ("next_update", 5), ("resolution", 5)}
    # Cases that staff took for something else while they owed something: terms, clocks, and what is owed no more.
    assert month.number("SELECT count(DISTINCT number) FROM again.era WHERE era = 0") >= 2
    assert month.number("SELECT max(clock_version) FROM again.outcome") >= 2
    assert month.number("SELECT count(*) FROM again.outcome WHERE state = 6 AND gone_action = 9") >= 1
    # Cases that are open again because a customer said so to our question.
    assert month.number("""SELECT count(*) FROM intake.promise AS p JOIN intake.case_event AS e ON e.number = p.made_by
                            JOIN intake.source AS s ON s.id = e.source_id
                           WHERE e.action = 7 AND s.name = 'followup'""") > 5
    assert month.number("SELECT count(*) FROM again.wait") > 10
    print(f"{count} promises: counted time, due instant, state: 0 differences")
    record_property("promises compared", count)


def test_every_step_was_taken_once_at_its_instant(month, record_property):
    month.nothing("""
        SELECT w.*, s.clock_version AS stored, s.step AS stored_step, s.due_at AS stored_due, s.tell AS stored_tell, s.taken_at
          FROM again.step AS w
          FULL JOIN intake.promise_step AS s
            ON (s.promise_number, s.clock_version, s.step) = (w.number, w.clock_version, w.step)
         WHERE w.due_at IS DISTINCT FROM s.due_at OR w.tell IS DISTINCT FROM s.tell
            OR s.taken_at NOT BETWEEN w.take_at AND w.take_at + interval '1 hour'""")
    count = month.number("SELECT count(*) FROM again.step")
    assert count == month.number("SELECT count(*) FROM intake.promise_step") > 250
    assert month.number("SELECT count(*) FROM again.step WHERE step > 100") > 20
    print(f"{count} steps: instant and whom they told: 0 differences")
    record_property("steps compared", count)


# ---- what a person is shown


def sample(month):
    """One of each kind, state, rule and standard as far as the sample goes, and all whose terms changed."""
    return month.rows(f"""
        WITH retargeted AS (SELECT DISTINCT number FROM again.era WHERE era = 0),
        ranked AS (SELECT number, row_number() OVER (PARTITION BY kind, state, rule ORDER BY number) AS nth,
                          row_number() OVER (PARTITION BY kind, state ORDER BY number) AS rarity
                     FROM again.outcome)
        SELECT o.*, again.us(o.due_at - 'epoch') AS due_us, again.us(o.clock_till - 'epoch') AS till_us,
               again.us(o.made_at - 'epoch') AS made_us
          FROM again.outcome AS o
         WHERE o.number IN (SELECT number FROM retargeted)
            OR o.number IN (SELECT number FROM ranked WHERE nth = 1 ORDER BY rarity, number LIMIT {SAMPLE})
         ORDER BY o.number""")


def numbers(asked):
    return ", ".join(str(one["number"]) for one in asked)


def counting_parts(month, asked):
    found = {one["number"]: [] for one in asked}
    for row in month.rows(f"""SELECT number, again.us(begins - 'epoch') AS begins, again.us(ends - 'epoch') AS ends
                                FROM again.part WHERE era = 1 AND number IN ({numbers(asked)}) ORDER BY number, begins"""):
        found[row["number"]].append((row["begins"], row["ends"]))
    return found


def taken_steps(month, asked):
    found = {one["number"]: [] for one in asked}
    for row in month.rows(f"""SELECT number, clock_version, step, again.us(due_at - 'epoch') AS due_us, tell FROM again.step
                               WHERE number IN ({numbers(asked)}) ORDER BY number, clock_version, step"""):
        found[row["number"]].append((row["clock_version"], row["step"], row["due_us"], row["tell"] or ""))
    return found


def merged(spans):
    """Those that touch are one."""
    found = []
    for begins, ends in spans:
        if found and found[-1][1] == begins:
            found[-1] = (found[-1][0], ends)
        else:
            found.append((begins, ends))
    return found


def test_clock_shows_the_intervals_that_sql_counts(month, record_property):
    asked = sample(month)
    assert len(asked) >= SAMPLE
    assert {one["state"] for one in asked} >= {1, 3, 4, 5, 6}
    parts, steps = counting_parts(month, asked), taken_steps(month, asked)
    for one in asked:
        number, till = one["number"], one["till_us"]
        got = month.json("clock", spelled("P", number))
        assert got["adds_up"] and got["agrees"] and got["until_us"] == till, (one, got)
        assert (got["due_us"], got["rule"], got["calendar"], got["target_us"]) == (
            one["due_us"], None if one["is_date"] else one["rule"], one["calendar"], one["target_us"]), (one, got)
        shown = [(row["from_us"], row["to_us"]) for row in got["intervals"] if row["kind"] == "counted"]
        counted = [(begins, min(ends, till)) for begins, ends in parts[number] if begins < till]
        assert merged(shown) == counted, (one, got)
        assert got["counted_us"] == sum(ends - begins for begins, ends in counted)
        assert sorted((step["clock_version"], step["step"], step["due_us"], step["tell"] or "")
                      for step in got["steps"]) == steps[number], (one, got)
    record_property("clocks compared", len(asked))


WHAT_IF = """
WITH other AS (
    SELECT o.number, r.name AS rule, t.target_us, again.calendar_of({other}, t.calendar, o.branch) AS calendar
      FROM again.outcome AS o
      JOIN intake.service_case AS c ON c.number = o.case_number
      JOIN LATERAL (SELECT * FROM again.rule AS r
                     WHERE r.standard = {other} AND (NOT is_hidden OR r.name = c.rule)
                       AND coalesce(r.kind, '') IN ('', (ARRAY['enquiry', 'complaint', 'request', 'praise'])[c.kind])
                       AND coalesce(r.category, '') IN ('', c.category) AND coalesce(r.channel, '') IN ('', c.channel)
                     ORDER BY r.place LIMIT 1) AS r ON true
      LEFT JOIN again.promised AS t ON (t.standard, t.rule, t.kind) = ({other}, r.name, o.kind)
     WHERE o.number IN ({numbers})),
parts AS (
    SELECT number, begins, ends,
           sum(again.us(ends - begins)) OVER (PARTITION BY number ORDER BY begins)::bigint AS counted_us
      FROM (SELECT o.number, lower(part) AS begins, upper(part) AS ends
              FROM again.span, other AS x
              JOIN again.outcome AS o ON o.number = x.number
              JOIN again.opened AS h ON (h.standard, h.calendar) = ({other}, x.calendar),
                   unnest(h.hours * tstzmultirange(tstzrange(o.made_at, span.till))
                          - coalesce((SELECT range_agg(tstzrange(w.since, w.till)) FROM again.wait AS w
                                       WHERE w.case_number = o.case_number AND w.till > w.since
                                         AND o.kind IN ('first_response', 'resolution')
                                         AND w.since < CASE WHEN o.state IN (3, 4, 6) THEN o.clock_till
                                                            ELSE coalesce(o.gone_at, 'infinity') END), '{{}}')) AS part) AS p)
SELECT x.number, x.rule, x.target_us, x.calendar, again.us(parts.ends - 'epoch') - (parts.counted_us - x.target_us) AS due_us,
       (SELECT coalesce(sum(again.us(least(ends, o.clock_till) - begins)), 0) FROM parts
         WHERE parts.number = x.number AND begins < o.clock_till) AS counted_us
  FROM other AS x
  JOIN again.outcome AS o ON o.number = x.number
  LEFT JOIN LATERAL (SELECT * FROM parts WHERE parts.number = x.number AND parts.counted_us >= x.target_us
                      ORDER BY begins LIMIT 1) AS parts ON true
"""


def test_what_if_shows_what_sql_makes_of_another_standard(month, record_property):
    compared = 0
    asked = sample(month)
    wanted = {row.pop("number"): row for row in month.rows(WHAT_IF.format(other=OTHER, numbers=numbers(asked)))}
    for one in asked:
        got = month.json("clock", spelled("P", one["number"]), "--what-if", month.folder / "etc/other.conf")["what_if"]
        if one["is_date"]:
            assert "due_us" not in got
            continue
        want = wanted[one["number"]]
        assert got["is_promised"] == (want["target_us"] is not None), (one, got, want)
        if not got["is_promised"]:
            continue
        assert {name: got[name] for name in want} == want, (one, got)
        if one["state"] != 6:
            # What goes on is looked at now, and broken at the instant when it is due.
            is_over = want["due_us"] is not None and want["due_us"] < one["till_us"] + (one["state"] < 3)
            verdict = ("kept late" if is_over else "kept") if one["state"] in (3, 4) else "broken" if is_over else "open"
            assert got["verdict"].split(",")[0] == verdict, (one, got)
        compared += 1
    assert compared > SAMPLE // 2
    record_property("what-ifs compared", compared)


def test_explain_names_the_rule_that_each_case_has(month, record_property):
    cases = month.rows("""SELECT DISTINCT ON (rule, standard_id) number, rule, standard_id, owner_team FROM intake.service_case
                           ORDER BY rule, standard_id, number""")
    assert len({one["rule"] for one in cases}) >= 6
    for one in cases:
        got = month.json("standards", "explain", spelled("C", one["number"]))
        assert (got["rule"], got["owner_team"]) == (one["rule"], one["owner_team"]), (one, got)
        assert got["rules"][-1]["rule"] == one["rule"] and got["rules"][-1]["because"].startswith("match")
        stored = month.rows(f"""SELECT number, again.us(due_at - 'epoch') AS due_us FROM intake.promise
                                 WHERE case_number = {one['number']} AND standard_id > 0""")  # which the standard made
        assert sorted((shown["number"], shown["due_us"]) for shown in got["promises"]) == sorted(
            (spelled("P", row["number"]), row["due_us"]) for row in stored), (one, got)
    record_property("rules explained", sorted({one["rule"] for one in cases}))


def test_what_a_service_manager_reads_has_no_holes(month):
    texts = [month.troth("clock", spelled("P", one["number"]), "--what-if", month.folder / "etc/other.conf")
             for one in sample(month)[::4]]
    texts += [month.troth("standards", "explain", spelled("C", one["number"])) for one in month.rows(
        "SELECT DISTINCT ON (rule) number FROM intake.service_case ORDER BY rule, number")]
    texts += [month.troth("forecast"), month.troth("standards", "list")]
    for text in texts:
        assert text.strip()
        assert not re.search(r"unknown|\(null\)|\bnan\b|\binf\b|1970-01-01|292277", text), text
        for line in text.splitlines():
            assert not re.fullmatch(r"[a-z][a-z ]{2,10}:?", line), (line, text)  # a label without a value


# ---- forecasts


def test_curves_are_those_of_kaplan_and_meier(month, record_property):
    refreshed = month.rows("SELECT computed_at FROM again.refresh ORDER BY 1")
    assert len(refreshed) >= int(DAYS) - 1  # the last day ends in its afternoon
    assert month.number("SELECT count(DISTINCT computed_at) FROM intake.forecast") == 1
    month.nothing("""
        SELECT f.kind, f.owner_team, f.calendar, f.past_cases, f.kept_cases, f.known_us, g.past_cases AS past,
               g.kept_cases AS kept, g.known_us AS known
          FROM intake.forecast AS f
          FULL JOIN (SELECT * FROM again.groups WHERE computed_at = (SELECT max(computed_at) FROM again.refresh)) AS g
            ON (g.computed_at, g.kind, g.owner_team, g.calendar) = (f.computed_at, f.kind, f.owner_team, f.calendar)
         WHERE (f.past_cases, f.kept_cases, f.known_us) IS DISTINCT FROM (g.past_cases::int, g.kept_cases::int, g.known_us)""")
    month.nothing("""
        SELECT f.*, c.* FROM (
            SELECT f.kind, f.owner_team, f.calendar, s.* FROM intake.forecast AS f,
                   unnest(f.counted_us, f.still_open, f.error) AS s (us, open, error)) AS f
          FULL JOIN (SELECT * FROM again.curve WHERE computed_at = (SELECT max(computed_at) FROM again.refresh)) AS c
            ON (c.kind, c.owner_team, c.calendar, c.us) = (f.kind, f.owner_team, f.calendar, f.us)
         WHERE (abs(f.open - c.open) < 1e-9 AND abs(f.error - c.open * c.spread) < 1e-9) IS NOT TRUE""")
    count = month.rows("SELECT count(*) AS groups, sum(cardinality(counted_us)) AS steps FROM intake.forecast")[0]
    assert count["groups"] > 10 and count["steps"] > 100
    record_property("curves compared", count)


def test_every_promise_was_told_what_the_past_said_then(month, record_property):
    month.nothing("""
        SELECT p.number, p.kind, p.rule, p.made_at, p.chance, p.past_cases, p.safe_at, s.chance AS want, s.past_cases AS past,
               s.safe_at AS safe, s.computed_at
          FROM intake.promise AS p LEFT JOIN again.said AS s ON s.number = p.number
         WHERE p.past_cases IS DISTINCT FROM s.past_cases OR p.safe_at IS DISTINCT FROM s.safe_at
            OR (p.chance IS NULL) <> (s.chance IS NULL) OR abs(p.chance - s.chance) > 1e-9""")
    count = month.number("SELECT count(*) FROM intake.promise WHERE chance IS NOT NULL")
    assert count > 200
    assert month.number("SELECT count(DISTINCT computed_at) FROM again.said") > 5
    print(f"{count} promises with a chance and a safe date: 0 differences")
    record_property("forecasts compared", count)


def test_the_calibration_that_is_printed_is_that_of_the_month(month, record_property):
    told = month.json("forecast")["calibration"]
    want = month.rows("""
        WITH judged AS (
            -- Its tenth by the chance that was stored: 0.3 may differ in its last digit, which another test allows.
            SELECT s.chance, o.state, least(floor(p.chance * 10), 9) AS bin,
                   coalesce(o.due_at, o.gone_received) <= log.now() AND o.state > 2 AS is_over,
                   o.state IN (3, 4, 5) AND (SELECT count(DISTINCT clock_version) FROM again.era AS t
                                              WHERE t.number = o.number) = 1
                   AND NOT EXISTS (SELECT FROM again.era AS t WHERE t.number = o.number AND t.clock_version > 1) AS is_told
              FROM again.said AS s JOIN again.outcome AS o ON o.number = s.number
              JOIN intake.promise AS p ON p.number = s.number)
        SELECT bin::int, count(*) FILTER (WHERE is_over AND is_told) AS promises,
               count(*) FILTER (WHERE is_over AND is_told AND state = 3) AS kept,
               avg(chance) FILTER (WHERE is_over AND is_told) AS mean_chance,
               avg((chance - (state = 3)::int) ^ 2) FILTER (WHERE is_over AND is_told) AS brier,
               count(*) FILTER (WHERE is_over IS NOT TRUE) AS waiting, count(*) FILTER (WHERE is_over AND NOT is_told) AS other
          FROM judged GROUP BY 1""")
    bins = {one["from_percent"] // 10: one for one in told["bins"]}
    for one in want:
        got = bins.pop(one["bin"])
        assert (got["promises"], got["kept"]) == (one["promises"], one["kept"])
        if one["promises"]:
            assert abs(got["mean_chance"] - one["mean_chance"]) < 1e-9 and abs(got["brier"] - one["brier"]) < 1e-9
    assert not any(one["promises"] for one in bins.values())
    assert told["not_due"] == sum(one["waiting"] for one in want)
    assert told["ended_otherwise"] == sum(one["other"] for one in want)
    assert told["all"]["promises"] == sum(one["promises"] for one in want) > 50
    table = month.troth("forecast").partition("How good the forecasts were")[2]
    assert table.strip() and table in month.output  # the demo shows the same
    print("How good the forecasts were" + table)
    record_property("calibration", table)


# ---- whom we called, and whom not


@pytest.mark.parametrize("never", month_follow_ups.NEVER)
def test_it_never_happens_that(month, never):
    month.nothing(month_follow_ups.NEVER[never])


def test_who_asked_for_another_time_is_called_then_whatever_the_limits(month):
    assert month.number("SELECT count(*) FROM again.tried WHERE is_asked") > 5
    assert month.number("""SELECT count(*) FROM again.tried AS t WHERE is_asked AND EXISTS (
                               SELECT FROM again.tried AS s WHERE (s.customer_number, s.day) = (t.customer_number, t.day)
                                  AND s.ordered_at < t.ordered_at)""") > 0


def test_what_became_of_each_rule_is_what_the_tables_say(month, record_property):
    told = {one.pop("rule"): one for one in month.json("followups", "--by-rule")["rules"]}
    want = {one.pop("rule"): one for one in month.rows(month_follow_ups.BY_RULE)}
    assert {rule: {k: v for k, v in one.items() if k != "trigger"} for rule, one in told.items()} == want
    total = {name: sum(one[name] for one in want.values()) for name in ("deferred", "merged", "suppressed", "missed", "sent", "failed")}
    assert all(total.values()), total
    assert len({one["trigger"] for one in told.values()}) >= 9, told
    assert month.troth("followups", "--by-rule") in month.output  # the demo shows it
    record_property("rules", told)


def test_each_order_was_dialed_once_at_most(month):
    log = (month.folder / "log/services").read_text(encoding="utf-8")
    dialed = re.findall(r"event=dialed order=(\S+)", log)
    assert len(dialed) == len(set(dialed)) > 100
    assert sorted(dialed) == sorted(month.psql("SELECT order_key FROM followup.follow_up_attempt WHERE state <> 4"
                                               " AND NOT starts_with(dialer, 'person/')").split())
