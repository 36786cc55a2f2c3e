# SPDX-License-Identifier: Apache-2.0
"""Other products as processes of our own: started from a folder that goes away with them, on ports that were free, never as
a service of the system."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from tests.bench.measure import progress, skip

INSTALL = "'make bench-peers' installs it"


def is_there(product, path, figures):
    """False says in the report which figures are left out."""
    if shutil.which(path):
        return True
    for figure in figures:
        skip(figure, f"{product} is not installed: {INSTALL}")
    progress(f"{product} is not installed: nothing is measured beside it ({INSTALL})")
    return False


def free_ports(count):
    """They were free a moment ago, all at the same time."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class PeerProcess:
    """A folder on the disk that PostgreSQL is on, too, and what runs in it."""

    def __init__(self, name):
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix=f"troth-bench-{name}-", dir="/tmp"))
        self.processes = []

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *unused):
        self.stop()

    def start(self):
        raise NotImplementedError

    def run(self, command, env=None):
        """In a session of its own: those that it starts end with it. It ends itself when this process is killed."""
        log = open(self.folder / "log", "ab")
        with log:
            process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", "--", *map(str, command)],
                                       env=dict(os.environ, **(env or {})), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                       cwd=self.folder, start_new_session=True)
        self.processes.append(process)
        return process

    def roots(self):
        return [process.pid for process in self.processes]

    def wait_for(self, is_ready, seconds=180):
        deadline, pause = time.monotonic() + seconds, threading.Event()
        while not is_ready():
            ended = [process for process in self.processes if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                raise TimeoutError(f"{self.name} does not start:\n{self.log()[-2000:]}")
            pause.wait(0.1)

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def stop(self):
        for process in reversed(self.processes):
            end_group(process)
        shutil.rmtree(self.folder, ignore_errors=True)


def end_group(process, seconds=30):
    """All of its session; asked first."""
    for signal_number in (15, 9):
        try:
            os.killpg(process.pid, signal_number)
        except ProcessLookupError:
            break
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def listens(port):
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0
