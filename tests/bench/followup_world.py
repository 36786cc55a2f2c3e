# SPDX-License-Identifier: Apache-2.0
"""What the benches of the follow-up scheduler work on: customers with sealed numbers, made by intake, and due follow-ups, made
by SQL as the planner would make them."""

import json
import subprocess
import threading
import time

import psycopg2

from tests.support.intake_client import IntakeClient, case_update, contact, profile
from tests.support.system import System

LINES = 2048
RUN_SECONDS = 1500
CHUNK = 20_000
RULES = """
limits: { quiet = "none"; usual_zone = "Asia/Shanghai"; attempts_per_day = 0; agenda_ahead = "0"; called_back = "0"; };
rules = ( { name = "after_resolution"; trigger = "case_resolved"; after = "0"; window = "30d"; channels = ("call");
            attempts = 3; } );
"""
# occurrence tells the runs apart, so does first: the lowest counter of their numbers.
INSERT = """
INSERT INTO followup.follow_up (bucket, number, version, customer_number, case_version, rule, rule_version, trigger, topic,
    subject, occurrence, purpose, priority, channel, state, reason, planned_at, due_at, window_end_at, next_attempt_at,
    attempts, calls, is_historical)
SELECT c.number & 255, ((%(first)s + c.n) << 8) | (c.number & 255), 1, c.number, 0, 'after_resolution',
    (SELECT max(id) FROM followup.rule_version), 1, 'case_resolved', c.number, %(occurrence)s, 1, 3, 1, 1, '', now(),
    d.due, d.due + interval '20 days', d.due, 0, 0, false
  FROM ({source}) AS c (n, number)
  CROSS JOIN LATERAL (SELECT to_timestamp(%(due)s::float8) + c.n * %(step)s::float8 * interval '1 second' AS due) AS d
"""
CUSTOMERS = "SELECT row_number() OVER (ORDER BY number), number FROM intake.customer ORDER BY number LIMIT %(count)s"
NOBODY = "SELECT n, ((100000000 + n) << 8) | (n * 167 %% 256) FROM generate_series(%(begin)s::bigint, %(end)s) AS n"
FIRST = 1_000_000_000
RUN_NUMBERS = 20_000_000
TABLES = "followup.follow_up, followup.follow_up_attempt, followup.contact_budget"


class World:
    """One system with intake and the scheduler running."""

    def __init__(self, bench):
        self.bench = bench
        self.database = bench.cluster.new_database()
        self.system = System(bench.cluster, bench.programs, self.database)
        self.run = 0
        self.planned = 0
        self.followup = None
        rules = self.system.folder / "rules.conf"
        rules.write_text(RULES)
        self.rules = rules
        self.dialer_key = self.system.key("bench", rights=["dial"])
        self.office = self.system.client("intake", "office", rights=["records"])
        self.connection = psycopg2.connect(self.system.conninfo())
        self.connection.autocommit = True

    def __enter__(self):
        self.system.start("intake")
        return self

    def __exit__(self, *unused):
        self.connection.close()
        self.system.stop()
        self.bench.cluster.drop_database(self.database)

    def start_scheduler(self):
        self.followup = self.system.start("followup", rules=self.rules)

    def execute(self, sql, values=None):
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    # ---- data

    def send(self, records):
        IntakeClient(self.office).send_all(records, per_message=200, seconds=RUN_SECONDS)

    def add_customers(self, count):
        for begin in range(0, count, CHUNK):
            self.send([profile(f"c-{i}", phone=f"+8613{i:09d}") for i in range(begin, min(begin + CHUNK, count))])

    def add_resolved_cases(self, count):
        """Events of every kind that a resolved case makes."""
        self.send([contact(f"c-{i}", case_ref=f"c-{i}", subject="brakes") for i in range(count)])
        self.send([case_update("resolved", customer_ref=f"c-{i}", case_ref=f"c-{i}") for i in range(count)])

    def add_due(self, count, due, step=0.0):
        """One for each customer; returns the counter of the first number, less one."""
        self.run += 1
        first = FIRST + self.run * RUN_NUMBERS
        self.execute(INSERT.format(source=CUSTOMERS), {
            "first": first, "occurrence": str(self.run), "due": due, "step": step, "count": count})
        return first

    def add_planned(self, count):
        """So many more that are due in weeks, of nobody in particular."""
        begin, end = self.planned + 1, self.planned + count
        for start in range(begin, end + 1, 500_000):
            self.execute(INSERT.format(source=NOBODY), {
                "first": FIRST - 500_000_000, "occurrence": "planned", "due": time.time() + 40 * 86400, "step": 0.1,
                "begin": start, "end": min(start + 499_999, end)})
        self.planned = end

    def settle(self):
        """What earlier runs left behind is no matter of the next one."""
        self.execute("VACUUM (ANALYZE) followup.follow_up")
        self.execute("VACUUM (ANALYZE) followup.follow_up_attempt")
        self.execute("VACUUM (ANALYZE) followup.contact_budget")
        self.execute("CHECKPOINT")

    # ---- dialing

    def dial(self, count, lines=LINES):
        """Starts a dialer that takes so many orders."""
        log = self.system.folder / f"orders-{time.monotonic_ns()}"
        command = [self.bench.tools / "followup_dialer_bench", self.system.endpoint("followup"),
                   self.system.service_key("followup").public_path, self.dialer_key.path, str(lines), str(count), log]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True), log

    def finish(self, process, seconds=RUN_SECONDS):
        timer = threading.Timer(seconds, process.stdin.close)
        timer.daemon = True  # who is stopped meanwhile does not wait for it
        timer.start()
        said = process.stdout.read()
        process.wait()
        timer.cancel()
        told = json.loads(said) if said else {"taken": 0, "seconds": 0, "twice": 0}
        if process.returncode != 0:
            raise TimeoutError(f"the dialer took {told['taken']} orders:\n{self.followup.log()[-2000:]}")
        if told["twice"]:
            raise AssertionError(f"{told['twice']} orders came twice")
        return told

    def rate(self, count):
        """(follow-ups per second from the first order to the last receipt, the log of the orders)"""
        self.add_due(count, time.time() - 60)
        self.settle()
        process, log = self.dial(count)
        return count / self.finish(process)["seconds"], log


def pause(seconds):
    threading.Event().wait(seconds)


def orders_of(log):
    """[(number of the follow-up, microseconds)], in the order in which the dialer got them."""
    return [tuple(map(int, line.split())) for line in log.read_text().splitlines()]


