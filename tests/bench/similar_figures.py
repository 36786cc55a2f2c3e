# SPDX-License-Identifier: Apache-2.0
"""How long the question for similar solved cases takes when a million are solved and confirmed.

The cases are made here: phrases of an invented vocabulary whose words are as unevenly used as words are, a few phrases to a
case, no two cases the same. Their fingerprints are made with the key that intake has, and copied in beside cases and good
answers. The questions are open cases that came in through intake, put together of the same phrases and not read by the job yet:
each question opens a text, makes its fingerprints, searches, and writes down who read it.
"""

import bisect
import hashlib
import io
import itertools
import random
import statistics
import struct
import time

import psycopg2

import intake_pb2 as pb
from tests.bench.measure import Figure, progress, run_once
from tests.support.intake_client import IntakeClient, contact
from tests.support.system import MASTER_KEYS, System

CASES, CASES_QUICK = 1_000_000, 100_000
GOAL_MS = 50
BUILD_SECONDS_MAX = 180
QUESTIONS = 200
LETTERS, WORDS, PHRASES = 2_000, 20_000, 60_000
CHUNK = 20_000
MASK = 2**64 - 1

# Solved long ago, each by its own customer, who was content; one in ten like one of the first thousand.
FACTS = """
INSERT INTO intake.service_case (bucket, number, customer_number, version, state, kind, channel, category, priority, standard_id,
    rule, opened_at, resolved_at, is_historical, last_contact_at)
SELECT bucket, case_number, customer_number, 2, 5, 2, 'phone', 'category', 3, 1, 'rule', now() - interval '2 days', now() - interval
    '1 day', true, now() - interval '2 days' FROM intake.case_fingerprint;
INSERT INTO intake.survey_answer (bucket, number, customer_number, case_number, instrument, value, source_id, occurred_at, received_at)
SELECT bucket, case_number, customer_number, case_number, 1, 5, 1, now(), now() FROM intake.case_fingerprint;
INSERT INTO intake.case_event (bucket, number, case_number, case_version, action, from_state, to_state, staff, standard_id, source_id,
    occurred_at, received_at, named_case)
SELECT bucket, case_number, case_number, 2, 6, 2, 5, 's-7', 1, 1, now(), now(),
    CASE WHEN i % 10 = 0 THEN ((100000000 + i / 10 % 1000) << 8) | (i / 10 % 1000 & 255) END
    FROM (SELECT bucket, case_number, (case_number >> 8) - 100000000 AS i FROM intake.case_fingerprint) AS f;
INSERT INTO intake.fingerprint_count SELECT f, count(*) FROM intake.case_fingerprint, unnest(fingerprints) AS f GROUP BY f;
INSERT INTO intake.fingerprint_count SELECT 0, count(*) FROM intake.case_fingerprint;
"""
SEARCH_INDEX = ("CREATE INDEX case_fingerprint_search ON intake.case_fingerprint"
                " USING gin (fingerprints) WHERE is_solved")


def similar_figures(bench):
    count = bench.sizes.choose(CASES_QUICK, CASES)
    progress(f"similar: {count} cases" + (", a tenth of the full size" if count < CASES else ""))
    figures = [Figure(f"similar_{count}_cases_p50", "ms", 1, False, f"{GOAL_MS} ms"),
               Figure(f"similar_{count}_cases_p95", "ms", 1, False, f"{GOAL_MS} ms"),
               Figure(f"similar_build_{count}", "s", 1, False, f"{BUILD_SECONDS_MAX} s")]
    run_once(figures, lambda: measure(bench, count), bench.roots)
    return figures


