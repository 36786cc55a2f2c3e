# SPDX-License-Identifier: Apache-2.0
"""Reports by name: over ZeroMQ and HTTP, in both languages, as JSON and CSV, and what is refused."""

import csv
import io
import math
import urllib.parse

import pytest
import report_pb2 as report

from tests.support import figure_rows as figures
from tests.support.event_feed import number, spelled
from tests.support.http_door import Answer, UnixConnection, give_token
from tests.support.system import ROOT, USUAL_SECONDS, config_text

FROM, TO = "2026-09-15", "2026-11-10"
MINUTE_US = 60_000_000


def days(first, last):
    """Days of September to November 2026."""
    every = [f"2026-{month:02}-{day:02}" for month, count in ((9, 30), (10, 31), (11, 30))
             for day in range(1, count + 1)]
    return [day for day in every if first <= day <= last]


def fill(system):
    """Figures of September to November: north has two cases a day, south one."""
    rows = figures.FigureRows()
    for i, day in enumerate(days("2026-09-01", "2026-11-20")):
        for branch, cases, lane in (("north", 2, i % 8), ("south", 1, 3)):
            common = {"lane": lane, "branch": branch, "channel": "phone" if i % 2 else "web",
                      "category": "brakes" if i % 3 else "=1+1", "team": f"team-{branch}"}
            rows.add(day, figures.CASES, cases, **common)
            rows.add(day, figures.COMPLAINTS, 1, **common)
            rows.add(day, figures.BACKLOG, 1 if i % 4 else -1, **common)
            rows.add(day, figures.FIRST_RESPONSE, values=[(i + 1) * MINUTE_US] * cases, **common)
            rows.add(day, figures.FIRST_RESPONSE_IN_TARGET, cases, total=1, **common)
            rows.add(day, figures.RESOLUTION, values=[(i + 2) * MINUTE_US], **common)
            rows.add(day, figures.SOLVED_QUIETLY, 1, **common)
            rows.add(day, figures.PROMISES_MADE, 2, promise_kind="first_response", **common)
            rows.add(day, figures.PROMISES_KEPT, 1, promise_kind="first_response", **common)
            rows.add(day, figures.PROMISES_BROKEN, 1, promise_kind="first_response", cause="untold", **common)
            rows.add(day, figures.CSAT, 2, total=9, answer="4", **common)
            rows.add(day, figures.CSAT_SQUARES, 2, total=41, **common)
            rows.add(day, figures.CSAT_SATISFIED, 2, **common)
            rows.add(day, figures.PROMOTERS, 2, answer="9", **common)
            rows.add(day, figures.PASSIVES, 1, answer="7", **common)
            rows.add(day, figures.DETRACTORS, 1, answer="3", **common)
            rows.add(day, figures.PURCHASES, 20, lane=lane, branch=branch, product="oil")
            rows.add(day, figures.REVENUE, 20, total=5000, lane=lane, branch=branch, currency="CNY")
        for d, (grade, wish) in {"reliability": (4, 7), "empathy": (6, 5)}.items():
            rows.add(day, figures.PERCEPTION, 1, total=grade, branch="north", servqual=d, answer=f"{d}/{grade}")
            rows.add(day, figures.EXPECTATION, 1, total=wish, branch="north", servqual=d)
            rows.add(day, figures.GAP, 1, total=grade - wish, branch="north", servqual=d)
            rows.add(day, figures.GAP_SQUARES, 1, total=(grade - wish) ** 2, branch="north", servqual=d)
        rows.add(day, figures.FORECASTS, 4, total=3, chance="0.7")
        rows.add(day, figures.FORECAST_CHANCE, 4, total=2_900_000, chance="0.7")
    rows.write(system)


