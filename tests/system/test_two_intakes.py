# SPDX-License-Identifier: Apache-2.0
"""Two intakes at once, one source on both, the same customers: no record is lost, none counts twice."""

import threading
import time

from tests.support import ledger
from tests.support.load import DemoClock, Sender, garage_records

CUSTOMERS = 100


def test_two_intakes_share_the_work_and_the_customers(system, record_property):
    system.key("garage", ["records"])
    clock = DemoClock(system)
    processes = [system.start("intake", instance=name, arguments=["--demo-clock"])
                 for name in ("intake", "intake-2")]
    senders = [
        Sender(system.client("intake", "garage", instance=process.name),
               garage_records(seed, CUSTOMERS, prefix=process.name), clock, seed)
        for seed, process in enumerate(processes, start=1)
    ]

    begun = time.monotonic()
    run_all(senders)
    seconds = time.monotonic() - begun

    # Also asserts that each stream has no gap.
    figures = ledger.check_records(system, senders, "garage")
    assert figures["acknowledged"] == len(senders) * CUSTOMERS * 10
    assert ledger.number(system, "SELECT count(*) FROM intake.customer") == CUSTOMERS
    streams = ledger.column(system, "SELECT stream FROM log.event")
    assert len(streams) == 2, f"both should have written events: {streams}"
    for process in processes:
        assert process.terminate() == 0
    ledger.report({"streams": len(streams), **figures, "seconds": round(seconds, 1)}, record_property)


def run_all(senders):
    """Each in a thread; the first error is raised here."""
    errors = []

    def work(sender):
        try:
            sender.run()
        except Exception as error:  # pylint: disable=broad-except
            errors.append(error)

    threads = [threading.Thread(target=work, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
