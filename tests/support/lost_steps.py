# SPDX-License-Identifier: Apache-2.0
"""A program whose connection to PostgreSQL ends at the step that a test names (faults/failing_database.c).

    steps = LostSteps(system.folder, "reporting")
    system.start("reporting", environment=steps.environment())
    steps.lose(3)             # the third step from now on
    steps.is_waiting()        # until there was a third one
"""

import os

from tests.support.system import ROOT

LIBRARY = ROOT / os.environ.get("TROTH_OUT", "build") / "tests/faults/failing_database.so"


class LostSteps:
    def __init__(self, folder, name):
        self.path = folder / f"{name}.lost-step"

    def environment(self):
        return {"LD_PRELOAD": str(LIBRARY), "TROTH_FAILING_DATABASE": str(self.path)}

    def lose(self, number):
        """Written beside it first: the program never sees half a number."""
        beside = self.path.with_suffix(".new")
        beside.write_text(f"{number}\n")
        beside.rename(self.path)

    def is_waiting(self):
        return self.path.exists()

    def withdraw(self):
        """Whether it was still waiting."""
        was_waiting = self.is_waiting()
        self.path.unlink(missing_ok=True)
        return was_waiting
