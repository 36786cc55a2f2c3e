# SPDX-License-Identifier: Apache-2.0
"""Being forgotten: what an erasure removes, what stays, who is told, and what a backup of before can still tell."""

import json
import subprocess
import threading

import dialer_pb2
import event_pb2 as events
import intake_pb2 as pb
import pytest

from tests.conftest import ROOT
from tests.support import ledger
from tests.support.event_feed import spelled as identifier

from tests.support.intake_client import (
    ACCEPTED, DUPLICATE, REJECTED, RETRY, IntakeClient, answer, case_update, consent, contact, customer_link, expectation, new_key,
    profile, purchase, record,
)
from tests.support.office import DAY, LISTED, MISSED, SUPPRESSED, Office as DemoOffice, ScriptedDialer, profile as profile_of, update
from tests.support.stage import connections
from tests.support.system import MASTER_KEYS, ProgramError, System, config_text, wait_until

LI = {"name": "李雷", "phone": "+8613800138000", "phone_is_verified": True, "email": "li@example.org",
      "email_is_verified": True, "birthday": "1984-02-29", "language": "zh-CN", "time_zone": "Asia/Shanghai", "address": "上海"}


def erasure(key=None, ground="request", asked_by="customer", **fields):
    body = pb.CustomerErasure(ground=getattr(pb, f"ERASURE_GROUND_{ground.upper()}"), asked_by=asked_by, **fields)
    return record(key, customer_erasure=body)


def number_of(text):
    return int(text.split("-")[1])


class Office:
    """One intake that keeps the record, a source that sends, and one that may erase."""

    def __init__(self, system, intakes=("intake",)):
        self.system = system
        self.audit_key = system.folder / "audit.key"
        assert system.run("troth", "audit", "key", "new", self.audit_key, "--installation", "garage").returncode == 0
        self.settings = {"audit_key_file": self.audit_key, "audit_every": "1s", "audit_copy": str(system.folder / "heads"),
                         "lease": "2s"}
        system.key("garage", ["records"])
        system.key("shop", ["records"])
        system.key("officer", ["records", "erasure"])
        system.key("caller", ["disclosure"])
        self.intakes = {name: system.start("intake", instance=name, **self.settings) for name in intakes}
        self.garage, self.shop, self.officer, self.caller = (
            IntakeClient(system.client("intake", name)) for name in ("garage", "shop", "officer", "caller"))

    def accepted(self, sender, one):
        receipt = sender.send_one(one)
        assert receipt.status == ACCEPTED, (receipt, [one.log()[-2000:] for one in self.intakes.values()])
        return receipt

    def rejected(self, sender, one):
        receipt = sender.send_one(one)
        assert receipt.status == REJECTED, receipt
        return receipt.code

    def certain(self, sender, one):
        """Its final receipt, whatever dies meanwhile: sent again until it comes."""
        while True:
            try:
                sender.send([one], 1)
                for receipt in sender.receive(1):
                    if receipt.key == one.key and receipt.status != RETRY:
                        return receipt
            except TimeoutError:
                pass

    def rows(self, sql):
        text = self.system.psql(sql)
        return [line.split("|") for line in text.split("\n")] if text else []

    def count(self, table, where="true"):
        return int(self.system.psql(f"SELECT count(*) FROM {table} WHERE {where}"))

    def receipt_of(self, customer, sender=None):
        request = pb.IntakeRequest(erasure_receipt=pb.ErasureReceiptRequest(request_id="r", customer_number=customer))
        return (sender or self.officer).client.ask(request, pb.IntakeReply).erasure_receipt

    def fill(self, reference="li", **person):
        """A customer of whom there is a bit of everything. Returns the number, and the cases' numbers."""
        known = self.accepted(self.garage, profile(reference, **{**LI, **person}))
        first = self.accepted(self.garage, contact(reference, subject="刹车", body="刹车异响", case_ref="A-1"))
        self.accepted(self.garage, case_update("note", case_number=first.case_number, note="called twice"))
        self.accepted(self.garage, expectation(case_number=first.case_number, expectation_ref="E", outcome="quiet brakes"))
        self.accepted(self.garage, case_update("resolved", case_number=first.case_number, note="new pads"))
        self.accepted(self.garage, answer("csat", 2, case_number=first.case_number, comment="too slow"))
        second = self.accepted(self.garage, contact(reference, kind="request", body="a new tyre", case_ref="A-2"))
        self.accepted(self.garage, purchase(reference, order_ref="O-17"))
        self.accepted(self.garage, record(refund=pb.Refund(customer_ref=reference, order_ref="O-17", amount_minor=100,
                                                           currency="CNY", reason="a scratch")))
        self.accepted(self.garage, record(points_redemption=pb.PointsRedemption(customer_ref=reference, redemption_ref="P-1",
                                                                                points=5)))
        self.accepted(self.garage, record(device_signal=pb.DeviceSignal(customer_ref=reference, device_ref="沪A 12345",
                                                                        mileage_km=1000)))
        return known.customer_number, [first.case_number, second.case_number]


