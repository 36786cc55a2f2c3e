# SPDX-License-Identifier: Apache-2.0
"""Names, numbers and texts: sealed where they are stored, opened for who may read them, and nowhere
else at all."""

import re
import subprocess

import intake_pb2 as pb
import pytest

from tests.support import sealed
from tests.support.intake_client import (
    ACCEPTED,
    REJECTED,
    RETRY,
    IntakeClient,
    RequestRefused,
    answer,
    case_update,
    contact,
    profile,
    purchase,
    record,
)
from tests.support.stage import Stage
from tests.support.system import MASTER_KEYS, ProgramError, config_text, wait_until

LOOKUP, MASTER_1 = MASTER_KEYS.splitlines()
MASTER_2 = f"master 2 {'c3' * 32}"


@pytest.fixture
def garage(system):
    client = system.client("intake", "garage", rights=["records"])
    system.key("caller", ["disclosure"])
    return IntakeClient(client)


@pytest.fixture
def caller(system):
    return IntakeClient(system.client("intake", "caller", rights=["disclosure"]))


def key_file(system, *lines, mode=0o600, name="other.keys"):
    path = system.folder / name
    path.write_text("\n".join(lines) + "\n")
    path.chmod(mode)
    return path


def number_of(text):
    """12345 of "K-12345-6"."""
    return int(text.split("-")[1])


# ---- the file of the keys


@pytest.mark.parametrize("lines, mode, says", [
    ((LOOKUP, MASTER_1), 0o640, "chmod 600"),
    ((LOOKUP,), 0o600, "a lookup key and a master key"),
    ((LOOKUP, MASTER_1[:-1]), 0o600, "64 hex digits"),
])
def test_a_wrong_key_file_keeps_intake_from_starting(system, lines, mode, says):
    path = key_file(system, *lines, mode=mode)
    with pytest.raises(ProgramError, match=says) as error:
        system.start("intake", master_key_file=path)
    assert "b2b2b2" not in str(error.value)  # no key in a log


def test_without_a_key_file_intake_does_not_start(system):
    with pytest.raises(ProgramError, match="troth key master"):
        system.start("intake", master_key_file=system.folder / "none")
    with pytest.raises(ProgramError, match="master_key_file must name"):
        system.start("intake", master_key_file="")


def test_the_keys_of_another_database_are_refused(system, garage):
    system.start("intake").terminate()
    other = key_file(system, f"lookup {'dd' * 32}", MASTER_1)
    with pytest.raises(ProgramError, match="lookup key is not the one"):
        system.start("intake", master_key_file=other)
    other = key_file(system, LOOKUP, f"master 1 {'dd' * 32}")
    with pytest.raises(ProgramError, match="generation 1 is another key"):
        system.start("intake", master_key_file=other)
    system.start("intake")  # the right one