class Reader:
    """Asks the same over both ways."""

    def __init__(self, system):
        self.system = system
        system.key("reader", rights=["reports"])
        self.token = give_token(system, "reader")
        fill(system)
        self.process = system.start("reporting", factors="product: brakes; price: bill", servqual_weights="0 75 0 0 25",
                                    return_window="14d")
        self.client = system.client("reporting", "reader")

    def ask(self, language=None, **body):
        request = report.ReportRequest(request_id="r-1", language=language, **body)
        try:
            reply = self.client.ask(request, report.ReportReply)
        except TimeoutError as silence:
            raise AssertionError(f"{request}\n{self.process.log()[-2000:]}") from silence
        assert reply.request_id == "r-1"
        assert reply.code != "unavailable", self.process.log()[-2000:]
        return reply

    def figures(self, name, filters=None, language=None, **asked):
        request = report.FiguresRequest(name=name, **asked)
        for dimension, value in (filters or {}).items():
            request.filters.add(dimension=dimension, value=value)
        return self.ask(figures=request, language=language)

    def table(self, name, **asked):
        reply = self.figures(name, **{"from_day": FROM, "to_day": TO, **asked})
        assert reply.code == "", (name, reply)
        return reply.figures

    def get(self, path, token=None, **query):
        connection = UnixConnection(self.system.http("reporting"), USUAL_SECONDS)
        where = path + ("?" + urllib.parse.urlencode(query) if query else "")
        try:
            connection.request("GET", where, None, {"Authorization": f"Bearer {token or self.token}"})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def command_line(self, *arguments):
        """What troth prints."""
        config = self.system.folder / "troth.conf"
        config.write_text(config_text({
            "source": "reader", "key_file": self.system.key("reader").path, "reporting": self.system.endpoint("reporting"),
            "reporting_key": self.system.service_key("reporting").public_path}))
        done = self.system.run("troth", *arguments, "--config", config)
        assert done.returncode == 0, done
        return done.stdout


@pytest.fixture
def reader(system):
    return Reader(system)


def cells(table, row):
    return {column.name: cell for column, cell in zip(table.columns, row.cells)}


def by_key(table):
    return {row.key: cells(table, row) for row in table.rows}


def test_every_report_answers_in_both_languages_over_both_ways(reader):
    reply = reader.ask(catalogue=report.CatalogueRequest())
    assert reply.code == "", reply
    catalogue = reply.catalogue
    assert (catalogue.time_zone, catalogue.first_day) == ("Asia/Shanghai", "2026-09-01")
    assert len(catalogue.reports) >= 22
    assert reader.get("/v1/reports").json["reports"][0]["name"] == "timeliness"
    for entry in catalogue.reports:
        titles = set()
        for language in ("en", "zh-Hans"):
            over_bus = reader.figures(entry.name, language=language, from_day=FROM, to_day=TO)
            assert over_bus.code == "", (entry.name, over_bus)
            over_http = reader.get(f"/v1/reports/{entry.name}", language=language, **{"from": FROM, "to": TO})
            assert over_http.status == 200, (entry.name, over_http.body)
            assert over_http.json["title"] == over_bus.figures.title
            assert len(over_http.json.get("rows", [])) >= len(over_bus.figures.rows)
            assert [column["name"] for column in over_http.json["columns"]] == [
                column.name for column in entry.columns]
            titles.add(over_bus.figures.title)
        assert len(titles) == 2, entry.name
        for group in entry.groups:
            assert reader.figures(entry.name, group_by=group, from_day=FROM, to_day=TO).code == "", (entry.name, group)


def test_each_period_of_a_range_has_a_row_and_months_add_up_to_days(reader):
    by_day = reader.table("timeliness", group_by="day")
    whole = days(FROM, TO)
    sent = {row.key: cells(by_day, row)["cases"].value for row in by_day.rows}
    assert set(sent) <= set(whole) and all(value == 3 for value in sent.values())
    by_month = reader.table("timeliness", group_by="month")
    assert [row.key for row in by_month.rows] == ["2026-09-15", "2026-10-01", "2026-11-01"]
    assert [cells(by_month, row)["cases"].value for row in by_month.rows] == [48, 93, 30]
    by_week = reader.table("timeliness", group_by="week")
    assert [row.key for row in by_week.rows][:2] == ["2026-09-15", "2026-09-21"]
    assert sum(cells(by_week, row)["cases"].value for row in by_week.rows) == 171
    for table in (by_day, by_month, by_week, reader.table("timeliness", group_by="none")):
        total = cells(table, table.total)
        assert (total["cases"].value, total["first_response_in_target"].count) == (171, 171)
        assert math.isclose(total["first_response_in_target"].value, 114 / 171)
    empty = reader.table("timeliness", from_day="2025-01-01", to_day="2025-01-07")
    assert [(row.key, cells(empty, row)["cases"].value) for row in empty.rows] == [
        (f"2025-01-0{day}", 0) for day in range(1, 8)]
    assert not cells(empty, empty.rows[0])["first_response_median"].HasField("value")


