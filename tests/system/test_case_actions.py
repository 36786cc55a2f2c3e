# SPDX-License-Identifier: Apache-2.0
"""What staff say about cases: what they really are, which are one, what solved them; and taking that back."""

import pytest

from tests.support import figures, ledger
from tests.support.intake_client import (
    ACCEPTED,
    IntakeClient,
    case_update,
    contact,
    new_key,
    now_us,
    promise_given,
    record,
)
from tests.support.stage import Stage
from tests.support.system import ROOT

import intake_pb2 as pb

HOUR_US = 3600 * 10**6
FULL = ROOT / "tests/support/full_standards.conf"


def void(key):
    return record(record_void=pb.RecordVoid(record_key=key, reason="mistaken"))


class Desk:
    """A system with intake alone; what it accepted is asked of the database."""

    def __init__(self, system, **settings):
        self.system = system
        self.garage = IntakeClient(system.client("intake", "garage", rights=["records"]))
        self.intake = system.start("intake", **settings)

    def accepted(self, one):
        receipt = self.garage.send_one(one)
        assert receipt.status == ACCEPTED, (receipt.code, receipt.text)
        return receipt

    def opened(self, case_ref, kind="complaint", customer="li", **fields):
        return self.accepted(contact(customer, kind=kind, case_ref=case_ref, branch="north", **fields))

    def rows(self, sql):
        return [tuple(line.split("|")) for line in self.system.psql(sql).splitlines()]

    def case(self, columns, case_ref="T-1"):
        (row,) = self.rows(f"SELECT {columns} FROM intake.service_case AS c WHERE number ="
                           f" (SELECT case_number FROM intake.case_reference WHERE reference = '{case_ref}')")
        return row

    def promises(self, case_ref="T-1"):
        """Kind, rule, hours, state, clock version and whether it is void, in the order in which they were made."""
        return self.rows("SELECT p.kind, p.rule, p.target_us / 3600000000, p.state, p.clock_version, p.is_void"
                         "  FROM intake.promise AS p WHERE case_number = (SELECT case_number FROM intake.case_reference"
                         f" WHERE reference = '{case_ref}') ORDER BY p.made_at, p.number")


@pytest.fixture
def desk(system):
    return Desk(system, standard=FULL)


OPENED = [("first_response", "complaint", "4", "1", "1", "f"), ("next_update", "complaint", "8", "1", "1", "f"),
          ("resolution", "complaint", "72", "1", "1", "f")]


def test_a_reclassified_case_has_other_targets_and_taking_it_back_returns_them(desk):
    begin = now_us() - 3 * HOUR_US
    desk.opened("T-1", occurred_us=begin)
    assert desk.promises() == OPENED
    due = "SELECT kind, due_at FROM intake.promise WHERE NOT is_void ORDER BY kind"
    before = desk.rows(due)
    saying = case_update("reclassified", customer_ref="li", case_ref="T-1", category="safety", priority=2)
    receipt = desk.accepted(saying)
    assert [p.kind for p in receipt.promises] == ["callback"]
    assert desk.case("category, category_by, priority, asked_priority, owner_team, rule") == (
        "safety", "5", "2", "2", "service_manager", "complaint_safety")
    # The first response was due before we heard of it; the others keep the time that has passed.
    promises = {row[0]: row[1:] for row in desk.promises()}
    assert promises["resolution"] == ("complaint_safety", "24", "1", "2", "f")
    assert promises["next_update"] == ("complaint_safety", "4", "1", "2", "f")
    assert promises["callback"] == ("complaint_safety", "6", "1", "1", "f")
    assert promises["first_response"][:2] == ("complaint_safety", "1")
    assert desk.rows("SELECT count(*) FROM intake.promise WHERE kind <> 'next_update'"
                     f" AND made_at <> to_timestamp({begin / 1e6})") == [("0",)]
    desk.accepted(void(saying.key))
    assert desk.case("category, priority, asked_priority, owner_team, rule") == (
        "", "2", "", "customer_care", "complaint")
    now = {row[0]: row[1:] for row in desk.promises() if row[5] == "f"}
    assert {kind: row[:3] for kind, row in now.items()} == {row[0]: row[1:4] for row in OPENED}
    assert desk.rows(due) == before


def test_a_second_reclassification_stands_when_the_first_one_is_taken_back(desk):
    desk.opened("T-1")
    first = case_update("reclassified", customer_ref="li", case_ref="T-1", category="invoice")
    desk.accepted(first)
    desk.accepted(case_update("reclassified", customer_ref="li", case_ref="T-1", contact_kind=pb.CONTACT_KIND_REQUEST))
    desk.accepted(void(first.key))
    assert desk.case("category, kind, rule") == ("", "3", "request")
    assert desk.rows("SELECT category_after, rule_after FROM intake.case_class AS k JOIN intake.case_event AS e"
                     " USING (bucket, number) WHERE NOT e.is_void") == [("", "request")]
    again = case_update("note", customer_ref="li", case_ref="T-1")
    desk.accepted(again)
    desk.accepted(void(again.key))  # derived anew once more, from what is stored
    assert desk.case("category, kind, rule") == ("", "3", "request")


