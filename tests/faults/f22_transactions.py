# SPDX-License-Identifier: Apache-2.0
"""A reader that holds a snapshot for a minute, and a scheduler that stops in the middle of a transaction, while calls are due.

Others wait for neither: what is due is ordered in time, and events are read. The one that stopped is cut off by the server,
and what it writes when it goes on is refused.
"""

import threading
import time

import psycopg2

from tests.faults.herd import Herd, not_built
from tests.faults.sampler import Sampler
from tests.faults.trial import fault
from tests.support import ledger
from tests.support.stage import connections
from tests.support.system import wait_until

RATE = 20  # follow-ups that become due each second
HOLD_LONG, HOLD_SHORT = 60, 3  # seconds
CUT_OFF_MAX = 12.0  # the server is told 10 s
STOP_SECONDS = 60.0
# What those who wait behind the one that stopped may be late: its lease has to end. And by how much others may be later than
# without the reader.
LEASE, STOPPED_MAX = "3s", 20.0
LATER_MAX, SLACK = 2.0, 0.5
LAG_MAX = 5.0
IN_TRANSACTION = """SELECT FROM pg_stat_activity WHERE usename = 'troth_followup' AND xact_start IS NOT NULL
                       AND backend_type = 'client backend'"""
# Whoever goes on is not idle for so long.
IDLE_MS = 400
IDLE = f"""SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction' AND usename = 'troth_followup'
              AND state_change < clock_timestamp() - interval '{IDLE_MS} milliseconds'"""
LAG = """SELECT coalesce(extract(epoch FROM clock_timestamp() - min(e.at)), 0) FROM log.head AS h
           LEFT JOIN log.consumer_cursor AS c ON c.consumer = 'reporting' AND c.stream = h.stream AND c.bucket = h.bucket
           JOIN log.event AS e ON e.stream = h.stream AND e.bucket = h.bucket AND e.seq > coalesce(c.seq, 0)
          WHERE split_part(h.stream, '.', 1) IN ('intake', 'followup')"""
DEAD = """SELECT max(n_dead_tup) FROM pg_stat_user_tables WHERE schemaname IN ('followup', 'log')
             AND relname IN ('follow_up', 'follow_up_attempt', 'record_outbox', 'head', 'consumer_cursor', 'lease')"""


class Watch(Sampler):
    """How far behind the reader of events is, and dead rows."""

    every = 0.2

    def __init__(self, system):
        super().__init__()
        self.system, self.lags, self.dead, self.connection = system, [], 0, None

    def begin(self):
        self.connection = psycopg2.connect(self.system.conninfo())
        self.connection.autocommit = True

    def sample(self):
        with self.connection.cursor() as cursor:
            cursor.execute(LAG)
            self.lags.append(float(cursor.fetchone()[0]))
            cursor.execute(DEAD)
            self.dead = max(self.dead, int(cursor.fetchone()[0] or 0))

    def end(self):
        self.connection.close()


