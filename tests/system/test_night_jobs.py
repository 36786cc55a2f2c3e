# SPDX-License-Identifier: Apache-2.0
"""What reporting writes down when a day has ended, as jobs on facts made by hand."""

import pytest

DAY = "2026-06-30"
END = "timestamptz '2026-07-01 00:00+08'"


@pytest.fixture
def job(system):
    settings = system.write_settings("reporting", "job")

    def run(name, day=DAY):
        done = system.run("troth-reporting", "--config", settings, "--job", name,
                          "--set", f"job_from={day}", "--set", f"job_to={day}")
        assert done.returncode == 0, done.stderr
    return run


def customer(system, number, index=50, churn=0.2, level=1, tier=1):
    system.psql(f"""
        INSERT INTO intake.customer (bucket, number, version, first_seen_at)
        VALUES ({number & 255}, {number}, 1, {END} - interval '400 days');
        INSERT INTO loyalty.customer_score (bucket, customer_number, version, index_hundredths, churn, churn_level, tier,
            is_trust_broken, trust, purchase_days, currency, changed_at, evaluated_at, fit_id)
        VALUES ({number & 255}, {number}, 1, {index * 100}, {churn}, {level}, {tier}, false, 0.5, 1, 'CNY', {END}, {END}, 0)""")


def purchase(system, number, customer_number, days_ago, amount=1000, table="purchase"):
    system.psql(f"""
        INSERT INTO intake.{table} (bucket, number, customer_number, amount_minor, currency, source_id, occurred_at, received_at)
        VALUES ({customer_number & 255}, {number}, {customer_number}, {amount}, 'CNY', 1, {END} - interval '{days_ago} days', now())""")


def complaint(system, number, customer_number, days_ago, team="workshop", kind=2):
    system.psql(f"""
        INSERT INTO intake.service_case (bucket, number, customer_number, version, state, kind, priority, standard_id, rule,
            opened_at, is_historical, last_contact_at, owner_team)
        VALUES ({customer_number & 255}, {number}, {customer_number}, 1, 2, {kind}, 3, 1, 'r',
            {END} - interval '{days_ago} days', false, {END}, '{team}')""")


def moved(system, customer_number, version, days_ago, before, after):
    system.psql(f"""
        INSERT INTO loyalty.score_history (bucket, customer_number, version, at, before_hundredths, after_hundredths, churn,
            reason, event_stream, event_seq)
        VALUES ({customer_number & 255}, {customer_number}, {version}, {END} - interval '{days_ago} days', {before * 100},
            {after * 100}, 0.1, 'promises', 'loyalty.0', {version})""")


def test_customers_who_were_compensated_are_beside_those_who_were_not(system, job):
    for number in (0x1001, 0x1002, 0x1003, 0x1004):
        customer(system, number)
        purchase(system, number * 256 + 1, number, 230)  # in the 90 days before the 200th
        purchase(system, number * 256 + 2, number, 120)  # after it; before the 90th
    complaint(system, 0x2001, 0x1001, 200)
    complaint(system, 0x2002, 0x1002, 200)
    system.psql(f"""
        INSERT INTO intake.compensation (bucket, promise_number, case_number, customer_number, kind, source_id, occurred_at,
            received_at) VALUES (2, 1, {0x2002}, {0x1002}, 1, 1, {END} - interval '190 days', now())""")
    broken(system, 1, 0x2002, 0x1002, 195)
    purchase(system, 77, 0x1002, 150)
    complaint(system, 0x2003, 0x1003, 30)   # too lately to know
    customer(system, 0x1005)                # never bought: nobody to lose
    moved(system, 0x1001, 1, 210, 50, 60)
    moved(system, 0x1001, 2, 180, 60, 40)
    job("recovery")
    rows = system.psql("SELECT cohort, customers, bought_before, bought_after, change_sum, index_customers, index_sum"
                       " FROM reporting.recovery_sum ORDER BY cohort, bucket").splitlines()
    assert rows == ["complaint|1|1|1|0|1|-20", "complaint_made_good|1|1|2|1|0|0", "none|1|1|0|-1|0|0"]
    job("recovery")  # again: the same, once
    assert system.psql("SELECT sum(customers) FROM reporting.recovery_sum") == "3"


def merge(system, number, into):
    system.psql(f"UPDATE intake.customer SET merged_into = {into} WHERE number = {number};"
                f" UPDATE intake.customer SET follower_count = follower_count + 1 WHERE number = {into}")


def broken(system, number, case_number, customer_number, days_ago):
    system.psql(f"""
        INSERT INTO intake.promise (bucket, number, case_number, customer_number, kind, state, version, made_at, target_us, due_at,
            next_step, settled_at, standard_id, rule, is_historical)
        VALUES ({customer_number & 255}, {number}, {case_number}, {customer_number}, 'custom', 5, 1,
            {END} - interval '{days_ago + 1} days', 86400000000, {END} - interval '{days_ago} days', 0,
            {END} - interval '{days_ago} days', 1, 'r', false)""")