def test_quantiles_means_and_intervals_are_those_of_the_values(reader):
    table = reader.table("timeliness", group_by="none")
    total = cells(table, table.total)
    values = sorted(i * MINUTE_US for i in range(15, 72) for _ in range(3))
    assert math.isclose(total["first_response_median"].value, values[len(values) // 2], rel_tol=0.011)
    assert math.isclose(total["first_response_p90"].value, values[int(0.9 * (len(values) - 1))], rel_tol=0.011)
    mean = sum(values) / len(values)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
    assert total["first_response_mean"].value == mean
    assert math.isclose(total["first_response_mean"].high, mean + 1.96 * deviation / math.sqrt(len(values)),
                        rel_tol=0.002)
    satisfaction = cells(*(lambda t: (t, t.total))(reader.table("satisfaction", group_by="none")))
    assert satisfaction["csat"].value == 4.5
    answers = satisfaction["csat"].count
    assert math.isclose(satisfaction["csat"].high - 4.5, 1.96 * math.sqrt(0.25 / (answers - 1)), rel_tol=0.001)
    assert (satisfaction["nps"].value, satisfaction["nps"].count) == (25, 456)
    assert satisfaction["nps"].low < 25 < satisfaction["nps"].high


def test_values_stand_by_their_size_and_the_total_has_those_left_out(reader):
    table = reader.table("causes", limit=1)
    assert [row.key for row in table.rows] == ["brakes"]
    assert cells(table, table.total)["cases"].value == 171
    assert any("1 of 2" in note for note in table.notes)
    all_rows = by_key(reader.table("causes"))
    assert list(all_rows) == ["brakes", "=1+1"]
    assert math.isclose(all_rows["=1+1"]["running"].value, 1.0)
    assert math.isclose(all_rows["brakes"]["share"].value, 114 / 171)
    factors = by_key(reader.table("factors"))
    assert set(factors) == {"product", "other"} and factors["product"]["cases"].value == 114


def test_a_branch_goes_with_any_group_and_another_filter_with_time(reader):
    north = reader.table("timeliness", group_by="channel", filters={"branch": "north"})
    assert sum(row["cases"].value for row in by_key(north).values()) == 114
    assert cells(north, north.total)["cases"].value == 114
    phone = reader.table("timeliness", group_by="month", filters={"branch": "south", "channel": "phone"})
    assert cells(phone, phone.total)["cases"].value in (28, 29)
    one = reader.table("timeliness", group_by="channel", filters={"channel": "phone"})
    assert [row.key for row in one.rows] == ["phone"]
    assert one.total.cells == one.rows[0].cells


def test_the_backlog_is_what_was_there_before_and_what_came(reader):
    everything = days("2026-09-01", "2026-11-20")
    stock, expected = 0, {}
    for i, day in enumerate(everything):
        stock += 2 if i % 4 else -2
        expected[day] = stock
    by_day = reader.table("backlog", group_by="day", is_compared=True, to_day="2026-09-20")
    assert {row.key: cells(by_day, row)["backlog"].value for row in by_day.rows} == {
        day: expected[day] for day in days(FROM, "2026-09-20")}
    first = cells(by_day, by_day.rows[0])["backlog"]
    assert first.before == expected["2026-09-09"]
    branches = by_key(reader.table("backlog", group_by="branch"))
    assert branches["north"]["backlog"].value == branches["south"]["backlog"].value == expected[TO] / 2


def test_the_period_before_stands_beside_each_figure(reader):
    table = reader.table("promises", group_by="none", from_day="2026-10-01", to_day="2026-10-31", is_compared=True)
    assert (table.before_from_day, table.before_to_day) == ("2026-08-31", "2026-09-30")
    total = cells(table, table.total)
    assert (total["made"].value, total["made"].before) == (124, 120)
    assert total["kept_share"].before == 0.5


def test_what_a_dimension_does_not_count_is_empty_and_not_zero(reader):
    causes = reader.table("promises", group_by="cause")
    untold = by_key(causes)["untold"]
    assert untold["broken"].value == 114
    assert not untold["kept"].HasField("value") and not untold["kept_share"].HasField("value")
    money = by_key(reader.table("purchases", group_by="currency"))["CNY"]
    assert money["revenue"].value == 570000
    assert not cells(*(lambda t: (t, t.total))(reader.table("purchases")))["revenue"].HasField("value")
    rate = by_key(reader.table("complaints", group_by="branch"))["north"]["rate"]
    assert math.isclose(rate.value, 50) and rate.low < 50 < rate.high


def test_first_contact_counts_quiet_ones_once_their_window_has_passed(reader):
    today = reader.system.psql("SELECT (log.now() AT TIME ZONE 'Asia/Shanghai')::date")
    settled = reader.system.psql(f"SELECT date '{today}' - 15")
    table = reader.table("solving", group_by="day")
    for row in table.rows:
        first = cells(table, row)["first_contact"]
        assert first.value == (1 if row.key <= settled else 0), row.key
    if settled < TO:
        assert any(settled in note for note in table.notes)


def test_servqual_its_quadrant_and_its_grade(reader):
    gaps = by_key(reader.table("servqual"))
    assert (gaps["reliability"]["gap"].value, gaps["empathy"]["gap"].value) == (-3, 1)
    quadrant = by_key(reader.table("quadrant"))
    assert quadrant["reliability"]["quadrant"].text == "concentrate here"
    assert quadrant["empathy"]["quadrant"].text == "possible overkill"
    table = reader.table("evaluation")
    grades = by_key(table)
    assert (grades["reliability"]["grade"].value, grades["empathy"]["grade"].value) == (4, 6)
    whole = cells(table, table.total)
    assert (whole["grade"].value, whole["membership"].value, whole["score"].value) == (4, 0.75, 4.5)
    chance = by_key(reader.table("forecast"))["0.7"]
    assert math.isclose(chance["forecast"].value, 0.725) and chance["kept_share"].value == 0.75


def test_few_observations_have_no_order_and_a_note_says_so(reader):
    table = reader.table("teams", from_day="2026-11-01", to_day="2026-11-09", language="zh-Hans")
    assert [row.key for row in table.rows] == ["team-north", "team-south"]
    assert any("10" in note for note in table.notes)


WRONG = [
    ("report_unknown", {"name": "nonsense"}),
    ("range_invalid", {"name": "promises", "from": "2026-02-30"}),
    ("range_invalid", {"name": "promises", "from": "2026-11-02", "to": "2026-11-01"}),
    ("range_invalid", {"name": "promises", "from": "2020-01-01", "to": "2026-11-01", "group": "day"}),
    ("zone_not_counted", {"name": "promises", "zone": "Europe/Berlin"}),
    ("group_invalid", {"name": "promises", "group": "colour"}),
    ("group_invalid", {"name": "causes", "group": "day"}),
    ("filter_invalid", {"name": "purchases", "channel": "phone"}),
    ("filter_invalid", {"name": "promises", "group": "team", "channel": "phone"}),
    ("filter_invalid", {"name": "promises", "team": "a", "channel": "phone"}),
    ("request_invalid", {"name": "promises", "limit": "0"}),
]


@pytest.mark.parametrize(("code", "query"), WRONG, ids=lambda value: "-".join(value.values())
                         if isinstance(value, dict) else value)
def test_what_is_wrong_is_refused_alike_on_both_ways(reader, code, query):
    asked = {name: value for name, value in query.items() if name not in ("channel", "team", "limit")}
    names = {"from": "from_day", "to": "to_day", "zone": "time_zone", "group": "group_by"}
    over_bus = reader.figures(
        **{names.get(name, name): value for name, value in asked.items()},
        filters={name: query[name] for name in ("channel", "team") if name in query},
        **({"limit": int(query["limit"])} if "limit" in query else {}))
    assert over_bus.code == code and over_bus.text != ""
    name = query["name"]
    over_http = reader.get(f"/v1/reports/{name}", **{key: value for key, value in query.items() if key != "name"})
    assert over_http.json["code"] == code
    assert over_http.json["text"] == over_bus.text
    assert over_http.status == (404 if code == "report_unknown" else 400)


def test_csv_has_the_figures_of_json_and_no_formula(reader):
    query = {"from": FROM, "to": TO, "compare": 1}
    shown = reader.get("/v1/reports/causes", **query).json
    answer = reader.get("/v1/reports/causes", format="csv", bom=1, **query)
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/csv")
    text = answer.body.decode() if isinstance(answer.body, bytes) else answer.body
    assert text.startswith("\ufeffkey,label,cases,cases_low") and "\r\n" in text
    lines = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline="")))
    assert [line["key"] for line in lines] == ["brakes", "'=1+1", "total"]
    for line, row in zip(lines, [*shown["rows"], shown["total"]]):
        for column, cell in zip(shown["columns"], row["cells"]):
            for suffix, field in (("", "value"), ("_low", "low"), ("_high", "high"), ("_count", "count"),
                                  ("_before", "before")):
                there = line[column["name"] + suffix]
                assert (float(there) if there else None) == cell.get(field), (column["name"], suffix)
    plain = reader.get("/v1/reports/causes", format="csv", **query)
    assert not plain.body.decode().startswith("\ufeff")
    assert reader.get("/v1/reports/causes", format="xml").json["code"] == "request_invalid"