@pytest.fixture
def office(system):
    return Office(system)


# ---- what goes and what stays


def test_everything_personal_goes_and_every_fact_stays(office):
    li, cases = office.fill()
    han, _ = office.fill("han", name="韩梅梅", phone="+8613900139000", email="han@example.org")
    facts = {table: office.rows(f"SELECT {columns} FROM intake.{table} ORDER BY number") for table, columns in (
        ("service_case", "*"), ("case_event", "*"), ("contact", "*"), ("survey_answer", "*"),
        ("purchase", "number, amount_minor, branch, product, occurred_at"), ("refund", "number, amount_minor"),
        ("points_redemption", "number, points, is_void"), ("device_signal", "number, mileage_km"),
        ("promise", "number, state, due_at, made_at, target_us"))}
    done = office.accepted(office.officer, erasure(customer_number=li))
    assert done.customer_number == li
    number = number_of(li)
    for table in ("person", "contact_text", "customer_reference", "contact_point", "case_reference"):
        assert office.count(f"intake.{table}", f"customer_number = {number}") == 0, table
        assert office.count(f"intake.{table}", f"customer_number = {number_of(han)}") > 0, table
    assert office.rows("SELECT wrapped_key IS NULL, language, time_zone, birth_month, birth_day, has_phone, phone_handle,"
                       f" email_handle, consents FROM intake.customer WHERE number = {number}") == [
                           ["t", "", "", "", "", "f", "", "", "0"]]
    assert office.count("intake.customer_public", "is_erased") == 1
    assert office.count("intake.purchase", "order_ref IS NOT NULL") == 1
    assert office.count("intake.device_signal", "device IS NOT NULL") == 1
    assert office.count("intake.points_redemption", "reference = 'P-1'") == 1
    for table, before in facts.items():
        columns = {"service_case": "*", "case_event": "*", "contact": "*", "survey_answer": "*",
                   "purchase": "number, amount_minor, branch, product, occurred_at", "refund": "number, amount_minor",
                   "points_redemption": "number, points, is_void", "device_signal": "number, mileage_km",
                   "promise": "number, state, due_at, made_at, target_us"}[table]
        assert office.rows(f"SELECT {columns} FROM intake.{table} ORDER BY number") == before, table
    assert office.caller.disclose("person", number).code == "unknown"
    assert office.caller.disclose("case_texts", number, number_of(cases[0])).code == "unknown"
    assert [t.text for t in office.caller.disclose("name", number_of(han)).texts] == ["韩梅梅"]
    dump = office.system.psql("SELECT string_agg(t::text, ' ') FROM intake.erasure AS t")
    for secret in ("13800138000", "李雷", "A-1", "O-17"):
        assert secret not in dump


def test_two_numbers_of_one_person_go_together(office):
    li = office.accepted(office.garage, profile("li", **LI)).customer_number
    han = office.accepted(office.garage, profile("han", name="Li Lei", phone="+8613700137000")).customer_number
    third = office.accepted(office.garage, profile("third", name="other")).customer_number
    for other in ("han", "third"):
        office.accepted(office.garage, customer_link("merge", customer_ref="li", other_ref=other))
    office.accepted(office.officer, erasure(customer_number=han))
    assert office.count("intake.customer_public", "is_erased") == 3
    assert office.count("intake.person") == 0
    assert office.rows("SELECT count(*), count(DISTINCT customer_id) FROM log.event WHERE kind = 'customer_erased'") == [["3", "3"]]
    assert sorted(json.loads(office.receipt_of(third).receipt)["customers"]) == sorted([li, han, third])
    assert office.count("intake.customer", "merged_into IS NOT NULL") == 2  # figures of one person stay added up


