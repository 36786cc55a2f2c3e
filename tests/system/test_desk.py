# SPDX-License-Identifier: Apache-2.0
"""What people at the dashboard work with: stories, clocks, texts, the worklist, and being told of changes."""

import json
import subprocess
import threading

import event_pb2 as events
import intake_pb2 as intake
import pytest
import report_pb2 as report

from tests.support import ledger
from tests.support.web_login import AGENT, BEHIND_PROXY, VIEWER, Dashboard
from tests.support.office import DAY, Office, update
from tests.support.system import ROOT, wait_until

PROGRAMS = ["intake", "followup", "loyalty", "reporting"]
RULES = """
limits: { quiet = "none"; attempts_per_day = 0; refusal_pause = "0"; called_back = "0"; agenda_ahead = "0";
          usual_zone = "Asia/Shanghai"; per_week = 0; };
outcomes = ({ outcome = "no_answer"; retry_after = "1h"; });
rules = ({ name = "after_resolution"; trigger = "case_resolved"; after = "24h"; window = "48h";
           purpose = "survey"; channels = ("person"); attempts = 3; });
"""
QUESTIONNAIRE = ROOT / "deploy/config/questionnaire.conf"
HOSTILE = "<script>alert('1')</script> \"brakes\" & 刹车"


class Desk(Office):
    def __init__(self, system, programs=PROGRAMS):
        rules = system.folder / "followups.conf"
        rules.write_text(RULES)
        super().__init__(system, programs, reporting={"poll": "50ms", **BEHIND_PROXY},
                         followup={"rules": rules, "questionnaire": QUESTIONNAIRE, "ask_for": "2s"})
        self.viewer = Dashboard(system, "zhou", VIEWER)
        self.agent = Dashboard(system, "li", AGENT, staff="li")

    def quiet(self):
        ledger.wait_until_quiet(self.system, [name for name in ("followup", "loyalty")
                                              if name in self.stage.processes])

    def step(self, hours):
        self.hours_pass(hours)
        self.quiet()

    def hours_pass(self, hours):
        """Until everybody knows."""
        self.stage.step(hours)
        wait_until(lambda: all(self.stage.time_of(name) >= self.clock.now_us // 1_000_000
                               for name in self.stage.processes), what="the time")

    def complain(self, name, body="it squeals"):
        """A complaint with an answer; its case and customer as people read them."""
        self.send(
            ("customer_profile", intake.CustomerProfile(
                customer_ref=name, name=f"Name of {name}", phone="+8613800000077", language="en",
                consents=[intake.ConsentChange(purpose=intake.PURPOSE_SURVEY, is_given=True)])),
            ("contact", intake.Contact(
                customer_ref=name, kind=intake.CONTACT_KIND_COMPLAINT, category="safety", channel="phone",
                branch="north", subject="brakes", body=body, case_ref=f"{name}-case")),
            update(name, intake.CASE_ACTION_RESPONDED))
        case = self.rows("SELECT number, customer_number FROM intake.service_case ORDER BY number DESC")[0]
        found = self.agent.read(f"/v1/customers/{self.find(name)}")
        assert found["customer"]["cases"][0]["customer_number"] == found["customer"]["customer_number"]
        return found["customer"]["cases"][0]["case_number"], found["customer"]["customer_number"], case

    def find(self, name):
        return self.agent.do("/v1/customers/find", {"source": "garage", "customer_ref": name})["customer_number"]

    def disclosures(self):
        return self.rows("SELECT kind, outcome, purpose FROM intake.disclosure ORDER BY number")

    def views(self):
        return self.rows("""SELECT user_name, what, purpose, customer_number, coalesce(case_number, 0)
                              FROM reporting.personal_view ORDER BY at""")


@pytest.fixture
def desk(system):
    return Desk(system)


# ---- stories


