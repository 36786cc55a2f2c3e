# SPDX-License-Identifier: Apache-2.0
"""I1 to I12: what must be true once a system is quiet, whatever happened to it. One function each, which adds to the counts of
a Found what it sees in the Evidence (witnesses.py). README.md has the table of them.

Each looks at what was committed through SQL of its own, or through an oracle that shares no code with the services, and
compares it with papers that the services never saw.
"""

import os
import re
from collections import Counter

import intake_pb2 as intake

from tests.support import ledger, sealed
from tests.support.witness import (
    FAILED,
    called_again,
    column,
    journal_keys,
    read_orders,
    silent_follow_ups,
)

EXAMPLES = 5
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
RSS_GROWTH_MIB = 32  # a service that has met more customers than before knows more of them
FDS_GROWTH = 5
# Only the numbers of generators begin so (generator.py): nobody else's can be mistaken for them.
PLANTED_NUMBER = re.compile(rb"\+?86139\d{8}")


def note(found, number, what, items):
    """Returns how many there are; each kind of wrong is one sentence."""
    items = sorted(items)
    if items:
        found.broken.append(f"{number}: {what}: {len(items)}, as {items[:EXAMPLES]}")
    return len(items)


# ---- reading


def quoted(names):
    return ", ".join("'" + name.replace("'", "''") + "'" for name in names)


def read_receipts(system, sources):
    """{key: (digest, customer number)} of these sources. One key of two sources is two records: none of ours does that."""
    found = {}
    for line in column(system, f"""
            SELECT r.key, encode(r.digest, 'hex'), encode(r.body, 'hex') FROM intake.receipt AS r
              JOIN intake.source AS s ON s.id = r.source_id WHERE s.name IN ({quoted(sources)})"""):
        key, digest, body = line.split("|")
        found[key] = (digest, intake.Receipt.FromString(bytes.fromhex(body)).customer_number)
    return found


def read_facts(system, sources):
    """How often each record's mark stands in what intake stored: the key of the record, in a text or reference of its body."""
    ids = f"SELECT id FROM intake.source WHERE name IN ({quoted(sources)})"
    marks = Counter(column(system, f"SELECT order_ref FROM intake.purchase WHERE source_id IN ({ids})"))
    where = f"""(bucket, number) IN (
        SELECT bucket, number FROM intake.contact WHERE source_id IN ({ids})
         UNION ALL SELECT bucket, number FROM intake.case_event WHERE source_id IN ({ids})
         UNION ALL SELECT bucket, number FROM intake.survey_answer WHERE source_id IN ({ids}))"""
    for fact in sealed.texts(system, where):
        marks.update(text for field, text in fact.texts.items() if field != "subject")
    marks.update(person["name"] for person in sealed.persons(system).values() if "name" in person)
    return marks


# ---- the twelve


def i1_acknowledged_is_stored(evidence, found, _):
    """Each acknowledged key has one receipt with the digest of the intent and the customer of the ack, and its fact."""
    gone = evidence.acks.keys() - evidence.receipts.keys()
    without_fact = {key for key in evidence.acks if key not in evidence.facts} - gone
    other = {key for key in evidence.acks.keys() - gone if evidence.receipts[key] != (
        evidence.intents[key].digest, evidence.acks[key].customer)}
    found.lost += note(found, "I1", "acknowledged and not stored", gone)
    found.lost += note(found, "I1", "acknowledged and without its fact", without_fact)
    found.lost += note(found, "I1", "acknowledged and stored otherwise", other - without_fact)
    note(found, "I1", "good records that were refused", [f"{key} {code}" for key, code in evidence.refused.items()])


def i2_one_effect_per_key(evidence, found, _):
    """No mark stands twice among the facts, a life is one customer, and each fact has one event in a log without gaps."""
    found.duplicated += note(found, "I2", "facts of one record", [
        mark for mark, count in evidence.facts.items() if count > 1 and mark in evidence.intents])
    customers = {}
    for key, (_, customer) in evidence.receipts.items():
        if key in evidence.intents:
            customers.setdefault(evidence.intents[key].customer, set()).add(customer)
    found.duplicated += note(found, "I2", "lives that are more than one customer", [
        life for life, numbers in customers.items() if len(numbers) > 1])
    shared = Counter(number for numbers in customers.values() for number in numbers)
    note(found, "I2", "customers of more than one life", [number for number, count in shared.items() if count > 1])
    found.duplicated += asserted(found, "I2", ledger.check_events, evidence.system)


