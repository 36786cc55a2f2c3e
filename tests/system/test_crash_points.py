# SPDX-License-Identifier: Apache-2.0
"""kill -9 of scheduler and dialer at every named point of theirs (common/base/crash_point.h), one run for each step of the
work, and in pairs. Afterwards three witnesses are compared: no attempt is ordered or dialed twice, nobody is called again who
may have been reached, nothing is silent, and every answer is at intake once; and each call ended as it must after that death.
tests/faults/f02_crash_points.py tries the points of all programs, whichever there are."""

import time

import intake_pb2 as intake
import pytest

from tests.faults.doomed import Doomed
from tests.support import ledger
from tests.support.office import DAY, DONE, EVERYBODY, LISTED, Office
from tests.support.system import wait_until
from tests.support.witness import CrashSystem, crash_programs, judge

CUSTOMERS = 40
# A process that died is followed soon.
SCHEDULER = {"lease": "1s", "start_within": "1s", "claim_for": "1s", "ask_every": "50ms", "resend_after": "200ms"}
RULES = """
limits: { quiet = "none"; attempts_per_day = 0; refusal_pause = "0"; agenda_ahead = "0"; called_back = "0";
          usual_zone = "UTC"; };
rules = ( { name = "after_resolution"; trigger = "case_resolved"; after = "24h"; window = "48h"; channels = ("call");
            attempts = 3; },
          { name = "birthday"; trigger = "birthday"; at = "09:30"; window = "30h"; channels = ("call"); } );
"""

# The points of the scheduler, step by step. The process dies at the first one of a line, the next process at the second
# one, and so on; the number is that of the passing.
STEPS = {
    "planning": ["followup.plan.read:2", "followup.plan.written:1", "followup.plan.committed:1"],
    "rounds_of_days": ["followup.round.read:1", "followup.round.written:1", "followup.round.committed:1"],
    "claim": ["followup.claim.locked:2", "followup.claim.written:2", "followup.claim.committed:1"],
    "number": ["followup.number.asked:7", "followup.number.answered:7"],
    "order": ["followup.order.written:2", "followup.order.committed:2", "followup.order.sent:3"],
    "result": ["followup.result.locked:2", "followup.result.written:2", "followup.result.committed:2",
               "followup.result.receipted:2"],
    "outbox": ["followup.outbox.read:5", "followup.outbox.receipted:1", "followup.outbox.stored:1"],
}
# Those of the dialer, each on its own, and what came of the calls in its hands.
ANSWERED, UNKNOWN = (str(DONE), "answered"), (str(LISTED), "outcome_unknown")
DIALER_POINTS = {
    "dialer.order.noted": ANSWERED,  # never dialed: asked, barred, tried again
    "dialer.order.synced": UNKNOWN,
    "dialer.call.dialed": UNKNOWN,
    "dialer.result.noted": UNKNOWN,
    "dialer.result.synced": ANSWERED,
    "dialer.result.told": ANSWERED,
    "dialer.receipt.noted": ANSWERED,
}
# What happens only after another crash, and crashes that meet.
PAIRS = {
    "barred_in_memory_only": ["dialer.order.noted:7", "dialer.bar.noted:1"],
    "barred_and_not_told": ["dialer.order.noted:7", "dialer.answer.synced:1"],
    "asked_and_gone": ["dialer.order.noted:7", "followup.watch.asked:1"],
    "ordered_and_both_gone": ["followup.order.committed:2", "dialer.order.synced:3"],
    "sent_and_both_gone": ["followup.order.sent:7", "dialer.order.noted:7"],
    "result_committed_and_dialer_gone": ["followup.result.committed:2", "dialer.result.told:9"],
    "never_dialed_again_and_again": ["dialer.order.noted:3", "dialer.order.noted:3", "dialer.order.noted:3"],
}


@pytest.fixture
def system(cluster, programs):
    crashing = crash_programs()
    if crashing is None:
        pytest.skip("SKIP: not built: make crash-programs CRASH=1")
    with CrashSystem(cluster, programs, crashing) as running:
        yield running


