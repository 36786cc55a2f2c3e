# SPDX-License-Identifier: Apache-2.0
"""Everything about one person, for that person: nothing is missing, nothing is anybody else's."""

import json
from pathlib import Path

import intake_pb2 as pb
import pytest

from tests.support.intake_client import ACCEPTED, IntakeClient, answer, case_update, contact, profile, purchase, record
from tests.system.test_cli import connected

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "proto/customer_export.schema.json"
RIGHTS = ("records", "disclosure", "scores", "reports")


@pytest.fixture
def troth(system, programs):
    return connected(system, programs, rights=RIGHTS, services=("intake", "loyalty"))


@pytest.fixture
def garage(system, troth):
    return IntakeClient(system.client("intake", "garage"))


def exported(troth, ref, *options, status=0):
    return json.loads(troth("customer", "export", ref, *options, "--json", status=status).stdout)


def words(rows):
    return sorted(t["text"] for row in rows for t in row.get("texts", []))


def columns_of(system):
    rows = system.psql(
        "SELECT DISTINCT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition"
        " AND n.nspname IN ('intake', 'log', 'followup', 'loyalty', 'reporting', 'audit')")
    return set(rows.split())


def test_every_table_is_shown_or_left_out_with_a_reason(system, troth):
    coverage = json.loads(troth("customer", "export", "--coverage").stdout)
    shown = {table for tables in coverage["sections"].values() for table in tables.split()}
    left_out = {table for tables in coverage["left_out"] for table in tables.split()}
    assert not shown & left_out
    assert all(len(why) > 20 for why in coverage["left_out"].values())
    assert sorted(columns_of(system) - shown - left_out) == []  # a new table: services/cli/export_sections_store.c
    assert sorted((shown | left_out) - columns_of(system)) == []
    described = json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"]
    assert set(coverage["sections"]) <= set(described)


def test_an_export_has_what_every_number_of_the_person_brought_and_nothing_of_others(system, troth, garage):
    li = garage.send_one(profile("li", name="李雷", phone="+8613800138000", birthday="1984-02-29"))
    han = garage.send_one(profile("han", name="Li Lei", email="li@example.org"))
    garage.send_one(profile("stranger", name="Nobody's business"))
    opened = garage.send_one(contact("li", subject="brakes", body="squeal since Monday", case_ref="T-1"))
    other = garage.send_one(contact("han", body="and the mirror"))
    garage.send_one(contact("stranger", body="a secret of somebody else"))
    garage.send_one(case_update("note", case_number=opened.case_number, note="called twice"))
    garage.send_one(answer("csat", 2, case_number=opened.case_number, comment="too slow"))
    garage.send_one(answer("nps", 3, customer_ref="li", comment="in general"))
    garage.send_one(purchase("li", order_ref="O-9", amount_minor=12900, currency="CNY"))
    wrong = contact("li", body="sent by mistake")
    garage.send_one(wrong)
    garage.send_one(record(record_void=pb.RecordVoid(record_key=wrong.key, reason="another customer's")))
    said = pb.ConsentChange(purpose=pb.PURPOSE_MARKETING, is_given=True, wording="privacy-2026-03", obtained="web")
    garage.send_one(record(consent=pb.Consent(customer_ref="li", consents=[said], do_not_call=True)))
    link = pb.CustomerLink(action=1, customer_ref="li", other_ref="han", reason="same passport")
    assert garage.send_one(record(customer_link=link)).status == ACCEPTED

    export = exported(troth, "han")
    assert export["format"] == "troth-customer-export" and export["version"] == 1
    assert export["is_complete"] is True and export["missing"] == []
    assert export["numbers"] == [li.customer_number, han.customer_number]
    assert {row["name"] for row in export["profiles"]} == {"李雷", "Li Lei"}
    assert export["profiles"][0]["phone"] == "+8613800138000"
    assert {row["reference"] for row in export["references"]} == {"li", "han"}
    assert {row["number"] for row in export["cases"]} >= {opened.case_number, other.case_number}
    assert words(export["contacts"]) == ["and the mirror", "brakes", "sent by mistake", "squeal since Monday"]
    assert words(export["case_events"]) == ["called twice"]
    assert words(export["answers"]) == ["in general", "too slow"]
    assert words(export["links"]) == ["same passport"] and words(export["voids"]) == ["another customer's"]
    assert [(row["order_ref"], row["amount_minor"], row["source"]) for row in export["purchases"]] == [("O-9", 12900, "garage")]
    assert {row["kind"] for row in export["contacts"]} <= {"enquiry", "complaint", "request", "praise"}
    assert export["promises"] and all(row["number"].startswith("P-") and row["due_at"].endswith("Z")
                                      for row in export["promises"] if "due_at" in row)
    assert [(row["purpose"], row["channel"], row["is_given"], row.get("wording"), row.get("obtained"))
            for row in export["consent_statements"]] == [
        ("marketing", "every one", True, "privacy-2026-03", "web"), ("every one", "every one", False, None, None)]
    assert export["events"] and "customer_changed" in {row["kind"] for row in export["events"]}
    assert export["other_texts"] == []
    text = json.dumps(export, ensure_ascii=False)
    assert "somebody else" not in text and "Nobody" not in text and "stranger" not in text

    # The export was written down before it was read, and the next one shows it.
    again = exported(troth, li.customer_number)
    by = {(row["kind"], row["purpose"], row["reader"]) for row in again["disclosures"]}
    assert ("person", "job customer-export", "garage") in by
    assert all(row["on_behalf_of"].startswith("login:") for row in again["disclosures"])


