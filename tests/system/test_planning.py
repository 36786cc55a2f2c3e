# SPDX-License-Identifier: Apache-2.0
"""What is told to intake becomes a planned follow-up with the right due time, by every trigger."""

import datetime

import event_pb2 as event
import intake_pb2 as intake
import pytest

from tests.support import ledger
from tests.support.event_feed import EventFeed
from tests.support.stage import Stage
from tests.support.system import wait_until

PROGRAMS = ["intake", "followup"]
HOUR_US = 3_600_000_000
START = "2026-01-01T00:00:00"

# One rule for each trigger; those of days at a local time, the others at an instant.
RULES = """
limits: { quiet = "none"; usual_zone = "Asia/Shanghai"; called_back = "1d"; };
rules = (
    { name = "gold_resolved"; trigger = "case_resolved"; tier = "gold"; after = "1h"; window = "2d"; },
    { name = "resolved"; trigger = "case_resolved"; kind = ("complaint", "request"); after = "24h"; window = "48h"; },
    { name = "at_risk"; trigger = "promise_at_risk"; window = "90d"; },
    { name = "broken"; trigger = "promise_broken"; after = "1h"; window = "2d"; },
    { name = "csat_low"; trigger = "low_answer"; instrument = "csat"; at_most = 2.0; after = "2h"; window = "48h"; },
    { name = "reliability"; trigger = "low_answer"; topic = "servqual"; instrument = "servqual"; dimension = "reliability";
      at_most = -2.0; window = "48h"; },
    { name = "arrived"; trigger = "compensation"; after = "1d"; window = "7d"; },
    { name = "leaving"; trigger = "churn_risk"; score_below = 40.0; window = "7d"; },
    { name = "birthday"; trigger = "birthday"; at = "09:30"; window = "8h"; },
    { name = "mid_autumn"; trigger = "festival"; topic = "mid_autumn"; date = "lunar 08-15"; at = "10:00"; window = "8h"; },
    { name = "silent"; trigger = "silence"; months = 6; at = "11:00"; window = "7d"; },
    { name = "first_service"; trigger = "service_due"; topic = "first_service"; months = 12; lead = "14d"; at = "10:00"; window = "10d"; },
    { name = "by_km"; trigger = "service_due"; topic = "by_km"; every_km = 10000.0; lead = "7d"; window = "14d"; },
    { name = "fault"; trigger = "service_due"; topic = "fault"; on_fault = true; fault_code = ("P0420"); window = "2d"; },
    { name = "better"; trigger = "improvement"; after = "1h"; window = "14d"; }
);
"""


