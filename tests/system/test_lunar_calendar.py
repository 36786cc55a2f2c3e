# SPDX-License-Identifier: Apache-2.0
"""The tables of the Chinese calendar against npm's lunar-javascript, which computes it: all days
and all solar terms from 1901 to 2100."""

import os
import subprocess

import pytest

from tests.conftest import OUT
from tests.support.installed import BUILD, COMPILER, STRICT
from tests.support.npm import require_modules
from tests.support.system import ROOT

FILES = ROOT / "tests/support/lunar"
DAYS = 73028  # 1901-02-19 to 2101-01-28
TERMS = 200 * 24


@pytest.fixture(scope="module")
def computed():
    modules = require_modules(ROOT / BUILD / "node-tests")
    done = subprocess.run(["node", FILES / "lunar_javascript_days.js"], check=True, timeout=120,
                          env=dict(os.environ, NODE_PATH=str(modules)), capture_output=True,
                          text=True)
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def tabled(tmp_path_factory):
    program = tmp_path_factory.mktemp("lunar") / "lunar_table_days"
    subprocess.run([*COMPILER, *STRICT, f"-I{ROOT}", "-o", program, FILES / "lunar_table_days.c",
                    OUT / "lib/libtroth-common.a", "-lsodium", "-lm"], check=True)
    done = subprocess.run([program], check=True, capture_output=True, text=True, timeout=60)
    return done.stdout.splitlines()


def test_every_day_and_every_solar_term_is_as_lunar_javascript_computes_it(computed, tabled):
    assert len(computed) == DAYS + TERMS
    wrong = sorted(set(computed) ^ set(tabled))
    assert not wrong, f"{len(wrong)} lines differ, the first ones: {wrong[:6]}"
    assert computed == tabled


def test_new_years_that_other_tables_have_wrong_are_right_here(tabled):
    """ICU 72, as Debian 12 has it, lets these two begin a day off."""
    assert "2027-02-06 2027 1 1" in tabled
    assert "2030-02-03 2030 1 1" in tabled