def test_an_export_in_words_and_into_a_file_that_nobody_else_reads(system, troth, garage):
    known = garage.send_one(profile("li", name="李雷"))
    garage.send_one(contact("li", body="squeal\x1b[2J since Monday".replace("\x1b", "\t")))
    said = troth("customer", "export", "li").stdout
    assert "Profile\n" in said and "name: 李雷" in said and "body: squeal [2J since Monday" in said
    path = system.folder / "li.json"
    troth("customer", "export", known.customer_number, "--json", "--output", path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text(encoding="utf-8"))["customer"] == known.customer_number
    troth("customer", "export", "li", "--output", path, status=1)  # never overwritten
    troth("customer", "export", "nobody", status=1)


def test_a_large_customer_is_read_page_by_page(system, troth, garage):
    opened = garage.send_one(contact("li", body="x" * 20000, case_ref="T-1"))
    records = [contact("li", body=f"{i:04d} " + "y" * 9000, case_number=opened.case_number) for i in range(30)]
    records += [contact("li", body=f"n{i:04d}", case_number=opened.case_number) for i in range(600)]
    garage.send_all(records, per_message=5)
    export = exported(troth, "li")
    assert len(export["contacts"]) == 631 and export["is_complete"]
    assert len(words(export["contacts"])) == 631 and export["other_texts"] == []
    pages = int(system.psql("SELECT count(*) FROM intake.disclosure WHERE case_number IS NOT NULL"))
    assert pages > 4


def test_what_is_missing_is_said(system, programs):
    troth = connected(system, programs, rights=RIGHTS, services=("intake",))
    garage = IntakeClient(system.client("intake", "garage"))
    garage.send_one(profile("li", name="李雷"))
    export = exported(troth, "li", "--timeout", "1s", status=1)
    assert export["is_complete"] is False and "score" in export["missing"][0]


def test_without_the_right_nothing_is_read(system, programs):
    troth = connected(system, programs, rights=("records",), services=("intake",))
    IntakeClient(system.client("intake", "garage")).send_one(profile("li", name="李雷"))
    done = troth("customer", "export", "li", "--json", status=1)
    assert done.stdout == "" and "disclosure" in done.stderr
