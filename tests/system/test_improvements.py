# SPDX-License-Identifier: Apache-2.0
"""What is done about a cause: written down, told to everyone who reported the problem, and judged."""

import datetime

import intake_pb2 as intake
import figure_sheet_pb2 as sheets
import pytest

from tests.support.web_login import BEHIND_PROXY, MANAGER, VIEWER, Dashboard
from tests.support.stage import Stage
from tests.support.system import ROOT, wait_until



@pytest.fixture
def stage(system):
    system.key("garage", ["records"], True)
    system.key("reporting", ["events", "records"])
    rules = system.folder / "rules.conf"
    plain = (ROOT / "tests/support/plain_followups.conf").read_text(encoding="utf-8")
    rules.write_text(better(plain), encoding="utf-8")
    return Stage(system, ["intake", "followup", "loyalty", "reporting"], followup={"rules": rules},
                 reporting={"intake": system.endpoint("intake"), **BEHIND_PROXY})


def better(plain):
    """The plain rules with one more: who reported what is better now is told."""
    rule = '    { name = "better"; trigger = "improvement"; after = "1h"; window = "14d"; }'
    before, after = plain.split("rules = (", 1)
    return f"{before}rules = (\n{rule}{',' if after.strip()[0] != ')' else ''}\n{after}"


def send(system, client, records):
    client.send(intake.IntakeRequest(records=intake.RecordBatch(records=records)))
    receipts = []
    while len(receipts) < len(records):
        receipts += client.receive(intake.IntakeReply).receipts.receipts
    assert {one.status for one in receipts} == {intake.RECEIPT_STATUS_ACCEPTED}, receipts


def case(name, occurred_us, branch, category="brakes"):
    return intake.Record(key=f"case-{name}", occurred_us=occurred_us, contact=intake.Contact(
        customer_ref=name, kind=intake.CONTACT_KIND_COMPLAINT, channel="phone", branch=branch,
        category=category, case_ref=name))


def profile(name, now_us):
    return intake.Record(key=f"who-{name}", occurred_us=now_us, customer_profile=intake.CustomerProfile(
        customer_ref=name, phone="+8613800000001", language="en", consents=[
            intake.ConsentChange(purpose=intake.PURPOSE_SERVICE_CALL, is_given=True)]))


def all_counted(system):
    return system.psql("SELECT count(*) FROM log.head h LEFT JOIN log.consumer_cursor c ON c.consumer = 'reporting'"
                       " AND c.stream = h.stream AND c.bucket = h.bucket WHERE h.seq > coalesce(c.seq, 0)") == "0"


def fill(stage):
    """Forty days: twice a day in the south, then, since the 20th day, once in four days; in the north as ever."""
    day_us, now_us = 86_400_000_000, stage.clock.now_us
    client, records = stage.system.client("intake", "garage"), []
    for day in range(40):
        at_us = now_us - (40 - day) * day_us
        south = 2 if day < 20 else int(day % 4 == 0)
        for branch, count in (("south", south), ("north", 1)):
            for number in range(count):
                name = f"{branch}-{day}-{number}"
                records += [profile(name, at_us), case(name, at_us + 3_600_000_000 * (number + 1), branch)]
    for start in range(0, len(records), 100):
        send(stage.system, client, records[start:start + 100])
    wait_until(lambda: all_counted(stage.system), 60, "all is counted")
    return datetime.date.fromtimestamp((now_us - 20 * day_us) / 1e6)


def test_an_improvement_is_told_to_those_who_reported_it_and_judged(stage):
    starts = fill(stage)
    li, eve = Dashboard(stage.system, "li", MANAGER), Dashboard(stage.system, "eve", VIEWER)
    asked = {"kind": "action", "title": "New brake pads", "cause_measure": "complaints", "category": "brakes",
             "branch": "south", "owner": "workshop", "expectation": 0.5, "starts_on": starts.isoformat()}
    assert eve.post("/v1/improvements", asked)[0] == 403
    status, made = li.post("/v1/improvements", asked)
    assert status == 201, made
    effect = made["effect"]
    assert effect["unit"] == "per_day"
    assert effect["verdict"] == "better"
    assert abs(effect["before_rate"] - 2) < 0.11 and effect["ratio"] < 0.2
    assert abs(effect["others_ratio"] - 1) < 0.1
    assert effect["low"] < effect["ratio"] < effect["high"] < 1
    assert effect["others_high"] < 1
    assert effect["words"].endswith("It helped.")
    chinese = eve.read("/v1/improvements?language=zh-Hans")["improvements"]
    assert chinese[0]["effect"]["words"].endswith("措施有效。")

    told = li.do(f"/v1/improvements/{made['id']}/announce", {"words": "The new pads make no noise."})
    assert told["announced_us"] > 0
    followups = "SELECT count(*) FROM followup.follow_up WHERE rule = 'better'"
    reported = stage.system.psql("SELECT count(DISTINCT customer_number) FROM intake.service_case"
                                 " WHERE branch = 'south' AND category = 'brakes'")
    wait_until(lambda: stage.system.psql(followups) == reported, 30, "everybody is told")
    assert li.do(f"/v1/improvements/{made['id']}/announce", {})["announced_us"] == told["announced_us"]
    assert stage.system.psql("SELECT count(*) FROM intake.improvement") == "1"
    assert li.post("/v1/improvements/999999/announce", {})[0] == 404

    table = eve.read("/v1/reports/improvements")
    assert [row["label"] for row in table["rows"]] == ["New brake pads"]


