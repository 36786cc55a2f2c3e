# SPDX-License-Identifier: Apache-2.0
"""Peers that may not: without a key, with a key nobody knows, with one that was revoked, with one that is good for something
else; keys that change under load; and an authenticator that dies.

accepted counts what must never be: a receipt, an answer, an event, or a row. Each try sends a record of its own, and I7 looks
for its key in the database afterwards. The control gives the stranger's key the right: the same tries must then be seen.
"""

import threading
import time

import intake_pb2 as intake
import zmq

from tests.faults.live_rig import LiveRig, needs_crash_programs
from tests.faults.trial import fault
from tests.support.intake_client import ACCEPTED, DUPLICATE, IntakeClient, RequestRefused, contact
from tests.support.system import wait_until
from tests.support.threads import end_thread, thread_named

AT_ONCE = 200  # tries side by side
KINDS = ["no key", "no key, other mechanism", "unknown key", "revoked key", "other right"]
REVOKED_WITHIN = 1.0
UNSAID_SHARE = 0.1  # of tries whose connection was refused before they could send
SETTLE = 0.3  # seconds for the answers to one lot of tries
ROTATIONS_EACH = 5000  # tries, then a key changes


class Trespassers:
    """Lots of tries at once: whatever comes back is counted."""

    def __init__(self, rig, chance, is_control):
        self.rig, self.chance = rig, chance
        self.context = rig.system.context()
        self.endpoint, self.server = rig.system.endpoint("intake"), rig.system.service_key("intake")
        self.keys = {
            "unknown key": rig.system.unknown_key("stranger"),
            "revoked key": rig.system.key("revoked", ["records"]),
            "other right": rig.system.key("reader", ["events", "scores", "worklist", "dial"]),
        }
        if is_control:
            rig.system.register(self.keys["unknown key"], ["records"])
        self.sent_keys = []
        self.answered = 0
        self.unsaid = 0
        self.of_kind = dict.fromkeys(KINDS, 0)

    def socket(self, kind):
        one = self.context.socket(zmq.DEALER)
        one.linger = 0
        if kind == "no key, other mechanism":
            one.plain_username, one.plain_password = b"troth", b"troth"
        elif kind != "no key":
            key = self.keys[kind]
            one.curve_publickey, one.curve_secretkey, one.curve_serverkey = key.public, key.secret, self.server.public
        one.connect(self.endpoint)
        return one

    def lot(self, count):
        """count tries; each on a connection of its own."""
        sockets = []
        for _ in range(count):
            kind = self.chance.choice(KINDS)
            key = f"trespass-{len(self.sent_keys)}"
            one = self.socket(kind)
            record = contact("trespasser", key=key)
            try:
                one.send(intake.IntakeRequest(records=intake.RecordBatch(records=[record])).SerializeToString(), zmq.DONTWAIT)
            except zmq.Again:  # refused already, while this process waited for its turn
                self.unsaid += 1
            sockets.append(one)
            self.sent_keys.append(key)
            self.of_kind[kind] += 1
        threading.Event().wait(SETTLE)
        for one in sockets:
            self.answered += self.is_accepted(one)
            one.close()

    @staticmethod
    def is_accepted(one):
        """A refusal in words is none: 'not_permitted' to who has a key for something else."""
        while one.poll(0):
            reply = intake.IntakeReply.FromString(one.recv_multipart()[-1])
            if any(receipt.status in (ACCEPTED, DUPLICATE) for receipt in reply.receipts.receipts):
                return True
        return False


def revoke(rig, found, number):
    """A source that is revoked while it sends: how long it is still heard, on its open connection."""
    name = f"fired-{number}"
    rig.system.key(name, ["records"])
    garage = wait_until(lambda: let_in(rig.system, name), what="a new source")
    rig.system.revoke(name)
    revoked_at = time.monotonic()
    last = 0.0
    count = 0
    while time.monotonic() < revoked_at + 2 * REVOKED_WITHIN:
        begun = time.monotonic()
        count += 1
        try:
            if garage.send_one(contact("fired", key=f"{name}-late-{count}"), 0.2).status == ACCEPTED:
                last = begun - revoked_at
        except (TimeoutError, RequestRefused):
            pass
    garage.client.close()
    found.figures["heard after it was revoked, at most"] = max(last, found.figures.get("heard after it was revoked, at most", 0.0))
    if last > REVOKED_WITHIN:
        found.unauthorised += 1
        found.broken.append(f"P9: {name} was heard {last:.2f} s after it was revoked")


