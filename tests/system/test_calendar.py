# SPDX-License-Identifier: Apache-2.0
"""troth calendar: what a calendar means, and the next year's holidays."""

import json
import shutil
import subprocess

import pytest

from tests.support.system import ROOT

CONFIG = ROOT / "deploy/config"


@pytest.fixture
def troth(programs):
    def run(*arguments, status=0):
        done = subprocess.run([programs / "troth", "calendar", *map(str, arguments)], text=True,
                              capture_output=True, timeout=60, check=False, env={"PATH": "/usr/bin:/bin"})
        assert done.returncode == status, (arguments, done.stdout, done.stderr)
        return done.stdout if status == 0 else done.stderr

    return run


def words(table):
    return " ".join(table.split())


def days(shown, name):
    (calendar,) = [c for c in shown["calendars"] if c["name"] == name]
    return {day["date"]: day for day in calendar["days"]}


def test_a_month_says_which_days_work_when_and_why(troth):
    shown = json.loads(troth("show", CONFIG / "calendars.conf", "--month", "2026-02", "--json"))
    garage = days(shown, "garage")
    assert len(garage) == 28
    assert garage["2026-02-13"] == {"date": "2026-02-13", "weekday": "fri",
                                    "hours": "08:00-12:00 13:00-18:00", "worked_minutes": 540}
    assert (garage["2026-02-17"]["hours"], garage["2026-02-17"]["why"]) == ("", "春节")
    assert "国办发明电〔2025〕7号" in garage["2026-02-17"]["notice"]
    assert garage["2026-02-28"]["worked_minutes"] == 540  # a make-up Saturday has a Monday's hours
    assert days(shown, "harbour")["2026-02-20"]["hours"] == "09:00-12:00"  # its own list wins
    assert days(shown, "roadside")["2026-02-17"]["hours"] == "00:00-24:00"


def test_people_get_tables_of_the_calendars_of_a_month_and_of_a_year(troth):
    listed = troth("show", CONFIG / "standards.conf")
    assert "garage Asia/Shanghai all others" in words(listed)
    assert "time zones of release 20" in listed
    month = troth("show", CONFIG / "calendars.conf", "--calendar", "harbour", "--month", "2026-02")
    assert "2026-02-14 sat 08:00-12:00 4 h 春节前半天 (working day)" in words(month)
    year = troth("show", CONFIG / "calendars.conf", "--calendar", "garage", "--year", "2026")
    assert "2026-02 17 150 h" in words(year)
    assert "2026-10-07 wed - - 国庆节" in words(year)
    assert "2026-10-08" not in year  # an ordinary day


def test_wrong_questions_are_refused(troth):
    file = CONFIG / "calendars.conf"
    for arguments in (["show"], ["import", file], ["show", file, "--month", "2026-13"],
                      ["show", file, "--year", "1989"], ["show", file, "--year", "2026", "--month", "2026-01"]):
        troth(*arguments, status=2)
    assert 'no calendar "moon"' in troth("show", file, "--calendar", "moon", status=2)


def test_mistakes_are_named_in_the_file_that_has_them(troth, tmp_path):
    (tmp_path / "days.conf").write_text('# one\ndays_x = ( { notice = "n"; days = ( { off = "1"; } ); } );\n')
    (tmp_path / "all.conf").write_text('# one\n# two\n@include "days.conf"\n')
    assert "days.conf:2: needs a name" in troth("show", tmp_path / "all.conf", status=2)


def test_the_next_year_is_added_once_and_never_changed(troth, tmp_path):
    for name in ("calendars.conf", "days-china.conf"):
        shutil.copy(CONFIG / name, tmp_path)
    new = {"year": 2027, "papers": ["https://example.org/2027"],
           "days": [{"name": "元旦", "date": "2026-12-31", "isOffDay": True},
                    {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
                    {"name": "元旦", "date": "2027-01-03", "isOffDay": False}]}
    source, target = tmp_path / "2027.json", tmp_path / "days-china.conf"
    source.write_text(json.dumps(new))
    before = target.read_text()
    assert "2027 added, 2 days off and 1 make-up" in troth("import", source, "--into", target)
    added = target.read_text()
    assert all(line in added for line in before.splitlines())
    again = json.loads(troth("import", source, "--into", target, "--json"))
    assert again["is_added"] is False
    shown = json.loads(troth("show", tmp_path / "calendars.conf", "--calendar", "garage", "--year", "2027", "--json"))
    assert days(shown, "garage")["2027-01-03"]["worked_minutes"] == 540
    new["days"][2]["isOffDay"] = True
    source.write_text(json.dumps(new))
    assert "2027-01-03 is work there" in troth("import", source, "--into", target, status=1)
    assert target.read_text() == added
