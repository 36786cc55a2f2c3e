# SPDX-License-Identifier: Apache-2.0
"""A rolling upgrade, a rollback, and the upgrade again, under load: two processes of each service, one replaced at a time.

    make upgrade-test SEED=7

1. Everything runs in version N-1 (tests/upgrade/release.py builds it), on the schema that it brought.
2. The schema is migrated while everything runs.
3. Each process is replaced by the new version; half way, both versions run for a while.
4. Each is replaced by version N-1 again: the schema stays.
5. And forward once more.

Meanwhile a source sends records without a pause, and business time goes on, so that calls are placed and promises end.
In each phase an event comes that no version knows. Afterwards the witnesses are compared, as after kills: the receipts of
the source, what is stored, the schedulers' rows, the dialers' journals, what the simulated telephone network wrote down;
scores and figures are computed once more from the facts, and the tamper-evident record is verified.
"""

import argparse
import os
import subprocess
import sys
import threading
import time

from tests.support import ledger
from tests.support.cluster import MIGRATE, Cluster
from tests.support.load import DemoClock, Sender, garage_records
from tests.support.stage import LEASE, QUICK, ask
from tests.support.system import System, wait_until
from tests.support.witness import ROOT, judge
from tests.upgrade import release

SERVICES = ["intake", "followup", "loyalty", "reporting", "dialer"]
# Consumers first: who reads events and records knows the new kinds before anybody makes them. Back in reverse.
FORWARD = ["reporting", "loyalty", "followup", "dialer", "intake"]
DATABASE = "upgrade"
ROUND_CUSTOMERS, ROUND_PAUSE = 4, 0.3  # how fast records come: ten of each customer
CUSTOMERS = 200  # then they come again
# The phase from which on somebody is called in each: a case is called about 24 hours after it was resolved, and a phase has 12.
FIRST_WITH_CALLS = 2
# In a stream that no process writes to. The body is a message in field 99, which is none of Event.
UNKNOWN = """
    WITH head AS (INSERT INTO log.head AS h (stream, bucket, seq) VALUES ('intake.7', 1, 1)
                      ON CONFLICT (stream, bucket) DO UPDATE SET seq = h.seq + 1 RETURNING seq)
    INSERT INTO log.event (stream, bucket, seq, customer_id, version, kind, at, body)
    SELECT 'intake.7', 1, seq, 257, 1, 'from_the_future', log.now(), '\\x9a06020801' FROM head"""


def instances(service):
    return [service, f"{service}-2"]


class TwoVersions(System):
    """Each instance runs in the version that 'versions' says; the others of the class System."""

    def __init__(self, cluster, old, new, **options):
        super().__init__(cluster, new["intake"].parent, database=DATABASE, **options)
        self.paths = {"old": old, "new": new}
        self.versions = {}
        self.dial_log = self.folder / "dials.log"
        self.dial_log.touch()

    def everywhere(self, service, what="requests"):
        return " ".join(self.endpoint(name, what) for name in instances(service))

    def start_one(self, service, instance, version):
        process = self.start(
            service, instance, arguments=["--demo-clock"], environment={"TROTH_DIAL_LOG": str(self.dial_log)},
            path=self.paths[version][service], **self.options_of(service, instance))
        self.versions[instance] = version
        return process

    def start(self, service, instance=None, path=None, **options):
        self._program = path
        return super().start(service, instance, **options)

    def program(self, service):
        return self._program

    def options_of(self, service, instance):
        options = {} if service == "dialer" else {"lease": LEASE}
        options.update(QUICK.get(service, {}))
        for other in {"followup": ["intake"], "loyalty": ["intake"],
                      "reporting": ["intake", "followup", "loyalty"]}.get(service, []):
            options[f"{other}_events"] = self.everywhere(other, "events")
            options[f"{other}_key_file"] = self.service_key(other).public_path
        if service == "intake":
            options["audit_key_file"] = self.folder / "audit.key"
        if service == "followup":
            options["intake"] = self.everywhere("intake")
        if service == "reporting":
            options.update({other: self.everywhere(other) for other in ("intake", "followup", "loyalty")})
        if service == "dialer":
            options.update(followup=self.everywhere("followup"), name=instance, journal=self.folder / f"{instance}.journal")
        return options


