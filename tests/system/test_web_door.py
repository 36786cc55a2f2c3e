# SPDX-License-Identifier: Apache-2.0
"""Who gets in by HTTP, as whom, and for how long."""

import gzip
import json
import re
import secrets
import threading

import psycopg2
import pytest

from tests.support.http_door import Answer, UnixConnection, give_token
from tests.support.system import ProgramError, wait_until
from tests.support.web_user import COOKIE, PASSWORD, Browser, WebUser, add_user, troth

OTHER = "nine quiet rivers meet"
WRONG = "not the password at all"


def code(answer):
    return answer.status, answer.json["code"]


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


def test_two_admins_cannot_end_each_other(door):
    admins = [WebUser(door, "mei", role="admin"), WebUser(door, "lan", role="admin")]
    answers = []
    threads = [threading.Thread(target=lambda a=a, b=b: answers.append(a.patch(f"/v1/users/{b}", {"role": "viewer"}).status))
               for a, b in zip(admins, ["lan", "mei"], strict=True)]
    holder = psycopg2.connect(door.conninfo())
    holder.cursor().execute("SELECT FROM reporting.user_account FOR UPDATE")
    for thread in threads:
        thread.start()
    wait_until(lambda: door.psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                 " AND datname = current_database()") == "2", what="both at once")
    holder.rollback()
    holder.close()
    for thread in threads:
        thread.join()
    assert door.psql("SELECT count(*) FROM reporting.user_account WHERE role = 4") == "1", answers


def test_an_admin_changes_a_language(door):
    admin = WebUser(door, "root", role="admin")
    user = WebUser(door, "mei", role="agent", language="en")
    assert admin.patch("/v1/users/mei", {"language": "zh-Hans"}).status == 200
    assert user.get("/v1/session").json.items() >= {"role": "agent", "language": "zh-Hans"}.items()


def test_the_operator_sets_a_password_and_the_sessions_are_over(door):
    user = WebUser(door)
    troth(door, "user", "password", "mei", text=OTHER + "\n")
    assert user.get("/v1/session").status == 401
    assert Browser(door).log_in("mei", OTHER).status == 200


@pytest.mark.parametrize("arguments, text, words", [
    (("add", "mei", "--role", "boss"), PASSWORD, "viewer, agent, manager or admin"),
    (("add", "mei"), PASSWORD, "viewer, agent, manager or admin"),
    (("add", "Mei", "--role", "admin"), PASSWORD, "small letters"),
    (("add", "mei", "--role", "admin"), "short", "at least 12"),
    (("add", "mei", "--role", "admin"), "", "no password"),
    (("add", "magnolia", "--role", "admin"), "my magnolia 77", "contains the name"),
    (("add", "mei", "--role", "admin", "--language", "fr"), PASSWORD, "zh-Hans"),
    (("rename", "mei"), "", "add NAME"),
])
def test_the_command_line_says_what_is_wrong_with_an_account(system, arguments, text, words):
    done = troth(system, "user", *arguments, text=text, status=2)
    assert words in done.stderr
    assert done.stdout == ""


def test_the_command_line_knows_names_that_are_taken_and_those_that_nobody_has(system):
    add_user(system, "mei", "admin", staff="w1")
    assert "name_taken" in troth(system, "user", "add", "mei", "--role", "viewer", text=OTHER,
                                 status=1).stderr
    for verb in ("password", "disable", "enable"):
        assert "user_unknown" in troth(system, "user", verb, "nobody", text=OTHER, status=1).stderr
    assert re.search(r"mei +admin +w1 +- +password", troth(system, "user", "list").stdout)


# ---- roles and accounts


def test_accounts_are_the_admins_alone(door):
    for role in ("viewer", "agent", "manager"):
        user = WebUser(door, role, role=role)
        assert code(user.get("/v1/users")) == (403, "not_permitted")
        body = {"name": "x1", "role": "admin"}
        assert code(user.post("/v1/users", body)) == (403, "not_permitted")
        assert code(user.patch(f"/v1/users/{role}", {"role": "admin"})) == (403, "not_permitted")
    assert WebUser(door, "root", role="admin").get("/v1/users").status == 200


