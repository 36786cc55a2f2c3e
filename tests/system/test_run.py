# SPDX-License-Identifier: Apache-2.0
"""'troth run': order, restarts, stopping, with scripts as services."""

import os
import queue
import signal
import stat
import subprocess
import threading

import pytest

from tests.support.system import wait_until

# Writes its name and process id to the journal and says it is ready; ends at SIGTERM, which it also
# notes. It waits for signals while they are blocked, so that none comes at a wrong moment.
GOOD = """#!/usr/bin/python3
import os, signal, sys

def note(what):
    with open("{journal}", "a") as journal:
        journal.write(f"{what} {name} {os.getpid()}\\n")

signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGHUP])
note("start")
BEFORE_READY = None
print("ready service={name}", flush=True)
while True:
    if signal.sigwait([signal.SIGTERM, signal.SIGHUP]) == signal.SIGHUP:
        note("hup")
        continue
    note("stop")
    sys.exit(0)
"""
NOISY = GOOD.replace("BEFORE_READY = None", """print("not ready yet", flush=True)
with open("{folder}/go") as fifo:
    fifo.read()  # waits until the test has opened the other end""")
MUTE = GOOD.replace('print("ready service={name}", flush=True)', "")
STUBBORN = GOOD.replace("    sys.exit(0)", "    pass")


