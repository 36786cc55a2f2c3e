# SPDX-License-Identifier: Apache-2.0
"""The rules of follow-ups at the command line: checked, compared, simulated on a history that was made by
hand, and explained for one customer."""

import json
import re
import subprocess
from datetime import datetime

import pytest

from tests.support import event_feed
from tests.support.event_feed import spelled
from tests.support.system import ROOT, config_text, wait_until

SAMPLE = ROOT / "deploy/config/followups.conf"

# Asia/Shanghai is UTC+8 all year; 1 November 2026 is a Sunday.
RULES = """
limits: { quiet = "20:00-09:00"; usual_zone = "Asia/Shanghai"; };
rules = (
    { name = "resolved_gold"; trigger = "case_resolved"; tier = "gold"; after = "4h"; window = "2d"; channels = "person"; },
    { name = "resolved"; trigger = "case_resolved"; after = "1d"; window = "2d"; },
    { name = "low"; trigger = "low_answer"; instrument = "csat"; at_most = 2; after = "2h"; window = "46h"; },
    { name = "birthday"; trigger = "birthday"; at = "09:30"; window = "10h"; channels = "message"; },
    { name = "silence"; trigger = "silence"; months = 3; at = "10:00"; window = "7d"; channels = ("message", "mail"); },
    { name = "singles_day"; trigger = "festival"; date = "11-11"; at = "10:00"; window = "8h"; channels = "message"; },
    { name = "fault"; trigger = "service_due"; topic = "fault"; on_fault = true; fault_code = "P0300"; window = "1d";
      purpose = "service_call"; },
    { name = "by_km"; trigger = "service_due"; topic = "by_km"; every_km = 11150; at = "10:00"; window = "7d"; },
    { name = "by_date"; trigger = "service_due"; topic = "by_date"; months = 6; lead = "7d"; at = "11:00"; window = "7d"; },
    { name = "at_risk"; trigger = "promise_at_risk"; window = "1d"; },
    { name = "broken"; trigger = "promise_broken"; promise_kind = "resolution"; after = "1h"; window = "1d"; },
    { name = "made_good"; trigger = "compensation"; after = "2d"; at = "15:00"; window = "2d"; },
    { name = "better"; trigger = "improvement"; category = "noise"; at = "16:00"; window = "7d"; },
    { name = "leaving"; trigger = "churn_risk"; score_below = 40; after = "1d"; at = "17:00"; window = "7d"; }
);
"""


def number(counter):
    return event_feed.number(counter, bucket=1)


ANNA, BO, CHEN, DI, EVA, FU = map(number, range(4, 10))
GREETING = 1 << 3

CUSTOMER = """INSERT INTO intake.customer (bucket, number, version, time_zone, birth_month, birth_day, has_phone, refusals,
    do_not_call, first_seen_at, wrapped_key) VALUES (1, {0}, 1, 'Asia/Shanghai', {1}, {2}, {3}, {4}, {5}, '2026-01-01Z', '\\x00');"""
CASE = """INSERT INTO intake.service_case (bucket, number, customer_number, version, state, kind, category, priority, standard_id,
    rule, opened_at, last_contact_at, is_historical, resolved_at) VALUES (1, {0}, {1}, 1, {2}, 2, '{3}', 2, 1, 'complaint',
    '2026-10-20Z', '2026-10-20Z', false, NULL);"""
RESOLVED = """INSERT INTO intake.case_event (bucket, number, case_number, case_version, action, from_state, to_state,
    standard_id, source_id, occurred_at, received_at) VALUES (1, {0}, {0}, 2, 1, 2, 5, 1, 1, '{1}', '{1}');"""
ANSWER = """INSERT INTO intake.survey_answer (bucket, number, customer_number, instrument, value, source_id, occurred_at,
    received_at) VALUES (1, {0}, {1}, 1, {2}, 1, '{3}', '{3}');"""
CONTACT = """INSERT INTO intake.contact (bucket, number, customer_number, source_id, kind, occurred_at, received_at,
    is_historical) VALUES (1, {0}, {1}, 1, 3, '{2}', '{2}', false);"""
