# SPDX-License-Identifier: Apache-2.0
"""The same tree makes the same bytes wherever it lies: libtroth here, everything by 'make reproducible'."""

import os
import subprocess

import pytest

from tests.support.elf import tool
from tests.support.installed import COMPILER
from tests.support.system import ROOT


WITHOUT_COUNTERS = pytest.mark.skipif("--coverage" in COMPILER, reason="SKIP: programs with counters know where to write them")


@WITHOUT_COUNTERS
@pytest.mark.xdist_group("install")  # one build at a time
def test_libtroth_is_the_same_from_another_folder(tmp_path):
    done = subprocess.run([ROOT / "tests/package/reproducible.sh", "libtroth"], capture_output=True, text=True, timeout=280,
                          check=False, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert done.returncode == 0 and "2 files are the same" in done.stdout, done.stdout + done.stderr


@WITHOUT_COUNTERS
def test_no_program_knows_where_it_was_built(programs):
    knowing = [path.name for path in programs.iterdir() if str(ROOT) in tool("strings", "-a", path)]
    assert knowing == []
