# SPDX-License-Identifier: Apache-2.0
"""What the tests in the browser share: one small demo and one Chromium for all of them.

TROTH_BROWSER_DEMO=FOLDER looks at a demo that is there, with nobody at its worklist, instead of playing one; for who
writes such tests.
"""

import os
import tempfile
from pathlib import Path

import pytest

from tests.conftest import OUT
from tests.support import chromium
from tests.support.played_month import PlayedMonth

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # xdist reads the marks in its own
def pytest_collection_modifyitems(items):
    # One worker takes them all: there is one demo, and some change it for those after them.
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def month(programs):
    chromium.programs()
    kept = os.environ.get("TROTH_BROWSER_DEMO")
    folder = kept or tempfile.mkdtemp(prefix="troth-browser-", dir="/tmp")
    played = PlayedMonth(folder, programs)
    try:
        if not kept:
            played.play()
        played.open()
        yield played
    finally:
        if kept:
            played.stop()
        else:
            played.remove()


@pytest.fixture(scope="session")
def browser(month):
    with chromium.Chromium(month, OUT / "browser") as running:
        yield running
