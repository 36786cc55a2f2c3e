# SPDX-License-Identifier: Apache-2.0
"""The customer's progress page: what it shows, and what it never shows."""

import base64
import hashlib
import re
import time

import intake_pb2 as pb
import pytest

from tests.support.intake_client import (case_update, compensation, contact, now_us, promise_given, promise_update, purchase,
                                         record)
from tests.support.progress_garage import DAY, EVIL, HOUR, Garage, section
from tests.support.system import wait_until


@pytest.fixture
def garage(system):
    return Garage(system)


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


def test_money_given_back_is_told_for_what_the_case_is_about_alone(garage):
    garage.send(purchase("li", order_ref="o1", product="Model S 2.0"))
    for amount_minor, fields in [(19900, {"product": "Model S 2.0"}), (2900, {"order_ref": "o1"}), (77700, {"product": "Tyres"}),
                                 (88800, {"order_ref": "o2"}), (99900, {})]:
        garage.send(record(refund=pb.Refund(customer_ref="li", amount_minor=amount_minor, currency="CNY", **fields)))
    money = section(garage.page(), "money")
    assert "Money given back for it since then: 199.00 CNY" in money and "29.00 CNY" in money
    assert not any(other in money for other in ["777", "888", "999"])


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