class DoomedOffice(Doomed):
    """An office whose scheduler and dialer die at the given points, each of them again when it has been started again."""

    def __init__(self, system, points, **dialer):
        super().__init__(system, {}, {name: [p for p in points if p.startswith(name)] for name in ("followup", "dialer")})
        # A round comes by before anybody is there to be planned.
        self.is_of_days = any(point.startswith("followup.round.") for point in points)
        if not self.is_of_days:
            system.environments.update(self.environments())
        rules = system.folder / "rules.conf"
        rules.write_text(RULES)
        self.office = Office(system, followup={**SCHEDULER, "rules": rules}, dialer={**EVERYBODY, **dialer})
        self.stage = self.office.stage
        self.processes = self.stage.processes

    def look_after(self):
        super().look_after()
        assert not self.wrong, self.wrong

    def settle(self, seconds=40):
        """Until nothing is due."""
        deadline = time.monotonic() + seconds
        self.look_after()
        while ledger.backlog(self.system, ["followup"]):
            assert time.monotonic() < deadline, ledger.backlog(self.system, ["followup"])
            self.look_after()

    def run(self, customers=CUSTOMERS):
        self.send(customers)
        self.settle()
        if self.is_of_days:
            self.start_again("followup")
        for _ in range(5 if self.is_of_days else 1):
            self.stage.step(DAY)
            self.settle()
        # What comes last, the receipt of the last result, may be under way while nothing is due any more.
        wait_until(lambda: self.look_after() or not self.waiting(), what=f"coming by at all of {self.left}")
        self.settle()

    def send(self, customers):
        """Customers with one case each, which is resolved; in parts, which make several batches of events."""
        names = [f"c{number}" for number in range(customers)]
        for at in range(0, customers, 8):
            part = names[at:at + 8]
            self.office.send(*[profile(name, number, self.is_of_days) for number, name in enumerate(part, at)])
            self.office.send(*[contact(name) for name in part])
            self.office.send(*[resolved(name) for name in part])


def profile(name, number, has_birthday):
    consents = [intake.ConsentChange(purpose=purpose, is_given=True)
                for purpose in (intake.PURPOSE_SERVICE_CALL, intake.PURPOSE_GREETING)]
    more = {"birthday": f"--01-{4 + number % 2:02d}"} if has_birthday else {}
    return ("customer_profile", intake.CustomerProfile(
        customer_ref=name, phone=f"+86138{number:08d}", language="en", time_zone="UTC", consents=consents, **more))


def contact(name):
    return ("contact", intake.Contact(
        customer_ref=name, kind=intake.CONTACT_KIND_REQUEST, channel="phone", branch="north",
        case_ref=f"{name}-case"))


def resolved(name):
    return ("case_update", intake.CaseUpdate(
        customer_ref=name, case_ref=f"{name}-case", action=intake.CASE_ACTION_RESOLVED))


def check(system, record_property):
    verdict = judge(system, [system.folder / "dialer.journal"])
    assert not verdict.wrong, verdict.wrong
    ledger.check_follow_ups(system)
    ledger.check_answers(system)
    ledger.report(verdict.figures, record_property)
    return verdict


def ends(system, rule="after_resolution"):
    rows = system.psql(f"SELECT state, reason FROM followup.follow_up WHERE rule = '{rule}'").splitlines()
    return [tuple(row.split("|")) for row in rows]


@pytest.mark.parametrize("step", STEPS)
def test_scheduler_that_dies_in_each_step_calls_everybody_once(system, step, record_property):
    doomed = DoomedOffice(system, STEPS[step], ring_time="10ms", lines=8)
    doomed.run()

    assert len(doomed.deaths) == len(STEPS[step])
    check(system, record_property)
    assert ends(system) == [ANSWERED] * CUSTOMERS
    assert ends(system, "birthday") == ([ANSWERED] * CUSTOMERS if doomed.is_of_days else [])


@pytest.mark.parametrize("point", DIALER_POINTS)
def test_dialer_that_dies_calls_nobody_twice_and_nothing_is_silent(system, point, record_property):
    doomed = DoomedOffice(system, [f"{point}:3"], ring_time="0")
    doomed.run(customers=8)

    assert len(doomed.deaths) == 1
    check(system, record_property)
    found = set(ends(system))
    assert DIALER_POINTS[point] in found
    # What was lost was never dialed, or is told again.
    assert found <= ({ANSWERED} if DIALER_POINTS[point] == ANSWERED else {ANSWERED, UNKNOWN})


@pytest.mark.parametrize("name", PAIRS)
def test_crashes_that_meet_call_nobody_twice_and_nothing_is_silent(system, name, record_property):
    doomed = DoomedOffice(system, PAIRS[name], ring_time="10ms", lines=8)
    doomed.run()

    assert len(doomed.deaths) == len(PAIRS[name])
    check(system, record_property)
    found = ends(system)
    assert len(found) == CUSTOMERS
    assert set(found) <= {ANSWERED, UNKNOWN}
