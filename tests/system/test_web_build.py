# SPDX-License-Identifier: Apache-2.0
"""The built dashboard: small, whole, nobody else's business, and its own tests pass."""

import gzip
import os
import re
import subprocess

import pytest

from tests.support.npm import require_modules
from tests.support.system import ROOT

WEB = (ROOT / os.environ.get("TROTH_OUT", "build") / "web").resolve()
WORK = WEB.parent / "web-work"
FIRST_LOAD_MAX = 400 * 1024


@pytest.fixture(autouse=True)
def packages():
    require_modules(WORK, how="make web")


def built():
    files = [path for path in WEB.rglob("*") if path.is_file() and path.suffix != ".gz"]
    assert files, f"{WEB} is empty: make web"
    return files


def test_all_of_it_is_smaller_compressed_than_its_first_load_may_be():
    size = sum(path.with_name(path.name + ".gz").stat().st_size for path in built())
    assert size < FIRST_LOAD_MAX


def test_each_file_has_itself_compressed_beside_it():
    for path in built():
        packed = path.with_name(path.name + ".gz")
        assert gzip.decompress(packed.read_bytes()) == path.read_bytes(), path


def test_nothing_names_another_host():
    known = {"http://www.w3.org/2000/svg", "https://github.com/ecomfe/zrender/blob/master/LICENSE"}
    for path in built():
        found = set(re.findall(r"https?://[^\s\"'`)]+", path.read_text("utf-8")))
        assert found <= known, path


def test_the_page_has_no_script_and_no_style_inside():
    page = (WEB / "index.html").read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    for path in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert path.startswith("/assets/") and (WEB / path[1:]).is_file(), path


def run(*command, cwd=WORK):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def test_its_types_fit():
    run("node", "node_modules/typescript/bin/tsc", "--noEmit")


def test_its_sources_are_formatted():
    prettier = WORK / "node_modules/prettier/bin/prettier.cjs"
    run("node", str(prettier), "--check", ".", cwd=ROOT / "services/reporting/web")


def test_its_own_tests_pass():
    run("node", "dev/run_tests.mjs")
