# SPDX-License-Identifier: Apache-2.0
"""Who read whose personal data, when and why: by every door, with the name of the person who looked."""

import csv
import io
import json

import intake_pb2 as intake
import pytest

from tests.support.intake_client import IntakeClient, contact, profile
from tests.system.test_cli import connected
from tests.system.test_desk import Desk


def listed(troth, *options, status=0):
    return json.loads(troth("disclosures", *options, "--json", status=status).stdout)


@pytest.fixture
def troth(system, programs):
    system.key("caller", ["disclosure"])
    return connected(system, programs, services=("intake",))


@pytest.fixture
def garage(system, troth):
    return IntakeClient(system.client("intake", "garage"))


@pytest.fixture
def caller(system, troth):
    return IntakeClient(system.client("intake", "caller"))


def number_of(receipt):
    return int(receipt.customer_number.split("-")[1])


def ask(caller, customer, **more):
    request = intake.IntakeRequest(disclosure=intake.DisclosureRequest(
        request_id="q", kind=intake.DISCLOSURE_KIND_PHONE, customer=customer, purpose="page test", **more))
    return caller.client.ask(request, intake.IntakeReply).disclosure


def test_a_reading_is_listed_with_reader_purpose_and_whom_it_was_for(system, troth, garage, caller):
    li = garage.send_one(profile("li", phone="+8613800138000"))
    han = garage.send_one(profile("han", phone="+8613800138001"))
    assert ask(caller, number_of(li), on_behalf_of="lisa").code == ""
    assert ask(caller, number_of(han)).code == ""
    assert ask(caller, number_of(han), on_behalf_of="two words").code == "text_invalid"  # and nothing was read
    everything = listed(troth)
    assert [(row["reader"], row["for"], row["customer"], row["what"], row["purpose"], row["outcome"]) for row in everything] == [
        ("caller", "", han.customer_number, "phone", "page test", "disclosed"),
        ("caller", "lisa", li.customer_number, "phone", "page test", "disclosed")]
    assert [row["for"] for row in listed(troth, "--customer", "li")] == ["lisa"]
    assert [row["customer"] for row in listed(troth, "--by", "lisa")] == [li.customer_number]
    assert len(listed(troth, "--by", "caller")) == 2 and listed(troth, "--since", "2199-01-01") == []
    rows = list(csv.DictReader(io.StringIO(troth("disclosures", "--csv").stdout)))
    assert [row["customer"] for row in rows] == [han.customer_number, li.customer_number]
    assert "lisa" in troth("disclosures").stdout
    troth("disclosures", "--customer", "nobody", status=1)


def test_a_day_that_stands_out_is_found(system, troth, garage, caller):
    customers = [number_of(garage.send_one(profile(f"c-{i}", phone=f"+86138001380{i:02}"))) for i in range(6)]
    for customer in customers:
        ask(caller, customer, on_behalf_of="curious")
    ask(caller, customers[0], on_behalf_of="lisa")
    days = listed(troth, "--days")
    assert [(row["for"], row["readings"], row["persons"], row["is_unusual"]) for row in days] == [
        ("curious", 6, 6, False), ("lisa", 1, 1, False)]
    assert [row["for"] for row in listed(troth, "--unusual", "--least", "5", status=1)] == ["curious"]
    assert listed(troth, "--unusual") == []
    # Two a day are usual now: six are not more than three times that.
    system.psql("INSERT INTO intake.disclosure (bucket, number, customer_number, kind, purpose, reader_id, at, outcome, on_behalf_of)"
                " SELECT bucket, number + 65536, customer_number, kind, purpose, reader_id, at - interval '3 days', outcome,"
                " on_behalf_of FROM intake.disclosure WHERE on_behalf_of = 'curious' ORDER BY number LIMIT 2")
    assert listed(troth, "--unusual", "--least", "5") == []


def test_who_looked_at_the_dashboard_and_who_got_the_number_are_named(system, programs):
    desk = Desk(system, programs=["intake", "followup", "dialer", "reporting"])
    case, customer, numbers = desk.complain("wang")
    desk.agent.do(f"/v1/cases/{case}/texts")
    desk.agent.do(f"/v1/customers/{customer}/contact")
    desk.agent.do(f"/v1/customers/{customer}/references")
    config = system.folder / "operator.conf"
    config.write_text(f'database = "{system.conninfo("troth_operator")}";\nsource = "garage";\n')
    done = system.run("troth", "disclosures", "--customer", customer, "--json", "--config", config)
    assert done.returncode == 0, done.stderr
    found = {(row["reader"], row["for"], row["what"]) for row in json.loads(done.stdout)}
    assert found == {("reporting", "li", what) for what in ("case texts", "name", "phone", "email", "references")}
    assert numbers


def test_similar_cases_name_who_asked(system, troth, garage, caller):
    opened = garage.send_one(contact("li", body="the brakes squeal"))
    request = intake.IntakeRequest(similar=intake.SimilarRequest(
        request_id="q", case_number=opened.case_number, purpose="page test", on_behalf_of="lisa"))
    assert caller.client.ask(request, intake.IntakeReply).similar.request_id == "q"
    assert {row["for"] for row in listed(troth)} <= {"lisa"}
