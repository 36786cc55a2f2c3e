# SPDX-License-Identifier: Apache-2.0
"""Programs with crash points, and the witnesses that say afterwards what they really did.

    with CrashSystem(cluster, programs, crash_programs()) as system:
        system.environments["dialer"] = {"TROTH_CRASH_POINT": "dialer.order.synced:7"}
        ...
        verdict = judge(system, journals)          # nobody may be running any more, or all is quiet
        assert not verdict.wrong, verdict.wrong

There are three witnesses that know nothing of each other: the rows of the scheduler, the journal of each dialer, and a
log that the simulated telephone network writes to the disk before a telephone rings (dial_witness.h).
"""

import os
from collections import Counter
from pathlib import Path

from tests.support.system import Process, System

ROOT = Path(__file__).resolve().parent.parent.parent
CRASHING = {"intake", "followup", "loyalty", "reporting", "dialer"}  # the programs that 'make crash-programs' builds

# By these nobody was spoken to: another call may follow.
FAILED = "7"
NOT_REACHED = {"2", "3", "4", FAILED, "9"}  # busy, no answer, voicemail, failed, machine (proto/event.proto, CallOutcome)


def crash_programs():
    """Their folder; None when they are not built."""
    out = ROOT / os.environ.get("TROTH_OUT", "build")
    folder = ROOT / (os.environ.get("TROTH_CRASH") or out / "gcc-crash") / "bin"
    return folder if all((folder / f"troth-{name}").exists() for name in CRASHING) else None


class CrashSystem(System):
    """Those that 'make crash-programs' builds come with crash points, all others as usual."""

    def __init__(self, cluster, programs, crashing, **options):
        super().__init__(cluster, programs, **options)
        self.crashing = crashing
        self.dial_log = self.folder / "dials.log"
        self.dial_log.touch()
        self.environments = {}  # of an instance

    def program(self, service):
        return (self.crashing if service in CRASHING else self.programs) / f"troth-{service}"

    def environment(self, instance):
        return {"TROTH_DIAL_LOG": str(self.dial_log), **self.environments.get(instance, {})}

    def start(self, service, instance=None, **options):
        return super().start(
            service, instance, environment=self.environment(instance or service), **options)

    def start_again(self, old):
        """With the same arguments; does not wait until it is ready."""
        new = Process(old.name, old.popen.args, old.log_path, self.environment(old.name))
        self.processes.append(new)
        return new


# ---- the verdict


class Verdict:
    """wrong: one text for each thing that must never be. figures: for a table."""

    def __init__(self):
        self.wrong = []
        self.figures = {}

    def find(self, what, items):
        """Returns how many there are."""
        items = sorted(items)
        if items:
            self.wrong.append(f"{what}: {len(items)}, as {items[:5]}")
        return len(items)


def journal_keys(path, verb):
    """Lines are: checksum, verb, order, ..."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [words[2] for words in map(str.split, lines) if words[1:2] == [verb]]


def judge(system, journals):
    """What the witnesses say together. journals: those of all dialers that ever were."""
    verdict = Verdict()
    dialed = Counter(system.dial_log.read_text().split())
    placed = {key for path in journals for key in journal_keys(path, "placed")}
    barred = {key for path in journals for key in journal_keys(path, "barred")}
    orders = read_orders(system)
    twice = verdict.find("dialed twice", [key for key, count in dialed.items() if count > 1])
    verdict.find("dialed without an order", set(dialed) - set(orders))
    verdict.find("dialed before the journal had it", set(dialed) - placed)
    verdict.find("with a result and never dialed", {
        key for key, (state, outcome) in orders.items() if state == "3" and outcome != FAILED} - set(dialed))
    told_barred = {key for key, (state, _) in orders.items() if state == "4"}
    verdict.find("barred and dialed", (told_barred | barred) & set(dialed))
    again = verdict.find("called again after a call that may have reached somebody",
                         called_again(orders, dialed))
    silent = verdict.find("silent", silent_follow_ups(system))
    verdict.find("answers that intake has twice", doubled_answers(system))
    verdict.find("answers that intake did not take", column(system, """
        SELECT key FROM followup.record_outbox WHERE state <> 2"""))
    verdict.figures = {
        "followups": int(system.psql("SELECT count(*) FROM followup.follow_up")),
        "ordered": len(orders), "dialed": sum(dialed.values()), "dialed_twice": twice + again,
        "silent": silent, "barred": len(told_barred),
        "listed": int(system.psql("SELECT count(*) FROM followup.follow_up WHERE state = 8")),
    }
    return verdict


def column(system, sql):
    return [line for line in system.psql(sql).splitlines() if line]


def read_orders(system):
    """{key: (state, outcome)}"""
    rows = (line.split("|") for line in column(system, """
        SELECT order_key, state, coalesce(outcome, 0) FROM followup.follow_up_attempt"""))
    return {key: (state, outcome) for key, state, outcome in rows}


def called_again(orders, dialed):
    """Follow-ups with a dial after one whose end is not known, or that reached somebody."""
    of_follow_up = {}
    for key in dialed:
        number, attempt = key.rsplit("/", 1)
        of_follow_up.setdefault(number, []).append(int(attempt))
    return [
        number for number, attempts in of_follow_up.items()
        if any(orders.get(f"{number}/{attempt}", ("", ""))[1] not in NOT_REACHED
               for attempt in sorted(attempts)[:-1])
    ]


def silent_follow_ups(system):
    """Not ended although its time has come, or ended without a reason; or with an order that has no end."""
    return column(system, """
        SELECT number FROM followup.follow_up
         WHERE CASE WHEN state < 4 THEN next_attempt_at <= log.now() OR window_end_at <= log.now() ELSE reason = '' END
         UNION SELECT follow_up_number FROM followup.follow_up_attempt WHERE state IN (1, 2)""")


def doubled_answers(system):
    return column(system, """
        SELECT follow_up_number FROM intake.survey_answer WHERE follow_up_number IS NOT NULL
         GROUP BY follow_up_number, instrument, question HAVING count(*) > 1""")
