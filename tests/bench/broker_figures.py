# SPDX-License-Identifier: Apache-2.0
"""Records that intake acknowledges per second beside messages that brokers acknowledge, on the same disk.

A broker keeps one blob; intake checks the record, looks for its key, finds or makes the customer, opens a case, makes its
promises and appends events before it says that it has it. The messages of the brokers are as long as our records, there
is no encryption for them, and of several sizes of the window the one counts that suits the broker best.
"""

from tests.bench.broker_peers import NATS, RABBITMQ, Nats, RabbitMQ, can_write_through
from tests.bench.intake_loader import IN_FLIGHT, Loader
from tests.bench.intake_more_figures import RECORD_BYTES
from tests.bench.measure import Figure, progress, run_pairs, skip
from tests.bench.peer_process import is_there

WINDOWS = (256, 1024, 4096)  # messages without acknowledgement
FLOOD_GOAL = 0.8
ONE = "one at a time"


def broker_figures(bench):
    rabbitmq(bench)
    nats(bench)


class Ours:
    """A fresh database for each run."""

    def __init__(self, bench):
        self.bench = bench

    def rate(self, count):
        return self._run(count, IN_FLIGHT, lambda result: count / result["seconds"])

    def one_by_one_us(self, count):
        return self._run(count, 1, lambda result: result["p50_us"])

    def _run(self, count, in_flight, figure):
        database = self.bench.cluster.new_database()
        try:
            with Loader(self.bench, database) as loader:
                loader.run("contact", 200, 1)  # connections, statements and caches are warm
                self.bench.cluster.psql("CHECKPOINT", database)
                return figure(loader.run("contact", count, in_flight, first=1_000_000))
        finally:
            self.bench.cluster.drop_database(database)


def best_rate(publish, count, what):
    """Of all windows."""
    publish(count // 10, WINDOWS[0], RECORD_BYTES)  # warm
    rates = {window: count / publish(count, window, RECORD_BYTES)["seconds"] for window in WINDOWS}
    progress(f"{what}: " + ", ".join(f"{rate:.0f}/s with {window} on their way" for window, rate in rates.items()))
    return max(rates.values())


def rabbitmq(bench):
    kinds = {"quorum": "acknowledged_over_rabbitmq", "classic": "acknowledged_over_rabbitmq_classic"}
    one = "acknowledged_one_by_one_over_rabbitmq"
    if not is_there("RabbitMQ", RABBITMQ, [*kinds.values(), one]):
        return
    figures = [Figure(name, "records/s", FLOOD_GOAL, True,
                      f"messages/s that RabbitMQ confirms: {kind} queue, persistent, the best of {len(WINDOWS)} windows")
               for kind, name in kinds.items()]
    figures.append(Figure(one, "us", None, False, f"RabbitMQ, quorum queue, {ONE}: median to the confirm"))
    count, single = bench.sizes.choose(20_000, 100_000), bench.sizes.choose(300, 2_000)
    ours = Ours(bench)
    with RabbitMQ(bench) as broker:
        def pair():
            rate = ours.rate(count)
            values = [(rate, best_rate(lambda *args, kind=kind: broker.publish(kind, *args), count, f"RabbitMQ {kind}"))
                      for kind in kinds]
            return [*values, (ours.one_by_one_us(single), broker.publish("quorum", single, 1, RECORD_BYTES)["p50_us"])]

        run_pairs(bench.sizes, figures, pair, lambda: [*bench.roots(), *broker.roots()])


def nats(bench):
    names = ["acknowledged_over_nats_synced", "acknowledged_one_by_one_over_nats_synced", "acknowledged_over_nats_unsynced"]
    if not is_there("NATS", NATS, names):
        return
    if not can_write_through():
        for name in names:
            skip(name, "the file system has no attribute S, so NATS cannot be made to sync")
        return
    figures = [Figure(names[0], "records/s", FLOOD_GOAL, True,
                      f"messages/s that NATS JetStream acknowledges, each written through, the best of {len(WINDOWS)} windows"),
               Figure(names[1], "us", None, False, f"NATS JetStream, written through, {ONE}: median to the acknowledgement"),
               Figure(names[2], "records/s", None, True,
                      "NATS JetStream as it comes: acknowledges first and syncs every two minutes, so a power cut loses them")]
    count, single = bench.sizes.choose(20_000, 100_000), bench.sizes.choose(300, 2_000)
    ours = Ours(bench)
    with Nats(bench, True) as synced, Nats(bench, False) as usual:
        def pair():
            rate = ours.rate(count)
            return [(rate, best_rate(synced.publish, count // 10, "NATS, written through")),
                    (ours.one_by_one_us(single), synced.publish(single, 1, RECORD_BYTES)["p50_us"]),
                    (rate, best_rate(usual.publish, count, "NATS as it comes"))]

        run_pairs(bench.sizes, figures, pair, lambda: [*bench.roots(), *synced.roots(), *usual.roots()])
