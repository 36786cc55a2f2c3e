# SPDX-License-Identifier: Apache-2.0
"""The dashboard's API as a logged-in person uses it, over the unix socket of reporting's HTTP port.

Who it is comes by the header of a trusted proxy, so that no password has to be hashed:

    system.start("reporting", **BEHIND_PROXY)
    li = Dashboard(system, "li", AGENT, staff="li")
    status, body = li.get("/v1/cases/C-1-2")
"""

import json

from tests.support.http_door import Answer, UnixConnection
from tests.support.system import USUAL_SECONDS

VIEWER, AGENT, MANAGER, ADMIN = 1, 2, 3, 4
PROXY_HEADER = "X-Remote-User"
BEHIND_PROXY = {"proxy_header": PROXY_HEADER, "proxy_addresses": "unix"}


def add_account(system, name, role, staff=""):
    system.psql("INSERT INTO reporting.user_account (name, role, staff, language, created_at, sessions_from)"
                f" VALUES ('{name}', {role}, '{staff}', '', now(), now())")


class Dashboard:
    """One browser. Its account is made with it."""

    def __init__(self, system, name, role, staff="", instance="reporting"):
        add_account(system, name, role, staff)
        self.path, self.name = system.http(instance), name
        self.csrf = None

    def begin(self, method, path, body=None, seconds=USUAL_SECONDS, **headers):
        """Sends a request, whose answer finish() waits for: the connection."""
        connection = UnixConnection(self.path, seconds)
        headers = {PROXY_HEADER: self.name, **headers}
        if method not in ("GET", "HEAD"):
            headers["X-CSRF-Token"] = self.csrf_token()
            headers["Content-Type"] = "application/json"
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        return connection

    @staticmethod
    def finish(connection):
        """(status, JSON)"""
        try:
            answer = Answer(connection.getresponse())
        finally:
            connection.close()
        return answer.status, answer.json if answer.body else None

    def ask(self, method, path, body=None, **more):
        return self.finish(self.begin(method, path, body, **more))

    def csrf_token(self):
        if self.csrf is None:
            _, session = self.ask("GET", "/v1/session")
            self.csrf = session["csrf_token"]
        return self.csrf

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.ask("POST", path, {} if body is None else body, **more)

    def read(self, path, **more):
        """What must be there."""
        status, body = self.get(path, **more)
        assert status == 200, (path, status, body)
        return body

    def do(self, path, body=None, **more):
        """What must work."""
        status, answer = self.post(path, body, **more)
        assert status == 200, (path, status, answer)
        return answer
