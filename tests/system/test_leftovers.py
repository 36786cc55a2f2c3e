# SPDX-License-Identifier: Apache-2.0
"""What tests start ends with them: when a start fails half way, when one process does not end, when they are killed."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.drill.drill import Drill
from tests.failover.failover import Failover
from tests.failover.nodes import Nodes
from tests.support.leftovers import remove_leftovers
from tests.upgrade.rolling import Rolling

PREFIX = "troth-leftover-"


class Broken(Exception):
    """Of a start, or an end."""


class Noted:
    """Stands in for whatever is started and ended; counts the ends."""

    def __init__(self, fails=False):
        self.fails, self.ends = fails, 0

    def end(self, *_):
        self.ends += 1
        if self.fails:
            raise Broken

    stop = kill = __exit__ = end


def broken_start():
    raise Broken


@pytest.fixture
def folders():
    made = []

    def make(owner):
        made.append(Path(tempfile.mkdtemp(prefix=f"{PREFIX}{owner}-", dir="/tmp")))
        (made[-1] / "file").touch()
        return made[-1]

    yield make
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


def number_of_nobody():
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_folders_of_the_dead_go_with_who_works_in_them_and_others_stay(folders):
    left, living = folders(number_of_nobody()), folders(os.getpid())
    works = [subprocess.Popen(["tail", "-f", folder / "file"]) for folder in (left, living)]
    told = subprocess.Popen(["sh", "-c", 'kill -STOP $$; echo "$0"', f"--data-dir={left}/data"])
    speaks = subprocess.Popen(["sh", "-c", f"kill -STOP $$; : about {left}"])
    try:
        remove_leftovers(PREFIX)

        assert works[0].wait(10) == -9
        assert told.wait(10) == -9
        assert not left.exists()
        assert works[1].poll() is None and speaks.poll() is None
        assert living.exists()
    finally:
        for process in (*works, told, speaks):
            process.kill()
            process.wait()


def test_a_start_that_fails_ends_what_was_started(monkeypatch):
    failover, drill = object.__new__(Failover), object.__new__(Drill)
    failover.system, drill.system, drill.backups = Noted(), Noted(), Noted()
    for one in (failover, drill):
        monkeypatch.setattr(one, "start_all", broken_start)
        with pytest.raises(Broken):
            with one:
                pass
        assert one.system.ends == 1
    assert drill.backups.ends == 1


def test_a_drill_ends_its_backups_whatever_else_does_not_end():
    drill = object.__new__(Drill)
    drill.system, drill.backups = Noted(fails=True), Noted()
    with pytest.raises(Broken):
        drill.__exit__()
    assert drill.backups.ends == 1
    drill.system, drill.backups = Noted(), None
    drill.__exit__()


def test_one_node_that_does_not_end_keeps_nobody_and_its_folder_alive(folders):
    nodes = Nodes()
    nodes.folder = folders(os.getpid())
    nodes.nodes = [Noted(), Noted(fails=True), Noted()]

    with pytest.raises(Broken):
        nodes.stop()
    assert [node.ends for node in nodes.nodes] == [1, 1, 1]
    assert nodes.folder.exists()  # by which the next run finds what is left
    nodes.nodes[1].fails = False
    nodes.stop()
    assert not nodes.folder.exists()


def test_a_phase_of_an_upgrade_in_which_nothing_happens_is_wrong():
    upgrade = object.__new__(Rolling)
    upgrade.rows = [{"phase": name, "records": records, "dials": dials}
                    for name, records, dials in (("a", 5, 0), ("b", 0, 0), ("c", 5, 0), ("d", 5, 9), ("e", 5, 9))]

    assert list(upgrade.idle_phases()) == [
        'no record was accepted in the phase "b"', 'nobody was called in the phase "c"', 'nobody was called in the phase "e"']
