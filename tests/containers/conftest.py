# SPDX-License-Identifier: Apache-2.0
"""One engine, one set of images and one running stack for all tests of this folder; they change it, one after the other."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.containers.stack import Stack, start_engine, stop_engine


@pytest.fixture(scope="session")
def stack():
    start_engine()
    folder = Path(tempfile.mkdtemp(prefix="troth-compose-", dir="/tmp"))
    try:
        with Stack(folder) as running:
            running.build()
            running.up()
            yield running
    finally:
        stop_engine()
        shutil.rmtree(folder, ignore_errors=True)
