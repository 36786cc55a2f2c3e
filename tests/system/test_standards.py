# SPDX-License-Identifier: Apache-2.0
"""The standard from its files to what was promised: taken anew at SIGHUP, stored with all that it includes,
and explained by `troth standards`."""

import json
import re
import shutil
import subprocess
import unicodedata

import pytest

from tests.support.intake_client import ACCEPTED, IntakeClient, contact
from tests.support.system import ROOT, config_text, wait_until

CONFIG = ROOT / "deploy/config"
UNKNOWN_CASE = "C-572-4"


def columns(line):
    """What a line takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line)


class Shop:
    """An intake whose standard may be edited, and the command line of its operator."""

    def __init__(self, system, programs):
        self.system, self.programs = system, programs
        self.folder = system.folder / "etc"
        self.folder.mkdir()
        for name in ["standards.conf", "calendars.conf", "days-china.conf"]:
            shutil.copy(CONFIG / name, self.folder)
        self.standard = self.folder / "standards.conf"
        self.config = system.folder / "troth.conf"
        self.config.write_text(config_text({"database": system.conninfo("troth_operator")}))
        system.key("garage", ["records"])
        self.intake = system.start("intake", standard=self.standard)
        self.sender = IntakeClient(system.client("intake", "garage"))

    def edit(self, name, old, new):
        path = self.folder / name
        text = path.read_text()
        assert text.count(old) == 1, (old, text.count(old))
        path.write_text(text.replace(old, new))

    def take_anew(self, event, count):
        self.intake.reload()
        wait_until(lambda: self.intake.log().count(f"event={event} ") == count)

    def send(self, one):
        receipt = self.sender.send_one(one)
        assert receipt.status == ACCEPTED, receipt
        return receipt

    def troth(self, *arguments, status=0):
        done = subprocess.run([self.programs / "troth", "standards", *arguments, "--config", self.config],
                              text=True, capture_output=True, timeout=60, check=False,
                              env={"PATH": "/usr/bin:/bin"})
        assert done.returncode == status, (arguments, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def json(self, *arguments):
        return json.loads(self.troth(*arguments, "--json"))


@pytest.fixture
def shop(system, programs):
    return Shop(system, programs)


def versions(shop):
    return shop.system.psql("SELECT count(*) FROM intake.standard_version")


def test_a_changed_standard_is_taken_at_sighup_and_open_cases_keep_theirs(shop):
    before = shop.send(contact("li", kind="complaint", branch="north"))
    assert (before.rule, len(before.promises)) == ("complaint", 3)

    # In an included file: it is another version, though the first file is the same.
    shop.edit("calendars.conf", 'sat = "09:00-15:00";\n        };\n        days = "china";',
              'sat = "09:00-17:00";\n        };\n        days = "china";')
    shop.take_anew("standard_in_force", 2)
    assert versions(shop) == "2"

    shop.edit("standards.conf", 'name = "complaint";', 'name = "complaint_anew";')
    shop.take_anew("standard_in_force", 3)
    after = shop.send(contact("wang", kind="complaint", branch="north"))
    assert after.rule == "complaint_anew"
    assert shop.system.psql("SELECT rule, standard_id FROM intake.service_case ORDER BY opened_at, rule").split() == [
        "complaint|1", "complaint_anew|3"]

    listed = shop.json("list")
    assert [(one["id"], one["cases"], one["promises"]) for one in listed] == [(1, 1, 3), (2, 0, 0), (3, 1, 3)]
    assert all(one["tzdata"][:2] == "20" for one in listed)
    assert listed[0]["hash"] in shop.troth("list")

    # What is in force already is not stored again.
    shop.intake.reload()
    shop.send(contact("zhao", kind="praise"))
    assert versions(shop) == "3"
    assert shop.intake.log().count("event=standard_in_force ") == 3


def test_a_file_with_a_mistake_changes_nothing_and_the_one_before_may_come_back(shop):
    good = shop.standard.read_text()
    shop.standard.write_text(good + "mistake = 1;\n")
    shop.take_anew("standard_refused", 1)
    assert "standards.conf:" in shop.intake.log()
    assert shop.send(contact("li", kind="complaint")).rule == "complaint"
    (shop.folder / "days-china.conf").unlink()
    shop.standard.write_text(good)
    shop.take_anew("standard_refused", 2)
    assert versions(shop) == "1"

    shutil.copy(CONFIG / "days-china.conf", shop.folder)
    shop.edit("standards.conf", 'name = "complaint";', 'name = "other";')
    shop.take_anew("standard_in_force", 2)
    shop.standard.write_text(good)
    shop.take_anew("standard_in_force", 3)
    assert versions(shop) == "2"
    case = shop.send(contact("wang", kind="complaint")).case_number
    assert shop.json("explain", case)["rule"] == "complaint"


def test_a_standard_is_stored_when_the_database_is_back(shop):
    shop.edit("standards.conf", 'name = "complaint";', 'name = "complaint_anew";')
    shop.system.forbid_connections()
    shop.intake.reload()
    wait_until(lambda: "event=settings_reloaded " in shop.intake.log())
    shop.system.allow_connections()
    wait_until(lambda: shop.intake.log().count("event=standard_in_force ") == 2)
    assert shop.send(contact("li", kind="complaint")).rule == "complaint_anew"


def test_explain_says_which_rule_and_why_not_those_before(shop):
    words = shop.send(contact("li", kind="enquiry", body="高速上刹车失灵了", branch="harbour")).case_number
    plain = shop.send(contact("wang", kind="complaint", category="noise", branch="harbour", channel="phone")).case_number
    shop.edit("standards.conf", 'name = "complaint";', 'name = "complaint_anew";')
    shop.take_anew("standard_in_force", 2)

    got = shop.json("explain", words)
    assert [(one["rule"], one["because"]) for one in got["rules"]] == [
        ("complaint_safety", "kind is enquiry, not complaint"), ("safety_by_words", "matches")]
    got = shop.json("explain", plain)
    assert (got["rule"], got["note"]) == ("complaint", None)
    assert [one["because"] for one in got["rules"]] == [
        "category is noise, not safety",
        "its words were not found when the case was opened",
        "kind is complaint, not request",
        "channel is phone, not counter",
        "the customer was not known as gold when the case was opened",
        "matches",
    ]
    assert [(one["kind"], one["calendar"]) for one in got["promised"]] == [
        ("first_response", "harbour"), ("next_update", "harbour"), ("resolution", "harbour")]
    # Nothing has paused: what is promised is what was stored.
    assert [one["due_us"] for one in got["promised"]] == [one["due_us"] for one in got["promises"]]
    assert {one["state"] for one in got["promises"]} == {"open"}
    assert "channel is phone, not counter" in shop.troth("explain", plain)
    assert "case_unknown" in shop.troth("explain", UNKNOWN_CASE, status=1)
    shop.troth("explain", "hello", status=2)


def test_a_record_that_was_never_sent_is_explained_too(shop, tmp_path):
    record = tmp_path / "contact.json"
    record.write_text(json.dumps({"key": "k", "contact": {
        "customer_ref": "li", "kind": "CONTACT_KIND_REQUEST", "channel": "web", "body": "The car broke down."}}))
    got = shop.json("explain", "--record", record, "--standard", shop.standard)
    assert got["rule"] == "request_breakdown"
    assert got["note"].startswith("The category was found by the words")
    got = shop.json("explain", "--record", record, "--standard", "1")
    assert got["rule"] == "request_breakdown"
    record.write_text(json.dumps({"contact": {"kind": "CONTACT_KIND_COMPLAINT"}}))
    assert shop.json("explain", "--record", record, "--standard", "1", "--tier", "gold")["rule"] == "complaint_gold"
    record.write_text(json.dumps({"purchase": {"customer_ref": "li"}}))
    shop.troth("explain", "--record", record, "--standard", "1", status=2)


def test_what_is_never_due_and_what_is_not_known_are_said_so(shop, tmp_path):
    record = tmp_path / "contact.json"
    record.write_text(json.dumps({"occurred_us": 1767254400000000, "contact": {"kind": "CONTACT_KIND_UNSPECIFIED"}}))
    standard = tmp_path / "rare.conf"
    standard.write_text("""
        calendars = ( { name = "rare"; zone = "UTC"; week = { mon = "09:00-10:00"; }; } );
        rules = ( { name = "complaint"; kind = "complaint"; priority = 1; owner_team = "care"; },
                  { name = "rest"; priority = 3; owner_team = "care"; promises = (
                      { kind = "resolution"; target = "3650d"; calendar = "rare"; },
                      { kind = "callback"; target = "1d"; calendar = "rare"; } ); } );""")
    got = shop.json("explain", "--record", record, "--standard", standard)
    assert [one["because"] for one in got["rules"]] == ["kind is not known, not complaint", "matches"]
    # The 24th Monday after Thursday, 1 January 2026.
    assert [one["due_us"] for one in got["promised"]] == [None, 1781517600000000]
    text = shop.troth("explain", "--record", record, "--standard", standard)
    assert re.search(r"^resolution +87600h +rare +never: ", text, re.M)
    assert re.search(r"^callback +24h +rare +2026-06-15 10:00Z$", text, re.M)


def test_versions_are_compared_by_file_id_and_hash(shop):
    one = shop.json("list")[0]["hash"]
    assert shop.json("diff", "1", shop.standard) == []
    assert "Nothing changes" in shop.troth("diff", one[:6], "1")
    shop.edit("standards.conf", '{ kind = "first_response"; target = "4h"; calendar = "branch"; }',
              '{ kind = "first_response"; target = "2h"; calendar = "branch"; }')
    assert shop.json("diff", one, shop.standard) == [
        {"part": "rule", "name": "complaint",
         "change": "first response: 2h of the branch's hours instead of 4h of the branch's hours"}]
    assert "is neither a file nor a version" in shop.troth("diff", "7", "1", status=2)
    assert "is neither a file nor a version" in shop.troth("diff", "00000000", "1", status=2)
    assert "is no file" in shop.troth("diff", "nowhere.conf", "1", status=2)


def test_check_reads_shows_and_warns(shop):
    got = shop.json("check", shop.standard)
    assert [one["name"] for one in got["rules"]][0] == "complaint_safety"
    assert got["calendars"] == ["garage", "harbour", "roadside"]
    text = shop.troth("check", shop.standard)
    assert "check: the standard is right" in text
    assert re.search(r"^complaint +2 +customer_care +4h \(branch\) +16h \(branch\) +24h \(branch\) +-$", text, re.M)
    assert re.search(r"^complaint_safety +1 +service_manager +1h +4h +1d +-$", text, re.M)
    assert re.search(r"^harbour +Asia/Shanghai +harbour$", text, re.M)
    assert max(columns(line) for line in text.splitlines() if not line.startswith("warning")) <= 110
    shop.edit("standards.conf", '{ kind = "resolution"; target = "24h"; calendar = "branch"; }',
              '{ kind = "resolution"; target = "3d"; calendar = "branch"; }')
    warnings = shop.json("check", shop.standard)["warnings"]
    assert "rule complaint: resolution of 3d is 72h of working time, not days of it: write hours" in warnings
    shop.edit("calendars.conf", 'zone = "Asia/Shanghai";\n        branches = "*";',
              'zone = "Asia/Shangha";\n        branches = "*";')
    text = shop.troth("check", shop.standard, status=2)
    assert "etc/calendars.conf:" in text and "Asia/Shangha" in text
    shop.troth("check", "nowhere.conf", status=2)
    shop.troth("check", status=2)
