# SPDX-License-Identifier: Apache-2.0
"""The figures are compared with the facts every night, and on demand."""

import figure_sheet_pb2 as sheets
import intake_pb2 as intake
import pytest

from tests.support import ledger
from tests.support.web_login import BEHIND_PROXY, VIEWER, Dashboard
from tests.support.office import Office, update
from tests.support.stage import PROGRAMS
from tests.support.system import wait_until

CASES, SHEET_CASES = 1, 1
CSAT, NPS = intake.SURVEY_INSTRUMENT_CSAT, intake.SURVEY_INSTRUMENT_NPS


@pytest.fixture
def office(system):
    return Office(system, PROGRAMS, reporting=BEHIND_PROXY)


def fill(office):
    """Two days with cases, answers, purchases and promises kept and broken."""
    for day in range(2):
        names = [f"{name}{day}" for name in ("ann", "bob", "cat")]
        office.resolve(*names)
        for number, name in enumerate(names):
            office.send(("survey_answer", intake.SurveyAnswer(
                            customer_ref=name, case_ref=f"{name}-case", instrument=CSAT, value=number + 2)),
                        ("survey_answer", intake.SurveyAnswer(customer_ref=name, instrument=NPS, value=9 - number)),
                        ("purchase", intake.Purchase(customer_ref=name, branch="south", amount_minor=1000,
                                                     currency="CNY")))
        office.send(("contact", intake.Contact(customer_ref=names[0], kind=intake.CONTACT_KIND_COMPLAINT,
                                               branch="south", case_ref="late")))
        office.send(update(names[1], intake.CASE_ACTION_REOPENED))
        office.step(24)


def checked(office):
    """How many days were compared."""
    return int(office.rows("SELECT count(*) FROM reporting.figure_check")[0][0])


def differences(office):
    return office.rows("SELECT figure, branch, counted, facts FROM reporting.figure_difference ORDER BY 1, 2")


def different(office):
    return office.system.metric("reporting", "troth_reporting_figures_different")


def night(office):
    """Goes on into the next day, until it was checked."""
    office.step(24)
    yesterday = "(log.now() AT TIME ZONE 'Asia/Shanghai')::date - 1"
    is_done = f"SELECT count(*) FROM reporting.night_task WHERE task = 'check' AND day >= {yesterday}"
    wait_until(lambda: office.rows(is_done) == [["1"]], 150, "the night's check")


def change_a_row(office, by):
    """Behind the back of the service: the cases of all branches, of one lane and day. The day."""
    lane, day, figures = office.rows(f"""
        SELECT lane, day, encode(figures, 'hex') FROM reporting.daily_fact
         WHERE sheet = {SHEET_CASES} AND part = 1 AND branch = '' ORDER BY day, lane LIMIT 1""")[0]
    row = sheets.FigureRow.FromString(bytes.fromhex(figures))
    assert row.cells[0].dimension == 0
    for measure in row.cells[0].figures.measures:
        if measure.measure == CASES:
            measure.count += by
    office.system.psql(f"""
        UPDATE reporting.daily_fact SET figures = '\\x{row.SerializeToString().hex()}'
         WHERE sheet = {SHEET_CASES} AND part = 1 AND branch = '' AND day = '{day}' AND lane = {lane}""")
    return day


def mutate(office, table, sheet):
    """One measure of one row counts one more. Its lane, so that it can be put back: (where, figures)."""
    where = f"sheet = {sheet} AND part = 1 AND branch = ''"
    lane, day, figures = office.rows(f"""
        SELECT lane, day, encode(figures, 'hex') FROM reporting.{table} WHERE {where} ORDER BY day, lane LIMIT 1""")[0]
    row = sheets.FigureRow.FromString(bytes.fromhex(figures))
    row.cells[0].figures.measures[0].count += 1
    where += f" AND lane = {lane} AND day = '{day}'"
    write(office, table, where, row.SerializeToString().hex())
    return where, figures


def write(office, table, where, figures):
    office.system.psql(f"UPDATE reporting.{table} SET figures = '\\x{figures}' WHERE {where}")


@pytest.mark.parametrize("table", ["daily_fact", "monthly_fact"])
def test_a_row_of_any_sheet_that_was_changed_is_found(office, table):
    fill(office)
    night(office)
    first, last = office.rows("SELECT min(day), max(day) FROM reporting.figure_check")[0]
    assert check(office, first, last).returncode == 0
    sheets_there = [int(row[0]) for row in office.rows("SELECT DISTINCT sheet FROM reporting.daily_fact ORDER BY 1")]
    assert len(sheets_there) == 5
    for sheet in sheets_there:
        where, figures = mutate(office, table, sheet)
        assert check(office, first, last).returncode == 1, (table, sheet)
        found = {row[0] for row in differences(office)}
        months = {name for name in found if "_month" in name}
        assert len(months) == 2, (table, sheet, found)
        assert table == "daily_fact" or found == months, found
        write(office, table, where, figures)
        assert check(office, first, last).returncode == 0
        assert differences(office) == []


