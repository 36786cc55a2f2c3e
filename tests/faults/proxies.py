# SPDX-License-Identifier: Apache-2.0
"""A bad network between two programs: fault_proxy.c, told what to do.

    with Proxy(listen="unix:/tmp/x", target="unix:/tmp/y", seed=7) as proxy:    # or "127.0.0.1:0"
        proxy.say("silence down hold")
        proxy.status()["links"]
"""

import os
import selectors
import subprocess
import time
from pathlib import Path

from tests.support.system import ROOT, wait_until

ANSWER_SECONDS = 20


def proxy_program():
    """Its path; None when it is not built."""
    path = ROOT / os.environ.get("TROTH_OUT", "build") / "tests/faults/fault_proxy"
    return path if path.exists() else None


def why_no_proxy():
    return None if proxy_program() else "fault_proxy is not built: make fault-programs"


class Proxy:
    def __init__(self, *, listen, target, seed=1):
        self.process = subprocess.Popen([str(proxy_program()), listen, target, str(seed)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = self._line().removeprefix("ready ")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def _line(self):
        # It answers by one line, and nothing else is ever there.
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(ANSWER_SECONDS):
                raise TimeoutError("the proxy did not answer")
        return self.process.stdout.readline().rstrip("\n")

    def say(self, command):
        """What it answers behind 'ok'."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self._line()
        if not answer.startswith("ok"):
            raise ValueError(f"{command}: {answer}")
        return answer.removeprefix("ok").strip()

    def status(self):
        return {name: int(value) for name, value in (word.split("=") for word in self.say("status").split())}

    # ---- what tests do with it

    def wait_for_cut(self, cuts_before, seconds=ANSWER_SECONDS):
        """The instant at which it was seen (time.monotonic())."""
        wait_until(lambda: self.status()["cut"] > cuts_before, seconds, "the cut")
        return time.monotonic()


def before_database(system, folder_name="net", seed=1):
    """(Proxy, conninfo of a role): PostgreSQL's socket once more, behind a proxy."""
    folder = Path(system.folder) / folder_name
    folder.mkdir()
    socket = folder / ".s.PGSQL.5432"
    proxy = Proxy(listen=f"unix:{socket}", target=f"unix:{system.cluster.socket}/.s.PGSQL.5432", seed=seed)

    def conninfo(role):
        return f"host={folder} port=5432 user={role} dbname={system.database}"
    return proxy, conninfo


def before_endpoint(endpoint, new_endpoint, seed=1):
    """An ipc:// endpoint of ZeroMQ once more, behind a proxy."""
    return Proxy(listen=f"unix:{new_endpoint.removeprefix('ipc://')}",
                 target=f"unix:{endpoint.removeprefix('ipc://')}", seed=seed)