def test_who_comes_back_is_somebody_new(office):
    li, cases = office.fill()
    office.accepted(office.officer, erasure(customer_number=li))
    again = office.accepted(office.shop, profile("u-1", phone="+8613800138000", phone_is_verified=True))
    assert again.customer_number != li and again.customer_joined_by == ""
    reference = office.accepted(office.garage, contact("li", body="hello", case_ref="A-1"))
    assert reference.customer_number not in (li, again.customer_number)
    assert reference.is_new_case and reference.case_number not in cases
    assert office.count("intake.customer") == 3


def test_what_is_said_later_about_who_was_erased_is_refused_and_what_is_open_can_be_ended(office):
    li, (resolved, still_open) = office.fill()
    promise = office.rows(f"SELECT number FROM intake.promise WHERE case_number = {number_of(still_open)} LIMIT 1")[0][0]
    office.accepted(office.officer, erasure(customer_number=li))
    for one in (
            contact("li", case_number=still_open), profile(None, customer_number=li, name="x"),
            consent(None, customer_number=li, do_not_call=True), answer("csat", 5, case_number=still_open),
            answer("csat", 5, customer_number=li), expectation(case_number=still_open, outcome="x"),
            record(points_redemption=pb.PointsRedemption(customer_number=li, redemption_ref="n", points=1)),
            customer_link("merge", customer_ref="x", other_number=li), case_update("reopened", case_number=resolved),
            erasure(customer_number=li)):
        one.contact.ClearField("customer_ref") if one.HasField("contact") else None
        sender = office.officer if one.HasField("customer_erasure") else office.garage
        code = office.rejected(sender, one)
        assert code in ("customer_erased", "field_missing"), one
    assert office.rejected(office.garage, case_update("resolved", customer_ref="li", case_ref="A-2")) == "case_unknown"
    assert office.rejected(office.officer, erasure(customer_ref="li")) == "customer_unknown"
    before = office.count("intake.contact_text")
    office.accepted(office.garage, case_update("closed", case_number=still_open, note="erased"))
    assert office.count("intake.contact_text") == before  # the note had no key
    assert office.rows(f"SELECT state FROM intake.promise WHERE number = {promise}") != [["1"]]


def test_who_may_not_erase_is_refused_and_the_same_key_erases_once(office):
    li, _ = office.fill()
    assert office.rejected(office.garage, erasure(customer_number=li)) == "kind_not_permitted"
    assert office.receipt_of(li, office.garage).code == "not_permitted"
    assert office.receipt_of(li).code == "unknown"
    assert office.rejected(office.officer, record(customer_erasure=pb.CustomerErasure(customer_number=li, asked_by="x"))) == \
        "enum_unknown"
    assert office.rejected(office.officer, erasure(customer_number=li, asked_by="")) == "field_missing"
    key = new_key()
    one = erasure(key, customer_number=li)
    office.accepted(office.officer, one)
    assert office.officer.send_one(one).status == DUPLICATE
    assert office.count("intake.erasure") == 1
    assert office.rejected(office.officer, record(record_void=pb.RecordVoid(record_key=key))) == "not_voidable"


def test_an_erasure_among_other_records_takes_effect_in_its_turn(office):
    office.accepted(office.garage, profile("li", **LI))
    officer = office.officer
    office.system.register(office.system.key("officer"), ["records", "erasure"])
    batch = [profile("mine", name="赵", phone="+8613600136000", phone_is_verified=True), contact("mine", body="one"),
             erasure(customer_ref="mine"), contact("mine", body="two"), purchase("mine")]
    officer.send(batch)
    receipts = officer.collect([one.key for one in batch])
    first, second = receipts[batch[0].key].customer_number, receipts[batch[3].key].customer_number
    assert {receipts[one.key].status for one in batch} == {ACCEPTED}
    assert first != second and receipts[batch[4].key].customer_number == second
    assert office.count("intake.contact_text", f"customer_number = {number_of(first)}") == 0
    assert office.count("intake.contact_text", f"customer_number = {number_of(second)}") == 1


# ---- not to be called


