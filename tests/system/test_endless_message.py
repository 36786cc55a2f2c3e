# SPDX-License-Identifier: Apache-2.0
"""A peer with a good key that begins a message and never ends it.

libzmq keeps all frames of a message until the last one has come and counts only whole messages, so
no limit of its own holds. The limit of the process does. With large frames libzmq then closes the
connection; with small ones it ends the process, whose supervisor has it back, and whoever had no
receipt sends again.
"""

import threading
import time
from pathlib import Path

import pytest

from tests.support.curve_peer import CurvePeer
from tests.support.intake_client import ACCEPTED, DUPLICATE, IntakeClient, contact
from tests.support.system import Process, wait_until

LIMIT_MIB = 256
BACK_WITHIN = 3.0  # seconds


def start_supervised(system):
    """Intake under 'troth run', at its usual endpoints."""
    config = system.write_settings("intake", memory_max_mib=LIMIT_MIB)
    run = system.folder / "run.conf"
    program = system.programs / "troth-intake"
    run.write_text(f'services = ( {{ name = "intake"; command = [ "{program}", "--config", "{config}" ]; }} );\n')
    process = Process("run", [system.programs / "troth", "run", "--config", run],
                      system.folder / "run.log")
    system.processes.append(process)
    process.wait_ready()
    return process


def child_of(process):
    """The pid of the one child, or None."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(children[0]) if children else None


def resident_mib(pid):
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0


class Flood(threading.Thread):
    """Frames with 'more to come', until the other side is gone."""

    def __init__(self, system, name, frame_bytes):
        super().__init__(daemon=True)
        path = system.endpoint("intake").removeprefix("ipc://")
        self.peer = CurvePeer(path, system.key(name), system.service_key("intake"))
        self.frame = b"x" * frame_bytes
        self.sent = 0
        self.start()

    def run(self):
        try:
            while True:
                self.peer.send_frame(self.frame, is_more=True)
                self.sent += 1
        except OSError:
            self.peer.close()


class Crowd(threading.Thread):
    """A good source that sends all the while; its receipts are there once it has ended."""

    def __init__(self, garage, count):
        super().__init__(daemon=True)
        self.records = [contact(f"c-{i % 50}") for i in range(count)]
        self.garage, self.receipts = garage, {}
        self.start()

    def run(self):
        self.receipts = self.garage.send_all(
            self.records, per_message=20, window=200, resend=1.0, seconds=60)

    def check(self, system):
        self.join()
        assert len(self.receipts) == len(self.records)
        assert {r.status for r in self.receipts.values()} <= {ACCEPTED, DUPLICATE}
        keys = system.psql("SELECT count(*) FROM intake.receipt WHERE source_id ="
                           " (SELECT id FROM intake.source WHERE name = 'garage')")
        assert int(keys) >= len(self.records)


@pytest.fixture
def garage(system):
    system.key("hostile", ["records"])
    return IntakeClient(system.client("intake", "garage", rights=["records"]))


def test_many_small_frames_cost_one_restart_and_no_record(system, garage):
    supervisor = start_supervised(system)
    assert garage.send_one(contact()).status == ACCEPTED
    first = child_of(supervisor)
    most = 0
    flood = Flood(system, "hostile", 10)
    crowd = Crowd(garage, 2000)

    def is_gone():
        nonlocal most
        most = max(most, resident_mib(first))
        return child_of(supervisor) != first

    wait_until(is_gone, seconds=100, what="the end of intake")
    gone_at = time.monotonic()
    assert 64 < most < LIMIT_MIB
    back = contact()
    wait_until(lambda: is_heard(system, back), what="intake's return")
    assert time.monotonic() - gone_at < BACK_WITHIN
    crowd.check(system)
    flood.join()


def test_large_frames_cost_the_connection_that_they_came_on(system, garage):
    intake = system.start("intake", memory_max_mib=LIMIT_MIB)
    assert garage.send_one(contact()).status == ACCEPTED
    crowd = Crowd(garage, 2000)
    for _ in range(2):  # and what it took is free again
        # A shake of hands may come to nothing while intake has no memory left.
        flood = wait_until(lambda: let_in(system), 60, "the hostile connection")
        most = 0
        while flood.is_alive():
            most = max(most, resident_mib(intake.pid))
            flood.join(0.05)
        assert 100 < most < LIMIT_MIB
        assert intake.is_running()
    crowd.check(system)


def let_in(system):
    try:
        return Flood(system, "hostile", 60_000)
    except ConnectionError:
        return None


def is_heard(system, one):
    """On a connection of its own: how soon others come back is their own affair."""
    client = system.client("intake", "garage")
    try:
        return IntakeClient(client).send_one(one, seconds=0.3).status in (ACCEPTED, DUPLICATE)
    except TimeoutError:
        return False