class Transactions:
    def __init__(self, herd, found, hold):
        self.herd, self.found, self.hold = herd, found, hold
        self.usual, self.held, self.stopped, self.cuts, self.lags = [], [], [], [], []
        self.dead = 0

    def start(self):
        herd = self.herd
        herd.customers(RATE * self.hold)
        if herd.trial.control:
            herd.system.environments["followup-2"] = {"TROTH_CRASH_CONTROL": herd.trial.control}
        for name in ("followup", "followup-2"):
            herd.start_scheduler(name, lease=LEASE)
        herd.start_dialer(("followup", "followup-2"), ring_time="20ms")
        herd.system.service_key("reporting")
        herd.start_one("reporting", **connections(herd.system, "reporting"))

    def become_due(self, seconds):
        """RATE each second from now on; returns the run."""
        count = RATE * seconds
        return self.herd.add(0, count, f"log.now() + interval '500 milliseconds' + n * interval '1 second' / {RATE}",
                             "log.now() + interval '10 days'")

    def late(self, run):
        """Seconds from due to order, of each, once all are over."""
        seconds = self.herd.system.psql(f"""
            SELECT extract(epoch FROM a.ordered_at - f.due_at) FROM followup.follow_up AS f
              JOIN followup.follow_up_attempt AS a ON a.bucket = f.bucket AND a.follow_up_number = f.number AND a.attempt = 1
             WHERE f.occurrence = '{run}'""").splitlines()
        return [float(text) for text in seconds]

    def wait_for_end_of(self, run):
        wait_until(lambda: self.herd.system.psql(f"""
            SELECT 1 WHERE NOT EXISTS (SELECT FROM followup.follow_up WHERE occurrence = '{run}' AND state < 4)"""),
            self.hold + 120, "the end of what is due")

    # ---- one round

    def without(self):
        run = self.become_due(max(2, self.hold // 4))
        self.wait_for_end_of(run)
        self.usual += self.late(run)

    def with_reader(self):
        """A report that somebody left open: it sees the queue as it was, and keeps its dead rows from being cleaned."""
        reader = psycopg2.connect(self.herd.system.conninfo())
        reader.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with reader.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM followup.follow_up, log.head")
            run = self.become_due(self.hold)
            begun = time.monotonic()
            self.wait_for_end_of(run)
            wait_until(lambda: time.monotonic() > begun + self.hold, self.hold + 5)
            cursor.execute("SELECT 1")
        reader.close()
        self.held += self.late(run)

    def stop_in_transaction(self):
        """Returns the server's process for it. Which of the two schedulers is in a transaction, the server does not say: the one
        that stops may be the other, and is let go."""
        process, pause = self.herd.processes["followup-2"], threading.Event()
        until = time.monotonic() + STOP_SECONDS
        connection = psycopg2.connect(self.herd.system.conninfo())
        connection.autocommit = True
        with connection.cursor() as cursor:
            while time.monotonic() < until:
                cursor.execute(IN_TRANSACTION)
                if not cursor.rowcount:
                    continue
                process.pause()
                pause.wait(1.2 * IDLE_MS / 1000)
                cursor.execute(IDLE)
                row = cursor.fetchone()
                if row:
                    return row[0]
                process.resume()
        return None

    def with_writer(self):
        run = self.become_due(max(6, self.hold // 2))
        pid = self.stop_in_transaction()
        begun = time.monotonic()
        if pid is None:
            self.wait_for_end_of(run)
            return False
        try:
            wait_until(lambda: not self.herd.system.psql(f"SELECT 1 FROM pg_stat_activity WHERE pid = {pid}"),
                       CUT_OFF_MAX, "the server's word to the one that stopped")
            self.cuts.append(time.monotonic() - begun)
        except TimeoutError as error:
            self.found.silent += 1
            self.found.broken.append(f"I12: {error}")
        self.herd.processes["followup-2"].resume()
        self.wait_for_end_of(run)
        self.stopped += self.late(run)
        return True

    def round(self):
        with Watch(self.herd.system) as watch:
            self.without()
            self.with_reader()
        self.lags += watch.lags
        self.dead = max(self.dead, watch.dead)
        self.found.hit += self.with_writer()
        self.found.rounds += 1

    # ---- what must be true

    def check(self):
        found = self.found
        usual, held = p99(self.usual), p99(self.held)
        found.figures.update({
            "order after due p99, usual": f"{usual * 1000:.0f} ms", "with the reader": f"{held * 1000:.0f} ms",
            "with the stopped one": f"{p99(self.stopped) * 1000:.0f} ms", "event lag p99": f"{p99(self.lags):.2f} s",
            "cut off after": ", ".join(f"{seconds:.1f}" for seconds in self.cuts[:5]) + " s", "dead rows at most": self.dead})
        if held > LATER_MAX * usual + SLACK * self.herd.trial.slack:
            found.broken.append(f"orders p99 {held:.2f} s with the reader, {usual:.2f} s without")
        if self.stopped and max(self.stopped) > STOPPED_MAX * self.herd.trial.slack:
            found.broken.append(f"an order came {max(self.stopped):.1f} s late while a scheduler stood still")
        if p99(self.lags) > LAG_MAX * self.herd.trial.slack:
            found.broken.append(f"events were read {p99(self.lags):.1f} s late")
        ledger.check_events(self.herd.system)


def p99(values):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))] if ordered else 0.0


@fault("F22", "a snapshot held for a minute, and a scheduler that stops in a transaction", short=1, long=20,
       control="never_cut_off", needs=not_built, hits_work=True)
def transactions(trial):
    found = trial.found
    with Herd(trial, has_demo_clock=False) as herd:
        run = Transactions(herd, found, HOLD_SHORT if trial.form == "short" else HOLD_LONG)
        run.start()
        for _ in range(trial.rounds):
            run.round()
        ledger.wait_until_quiet(herd.system, ["followup", "reporting"], 120)
        run.check()
        for process in herd.processes.values():
            process.kill()
        herd.judge(found)
    return found
