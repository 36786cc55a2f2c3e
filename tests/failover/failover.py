# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL's primary dies under load, again and again; two of each service and all senders go on.

    make failover-test ROUNDS=5 SEED=7

Each round kills the primary's Patroni and PostgreSQL, brings them back as a standby, and hands over to another node in order.
What was acknowledged is compared in the end. Then the control: without synchronous replication the same death has to lose
something, or this test could not see a loss. Prints a table; WRONG: lines and status 1 if anything was not as it must be.
"""

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path

from tests.drill.acknowledged import Witness, WitnessedSender
from tests.failover.nodes import Nodes, send
from tests.faults.sampler import Sampler
from tests.support import ledger
from tests.support.cluster import ROOT
from tests.support.load import garage_records
from tests.support.stage import LEASE, QUICK, SERVICES, Stage, connections
from tests.support.system import System, wait_until
from tests.support.witness import journal_keys

RECOVER_S = 30  # from the death of the primary to the first new receipt
HAND_OVER_S = 10  # the same for a handover in order: generous, a second or two is usual
# Records on their way at most: so many may have been committed, and their receipts not be here, when replication stops.
IN_FLIGHT = 64
CALL_HOURS = 30  # a case is called about a day after it was resolved
DIALERS = ("dialer", "dialer-2")
CUSTOMERS = 10  # of a list of records; the next one is about other customers
BOTH = {service: [service, f"{service}-2"] for service in SERVICES}


class Load(Sampler):
    """Sends records, round after round, until it is told to stop."""

    every = 0

    def __init__(self, system, clock, seed, prefix, may_lose=False):
        """may_lose: what is said about a case that was lost is rejected, and ends the load."""
        super().__init__()
        self.system, self.clock, self.seed, self.prefix, self.may_lose = system, clock, seed, prefix, may_lose
        self.witness = Witness(system.folder / f"{prefix}-acknowledged")
        self.client = system.client("intake", "garage", instance=BOTH["intake"])
        self.senders = []

    def sample(self):
        number = len(self.senders) + 1
        records = garage_records(self.seed + number, CUSTOMERS, f"{self.prefix}{number}", first=CUSTOMERS * (number % 20))
        sender = WitnessedSender(self.witness, self.client, records, self.clock, number, in_flight=IN_FLIGHT)
        self.senders.append(sender)
        sender.run(seconds=240)

    def check(self):
        if not self.may_lose:
            super().check()

    def count(self):
        return len(self.witness.acknowledged)

    def wait_for_more(self, count=200, seconds=60):
        """Receipts; the load is well under way then."""
        enough = self.count() + count
        wait_until(lambda: self.error or self.count() >= enough, seconds, "receipts")
        self.check()

    def gap_after(self, instant):
        """How long after it the first receipt of the new primary came: the end of the longest silence. To be asked when there is
        a new primary: until then, and while what the old one committed still arrives, there was no silence yet."""
        asked = time.time()
        wait_until(lambda: self.error or sum(at > asked for at in list(self.witness.acknowledged.values())) > 200,
                   120, "receipts after the failover")
        self.check()
        times = sorted(at for at in list(self.witness.acknowledged.values()) if at > instant)
        return max((later - earlier, later) for earlier, later in zip([instant, *times], times))[1] - instant


class Failover:
    def __init__(self, nodes, programs, seed):
        self.nodes, self.seed = nodes, seed
        self.system = System(nodes, programs)
        self.figures, self.wrong = {}, []
        self.gaps, self.switches, self.back = [], [], []

    def __enter__(self):
        try:
            self.start_all()
        except BaseException:
            self.system.stop()
            raise
        return self

    def start_all(self):
        self.system.key("garage", ["records"])
        self.stage = Stage(self.system, SERVICES, followup={"lease": LEASE})
        for service in SERVICES:
            self.start_second(service)
        followups = " ".join(self.system.endpoint(name) for name in BOTH["followup"])
        for name in DIALERS:
            settings = {**connections(self.system, "dialer"), **QUICK["dialer"], "name": name, "followup": followups,
                        "journal": self.system.folder / f"{name}.journal"}
            self.stage.processes[name] = self.system.start("dialer", name, arguments=["--demo-clock"], **settings)

    def __exit__(self, *unused):
        self.system.stop()

    def start_second(self, service):
        name = BOTH[service][1]
        values = {"lease": LEASE, **connections(self.system, service), **QUICK.get(service, {})}
        self.stage.processes[name] = self.system.start(service, name, arguments=["--demo-clock"], **values)

    def expect(self, is_so, text):
        if not is_so:
            self.wrong.append(text)

    def dials(self):
        """The key of each call in the journals."""
        return [key for name in DIALERS for key in journal_keys(self.system.folder / f"{name}.journal", "placed")]

    # ---- what happens

    def wait_for_another_than(self, old):
        wait_until(lambda: self.nodes.leader() not in (None, old), 90, "another primary")

    def kill_primary(self, load):
        """Its machine is gone. Returns the seconds to the first receipt of another one."""
        old = self.nodes.leader()
        instant = time.time()
        old.kill()
        self.wait_for_another_than(old)
        gap = load.gap_after(instant)
        begun = time.monotonic()
        old.start()
        self.nodes.wait_whole()
        self.back.append(time.monotonic() - begun)
        return gap

    def hand_over(self, load):
        old = self.nodes.leader()
        instant = time.time()
        self.expect(self.nodes.switch_over() is not None, "Patroni refused to hand over")
        self.wait_for_another_than(old)
        gap = load.gap_after(instant)
        self.nodes.wait_whole()
        return gap

    def play(self, rounds):
        with Load(self.system, self.stage.clock, self.seed, "load") as load:
            for number in range(rounds):
                load.wait_for_more()
                before = len(self.dials())
                self.stage.step(CALL_HOURS)  # calls are due: they are placed while the primary dies
                self.gaps.append(self.kill_primary(load))
                load.wait_for_more()
                self.switches.append(self.hand_over(load))
                calls = len(self.dials()) - before
                print(f"round {number + 1}: killed {self.gaps[-1]:.1f} s, back {self.back[-1]:.1f} s, "
                      f"handed over {self.switches[-1]:.1f} s, {calls} calls", flush=True)
                self.expect(calls > 0, f"nobody was called in round {number + 1}")
            load.wait_for_more()
        self.check_all(load)

    def check_all(self, load):
        self.stage.run_out(seconds=180)
        self.stage.check_alive()
        self.expect(max(self.gaps) <= RECOVER_S, f"the first receipt came after {max(self.gaps):.1f} s")
        self.expect(max(self.switches) <= HAND_OVER_S, f"handed over, the first receipt came after {max(self.switches):.1f} s")
        self.figures = {
            "rounds": len(self.gaps),
            **ledger.check_records(self.system, load.senders, "garage"),
            "sent_again": sum(sender.repeats for sender in load.senders),
            **ledger.check_calls(self.system, self.dials()), **ledger.check_loyalty(self.system),
            **ledger.check_reporting(self.system),
            **spread("killed_first_receipt_s", self.gaps), **spread("handed_over_first_receipt_s", self.switches),
            **spread("old_primary_back_s", self.back),
        }

    # ---- controls: the standbys get nothing while the primary goes on

    def stalled(self, prefix, seconds=2.0, may_lose=False):
        """Replication stands still, then the primary dies. Returns (acknowledged in the meantime, lost of all, who died)."""
        with Load(self.system, self.stage.clock, self.seed, prefix, may_lose) as load:
            load.wait_for_more(300)
            old = self.nodes.leader()
            for pid in old.walsenders():
                send(pid, signal.SIGSTOP)
            before = load.count()
            threading.Event().wait(seconds)
            old.kill()
            meanwhile = load.count() - before
            self.wait_for_another_than(old)
        stored = set(self.system.psql(
            "SELECT r.key FROM intake.receipt r JOIN intake.source s ON s.id = r.source_id WHERE s.name = 'garage'"
        ).splitlines())
        return meanwhile, len(set(load.witness.acknowledged) - stored), old

    def control(self):
        """The same death twice; a sender that has a receipt never asks again, so nobody brings back what is lost."""
        acknowledged, lost, old = self.stalled("strict")
        self.figures.update(stalled_acknowledged=acknowledged, stalled_lost=lost)
        self.expect(acknowledged <= IN_FLIGHT, f"{acknowledged} receipts with synchronous replication that stood still")
        self.expect(lost == 0, f"{lost} acknowledged records were lost with synchronous replication")
        old.start()
        self.nodes.wait_whole()
        self.nodes.be_asynchronous()
        acknowledged, lost, _ = self.stalled("async", may_lose=True)
        self.figures.update(control_acknowledged=acknowledged, control_lost=lost)
        self.expect(lost > 0, "without synchronous replication nothing was lost: the test is blind")


def spread(name, values):
    ordered = sorted(values)
    return {f"{name}_p50": round(ordered[len(ordered) // 2], 1),
            f"{name}_p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1)}


def table(figures):
    width = max(len(name) for name in figures)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in figures.items())


def main():
    parser = argparse.ArgumentParser(prog="python3 -m tests.failover.failover")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep-logs", metavar="FOLDER", type=Path, help="copy Patroni's logs there")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is cleaned up
    programs = ROOT / os.environ.get("TROTH_OUT", "build") / "bin"
    begun = time.monotonic()
    with Nodes() as nodes:
        started = time.monotonic()
        try:
            with Failover(nodes, programs, options.seed) as run:
                run.play(options.rounds)
                run.control()
        finally:
            if options.keep_logs:
                keep_logs(nodes, options.keep_logs)
    figures = {"seed": options.seed, "nodes_up_s": round(started - begun, 1), **run.figures,
               "seconds": round(time.monotonic() - begun, 1)}
    print(table(figures))
    for text in run.wrong:
        print(f"WRONG: {text}")
    return 1 if run.wrong else 0


def keep_logs(nodes, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for node in nodes.nodes:
        (folder / f"{node.name}.log").write_bytes((node.folder / "patroni.log").read_bytes())


if __name__ == "__main__":
    sys.exit(main())
