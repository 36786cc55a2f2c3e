# SPDX-License-Identifier: Apache-2.0
"""The database burns down under load, and is restored: to the end of the archive, and to an instant before.

    make drill ROUNDS=16 SEED=7

Real services, records and calls; what was acknowledged stands in a witness file that was synced. What is to be done after a
restore is deploy/backup/README.md, and its commands are what runs here. Prints a table; WRONG: lines and status 1 if anything
was not as it is promised there.
"""

import argparse
import json
import os
import random
import re
import signal
import sys
import time
from collections import Counter
from datetime import datetime, timezone

import intake_pb2 as pb

from tests.drill.acknowledged import Resender, Witness, WitnessedSender
from tests.drill.backups import FILES, Backups
from tests.support import ledger
from tests.support.cluster import ROOT, Cluster, run
from tests.support.intake_client import ACCEPTED, IntakeClient, profile, record
from tests.support.load import garage_records
from tests.support.stage import QUICK, SERVICES, Stage, connections
from tests.support.system import System, wait_until

CUSTOMERS = 10  # of a round: a hundred records, then three hours of business time
ROUND_HOURS = 3
SPARE_S = 5.0  # beside archive_timeout: the switch of a segment, and its way
DIALERS = ["dialer", "dialer-2"]
# Everybody answers at the first call, so that a second one about the same case is one too many.
DIALER = {"no_answer": 0.0, "busy": 0.0, "voicemail": 0.0, "refused": 0.0, "wrong_number": 0.0, "ring_time": "50ms",
          "lines": 4}  # so few that both dialers are needed
SCHEDULER = {**QUICK["followup"], "call_limit": "20s"}
OF_A_RESTORE = {"record_cut", "head_missing"}  # what the copy of signed heads has to say of an older database
OF_AN_ERASURE = "event_redacted"  # and that one was done again there whose own entry is lost
ARCHIVED_S = 300
RECIPE = FILES / "after-restore.sh"
LIVING = ROOT / "deploy/database/living_keys.sh"


class Burned(Exception):
    """Raised inside a sender: the server it was talking to is gone."""


class Forgotten:
    """A customer without a case, who is erased between the instant and the fire. A sender to tests.support.ledger."""

    KEY = "forgotten"  # and the name, as in all profiles of the load

    def __init__(self, system, occurred_us):
        self.system = system
        receipt = self._send("garage", profile(self.KEY, key=self.KEY, occurred_us=occurred_us, name=self.KEY,
                                               phone="+8613900004711"))
        self.kinds, self.receipts = {self.KEY: "customer_profile"}, {self.KEY: receipt}
        self.number = receipt.customer_number

    def erase(self, occurred_us):
        body = pb.CustomerErasure(ground=pb.ERASURE_GROUND_REQUEST, asked_by="customer", customer_number=self.number)
        self._send("officer", record(occurred_us=occurred_us, customer_erasure=body))

    def _send(self, source, one):
        receipt = IntakeClient(self.system.client("intake", source)).send_one(one)
        if receipt.status != ACCEPTED:
            raise AssertionError(f"{source}: {receipt}")
        return receipt

    def is_erased(self):
        number = int(self.number.split("-")[1])
        return self.system.psql(f"""
            SELECT (SELECT wrapped_key IS NULL FROM intake.customer WHERE number = {number})
                   AND NOT EXISTS (SELECT FROM intake.person WHERE customer_number = {number})
                   AND NOT EXISTS (SELECT FROM intake.customer_reference WHERE customer_number = {number})""") == "t"