def test_an_admin_adds_changes_and_ends_accounts(door):
    admin = WebUser(door, "root", role="admin")
    body = {"name": "wang", "role": "viewer", "password": OTHER, "staff": "w9", "language": "en"}
    assert admin.post("/v1/users", body).status == 201
    assert code(admin.post("/v1/users", body)) == (409, "name_taken")
    wang = Browser(door)
    assert wang.log_in("wang", OTHER).json["staff"] == "w9"
    assert admin.patch("/v1/users/wang", {"role": "manager", "staff": "w10"}).status == 200
    assert wang.get("/v1/session").json.items() >= {"role": "manager", "staff": "w10"}.items()
    listed = {one["name"]: one for one in admin.get("/v1/users").json["users"]}
    assert listed["wang"]["role"] == "manager" and listed["wang"]["created_us"] > 0
    assert "password" not in str(listed) and "disabled_us" not in listed["wang"]
    assert admin.patch("/v1/users/wang", {"is_disabled": True}).status == 200
    assert wang.get("/v1/session").status == 401
    assert "disabled_us" in {one["name"]: one for one in admin.get("/v1/users").json["users"]}["wang"]
    assert admin.patch("/v1/users/wang", {"is_disabled": False, "password": PASSWORD}).status == 200
    assert wang.log_in("wang").status == 200


@pytest.mark.parametrize("method, path, body, wanted", [
    ("POST", "/v1/users", {"name": "A B", "role": "viewer"}, (400, "name_invalid")),
    ("POST", "/v1/users", {"name": "x1"}, (400, "role_invalid")),
    ("POST", "/v1/users", {"name": "x1", "role": "everybody"}, (400, "role_invalid")),
    ("POST", "/v1/users", {"name": "x1", "role": "admin", "password": "x"}, (400, "password_invalid")),
    ("POST", "/v1/users", {"name": "x1", "role": "admin", "staff": "s" * 65}, (400, "staff_invalid")),
    ("PATCH", "/v1/users/nobody", {"role": "admin"}, (404, "user_unknown")),
    ("PATCH", "/v1/users/%20", {"role": "admin"}, (404, "user_unknown")),
    ("PATCH", "/v1/users/root", {"role": "viewer"}, (400, "request_invalid")),
    ("PATCH", "/v1/users/root", {"is_disabled": True}, (400, "request_invalid")),
    ("PATCH", "/v1/users/root", {"is_disabled": "yes"}, (400, "request_invalid")),
])
def test_an_account_that_cannot_be_is_refused(door, method, path, body, wanted):
    admin = WebUser(door, "root", role="admin")
    assert code(admin.ask(method, path, body)) == wanted
    assert admin.get("/v1/users").status == 200


# ---- is the request theirs


@pytest.mark.parametrize("headers, wanted", [
    ({"X_CSRF_Token": None}, (403, "csrf_invalid")),
    ({"X_CSRF_Token": ""}, (403, "csrf_invalid")),
    ({"X_CSRF_Token": "0" * 32}, (403, "csrf_invalid")),
    ({"Origin": "https://evil.example"}, (403, "cross_site")),
    ({"Origin": "null"}, (403, "cross_site")),
    ({"Sec_Fetch_Site": "cross-site"}, (403, "cross_site")),
    ({"Sec_Fetch_Site": "same-site"}, (403, "cross_site")),
    ({"Sec_Fetch_Site": "none"}, (403, "cross_site")),
    ({"Content_Type": "text/plain"}, (415, "content_type_invalid")),
    ({"Content_Type": "application/x-www-form-urlencoded"}, (415, "content_type_invalid")),
    ({"Content_Type": None}, (415, "content_type_invalid")),
])
def test_another_site_cannot_make_a_browser_change_anything(door, headers, wanted):
    user = WebUser(door)
    answer = user.put("/v1/session/language", {"language": "en"}, **headers)
    assert code(answer) == wanted
    assert user.get("/v1/session").json["language"] == ""


