# SPDX-License-Identifier: Apache-2.0
"""What customers allow, by purpose and channel: kept as it was said, and asked before anybody is contacted."""

import intake_pb2 as intake
import pytest

from tests.support.intake_client import ACCEPTED, REJECTED, IntakeClient, consent, profile
from tests.support.office import SUPPRESSED
from tests.system.test_arbitration import by_name, change, office, resolve, rule

MARKETING, SURVEY = intake.PURPOSE_MARKETING, intake.PURPOSE_SURVEY
NEEDED = """quiet = "none"; attempts_per_day = 0; refusal_pause = "0"; called_back = "0"; usual_zone = "Asia/Shanghai";
            consent_needed = ("marketing", "survey/mail");"""


@pytest.fixture
def garage(system):
    client = system.client("intake", "garage", rights=["records"])
    system.start("intake")
    return IntakeClient(client)


def said(system):
    rows = system.psql("SELECT purpose, channel, is_given, coalesce(wording, '-'), coalesce(obtained, '-'), source"
                       " FROM intake.consent_statement_public ORDER BY customer_number, version, place")
    return [tuple(row.split("|")) for row in rows.splitlines()]


def test_each_statement_is_kept_as_it_was_said_and_the_newest_counts(system, garage):
    given = intake.ConsentChange(purpose=MARKETING, is_given=True, wording="privacy-2026-03", obtained="web")
    assert garage.send_one(profile("li", consents=[given])).status == ACCEPTED
    taken_back = intake.ConsentChange(purpose=MARKETING, is_given=False, channel=intake.CHANNEL_MAIL, obtained="phone")
    assert garage.send_one(consent("li", consents=[taken_back])).status == ACCEPTED
    assert garage.send_one(consent("li", do_not_call=True)).status == ACCEPTED
    assert said(system) == [("4", "0", "t", "privacy-2026-03", "web", "garage"), ("4", "3", "f", "-", "phone", "garage"),
                            ("0", "0", "f", "-", "-", "garage")]
    counted = system.psql("SELECT consents, refusals, do_not_call FROM intake.customer_public")
    assert counted == f"{1 << 4}|{1 << (4 + 8 * 3)}|t"
    assert system.psql("SELECT sum(orphans) FROM intake.count_orphans(0::int2, 255::int2)"
                       " WHERE relation LIKE 'consent_statement%'") == "0"


@pytest.mark.parametrize("how, code, field", [
    ({"wording": "w" * 65}, "field_too_long", "consent.consents.wording"),
    ({"obtained": "o" * 33}, "field_too_long", "consent.consents.obtained"),
    ({"obtained": "By Phone"}, "text_invalid", "consent.consents.obtained"),
])
def test_how_it_was_said_has_a_form(garage, how, code, field):
    receipt = garage.send_one(consent("li", consents=[intake.ConsentChange(purpose=SURVEY, is_given=True, **how)]))
    assert (receipt.status, receipt.code, receipt.field) == (REJECTED, code, field)


def test_what_needs_a_consent_is_done_only_where_it_was_given(system):
    desk = office(system, limits=NEEDED, rules=rule(purpose="marketing"))
    names = ("silent", "given", "by_call", "by_mail", "taken_back")
    for i, name in enumerate(names):
        change(desk, name, phone=f"+86138001380{i:02}")
    change(desk, "given", consents=[intake.ConsentChange(purpose=MARKETING, is_given=True)])
    change(desk, "by_call", consents=[intake.ConsentChange(purpose=MARKETING, is_given=True, channel=intake.CHANNEL_CALL)])
    change(desk, "by_mail", consents=[intake.ConsentChange(purpose=MARKETING, is_given=True, channel=intake.CHANNEL_MAIL)])
    change(desk, "taken_back", consents=[intake.ConsentChange(purpose=MARKETING, is_given=True)])
    for name in names:
        resolve(desk, name, f"T-{name}")
    # Taken back after it was planned: the call is not made.
    change(desk, "taken_back", consents=[intake.ConsentChange(purpose=MARKETING, is_given=False)])
    desk.quiet()
    desk.step(hours=25)
    found = by_name(desk)
    assert found["silent"] == found["by_mail"] == (SUPPRESSED, "consent_missing")
    assert found["taken_back"] == (SUPPRESSED, "consent_refused")
    assert {found[name][0] for name in ("given", "by_call")}.isdisjoint({SUPPRESSED})


def test_nothing_is_needed_unless_the_rules_say_so(system):
    desk = office(system, rules=rule(purpose="marketing"))
    change(desk, "silent", phone="+8613800138000")
    resolve(desk, "silent", "T-1")
    desk.step(hours=25)
    assert by_name(desk)["silent"][0] != SUPPRESSED
