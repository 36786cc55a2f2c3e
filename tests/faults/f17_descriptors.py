# SPDX-License-Identifier: Apache-2.0
"""File descriptors that run out: a service may have 64, strangers take what is left of them at its doors, and sometimes the
database throws it out at that moment; then they let go.

Meanwhile the sources that are connected are served as ever and no processor is burnt with asking for what is not there (by
default libzmq burns one); and when descriptors are free a new peer is answered within 3 s.
"""

import os
import resource
import socket
import threading
import time

from tests.faults.invariants import Usage
from tests.faults.live_rig import LiveRig, needs_crash_programs
from tests.faults.trial import fault
from tests.support.intake_client import ACCEPTED, DUPLICATE, IntakeClient, contact
from tests.support.stage import SERVICES
from tests.support.system import wait_until

LIMIT = 64
LEFT_AT_LEAST = 4  # where a service needs nearly all of them by itself
CROWD = 150
HELD_SECONDS = 2.0
CPU_MAX = 0.5  # of a processor, more than the same service used just before
THROWN_OUT_SHARE = 0.3
ANSWER_TRIES = (0.5, 1.0, 2.0, 4.0)  # seconds; each is a new peer, whose handshake a machine with much to do may not end in the first
RECEIPTS_MEANWHILE = 5


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def set_limit(pid, soft):
    """The hard one stays: it can be raised again by whoever may lower it."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (min(soft, hard), hard))


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def listen_to_the_world(rig):
    """Doors for messages at TCP ports, where strangers come: at the unix socket of its requests libzmq 4.3.4 ends the process when
    it has no descriptor for who is there, but nobody gets there whom the folder does not let in."""
    places, plain = {}, rig.system.endpoint

    def endpoint(instance, what="requests"):
        if what != "requests" or instance == "dialer":
            return plain(instance, what)
        return places.setdefault(instance, f"tcp://127.0.0.1:{free_port()}")

    rig.system.endpoint = endpoint
    rig.load.endpoints = [endpoint("intake")]


class Crowd:
    """Connections that say nothing, at the door for messages and at the one for HTTP. Who is not let in waits in the queue of
    the kernel, which is what a listener is woken by again and again."""

    def __init__(self, system, name):
        self.sockets = []
        host, port = system.endpoint(name).removeprefix("tcp://").split(":")
        for number in range(CROWD):
            one = socket.socket(socket.AF_INET if number % 3 else socket.AF_UNIX)
            one.setblocking(False)
            one.connect_ex((host, int(port)) if number % 3 else str(system.http(name)))
            self.sockets.append(one)

    def close(self):
        for one in self.sockets:
            one.close()


def processor_share(pid, seconds):
    before, begun = Usage(pid).cpu_seconds, time.monotonic()
    threading.Event().wait(seconds)
    return (Usage(pid).cpu_seconds - before) / (time.monotonic() - begun)


def throw_out(rig, name):
    rig.eye.ask(f"""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE usename = 'troth_{name}' AND datname = current_database()""")


def answers(rig, name, one, seconds):
    """Whether a peer that comes now is let in and answered in so many seconds: intake with a receipt for this record, which is the
    same at each try, since an earlier one may have been accepted without its receipt having come in time."""
    try:
        if name != "intake":
            return bool(rig.system.get(name, "/livez"))
        client = rig.system.client("intake", "newcomer")
        try:
            return IntakeClient(client).send_one(one, seconds).status in (ACCEPTED, DUPLICATE)
        finally:
            client.close()
    except (OSError, TimeoutError):
        return False


def hold(rig, name, found, trial):
    """Takes all that is left for a while."""
    pid = rig.processes[name].pid
    usual = processor_share(pid, 0.5)
    _, unlimited = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    set_limit(pid, max(LIMIT, open_files(pid) + LEFT_AT_LEAST))
    crowd = Crowd(rig.system, name)
    try:
        wait_until(lambda: open_files(pid) >= resource.prlimit(pid, resource.RLIMIT_NOFILE)[0], what="the last descriptor")
        is_thrown_out = trial.chance.random() < THROWN_OUT_SHARE
        if is_thrown_out:
            throw_out(rig, name)
        elif name == "intake":
            rig.load.wait_for(RECEIPTS_MEANWHILE)
        share = processor_share(pid, HELD_SECONDS)
        found.figures["processor share while none was left"] = max(
            share, found.figures.get("processor share while none was left", 0.0))
        if share > usual + CPU_MAX:
            found.broken.append(f"F17: {name} used {share:.0%} of a processor while it had no descriptor, {usual:.0%} before")
    finally:
        crowd.close()
    return unlimited


@fault("F17", "descriptors run out, and are free again", short=4, long=50, unit="exhaustions", recovery_max=3.0,
       control="ack_before_commit", control_rounds=1, needs=needs_crash_programs)
def descriptors(trial):
    found = trial.found
    with LiveRig(trial) as rig:
        rig.system.key("newcomer", ["records"])
        if trial.control:
            rig.doom()
        listen_to_the_world(rig)
        rig.start()
        before = {name: Usage(process.pid) for name, process in rig.processes.items()}
        for number in range(trial.rounds):
            name = SERVICES[number % len(SERVICES)]
            found.hit += rig.catch_at_work(name)
            unlimited = hold(rig, name, found, trial)
            freed = time.monotonic()
            if not rig.processes[name].is_running():
                found.broken.append(f"F17: {name} ended: {rig.processes[name].log()[-2000:]}")
                rig.start_again(name)
            patience, one = iter(ANSWER_TRIES), contact("newcomer", key=f"newcomer-{number}")
            wait_until(lambda name=name, one=one, patience=patience:
                       answers(rig, name, one, next(patience, ANSWER_TRIES[-1])), 30, f"an answer of {name}")
            found.recoveries.append(time.monotonic() - freed)
            set_limit(rig.processes[name].pid, unlimited)
            found.rounds += 1
        rig.finish(found, usage_before=before, other_sources=["newcomer"])
    return found
