# SPDX-License-Identifier: Apache-2.0
"""What reports and Today call things, in both languages; and whom a person is to call now."""

import hashlib
import re

import event_pb2 as events
import pytest
import report_pb2 as report

from tests.support import figure_rows as figures
from tests.support.event_feed import number
from tests.support.http_door import Answer, UnixConnection, give_token
from tests.support.system import ROOT, USUAL_SECONDS, wait_until

DAY = "2026-11-10"
RULE_FIELDS = "'silence', 1, 6, 'silence', {n}, 'o{n}', 4, {priority}, {channel}, 'north', {state}, '{reason}'"
FOLLOW_UP = f"""INSERT INTO followup.follow_up (bucket, number, version, customer_number, case_version, rule, rule_version,
    trigger, topic, subject, occurrence, purpose, priority, channel, branch, state, reason, planned_at, due_at, window_end_at,
    next_attempt_at, attempts, calls, is_historical, settled_at)
    VALUES (1, {{n}}, 1, 257, 0, {RULE_FIELDS}, log.now() - interval '2 days', log.now() - interval '{{ago}}',
    log.now() + interval '{{left}}', {{next}}, 0, 0, false, {{settled}})"""


def store_questionnaire(system):
    text = (ROOT / "deploy/config/questionnaire.conf").read_text()
    items = (ROOT / "deploy/config/servqual.conf").read_text()
    text = re.sub(r'(?m)^@include "servqual.conf"$', lambda _: items, text)
    system.psql("INSERT INTO followup.questionnaire_version (hash, body, first_used_at)"
                f" VALUES ('{hashlib.md5(text.encode()).hexdigest()}', $body${text}$body$, now())")


class Reader:
    def __init__(self, system):
        self.system = system
        system.key("reader", rights=["reports"])
        self.token = give_token(system, "reader")
        store_questionnaire(system)
        system.start("reporting")
        self.client = system.client("reporting", "reader")

    def ask(self, language=None, **body):
        return self.client.ask(report.ReportRequest(request_id="r", language=language, **body), report.ReportReply)

    def get(self, path, **headers):
        connection = UnixConnection(self.system.http("reporting"), USUAL_SECONDS)
        try:
            connection.request("GET", path, None, {"Authorization": f"Bearer {self.token}", **headers})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def labels(self, name, language=None, **asked):
        asked = report.FiguresRequest(name=name, from_day=DAY, to_day=DAY, **asked)
        reply = self.ask(figures=asked, language=language)
        assert reply.code == "", reply
        return {row.key: row.label for row in reply.figures.rows}


@pytest.fixture
def reader(system):
    return Reader(system)


def test_rows_are_called_by_the_words_of_the_company_and_keep_their_codes(reader):
    rows = figures.FigureRows()
    for item in (10, 7, 2):
        rows.add(DAY, figures.GAP, 1, total=-1, servqual="reliability", question=f"item/{item}")
        rows.add(DAY, figures.GAP_SQUARES, 1, total=1, servqual="reliability", question=f"item/{item}")
    rows.add(DAY, figures.OWN_ANSWERS, 3, total=2, question="new_date_fits")
    rows.add(DAY, figures.PROMISES_MADE, 2, standard="complaint_gold/first_response")
    rows.add(DAY, figures.PROMISES_KEPT, 2, standard="complaint_gold/first_response")
    rows.add(DAY, figures.FOLLOW_UPS_DUE, 2, rule="winter_check")
    rows.add(DAY, figures.TIER_UP, 1, move="bronze>silver")
    rows.write(reader.system)

    def questions(language=None):
        return reader.labels("questions", language, group_by="question")
    wait_until(lambda: "suit you" in questions()["new_date_fits"], what="the questionnaire")
    # Own questions have answers; items stand behind them in the order of their numbers.
    assert list(questions()) == ["new_date_fits", "item/2", "item/7", "item/10"]
    assert questions()["item/7"].startswith("7. ") and len(questions()["item/7"]) > 20
    assert questions("zh-Hans")["new_date_fits"].startswith("新的时间您方便吗")
    for name, group, key, words in (
            ("promises", "standard", "complaint_gold/first_response",
             ("complaint of a gold customer: first response", "金卡客户投诉：首次响应")),
            ("standards", "standard", "complaint_gold/first_response",
             ("complaint of a gold customer: first response", "金卡客户投诉：首次响应")),
            ("follow_ups", "rule", "winter_check", ("check before the winter", "入冬检查")),
            ("movements", "move", "bronze>silver", ("bronze → silver", "铜卡 → 银卡"))):
        for language, want in zip((None, "zh-Hans"), words):
            assert reader.labels(name, language, group_by=group)[key] == want, (name, language)
    line = reader.get(f"/v1/reports/movements?from={DAY}&to={DAY}&group=move&format=csv&language=zh").body.decode()
    assert "bronze>silver,铜卡 → 银卡," in line