def i3_nothing_unsaid(evidence, found, _):
    """No receipt, fact or name of a key that no intent names; and no generator said a key twice."""
    found.phantom += note(found, "I3", "receipts of what nobody said", evidence.receipts.keys() - evidence.intents.keys())
    found.phantom += note(found, "I3", "facts of what nobody said", evidence.facts.keys() - evidence.intents.keys())
    note(found, "I3", "generators said a key twice: the test is wrong", evidence.said_twice)


def i4_one_dial_per_order(evidence, found, consumers):
    """No order key twice in the table, in a journal or in what the telephone network saw; none of them without an order; nobody
    is called again who may have been reached; a result has a dial, what was barred has none; all that was due has ended."""
    if "followup" not in consumers:
        return
    system = evidence.system
    orders = read_orders(system)
    placed = Counter(key for path in evidence.journals for key in journal_keys(path, "placed"))
    placed.update(evidence.told_placed)
    barred = {key for path in evidence.journals for key in journal_keys(path, "barred")} | {
        key for key, (state, _) in orders.items() if state == "4"}
    dialed = evidence.dialed or placed
    found.dialed += sum(dialed.values())
    twice = {key for counts in (placed, dialed) for key, count in counts.items() if count > 1}
    found.dialed_twice += note(found, "I4", "dialed twice", twice)
    found.dialed_twice += note(found, "I4", "called again after a call that may have reached somebody", called_again(orders, dialed))
    found.dialed_twice += note(found, "I4", "orders with the same key", column(system, """
        SELECT order_key FROM followup.follow_up_attempt GROUP BY order_key HAVING count(*) > 1"""))
    found.phantom += note(found, "I4", "dialed without an order", dialed.keys() - orders.keys())
    note(found, "I4", "barred and dialed", barred & dialed.keys())
    if dialed:
        note(found, "I4", "with a result and never dialed", {
            key for key, (state, outcome) in orders.items() if state == "3" and outcome != FAILED} - dialed.keys())
    if evidence.dialed and (evidence.journals or evidence.told_placed):
        note(found, "I4", "dialed before a journal had it", evidence.dialed.keys() - placed.keys())
    found.silent += note(found, "I4", "follow-ups without an end or without a reason", silent_follow_ups(system))


def i5_dialed_in_time(evidence, found, consumers):
    """No order before its follow-up was due or after its window, none in forbidden hours, and no journal that placed one after
    its start-by."""
    if "followup" not in consumers:
        return
    joined = """FROM followup.follow_up_attempt AS a JOIN followup.follow_up AS f
                  ON f.bucket = a.bucket AND f.number = a.follow_up_number"""
    note(found, "I5", "ordered before it was due, or after its window", column(evidence.system, f"""
        SELECT a.order_key {joined} WHERE a.ordered_at < f.due_at OR a.ordered_at >= f.window_end_at"""))
    if evidence.forbidden_hours:
        note(found, "I5", "ordered in forbidden hours", column(evidence.system, f"""
            SELECT a.order_key {joined} WHERE {evidence.forbidden_hours}"""))
    limits = dict(line.split("|") for line in column(evidence.system, """
        SELECT order_key, (extract(epoch FROM start_by) * 1000000)::bigint FROM followup.follow_up_attempt"""))
    late = []
    for path in evidence.journals:
        lines = path.read_text().splitlines() if path.exists() else []
        for words in map(str.split, lines):
            if words[1:2] == ["placed"] and words[2] in limits and int(words[3]) > int(limits[words[2]]):
                late.append(words[2])
    note(found, "I5", "placed after its start-by", late)


def i6_sums_are_those_of_the_facts(evidence, found, consumers):
    """One follow-up for each resolution and one stored answer for each that was told; loyalty's evidence, sums and groups, and
    every figure of reporting, made again from the facts by SQL alone."""
    checks = {"followup": [ledger.check_follow_ups, ledger.check_answers], "loyalty": [ledger.check_loyalty],
              "reporting": [ledger.check_reporting]}
    for consumer in consumers:
        for one in checks[consumer]:
            asserted(found, "I6", one, evidence.system)


def i7_nobody_else(evidence, found, _):
    """No receipt of a source that the test did not expect, and none of a key that only strangers sent."""
    known = quoted([*evidence.sources, *evidence.other_sources, "followup", "reporting"])
    found.unauthorised += note(found, "I7", "effects of others", column(evidence.system, f"""
        SELECT coalesce(s.name, '?') || ' ' || r.key FROM intake.receipt AS r
          LEFT JOIN intake.source AS s ON s.id = r.source_id WHERE coalesce(s.name, '?') NOT IN ({known})"""))
    if evidence.strangers_keys:
        stored = set(column(evidence.system, "SELECT key FROM intake.receipt"))
        found.unauthorised += note(found, "I7", "effects of strangers", stored & set(evidence.strangers_keys))