def check(office, day, last=None):
    """The job, for one day or up to the last one."""
    settings = office.system.write_settings("reporting", "job")
    return office.system.run("troth-reporting", "--config", settings, "--demo-clock", "--job", "check",
                             "--set", f"job_from={day}", "--set", f"job_to={last or day}")


def test_what_somebody_changed_is_found_named_and_gone_when_it_is_right_again(office):
    fill(office)
    night(office)
    assert checked(office) >= 8
    assert differences(office) == []
    compared = office.rows("SELECT sum(figures) > 40 FROM reporting.figure_check")
    assert compared == [["t"]]
    assert office.rows("SELECT count(*) FROM reporting.night_task") == [["7"]]
    assert "night_task_failed" not in office.stage.processes["reporting"].log()
    standing = office.rows("SELECT day, sum(customers) FROM reporting.standing_day WHERE bucket = -1 GROUP BY 1 ORDER BY 1")
    assert [row[1] for row in standing][-1] == "6"

    day = change_a_row(office, +3)
    night(office)
    found = differences(office)
    assert [row[:2] for row in found] == [["cases", ""], ["cases_month", ""], ["cases_month_content", ""]]
    assert int(found[0][2]) == int(found[0][3]) + 3
    log = office.stage.processes["reporting"].log()
    told = [line for line in log.splitlines() if "figure_different" in line]
    assert len(told) == 3 and any(f"day={day}" in line and "figure=cases " in line for line in told), told
    assert different(office) == 3

    # Another process has the night's work now, and says what is different; then this one again.
    lease = "UPDATE log.lease SET term = term + 1, holder = 'other/1/1', until = clock_timestamp() + interval '{}'" \
            " WHERE resource = 'lane/reporting/0'"
    office.system.psql(lease.format("5 minutes"))
    wait_until(lambda: different(office) == 0, what="the lane is lost")
    office.system.psql(lease.format("0"))
    wait_until(lambda: different(office) == 3, what="the lane is back")

    done = check(office, day)
    assert done.returncode == 1 and "figures_different" in done.stderr, done

    change_a_row(office, -3)
    assert check(office, day).returncode == 0
    assert differences(office) == []
    night(office)
    assert different(office) == 0


def test_what_the_nights_wrote_down_can_be_read(office):
    fill(office)
    for day in range(2):
        office.send(("survey_answer", intake.SurveyAnswer(
            customer_ref=f"ann{day}", case_ref=f"ann{day}-case", instrument=intake.SURVEY_INSTRUMENT_SERVQUAL,
            items=[intake.ServqualItem(item=1, dimension=intake.SERVQUAL_DIMENSION_RELIABILITY, expectation=6,
                                     perception=3)])))
    night(office)
    li = Dashboard(office.system, "li", VIEWER)
    loyalty = li.read("/v1/reports/loyalty?group=none")
    assert sum(row["cells"][0]["value"] for row in loyalty["rows"]) == 6
    by_day = li.read("/v1/reports/loyalty?group=day")
    assert [row["cells"][0]["value"] for row in by_day["rows"]][-1] == 6
    value = li.read("/v1/reports/value")
    assert sum(row["cells"][2]["value"] for row in value["rows"]) == 6000
    standards = li.read("/v1/reports/standards")
    kept = {row["key"]: row["cells"][1]["value"] for row in standards["rows"] if "value" in row["cells"][1]}
    assert kept and all(0 <= share <= 1 for share in kept.values())
    assert all(row["cells"][5].get("value", 0) >= 0 for row in standards["rows"])
    for name in ("recovery", "words", "warnings", "improvements", "trainings", "skills"):
        for language in ("en", "zh-Hans"):
            table = li.read(f"/v1/reports/{name}?language={language}")
            assert len(table["columns"]) > 3 and table["title"]


INDEXES = "loyalty.score_history"


def last_rise(office):
    """(where it stands, the day it counts on) of a move of an index upwards."""
    bucket, customer, version, day = office.rows(f"""
        SELECT bucket, customer_number, version, (coalesce(occurred_at, at) AT TIME ZONE 'Asia/Shanghai')::date
          FROM {INDEXES} WHERE after_hundredths > before_hundredths ORDER BY at DESC, bucket LIMIT 1""")[0]
    return f"bucket = {bucket} AND customer_number = {customer} AND version = {version}", day


