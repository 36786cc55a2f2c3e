# SPDX-License-Identifier: Apache-2.0
"""Records and receipts for tests: builds the messages, and collects the receipts by key.

    sender = IntakeClient(system.client("intake", "garage", rights=["records"]))
    receipt = sender.send_one(contact(customer_ref="li", kind="complaint"))
    receipts = sender.send_all([...])      # {key: receipt}; sends again what has no receipt
"""

import time
import uuid

import intake_pb2 as pb

from tests.support.system import USUAL_SECONDS

ACCEPTED = pb.RECEIPT_STATUS_ACCEPTED
DUPLICATE = pb.RECEIPT_STATUS_DUPLICATE
REJECTED = pb.RECEIPT_STATUS_REJECTED
RETRY = pb.RECEIPT_STATUS_RETRY


def now_us():
    return time.time_ns() // 1000


def new_key():
    return str(uuid.uuid4())


def record(key=None, occurred_us=None, **body):
    """body: one of customer_profile, contact, case_update, survey_answer, purchase."""
    return pb.Record(
        key=new_key() if key is None else key,
        occurred_us=now_us() if occurred_us is None else occurred_us,
        **body,
    )


def contact(customer_ref="c-1", kind="complaint", key=None, occurred_us=None, **fields):
    kind = getattr(pb, f"CONTACT_KIND_{kind.upper()}")
    body = pb.Contact(customer_ref=customer_ref, kind=kind, **fields)
    return record(key, occurred_us, contact=body)


def case_update(action, key=None, occurred_us=None, **fields):
    action = getattr(pb, f"CASE_ACTION_{action.upper()}")
    return record(key, occurred_us, case_update=pb.CaseUpdate(action=action, **fields))


def profile(customer_ref="c-1", key=None, occurred_us=None, **fields):
    body = pb.CustomerProfile(customer_ref=customer_ref, **fields)
    return record(key, occurred_us, customer_profile=body)


def answer(instrument, value, key=None, occurred_us=None, **fields):
    instrument = getattr(pb, f"SURVEY_INSTRUMENT_{instrument.upper()}")
    body = pb.SurveyAnswer(instrument=instrument, value=value, **fields)
    return record(key, occurred_us, survey_answer=body)


def purchase(customer_ref="c-1", amount_minor=1000, currency="CNY", key=None, occurred_us=None,
             **fields):
    body = pb.Purchase(customer_ref=customer_ref, amount_minor=amount_minor, currency=currency,
                       **fields)
    return record(key, occurred_us, purchase=body)


def promise_given(due_us, key=None, occurred_us=None, words="we call you back", **fields):
    body = pb.PromiseGiven(due_us=due_us, words=words, **fields)
    return record(key, occurred_us, promise_given=body)


def promise_update(action, key=None, occurred_us=None, **fields):
    action = getattr(pb, f"PROMISE_ACTION_{action.upper()}")
    return record(key, occurred_us, promise_update=pb.PromiseUpdate(action=action, **fields))


def compensation(kind, due_us, key=None, occurred_us=None, **fields):
    kind = getattr(pb, f"COMPENSATION_KIND_{kind.upper()}")
    body = pb.Compensation(kind=kind, due_us=due_us, **fields)
    return record(key, occurred_us, compensation=body)


def expectation(key=None, occurred_us=None, **fields):
    return record(key, occurred_us, expectation=pb.Expectation(**fields))


def consent(customer_ref="c-1", key=None, occurred_us=None, **fields):
    return record(key, occurred_us, consent=pb.Consent(customer_ref=customer_ref, **fields))


def customer_link(action, key=None, occurred_us=None, **fields):
    action = getattr(pb, f"CUSTOMER_LINK_ACTION_{action.upper()}")
    return record(key, occurred_us, customer_link=pb.CustomerLink(action=action, **fields))


class IntakeClient:
    """Receipts come by key, in no promised order and not paired with requests."""

    def __init__(self, client):
        self.client = client

    def send(self, records, seconds=USUAL_SECONDS):
        """One message; waits only for somebody to take it."""
        request = pb.IntakeRequest(records=pb.RecordBatch(records=records))
        self.client.send(request, seconds)

    def receive(self, seconds=USUAL_SECONDS):
        """The receipts of one reply; a RequestError is raised as RequestRefused."""
        reply = self.client.receive(pb.IntakeReply, seconds)
        if reply.HasField("error"):
            raise RequestRefused(reply.error.code, reply.error.text)
        return list(reply.receipts.receipts)

    def collect(self, keys, seconds=USUAL_SECONDS):
        """Receipts for all of these keys: {key: receipt}. The first one of a key counts."""
        deadline = time.monotonic() + seconds
        found = {}
        while len(found) < len(set(keys)):
            for receipt in self.receive(max(0.01, deadline - time.monotonic())):
                found.setdefault(receipt.key, receipt)
        return found

    def send_one(self, one, seconds=USUAL_SECONDS):
        self.send([one], seconds)
        return self.collect([one.key], seconds)[one.key]

    def send_all(self, records, per_message=100, window=2000, resend=2.0, seconds=120):
        """Every record gets its final receipt: what stays without one, or is told to come again, is
        sent again. Returns {key: receipt}."""
        deadline = time.monotonic() + seconds
        waiting = {one.key: one for one in records}
        unsent = list(records)
        sent = {}  # key: when
        final = {}
        while len(final) < len(waiting):
            now = time.monotonic()
            if now > deadline:
                raise TimeoutError(f"{len(waiting) - len(final)} of {len(waiting)} have no receipt")
            late = [key for key, at in sent.items() if now - at > resend]
            unsent = [waiting[key] for key in late] + unsent
            for key in late:
                del sent[key]
            while unsent and len(sent) < window:
                part, unsent = unsent[:per_message], unsent[per_message:]
                try:
                    self.send(part, seconds=0.1)
                except TimeoutError:
                    unsent = part + unsent
                    break
                sent.update((one.key, now) for one in part)
            self._take_receipts(final, sent, 0.1)
        return final

    def _take_receipts(self, final, sent, seconds):
        try:
            receipts = self.receive(seconds)
        except TimeoutError:
            return
        for receipt in receipts:
            if receipt.status == RETRY:
                if receipt.key in sent:
                    sent[receipt.key] = 0.0
            else:
                final.setdefault(receipt.key, receipt)
                sent.pop(receipt.key, None)

    def disclose(self, kind, customer, service_case=None, purpose="page test", seconds=USUAL_SECONDS):
        kind = getattr(pb, f"DISCLOSURE_KIND_{kind.upper()}")
        request = pb.IntakeRequest(disclosure=pb.DisclosureRequest(
            request_id=new_key(), kind=kind, customer=customer, service_case=service_case,
            purpose=purpose))
        reply = self.client.ask(request, pb.IntakeReply, seconds)
        return reply.disclosure


    def disclose_all(self, questions, purpose="page test", seconds=USUAL_SECONDS):
        """[(kind, customer)]: the replies, in their order."""
        requests = [pb.DisclosureRequest(request_id=f"q{i}", kind=getattr(pb, f"DISCLOSURE_KIND_{kind.upper()}"),
                                         customer=customer, purpose=purpose)
                    for i, (kind, customer) in enumerate(questions)]
        reply = self.client.ask(pb.IntakeRequest(disclosures=pb.DisclosureBatch(requests=requests)), pb.IntakeReply, seconds)
        if reply.HasField("error"):
            raise RequestRefused(reply.error.code, reply.error.text)
        return list(reply.disclosures.replies)


class RequestRefused(Exception):
    """The request as a whole was refused; the first argument is the code."""