class Load(threading.Thread):
    """A source that sends the records of a few customers after each other, until it is told to stop."""

    def __init__(self, system, clock, seed):
        super().__init__(daemon=True)
        self.client = system.client("intake", "garage", instance=instances("intake"))
        self.clock, self.seed = clock, seed
        self.senders, self.error = [], None
        self.stopped = threading.Event()

    def run(self):
        try:
            while not self.stopped.wait(ROUND_PAUSE):
                number = len(self.senders)
                records = garage_records(self.seed + number, ROUND_CUSTOMERS, prefix=f"r{number}",
                                         first=number * ROUND_CUSTOMERS % CUSTOMERS)
                self.senders.append(Sender(self.client, records, self.clock, self.seed, in_flight=16))
                self.senders[-1].run()
        except Exception as error:  # pylint: disable=broad-except
            self.error = error

    def end(self):
        self.stopped.set()
        self.join(120)
        if self.error or self.is_alive():
            raise self.error or TimeoutError("the source did not come to an end")

    def count(self):
        return sum(sender.acknowledged for sender in self.senders)


class Rolling:
    """One run."""

    def __init__(self, system, seed, seconds_each):
        self.system, self.seconds_each = system, seconds_each
        self.clock = DemoClock(system)
        self.processes, self.rows = {}, []
        system.run("troth", "audit", "key", "new", system.folder / "audit.key")
        for service in SERVICES:
            system.service_key(service)
        system.key("garage", ["records"])
        self.load = Load(system, self.clock, seed)

    # ---- one phase

    def phase(self, name, act):
        """Does it while records come, then lets half a day of business time pass, and writes a row of the table."""
        begun, before, retries = time.monotonic(), self.load.count(), self.retries()
        act()
        self.send_unknown()
        self.live()
        self.check_alive()
        self.rows.append({"phase": name, "seconds": round(time.monotonic() - begun, 1),
                          "records": self.load.count() - before, "retries": self.retries() - retries,
                          "dials": self.dials()})
        print(f"{name}: {self.rows[-1]}", file=sys.stderr, flush=True)

    def live(self):
        """Two steps of business time, in each of which records come for a while."""
        for _ in range(2):
            enough = time.monotonic() + self.seconds_each / 2
            wait_until(lambda: time.monotonic() >= enough or self.load.error, 600)
            self.step(6)

    def step(self, hours):
        for name in instances("intake"):
            wait_until(lambda n=name: self.time_of(n) >= self.clock.now_us // 1_000_000, what=f"the clock of {name}")
        self.clock.step(hours)

    def time_of(self, name):
        try:
            lines = ask(self.system.http(name), "/metrics").splitlines()
        except OSError:
            return 0
        return next((int(line.split()[1]) for line in lines if line.startswith("troth_clock_business_seconds ")), 0)

    def send_unknown(self):
        self.system.psql(UNKNOWN)

    def retries(self):
        return sum(sender.retries for sender in self.load.senders)

    def dials(self):
        return len(self.system.dial_log.read_text().split())

    def check_alive(self):
        for name, process in self.processes.items():
            if not process.is_running():
                raise AssertionError(f"{name} ({self.system.versions[name]}) ended by itself:\n{process.log()[-3000:]}")

    # ---- what is done

    def start(self, version):
        for service in SERVICES:
            for name in instances(service):
                self.processes[name] = self.system.start_one(service, name, version)
        self.load.start()

    def migrate(self):
        subprocess.run([MIGRATE, self.system.conninfo()], check=True, stdout=sys.stderr)

    def mix(self):
        """One of each is of the new version, which may then do what only it does: close a part of the log."""
        self.replace(FORWARD, "new", which=(0,))
        closed = self.system.psql("SELECT log.event_part_close(log.now(), '0', 1000)", role="troth_intake")
        assert int(closed) > 0, "no part was closed"

    def replace(self, services, version, which=(0, 1)):
        """In order, one at a time: it drains and ends, the other takes its place."""
        for service in services:
            for name in [instances(service)[i] for i in which]:
                assert self.processes[name].terminate() == 0, self.processes[name].log()[-3000:]
                self.processes[name] = self.system.start_one(service, name, version)

    def run(self):
        begun = time.monotonic()
        self.phase("N-1 alone", lambda: self.start("old"))
        self.phase("the schema is migrated", self.migrate)
        self.phase("one of each is N", self.mix)
        self.phase("all are N", lambda: self.replace(FORWARD, "new", which=(1,)))
        self.phase("back: one of each is N-1", lambda: self.replace(FORWARD[::-1], "old", which=(0,)))
        self.phase("back: all are N-1", lambda: self.replace(FORWARD[::-1], "old", which=(1,)))
        self.phase("forward again", lambda: self.replace(FORWARD, "new"))
        self.load.end()
        self.run_out()
        return self.judge(time.monotonic() - begun)

    def run_out(self):
        """Until nobody has anything to do."""
        ledger.wait_until_quiet(self.system, seconds=120)
        while ledger.number(self.system, """
            SELECT (SELECT count(*) FROM followup.follow_up WHERE state < 4)
                 + (SELECT count(*) FROM intake.promise WHERE next_step_at IS NOT NULL)"""):
            self.step(6)
            ledger.wait_until_quiet(self.system, seconds=120)

    # ---- what came of it

    def idle_phases(self):
        """Those that show nothing, because what they are about did not happen in them."""
        for number, row in enumerate(self.rows):
            if row["records"] == 0:
                yield f"no record was accepted in the phase \"{row['phase']}\""
            if number >= FIRST_WITH_CALLS and row["dials"] == self.rows[number - 1]["dials"]:
                yield f"nobody was called in the phase \"{row['phase']}\""

    def judge(self, seconds):
        figures = ledger.check_records(self.system, self.load.senders, "garage")
        figures.update(ledger.check_loyalty(self.system))
        figures.update(ledger.check_reporting(self.system))
        figures.update(self.check_audit())
        journals = [self.system.folder / f"{name}.journal" for name in instances("dialer")]
        for process in self.processes.values():
            process.terminate()
        verdict = judge(self.system, journals)
        verdict.wrong += self.idle_phases()
        ledger.check_follow_ups(self.system)
        ledger.check_answers(self.system)
        sent = figures["acknowledged"]
        refused = self.retries()
        if refused * 100 >= sent:
            verdict.wrong.append(f"{refused} of {sent} records were refused for the moment: 1 % or more")
        figures.update(retries=refused, sent_again=sum(sender.repeats for sender in self.load.senders),
                       seconds=round(seconds, 1))
        verdict.figures = {**figures, **verdict.figures}
        return verdict

    def check_audit(self):
        done = self.system.run("troth", "audit", "verify", "--key", self.system.folder / "audit.key",
                               "--database", self.system.conninfo("troth_operator"))
        assert done.returncode == 0, done.stdout + done.stderr
        return {"audit": "verified"}


def programs_of(version):
    """Of the new version: as they are built, but the dialer that writes down whom it called."""
    if version == "old":
        built = release.programs(release.newest())
        return {name: built / f"troth-{name}" for name in SERVICES} if built else None
    out = ROOT / os.environ.get("TROTH_OUT", "build")
    crash = ROOT / (os.environ.get("TROTH_CRASH") or out / "gcc-crash")
    paths = {name: (crash if name == "dialer" else out) / "bin" / f"troth-{name}" for name in SERVICES}
    return paths if all(path.exists() for path in paths.values()) else None


def upgrade(seed, seconds_each):
    """The verdict and the rows of the table."""
    old, new = programs_of("old"), programs_of("new")
    with Cluster(fast=True, migrate=False) as cluster:
        there = release.source(release.newest()) / "deploy/database/migrate.sh"
        subprocess.run([there, cluster.conninfo(dbname=DATABASE)], check=True)
        with TwoVersions(cluster, old, new, log_level="warning") as system:
            run = Rolling(system, seed, seconds_each)
            return run.run(), run.rows


def table(rows):
    columns = list(rows[0])
    lines = [columns, *[[str(row[column]) for column in columns] for row in rows]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.upgrade.rolling")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20, help="of load in each phase, after what is done in it")
    options = parser.parse_args()
    if release.build(release.newest()) is None or programs_of("new") is None:
        print("not built: the commit of N-1 is not in this clone, or make crash-programs CRASH=1 is missing", file=sys.stderr)
        return 2
    verdict, rows = upgrade(options.seed, options.seconds)
    print(table(rows))
    for name, value in verdict.figures.items():
        print(f"{name:<16} {value}")
    for text in verdict.wrong:
        print(f"WRONG: {text}")
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
