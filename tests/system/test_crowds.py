# SPDX-License-Identifier: Apache-2.0
"""Connections by the thousand, idle ones and rubbish, while a good source goes on working."""

import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.intake_client import ACCEPTED, IntakeClient, contact
from tests.support.system import ROOT, wait_until

IDLE = int(os.environ.get("TROTH_IDLE_CONNECTIONS", "10000"))
STARTING = 10  # descriptors that a process may still close after its start, at most
PROCESSES = 4  # of idle ones: descriptors are limited for each process
GARBAGE = 20_000
RECEIPT_WITHIN = 5.0  # seconds, on a machine that is busy with the crowd itself
# What an authenticated connection makes libzmq 4.3.4 take, by its queues and buffers, is 99 KiB, of
# which 39 KiB are touched; and the services let it take what memory_max_mib says.
BYTES_EACH = 48 * 1024
BASE_BYTES = 64 * 1024 * 1024


def crowd(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.crowd", *map(str, arguments)], cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def slowest_receipt(garage, is_over, pause=0.05):
    """Sends one record after the other until is_over(); the longest wait for a receipt."""
    slowest = 0.0
    while not is_over():
        begin = time.monotonic()
        assert garage.send_one(contact()).status == ACCEPTED
        slowest = max(slowest, time.monotonic() - begin)
        garage.client.socket.poll(pause * 1000)  # nothing comes: a pause
    return slowest


def open_files(intake):
    return len(list(Path(f"/proc/{intake.pid}/fd").iterdir()))


@pytest.fixture
def intake(system):
    system.key("garage", ["records"])
    system.key("idle", ["records"])
    return system.start("intake", requests="tcp://127.0.0.1:*")


@pytest.fixture
def garage(system, intake):
    client = system.client("intake", "garage")
    client.socket.connect(intake.ready["requests"])
    return IntakeClient(client)


@pytest.mark.timeout(300)
def test_idle_connections_by_the_thousand_are_only_memory(system, intake, garage):
    idle, server = system.key("idle"), system.service_key("intake")
    wait_until(lambda: garage.send_one(contact()).status == ACCEPTED, what="the first receipt")
    least = open_files(intake) + IDLE - STARTING
    crowds = [crowd("idle", intake.ready["requests"], server.public.decode(), idle.public.decode(),
                    idle.secret.decode(), IDLE // PROCESSES) for _ in range(PROCESSES)]
    try:
        deadline = time.monotonic() + 200
        slowest = slowest_receipt(
            garage, lambda: open_files(intake) >= least or time.monotonic() > deadline)
        assert open_files(intake) >= least
        until = time.monotonic() + 5  # longer than a client's heartbeat may take
        slowest = max(slowest, slowest_receipt(garage, lambda: time.monotonic() > until))
        assert slowest < RECEIPT_WITHIN
        assert open_files(intake) >= least  # none of them was cut
        for one in crowds:
            assert select.select([one.stdout], [], [], 10)[0] and one.stdout.readline() == "open\n"
        resident = system.metric("intake", "process_resident_memory_bytes")
        assert resident < BASE_BYTES + IDLE * BYTES_EACH
    finally:
        for one in crowds:
            one.kill()
            one.wait()
    wait_until(lambda: open_files(intake) < 200, what="the end of their connections")
    assert garage.send_one(contact()).status == ACCEPTED


@pytest.mark.timeout(300)
def test_garbage_connections_cost_nothing_that_stays(system, intake, garage):
    wait_until(lambda: garage.send_one(contact()).status == ACCEPTED, what="the first receipt")
    ours = open_files(intake)
    before = system.metric("intake", "process_resident_memory_bytes")
    port = intake.ready["requests"].rsplit(":", 1)[1]
    crowds = [crowd("garbage", "127.0.0.1", port, GARBAGE // 2, seed) for seed in (1, 2)]
    slowest = slowest_receipt(garage, lambda: all(one.poll() is not None for one in crowds))
    assert [one.stdout.read() for one in crowds] == ["done\n"] * 2
    assert slowest < RECEIPT_WITHIN
    wait_until(lambda: open_files(intake) < ours + 20, what="the end of their connections")
    assert system.metric("intake", "process_resident_memory_bytes") < before + 64 * 1024 * 1024
    assert garage.send_one(contact()).status == ACCEPTED
    assert intake.is_running()
