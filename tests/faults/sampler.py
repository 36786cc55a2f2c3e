# SPDX-License-Identifier: Apache-2.0
"""Looks at something every so often, beside what a test does.

    class Pace(Sampler):
        every = 0.05
        def sample(self): ...

    with Pace() as pace: ...
"""

import threading


class Sampler:
    every = 0.1  # seconds

    def __init__(self):
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *unused):
        self._stop.set()
        self._thread.join()

    def _work(self):
        self.begin()
        try:
            while not self._stop.wait(self.every):
                self.sample()
        finally:
            self.end()

    def begin(self):
        """In the thread, as are the others."""

    def sample(self):
        raise NotImplementedError

    def end(self):
        pass