PURCHASE = """INSERT INTO intake.purchase (bucket, number, customer_number, amount_minor, currency, source_id, occurred_at,
    received_at) VALUES (1, {0}, {1}, 100, 'CNY', 1, '{2}', '{2}');"""
SIGNAL = """INSERT INTO intake.device_signal (bucket, number, customer_number, device, fault_code, mileage_km, source_id,
    occurred_at, received_at) VALUES (1, {0}, {1}, '\\x01', {2}, {3}, 1, '{4}', '{4}');"""
PROMISE = """INSERT INTO intake.promise (bucket, number, case_number, customer_number, kind, state, version, made_at, target_us,
    due_at, next_step, standard_id, is_historical) VALUES (1, {0}, {1}, {2}, '{3}', {4}, 1, '2026-10-20Z', 1, '{5}', 0, 1, false);"""
STEP = """INSERT INTO intake.promise_step (bucket, promise_number, clock_version, step, due_at, taken_at)
    VALUES (1, {0}, 1, {1}, '{2}', '{2}');"""
COMPENSATION = """INSERT INTO intake.compensation (bucket, promise_number, case_number, customer_number, kind, source_id,
    occurred_at, received_at) VALUES (1, {0}, {1}, {2}, 2, 1, '{3}', '{3}');"""
IMPROVEMENT = """INSERT INTO intake.improvement (number, source_id, improvement_ref, category, reported_from, occurred_at,
    received_at) VALUES (77, 1, 'i', 'noise', '2026-10-01Z', '{0}', '{0}');"""
SCORE = """INSERT INTO loyalty.customer_score (bucket, customer_number, version, index_hundredths, churn, churn_level, tier,
    is_trust_broken, trust, purchase_days, currency, changed_at, evaluated_at, fit_id)
    VALUES (1, {0}, 1, 100 * {1}, 0.1, 1, CASE WHEN {1} >= 75 THEN 3 WHEN {1} >= 60 THEN 2 ELSE 1 END, false, 0.5, 0, '',
    '2026-10-01Z', '2026-10-01Z', 0);"""
HISTORY = """INSERT INTO loyalty.score_history (bucket, customer_number, version, at, before_hundredths, after_hundredths, churn,
    reason, event_stream, event_seq) VALUES (1, {0}, {1}, '{2}', 5000, 100 * {3}, 0.1, 'trust', 'intake.0', {1});"""
STANDING = """INSERT INTO loyalty.standing_history (bucket, customer_number, version, at, what, before, after, is_by_time,
    index_hundredths, churn) VALUES (1, {0}, {1}, '{2}', {3}, {4}, {5}, true, 7000, {6});"""

