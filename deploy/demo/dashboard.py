#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a manager does at the dashboard in the demo, by its API, logged in as a browser is.

    deploy/demo/dashboard.py URL NAME improve       something is done about a branch that breaks promises, and staff are trained
    deploy/demo/dashboard.py URL NAME weekly FILE   the report of the last week that ended, as one HTML file

The password is in DASHBOARD_PASSWORD, where others on the machine do not see it, as they do arguments.
"""

import datetime
import json
import os
import sys
import urllib.error
import urllib.request
import zoneinfo
from pathlib import Path


class Dashboard:
    def __init__(self, url, name, password):
        self.url, self.headers = url, {"Content-Type": "application/json"}
        with self.open("POST", "/v1/session", {"name": name, "password": password}) as answer:
            self.session = json.load(answer)
            self.headers["Cookie"] = answer.headers["Set-Cookie"].partition(";")[0]
        self.headers["X-CSRF-Token"] = self.session["csrf_token"]

    def open(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        try:
            return urllib.request.urlopen(urllib.request.Request(self.url + path, data, self.headers, method=method), timeout=60)
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path}: {error.code} {error.read().decode()}")

    def improve(self):
        """From today on, by the clock of the demo. Of the first days everything is news: those warnings are seen."""
        zone = zoneinfo.ZoneInfo(self.session["time_zone"])
        day = datetime.datetime.fromtimestamp(self.session["now_us"] / 1e6, zone).date()
        self.open("POST", "/v1/improvements", {
            "kind": "training",
            "title": "Answering: who says when, and keeps it 培训：说清何时答复，并做到",
            "cause_measure": "skill", "team": "customer_care", "skill": "responsiveness", "owner": "Chen Jing",
            "expectation": 1.2, "starts_on": day.isoformat(),
        }).close()
        self.open("POST", "/v1/improvements", {
            "kind": "action",
            "title": "Harbour: two more people at the desk, call-backs before noon 港口店：前台加两人，午前回电",
            "cause_measure": "promises_kept", "branch": "harbour", "owner": "Chen Jing",
            "expectation": 1.3, "starts_on": day.isoformat(),
        }).close()

        with self.open("GET", "/v1/today") as answer:
            today = json.load(answer)
        for warning in today.get("today", today).get("warnings", []):
            self.open("POST", "/v1/warnings/seen",
                      {name: warning.get(name, "") for name in ("day", "dimension", "value", "measure")}).close()

    def weekly(self, path):
        with self.open("GET", "/v1/weekly") as answer:
            Path(path).write_bytes(answer.read())


def main():
    url, name, verb, *rest = sys.argv[1:]
    password = os.environ["DASHBOARD_PASSWORD"]
    {"improve": Dashboard.improve, "weekly": Dashboard.weekly}[verb](Dashboard(url, name, password), *rest)


main()
