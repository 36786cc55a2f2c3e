# SPDX-License-Identifier: Apache-2.0
"""How good the search for similar cases is on real complaints: the five nearest of one that was held out are mostly of its own kind.

All complaints of shop_negatives_10cats.csv go through intake as contacts. Those that are not held out (md5 of the text modulo 4 is not
0) are solved and confirmed; the held-out ones stay open, so that only the others can be found. The category is stored with
each case, and nothing in the search looks at it.
"""

import csv
import time

import intake_pb2 as pb
import pytest

from tests.support.held_out import is_held_out
from tests.support.intake_client import ACCEPTED, IntakeClient, answer, case_update, contact, now_us

GOAL = 0.62
NEIGHBOURS = 5
IN_FLIGHT = 16


@pytest.fixture
def complaints(reference_data):
    path = reference_data / "zh_reviews/shop_negatives_10cats.csv"
    if not path.exists():
        pytest.skip("SKIP: reference data not present")
    with open(path, encoding="utf-8", newline="") as file:
        return [(row["cat"], row["review"]) for row in csv.DictReader(file)]


def store(client, complaints, at):
    """{case number of each held-out complaint: its category}"""
    told, solved, held_out = [], [], {}
    for i, (category, text) in enumerate(complaints):
        names = {"customer_ref": f"c-{i}", "case_ref": "T"}
        told.append(contact(names["customer_ref"], body=text, case_ref="T", category=category, occurred_us=at))
        if is_held_out(text):
            held_out[told[-1].key] = category
        else:
            solved.append(case_update("resolved", occurred_us=at, **names))
            solved.append(answer("csat", 5, occurred_us=at, **names))
    receipts = client.send_all(told, seconds=240)
    assert {receipt.status for receipt in receipts.values()} == {ACCEPTED}
    assert {r.status for r in client.send_all(solved, seconds=240).values()} == {ACCEPTED}
    return {receipts[key].case_number: category for key, category in held_out.items()}


def ask_all(client, cases):
    """{case number: categories of its neighbours}, several questions on their way at once."""
    waiting, found = list(cases), {}
    open_count = 0
    while len(found) < len(cases):
        while waiting and open_count < IN_FLIGHT:
            number = waiting.pop()
            client.send(pb.IntakeRequest(similar=pb.SimilarRequest(
                request_id=number, case_number=number, count=NEIGHBOURS, purpose="page test")))
            open_count += 1
        reply = client.receive(pb.IntakeReply).similar
        assert reply.code == ""
        found[reply.request_id] = [c.category for c in reply.cases]
        open_count -= 1
    return found


def test_neighbours_of_held_out_complaints_are_of_their_own_kind(system, complaints, record_property):
    garage = IntakeClient(system.client("intake", "garage", rights=["records"], is_historical=True))
    system.key("caller", ["disclosure"])
    system.start("intake")
    cases = store(garage, complaints, now_us() - 3600 * 10**6)
    begun = time.monotonic()
    done = system.run("troth-intake", "--config", system.write_settings("intake"), "--job", "read-texts", seconds=300)
    assert done.returncode == 0, done.stderr
    read_seconds = time.monotonic() - begun
    begun = time.monotonic()
    found = ask_all(system.client("intake", "caller"), cases)
    ask_seconds = time.monotonic() - begun
    shares = [sum(kind == cases[number] for kind in kinds) / NEIGHBOURS for number, kinds in found.items()]
    share = sum(shares) / len(shares)
    words = system.psql("SELECT string_agg(word || ' ' || customers, ', ') FROM (SELECT word, customers FROM intake.word_day"
                        " ORDER BY customers DESC LIMIT 40) AS top")
    for name, value in {"held_out": len(cases), "share_of_own_kind": round(share, 4), "read_seconds": round(read_seconds, 1),
                        "ask_seconds": round(ask_seconds, 1), "words": words}.items():
        record_property(name, value)
        print(f"{name}: {value}")
    assert len(cases) == len(found) > 3000
    assert share >= GOAL
