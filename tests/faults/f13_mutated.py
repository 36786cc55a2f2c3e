# SPDX-License-Identifier: Apache-2.0
"""Mutated messages: at the door of a running intake, and in every parser of what comes from outside.

At the door: golden messages of every released version and of this one, with fields of later versions, without some of their
own, cut, spliced and with bits turned, between good records. The process goes on, no good record suffers, and nothing is stored
that nobody sent. In the parsers: each fuzzer of tests/fuzz for so many seconds, from its kept corpus, with the sanitizers. The
control claims that no input is a good record, which the fuzzer of intake's door has to refute.
"""

import os
import re
import subprocess

import intake_pb2 as pb

from tests.faults.trial import Found, fault
from tests.support.cluster import Cluster
from tests.support.intake_client import ACCEPTED, IntakeClient, contact
from tests.support.system import ROOT, System

GOLDEN = sorted((ROOT / "tests/golden").glob("v*/intake_request-*.bin"))
FUZZERS = ROOT / os.environ.get("TROTH_BUILD", "build") / "clang-san-fuzz/tests/fuzz"
DOOR = "intake_decode"
MESSAGES_PER_ROUND = 150
STARTUP_SECONDS = 120
SECONDS_FOR_GOOD_ONES = 60
LONGEST = 60_000  # bytes; a longer message ends its connection, which is another test


# ---- the parsers


def built_fuzzers():
    return sorted(path.name.removesuffix("_fuzz") for path in FUZZERS.glob("*_fuzz"))


def run_fuzzer(name, trial, seconds, found):
    """Its executions are added up; a crash is a broken I12 with the place of the input that did it."""
    env = {**os.environ, "BUILD": str(FUZZERS.parents[2]), "FUZZ_SECONDS": str(seconds)}
    if trial.control:
        env["TROTH_FUZZ_CONTROL"] = "1"
    done = subprocess.run([ROOT / "tests/fuzz/run_fuzzers.sh", name], env=env, capture_output=True, text=True,
                          timeout=seconds + STARTUP_SECONDS, check=False)
    executed = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stdout + done.stderr)
    found.figures["inputs"] = found.figures.get("inputs", 0) + int(executed[1] if executed else 0)
    if done.returncode != 0:
        why = re.search(r"SUMMARY: .*|.*BUG.*", done.stderr)
        found.broken.append(f"I12: parser {name}: {why[0] if why else done.stderr[-300:]}")


# ---- the door


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes([value])


def tag(number, wire_type):
    return varint(number << 3 | wire_type)


def inside(number, data):
    """The data as that field of a message."""
    return tag(number, 2) + varint(len(data)) + data


def field_of_later(chance):
    """A field that no version knows, of each type that the wire has."""
    number = chance.randrange(900, 2000)
    text = chance.randbytes(chance.randrange(64))
    return chance.choice([tag(number, 0) + b"\x01", tag(number, 1) + chance.randbytes(8), tag(number, 5) + chance.randbytes(4),
                          inside(number, text)])


def mutate(packed, chance):
    kind = chance.choice(["later", "bit", "cut", "splice", "grow", "record"])
    if kind == "later":
        return packed + field_of_later(chance)
    if kind == "bit" and packed:
        data = bytearray(packed)
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        return bytes(data)
    if kind == "cut":
        return packed[:chance.randrange(len(packed) + 1)]
    if kind == "splice":
        other = chance.choice(GOLDEN).read_bytes()
        return packed[:chance.randrange(len(packed) + 1)] + other[chance.randrange(len(other) + 1):]
    if kind == "grow":
        return packed * chance.randrange(2, 5)
    return with_a_mutated_record(packed, chance)


def with_a_mutated_record(packed, chance):
    """The request is right, and one of its records is not, or is of a version to come."""
    one = contact(f"c-{chance.randrange(50)}").SerializeToString()
    one = one + field_of_later(chance) if chance.random() < 0.5 else one[:chance.randrange(len(one))] + packed[:40]
    return inside(pb.IntakeRequest.RECORDS_FIELD_NUMBER, inside(pb.RecordBatch.RECORDS_FIELD_NUMBER, one))


def try_the_door(trial, found):
    with Cluster(fast=True) as cluster, System(cluster, trial.programs) as system:
        hostile = system.client("intake", "stranger", rights=["records", "disclosure"])
        good = IntakeClient(system.client("intake", "garage", rights=["records"]))
        intake = system.start("intake")
        sent = answered = 0
        for number in range(trial.rounds):
            for _ in range(MESSAGES_PER_ROUND):
                hostile.send(mutate(trial.chance.choice(GOLDEN).read_bytes(), trial.chance)[:LONGEST])
                while hostile.receive_bytes(0):
                    answered += 1
            mine = [contact(f"good-{number}-{i}") for i in range(5)]
            try:
                receipts = good.send_all(mine, seconds=SECONDS_FOR_GOOD_ONES)
            except TimeoutError as error:
                found.broken.append(f"I12: {error}; intake said: {intake.log()[-400:]}")
                return
            sent += len(mine)
            found.acknowledged += sum(receipts[one.key].status == ACCEPTED for one in mine)
        stored = int(system.psql("SELECT count(*) FROM intake.contact c JOIN intake.source s ON s.id = c.source_id"
                                 " WHERE s.name = 'garage'"))
        found.lost += max(0, found.acknowledged - stored)
        found.phantom += max(0, stored - sent)
        found.figures["answers to strangers"] = answered
        found.figures["messages at the door"] = trial.rounds * MESSAGES_PER_ROUND
        if not intake.is_running():
            found.broken.append(f"I12: intake ended: {intake.log()[-300:]}")
        found.lost += sent - found.acknowledged


def needs_fuzzers():
    return None if (FUZZERS / f"{DOOR}_fuzz").exists() else "the fuzzers are not built: 'make test' builds that of the door"


@fault("F13", "mutated messages, old and new schema mixed, in parsers and at the door", short=2, long=120,
       unit="s per parser", control="no_record_is_good", needs=needs_fuzzers)
def mutated_messages(trial):
    found = Found(rounds=trial.rounds)
    if trial.control:
        run_fuzzer(DOOR, trial, max(trial.rounds, 5), found)
        return found
    for name in built_fuzzers():
        run_fuzzer(name, trial, trial.rounds, found)
    try_the_door(trial, found)
    found.figures["parsers"] = len(built_fuzzers())
    return found