def test_records_that_name_a_merged_case_go_to_the_one_that_goes_on(desk):
    numbers = [desk.opened(f"T-{i}").case_number for i in range(1, 4)]
    desk.accepted(promise_given(now_us() + 9 * HOUR_US, customer_ref="li", case_ref="T-1", promise_ref="p-1"))
    merging = case_update("merged", customer_ref="li", case_ref="T-1", into_case_ref="T-2")
    desk.accepted(merging)
    desk.accepted(case_update("merged", case_number=numbers[1], into_case_number=numbers[2]))
    assert [row[3] for row in desk.promises()] == ["6", "6", "6", "1"]
    for named in ({"case_ref": "T-1"}, {"case_number": numbers[0]}, {"case_ref": "T-2"}):
        receipt = desk.accepted(contact("li", kind="complaint", **named))
        assert (receipt.case_number, receipt.is_new_case) == (numbers[2], False)
    receipt = desk.accepted(case_update("responded", customer_ref="li", case_ref="T-1"))
    assert receipt.case_number == numbers[2]
    assert desk.case("state, first_response_at IS NULL", "T-3") == ("2", "f")
    # Taken back it is a case of its own again, and its reference its own.
    desk.accepted(void(merging.key))
    assert desk.case("state, joined_case, closed_at", "T-1") == ("1", "", "")
    assert [row[3] for row in desk.promises()] == ["1"] * 4
    receipt = desk.accepted(contact("li", kind="complaint", case_ref="T-1"))
    assert receipt.case_number == numbers[0]
    assert desk.rows("SELECT sum(orphans) FROM intake.count_orphans(0::int2, 255::int2)") == [("0",)]


def test_cases_of_one_person_are_merged_whatever_the_number_of_customers(desk):
    mine = desk.opened("T-1", customer="li").case_number
    desk.opened("T-1", customer="wang")  # each has a T-1
    other = desk.opened("T-2", customer="wang").case_number
    merging = case_update("merged", customer_ref="li", case_ref="T-1", into_case_number=other, key=new_key())
    assert desk.garage.send_one(merging).code == "case_unknown"
    desk.accepted(record(customer_link=pb.CustomerLink(action=pb.CUSTOMER_LINK_ACTION_MERGE, customer_ref="wang",
                                                       other_ref="li")))
    desk.accepted(case_update("merged", customer_ref="li", case_ref="T-1", into_case_number=other))
    references = "SELECT count(*) FROM intake.case_reference"
    known = desk.rows(references)
    for _ in range(2):
        receipt = desk.accepted(contact("li", kind="complaint", case_ref="T-1"))
        assert receipt.case_number == other
    receipt = desk.accepted(case_update("responded", customer_ref="li", case_ref="T-1"))
    assert receipt.case_number == other
    assert desk.rows(references) == known  # it stays the other customer's own
    # Named by its number, and with the case that goes on known from another record of the batch.
    note = case_update("note", case_number=other)
    named = contact("li", kind="complaint", case_number=mine)
    assert desk.garage.send_all([note, named])[named.key].case_number == other
    # No longer one person: what one says is not told about the other.
    desk.accepted(record(customer_link=pb.CustomerLink(action=pb.CUSTOMER_LINK_ACTION_UNMERGE, customer_ref="wang",
                                                       other_ref="li")))
    for again in (contact("li", kind="complaint", case_number=mine), contact("li", kind="complaint", case_ref="T-1")):
        assert desk.accepted(again).case_number == mine


def test_thanks_reopens_nothing_and_is_taken_back_like_any_contact(desk):
    desk.opened("T-1")
    desk.accepted(case_update("resolved", customer_ref="li", case_ref="T-1"))
    thanks = contact("li", kind="enquiry", case_ref="T-1", body="谢谢！")
    receipt = desk.accepted(thanks)
    assert (receipt.is_new_case, len(receipt.promises)) == (False, 0)
    assert desk.case("state, reopened_count") == ("5", "0")
    assert desk.rows("SELECT is_thanks FROM intake.contact ORDER BY number") == [("f",), ("t",)]
    note = case_update("note", customer_ref="li", case_ref="T-1")
    desk.accepted(note)
    desk.accepted(void(note.key))  # derived anew, it still reopens nothing
    assert desk.case("state, reopened_count") == ("5", "0")
    desk.accepted(void(thanks.key))
    assert desk.case("state, reopened_count") == ("5", "0")


