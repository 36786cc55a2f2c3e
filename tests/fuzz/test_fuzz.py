# SPDX-License-Identifier: Apache-2.0
"""What strangers send, for a minute in every run; 'make fuzz' takes longer and runs all of them."""

import os
import re
import subprocess
from pathlib import Path

import pytest

SECONDS = int(os.environ.get("FUZZ_SECONDS", "60"))
NAMED_LIKE_A_READER = re.compile(r"\b([a-z]\w+_(?:parse|decode|unpack|from_json))\(")


def test_records_of_chance_never_harm_intake(project_root):
    build = project_root / Path(os.environ.get("TROTH_BUILD", "build"))
    if not (build / "clang-san-fuzz/tests/fuzz/intake_decode_fuzz").exists():
        pytest.skip("SKIP: the fuzzer is not built; 'make test' builds it")
    done = subprocess.run(
        [project_root / "tests/fuzz/run_fuzzers.sh", "intake_decode"],
        env={**os.environ, "BUILD": str(build), "FUZZ_SECONDS": str(SECONDS)},
        capture_output=True, text=True, timeout=SECONDS + 120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def rows(project_root):
    """[(readers, fuzzer)] of the table."""
    text = (project_root / "tests/fuzz/README.md").read_text(encoding="utf-8")
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line.startswith("| ")]
    return [(re.findall(r"`(\w+)`", readers), fuzzer) for _, readers, fuzzer in (row for row in cells if "`" in row[1])]


def test_every_reader_of_what_comes_from_outside_has_a_fuzzer(project_root):
    """A function whose name says that it reads is in the table, or the page says why it is not."""
    page = (project_root / "tests/fuzz/README.md").read_text(encoding="utf-8")
    headers = [path for folder in ("common", "services") for path in (project_root / folder).glob("*/*.h")]
    names = {name for path in headers for name in NAMED_LIKE_A_READER.findall(path.read_text(encoding="utf-8"))}
    assert len(names) >= 20
    assert sorted(name for name in names if f"`{name}`" not in page) == []


def test_each_fuzzer_calls_what_the_table_says(project_root):
    here = project_root / "tests/fuzz"
    listed = rows(project_root)
    sources = {path.name.removesuffix("_fuzz.c"): path.read_text(encoding="utf-8") for path in here.glob("*_fuzz.c")}
    shared = "".join(path.read_text(encoding="utf-8") for path in here.glob("*.h"))
    assert {fuzzer for _, fuzzer in listed} == set(sources)
    assert [(name, fuzzer) for readers, fuzzer in listed for name in readers if name not in sources[fuzzer] + shared] == []


def test_each_fuzzer_has_inputs_to_start_from(project_root):
    here = project_root / "tests/fuzz"
    without = [path.name for path in here.glob("*_fuzz.c")
               if not any((here / "corpus" / path.name.removesuffix("_fuzz.c")).glob("*"))]
    assert without == []
