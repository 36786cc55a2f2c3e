# SPDX-License-Identifier: Apache-2.0
"""Records beside contacts, cases and promises: questionnaires, refunds, devices, branches, staff."""

import event_pb2
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


def redemption(reference, points=500, **fields):
    fields = {"customer_ref": "li", **fields}
    return record(points_redemption=pb.PointsRedemption(redemption_ref=reference, points=points, branch="north", **fields))


def test_points_are_spent_once_under_a_reference(system, garage):
    spent = redemption("till-1")
    receipts = [garage.send_one(one) for one in (spent, spent, redemption("till-1"), redemption("till-1", 7))]
    assert [(r.status, r.code) for r in receipts] == [
        (ACCEPTED, ""), (DUPLICATE, ""), (REJECTED, "redemption_reference_taken"), (REJECTED, "redemption_reference_taken")]
    assert garage.send_one(redemption("till-1", customer_ref="lu")).status == ACCEPTED
    number = receipts[0].customer_number
    assert garage.send_one(redemption("till-2", 3, customer_ref="", customer_number=number)).status == ACCEPTED
    assert garage.send_one(redemption("till-2", 3)).code == "redemption_reference_taken"
    assert system.psql("SELECT reference, points, branch FROM intake.points_redemption_public"
                       f" WHERE customer_number = {number[2:-2]} ORDER BY 1") == "till-1|500|north\ntill-2|3|north"
    assert system.psql("SELECT kind, count(*) FROM log.event GROUP BY 1") == "points_spent|3"


def test_a_reference_of_points_is_free_again_after_its_void(system, garage):
    spent = redemption("till-1")
    assert garage.send_one(spent).status == ACCEPTED
    for one in (record(record_void=pb.RecordVoid(record_key=spent.key)), redemption("till-1", 400)):
        assert garage.send_one(one).status == ACCEPTED
    assert system.psql("SELECT points, is_void FROM intake.points_redemption ORDER BY number") == "500|t\n400|f"
    events = [pb_event(body) for body in system.psql("SELECT encode(body, 'hex') FROM log.event ORDER BY seq").split()]
    assert [(e.points_spent.points, e.is_reversal) for e in events] == [(500, False), (500, True), (400, False)]
    assert events[0].points_spent.redemption == events[1].points_spent.redemption != events[2].points_spent.redemption


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


def test_an_improvement_is_told_once_however_often_it_comes(system, garage):
    def shipped(**fields):
        return record(improvement=pb.Improvement(improvement_ref="pads", category="brakes",
                                                 words="harder pads", **fields))

    assert [garage.send_one(shipped(product=p)).status for p in ("", "i5")] == [ACCEPTED, ACCEPTED]
    assert system.psql("SELECT category, product IS NULL, words,"
                       " occurred_at - reported_from FROM intake.improvement_public") == \
        "brakes|t|harder pads|365 days"
    assert system.psql("SELECT kind, bucket, count(*) FROM log.event GROUP BY 1, 2") == \
        "improvement_shipped|0|2"
    events = [pb_event(body) for body in system.psql(
        "SELECT encode(body, 'hex') FROM log.event").split()]
    number = int(system.psql("SELECT number FROM intake.improvement"))
    assert {e.improvement_shipped.improvement for e in events} == {number}


def pb_event(text):
    event = event_pb2.Event()
    event.ParseFromString(bytes.fromhex(text))
    return event


