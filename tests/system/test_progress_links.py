# SPDX-License-Identifier: Apache-2.0
"""Links to the progress page: made, taken back, guessed, and read by machines."""

import base64
import re
import secrets
import urllib.parse

import intake_pb2 as pb
import pytest

from tests.support.intake_client import case_update, contact, customer_link, now_us, promise_given, record
from tests.support.progress_garage import DAY, HOUR, Garage, section
from tests.support.system import wait_until
from tests.support.web_user import Browser, WebUser


@pytest.fixture
def garage(system):
    return Garage(system)


def test_a_link_that_expired_was_revoked_or_is_nobodys_shows_nothing(garage):
    assert garage.ask("GET", garage.link(lasts="-1 s")).status == 410
    garage.system.psql("UPDATE reporting.progress_link SET revoked_at = now()")
    assert garage.ask("GET").status == 410 and garage.post(do="unsolved", v=0).status == 410
    for wrong in ["A" * 22, "x", garage.token + "A", garage.token[:-1] + "%00", "..", "%2e%2e%2f"]:
        answer = garage.ask("GET", wrong)
        assert answer.status in (400, 404), wrong


def test_whoever_guesses_has_to_wait_after_ten(garage):
    statuses = [garage.ask("GET", secrets.token_urlsafe(16)).status for _ in range(14)]
    assert statuses[:9] == [404] * 9 and 429 in statuses[10:]
    assert garage.ask("GET").status == 200, "who has a link is served"


def test_what_is_said_and_looked_at_by_one_link_has_a_limit(garage):
    statuses = [garage.post(do="call", v=0, at="x").status for _ in range(25)]
    assert statuses[:20] == [400] * 20 and statuses[-1] == 429
    other = garage.link()
    assert garage.ask("POST", other, urllib.parse.urlencode({"do": "call", "v": 0, "at": "x"})).status == 400
    looks = []
    while (not looks or looks[-1] != 429) and len(looks) < 2000:
        looks.append(garage.ask("HEAD").status)
    assert looks[-1] == 429 and set(looks[:250]) == {200} and garage.ask("HEAD", other).status == 200
    assert len(looks) < 400, "each look may be a row of intake's log of readings"


def test_whoever_posts_to_links_that_nobody_has_takes_nothing_from_those_that_somebody_has(garage):
    random = secrets.token_bytes(16)
    token = base64.urlsafe_b64encode(random).rstrip(b"=").decode()
    form = urllib.parse.urlencode({"do": "call", "v": 0, "at": "x"})
    assert {garage.ask("POST", token, form).status for _ in range(25)} == {404, 429}
    assert garage.link(random=random) == token
    assert garage.ask("POST", token, form).status == 400, "it is read: nothing of its budget was used"


def test_a_link_of_a_case_that_was_merged_is_taken_back_with_the_one_that_goes_on(garage):
    other = garage.send(contact("li", kind="request", channel="web", product="Tyres", case_ref="c2")).case_number
    garage.send(case_update("merged", case_number=garage.number, into_case_number=other))
    assert garage.ask("GET").status == 200
    answer = WebUser(garage.system, "mei", role="manager").delete(f"/v1/cases/{other}/link")
    assert answer.json["revoked"] == 1 and garage.ask("GET").status == 410


def test_a_link_shows_the_case_of_another_customer_only_while_both_are_one_person(garage):
    other = garage.send(contact("wang", kind="request", channel="web", product="Tyres", case_ref="c2")).case_number
    garage.send(promise_given(now_us() + DAY, words="tyres by Friday", case_number=other, promise_ref="p1"))
    garage.send(customer_link("merge", customer_ref="wang", other_ref="li"))
    garage.send(case_update("merged", case_number=garage.number, into_case_number=other))
    page = garage.page()
    assert "tyres by Friday" in page and "more than once" in page, page
    garage.send(customer_link("unmerge", customer_ref="wang", other_ref="li"))
    page = garage.page()
    assert "tyres" not in page.lower() and "This is closed" in section(page, "turn"), page

    def of_wang():
        return garage.system.psql("SELECT state, version, reopened_count, (SELECT count(*) FROM intake.promise AS p WHERE"
                                  f" p.case_number = c.number) FROM intake.service_case AS c WHERE number = {other.split('-')[1]}")

    before = of_wang()
    assert garage.say("unsolved", comment="it leaks").status == 200
    assert garage.state().split("|")[:2] == ["2", "1"], "what is said is of the customer's own case"
    slot = re.search(r'<option value="(\d+)"', garage.page()).group(1)
    assert garage.say("call", at=slot).status == 200
    assert of_wang() == before


