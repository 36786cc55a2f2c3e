# SPDX-License-Identifier: Apache-2.0
"""Follow-ups by mail: a real mail server takes them, the link in them leads to reporting's answer page."""

import base64
import hashlib
import hmac
import html
import json
import os
import re
import shutil
import socket
import tempfile
import time
import urllib.parse
from pathlib import Path

import dialer_pb2 as pb
import event_pb2 as events
import intake_pb2 as intake
import pytest

from tests.support.event_feed import number, spelled
from tests.support.fake_scheduler import FakeScheduler
from tests.support.intake_client import IntakeClient, case_update, contact
from tests.support.mail_server import MailServer
from tests.support.stage import ask as get
from tests.support.system import wait_until
from tests.support.web_receiver import OTHER_SECRET, SECRET, ask

SENT, INVALID, FAILED = (events.CALL_OUTCOME_SENT, events.CALL_OUTCOME_INVALID_NUMBER, events.CALL_OUTCOME_FAILED)
CSAT = pb.DialItem(code="csat", instrument=intake.SURVEY_INSTRUMENT_CSAT, low=1, high=5, question="满意吗？<b>")
NPS = pb.DialItem(code="nps", instrument=intake.SURVEY_INSTRUMENT_NPS, low=0, high=10, question="会推荐吗？")
SOLVED = pb.DialItem(code="solved", low=0, high=1, question="问题解决了吗？")
SERVQUAL = [pb.DialItem(code=f"servqual_5_{what}", instrument=intake.SURVEY_INSTRUMENT_SERVQUAL, low=1, high=7,
                        question=what) for what in ["expectation", "perception"]]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def scheduler():
    folder = Path(tempfile.mkdtemp(prefix=f"troth-mail-{os.getpid()}-", dir="/tmp"))
    with FakeScheduler(folder) as playing:
        yield playing
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server(scheduler):
    with MailServer(scheduler.folder) as running:
        yield running


def secret_file(folder, text=SECRET):
    path = folder / "answer.secret"
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def start(scheduler, programs, url, **settings):
    return scheduler.start_dialer(programs, **{
        "driver": "mail", "mail_server": url, "mail_starttls": False, "mail_from": "care@garage.example",
        "mail_from_name": "张三汽修", "answer_url": "https://answer.example/answer",
        "answer_secret_file": secret_file(scheduler.folder), **settings})


def order(scheduler, key="F-1/1", address="li@example.com", start_within=10, language="zh-CN", **more):
    scheduler.send(order=mail_order(scheduler, key, address, start_within, language=language, **more))


def mail_order(scheduler, key, address, start_within, **more):
    now_us = time.time_ns() // 1000
    fields = {"items": [CSAT], "opening": "李先生，您好！", "closing": "再见。", **more}
    return pb.DialOrder(key=key, follow_up=1, attempt=1, channel=intake.CHANNEL_MAIL, address=address,
                        now_us=now_us, start_by_us=now_us + int(start_within * 1e6),
                        window_end_us=now_us + 10**10, **fields)


def link_in(mail):
    words = mail.get_body(("plain",)).get_content()
    return re.search(r"https://answer\.example/answer\?t=(\S+)", words).group(1)


# ---- sending


def test_a_mail_has_the_customers_words_twice_and_a_link(scheduler, server, programs):
    dialer = start(scheduler, programs, server.url)
    order(scheduler, agenda=[pb.DialReason(rule="after_resolution", say="您的车 <A&B> 已修好。")])
    assert scheduler.result("F-1/1").outcome == SENT
    (mail,) = server.mails()
    assert mail["From"] == "张三汽修 <care@garage.example>" and mail["To"] == "li@example.com"
    assert mail["Subject"] == "请您评价我们的服务"
    assert mail["Message-ID"] == "<F-1.1@garage.example>"
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Content-Language"] == "zh-CN"
    plain, page = (mail.get_body((kind,)).get_content() for kind in ["plain", "html"])
    for words in ["李先生，您好！", "再见。"]:
        assert words in plain and words in page
    assert "<A&B>" in plain and "&lt;A&amp;B&gt;" in page
    token = link_in(mail)
    assert f'href="https://answer.example/answer?t={token}"' in page
    assert "li@example.com" not in dialer.log() and "李先生" not in dialer.log() and token not in dialer.log()