class Desk:
    """intake and followup on the demo clock, with rules of every trigger."""

    def __init__(self, system, programs=PROGRAMS, start=START, rules=RULES):
        self.system = system
        system.key("garage", ["records"])
        self.rules = system.folder / "rules.conf"
        self.rules.write_text(rules)
        self.stage = Stage(system, programs, followup={"rules": self.rules})
        self.clock = self.stage.clock
        if start != START:
            self.clock.step((us(start) - self.clock.now_us) / HOUR_US)
        wait_until(lambda: self.stage.time_of("intake") >= self.clock.now_us // 1_000_000, what="the clock")
        self.garage = system.client("intake", "garage")
        self.sent = 0

    def send(self, kind, body, at_us=None, key=None):
        self.sent += 1
        record = intake.Record(key=key or f"desk-{self.sent}", occurred_us=at_us or self.clock.now_us,
                               is_permanent_key=key is not None)
        getattr(record, kind).CopyFrom(body)
        self.garage.send(intake.IntakeRequest(records=intake.RecordBatch(records=[record])))
        receipt = self.garage.receive(intake.IntakeReply).receipts.receipts[0]
        assert receipt.status == intake.RECEIPT_STATUS_ACCEPTED, receipt
        return receipt

    def customer(self, name, **profile):
        self.send("customer_profile", intake.CustomerProfile(
            customer_ref=name, phone=f"+8613800{abs(hash(name)) % 1000000:06d}", **profile))

    def open_case(self, name, kind=intake.CONTACT_KIND_COMPLAINT, key=None, **contact):
        contact.setdefault("branch", "north")
        return self.send("contact", intake.Contact(
            customer_ref=name, kind=kind, channel="phone", case_ref=f"{name}-case", **contact), key=key)

    def act(self, name, action, key=None):
        return self.send("case_update", intake.CaseUpdate(
            customer_ref=name, case_ref=f"{name}-case", action=action), key=key)

    def promise(self, name, hours, ref="p", kind="custom"):
        return self.send("promise_given", intake.PromiseGiven(
            customer_ref=name, case_ref=f"{name}-case", promise_ref=ref, kind=kind, words="we call you",
            due_us=self.clock.now_us + hours * HOUR_US))

    def say(self, name, action, ref="p"):
        return self.send("promise_update", intake.PromiseUpdate(
            customer_ref=name, case_ref=f"{name}-case", promise_ref=ref, action=action))

    def quiet(self, consumers=("followup",)):
        """What is due stays due: there is no dialer."""
        wait_until(lambda: not set(ledger.backlog(self.system, list(consumers))) - {"follow_ups_due"}, 60,
                   what="the planner")

    def step(self, hours):
        self.stage.step(hours)
        self.quiet()

    def rows(self, sql):
        return [line.split("|") for line in self.system.psql(sql).splitlines()]

    def planned(self, rule):
        """[state, reason, due] of each follow-up of that rule, the oldest first."""
        self.quiet()
        return self.rows(f"""
            SELECT state, reason, to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')
              FROM followup.follow_up WHERE rule = '{rule}' ORDER BY due_at, number""")

    def occurrences(self, rule):
        return [row[0] for row in self.rows(
            f"SELECT occurrence FROM followup.follow_up WHERE rule = '{rule}' ORDER BY due_at, occurrence")]


def us(text):
    return round(datetime.datetime.fromisoformat(text + "+00:00").timestamp() * 1_000_000)


PLANNED, DONE, MISSED, SUPPRESSED = "1", "4", "5", "6"


@pytest.fixture
def desk(system):
    return Desk(system)


# ---- cases


def test_a_resolved_case_is_planned_by_the_first_rule_of_the_topic(desk):
    desk.customer("ann")
    desk.open_case("ann")
    desk.act("ann", intake.CASE_ACTION_RESOLVED)
    assert desk.planned("resolved") == [[PLANNED, "", "2026-01-02 00:00"]]
    assert desk.planned("gold_resolved") == []
    assert desk.rows("SELECT rule_version, trigger, topic, purpose, channel, zone FROM followup.follow_up") == [
        ["1", "1", "case_resolved", "1", "1", ""]]


def test_who_is_gold_is_called_sooner(desk):
    desk.customer("ann")
    desk.quiet()
    desk.system.psql("""
        INSERT INTO loyalty.customer_score (bucket, customer_number, version, index_hundredths, churn, churn_level, tier,
            is_trust_broken, trust, purchase_days, currency, changed_at, evaluated_at, fit_id)
        SELECT bucket, number, 1, 9000, 0.1, 1, 3, false, 0.9, 0, '', log.now(), log.now(), 0 FROM intake.customer""")
    desk.open_case("ann")
    desk.act("ann", intake.CASE_ACTION_RESOLVED)
    assert desk.planned("gold_resolved") == [[PLANNED, "", "2026-01-01 01:00"]]
    assert desk.planned("resolved") == []


def test_a_kind_that_no_rule_names_is_not_planned(desk):
    desk.customer("ann")
    desk.open_case("ann", intake.CONTACT_KIND_ENQUIRY)
    desk.act("ann", intake.CASE_ACTION_RESOLVED)
    assert desk.planned("resolved") == []


def test_reopening_and_taking_back_are_followed(desk):
    desk.customer("ann")
    desk.open_case("ann")
    desk.act("ann", intake.CASE_ACTION_RESOLVED, key="first")
    desk.quiet()
    desk.act("ann", intake.CASE_ACTION_REOPENED, key="again")
    assert desk.planned("resolved") == [[SUPPRESSED, "case_reopened", "2026-01-02 00:00"]]
    desk.send("record_void", intake.RecordVoid(record_key="again"))
    assert desk.planned("resolved") == [[PLANNED, "", "2026-01-02 00:00"]]
    desk.send("record_void", intake.RecordVoid(record_key="first"))
    assert desk.planned("resolved") == [[SUPPRESSED, "record_void", "2026-01-02 00:00"]]
    assert desk.rows("SELECT step FROM followup.follow_up_step") == [["planned_again"]]


# ---- promises


def test_a_promise_at_risk_is_told_before_it_breaks_and_not_when_it_is_kept(desk):
    for name in ("ann", "bob"):
        desk.customer(name)
        desk.open_case(name)
        desk.promise(name, hours=100)
    desk.step(90)  # 80 % and more
    told = """SELECT f.state, f.reason, f.occurrence, f.window_end_at = p.due_at FROM followup.follow_up f
                JOIN intake.promise p ON p.number = f.subject WHERE f.rule = 'at_risk' AND p.kind = 'custom' ORDER BY f.state"""
    assert desk.rows(told) == [[PLANNED, "", "1", "t"]] * 2
    desk.say("ann", intake.PROMISE_ACTION_KEPT)
    desk.quiet()
    assert desk.rows(told) == [[PLANNED, "", "1", "t"], [SUPPRESSED, "promise_settled", "1", "t"]]
    desk.step(20)  # bob's broke
    ends = [row[:2] for row in desk.rows(told)]
    assert ends[1] == [SUPPRESSED, "promise_settled"]
    assert ends[0] in ([SUPPRESSED, "promise_settled"], [MISSED, "window_passed"])


def test_a_broken_promise_is_apologised_for_unless_it_was_kept_after_all(desk):
    desk.customer("ann")
    desk.open_case("ann")
    desk.promise("ann", hours=10)
    desk.step(11)
    broken = desk.rows("""SELECT f.state, f.occurrence, f.due_at > p.due_at FROM followup.follow_up f
                           JOIN intake.promise p ON p.number = f.subject WHERE f.rule = 'broken' AND p.kind = 'custom'""")
    assert broken == [[PLANNED, "broken", "t"]]
    # Proof that it was done in time arrives within the grace: the break is taken back.
    desk.send("promise_update", intake.PromiseUpdate(
        customer_ref="ann", case_ref="ann-case", promise_ref="p", action=intake.PROMISE_ACTION_KEPT),
        at_us=desk.clock.now_us - 2 * HOUR_US)
    desk.quiet()
    kept = desk.rows("""SELECT f.state, f.reason FROM followup.follow_up f JOIN intake.promise p ON p.number = f.subject
                         WHERE f.rule = 'broken' AND p.kind = 'custom'""")
    assert kept == [[SUPPRESSED, "promise_settled"]]


def test_a_compensation_is_asked_about_when_it_was_due(desk):
    desk.customer("ann")
    desk.open_case("ann")
    desk.send("compensation", intake.Compensation(
        customer_ref="ann", case_ref="ann-case", promise_ref="c", kind=intake.COMPENSATION_KIND_VOUCHER,
        amount_minor=5000, currency="CNY", due_us=desk.clock.now_us + 48 * HOUR_US), key="given")
    assert desk.planned("arrived") == [[PLANNED, "", "2026-01-04 00:00"]]
    desk.send("record_void", intake.RecordVoid(record_key="given"))
    assert desk.planned("arrived") == [[SUPPRESSED, "record_void", "2026-01-04 00:00"]]


def test_a_compensation_that_is_promised_anew_twice_moves_twice_and_ends_with_the_last(desk):
    desk.customer("ann")
    desk.open_case("ann")
    desk.send("compensation", intake.Compensation(
        customer_ref="ann", case_ref="ann-case", promise_ref="c1", kind=intake.COMPENSATION_KIND_VOUCHER,
        amount_minor=5000, currency="CNY", due_us=desk.clock.now_us + 48 * HOUR_US))
    for ref, fresh, hours, due in (("c1", "c2", 72, "2026-01-05 00:00"), ("c2", "c3", 96, "2026-01-06 00:00")):
        desk.send("promise_update", intake.PromiseUpdate(
            customer_ref="ann", case_ref="ann-case", promise_ref=ref, action=intake.PROMISE_ACTION_RENEGOTIATED,
            due_us=desk.clock.now_us + hours * HOUR_US, new_promise_ref=fresh))
        assert desk.planned("arrived") == [[PLANNED, "", due]]
    desk.say("ann", intake.PROMISE_ACTION_WITHDRAWN, ref="c3")
    assert desk.planned("arrived") == [[SUPPRESSED, "promise_settled", "2026-01-06 00:00"]]


# ---- answers and scores


def test_a_low_answer_closes_the_loop_and_a_good_one_does_not(desk):
    for name, value in (("ann", 1), ("bob", 5)):
        desk.customer(name)
        desk.send("survey_answer", intake.SurveyAnswer(
            customer_ref=name, instrument=intake.SURVEY_INSTRUMENT_CSAT, value=value), key=name)
    assert desk.planned("csat_low") == [[PLANNED, "", "2026-01-01 02:00"]]
    desk.send("record_void", intake.RecordVoid(record_key="ann"))
    assert desk.planned("csat_low") == [[SUPPRESSED, "record_void", "2026-01-01 02:00"]]


def test_servqual_is_judged_by_the_gap_of_an_item(desk):
    for name, dimension, perception in (("ann", intake.SERVQUAL_DIMENSION_RELIABILITY, 3),
                                        ("bob", intake.SERVQUAL_DIMENSION_RELIABILITY, 6),
                                        ("cat", intake.SERVQUAL_DIMENSION_EMPATHY, 1)):
        item = {intake.SERVQUAL_DIMENSION_RELIABILITY: 5, intake.SERVQUAL_DIMENSION_EMPATHY: 18}[dimension]
        desk.customer(name)
        desk.send("survey_answer", intake.SurveyAnswer(
            customer_ref=name, instrument=intake.SURVEY_INSTRUMENT_SERVQUAL,
            items=[intake.ServqualItem(dimension=dimension, item=item, expectation=7, perception=perception)]))
    assert desk.planned("reliability") == [[PLANNED, "", "2026-01-01 00:00"]]


def test_a_score_below_the_threshold_is_acted_on_once_a_quarter(system):
    desk = Desk(system, ["intake", "followup", "loyalty"])
    desk.customer("ann")
    for nth in range(8):
        for instrument, value in ((intake.SURVEY_INSTRUMENT_CSAT, 1), (intake.SURVEY_INSTRUMENT_NPS, 0)):
            desk.send("survey_answer", intake.SurveyAnswer(customer_ref="ann", instrument=instrument, value=value))
        desk.quiet(["followup", "loyalty"])
    scores = desk.rows("SELECT index < 40 FROM loyalty.customer_score_public")
    assert scores == [["t"]]
    assert desk.occurrences("leaving") == ["2026Q1"]


LIKELY = '{ name = "likely"; trigger = "churn_risk"; churn_at_least = 0.6; after = "1d"; window = "7d"; },\n    '


def test_a_higher_risk_and_broken_trust_are_acted_on_once_a_quarter(system):
    desk = Desk(system, rules=RULES.replace('{ name = "leaving"', LIKELY + '{ name = "leaving"'))
    names = ["rises", "falls", "low", "trust", "trusted", "unknown", "moved", "follows"]
    for name in names:
        desk.customer(name)
    number = {row[0]: int(row[1]) for row in desk.rows("SELECT reference, customer_number FROM intake.customer_reference")}
    system.psql("".join(f"""
        INSERT INTO loyalty.customer_score (bucket, customer_number, version, index_hundredths, churn, churn_level, tier,
            is_trust_broken, trust, purchase_days, currency, changed_at, evaluated_at, fit_id)
        VALUES ({number[name] & 255}, {number[name]}, 1, 7000, {churn}, 1, 2, true, 0.3, 0, '', log.now(), log.now(), 0);"""
                        for name, churn in (("trust", 0.6), ("trusted", 0.59))))
    system.psql(f"""UPDATE intake.customer SET merged_into = {number["low"]} WHERE number = {number["follows"]};
                    UPDATE intake.customer SET follower_count = 1 WHERE number = {number["low"]}""")
    feed = EventFeed(system, "loyalty")
    feed.now_us = desk.clock.now_us
    risk = event.ChurnRiskChanged
    feed.add(number["follows"], churn_risk_changed=risk(before="raised", after="high", churn=0.9, index=70))
    feed.add(number["rises"], churn_risk_changed=risk(before="low", after="raised", churn=0.4, index=70))
    feed.add(number["rises"], 2, churn_risk_changed=risk(before="raised", after="high", churn=0.6, index=70))
    feed.add(number["rises"], 3, churn_risk_changed=risk(before="high", after="raised", churn=0.5, index=70))
    feed.add(number["rises"], 4, churn_risk_changed=risk(before="raised", after="high", churn=0.7, index=70))
    feed.add(number["falls"], churn_risk_changed=risk(before="high", after="raised", churn=0.6, index=70))
    feed.add(number["low"], churn_risk_changed=risk(before="low", after="raised", churn=0.3, index=39))
    for name in ("trust", "trusted", "unknown"):
        feed.add(number[name], trust_broken=event.TrustBroken(trust_before=0.6, trust_after=0.3, index=70))
    feed.add(number["moved"], score_changed=event.ScoreChanged(index_before=75, index_after=70, churn=0.65, tier="silver"))
    feed.commit()
    desk.quiet()
    assert desk.rows("""SELECT c.reference, f.rule, f.occurrence, f.subject = f.customer_number
                          FROM followup.follow_up AS f JOIN intake.customer_reference AS c USING (customer_number)
                         ORDER BY 1""") == [
        ["low", "leaving", "2026Q1", "t"], ["moved", "likely", "2026Q1", "t"], ["rises", "likely", "2026Q1", "t"],
        ["trust", "likely", "2026Q1", "t"]]
    assert desk.planned("likely")[0][2] == "2026-01-02 00:00"


# ---- customers


def test_who_calls_back_is_not_called_any_more(desk):
    desk.customer("ann")
    desk.open_case("ann")
    desk.act("ann", intake.CASE_ACTION_RESOLVED)
    desk.quiet()
    desk.step(25)
    desk.system.psql("""
        UPDATE followup.follow_up SET attempts = 1, calls = 1, last_outcome = 3, last_call_at = log.now(),
               next_attempt_at = log.now() + interval '3 h', version = version + 1""")
    desk.step(1)
    desk.send("contact", intake.Contact(customer_ref="ann", kind=intake.CONTACT_KIND_ENQUIRY, channel="phone"))
    assert desk.planned("resolved") == [[DONE, "called_back", "2026-01-02 00:00"]]


def test_who_calls_back_under_another_number_is_not_called_any_more_either(desk):
    for name in ("ann", "anna"):
        desk.customer(name)
    desk.open_case("anna")
    desk.act("anna", intake.CASE_ACTION_RESOLVED)
    desk.send("customer_link", intake.CustomerLink(
        action=intake.CUSTOMER_LINK_ACTION_MERGE, customer_ref="ann", other_ref="anna"))
    desk.quiet()
    desk.step(25)
    desk.system.psql("""
        UPDATE followup.follow_up SET attempts = 1, calls = 1, last_outcome = 3, last_call_at = log.now(),
               next_attempt_at = log.now() + interval '3 h', version = version + 1""")
    desk.step(1)
    desk.send("contact", intake.Contact(customer_ref="ann", kind=intake.CONTACT_KIND_ENQUIRY, channel="phone"))
    assert desk.planned("resolved") == [[DONE, "called_back", "2026-01-02 00:00"]]


def test_the_rhythm_of_a_customer_is_kept_without_writing_it_each_time(desk):
    desk.customer("ann")
    desk.open_case("ann")
    desk.quiet()
    first = desk.rows("SELECT last_contact_at, xmin FROM followup.customer_rhythm")
    desk.step(0.5)
    desk.send("contact", intake.Contact(customer_ref="ann", case_ref="ann-case", kind=intake.CONTACT_KIND_ENQUIRY,
                                        channel="phone"))
    desk.quiet()
    assert desk.rows("SELECT last_contact_at, xmin FROM followup.customer_rhythm") == first
    desk.step(2)
    desk.send("purchase", intake.Purchase(customer_ref="ann", amount_minor=100, currency="CNY"))
    desk.quiet()
    assert desk.rows("""SELECT to_char(last_contact_at AT TIME ZONE 'UTC', 'HH24:MI'),
                               to_char(last_purchase_at AT TIME ZONE 'UTC', 'HH24:MI')
                          FROM followup.customer_rhythm""") == [["00:00", "02:30"]]


# ---- days


def test_birthdays_are_planned_once_a_year_also_on_29_february(system):
    desk = Desk(system, start="2026-02-20T00:00:00")
    desk.customer("leap", birthday="1984-02-29", time_zone="Asia/Shanghai")
    desk.customer("far", birthday="--02-28", time_zone="America/New_York")
    for _ in range(8):
        desk.step(24)
    assert desk.planned("birthday") == [[PLANNED, "", "2026-02-28 01:30"], [PLANNED, "", "2026-02-28 14:30"]]
    assert desk.occurrences("birthday") == ["2026", "2026"]
    assert desk.rows("""SELECT local_due, zone FROM followup.follow_up ORDER BY due_at""") == [
        ["2026-02-28 09:30:00", "Asia/Shanghai"], ["2026-02-28 09:30:00", "America/New_York"]]


def test_lunar_birthdays_and_festivals_follow_the_chinese_calendar(system):
    # 2026: the 15th of the eighth lunar month is 25 September.
    desk = Desk(system, start="2026-09-20T00:00:00")
    desk.customer("ann", birthday="1980-08-15", birthday_is_lunar=True)
    desk.customer("bob")
    for _ in range(4):
        desk.step(24)
    assert desk.planned("birthday") == [[PLANNED, "", "2026-09-25 01:30"]]
    assert desk.planned("mid_autumn") == [[PLANNED, "", "2026-09-25 02:00"]] * 2
    assert desk.occurrences("mid_autumn") == ["2026-09-25"] * 2


def test_silence_counts_from_the_last_contact_and_ends_with_the_next(system):
    desk = Desk(system, start="2026-01-10T00:00:00")
    for name in ("ann", "bob"):
        desk.customer(name, time_zone="Asia/Shanghai")
        desk.send("contact", intake.Contact(customer_ref=name, kind=intake.CONTACT_KIND_PRAISE, channel="phone"))
    desk.quiet()
    desk.step(24 * 180)
    assert desk.planned("silent") == [[PLANNED, "", "2026-07-10 03:00"]] * 2
    desk.send("contact", intake.Contact(customer_ref="ann", kind=intake.CONTACT_KIND_ENQUIRY, channel="phone"))
    assert sorted(desk.planned("silent")) == [[PLANNED, "", "2026-07-10 03:00"],
                                              [SUPPRESSED, "no_longer_true", "2026-07-10 03:00"]]
    assert desk.occurrences("silent") == ["2026-01-10"] * 2


def test_who_answers_a_survey_is_not_silent(system):
    desk = Desk(system, start="2026-01-10T00:00:00")
    desk.customer("ann", time_zone="Asia/Shanghai")
    desk.send("contact", intake.Contact(customer_ref="ann", kind=intake.CONTACT_KIND_PRAISE, channel="phone"))
    desk.quiet()
    desk.step(24 * 90)
    desk.send("survey_answer", intake.SurveyAnswer(customer_ref="ann", instrument=intake.SURVEY_INSTRUMENT_CSAT, value=5))
    desk.quiet()
    desk.step(24 * 91)
    assert desk.planned("silent") == []


def test_a_service_is_due_so_many_months_after_the_purchase(system):
    desk = Desk(system, start="2026-01-31T06:00:00")
    desk.customer("ann", time_zone="Asia/Shanghai")
    desk.send("purchase", intake.Purchase(customer_ref="ann", product="sedan", branch="north", amount_minor=100,
                                          currency="CNY"), key="car")
    desk.quiet()
    desk.step(24 * 349)  # two weeks before the day, and the two days of the horizon
    assert desk.planned("first_service") == [[PLANNED, "", "2027-01-17 02:00"]]
    desk.send("record_void", intake.RecordVoid(record_key="car"))
    assert desk.planned("first_service") == [[SUPPRESSED, "record_void", "2027-01-17 02:00"]]


# ---- devices


def test_a_fault_code_is_called_about_at_once(desk):
    desk.customer("ann")
    for code in ("P0420", "P0300"):
        desk.send("device_signal", intake.DeviceSignal(customer_ref="ann", device_ref="VIN1", fault_code=code))
    assert desk.planned("fault") == [[PLANNED, "", "2026-01-01 00:00"]]
    assert desk.occurrences("fault") == ["fault P0420"]


def test_a_lamp_that_stays_on_is_told_once_and_that_of_another_car_too(desk):
    desk.customer("ann")
    for device in ("VIN1", "VIN1", "VIN2", "VIN1"):
        desk.send("device_signal", intake.DeviceSignal(customer_ref="ann", device_ref=device, fault_code="P0420"))
    desk.step(24)
    desk.send("device_signal", intake.DeviceSignal(customer_ref="ann", device_ref="VIN1", fault_code="P0420"))
    assert desk.planned("fault") == [[PLANNED, "", "2026-01-01 00:00"]] * 2


def test_mileage_predicts_the_next_service_and_moves_it(system):
    desk = Desk(system, start="2026-06-01T00:00:00")
    desk.customer("ann")
    day_us = 24 * HOUR_US
    for day, km in ((-60, 1000), (-40, 2000), (-20, 3000), (0, 4000)):  # 50 km a day: 6,000 km are 120 days
        desk.send("device_signal", intake.DeviceSignal(customer_ref="ann", device_ref="VIN1", mileage_km=km),
                  at_us=desk.clock.now_us + day * day_us)
    assert desk.planned("by_km") == [[PLANNED, "", "2026-09-22 00:00"]]  # 29 September less a week
    assert desk.occurrences("by_km") == ["km 1"]
    assert desk.rows("SELECT step, reason FROM followup.follow_up_step") == [["forecast", "reached 2026-09-29..2026-09-29"]]
    desk.step(24 * 20)
    desk.send("device_signal", intake.DeviceSignal(customer_ref="ann", device_ref="VIN1", mileage_km=10500))
    due = desk.planned("by_km")
    assert due[0] == [PLANNED, "", "2026-06-21 00:00"]  # reached: now
    assert desk.occurrences("by_km") == ["km 1", "km 2"]


# ---- improvements


def test_who_reported_the_problem_hears_that_it_is_gone(desk):
    for name, category in (("ann", "brakes"), ("bob", "brakes"), ("cat", "paint")):
        desk.customer(name)
        desk.open_case(name, category=category)
    desk.step(1)
    desk.send("improvement", intake.Improvement(improvement_ref="new pads", category="brakes", words="New pads."))
    assert desk.planned("better") == [[PLANNED, "", "2026-01-01 02:00"]] * 2
    assert desk.rows("SELECT count(*), count(done_at) FROM followup.improvement_round") == [["256", "256"]]


# ---- crashes and downtime


def test_a_round_that_is_killed_in_the_middle_plans_everybody_once(system):
    desk = Desk(system, start="2026-09-20T00:00:00")
    desk.customer("first")
    system.psql("""
        INSERT INTO intake.customer (bucket, number, version, has_phone, first_seen_at)
        SELECT b, (1000000 + i) * 256 + b, 1, true, log.now() FROM generate_series(0, 255) b, generate_series(1, 60) i""")
    desk.stage.step(24 * 4)
    for more in (1, 4000, 9000):
        wait_until(lambda: int(system.psql("SELECT count(*) FROM followup.follow_up")) >= more,
                   60, what="a slice")
        desk.stage.kill("followup")
    desk.stage.processes["followup"].wait_ready()
    desk.quiet()
    assert desk.rows("SELECT count(*), count(DISTINCT subject) FROM followup.follow_up WHERE rule = 'mid_autumn'") == [
        ["15361", "15361"]]
    events = desk.rows("SELECT count(*) FROM log.event WHERE stream LIKE 'followup.%' AND kind = 'follow_up_planned'")
    assert events == [["15361"]]


def test_missed_days_are_caught_up_after_ten_days_of_downtime(system):
    desk = Desk(system, start="2026-03-01T00:00:00")
    for day in range(1, 15):
        desk.customer(f"born-{day:02}", birthday=f"--03-{day:02}", time_zone="UTC")
    desk.step(1)
    desk.stage.processes["followup"].kill()
    desk.clock.step(24 * 10)
    desk.stage.processes["followup"] = system.start(
        "followup", arguments=["--demo-clock"], rules=desk.rules, lease="2s")
    desk.quiet()
    rows = desk.rows("""SELECT extract(day FROM due_at AT TIME ZONE 'UTC'), state, reason FROM followup.follow_up
                         WHERE rule = 'birthday' ORDER BY due_at""")
    assert [int(row[0]) for row in rows] == list(range(1, 14))
    assert [row[1:] for row in rows] == [[MISSED, "window_passed"]] * 10 + [[PLANNED, ""]] * 3