def test_a_link_does_not_show_a_case_that_was_taken_back(garage):
    opening = contact("li", kind="request", channel="web", product="Tyres", case_ref="c2")
    other = garage.send(opening).case_number
    garage.send(case_update("merged", case_number=garage.number, into_case_number=other))
    assert "Tyres" in garage.page()
    garage.send(record(record_void=pb.RecordVoid(record_key=opening.key)))
    page = garage.page()
    assert "Tyres" not in page and garage.state().split("|")[0] == "6", page


def test_a_hundred_mail_scanners_change_nothing_and_the_token_is_in_no_log(garage):
    garage.send(promise_given(now_us() + DAY, words="by Friday", case_number=garage.number, promise_ref="p1"))
    garage.update("resolved")
    before = garage.facts()
    for i in range(100):
        assert garage.ask("HEAD" if i % 3 else "GET").status == 200
    assert garage.facts() == before
    garage.say("unsolved", comment="13800001234")
    for process in garage.system.processes:
        log = process.log()
        assert garage.token not in log and "13800001234" not in log and "李小龙" not in log
    stored = garage.system.psql("SELECT l::text FROM reporting.progress_link l")
    assert garage.token not in stored


def test_a_manager_makes_links_and_takes_all_of_them_back(garage):
    mei = WebUser(garage.system, "mei", role="manager")
    path = f"/v1/cases/{garage.number}/link"
    made = [mei.post(path, {"days": 2}), mei.post(path, {})]
    assert [answer.status for answer in made] == [200, 200], made[0].body
    for answer, days in zip(made, [2, 30], strict=True):
        assert answer.json["url"].startswith("https://care.example/progress/")
        assert abs(answer.json["expires_us"] - now_us() - days * DAY) < HOUR
        assert garage.ask("GET", answer.json["url"].rsplit("/", 1)[1]).status == 200
    assert garage.system.psql("SELECT count(*) FROM reporting.progress_link WHERE created_by = 'mei'") == "2"
    for body in [{"days": 0}, {"days": 31}, {"days": 2**40}, {"days": 5 - 2**32}, {"days": "3"}]:
        assert mei.post(path, body).status == 400
    assert mei.post("/v1/cases/C-1-1/link", {}).status == 404
    answer = mei.delete(path)
    assert answer.status == 200 and answer.json["revoked"] == 3
    assert garage.ask("GET", made[0].json["url"].rsplit("/", 1)[1]).status == 410 and garage.ask("GET").status == 410
    log = garage.reporting.log()
    assert "progress_link_made" in log and made[0].json["url"].rsplit("/", 1)[1] not in log


def test_others_than_managers_make_no_links(garage):
    path = f"/v1/cases/{garage.number}/link"
    agent = WebUser(garage.system, "an", role="agent")
    assert agent.post(path, {}).status == 403 and agent.delete(path).status == 403
    assert Browser(garage.system).post(path, {}).status in (401, 403)
    assert garage.system.psql("SELECT count(*) FROM reporting.progress_link") == "1"


@pytest.mark.parametrize("rights, status", [(["reports", "disclosure"], 0), (["reports"], 1)])
def test_the_command_line_makes_links_for_who_may_read_words(garage, rights, status):
    key = garage.system.key("desk", rights)
    config = garage.system.folder / "troth.conf"
    config.write_text(f'key_file = "{key.path}";\nreporting = "{garage.system.endpoint("reporting")}";\n'
                      f'reporting_key = "{garage.system.service_key("reporting").public_path}";\n')

    def troth(*arguments):
        return garage.system.run("troth", "case", "link", garage.number, *arguments, "--config", config)

    done = wait_until(lambda: (lambda d: d if d.returncode == status else None)(troth("--days", "3")), what="an answer")
    if status == 0:
        token = re.search(r"https://care.example/progress/(\S+)", done.stdout).group(1)
        assert garage.ask("GET", token).status == 200
        assert "links taken back  2" in troth("--revoke").stdout
        assert garage.ask("GET", token).status == 410
    else:
        assert "disclosure" in done.stderr + done.stdout
    assert garage.system.psql("SELECT count(*) FROM reporting.progress_link") == str(2 if status == 0 else 1)
