# SPDX-License-Identifier: Apache-2.0
"""A dialer that is no Troth: a process with a log of its own, each line of which is on the disk before what it says happens. It
dies when it likes, tells results late or twice, and answers questions by key from its log, as proto/dialer.proto asks of it.

    dialer = FakeDialer(system, "fake", crash_share=0.01, twice_share=0.3, late_share=0.1)   # before followup starts
    dialer.start()
    dialer.look_after()          # starts it again when it has died; every now and then
    dialer.stop()
    check(..., fake_dialers=[dialer])

The log, one line each: journal ID, placed KEY, dialed KEY, finished KEY OUTCOME, barred KEY, taken KEY.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from pathlib import Path

import dialer_pb2 as pb
import event_pb2 as events
import intake_pb2 as intake
import zmq

from tests.faults.generator import Log, PublicKey, SecretKey
from tests.support.system import ROOT, Client

HELLO_EVERY = 0.2
TELL_EVERY = 0.5
LATE_SECONDS = 6.0
OUTCOMES = [(0.8, events.CALL_OUTCOME_ANSWERED), (0.9, events.CALL_OUTCOME_NO_ANSWER), (1.0, events.CALL_OUTCOME_BUSY)]


def read_log(path):
    """[words] of each whole line."""
    if not path.exists():
        return []
    data = path.read_bytes()
    return [line.split() for line in data[:data.rfind(b"\n") + 1].decode().splitlines()]


class Dialer:
    """The process."""

    def __init__(self, options):
        self.options, self.chance = options, random.Random(f"{options.seed}/{os.getpid()}")
        words = read_log(options.log)
        self.drop_torn_line()
        self.log = Log(options.log)
        self.journal = next((line[1] for line in words if line[0] == "journal"), None)
        if self.journal is None:
            self.journal = uuid.uuid4().hex
            self.log.write([f"journal {self.journal}"])
        self.barred = {line[1] for line in words if line[0] == "barred"}
        self.placed = {line[1] for line in words if line[0] == "placed"}
        self.finished = {line[1]: int(line[2]) for line in words if line[0] == "finished"}
        self.taken = {line[1] for line in words if line[0] == "taken"}
        self.calls = {}  # key: when it is over
        self.tell_at = {key: 0.0 for key in self.finished.keys() - self.taken}
        self.hello_at = 0.0
        self.context = zmq.Context()
        self.clients = [Client(self.context, zmq.DEALER, SecretKey(options.key), PublicKey(options.server_key), [endpoint])
                        for endpoint in options.endpoint]

    def drop_torn_line(self):
        """What it was to announce has not begun."""
        if self.options.log.exists():
            data = self.options.log.read_bytes()
            os.truncate(self.options.log, data.rfind(b"\n") + 1)

    def may_die(self):
        if self.chance.random() < self.options.crash_share:
            os.kill(os.getpid(), signal.SIGKILL)

    def run(self):
        while True:
            now = time.monotonic()
            if now >= self.hello_at:
                self.hello_at = now + HELLO_EVERY
                for client in self.clients:
                    self.send(client, hello=pb.DialerHello(dialer=self.options.name, journal=self.journal,
                                                           free_lines=max(0, self.options.lines - len(self.calls))))
            for client in self.clients:
                frames = client.receive_bytes(0.005)
                while frames is not None:
                    self.take(client, pb.DialerReply.FromString(frames[-1]))
                    frames = client.receive_bytes(0)
            self.end_calls()
            self.tell()

    def send(self, client, **body):
        try:
            client.send(pb.DialerRequest(**body), 0)
        except TimeoutError:
            pass  # who is not there will ask

    def take(self, client, reply):
        kind = reply.WhichOneof("body")
        if kind == "order":
            self.take_order(client, reply.order)
        elif kind == "question":
            self.answer(client, reply.question.key)
        elif kind == "result_receipt" and reply.result_receipt.key in self.tell_at:
            self.log.write([f"taken {reply.result_receipt.key}"])
            del self.tell_at[reply.result_receipt.key]

    def take_order(self, client, order):
        if order.key in self.finished:
            self.tell_at[order.key] = 0.0
        if order.key in self.placed or order.key in self.finished:
            return  # never dialed again
        if order.key in self.barred or time.time_ns() // 1000 > order.start_by_us or len(self.calls) >= self.options.lines:
            self.answer(client, order.key)
            return
        self.log.write([f"placed {order.key}"])
        self.placed.add(order.key)
        self.may_die()
        self.log.write([f"dialed {order.key}"])
        self.may_die()
        self.calls[order.key] = time.monotonic() + self.chance.uniform(0.02, 0.5)

    def answer(self, client, key):
        """Asking bars the key."""
        if key in self.finished:
            self.send(client, answer=pb.DialAnswer(key=key, fate=pb.DIAL_FATE_FINISHED, result=self.result(key)))
            return
        if key in self.placed:
            fate = pb.DIAL_FATE_PLACED if key in self.calls else pb.DIAL_FATE_INTERRUPTED
        else:
            if key not in self.barred:
                self.log.write([f"barred {key}"])
                self.barred.add(key)
            fate = pb.DIAL_FATE_BARRED
        self.send(client, answer=pb.DialAnswer(key=key, fate=fate))

    def end_calls(self):
        now = time.monotonic()
        for key in [key for key, over in self.calls.items() if over <= now]:
            del self.calls[key]
            share = self.chance.random()
            outcome = next(outcome for limit, outcome in OUTCOMES if share < limit)
            self.log.write([f"finished {key} {outcome}"])
            self.finished[key] = outcome
            self.may_die()
            self.tell_at[key] = now + (LATE_SECONDS if self.chance.random() < self.options.late_share else 0)

    def tell(self):
        now = time.monotonic()
        for key in [key for key, at in self.tell_at.items() if at <= now]:
            for client in self.clients:
                self.send(client, result=self.result(key))
                if self.chance.random() < self.options.twice_share:
                    self.send(client, result=self.result(key))
            self.tell_at[key] = now + TELL_EVERY
            self.may_die()

    def result(self, key):
        now_us = time.time_ns() // 1000
        answers = []
        if self.finished[key] == events.CALL_OUTCOME_ANSWERED:
            answers = [pb.DialedAnswer(instrument=intake.SURVEY_INSTRUMENT_CSAT, value=1 + sum(key.encode()) % 5, code="csat")]
        return pb.DialResult(key=key, outcome=self.finished[key], started_us=now_us, ended_us=now_us, answers=answers)


class FakeDialer:
    """The process as a test sees it."""

    def __init__(self, system, name, *, seed=1, services=("followup",), **shares):
        """shares: crash_share of all that it writes, late_share and twice_share of results."""
        self.system, self.name, self.seed, self.services, self.shares = system, name, seed, services, shares
        self.path = system.folder / f"{name}.log-of-dials"
        self.key = system.key(name, ["dial"])
        self.process, self.deaths = None, 0

    def start(self, **shares):
        """shares: others than usual."""
        command = [sys.executable, "-m", "tests.faults.dialer_log", "--name", self.name, "--log", str(self.path),
                   "--key", str(self.key.path), "--server-key", str(self.system.service_key("followup").public_path),
                   "--seed", str(self.seed)]
        for service in self.services:
            command += ["--endpoint", self.system.endpoint(service)]
        for name, value in {**self.shares, **shares}.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        with open(self.system.folder / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                                            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))})

    def look_after(self):
        if self.process.poll() is None:
            return
        if self.process.returncode != -signal.SIGKILL:
            log = (self.system.folder / f"{self.name}.log").read_text()
            raise AssertionError(f"{self.name} ended with {self.process.returncode}:\n{log[-2000:]}")
        self.deaths += 1
        self.start()

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _counted(self, verb):
        return Counter(words[1] for words in read_log(self.path) if words[0] == verb)

    def dialed(self):
        return self._counted("dialed")

    def placed(self):
        return self._counted("placed")


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.faults.dialer_log")
    parser.add_argument("--name", required=True)
    parser.add_argument("--log", required=True, type=Path)
    parser.add_argument("--endpoint", required=True, action="append")
    parser.add_argument("--key", required=True)
    parser.add_argument("--server-key", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines", type=int, default=32)
    for name in ("crash", "late", "twice"):
        parser.add_argument(f"--{name}-share", type=float, default=0.0)
    Dialer(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
