# SPDX-License-Identifier: Apache-2.0
"""What customers say on the progress page."""

import re
import time
import urllib.parse

import pytest

from tests.support.http_door import Answer, UnixConnection
from tests.support.intake_client import case_update, contact, now_us
from tests.support.progress_garage import DAY, FORM, HOUR, Garage, section
from tests.support.system import wait_until


@pytest.fixture
def garage(system):
    return Garage(system)


def test_confirming_an_expectation_is_one_fact_however_often_it_is_sent(garage):
    page = garage.page()
    at, basis = re.search(r'name="at" value="(\d+)"', page).group(1), re.search(r'name="v" value="(\d+)"', page).group(1)
    first = garage.post(do="expect", v=basis, at=at)
    assert first.status == 200 and "Your date is written down." in first.text
    again = garage.post(do="expect", v=basis, at=at)
    assert again.status == 200 and "You had told us already." in again.text
    assert garage.system.psql("SELECT count(*), bool_and(is_confirmed) FROM intake.expectation") == "1|t"
    page = garage.page()
    assert "You told us that you expect it by" in section(page, "expect") and "Yes, that is what I expect" not in page


def test_another_day_ends_with_that_day_in_the_customers_zone(garage):
    assert garage.say("expect", date="2026-13-40").status == 400
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 5 * 86400))
    assert garage.say("expect", date=day).status == 200
    assert garage.system.psql("SELECT expected_at AT TIME ZONE 'Asia/Shanghai' FROM intake.expectation") == f"{day} 23:59:59.999999"
    other = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 6 * 86400))
    assert garage.say("expect", date=other).status == 200 and garage.say("expect", date=day).status == 200
    assert garage.system.psql("SELECT count(*) FROM intake.expectation") == "3", "who changes their mind back is heard"


def test_not_solved_opens_the_case_again_once_and_more_urgently(garage):
    assert "Is it not solved?" not in garage.page()
    garage.update("resolved")
    basis = {"do": "unsolved", "v": 0, "comment": "still leaks"}
    first = garage.post(**basis)
    assert first.status == 200 and "opened it again" in first.text
    assert garage.state() == "2|1|1"
    assert "You had told us already." in garage.post(**basis).text
    assert garage.state() == "2|1|1"
    assert "You said that it was not kept." in garage.page() and "still leaks" not in garage.page()
    garage.update("resolved")
    for old in [0, 2, 2**62]:
        assert garage.post(do="unsolved", v=old).status == 409 and garage.state().startswith("5|1"), "it opens nothing"
    assert garage.say("unsolved").status == 200 and garage.state().startswith("2|2")


def test_a_call_that_is_asked_for_is_a_promise_in_words(garage):
    slots = re.findall(r'<option value="(\d+)">[^<]*, (\d\d):00–(\d\d):00', garage.page())
    assert slots and all(8 <= int(begin) <= 19 for _, begin, _ in slots)
    at = slots[-1][0]
    for wrong in [int(at) + 1, 0, now_us() - DAY, int(at) + 30 * DAY]:
        assert garage.post(do="call", v=0, at=wrong).status == 409
    first = garage.say("call", at=at)
    assert first.status == 200 and "We will call you between" in first.text
    for hour in [at, slots[0][0], slots[1][0]]:
        assert "You had told us already." in garage.post(do="call", v=0, at=hour).text, "one call at a time"
    assert garage.system.psql("SELECT kind, extract(epoch FROM due_at)::int8 * 1000000, is_due_fixed FROM intake.promise"
                              " WHERE standard_id = 0") == f"callback|{int(at) + HOUR}|t"
    page = garage.page()
    assert "A call between" in section(page, "promises") and "Please call me then" not in page
    assert garage.post(do="call", v=0, at="x").status == 400


def test_the_survey_of_a_resolved_case_is_answered_question_by_question(garage):
    assert "How did we do?" not in garage.page()
    garage.update("resolved")
    wait_until(lambda: 'name="q_csat"' in garage.page(), what="the questions")
    assert garage.say("survey").status == 400 and garage.say("survey", q_csat=9).status == 400
    first = garage.say("survey", q_csat=4, comment="fine")
    assert first.status == 200 and "Your answers have been saved." in first.text
    assert garage.system.psql("SELECT instrument, value, follow_up_number IS NULL FROM intake.survey_answer") == "1|4|t"
    page = garage.page()
    assert 'name="q_csat"' not in page and 'name="q_ces"' in page and "You answered our questions." in page
    again = garage.post(do="survey", v=0, q_csat=1, q_ces=6)
    assert again.status == 200
    assert garage.system.psql("SELECT instrument, value FROM intake.survey_answer ORDER BY 1") == "1|4\n3|6"
    assert garage.say("survey", q_solved=1).status == 200
    assert garage.system.psql("SELECT max(customer_word) FROM intake.promise WHERE kind = 'resolution'") == "1"
    assert "How did we do?" not in garage.page() and "You told us so, too." in garage.page()


