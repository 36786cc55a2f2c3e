# SPDX-License-Identifier: Apache-2.0
"""Planted personal data: one customer's name, number, address, plate and words come in through every kind of record, also through
refused ones and while the database says no; then every place is searched that they could have leaked to.

The server writes down all that can be written down: every statement with its parameters, errors with theirs, statistics of
statements. Services log at 'debug', and each is killed by a signal that leaves a core where one is allowed. Nothing may be
found, in any encoding, outside of what is sealed. The control plants a text where none belongs: it has to be found.
"""

import os
import resource
import signal
import subprocess

from tests.faults.trial import fault
from tests.support.cluster import Cluster
from tests.support.intake_client import IntakeClient, contact
from tests.support.stage import Stage
from tests.support.system import System
from tests.system.test_personal_data import PLANTED, TEXT, planted_records

SETTINGS = {
    "shared_preload_libraries": "'pg_stat_statements'",
    "log_min_duration_statement": "0",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1",
    "log_error_verbosity": "verbose",
    "track_activity_query_size": "'64kB'",
}
STATISTICS = ["pg_stat_activity", "pg_stat_statements", "pg_stats", "pg_prepared_statements", "pg_stat_user_tables"]
PIECE = 1 << 24


def marks():
    """All that a text can look like in a file."""
    found = {}
    for text in PLANTED:
        plain = text.encode()
        for form in (plain, plain.hex().encode(), plain.hex().upper().encode(), text.encode("utf-16-le"),
                     text.encode("unicode_escape")):
            found[form] = text
    return found


class Search:
    def __init__(self, found):
        self.found, self.marks = found, marks()
        self.longest = max(map(len, self.marks))
        self.places = self.bytes = 0

    def data(self, where, data):
        self.places += 1
        self.bytes += len(data)
        seen = {text for mark, text in self.marks.items() if mark in data}
        if seen:
            self.found.unauthorised += 1
            self.found.broken.append(f"I10: {where} holds {sorted(seen)}")

    def file(self, path):
        """In pieces that overlap: a core or a segment of the log is large."""
        with open(path, "rb") as file:
            rest = b""
            while piece := file.read(PIECE):
                self.data(path, rest + piece)
                rest = piece[-self.longest:]

    def tree(self, folder, leave_out=()):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and path not in leave_out:
                self.file(path)


def tell_everything(cluster):
    for name, value in SETTINGS.items():
        cluster.psql(f"ALTER SYSTEM SET {name} = {value}", "postgres")
    cluster.restart("fast")


def crash(process, number):
    """As a mistake of ours would; where a core may be written it is."""
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_CORE)
    process.popen.send_signal(number)
    process.popen.wait()
    return hard


def plant(system, stage, chance):
    garage = IntakeClient(system.client("intake", "garage"))
    caller = IntakeClient(system.client("intake", "caller"))
    good, bad = planted_records("T-1", stage.clock.now_us)
    receipts = [garage.send_one(one) for one in good]
    receipts += [garage.send_one(one) for one in bad]
    customer = int(receipts[0].customer_number.split("-")[1])
    for kind in ("phone", "name", "person", "customer_texts"):
        caller.disclose(kind, customer)
    # Errors have parameters, too: a lock that is in the way until the statement is given up, and rows that do not open.
    system.psql("ALTER ROLE troth_intake SET statement_timeout = '200ms'")
    system.psql("UPDATE intake.contact_text SET sealed = substr(sealed, 1, 60) WHERE number ="
                " (SELECT max(number) FROM intake.contact_text)")
    caller.disclose("customer_texts", customer)
    blocker = subprocess.Popen(["psql", "-X", "-q", "-d", system.conninfo(), "-c",
                                "BEGIN; LOCK intake.contact_text, intake.person; SELECT pg_sleep(1)"], stdout=subprocess.DEVNULL)
    late = [contact("plant", occurred_us=stage.clock.now_us, body=f"{TEXT} {chance.random()}") for _ in range(5)]
    garage.send_all(late, seconds=60)
    blocker.wait()
    stage.run_out()
    return receipts


@fault("F26", "planted personal data, searched for wherever it could stand", short=1, long=10, unit="plantings",
       control="a text where none belongs")
def planted(trial):
    found = trial.found
    for _ in range(trial.rounds):
        search = Search(found)
        one_planting(trial, search)
        found.rounds += 1
        found.hit += 1
        found.figures.update(places=search.places, mebibytes=search.bytes >> 20)
    return found


def one_planting(trial, search):
    cores = resource.getrlimit(resource.RLIMIT_CORE)
    with Cluster(fast=True) as cluster:
        tell_everything(cluster)
        with System(cluster, trial.programs, log_level="debug") as system:
            resource.setrlimit(resource.RLIMIT_CORE, (cores[1], cores[1]))
            here = os.getcwd()
            try:
                os.chdir(system.folder)  # a core stands where the process does
                system.key("garage", ["records"])
                system.key("caller", ["disclosure"])
                system.psql("CREATE EXTENSION pg_stat_statements")
                stage = Stage(system)
                receipts = plant(system, stage, trial.chance)
                look_at_what_runs(system, stage, search)
                for process in stage.processes.values():
                    crash(process, trial.chance.choice([signal.SIGSEGV, signal.SIGABRT]))
                assert int(system.psql("SELECT count(*) FROM intake.contact_text")) > 10, "nothing was looked at"
                if trial.control:
                    system.psql(f"COMMENT ON TABLE intake.contact IS '{TEXT}'")
                look_at_what_stays(cluster, system, receipts, search)
            finally:
                os.chdir(here)
                resource.setrlimit(resource.RLIMIT_CORE, cores)


def look_at_what_runs(system, stage, search):
    for name in STATISTICS:
        search.data(name, system.psql(f"SELECT s::text FROM {name} AS s").encode())
    for name in stage.processes:
        search.data(f"metrics of {name}", system.get(name, "/metrics").encode())


def look_at_what_stays(cluster, system, receipts, search):
    dump = subprocess.run(["pg_dump", "--dbname", system.conninfo()], check=True, capture_output=True).stdout
    search.data("pg_dump", dump)
    search.data("receipts", b"".join(receipt.SerializeToString() for receipt in receipts))
    system.psql("CHECKPOINT")
    search.tree(system.folder)  # logs, the journal, cores
    # Tables and the write-ahead log as they stand on the disk, temporary files and the server's own log.
    search.tree(cluster.folder)
