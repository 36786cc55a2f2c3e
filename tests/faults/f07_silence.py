# SPDX-License-Identifier: Apache-2.0
"""F7: a link goes silent in one direction or both, with no end that anybody could see, and comes back.

Each service has a link to PostgreSQL; records, orders and questions travel over three more. What was under way arrives when the
silence is over, as after a parted network, or never, as after the death of a host. How soon the silence is noticed is measured
at the proxy: by the first connection that its client gives up.
"""

import threading
import time

from tests.faults.f06_cuts import needs_programs
from tests.faults.net_rig import NetRig
from tests.faults.trial import Found, fault
from tests.support.stage import SERVICES
from tests.support.system import wait_until

ZMQ_LINKS = {"source-intake": "intake", "dialer-followup": "dialer", "followup-intake": "followup"}  # whose work it stops
LINKS = [*SERVICES, *ZMQ_LINKS]
SECONDS_MIN, SECONDS_MAX = 5.0, 120.0
# A heartbeat a second, three seconds for its answer; but whatever is heard counts as an answer. When only what a client says is
# lost, it notices when the other side has stopped speaking, which a scheduler does when the orders that nobody confirms are given
# up (start_within, claim_for: 2 s each, and how often it looks). A database: what runs has db_deadline, 5 s, and a second may
# pass until the next statement.
LOOK_EVERY, RECOVERY_SECONDS = 1.0, 60.0
NOTICED_MAX = {"zmq": 5.0, "zmq, still hearing": 10.0, "database": 7.0}


def plan(chance, rounds, is_control):
    """[(link, seconds)]: every link once for the shortest time, then in any order and up to the longest."""
    order = []
    while len(order) < rounds:
        block = ["intake"] if is_control else list(LINKS)
        chance.shuffle(block)
        order += block
    share = SECONDS_MAX / SECONDS_MIN
    return [(link, SECONDS_MIN * (share ** chance.random() if place >= len(LINKS) else 1.0))
            for place, link in enumerate(order[:rounds])]


def seconds_until_it_works(rig, whose, moment):
    """What was held arrives all at once and then ends: see look_after()."""
    while True:
        for name in rig.programs:
            rig.look_after(name)
        try:
            return rig.seconds_until_it_works(whose, moment, seconds=LOOK_EVERY)
        except TimeoutError:
            if time.monotonic() > moment + RECOVERY_SECONDS:
                raise


def silence(rig, link, seconds, found, noticed):
    chance, proxy = rig.trial.chance, rig.proxies[link]
    kind = "zmq" if link in ZMQ_LINKS else "database"
    whose = ZMQ_LINKS.get(link, link)
    left = proxy.status()["left"]
    found.hit += rig.catch_at_work(whose)
    begun = time.monotonic()
    way, what = chance.choice(["up", "down", "both"]), chance.choice(["hold", "drop"])
    if (kind, way) == ("zmq", "up"):
        kind = "zmq, still hearing"
    proxy.say(f"silence {way} {what}")
    wait_until(lambda: proxy.status()["left"] > left, 60, f"somebody to notice the silence of {link}")
    noticed.setdefault(kind, []).append(time.monotonic() - begun)
    if noticed[kind][-1] > NOTICED_MAX[kind] * rig.trial.slack:
        found.broken.append(f"I9: the silence of {link} was noticed after {noticed[kind][-1]:.1f} s")
    threading.Event().wait(max(0.0, begun + seconds - time.monotonic()))
    moment = time.monotonic()
    proxy.say("pass")
    found.rounds += 1
    try:
        found.recoveries.append(seconds_until_it_works(rig, whose, moment))
    except TimeoutError as error:
        found.broken.append(f"I9: {link}, silent for {seconds:.0f} s: {error}; {proxy.status()};"
                            f" {rig.processes[whose].log()[-2000:]}")


@fault("F7", "a link is silent in one direction for 5 to 120 s, under load", short=1, long=350, unit="silences", recovery_max=10.0,
       control="ack_before_commit", needs=needs_programs, hits_work=True)
def silences(trial):
    found, noticed = trial.found, {}
    with NetRig(trial, links=list(ZMQ_LINKS)) as rig:
        if trial.control:
            rig.doom()
        rig.start()
        for link, seconds in plan(trial.chance, trial.rounds, bool(trial.control)):
            silence(rig, link, seconds, found, noticed)
        rig.finish(found)
        if rig.broke_after_stop:
            found.figures["programs that libzmq ended after a silence"] = "; ".join(rig.broke_after_stop)
    for kind, seconds in noticed.items():
        figure = Found(recoveries=seconds)
        found.figures[f"noticed, {kind}"] = (f"p50 {figure.percentile(0.5):.1f} s, most {max(seconds):.1f} s"
                                             f" of {len(seconds)}")
    return found
