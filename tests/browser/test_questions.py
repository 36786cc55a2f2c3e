# SPDX-License-Identifier: Apache-2.0
"""A manager's five questions: each is answered on the page Today and leads to a case in at most two clicks."""

import json


def test_which_promise_breaks_next_is_the_first_line(browser):
    browser.play("questions.whichPromiseBreaksNext")


def test_why_a_score_fell_is_told_with_every_reason(browser):
    browser.play("questions.whyDidThisScoreFall")


def test_which_branch_is_late_is_told_with_the_day_since_when(browser, month):
    shares = json.loads(month.psql("""
        SELECT json_object_agg(coalesce(branch, ''), kept::float / (kept + broken)) FROM (
            SELECT c.branch, count(*) FILTER (WHERE p.state = 3) AS kept, count(*) FILTER (WHERE p.state IN (4, 5)) AS broken
              FROM intake.promise AS p JOIN intake.service_case AS c ON c.number = p.case_number
             WHERE NOT p.is_void GROUP BY GROUPING SETS ((c.branch), ())) AS q WHERE kept + broken > 0"""))
    branch = browser.play("questions.whichBranchIsLateSinceWhen")
    assert shares[branch] < shares[""], shares


def test_whether_the_fix_helped_is_told_with_its_verdict(browser):
    browser.play("questions.didTheFixHelp")


def test_whom_to_call_now_is_the_first_line(browser):
    browser.play("questions.whomToCallNow")
