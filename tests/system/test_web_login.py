# SPDX-License-Identifier: Apache-2.0
"""Logging in and out by HTTP, how long it lasts, and who guesses."""

import json
import re
import secrets
import threading

import pytest

from tests.support.http_door import Answer, UnixConnection
from tests.support.system import wait_until
from tests.support.web_user import COOKIE, PASSWORD, Browser, WebUser, add_user, code, troth

OTHER = "nine quiet rivers meet"
WRONG = "not the password at all"


@pytest.fixture
def door(system):
    system.start("reporting")
    return system


# ---- logging in


def test_a_login_shows_who_one_is_and_sets_a_cookie_that_scripts_and_others_cannot_use(door):
    user = WebUser(door, "li.wei", role="agent", staff="w3", language="zh-Hans")
    assert user.session.json.items() >= {"name": "li.wei", "role": "agent", "staff": "w3",
                                         "language": "zh-Hans", "time_zone": "Asia/Shanghai"}.items()
    assert re.fullmatch(r"[0-9a-f]{32}", user.session.json["csrf_token"])
    cookie = user.session.headers["Set-Cookie"]
    assert re.fullmatch(COOKIE + r"=[0-9a-f]{64}; Path=/; HttpOnly; SameSite=Strict; Secure", cookie)
    assert user.get("/v1/session").json["csrf_token"] == user.csrf


def test_only_hashes_of_tokens_and_passwords_are_stored(door):
    user = WebUser(door)
    dump = door.psql("SELECT * FROM reporting.user_session, reporting.user_account")
    assert user.cookie not in dump and PASSWORD not in dump
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in dump
    assert PASSWORD not in door.processes[0].log() and user.cookie not in door.processes[0].log()


@pytest.mark.parametrize("name, password", [
    ("mei", WRONG), ("nobody", PASSWORD), ("", PASSWORD), ("mei", ""), ("mei", "x" * 128),
    ("Mei'--", PASSWORD),
])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(door, name, password):
    add_user(door, "mei")
    answer = Browser(door).log_in(name, password)
    assert code(answer) == (401, "login_failed")
    assert answer.json["text"] == "name or password is wrong"
    assert "Set-Cookie" not in answer.headers


def test_a_name_may_be_typed_in_capitals(door):
    add_user(door, "mei")
    assert Browser(door).log_in("Mei").status == 200


@pytest.mark.parametrize("body", [
    {}, {"name": "mei"}, {"name": 1, "password": PASSWORD}, {"name": "mei", "password": None},
    {"name": "mei", "password": ["x"]}, {"name": "m" * 65, "password": PASSWORD},
    {"name": "mei", "password": "x" * 200},
])
def test_a_login_without_a_name_and_a_password_is_no_login(door, body):
    assert code(Browser(door).post("/v1/session", body)) == (400, "request_invalid")


def test_without_a_session_there_is_nothing_to_see(door):
    guest = Browser(door)
    assert code(guest.get("/v1/session")) == (401, "login_needed")
    assert code(guest.get("/v1/users")) == (401, "login_needed")
    assert code(guest.delete("/v1/session")) == (401, "login_needed")


def test_each_login_has_a_new_token_and_ends_the_session_that_was_there(door):
    user = WebUser(door)
    first = user.cookie
    assert user.log_in("mei").status == 200
    assert user.cookie != first
    old = Browser(door)
    old.cookie = first
    assert code(old.get("/v1/session")) == (401, "login_needed")


def test_a_token_that_somebody_else_chose_is_not_taken(door):
    add_user(door, "mei")
    user = Browser(door)
    user.cookie = chosen = secrets.token_hex(32)
    assert user.log_in("mei").status == 200
    assert user.cookie != chosen
    thief = Browser(door)
    thief.cookie = chosen
    assert thief.get("/v1/session").status == 401


def test_two_cookies_of_our_name_are_none(door):
    user = WebUser(door)
    both = f"{COOKIE}={user.cookie}; {COOKIE}={secrets.token_hex(32)}"
    assert user.get("/v1/session", Cookie=both).status == 401
    assert user.get("/v1/session", Cookie=f"a=b; {COOKIE}={user.cookie}; c").status == 200


# ---- and out


def test_a_logout_ends_the_session_and_takes_the_cookie_away(door):
    user = WebUser(door)
    token = user.cookie
    answer = user.delete("/v1/session")
    assert (answer.status, answer.json) == (200, {})
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    user.cookie = token
    assert user.get("/v1/session").status == 401


