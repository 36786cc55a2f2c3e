# SPDX-License-Identifier: Apache-2.0
"""A small demo for who looks at it with a browser: played, then as it is on the next morning.

Nobody simulates the people at the worklist any more, and the clock stands: what a page shows does not change by
itself. Who may log in: viewer, agent, manager, admin, all with one password.
"""

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

from tests.support.event_feed import spelled
from tests.support.system import ROOT, wait_until

# Enough for a branch that is late, an improvement that was judged, and scores that fell.
STORY = {"SEED": "3", "DAYS": "10", "CUSTOMERS": "100"}
PATIENCE = 120
EVIL = "<script>alert(1)</script> <img src=x onerror=alert(2)> \"'&amp;"
NAME, PHONE = "欧阳青青", "+8613866667777"
RESOLVED, CLOSED = 5, 6  # CaseState
PERSON = 4  # Channel
PLANNED = 1  # of a follow-up


class PlayedMonth:
    def __init__(self, folder, programs, story=None):
        self.folder, self.programs = Path(folder), programs
        self.env = dict(os.environ, TROTH_DEMO_DIR=str(folder), TROTH_OUT=str(programs.parent), KEEP="1",
                        **(story or STORY))
        self.run = None
        self.url = self.password = self.evil_case = self.customer = None

    # ---- from the first day to the morning after the last

    def demo(self, *arguments):
        return subprocess.run([ROOT / "deploy/demo/demo.sh", *arguments], env=self.env, text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=280, check=False)

    def play(self):
        done = self.demo()
        assert done.returncode == 0, (done.stdout[-2000:], done.stderr[-2000:])
        (self.folder / "told").write_text(done.stdout, encoding="utf-8")

    def open(self):
        told = (self.folder / "told").read_text(encoding="utf-8")
        self.url, self.password = re.search(r"The dashboard: (\S+)/ .* password (\S+)", told).groups()
        self.restart_without_dialer()
        for name in {"viewer", "admin"} - set(self.psql("SELECT name FROM reporting.user_account").split()):
            self.troth("user", "add", name, "--role", name, "--staff", f"G-{name}", "--database",
                       self.conninfo("troth_operator"), text=f"{self.password}\n")
        self.tell()
        self.settle()
        self.next_morning()
        self.settle()

    def restart_without_dialer(self):
        pid = int((self.folder / "run.pid").read_text())
        command = Path(f"/proc/{pid}/cmdline")
        if command.exists() and str(self.folder) in command.read_text():
            os.kill(pid, signal.SIGTERM)
            wait_until(lambda: not command.exists(), PATIENCE, "the end of the services")
        settings = self.folder / "etc/run.conf"
        text = settings.read_text()
        settings.write_text(re.sub(r',\s*\{ name = "dialer".*\}', "", text))
        with open(self.folder / "log/ready", "w") as ready, open(self.folder / "log/services", "a") as log:
            self.run = subprocess.Popen([self.programs / "troth", "run", "--config", settings], cwd=ROOT,
                                        stdin=subprocess.DEVNULL, stdout=ready, stderr=log)
        (self.folder / "run.pid").write_text(str(self.run.pid))
        wait_until(lambda: "ready troth-run" in (self.folder / "log/ready").read_text(), PATIENCE, "the services")

    def next_morning(self):
        """Half past ten in Shanghai: people may be called."""
        self.psql("UPDATE log.clock SET demo_now = (date_trunc('day', demo_now AT TIME ZONE 'Asia/Shanghai')"
                  " + interval '34 hours 30 minutes') AT TIME ZONE 'Asia/Shanghai'"
                  " WHERE (demo_now AT TIME ZONE 'Asia/Shanghai')::time <> '10:30'")
        wait_until(lambda: self.psql("SELECT bool_and(demo_now = log.now()) FROM log.alive"
                                     " WHERE at > clock_timestamp() - interval '5 s'") == "t", PATIENCE, "the morning")

    def tell(self):
        """A customer of whom everything is known, who writes what a browser could take for its own, and is unhappy
        enough to be called by a person on the next morning."""
        self.send("customer-profile", customer_ref="BROWSER-1", name=NAME, phone=PHONE, language="en")
        receipt = self.send("contact", customer_ref="BROWSER-1", kind="complaint", channel="web", branch="north",
                            category="repair", body=EVIL)
        self.evil_case = receipt["case_number"]
        self.customer = receipt["customer_number"]
        self.send("survey-answer", customer_ref="BROWSER-1", case_number=self.evil_case, instrument="csat", value="1")

    def settle(self):
        """Until nothing that was told waits to be counted."""
        wait_until(lambda: self.psql("SELECT count(*) FROM log.head AS h JOIN log.consumer_cursor AS c USING (stream, bucket)"
                                     " WHERE c.seq < h.seq") == "0", PATIENCE, "the counting")

    def stop(self):
        if self.run and self.run.poll() is None:
            self.run.terminate()
            try:
                self.run.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.run.kill()

    def remove(self):
        self.stop()
        self.demo("stop")
        subprocess.run([ROOT / "deploy/demo/postgres.sh", "remove", self.folder / "postgres"], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- what is asked and told

    def conninfo(self, role):
        return f"host={self.folder}/postgres/socket port=5432 user={role} dbname=troth"

    def psql(self, sql):
        done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo("postgres"), "-c", sql],
                              text=True, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.rstrip("\n")

    def troth(self, *arguments, text=""):
        done = subprocess.run([self.programs / "troth", *map(str, arguments)], cwd=ROOT, text=True, capture_output=True,
                              input=text, timeout=60, check=False,
                              env={"TROTH_CONFIG": f"{self.folder}/etc/troth.conf", "PATH": "/usr/bin:/bin"})
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def now(self):
        return self.psql("SELECT to_char(log.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")

    def send(self, what, **fields):
        options = [part for name, value in fields.items() for part in (f"--{name.replace('_', '-')}", value)]
        return json.loads(self.troth("send", what, "--occurred", self.now(), *options, "--json"))

    def case(self, condition):
        """The newest one of which that is true, as people write its number."""
        found = self.psql(f"SELECT number FROM intake.service_case WHERE {condition} ORDER BY opened_at DESC LIMIT 1")
        assert found, f"no case with {condition}"
        return spelled("C", found)

    def link(self, case):
        return re.search(r"https?://\S+", self.troth("case", "link", case)).group()
