# SPDX-License-Identifier: Apache-2.0
"""Looks at something every so often, beside what a test does.

    class Pace(Sampler):
        every = 0.05
        def sample(self): ...

    with Pace() as pace: ...     # raises in the end what sample() raised: an eye that closed has seen nothing
"""

import threading


class Sampler:
    every = 0.1  # seconds

    def __init__(self):
        self.error = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, kind, *unused):
        self._stop.set()
        self._thread.join()
        if kind is None:
            self.check()

    def check(self):
        if self.error is not None:
            raise self.error

    def _work(self):
        try:
            self.begin()
            try:
                while not self._stop.wait(self.every):
                    self.sample()
            finally:
                self.end()
        except Exception as error:  # pylint: disable=broad-except
            self.error = error

    def begin(self):
        """In the thread, as are the others."""

    def sample(self):
        raise NotImplementedError

    def end(self):
        pass
