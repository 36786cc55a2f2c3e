# SPDX-License-Identifier: Apache-2.0
"""What SECURITY.md names as proof is there, in Python or in C, and runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "SECURITY.md"
NAMED = re.compile(r"`(tests/[\w/]+\.(?:py|c))::(\w+)`")


def why_it_proves_nothing(path, name):
    """None if that is a test which some run comes by."""
    source = ROOT / path
    if not source.exists():
        return "no such file"
    text = source.read_text(encoding="utf-8")
    if source.suffix == ".c":  # defined, and in the program's list
        is_there = re.search(rf"^static void {name}\(void \*\*", text, re.M)
        return None if is_there and re.search(rf"^ +\w+\(\s*{name}\b[^;]*\),$", text, re.M) else "no case of that program"
    if path.startswith("tests/faults/"):
        return None if re.search(rf"^@fault\([^@]*?\)\ndef {name}\(trial\)", text, re.M) else "no fault of the catalogue"
    return None if re.search(rf"^def {name}\(", text, re.M) else "no such function"


def test_every_test_that_the_page_on_security_names_exists():
    named = NAMED.findall(PAGE.read_text(encoding="utf-8"))
    assert len(named) >= 60
    assert {name: why for path, name in named if (why := why_it_proves_nothing(path, name))} == {}


def test_every_attack_has_a_defence_and_a_test():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("## Who could attack"))
    rows = [line for line in lines[start:] if line.startswith("| ") and not line.startswith(("| attack", "| ---"))]
    assert len(rows) >= 30
    for row in rows:
        attack, defence, shown = (cell.strip() for cell in row.strip("|").split(" | "))
        assert attack and defence and NAMED.search(shown), row


@pytest.mark.parametrize(("path", "name"), [
    ("tests/system/test_nothing.py", "test_it"),
    ("tests/system/test_security_page.py", "test_of_nothing"),
    ("tests/unit/base/text_test.c", "nothing_at_all"),
    ("tests/faults/trial.py", "fault"),
])
def test_a_name_without_a_test_is_found(path, name):
    assert why_it_proves_nothing(path, name)