def i8_back_to_the_baseline(evidence, found, _):
    """Memory and descriptors of each process that was measured before, by /proc."""
    for name, before in evidence.usage_before.items():
        after = Usage(before.pid)
        if after.rss_mib > before.rss_mib + RSS_GROWTH_MIB:
            found.broken.append(f"I8: {name} has {after.rss_mib:.0f} MiB, before {before.rss_mib:.0f}")
        if after.fds > before.fds + FDS_GROWTH:
            found.broken.append(f"I8: {name} has {after.fds} descriptors, before {before.fds}")


def i9_recovered_in_time(found, recovery_max):
    """The 95th percentile of the times until work went on. What is wrong, or None. Asked by the runner, at the end."""
    slow = found.percentile(0.95)
    if recovery_max is None:
        return None
    if slow is None:
        return "I9: nobody measured how long it took to go on"
    return f"I9: {slow:.2f} s until work went on (p95), allowed {recovery_max:g}" if slow > recovery_max else None


def i10_no_numbers_in_the_clear(evidence, found, _):
    """No telephone number of a generator's customer in any log, journal or paper of the system's folder, nor in the server's log."""
    own = {paper.path.with_suffix(f".{kind}") for paper in evidence.papers for kind in ("intents", "acks")}
    paths = [path for path in evidence.system.folder.rglob("*") if path.is_file() and path not in own]
    server_log = evidence.system.cluster.folder / "server.log"
    leaks = [path.name for path in [*paths, server_log] if path.exists() and PLANTED_NUMBER.search(path.read_bytes())]
    note(found, "I10", "telephone numbers in the clear", leaks)


def i11_the_record_verifies(evidence, found, _):
    """'troth audit verify' over the whole record, where intake keeps one."""
    if evidence.audit_key is None:
        return
    done = evidence.system.run("troth", "audit", "verify", "--key", evidence.audit_key, "--json", "--database",
                               evidence.system.conninfo("troth_operator"))
    if done.returncode != 0:
        found.broken.append(f"I11: {done.stdout.strip()[-300:]} {done.stderr.strip()[-300:]}")


STUCK = {
    "followup": """SELECT 'claimed ' || number FROM followup.follow_up WHERE state = 2 AND claim_until < clock_timestamp()
         UNION ALL SELECT 'ordered ' || order_key FROM followup.follow_up_attempt
                    WHERE state IN (1, 2) AND NOT starts_with(dialer, 'person/')
         UNION ALL SELECT 'answer ' || key FROM followup.record_outbox WHERE state = 1""",
    "loyalty": "SELECT 'look ' || count(*) FROM loyalty.look_request HAVING count(*) > 0",
}


def i12_nothing_is_stuck(evidence, found, consumers):
    """All cursors at their heads and nothing due (ledger.backlog, waited for before); no claim past its term, no order without an
    end, no answer on its way."""
    left = [f"{name} {count}" for name, count in ledger.backlog(evidence.system, consumers).items()] if consumers else []
    left += [line for consumer in STUCK.keys() & set(consumers) for line in column(evidence.system, STUCK[consumer])]
    found.silent += note(found, "I12", "left over", left)


RULES = {
    "i1": i1_acknowledged_is_stored, "i2": i2_one_effect_per_key, "i3": i3_nothing_unsaid, "i4": i4_one_dial_per_order,
    "i5": i5_dialed_in_time, "i6": i6_sums_are_those_of_the_facts, "i7": i7_nobody_else, "i8": i8_back_to_the_baseline,
    "i10": i10_no_numbers_in_the_clear, "i11": i11_the_record_verifies, "i12": i12_nothing_is_stuck,
}


# ---- helpers


def asserted(found, number, one, *arguments):
    """1 when it says no, and what it says."""
    try:
        one(*arguments)
        return 0
    except AssertionError as wrong:
        found.broken.append(f"{number}: {str(wrong)[:400]}")
        return 1


class Usage:
    """What a process uses now."""

    def __init__(self, pid):
        self.pid = pid
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            self.rss_mib = int(file.read().split()[1]) * PAGE / 2**20
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        self.cpu_seconds = (int(fields[11]) + int(fields[12])) / CLOCK_TICKS
        self.fds = len(os.listdir(f"/proc/{pid}/fd"))
