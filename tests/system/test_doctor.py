# SPDX-License-Identifier: Apache-2.0
"""'troth doctor': a healthy installation has nothing wrong, and each thing that is broken is found alone."""

import http.server
import json
import os
import resource
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from tests.support.cluster import Cluster
from tests.support.system import ROOT, System, config_text, wait_until

SERVICES = ["intake", "followup", "loyalty", "reporting"]
# What is so on the machine that tests run on is not ours to mend.
OF_THE_MACHINE = {"time-sync", "disk", "memory", "limits"}
STANDARD = """
rules = (
    { name = "all"; priority = 3; owner_team = "care";
      promises = ( { kind = "first_response"; target = "4h"; }, { kind = "next_update"; target = "1d"; },
                   { kind = "resolution"; target = "3d"; } );
      escalation = ( { at = 80; tell = "boss"; }, { at = 100; tell = "boss"; } ); }
);
"""


DATABASES = 6  # made while nothing waits for the disk: later each costs seconds


@pytest.fixture(scope="module")
def new_server():
    """Its commits wait for the disk, and nobody thought of backups yet."""
    with Cluster(fast=True) as cluster:
        cluster.psql("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'", "postgres")
        cluster.spare = [cluster.new_database() for _ in range(DATABASES)]
        cluster.psql("CHECKPOINT", "postgres")
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            cluster.psql(f"ALTER SYSTEM SET {setting} = on", "postgres")
        cluster.psql("SELECT pg_reload_conf()", "postgres")
        wait_until(lambda: cluster.psql("SHOW fsync", "postgres") == "on", what="fsync")
        yield cluster
        cluster.halt()  # at once: nobody needs its data any more


def new_system(server, programs):
    return System(server, programs, database=server.spare.pop() if server.spare else None)


@pytest.fixture(scope="module")
def found_at_first(new_server, programs):
    with new_system(new_server, programs) as system:
        return Office(system).found()


@pytest.fixture(scope="module")
def server(new_server, found_at_first):
    """As a careful administrator has set it up."""
    new_server.psql("ALTER SYSTEM SET archive_mode = on", "postgres")
    new_server.psql("ALTER SYSTEM SET archive_command = '/bin/true'", "postgres")
    new_server.restart("fast")
    return new_server


@pytest.fixture
def office(server, programs):
    with new_system(server, programs) as system:
        yield Office(system)


@pytest.fixture(scope="module")
def built_office(server, programs):
    with new_system(server, programs) as system:
        yield Office(system)


@pytest.fixture
def quiet_office(built_office, tmp_path):
    """For tests that start nothing: afterwards its files and keys are again as they were built."""
    office, system = built_office, built_office.system
    programs = system.programs
    shutil.copytree(office.folder, tmp_path / "before", symlinks=True)
    system.psql("CREATE TABLE public.before AS SELECT id, public_key, rights, revoked_at FROM intake.source")
    yield office
    system.psql("UPDATE intake.source AS s SET public_key = b.public_key, rights = b.rights, revoked_at = b.revoked_at"
                " FROM public.before AS b WHERE b.id = s.id; DROP TABLE public.before")
    system.psql(office.undo)
    office.options, office.environment, office.limits, office.undo, system.programs = [], {}, None, "", programs
    for path in office.folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(tmp_path / "before", office.folder, symlinks=True, dirs_exist_ok=True)


class Office:
    """Settings of all programs, keys that are registered, nothing started."""

    def __init__(self, system):
        self.system, self.folder = system, system.folder
        # A copy of a database does not have the rights of the one that was migrated.
        roles = ", ".join(f"troth_{role}" for role in [*SERVICES, "operator"])
        system.psql(f'REVOKE ALL ON DATABASE "{system.database}" FROM PUBLIC;'
                    f' GRANT CONNECT ON DATABASE "{system.database}" TO {roles}')
        standard = self.folder / "standards.conf"
        standard.write_text(STANDARD)
        done = system.run("troth", "audit", "key", "new", self.folder / "audit.key")
        assert done.returncode == 0, done.stderr
        for name in [*SERVICES, "dialer"]:
            system.service_key(name)
        self.more = {"intake": {"standard": standard, "audit_key_file": self.folder / "audit.key",
                                "audit_copy": self.folder / "heads.json"}}
        for name in [*SERVICES, "dialer"]:
            self.set(name)
        operator = system.key("operator", ["reports", "events"])
        (self.folder / "troth.conf").write_text(config_text({
            "database": system.conninfo("troth_operator"), "key_file": operator.path, "timeout": "5s",
            **{name: system.endpoint(name) for name in SERVICES},
            **{f"{name}_key": system.service_key(name).public_path for name in SERVICES}}))
        self.options, self.environment, self.limits, self.undo = [], {}, None, ""

    def set(self, name, **settings):
        self.system.write_settings(name, **{**self.more.get(name, {}), **settings})

    def run(self, *arguments):
        command = [self.system.programs / "troth", "doctor", "--config", self.folder / "troth.conf", *self.options,
                   *arguments]
        return subprocess.run([str(one) for one in command], capture_output=True, text=True, timeout=60, check=False,
                              stdin=subprocess.DEVNULL, env={**os.environ, **self.environment},
                              preexec_fn=self.limits)

    def found(self):
        done = self.run("--json")
        assert done.stderr == "", done.stderr
        said = json.loads(done.stdout)
        assert done.returncode == ["ok", "attention", "broken"].index(said["state"])
        bad = [one for one in said["checks"] if one["state"] != "ok"]
        assert all(one["mend"] for one in bad)
        ignored = OF_THE_MACHINE - ({"limits"} if self.limits else set())
        return [(one["state"], one["part"], one["text"]) for one in bad if one["part"] not in ignored]