@pytest.mark.parametrize("keeps, expected", [(None, "t"), (True, "t"), (False, "f")])
def test_a_wish_not_to_be_called_outlives_the_erasure_as_a_hash(office, keeps, expected):
    li = office.accepted(office.garage, profile("li", **LI)).customer_number
    office.accepted(office.garage, consent("li", do_not_call=True))
    office.accepted(office.officer, erasure(customer_number=li, keeps_do_not_call=keeps))
    again = number_of(office.accepted(office.shop, profile("u-1", phone="138 0013 8000")).customer_number)
    says = f"SELECT do_not_call FROM intake.customer_public WHERE number = {again}"
    assert office.rows(says) == [[expected]]
    other = number_of(office.accepted(office.shop, profile("u-2", phone="+8613800138001")).customer_number)
    assert office.rows(f"SELECT do_not_call FROM intake.customer_public WHERE number = {other}") == [["f"]]
    if keeps:  # kept once more, when nobody has said it of this one
        office.accepted(office.officer, erasure(customer_number=identifier("K", again)))
        again = number_of(office.accepted(office.shop, profile("u-1", phone="138 0013 8000")).customer_number)
        says = f"SELECT do_not_call FROM intake.customer_public WHERE number = {again}"
        assert office.rows(says) == [["t"]]
    office.accepted(office.shop, consent("u-1", do_not_call=False))  # said by who has the number now
    assert office.rows(says) == [["f"]]


def test_a_wish_that_nobody_had_is_not_kept(office):
    li = office.accepted(office.garage, profile("li", **LI)).customer_number
    office.accepted(office.officer, erasure(customer_number=li))
    assert office.count("intake.do_not_call") == 0


# ---- the log and its tamper-evident record


def bodies(office, number):
    rows = office.rows(f"SELECT kind, encode(body, 'hex') FROM log.event WHERE customer_id = {number} ORDER BY seq")
    return [(kind, events.Event.FromString(bytes.fromhex(body))) for kind, body in rows]


def verified(office, status=0):
    done = office.system.run("troth", "audit", "verify", "--key", office.audit_key, "--copies", office.system.folder / "heads",
                             "--json", "--database", office.system.conninfo("troth_operator"))
    assert done.returncode == status, (done.stdout, done.stderr)
    return done.stdout


def signed(office):
    wait_until(lambda: office.system.psql(
        "SELECT (SELECT count(*) FROM log.event) = (SELECT tree_size FROM audit.head ORDER BY number DESC LIMIT 1)") == "t",
               what="a head over all events")


def test_events_lose_what_identified_the_customer_and_the_record_still_verifies(office):
    li, _ = office.fill()
    han, _ = office.fill("han", name="韩梅梅", phone="+8613900139000", email="han@example.org")
    signed(office)
    office.accepted(office.officer, erasure(customer_number=li))
    signed(office)
    for kind, event in bodies(office, number_of(li)):
        if kind in ("customer_changed", "device_signalled"):
            assert len(event.commitment) == 32
        assert not event.customer_changed.language and not event.customer_changed.HasField("birth_month")
        assert not event.device_signalled.HasField("device")
        if kind == "device_signalled":
            assert event.device_signalled.mileage_km == 1000
        if kind == "customer_erased":
            assert event.customer_erased.redacted_events == 2
    assert any(event.customer_changed.birth_month == 2 for _, event in bodies(office, number_of(han)))
    verified(office)


def test_taking_out_what_no_erasure_explains_is_found(office):
    li, _ = office.fill()
    han, _ = office.fill("han", name="韩梅梅", phone="+8613900139000", email="han@example.org")
    office.accepted(office.officer, erasure(customer_number=li))
    signed(office)
    verified(office)
    # Somebody who writes the database hides han's event as intake hides those of the erased: with its commitment, which they
    # would have to know; here even that is granted.
    office.system.psql("UPDATE log.event AS e SET body = r.body FROM log.event AS r WHERE e.kind = 'customer_changed'"
                       f" AND e.customer_id = {number_of(han)} AND r.kind = 'customer_changed' AND r.customer_id = {number_of(li)}")
    found = verified(office, status=1)
    assert "event_redacted" in found and "event_changed" in found


# ---- the receipt


