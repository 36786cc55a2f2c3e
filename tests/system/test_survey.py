# SPDX-License-Identifier: Apache-2.0
"""`troth survey`: each figure is computed again from the tables, by SQL and formulas that share nothing with it."""

import json
import math
import random
import statistics
import unicodedata

import pytest

from tests.support.event_feed import number

BRANCHES = ["north", "东城", "harbour", None]
TEAMS = {"north": "care", "东城": "workshop", "harbour": "care", None: None}
DIMENSIONS = {"tangibles": range(1, 5), "reliability": range(5, 10), "responsiveness": range(10, 14),
              "assurance": range(14, 18), "empathy": range(18, 23)}
NAMES = list(DIMENSIONS)
POINTS = {"reliability": 32, "responsiveness": 22, "assurance": 19, "empathy": 16, "tangibles": 11}
Z = 1.959963984540054
# What counts: the time and the voids of the tests below.
COUNTED = """
WITH a AS (SELECT *, coalesce(branch, '') AS name FROM intake.survey_answer
            WHERE NOT is_void AND occurred_at >= '2026-03-01' AND occurred_at < '2026-04-01' AND instrument <= 4),
     i AS (SELECT a.name, x.* FROM a JOIN intake.survey_item AS x ON x.answer_number = a.number)
"""
WHEN = ["--since", "2026-03-01", "--until", "2026-04-01"]


class Answers:
    """Puts answers into the tables as intake does."""

    def __init__(self, system, seed):
        self.system, self.random = system, random.Random(seed)
        self.answers, self.items, self.cases = [], [], {}

    def case(self, branch):
        """One case for each branch in each bucket used, with a product and a team."""
        bucket = self.random.randrange(4)
        return bucket, self.cases.setdefault((bucket, branch), number(1000 + len(self.cases), bucket))

    def add(self, branch, instrument, value="NULL", items=(), day="2026-03-09", is_void=False):
        bucket, case = self.case(branch)
        mine = number(1 + len(self.answers), bucket)
        name = f"'{branch}'" if branch else "NULL"
        self.answers.append(f"({bucket}, {mine}, {number(1, bucket)}, {case}, {name}, {instrument}, {value}, 1,"
                            f" '{day}', '{day}', {is_void})")
        for item, expectation, perception in items:
            dimension = 1 + next(i for i, d in enumerate(NAMES) if item in DIMENSIONS[d])
            self.items.append(f"({bucket}, {mine}, {item}, {dimension}, {expectation or 'NULL'},"
                              f" {perception or 'NULL'})")

    def felt(self, mood):
        return max(1, min(7, round(self.random.gauss(mood, 1.1))))

    def commit(self):
        cases = ", ".join(
            f"({bucket}, {case}, {number(1, bucket)}, 1, 5, 2, 3, {quoted(branch)},"
            f" {quoted('boiler' if branch == 'north' else 'pump')}, {quoted(TEAMS[branch])}, 1, 'r', now(), now(), false)"
            for (bucket, branch), case in self.cases.items())
        self.system.psql(f"""
            INSERT INTO intake.service_case (bucket, number, customer_number, version, state, kind, priority, branch,
                product, owner_team, standard_id, rule, opened_at, last_contact_at, is_historical) VALUES {cases};
            INSERT INTO intake.survey_answer (bucket, number, customer_number, case_number, branch, instrument, value,
                source_id, occurred_at, received_at, is_void) VALUES {', '.join(self.answers)};
            INSERT INTO intake.survey_item (bucket, answer_number, item, dimension, expectation, perception)
                VALUES {', '.join(self.items)}""")


def quoted(text):
    return f"'{text}'" if text else "NULL"


