# SPDX-License-Identifier: Apache-2.0
"""The weekly report: files, mails, and by HTTP."""

import csv
import datetime
import hashlib
import io
import zoneinfo

import pytest

from tests.support.mail_server import MailServer
from tests.support.system import wait_until
from tests.support.web_user import WebUser

ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")


def last_monday():
    """Of the newest week that has ended."""
    today = datetime.datetime.now(ZONE).date()
    return today - datetime.timedelta(days=today.weekday() + 7)


@pytest.fixture
def mails(tmp_path):
    with MailServer(tmp_path) as server:
        yield server


def start(system, folder, mails, to, **more):
    folder.mkdir(exist_ok=True)
    return system.start("reporting", weekly_folder=folder, weekly_languages="en zh-Hans", weekly_after="0s",
                        weekly_to=to, mail_server=mails.url, mail_starttls=False, mail_from="troth@garage.example",
                        dashboard_url="https://troth.garage.example/", **more)


def is_settled(system, count):
    return system.psql("SELECT cardinality(settled) FROM reporting.weekly_report") == str(count)


def test_the_report_of_the_week_that_ended_is_written_in_both_languages_and_mailed_once(system, tmp_path, mails):
    folder, monday = tmp_path / "weekly", last_monday()
    process = start(system, folder, mails, "grey@garage.example boss@garage.example gone@garage.example")
    wait_until(lambda: len(mails.mails()) == 1 and is_settled(system, 2), what="the mail")
    english = (folder / f"troth-{monday}.en.html").read_text(encoding="utf-8")
    chinese = (folder / f"troth-{monday}.zh-Hans.html").read_text(encoding="utf-8")
    assert f"Weekly report {monday}" in english and f"服务周报 {monday}" in chinese
    assert "<script" not in english and "src=" not in english
    rows = list(csv.reader(io.StringIO(
        (folder / f"troth-{monday}.en.timeliness-day.csv").read_text(encoding="utf-8-sig"))))
    assert [row[0] for row in rows[1:8]] == [str(monday + datetime.timedelta(days=day)) for day in range(7)]
    assert not list(folder.glob("*.new"))
    mail = mails.mails()[0]
    assert (mail["To"], mail["From"]) == ("boss@garage.example", "troth@garage.example")
    assert mail["Subject"].startswith(f"Weekly report {monday}")
    assert mail.get_body(("html",)).get_content().strip() == english.strip()
    assert "https://troth.garage.example/" in mail.get_body(("plain",)).get_content()
    # Who is told "later" is tried again, by another process too; the others have had their mail.
    process.terminate()
    start(system, folder, mails, "grey@garage.example boss@garage.example gone@garage.example")
    wait_until(lambda: is_settled(system, 3), what="the mail that was put off")
    assert [mail["To"] for mail in mails.mails()] == ["boss@garage.example", "grey@garage.example"]
    assert mails.attempts("gone") == 1 and mails.attempts("grey") == 2
    assert "@garage.example" not in process.log()


def test_who_was_mailed_by_another_process_meanwhile_is_not_mailed_again(system, tmp_path, mails):
    start(system, tmp_path / "weekly", mails, "boss@garage.example grey@garage.example late@garage.example", weekly_retry="4s")
    wait_until(lambda: is_settled(system, 1) and mails.attempts("late") == 1, what="the first round")
    key = hashlib.blake2b(b"grey@garage.example", digest_size=16).hexdigest()
    system.psql(f"UPDATE reporting.weekly_report SET settled = settled || '{key}'::text")
    looked_at = mails.attempts("late")
    wait_until(lambda: mails.attempts("late") > looked_at + 1, what="another round")
    assert [mail["To"] for mail in mails.mails()] == ["boss@garage.example"] and mails.attempts("grey") == 1


def test_a_folder_that_is_not_there_is_said(system, tmp_path, mails):
    process = system.start("reporting", weekly_folder=tmp_path / "nowhere", weekly_after="0s")
    wait_until(lambda: "weekly_report_failed" in process.log() and "nowhere" in process.log(), what="the log")
    assert system.psql("SELECT count(*) FROM reporting.weekly_report") == "0"


@pytest.mark.parametrize("settings, words", [
    ({"weekly_languages": "fr"}, "weekly_languages"),
    ({"weekly_to": "nobody"}, "weekly_to"),
    ({"weekly_to": "boss@garage.example", "mail_server": "http://mail"}, "mail_server"),
])
def test_wrong_settings_end_the_start_and_are_named(system, settings, words):
    with pytest.raises(Exception, match=words):
        system.start("reporting", **settings)


def test_whoever_may_see_figures_can_have_the_report_of_any_week(system):
    system.start("reporting")
    user = WebUser(system, "li.wei", role="viewer")
    answer = user.get("/v1/weekly?week=2026-03-04&language=zh-Hans")
    assert answer.status == 200 and "服务周报 2026-03-02 至 2026-03-08" in answer.body.decode()
    assert 'filename="troth-2026-03-02.zh-Hans.html"' in answer.headers["Content-Disposition"]
    assert user.get("/v1/weekly").status == 200
    wrong = user.get("/v1/weekly?week=march")
    assert (wrong.status, wrong.json["code"]) == (400, "request_invalid")
