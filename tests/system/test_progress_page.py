# SPDX-License-Identifier: Apache-2.0
"""The customer's progress page: what it shows, what can be said on it, and what it never shows or does."""

import base64
import hashlib
import re
import secrets
import time
import urllib.parse

import pytest

from tests.support.http_door import Answer, UnixConnection
from tests.support.intake_client import (IntakeClient, case_update, compensation, contact, now_us, profile, promise_given,
                                         promise_update)
from tests.support.system import ROOT, wait_until
from tests.support.web_user import Browser, WebUser

FORM = "application/x-www-form-urlencoded"
HOUR, DAY = 3600 * 10**6, 86400 * 10**6
EVIL = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>'


class Garage:
    """A customer with a case, and what the customer sees of it."""

    def __init__(self, system, language="en", zone="Asia/Shanghai", **settings):
        self.system = system
        system.key("reporting", ["events", "records", "disclosure"], disclosure_kinds=["case_texts"])
        self.source = IntakeClient(system.client("intake", "garage", rights=["records"]))
        for name in ["intake", "followup", "reporting"]:
            system.service_key(name)
        system.start("intake", **settings)
        self.store_questionnaire()
        self.reporting = system.start("reporting", progress_url="https://care.example/progress")
        self.send(profile("li", name="李小龙", phone="+8613800001234", email="li@example.com", language=language,
                          time_zone=zone))
        self.number = self.send(contact("li", kind="complaint", channel="phone", branch="north", category="safety",
                                        product="Model S 2.0", subject=EVIL, body="call 13800001234",
                                        case_ref="c1")).case_number
        self.token = self.link()
        about = "安全问题" if language.startswith("zh") else "the safety of your car"
        wait_until(lambda: about in self.page(), what="the questionnaire")

    def store_questionnaire(self):
        text = (ROOT / "deploy/config/questionnaire.conf").read_text()
        included = (ROOT / "deploy/config/servqual.conf").read_text()
        text = re.sub(r'(?m)^@include "servqual.conf"$', lambda _: included, text)
        self.system.psql("INSERT INTO followup.questionnaire_version (hash, body, first_used_at) VALUES"
                         f" ('{hashlib.md5(text.encode()).hexdigest()}', $body${text}$body$, now())")

    def send(self, one):
        receipt = self.source.send_one(one)
        assert receipt.code == "", receipt
        return receipt

    def update(self, action, **fields):
        return self.send(case_update(action, case_number=self.number, **fields))

    @property
    def case(self):
        return int(self.number.split("-")[1])

    def link(self, number=None, lasts="30 days"):
        """A link as reporting makes them."""
        random = secrets.token_bytes(16)
        digest = hashlib.sha256(random).digest()
        case = int((number or self.number).split("-")[1])
        self.system.psql("INSERT INTO reporting.progress_link (bucket, token_hash, case_number, created_at, created_by,"
                         f" expires_at) VALUES ({digest[0]}, '\\x{digest.hex()}', {case}, now(), 'test',"
                         f" now() + interval '{lasts}')")
        return base64.urlsafe_b64encode(random).rstrip(b"=").decode()

    def ask(self, method, token=None, body=None):
        connection = UnixConnection(self.system.http("reporting"), 20)
        headers = {} if body is None else {"Content-Type": FORM}
        path = "/progress/" + (self.token if token is None else token)
        connection.request(method, path, body=body, headers=headers)
        answer = Answer(connection.getresponse())
        connection.close()
        answer.text = answer.body.decode()
        return answer

    def page(self, token=None):
        answer = self.ask("GET", token)
        assert answer.status == 200, answer.text
        return answer.text

    def post(self, token=None, **fields):
        return self.ask("POST", token, urllib.parse.urlencode(fields))

    def say(self, deed, **fields):
        """Presses the button of a form as it is on the page now."""
        form = re.search(rf'name="do" value="{deed}">\s*<input type="hidden" name="v" value="(\d+)"', self.page())
        assert form, f"no form to {deed}"
        return self.post(do=deed, v=form.group(1), **fields)

    def facts(self):
        """All that intake knows, and the links: what a GET must not change."""
        return self.system.psql("""
            SELECT (SELECT count(*) FROM intake.receipt), (SELECT sum(version) FROM intake.service_case),
                   (SELECT sum(version) FROM intake.promise), (SELECT count(*) FROM intake.expectation),
                   (SELECT count(*) FROM intake.survey_answer), (SELECT count(*) FROM intake.contact_text),
                   (SELECT sum(seq) FROM log.head WHERE stream LIKE 'intake%'),
                   (SELECT md5(string_agg(l::text, '' ORDER BY token_hash)) FROM reporting.progress_link l)""")

    def state(self):
        return self.system.psql(f"SELECT state, reopened_count, priority FROM intake.service_case WHERE number = {self.case}")


