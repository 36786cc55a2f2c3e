# SPDX-License-Identifier: Apache-2.0
"""A garage whose customer has a case, and what that customer sees of it on the progress page.

    garage = Garage(system)                  # starts intake and reporting, sends one complaint
    assert "our turn" in section(garage.page(), "turn")
    garage.say("unsolved", comment="it leaks")
"""

import base64
import hashlib
import re
import secrets
import urllib.parse

from tests.support.http_door import Answer, UnixConnection
from tests.support.intake_client import IntakeClient, case_update, contact, profile
from tests.support.system import ROOT, wait_until

FORM = "application/x-www-form-urlencoded"
HOUR, DAY = 3600 * 10**6, 86400 * 10**6
EVIL = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>'


class Garage:
    """A customer with a case, and what the customer sees of it."""

    def __init__(self, system, language="en", zone="Asia/Shanghai", **settings):
        self.system = system
        system.key("reporting", ["events", "records", "disclosure"], disclosure_kinds=["case_texts"])
        self.source = IntakeClient(system.client("intake", "garage", rights=["records"]))
        for name in ["intake", "followup", "reporting"]:
            system.service_key(name)
        system.start("intake", **settings)
        self.store_questionnaire()
        self.reporting = system.start("reporting", progress_url="https://care.example/progress")
        self.send(profile("li", name="李小龙", phone="+8613800001234", email="li@example.com", language=language,
                          time_zone=zone))
        self.number = self.send(contact("li", kind="complaint", channel="phone", branch="north", category="safety",
                                        product="Model S 2.0", subject=EVIL, body="call 13800001234",
                                        case_ref="c1")).case_number
        self.token = self.link()
        about = "安全问题" if language.startswith("zh") else "the safety of your car"
        wait_until(lambda: about in self.page(), what="the questionnaire")

    def store_questionnaire(self):
        text = (ROOT / "deploy/config/questionnaire.conf").read_text()
        included = (ROOT / "deploy/config/servqual.conf").read_text()
        text = re.sub(r'(?m)^@include "servqual.conf"$', lambda _: included, text)
        self.system.psql("INSERT INTO followup.questionnaire_version (hash, body, first_used_at) VALUES"
                         f" ('{hashlib.md5(text.encode()).hexdigest()}', $body${text}$body$, now())")

    def send(self, one):
        receipt = self.source.send_one(one)
        assert receipt.code == "", receipt
        return receipt

    def update(self, action, **fields):
        return self.send(case_update(action, case_number=self.number, **fields))

    @property
    def case(self):
        return int(self.number.split("-")[1])

    def link(self, number=None, lasts="30 days", random=None):
        """A link as reporting makes them."""
        random = random or secrets.token_bytes(16)
        digest = hashlib.sha256(random).digest()
        case = int((number or self.number).split("-")[1])
        self.system.psql("INSERT INTO reporting.progress_link (bucket, token_hash, case_number, created_at, created_by,"
                         f" expires_at) VALUES ({digest[0]}, '\\x{digest.hex()}', {case}, now(), 'test',"
                         f" now() + interval '{lasts}')")
        return base64.urlsafe_b64encode(random).rstrip(b"=").decode()

    def ask(self, method, token=None, body=None):
        connection = UnixConnection(self.system.http("reporting"), 20)
        headers = {} if body is None else {"Content-Type": FORM}
        path = "/progress/" + (self.token if token is None else token)
        connection.request(method, path, body=body, headers=headers)
        answer = Answer(connection.getresponse())
        connection.close()
        answer.text = answer.body.decode()
        return answer

    def page(self, token=None):
        answer = self.ask("GET", token)
        assert answer.status == 200, answer.text
        return answer.text

    def post(self, token=None, **fields):
        return self.ask("POST", token, urllib.parse.urlencode(fields))

    def say(self, deed, **fields):
        """Presses the button of a form as it is on the page now."""
        form = re.search(rf'name="do" value="{deed}">\s*<input type="hidden" name="v" value="(\d+)"', self.page())
        assert form, f"no form to {deed}"
        return self.post(do=deed, v=form.group(1), **fields)

    def facts(self):
        """All that intake knows, and the links: what a GET must not change."""
        return self.system.psql("""
            SELECT (SELECT count(*) FROM intake.receipt), (SELECT sum(version) FROM intake.service_case),
                   (SELECT sum(version) FROM intake.promise), (SELECT count(*) FROM intake.expectation),
                   (SELECT count(*) FROM intake.survey_answer), (SELECT count(*) FROM intake.contact_text),
                   (SELECT sum(seq) FROM log.head WHERE stream LIKE 'intake%'),
                   (SELECT md5(string_agg(l::text, '' ORDER BY token_hash)) FROM reporting.progress_link l)""")

    def state(self):
        return self.system.psql(f"SELECT state, reopened_count, priority FROM intake.service_case WHERE number = {self.case}")


def section(page, name):
    found = re.search(rf'<section[^>]*aria-labelledby="{name}">(.*?)</section>', page, re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.group(1))).replace(" ,", ",").strip() if found else ""
