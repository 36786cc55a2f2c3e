# SPDX-License-Identifier: Apache-2.0
"""Pages that stay open: when they are left, what comes late or not at all, and whose work they leave alone."""

import pytest

from tests.support.event_feed import spelled
from tests.support.system import wait_until

FAILING = {
    "today": {"hash": "today", "path": "/v1/today", "where": "#overdue, #call, main .tile"},
    "figures": {"hash": "timeliness", "path": "/v1/reports/timeliness", "where": "main .tile, .panel .card-head"},
    "case": {"hash": "case/{case}", "path": "/v1/cases/{case}", "where": "main dl dd"},
}


def test_open_page_that_nobody_touches_ends_its_session_although_it_shows_what_happens(browser, month):
    browser.play("live.isLeftOpen")
    newest = month.psql("SELECT token_hash FROM reporting.user_session ORDER BY created_at DESC LIMIT 1")
    mine = f"token_hash = '{newest}'"
    used = f"SELECT used_at FROM reporting.user_session WHERE {mine}"
    # Half an hour is over in a minute.
    month.psql(f"UPDATE reporting.user_session SET used_at = now() - interval '29 min' WHERE {mine}")
    before = month.psql(used)
    receipt = month.send("contact", customer_ref="BROWSER-3", kind="complaint", channel="phone", branch="south",
                         category="safety", body="Still open.")
    browser.play("live.showsWhatHappens", caseNumber=receipt["case_number"])
    assert month.psql(used) == before, "what the page asks for by itself is no use"
    month.psql(f"UPDATE reporting.user_session SET used_at = now() - interval '31 min' WHERE {mine}")
    month.send("contact", customer_ref="BROWSER-3", kind="enquiry", channel="phone", body="And now?")
    browser.play("live.isLeft")
    wait_until(lambda: month.psql(used) in ("", before) or month.psql(used) < before, 20, "the end of the session")


def test_older_answers_never_stand_under_newer_filters(browser):
    browser.play("live.newestPeriodWins")


def test_older_list_never_stands_under_a_newer_choice(browser):
    browser.play("live.newestListWins")


@pytest.mark.parametrize("name", FAILING)
def test_what_stands_there_stays_when_it_cannot_be_made_anew(browser, month, name):
    case = month.case("number IN (SELECT case_number FROM intake.promise)")
    browser.play("live.staysWhenItFails", **{key: part.format(case=case) for key, part in FAILING[name].items()})


def test_figures_of_another_period_do_not_stay(browser):
    browser.play("live.isNoAnswerToAnotherQuestion")


def test_conversation_in_hand_is_kept_for_who_took_it_and_given_back(browser):
    browser.play("live.conversationIsKeptForWhoTookIt")


def test_conversation_that_comes_after_the_page_was_left_can_be_given_back(browser):
    browser.play("live.conversationIsKeptWhenThePageIsLeftBeforeItComes")


def test_address_alone_takes_no_conversation(browser):
    browser.play("live.addressTakesNothing")


def test_live_update_takes_nobodys_focus_and_nobodys_words(browser, month):
    number, case = month.psql("SELECT number, case_number FROM intake.promise WHERE state = 5 AND NOT is_void"
                              " ORDER BY number DESC LIMIT 1").split("|")
    browser.play("live.focusStays", caseNumber=spelled("C", case), promise=spelled("P", number))


def test_live_update_leaves_a_wide_table_where_it_was_scrolled(browser):
    browser.play("live.placeInFiguresStays")


def test_empty_page_of_a_list_that_goes_on_is_passed_over(browser):
    browser.play("live.emptyPagesArePassedOver")


def test_references_of_a_customer_are_read_by_a_click_alone(browser, month):
    browser.play("live.referencesAreReadOnce", customer=month.customer)