class Stage:
    """Scripts, the settings that name them, and the running supervisor."""

    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder
        self.journal_path = folder / "journal"
        self.journal_path.touch()
        self.services = []
        self.process = None
        self.lines = queue.Queue()
        self.output = []

    def add(self, name, text=GOOD, ready=None):
        path = self.folder / f"{name}.sh"
        text = text.replace("{what} {name}", "{what} " + name).replace("{name}", name)
        text = text.replace("{journal}", str(self.journal_path))
        path.write_text(text.replace("{folder}", str(self.folder)))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        extra = "" if ready is None else f' ready = "{ready}";'
        self.services.append(f'{{ name = "{name}"; command = ["{path}", "an argument"];{extra} }}')

    def start(self, settings=""):
        config = self.folder / "run.conf"
        config.write_text(f"services = ( {', '.join(self.services)} );\n{settings}\n")
        self.errors_path = self.folder / "errors"
        with open(self.errors_path, "wb") as errors:
            self.process = subprocess.Popen(
                [str(self.programs / "troth"), "run", "--config", str(config)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.output.append(line.rstrip("\n"))

    def wait_ready(self, count):
        wait_until(lambda: f"ready troth-run services={count}" in self.output,
                   what=f"the ready line of {count} services")

    def journal(self, what=None):
        """(event, name, pid) in order."""
        entries = [tuple(line.split()) for line in self.journal_path.read_text().splitlines()]
        return [entry for entry in entries if what is None or entry[0] == what]

    def names(self, what):
        return [name for _, name, _ in self.journal(what)]

    def pid(self, name):
        """Of its latest start."""
        return [int(pid) for _, other, pid in self.journal("start") if other == name][-1]

    def errors(self):
        return self.errors_path.read_text()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


@pytest.fixture
def stage(programs, tmp_path):
    stage = Stage(programs, tmp_path)
    yield stage
    if stage.process is not None:
        stage.process.kill()
        stage.process.wait()


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as text:
            return text.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_services_start_in_order_and_stop_in_reverse_order(stage):
    for name in ["one", "two", "three"]:
        stage.add(name)
    stage.start()
    stage.wait_ready(3)
    assert stage.names("start") == ["one", "two", "three"]
    ready = [line for line in stage.output if line.startswith("ready service=")]
    assert [line.split()[1] for line in ready] == ["service=one", "service=two", "service=three"]
    assert stage.stop() == 0
    assert stage.names("stop") == ["three", "two", "one"]


def test_next_service_waits_for_the_ready_line_of_the_one_before(stage):
    os.mkfifo(stage.folder / "go")
    stage.add("slow", NOISY)
    stage.add("after")
    stage.start()
    wait_until(lambda: "not ready yet" in stage.output)
    assert stage.names("start") == ["slow"]
    with open(stage.folder / "go", "w", encoding="utf-8"):
        pass
    stage.wait_ready(2)
    assert stage.names("start") == ["slow", "after"]


def test_service_that_dies_is_started_again(stage):
    stage.add("one")
    stage.add("two")
    stage.start('restart_after = "20ms"; restart_cap = "50ms";')
    stage.wait_ready(2)
    for _ in range(7):  # also more often than start_tries: everything was ready once
        pid = stage.pid("one")
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: stage.pid("one") != pid, what="a new process")
    assert stage.names("start").count("two") == 1
    assert stage.process.poll() is None
    assert stage.stop() == 0


def test_service_that_cannot_start_ends_the_whole_with_one(stage):
    stage.add("one")
    stage.add("bad", "#!/bin/bash\necho 'cannot open the door' >&2\nexit 1\n")
    stage.add("never")
    stage.start('start_tries = 3; restart_after = "5ms"; restart_cap = "10ms";')
    assert stage.process.wait(20) == 1
    assert stage.names("start") == ["one"]
    assert stage.names("stop") == ["one"]
    assert stage.errors().count("cannot open the door") == 3
    assert "bad could not be started 3 times in a row" in stage.errors()


def test_program_that_is_not_there_is_named(stage):
    stage.services.append('{ name = "ghost"; command = ["/no/such/program"]; }')
    stage.start('start_tries = 1;')
    assert stage.process.wait(20) == 1
    assert "/no/such/program: No such file" in stage.errors()


def test_service_that_is_never_ready_counts_as_a_failure(stage):
    stage.add("mute", MUTE)
    stage.start('start_tries = 2; ready_within = "300ms"; restart_after = "5ms";')
    assert stage.process.wait(20) == 1
    assert stage.errors().count("service_not_ready_in_time") == 2


def test_service_without_a_ready_line_is_ready_once_it_runs(stage):
    stage.add("quiet", MUTE, ready="")
    stage.add("one")
    stage.start()
    stage.wait_ready(2)


def test_hangup_is_passed_on(stage):
    stage.add("one")
    stage.add("two")
    stage.start()
    stage.wait_ready(2)
    stage.process.send_signal(signal.SIGHUP)
    wait_until(lambda: sorted(stage.names("hup")) == ["one", "two"])
    assert stage.stop() == 0


def test_service_that_does_not_stop_in_time_is_killed(stage):
    stage.add("one")
    stage.add("stubborn", STUBBORN)
    stage.start('stop_within = "100ms";')
    stage.wait_ready(2)
    assert stage.stop() == 0
    assert stage.names("stop") == ["stubborn", "one"]
    assert "service_not_stopped_in_time" in stage.errors()
    assert not is_alive(stage.pid("stubborn"))


def test_second_signal_kills_everything(stage):
    stage.add("one", STUBBORN)
    stage.add("two", STUBBORN)
    stage.start()
    stage.wait_ready(2)
    stage.process.send_signal(signal.SIGINT)
    wait_until(lambda: stage.names("stop") == ["two"])
    stage.process.send_signal(signal.SIGINT)
    assert stage.process.wait(20) == 1
    assert not is_alive(stage.pid("one")) and not is_alive(stage.pid("two"))


def test_services_end_when_the_supervisor_is_killed(stage):
    stage.add("one")
    stage.add("two")
    stage.start()
    stage.wait_ready(2)
    stage.process.kill()
    wait_until(lambda: not is_alive(stage.pid("one")) and not is_alive(stage.pid("two")),
               what="the end of both services")


@pytest.mark.parametrize("text, words", [
    ("", "services is missing"),
    ("services = ( );", "services = ( { ... }"),
    ("services = (\n{ name = \"a\"; } );", ":2: command"),
    ("services = ( { name = \"a\"; command = [\"x\"]; }, { name = \"a\"; command = [\"x\"]; } );",
     "two services named a"),
    ("services = ( { name = \"a\"; command = [\"x\"]; depends = \"b\"; } );", "not depends"),
    ("services = ( { name = \"a\"; command = [\"x\"]; } ); stop_within = \"soon\";", "a duration"),
    ("services = ( { name = \"a\"; command = [\"x\"]; } ); start_tries = 0;", "from 1 to 1000"),
    ("colour = 1;", "no setting colour"),
    ("services = ", "syntax error"),
])
def test_wrong_settings_end_with_two_and_name_the_line(programs, tmp_path, text, words):
    config = tmp_path / "run.conf"
    config.write_text(text)
    done = subprocess.run([str(programs / "troth"), "run", "--config", str(config)], text=True,
                          capture_output=True, check=False)
    assert done.returncode == 2
    assert f"{config}:" in done.stderr and words in done.stderr
