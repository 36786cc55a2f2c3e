# SPDX-License-Identifier: Apache-2.0
"""F6: the connection of a service to PostgreSQL ends after a random number of bytes, in either direction, closed or reset, while
everything works.

Each service has a proxy of its own before the database (fault_proxy.c). A cut in the answer to COMMIT leaves a service that
does not know whether it has committed: intake then hears the same records again, the others find the same events, orders and
answers again. Nothing of that may be lost, and nothing may happen twice.
"""

import threading

from tests.faults.live_rig import needs_crash_programs
from tests.faults.net_rig import NetRig
from tests.faults.proxies import why_no_proxy
from tests.faults.trial import fault
from tests.support.stage import SERVICES

BYTES_MAX_LOG2 = 15  # from a part of one message to a few batches
PAUSE_MAX = 0.05  # seconds between cuts
INTAKE_SHARE = 0.4
RETRIED = "troth_intake_batch_retries_total"
DUPLICATES = 'troth_intake_records_total{outcome="duplicate"}'  # among them: unknown COMMITs that had been one


def needs_programs():
    return why_no_proxy() or needs_crash_programs()


def choose(chance, is_control):
    """(service, command for its proxy)"""
    service = "intake" if is_control or chance.random() < INTAKE_SHARE else chance.choice(SERVICES[1:])
    count = int(2 ** chance.uniform(0, BYTES_MAX_LOG2))
    return service, f"cut-after {chance.choice(['up', 'down', 'both'])} {count} {chance.choice(['fin', 'reset'])}"


@fault("F6", "connections to PostgreSQL cut at a random byte, under load", short=12, long=2000, unit="cuts", recovery_max=3.0,
       control="ack_before_commit", needs=needs_programs, hits_work=True)
def cuts(trial):
    found, moments, of_service = trial.found, [], dict.fromkeys(SERVICES, 0)
    with NetRig(trial) as rig:
        if trial.control:
            rig.doom()
        rig.start()
        pause = threading.Event()
        for _ in range(trial.rounds):
            service, command = choose(trial.chance, trial.control)
            proxy = rig.proxies[service]
            before = proxy.status()["cut"]
            proxy.say(command)
            moment = proxy.wait_for_cut(before)
            found.hit += rig.has_work(service)
            found.rounds += 1
            of_service[service] += 1
            if service == "intake":
                moments.append(moment)
            pause.wait(trial.chance.uniform(0, PAUSE_MAX))
        if moments:
            rig.load.seconds_until_new_receipt(moments[-1])
        found.figures["batches tried again"] = int(rig.system.metric("intake", RETRIED))
        found.figures["records that were known already"] = int(rig.system.metric("intake", DUPLICATES))
        rig.finish(found)
        found.recoveries = rig.new_receipts_after(moments)
    found.figures["cuts"] = ", ".join(f"{name} {count}" for name, count in of_service.items())
    return found