def test_a_server_whose_log_is_not_archived_is_found(found_at_first):
    assert [one[:2] for one in found_at_first] == [("attention", "wal")]
    assert "archive_mode" in found_at_first[0][2]


def test_a_healthy_installation_has_nothing_wrong_before_its_start_and_after(office):
    assert office.found() == []
    shown = office.run("--all").stdout
    for part in ["version", "settings", "files", "keys", "curve", "fsync", "durability", "checksums", "wal", "encoding",
                 "connections", "clock", "schema", "roles", "rights", "grants", "time-zones", "standards", "audit",
                 "master-key", "limits", "memory"]:
        assert f"  {part}: " in shown, part
    assert "curve: libzmq 4." in shown
    for name in SERVICES:
        office.system.start(name, **office.more.get(name, {}))
    wait_until(lambda: "intake lets us in" in office.run("--all").stdout, what="the handshake")
    assert office.found() == []


def sql(text, undo=""):
    """{0} is the database."""
    def change(office):
        office.undo = undo.format(office.system.database)
        office.system.psql(text.format(office.system.database))
    return change


def conf(name, **settings):
    return lambda office: office.set(name, **settings)


def chmod(file, mode):
    return lambda office: (office.folder / file).chmod(mode)


def remove(file):
    return lambda office: (office.folder / file).unlink()


def write(file, text):
    return lambda office: (office.folder / file).write_text(text)


def other_key(office):
    office.system.unknown_key("intake")  # the file has another pair now; nobody registered it


def not_the_key_of_intake(office):
    office.system.start("intake", **office.more["intake"])
    shutil.copy(office.folder / "loyalty.pub", office.folder / "intake.pub")


def not_known_there(office):
    office.system.start("intake", **office.more["intake"])
    wait_until(lambda: "intake lets us in" in office.run("--all").stdout, what="the handshake")
    office.system.revoke("operator")
    wait_until(office.found, what="its end")


def elsewhere(office):
    office.system.start("intake", **office.more["intake"])
    path = office.folder / "troth.conf"
    path.write_text(path.read_text().replace(office.system.endpoint("intake"), "ipc:///tmp/nobody.is.here"))


def another_version(office):
    folder = office.folder / "bin"
    folder.mkdir()
    for program in office.system.programs.glob("troth*"):
        shutil.copy(program, folder / program.name)
    (folder / "troth-loyalty").write_text("#!/bin/sh\necho troth-loyalty 0.0.9\n")
    office.system.programs = folder


def many_connections(office):
    for name in SERVICES:
        office.set(name, **office.more.get(name, {}), db_connections=64)


def second_dialer(office):
    office.system.write_settings("dialer", instance="dialer-second", key_file=office.system.unknown_key("second").path)


def few_files(office):
    office.limits = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 4096))


def other_zones(office):
    folder = office.folder / "zones"
    shutil.copytree("/usr/share/zoneinfo", folder, symlinks=True)
    (folder / "Europe/Berlin").unlink()
    shutil.copy("/usr/share/zoneinfo/Etc/UTC", folder / "Europe/Berlin")
    office.environment["TZDIR"] = str(folder)


def journal_in_memory(office):
    office.set("dialer", journal=f"/dev/shm/troth-doctor-{os.getpid()}.journal")


def audit_in_the_data_folder(office):
    data = office.system.cluster.folder / "data"
    office.options = ["--data", data]
    office.set("intake", audit_copy=data / "heads.json")


def no_database(office):
    path = office.folder / "troth.conf"
    path.write_text(path.read_text().replace(str(office.system.cluster.socket), "/tmp/no.socket.here")
                    .replace('timeout = "5s"', 'timeout = "1s"'))


