# SPDX-License-Identifier: Apache-2.0
"""All programs on the demo clock, and how to make them die.

    stage = Stage(system)                # intake, followup, loyalty, reporting, dialer
    stage.kill("loyalty")                # -9, and a new one at once
    stage.step(hours=6)                  # business time; machine time goes on by itself
"""

import http.client
import socket

from tests.support import ledger
from tests.support.load import DemoClock
from tests.support.system import Process, wait_until

SERVICES = ["intake", "followup", "loyalty", "reporting"]
PROGRAMS = [*SERVICES, "dialer"]
# A process that died gives its work back after this long, in machine time.
LEASE = "2s"
# What makes a death in the middle of a call end within seconds; usual values suit telephones. A call
# takes its time, so that there is a middle.
QUICK = {
    "followup": {"start_within": "2s", "claim_for": "2s", "ask_every": "100ms", "resend_after": "500ms",
                 "call_limit": "3s"},
    "dialer": {"ring_time": "300ms"},
}


def connections(system, name):
    """How a program finds the others."""
    settings = {}
    if name == "followup":
        settings["intake"] = system.endpoint("intake")
    if name == "dialer":
        settings["followup"] = system.endpoint("followup")
        settings["followup_key_file"] = system.service_key("followup").public_path
        settings["journal"] = system.folder / "dialer.journal"
    for other in {"followup": ["intake"], "loyalty": ["intake"],
                  "reporting": ["intake", "followup", "loyalty"]}.get(name, []):
        settings[f"{other}_events"] = system.endpoint(other, "events")
        settings[f"{other}_key_file"] = system.service_key(other).public_path
    return settings


class Stage:
    def __init__(self, system, programs=PROGRAMS, clock=None, **settings):
        """settings: of each program, {name: value} beside the usual ones. clock: one that goes on, instead of a new one."""
        self.system = system
        self.clock = clock or DemoClock(system)
        self.kills = 0
        self.orders_open_at_kills = 0
        self.processes = {}
        for name in programs:
            system.service_key(name)  # services read who is known when they start
        for name in programs:
            values = {} if name == "dialer" else {"lease": LEASE}
            values.update(connections(system, name))
            values.update(QUICK.get(name, {}))
            values.update(settings.get(name, {}))
            self.processes[name] = system.start(name, arguments=["--demo-clock"], **values)

    def kill(self, name):
        """Ends it as a crash and starts it again; does not wait until the new one is ready."""
        old = self.processes[name]
        if not old.is_running():
            raise AssertionError(f"{name} ended by itself:\n{old.log()}")
        if not old.ready:
            old.wait_ready()  # of an earlier kill: what never got ready cannot be in the middle
        old.kill()
        self.kills += 1
        if "followup" in self.processes:
            self.orders_open_at_kills += self.open_orders()
        self.processes[name] = Process(name, old.popen.args, old.log_path, old.environment)
        self.system.processes.append(self.processes[name])

    def step(self, hours):
        """Business time goes on, once intake knows the present one: what senders say happened before
        a step is then never in the future."""
        wait_until(lambda: self.time_of("intake") >= self.clock.now_us // 1_000_000, what="the clock")
        self.clock.step(hours)

    def time_of(self, name):
        """Business time as a program knows it, in seconds; 0 while it does not answer."""
        try:
            text = ask(self.system.http(name), "/metrics")
        except (OSError, http.client.HTTPException):
            return 0
        lines = [line for line in text.splitlines() if line.startswith("troth_clock_business_seconds ")]
        return int(lines[0].split()[1])

    def open_orders(self):
        return ledger.number(
            self.system, "SELECT count(*) FROM followup.follow_up_attempt WHERE state IN (1, 2)")

    def dials(self):
        """The key of each call in the dialer's journal, whose lines are: checksum, verb, order, ..."""
        journal = self.system.folder / "dialer.journal"
        lines = journal.read_text().splitlines() if journal.exists() else []
        return [line.split()[2] for line in lines if line.split()[1:2] == ["placed"]]

    def wait_for_dials(self, more, seconds=20):
        """Until the dialer has placed so many more calls, or nothing is left to be called now."""
        enough = len(self.dials()) + more
        wait_until(lambda: len(self.dials()) >= enough or not ledger.backlog(self.system),
                   seconds, f"{more} more calls")

    def run_out(self, hours=6, on_step=(), seconds=60):
        """Steps business time on until no follow-up and no promise waits for anything.

        on_step: functions, one for each of the first steps, called as soon as time has moved."""
        actions = list(on_step)
        ledger.wait_until_quiet(self.system, seconds=seconds)
        while actions or self.waiting():
            self.step(hours)
            if actions:
                actions.pop(0)()
            ledger.wait_until_quiet(self.system, seconds=seconds)

    def waiting(self):
        return ledger.number(self.system, """
            SELECT (SELECT count(*) FROM followup.follow_up WHERE state < 4)
                 + (SELECT count(*) FROM intake.promise WHERE next_step_at IS NOT NULL)""")

    def check_alive(self):
        for name, process in self.processes.items():
            if not process.is_running():
                raise AssertionError(f"{name} ended by itself:\n{process.log()}")


def ask(path, target):
    """GET over a unix socket: the body, whatever the status."""
    connection = http.client.HTTPConnection("localhost", timeout=5)
    connection.sock = socket.socket(socket.AF_UNIX)
    try:
        connection.sock.settimeout(5)
        connection.sock.connect(str(path))
        connection.request("GET", target)
        return connection.getresponse().read().decode()
    finally:
        connection.close()