def test_a_case_tells_its_story_and_nothing_personal(desk):
    case, customer, _ = desk.complain("li", HOSTILE)
    desk.send(("promise_given", intake.PromiseGiven(
                  customer_ref="li", case_ref="li-case", promise_ref="p", words="a secret word",
                  due_us=desk.clock.now_us + 3_600_000_000, staff="s-1")),
              ("expectation", intake.Expectation(
                  customer_ref="li", case_ref="li-case", outcome="secret too",
                  expected_us=desk.clock.now_us + 7_200_000_000)),
              ("survey_answer", intake.SurveyAnswer(
                  customer_ref="li", case_ref="li-case", instrument=intake.SURVEY_INSTRUMENT_CSAT, value=2,
                  comment="a secret comment")))
    view = desk.viewer.read(f"/v1/cases/{case}")
    text = json.dumps(view, ensure_ascii=False)
    for personal in ("script", "squeals", "secret", "13800000077", "Name of"):
        assert personal not in text
    assert view["customer_number"] == customer and view["kind"] == "complaint"
    assert {one["kind"] for one in view["promises"]} == {"first_response", "resolution", "custom"}
    assert [one["what"] for one in view["history"]] == ["opened", "responded", "promise_given", "expectation"]
    assert view["answers"][0]["instrument"] == "csat" and view["answers"][0]["value"] == 2
    assert view["expectations"][0]["has_outcome"] is True
    assert len(view["contacts"]) == 1 and view["contacts"][0]["channel"] == "phone"


def test_a_customer_tells_the_whole_story_with_the_score_in_words(desk):
    case, customer, _ = desk.complain("li")
    desk.send(("purchase", intake.Purchase(customer_ref="li", amount_minor=100, currency="CNY")))
    desk.quiet()
    found = desk.viewer.read(f"/v1/customers/{customer}?language=zh-Hans")
    assert found["customer"]["cases"][0]["case_number"] == case
    assert found["customer"]["purchases"] == 1 and len(found["customer"]["bought"]) == 1
    assert found["customer"]["consents"] == [{"purpose": "survey", "is_given": True}]
    contributions = found["score"]["contributions"]
    assert contributions and found["score"]["customer_number"] == customer
    assert any(ord(sign) > 0x4e00 for one in contributions for sign in one["because"])
    english = desk.viewer.read(f"/v1/customers/{customer}")["score"]["contributions"]
    assert [one["points"] for one in english] == [one["points"] for one in contributions]
    assert all(one["because"].isascii() for one in english)


def test_the_sources_own_numbers_are_for_agents_and_each_look_is_written_down_once(desk):
    _, customer, (_, number) = desk.complain("li")
    for reader in [desk.viewer, desk.agent]:
        assert "references" not in reader.read(f"/v1/customers/{customer}")["customer"]
    for path in ["/v1/customers/find", f"/v1/customers/{customer}/references"]:
        assert desk.viewer.post(path, {"source": "garage", "customer_ref": "li"})[0] == 403
    assert desk.find("li") == customer and desk.views() == [], "who knows it sees nothing new"
    assert desk.agent.do(f"/v1/customers/{customer}/references") == {"references": [{"source": "garage", "customer_ref": "li"}]}
    assert desk.views() == [["li", "references", "page customer", number, "0"]]


def test_a_source_gets_the_own_numbers_of_others_with_the_right_disclosure_alone(system):
    keys = [("figures", ["reports"]), ("front", ["reports", "disclosure"])]
    for name, rights in keys:
        system.key(name, rights)
    desk = Desk(system)
    _, customer, (_, number) = desk.complain("li")
    shown = []
    for name, _ in keys:
        client = system.client("reporting", name)
        for ask in [{"customer_number": customer}, {"source": "garage", "customer_ref": "li"}, {"customer_number": "K-1084-7"}]:
            client.send(report.ReportRequest(request_id=f"r{len(shown)}", customer=report.CustomerRequest(**ask)))
            reply = client.receive(report.ReportReply)
            shown.append((reply.code, [one.customer_ref for one in reply.customer.references]))
    assert shown == [("", [])] * 2 + [("customer_unknown", [])] + [("", ["li"])] * 2 + [("customer_unknown", [])]
    assert desk.views() == [["source front", "references", "report customer", number, "0"]] * 2