def test_the_command_line_erases_and_anybody_can_check_the_receipt(office, programs):
    system = office.system
    system.key("desk", ["records", "erasure"])
    config = system.folder / "desk.conf"
    config.write_text(f'key_file = "{system.key("desk").path}"\nintake = "{system.endpoint("intake")}"\n'
                      f'intake_key = "{system.service_key("intake").public_path}"\n')
    wait_until(lambda: system.psql("SELECT count(*) FROM intake.source WHERE name = 'desk'") == "1", what="the desk")
    li, _ = office.fill()
    path, public = system.folder / "receipt.json", office.audit_key.with_suffix(".pub")
    command = ["customer", "erase", li, "--config", config, "--output", path, "--ground", "order", "--asked-by", "file 7/26"]
    refused = system.run("troth", *command)
    assert refused.returncode == 2 and "nothing was erased" in refused.stderr
    assert office.count("intake.erasure") == 0
    path.write_text("in the way")
    refused = system.run("troth", *command, "--yes")
    assert refused.returncode == 2 and "nothing was erased" in refused.stderr and office.count("intake.erasure") == 0
    path.unlink()
    done = system.run("troth", *command, "--rotate", "--yes")
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert "removed   1 of person" in done.stdout and "rewrap-keys" in done.stdout
    assert path.stat().st_mode & 0o777 == 0o600
    receipt = json.loads(path.read_text())
    assert receipt["customers"] == [li] and receipt["ground"] == "order" and receipt["asked_by"] == "file 7/26"
    assert receipt["removed"]["contact_text"] == 8 and receipt["removed"]["event"] == 2 and receipt["removed"]["contact_point"] == 2
    assert len(receipt["reference_hashes"]) == 1 and receipt["installation"] == "garage"
    assert "li" not in json.dumps(receipt["reference_hashes"])
    checked = system.run("troth", "customer", "erased", path, "--key", public)
    assert checked.returncode == 0 and li in checked.stdout, checked.stderr
    for name, value in (("erased_at", "2020-01-01T00:00:00Z"), ("ground", "request"), ("customer", "K-1-1")):
        path.write_text(json.dumps({**receipt, name: value}))
        assert system.run("troth", "customer", "erased", path, "--key", public).returncode == 1
    path.unlink()
    nowhere = system.run("troth", "customer", "erase", li, "--config", config, "--output", system.folder / "no/r.json", "--yes")
    assert nowhere.returncode == 2 and f"troth customer erase {li}" in nowhere.stderr, nowhere.stderr
    again = system.run("troth", *command, "--yes")  # the receipt once more
    assert again.returncode == 0, again.stderr
    assert json.loads(path.read_text()) == receipt
    assert office.count("intake.erasure") == 1


def test_a_receipt_says_what_was_left_for_want_of_the_key_of_the_record(office):
    system = office.system
    li, _ = office.fill()
    signed(office)
    office.intakes["intake"].terminate()
    office.intakes["intake"] = system.start("intake", lease="2s")
    office.accepted(office.officer, erasure(customer_number=li))
    answer_of = office.receipt_of(li)
    receipt = json.loads(answer_of.receipt)
    assert not answer_of.is_signed and receipt["events_left"] == 2 and receipt["removed"]["event"] == 0
    assert any(event.customer_changed.birth_month == 2 for _, event in bodies(office, number_of(li)))
    config = office.system.folder / "desk.conf"
    config.write_text(f'key_file = "{system.key("officer").path}"\nintake = "{system.endpoint("intake")}"\n'
                      f'intake_key = "{system.service_key("intake").public_path}"\n')
    said = system.run("troth", "customer", "erase", li, "--config", config, "--output", system.folder / "r.json", "--yes")
    assert said.returncode == 0 and "left      2 of events" in said.stdout and "not signed" in said.stdout, (said.stdout, said.stderr)


# ---- the other services


KEPT = {"reporting.night_task", "reporting.progress_link", "loyalty.look_request"}  # what is no figure


def figures(system):
    """A digest of every table of reporting and loyalty, and of the facts."""
    tables = [line for line in system.psql(
        "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('reporting', 'loyalty') ORDER BY 1").split("\n")
              if line not in KEPT]
    facts = [f"intake.{name}" for name in ("service_case", "case_event", "contact", "promise", "promise_event", "survey_answer",
                                           "survey_item", "compensation", "branch", "staff", "word_day", "forecast")]
    said = system.psql(" UNION ALL ".join(
        f"SELECT '{table}', count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} AS t"
        for table in [*tables, *facts]))
    return dict(line.split("|") for line in said.split("\n"))


def erase_in(room, customer, **fields):
    """By the office's own source, which may."""
    room.send(("customer_erasure", pb.CustomerErasure(
        customer_ref=customer, ground=pb.ERASURE_GROUND_REQUEST, asked_by="customer", **fields)))


@pytest.fixture
def room(system):
    """All services on the demo clock."""
    def make(programs=("intake", "followup", "loyalty", "reporting"), **settings):
        system.key("garage", ["records", "erasure"])
        made = DemoOffice(system, list(programs), **settings)
        made.services = [name for name in programs if name != "intake" and name != "dialer"]
        return made
    return make


def settled(room):
    ledger.wait_until_quiet(room.system, room.services)


