# SPDX-License-Identifier: Apache-2.0
"""Alerts, their paragraphs and the dashboards fit together, and name only what a process tells."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

NAME = re.compile(r"\b(?:troth|process)_[a-z0-9_]+\b")
ENDS = re.compile(r"_(bucket|sum|count)$")
ROW = re.compile(r"^\| `((?:troth|process)_[a-z0-9_]+)` \| \w+ \| ([a-z, ]*) \|", re.MULTILINE)
OF_TARGETS = {"job", "service", "optional", "instance"}  # prometheus.yml


@pytest.fixture(scope="module")
def monitoring(project_root):
    return project_root / "deploy/monitoring"


@pytest.fixture(scope="module")
def alerts(monitoring):
    groups = yaml.safe_load((monitoring / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool (package prometheus) is not here")
@pytest.mark.parametrize("command", [("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml")])
def test_promtool_is_content_with_the_rules_and_each_fires_and_stays_quiet(monitoring, command):
    done = subprocess.run(["promtool", *command], cwd=monitoring, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_has_two_cases_and_a_paragraph(monitoring, alerts):
    cases = yaml.safe_load((monitoring / "alerts_test.yml").read_text())["tests"]
    judged = [(one["alertname"], bool(one["exp_alerts"])) for case in cases for one in case["alert_rule_test"]]
    titles = re.findall(r"^## (\w+)\n\n\w", (monitoring / "RUNBOOK.md").read_text(), re.MULTILINE)
    for rule in alerts:
        name = rule["alert"]
        assert (name, True) in judged and (name, False) in judged, name
        assert rule["labels"]["severity"] in ("page", "warn")
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["runbook"] == f"deploy/monitoring/RUNBOOK.md#{name.lower()}"
    assert sorted(titles) == sorted(rule["alert"] for rule in alerts)


def test_the_table_of_alerts_is_that_of_the_rules(monitoring, alerts):
    rows = re.findall(r"^\| `(Troth\w+)` \| (\w+) \| (\w+) \| \w", (monitoring / "README.md").read_text(), re.MULTILINE)
    assert rows == [(rule["alert"], rule["labels"]["severity"], rule["for"]) for rule in alerts]


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool (package prometheus) is not here")
def test_the_settings_are_taken_as_they_are_and_as_the_readme_changes_them_for_systemd(monitoring, tmp_path):
    shutil.copy(monitoring / "alerts.yml", tmp_path)
    change = re.search(r"sed -E '(s/.*/)' \$examples", (monitoring / "README.md").read_text())[1]
    changed = subprocess.run(["sed", "-E", change, monitoring / "prometheus.yml"], text=True, capture_output=True, check=True).stdout
    (tmp_path / "prometheus.yml").write_text(changed)
    for folder in (monitoring, tmp_path):
        done = subprocess.run(["promtool", "check", "config", "prometheus.yml"], cwd=folder, text=True, capture_output=True)
        assert done.returncode == 0, done.stdout + done.stderr
    jobs = yaml.safe_load(changed)["scrape_configs"]
    targets = {one["labels"]["service"]: one["targets"] for job in jobs for one in job["static_configs"]}
    assert targets == {"intake": ["localhost:8510"], "followup": ["localhost:8520"], "loyalty": ["localhost:8530"],
                       "reporting": ["localhost:8540"], "dialer": ["localhost:8550"]}
    assert {job["job_name"] for job in jobs} == {"troth"}  # by which the alerts know them


def test_what_alerts_runbook_and_dashboards_name_is_in_a_readme(monitoring, alerts, project_root):
    """test_metrics.py compares the READMEs with what is served."""
    readmes = [*project_root.glob("services/*/README.md"), project_root / "common/README.md"]
    known = {name for file in readmes for name in re.findall(r"`((?:troth|process)_[a-z0-9_]+)`", file.read_text())}
    texts = {rule["alert"]: rule["expr"] for rule in alerts}
    texts["runbook"] = (monitoring / "RUNBOOK.md").read_text()
    for file in sorted((monitoring / "grafana").glob("*.json")):
        panels = json.loads(file.read_text())["panels"]
        assert panels
        texts[file.name] = " ".join(target["expr"] for panel in panels for target in panel["targets"])
    for place, text in texts.items():
        used = {name if name in known else ENDS.sub("", name) for name in NAME.findall(text)}
        assert not used - known, place


def labels_wanted(text):
    """In selectors, in "by" and in what people are told."""
    grouped = re.findall(r"\bby ?\(([^)]*)\)", text)
    return {*re.findall(r'(\w+) ?(?:=~|!~|!=|=) ?"', text), *re.findall(r"\$labels\.(\w+)", text),
            *(label.strip() for group in grouped for label in group.split(","))} - {"le"}


def test_labels_are_those_that_the_metrics_have(monitoring, alerts, project_root):
    """test_metrics.py compares the READMEs with what is served."""
    readmes = [*project_root.glob("services/*/README.md"), project_root / "common/README.md"]
    known = {name: set(labels.replace(",", " ").split()) for file in readmes for name, labels in ROW.findall(file.read_text())}
    exprs = {rule["alert"]: (rule["expr"], rule["expr"] + rule["annotations"]["summary"]) for rule in alerts}
    for file in (monitoring / "grafana").glob("*.json"):
        for panel in json.loads(file.read_text())["panels"]:
            exprs.update({f"{file.name}: {panel['title']} {target['refId']}": (target["expr"],) * 2 for target in panel["targets"]})
    for place, (expr, text) in exprs.items():
        names = [name if name in known else ENDS.sub("", name) for name in NAME.findall(expr)]
        has = OF_TARGETS.union(*(known[name] for name in names))
        assert not labels_wanted(text) - has, place
        kept = [label.strip() for group in re.findall(r"\bby ?\(([^)]*)\)", expr) for label in group.split(",")]
        told = set(re.findall(r"\$labels\.(\w+)", text))
        assert not kept or told <= set(kept), f"{place}: a label that is summed away"


def test_there_is_a_dashboard_for_the_whole_and_for_each_service(monitoring):
    names = {file.stem for file in (monitoring / "grafana").glob("*.json")}
    assert names == {"overview", "intake", "followup", "loyalty", "reporting", "dialer"}
