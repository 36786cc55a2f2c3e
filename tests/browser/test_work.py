# SPDX-License-Identifier: Apache-2.0
"""What people do in the browser arrives, and what happens elsewhere arrives in the browser."""

from tests.support.played_month import CLOSED, NAME, PHONE, RESOLVED
from tests.support.system import wait_until


def test_worklist_leads_from_take_to_outcome_and_the_answer_arrives_in_intake(browser, month):
    answers = "SELECT count(*) FROM intake.survey_answer WHERE follow_up_number IS NOT NULL"
    before = int(month.psql(answers))
    done = browser.play("work.worklistFromTakeToOutcome", comment="All is well now.")
    assert done["answered"] > 0
    wait_until(lambda: int(month.psql(answers)) > before, 60, "the answers in intake")
    number = done["customer"].split("-")[1]
    assert month.psql("SELECT customer_number FROM intake.survey_answer WHERE follow_up_number IS NOT NULL"
                      " ORDER BY received_at DESC, number DESC LIMIT 1") == number


def test_new_case_appears_on_today_without_a_reload(browser, month):
    browser.play("work.todayBeforeCase")
    receipt = month.send("contact", customer_ref="BROWSER-2", kind="complaint", channel="phone", branch="south",
                         category="safety", body="The brakes fail!")
    browser.play("work.caseComesWithoutReload", caseNumber=receipt["case_number"])


def test_progress_page_tells_where_a_case_stands_without_name_or_number(browser, month):
    browser.play("progress.tellsWithoutName", url=month.link(month.evil_case), name="open",
                 secrets=[NAME, PHONE, PHONE[3:], month.evil_case, month.customer, "onerror=alert"])


def test_case_that_is_not_solved_is_open_again_when_the_customer_says_so(browser, month):
    case = month.case(f"state IN ({RESOLVED}, {CLOSED}) AND joined_case IS NULL")
    state = f"SELECT reopened_count, state FROM intake.service_case WHERE number = {case.split('-')[1]}"
    count = int(month.psql(state).split("|")[0])
    browser.play("progress.notSolved", url=month.link(case))
    wait_until(lambda: month.psql(state) == f"{count + 1}|2", 60, "the case is open again")
