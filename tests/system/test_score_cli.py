# SPDX-License-Identifier: Apache-2.0
"""`troth score` as people see it: tables that line up, bars to scale, both languages, exit codes."""

import json
import subprocess
import unicodedata

import pytest

from tests.support.event_feed import number, spelled
from tests.support.system import config_text
from tests.system.test_score import BROKEN, KEPT, Told, merge, tell_much

CUSTOMER = number(4711, 9)
NAME = spelled("K", CUSTOMER)


@pytest.fixture
def feed(system):
    return Told(system)


@pytest.fixture
def troth(system, programs, feed):
    """The command line beside a loyalty process that knows one customer well."""
    key = system.key("reader", rights=["scores"])
    system.start("loyalty", poll="50ms", lease="1s")
    config = system.folder / "troth.conf"
    config.write_text(config_text({
        "key_file": key.path, "loyalty": system.endpoint("loyalty"), "source": "reader",
        "loyalty_key": system.service_key("loyalty").public_path}))
    feed.add_customer(CUSTOMER)
    tell_much(feed, CUSTOMER)
    feed.applied()

    def run(*arguments, status=0):
        done = subprocess.run([str(programs / "troth"), "score", *map(str, arguments), "--config", str(config)],
                              capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
        return done

    return run


def columns(text):
    """Terminal columns: two of each wide character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def bars(shown):
    return [line for line in shown.splitlines() if "│" in line]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_bars_line_up_around_one_middle_line(troth, language):
    shown = troth(NAME, "--language", language).stdout
    lines = bars(shown)
    assert len(lines) == 8
    assert len({columns(line.split("│")[0]) for line in lines}) == 1
    assert len({columns(line.split("│")[1][:10]) for line in lines}) == 1
    left, right = zip(*(line.split("│", 1) for line in lines))
    assert any("█" in side or "▐" in side for side in left)
    assert any("█" in side[:10] or "▌" in side[:10] for side in right)


def test_points_and_bars_say_the_same(troth):
    for line in bars(troth(NAME).stdout):
        before, after = line.split("│", 1)
        points = float(before.split()[0])
        halves = 2 * after[:10].count("█") + after[:10].count("▌") - 2 * before.count("█") - before.count("▐")
        if points == 50:
            assert halves == 0
        else:
            assert halves == pytest.approx(points / 18 * 20, abs=1), line


def test_both_languages_explain_every_contribution(troth):
    english, chinese = troth(NAME).stdout, troth(NAME, "--language", "zh").stdout
    for word in ("loyalty index", "tier ", "trust", "churn", "BECAUSE", "Last moves", "promise", "service gap"):
        assert word in english, word
    for word in ("忠诚度指数", "等级", "流失风险", "原因", "最近变动", "承诺兑现", "期望差距", "还没有"):
        assert (word in chinese) == (word != "还没有"), word
    assert "promise" not in chinese and "service" not in chinese


def test_evidence_is_shown_on_request(troth):
    assert "Evidence" not in troth(NAME).stdout
    shown = troth(NAME, "--evidence").stdout
    for word in ("Evidence", "promise kept", "promise broken", "CSAT", "NPS", "CES", "SERVQUAL gap", "purchase",
                 spelled("P", number(1, 9)), spelled("C", number(900, 9)), "intake.7/9/1"):
        assert word in shown, word


def test_a_replay_that_agrees_says_so_and_one_that_does_not_ends_with_one(system, troth):
    assert "replay agrees" in troth(NAME, "--replay").stdout
    assert "重放一致" in troth(NAME, "--replay", "--language", "zh").stdout
    system.psql(f"UPDATE loyalty.score_sum SET value = -value WHERE customer_number = {CUSTOMER}")
    shown = troth(NAME, "--replay", status=1).stdout
    assert "REPLAY DIFFERS" in shown
    assert "(+" in shown or "(-" in shown


def test_where_events_were_dropped_a_replay_that_differs_is_none(system, troth):
    system.psql("INSERT INTO log.event_part (number, began_at, closed_at, dropped_at, kept_events)"
                " VALUES (1, '2025-01-01', '2025-02-03 04:05:06Z', log.now(), 0)")
    assert "replay agrees" in troth(NAME, "--replay").stdout, "what is left is enough"
    system.psql(f"UPDATE loyalty.score_sum SET value = -value WHERE customer_number = {CUSTOMER}")
    done = troth(NAME, "--replay")
    assert "replay" not in done.stdout.lower() and "not replayed: events until 2025-02-03T04:05:06" in done.stderr


def test_the_past_is_shown_as_it_was(feed, troth):
    day = feed.now_us
    feed.days_pass(5)
    for i in range(3):
        feed.promise(CUSTOMER, number(50 + i, 9), BROKEN)
    feed.applied()
    now = json.loads(troth(NAME, "--json").stdout)["scores"][0]
    instant = f"{day // 1_000_000 + 60}"
    when = subprocess.run(["date", "-u", "-d", f"@{instant}", "+%Y-%m-%dT%H:%M:%SZ"], capture_output=True,
                          text=True, check=True).stdout.strip()
    then = json.loads(troth(NAME, "--as-of", when, "--json").stdout)["scores"][0]
    assert then["index"] > now["index"]
    assert when[:10] in troth(NAME, "--as-of", when).stdout.splitlines()[0]
    assert "request_invalid" in troth(NAME, "--as-of", "2199-01-01", status=1).stderr


def test_lists_show_what_weighs_most(feed, troth):
    other = number(5, 5)
    feed.add_customer(other)
    for i in range(4):
        feed.promise(other, number(10 + i, 5), BROKEN, branch="north", owner_team="parts", kind="callback")
        feed.promise(CUSTOMER, number(60 + i, 9), KEPT, branch="south", owner_team="sales", kind="resolution")
    feed.applied()
    shown = troth("--lowest", 5).stdout.splitlines()
    assert shown[0].split() == ["CUSTOMER", "INDEX", "TIER", "CHURN", "TRUST", "WEIGHS", "MOST"]
    assert shown[1].startswith(spelled("K", other)) and "4 broken" in shown[1]
    assert shown[2].startswith(NAME)
    assert troth("--highest", 1).stdout.splitlines()[1].startswith(NAME)
    assert spelled("K", other) in troth("--fell", "60d").stdout
    assert "No scores." in troth("--fell", "1h").stdout
    assert "没有符合条件的客户" in troth("--tier", "gold", "--trust-broken", "--language", "zh").stdout
    by_branch = troth("--by", "branch").stdout.splitlines()
    assert [line.split()[0] for line in by_branch] == ["BRANCH", "north", "south"]
    assert "the company" in troth("--by", "company").stdout
    assert "回电" in troth("--by", "kind", "--language", "zh").stdout
    assert {one["customer_number"] for one in json.loads(troth("--churn", "high", "--json").stdout).get("scores", [])} \
        <= {NAME, spelled("K", other)}


def test_one_person_of_several_customers_is_shown_as_one(system, feed, troth):
    other = number(8, 8)
    feed.add_customer(other)
    feed.promise(other, number(1, 8), KEPT)
    feed.applied()
    merge(system, CUSTOMER, other)
    shown = troth(NAME).stdout
    assert "1 other customer is the same person" in shown
    assert spelled("K", other) in shown  # whose move it was


@pytest.mark.parametrize("arguments, words", [
    ((), "give one customer"),
    (("K-1", "--lowest", 3), "give one customer"),
    (("--lowest", 3, "--by", "team"), "give one customer"),
    (("--lowest", 101), "at most 100"),
    (("--lowest", 3, "--highest", 3), "one of the two"),
    (("--fell", "7d", "--since", "2026-01-01"), "one of the two"),
    (("--fell", "soon"), "--fell takes a duration"),
    (("--by", "weather"), "--by takes"),
    (("--lowest", 3, "--replay"), "go with one customer"),
    (("K-1", "--limit", 3), "--limit goes with a list"),
    (("--lowest", 3, "--limit", 3), "--limit goes with a list"),
])
def test_wrong_usage_ends_with_two(programs, arguments, words):
    done = subprocess.run([str(programs / "troth"), "score", *map(str, arguments)], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 2
    assert words in done.stderr