def test_a_page_of_ours_may(door):
    user = WebUser(door)
    answer = user.put("/v1/session/language", {"language": "en"}, Origin="https://troth.example",
                      Host="troth.example", Sec_Fetch_Site="same-origin")
    assert answer.status == 200


def test_the_token_of_another_session_is_not_ones_own(door):
    user, other = WebUser(door), WebUser(door, "wang")
    assert code(user.put("/v1/session/language", {"language": "en"},
                         X_CSRF_Token=other.csrf)) == (403, "csrf_invalid")


def test_another_site_cannot_log_a_browser_in(door):
    add_user(door, "mei")
    assert code(Browser(door).log_in("mei", Sec_Fetch_Site="cross-site")) == (403, "cross_site")


# ---- who comes too often


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


def test_too_many_requests_of_one_address_wait(system):
    system.start("reporting", web_rate=1)
    guest = Browser(system)
    answers = [guest.get("/v1/session") for _ in range(10)]
    assert answers[0].status == 401
    assert code(answers[-1]) == (429, "too_many") and int(answers[-1].headers["Retry-After"]) >= 1
    assert guest.get("/").status == 200


# ---- machines


def test_a_source_with_the_right_reports_sees_what_a_viewer_sees(door):
    door.key("bi", ["reports"])
    token = give_token(door, "bi")
    machine = Browser(door)
    wait_until(lambda: machine.get("/v1/session", Authorization=f"Bearer {token}").status == 200,
               what="the token")
    session = machine.get("/v1/session", Authorization=f"Bearer {token}").json
    assert session.items() >= {"name": "source bi", "role": "viewer", "csrf_token": ""}.items()
    assert code(machine.get("/v1/users", Authorization=f"Bearer {token}")) == (403, "not_permitted")
    body = {"language": "en"}
    assert code(machine.put("/v1/session/language", body,
                            Authorization=f"Bearer {token}")) == (403, "not_permitted")


def test_a_token_that_nobody_has_or_that_has_other_rights_opens_nothing(door):
    door.key("shop", ["records"])
    token = give_token(door, "shop")
    user = WebUser(door)
    for _ in range(3):
        assert code(user.get("/v1/session", Authorization="Bearer nonsense")) == (401, "token_invalid")
    wait_until(lambda: user.get("/v1/session", Authorization=f"Bearer {token}").status == 403,
               what="the token")


# ---- behind a proxy


def test_a_trusted_proxy_names_the_user(system):
    system.start("reporting", proxy_header="X-Remote-User", proxy_addresses="unix 10.0.0.9")
    troth(system, "user", "add", "mei", "--role", "manager", "--no-password")
    user = Browser(system)
    session = user.get("/v1/session", X_Remote_User="mei").json
    assert (session["name"], session["role"]) == ("mei", "manager")
    assert user.get("/v1/session", X_Remote_User="nobody").status == 401
    assert user.get("/v1/session", X_Remote_User="").status == 401
    body = {"language": "en"}
    assert code(user.put("/v1/session/language", body,
                         X_Remote_User="mei")) == (403, "csrf_invalid")
    assert user.put("/v1/session/language", body, X_Remote_User="mei",
                    X_CSRF_Token=session["csrf_token"]).status == 200
    assert code(Browser(system).log_in("mei")) == (401, "login_failed")


def test_a_proxy_that_names_two_users_names_none(system):
    system.start("reporting", proxy_header="X-Remote-User", proxy_addresses="unix")
    troth(system, "user", "add", "mei", "--role", "admin", "--no-password")
    connection = UnixConnection(system.http("reporting"), 20)
    connection.putrequest("GET", "/v1/session")
    connection.putheader("X-Remote-User", "mei")
    connection.putheader("x-remote-user", "li")
    connection.endheaders()
    assert code(Answer(connection.getresponse())) == (400, "request_invalid")


def test_a_header_from_elsewhere_is_ignored_and_told(system):
    reporting = system.start("reporting", proxy_header="X-Remote-User", proxy_addresses="10.0.0.9")
    add_user(system, "root", "admin")
    assert Browser(system).get("/v1/session", X_Remote_User="root").status == 401
    assert "event=proxy_header_ignored" in reporting.log()
    user = WebUser(system)
    assert user.get("/v1/session", X_Remote_User="root").json["name"] == "mei"