def test_today_lists_whom_a_person_is_to_call_now(reader):
    listed, planned = events.FOLLOW_UP_STATE_LISTED, events.FOLLOW_UP_STATE_PLANNED
    usual = {"priority": 3, "channel": 4, "state": planned, "reason": "", "ago": "1 hour", "left": "1 day",
             "next": "log.now() - interval '1 hour'", "settled": "NULL"}
    now = number(1, 1)
    follow_ups = [
        {"n": now},                                                          # to be called now
        {"n": number(2, 1), "next": "log.now() + interval '1 hour'"},        # later
        {"n": number(3, 1), "channel": 1},                                   # a machine calls
        {"n": number(4, 1), "left": "-1 minute"},                            # its window has passed
        {"n": number(5, 1), "priority": 1, "state": listed, "reason": "no_answer", "next": "NULL", "settled": "log.now()"},
        {"n": number(6, 1), "state": listed, "reason": "dialer_gone", "next": "NULL", "settled": "log.now()"},
    ]
    for one in follow_ups:
        reader.system.psql(FOLLOW_UP.format(**{**usual, **one}))

    def today(language=None, **asked):
        return reader.ask(language, today=report.TodayRequest(**asked)).today
    wait_until(lambda: today().listed[0].rule_words == "long silence", what="the questionnaire")
    assert (today().listed_count, today().unknown_call_count) == (2, 1)
    assert [entry.state for entry in today().listed] == [listed, planned]  # the urgent one first
    assert [entry.rule for entry in today().listed] == ["silence"] * 2
    assert today("zh-Hans").unknown_calls[0].rule_words == "久未联系回访"
    assert today(branch="south").listed_count == 0 and len(today(branch="south").listed) == 0
    over_http = reader.get("/v1/today?language=zh-Hans").json
    assert [entry["rule_words"] for entry in over_http["listed"]] == ["久未联系回访"] * 2


def test_a_praise_waits_for_nobody_in_backlog_today_and_lists(reader):
    for i, asks in enumerate((True, False)):
        reader.system.psql(f"""INSERT INTO reporting.case_fact (bucket, case_number, customer_number, version, state, kind,
            channel, branch, team, staff, category, product, tier, priority, opened_at, bundle, asks)
            VALUES (1, {number(9 + i, 1)}, {number(5, 1)}, 1, 1, 4, '', 'north', '', '', '', '', '', 4, log.now(), '', {asks})""")
    assert reader.ask(today=report.TodayRequest()).today.waiting_count == 1
    table = reader.ask(figures=report.FiguresRequest(name="backlog_now")).figures
    assert [cell.value for cell in table.total.cells][:2] == [1, 1]
    assert len(reader.ask(cases=report.CasesRequest(list="open")).cases.cases) == 1


def test_low_is_what_lies_below_the_middle_of_a_questions_own_scale(system):
    store_questionnaire(system)
    system.psql(f"""
        INSERT INTO reporting.case_fact (bucket, case_number, customer_number, version, state, kind, channel, branch, team, staff,
            category, product, tier, priority, opened_at, bundle)
        VALUES (1, {number(9, 1)}, {number(5, 1)}, 1, 5, 2, '', '', 'shop', '', '', '', '', 3, '2026-06-27 12:00+08', '')""")
    answers = [("new_date_fits", 1), ("new_date_fits", 1), ("new_date_fits", 0), ("stays", 5), ("stays", 3), ("stays", 2),
               ("arrived", 1), ("gone", 49), ("gone", 50)]
    for i, (question, value) in enumerate(answers):
        system.psql(f"""
            INSERT INTO intake.survey_answer (bucket, number, customer_number, case_number, instrument, question, value, source_id,
                occurred_at, received_at)
            VALUES (1, {number(20 + i, 1)}, {number(5, 1)}, {number(9, 1)}, 5, '{question}', {value}, 1, '2026-06-29 12:00+08',
                now())""")
    settings = system.write_settings("reporting", "job")
    done = system.run("troth-reporting", "--config", settings, "--job", "skills",
                      "--set", "job_from=2026-06-30", "--set", "job_to=2026-06-30")
    assert done.returncode == 0, done.stderr
    assert system.psql("SELECT skill, answers, low FROM reporting.skill_day WHERE grouping = 'team' ORDER BY 1").splitlines() == [
        "arrived|1|0", "gone|2|1", "new_date_fits|3|1", "stays|3|1"]


# ---- what else is at the port


def test_health_and_metrics_are_not_for_who_comes_through_a_proxy(reader):
    for path in ("/livez", "/readyz", "/metrics"):
        assert reader.get(path).status == 200
        for header in ("X-Forwarded-For", "Forwarded"):
            assert reader.get(path, **{header: "203.0.113.7"}).status == 404, (path, header)


def test_a_browser_that_asks_for_an_icon_gets_none_without_an_error(reader):
    answer = reader.get("/favicon.ico", Authorization="")
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["X-Frame-Options"] == "DENY"
