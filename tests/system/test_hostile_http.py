# SPDX-License-Identifier: Apache-2.0
"""What is sent to break the dashboard's door, or to get past it: each request gets an answer that is
fine, shows nothing of its own, and leaves the process and everybody else as they were."""

import re
import socket

import pytest

from tests.support import hostile_requests as requests
from tests.support.http_door import open_socket
from tests.support.system import USUAL_SECONDS, System
from tests.support.web_user import WebUser

KINDS = {
    "smuggling": requests.SMUGGLING, "path": requests.PATHS, "header": requests.HEADERS,
    "method": requests.METHODS, "body": requests.BODIES, "person": requests.PEOPLE,
    "unfinished": requests.UNFINISHED,
}
ROWS = [(kind, *row) for kind, rows in KINDS.items() for row in rows]


@pytest.fixture(scope="module")
def served(cluster, programs):
    """One process for all of them, as it would be."""
    with System(cluster, programs) as system:
        process = system.start("reporting", web_rate=100000)
        yield system, process, WebUser(system, "root", role="admin"), WebUser(system, "wang")


def talk(path, data, may_wait, is_cut_off):
    """All that comes back, and whether the end came. A server that has closed may refuse the rest."""
    answer = b""
    with open_socket(path, 3 if may_wait else USUAL_SECONDS) as sock:
        try:
            sock.sendall(data)
            if is_cut_off:
                sock.shutdown(socket.SHUT_WR)
        except TimeoutError:
            return answer, False
        except ConnectionError:
            pass
        try:
            while piece := sock.recv(65536):
                answer += piece
        except ConnectionError:
            pass
        except TimeoutError:
            return answer, False
    return answer, True


def statuses_of(answer, has_ended):
    found = {int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)}
    return found or {0 if has_ended else requests.WAITS}


def test_there_are_more_than_a_hundred_and_each_has_its_own_name():
    assert len(ROWS) >= 100
    assert len({(kind, name) for kind, name, _, _ in ROWS}) == len(ROWS)


@pytest.mark.parametrize("kind, name, data, allowed", ROWS, ids=[f"{kind}: {name}" for kind, name, _, _ in ROWS])
def test_a_hostile_request_does_no_harm(served, kind, name, data, allowed):
    system, process, admin, other = served
    data = data.replace(b"COOKIE", admin.cookie.encode()).replace(b"TOKEN", admin.csrf.encode())
    answer, has_ended = talk(system.http("reporting"), data, requests.WAITS in allowed,
                             kind == "unfinished")
    assert statuses_of(answer, has_ended) <= allowed, answer[:500]
    if kind == "smuggling":
        assert b'"users"' not in answer, "the request in the body was answered"
    assert b"<script>" not in answer and b"root:" not in answer
    assert b"\r\nSet-Cookie:" not in answer.split(b"\r\n\r\n")[0]
    assert process.popen.poll() is None
    assert other.get("/v1/session").json["name"] == "wang"


def test_afterwards_nobody_was_added_and_everybody_is_still_there(served):
    system, process, admin, other = served
    assert {user["name"]: user["role"] for user in admin.get("/v1/users").json["users"]} == {
        "root": "admin", "wang": "viewer"}
    assert admin.get("/v1/session").status == other.get("/v1/session").status == 200
    assert system.metric("reporting", "process_resident_memory_bytes") < 128 << 20
    assert "level=error" not in process.log()
