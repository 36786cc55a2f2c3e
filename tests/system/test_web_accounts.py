# SPDX-License-Identifier: Apache-2.0
"""Accounts: made and ended by the command line and by admins."""

import re
import threading

import psycopg2
import pytest

from tests.support.system import wait_until
from tests.support.web_user import PASSWORD, Browser, WebUser, add_user, code, troth

OTHER = "nine quiet rivers meet"


@pytest.fixture
def door(system):
    system.start("reporting")
    return system


# ---- by the command line and between admins


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


def test_the_command_line_does_not_end_the_last_admin(system):
    add_user(system, "mei", "admin")
    add_user(system, "lan", "viewer")
    last = [("set", "mei", "--role", "viewer"), ("disable", "mei")]
    for arguments in last:
        assert "last_admin" in troth(system, "user", *arguments, status=1).stderr
    troth(system, "user", "set", "mei", "--role", "admin", "--staff", "w1")
    troth(system, "user", "set", "lan", "--role", "admin")
    troth(system, "user", "disable", "lan")
    assert "last_admin" in troth(system, "user", *last[0], status=1).stderr, "who is disabled keeps none"
    troth(system, "user", "enable", "lan")
    troth(system, "user", "disable", "mei")
    troth(system, "user", "disable", "mei")
    assert system.psql("SELECT name, role, disabled_at IS NOT NULL FROM reporting.user_account ORDER BY 1") == "lan|4|f\nmei|4|t"


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