def test_whose_score_fell_is_told_with_what_weighs_most(desk):
    desk.send(("customer_profile", intake.CustomerProfile(customer_ref="li", language="en")),
              *[("survey_answer", intake.SurveyAnswer(customer_ref="li", instrument=instrument, value=value))
                for instrument, value in ((intake.SURVEY_INSTRUMENT_CSAT, 1), (intake.SURVEY_INSTRUMENT_NPS, 0))])
    customer = desk.find("li")
    desk.quiet()
    # Loyalty's own clock may be a moment behind what was just sent.
    fallen = wait_until(lambda: desk.viewer.read("/v1/fallen?limit=5&language=zh-Hans")["scores"], what="the fall")
    assert [one["customer_number"] for one in fallen] == [customer]
    assert fallen[0]["index"] < fallen[0]["index_before"]
    lowest = min(fallen[0]["contributions"], key=lambda one: one["points"])
    assert lowest["points"] < 0 and any(ord(sign) > 0x4e00 for sign in lowest["because"])
    for limit in ("0", "101", "many"):
        assert desk.viewer.get(f"/v1/fallen?limit={limit}")[0] == 400


def test_what_is_not_there_is_told(desk):
    for path, code in (("/v1/cases/C-1-1", "case_unknown"), ("/v1/cases/C-25601-5", "case_unknown"),
                       ("/v1/cases/xyz", "case_unknown"), ("/v1/cases/xyz/clocks", "case_unknown"),
                       ("/v1/customers/K-1-1", "customer_unknown")):
        status, body = desk.agent.get(path)
        assert (status, body["code"]) == (404, code), path
    status, body = desk.agent.post("/v1/customers/find", {"customer_ref": "nobody"})
    assert (status, body["code"]) == (404, "customer_unknown")
    assert desk.agent.post("/v1/customers/find", {"source": "garage"})[0] == 400
    assert desk.agent.post("/v1/customers/K-1-1/references")[0] == 404
    assert desk.viewer.get("/v1/worklist?state=lost")[0] == 400
    assert desk.viewer.get("/v1/changes?since=yesterday")[0] == 400


# ---- clocks


def test_the_clocks_of_a_case_are_those_of_the_command_line(desk, programs):
    case, _, _ = desk.complain("li")
    desk.hours_pass(1)
    desk.send(update("li", intake.CASE_ACTION_WAITING_CUSTOMER))
    desk.hours_pass(2)
    clocks = desk.viewer.read(f"/v1/cases/{case}/clocks")["clocks"]
    assert {one["kind"] for one in clocks} == {"first_response", "resolution"}
    for one in clocks:
        done = subprocess.run(
            [str(programs / "troth"), "clock", one["promise_number"], "--json",
             "--database", desk.system.conninfo("troth_operator")],
            capture_output=True, text=True, timeout=60, check=True, env={"PATH": "/usr/bin:/bin"})
        said = json.loads(done.stdout)
        told = [dict(i) for i in one["intervals"]]
        for interval in told:
            assert interval.pop("is_counted") == (interval["kind"] == "counted")
            assert interval.pop("words") == interval["why"]
        assert told == [{name: value for name, value in i.items() if value is not None}
                        for i in said["intervals"]]
        for name in ("target_us", "due_us", "made_us", "done_us", "counted_us", "paused_us", "verdict", "state",
                     "rule", "zone", "is_paused"):
            assert one.get(name) == said[name], name
        assert [step["percent"] for step in one["steps"]] == [step["step"] for step in said["steps"]]
    chinese = desk.viewer.read(f"/v1/cases/{case}/clocks?language=zh-Hans")["clocks"]
    words = {i["words"] for one in chinese for i in one["intervals"]}
    assert "计时" in words and "等待客户" in words
    assert {i["is_counted"] for one in chinese for i in one["intervals"]} == {True, False}


# ---- personal data


