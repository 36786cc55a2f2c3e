# SPDX-License-Identifier: Apache-2.0
"""The newcomer's first minutes: the demo twice with one seed, then the tour of the README."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.support.system import ROOT, wait_until

LAST_LINE = re.compile(
    r"demo: records=\d+ accepted=\d+ duplicate=\d+ rejected=\d+ cases=\d+ promises=\d+ kept=\d+"
    r" broken=\d+ followups=\d+ calls=\d+ reached=\d+ scores=\d+"
)


@pytest.fixture
def demo(programs):
    """demo.sh with a small garage chain in a folder of its own."""
    folder = tempfile.mkdtemp(prefix="troth-demo-", dir="/tmp")
    env = dict(os.environ, TROTH_DEMO_DIR=folder, TROTH_OUT=str(programs.parent), SEED="3", DAYS="3",
               CUSTOMERS="60")

    def run(*arguments, **variables):
        return subprocess.run([ROOT / "deploy/demo/demo.sh", *arguments], env=dict(env, **variables),
                              text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=200,
                              check=False)

    run.folder = folder
    yield run
    run("stop")
    subprocess.run([ROOT / "deploy/demo/postgres.sh", "remove", f"{folder}/postgres"], check=False)
    shutil.rmtree(folder, ignore_errors=True)


def last_line(done):
    assert done.returncode == 0, (done.stdout[-2000:], done.stderr[-2000:])
    line = done.stdout.splitlines()[-1]
    assert LAST_LINE.fullmatch(line), line
    return line


def table(done):
    """What became of the follow-ups of each rule, and why, as the demo prints it."""
    found = re.search(r"followups --by-rule\S*\n(trigger .*?)\n\n\S*The standard", done.stdout, re.S)
    assert found, done.stdout
    return found.group(1)


def tour():
    """The commands of the README's tour, without their comments."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"## A tour\n(?:[^ ].*)?\n(?:[^ ].*\n)*\n?((?:    .*\n)+)", text).group(1)
    lines = block.replace("\\\n", " ").splitlines()
    commands = [shlex.split(line, comments=True) for line in lines]
    return [words[1:] for words in commands if words and words[0] == "build/bin/troth"]


def test_folder_that_no_demo_made_is_left_alone(demo):
    kept = Path(demo.folder) / "letter"
    kept.write_text("kept")
    done = demo()
    assert done.returncode == 2
    assert "name another folder" in done.stderr
    assert [kept] == list(Path(demo.folder).iterdir())


def test_same_seed_gives_the_same_last_line_and_the_tour_works(demo, programs, record_property):
    runs = [demo(), demo(KEEP="1")]
    first, second = map(last_line, runs)
    record_property("demo", second)
    assert first == second
    assert table(runs[0]) == table(runs[1])

    def troth(*words):
        return subprocess.run([programs / "troth", *words], cwd=ROOT, env={"TROTH_CONFIG": f"{demo.folder}/etc/troth.conf"},
                              text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False)

    receipt = {}  # what the tour says instead of numbers
    commands = tour()
    assert len(commands) >= 6
    for words in commands:
        done = troth(*[receipt.get(word, word) for word in words])
        if words == ["status"]:
            # The clock has just leapt: a job of the night begins at its service's next look, each 15 s.
            wait_until(lambda: not troth("status").returncode, seconds=60, what="nothing needs a person")
            continue
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        assert done.stdout.strip()
        for letter in "KCP" if words[0] == "send" else "":
            found = re.search(rf"\b{letter}-\d+-\d\b", done.stdout)
            receipt[f"{letter}-..."] = found.group(0)
    assert len(receipt) == 3