def test_a_long_table_is_cut_to_the_newest_days_that_fit_a_message(reader):
    reply = reader.figures("timeliness", from_day="2025-08-01", to_day="2026-11-20", group_by="day")
    assert reply.ByteSize() <= 64 * 1024 and "not everything" in reply.text
    assert reply.figures.rows[-1].key == "2026-11-20"
    over_http = reader.get("/v1/reports/timeliness", **{"from": "2025-08-01", "to": "2026-11-20", "group": "day"})
    assert len(over_http.json["rows"]) == 477


def add_cases(system):
    for i in range(130):
        case = number(100 + i, i % 4)
        resolved = f"'2026-11-{1 + i % 20:02} 12:00+08'" if i % 2 else "NULL"
        system.psql(
            "INSERT INTO reporting.case_fact VALUES"
            f" ({case & 255}, {case}, {number(5, i % 4)}, 1, {5 if i % 2 else 1 + i % 4}, {1 + i % 4}, 'phone',"
            f" '{'north' if i % 3 else 'south'}', 'shop', 's-{i % 2}', 'brakes', 'oil', 'gold', {1 + i % 4},"
            f" '2026-11-{1 + i % 20:02} 08:00+08', NULL, {resolved}, NULL,"
            f" {'NULL' if i % 5 else repr('2026-11-20 09:00+08')}, NULL, NULL, '')")


