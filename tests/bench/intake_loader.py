# SPDX-License-Identifier: Apache-2.0
"""Intakes on a database, and the load generators that send to them."""

import json
import os
import subprocess

from tests.bench.measure import TICKS, ticks_of
from tests.support.http_door import door_path, door_settings, give_token
from tests.support.system import System

IN_FLIGHT = 4096


class Loader:
    """cluster: where the database is, unless it is the bench's own. has_door: the first intake takes posts."""

    def __init__(self, bench, database, intakes=1, cluster=None, has_door=False):
        self.bench = bench
        self.cluster = cluster or bench.cluster
        self.system = System(self.cluster, bench.programs, database)
        self.loader = self.system.key("loader", ["records"])
        self.token = give_token(self.system, "loader") if has_door else None
        settings = door_settings(self.system) if has_door else {}
        try:
            self.intakes = [
                self.system.start("intake", instance=f"intake-{i}", requests="tcp://127.0.0.1:*", **settings)
                for i in range(intakes)]
        except BaseException:
            self.system.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        for intake in self.intakes:
            intake.terminate()
        self.system.stop()

    @property
    def intake(self):
        return self.intakes[0]

    def run(self, kind, count, in_flight, first=0, known=0):
        """What the generator measured; the numbers FIRST to FIRST + count must not have been used."""
        return self.run_beside([(0, kind, count, in_flight, first, known)])[0]

    def run_beside(self, jobs):
        """The same for several generators at once; a job begins with the number of its intake."""
        return self._finish([self._start_generator(*job) for job in jobs])

    def run_http(self, count, batch, connections, first):
        """The same over HTTP, batch records in a post."""
        path = self.system.folder / "token"
        path.write_text(self.token + "\n")
        endpoint = f"unix:{door_path(self.system)}"
        command = [self.bench.tools / "intake_http_bench", endpoint, path, count, batch, connections, first, 0]
        return self._finish([self._start(command)])[0]

    def used(self):
        """Ticks of server, intakes and generators; these count once they have ended."""
        times = os.times()
        return [ticks_of([self.cluster.postmaster()]), ticks_of([intake.pid for intake in self.intakes]),
                (times.children_user + times.children_system) * TICKS]

    def _start_generator(self, intake, kind, count, in_flight, first, known):
        return self._start([
            self.bench.tools / "intake_load_bench", self.intakes[intake].ready["requests"], self.loader.path,
            self.system.service_key("intake").public_path, kind, count, in_flight, first, known])

    def _start(self, command):
        return subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def _finish(self, generators):
        results = []
        try:
            for generator in generators:
                out, trouble = generator.communicate()
                if generator.returncode != 0:
                    raise RuntimeError(f"the generator failed: {trouble}\n{self.intake.log()[-2000:]}")
                results.append(json.loads(out))
        finally:
            for generator in generators:
                generator.kill()  # nothing, when it has ended
        return results