def test_other_languages_get_english_and_no_questions_no_link(scheduler, server, programs):
    start(scheduler, programs, server.url)
    order(scheduler, language="de", items=[])
    assert scheduler.result("F-1/1").outcome == SENT
    (mail,) = server.mails()
    assert mail["Subject"] == "A message for you"
    assert "answer.example" not in mail.as_string()


@pytest.mark.parametrize("address, outcome, tries", [
    ("gone@example.com", INVALID, 1),     # refused for ever
    ("grey@example.com", SENT, 2),        # refused once for now
    ("no address", INVALID, 0),
    ("li@example.com\r\nRCPT TO:<evil@example.com>", INVALID, 0),
])
def test_what_the_server_says_is_the_outcome(scheduler, server, programs, address, outcome, tries):
    start(scheduler, programs, server.url)
    order(scheduler, address=address)
    assert scheduler.result("F-1/1").outcome == outcome
    assert server.attempts(address.split("@")[0]) == tries
    assert len(server.mails()) == (1 if outcome == SENT else 0)


def test_without_a_server_it_fails_by_the_start_by(scheduler, programs):
    start(scheduler, programs, "smtp://127.0.0.1:1")
    order(scheduler, start_within=1)
    assert scheduler.result("F-1/1").outcome == FAILED


def test_a_dialer_that_was_stopped_sends_nothing_past_the_start_by(scheduler, server, programs):
    """It waits to send the mail again when it is stopped, and goes on too late."""
    dialer = start(scheduler, programs, server.url)
    start_by = time.time() + 8
    order(scheduler, address="late@example.com", start_within=8)
    wait_until(lambda: dialer.log().count("mail_not_sent") >= 3, what="tries in vain")
    dialer.pause()
    wait_until(lambda: time.time() > start_by + 0.5, what="the start-by")
    dialer.resume()
    assert scheduler.result("F-1/1").outcome == FAILED
    assert (server.folder / "late.tried").stat().st_mtime < start_by


def test_nothing_is_said_to_a_server_without_encryption_when_it_is_wanted(scheduler, server, programs):
    start(scheduler, programs, server.url, mail_starttls=True)
    order(scheduler, start_within=1)
    assert scheduler.result("F-1/1").outcome == FAILED
    assert server.mails() == [] and server.attempts("li") == 0


@pytest.mark.parametrize("address", ["lost@example.com", "stuck@example.com"])
def test_a_mail_that_may_have_been_sent_is_not_sent_again(scheduler, server, programs, address):
    start(scheduler, programs, server.url, mail_timeout="1s")
    order(scheduler, address=address)
    wait_until(server.mails, what="the mail")  # who asks before would bar the order
    wait_until(lambda: scheduler.question("F-1/1") == pb.DIAL_FATE_INTERRUPTED, what="that it is given up")
    assert len(server.mails()) == 1 and not scheduler.results
    path = scheduler.folder / "dialer.http"
    assert "troth_dialer_mail_unknown_total 1" in get(path, "/metrics")


