#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the golden messages that are missing, and never touches one that is there.

    make gen && tests/golden/make_golden.py             # new files under tests/golden/v2
    make gen && tests/golden/make_golden.py promise     # only those with that in their names

One message for each kind that travels, with every field set; more of them until every value of every
enum has been used; then, for each type that travels, one with zeros and one with the largest and
smallest numbers. NAME.bin is the packed message, NAME.json the same as a person reads it, written
here independently of our C code. Same seed, same bytes.

After a change of the contract the messages of the old files stay as they are; those of v1 were released.
A message that this script would now fill with a field or a value that stands in no file is written
beside the old one, as NAME-more. What that does not reach goes into EXTRA below, which takes any message.
"""

import base64
import json
import os
import random
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / os.environ.get("TROTH_GEN", "build/gen") / "python"))

import dialer_pb2
import event_pb2
import intake_pb2
import report_pb2
import score_pb2

SEED = 20261121
RELEASED = [ROOT / "tests/golden/v1"]
FOLDER = ROOT / "tests/golden/v2"
INT64_MAX, INT32_MAX = 2**63 - 1, 2**31 - 1
EXACT_INTEGER_MAX = 2**53  # larger ones are texts in JSON

# The types that travel. Below a kind that is itself a list of kinds ("records") each of them counts.
TRAVELLERS = [
    intake_pb2.IntakeRequest,
    intake_pb2.IntakeReply,
    event_pb2.Event,
    dialer_pb2.DialerRequest,
    dialer_pb2.DialerReply,
    score_pb2.ScoreRequest,
    score_pb2.ScoreReply,
    report_pb2.ReportRequest,
    report_pb2.ReportReply,
]

# Messages that a later contract made necessary: {"event-case_opened-2": event_pb2.Event(...)}.
EXTRA = {
    "event-case_changed-corrected": event_pb2.Event(
        stream="intake.0", bucket=4, seq=9, customer=1028, version=12, occurred_us=1_795_000_000_000_000,
        recorded_us=1_795_000_000_000_001, case_changed=event_pb2.CaseChanged(
            service_case=2052, to=event_pb2.CASE_STATE_RESOLVED, opened_us=1_794_000_000_000_000,
            first_response_us=1_794_500_000_000_000, resolved_us=1_794_900_000_000_000, reopened_count=1,
            is_correction=True, branch="north", **{"from": event_pb2.CASE_STATE_OPEN})),
    "event-case_changed-void": event_pb2.Event(
        stream="intake.0", bucket=4, seq=10, customer=1028, version=13, occurred_us=1_795_000_000_000_000,
        recorded_us=1_795_000_000_000_001, case_changed=event_pb2.CaseChanged(
            service_case=2052, to=event_pb2.CASE_STATE_VOID, opened_us=1_794_000_000_000_000, is_correction=True,
            **{"from": event_pb2.CASE_STATE_RESOLVED})),
    "event-survey_answered-reversal": event_pb2.Event(
        stream="intake.0", bucket=4, seq=11, customer=1028, version=14, occurred_us=1_794_000_000_000_000,
        recorded_us=1_795_000_000_000_001, is_reversal=True, survey_answered=event_pb2.SurveyAnswered(
            answer=4100, instrument=intake_pb2.SURVEY_INSTRUMENT_CSAT, value=4, service_case=2052, branch="north")),
    "event-follow_up_planned-reversal": event_pb2.Event(
        stream="followup.0", bucket=4, seq=12, customer=1028, version=3, occurred_us=1_794_000_000_000_000,
        recorded_us=1_795_000_000_000_001, is_reversal=True, follow_up_planned=event_pb2.FollowUpPlanned(
            follow_up=4356, rule="after_resolution", service_case=2052, branch="north")),
    "intake_request-customer_profile-address": intake_pb2.IntakeRequest(records=intake_pb2.RecordBatch(records=[
        intake_pb2.Record(key="k-5", occurred_us=1_795_000_000_000_000, customer_profile=intake_pb2.CustomerProfile(
            customer_ref="顾客-4711", address="上海市南京路1号"))])),
    **{f"intake_request-disclosure-kind_{kind}": intake_pb2.IntakeRequest(disclosure=intake_pb2.DisclosureRequest(
        request_id="q-1", kind=kind, customer=1028, purpose="page customer")) for kind in (4, 5, 6, 7)},
    "event-promise_made-replacing": event_pb2.Event(
        stream="intake.0", bucket=4, seq=7, customer=1028, version=9,
        promise_made=event_pb2.PromiseMade(promise=2052, service_case=1284, kind="custom", replaces=1796)),
    "event-contact_added-machine": event_pb2.Event(
        stream="intake.0", bucket=4, seq=8, customer=1028, version=3,
        contact_added=event_pb2.ContactAdded(service_case=1284, origin=intake_pb2.CONTACT_ORIGIN_AUTO_REPLY)),
    "event-contact_added-ourselves": event_pb2.Event(
        contact_added=event_pb2.ContactAdded(service_case=1284, origin=intake_pb2.CONTACT_ORIGIN_OURSELVES)),
    "event-contact_added-person": event_pb2.Event(
        contact_added=event_pb2.ContactAdded(service_case=1284, origin=intake_pb2.CONTACT_ORIGIN_PERSON)),
    "event-customer_changed-do_not_call": event_pb2.Event(
        stream="intake.0", bucket=4, seq=9, customer=1028, version=4,
        customer_changed=event_pb2.CustomerChanged(do_not_call=True)),
    "intake_request-contact-machine": intake_pb2.IntakeRequest(records=intake_pb2.RecordBatch(records=[
        intake_pb2.Record(key=f"k-{origin}", occurred_us=1_795_000_000_000_000, contact=intake_pb2.Contact(
            customer_ref="顾客-4711", kind=intake_pb2.CONTACT_KIND_ENQUIRY, origin=origin, hop_count=21))
        for origin in intake_pb2.ContactOrigin.values() if origin])),
    "intake_request-customer_profile-verified": intake_pb2.IntakeRequest(records=intake_pb2.RecordBatch(records=[
        intake_pb2.Record(key="k-2", occurred_us=1_795_000_000_000_000, customer_profile=intake_pb2.CustomerProfile(
            customer_ref="顾客-4711", phone="+8613812345678", phone_is_verified=True, email="wang@example.com",
            email_is_verified=False))])),
    "intake_reply-receipts-joined": intake_pb2.IntakeReply(receipts=intake_pb2.ReceiptBatch(receipts=[
        intake_pb2.Receipt(key="k-3", status=intake_pb2.RECEIPT_STATUS_ACCEPTED, case_joined_by="same_category"),
        intake_pb2.Receipt(key="k-4", status=intake_pb2.RECEIPT_STATUS_ACCEPTED, customer_joined_by="phone")])),
    "report_reply-customer-merged": report_pb2.ReportReply(customer=report_pb2.CustomerView(
        customer_number="K-263172-4", merged_into="K-263428-6", followers=["K-263684-3"], do_not_call=True)),
    "score_reply-merged": score_pb2.ScoreReply(scores=[
        score_pb2.Score(customer_number="K-263172-4", index=50, merged_count=1)]),
    "report_reply-overview-agreed": report_pb2.ReportReply(overview=report_pb2.Overview(
        total=report_pb2.OverviewFigures(promises_waived=3, promises_renegotiated=4))),
    "report_reply-service_case-replacing": report_pb2.ReportReply(service_case=report_pb2.CaseView(
        promises=[report_pb2.PromiseView(promise_number="P-2052-0", replaces="P-1796-5")])),
}

# Values by name of field, so that the JSON reads like the real thing.
SAMPLES = {
    "key": "018f5e2a-7c00-7abc-8def-0123456789ab",
    "customer_ref": "顾客-4711",
    "customer_number": "K-263172-4",
    "case_number": "C-263428-0",
    "follow_up_number": "F-263684-7",
    "name": "王小明",
    "phone": "+8613812345678",
    "email": "wang@example.com",
    "language": "zh-CN",
    "time_zone": "Asia/Shanghai",
    "birthday": "--02-29",
    "channel": "wechat",
    "branch": "north",
    "category": "brakes",
    "product": "oil change",
    "subject": "刹车有异响",
    "body": "Seit gestern quietscht es. 昨天开始有异响 🚗\n\tThanks \"soon\" \\ really.",
    "currency": "CNY",
    "stream": "intake.0",
    "bucket": 4,
    "priority": 1,
    "birth_month": 2,
    "birth_day": 29,
    "day": "2026-11-21",
    "from_day": "2026-11-01",
    "to_day": "2026-11-30",
}


class Filler:
    """Sets every field of a message. Enums take the values that were not used before, in order."""

    def __init__(self):
        self.chance = None
        self.unused = {}

    def begin(self, name):
        """A seed for each file, so that a change of one message leaves the others alone."""
        self.chance = random.Random(f"{SEED} {name}")

    def fill(self, message, chosen=()):
        """chosen: names of the oneof fields to set, from the outside in; others take their first."""
        for field in message.DESCRIPTOR.fields:
            oneof = field.containing_oneof
            if oneof is not None:
                names = [one.name for one in oneof.fields]
                wanted = next((name for name in chosen if name in names), names[0])
                if field.name != wanted:
                    continue
            self.set(message, field, chosen)
        return message

    def set(self, message, field, chosen):
        count = 2 if field.label == field.LABEL_REPEATED else 0
        value = getattr(message, field.name)
        if field.message_type is not None:
            for inner in [value.add() for _ in range(count)] if count else [value]:
                inner.SetInParent()
                self.fill(inner, chosen)
        elif count:
            value.extend(self.scalar(field) for _ in range(count))
        else:
            setattr(message, field.name, self.scalar(field))

    def scalar(self, field):
        if field.enum_type is not None:
            return self.enum(field.enum_type)
        if field.name in SAMPLES and isinstance(SAMPLES[field.name], str) == (field.cpp_type == field.CPPTYPE_STRING):
            return SAMPLES[field.name]
        if field.type == field.TYPE_BYTES:
            return self.chance.randbytes(16)
        if field.cpp_type == field.CPPTYPE_STRING:
            return f"{field.name} {self.chance.randrange(1000)}"
        if field.cpp_type == field.CPPTYPE_BOOL:
            return True
        if field.cpp_type == field.CPPTYPE_DOUBLE:
            return self.chance.uniform(0, 100)
        if field.name.endswith("_us"):
            return 1_795_000_000_000_000 + self.chance.randrange(10**12)
        return self.chance.randrange(1, 10**9 if field.cpp_type == field.CPPTYPE_INT64 else 1000)

    def enum(self, kind):
        if kind.full_name not in self.unused:
            self.unused[kind.full_name] = [value.number for value in kind.values if value.number != 0]
        left = self.unused[kind.full_name]
        if left:
            return left.pop(0)
        return self.chance.choice([value.number for value in kind.values if value.number != 0])

    def has_unused(self, message):
        """Whether a field of this message takes an enum of which a value was not used yet."""
        for field, value in message.ListFields():
            if field.enum_type is not None and self.unused.get(field.enum_type.full_name):
                return True
            if field.message_type is not None:
                inner = value if field.label == field.LABEL_REPEATED else [value]
                if any(self.has_unused(one) for one in inner):
                    return True
        return False


def kinds(descriptor):
    """The ways through the oneofs: [("records", "contact"), ("disclosure",), ...]."""
    if not descriptor.oneofs:
        below = [field.message_type for field in descriptor.fields if field.message_type is not None]
        # A list of one thing stands for that thing: RecordBatch.
        return kinds(below[0]) if len(below) == len(descriptor.fields) == 1 else [()]
    return [(field.name, *rest) for field in descriptor.oneofs[0].fields for rest in kinds(field.message_type)]


def set_edges(message, number_of, depth=0):
    """Every scalar as number_of(field) says, every list with one element, the last way of a oneof."""
    for field in message.DESCRIPTOR.fields:
        oneof = field.containing_oneof
        if oneof is not None and field.name != oneof.fields[-1].name:
            continue
        value = getattr(message, field.name)
        many = field.label == field.LABEL_REPEATED
        if field.message_type is not None:
            inner = value.add() if many else value
            inner.SetInParent()
            set_edges(inner, number_of, depth + 1)
        elif many:
            value.append(number_of(field))
        else:
            setattr(message, field.name, number_of(field))
    return message


def zero(field):
    if field.type == field.TYPE_BYTES:
        return b""
    return "" if field.cpp_type == field.CPPTYPE_STRING else 0


def extreme(field):
    if field.enum_type is not None:
        return field.enum_type.values[-1].number
    if field.type == field.TYPE_BYTES:
        return bytes(range(256))
    if field.cpp_type == field.CPPTYPE_STRING:
        return "\u0001\u007f\u0080\uffff\U0010ffff" + "长" * 40
    largest = {
        field.CPPTYPE_BOOL: True,
        field.CPPTYPE_DOUBLE: -1.7976931348623157e308,
        field.CPPTYPE_INT32: INT32_MAX if field.number % 2 else -INT32_MAX - 1,
        field.CPPTYPE_INT64: INT64_MAX if field.number % 2 else -INT64_MAX - 1,
    }
    return largest[field.cpp_type]


def all_messages():
    """(name, message), in a fixed order."""
    filler = Filler()
    for kind in TRAVELLERS:
        base = snake(kind.DESCRIPTOR.name)
        for way in kinds(kind.DESCRIPTOR):
            name = "-".join([base, *way[-1:]])
            message = None
            number = 1
            while message is None or filler.has_unused(message):
                full_name = name if number == 1 else f"{name}-{number}"
                filler.begin(full_name)
                message = filler.fill(kind(), way)
                yield full_name, message
                number += 1
        yield f"{base}-nothing", kind()
        yield f"{base}-zeros", set_edges(kind(), zero)
        yield f"{base}-extremes", set_edges(kind(), extreme)
    yield from EXTRA.items()


# ---- JSON as common/runtime/message_json.h describes it


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def to_json(message):
    result = {}
    for field, value in message.ListFields():
        if field.label == field.LABEL_REPEATED:
            result[field.name] = [value_to_json(field, one) for one in value]
        else:
            result[field.name] = value_to_json(field, value)
    return result


def value_to_json(field, value):
    if field.message_type is not None:
        return to_json(value)
    if field.enum_type is not None:
        prefix = snake(field.enum_type.name) + "_"
        return field.enum_type.values_by_number[value].name.lower().removeprefix(prefix)
    if field.type == field.TYPE_BYTES:
        return base64.b64encode(value).decode()
    if field.cpp_type == field.CPPTYPE_INT64 and abs(value) > EXACT_INTEGER_MAX:
        return str(value)
    return value


# ---- what stands in no file yet


def parts(message):
    """Each field that is set, and each value of an enum, by full name."""
    for field, value in message.ListFields():
        yield field.full_name
        for one in value if field.label == field.LABEL_REPEATED else [value]:
            if field.message_type is not None:
                yield from parts(one)
            elif field.enum_type is not None:
                yield f"{field.enum_type.full_name} {one}"


def parts_of_files():
    types = {snake(kind.DESCRIPTOR.name): kind for kind in TRAVELLERS}
    files = [path for folder in [*RELEASED, FOLDER] for path in folder.glob("*.bin")]
    return {part for path in files for part in parts(types[path.name.removesuffix(".bin").split("-")[0]].FromString(path.read_bytes()))}


def place_of(name):
    """The file of that name; None when there is none."""
    paths = [folder / f"{name}.bin" for folder in [*RELEASED, FOLDER]]
    return next((path for path in paths if path.exists()), None)


def main(wanted):
    FOLDER.mkdir(exist_ok=True)
    written, differing = [], []
    seen = parts_of_files()
    for name, message in all_messages():
        if wanted and not any(part in name for part in wanted):
            continue
        data = message.SerializeToString(deterministic=True)
        there = place_of(name)
        if there and (there.read_bytes() == data or set(parts(message)) <= seen or place_of(f"{name}-more")):
            if there.read_bytes() != data and not place_of(f"{name}-more"):
                differing.append(name)
            continue
        name += "-more" if there else ""
        path = FOLDER / f"{name}.bin"
        seen.update(parts(message))
        text = json.dumps(to_json(message), ensure_ascii=False, indent=1)
        with open(path, "xb") as binary, open(path.with_suffix(".json"), "x", encoding="utf-8") as readable:
            binary.write(data)
            readable.write(text + "\n")
        written.append(name)
    print(f"{len(written)} written to {FOLDER.relative_to(ROOT)}")
    if differing:
        print("left as they are, though this script now makes something else: " + ", ".join(differing))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