def test_a_session_ends_when_it_is_not_used(system):
    system.start("reporting", session_idle="1s")
    user = WebUser(system)
    assert user.get("/v1/session").status == 200
    wait_until(lambda: user.get("/v1/session", X_Quiet="1").status == 401, what="the idle end")


def test_a_session_ends_after_its_time_used_or_not(system):
    system.start("reporting", session_max="2s")
    user = WebUser(system)
    wait_until(lambda: user.get("/v1/users").status == 401, what="the end")


def test_a_new_password_ends_the_other_sessions_and_not_ones_own(door):
    user = WebUser(door)
    elsewhere = Browser(door)
    elsewhere.log_in("mei")
    answer = user.put("/v1/session/password", {"old": PASSWORD, "new": OTHER})
    assert (answer.status, answer.json) == (200, {})
    assert user.get("/v1/session").status == 200
    assert elsewhere.get("/v1/session").status == 401
    assert Browser(door).log_in("mei").status == 401
    assert Browser(door).log_in("mei", OTHER).status == 200


@pytest.mark.parametrize("old, new, wanted", [
    (WRONG, OTHER, (401, "login_failed")),
    (PASSWORD, "short", (400, "password_invalid")),
    (PASSWORD, "passwordpassword", (400, "password_invalid")),
    (PASSWORD, "123456789012", (400, "password_invalid")),
    (PASSWORD, "aaaaaaaaaaaaaaa", (400, "password_invalid")),
    (PASSWORD, "x" * 129, (400, "password_invalid")),
    (PASSWORD, None, (400, "request_invalid")),
])
def test_a_password_is_not_changed_to_a_bad_one_or_by_somebody_else(door, old, new, wanted):
    user = WebUser(door)
    assert code(user.put("/v1/session/password", {"old": old, "new": new})) == wanted
    assert Browser(door).log_in("mei").status == 200


def test_the_language_is_kept(door):
    user = WebUser(door)
    assert user.put("/v1/session/language", {"language": "zh-Hans"}).status == 200
    assert user.get("/v1/session").json["language"] == "zh-Hans"
    assert code(user.put("/v1/session/language", {"language": "fr"})) == (400, "language_invalid")


# ---- the operator's words end sessions, too


def test_the_operator_ends_an_account_and_opens_it_again(door):
    user = WebUser(door)
    troth(door, "user", "disable", "mei")
    assert user.get("/v1/session").status == 401
    assert code(Browser(door).log_in("mei")) == (401, "login_failed")
    troth(door, "user", "enable", "mei")
    assert user.get("/v1/session").status == 401
    assert Browser(door).log_in("mei").status == 200


def test_the_operator_changes_role_staff_code_and_language(door):
    user = WebUser(door, language="en")
    troth(door, "user", "set", "mei", "--role", "agent", "--staff", "w7")
    assert user.get("/v1/session").json.items() >= {"role": "agent", "staff": "w7", "language": "en"}.items()
    troth(door, "user", "set", "mei", "--language", "zh-Hans")
    assert user.get("/v1/session").json.items() >= {"role": "agent", "staff": "w7", "language": "zh-Hans"}.items()
    troth(door, "user", "set", "nobody", "--staff", "w7", status=1)
    for wrong in [(), ("--role", "boss"), ("--language", "fr"), ("--staff", "x" * 65)]:
        troth(door, "user", "set", "mei", *wrong, status=2)


def test_the_operator_sets_a_password_and_the_sessions_are_over(door):
    user = WebUser(door)
    troth(door, "user", "password", "mei", text=OTHER + "\n")
    assert user.get("/v1/session").status == 401
    assert Browser(door).log_in("mei", OTHER).status == 200


# ---- who guesses


def test_who_guesses_waits_and_others_do_not(door):
    add_user(door, "mei")
    add_user(door, "wang")
    guesser = Browser(door)
    answers = [guesser.log_in("mei", WRONG) for _ in range(5)]
    assert [answer.status for answer in answers] == [401] * 5
    delayed = guesser.log_in("mei")
    assert code(delayed) == (429, "too_many") and int(delayed.headers["Retry-After"]) >= 1
    assert guesser.log_in("wang").status == 200
    wait_until(lambda: guesser.log_in("mei").status == 200, what="the end of the delay")
    assert guesser.log_in("mei").status == 200