def server_setting(name, value):
    def change(office):
        cluster = office.system.cluster
        cluster.psql(f"ALTER SYSTEM SET {name} = {value}", "postgres")
        cluster.psql("SELECT pg_reload_conf()", "postgres")
        wait_until(lambda: cluster.psql(f"SHOW {name}", "postgres") == value, what=name)
    return change


SERVER_FAULTS = {name: ("broken", "durability", name, server_setting(name, "off"))
                 for name in ("fsync", "full_page_writes", "synchronous_commit")}
FILE_FAULTS = {
    "a setting that does not exist": ("broken", "settings", "loyalty.conf", write("loyalty.conf", "colour = 1;")),
    "a key that others may read": ("broken", "files", "mode 0644", chmod("master.keys", 0o644)),
    "settings that anybody may change": ("broken", "files", "anybody", chmod("followup.conf", 0o666)),
    "a file that is not there": ("broken", "files", "audit.key", remove("audit.key")),
    "no standard": ("broken", "standards", "nothing is promised", conf("intake", standard="")),
    "a standard that is none": ("broken", "standards", "standards.conf", write("standards.conf", "rules = 1;")),
    "holidays of next year": ("attention", "standards", "special days",
                              conf("intake", standard=ROOT / "deploy/config/standards.conf")),
    "no audit": ("attention", "audit", "tamper", conf("intake", audit_key_file="")),
    "no copy of heads": ("attention", "audit", "copied nowhere", conf("intake", audit_copy="")),
    "a copy where it falls with the rest": ("broken", "audit", "own folder", audit_in_the_data_folder),
    "another version": ("broken", "version", "0.0.9", another_version),
    "few files": ("attention", "limits", "256", few_files),
    "few connections": ("broken", "connections", "one of each service needs", many_connections),
    "a second dialer that nobody registered": ("broken", "keys", "not registered", second_dialer),
    "a journal in memory": ("broken", "fsync", "in memory", journal_in_memory),
    "other time zones": ("broken", "time-zones", "Europe/Berlin", other_zones),
    "no database": ("broken", "postgresql", "no connection", no_database),
}
DATABASE_FAULTS = {
    "a key nobody registered": ("broken", "keys", "not registered", sql(
        "UPDATE intake.source SET public_key = decode(repeat('07', 32), 'hex') WHERE name = 'followup'")),
    "a key that was revoked": ("broken", "keys", "revoked", lambda office: office.system.revoke("reporting")),
    "a right that is missing": ("broken", "keys", "disclosure", sql(
        "UPDATE intake.source SET rights = '{{records,events}}' WHERE name = 'followup'")),
    "commits that do not wait": ("broken", "durability", "troth_intake", sql(
        'ALTER ROLE troth_intake IN DATABASE "{0}" SET synchronous_commit = off',
        undo='ALTER ROLE troth_intake IN DATABASE "{0}" RESET synchronous_commit')),
    "no migration": ("broken", "schema", "missing or too old", sql(
        "ALTER FUNCTION log.schema_expansion() RENAME TO gone", undo="ALTER FUNCTION log.gone() RENAME TO schema_expansion")),
    "a writer too many": ("broken", "rights", "troth_reporting may write intake.customer", sql(
        "GRANT UPDATE ON intake.customer TO troth_reporting", undo="REVOKE UPDATE ON intake.customer FROM troth_reporting")),
    "a table for everybody": ("broken", "rights", "everybody", sql(
        "GRANT SELECT ON intake.person TO PUBLIC", undo="REVOKE SELECT ON intake.person FROM PUBLIC")),
    "a reader too few": ("broken", "grants", "troth_intake may not read intake.person", sql(
        "REVOKE SELECT ON intake.person FROM troth_intake", undo="GRANT SELECT ON intake.person TO troth_intake")),
    "a function too few": ("broken", "grants", "troth_loyalty may not call log.append_at", sql(
        "REVOKE EXECUTE ON FUNCTION log.append_at FROM troth_loyalty",
        undo="GRANT EXECUTE ON FUNCTION log.append_at TO troth_loyalty")),
    "a database for everybody": ("broken", "roles", "everybody may connect", sql(
        'GRANT CONNECT ON DATABASE "{0}" TO PUBLIC', undo='REVOKE CONNECT ON DATABASE "{0}" FROM PUBLIC')),
}
RUNNING_FAULTS = {
    "the key of somebody else": ("broken", "curve", "another key", not_the_key_of_intake),
    "a key that is not let in": ("broken", "curve", "does not know our key", not_known_there),
    "an endpoint where nobody is": ("broken", "curve", "nobody answers", elsewhere),
}


def check_found(office, fault):
    state, part, words, change = fault
    change(office)
    found = office.found()
    assert [one[:2] for one in found] == [(state, part)], found
    assert words in found[0][2]