@pytest.fixture
def survey(system):
    """A month of answers, beside them what must not count, and the command."""
    answers = Answers(system, seed=11)
    pick = answers.random
    for branch, mood, size in (("north", 5.4, 60), ("东城", 4.1, 40), (None, 4.8, 25), ("harbour", 2.0, 1)):
        for _ in range(size):
            answers.add(branch, 1, max(1, min(5, round(pick.gauss(mood - 1.5, 1)))))
            answers.add(branch, 2, max(0, min(10, round(pick.gauss(mood + 2.5, 2)))))
            answers.add(branch, 3, answers.felt(mood))
        for _ in range(3 * size if size > 1 else 0):  # a few items each, some half answered
            answers.add(branch, 4, items=[
                (item, pick.random() < 0.9 and answers.felt(6), pick.random() < 0.9 and answers.felt(mood))
                for item in pick.sample(range(1, 23), 2)])
    for _ in range(35):  # all items
        mood = pick.gauss(5, 1)
        answers.add("north", 4, items=[(item, answers.felt(6), answers.felt(mood)) for item in range(1, 23)])
    for day, is_void, instrument in (("2026-02-28", False, 1), ("2026-04-01", False, 1), ("2026-03-09", True, 1),
                                     ("2026-03-09", False, 5)):
        answers.add("north", instrument, 1, day=day, is_void=is_void)
    answers.commit()
    database = system.conninfo("troth_operator")

    def run(*arguments, status=0):
        done = system.run("troth", "survey", *WHEN, "--database", database, *arguments)
        assert done.returncode == status, (done.stdout, done.stderr)
        return json.loads(done.stdout) if "--json" in arguments else done.stdout

    return run


def rows(system, sql):
    return [line.split("|") for line in system.psql(COUNTED + sql).splitlines()]


def wilson(share, count):
    middle, off = share + Z * Z / (2 * count), Z * math.sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    return [(middle - off) / (1 + Z * Z / count), (middle + off) / (1 + Z * Z / count)]


def adjusted_wald(promoters, detractors, count):
    p, d, n = (promoters + 0.75) / (count + 3), (detractors + 0.75) / (count + 3), count + 3
    off = Z * math.sqrt((p + d - (p - d) ** 2) / n)
    return [max(-1, p - d - off), min(1, p - d + off)]


def near(value):
    return pytest.approx(value, abs=1e-9)


def check_ratings(system, shown, where):
    (ratings,) = rows(system, f"""
        SELECT count(*), count(*) FILTER (WHERE instrument = 1), avg(value::float8) FILTER (WHERE instrument = 1),
               count(*) FILTER (WHERE instrument = 1 AND value >= 4), count(*) FILTER (WHERE instrument = 2),
               count(*) FILTER (WHERE instrument = 2 AND value >= 9), count(*) FILTER (WHERE instrument = 2 AND value <= 6),
               count(*) FILTER (WHERE instrument = 3), avg(value::float8) FILTER (WHERE instrument = 3)
          FROM a WHERE {where}""")
    answers, csat, mean, top, nps, promoters, detractors, ces, ease = map(float, ratings)
    assert shown["answers"] == answers
    assert shown["csat"] == {"answers": csat, "mean": near(mean), "top_two": near(top / csat),
                             "top_two_95": near(wilson(top / csat, csat))}
    assert shown["nps"]["answers"] == nps
    assert shown["nps"]["score"] == near((promoters - detractors) / nps)
    assert shown["nps"]["score_95"] == near(adjusted_wald(promoters, detractors, nps))
    assert shown["ces"] == {"answers": ces, "mean": near(ease)}


def gaps(system, where):
    """Of each dimension: expectation, perception, answers."""
    return {NAMES[int(d) - 1]: (float(e), float(p), int(n)) for d, e, p, n in rows(system, f""",
        means AS (SELECT dimension, item, avg(expectation::float8) AS e, avg(perception::float8) AS p
                    FROM i WHERE {where} GROUP BY 1, 2)
        SELECT m.dimension, avg(e), avg(p), (SELECT count(DISTINCT answer_number) FROM i
                WHERE {where} AND i.dimension = m.dimension AND perception IS NOT NULL)
          FROM means AS m GROUP BY 1""")}


def memberships(system, where):
    """Of each dimension: the shares of the seven grades, items weighing the same."""
    found = {}
    for d, grade, share in rows(system, f""",
        p AS (SELECT * FROM i WHERE {where} AND perception IS NOT NULL),
        items AS (SELECT DISTINCT dimension, item FROM p),
        shares AS (SELECT t.dimension, g, (SELECT avg((perception = g)::int::float8) FROM p WHERE p.item = t.item) AS s
                     FROM items AS t, generate_series(1, 7) AS g)
        SELECT dimension, g, avg(s) FROM shares GROUP BY 1, 2 ORDER BY 1, 2"""):
        found.setdefault(NAMES[int(d) - 1], []).append(float(share))
    return found


