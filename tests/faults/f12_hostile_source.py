# SPDX-License-Identifier: Apache-2.0
"""A source with a good key that means harm: messages without an end, too large by a byte, 72 times larger inside than outside,
floods, and the numbers and keys of others. It may lose its own connection; others are served as ever.

Frames that add up to the limit of the process (memory_max_mib) may end it: then it is back within 3 s, as after any death.
"""

import threading
import time

import intake_pb2 as intake
import zmq

from tests.faults.invariants import Usage
from tests.faults.live_rig import LiveRig, needs_crash_programs
from tests.faults.others_latency import OthersLatency
from tests.faults.trial import fault
from tests.support.curve_peer import CurvePeer
from tests.support.event_feed import spelled
from tests.support.intake_client import ACCEPTED, DUPLICATE, RETRY, IntakeClient, RequestRefused, case_update, contact

LIMIT_MIB = 256
FRAME_BYTES = 60_000
ENDLESS_SECONDS = 3.0
FLOOD_SECONDS = 0.5
TOO_LARGE = 65_536 + 1
# What a record of no byte costs inside: about 72 times the two bytes that announce it.
EMPTY_RECORDS = 30_000


class Attacker:
    """One principal; every attack returns what it saw that must not be."""

    def __init__(self, rig, chance):
        self.rig, self.chance = rig, chance
        self.number = 0

    def connect(self):
        return IntakeClient(self.rig.system.client("intake", "hostile"))

    def endless(self):
        """Frames with 'more to come' until it is cut off, or for a while."""
        system = self.rig.system
        path = system.endpoint("intake").removeprefix("ipc://")
        until = time.monotonic() + ENDLESS_SECONDS
        try:
            peer = CurvePeer(path, system.key("hostile"), system.service_key("intake"))
            try:
                while time.monotonic() < until:
                    peer.send_frame(b"x" * FRAME_BYTES, is_more=True)
            finally:
                peer.close()
        except OSError:
            pass

    def too_large(self):
        one = self.connect()
        one.client.send(b"x" * self.chance.choice([TOO_LARGE, 10 * TOO_LARGE]), 5)
        one.client.socket.poll(100)
        one.client.close()

    def swollen(self):
        """Refused as a whole."""
        one = self.connect()
        request = intake.IntakeRequest(records=intake.RecordBatch(records=[intake.Record()] * EMPTY_RECORDS))
        one.client.send(request, 5)
        try:
            return f"it was answered: {one.receive(5)}"
        except (RequestRefused, TimeoutError):
            return None
        finally:
            one.client.close()

    def flood(self):
        """As much as goes: 'busy' and 'rate' are answers; nothing is read."""
        one = self.connect()
        until = time.monotonic() + FLOOD_SECONDS
        while time.monotonic() < until:
            records = [contact(f"flood-{i}", body="x" * 100) for i in range(64)]
            try:
                one.client.socket.send(
                    intake.IntakeRequest(records=intake.RecordBatch(records=records)).SerializeToString(), zmq.DONTWAIT)
            except zmq.Again:
                one.client.socket.poll(10, zmq.POLLOUT)
        one.client.close()

    def ids_of_others(self):
        """The key of another source is none of ours; its customer's reference means nobody here, whatever the case's number."""
        key, ack = self.chance.choice(list(self.rig.load.acks().items()))
        reference, case = self.rig.eye.ask(
            "SELECT r.reference, k.number FROM intake.customer_reference r JOIN intake.service_case k USING (customer_number)"
            " JOIN intake.source s ON s.id = r.source_id WHERE s.name <> 'hostile' ORDER BY random() LIMIT 1")[0].split("|")
        one = self.connect()
        try:
            mine = settled(one, contact("mine", key=key))
            theirs = settled(one, case_update("closed", customer_ref=reference, case_number=spelled("C", case)))
        except TimeoutError:
            return None  # it still has to drain what it was flooded with
        finally:
            one.client.close()
        if mine.status not in (ACCEPTED, DUPLICATE) or mine.customer_number == ack.customer:
            return f"the key of another source meant its record: {mine}"
        return f"a case of another source was taken: {theirs}" if theirs.status == ACCEPTED else None


def settled(one, record):
    """Its receipt. What is told to come again, because this source holds its share of the backlog, comes again."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        receipt = one.send_one(record, 5)
        if receipt.status != RETRY:
            return receipt
        threading.Event().wait(receipt.retry_after_us / 1e6)
    raise TimeoutError(f"it was told to come again for 5 s: {receipt}")


def strike(rig, attacker, name, found):
    """Whether intake lived through it."""
    process = rig.processes["intake"]
    begun = time.monotonic()
    wrong = getattr(attacker, name)()
    if wrong:
        found.unauthorised += 1
        found.broken.append(f"F12 {name}: {wrong}")
    lived = process.is_running()
    if not lived:
        found.figures[f"ends by {name}"] = found.figures.get(f"ends by {name}", 0) + 1
        if name != "endless":
            found.broken.append(f"F12: {name} ended intake with {process.wait()}: {process.log()[-1000:]}")
        begun = time.monotonic()
        rig.start_again("intake")
    found.recoveries.append(rig.load.seconds_until_new_receipt(begun))
    return lived


@fault("F12", "a source with a good key that means harm", short=10, long=500, unit="attacks", recovery_max=3.0,
       control="ack_before_commit", control_rounds=1, needs=needs_crash_programs)
def hostile_source(trial):
    found = trial.found
    with LiveRig(trial, programs=["intake"]) as rig:
        rig.system.key("hostile", ["records"])
        if trial.control:
            rig.doom()
        rig.start(intake={"memory_max_mib": LIMIT_MIB})
        attacker = Attacker(rig, trial.chance)
        latency = OthersLatency(rig)
        latency.measure_usual(2.0)
        attacks = ["endless", "too_large", "swollen", "flood", "ids_of_others"]
        for number in range(trial.rounds):
            name = attacks[number % len(attacks)]
            with latency.attack(name) as span:
                span.is_judged = strike(rig, attacker, name, found)
            found.hit += bool(rig.load.in_flight())
            found.rounds += 1
        latency.judge(found)
        used = Usage(rig.processes["intake"].pid)
        if used.rss_mib > LIMIT_MIB:
            found.broken.append(f"I8: intake has {used.rss_mib:.0f} MiB")
        rig.load.finish()
        check_others_only(rig, found)
    return found


def check_others_only(rig, found):
    """The floods are facts of the hostile source, by right: they are taken out of what is compared."""
    rig.look(found, other_sources=["hostile"])
