# SPDX-License-Identifier: Apache-2.0
"""A month of the demo in a folder of its own: played, asked by `troth` and by SQL, and computed again."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.support import month_follow_ups, month_sql, standard_tables
from tests.support.system import ROOT

DAYS, CUSTOMERS = "12", "250"
OTHER = 1000  # the standard of --what-if, beside those of the database


class Month:
    def __init__(self, folder, programs, story):
        self.folder, self.programs = Path(folder), programs
        self.env = dict(os.environ, TROTH_DEMO_DIR=folder, TROTH_OUT=str(programs.parent), SEED="3", DAYS=DAYS,
                        CUSTOMERS=CUSTOMERS, KEEP="1", **story)
        self.output = ""

    # ---- the demo

    def demo(self, *arguments):
        return subprocess.run([ROOT / "deploy/demo/demo.sh", *arguments], env=self.env, text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=280, check=False)

    def play(self):
        done = self.demo()
        assert done.returncode == 0, (done.stdout[-2000:], done.stderr[-2000:])
        self.output = done.stdout
        self.compute()

    def remove(self):
        self.demo("stop")
        subprocess.run([ROOT / "deploy/demo/postgres.sh", "remove", self.folder / "postgres"], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def troth(self, *arguments):
        done = subprocess.run([self.programs / "troth", *map(str, arguments)], cwd=ROOT, text=True, capture_output=True,
                              env={"TROTH_CONFIG": f"{self.folder}/etc/troth.conf", "PATH": "/usr/bin:/bin"},
                              stdin=subprocess.DEVNULL, timeout=60, check=False)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.troth(*arguments, "--json"))

    # ---- SQL

    def psql(self, sql):
        done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self.folder / "postgres/socket", "-U", "postgres",
                               "-d", "troth", "-f", "-"], input=sql, text=True, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.rstrip("\n")

    def rows(self, sql):
        """Dictionaries; instants as text."""
        return json.loads(self.psql(f"SELECT coalesce(json_agg(q), '[]') FROM ({sql}) AS q"))

    def number(self, sql):
        return int(self.psql(sql))

    def compute(self):
        """Everything again, in a schema of its own."""
        refreshed = re.findall(r"event=forecasts_computed groups=\d+ as_of_us=(\d+)",
                               (self.folder / "log/services").read_text(encoding="utf-8"))
        self.psql("CREATE SCHEMA again;" + standard_tables.TABLES + """
            CREATE TABLE again.span AS SELECT (SELECT min(opened_at) FROM intake.service_case) - interval '1 day' AS since,
                                              log.now() + interval '90 days' AS till;
            CREATE TABLE again.refresh (computed_at timestamptz);""")
        self.psql("".join(f"INSERT INTO again.refresh VALUES ('epoch'::timestamptz + {us} * interval '1 microsecond');"
                          for us in refreshed))
        for one in self.rows("SELECT id, body FROM intake.standard_version"):
            self.psql("".join(standard_tables.inserts(one["id"], one["body"])))
        self.psql("".join(standard_tables.inserts(OTHER, self.other_standard())))
        for part in (month_sql.HOURS, month_sql.EVENTS, month_sql.PROMISES, month_sql.PARTS, month_sql.OUTCOMES,
                     month_sql.FORECASTS, month_follow_ups.TABLES):
            self.psql(part)

    # ---- what if

    def other_standard(self):
        """Half of every target, and the hours of somebody who never works at noon nor on Saturday."""
        text = self.psql("SELECT body FROM intake.standard_version WHERE id = 1")
        text, targets = re.subn(r'target = "(\d+)(h|m|d)"',
                                lambda one: f'target = "{standard_tables.duration(one[1] + one[2]) // 120_000_000}m"', text)
        text, week = re.subn(r'sat = "09:00-15:00";', "", text)
        text, noon = re.subn(r'"08:00-18:00"', '("07:30-11:30", "14:00-19:00")', text)
        assert targets > 20 and week == 2 and noon == 1
        path = self.folder / "etc/other.conf"
        path.write_text(text, encoding="utf-8")
        return text

    def nothing(self, sql):
        """No row is different."""
        found = self.rows(sql)
        assert not found, (len(found), found[:5])
