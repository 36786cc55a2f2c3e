# SPDX-License-Identifier: Apache-2.0
"""Records beside contacts, cases and promises: questionnaires, refunds, devices, branches, staff."""

import intake_pb2 as pb
import pytest

from tests.support.intake_client import (
    ACCEPTED,
    DUPLICATE,
    REJECTED,
    IntakeClient,
    now_us,
    record,
)

RELIABILITY = pb.SERVQUAL_DIMENSION_RELIABILITY
PLATE = "沪A·TEST1"


@pytest.fixture
def garage(system):
    client = system.client("intake", "garage", rights=["records"])
    system.start("intake")
    return IntakeClient(client)


def servqual(customer_ref, *items):
    """items: (item, expectation, perception)"""
    body = pb.SurveyAnswer(customer_ref=customer_ref, instrument=pb.SURVEY_INSTRUMENT_SERVQUAL)
    for number, expectation, perception in items:
        body.items.add(dimension=RELIABILITY, item=number, expectation=expectation,
                       perception=perception)
    return record(survey_answer=body)


def test_a_questionnaire_keeps_expectation_and_perception_of_each_item(system, garage):
    assert garage.send_one(servqual("li", (5, 7, 4), (6, 6, None))).status == ACCEPTED
    rows = system.psql("SELECT item, dimension, expectation, perception FROM intake.survey_item"
                       " ORDER BY item")
    assert rows.split("\n") == [f"5|{RELIABILITY}|7|4", f"6|{RELIABILITY}|6|"]
    assert system.psql("SELECT value IS NULL FROM intake.survey_answer") == "t"
    assert system.psql("SELECT kind FROM log.event") == "survey_answered"


def test_a_refund_is_stored_beside_its_purchase(system, garage):
    bought = record(purchase=pb.Purchase(customer_ref="li", order_ref="o-1", amount_minor=45000,
                                         currency="CNY"))
    back = record(refund=pb.Refund(customer_ref="li", order_ref="o-1", amount_minor=9000,
                                   currency="CNY", reason="it broke again"))
    assert garage.send_one(bought).status == ACCEPTED
    assert [garage.send_one(back).status for _ in range(2)] == [ACCEPTED, DUPLICATE]
    assert system.psql("SELECT order_ref, amount_minor FROM intake.refund") == "o-1|9000"
    assert system.psql("SELECT count(*) FROM intake.purchase") == "1"


def test_a_device_is_the_same_however_its_plate_is_written(system, garage):
    for plate in (PLATE, "沪a·test1", "沪A· TEST-1"):
        one = record(device_signal=pb.DeviceSignal(customer_ref="li", device_ref=plate,
                                                   fault_code="P0420", mileage_km=81234.5))
        assert garage.send_one(one).status == ACCEPTED
    assert system.psql("SELECT count(DISTINCT device), count(*) FROM intake.device_signal") == "1|3"
    assert system.psql("SELECT DISTINCT fault_code, mileage_km FROM intake.device_signal") == \
        "P0420|81234.5"


def test_the_newest_word_about_a_branch_counts(system, garage):
    hour_us = 3600 * 10**6

    def branch(name, age_us, **fields):
        return record(occurred_us=now_us() - age_us,
                      branch_profile=pb.BranchProfile(branch="north", name=name, **fields))

    assert garage.send_one(branch("北店", hour_us, time_zone="Asia/Shanghai")).status == ACCEPTED
    assert garage.send_one(branch("old", 2 * hour_us)).status == ACCEPTED
    assert system.psql("SELECT source, branch, name, time_zone FROM intake.branch_public") == \
        "garage|north|北店|Asia/Shanghai"
    assert garage.send_one(branch("北一店", 0, is_closed=True)).status == ACCEPTED
    assert system.psql("SELECT name, time_zone IS NULL, is_closed FROM intake.branch_public") == \
        "北一店|t|t"


def test_staff_are_known_by_code_branch_and_team(system, garage):
    receipt = garage.send_one(record(staff_profile=pb.StaffProfile(staff="s-7", branch="north",
                                                                   team="customer_care")))
    assert (receipt.status, receipt.customer_number) == (ACCEPTED, "")
    assert system.psql("SELECT staff, branch, team, has_left FROM intake.staff_public") == \
        "s-7|north|customer_care|f"
    assert system.psql("SELECT count(*) FROM log.event") == "0"


@pytest.mark.parametrize("body, code, field", [
    ({"survey_answer": pb.SurveyAnswer(customer_ref="li",
                                       instrument=pb.SURVEY_INSTRUMENT_SERVQUAL)},
     "field_missing", "survey_answer.items"),
    ({"refund": pb.Refund(customer_ref="li", amount_minor=0, currency="CNY")},
     "value_out_of_range", "refund.amount_minor"),
    ({"device_signal": pb.DeviceSignal(customer_ref="li", usage=float("nan"), usage_unit="h")},
     "not_finite", "device_signal.usage"),
    ({"branch_profile": pb.BranchProfile(branch="north", time_zone="Moon/Base")},
     "time_zone_invalid", "branch_profile.time_zone"),
    ({"staff_profile": pb.StaffProfile(branch="north")}, "field_missing", "staff_profile.staff"),
])
def test_what_is_wrong_is_said_with_its_field(garage, body, code, field):
    receipt = garage.send_one(record(**body))
    assert (receipt.status, receipt.code, receipt.field) == (REJECTED, code, field)
