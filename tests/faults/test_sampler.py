# SPDX-License-Identifier: Apache-2.0
"""An eye that closed says so in the end, and hides nothing else."""

import pytest

from tests.faults.sampler import Sampler
from tests.support.system import wait_until


class Counting(Sampler):
    every = 0.001

    def __init__(self, until=None):
        super().__init__()
        self.until, self.seen, self.has_ended = until, 0, False

    def sample(self):
        self.seen += 1
        if self.seen == self.until:
            raise ValueError("blind")

    def end(self):
        self.has_ended = True


def test_it_looks_until_it_is_told_to_stop():
    with Counting() as eye:
        wait_until(lambda: eye.seen > 2, what="looks")
    assert eye.has_ended and eye.error is None


def test_what_it_met_is_raised_in_the_end():
    with pytest.raises(ValueError, match="blind"):
        with Counting(until=2) as eye:
            wait_until(lambda: eye.has_ended, what="its end")
    assert eye.seen == 2


def test_what_went_wrong_beside_it_comes_first():
    with pytest.raises(KeyError):
        with Counting(until=1) as eye:
            wait_until(lambda: eye.has_ended, what="its end")
            raise KeyError("the test's own")
    assert isinstance(eye.error, ValueError)