PAST = [
    # 14:00 at Anna's: called a day later, on the 3rd. Her low answer joins that call.
    CUSTOMER.format(ANNA, "NULL", "NULL", True, 0, False),
    CASE.format(number(20), ANNA, 5, "noise"), RESOLVED.format(number(20), "2026-11-02 06:00Z"),
    ANSWER.format(number(21), ANNA, 2, "2026-11-03 03:00Z"), ANSWER.format(number(22), ANNA, 3, "2026-11-03 03:00Z"),
    # She spoke again before three months had gone by.
    CONTACT.format(number(23), ANNA, "2026-08-20 02:00Z"), CONTACT.format(number(24), ANNA, "2026-09-01 02:00Z"),
    # Gold: due at 22:00 on the 2nd, which is quiet: 09:00 on the 3rd. Silent since 10 August. A fault on the 12th.
    CUSTOMER.format(BO, "NULL", "NULL", True, 0, False), SCORE.format(BO, 85),
    CASE.format(number(30), BO, 5, "paint"), RESOLVED.format(number(30), "2026-11-02 10:00Z"),
    CONTACT.format(number(31), BO, "2026-08-10 02:00Z"),
    SIGNAL.format(number(32), BO, "'P0300'", "NULL", "2026-11-12 02:00Z"),
    SIGNAL.format(number(33), BO, "'P0420'", "NULL", "2026-11-13 02:00Z"),
    # Do not call.
    CUSTOMER.format(CHEN, 11, 4, True, 0, True),
    CASE.format(number(40), CHEN, 5, "paint"), RESOLVED.format(number(40), "2026-11-04 04:00Z"),
    # Birthday on the 5th; 50 km a day, 11,150 of them on the 20th at 08:00.
    CUSTOMER.format(DI, 11, 5, True, 0, False),
    *(SIGNAL.format(number(50 + i), DI, "NULL", 1000 + 3000 * i, day + " 00:00Z")
      for i, day in enumerate(["2026-05-01", "2026-06-30", "2026-08-29", "2026-10-28"])),
    # No greetings; bought on 15 May.
    CUSTOMER.format(EVA, 11, 6, True, GREETING, False), PURCHASE.format(number(60), EVA, "2026-05-15 04:00Z"),
    # Without a number. Promises: at risk, broken and made good; the one of another kind is not asked for.
    CUSTOMER.format(FU, "NULL", "NULL", False, 0, False),
]
OWED = [
    CASE.format(number(70), DI, 2, "noise"),
    PROMISE.format(number(71), number(70), DI, "resolution", 5, "2026-11-16 05:00Z"),
    STEP.format(number(71), 50, "2026-11-14 01:00Z"), STEP.format(number(71), 80, "2026-11-15 02:00Z"),
    STEP.format(number(71), 100, "2026-11-16 05:00Z"),
    PROMISE.format(number(72), number(70), DI, "callback", 5, "2026-11-16 06:00Z"),
    STEP.format(number(72), 100, "2026-11-16 06:00Z"),
    PROMISE.format(number(73), number(70), DI, "compensation", 3, "2026-11-17 09:00Z"),
    COMPENSATION.format(number(73), number(70), DI, "2026-11-16 09:00Z"),
    IMPROVEMENT.format("2026-11-18 01:00Z"),
    # Below 40 twice in one quarter: one call. The first one was in the quarter before.
    *(HISTORY.format(EVA, i, at, index) for i, (at, index) in enumerate(
        [("2026-09-30 15:59Z", 30), ("2026-11-21 01:00Z", 39.5), ("2026-11-24 01:00Z", 20), ("2026-11-20 01:00Z", 40)])),
]


FOLLOW_UP = """INSERT INTO followup.follow_up (bucket, number, version, customer_number, case_version, rule, rule_version,
    trigger, topic, subject, occurrence, purpose, priority, channel, state, reason, planned_at, due_at, window_end_at, attempts,
    calls, is_historical, settled_at) VALUES (1, {0}, 1, {1}, 0, '{2}', 1, 3, 'promise_broken', {3}, 'broken', 1, 1, 1, 4,
    'answered', '{4}', '{4}', '{4}', 1, 1, false, '{4}')"""


