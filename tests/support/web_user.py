# SPDX-License-Identifier: Apache-2.0
"""The dashboard's API as a browser uses it: a cookie, the CSRF token, JSON.

    mei = WebUser(system, "mei", role="agent")      # adds the account and logs in
    answer = mei.get("/v1/today")                   # answer.status, .headers, .json
    mei.post("/v1/worklist/take", {"branch": "b1"})

Plain requests without an account: Browser(system).
"""

import http.client
import json
import subprocess

from tests.support.http_door import Answer, UnixConnection
from tests.support.system import USUAL_SECONDS

PASSWORD = "tall trees near the gate"
COOKIE = "__Host-troth"


def add_user(system, name, role="viewer", password=PASSWORD, **options):
    """By the command line, as the operator does it. options: staff, language."""
    more = [part for key, value in options.items() for part in (f"--{key}", value)]
    troth(system, "user", "add", name, "--role", role, *more, text=f"{password}\n")


def code(answer):
    """What went wrong: (status, code)."""
    return answer.status, answer.json["code"]


def troth(system, *arguments, text="", status=0):
    done = subprocess.run(
        [str(system.programs / "troth"), *arguments, "--database", system.conninfo("troth_operator")],
        input=text, capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == status, (arguments, done.stdout, done.stderr)
    return done


class Browser:
    """Keeps the cookie and the token that it was given; one connection, opened again at need."""

    def __init__(self, system, instance="reporting", path=None):
        self.connection = UnixConnection(path or system.http(instance), USUAL_SECONDS)
        self.cookie = None
        self.csrf = None

    def ask(self, method, path, body=None, **headers):
        """headers: X_CSRF_Token="..."; None leaves one out that is there by itself."""
        values = {}
        if self.cookie is not None:
            values["Cookie"] = f"{COOKIE}={self.cookie}"
        if method not in ("GET", "HEAD"):
            values["Content-Type"] = "application/json"
            values["X-CSRF-Token"] = self.csrf
        values.update({name.replace("_", "-"): value for name, value in headers.items()})
        data = body if body is None or isinstance(body, (bytes, str)) else json.dumps(body)
        data = data.encode() if isinstance(data, str) else data
        values = {name: value for name, value in values.items() if value is not None}
        try:
            answer = self._send(method, path, data, values)
        except (ConnectionError, http.client.HTTPException):
            self.connection.close()  # it was idle for too long
            answer = self._send(method, path, data, values)
        self._keep(answer)
        return answer

    def _send(self, method, path, data, headers):
        self.connection.request(method, path, data, headers)
        return Answer(self.connection.getresponse())

    def _keep(self, answer):
        for value in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = value.partition("=")
            if name == COOKIE:
                self.cookie = rest.partition(";")[0] or None

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, body, **headers):
        return self.ask("POST", path, body, **headers)

    def put(self, path, body, **headers):
        return self.ask("PUT", path, body, **headers)

    def patch(self, path, body, **headers):
        return self.ask("PATCH", path, body, **headers)

    def delete(self, path, **headers):
        return self.ask("DELETE", path, **headers)

    def log_in(self, name, password=PASSWORD, **headers):
        answer = self.post("/v1/session", {"name": name, "password": password}, **headers)
        if answer.status == 200:
            self.csrf = answer.json["csrf_token"]
        return answer


class WebUser(Browser):
    def __init__(self, system, name="mei", role="viewer", password=PASSWORD, instance="reporting",
                 **options):
        super().__init__(system, instance)
        add_user(system, name, role, password, **options)
        self.session = self.log_in(name, password)
        assert self.session.status == 200, self.session.body
