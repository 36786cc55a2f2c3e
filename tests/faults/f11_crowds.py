# SPDX-License-Identifier: Apache-2.0
"""Crowds at the door: idle connections by the thousand, then garbage, cut off and flipped handshakes by the ten thousand, while
sources work. Others wait at most twice as long, and afterwards memory, descriptors and processor are what they were.
"""

import contextlib
import select
import subprocess
import sys

from tests.faults.f17_descriptors import listen_to_the_world, processor_share
from tests.faults.invariants import FDS_GROWTH, Usage
from tests.faults.live_rig import LiveRig, needs_crash_programs
from tests.faults.others_latency import OthersLatency
from tests.faults.trial import fault
from tests.support.system import ROOT, wait_until

IDLE_SHARE = 0.1  # of the connections: 10,000 beside 100,000
IDLE_PROCESSES, GARBAGE_PROCESSES = 4, 2
IDLE_SECONDS = 240
KIB_EACH = 48  # of an idle connection that is open
# So much may be in nobody's use without being given back (process_memory.c).
RSS_GROWTH_MIB = 64
GIVEN_BACK_SECONDS = 30  # it looks every 10 s
CPU_GROWTH = 0.2


def crowd(*arguments):
    return subprocess.Popen([sys.executable, "-m", "tests.support.crowd", *map(str, arguments)], cwd=ROOT,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def stay_idle(rig, count, found):
    idle, server = rig.system.key("idle"), rig.system.service_key("intake")
    pid = rig.processes["intake"].pid
    before = Usage(pid)
    each = max(1, count // IDLE_PROCESSES)
    crowds = [crowd("idle", rig.system.endpoint("intake"), server.public.decode(), idle.public.decode(),
                    idle.secret.decode(), each) for _ in range(IDLE_PROCESSES)]
    try:
        for one in crowds:
            if not select.select([one.stdout], [], [], IDLE_SECONDS)[0] or one.stdout.readline() != "open\n":
                raise AssertionError(f"the idle connections were not made in {IDLE_SECONDS} s")
        there = Usage(pid)
        found.figures["idle connections"] = there.fds - before.fds
        if there.fds - before.fds < each * IDLE_PROCESSES - FDS_GROWTH:
            found.broken.append(f"F11: of {each * IDLE_PROCESSES} idle connections {there.fds - before.fds} stayed")
        grown = there.rss_mib - before.rss_mib
        if grown > 16 + (there.fds - before.fds) * KIB_EACH / 1024:
            found.broken.append(f"I8: {there.fds - before.fds} idle connections took {grown:.0f} MiB")
        found.figures["processor share beside them"] = round(processor_share(pid, 1.0), 2)
    finally:
        for one in crowds:
            one.kill()
            one.communicate()
    return each * IDLE_PROCESSES


def throw_garbage(rig, count, seed):
    host, port = rig.system.endpoint("intake").removeprefix("tcp://").split(":")
    each = max(1, count // GARBAGE_PROCESSES)
    crowds = [crowd("garbage", host, port, each, seed + number) for number in range(GARBAGE_PROCESSES)]
    for one in crowds:
        if one.communicate()[0] != "done\n":
            raise AssertionError("the garbage was not thrown")
    return each * GARBAGE_PROCESSES


@fault("F11", "idle connections, garbage, cut off and flipped handshakes", short=1000, long=110_000, unit="connections",
       control="ack_before_commit", control_rounds=100, needs=needs_crash_programs)
def crowds(trial):
    found = trial.found
    with LiveRig(trial, programs=["intake"]) as rig:
        rig.system.key("idle", ["records"])
        listen_to_the_world(rig)
        if trial.control:
            rig.doom()
        rig.start()
        pid = rig.processes["intake"].pid
        latency = OthersLatency(rig)
        latency.measure_usual(3.0)
        before, share = Usage(pid), processor_share(pid, 1.0)
        with latency.attack():
            found.rounds += stay_idle(rig, int(trial.rounds * IDLE_SHARE), found)
            found.rounds += throw_garbage(rig, trial.rounds - found.rounds, trial.seed)
        wait_until(lambda: Usage(pid).fds <= before.fds + FDS_GROWTH, what="the end of their connections")
        with contextlib.suppress(TimeoutError):  # then what it has is judged
            wait_until(lambda: Usage(pid).rss_mib <= before.rss_mib + RSS_GROWTH_MIB, GIVEN_BACK_SECONDS)
        after = Usage(pid)
        found.hit = found.rounds
        found.figures["memory"] = f"{before.rss_mib:.0f} MiB before, {after.rss_mib:.0f} after"
        if after.rss_mib > before.rss_mib + RSS_GROWTH_MIB:
            found.broken.append(f"I8: intake has {after.rss_mib:.0f} MiB, before {before.rss_mib:.0f}")
        later = processor_share(pid, 1.0)
        if later > share + CPU_GROWTH:
            found.broken.append(f"I8: intake uses {later:.0%} of a processor, {share:.0%} before")
        latency.judge(found)
        rig.finish(found)
    return found