def test_what_is_saved_in_part_is_said_and_may_be_sent_again(system):
    key = system.key("reporting", ["events", "records", "disclosure"], record_kinds=["promise_update", "survey_answer"],
                     disclosure_kinds=["case_texts"])
    garage = Garage(system)
    garage.update("resolved")
    answer = garage.post(do="unsolved", v=0)
    assert answer.status == 500
    assert "Only a part of this could be saved." in answer.text and garage.state().startswith("5|0")
    system.register(key, ["events", "records", "disclosure"], disclosure_kinds=["case_texts"])
    next(p for p in system.processes if p.name == "intake").kill()
    system.start("intake")
    wait_until(lambda: garage.post(do="unsolved", v=0).status == 200, what="the rest")
    assert garage.state() == "2|1|1"


def at_once(garage, forms, other_link=None):
    """other_link: of the same case, for every second one."""
    links = [garage.token, other_link or garage.token]
    connections = [UnixConnection(garage.system.http("reporting"), 20) for _ in forms]
    for i, (connection, form) in enumerate(zip(connections, forms, strict=True)):
        connection.request("POST", "/progress/" + links[i % 2], body=urllib.parse.urlencode(form),
                           headers={"Content-Type": FORM})
    answers = [Answer(connection.getresponse()) for connection in connections]
    for connection in connections:
        connection.close()
    return [answer.status for answer in answers]


def test_posts_at_once_with_other_counts_are_not_counted_each(garage):
    garage.update("resolved")
    wait_until(lambda: 'name="q_csat"' in garage.page(), what="the questions")
    statuses = at_once(garage, [{"do": "survey", "v": v, "q_csat": 1} for v in range(6)])
    assert statuses[0] == 200 and set(statuses[1:]) <= {409, 200}
    assert garage.system.psql("SELECT count(*) FROM intake.survey_answer") == "1"


def test_calls_at_other_hours_at_once_are_one_call(garage):
    slots = re.findall(r'<option value="(\d+)">', garage.page())
    statuses = at_once(garage, [{"do": "call", "v": 0, "at": at} for at in slots[:6]], garage.link())
    assert 200 in statuses and set(statuses) <= {200, 409}
    assert garage.system.psql("SELECT count(*) FROM intake.promise WHERE standard_id = 0") == "1"


def test_a_call_that_is_asked_for_after_a_merge_is_promised(garage):
    at = re.findall(r'<option value="(\d+)">', garage.page())
    assert garage.post(do="call", v=0, at=at[0]).status == 200
    other = garage.send(contact("li", kind="request", channel="web", product="Tyres", case_ref="c2")).case_number
    garage.send(case_update("merged", case_number=garage.number, into_case_number=other))
    assert "We will call you between" in garage.post(do="call", v=0, at=at[1]).text
    assert garage.system.psql("SELECT case_number, count(*) FROM intake.promise WHERE standard_id = 0 GROUP BY 1 ORDER BY 1"
                              ) == "\n".join(f"{number}|1" for number in sorted([garage.case, int(other.split("-")[1])]))


def test_two_posts_at_once_are_one(garage):
    garage.update("resolved")
    assert set(at_once(garage, [{"do": "unsolved", "v": 0}] * 8)) == {200}
    assert garage.state() == "2|1|1"
    assert garage.system.psql("SELECT count(*) FROM intake.case_event WHERE action = 7") == "1"


def test_what_no_form_of_ours_sends_does_nothing(garage):
    before = garage.facts()
    for fields in [{}, {"do": "expect"}, {"do": "expect", "v": 0}, {"do": "delete", "v": 0}, {"do": "expect", "v": -1, "at": 1},
                   {"do": "expect", "v": 0, "at": 1}, {"do": "expect", "v": 0, "at": 2**63 - 1}, {"do": "call", "v": 0},
                   {"do": "expect", "v": 0, "date": "tomorrow"}]:
        assert garage.post(**fields).status == 400, fields
    for fields in [{"do": "unsolved", "v": 0}, {"do": "survey", "v": 0, "q_csat": 5}]:
        assert garage.post(**fields).status == 409, fields
    assert garage.ask("PUT").status == 405 and garage.facts() == before


def test_while_intake_is_away_the_customer_is_asked_to_try_again(garage):
    garage.update("resolved")
    next(p for p in garage.system.processes if p.name == "intake").kill()
    answer = garage.post(do="unsolved", v=0)
    assert answer.status == 503 and "try again" in answer.text and "请稍后再试" in answer.text
    garage.system.start("intake")
    wait_until(lambda: garage.post(do="unsolved", v=0).status == 200, what="an answer")
    assert garage.state() == "2|1|1"
