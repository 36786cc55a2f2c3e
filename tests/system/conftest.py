# SPDX-License-Identifier: Apache-2.0
"""What the tests of the real programs share."""

import pytest

from tests.support.system import System


@pytest.fixture
def system(cluster, programs):
    """A fresh database; the programs that a test starts in it end with the test."""
    with System(cluster, programs) as running:
        yield running
