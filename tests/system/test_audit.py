# SPDX-License-Identifier: Apache-2.0
"""The tamper-evident record: whatever a superuser changes is found and named; a proof holds by itself."""

import json
import shutil
import subprocess

import pytest

from tests.support.intake_client import ACCEPTED, IntakeClient, case_update, contact
from tests.support.metrics_page import MetricsPage
from tests.support.system import System, wait_until

CASES = 60
NO_COPY = "/no/such/copy"


class Record:
    """A system whose intake keeps the record, and the command line that looks at it."""

    def __init__(self, system, programs):
        self.system, self.programs = system, programs
        self.key, self.copy = system.folder / "audit.key", system.folder / "heads"
        assert self.troth("audit", "key", "new", self.key, "--installation", "garage").returncode == 0
        self.settings = {"audit_key_file": self.key, "audit_every": "1s", "audit_copy": f"{self.copy}:{NO_COPY}"}
        self.client = IntakeClient(system.client("intake", "source", rights=["records"]))

    def troth(self, *arguments, database=None):
        command = [str(self.programs / "troth"), *map(str, arguments)]
        if database is not None:
            command += ["--database", database]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False,
                              env={"PATH": "/usr/bin:/bin"})

    def verify(self, database, *arguments, copies=True, status=0):
        more = ["--copies", self.copy] if copies else []
        done = self.troth("audit", "verify", "--key", self.key, *more, *arguments, "--json",
                          database=self.system.cluster.conninfo("troth_operator", database))
        assert done.returncode == status, (done.stdout, done.stderr)
        return json.loads(done.stdout)

    def prove(self, case, *arguments, status=0):
        done = self.troth("audit", "prove", case, "--key", self.key, *arguments,
                          database=self.system.conninfo("troth_operator"))
        assert done.returncode == status, done.stderr
        return json.loads(done.stdout) if status == 0 else done.stderr

    def check(self, proof, *arguments, key=None, status=0):
        path = self.system.folder / "proof.json"
        path.write_text(proof if isinstance(proof, str) else json.dumps(proof))
        done = subprocess.run([str(self.programs / "troth-proof"), "check", str(path), "--key",
                               str(key or self.key.with_suffix(".pub")), *map(str, arguments)],
                              capture_output=True, text=True, timeout=60, check=False, env={})
        assert done.returncode == status, (done.stdout, done.stderr)
        return done.stdout + done.stderr

    def send_cases(self, count, first=0):
        """Cases that are answered and resolved; returns their numbers."""
        opened = [contact(f"c-{i}", kind="complaint") for i in range(first, first + count)]
        receipts = self.client.send_all(opened)
        numbers = [receipts[one.key].case_number for one in opened]
        for action in ("responded", "resolved"):
            done = self.client.send_all([case_update(action, case_number=number) for number in numbers])
            assert {one.status for one in done.values()} == {ACCEPTED}
        return numbers

    def is_signed(self):
        """Every event is an entry, and the newest head covers it."""
        return self.system.psql(
            "SELECT (SELECT count(*) FROM log.event) = (SELECT tree_size FROM audit.head ORDER BY number DESC LIMIT 1)") == "t"

    def wait_signed(self):
        """And the head is in the copy."""
        wait_until(self.is_signed, what="a head over all events")
        number = self.system.psql("SELECT max(number) FROM audit.head")
        wait_until(lambda: self.copy.exists() and f'"number":{number},' in self.copy.read_text().splitlines()[-1],
                   what="its copy")

    def clone(self, name):
        self.system.psql_elsewhere(f'CREATE DATABASE "{name}" TEMPLATE "{self.system.database}"')
        return name


@pytest.fixture
def record(system, programs):
    return Record(system, programs)


@pytest.fixture(scope="module")
def recorded(cluster, programs):
    """A record with its copy, whose intake has ended. old is the database as it was before the last cases."""
    with System(cluster, programs) as system:
        one = Record(system, programs)
        intake = system.start("intake", **one.settings)
        one.cases = one.send_cases(CASES)
        one.wait_signed()
        assert intake.terminate() == 0
        one.old = one.clone(f"{system.database}-old")
        intake = system.start("intake", **one.settings)
        one.cases += one.send_cases(CASES, CASES)
        one.wait_signed()
        assert intake.terminate() == 0
        yield one
        system.psql_elsewhere(f'DROP DATABASE "{one.old}"')


