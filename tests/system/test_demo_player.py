# SPDX-License-Identifier: Apache-2.0
"""However a demo ends, nothing is held back afterwards: what runs on goes on by itself."""

import signal
import subprocess

import pytest

from tests.support.system import wait_until
from tests.system.test_cli import connected

STORY = ["--days", "1", "--customers", "20"]


@pytest.fixture
def demo(system, programs):
    """Intake alone: what reporting should read waits for ever."""
    troth = connected(system, programs, services=[])
    command = ["demo", *STORY, "--database", system.conninfo()]
    troth(*command, "--only-clock")
    system.start("intake", arguments=["--demo-clock"], clock_skew="2h", poll="50ms")
    return troth, command


def holds(system):
    return int(system.psql("SELECT demo_holds FROM log.clock"))


def test_a_demo_that_is_stuck_lets_go_of_all(system, demo):
    troth, command = demo
    failed = troth(*command, "--patience", "1s", status=1)
    assert "events for reporting" in failed.stderr
    assert holds(system) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_stopped_lets_go_of_all(system, demo, number):
    troth, command = demo
    with subprocess.Popen([troth.program, *command], env={"TROTH_CONFIG": str(troth.config)}, text=True,
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        wait_until(lambda: holds(system) != 0)
        process.send_signal(number)
        errors = process.communicate(timeout=30)[1]
    assert process.returncode == 1, errors
    assert "stopped" in errors
    assert holds(system) == 0