def test_no_figure_changes_and_what_was_planned_ends(room, system):
    made = room()
    made.resolve("li", "wang")
    made.send(("survey_answer", pb.SurveyAnswer(customer_ref="li", instrument=pb.SURVEY_INSTRUMENT_CSAT, value=4)),
              ("purchase", pb.Purchase(customer_ref="li", amount_minor=9900, currency="CNY", order_ref="O-1")))
    settled(made)
    made.step(6 * DAY)
    settled(made)
    assert {row[0] for row in made.follow_ups()} <= {str(MISSED), str(LISTED)}, made.follow_ups()
    nights = "SELECT count(*) FROM reporting.night_task WHERE day >= (log.now() AT TIME ZONE 'UTC')::date - 1"
    wait_until(lambda: made.rows(nights) == [["7"]], what="what follows on the end of a day")
    before = figures(system)
    assert int(before["reporting.daily_fact"].split()[0]) > 10 and int(before["loyalty.score_evidence"].split()[0]) > 3
    case = made.rows("SELECT number FROM intake.service_case ORDER BY number LIMIT 1")[0][0]
    assert made.rows("SELECT count(*) FROM followup.follow_up WHERE state = 8") == [["0"]]
    erase_in(made, "li")
    settled(made)
    assert figures(system) == before
    # One with a follow-up that is still to come, an answer that intake refused, and a page.
    made.send(update("wang", pb.CASE_ACTION_REOPENED), update("wang", pb.CASE_ACTION_RESOLVED))
    settled(made)
    number, case = made.rows("SELECT number, case_number FROM followup.follow_up WHERE state = 1")[0]
    system.psql(f"""
        INSERT INTO followup.record_outbox (bucket, key, follow_up_number, record, state, code, added_at, settled_at)
        VALUES ({int(number) & 255}, 'F-1/1/csat', {number}, 'sealed', 3, 'text_invalid', now(), now());
        INSERT INTO reporting.progress_link (bucket, token_hash, case_number, created_at, created_by, expires_at)
        VALUES (7, decode(repeat('07', 32), 'hex'), {case}, now(), 'desk', now() + interval '90 d')""")
    erase_in(made, "wang")
    settled(made)
    assert made.rows(f"SELECT state, reason FROM followup.follow_up WHERE number = {number}") == [[str(SUPPRESSED), "customer_erased"]]
    assert made.rows("SELECT count(*) FROM followup.record_outbox") == [["0"]]
    assert made.rows("SELECT revoked_at IS NOT NULL FROM reporting.progress_link") == [["t"]]


def test_a_call_on_its_way_is_the_last_one_and_the_number_is_not_called_again(room, system):
    made = room(["intake", "followup"])
    dialer = ScriptedDialer(made)
    made.resolve("li", phone="+8613800138000")
    made.send(("consent", pb.Consent(customer_ref="li", do_not_call=False)))
    made.clock.step(DAY)
    order = dialer.wait_for("order")
    made.send(("consent", pb.Consent(customer_ref="li", do_not_call=True)))
    erase_in(made, "li")
    behind = """SELECT count(*) FROM log.head AS h LEFT JOIN log.consumer_cursor AS c
        ON c.consumer = 'followup' AND (c.stream, c.bucket) = (h.stream, h.bucket)
        WHERE h.stream LIKE 'intake.%' AND coalesce(c.seq, 0) < h.seq"""
    wait_until(lambda: made.rows(behind) == [["0"]], what="the scheduler to know")
    dialer.finish(order, events.CALL_OUTCOME_NO_ANSWER)
    wait_until(lambda: made.rows("SELECT state FROM followup.follow_up_attempt") == [["3"]], what="the result")

    def ended(*reasons):
        dialer.hello()  # a line is free
        return sorted(row[1] for row in made.follow_ups()) == sorted(reasons)

    made.clock.step(DAY)
    wait_until(lambda: ended("customer_erased"), what="the first one to end")
    assert made.rows("SELECT number_handle IS NULL FROM followup.follow_up_attempt") == [["t"]]
    made.resolve("somebody-new", phone="+8613800138000")
    made.clock.step(DAY)
    wait_until(lambda: ended("customer_erased", "do_not_call"), what="the new one to end")