def let_in(system, name):
    client = system.client("intake", name)
    try:
        IntakeClient(client).send_one(contact("newcomer"), seconds=0.5)
        return IntakeClient(client)
    except TimeoutError:
        client.close()
        return None


def rotate(rig, number):
    """A source changes its key under load: the new one is known before the old one goes. What it sends is never refused."""
    old, new = f"rotating-{number}", f"rotated-{number}"
    rig.system.key(old, ["records"])
    first = wait_until(lambda: let_in(rig.system, old), what="the old key")
    rig.system.key(new, ["records"])
    second = wait_until(lambda: let_in(rig.system, new), what="the new key")
    receipts = [first.send_one(contact("rotating")), second.send_one(contact("rotating"))]
    rig.system.revoke(old)
    receipts += [second.send_one(contact("rotating")) for _ in range(5)]
    first.client.close()
    second.client.close()
    return sum(receipt.status != ACCEPTED for receipt in receipts)


def kill_authenticator(rig, found):
    """Its thread ends: so must the process, and nobody gets in meanwhile."""
    process = rig.processes["intake"]
    try:
        end_thread(process.pid, thread_named(process.pid, "zap"))
    except PermissionError:
        found.figures["authenticator"] = "ptrace is forbidden here"
        return
    ended_at = time.monotonic()
    if process.wait() != 1 or "event=zap_failed" not in process.log():
        found.broken.append(f"I7: without its authenticator intake ended with {process.wait()}")
    found.figures["seconds from the authenticator's end to that of the process"] = round(time.monotonic() - ended_at, 2)
    gone_at = time.monotonic()
    rig.start_again("intake")
    found.recoveries.append(rig.seconds_until_it_works("intake", gone_at))


@fault("F14", "no, unknown, revoked and misused keys; keys that change; an authenticator that dies", short=400, long=100_000,
       unit="tries", control="a stranger is let in", needs=needs_crash_programs)
def keys(trial):
    found = trial.found
    with LiveRig(trial, programs=["intake"]) as rig:
        rig.system.is_control = False  # what is wrong is who is known, and not a program
        trespassers = Trespassers(rig, trial.chance, trial.control is not None)
        rig.system.revoke("revoked")
        rig.start()
        refused, rotations = 0, 0
        while len(trespassers.sent_keys) < trial.rounds:
            if len(trespassers.sent_keys) >= rotations * ROTATIONS_EACH:
                refused += rotate(rig, rotations)
                revoke(rig, found, rotations)
                rotations += 1
            trespassers.lot(min(AT_ONCE, trial.rounds - len(trespassers.sent_keys)))
        if refused:
            found.broken.append(f"{refused} records were refused while a key changed")
        kill_authenticator(rig, found)
        wait_until(lambda: rig.processes["intake"].is_ready(), what="intake's return")
        names = [f"{kind}-{number}" for number in range(rotations) for kind in ("fired", "rotating", "rotated")]
        rig.finish(found, strangers_keys=trespassers.sent_keys, other_sources=names)
        found.unauthorised += trespassers.answered
    found.rounds = found.hit = len(trespassers.sent_keys)
    found.figures.update({f"tries with {kind}": count for kind, count in trespassers.of_kind.items()}, rotations=rotations,
                         refused_before_a_word=trespassers.unsaid)
    if trespassers.unsaid > UNSAID_SHARE * len(trespassers.sent_keys):
        found.broken.append(f"F14: {trespassers.unsaid} of {len(trespassers.sent_keys)} tries came to no word at all")
    return found
