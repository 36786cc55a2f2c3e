# SPDX-License-Identifier: Apache-2.0
"""'troth status' with the operator's role alone: a healthy system is fine, and each thing that is broken is found."""

import json

import pytest

from tests.support.intake_client import IntakeClient, contact
from tests.support.system import config_text, wait_until

SERVICES = ["intake", "followup", "loyalty", "reporting"]


class Operator:
    """The command line with its settings."""

    def __init__(self, system, asked=SERVICES):
        self.system = system
        self.path = system.folder / "operator.conf"
        self.path.write_text(config_text({
            "database": system.conninfo("troth_operator"), "timeout": "5s",
            **{f"{name}_http": f"unix:{system.http(name)}" for name in asked}}))

    def text(self, status):
        done = self.system.run("troth", "status", "--config", self.path)
        assert (done.returncode, done.stderr) == (status, ""), done.stdout + done.stderr
        return done.stdout

    def json(self):
        done = self.system.run("troth", "status", "--config", self.path, "--json")
        state = json.loads(done.stdout)
        assert done.returncode == ["ok", "attention", "broken"].index(state["state"])
        return state

    def found(self):
        return {(one["state"], one["part"]): one for one in self.json()["findings"]}


@pytest.fixture
def office(system):
    system.key("garage", ["records"])
    for name in [*SERVICES, "dialer"]:
        system.service_key(name)
    for name in [*SERVICES, "dialer"]:
        system.start(name)
    operator = Operator(system)
    wait_until(lambda: not operator.found(), what="all to be well")
    return operator


def test_a_healthy_system_fits_one_screen_and_needs_nobody(office):
    system = office.system
    IntakeClient(system.client("intake", "garage")).send_all([contact(f"c-{i}") for i in range(50)])
    readers = {"followup", "loyalty", "reporting"}
    wait_until(lambda: office.json()["events_a_minute"] >= 50 and office.json()["consumers"].keys() >= readers
               and not office.found(), what="the events")
    text = office.text(0)
    lines = text.splitlines()
    assert len(lines) <= 24 and max(map(len, lines)) <= 80, text
    assert "fine, nothing needs you" in lines[0]
    state = office.json()
    version = state["version"]
    for name in SERVICES:
        assert state["services"][name]["alive"] == 1 and state["services"][name]["ready"]
        assert state["services"][name]["versions"] == version
        assert any(line.startswith(f"{name} ") and "1 alive" in line and version in line for line in lines)
    assert [one["free_lines"] > 0 for one in state["dialers"].values()] == [True]
    assert abs(state["postgresql"]["skew_us"]) < 1_000_000
    assert state["standards"]["hash"] and state["standards"]["since_us"]
    assert "compute-forecasts" in state["jobs"]


FAULTS = {
    "a death": ("broken", "loyalty", """
        UPDATE log.alive SET at = at - interval '1 hour'
         WHERE holder IN (SELECT holder FROM log.lease WHERE resource LIKE 'member/lane/loyalty/%')"""),
    "a dialer that is gone": ("attention", "dialer", """
        INSERT INTO followup.dialer_session VALUES ('old/one', 'j', 1, 2, '', now() - interval '1 hour')"""),
    "a dead delivery": ("attention", "deliveries", """
        INSERT INTO followup.subscription (id, name, url, secret, created_at) VALUES (99, 'crm', 'http://x', 's', now());
        INSERT INTO followup.delivery (bucket, subscription_id, stream, seq, kind, at, body, state, attempts,
                                       next_attempt_at, last_code, settled_at)
        VALUES (0, 99, 'intake.0', 1, 'case_opened', now(), '{}', 3, 1, now(), 'web_status', now())"""),
    "a refused answer": ("attention", "answers", """
        INSERT INTO followup.record_outbox (bucket, key, follow_up_number, record, state, code, added_at, settled_at)
        VALUES (0, 'F-1/1/csat', 256, '\\x00', 3, 'case_unknown', now(), now())"""),
    "a follow-up nobody can place": ("broken", "follow-ups", """
        INSERT INTO followup.follow_up (bucket, number, version, customer_number, case_version, rule, rule_version, trigger,
                                        topic, subject, occurrence, purpose, priority, channel, state, reason, planned_at,
                                        due_at, window_end_at, next_attempt_at, attempts, calls, is_historical)
        SELECT 0, 256, 1, 256, 0, 'r', id, 1, 't', 1, '0', 1, 1, 3, 1, '', now() - interval '1 hour', now() - interval '1 hour',
               now() + interval '1 day', now() - interval '1 hour', 0, 0, false FROM followup.rule_version LIMIT 1"""),
    "a promise nobody watches": ("broken", "promises", """
        INSERT INTO intake.promise (bucket, number, case_number, customer_number, kind, state, version, made_at, target_us,
                                    next_step, next_step_at, standard_id, is_historical)
        VALUES (0, 256, 256, 256, 'resolution', 1, 1, now(), 1, 50, now() - interval '1 hour', 1, false)"""),
    "a night without a round": ("attention", "jobs", """
        INSERT INTO reporting.night_task VALUES ('standing', '2026-01-01', now() - interval '3 days')
        ON CONFLICT (task) DO UPDATE SET done_at = excluded.done_at"""),
    "a job that never ran": ("attention", "jobs", """
        INSERT INTO intake.upkeep (name, began_at) VALUES ('count-orphans', now());
        INSERT INTO log.consumer_cursor VALUES ('loyalty', 'intake.9', 3, 0);
        UPDATE intake.standard_version SET first_used_at = now() - interval '20 days'"""),
    "figures that differ": ("attention", "figures", """
        INSERT INTO reporting.figure_difference VALUES ('2026-01-01', 'cases', 'north', 1, 2, now())"""),
    "a reader that stands still": ("broken", "events", """
        INSERT INTO log.consumer_cursor VALUES ('loyalty', 'intake.9', 3, 0);
        INSERT INTO log.head VALUES ('intake.9', 3, 1);
        INSERT INTO log.event (stream, bucket, seq, customer_id, version, kind, at, body)
        VALUES ('intake.9', 3, 1, 3, 1, 'x', now() - interval '1 hour', '')"""),
    "a record that is not signed": ("broken", "audit", """
        INSERT INTO audit.head VALUES (1, 0, decode(repeat('00', 32), 'hex'), now() - interval '1 hour', 'troth',
                                       decode(repeat('00', 8), 'hex'), decode(repeat('00', 64), 'hex'));
        INSERT INTO log.head VALUES ('intake.8', 3, 1)"""),
    "no migration": ("broken", "schema", "DROP FUNCTION log.schema_expansion()"),
    "a missing right": ("attention", "jobs", "REVOKE SELECT ON intake.upkeep_public FROM troth_operator"),
}