def test_who_was_merged_is_one_person_whatever_number_a_thing_is_under(system, job):
    """Complaint, broken promise, compensation or purchases under the number that was merged away, in another bucket; and of
    one whose every number has something, one person is counted."""
    pairs = {0x1001: 0x1105, 0x1002: 0x1106, 0x1003: 0x1107, 0x1004: 0x1108}  # the survivor and who follows it
    for person, other in pairs.items():
        customer(system, person, churn=0.5, level=2)
        customer(system, other, churn=0.1)
        merge(system, other, person)
    # Went wrong under the other number, made good or not; the purchases are the survivor's.
    complaint(system, 0x2001, 0x1105, 200)
    complaint(system, 0x2002, 0x1106, 200, kind=1)
    broken(system, 0x3002, 0x2002, 0x1106, 200)
    system.psql(f"""
        INSERT INTO intake.compensation (bucket, promise_number, case_number, customer_number, kind, source_id, occurred_at,
            received_at) VALUES (6, {0x3002}, {0x2002}, {0x1106}, 1, 1, {END} - interval '190 days', now())""")
    # The other way round: it went wrong under the survivor's, and the purchases are the other's.
    complaint(system, 0x2003, 0x1003, 200)
    for number in (0x1001, 0x1002, 0x1107, 0x1108):
        purchase(system, number * 256 + 1, number, 230)
        purchase(system, number * 256 + 2, number, 120)
    purchase(system, 7, 0x1004, 110)
    purchase(system, 8, 0x1108, 20, 400, table="refund")
    job("recovery")
    rows = system.psql("SELECT bucket, cohort, customers, bought_before, bought_after FROM reporting.recovery_sum ORDER BY 1")
    assert rows.splitlines() == ["1|complaint|1|1|1", "2|broken_made_good|1|1|1", "3|complaint|1|1|1", "4|none|1|2|0"]
    job("value")
    rows = system.psql("SELECT bucket, churn_level, customers, spent, at_risk FROM reporting.value_day ORDER BY 1")
    assert rows.splitlines() == ["1|2|1|2000|1000", "2|2|1|2000|1000", "3|2|1|2000|1000", "4|2|1|2600|1300"]


def test_value_at_risk_is_money_of_a_year_times_the_chance(system, job):
    customer(system, 0x1001, churn=0.25, level=2)
    customer(system, 0x1101, churn=0.5, level=2)
    customer(system, 0x1002, churn=0.1)
    purchase(system, 1, 0x1001, 10, 4000)
    purchase(system, 2, 0x1001, 20, 1000, table="refund")
    purchase(system, 3, 0x1101, 30, 2000)
    purchase(system, 4, 0x1002, 400, 9000)  # more than a year ago
    job("value")
    assert system.psql("SELECT churn_level, currency, customers, spent, at_risk FROM reporting.value_day") == "2|CNY|2|5000|1750"


def test_standing_is_that_of_the_day_also_when_it_is_made_up_for_later(system, job):
    customer(system, 0x1001, index=42, tier=2, level=3)
    customer(system, 0x1002, index=95, tier=3)
    moved(system, 0x1001, 2, -1, 71, 42)  # a day after the end
    system.psql(f"""
        INSERT INTO loyalty.standing_history (bucket, customer_number, version, at, what, before, after, is_by_time,
            index_hundredths, churn) VALUES (1, {0x1001}, 3, {END} + interval '1 day', 1, 3, 2, false, 4200, 0.2)""")
    system.psql(f"INSERT INTO intake.customer (bucket, number, version, first_seen_at) VALUES (3, {0x1003}, 1, {END})")
    job("standing")
    first = "SELECT tier, churn_level, index_tenth, customers, index_sum FROM reporting.standing_day WHERE day = '{}' ORDER BY 1, 3"
    assert system.psql(first.format(DAY)).splitlines() == ["3|1|9|1|9500", "3|3|7|1|7100"] or \
        system.psql(first.format(DAY)).splitlines() == ["3|3|7|1|7100", "3|1|9|1|9500"]
    job("standing", "2026-07-03")
    assert system.psql(first.format("2026-07-03")).splitlines() == ["2|3|4|1|4200", "3|1|9|1|9500"]


def test_skills_are_counted_for_the_team_and_who_did_it(system, job):
    system.psql(f"""
        INSERT INTO reporting.case_fact (bucket, case_number, customer_number, version, state, kind, channel, branch, team, staff,
            category, product, tier, priority, opened_at, bundle)
        VALUES (1, {0x2001}, {0x1001}, 1, 5, 2, '', '', 'workshop', 'li', '', '', '', 3, {END} - interval '3 days', '');
        INSERT INTO intake.survey_answer (bucket, number, customer_number, case_number, instrument, question, value, source_id,
            occurred_at, received_at)
        VALUES (1, 1, {0x1001}, {0x2001}, 4, NULL, NULL, 1, {END} - interval '2 days', now()),
               (1, 2, {0x1001}, {0x2001}, 5, 'tidy', 30, 1, {END} - interval '1 day', now()),
               (1, 3, {0x1001}, {0x2001}, 5, 'tidy', 90, 1, {END} - interval '40 days', now());
        INSERT INTO intake.survey_item (bucket, answer_number, item, dimension, expectation, perception)
        VALUES (1, 1, 5, 2, 6, 3), (1, 1, 6, 2, 5, 6), (1, 1, 18, 5, 5, NULL)""")
    # Never done: as far back as there are figures, and after that the last weeks alone.
    job("skills")
    assert system.psql("SELECT count(*) FROM reporting.skill_day WHERE day < '2026-06-01'") == "0"
    system.psql(f"""
        INSERT INTO reporting.daily_fact (lane, sheet, part, branch, day, figures) VALUES (0, 1, 1, '', '2026-05-15', '')""")
    job("skills")
    assert system.psql("SELECT sum(answers) FROM reporting.skill_day WHERE day < '2026-06-01'") == "2"
    system.psql("DELETE FROM reporting.skill_day WHERE day < '2026-06-01'")
    rows = system.psql("SELECT grouping, name, skill, answers, low, sum, squares FROM reporting.skill_day ORDER BY 1, 2, 3")
    assert rows.splitlines() == ["staff|li|reliability|2|1|-2|10", "staff|li|tidy|1|1|30|900",
                                 "team|workshop|reliability|2|1|-2|10", "team|workshop|tidy|1|1|30|900"]