def test_texts_are_shown_to_agents_alone_and_each_view_is_written_down_twice(desk):
    case, customer, numbers = desk.complain("li", HOSTILE)
    status, body = desk.viewer.post(f"/v1/cases/{case}/texts")
    assert (status, body["code"]) == (403, "not_permitted")
    assert desk.viewer.post(f"/v1/customers/{customer}/contact")[0] == 403
    assert desk.disclosures() == [] and desk.views() == []

    texts = desk.agent.do(f"/v1/cases/{case}/texts")["texts"]
    assert {one["field"]: one["text"] for one in texts} == {"subject": "brakes", "body": HOSTILE}
    assert desk.agent.do(f"/v1/customers/{customer}/contact") == {
        "name": "Name of li", "phone": "+8613800000077"}
    assert [row[1:] for row in desk.disclosures()] == [
        ["disclosed", f"case {case}"], ["disclosed", "page customer"], ["disclosed", "page customer"],
        ["unknown", "page customer"]]
    assert desk.views() == [
        ["li", "texts", f"case {case}", numbers[1], numbers[0]],
        ["li", "name, phone, email", "page customer", numbers[1], "0"]]


def test_a_customer_who_was_erased_stays_unread(desk):
    case, customer, numbers = desk.complain("li")
    desk.system.psql("UPDATE intake.customer SET wrapped_key = NULL, key_generation = 1"
                     f" WHERE number = {numbers[1]}")
    for path in (f"/v1/cases/{case}/texts", f"/v1/customers/{customer}/contact"):
        status, body = desk.agent.post(path)
        assert (status, body["code"]) == (410, "customer_erased")
    assert desk.disclosures() == [] and desk.views() == []
    assert desk.viewer.read(f"/v1/customers/{customer}")["customer"]["is_erased"] is True


# ---- the worklist


def test_a_conversation_from_taking_it_to_its_answers_in_intake(desk):
    desk.resolve("li")
    assert "order" not in desk.agent.do("/v1/worklist/take")
    desk.step(DAY)
    entries = desk.viewer.read("/v1/worklist?state=planned,listed")["entries"]
    assert [one["state"] for one in entries] == ["planned"]

    agenda = desk.agent.do("/v1/worklist/take", {"language": "en"})
    key = agenda["order"]["key"]
    assert agenda["order"]["phone"] == "+8613800000000" and agenda["order"]["opening"]
    assert {line["kind"] for line in agenda["story"]} >= {"case", "promise"}
    assert [row[:3] for row in desk.views()] == [["li", "phone", "worklist"]]
    status, body = desk.agent.post("/v1/worklist/take")
    assert (status, body["code"]) == (409, "in_hand") and key in body["text"]

    assert desk.agent.do("/v1/worklist/report", {"key": key, "action": "accept"}) == {"key": key}
    desk.agent.do("/v1/worklist/report", {
        "key": key, "action": "outcome",
        "result": {"outcome": "answered", "note": "friendly", "answers": [
            {"code": one["code"], "value": 4} for one in agenda["order"]["items"]
            if one["code"] == "csat"]}})
    desk.quiet()
    assert [row[1] for row in desk.follow_ups()] == ["answered"]
    assert desk.rows("SELECT value FROM intake.survey_answer WHERE instrument = 1") == [["4"]]


def test_who_may_not_work_on_a_conversation_is_told_why(desk):
    desk.resolve("li")
    desk.step(DAY)
    assert desk.viewer.post("/v1/worklist/take")[0] == 403
    nameless = Dashboard(desk.system, "wu", AGENT)
    status, body = nameless.post("/v1/worklist/take")
    assert (status, body["code"]) == (409, "staff_missing") and "troth user" in body["text"]
    assert desk.agent.post("/v1/worklist/take", {"branch": 7})[0] == 400
    assert "order" not in desk.agent.do("/v1/worklist/take", {"branch": "south"})
    status, body = desk.agent.post("/v1/worklist/report", {"key": "F-1-1/1", "action": "accept", "staff": "x"})
    assert (status, body["code"]) == (400, "request_invalid")
    key = desk.agent.do("/v1/worklist/take", {"branch": "north"})["order"]["key"]
    desk.agent.do("/v1/worklist/report", {"key": key, "action": "return"})
    status, body = desk.agent.post("/v1/worklist/report", {"key": key, "action": "accept"})
    assert (status, body["code"]) == (409, "lease_over")