def test_the_command_line_makes_and_rotates_the_file(system, garage):
    path = system.folder / "made.keys"
    made = system.run("troth", "key", "master", path)
    assert made.returncode == 0, made.stderr
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_text()
    assert system.run("troth", "key", "master", path).returncode == 2  # never overwritten
    assert path.read_text() == before
    rotated = system.run("troth", "key", "master", path, "--rotate")
    assert "generation 2" in rotated.stdout, rotated.stderr
    assert path.read_text().startswith(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert not path.with_name("made.keys.new").exists()
    system.start("intake", master_key_file=path)
    assert garage.send_one(profile("li", name="李雷")).status == ACCEPTED
    assert system.psql("SELECT key_generation FROM intake.customer") == "2"
    path.write_text("nothing of ours\n")
    assert system.run("troth", "key", "master", path, "--rotate").returncode == 2


def job(system, name, master_key_file=None):
    path = system.folder / "job.conf"
    more = {"master_key_file": master_key_file} if master_key_file else {}
    path.write_text(config_text(system.settings("intake", **more)))
    return system.run("troth-intake", "--config", path, "--job", name)


def test_after_a_rotation_the_old_generation_may_go(system, garage, caller):
    both = key_file(system, LOOKUP, MASTER_1, MASTER_2, name="both.keys")
    new = key_file(system, LOOKUP, MASTER_2, name="new.keys")
    intake = system.start("intake")
    known = {}
    for i in range(40):
        receipt = garage.send_one(profile(f"c-{i}", name=f"name {i}", phone=f"+861380013{i:04}"))
        known[number_of(receipt.customer_number)] = f"+861380013{i:04}"
    early = job(system, "rewrap-keys", both)
    # The one that runs could not read what is wrapped with the new one.
    assert "1 intakes do not seal with generation 2 yet (1 do not know it)" in early.stdout, early.stdout + early.stderr
    assert system.psql("SELECT count(*) FROM intake.customer WHERE key_generation = 1") == "40"
    assert system.psql("SELECT count(*) FROM intake.master_key WHERE retired_at IS NOT NULL") == "0"
    intake.terminate()
    with pytest.raises(ProgramError, match="generation 1 is not in the file"):
        system.start("intake", master_key_file=new)
    intake = system.start("intake", master_key_file=both)
    done = job(system, "rewrap-keys", both)
    assert done.returncode == 0, done.stderr
    assert re.search("generation 1: 0 keys, may be taken out of the file and destroyed", done.stdout)
    assert re.search("generation 2: 40 keys, the newest", done.stdout)
    assert system.psql("SELECT count(*) FROM intake.customer WHERE key_generation = 2") == "40"
    intake.terminate()
    system.start("intake", master_key_file=new)
    for customer, phone in known.items():
        assert [t.text for t in caller.disclose("phone", customer).texts] == [phone]
    again = job(system, "rewrap-keys", new)
    assert again.stdout.startswith("rewrapped: 0\n")


def test_a_key_that_does_not_open_is_reported_and_not_lost(system, garage):
    both = key_file(system, LOOKUP, MASTER_1, MASTER_2)
    intake = system.start("intake")
    for i in range(3):
        garage.send_one(profile(f"c-{i}", name="n"))
    intake.terminate()
    system.psql("UPDATE intake.customer SET wrapped_key = set_byte(wrapped_key, 30,"
                " get_byte(wrapped_key, 30) # 1) WHERE number = (SELECT min(number) FROM intake.customer)")
    done = job(system, "rewrap-keys", both)
    assert done.returncode == 1
    assert "generation 1: 1 keys, still needed" in done.stdout
    assert "key_not_rewrapped" in done.stderr
    assert system.psql("SELECT count(*) FROM intake.master_key WHERE retired_at IS NOT NULL") == "0"


# ---- disclosure


def test_each_kind_answers_what_was_asked_and_is_written_down(system, garage, caller):
    system.key("office", ["disclosure"])
    system.psql("UPDATE intake.source SET disclosure_kinds = '{name}' WHERE name = 'office'")
    system.start("intake")
    office = IntakeClient(system.client("intake", "office"))
    known = garage.send_one(profile("li", name="李雷", phone="+8613800138000", email="li@example.org",
                                    birthday="1984-02-29", address="上海市南京路1号"))
    customer = number_of(known.customer_number)
    opened = garage.send_one(contact("li", subject="刹车", body="刹车异响"))
    case = number_of(opened.case_number)
    garage.send_one(case_update("note", case_number=opened.case_number, note="called twice"))
    garage.send_one(answer("csat", 2, case_number=opened.case_number, comment="too slow"))
    garage.send_one(answer("nps", 3, customer_ref="li", comment="in general"))

    def asked(kind, *numbers):
        return [(t.field, t.text) for t in caller.disclose(kind, *numbers).texts]

    assert asked("phone", customer) == [("phone", "+8613800138000")]
    assert asked("name", customer) == [("name", "李雷")]
    assert asked("email", customer) == [("email", "li@example.org")]
    assert asked("address", customer) == [("address", "上海市南京路1号")]
    assert dict(asked("person", customer)) == {
        "name": "李雷", "phone": "+8613800138000", "email": "li@example.org",
        "birthday": "1984-02-29", "address": "上海市南京路1号"}
    assert asked("case_texts", customer, case) == [
        ("subject", "刹车"), ("body", "刹车异响"), ("note", "called twice"), ("comment", "too slow")]
    assert asked("customer_texts", customer) == [("comment", "in general")]
    assert caller.disclose("case_texts", customer + 256, case).code == "unknown"
    assert caller.disclose("email", customer, purpose="curiosity").code == "text_invalid"
    assert caller.disclose("email", customer, purpose="case C-1-1").code == "text_invalid"
    assert caller.disclose("email", customer, purpose=f"case {opened.case_number}").code == ""
    assert [t.text for t in office.disclose("name", customer).texts] == ["李雷"]
    refused = office.disclose("phone", customer)
    assert refused.code == "kind_not_permitted" and not refused.texts
    rows = system.psql("SELECT outcome, count(*) FROM intake.disclosure GROUP BY 1 ORDER BY 1")
    assert rows == "disclosed|9\nkind_not_permitted|1\nunknown|1"


def test_many_are_disclosed_at_once_each_judged_and_written_down_on_its_own(system, garage, caller):
    system.start("intake")
    customers = [number_of(garage.send_one(profile(f"p-{i}", phone=f"+86138001380{i:02d}", name=f"N{i}")).customer_number)
                 for i in range(5)]
    questions = [("phone", customer) for customer in customers]
    questions[1:1] = [("case_texts", customers[0]), ("customer_texts", customers[0]), ("name", customers[4]),
                      ("phone", customers[4] + 256 * 99), ("email", customers[2])]
    replies = caller.disclose_all(questions)
    assert [r.request_id for r in replies] == [f"q{i}" for i in range(len(questions))]
    assert [(r.code, [(t.field, t.text) for t in r.texts]) for r in replies] == [
        ("", [("phone", "+8613800138000")]), ("field_missing", []), ("kind_not_permitted", []), ("", [("name", "N4")]),
        ("unknown", []), ("unknown", []),
        *[("", [("phone", f"+86138001380{i:02d}")]) for i in range(1, 5)]]
    rows = system.psql("SELECT outcome, count(*) FROM intake.disclosure GROUP BY 1 ORDER BY 1")
    assert rows == "disclosed|6\nkind_not_permitted|1\nunknown|2"
    assert [r.code for r in caller.disclose_all(questions[:1], purpose="curiosity")] == ["text_invalid"]
    assert [r.code for r in garage.disclose_all(questions[:1])] == ["not_permitted"]
    for count, code in ((0, "malformed"), (129, "too_many_records")):
        with pytest.raises(RequestRefused) as refused:
            caller.disclose_all(questions[:1] * count)
        assert refused.value.args[0] == code
    assert len(caller.disclose_all(questions[:1] * 128)) == 128
    assert system.psql("SELECT count(*) FROM intake.disclosure") == "137"


def test_of_merged_customers_either_number_leads_to_what_both_brought(system, garage, caller):
    system.start("intake")
    li = garage.send_one(profile("li", name="李雷"))
    han = garage.send_one(profile("han", name="Li Lei", phone="+8613800138000"))
    opened = garage.send_one(contact("han", body="squeaks"))
    numbers = [number_of(one.customer_number) for one in (li, han)]
    assert caller.disclose("phone", numbers[0]).code == "unknown"
    link = pb.CustomerLink(action=1, customer_ref="li", other_ref="han")
    assert garage.send_one(record(customer_link=link)).status == ACCEPTED
    names = []
    for number in numbers:
        assert [t.text for t in caller.disclose("phone", number).texts] == ["+8613800138000"]
        assert len(caller.disclose("case_texts", number, number_of(opened.case_number)).texts) == 1
        names += [t.text for t in caller.disclose("name", number).texts]
    assert names == ["李雷", "Li Lei"]


def test_what_was_tampered_with_is_damaged_and_the_rest_goes_on(system, garage, caller):
    intake = system.start("intake")
    known = garage.send_one(profile("li", name="李雷", phone="+8613800138000"))
    other = garage.send_one(profile("han", name="韩梅梅"))
    customer, stranger = number_of(known.customer_number), number_of(other.customer_number)
    opened = garage.send_one(contact("li", subject="s", body="squeaks", case_ref="T-1"))
    case = number_of(opened.case_number)
    garage.send_one(case_update("note", case_number=opened.case_number, note="called"))
    swap = ("UPDATE intake.contact_text AS t SET sealed = o.sealed FROM intake.contact_text AS o"
            " WHERE t.number <> o.number AND t.customer_number = o.customer_number")
    system.psql(swap)  # each row in the other's place
    reply = caller.disclose("case_texts", customer, case)
    assert reply.code == "damaged" and not reply.texts
    system.psql(swap)  # and back
    assert len(caller.disclose("case_texts", customer, case).texts) == 3
    system.psql("UPDATE intake.contact_text SET sealed = substr(sealed, 1, 20)"
                " WHERE number = (SELECT min(number) FROM intake.contact_text)")
    reply = caller.disclose("case_texts", customer, case)
    assert reply.code == "damaged" and [t.text for t in reply.texts] == ["called"]

    system.psql(f"UPDATE intake.person SET sealed = (SELECT sealed FROM intake.person"
                f" WHERE customer_number = {stranger}) WHERE customer_number = {customer}")
    assert caller.disclose("phone", customer).code == "damaged"
    # What cannot be read is not overwritten: the sender keeps its record and the operator sees why.
    late = garage.send_one(profile("li", email="li@example.org"))
    assert (late.status, late.code) == (RETRY, "unavailable")
    assert garage.send_one(profile("han", email="han@example.org")).status == ACCEPTED
    assert [t.text for t in caller.disclose("name", stranger).texts] == ["韩梅梅"]
    log = intake.log()
    assert "sealed_row_damaged" in log and "person_damaged" in log and "record_not_stored" in log
    assert intake.is_running()


def test_texts_about_who_was_erased_are_dropped_and_counted(system, garage, caller):
    system.start("intake")
    opened = garage.send_one(contact("li", body="squeaks"))
    known = garage.send_one(profile("li", name="李雷"))
    customer = number_of(known.customer_number)
    system.psql("UPDATE intake.customer SET wrapped_key = NULL")
    assert garage.send_one(case_update("note", case_number=opened.case_number, note="x")).status == ACCEPTED
    assert system.psql("SELECT count(*) FROM intake.contact_text") == "1"  # of before
    assert caller.disclose("name", customer).code == "unknown"


def test_profiles_from_two_connections_keep_what_each_brought(system):
    key = system.key("garage", ["records"])
    system.start("intake")
    system.start("intake", instance="intake-2")
    clients = [IntakeClient(system.client("intake", "garage", key=key, instance=name))
               for name in ("intake", "intake-2")]
    fields = ["name", "phone", "email", "address"]
    records = [profile("li", **{field: "+8613800138000" if field == "phone" else "li@example.org"})
               for field in fields]
    for client, one in zip(clients * 2, records):
        client.send([one])
    for at, client in enumerate(clients):
        receipts = client.collect([one.key for one in records[at::2]])
        assert {receipt.status for receipt in receipts.values()} == {ACCEPTED}
    assert [set(p) for p in sealed.persons(system).values()] == [set(fields)]


# ---- upkeep


def test_receipts_expire_and_permanent_ones_stay(system, garage):
    system.start("intake")
    permanent = contact("li")
    permanent.is_permanent_key = True
    for one in (contact("li"), contact("han"), permanent):
        assert garage.send_one(one).status == ACCEPTED
    assert job(system, "expire-receipts").stdout == "receipts deleted: 0\n"
    system.psql("UPDATE intake.receipt SET received_at = received_at - interval '31 days'"
                " WHERE key <> (SELECT min(key) FROM intake.receipt WHERE NOT is_permanent)")
    assert job(system, "expire-receipts").stdout == "receipts deleted: 1\n"
    assert system.psql("SELECT count(*) FROM intake.receipt") == "2"


def test_intake_itself_deletes_old_receipts_in_business_time(system):
    garage = IntakeClient(system.client("intake", "garage", rights=["records"]))
    stage = Stage(system, programs=["intake"])
    wait_until(lambda: system.psql("SELECT count(*) FROM intake.upkeep WHERE name = 'expire-receipts'") == "1",
               what="the first round")
    assert garage.send_one(contact("li", occurred_us=stage.clock.now_us)).status == ACCEPTED
    stage.step(hours=24 * 29)
    stage.step(hours=2)
    assert system.psql("SELECT count(*) FROM intake.receipt") == "1"
    stage.step(hours=24)
    # A count of orphans may be on its way, slowly on purpose, and has to end before.
    wait_until(lambda: system.psql("SELECT count(*) FROM intake.receipt") == "0", 120, what="expiry")
    assert "receipts_expired" in stage.processes["intake"].log()


def test_orphans_are_found_by_hand_and_by_the_job(system, garage):
    system.start("intake")
    for i in range(20):
        garage.send_one(contact(f"c-{i}", body="squeaks"))
    database = ["--database", system.conninfo("troth_operator")]
    assert job(system, "check-orphans").stdout == "no orphans\n"
    assert system.run("troth", "check", "--orphans", *database).stdout == "no orphans\n"
    system.psql("DELETE FROM intake.customer WHERE number = (SELECT min(number) FROM intake.customer)")
    found = job(system, "check-orphans")
    assert found.returncode == 1
    assert "service_case.customer_number: 1 rows" in found.stdout
    assert "orphans_found" in found.stderr
    found = system.run("troth", "check", "--orphans", *database)
    assert found.returncode == 1
    assert "contact_text.customer_number: 1 rows" in found.stdout


def test_a_count_of_orphans_is_ended_by_another_and_told_by_who_counted_last(system):
    stage = Stage(system, programs=["intake"])
    began = "SELECT extract(epoch FROM log.now() - began_at)::int / 3600 FROM intake.upkeep WHERE name = 'check-orphans'"
    wait_until(lambda: system.psql(began) == "0", what="the first round")
    system.psql("INSERT INTO intake.contact_text VALUES (0, 512, 256, NULL, now(), 'of nobody')")
    stage.step(hours=25)
    wait_until(lambda: system.psql(began) == "18", what="a round that has begun, and that another may begin in 6 hours")
    stage.kill("intake")  # 256 slices with a pause after each are not done
    assert "orphans_counted" not in stage.processes["intake"].log()
    stage.step(hours=7)
    wait_until(lambda: system.metric("intake", "troth_intake_orphans") == 1, 600, "the count, slow on purpose")
    assert system.psql(began) == "0"

    # The next round is another's, who finds all repaired.
    system.psql("UPDATE intake.upkeep SET began_at = log.now() + interval '1 day' WHERE name = 'check-orphans'")
    stage.step(hours=25)
    wait_until(lambda: system.metric("intake", "troth_intake_orphans") == 0, what="it tells nothing any more")


# ---- nowhere else

NAME, PHONE, EMAIL, ADDRESS = "甄士隱Plantname", "+8613955501234", "plantmail@example.org", "Plantstreet 7"
PLATE = "沪A·PLT88"
# Every text carries one of these, or is one of them.
PLANTED = [NAME, "Plantname", PHONE, PHONE[3:], EMAIL, "plantmail", ADDRESS, "Plantstreet", PLATE, "PLT88",
           "PLANTEDTEXT"]
TEXT = "PLANTEDTEXT about the brakes of 甄士隱Plantname, call +8613955501234"


def planted_records(case_ref, at_us):
    """One of every kind, with personal data wherever the contract has a place for it; and such that
    are refused."""
    later = at_us + 20 * 3600 * 10**6

    def one(**body):
        return record(occurred_us=at_us, **body)

    def named(**fields):
        return {"customer_ref": "plant", "case_ref": case_ref, **fields}

    good = [
        profile("plant", occurred_us=at_us, name=NAME, phone=PHONE, email=EMAIL, address=ADDRESS,
                birthday="1984-02-29", phone_is_verified=True, email_is_verified=True,
                time_zone="Asia/Shanghai", consents=[{"purpose": p, "is_given": True} for p in (1, 2, 3, 4)]),
        contact("plant", occurred_us=at_us, channel="phone", case_ref=case_ref, subject=TEXT, body=TEXT),
        contact("plant", occurred_us=at_us, channel="web", case_ref=case_ref, body=TEXT),
        case_update("note", occurred_us=at_us, note=TEXT, **named()),
        one(promise_given=pb.PromiseGiven(**named(promise_ref="p-1", words=TEXT, due_us=later))),
        one(promise_update=pb.PromiseUpdate(**named(promise_ref="p-1", action=1, due_us=later + 1,
                                                    new_promise_ref="p-2", note=TEXT))),
        one(promise_update=pb.PromiseUpdate(**named(promise_ref="p-2", action=2, note=TEXT))),
        one(expectation=pb.Expectation(**named(expectation_ref="e-1", outcome=TEXT, manner=TEXT))),
        one(compensation=pb.Compensation(**named(promise_ref="p-3", kind=3, amount_minor=5, currency="CNY",
                                                 words=TEXT, due_us=later))),
        purchase("plant", 45000, occurred_us=at_us, order_ref="o-1"),
        one(refund=pb.Refund(customer_ref="plant", order_ref="o-1", amount_minor=5, currency="CNY", reason=TEXT)),
        one(device_signal=pb.DeviceSignal(customer_ref="plant", device_ref=PLATE, fault_code="P0420")),
        one(consent=pb.Consent(customer_ref="plant", consents=[{"purpose": 4, "is_given": False}])),
        answer("csat", 2, occurred_us=at_us, comment=TEXT, **named()),
        case_update("resolved", occurred_us=at_us, note=TEXT, **named()),
        profile("other", occurred_us=at_us, name=NAME),
        one(customer_link=pb.CustomerLink(action=1, customer_ref="plant", other_ref="other", reason=TEXT)),
        contact("plant", occurred_us=at_us, case_ref=case_ref + "-void", body=TEXT, key=case_ref + "-void"),
        one(record_void=pb.RecordVoid(record_key=case_ref + "-void", reason=TEXT)),
    ]
    bad = [
        profile("plant", occurred_us=at_us, phone=PHONE * 20),
        profile("plant", occurred_us=at_us, birthday=NAME[:9]),
        profile("plant", occurred_us=at_us, time_zone=NAME, name=NAME),
        contact("plant", occurred_us=at_us, channel=NAME, body=TEXT),
        contact("plant", occurred_us=at_us, case_number="C-1-1", body=TEXT),
        case_update("note", occurred_us=at_us, note=TEXT, customer_ref="plant", case_ref="none"),
        contact("plant", occurred_us=at_us, body=TEXT * 500),
        one(record_void=pb.RecordVoid(record_key="none", reason=TEXT)),
    ]
    return good, bad


def test_personal_data_stands_nowhere_in_the_open(system):
    system.log_level = "debug"
    garage = IntakeClient(system.client("intake", "garage", rights=["records"]))
    system.key("caller", ["disclosure"])
    stage = Stage(system)
    caller = IntakeClient(system.client("intake", "caller"))
    good, bad = planted_records("T-1", stage.clock.now_us)
    receipts = [garage.send_one(one) for one in good]
    assert [(good[i].WhichOneof("body"), r.code) for i, r in enumerate(receipts) if r.status != ACCEPTED] == []
    receipts += [garage.send_one(one) for one in bad]
    assert {r.status for r in receipts[len(good):]} == {REJECTED}
    customer = number_of(receipts[0].customer_number)
    assert [t.text for t in caller.disclose("phone", customer).texts] == [PHONE]  # it is all there
    fields = {field for fact in sealed.texts(system) for field in fact.texts}
    assert fields >= {"subject", "body", "note", "comment", "words", "reason", "outcome", "manner"}
    # Something that does not open, so that errors are told of, too.
    system.psql("UPDATE intake.contact_text SET sealed = substr(sealed, 1, 60)"
                " WHERE number = (SELECT max(number) FROM intake.contact_text)")
    caller.disclose("customer_texts", customer)
    stage.run_out()
    stage.check_alive()
    assert stage.dials(), "no call was placed: the dial order was not looked at"

    for name in stage.processes:
        check_clean(f"the log of {name}", (system.folder / f"{name}.log").read_bytes())
    dump = subprocess.run(["pg_dump", "--data-only", "--dbname", system.conninfo("postgres")],
                          check=True, capture_output=True).stdout
    tables = dict(tables_of(dump))
    assert {"intake.person", "log.event", "followup.follow_up_attempt"} <= {t for t in tables if tables[t]}
    for table, rows in tables.items():
        check_clean(f"table {table}", rows)
    check_clean("the dialer's journal", (system.folder / "dialer.journal").read_bytes())
    check_clean("receipts", b"".join(r.SerializeToString() for r in receipts))
    events = int(system.psql("SELECT count(*) FROM log.event"))
    assert events > len(good)


def tables_of(dump):
    """(name, rows) of each COPY in a dump."""
    for match in re.finditer(rb"^COPY (\S+) .*?;\n(.*?)^\\\.$", dump, re.M | re.S):
        yield match.group(1).decode(), match.group(2)


def check_clean(where, data):
    """None of the planted texts, as text or in the hex of a bytea."""
    found = [mark for mark in PLANTED
             if mark.encode() in data or mark.encode().hex().encode() in data
             or mark.encode("utf-16-le") in data]
    assert not found, f"{where} holds {found}"
