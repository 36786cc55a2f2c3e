# SPDX-License-Identifier: Apache-2.0
"""What comes through the HTTP door: theirs or forged, of people, machines and proxies; headers and files."""

import gzip

import pytest

from tests.support.http_door import Answer, UnixConnection, give_token
from tests.support.system import ProgramError, wait_until
from tests.support.web_user import Browser, WebUser, add_user, code, troth


@pytest.fixture
def door(system):
    system.start("reporting")
    return system


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


def test_whom_a_proxy_names_and_who_has_no_account_logs_in_with_a_password(system):
    system.start("reporting", proxy_header="X-Remote-User", proxy_addresses="unix")
    troth(system, "user", "add", "mei", "--role", "manager", "--no-password")
    add_user(system, "lan", role="agent")
    user = Browser(system)
    assert user.log_in("lan", X_Remote_User="l.wang").status == 200
    assert user.get("/v1/session", X_Remote_User="l.wang").json["name"] == "lan"
    assert user.get("/v1/session", X_Remote_User="mei").json["name"] == "mei", "who has an account there is that one"
    body = {"language": "en"}
    assert user.put("/v1/session/language", body, X_Remote_User="l.wang").status == 200
    assert user.delete("/v1/session", X_Remote_User="l.wang").status == 200
    assert user.get("/v1/session", X_Remote_User="l.wang").status == 401


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