def test_what_cannot_be_written_down_is_not_shown(desk):
    case, _, _ = desk.complain("wang")
    desk.resolve("li")
    desk.step(DAY)
    desk.system.psql("REVOKE INSERT ON reporting.personal_view FROM troth_reporting")
    for path in (f"/v1/cases/{case}/texts", "/v1/worklist/take"):
        status, body = desk.agent.post(path)
        assert status == 503 and "138" not in json.dumps(body), body
    planned = str(events.FOLLOW_UP_STATE_PLANNED)
    wait_until(lambda: [row[0] for row in desk.follow_ups()] == [planned], what="the conversation is given back")
    desk.system.psql("GRANT INSERT ON reporting.personal_view TO troth_reporting")
    assert not any("case" in row[2] for row in desk.disclosures())
    other = Dashboard(desk.system, "wu", AGENT, staff="wu")
    assert other.do("/v1/worklist/take")["order"]["phone"] == "+8613800000000"


# ---- changes


def test_who_waits_for_changes_is_woken_by_a_new_case(desk):
    token = desk.viewer.read("/v1/changes")["token"]
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(
        desk.viewer.read(f"/v1/changes?since={token}", seconds=60)))
    waiting.start()
    desk.send(("contact", intake.Contact(customer_ref="li", kind=intake.CONTACT_KIND_REQUEST, branch="north")))
    waiting.join(60)
    assert answers and answers[0]["token"] != token
    assert answers[0]["changed"] == ["figures", "today"]


def test_waiting_ends_when_the_process_is_asked_to_stop(desk):
    token = desk.viewer.read("/v1/changes")["token"]
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(
        desk.viewer.get(f"/v1/changes?since={token}", seconds=60)))
    waiting.start()
    wait_until(lambda: desk.system.metric("reporting", "troth_reporting_waiting_pages") == 1)
    assert desk.stage.processes["reporting"].terminate() == 0
    waiting.join(60)
    assert answers == [(200, {"token": token, "changed": []})]


def test_when_too_many_wait_the_oldest_is_answered_and_who_hangs_up_is_forgotten(desk):
    token = desk.viewer.read("/v1/changes")["token"]
    waiting = [desk.viewer.begin("GET", f"/v1/changes?since={token}")]
    wait_until(lambda: desk.system.metric("reporting", "troth_reporting_waiting_pages") == 1)
    waiting += [desk.viewer.begin("GET", f"/v1/changes?since={token}") for _ in range(192)]
    assert desk.viewer.finish(waiting[0]) == (200, {"token": token, "changed": [], "retry_after_s": 30})
    assert desk.system.metric("reporting", "troth_reporting_waiting_pages") == 192
    for connection in waiting:
        connection.close()
    desk.send(("contact", intake.Contact(customer_ref="li", kind=intake.CONTACT_KIND_REQUEST, branch="north")))
    wait_until(lambda: desk.system.metric("reporting", "troth_reporting_waiting_pages") == 0)


# ---- without the others


def test_without_the_others_each_page_says_what_is_missing_and_shows_the_rest(desk):
    case, customer, _ = desk.complain("li")
    for name in ("followup", "loyalty"):
        desk.stage.processes[name].kill()
    found = desk.viewer.read(f"/v1/customers/{customer}")
    assert found["customer"]["cases"] and "score" not in found
    assert found["score_error"]["code"] == "unavailable" and "loyalty" in found["score_error"]["text"]
    status, body = desk.viewer.get("/v1/worklist")
    assert (status, body["code"]) == (503, "unavailable") and "scheduler" in body["text"]
    desk.stage.processes["intake"].kill()
    status, body = desk.agent.post(f"/v1/cases/{case}/texts")
    assert (status, body["code"]) == (503, "unavailable") and "intake" in body["text"]
    assert desk.viewer.read(f"/v1/cases/{case}")["case_number"] == case
    assert desk.viewer.read(f"/v1/cases/{case}/clocks")["clocks"]