def check_servqual(system, shown, where, weights):
    expected, shares = gaps(system, where), memberships(system, where)
    assert {d["dimension"] for d in shown["dimensions"]} == set(NAMES)
    for d in shown["dimensions"]:
        e, p, count = expected[d["dimension"]]
        assert (d["expectation"], d["perception"], d["gap"]) == (near(e), near(p), near(p - e))
        assert d["answers"] == count
        assert d["fuzzy"]["memberships"] == near(shares[d["dimension"]])
        assert d["fuzzy"]["grade"] == 1 + shares[d["dimension"]].index(max(shares[d["dimension"]]))
    assert shown["gap"] == near(statistics.fmean(p - e for e, p, _ in expected.values()))
    whole = [sum(weights[d] / 100 * shares[d][g] for d in NAMES) for g in range(7)]
    assert shown["fuzzy"]["memberships"] == near(whole)
    assert shown["fuzzy"]["score"] == near(sum((g + 1) * share for g, share in enumerate(whole)))


def entropy(system, groups):
    """Weights of the dimensions by how their perceptions differ between groups."""
    columns = {d: [gaps(system, f"name = '{g}'")[d][1] for g in groups] for d in NAMES}
    said = {}
    for d, column in columns.items():
        parts = [x / sum(column) for x in column]
        said[d] = 1 + sum(p * math.log(p) for p in parts) / math.log(len(parts))
    return {d: 100 * one / sum(said.values()) for d, one in said.items()}


def test_every_figure_is_that_of_the_tables(system, survey):
    shown = survey("--by", "branch", "--json")
    assert shown["weighed_by"] == "entropy" and shown["ordered_by"] == "csat"
    weights = entropy(system, ["north", "东城", ""])
    assert shown["weights"] == near(weights)
    groups = {g["name"]: g for g in shown["groups"]}
    assert set(groups) == {"north", "东城", "", "harbour"}
    assert groups["harbour"] == {"name": "harbour", "is_too_few": True}
    for group, where in [(shown["company"], "true")] + [(groups[n], f"name = '{n}'") for n in ("north", "东城", "")]:
        check_ratings(system, group, where)
        check_servqual(system, group["servqual"], where, weights)
        assert "weighted_gap" not in group["servqual"]


def test_groups_are_ordered_by_means_drawn_to_that_of_the_company(survey):
    shown = survey("--by", "branch", "--json")
    mean = shown["company"]["csat"]["mean"]
    groups = shown["groups"]
    assert [g["is_too_few"] for g in groups] == [False, False, False, True]
    for g in groups[:3]:
        n = g["csat"]["answers"]
        assert g["order_mean"] == near((n * g["csat"]["mean"] + 10 * mean) / (n + 10))
    assert [g["name"] for g in groups[:3]] == [g["name"] for g in sorted(groups[:3], key=lambda g: g["order_mean"])]


def test_given_weights_weigh_gaps_grades_and_say_what_to_do(system, survey):
    shown = survey("--json", "--weights", "32,22,19,16,11")
    assert shown["weighed_by"] == "given" and shown["weights"] == POINTS and shown["groups"] == []
    servqual = shown["company"]["servqual"]
    check_servqual(system, servqual, "true", POINTS)
    expected = gaps(system, "true")
    assert servqual["weighted_gap"] == near(sum(POINTS[d] / 100 * (p - e) for d, (e, p, _) in expected.items()))
    middle = statistics.fmean(p for _, p, _ in expected.values())
    for d in servqual["dimensions"]:
        is_important, is_good = POINTS[d["dimension"]] >= 20, d["perception"] >= middle
        assert d["quadrant"] == {(True, True): "keep_up", (True, False): "concentrate_here",
                                 (False, True): "possible_overkill", (False, False): "low_priority"}[
                                     is_important, is_good]