def test_a_header_to_believe_needs_addresses_to_believe(system):
    with pytest.raises(ProgramError, match="proxy_addresses"):
        system.start("reporting", proxy_header="X-Remote-User")


# ---- headers and files


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@pytest.mark.parametrize("path", ["/", "/v1/session", "/v1/nothing", "/nothing", "/livez"])
def test_every_answer_tells_the_browser_to_trust_nobody_else(door, path):
    headers = Browser(door).get(path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "http" not in policy.replace("https", "")
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers
    assert headers["Cache-Control"] == "no-store"


def test_behind_tls_browsers_are_told_to_stay_there(system):
    system.start("reporting", behind_tls=True)
    assert "max-age=31536000" in Browser(system).get("/").headers["Strict-Transport-Security"]


def built(system):
    root = system.folder / "web"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_text("<!doctype html><title>Troth</title>")
    script = b"console.log(1)\n" * 200
    (root / "assets/index-1a2b.js").write_bytes(script)
    (root / "assets/index-1a2b.js.gz").write_bytes(gzip.compress(script))
    (root / ".secret").write_text("no")
    (system.folder / "outside.txt").write_text("no")
    (root / "link.txt").symlink_to(system.folder / "outside.txt")
    return root, script


def test_the_dashboard_is_served_from_its_folder_and_nothing_else(system):
    root, script = built(system)
    system.start("reporting", web_root=root)
    browser = Browser(system)
    page = browser.get("/")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["Cache-Control"] == "no-cache"
    assert browser.get("/index.html").body == page.body
    asset = browser.get("/assets/index-1a2b.js")
    assert asset.body == script
    assert asset.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    packed = browser.get("/assets/index-1a2b.js", Accept_Encoding="br, gzip")
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.body) == script
    assert packed.headers["Vary"] == asset.headers["Vary"] == "Accept-Encoding"
    plain = browser.get("/assets/index-1a2b.js", Accept_Encoding="gzip;q=0, *")
    assert plain.body == script
    for path in ("/.secret", "/link.txt", "/assets", "/assets/", "/outside.txt", "/web/index.html"):
        assert browser.get(path).status == 404, path


def test_what_a_browser_has_is_not_sent_again(system):
    root, _ = built(system)
    system.start("reporting", web_root=root)
    browser = Browser(system)
    etag = browser.get("/").headers["ETag"]
    for given in (etag, f'"other", W/{etag}', "*"):
        again = browser.get("/", If_None_Match=given)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag), given
    assert browser.get("/", If_None_Match='"other"').status == 200
    head = browser.ask("HEAD", "/")
    assert head.status == 200 and head.body == b"" and int(head.headers["Content-Length"]) > 0


def test_without_a_dashboard_a_page_says_how_to_build_it(door):
    assert b"make web" in Browser(door).get("/").body


@pytest.mark.parametrize("what, words", [("missing", "No such file"), ("empty", "no index.html")])
def test_a_folder_that_is_no_dashboard_is_refused_at_start(system, what, words):
    (system.folder / "empty").mkdir()
    with pytest.raises(ProgramError, match=words):
        system.start("reporting", web_root=system.folder / what)


# ---- methods


def test_wrong_methods_are_told_which_are_right(door):
    guest = Browser(door)
    answer = guest.ask("PATCH", "/v1/session", {})
    assert answer.status == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST", "DELETE"}
    assert guest.ask("TRACE", "/").status == 405
    assert guest.ask("HEAD", "/v1/session").status == 401


def test_while_the_database_is_away_nobody_gets_in(door):
    user = WebUser(door)
    door.forbid_connections()
    try:
        assert code(user.get("/v1/session")) == (503, "unavailable")
        assert Browser(door).log_in("mei").status == 503
        assert user.get("/").status == 200
    finally:
        door.allow_connections()
    wait_until(lambda: user.get("/v1/session").status == 200, what="the database")