def test_a_wish_said_in_a_call_holds_while_the_record_of_it_is_on_its_way(room, system):
    made = room(["intake", "followup"])
    dialer = ScriptedDialer(made)
    made.resolve("li", phone="+8613800138000")
    made.clock.step(DAY)
    order = dialer.wait_for("order")
    made.stage.processes["intake"].kill()
    dialer.finish(order, events.CALL_OUTCOME_REFUSED, refusal=dialer_pb2.DIAL_REFUSAL_EVERYTHING)
    waiting = "SELECT count(*) FROM followup.record_outbox WHERE state = 1 AND key LIKE '%/customer-consent'"
    wait_until(lambda: made.rows(waiting) == [["1"]], what="the wish to wait for intake")
    made.stage.processes["followup"].kill()
    made.stage.processes["intake"] = system.start("intake", arguments=["--demo-clock"], lease="2s")
    assert made.rows("SELECT do_not_call FROM intake.customer") == [["f"]], "intake does not know of it"
    erase_in(made, "li")
    assert made.rows(waiting) == [["1"]]
    says = "SELECT do_not_call FROM intake.customer_public WHERE NOT is_erased"
    made.send(profile_of("somebody-new", "+8613800138000", False))
    assert made.rows(says) == [["t"]]
    made.stage.processes["followup"] = system.start("followup", arguments=["--demo-clock"], lease="2s",
                                                    **connections(system, "followup"))
    wait_until(lambda: made.rows("SELECT count(*) FROM followup.record_outbox") == [["0"]], what="the record to be dropped")
    assert made.rows(says) == [["t"]]


# ---- crashes, and two processes


def test_killed_at_any_moment_it_happened_or_it_did_not(system):
    """The same record is sent until it has a receipt, as senders do."""
    office = Office(system)
    names = [f"c-{i}" for i in range(9)]
    numbers = {}
    for name in names:
        numbers[name] = number_of(office.accepted(office.garage, profile(name, name="n", phone="+86138001380" + name[2:].zfill(2),
                                                                         phone_is_verified=True)).customer_number)
        office.accepted(office.garage, contact(name, body="squeaks"))
    for i, name in enumerate(names):
        one = erasure(customer_number=f"{identifier('K', numbers[name])}")
        office.officer.send([one])
        if i % 4 == 0:
            threading.Event().wait(0.0015 * i)  # the moment of the kill is what is tried here
            old = office.intakes["intake"]
            old.kill()
            text, key = office.count("intake.contact_text", f"customer_number = {numbers[name]}"), office.count(
                "intake.customer", f"number = {numbers[name]} AND wrapped_key IS NOT NULL")
            told = office.count("log.event", f"customer_id = {numbers[name]} AND kind = 'customer_erased'")
            assert (text, key, told) in ((1, 1, 0), (0, 0, 1)), (text, key, told)
            office.intakes["intake"] = system.start("intake", **office.settings)
        final = office.certain(office.officer, one)
        assert final.status in (ACCEPTED, DUPLICATE), final
    assert office.count("intake.erasure") == len(names)
    assert office.count("log.event", "kind = 'customer_erased'") == len(names)
    assert office.count("intake.contact_text") == office.count("intake.person") == office.count("intake.contact_point") == 0
    signed(office)
    verified(office)


def test_what_another_process_wrote_meanwhile_is_swept(system):
    office = Office(system, ["intake", "intake-2"])
    other = IntakeClient(system.client("intake", "garage", instance="intake-2"))
    office.officer = IntakeClient(system.client("intake", "officer", instance="intake"))
    li, (_, case) = office.fill()
    stop = threading.Event()
    codes = set()

    def chatter():
        while not stop.is_set():
            receipts = other.send_all([case_update("note", case_number=case, note="still there?") for _ in range(5)], seconds=30)
            codes.update(one.status for one in receipts.values())

    thread = threading.Thread(target=chatter)
    thread.start()
    try:
        final = office.certain(office.officer, erasure(customer_number=li))
        assert final.status == ACCEPTED, final
    finally:
        stop.set()
        thread.join()
    assert codes == {ACCEPTED}
    # What a slower one could have left, and what is found of it.
    number = number_of(li)
    system.psql(f"""
        INSERT INTO intake.contact_text VALUES ({number & 255}, {number + 256 * 9999}, {number}, NULL, now(), 'sealed');
        INSERT INTO intake.customer_reference VALUES (3, 1, 'li', {number});
        INSERT INTO intake.contact_point VALUES (9, 1, '\\x09', {number});
        UPDATE intake.erasure SET received_at = received_at - interval '1 hour'""")
    path = system.folder / "job.conf"
    path.write_text(config_text(system.settings("intake")))
    done = system.run("troth-intake", "--config", path, "--job", "sweep-erasures")
    assert done.stdout == "erasures looked after: 1\n", done.stderr
    for table in ("contact_text", "customer_reference", "contact_point", "person", "case_reference"):
        assert office.count(f"intake.{table}", f"customer_number = {number}") == 0, table
    assert system.run("troth-intake", "--config", path, "--job", "sweep-erasures").stdout == "erasures looked after: 0\n"


