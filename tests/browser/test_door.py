# SPDX-License-Identifier: Apache-2.0
"""Coming in and going out, and who sees what of whom."""

from tests.support.played_month import EVIL, NAME, PHONE


def test_wrong_password_is_refused_and_the_right_one_leads_to_today(browser):
    browser.play("door.wrongThenRight")


def test_after_the_log_out_the_way_back_shows_nothing(browser, month):
    browser.play("door.backAfterLogout", caseNumber=month.evil_case)


def test_who_has_only_a_keyboard_comes_to_a_case(browser):
    browser.play("door.keyboardAlone")


def test_viewer_sees_no_personal_data_and_no_button_for_it(browser, month):
    browser.play("work.viewerSeesNoPersonalData", caseNumber=month.evil_case, customer=month.customer,
                 secrets=[NAME, PHONE, "onerror"])


def test_agent_sees_personal_data_and_the_view_is_written_down(browser, month):
    number = month.customer.split("-")[1]
    written = f"SELECT count(*) FROM reporting.personal_view WHERE user_name = 'agent' AND customer_number = {number}"
    before = int(month.psql(written))
    browser.play("work.agentSeesPersonalData", customer=month.customer, secrets=[NAME, PHONE])
    assert int(month.psql(written)) > before
    assert int(month.psql(f"SELECT count(*) FROM intake.disclosure WHERE customer_number = {number}")) > 0


def test_script_in_a_contact_is_shown_as_text(browser, month):
    browser.play("work.scriptIsText", caseNumber=month.evil_case, text=EVIL)
