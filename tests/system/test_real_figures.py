# SPDX-License-Identifier: Apache-2.0
"""Real files, imported whole: the report's figures are those of PostgreSQL on the same rows."""

import json
import subprocess

import pytest

from tests.support.system import ROOT, config_text, wait_until

SERVICES = ["intake", "reporting"]
FILES = [
    ("cfpb", "cfpb/complaints_sample.csv"),
    ("gov_replies_zh", "gov_messages_zh/replies_2816_part1.csv"),
]


@pytest.fixture
def troth(system, programs):
    """The command line with the settings for a running intake and reporting."""
    key = system.key("archive", ["records", "reports"], is_historical=True)
    for service in SERVICES:
        system.start(service)
    values = {"key_file": key.path, "source": "archive"}
    for service in SERVICES:
        values[service] = system.endpoint(service)
        values[f"{service}_key"] = system.service_key(service).public_path
    config = system.folder / "troth.conf"
    config.write_text(config_text(values))

    def run(*arguments):
        command = [programs / "troth", *arguments, "--config", config]
        done = subprocess.run(list(map(str, command)), text=True, capture_output=True, timeout=300,
                              stdin=subprocess.DEVNULL, check=False)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    return run


@pytest.mark.parametrize(("mapping", "path"), FILES, ids=[name for name, _ in FILES])
def test_medians_are_those_of_percentile_cont(system, troth, reference_data, record_property, mapping, path):
    line = troth("import", "--mapping", ROOT / f"deploy/mappings/{mapping}.conf",
                 "--rejected", system.folder / "rejected.csv", reference_data / path)
    record_property("import", line.strip().splitlines()[-1])

    def overview():
        shown = json.loads(troth("report", "overview", "--json"))["overview"]
        return shown if shown.get("events_behind", 0) == 0 else None

    total = wait_until(overview, seconds=120, what="all events are counted")["total"]
    count, median, p90 = system.psql(
        "SELECT count(*), round(percentile_cont(0.5) WITHIN GROUP (ORDER BY us)),"
        " round(percentile_cont(0.9) WITHIN GROUP (ORDER BY us)) FROM"
        " (SELECT extract(epoch FROM first_response_at - opened_at)::numeric * 1000000 AS us"
        "    FROM intake.service_case WHERE first_response_at IS NOT NULL) AS responses"
    ).split("|")
    assert int(count) > 1000
    assert total["first_responses"] == int(count)
    assert int(total["first_response_median_us"]) == pytest.approx(float(median), rel=0.011)
    assert int(total["first_response_p90_us"]) == pytest.approx(float(p90), rel=0.011)
    assert total["cases"] == int(system.psql("SELECT count(*) FROM intake.service_case"))
    assert total["promises_made"] == int(system.psql("SELECT count(*) FROM intake.promise"))
    assert total["promises_kept"] == int(system.psql("SELECT count(*) FROM intake.promise WHERE state = 3"))