TABLES = ["log.event", "log.head", "log.consumer_cursor", "audit.run", "audit.tile", "audit.head"]


@pytest.fixture(scope="module")
def playground(recorded):
    """A copy of the database, with a second copy of what can be changed beside it."""
    name = recorded.clone(f"{recorded.system.database}-tampered")
    recorded.system.cluster.psql("CREATE SCHEMA kept; " + " ".join(
        f"CREATE TABLE kept.{table.replace('.', '_')} AS TABLE {table};" for table in TABLES), name)
    yield name
    recorded.system.psql_elsewhere(f'DROP DATABASE "{name}"')


@pytest.fixture
def tampered(recorded, playground):
    """Runs SQL as a superuser; what verify says of it after that. In the end all is as it was."""

    def run(sql, **options):
        if sql:
            recorded.system.cluster.psql(sql, playground)
        return recorded.verify(playground, **options)

    run.restore = lambda: recorded.system.cluster.psql(f"BEGIN; TRUNCATE {', '.join(TABLES)}; " + " ".join(
        f"INSERT INTO {table} TABLE kept.{table.replace('.', '_')};" for table in TABLES) + " COMMIT", playground)
    yield run
    run.restore()


def faults(found):
    return [(one["kind"], one["text"]) for one in found["faults"]]


def test_a_record_that_nobody_touched_is_whole(recorded):
    found = recorded.verify(recorded.system.database)
    events = int(recorded.system.psql("SELECT count(*) FROM log.event"))
    heads = int(recorded.system.psql("SELECT count(*) FROM audit.head"))
    assert events > 512, "more than two tiles"
    assert (found["entries"], found["heads"], found["copied_heads"], found["faults"]) == (events, heads, heads, [])
    # From a head on: as much less is looked at as stood before it.
    size = int(recorded.system.psql("SELECT tree_size FROM audit.head WHERE number = 2"))
    found = recorded.verify(recorded.system.database, "--from-head", "2")
    assert (found["from"], found["faults"]) == (size, [])
    # It does not depend on the copies; one that is not there cannot be looked at.
    assert recorded.verify(recorded.system.database, copies=False)["copied_heads"] == 0
    done = recorded.troth("audit", "verify", "--key", recorded.key, "--copies", NO_COPY,
                          database=recorded.system.conninfo("troth_operator"))
    assert done.returncode == 1 and NO_COPY in done.stderr


def test_nothing_in_the_schema_tells_what_happened(recorded):
    sizes = recorded.system.psql("SELECT string_agg(DISTINCT octet_length(hashes) % 32 || '', ',') FROM audit.tile")
    assert sizes == "0"
    bodies = recorded.system.psql("SELECT encode(body, 'hex') FROM log.event WHERE octet_length(body) > 20").splitlines()
    tiles = recorded.system.psql("SELECT encode(hashes, 'hex') FROM audit.tile")
    assert not any(body in tiles for body in bodies)


PLACE = "(stream, bucket, seq) = (SELECT stream, bucket, seq FROM log.event WHERE kind = 'case_opened' ORDER BY bucket, seq, stream LIMIT 1)"
OTHER = "(SELECT stream, bucket, seq FROM log.event WHERE kind = 'case_opened' ORDER BY bucket DESC, seq DESC, stream LIMIT 1)"