def test_killed_before_the_mail_was_handed_over_it_is_never_sent(scheduler, server, programs):
    """The journal says placed, the server has not spoken yet: whether it was sent nobody can know later."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dialer = start(scheduler, programs, f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        order(scheduler)
        silent.settimeout(20)
        connection, _ = silent.accept()
        dialer.kill()
        connection.close()
    start(scheduler, programs, server.url)
    assert scheduler.question("F-1/1") == pb.DIAL_FATE_INTERRUPTED
    order(scheduler)  # the scheduler may repeat itself
    order(scheduler, key="F-2/1")
    assert scheduler.result("F-2/1").outcome == SENT
    assert [mail["Message-ID"] for mail in server.mails()] == ["<F-2.1@garage.example>"]
    assert "F-1/1" not in scheduler.results


# ---- answering


def about(item, case):
    return pb.DialItem(**{field.name: value for field, value in item.ListFields()}, service_case=case)


class Page:
    """Reporting's answer page, a customer with a case, and a follow-up about it."""

    def __init__(self, system, scheduler, server, programs, secret=SECRET):
        self.system, self.scheduler, self.server = system, scheduler, server
        system.key("reporting", ["events", "records"])
        garage = IntakeClient(system.client("intake", "garage", rights=["records"]))
        for name in ["intake", "reporting"]:
            system.service_key(name)
        system.start("intake")
        system.start("reporting", intake=system.endpoint("intake"),
                     intake_key_file=system.service_key("intake").public_path,
                     answer_secret_file=secret_file(system.folder, secret))
        receipt = garage.send_one(contact("li", kind="request", channel="phone", branch="north", case_ref="c1"))
        assert garage.send_one(case_update("resolved", case_number=receipt.case_number)).code == ""
        self.case = int(receipt.case_number.split("-")[1])
        self.follow_up = number(9, self.case & 255)
        self.key = spelled("F", self.follow_up) + "/1"
        system.psql(f"""
            INSERT INTO followup.follow_up (bucket, number, version, customer_number, case_number, case_version, rule,
                rule_version, trigger, topic, subject, occurrence, purpose, priority, channel, state, reason,
                planned_at, due_at, window_end_at, attempts, calls, is_historical, settled_at)
            SELECT bucket, {self.follow_up}, 1, customer_number, number, 1, 'r', 1, 1, 't', number, '0', 1, 3, 3, 4,
                   'sent', now(), now(), now(), 1, 1, false, now()
              FROM intake.service_case WHERE number = {self.case}""")

    def mail(self, programs, **settings):
        start(self.scheduler, programs, self.server.url, **settings)
        order(self.scheduler, key=self.key, items=[about(item, self.case) for item in [SOLVED, CSAT, NPS, *SERVQUAL]])
        assert self.scheduler.result(self.key).outcome == SENT
        return link_in(self.server.mails()[0])

    def get(self, token, method="GET"):
        return ask(self.system.http("reporting"), method, f"/answer?t={urllib.parse.quote(token)}")

    def post(self, token, **fields):
        body = urllib.parse.urlencode({"t": token, **fields})
        return ask(self.system.http("reporting"), "POST", "/answer", body, FORM)

    def answers(self):
        return self.system.psql("""
            SELECT instrument, value, follow_up_number IS NOT NULL FROM intake.survey_answer ORDER BY instrument""").split()

    def records(self):
        return int(self.system.psql("""
            SELECT count(*) FROM intake.receipt r JOIN intake.source s ON s.id = r.source_id
             WHERE s.name = 'reporting'"""))


@pytest.fixture
def page(system, scheduler, server, programs):
    return Page(system, scheduler, server, programs)


def test_a_link_shows_the_questions_and_only_a_post_answers_them_once(page, programs):
    token = page.mail(programs)
    for method in ["GET", "HEAD", "GET"]:
        status, text = page.get(token, method)
        assert status == 200
    assert "您的回答" in text and html.escape("满意吗？<b>") in text and "<b>" not in text
    assert text.count('name="q_csat"') == 5 and text.count('name="q_nps"') == 11 and text.count('name="q_solved"') == 2
    assert 'method="post"' in text and 'content="no-referrer"' in text and "<script" not in text
    assert page.records() == 0, "whoever looks has not answered"

    status, text = page.post(token, q_csat="4", q_nps="9", q_servqual_5_expectation="6", q_servqual_5_perception="3",
                             comment="很好，谢谢")
    assert status == 200 and "谢谢，您的回答已保存。" in text
    stored = page.answers()
    assert [row.split("|")[0] for row in stored] == ["1", "2", "4"]
    assert stored[:2] == ["1|4|t", "2|9|t"]

    status, text = page.post(token, q_csat="1", q_nps="0")
    assert status == 200 and "您已经回答过了" in text
    assert page.answers() == stored
    log = next(p for p in page.system.processes if p.name == "reporting").log()
    assert "很好" not in log and token not in log