def test_the_cases_behind_a_figure_come_page_by_page(reader):
    add_cases(reader.system)

    def pages(**asked):
        seen, after = [], None
        while True:
            reply = reader.ask(cases=report.CasesRequest(after=after, limit=17, **asked))
            assert reply.code == "", reply
            seen += reply.cases.cases
            after = reply.cases.next
            if not after:
                return seen
    opened = pages(list="opened", from_day="2026-11-03", to_day="2026-11-08")
    assert len(opened) == int(reader.system.psql(
        "SELECT count(*) FROM reporting.case_fact WHERE opened_at >= '2026-11-03 00:00+08'"
        " AND opened_at < '2026-11-09 00:00+08'"))
    assert [line.opened_us for line in opened] == sorted((line.opened_us for line in opened), reverse=True)
    assert len({line.case_number for line in opened}) == len(opened)
    still = pages(list="open")
    assert len(still) == 65 and still[0].opened_us <= still[-1].opened_us
    assert spelled("C", number(100, 0)) in {line.case_number for line in still}
    north = [report.FigureFilter(dimension="branch", value="north"),
             report.FigureFilter(dimension="contact_kind", value="complaint")]
    both = pages(list="open", filters=north)
    assert both == [] or all(line.branch == "north" and line.kind == 2 for line in both)
    over_http = reader.get("/v1/cases", list="resolved", **{"from": "2026-11-01", "to": "2026-11-20", "limit": 3})
    assert len(over_http.json["cases"]) == 3 and over_http.json["next"]
    for wrong in ({"list": "all"}, {"list": "open", "limit": 999}, {"list": "open", "after": "x"}):
        assert reader.get("/v1/cases", **wrong).json["code"] == "request_invalid"
    assert reader.get("/v1/cases", list="open", question="q").json["code"] == "filter_invalid"
    ages = by_key(reader.figures("backlog_now").figures)
    assert sum(row["open"].value for row in ages.values()) == 65