# What a superuser does, what that is called, and SQL for what must be named.
CHANGES = {
    "a body is edited": (
        f"UPDATE log.event SET body = set_byte(body, octet_length(body) - 1, (get_byte(body, octet_length(body) - 1) + 1) % 128) WHERE {PLACE}",
        "event_changed", f"SELECT stream || '/' || bucket || '/' || seq FROM log.event WHERE {PLACE}"),
    "a time is edited": (f"UPDATE log.event SET at = at - interval '1 microsecond' WHERE {PLACE}",
                         "event_changed", f"SELECT stream || '/' || bucket || '/' || seq FROM log.event WHERE {PLACE}"),
    "a kind is edited": (f"UPDATE log.event SET kind = 'case_reopened' WHERE {PLACE}", "event_changed", "SELECT 'case_reopened'"),
    "a customer is edited": (f"UPDATE log.event SET customer_id = customer_id + 256 WHERE {PLACE}", "event_changed", None),
    "a version is edited": (f"UPDATE log.event SET version = version + 1 WHERE {PLACE}", "event_changed", None),
    "an event is deleted": (f"DELETE FROM log.event WHERE {PLACE}", "event_deleted", f"SELECT stream || '/' || bucket || '/' || seq FROM log.event WHERE {PLACE}"),
    "an event is put in": (
        f"INSERT INTO log.event SELECT stream, bucket, 1000000, customer_id, version, kind, at, body FROM log.event WHERE {PLACE}",
        "event_inserted", None),
    "an event is put in at the front": (
        f"INSERT INTO log.event SELECT stream, bucket, 0, customer_id, version, kind, at, body FROM log.event WHERE {PLACE}",
        "event_inserted", None),
    "events are put into a stream of nobody": (
        f"INSERT INTO log.event SELECT 'intake.99', bucket, 1, customer_id, version, kind, at, body FROM log.event WHERE {PLACE}",
        "event_inserted", "SELECT 'intake.99'"),
    "two events are swapped": (
        "CREATE TEMPORARY TABLE two AS SELECT * FROM log.event WHERE " + PLACE + " OR (stream, bucket, seq) = " + OTHER + ";"
        " UPDATE log.event AS e SET (customer_id, version, kind, at, body) = (t.customer_id, t.version, t.kind, t.at, t.body) FROM two AS t"
        " WHERE EXISTS (SELECT FROM two WHERE (two.stream, two.bucket, two.seq) = (e.stream, e.bucket, e.seq))"
        " AND (t.stream, t.bucket, t.seq) <> (e.stream, e.bucket, e.seq)",
        "events_swapped", f"SELECT stream || '/' || bucket || '/' || seq FROM log.event WHERE {PLACE}"),
    "a hash of a tile is edited": ("UPDATE audit.tile SET hashes = set_byte(hashes, 32 * 9 + 5, get_byte(hashes, 32 * 9 + 5) # 1) WHERE (level, index) = (0, 1)",
                                   "tile_changed", "SELECT 'hash 9 of tile 0/1'"),
    "an upper tile is edited": ("UPDATE audit.tile SET hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 8) WHERE level = 1", "tile_changed", "SELECT 'tile 1/0'"),
    "a tile is deleted": ("DELETE FROM audit.tile WHERE (level, index) = (0, 0)", "tile_missing", None),
    "a tile is shortened": ("UPDATE audit.tile SET hashes = substr(hashes, 1, 4096) WHERE (level, index) = (0, 0)", "tile_missing", None),
    "the size of a head is edited": ("UPDATE audit.head SET tree_size = tree_size + 1 WHERE number = 2", "head_changed", "SELECT 'head 2'"),
    "the root of a head is edited": ("UPDATE audit.head SET root = set_byte(root, 0, get_byte(root, 0) # 1) WHERE number = 2", "head_changed", "SELECT 'head 2'"),
    "the time of a head is edited": ("UPDATE audit.head SET at = at + interval '1 day' WHERE number = 2", "head_changed", "SELECT 'head 2'"),
    "a head is deleted": ("DELETE FROM audit.head WHERE number = 2", "head_missing", "SELECT 'head 2'"),
    "a run is deleted": ("DELETE FROM audit.run WHERE first_position = (SELECT first_position FROM audit.run ORDER BY 1 OFFSET 3 LIMIT 1)", "run_missing", None),
    "a run is lengthened": ("UPDATE audit.run SET last_seq = last_seq + 1000000000 WHERE first_position = 0", "run_wrong", None),
    "a run is moved": ("UPDATE audit.run SET bucket = (bucket + 1) % 256, first_seq = first_seq + 500, last_seq = last_seq + 500 WHERE first_position = 0", "run_wrong", None),
    "a cursor is moved on": ("UPDATE log.consumer_cursor SET seq = seq + 5 WHERE ctid = (SELECT min(ctid) FROM log.consumer_cursor WHERE consumer = 'intake.audit')",
                             "cursor_changed", None),
    "a head of the log is turned back": ("UPDATE log.head SET seq = seq - 1 WHERE ctid = (SELECT min(ctid) FROM log.head WHERE seq > 1)", "head_turned_back", None),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_is_found_and_named(recorded, tampered, change):
    sql, kind, named = CHANGES[change]
    name = recorded.system.psql(named) if named else ""
    found = faults(tampered(sql, status=1))
    assert [text for one, text in found if one == kind and name in text], found


def test_an_edit_names_that_event_alone(recorded, tampered):
    found = faults(tampered(CHANGES["a time is edited"][0], status=1))
    assert len(found) == 1, found
    tampered.restore()
    found = faults(tampered(CHANGES["an event is deleted"][0], status=1))
    assert len(found) == 1, found


# Events, runs, tiles, heads, cursors: as if the last part had never been. $SIZE is that of a head.
CUT = """
DELETE FROM audit.head WHERE tree_size > {size};
DELETE FROM log.event AS e USING audit.run AS r WHERE r.first_position >= {size}
   AND (e.stream, e.bucket) = (r.stream, r.bucket) AND e.seq >= r.first_seq;
DELETE FROM audit.run WHERE first_position >= {size};
DELETE FROM audit.tile WHERE index * 256 * (CASE level WHEN 0 THEN 1 ELSE 256 END) >= {size};
UPDATE audit.tile SET hashes = substr(hashes, 1, 32 * ({size} % 256)) WHERE level = 0 AND index = {size} / 256;
UPDATE audit.tile SET hashes = substr(hashes, 1, 32 * ({size} / 256)) WHERE level = 1;
UPDATE log.head AS h SET seq = (SELECT coalesce(max(seq), 0) FROM log.event AS e WHERE (e.stream, e.bucket) = (h.stream, h.bucket));
UPDATE log.consumer_cursor AS c SET seq = (SELECT coalesce(max(seq), 0) FROM log.event AS e WHERE (e.stream, e.bucket) = (c.stream, c.bucket));
"""


def test_a_tail_that_is_cut_off_with_its_heads_is_found_by_the_copies(recorded, tampered):
    size = recorded.system.psql("SELECT max(tree_size) FROM audit.head WHERE tree_size < (SELECT max(tree_size) FROM audit.head)")
    assert faults(tampered(CUT.format(size=size), copies=False)) == [], "the limit of a record without a copy"
    found = faults(tampered("", status=1))
    assert {kind for kind, _ in found} == {"head_missing", "record_cut"}, found


def test_an_older_copy_of_the_database_is_found_and_not_signed_on(recorded, programs, cluster):
    recorded.verify(recorded.old, copies=False)
    found = faults(recorded.verify(recorded.old, status=1))
    assert {kind for kind, _ in found} == {"head_missing", "record_cut"}, found
    with System(cluster, programs, database=recorded.old) as system:
        heads = system.psql("SELECT count(*) FROM audit.head")
        client = IntakeClient(system.client("intake", "later", rights=["records"]))
        intake = system.start("intake", **recorded.settings)
        assert client.send_one(contact("after")).status == ACCEPTED, "records go on"
        wait_until(lambda: "event=audit_inconsistent" in intake.log(), what="the alarm")
        assert system.metric("intake", "troth_intake_audit_inconsistent") == 1
        assert system.psql("SELECT count(*) FROM audit.head") == heads
        assert "reason=\"the database is older than a copy\"" in intake.log()


def test_it_is_told_how_long_entries_wait_for_a_head_and_that_a_copy_fails(record):
    def told(name):
        return MetricsPage(record.system.get("intake", "/metrics")).get(name)

    def waits():
        return told("troth_intake_audit_unsigned_age_seconds")

    often = {**record.settings, "watch": "1s"}
    intake = record.system.start("intake", **{**often, "audit_every": "1h"})
    wait_until(lambda: told("troth_watch_last_read_timestamp_seconds"), what="the database was asked")
    assert waits() is None, "there is no head"
    record.send_cases(1)
    wait_until(lambda: waits() is not None, what="the first head")
    record.send_cases(1, 1)
    wait_until(lambda: waits() > 1, what="entries that are not under it")
    before = waits()
    wait_until(lambda: waits() > before + 1, what="they wait longer")
    assert intake.terminate() == 0

    record.system.start("intake", **often)
    record.wait_signed()
    wait_until(lambda: waits() == 0, what="all are under a head")
    assert told("troth_intake_audit_copies_failed_total") > 0


# ---- proofs


def test_a_proof_of_a_case_holds_by_itself_and_no_changed_one_does(recorded):
    case = recorded.cases[7]
    proof = recorded.prove(case)
    kinds = [entry["kind"] for entry in proof["entries"]]
    assert kinds[0] == "case_opened" and kinds.count("case_changed") == 2 and "promise_changed" in kinds
    said = recorded.check(proof)
    assert "PROVEN" in said and "已证明" in said and "NOT PROVEN" not in said and case in said
    assert "none left out" in said and "没有遗漏" in said
    assert all(entry["kind"] in said for entry in proof["entries"])
    changes = {
        "words": lambda p: p["entries"][0]["event"]["case_opened"].update(priority=9),
        "body": lambda p: p["entries"][0].update(body=p["entries"][0]["body"][:-2] + "7f"),
        "time": lambda p: p["entries"][1].update(at_us=p["entries"][1]["at_us"] + 1),
        "position": lambda p: p["entries"][0].update(position=p["entries"][0]["position"] ^ 1),
        "nonce": lambda p: p["entries"][0].update(nonce="00" * 16),
        "path": lambda p: p["entries"][0]["path"].reverse(),
        "size": lambda p: p["head"].update(size=p["head"]["size"] + 1),
        "root": lambda p: p["head"].update(root="00" * 32),
        "installation": lambda p: p["head"].update(installation="other"),
        "case": lambda p: p.update(number=p["number"] + 256),
        "none": lambda p: p.update(entries=[]),
    }
    for name, change in changes.items():
        other = json.loads(json.dumps(proof))
        change(other)
        assert "NOT PROVEN  未能证明" in recorded.check(other, status=1), name
    # An entry that is kept back does not make the rest wrong, but it is told.
    without = dict(proof, entries=[one for one in proof["entries"] if one["version"] != 2])
    assert "Change 2 of the case is not among them" in recorded.check(without)
    recorded.check("{}", status=2)


def test_a_proof_needs_the_key_of_its_installation(recorded, programs):
    other = recorded.system.folder / "other.key"
    assert recorded.troth("audit", "key", "new", other, "--installation", "garage").returncode == 0
    assert "a key that is not ours" in recorded.check(recorded.prove(recorded.cases[0]), key=other.with_suffix(".pub"), status=1)
    assert recorded.troth("audit", "key", "new", other).returncode == 2, "a key is never overwritten"
    assert other.stat().st_mode & 0o777 == 0o600
    # With another salt no leaf is what was recorded.
    done = recorded.troth("audit", "prove", recorded.cases[0], "--key", other, database=recorded.system.conninfo("troth_operator"))
    assert done.returncode == 1 and "verify" in done.stderr


def test_a_head_that_was_kept_is_the_beginning_of_the_record(recorded):
    lines = recorded.copy.read_text().splitlines()
    old, newest = recorded.system.folder / "old.json", recorded.system.folder / "newest.json"
    old.write_text(lines[0])
    newest.write_text(lines[-1])
    case = recorded.cases[-1]
    assert json.loads(lines[0])["size"] < json.loads(lines[-1])["size"]
    assert "head you kept" in recorded.check(recorded.prove(case), "--head", newest)
    assert "--since" in recorded.check(recorded.prove(case), "--head", old, status=1)
    proof = recorded.prove(case, "--since", old)
    assert "与您保存的签名根一致" in recorded.check(proof, "--head", old)
    proof["consistency"][0] = "00" * 32
    recorded.check(proof, "--head", old, status=1)
    done = recorded.troth("audit", "head", database=recorded.system.conninfo("troth_operator"))
    assert json.loads(done.stdout) == json.loads(lines[-1])


# ---- while it runs


def test_two_intakes_that_are_killed_leave_one_whole_record(record):
    system = record.system
    settings = dict(record.settings, lease="2s", poll="100ms")
    running = [system.start("intake", name, **settings) for name in ("intake", "intake-2")]
    cases = []
    for turn in range(4):
        cases += record.send_cases(20, 20 * turn)
        holder = system.psql("SELECT holder FROM log.lease WHERE resource = 'audit/intake/0'")
        name = next(one for one in running if f"/{one.pid}/" in holder)
        running.remove(name)
        name.kill()
        wait_until(lambda old=holder: system.psql("SELECT holder FROM log.lease WHERE resource = 'audit/intake/0'") != old,
                   what="another holder")
        running.append(system.start("intake", name.name, **settings))
        if name.name == "intake":
            record.client = IntakeClient(system.client("intake", "source"))
    record.wait_signed()
    found = record.verify(system.database)
    assert found["faults"] == [] and found["entries"] == int(system.psql("SELECT count(*) FROM log.event"))
    assert int(system.psql("SELECT term FROM log.lease WHERE resource = 'audit/intake/0'")) >= 5
    for case in cases[::17]:
        record.check(record.prove(case))


def test_events_from_before_the_first_start_are_entries_too(record):
    intake = record.system.start("intake")
    case = record.send_cases(1)[0]
    assert intake.terminate() == 0
    off = record.troth("audit", "verify", "--key", record.key, database=record.system.conninfo("troth_operator"))
    assert off.returncode == 0 and "nothing is recorded" in off.stdout
    assert "nothing is signed" in record.prove(case, status=1)
    record.system.start("intake", **record.settings)
    record.wait_signed()
    assert record.verify(record.system.database)["faults"] == []
    assert record.prove(case)["entries"][0]["position"] >= 0


def test_a_copy_that_cannot_be_written_is_told_and_stops_nothing(record):
    folder = record.system.folder / "gone"
    intake = record.system.start("intake", **dict(record.settings, audit_copy=f"{folder}/heads:{record.copy}"))
    record.send_cases(1)
    record.wait_signed()
    wait_until(lambda: "event=audit_copy_failed" in intake.log(), what="the warning")
    folder.mkdir()
    # Half a line, as a power cut leaves it, is passed over.
    record.copy.write_text(record.copy.read_text() + '{"installation":"gar')
    record.send_cases(1, 1)
    record.wait_signed()
    wait_until(lambda: (folder / "heads").exists(), what="the other copy")
    # What comes next begins a line of its own.
    assert json.loads(record.copy.read_text().splitlines()[-1])["installation"] == "garage"
    assert [kind for kind, _ in faults(record.verify(record.system.database, status=1))] == ["copy_unreadable"]
    done = record.troth("audit", "verify", "--key", record.key, "--copies", folder / "heads",
                        database=record.system.conninfo("troth_operator"))
    assert done.returncode == 0, done.stdout
    shutil.rmtree(folder)


def test_a_key_of_another_record_is_refused(record):
    intake = record.system.start("intake", **record.settings)
    record.send_cases(1)
    record.wait_signed()
    assert intake.terminate() == 0
    entries = record.system.psql("SELECT sum(last_seq - first_seq + 1) FROM audit.run")
    other = record.system.folder / "other.key"
    record.troth("audit", "key", "new", other, "--installation", "garage")
    intake = record.system.start("intake", **dict(record.settings, audit_key_file=other))
    record.client = IntakeClient(record.system.client("intake", "source"))
    record.send_cases(1, 1)
    wait_until(lambda: "not signed by a key of audit_key_file" in intake.log(), what="the alarm")
    assert record.system.psql("SELECT sum(last_seq - first_seq + 1) FROM audit.run") == entries
