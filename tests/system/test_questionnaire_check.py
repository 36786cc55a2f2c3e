# SPDX-License-Identifier: Apache-2.0
"""'troth questionnaire check': what is in a file, what is wrong with it, and what somebody may have forgotten."""

import json
import subprocess

import pytest

from tests.support.system import ROOT

SHIPPED = ROOT / "deploy/config/questionnaire.conf"
SHIPPED_RULES = ROOT / "deploy/config/followups.conf"
SMALL = """
languages = ("en", "zh");
opening: { en = "Hello."; zh = "您好。"; };
closing: { en = "Bye."; zh = "再见。"; };
questions = (
    { code = "nps"; instrument = "nps"; en = "Recommend?"; zh = "推荐吗？"; },
    { code = "solved"; instrument = "solved"; en = "Solved?"; zh = "解决了吗？"; },
    { code = "forgotten"; instrument = "csat"; en = "Satisfied?"; zh = "满意吗？"; } );
scripts = (
    { name = "after"; say = { en = "Hello."; zh = "您好。"; };
      ask = ("nps", { code = "solved"; only_if = "nps"; min = 2; max = 4; }); },
    { name = "unused"; say = { en = "Hello."; zh = "您好。"; }; } );
"""
RULE = """{{ name = "{name}"; script = "{name}"; trigger = "case_resolved"; topic = "{name}"; after = "24h"; window = "48h"; purpose = "survey";
             channels = ("call"); attempts = 1; }}"""


@pytest.fixture(name="check")
def fixture_check(programs):
    def run(*arguments):
        return subprocess.run([programs / "troth", "questionnaire", "check", *map(str, arguments)],
                              capture_output=True, text=True, timeout=60, check=False)
    return run


def test_what_is_shipped_has_nothing_to_complain_of(check):
    done = check(SHIPPED, "--rules", SHIPPED_RULES)
    assert done.returncode == 0, done.stderr
    assert "check: the questionnaire is right; warnings=0" in done.stdout
    scripts = dict(line.split(maxsplit=1) for line in done.stdout.split("SCRIPT", 1)[1].splitlines()[1:] if line.count(" ") > 1)
    assert scripts["case_resolved"] == "solved, csat (if solved is 1), ces (if solved is 1), 2 items of SERVQUAL"
    assert scripts["low_answer"].startswith("interview along ")
    assert scripts["birthday"] == "-"


def test_scripts_and_questions_for_other_programs(check):
    shown = json.loads(check(SHIPPED, "--json").stdout)
    assert shown["languages"] == ["en", "zh"] and shown["servqual"] is True and shown["warnings"] == []
    asked = {script["name"]: script for script in shown["scripts"]}
    assert asked["case_resolved"]["ask"][:2] == [{"code": "solved"}, {"code": "csat", "only_if": "solved", "min": 1, "max": 1}]
    assert (asked["low_answer"]["interview"], asked["case_resolved"]["servqual"]) == (True, True)
    solved = next(question for question in shown["questions"] if question["code"] == "solved")
    assert (solved["low"], solved["high"]) == (0, 1) and set(solved["texts"]) == {"en", "zh"}


def test_what_was_forgotten_is_a_warning(check, tmp_path):
    questionnaire, rules = tmp_path / "small.conf", tmp_path / "rules.conf"
    questionnaire.write_text(SMALL)
    rules.write_text(f'limits: {{ usual_zone = "Asia/Shanghai"; }};\nrules = ({RULE.format(name="after")}, {RULE.format(name="silent")});\n')
    done = check(questionnaire, "--rules", rules)
    assert done.returncode == 0, done.stderr
    assert "2 scripts, 3 questions, no SERVQUAL, in en zh" in done.stdout
    assert "nps, solved (if nps is 2 to 4)" in done.stdout
    warnings = [line for line in done.stdout.splitlines() if line.startswith("warning: ")]
    assert warnings == ["warning: no script asks forgotten",
                        "warning: rule silent has nothing to say: there is no script silent",
                        "warning: no rule uses script unused"]
    assert "warnings=3" in done.stdout
    assert "warnings=1" in check(questionnaire).stdout


def test_a_mistake_is_named_with_its_line(check, tmp_path):
    questionnaire = tmp_path / "small.conf"
    questionnaire.write_text(SMALL.replace('only_if = "nps"', 'only_if = "forgotten"'))
    done = check(questionnaire)
    assert done.returncode == 2 and f"{questionnaire}:11: must be asked before" in done.stderr


@pytest.mark.parametrize("command, fault", [
    (["check", "/nowhere"], "questionnaire_unreadable"),
    (["check"], "what about questionnaires? check FILE"),
    (["list", str(SHIPPED)], "what about questionnaires? check FILE"),
    (["check", str(SHIPPED), "--rules", "/nowhere"], "/nowhere"),
])
def test_what_cannot_be_checked_is_said(programs, command, fault):
    done = subprocess.run([programs / "troth", "questionnaire", *command], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and fault in done.stderr, done.stdout + done.stderr