def test_a_filter_that_few_cases_pass_is_looked_for_page_by_page(reader):
    """A page looks at so many cases and no more; the command line goes on until it has found some."""
    add_cases(reader.system)
    reader.system.psql(
        "INSERT INTO reporting.case_fact SELECT i & 255, i, i, 1, 5, 1, 'phone', 'north', 'shop', 'somebody', 'brakes', 'oil',"
        " 'gold', 3, '2026-10-01 08:00+08'::timestamptz + (i - 500000) * interval '1 min', NULL, '2026-11-01 08:00+08', NULL,"
        " NULL, NULL, NULL, '' FROM generate_series(500001, 541000) AS i")
    reader.system.psql("UPDATE reporting.case_fact SET staff = 'rare' WHERE case_number = 500003")
    rare = [report.FigureFilter(dimension="staff", value="rare")]
    asked = {"list": "opened", "from_day": "2026-10-01", "to_day": "2026-11-20", "filters": rare}
    first = reader.ask(cases=report.CasesRequest(**asked)).cases
    assert not first.cases and first.next
    for staff, found in (("rare", True), ("nobody", False)):
        text = reader.command_line("report", "opened", "--cases", "--staff", staff, "--from", "2026-10-01", "--to", "2026-11-20")
        assert (spelled("C", 500003) in text) is found and "--after" not in text, text


def test_today_has_what_needs_a_person(reader):
    system = reader.system
    add_cases(system)
    system.psql("UPDATE reporting.case_fact SET next_due_at = log.now() + interval '2 hours', running = 1"
                " WHERE case_number % 3 = 0 AND resolved_at IS NULL")
    system.psql("INSERT INTO intake.promise (bucket, number, case_number, customer_number, kind, state, version,"
                " made_at, target_us, due_at, next_step, standard_id, is_historical)"
                " SELECT bucket, case_number + 256000, case_number, customer_number, 'resolution',"
                " CASE WHEN next_due_at IS NULL THEN 5 ELSE 1 END, 1, log.now(), 1,"
                " coalesce(next_due_at, log.now() - interval '1 hour'), 0, 1, false"
                " FROM reporting.case_fact WHERE resolved_at IS NULL")
    system.psql("UPDATE reporting.case_fact SET overdue = 1, overdue_at = log.now() - interval '1 hour'"
                " WHERE resolved_at IS NULL AND next_due_at IS NULL AND broken_at IS NOT NULL")
    system.psql("INSERT INTO reporting.early_warning SELECT '2026-11-20', 5, 'made_up', 2, d, 9, 2.5, 1.5, 4, 3,"
                " log.now() FROM unnest('{C1,C2}'::text[]) AS d")
    system.psql("INSERT INTO reporting.figure_difference VALUES ('2026-11-21', 'made_up', '', 3, 4, log.now())")
    today = reader.ask(today=report.TodayRequest()).today
    due = int(system.psql("SELECT count(*) FROM intake.promise WHERE state = 1"))
    assert (today.due_next_count, len(today.due_next)) == (due, due)
    assert today.overdue_count == int(system.psql(
        "SELECT count(*) FROM intake.promise p JOIN reporting.case_fact c USING (bucket, case_number)"
        " WHERE p.state = 5 AND c.broken_at IS NOT NULL"))
    assert today.overdue_count > 0 and today.overdue[0].due_us < today.now_us
    (warning,) = [one for one in today.warnings if one.value == "made_up"]
    assert (warning.dimension, warning.value, warning.measure, list(warning.detectors)) == (
        "category", "made_up", "complaints", ["C1", "C2"])
    # What was checked overnight stands there, too: these figures have no facts.
    assert ("2026-11-21", "made_up", 3, 4) in [
        (one.day, one.figure, one.counted, one.facts) for one in today.differences]
    assert today.waiting_count == 33
    south = reader.get("/v1/today", branch="south").json
    assert 0 < south["waiting_count"] < 33
    assert all(one["branch"] == "south" for one in south["overdue"])


def test_the_readme_lists_the_reports_that_there_are(reader):
    text = (ROOT / "services/reporting/README.md").read_text()
    for entry in reader.ask(catalogue=report.CatalogueRequest()).catalogue.reports:
        assert f"| `{entry.name}` |" in text, entry.name
