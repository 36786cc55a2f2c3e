# SPDX-License-Identifier: Apache-2.0
"""Two intakes, the HTTP door, what CURVE costs, and memory."""

import os
from pathlib import Path

import zmq

from tests.bench.intake_loader import IN_FLIGHT, Loader
from tests.bench.measure import TICKS, Figure, progress, run_once, run_pairs

MEMORY_MIB = 64
HTTP_BATCH = 100


def two_figures(bench):
    """Both ways two generators send, each with half of the records and of the window."""
    figure = Figure("intake_two_intakes", "records/s", 0.9, True, "one intake")
    count = bench.sizes.choose(40_000, 160_000)

    def rate(intakes):
        database = bench.cluster.new_database()
        with Loader(bench, database, intakes=intakes) as loader:
            bench.cluster.psql("CHECKPOINT", database)
            results = loader.run_beside(
                [(i % intakes, "contact", count // 2, IN_FLIGHT // 2, 1_000_000 * (i + 1), 0) for i in range(2)])
        bench.cluster.drop_database(database)
        return count / max(result["seconds"] for result in results)

    run_pairs(bench.sizes, [figure], lambda: [(rate(2), rate(1))], bench.roots)
    return [figure]


def http_figures(bench):
    """As many records on their way at both doors; over ZeroMQ the sender packs what fits into a message."""
    figure = Figure("intake_http_door", "records/s", 0.5, True, f"ZeroMQ; posts of {HTTP_BATCH} records")
    count = bench.sizes.choose(20_000, 100_000)

    def rate(is_http):
        database = bench.cluster.new_database()
        with Loader(bench, database, has_door=True) as loader:
            bench.cluster.psql("CHECKPOINT", database)
            if is_http:
                result = loader.run_http(count, HTTP_BATCH, IN_FLIGHT // HTTP_BATCH, 1_000_000)
            else:
                result = loader.run("contact", count, IN_FLIGHT, first=1_000_000)
        bench.cluster.drop_database(database)
        return count / result["seconds"]

    run_pairs(bench.sizes, [figure], lambda: [(rate(True), rate(False))], bench.roots)
    return [figure]


def memory_figures(bench):
    count = bench.sizes.choose(100_000, 1_000_000)
    reference = f"{MEMORY_MIB} MiB"
    figures = [Figure("intake_memory_at_most", "MiB", 1, False, reference),
               Figure(f"intake_memory_after_{count}", "MiB", 1, False, reference)]

    def measure():
        database = bench.cluster.new_database()
        with Loader(bench, database) as loader:
            loader.run("contact", count, IN_FLIGHT, first=1_000_000)
            values = [(memory_of(loader.intake.pid, name), MEMORY_MIB) for name in ("VmHWM", "VmRSS")]
        bench.cluster.drop_database(database)
        return values

    run_once(figures, measure, bench.roots)
    return figures


def memory_of(pid, name):
    """MiB of what is resident: VmRSS now, VmHWM at most."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024
    raise KeyError(name)


# ---- CURVE

# What the load generator sends and gets, on average.
RECORDS_PER_MESSAGE = 128
RECORD_BYTES = 380
RECEIPT_BYTES = 170
WINDOW = 8


def curve_figures(bench):
    """No socket of ours takes a message without CURVE. So the time that it takes is measured on bare sockets, with
    messages of the same size, and taken off what a record costs all of us together. As long as the processors are
    the limit, the rate without it is that much higher."""
    figure = Figure("intake_curve", "records per CPU second", 0.80, True, "the same without the time that CURVE takes")
    count = bench.sizes.choose(20_000, 100_000)

    def pair():
        database = bench.cluster.new_database()
        with Loader(bench, database) as loader:
            used = loader.used()
            loader.run("contact", count, IN_FLIGHT, first=1_000_000)
            used = sum(after - begin for after, begin in zip(loader.used(), used, strict=True))
        bench.cluster.drop_database(database)
        whole = used / TICKS / count
        curve = max(0.0, transport_time(count, True) - transport_time(count, False))
        progress(f"CPU time per record: {whole * 1e6:.1f} us, of this CURVE {curve * 1e6:.2f} us")
        return [(1 / whole, 1 / (whole - curve))]

    run_pairs(bench.sizes, [figure], pair, bench.roots)
    return [figure]


def transport_time(records, has_curve):
    """CPU seconds per record, of both ends."""
    context = zmq.Context()
    server, client = context.socket(zmq.ROUTER), context.socket(zmq.DEALER)
    if has_curve:
        public, secret = zmq.curve_keypair()
        server.curve_server, server.curve_secretkey = True, secret
        client.curve_serverkey = public
        client.curve_publickey, client.curve_secretkey = zmq.curve_keypair()
    port = server.bind_to_random_port("tcp://127.0.0.1")
    client.connect(f"tcp://127.0.0.1:{port}")
    request, reply = (os.urandom(RECORDS_PER_MESSAGE * size) for size in (RECORD_BYTES, RECEIPT_BYTES))

    def exchange():
        for _ in range(WINDOW):
            client.send(request, copy=False)
        for _ in range(WINDOW):
            peer, _body = server.recv_multipart(copy=False)
            server.send_multipart([peer, reply], copy=False)
        for _ in range(WINDOW):
            client.recv(copy=False)

    exchange()  # the handshake is over
    rounds = max(20, records // (WINDOW * RECORDS_PER_MESSAGE))
    begin = os.times()
    for _ in range(rounds):
        exchange()
    end = os.times()
    context.destroy(linger=0)
    return (end.user + end.system - begin.user - begin.system) / (rounds * WINDOW * RECORDS_PER_MESSAGE)