KEPT, BROKEN, FIRST_RESPONSE = 41, 43, 4
SHEET_CASES, SHEET_PROMISES, NARROW, ALL, BRANCH = 1, 2, 1, 0, 1


def put_branches(system, days, sheet, counts):
    """Figures of each branch before and after the middle, as the fold would write them: counts[branch][is_after][measure]."""
    today = datetime.date.fromisoformat(system.psql("SELECT (log.now() AT TIME ZONE 'Asia/Shanghai')::date"))
    rows = []
    for back in range(days, 0, -1):
        row = sheets.FigureRow(cells=[sheets.FigureCell(dimension=ALL, value="", figures=sheets.FigureSheet(
            measures=[sheets.MeasureSum(measure=1, count=1, sum=0)]))])
        for branch in sorted(counts):
            row.cells.append(sheets.FigureCell(dimension=BRANCH, value=branch, figures=sheets.FigureSheet(
                measures=[sheets.MeasureSum(measure=m, count=n, sum=0) for m, n in counts[branch][back <= days // 2].items()])))
        rows.append(f"(0, {sheet}, {NARROW}, '', '{today - datetime.timedelta(days=back)}', '\\x{row.SerializeToString().hex()}')")
    system.psql("INSERT INTO reporting.daily_fact (lane, sheet, part, branch, day, figures) VALUES " + ",".join(rows)
                + " ON CONFLICT DO NOTHING")
    return today - datetime.timedelta(days=days // 2)


@pytest.mark.parametrize("elsewhere, verdict", [
    ({False: {KEPT: 8, BROKEN: 2}, True: {KEPT: 8, BROKEN: 2}}, "better"),
    ({False: {KEPT: 4, BROKEN: 6}, True: {KEPT: 8, BROKEN: 2}}, "no_difference"),
])
def test_a_branch_is_judged_beside_the_other_branches(stage, elsewhere, verdict):
    harbour = {False: {KEPT: 4, BROKEN: 6}, True: {KEPT: 8, BROKEN: 2}}
    put_branches(stage.system, 60, SHEET_CASES, {"north": {False: {}, True: {}}})
    starts = put_branches(stage.system, 60, SHEET_PROMISES, {"harbour": harbour, "north": elsewhere, "south": elsewhere})
    li = Dashboard(stage.system, "li", MANAGER)
    asked = {"title": "Two more people", "cause_measure": "promises_kept", "branch": "harbour", "expectation": 1.3,
             "starts_on": starts.isoformat()}
    assert li.post("/v1/improvements", {**asked, "team": "desk"})[0] == 400
    status, made = li.post("/v1/improvements", asked)
    assert status == 201, made
    effect = made["effect"]
    assert (effect["unit"], effect["verdict"]) == ("share", verdict), effect
    assert (round(effect["before_rate"], 3), round(effect["after_rate"], 3), round(effect["ratio"], 3)) == (0.4, 0.8, 2.0)
    assert (effect["events_before"], effect["days_after"]) == (300, 30)
    assert effect["others_ratio"] == pytest.approx(elsewhere[True][KEPT] / elsewhere[False][KEPT])
    assert effect["others_low"] < effect["ratio"] / effect["others_ratio"] < effect["others_high"]


PURCHASES, SHEET_LOYALTY, WIDE, PRODUCT = 160, 5, 2, 6


def put_purchases(system, days, counts):
    """Of each day, over all branches and in the south, of every product and of pads: counts[is_after] = (all, south).
    Nothing stands in the rows of other branches."""
    today = datetime.date.fromisoformat(system.psql("SELECT (log.now() AT TIME ZONE 'Asia/Shanghai')::date"))
    rows = []
    for back in range(days, 0, -1):
        for branch, count in zip(("", "south"), counts[back <= days // 2]):
            for part, dimension, value in ((NARROW, ALL, ""), (WIDE, PRODUCT, "pads")):
                row = sheets.FigureRow(cells=[sheets.FigureCell(dimension=dimension, value=value, figures=sheets.FigureSheet(
                    measures=[sheets.MeasureSum(measure=PURCHASES, count=count)]))])
                rows.append(f"(0, {SHEET_LOYALTY}, {part}, '{branch}', '{today - datetime.timedelta(days=back)}',"
                            f" '\\x{row.SerializeToString().hex()}')")
    system.psql("INSERT INTO reporting.daily_fact (lane, sheet, part, branch, day, figures) VALUES " + ",".join(rows)
                + " ON CONFLICT (lane, sheet, part, branch, day) DO UPDATE SET figures = excluded.figures")


@pytest.mark.parametrize("product", ["", "pads"])
def test_purchases_elsewhere_are_those_of_all_less_those_here(stage, product):
    starts = fill(stage)
    stage.system.psql(f"UPDATE reporting.case_fact SET product = '{product}'")
    put_purchases(stage.system, 40, {False: (30, 10), True: (50, 10)})
    li = Dashboard(stage.system, "li", MANAGER)
    status, made = li.post("/v1/improvements", {
        "title": "New brake pads", "cause_measure": "complaints", "category": "brakes", "branch": "south",
        "product": product, "expectation": 0.5, "starts_on": starts.isoformat()})
    assert status == 201, made
    effect = made["effect"]
    assert effect["unit"] == "per_1000_purchases", effect
    assert effect["before_rate"] == pytest.approx(200) and effect["after_rate"] == pytest.approx(25)
    assert effect["others_ratio"] == pytest.approx(0.5)


def test_a_request_that_is_sent_again_makes_nothing_twice(stage):
    li = Dashboard(stage.system, "li", MANAGER)
    asked = {"title": "Training", "kind": "training", "cause_measure": "csat", "team": "workshop",
             "starts_on": "2026-01-01", "key": "k" * 64}
    status, made = li.post("/v1/improvements", asked)
    assert status == 201, made
    assert li.post("/v1/improvements", asked) == (200, made)
    status, refused = li.post("/v1/improvements", {**asked, "title": "Other"})
    assert (status, refused["code"]) == (409, "key_reused")
    changed = li.ask("PATCH", f"/v1/improvements/{made['id']}", {"version": 1, "title": "Better"})[1]
    stage.system.psql("DELETE FROM reporting.improvement_effect")  # who made it died before it was judged
    status, again = li.post("/v1/improvements", asked)
    assert (status, again) == (200, changed)
    assert li.post("/v1/improvements", {**asked, "key": "other"})[0] == 201
    both = [li.post("/v1/improvements", {key: value for key, value in asked.items() if key != "key"})[1]["id"] for _ in range(2)]
    assert both[0] != both[1]
    assert stage.system.psql("SELECT count(*) FROM reporting.improvement_action") == "4"


def test_it_is_changed_by_who_has_read_it_and_wrong_ones_are_refused(stage):
    li = Dashboard(stage.system, "li", MANAGER)
    asked = {"title": "Training", "kind": "training", "cause_measure": "csat", "team": "workshop",
             "starts_on": "2026-01-01"}
    status, made = li.post("/v1/improvements", asked)
    assert (status, made["version"], made["effect"]["verdict"]) == (201, 1, "too_early"), made
    path = f"/v1/improvements/{made['id']}"
    status, changed = li.ask("PATCH", path, {"version": 1, "ends_on": "2026-02-01", "title": "Other"})
    assert (status, changed["version"], changed["ends_on"], changed["title"]) == (200, 2, "2026-02-01", "Other")
    assert li.ask("PATCH", path, {"version": 1, "title": "Late"})[0] == 409
    assert li.ask("PATCH", "/v1/improvements/x", {"version": 1})[0] == 404
    for wrong in ({"title": ""}, {"key": ""}, {"key": 7}, {"key": "k" * 65}, {"cause_measure": "mood"}, {"starts_on": "soon"}, {"expectation": 0},
                  {"kind": "wish"}, {"team": ""}, {"ends_on": "2025-12-31"}, {"title": 7}, {"owner": "x" * 500}):
        status, answer = li.post("/v1/improvements", {**asked, **wrong})
        assert (status, answer["code"]) == (400, "request_invalid"), wrong
