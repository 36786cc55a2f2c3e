# SPDX-License-Identifier: Apache-2.0
"""Nobody waits for ever: requests for which there is no connection to the database, and who asks too often."""

import base64

import psycopg2
import pytest

from tests.support.event_feed import number, spelled
from tests.support.http_door import UnixConnection
from tests.support.system import USUAL_SECONDS, wait_until
from tests.support.web_login import AGENT, BEHIND_PROXY, MANAGER, VIEWER, Dashboard

CASE, CUSTOMER = number(9, 1), number(5, 1)
PATH = f"/v1/cases/{spelled('C', CASE)}"


class Lock:
    """A table that nobody else may read until release()."""

    def __init__(self, system, table):
        self._holder = psycopg2.connect(system.conninfo())
        self._holder.cursor().execute(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")

    def release(self):
        self._holder.rollback()
        self._holder.close()


def store_case(system):
    system.psql(f"""
        INSERT INTO intake.customer (bucket, number, version, first_seen_at) VALUES (1, {CUSTOMER}, 1, log.now());
        INSERT INTO intake.service_case (bucket, number, customer_number, version, state, kind, priority, standard_id, rule,
            opened_at, is_historical, last_contact_at, owner_team)
        VALUES (1, {CASE}, {CUSTOMER}, 1, 2, 2, 3, 1, 'r', log.now(), false, log.now(), 't')""")


def blocked(system, table):
    return int(system.psql("SELECT count(*) FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation"
                           f" WHERE NOT l.granted AND c.oid = '{table}'::regclass"))


def read_all(system):
    """Whatever was sent before this was read: the loop has turned since."""
    for _ in range(2):
        connection = UnixConnection(system.http("reporting"), USUAL_SECONDS)
        connection.request("GET", "/livez")
        assert connection.getresponse().read() == b"ok\n"
        connection.close()


@pytest.mark.parametrize(("role", "method", "path", "table", "said"), [
    (VIEWER, "GET", PATH, "intake.service_case", "the database did not answer"),
    (AGENT, "POST", f"{PATH}/texts", "reporting.personal_view", "written down"),
    (MANAGER, "POST", f"{PATH}/link", "reporting.progress_link", "the database did not answer"),
    (MANAGER, "GET", "/v1/improvements", "reporting.improvement_action", ""),
    (VIEWER, "GET", PATH, None, "try again"),  # who it is cannot be found out
], ids=["desk", "personal view", "link", "improvements", "door"])
def test_a_request_that_gets_no_connection_is_answered_in_time(system, role, method, path, table, said):
    store_case(system)
    system.start("reporting", db_connections=1, web_wait="2s", progress_url="https://care.example/progress", **BEHIND_PROXY)
    user = Dashboard(system, "mei", role)
    user.csrf_token()
    accounts, target = Lock(system, "reporting.user_account"), Lock(system, table) if table else None
    body = {} if method == "POST" else None
    # The first one has the connection and asks who it is; the second one waits behind it.
    first = user.begin(method, path, body)
    wait_until(lambda: blocked(system, "reporting.user_account"), what="the first request")
    second = user.begin(method, path, body)
    read_all(system)
    if target:
        accounts.release()  # both go on; the first one is held up again, and the second one waits for it
        wait_until(lambda: blocked(system, table), what="the first request's work")
    status, answer = user.finish(second)
    assert (status, answer["code"]) == (503, "unavailable") and said in answer["text"], answer
    (target or accounts).release()
    first.close()
    wait_until(lambda: user.get("/v1/session")[0] == 200, what="that all is well again")


def test_posts_of_answers_have_a_budget_for_each_address(system):
    """600 at once, then 5 a second; a form that says nothing is none of the customer's."""
    secret = system.folder / "answers.secret"
    secret.write_text("whsec_" + base64.b64encode(bytes(32)).decode())
    secret.chmod(0o600)
    system.service_key("intake")
    system.start("reporting", answer_secret_file=secret)
    connection = UnixConnection(system.http("reporting"), USUAL_SECONDS)
    statuses = []
    while len(statuses) < 3000 and statuses[-1:] != [429]:
        connection.request("POST", "/answer", b"t=nonsense", {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    assert statuses[-1] == 429 and 600 <= len(statuses) and set(statuses[:-1]) == {statuses[0]} != {429}
    connection.request("GET", "/answer")  # looking has no such budget
    assert connection.getresponse().status != 429
    connection.close()
