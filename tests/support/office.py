# SPDX-License-Identifier: Apache-2.0
"""A stage with a source that resolves cases, and a dialer that does what the test says."""

import time

import dialer_pb2 as pb
import event_pb2 as events
import intake_pb2 as intake

from tests.support import ledger
from tests.support.stage import Stage
from tests.support.system import wait_until

PROGRAMS = ["intake", "followup", "dialer"]
EVERYBODY = {"no_answer": 0.0, "busy": 0.0, "voicemail": 0.0, "refused": 0.0, "wrong_number": 0.0}
DAY = 24

DONE, MISSED = events.FOLLOW_UP_STATE_DONE, events.FOLLOW_UP_STATE_MISSED
SUPPRESSED, FAILED = events.FOLLOW_UP_STATE_SUPPRESSED, events.FOLLOW_UP_STATE_FAILED
LISTED = events.FOLLOW_UP_STATE_LISTED


class Office:
    """A stage without loyalty and reporting, and a source that resolves cases."""

    def __init__(self, system, programs=PROGRAMS, is_historical=False, **settings):
        self.system = system
        system.key("garage", ["records"], is_historical)
        system.key("scripted", ["dial"])
        system.key("reader", ["worklist"])
        settings.setdefault("dialer", EVERYBODY)
        self.stage = Stage(system, programs, **settings)
        self.clock = self.stage.clock
        self.garage = system.client("intake", "garage")
        self.sent = 0

    # ---- records

    def send(self, *bodies):
        """Records that are accepted, in this order: (kind, body)."""
        records = []
        for kind, body in bodies:
            self.sent += 1
            record = intake.Record(key=f"office-{self.sent}", occurred_us=self.clock.now_us)
            getattr(record, kind).CopyFrom(body)
            records.append(record)
        self.garage.send(intake.IntakeRequest(records=intake.RecordBatch(records=records)))
        receipts = []
        while len(receipts) < len(records):
            receipts += self.garage.receive(intake.IntakeReply).receipts.receipts
        assert {receipt.status for receipt in receipts} == {intake.RECEIPT_STATUS_ACCEPTED}, receipts

    def resolve(self, *names, phone=None, refuses=False):
        """Customers with one case each, which is resolved now."""
        for number, name in enumerate(names):
            self.send(
                profile(name, f"+86138{number:08d}" if phone is None else phone, refuses),
                ("contact", intake.Contact(
                    customer_ref=name, kind=intake.CONTACT_KIND_REQUEST, channel="phone",
                    branch="north", case_ref=f"{name}-case")),
                update(name, intake.CASE_ACTION_RESOLVED))
        self.quiet()

    # ---- looking

    def quiet(self):
        ledger.wait_until_quiet(self.system, ["followup"])

    def step(self, hours):
        self.clock.step(hours)
        self.quiet()

    def rows(self, sql):
        return [line.split("|") for line in self.system.psql(sql).splitlines()]

    def follow_ups(self):
        """[state, reason, orders, calls] of each."""
        return self.rows("""
            SELECT state, reason, attempts, calls FROM followup.follow_up ORDER BY number""")

    def wait_for(self, state, reason):
        wanted = [str(state), reason]
        wait_until(lambda: [row[:2] for row in self.follow_ups()] == [wanted],
                   what=f"state {state} {reason}")

    def wait_for_order(self, attempt=1):
        wait_until(lambda: self.rows(f"""
            SELECT 1 FROM followup.follow_up_attempt WHERE attempt = {attempt} AND state = 1"""),
            what="an order")


def profile(name, phone, refuses):
    consent = intake.ConsentChange(purpose=intake.PURPOSE_SERVICE_CALL, is_given=not refuses)
    return ("customer_profile", intake.CustomerProfile(
        customer_ref=name, phone=phone, language="en", consents=[consent]))


def update(name, action):
    return ("case_update", intake.CaseUpdate(
        customer_ref=name, case_ref=f"{name}-case", action=action))


class ScriptedDialer:
    """Does what the test says, on a telephone network of its own."""

    def __init__(self, office, journal="first", **hello):
        """hello: channels, hours, hours_zone."""
        self.office, self.journal, self.client, self.more = office, journal, None, hello
        self.unread = []
        self.connect()

    def connect(self):
        """A new connection, as after a crash."""
        self.disconnect()
        self.unread = []
        self.client = self.office.system.client("followup", "scripted")

    def disconnect(self):
        if self.client is not None:
            self.client.close()

    def send(self, **body):
        self.client.send(pb.DialerRequest(**body))

    def hello(self, free_lines=1):
        self.send(hello=pb.DialerHello(
            dialer="desk", journal=self.journal, free_lines=free_lines, **self.more))

    def wait_for(self, kind, seconds=20):
        """The next reply of that kind; hellos go out meanwhile, as often as usual. Orders that come
        meanwhile are kept: the next one may overtake the receipt of a result."""
        deadline = time.monotonic() + seconds
        hello_at = time.monotonic()
        while time.monotonic() < deadline:
            for i, reply in enumerate(self.unread):
                if reply.WhichOneof("body") == kind:
                    return getattr(self.unread.pop(i), kind)
            if time.monotonic() >= hello_at:
                self.hello()
                hello_at = time.monotonic() + 0.5
            frames = self.client.receive_bytes(0.1)
            if frames:
                self.unread.append(pb.DialerReply.FromString(frames[-1]))
                self.unread = [one for one in self.unread if one.WhichOneof("body") in ("order", kind)]
        raise TimeoutError(f"no {kind} within {seconds} s")

    def finish(self, order, outcome=events.CALL_OUTCOME_ANSWERED, answers=(), **more):
        self.send(result=pb.DialResult(
            key=order.key, outcome=outcome, started_us=order.now_us, ended_us=order.now_us,
            answers=[pb.DialedAnswer(instrument=i, value=v) for i, v in answers], **more))
