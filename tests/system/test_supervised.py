# SPDX-License-Identifier: Apache-2.0
"""What a service tells a supervisor that speaks sd_notify(3), as systemd does: a unix socket that gets a datagram for each state."""

import signal
import socket
import subprocess
import time

import pytest


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Whoever starts from now on has a supervisor; returns what it hears next, or None after so many seconds."""
    address = str(tmp_path / "notify")
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.bind(address)
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    monkeypatch.setenv("WATCHDOG_USEC", "600000")

    def next_state(seconds=20):
        listening.settimeout(seconds or 0.001)
        try:
            return listening.recv(100).decode()
        except TimeoutError:
            return None

    with listening:
        yield next_state


def until(told, state, seconds=20):
    """All that is told up to that state, which is included."""
    heard, end = [], time.monotonic() + seconds
    while state not in heard:
        assert time.monotonic() < end, heard
        heard.append(told(seconds))
    return heard


def test_a_service_is_ready_gives_signs_of_life_and_says_that_it_stops(system, told):
    intake = system.start("intake")
    assert told() == "READY=1", "nothing before the ready line, and no sign of life before that"
    assert [told() for _ in range(3)] == ["WATCHDOG=1"] * 3
    intake.popen.send_signal(signal.SIGTERM)
    heard = until(told, "STOPPING=1")
    assert set(heard[:-1]) <= {"WATCHDOG=1"}
    assert intake.popen.wait(20) == 0


def test_a_service_that_hangs_falls_silent_and_speaks_again_when_it_goes_on(system, told):
    intake = system.start("intake")
    until(told, "WATCHDOG=1")
    intake.pause()
    try:
        while told(0) is not None:  # what was said before
            pass
        assert told(1.5) is None
    finally:
        intake.resume()
    assert told() == "WATCHDOG=1"


def test_a_service_that_cannot_start_is_never_ready(programs, tmp_path, told):
    done = subprocess.run([programs / "troth-dialer", "--set", f"key_file={tmp_path}/none.key"], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 1
    assert told(0) is None