def test_an_open_case_is_owed_news_after_each_answer(desk):
    begin = now_us() - 10 * HOUR_US
    case = {"customer_ref": "li", "case_ref": "T-1"}
    desk.opened("T-1", occurred_us=begin)
    answering = case_update("responded", occurred_us=begin + 2 * HOUR_US, **case)
    desk.accepted(answering)
    desk.accepted(case_update("waiting_customer", occurred_us=begin + 5 * HOUR_US, **case))
    updates = "SELECT extract(epoch FROM made_at - opened_at)::int / 3600, p.state FROM intake.promise AS p" \
              " JOIN intake.service_case AS c ON c.number = p.case_number WHERE p.kind = 'next_update'" \
              " AND NOT is_void ORDER BY made_at"
    assert desk.rows(updates) == [("0", "3"), ("2", "3"), ("5", "1")]
    desk.accepted(void(answering.key))
    assert desk.rows(updates) == [("0", "3"), ("5", "1")]
    desk.accepted(case_update("resolved", **case))
    assert desk.rows(updates) == [("0", "3"), ("5", "3")]


def test_what_solved_a_case_is_remembered(desk):
    like = desk.opened("T-1").case_number
    desk.opened("T-2")
    desk.accepted(case_update("resolved", customer_ref="li", case_ref="T-1"))
    desk.accepted(case_update("reference_marked", customer_ref="li", case_ref="T-1"))
    unknown = case_update("resolved", customer_ref="li", case_ref="T-2", solved_like="C-263428-0")
    assert desk.garage.send_one(unknown).code == "case_unknown"
    solving = case_update("resolved", customer_ref="li", case_ref="T-2", solved_like=like)
    desk.accepted(solving)
    assert desk.case("is_reference") == ("t",)
    assert desk.case("solved_like = (SELECT number FROM intake.service_case WHERE is_reference)", "T-2") == ("t",)
    desk.accepted(void(solving.key))
    assert desk.case("solved_like IS NULL", "T-2") == ("t",)


def test_a_rule_may_ask_for_the_customers_tier(system):
    desk = Desk(system, standard=ROOT / "deploy/config/standards.conf")
    assert desk.opened("T-1").rule == "complaint"
    desk.accepted(case_update("resolved", customer_ref="li", case_ref="T-1"))
    desk.system.psql(
        "INSERT INTO loyalty.customer_score (bucket, customer_number, version, index_hundredths, churn, churn_level, tier,"
        " is_trust_broken, trust, purchase_days, currency, changed_at, evaluated_at, fit_id)"
        " SELECT bucket, number, 1, 8500, 0.1, 1, 3, false, 0.9, 0, '', now(), now(), 0 FROM intake.customer")
    assert desk.opened("T-2").rule == "complaint_gold"
    urgent, low = (case_update("reclassified", customer_ref="li", case_ref="T-2", priority=n) for n in (1, 4))
    desk.accepted(urgent)
    desk.accepted(low)
    assert desk.case("rule, priority", "T-2") == ("complaint_gold", "4")
    desk.accepted(void(urgent.key))  # the second one is decided again
    assert desk.case("rule, priority", "T-2") == ("complaint_gold", "4")
    desk.accepted(contact("li", kind="enquiry", case_ref="T-1", body="It squeaks again"))
    assert desk.rows("SELECT DISTINCT rule FROM intake.promise WHERE made_by IS NOT NULL") == [("complaint_gold",)]
    # A rule that there is no more is looked for anew, by the tier too.
    desk.system.psql("UPDATE intake.service_case SET rule = 'gone' FROM intake.case_reference AS n"
                     " WHERE n.case_number = number AND n.reference = 'T-2'")
    answered = desk.accepted(case_update("responded", customer_ref="li", case_ref="T-2"))
    assert [p.kind for p in answered.promises] == ["next_update"]
    assert desk.rows("SELECT DISTINCT rule FROM intake.promise WHERE made_at > now() - interval '1 minute'"
                     " AND rule NOT IN ('complaint_gold', 'complaint')") == []
    assert desk.rows("SELECT rule FROM intake.promise ORDER BY number DESC LIMIT 1") == [("complaint_gold",)]


def test_a_merged_case_is_not_resolved_for_anybody(system):
    client = system.client("intake", "garage", rights=["records"])
    stage = Stage(system, ["intake", "followup", "loyalty", "reporting"])
    garage = IntakeClient(client)
    for reference in ("T-1", "T-2"):
        garage.send_one(contact("li", kind="complaint", case_ref=reference, occurred_us=stage.clock.now_us))
    for action, fields in (("reclassified", {"category": "invoice"}), ("merged", {"into_case_ref": "T-2"})):
        receipt = garage.send_one(case_update(action, customer_ref="li", case_ref="T-1", **fields,
                                              occurred_us=stage.clock.now_us))
        assert receipt.status == ACCEPTED, receipt.text
    stage.step(hours=30)
    ledger.wait_until_quiet(system)
    assert system.psql("SELECT count(*) FROM followup.follow_up AS f JOIN intake.service_case AS c"
                       " ON c.number = f.case_number WHERE c.joined_case IS NOT NULL") == "0"
    assert figures.count(system, "resolution") == 0
    ledger.check_loyalty(system)
    ledger.check_reporting(system)
    stage.check_alive()