def test_moves_are_compared_with_what_loyalty_keeps(office):
    """Of the index, tier, risk and trust, on the day of what moved them, also when that was told late or taken back."""
    fill(office)
    now_us = office.clock.now_us
    office.clock.now_us = now_us - 2 * 86_400_000_000
    office.send(("survey_answer", intake.SurveyAnswer(customer_ref="bob0", instrument=NPS, value=0)))
    office.clock.now_us = now_us
    office.send(("record_void", intake.RecordVoid(record_key="office-10")))  # an answer
    night(office)
    assert office.rows(f"SELECT count(*) > 0 FROM {INDEXES} WHERE (at AT TIME ZONE 'Asia/Shanghai')::date"
                       " > (occurred_at AT TIME ZONE 'Asia/Shanghai')::date") == [["t"]]
    assert differences(office) == []
    first, last = office.rows("SELECT min(day), max(day) FROM reporting.figure_check")[0]

    where, day = last_rise(office)
    office.system.psql(f"UPDATE {INDEXES} SET after_hundredths = after_hundredths + 7 WHERE {where}")
    assert check(office, first, last).returncode == 1
    found = differences(office)
    assert [row[:2] for row in found] == [["index_rose_sum", ""]] and int(found[0][3]) == int(found[0][2]) + 7
    office.system.psql(f"UPDATE {INDEXES} SET after_hundredths = after_hundredths - 7 WHERE {where}")
    for what, before, after, figure in ((1, 1, 2, "tier_up"), (1, 3, 2, "tier_down"), (2, 1, 3, "churn_raised"),
                                        (3, 0, 1, "trust_broken")):
        office.system.psql(f"""
            INSERT INTO loyalty.standing_history (bucket, customer_number, version, at, what, before, after, is_by_time,
                index_hundredths, churn)
            SELECT bucket, customer_number, 1000, at, {what}, {before}, {after}, false, 5000, 0.1 FROM {INDEXES} WHERE {where}""")
        assert check(office, first, last).returncode == 1
        assert [row[0] for row in differences(office)] == [figure]
        office.system.psql("DELETE FROM loyalty.standing_history WHERE version = 1000")
    assert check(office, first, last).returncode == 0 and differences(office) == []


def test_moves_that_loyalty_tells_again_are_compared_from_the_next_day_on(office):
    fill(office)
    night(office)
    office.system.psql("SELECT loyalty.start_over()", role="troth_operator")
    ledger.wait_until_quiet(office.system, ["loyalty", "reporting"])
    first, last = office.rows("SELECT min(day), max(day) FROM reporting.figure_check")[0]
    where, _day = last_rise(office)
    office.system.psql(f"UPDATE {INDEXES} SET after_hundredths = after_hundredths + 7 WHERE {where}")
    assert check(office, first, last).returncode == 0, "with other settings a second run finds other moves"

    office.step(24)
    office.send(("survey_answer", intake.SurveyAnswer(customer_ref="cat0", instrument=NPS, value=10)))
    night(office)
    assert differences(office) == []
    where, day = last_rise(office)
    assert day > last
    office.system.psql(f"UPDATE {INDEXES} SET after_hundredths = after_hundredths + 7 WHERE {where}")
    assert check(office, day).returncode == 1
    assert [row[0] for row in differences(office)] == ["index_rose_sum"]


def test_a_case_that_was_taken_back_leaves_its_follow_up_in_no_figure(office):
    """Its contact is void: the follow-up is suppressed, and neither the figures nor the check count it."""
    office.resolve("ann", "bob")
    office.step(1)
    planned = "SELECT count(*) FROM followup.follow_up"
    wait_until(lambda: office.rows(planned) != [["0"]], 30, "a follow-up")
    office.system.psql("UPDATE followup.follow_up SET reason = 'record_void', state = 6, settled_at = planned_at,"
                       " next_attempt_at = NULL WHERE number = (SELECT min(number) FROM followup.follow_up)")
    office.system.psql("SELECT reporting.start_over()", role="troth_operator")
    night(office)
    assert differences(office) == []


def test_a_difference_of_long_ago_is_looked_at_by_itself(office):
    fill(office)
    office.system.psql("INSERT INTO reporting.figure_difference"
                       " SELECT log.now()::date - n, 'cases', '', 1, 0, log.now() FROM generate_series(300, 339) AS n")
    night(office)
    assert len(differences(office)) == 9  # 31 are looked at in a night, and are right
    assert "check_days_left" in office.stage.processes["reporting"].log()
    assert checked(office) >= 8 + 31  # beside days, the first of a month stands for what the month adds up to
    assert office.system.metric("reporting", "troth_reporting_figures_checked_until_seconds") > 1e9
    night(office)
    assert differences(office) == []


def test_a_day_that_is_none_is_refused(office):
    done = check(office, "2026-02-30")
    assert done.returncode == 1 and "setting_invalid" in done.stderr