def test_who_is_who_may_be_corrected_by_number(system, garage):
    first = garage.send_one(record(customer_profile=pb.CustomerProfile(
        customer_ref="li", phone="+8613800138000", birthday="--08-15", birthday_is_lunar=True)))
    handle = system.psql("SELECT phone_handle FROM intake.customer_public")
    again = garage.send_one(record(customer_profile=pb.CustomerProfile(
        customer_number=first.customer_number, phone="+86 139 0013 9000")))
    assert (again.status, again.customer_number) == (ACCEPTED, first.customer_number)
    changed = system.psql("SELECT phone_handle, birth_month, birth_day, birth_is_lunar, has_phone"
                          " FROM intake.customer_public")
    assert changed.split("|")[1:] == ["8", "15", "t", "t"]
    assert changed.split("|")[0] not in (handle, "", "0")
    gone = garage.send_one(record(customer_profile=pb.CustomerProfile(
        customer_number=first.customer_number, phone="", birthday="")))
    assert gone.status == ACCEPTED
    assert system.psql("SELECT phone_handle IS NULL, birth_month IS NULL, birth_is_lunar, has_phone"
                       " FROM intake.customer_public") == "t|t|f|f"


def test_a_number_has_one_handle_however_it_is_written_and_whoever_has_it(system, garage):
    for ref, phone in (("li", "+8613800138000"), ("wang", "0086 138-0013-8000"),
                       ("zhao", "+8613800138001")):
        garage.send_one(record(customer_profile=pb.CustomerProfile(customer_ref=ref, phone=phone)))
    assert system.psql("SELECT count(*), count(DISTINCT phone_handle), min(phone_handle) > 0"
                       " FROM intake.customer_public") == "3|2|t"


@pytest.mark.parametrize("said, consents, refusals", [
    # bit = purpose + 8 * channel; greeting is 3, survey 2; call is channel 1, mail 3
    ([("GREETING", False, None)], 0, 1 << 3),
    ([("GREETING", False, "CALL")], 0, 1 << 11),
    ([("GREETING", False, "CALL"), ("GREETING", True, "MAIL")], 1 << 27, 1 << 11),
    ([("GREETING", False, "CALL"), ("GREETING", True, None)], 1 << 3, 0),
    ([("GREETING", True, None), ("SURVEY", False, "MAIL"), ("GREETING", False, "CALL")],
     1 << 3, 1 << 26 | 1 << 11),
    ([("GREETING", False, None), ("GREETING", True, "MAIL")], 1 << 27, 1 << 11 | 1 << 19 | 1 << 35),
    ([("GREETING", False, None), ("GREETING", True, "MAIL"), ("GREETING", False, None)], 0, 1 << 3),
])
def test_consent_is_for_a_purpose_and_where_it_matters_a_channel(system, garage, said, consents,
                                                                 refusals):
    for purpose, is_given, channel in said:
        one = pb.ConsentChange(purpose=pb.Purpose.Value("PURPOSE_" + purpose), is_given=is_given)
        if channel:
            one.channel = pb.Channel.Value("CHANNEL_" + channel)
        garage.send_one(record(consent=pb.Consent(customer_ref="li", consents=[one])))
    assert system.psql("SELECT consents, refusals FROM intake.customer_public") == \
        f"{consents}|{refusals}"
    last = pb_event(system.psql("SELECT encode(body, 'hex') FROM log.event"
                                " ORDER BY version DESC LIMIT 1"))
    told = last.customer_changed.consents
    assert sum(1 << (c.purpose + 8 * c.channel) for c in told if c.is_given) == consents
    assert sum(1 << (c.purpose + 8 * c.channel) for c in told if not c.is_given) == refusals


def test_a_question_of_ones_own_keeps_its_code(system, garage):
    assert garage.send_one(record(survey_answer=pb.SurveyAnswer(
        customer_ref="li", instrument=pb.SURVEY_INSTRUMENT_OWN, question="wash", value=7))
                           ).status == ACCEPTED
    assert system.psql("SELECT instrument, question, value FROM intake.survey_answer") == "5|wash|7"


@pytest.mark.parametrize("body, code, field", [
    ({"survey_answer": pb.SurveyAnswer(customer_ref="li",
                                       instrument=pb.SURVEY_INSTRUMENT_SERVQUAL)},
     "field_missing", "survey_answer.items"),
    ({"points_redemption": pb.PointsRedemption(customer_ref="li", redemption_ref="t-1", points=10**12 + 1)},
     "value_out_of_range", "points_redemption.points"),
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
