# SPDX-License-Identifier: Apache-2.0
"""Each page of the dashboard in English and Chinese, light and dark, wide and on a telephone: figures from the service,
nothing for the console to complain of, nothing that keeps anybody out. Pictures are in build/browser."""

import pytest

from tests.support.event_feed import spelled

TILES = '[data-testid^="tile-"] .tile-value'
# name: who, address, its heading in English and Chinese, where figures must be
PAGES = {
    "today": ("manager", "today", "Today", "今日", "main .tile-value"),
    "follow-ups": ("agent", "follow-ups", "Follow-ups", "回访", "#list tbody td"),
    "cases": ("viewer", "cases", "Cases", "个案", 'main a[href^="#/case/"]'),
    "customer": ("manager", "customer/{customer}", "{customer}", "{customer}", "main dl dd"),
    "case": ("manager", "case/{case}", "{case}", "{case}", "main dl dd"),
    "timeliness": ("viewer", "timeliness", "Timeliness", "及时性", TILES),
    "promises": ("viewer", "promises", "Promises", "承诺", TILES),
    "satisfaction": ("viewer", "satisfaction", "Satisfaction", "满意度", TILES),
    "loyalty": ("viewer", "loyalty", "Loyalty", "忠诚度", TILES),
    "teams": ("viewer", "teams", "Teams", "团队", "main td"),
    "causes": ("manager", "causes", "Causes and improvements", "原因与改进", "main td"),
    "standards": ("viewer", "standards?standards.as=table", "Standards", "服务标准", "main td"),
    "accounts": ("admin", "accounts", "Accounts", "账户", "main td"),
}
CHARTS = ["timeliness", "promises", "satisfaction", "loyalty", "teams", "causes", "standards", "follow-ups?tab=figures"]

# Drawings that need less than a table, a file and a list of cases, and why.
REASONS = {
    "promises": "the clocks of one case: each stands beside its numbers, on the page of its case",
    "score": "one customer's score: each bar stands beside its number and leads to the cases it is made of",
}


@pytest.fixture(scope="session")
def told(month):
    """A case with a broken promise, whose customer has a score."""
    case = month.case("number IN (SELECT case_number FROM intake.promise WHERE state = 5)"
                      " AND customer_number IN (SELECT customer_number FROM intake.survey_answer)")
    number = month.psql(f"SELECT customer_number FROM intake.service_case WHERE number = {case.split('-')[1]}")
    return {"case": case, "customer": spelled("K", number)}


@pytest.mark.parametrize("name", PAGES)
def test_page_is_sound_in_both_languages_and_themes(browser, told, name):
    user, address, english, chinese, figure = (part.format(**told) for part in PAGES[name])
    browser.play("pages.isSound", page={"name": name, "user": user, "hash": address, "figure": figure,
                                        "title": {"en": english, "zh-Hans": chinese}})


def test_page_comes_with_a_strict_policy(browser):
    browser.play("pages.headersAreStrict")


@pytest.mark.parametrize("name", [*PAGES, "follow-ups?tab=figures"])
def test_drawing_has_its_numbers_a_file_and_the_cases_behind_it(browser, told, name):
    user, address = PAGES.get(name, ("agent", name))[:2]
    found = browser.play("figures.areWhole", user=user, hash=address.format(**told), reasons=REASONS)
    assert found["drawn"] > 0 or name in ("today", "follow-ups", "cases", "accounts"), found


@pytest.mark.parametrize("address", CHARTS)
def test_cases_behind_the_drawings_of_a_page_are_listed(browser, address):
    found = browser.play("figures.leadToCases", hash=address)
    assert found["lists"] > 0 and found["cases"] > 0, found


@pytest.mark.parametrize("address", CHARTS)
def test_chart_says_the_same_as_its_table_and_its_file(browser, address):
    browser.play("figures.areTold", hash=address)


def test_file_is_downloaded_as_it_is_linked(browser):
    browser.play("figures.areDownloaded")