class Drill:
    def __init__(self, cluster, programs, rounds, seed, archive_timeout):
        self.system = System(cluster, programs)
        self.cluster, self.rounds, self.seed, self.archive_timeout = cluster, rounds, seed, archive_timeout
        self.backups = None
        self.chance = random.Random(seed)
        self.figures, self.wrong = {}, []
        self.round = 0
        self.clock = None
        self.journals = {name: self.system.folder / f"{name}.journal" for name in DIALERS}
        self.audit_key = self.system.folder / "audit.key"
        self.master_keys = self.system.master_key_file()

    def __enter__(self):
        try:
            self.start_all()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start_all(self):
        self.backups = Backups(self.cluster, self.archive_timeout)
        self.witness = Witness(self.system.folder / "acknowledged")
        done = self.system.run("troth", "audit", "key", "new", self.audit_key, "--installation", "drill")
        self.expect(done.returncode == 0, f"no audit key: {done.stderr}")
        for name in (*SERVICES, *DIALERS):
            self.system.service_key(name if name != "dialer-2" else "dialer")
        self.system.key("garage", ["records"])
        self.system.key("officer", ["records", "erasure"])
        self.stage = self.start_services("heads")

    def __exit__(self, *unused):
        try:
            self.system.stop()
        finally:
            if self.backups is not None:
                self.backups.__exit__()

    def expect(self, is_so, text):
        if not is_so:
            self.wrong.append(text)

    # ---- the services

    def start_services(self, copy, dialers=DIALERS):
        """copy: the file of signed heads; another one after a restore. dialers: in the order in which they come."""
        self.copy = self.system.folder / copy
        audit = {"audit_key_file": self.audit_key, "audit_every": "1s", "audit_copy": self.copy}
        stage = Stage(self.system, SERVICES, self.clock, intake=audit, followup=SCHEDULER)
        self.clock = stage.clock
        for name in dialers:
            settings = {**connections(self.system, "dialer"), **DIALER, "name": name, "journal": self.journals[name]}
            stage.processes[name] = self.system.start("dialer", name, arguments=["--demo-clock"], **settings)
        self.client = self.system.client("intake", "garage")
        return stage

    def stop_services(self):
        for process in self.stage.processes.values():
            process.kill()
        self.client.close()

    # ---- load

    def load_round(self, actions=None, hours=ROUND_HOURS):
        self.round += 1
        records = garage_records(self.seed + self.round, CUSTOMERS, f"r{self.round}", first=CUSTOMERS * self.round)
        sender = WitnessedSender(self.witness, self.client, records, self.stage.clock, self.round)
        sender.run(actions)
        self.stage.step(hours)

    def load_while(self, process):
        """At least one round; until that command has ended."""
        while True:
            self.load_round()
            if process.poll() is not None:
                break
        told, _ = process.communicate()
        if process.returncode != 0:
            raise AssertionError(f"a backup failed:\n{told}")

    def back_up(self, kind):
        begun, before = time.monotonic(), len(self.witness.acknowledged)
        self.load_while(self.backups.start("backup", f"--type={kind}"))
        self.figures[f"backup_{kind}_s"] = round(time.monotonic() - begun, 1)
        self.figures[f"records_during_{kind}"] = len(self.witness.acknowledged) - before

    def work(self):
        """Load, backups in the midst of it, the instant to come back to, more load, and then the end."""
        begun = time.monotonic()
        self.forgotten = Forgotten(self.system, self.clock.now_us)
        for _ in range(self.rounds // 4):
            self.load_round()
        self.back_up("full")
        for _ in range(self.rounds // 4):
            self.load_round()
        self.back_up("diff")
        self.load_round({50: self.choose_instant})
        self.forgotten.erase(self.clock.now_us)
        self.segment = self.system.psql("SELECT pg_walfile_name(pg_current_wal_lsn())")
        for _ in range(self.rounds // 2):
            self.load_round()
        # An instant that the archive does not reach cannot be restored, nor the erasure. Business time stands: who was called
        # since the instant shall still be due after it.
        until = time.monotonic() + ARCHIVED_S
        while self.archived() <= self.segment:
            if time.monotonic() > until:
                raise TimeoutError(f"after {ARCHIVED_S} s {self.segment} is not archived, but {self.archived()}")
            self.load_round(hours=0)
        wait_until(lambda: len(self.dials()) > 2 * CUSTOMERS, 60, "calls")
        try:
            self.load_round({50: self.burn})
        except Burned:
            pass
        self.figures["records_acknowledged"] = len(self.witness.acknowledged)
        self.figures["load_s"] = round(time.monotonic() - begun, 1)
        self.figures["calls_dialed"] = len(self.dials())
        self.kept = {name: path.read_bytes() for name, path in self.journals.items()}

    def choose_instant(self):
        self.instant = time.time()

    def archived(self):
        """The newest segment of the log that is safe."""
        return self.system.psql("SELECT last_archived_wal FROM pg_stat_archiver")

    def burn(self):
        self.burned_at = time.time()
        self.backups.destroy()
        raise Burned

    def dials(self):
        """The key of each call in any journal."""
        lines = [line.split() for path in self.journals.values() if path.exists()
                 for line in path.read_text().splitlines()]
        return [words[2] for words in lines if words[1:2] == ["placed"]]

    # ---- after a restore

    def restore(self, name, *options):
        """Restores, looks at every page, and says which records are there."""
        begun = time.monotonic()
        self.backups.restore(*options)
        self.figures[f"{name}_restore_s"] = round(time.monotonic() - begun, 1)
        # Shared memory forgets it with a restart: ask before the pages are checked.
        replayed = self.system.psql("SELECT extract(epoch FROM pg_last_xact_replay_timestamp())")
        self.figures[f"{name}_blocks_checked"] = self.backups.check_files()
        self.expect(self.verify() == [], f"{name}: the tamper-evident record is not whole: {self.verify()}")
        orphans = self.system.run("troth", "check", "--orphans", "--database", self.system.conninfo("troth_operator"))
        self.expect(orphans.returncode == 0, f"{name}: orphans: {orphans.stdout}{orphans.stderr}")
        ledger.check_events(self.system)
        return float(replayed)

    def verify(self, copy=None):
        more = ["--copies", copy] if copy else []
        done = self.system.run("troth", "audit", "verify", "--key", self.audit_key, *more, "--json", "--database",
                               self.system.conninfo("troth_operator"))
        return [fault["kind"] for fault in json.loads(done.stdout)["faults"]]

    def stored(self):
        return set(self.system.psql("""
            SELECT r.key FROM intake.receipt r JOIN intake.source s ON s.id = r.source_id
             WHERE s.name = 'garage'""").splitlines()) - {Forgotten.KEY}

    def check_end(self, replayed):
        """Everything up to the last transaction of the archive, and the figure how far that is from the fire."""
        stored = self.stored()
        missing = self.witness.acknowledged_before(replayed) - stored
        self.expect(not missing, f"acknowledged before the end of the archive and lost: {sorted(missing)[:5]}")
        self.figures["end_recovery_point_s"] = round(self.burned_at - replayed, 1)
        self.figures["end_acknowledged_after_it"] = len(set(self.witness.acknowledged) - stored)
        self.expect(self.burned_at - replayed <= self.archive_timeout + SPARE_S, "the archive was too far behind")

    def check_instant(self):
        """Exactly what had happened by then; what was on its way at that very moment may be there or not."""
        stored = self.stored()
        missing = self.witness.acknowledged_before(self.instant) - stored
        later = stored - self.witness.sent_before(self.instant)
        self.expect(not missing, f"acknowledged before the instant and lost: {sorted(missing)[:5]}")
        self.expect(not later, f"sent after the instant, and there: {sorted(later)[:5]}")
        self.figures["instant_records"] = len(stored)
        self.figures["instant_on_their_way"] = len(stored - self.witness.acknowledged_before(self.instant))

    def recipe(self, *arguments):
        return run([RECIPE, *arguments])

    def go_on(self, name, is_reconciled=True):
        """The recipe, the services, all senders once more; until all is quiet. Returns how many were called twice."""
        redone = [OF_AN_ERASURE] if name == "instant" else []
        cut = set(self.verify(self.system.folder / "heads")) - set(redone)
        # The end may be as new as the newest head; heads of hundreds of records after the instant are in the copy alone.
        is_so = cut <= OF_A_RESTORE if name == "end" else cut == OF_A_RESTORE
        self.expect(is_so, f"{name}: the copy of heads says {sorted(cut)}")
        if is_reconciled:
            told = self.recipe("reconcile", self.superuser(), *self.journals.values())
            orders = next(line for line in told.splitlines() if line.startswith("orders:"))
            self.figures[f"{name}_orders_given_back"] = int(re.findall(r"\d+", orders)[2])
        self.clock.step(0)  # the database has the business time of the instant: it jumps, as after any downtime
        existing = set(self.system.psql("SELECT number FROM followup.follow_up").splitlines())
        self.stage = self.start_services(f"heads-{name}", reversed(DIALERS))  # who is asked first is chance
        sender = Resender(self.witness, self.client, self.clock)
        begun = time.monotonic()
        sender.run()
        self.figures[f"{name}_sent_again"] = len(sender.receipts)
        self.figures[f"{name}_sent_again_s"] = round(time.monotonic() - begun, 1)
        self.stage.run_out()
        self.check_whole(name, sender, is_reconciled, redone)
        return self.called_twice(existing)

    def check_whole(self, name, sender, is_reconciled, redone):
        self.stage.check_alive()
        ledger.check_records(self.system, [sender, self.forgotten], "garage")
        ledger.check_loyalty(self.system)
        ledger.check_follow_ups(self.system)
        twice = [key for key, count in Counter(self.dials()).items() if count > 1]
        self.expect(not (twice and is_reconciled), f"{name}: the same order dialed twice: {twice[:5]}")
        wait_until(lambda: self.system.metric("intake", "troth_intake_audit_inconsistent") == 0, what="a signed head")
        wait_until(lambda: self.copy.exists(), what="a new copy of heads")
        self.expect(self.verify(self.copy) == redone, f"{name}: the new copy: {self.verify(self.copy)}")

    def called_twice(self, existing):
        """Follow-ups that the restored database had, and cases: each with more than one call in any journal."""
        numbers = Counter(key.split("-")[1] for key in self.dials())
        return sum(count > 1 for number, count in numbers.items() if number in existing)

    def superuser(self):
        return self.system.conninfo("postgres")

    def again(self, name, *options):
        """The fire once more, with the dialers' journals as they were at the first one."""
        self.stop_services()
        self.backups.destroy()
        for dialer, text in self.kept.items():
            self.journals[dialer].write_bytes(text)
        return self.restore(name, *options)

    def run(self, has_control):
        self.work()
        self.stop_services()
        target = datetime.fromtimestamp(self.instant, timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f+00")
        self.figures["repository_mib"] = self.backups.size_mib()
        self.backups.run("verify")
        self.check_end(self.restore("end", "--archive-mode=off"))
        living = self.system.folder / "living-keys"
        run([LIVING, "save", self.superuser(), living])
        self.expect(self.forgotten.is_erased(), "end: the erasure was archived, and is not there")
        twice = self.go_on("end")
        self.expect(twice == 0, f"end: {twice} follow-ups were called twice")
        to_instant = ("--type=time", f"--target={target}", "--target-action=promote")
        if has_control:
            self.again("control", *to_instant, "--archive-mode=off")
            twice = self.go_on("control", is_reconciled=False)
            self.figures["control_called_twice"] = twice
            self.expect(not self.forgotten.is_erased(), "without the recipe nobody came back: the check is blind")
            self.expect(twice > 0, "without the recipe nobody was called twice: the check is blind")
        self.again("instant", *to_instant)
        self.check_instant()
        run([LIVING, "restore", self.superuser(), living])
        self.expect(self.forgotten.is_erased(), "instant: who was erased after it is back")
        twice = self.go_on("instant")
        self.figures["instant_called_twice"] = twice
        self.expect(twice == 0, f"instant: {twice} follow-ups were called twice")
        self.backups.run("check")
        self.back_up("full")  # the new timeline has one of its own
        self.stage.check_alive()


def table(figures):
    width = max(len(name) for name in figures)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in figures.items())


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.drill.drill")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=16, help="of a hundred records each")
    parser.add_argument("--archive-timeout", type=int, default=10, help="seconds; deploy/backup/postgresql.conf says 60")
    parser.add_argument("--no-control", action="store_true", help="leave out the restore without the recipe")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is cleaned up
    programs = ROOT / os.environ.get("TROTH_OUT", "build") / "bin"
    begun = time.monotonic()
    with Cluster() as cluster, Drill(cluster, programs, options.rounds, options.seed, options.archive_timeout) as drill:
        drill.run(not options.no_control)
    drill.figures["seconds"] = round(time.monotonic() - begun, 1)
    print(table({"seed": options.seed, **drill.figures}))
    for text in drill.wrong:
        print(f"WRONG: {text}")
    return 1 if drill.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