def pretend_all_is_well(system):
    """What running services leave in the database: faults then stay as they are made."""
    system.psql("""
        INSERT INTO intake.standard_version (hash, body, first_used_at) VALUES ('abc', '', now());
        INSERT INTO followup.rule_version (hash, body, tzdata, first_used_at, last_used_at)
        VALUES ('abc', '', 'x', now(), now())""")
    for i, name in enumerate(SERVICES):
        system.psql(f"""
            INSERT INTO log.lease VALUES ('member/lane/{name}/h/1/{i}', 'h/1/{i}', 1, now() + interval '1 minute');
            INSERT INTO log.alive VALUES ('h/1/{i}', now() + interval '1 minute', NULL, 0)""")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_with_what_mends_it(fault, system):
    state, part, sql = FAULTS[fault]
    operator = Operator(system, asked=[])
    pretend_all_is_well(system)
    assert not operator.found()
    system.psql(sql)
    found = operator.found()
    assert list(found) == [(state, part)]
    assert found[(state, part)]["mend"]
    shown = operator.text({"attention": 1, "broken": 2}[state]).splitlines()
    assert shown[2].startswith(f"{state:9}  {part}: ") and shown[3].strip().startswith("-> ")
    assert len(shown) <= 24 and max(map(len, shown[4:])) <= 80


def test_a_record_of_an_older_happening_is_not_a_promise_that_nobody_watches(system):
    """Its steps are due at once, and wait since it was received: an hour ago is long, just now is not."""
    operator = Operator(system, asked=[])
    pretend_all_is_well(system)
    system.psql(FAULTS["a promise nobody watches"][2])
    system.psql("""
        INSERT INTO intake.service_case (bucket, number, customer_number, version, state, kind, priority, standard_id, rule,
                                         opened_at, opened_by, last_contact_at, is_historical)
        VALUES (0, 256, 256, 1, 1, 2, 1, 1, 'r', now(), 512, now(), false);
        INSERT INTO intake.contact (bucket, number, customer_number, case_number, source_id, kind, occurred_at, received_at,
                                    is_historical)
        VALUES (0, 512, 256, 256, 1, 2, now() - interval '2 hours', now(), false)""")
    assert not operator.found()
    system.psql("UPDATE intake.contact SET received_at = now() - interval '40 minutes'")
    assert list(operator.found()) == [("broken", "promises")]
    assert 40 * 60 <= operator.json()["due"]["steps_age_us"] / 1e6 < 50 * 60


def test_copies_of_heads_are_looked_for_where_intake_is_told_to_write_them(system):
    operator = Operator(system, asked=[])
    pretend_all_is_well(system)
    heads = system.folder / "heads"
    (system.folder / "intake.conf").write_text(config_text({"audit_copy": heads}))
    system.psql("""INSERT INTO audit.head VALUES (1, 0, decode(repeat('00', 32), 'hex'), now(), 'troth',
                   decode(repeat('00', 8), 'hex'), decode(repeat('00', 64), 'hex'))""")
    found = operator.found()
    assert list(found) == [("attention", "audit")] and str(heads) in found["attention", "audit"]["text"]
    heads.write_text("{}\n")
    machine = operator.json()["machine"]
    assert not operator.found() and machine["copies_age_us"][str(heads)] < 60_000_000
    assert all(0 <= disk["free_percent"] <= 100 for disk in machine["disks"].values()) and machine["disks"]


def test_without_postgresql_it_says_so_and_what_to_do(office):
    office.system.forbid_connections()
    try:
        found = office.found()
        assert "systemctl status postgresql" in found[("broken", "postgresql")]["mend"]
        text = office.text(2)
        assert "no connection" in text and "intake " in text
    finally:
        office.system.allow_connections()
    wait_until(lambda: not office.found(), what="all to be well again")


def test_a_process_that_died_is_missed_and_the_others_are_not(office):
    loyalty = next(one for one in office.system.processes if one.name == "loyalty")
    loyalty.kill()
    found = office.found()
    assert list(found) == [("broken", "loyalty")]
    assert "not ready" in found[("broken", "loyalty")]["text"]
    office.system.start("loyalty")
    wait_until(lambda: not office.found(), what="all to be well again")


def test_without_a_database_in_the_settings_the_services_are_asked(office):
    office.path.write_text(config_text({"intake_http": f"unix:{office.system.http('intake')}"}))
    assert "ready" in office.text(0) and "not asked" in office.text(0)