def test_not_solved_opens_the_case_again(page, programs):
    token = page.mail(programs)
    status, _ = page.post(token, q_solved="0", comment="还是漏油")
    assert status == 200
    assert page.system.psql(f"SELECT state, reopened_count FROM intake.service_case WHERE number = {page.case}") == "2|1"


def test_an_answer_is_about_the_case_that_its_question_is_about(page, programs):
    """The follow-up that leads the conversation may be about another case, or none."""
    page.system.psql(f"UPDATE followup.follow_up SET case_number = NULL WHERE number = {page.follow_up}")
    token = page.mail(programs)
    assert page.post(token, q_solved="0", q_csat="2")[0] == 200
    assert page.system.psql(f"""
        SELECT c.state, c.priority, a.value, (SELECT max(p.customer_word) FROM intake.promise p
                 WHERE p.case_number = c.number AND p.kind = 'resolution')
          FROM intake.service_case c JOIN intake.survey_answer a ON a.case_number = c.number
         WHERE c.number = {page.case}""") == "2|2|2|2"


def test_what_is_not_ours_or_says_nothing_answers_nothing(page, programs):
    token = page.mail(programs)
    body, mac = token.split(".")
    changed = ("B" if body[10] != "B" else "C")
    for wrong in ["", "x", body, body + ".", f"{body}.{mac[:-2]}AA", body[:10] + changed + body[11:] + "." + mac,
                  "A" * 20000]:
        status, text = page.get(wrong) if len(wrong) < 10000 else (404, "not valid")
        assert status == 404 and "not valid" in text
        assert page.post(wrong, q_csat="4")[0] == 404
    assert page.get("")[0] == 404
    for fields in [{}, {"q_csat": "6"}, {"q_csat": "0"}, {"q_csat": "four"}, {"q_other": "1"}, {"comment": " \r\n"},
                   {"comment": "\x00"}]:
        status, text = page.post(token, **fields)
        assert status == 400 and "请至少回答一个问题" in text
    assert ask(page.system.http("reporting"), "POST", "/answer", "{}", {"Content-Type": "application/json"})[0] == 415
    assert page.records() == 0


def test_a_link_expires(page, programs):
    token = page.mail(programs, answer_for="1m")
    assert page.get(token)[0] == 200
    # Nobody can wait for it here: a link that expired is made by the same program with the same secret.
    content = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    content["u"] = 1_700_000_000
    payload = base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=")
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    mac = base64.urlsafe_b64encode(hmac.new(key, b"answer." + payload, hashlib.sha256).digest()).rstrip(b"=")
    old = (payload + b"." + mac).decode()
    for status, text in [page.get(old), page.post(old, q_csat="4")]:
        assert status == 410 and "expired" in text and "过期" in text
    assert page.records() == 0


def test_a_link_of_a_secret_that_was_replaced_still_counts(system, scheduler, server, programs):
    page = Page(system, scheduler, server, programs, secret=f"{OTHER_SECRET}\n{SECRET}\n")
    token = page.mail(programs)
    assert page.post(token, q_nps="10")[0] == 200
    assert page.answers() == ["2|10|t"]


def test_while_intake_is_away_the_customer_is_asked_to_try_again(page, programs):
    token = page.mail(programs)
    intake_process = next(p for p in page.system.processes if p.name == "intake")
    intake_process.kill()
    status, text = page.post(token, q_csat="5")
    assert status == 503 and "请一分钟后再试" in text
    page.system.start("intake")
    wait_until(lambda: page.post(token, q_csat="5")[0] == 200, what="an answer")
    assert page.answers() == ["1|5|t"]