@pytest.fixture
def garage(system):
    return Garage(system)


def section(page, name):
    found = re.search(rf'<section[^>]*aria-labelledby="{name}">(.*?)</section>', page, re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.group(1))).replace(" ,", ",").strip() if found else ""


# ---- what it shows


def test_it_shows_what_was_asked_promised_and_whose_turn_it_is_without_name_or_number(garage):
    answer = garage.ask("GET")
    page = answer.text
    assert answer.status == 200
    assert "Your complaint: the safety of your car" in page and "Model S 2.0" in page
    assert "time zone Asia/Shanghai (UTC+8)" in page and '<html lang="en">' in page
    assert "It is our turn." in section(page, "turn") and "owe you a first answer" in section(page, "turn")
    promises = section(page, "promises")
    assert "A first answer, by" in promises and "A solution, by" in promises and promises.count("We are on it.") == 2
    assert "You told us about it." in section(page, "history")
    for secret in ["李小龙", "8613800001234", "13800001234", "li@example.com", garage.number, "service_manager", "c1<",
                   garage.token, "north"]:
        assert secret not in page
    assert "script" not in page and "alert(" not in page


def test_its_headers_let_nobody_list_keep_frame_or_follow_it(garage):
    for answer in [garage.ask("GET"), garage.ask("HEAD"), garage.ask("GET", "A" * 22), garage.ask("GET", garage.link(lasts="-1 s"))]:
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Cache-Control"] == "no-store"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert "script-src" not in policy
    page = garage.page()
    style = re.search(r"<style>(.*?)</style>", page, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in garage.ask("GET").headers["Content-Security-Policy"]


def test_it_speaks_chinese_in_the_customers_zone(system):
    garage = Garage(system, language="zh-CN", zone="Europe/Paris")
    page = garage.page()
    assert '<html lang="zh-Hans">' in page and "您的投诉：您车辆的安全问题" in page
    assert "现在轮到我们。" in page and "Europe/Paris 时区（UTC+" in page and re.search(r"\d+年\d+月\d+日（周.）\d\d:\d\d", page)
    english = re.sub(r"<style>.*?</style>|<[^>]+>|Model S 2.0|Europe/Paris|UTC", "", page, flags=re.S)
    assert not re.search(r"[A-Za-z]{3}", english)


def test_a_promise_is_told_in_its_words_until_it_is_kept_and_the_reading_is_written_down(garage):
    words = f"The pump is in your car by Friday {EVIL}, call +86 138-0000-1234 or x@y.example"
    garage.send(promise_given(now_us() + DAY, words=words, case_number=garage.number, promise_ref="p1", staff="zhang3"))
    page = garage.page()
    assert "The pump is in your car by Friday &lt;script&gt;" in page and "<script" not in page and "<img" not in page
    for secret in ["138-0000-1234", "x@y.example", "zhang3"]:
        assert secret not in page
    assert garage.system.psql("SELECT DISTINCT purpose, outcome FROM intake.disclosure") == "page progress|disclosed"
    before = section(page, "promises")
    assert "What we told you" in before and before.count("We are on it.") == 3
    garage.send(promise_update("kept", case_number=garage.number, promise_ref="p1"))
    after = garage.page()
    assert "Kept, on" in section(after, "promises") and "We kept a promise." in section(after, "history")


def test_without_an_answer_of_intake_the_words_are_left_out(garage):
    garage.send(promise_given(now_us() + DAY, words="by Friday", case_number=garage.number, promise_ref="p1"))
    next(p for p in garage.system.processes if p.name == "intake").kill()
    page = garage.page()
    assert "by Friday" not in page and "What we told you" in section(page, "promises")


def test_a_broken_promise_is_said_to_be_broken_and_a_new_date_to_be_one(garage):
    garage.send(promise_given(now_us() + HOUR, words="one", case_number=garage.number, promise_ref="p1"))
    garage.send(promise_update("renegotiated", case_number=garage.number, promise_ref="p1", new_promise_ref="p2",
                               due_us=now_us() + 1_500_000, note="two"))
    page = garage.page()
    assert "You agreed to another date instead." in page and "In place of an earlier date." in page
    assert "<q>one</q>" in page and "<q>two</q>" in page
    wait_until(lambda: "Broken: we did not do it in time." in garage.page(), what="the break")
    assert "We did not do in time what we had promised." in section(garage.page(), "turn")


@pytest.mark.parametrize("actions, turn, history", [
    (["responded"], "We are working on it.", "We answered you."),
    (["waiting_customer"], "go on as soon as you have answered", "We asked you for something."),
    (["waiting_third_party"], "such as a part", "We began to wait for others"),
    (["resolved"], "Is it? If it is not solved", "We said that it is done."),
    (["resolved", "closed"], "Nothing is open any more", "It was closed."),
    (["resolved", "reopened"], "working on it again", "It was opened again"),
])
def test_whose_turn_it_is_follows_the_case(garage, actions, turn, history):
    for action in actions:
        garage.update(action, staff="zhang3", note="inner words")
    page = garage.page()
    assert turn in section(page, "turn") and history in section(page, "history")
    assert "zhang3" not in page and "inner words" not in page


def test_while_we_wait_for_the_customer_the_time_of_a_promise_stands_still(garage):
    garage.update("waiting_customer")
    assert "the time stands still until we hear from you" in section(garage.page(), "promises")


def test_money_that_we_owe_is_told(garage):
    garage.send(compensation("voucher", now_us() + DAY, case_number=garage.number, promise_ref="v", amount_minor=19900,
                             currency="CNY"))
    assert "Voucher: 199.00 CNY" in section(garage.page(), "money")


def test_a_merged_case_shows_the_one_that_goes_on(garage):
    other = garage.send(contact("li", kind="request", channel="web", product="Tyres", case_ref="c2")).case_number
    garage.send(case_update("merged", case_number=garage.number, into_case_number=other))
    page = garage.page()
    assert "Your service request" in page and "Tyres" in page and "We go on with it here." in page


def test_an_erased_customer_has_no_page(garage):
    garage.system.psql("UPDATE intake.customer SET wrapped_key = NULL, key_generation = 1")
    assert garage.ask("GET").status == 410 and garage.post(do="unsolved", v=0).status == 410


# ---- finish dates


def curve(garage, computed="now() - interval '1 day'"):
    """Ten in a hundred take each hour more: half of all by five hours, nine in ten by nine."""
    hours = [f"{h}::int8 * {HOUR}" for h in range(1, 11)]
    shares = [f"{1 - h / 10:.1f}" for h in range(1, 11)]
    garage.system.psql(f"""
        INSERT INTO intake.forecast (kind, owner_team, calendar, computed_at, past_cases, kept_cases, known_us, counted_us,
            still_open, error) VALUES ('resolution', 'service_manager', '24x7', {computed}, 100, 100, NULL,
            ARRAY[{",".join(hours)}], ARRAY[{",".join(shares)}]::float8[], array_fill(0.0::float8, ARRAY[10]))""")


def test_finish_dates_come_from_the_past_and_from_the_time_that_has_passed(system):
    garage = Garage(system, zone="UTC")
    assert "too few" in section(garage.page(), "finish")
    curve(garage)
    opened = int(system.psql("SELECT extract(epoch FROM opened_at)::bigint FROM intake.service_case"))

    def dates():
        text = section(garage.page(), "finish")
        found = re.findall(r"(\d+ \w+ \d{4}, \d\d:\d\d)", text)
        return [time.mktime(time.strptime(one, "%d %b %Y, %H:%M")) - time.timezone for one in found], text

    (half, most), text = dates()
    assert abs(half - (opened + 5 * 3600)) < 120 and abs(most - (opened + 9 * 3600)) < 120 and "100 such cases" in text
    # Six hours later 4 in 10 are left: half of them, so 2 in 10, are open after 8 hours, and 0.4 in 10 after 10.
    system.psql("UPDATE intake.promise SET made_at = made_at - interval '6 h'")
    (half, most), _ = dates()
    assert abs(half - (opened + 2 * 3600)) < 120 and abs(most - (opened + 4 * 3600)) < 120


def test_how_right_such_dates_were_is_counted_from_cases_that_came_later(system):
    """Of 40 dates that are past, 20 and 35 were met; the forecast of a new case is written down by itself."""
    garage = Garage(system)
    curve(garage)
    wait_until(lambda: system.psql("SELECT count(*) FROM reporting.finish_forecast WHERE case_number ="
                                   f" {garage.case}") == "1", seconds=40, what="the forecast of the case")
    garage.reporting.terminate()
    system.psql("""
        INSERT INTO intake.service_case (bucket, number, customer_number, version, state, kind, priority, standard_id, rule,
            opened_at, resolved_at, last_contact_at, is_historical)
        SELECT 1, n * 256 + 1, 257, 1, CASE WHEN n <= 35 THEN 5 ELSE 2 END, 2, 3, 1, 'r', now() - interval '9 d',
            CASE WHEN n <= 20 THEN now() - interval '8 d' WHEN n <= 35 THEN now() - interval '6 d' END, now(), false
          FROM generate_series(1, 40) n;
        INSERT INTO reporting.finish_forecast SELECT 1, n * 256 + 1, now() - interval '7 d', now() - interval '5 d',
            now() - interval '9 d' FROM generate_series(1, 40) n""")
    system.start("reporting", progress_url="https://care.example/progress")
    told = "of 40 cases in the last 90 days, 50 % were done by the first date and 88 % by the second."
    wait_until(lambda: told in section(garage.page(), "finish"), what="the record")


# ---- what can be said


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


def at_once(garage, forms):
    connections = [UnixConnection(garage.system.http("reporting"), 20) for _ in forms]
    for connection, form in zip(connections, forms, strict=True):
        connection.request("POST", "/progress/" + garage.token, body=urllib.parse.urlencode(form),
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
    at_once(garage, [{"do": "call", "v": 0, "at": at} for at in slots[:6]])
    assert garage.system.psql("SELECT count(*) FROM intake.promise WHERE standard_id = 0") == "1"


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


# ---- links


def test_a_link_that_expired_was_revoked_or_is_nobodys_shows_nothing(garage):
    assert garage.ask("GET", garage.link(lasts="-1 s")).status == 410
    garage.system.psql("UPDATE reporting.progress_link SET revoked_at = now()")
    assert garage.ask("GET").status == 410 and garage.post(do="unsolved", v=0).status == 410
    for wrong in ["A" * 22, "x", garage.token + "A", garage.token[:-1] + "%00", "..", "%2e%2e%2f"]:
        answer = garage.ask("GET", wrong)
        assert answer.status in (400, 404), wrong


def test_whoever_guesses_has_to_wait_after_ten(garage):
    statuses = [garage.ask("GET", secrets.token_urlsafe(16)).status for _ in range(14)]
    assert statuses[:9] == [404] * 9 and 429 in statuses[10:]
    assert garage.ask("GET").status == 200, "who has a link is served"


def test_what_is_said_and_looked_at_by_one_link_has_a_limit(garage):
    statuses = [garage.post(do="call", v=0, at="x").status for _ in range(25)]
    assert statuses[:20] == [400] * 20 and statuses[-1] == 429
    other = garage.link()
    assert garage.ask("POST", other, urllib.parse.urlencode({"do": "call", "v": 0, "at": "x"})).status == 400
    looks = []
    while (not looks or looks[-1] != 429) and len(looks) < 2000:
        looks.append(garage.ask("HEAD").status)
    assert looks[-1] == 429 and set(looks[:250]) == {200} and garage.ask("HEAD", other).status == 200


def test_a_link_of_a_case_that_was_merged_is_taken_back_with_the_one_that_goes_on(garage):
    other = garage.send(contact("li", kind="request", channel="web", product="Tyres", case_ref="c2")).case_number
    garage.send(case_update("merged", case_number=garage.number, into_case_number=other))
    assert garage.ask("GET").status == 200
    answer = WebUser(garage.system, "mei", role="manager").delete(f"/v1/cases/{other}/link")
    assert answer.json["revoked"] == 1 and garage.ask("GET").status == 410


def test_a_hundred_mail_scanners_change_nothing_and_the_token_is_in_no_log(garage):
    garage.send(promise_given(now_us() + DAY, words="by Friday", case_number=garage.number, promise_ref="p1"))
    garage.update("resolved")
    before = garage.facts()
    for i in range(100):
        assert garage.ask("HEAD" if i % 3 else "GET").status == 200
    assert garage.facts() == before
    garage.say("unsolved", comment="13800001234")
    for process in garage.system.processes:
        log = process.log()
        assert garage.token not in log and "13800001234" not in log and "李小龙" not in log
    stored = garage.system.psql("SELECT l::text FROM reporting.progress_link l")
    assert garage.token not in stored


def test_a_manager_makes_links_and_takes_all_of_them_back(garage):
    mei = WebUser(garage.system, "mei", role="manager")
    path = f"/v1/cases/{garage.number}/link"
    made = [mei.post(path, {"days": 2}), mei.post(path, {})]
    assert [answer.status for answer in made] == [200, 200], made[0].body
    for answer, days in zip(made, [2, 30], strict=True):
        assert answer.json["url"].startswith("https://care.example/progress/")
        assert abs(answer.json["expires_us"] - now_us() - days * DAY) < HOUR
        assert garage.ask("GET", answer.json["url"].rsplit("/", 1)[1]).status == 200
    assert garage.system.psql("SELECT count(*) FROM reporting.progress_link WHERE created_by = 'mei'") == "2"
    for body in [{"days": 0}, {"days": 31}, {"days": 2**40}, {"days": 5 - 2**32}, {"days": "3"}]:
        assert mei.post(path, body).status == 400
    assert mei.post("/v1/cases/C-1-1/link", {}).status == 404
    answer = mei.delete(path)
    assert answer.status == 200 and answer.json["revoked"] == 3
    assert garage.ask("GET", made[0].json["url"].rsplit("/", 1)[1]).status == 410 and garage.ask("GET").status == 410
    log = garage.reporting.log()
    assert "progress_link_made" in log and made[0].json["url"].rsplit("/", 1)[1] not in log


def test_others_than_managers_make_no_links(garage):
    path = f"/v1/cases/{garage.number}/link"
    agent = WebUser(garage.system, "an", role="agent")
    assert agent.post(path, {}).status == 403 and agent.delete(path).status == 403
    assert Browser(garage.system).post(path, {}).status in (401, 403)
    assert garage.system.psql("SELECT count(*) FROM reporting.progress_link") == "1"


@pytest.mark.parametrize("rights, status", [(["reports", "disclosure"], 0), (["reports"], 1)])
def test_the_command_line_makes_links_for_who_may_read_words(garage, rights, status):
    key = garage.system.key("desk", rights)
    config = garage.system.folder / "troth.conf"
    config.write_text(f'key_file = "{key.path}";\nreporting = "{garage.system.endpoint("reporting")}";\n'
                      f'reporting_key = "{garage.system.service_key("reporting").public_path}";\n')

    def troth(*arguments):
        return garage.system.run("troth", "case", "link", garage.number, *arguments, "--config", config)

    done = wait_until(lambda: (lambda d: d if d.returncode == status else None)(troth("--days", "3")), what="an answer")
    if status == 0:
        token = re.search(r"https://care.example/progress/(\S+)", done.stdout).group(1)
        assert garage.ask("GET", token).status == 200
        assert "links taken back  2" in troth("--revoke").stdout
        assert garage.ask("GET", token).status == 410
    else:
        assert "disclosure" in done.stderr + done.stdout
    assert garage.system.psql("SELECT count(*) FROM reporting.progress_link") == str(2 if status == 0 else 1)
