# SPDX-License-Identifier: Apache-2.0
"""Days on which a count stands out, through the figures and the service."""

import csv
import datetime

import figure_sheet_pb2 as sheets
import pytest

from tests.support.web_login import BEHIND_PROXY, MANAGER, VIEWER, Dashboard

CASES, COMPLAINTS = 1, 2
ALL, CATEGORY = 0, 5
NARROW, WIDE = 1, 2
FIRST = datetime.date(2019, 1, 1)


def put(system, counts, category, measure=CASES):
    """Daily counts of a category as the fold would write them, in a lane of its own; the first day is there, whatever
    its count."""
    rows, lane = [], {"flood": 1, "rise": 2, "quiet": 3}.get(category, 4)
    for number, count in enumerate(counts):
        day = FIRST + datetime.timedelta(days=number)
        sheet = sheets.FigureSheet(measures=[sheets.MeasureSum(measure=measure, count=count, sum=0)])
        for part, dimension, value in ((NARROW, ALL, ""), (WIDE, CATEGORY, category)):
            row = sheets.FigureRow(cells=[sheets.FigureCell(dimension=dimension, value=value, figures=sheet)])
            if count > 0 or number == 0:
                rows.append(f"({lane}, 1, {part}, '', '{day}', '\\x{row.SerializeToString().hex()}')")
    system.psql("INSERT INTO reporting.daily_fact (lane, sheet, part, branch, day, figures) VALUES " + ",".join(rows))


def warn(system, days):
    settings = system.write_settings("reporting", "job")
    last = FIRST + datetime.timedelta(days=days - 1)
    done = system.run("troth-reporting", "--config", settings, "--job", "warn",
                      "--set", f"job_from={FIRST}", "--set", f"job_to={last}")
    assert done.returncode == 0, done.stderr


def days_of(system, detector, value):
    rows = system.psql(f"SELECT day FROM reporting.early_warning WHERE detector = '{detector}' AND value = '{value}'"
                       " ORDER BY day").split()
    return [(datetime.date.fromisoformat(day) - FIRST).days for day in rows]


@pytest.mark.parametrize("file", ["gov_lifaxincheng_ears.csv", "salmonella_agona_ears.csv"])
def test_the_alarms_are_those_that_were_published(system, reference_data, file):
    """R package surveillance, earsC with minSigma = 1; its series of weeks counts as one of days here."""
    path = reference_data / "ears_golden" / file
    with open(path, encoding="utf-8") as text:
        golden = list(csv.DictReader(text))
    put(system, [int(row["y"]) for row in golden], "noise")
    warn(system, len(golden))
    for detector in ("C1", "C2", "C3"):
        published = [i for i, row in enumerate(golden) if row[f"{detector}s1_alarm"] in ("1", "TRUE")]
        assert days_of(system, detector, "noise") == published, detector
    assert days_of(system, "C1", "noise")


def test_a_flood_and_a_slow_rise_are_found_and_quiet_days_are_not(system):
    quiet = [2, 3, 1, 2, 2, 3, 2, 1] * 8
    put(system, [*quiet, 15], "flood")
    put(system, [*quiet[:56], 4, 4, 4, 4, 4, 4, 4, 4, 4], "rise", COMPLAINTS)
    put(system, [*quiet, 2], "quiet")
    warn(system, 65)
    assert days_of(system, "C1", "flood") == days_of(system, "C2", "flood") == [64]
    assert days_of(system, "CUSUM", "rise")
    assert system.psql("SELECT count(*) FROM reporting.early_warning WHERE value = 'quiet'") == "0"
    baseline = system.psql("SELECT count, round(mean::numeric, 2), deviation FROM reporting.early_warning"
                           " WHERE value = 'flood' AND detector = 'C1'")
    assert baseline == "15|2.00|1"


def test_who_knows_of_a_warning_says_so_once(system):
    put(system, [2, 3, 1, 2, 2, 3, 2, 1] * 8 + [15], "flood")
    warn(system, 65)
    system.start("reporting", **BEHIND_PROXY)
    li, eve = Dashboard(system, "li", MANAGER), Dashboard(system, "eve", VIEWER)
    day = (FIRST + datetime.timedelta(days=64)).isoformat()
    table = li.read(f"/v1/reports/warnings?from={day}&to={day}")
    assert [(row["label"], row["cells"][8]["text"]) for row in table["rows"] if row["label"] == "flood"] == [("flood", "yes")]
    named = {"day": day, "dimension": "category", "value": "flood", "measure": "cases"}
    assert eve.post("/v1/warnings/seen", named)[0] == 403
    assert li.do("/v1/warnings/seen", named) == {}
    seen = "SELECT count(*), count(seen_at), min(seen_by) = max(seen_by) FROM reporting.early_warning WHERE value = 'flood'"
    first = system.psql(seen)
    assert first.split("|")[0] == first.split("|")[1] and first.endswith("|t")
    before = system.psql("SELECT min(seen_at) FROM reporting.early_warning")
    assert li.do("/v1/warnings/seen", named) == {}
    assert system.psql("SELECT min(seen_at) FROM reporting.early_warning") == before
    assert li.post("/v1/warnings/seen", {**named, "value": "other"})[0] == 404
    assert li.post("/v1/warnings/seen", {**named, "day": "2019-02-30"})[0] == 400
    warn(system, 65)  # once more: what is seen stays seen
    assert system.psql(seen) == first


def asked(system):
    """About what a person is asked: (day, value, measure)."""
    rows = system.psql("SELECT DISTINCT day, value, measure FROM reporting.early_warning WHERE is_for_person ORDER BY 1, 2").split()
    return [((datetime.date.fromisoformat(day) - FIRST).days, value, int(measure))
            for day, value, measure in (row.split("|") for row in rows)]


def test_a_person_is_asked_once_about_a_run_of_days_and_about_complaints_before_cases(system):
    quiet = [2, 3, 1, 2, 2, 3, 2, 1] * 5
    flood = [*quiet, 15, 14, 16, 2, 2, 2, 2, 2, 2, 2, 2, 2, 18]
    put(system, flood, "flood", COMPLAINTS)
    put(system, flood, "rise", CASES)
    system.psql("UPDATE reporting.daily_fact SET lane = 5 WHERE lane = 1")
    put(system, flood, "flood", CASES)
    system.psql("DELETE FROM reporting.daily_fact WHERE part = 1 AND lane <> 3")
    put(system, [2] * len(flood), "quiet")
    warn(system, len(flood))
    assert asked(system) == [(40, "flood", COMPLAINTS), (40, "rise", CASES), (52, "flood", COMPLAINTS), (52, "rise", CASES)]
    assert int(system.psql("SELECT count(DISTINCT day) FROM reporting.early_warning WHERE value = 'flood'")) > 2


def test_what_rises_everywhere_is_one_warning_about_everything(system):
    quiet = [2, 3, 1, 2, 2, 3, 2, 1] * 5
    for category in ("flood", "rise", "quiet", "noise"):
        put(system, [*quiet, 12], category)
    warn(system, 41)
    assert asked(system) == [(40, "", CASES)]