@pytest.mark.parametrize("name", FILE_FAULTS)
def test_what_is_wrong_with_the_files_is_found_and_nothing_else(name, quiet_office):
    check_found(quiet_office, FILE_FAULTS[name])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_a_secret_that_the_service_cannot_read_is_found(quiet_office):
    service, troths = 4711, 4712
    secret = quiet_office.folder / "answers.secret"
    secret.write_text("whsec_" + "A" * 44)
    secret.chmod(0o600)
    quiet_office.set("reporting", answer_secret_file=secret)
    for name in ("reporting.conf", "reporting.key"):
        os.chown(quiet_office.folder / name, service, service)
    found = quiet_office.found()
    assert [one[:2] for one in found] == [("attention", "files")], found
    assert str(secret) in found[0][2] and f"runs as user {service}, cannot read it" in found[0][2]
    os.chown(secret, 0, troths)
    secret.chmod(0o440)
    assert quiet_office.found() == [], "root lends it to a group"
    os.chown(secret, service, troths)
    assert [one[2] for one in quiet_office.found()] == [f"{secret} of reporting may be read by others: mode 0440"]
    secret.chmod(0o600)
    assert quiet_office.found() == []


def test_one_copy_outside_the_data_folder_is_enough_and_a_folder_beside_it_is_outside(quiet_office):
    audit_in_the_data_folder(quiet_office)
    data = quiet_office.system.cluster.folder / "data"
    quiet_office.set("intake", audit_copy=f"{data}/heads.json:{data}-of-somebody-else/heads.json")
    assert quiet_office.found() == []


@pytest.mark.parametrize("name", DATABASE_FAULTS)
def test_what_is_wrong_in_the_database_is_found_and_nothing_else(name, quiet_office):
    check_found(quiet_office, DATABASE_FAULTS[name])


@pytest.mark.parametrize("name", RUNNING_FAULTS)
def test_what_is_wrong_with_what_runs_is_found_and_nothing_else(name, office):
    check_found(office, RUNNING_FAULTS[name])


@pytest.mark.parametrize("name", SERVER_FAULTS)
def test_what_is_wrong_with_the_server_is_found_and_nothing_else(name, quiet_office):
    try:
        check_found(quiet_office, SERVER_FAULTS[name])
    finally:
        server_setting(name, "on")(quiet_office)


def test_a_role_with_power_over_the_server_is_found(quiet_office):
    office = quiet_office
    cluster = office.system.cluster
    cluster.psql("ALTER ROLE troth_reporting CREATEDB", "postgres")
    try:
        assert office.found() == [("broken", "roles", "troth_reporting has power over the server")]
    finally:
        cluster.psql("ALTER ROLE troth_reporting NOCREATEDB", "postgres")


def test_a_database_that_is_none_of_ours_is_found_with_its_encoding(quiet_office):
    quiet_office.options = ["--database", quiet_office.system.cluster.conninfo("troth_operator", "latin")]
    found = {one[:2]: one[2] for one in quiet_office.found()}
    assert found["broken", "encoding"] == "the database is in LATIN1"
    assert found["broken", "schema"].startswith("it is missing or too old: ")
    assert ("broken", "curve") not in found


class Late(http.server.BaseHTTPRequestHandler):
    """A service on a machine whose clock stands."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def date_time_string(self, timestamp=None):
        return "Mon, 01 Jan 2024 00:00:00 GMT"

    def log_message(self, *unused):
        pass


def test_a_machine_with_another_time_is_found(quiet_office):
    path = quiet_office.folder / "troth.conf"
    with http.server.HTTPServer(("127.0.0.1", 0), Late) as late:
        threading.Thread(target=late.serve_forever, daemon=True).start()
        path.write_text(path.read_text() + f'loyalty_http = "127.0.0.1:{late.server_port}";\n')
        found = quiet_office.found()
        late.shutdown()
    assert [one[:2] for one in found] == [("broken", "clock")]
    assert "loyalty's machine is about " in found[0][2] and found[0][2].endswith(" s behind this one")


def test_people_read_what_is_wrong_and_what_to_do(quiet_office):
    office = quiet_office
    office.set("intake", standard="")
    done = office.run()
    shown = done.stdout.splitlines()
    assert done.returncode == 2
    assert "broken     standards: intake has none: nothing is promised" in shown
    at = shown.index("broken     standards: intake has none: nothing is promised")
    assert shown[at + 1] == f"           -> set standard in {office.folder}/intake.conf"
    assert shown[-1].endswith("checks: broken")


def test_a_folder_without_settings_is_said(quiet_office):
    office = quiet_office
    office.options = ["--settings", office.folder / "empty"]
    Path(office.folder / "empty").mkdir()
    assert office.found() == [("attention", "settings", f"{office.folder}/empty has no settings of a service")]
