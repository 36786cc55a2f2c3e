# SPDX-License-Identifier: Apache-2.0
"""F9: a network that is late, uneven, narrow, or hands over single bytes: everything goes on, only slower.

Beside the scheduler with the bad network works a second one with a good one, which would take its lanes if their leases ran out:
no lease may change hands or lose its term by slowness alone. Records must keep coming through in every round (a deadlock between
a pipeline and a server that both wait to write would end that), and how many did is told for each condition. The control has
leases that are shorter than the way to the database.
"""

import threading
import time

from tests.faults.f06_cuts import needs_programs
from tests.faults.net_rig import NetRig
from tests.faults.trial import fault
from tests.support.stage import QUICK, SERVICES
from tests.support.system import wait_until

# One way. From 2 s there and back on, a CURVE handshake would take longer than the 2 s that it has (common/README.md), so that
# what is between programs is only given conditions in which a connection can be made.
CONDITIONS = {
    "2 s there and back": ["latency 900 jitter 100"],
    "1-byte slices": ["slice 1"],
    "1 Mbit/s": ["bandwidth 125000"],
    "50 ms there and back": ["latency 20 jitter 10"],
    "500 ms there and back, uneven": ["latency 100 jitter 300"],
    "1 Mbit/s, 200 ms there and back, 100-byte slices": ["bandwidth 125000", "latency 90 jitter 20", "slice 100"],
}
BETWEEN_PROGRAMS = {"1-byte slices", "1 Mbit/s", "50 ms there and back", "1 Mbit/s, 200 ms there and back, 100-byte slices"}
ROUND_SECONDS = 5.0
PROGRESS_SECONDS = 60  # without a receipt for so long: nothing goes on any more
SECOND = "followup-2"
LANES = "lane/followup/"
LEASE, SHORT_LEASE = "10s", "1s"  # the usual one, and the shortest that the setting allows


def leases(rig):
    """{resource: 'holder term'}"""
    rows = rig.eye.ask("SELECT resource, holder || ' ' || term FROM log.lease WHERE NOT starts_with(resource, 'member/')")
    return dict(row.split("|", 1) for row in rows)


def is_settled(rig):
    """Both schedulers have their share."""
    lanes = {name: text.split()[0] for name, text in leases(rig).items() if name.startswith(LANES)}
    counts = [list(lanes.values()).count(holder) for holder in set(lanes.values())]
    return len(counts) == 2 and max(counts) - min(counts) <= 1


def start(rig, is_control):
    lease = SHORT_LEASE if is_control else LEASE
    both = f"{rig.system.endpoint('followup')} {rig.system.endpoint(SECOND)}"
    rig.start(**{name: {"lease": lease} for name in SERVICES}, dialer={"followup": both})
    own = {**rig.connections("followup"), **QUICK["followup"], "rules": rig.system.folder / "rules.conf", "lease": lease}
    rig.processes[SECOND] = rig.system.start("followup", SECOND, **own)
    wait_until(lambda: is_settled(rig), 60, "a fair share of the lanes")


def set_condition(rig, name):
    for link, proxy in rig.proxies.items():
        proxy.say("pass")
        if link != "source-intake" or name in BETWEEN_PROGRAMS:
            for command in CONDITIONS[name]:
                proxy.say(command)


def one_condition(rig, name, rounds, found):
    set_condition(rig, name)
    before = leases(rig)
    left = sum(proxy.status()["left"] for proxy in rig.proxies.values())
    begun, acknowledged = time.monotonic(), rig.load.acknowledged()
    for _ in range(rounds):
        round_begun = time.monotonic()
        found.hit += bool(rig.load.in_flight())
        try:
            rig.load.wait_for(1, PROGRESS_SECONDS)
        except TimeoutError:
            found.broken.append(f"no receipt for {PROGRESS_SECONDS} s with {name}: {rig.processes['intake'].log()[-1500:]}")
        threading.Event().wait(max(0.0, round_begun + ROUND_SECONDS - time.monotonic()))
        found.rounds += 1
    seconds, done = time.monotonic() - begun, rig.load.acknowledged() - acknowledged
    given_up = sum(proxy.status()["left"] for proxy in rig.proxies.values()) - left
    found.figures[name] = f"{done / seconds:.0f} records/s, {given_up} connections given up"
    changed = sorted(resource for resource, text in leases(rig).items() if before.get(resource, text) != text)
    if changed:
        found.broken.append(f"leases that changed hands with {name}: {len(changed)}, as {changed[:5]}")


@fault("F9", "delay, jitter, slices of a byte and 1 Mbit/s", short=2, long=2160, unit="rounds of 5 s", control="short_lease",
       needs=needs_programs, hits_work=True)
def slow(trial):
    found = trial.found
    with NetRig(trial, links=["source-intake"], rate=100.0) as rig:
        start(rig, bool(trial.control))
        names = list(CONDITIONS)
        if not trial.control and trial.rounds < len(names):
            trial.chance.shuffle(names)
        for place, name in enumerate(names):
            share = (trial.rounds - place + len(names) - 1) // len(names)
            if share > 0:
                one_condition(rig, name, share, found)
        for proxy in rig.proxies.values():
            proxy.say("pass")
        rig.finish(found)
    return found