class Office:
    def __init__(self, system, programs):
        self.system, self.programs = system, programs
        self.rules = system.folder / "rules.conf"
        self.rules.write_text(RULES)
        self.config = system.folder / "troth.conf"
        self.config.write_text(config_text({"database": system.conninfo("troth_operator")}))

    def troth(self, *arguments, status=0):
        done = subprocess.run([self.programs / "troth", "rules", *map(str, arguments), "--config", self.config], text=True,
                              capture_output=True, timeout=120, check=False, env={"PATH": "/usr/bin:/bin"})
        assert done.returncode == status, (arguments, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def json(self, *arguments):
        return json.loads(self.troth(*arguments, "--json"))

    def simulate(self, *more, first="2026-11-01", last="2026-11-30"):
        return self.json("simulate", "--from", first, "--to", last, "--rules", self.rules, *more)


@pytest.fixture
def office(system, programs):
    return Office(system, programs)


def busy_days(got):
    return {one["day"][-2:]: {what: one[what] for what in ("calls", "merged", "messages") if one[what]}
            for one in got["days"] if one["calls"] or one["messages"]}


def test_the_sample_is_right_and_what_may_be_forgotten_is_said(office):
    got = office.json("check", SAMPLE)
    assert {one["trigger"] for one in got["rules"]} == {
        "case_resolved", "promise_at_risk", "promise_broken", "low_answer", "churn_risk", "silence", "birthday", "festival",
        "service_due", "compensation", "improvement"}
    assert [one for one in got["warnings"] if "refuse" not in one] == []
    text = office.troth("check", SAMPLE)
    assert text.startswith(f"version {got['hash']}: ") and "check: the rules are right; warnings=1\n" in text

    office.rules.write_text('limits: { quiet = "21:00-08:00"; };\nrules = ( { name = "b"; trigger = "birthday"; '
                            'at = "22:00"; window = "8h"; } );')
    warnings = office.json("check", office.rules)["warnings"]
    assert "b: 22:00 and all of its window of 8h lie in the quiet hours: nobody is ever called" in warnings
    assert "no rule for silence: nobody is called then" in warnings


def test_a_mistake_is_told_with_file_line_and_setting(office):
    office.rules.write_text('rules = (\n  { name = "b"; trigger = "birthday";\n    windows = "8h"; } );')
    told = office.troth("check", office.rules, status=2)
    assert f"{office.rules}:2: a rule needs 'window'" in told
    assert "is no file" in office.troth("diff", SAMPLE, "nothing", status=2)
    office.troth("check", status=2)
    office.troth("simulate", "--from", "2026-11-02", "--to", "2026-11-01", "--rules", SAMPLE, status=2)


def test_a_change_is_told_in_words(office, tmp_path):
    after = tmp_path / "after.conf"
    after.write_text(RULES.replace('at = "09:30"; window = "10h"', 'at = "10:30"; window = "9h"')
                     .replace('quiet = "20:00-09:00"', 'quiet = "21:00-09:00"; per_week = 2')
                     .replace('{ name = "leaving"; trigger = "churn_risk"; score_below = 40;',
                              '{ name = "gone"; trigger = "churn_risk"; score_below = 30;'))
    got = office.json("diff", office.rules, after)
    assert [(one["part"], one["name"], one["change"]) for one in got] == [
        ("rule", "leaving", "is gone: 1d after the score says so, at 17:00, for score_below 40, by call"),
        ("rule", "birthday", "when: the birthday, at 10:30 instead of the birthday, at 09:30"),
        ("rule", "birthday", "window: 9h instead of 10h"),
        ("rule", "gone", "is new: 1d after the score says so, at 17:00, for score_below 30, by call"),
        ("limits", "", "quiet hours: 21:00 to 09:00 instead of 20:00 to 09:00"),
        ("limits", "", "a week: 2 instead of no limit"),
    ]
    assert "window: 9h instead of 10h" in office.troth("diff", office.rules, after)
    assert office.troth("diff", after, after) == "Nothing changes for anybody.\n"


def test_a_known_history_gives_the_calls_counted_by_hand(office):
    office.system.psql("".join(PAST + OWED))
    got = office.simulate("--capacity", "1")
    assert busy_days(got) == {
        "03": {"calls": 2, "merged": 1},  # Anna for two reasons, Bo
        "05": {"messages": 1},            # Di's birthday
        "08": {"calls": 1},               # Eva's car, a week before six months
        "10": {"messages": 1},            # Bo is silent
        "11": {"messages": 3},            # Anna, Bo, Di
        "12": {"calls": 1},               # Bo's fault
        "15": {"calls": 1},               # Di's promise: at risk
        "16": {"calls": 1},               # broken
        "18": {"calls": 2},               # Anna and Di, who had complained of noise
        "20": {"calls": 1, "merged": 1},  # Di's car; made good: two days after the 17th at 17:00, at 15:00
        "22": {"calls": 1},               # Eva: below 40, once in a quarter
    }
    assert [one["day"] for one in got["days"] if one["is_over"]] == ["2026-11-03", "2026-11-18"]
    assert (got["calls"], got["busiest"], got["days_over"], got["capacity"]) == (10, 2, 2, 1)
    assert {one["rule"]: one["busiest_day"] for one in got["rules"]}["by_km"] == "2026-11-20"
    assert got["days"][2]["rules"] == {"low": 1, "resolved_gold": 1}

    # What is due on the last day and held later is not lost, and days alone decide where it counts.
    second = office.simulate(first="2026-11-02", last="2026-11-02")
    assert {one["rule"]: one["later"] for one in second["rules"] if one["later"]} == {"resolved_gold": 1}
    text = office.troth("simulate", "--from", "2026-11-01", "--to", "2026-11-30", "--rules", office.rules, "--capacity", 1)
    assert "simulate: 10 calls in 30 days, at most 2 on one; 2 days over the capacity of 1\n" in text
    assert [line.split()[0] for line in text.splitlines() if line.endswith("over capacity")] == ["2026-11-03", "2026-11-18"]


def test_what_is_not_held_has_its_reason(office):
    office.system.psql("".join(PAST))
    rules = {one["rule"]: one for one in office.simulate()["rules"]}
    assert rules["resolved"]["suppressed"] == {"do_not_call": 1}
    assert rules["birthday"]["suppressed"] == {"do_not_call": 1, "consent_refused": 1}
    assert rules["singles_day"]["suppressed"] == {"do_not_call": 1, "consent_refused": 1}
    assert rules["singles_day"]["listed"] == 1
    assert rules["silence"]["due"] == 1


def explained(office, customer):
    got = office.json("explain", spelled("K", customer), "--rules", office.rules)
    return {one["rule"]: one for one in got}


def us(text):
    return int(datetime.fromisoformat(text + "+00:00").timestamp()) * 1_000_000


def test_a_customer_with_several_reasons_is_explained(office):
    office.system.psql("".join(PAST + OWED))
    office.system.psql("UPDATE log.clock SET demo_now = '2026-11-20 04:00Z'")
    office.system.psql(FOLLOW_UP.format(number(90), DI, "broken", number(71), "2026-11-16 06:00Z"))
    got = explained(office, DI)
    assert got["broken"]["follow_ups"] == [{"number": spelled("F", number(90)), "state": "done", "reason": "answered",
                                            "due_us": us("2026-11-16 06:00")}]
    assert {rule: (one["next"]["due_us"], one["next"]["step"], one["next"]["channel"] or one["next"]["reason"])
            for rule, one in got.items() if one["next"]} == {
        "birthday": (us("2027-11-05 01:30"), "suppress", "open_complaint"),
        "singles_day": (us("2027-11-11 02:00"), "suppress", "open_complaint"),
        "by_km": (us("2026-11-20 02:00"), "suppress", "open_complaint"),
        "made_good": (us("2026-11-20 07:00"), "call", "call"),
        "better": (us("2026-11-18 08:00"), "call", "call"),
    }
    assert {rule: one["why_not"] for rule, one in got.items() if one["why_not"]} == {
        "resolved_gold": "nothing of that kind happened", "resolved": "nothing of that kind happened",
        "low": "nothing of that kind happened", "silence": "nothing of that kind happened",
        "fault": "nothing of that kind happened", "by_date": "nothing of that kind happened",
        "leaving": "nothing of that kind happened",
        "at_risk": "was due on 2026-11-15, and was not planned then",
    }
    text = office.troth("explain", spelled("K", DI), "--rules", office.rules)
    assert re.search(r"^broken +fired +F-\S+ done: answered, due 2026-11-16 06:00Z$", text, re.M)
    assert re.search(r"^by_km +would fire +due 2026-11-20 02:00Z, but suppress: open_complaint$", text, re.M)


def test_explain_names_the_condition_and_the_rule_that_came_first(office):
    office.system.psql("".join(PAST))
    office.system.psql("UPDATE log.clock SET demo_now = '2026-11-20 04:00Z'")
    anna, bo = explained(office, ANNA), explained(office, BO)
    assert anna["resolved_gold"]["why_not"] == "not tier gold"
    assert anna["low"]["why_not"] == "not at_most 2"  # of two answers at one instant one was better
    assert anna["silence"]["next"]["due_us"] == us("2027-02-03 02:00")  # three months after the answers
    assert bo["resolved"]["why_not"] == "rule resolved_gold is tried before it"
    assert bo["fault"]["why_not"] == "not fault_code P0300"  # the newest signal
    assert explained(office, FU)["singles_day"]["next"]["step"] == "list"
    assert explained(office, CHEN)["singles_day"]["next"]["reason"] == "do_not_call"
    office.troth("explain", spelled("K", number(99)), "--rules", office.rules, status=1)
    office.troth("explain", "hello", status=2)
    office.system.psql(f"UPDATE intake.customer SET merged_into = {ANNA} WHERE number = {BO}")
    assert spelled("K", ANNA) in office.troth("explain", spelled("K", BO), "--rules", office.rules, status=1)
    assert "neither a file nor a version" in office.troth("explain", spelled("K", BO), status=2)


def test_who_may_leave_counts_when_the_risk_rises(office):
    office.rules.write_text(RULES.replace('{ name = "leaving"', '{ name = "likely"; trigger = "churn_risk"; churn_at_least = 0.6; '
                                          'after = "1d"; at = "16:00"; window = "7d"; },\n    { name = "leaving"'))
    office.system.psql("".join([
        *(CUSTOMER.format(one, "NULL", "NULL", True, 0, False) for one in (EVA, DI, BO, CHEN)),
        STANDING.format(EVA, 1, "2026-11-04 02:00Z", 2, 2, 3, 0.6), STANDING.format(EVA, 2, "2026-11-10 02:00Z", 2, 3, 2, 0.6),
        STANDING.format(EVA, 3, "2026-11-12 02:00Z", 2, 2, 3, 0.7),   # in the same quarter
        STANDING.format(DI, 1, "2026-11-06 02:00Z", 3, 0, 1, 0.61), STANDING.format(DI, 2, "2026-11-08 02:00Z", 3, 1, 0, 0.61),
        STANDING.format(BO, 1, "2026-11-07 02:00Z", 1, 2, 3, 0.9),    # a tier is no risk
        STANDING.format(CHEN, 1, "2026-11-05 02:00Z", 2, 3, 2, 0.8),  # and less of it no reason
        HISTORY.format(BO, 2, "2026-11-08 02:00Z", 30)]))
    assert {one["day"][-2:]: rule for one in office.simulate()["days"] for rule in one["rules"] if rule in ("likely", "leaving")} == {
        "05": "likely", "07": "likely", "09": "leaving"}
    office.system.psql("UPDATE log.clock SET demo_now = '2026-11-04 12:00Z'")
    assert explained(office, EVA)["likely"]["next"]["due_us"] == us("2026-11-05 08:00")
    office.system.psql("UPDATE log.clock SET demo_now = '2026-11-08 12:00Z'")
    assert explained(office, BO)["likely"]["why_not"] == "not churn_at_least 0.6"


# ---- versions: taken anew at SIGHUP, stored, listed, compared


def versions(office):
    return office.system.psql("SELECT count(*) FROM followup.rule_version")


def test_changed_rules_are_taken_at_sighup_and_a_mistake_changes_nothing(office):
    office.system.start("intake")
    followup = office.system.start("followup", rules=office.rules)

    def take_anew(text, event, count):
        office.rules.write_text(text)
        followup.reload()
        wait_until(lambda: followup.log().count(f"event={event} ") == count)

    take_anew(RULES.replace("months = 3", "months = 4"), "rules_in_force", 2)
    take_anew(RULES + "mistake = 1;\n", "rules_refused", 1)
    assert "rules.conf:" in followup.log()
    assert versions(office) == "2"
    office.system.psql(FOLLOW_UP.format(number(90), DI, "broken", number(71), "2026-11-16 06:00Z"))

    listed = office.json("list")
    assert [(one["id"], one["follow_ups"], one["ended"], one["rules"]) for one in listed] == [
        (1, 1, 1, {"broken": {"follow_ups": 1, "ended": 1}}), (2, 0, 0, {})]
    assert all(one["tzdata"][:2] == "20" for one in listed)
    assert listed[1]["hash"] in office.troth("list")
    assert office.json("diff", "1", listed[1]["hash"][:8]) == [
        {"part": "rule", "name": "silence",
         "change": "when: 4 months without a word, at 10:00 instead of 3 months without a word, at 10:00"}]
    assert "neither a file nor a version" in office.troth("diff", "1", "99", status=2)
    # Without --rules it is the newest version.
    assert office.json("simulate", "--from", "2026-11-01", "--to", "2026-11-02")["calls"] == 0

    # Rules that were in force before are not stored again.
    take_anew(RULES, "rules_in_force", 3)
    assert versions(office) == "2"
    assert [one["id"] for one in office.json("list")] == [2, 1]  # the last one is in force


def test_the_scheduler_does_not_start_without_rules_that_are_right(office):
    office.system.start("intake")
    office.rules.write_text("rules = ();")
    with pytest.raises(Exception, match="rules_invalid|exited|ended"):
        office.system.start("followup", rules=office.rules)