def test_alpha_is_of_answers_that_have_all_items(system, survey):
    shown = survey("--by", "branch", "--json")
    groups = {g["name"]: g for g in shown["groups"]}
    for d in groups["north"]["servqual"]["dimensions"]:
        items = list(DIMENSIONS[d["dimension"]])
        people = [list(map(int, r[0].split(","))) for r in rows(system, f"""
            SELECT string_agg(perception::text, ',' ORDER BY item) FROM i
             WHERE name = 'north' AND item BETWEEN {items[0]} AND {items[-1]}
             GROUP BY answer_number HAVING count(perception) = {len(items)}""")]
        k = len(items)
        alpha = k / (k - 1) * (1 - sum(map(statistics.variance, zip(*people))) / statistics.variance(map(sum, people)))
        assert d["complete_answers"] == len(people) == 35
        assert d["alpha"] == near(alpha)
    for d in groups["东城"]["servqual"]["dimensions"]:
        assert d["complete_answers"] == 0 and "alpha" not in d


@pytest.mark.parametrize("by, column, names", [("product", "product", {"boiler", "pump"}),
                                               ("team", "owner_team", {"care", "workshop", ""})])
def test_products_and_teams_are_those_of_the_cases(system, survey, by, column, names):
    shown = survey("--by", by, "--json")
    assert {g["name"] for g in shown["groups"]} == names
    for g in shown["groups"]:
        check_ratings(system, g, f"(SELECT coalesce({column}, '') FROM intake.service_case AS c"
                                 f" WHERE c.number = a.case_number) = '{g['name']}'")


def test_operators_compose_differently(survey):
    whole = {op: survey("--json", "--operator", op)["company"]["servqual"]["fuzzy"]["memberships"]
             for op in ("product-sum", "min-max", "product-max", "bounded-sum")}
    for found in whole.values():
        assert sum(found) == near(1)
    assert len({tuple(found) for found in whole.values()}) == 4


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@pytest.mark.parametrize("language, words", [
    ("en", ["BRANCH", "SATISFIED", "the company", "too few", "(none named)", "By CSAT, the lowest first", "GRADE",
            "reliability", "all, weighted", "concentrate here", "satisfied (", "0/30", "given by --weights"]),
    ("zh", ["门店", "满意率", "全公司", "样本太少", "（未注明）", "按满意度从低到高排列", "模糊综合评价", "可靠性",
            "总体（加权）", "重点改进", "满意 (", "0/30", "--weights 给定"]),
])
def test_tables_line_up_in_both_languages(survey, language, words):
    shown = survey("--by", "branch", "--language", language, "--weights", "32,22,19,16,11")
    for word in words:
        assert word in shown, shown
    assert max(map(columns, shown.splitlines())) <= 120
    lines = shown.splitlines()
    table = lines[2:7]  # the last column, how many answered, is flush right
    assert len({columns(line) for line in table}) == 1, shown
    assert all(line == line.rstrip() for line in lines)


def test_without_answers_it_says_so(system, survey):
    assert "Fewer than 5 answers." in survey("--since", "2030-01-01", "--until", "2031-01-01")
    shown = survey("--since", "2030-01-01", "--until", "2031-01-01", "--by", "team", "--json")
    assert shown["company"] == {"name": None, "is_too_few": True} and shown["groups"] == []
    usual = json.loads(system.run("troth", "survey", "--json", "--database", system.conninfo("troth_operator")).stdout)
    assert usual["until_us"] - usual["since_us"] == 90 * 24 * 3600 * 1_000_000


@pytest.mark.parametrize("arguments, words", [
    (["--by", "weather"], "--by takes branch, product or team"),
    (["--weights", "32,22,19,16,12"], "must add up to 100, not 101"),
    (["--weights", "32,22,19,16"], "give five numbers"),
    (["--weights", "32,22,19,16,11,0"], "give five numbers"),
    (["--weights", "32,22,19,16,much"], "give five numbers"),
    (["--weights", "52,22,19,16,-9"], "must be at least 0"),
    (["--operator", "sum"], "--operator takes product-sum"),
    (["--since", "2026-03-02", "--until", "2026-03-02"], "--until must come after --since"),
    (["north"], "no arguments are expected"),
])
def test_wrong_usage_ends_with_two(system, arguments, words):
    done = system.run("troth", "survey", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