# ---- backups


def test_a_backup_of_before_tells_nothing_of_the_erased_and_all_of_the_others(system, programs):
    """Erase, rotate, restore the older backup with the living keys of the newest."""
    lookup, first = MASTER_KEYS.splitlines()
    second = f"master 2 {'c3' * 32}"
    both, new = (system.folder / name for name in ("both.keys", "new.keys"))
    for path, lines in ((both, (lookup, first, second)), (new, (lookup, second))):
        path.touch(mode=0o600)
        path.write_text("\n".join(lines) + "\n")
    office = Office(system)
    li, (case, _) = office.fill()
    others = {}
    for i in range(20):
        phone = f"+861390000{i:04}"
        others[number_of(office.accepted(office.garage, profile(f"o-{i}", name=f"N{i}", phone=phone)).customer_number)] = phone
    backup = system.folder / "backup"
    command = ["pg_dump", "-Fc", "-f", backup, "-d", system.conninfo()]
    subprocess.run([str(part) for part in command], check=True)
    office.accepted(office.officer, erasure(customer_number=li, wants_rotation=True))
    office.accepted(office.garage, profile("later", name="came after the backup"))
    # Rotate: wrap anew, restart with both, once more, restart with the new one alone.
    path = system.folder / "job.conf"
    path.write_text(config_text(system.settings("intake", master_key_file=both)))
    assert "erasures: 0 out of reach" in system.run("troth-intake", "--config", path, "--job", "rewrap-keys").stdout
    office.intakes["intake"].terminate()
    intake = system.start("intake", **{**office.settings, "master_key_file": both})
    done = system.run("troth-intake", "--config", path, "--job", "rewrap-keys")
    assert "generation 1: 0 keys, may be taken out" in done.stdout, done.stdout + done.stderr
    assert "erasures: 1 out of reach of older backups" in done.stdout
    assert json.loads(office.receipt_of(li).receipt)["rotated_at"]
    intake.terminate()
    keys = system.folder / "living"
    script = ROOT / "deploy/database/living_keys.sh"
    saved = subprocess.run([script, "save", system.conninfo(), keys], capture_output=True, text=True, check=False)
    assert saved.returncode == 0 and "21 keys, 1 erasures" in saved.stdout, saved.stdout + saved.stderr

    name = system.cluster.next_name()
    system.psql_elsewhere(f'CREATE DATABASE "{name}"')
    restored_conninfo = system.cluster.conninfo(dbname=name)
    subprocess.run(["pg_restore", "-d", restored_conninfo, str(backup)], check=True)
    with System(system.cluster, programs, database=name) as restored:
        copy = {"standard": ROOT / "tests/support/plain_standards.conf", "master_key_file": new}
        with pytest.raises(ProgramError, match="generation 1 is not in the file"):
            restored.start("intake", **copy)
        assert restored.psql(f"SELECT count(*) FROM intake.person WHERE customer_number = {number_of(li)}") == "1"
        for _ in range(2):  # may be repeated
            back = subprocess.run([script, "restore", restored_conninfo, keys], capture_output=True, text=True, check=False)
            assert back.returncode == 0, back.stdout + back.stderr
        restored.key("reader", ["disclosure"])
        restored.start("intake", **copy)
        reader = IntakeClient(restored.client("intake", "reader"))
        assert reader.disclose("person", number_of(li)).code == "unknown"
        assert reader.disclose("case_texts", number_of(li), number_of(case)).code == "unknown"
        for number, phone in others.items():
            assert [t.text for t in reader.disclose("phone", number).texts] == [phone]
        assert restored.psql("SELECT count(*) FROM intake.customer_reference WHERE reference = 'li'") == "0"
        assert restored.psql("SELECT count(*) FROM intake.customer WHERE wrapped_key IS NULL") == "1"
        # The restored file itself holds nothing that opens: not with the new key, and not with what was destroyed but for that.
        assert restored.psql("SELECT count(*) FROM intake.master_key WHERE retired_at IS NOT NULL") == "1"
