# SPDX-License-Identifier: Apache-2.0
"""F8: packets between intake and PostgreSQL are lost, 1 to 20 of a hundred, or all of them for a while, one way or both.

Intake runs in a network namespace of its own; a veth pair leads to a relay before PostgreSQL's socket, so that libpq speaks TCP.
nftables in the namespace drops packets ('numgen random'); the kernel's netem is not needed. Here tcp_user_timeout does its work,
which a proxy cannot show: a proxy takes what it is sent.
"""

import os
import re
import shutil
import subprocess
import threading
import time

from tests.faults.f06_cuts import needs_programs
from tests.faults.live_rig import LiveRig
from tests.faults.proxies import Proxy
from tests.faults.trial import fault
from tests.support.system import wait_until

LOSS_SECONDS = 10.0
PARTITION_MIN, PARTITION_MAX = 8.0, 60.0
NOTICED_MAX = 8.0  # tcp_user_timeout and db_deadline, 5 s each, whichever comes first; a second until something is sent
PROGRESS_SECONDS = 30
# Nobody else's addresses: TEST-NET-2.
NEAR, FAR = "198.51.100.1", "198.51.100.2"
RULES = """table inet fault {
  chain input { type filter hook input priority 0; policy accept; }
  chain output { type filter hook output priority 0; policy accept; }
}
"""


def why_not():
    if needs_programs():
        return needs_programs()
    for tool in ("ip", "nft"):
        if shutil.which(tool) is None:
            return f"there is no '{tool}': packages iproute2 and nftables"
    name = f"troth-try-{os.getpid()}"
    done = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return f"no right to make a network namespace (CAP_NET_ADMIN): {done.stderr.strip()}"
    subprocess.run(["ip", "netns", "delete", name], check=False)
    return None


class Namespace:
    """A network of its own with one wire to ours."""

    def __init__(self):
        self.name = f"troth-{os.getpid()}"
        self.near, self.far = f"tn{os.getpid()}", f"tf{os.getpid()}"
        run("ip", "netns", "add", self.name)
        try:
            run("ip", "link", "add", self.near, "type", "veth", "peer", "name", self.far, "netns", self.name)
            run("ip", "address", "add", f"{NEAR}/30", "dev", self.near)
            run("ip", "link", "set", self.near, "up")
            self.inside("ip", "address", "add", f"{FAR}/30", "dev", self.far)
            self.inside("ip", "link", "set", self.far, "up")
            self.inside("nft", "-f", "-", text=RULES)
        except subprocess.CalledProcessError:
            self.delete()
            raise

    def inside(self, *command, text=None):
        run("ip", "netns", "exec", self.name, *command, text=text)

    def drop(self, per_hundred, chains):
        for chain in chains:
            self.inside("nft", "add", "rule", "inet", "fault", chain,
                        *(f"numgen random mod 100 < {per_hundred}".split() if per_hundred < 100 else []), "counter", "drop")

    def dropped(self):
        """Packets, since the last heal()."""
        done = subprocess.run(["ip", "netns", "exec", self.name, "nft", "list", "table", "inet", "fault"], capture_output=True,
                              text=True, check=True)
        return sum(int(count) for count in re.findall(r"counter packets (\d+)", done.stdout))

    def heal(self):
        self.inside("nft", "flush", "table", "inet", "fault")

    def delete(self):
        """The wire and the rules go with it."""
        subprocess.run(["ip", "netns", "delete", self.name], check=False)


def run(*command, text=None):
    subprocess.run(command, input=text, text=True, check=True, capture_output=True)


class PacketRig(LiveRig):
    """Intake alone, behind the wire."""

    def __init__(self, trial):
        super().__init__(trial, programs=["intake"])
        self.namespace = self.relay = None

    def start(self, **settings):
        self.namespace = Namespace()
        self.relay = Proxy(listen=f"{NEAR}:0", target=f"unix:{self.cluster.socket}/.s.PGSQL.5432", seed=self.trial.seed)
        self.system.program = self.wrapped
        host, port = self.relay.address.rsplit(":", 1)
        database = f"host={host} port={port} user=troth_intake dbname={self.system.database}"
        super().start(intake={"database": database}, **settings)

    def wrapped(self, service):
        """A program that goes into the namespace and becomes the service."""
        path = self.system.folder / f"inside-{service}"
        programs = self.system.crashing if self.trial.control else self.system.programs
        path.write_text(f'#!/bin/sh\nexec ip netns exec {self.namespace.name} {programs}/troth-{service} "$@"\n')
        path.chmod(0o700)
        return path

    def __exit__(self, *unused):
        super().__exit__(*unused)
        if self.relay:
            self.relay.stop()
        if self.namespace:
            self.namespace.delete()


def choose(trial):
    """(how many of a hundred packets, in which chains, for how long)"""
    chance = trial.chance
    if trial.control:  # whatever else is lost comes again, and COMMIT with it
        return 100, ["input", "output"], PARTITION_MIN
    chains = chance.choice([["input"], ["output"], ["input", "output"]])
    if chance.random() < 0.5:
        return chance.randint(1, 20), chains, LOSS_SECONDS
    return 100, chains, PARTITION_MIN * (PARTITION_MAX / PARTITION_MIN) ** chance.random()


def strike(rig, found, noticed):
    per_hundred, chains, seconds = choose(rig.trial)
    found.hit += bool(rig.load.in_flight())
    failures = rig.processes["intake"].log().count("db_connection_failed")
    begun = time.monotonic()
    rig.namespace.drop(per_hundred, chains)
    if per_hundred == 100:
        wait_until(lambda: rig.processes["intake"].log().count("db_connection_failed") > failures, 60, "intake to notice")
        noticed.append(time.monotonic() - begun)
        if noticed[-1] > NOTICED_MAX:
            found.broken.append(f"I9: a partition was noticed after {noticed[-1]:.1f} s")
    else:
        rig.load.wait_for(1, PROGRESS_SECONDS)
    threading.Event().wait(max(0.0, begun + seconds - time.monotonic()))
    dropped = rig.namespace.dropped()
    moment = time.monotonic()
    rig.namespace.heal()
    found.recoveries.append(rig.load.seconds_until_new_receipt(moment))
    found.rounds += 1
    found.figures["packets dropped"] = found.figures.get("packets dropped", 0) + dropped
    if not dropped:
        found.broken.append("nothing was dropped: the test is wrong")


@fault("F8", "packets between intake and PostgreSQL lost, and partitions", short=0, long=120, unit="losses and partitions",
       recovery_max=15.0, control="ack_before_commit", control_rounds=2, needs=why_not, hits_work=True)
def packets(trial):
    found, noticed = trial.found, []
    with PacketRig(trial) as rig:
        if trial.control:
            rig.environments["intake"] = {"TROTH_CRASH_CONTROL": trial.control}
        rig.start()
        for _ in range(trial.rounds):
            strike(rig, found, noticed)
        rig.finish(found)
    if noticed:
        found.figures["partitions noticed"] = f"{len(noticed)}, after {max(noticed):.1f} s at most"
    return found