def measure(bench, count):
    database = bench.cluster.new_database()
    texts = Texts(random.Random(1))
    begin = time.monotonic()
    build(bench.cluster, database, texts, count)
    built = time.monotonic() - begin
    with System(bench.cluster, bench.programs, database) as system:
        garage = IntakeClient(system.client("intake", "garage", rights=["records"]))
        system.key("caller", ["disclosure"])
        system.start("intake")
        told = [contact(f"c-{i}", body=texts.case()[0]) for i in range(QUESTIONS + 20)]
        receipts = garage.send_all(told)
        caller = system.client("intake", "caller")
        times = [ask(caller, receipts[one.key].case_number) for one in told][20:]
    bench.cluster.drop_database(database)
    p50, p95 = statistics.median(times), sorted(times)[len(times) * 95 // 100]
    progress(f"similar: at most {max(times):.1f} ms")
    return [(p50, GOAL_MS), (p95, GOAL_MS), (built, BUILD_SECONDS_MAX)]


def ask(client, case_number):
    """Milliseconds until the answer."""
    request = pb.SimilarRequest(request_id=case_number, case_number=case_number, purpose="page bench")
    begin = time.perf_counter()
    reply = client.ask(pb.IntakeRequest(similar=request), pb.IntakeReply).similar
    took = time.perf_counter() - begin
    if reply.code or len(reply.cases) != 5:
        raise RuntimeError(f"{case_number}: {reply.code} {len(reply.cases)} cases")
    return took * 1000


def build(cluster, database, texts, count):
    """Bulk: the search index is made when the rows are there."""
    cluster.psql("DROP INDEX intake.case_fingerprint_search", database)
    with psycopg2.connect(cluster.conninfo(None, database)) as connection, connection.cursor() as cursor:
        for first in range(0, count, CHUNK):
            rows = io.StringIO("".join(row_of(i, texts.case()[1]) for i in range(first, min(first + CHUNK, count))))
            cursor.copy_expert("COPY intake.case_fingerprint (bucket, case_number, customer_number, fingerprints, is_solved)"
                               " FROM STDIN", rows)
    cluster.psql(f"SET maintenance_work_mem = '256MB'; SET work_mem = '64MB'; {SEARCH_INDEX}; {FACTS} ANALYZE", database)


def row_of(i, fingerprints):
    # Above the numbers that intake will give.
    number = (100_000_000 + i) << 8 | i & 255
    return f"{i & 255}\t{number}\t{number}\t{{{','.join(map(str, sorted(fingerprints)))}}}\tt\n"


class Texts:
    """Cases: each a text and its fingerprints, no two the same."""

    def __init__(self, chance):
        self.chance = chance
        self.key = gram_key()
        self.known = {}
        letters = [chr(0x4E00 + i) for i in range(LETTERS)]
        words = ["".join(self.uneven(letters, chance.choice((1, 2, 2, 2, 3)))) for _ in range(WORDS)]
        # As often as 1, 1/2, 1/3, ... of the first.
        weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(WORDS)))
        self.phrases = []
        for _ in range(PHRASES):
            picked = [words[bisect.bisect(weights, chance.random() * weights[-1])] for _ in range(chance.randint(3, 7))]
            phrase = "".join(picked)
            self.phrases.append((phrase, self.fingerprints(phrase)))
        self.seen = set()

    def uneven(self, letters, count):
        return [letters[int(len(letters) * self.chance.random() ** 2)] for _ in range(count)]

    def case(self):
        while True:
            picked = tuple(sorted(self.chance.choices(range(PHRASES), k=self.chance.randint(3, 6))))
            if picked not in self.seen:
                break
        self.seen.add(picked)
        parts = [self.phrases[i] for i in picked]
        return "，".join(text for text, _ in parts), set().union(*(found for _, found in parts))

    def fingerprints(self, phrase):
        pieces = {*phrase, *map("".join, zip(phrase, phrase[1:], strict=False))}
        return {self.fingerprint(piece) for piece in pieces}

    def fingerprint(self, piece):
        if piece not in self.known:
            data = b"".join(struct.pack("<I", ord(letter)) for letter in piece)
            self.known[piece] = struct.unpack("<i", siphash(self.key, data)[:4])[0] or 1
        return self.known[piece]


# ---- what services/intake/fingerprint.h makes of a text


def gram_key():
    lookup = bytes.fromhex(MASTER_KEYS.split()[1])
    return hashlib.blake2b(b"troth gram\0", key=lookup, digest_size=16).digest()


def rotate(x, bits):
    return (x << bits | x >> 64 - bits) & MASK


def siphash(key, data):
    """SipHash-2-4."""
    k0, k1 = struct.unpack("<QQ", key)
    v0, v1 = k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D
    v2, v3 = k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573
    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 255])
    for block in [*struct.unpack(f"<{len(padded) // 8}Q", padded), None]:
        v3 ^= block or 0
        v2 ^= 0xFF if block is None else 0
        for _ in range(4 if block is None else 2):
            v0, v2 = (v0 + v1) & MASK, (v2 + v3) & MASK
            v1, v3 = rotate(v1, 13) ^ v0, rotate(v3, 16) ^ v2
            v0 = rotate(v0, 32)
            v2, v0 = (v2 + v1) & MASK, (v0 + v3) & MASK
            v1, v3 = rotate(v1, 17) ^ v2, rotate(v3, 21) ^ v0
            v2 = rotate(v2, 32)
        v0 ^= block or 0
    return struct.pack("<Q", v0 ^ v1 ^ v2 ^ v3)