def test_strangers_do_not_keep_somebody_out_who_logged_in_from_the_same_address(system):
    system.start("reporting", proxy_header="X-Remote-User", proxy_addresses="unix")
    add_user(system, "mei")
    assert Browser(system).log_in("mei", X_Forwarded_For="192.0.2.7").status == 200
    for i in range(13):
        statuses = [Browser(system).log_in("mei", WRONG, X_Forwarded_For=f"198.51.100.{i}").status for _ in range(4)]
    assert statuses[-1] == 429, "the guesses of all together"
    assert code(Browser(system).log_in("mei", X_Forwarded_For="203.0.113.5")) == (429, "too_many")
    assert Browser(system).log_in("mei", X_Forwarded_For="192.0.2.7").status == 200
    answers = [Browser(system).log_in("mei", WRONG, X_Forwarded_For="192.0.2.7").status for _ in range(6)]
    assert answers[-1] == 429, "who guesses there waits, too"


def test_whose_address_many_names_were_tried_from_logs_in_there_all_the_same(door):
    add_user(door, "mei")
    add_user(door, "wang")
    assert Browser(door).log_in("mei").status == 200
    statuses = [Browser(door).log_in(f"nobody{i}", WRONG).status for i in range(31)]
    assert statuses == [401] * 30 + [429]
    assert [Browser(door).log_in("mei").status for _ in range(2)] == [200] * 2
    assert code(Browser(door).log_in("wang")) == (429, "too_many"), "who is not known there waits"


def test_logins_keep_no_wrong_tries_alive(door):
    def pass_hours(hours):
        door.psql(f"UPDATE reporting.login_failure SET first_at = first_at - interval '{hours} h',"
                  f" last_at = last_at - interval '{hours} h'")

    add_user(door, "mei")
    add_user(door, "wang")
    assert [Browser(door).log_in(f"nobody{i}", WRONG).status for i in range(30)] == [401] * 30
    pass_hours(13)
    assert Browser(door).log_in("mei").status == 200
    assert Browser(door).log_in("wang").status == 200, "a login makes nobody wait"
    pass_hours(12)
    assert Browser(door).log_in("zhao", WRONG).status == 401
    assert Browser(door).log_in("qian", WRONG).status == 401, "those of yesterday are forgotten"
    assert door.psql("SELECT max(failures) FROM reporting.login_failure") == "2"


def test_the_address_is_the_last_one_of_the_last_header_and_an_address(system):
    system.start("reporting", proxy_header="X-Remote-User", proxy_addresses="unix")
    add_user(system, "mei")
    connection = UnixConnection(system.http("reporting"), 20)

    def guess(*lists):
        body = json.dumps({"name": "mei", "password": WRONG})
        connection.putrequest("POST", "/v1/session")
        for one in lists:
            connection.putheader("X-Forwarded-For", one)
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body.encode())
        return Answer(connection.getresponse()).status

    tries = [guess(f"9.9.9.{i}", "192.0.2.1") for i in range(3)]
    tries += [guess(f"9.9.8.{i}, 192.0.2.1 ") for i in range(2)]
    assert tries == [401] * 5 and guess("9.9.9.9", "192.0.2.1") == 429
    assert guess("192.0.2.1", "192.0.2.2") == 401
    tries = [guess(f"nobody{i}") for i in range(4)] + [guess("192.0.2.3, ")]
    assert tries == [401] * 5 and guess("192.0.2.300") == 429, "what is no address is the proxy's budget"
    same = ["::ffff:192.0.2.9", "192.0.2.9", "0:0:0:0:0:FFFF:192.0.2.9", "::ffff:c000:209"]
    assert [guess(one) for one in [*same, "192.0.2.9"]] == [401] * 5 and guess(same[0]) == 429
    assert guess("::ffff:192.0.2.10") == 401, "another one, however the proxy writes it"
    assert [guess(f"2001:DB8::{i}") for i in range(5)] == [401] * 5 and guess("2001:db8:0::9") == 429


def test_guesses_at_the_same_time_are_counted_one_by_one(door):
    add_user(door, "mei")
    statuses = []

    def guess():
        statuses.append(Browser(door).log_in("mei", WRONG).status)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(401) <= 6 and set(statuses) <= {401, 429}
