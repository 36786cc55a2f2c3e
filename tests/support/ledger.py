# SPDX-License-Identifier: Apache-2.0
"""What must be true once everything is quiet, however often processes died.

Each check counts again from what was committed, and raises AssertionError with the rows that are wrong.
Each returns figures for the report of the test.
"""

from collections import Counter

from tests.support import figure_oracle, figures, loyalty_oracle, sealed
from tests.support.system import wait_until

CONSUMERS = ["followup", "loyalty", "reporting"]

READERS = {
    "followup": ["intake", "loyalty"],
    "loyalty": ["intake"],
    "reporting": ["intake", "followup", "loyalty"],
}

# Events that a consumer has not taken, over the streams that it reads.
BEHIND = """
    SELECT 'events/' || r.consumer, sum(h.seq - coalesce(c.seq, 0))
      FROM (VALUES {readers}) AS r (consumer, service)
      JOIN log.head h ON split_part(h.stream, '.', 1) = r.service
      LEFT JOIN log.consumer_cursor c
        ON c.consumer = r.consumer AND c.stream = h.stream AND c.bucket = h.bucket
     GROUP BY r.consumer"""
STEPS_DUE = "SELECT 'promise_steps_due', count(*) FROM intake.promise WHERE next_step_at <= log.now()"
CALLS_DUE = "SELECT name, count FROM followup.backlog"
LOOKS_DUE = """SELECT 'scores_due', count(*) FROM loyalty.customer_score WHERE next_change_at <= log.now()
    UNION ALL SELECT 'looks_requested', count(*) FROM loyalty.look_request
    UNION ALL SELECT 'points_due', count(*) FROM loyalty.points_entry
               WHERE points_left > 0 AND expires_at <= log.now() - interval '1 day 1 minute'"""


def number(system, sql):
    return int(system.psql(sql))


def backlog(system, consumers=CONSUMERS):
    """What still has to be done at this instant of business time: {name: count}, without zeros."""
    readers = ", ".join(
        f"('{consumer}', '{service}')" for consumer in consumers for service in READERS[consumer]
    )
    parts = [BEHIND.format(readers=readers), STEPS_DUE]
    if "followup" in consumers:
        parts.append(CALLS_DUE)
    if "loyalty" in consumers:
        parts.append(LOOKS_DUE)
    rows = (line.split("|") for line in system.psql(" UNION ALL ".join(parts)).splitlines())
    return {name: int(count) for name, count in rows if int(count) > 0}


def wait_until_quiet(system, consumers=CONSUMERS, seconds=60):
    """Nothing is due and every reader has read everything."""
    try:
        wait_until(lambda: not backlog(system, consumers), seconds)
    except TimeoutError:
        logs = "\n".join(process.log()[-1000:] for process in system.processes if process.is_running())
        raise AssertionError(
            f"after {seconds} s there is still work: {backlog(system, consumers)}\n{logs}") from None


# ---- records


def check_records(system, senders, source):
    """Every acknowledged record became its receipt and its fact once, and nothing else did."""
    acknowledged = {key for sender in senders for key in sender.receipts}
    kinds = {key: kind for sender in senders for key, kind in sender.kinds.items()}
    profiles = {key for key in acknowledged if kinds[key] == "customer_profile"}
    receipts = column(system, f"""
        SELECT r.key FROM intake.receipt r JOIN intake.source s ON s.id = r.source_id
         WHERE s.name = '{source}'""")
    facts = column(system, f"""
        SELECT p.order_ref FROM intake.purchase p JOIN intake.source s ON s.id = p.source_id
         WHERE s.name = '{source}'""")
    of_source = """(bucket, number) IN (
        SELECT f.bucket, f.number FROM intake.source s JOIN LATERAL (
            SELECT bucket, number FROM intake.contact WHERE source_id = s.id
             UNION ALL SELECT bucket, number FROM intake.case_event WHERE source_id = s.id
             UNION ALL SELECT bucket, number FROM intake.survey_answer WHERE source_id = s.id) f ON true
         WHERE s.name = '%s')""" % source
    facts.update(text for fact in sealed.texts(system, of_source)
                 for field, text in fact.texts.items() if field != "subject")
    for what, stored, wanted in (("receipts", receipts, acknowledged),
                                 ("facts", facts, acknowledged - profiles)):
        lost = wanted - set(stored)
        alien = set(stored) - wanted
        twice = [key for key, count in stored.items() if count > 1]
        assert not lost, f"{len(lost)} acknowledged records have no {what}: {sorted(lost)[:10]}"
        assert not alien, f"{what} of records that nobody acknowledged: {sorted(alien)[:10]}"
        assert not twice, f"{what} stored more than once: {sorted(twice)[:10]}"
    # A profile replaces: the customer has the name that one of them brought.
    names = {person["name"] for person in sealed.persons(system).values() if "name" in person}
    assert names <= profiles, f"names that no profile brought: {sorted(names - profiles)[:10]}"
    customers = {receipt.customer_number for sender in senders for receipt in sender.receipts.values()}
    stored = number(system, "SELECT count(*) FROM intake.customer")
    assert len(customers) == stored, f"{len(customers)} customers in receipts, {stored} stored"
    check_events(system)
    return {"acknowledged": len(acknowledged), "stored": len(receipts), "lost": 0, "duplicates": 0}


def check_events(system):
    """The log has no gap, and one event for each fact."""
    gaps = system.psql("""
        SELECT e.stream, e.bucket, count(*), max(e.seq), h.seq
          FROM log.event e LEFT JOIN log.head h ON h.stream = e.stream AND h.bucket = e.bucket
         GROUP BY e.stream, e.bucket, h.seq
        HAVING count(*) <> max(e.seq) OR max(e.seq) IS DISTINCT FROM h.seq""")
    assert gaps == "", f"streams with gaps (stream, bucket, events, last, head):\n{gaps}"
    for kind, facts in (
        ("case_opened", "intake.service_case"),
        ("case_changed", "intake.case_event"),
        ("promise_made", "intake.promise"),
        ("survey_answered", "intake.survey_answer"),
        ("purchase_made", "intake.purchase"),
    ):
        events = number(system, f"SELECT count(*) FROM log.event WHERE kind = '{kind}'")
        stored = number(system, f"SELECT count(*) FROM {facts}")
        assert events == stored, f"{events} events {kind} for {stored} rows of {facts}"
    twice = system.psql("""
        SELECT case_number, kind, count(*) FROM intake.promise GROUP BY 1, 2 HAVING count(*) > 1""")
    assert twice == "", f"promises made twice (case, kind, count):\n{twice}"


def column(system, sql):
    """How often each value of the only column occurs."""
    return Counter(line for line in system.psql(sql).splitlines() if line)


# ---- calls


def check_calls(system, dials):
    """dials: the key of each call in the dialer's journal, in order."""
    orders = column(system, "SELECT order_key FROM followup.follow_up_attempt")
    twice = [key for key, count in orders.items() if count > 1]
    assert not twice, f"dial orders for the same attempt: {twice[:10]}"
    twice = [key for key, count in Counter(dials).items() if count > 1]
    assert not twice, f"orders that were dialed more than once: {twice[:10]}"
    alien = set(dials) - set(orders)
    assert not alien, f"calls that nobody ordered: {sorted(alien)[:10]}"
    # 3 finished: with a result, which only a placed call has. 4 barred: never dialed.
    finished = column(system, """
        SELECT order_key FROM followup.follow_up_attempt WHERE state = 3 AND outcome <> 7""")
    unheard = set(finished) - set(dials)
    assert not unheard, f"results of calls that are not in the journal: {sorted(unheard)[:10]}"
    barred = column(system, "SELECT order_key FROM followup.follow_up_attempt WHERE state = 4")
    dialed = set(barred) & set(dials)
    assert not dialed, f"orders that were barred and dialed: {sorted(dialed)[:10]}"
    wrong = system.psql("""
        SELECT f.number, f.attempts, count(a.*), max(a.attempt)
          FROM followup.follow_up f
          LEFT JOIN followup.follow_up_attempt a ON a.bucket = f.bucket AND a.follow_up_number = f.number
         GROUP BY f.number, f.attempts
        HAVING f.attempts <> count(a.*) OR f.attempts <> coalesce(max(a.attempt), 0)""")
    assert wrong == "", f"attempts (follow-up, counted, rows, last):\n{wrong}"
    check_follow_ups(system)
    check_answers(system)
    return {
        "followups": number(system, "SELECT count(*) FROM followup.follow_up"),
        "orders": len(orders), "dials": len(dials), "dials_twice": 0, "barred": len(barred),
    }


def check_follow_ups(system):
    """One for each resolution of a case, and none that has an order and has not ended."""
    wrong = system.psql("""
        WITH resolved AS (SELECT case_number, count(*) AS n FROM intake.case_event WHERE to_state = 5
                             AND from_state <> 5 GROUP BY 1),
             planned AS (SELECT subject AS case_number, count(*) AS n FROM followup.follow_up
                          WHERE rule = 'after_resolution' GROUP BY 1)
        SELECT case_number, r.n, p.n FROM resolved r FULL JOIN planned p USING (case_number)
         WHERE r.n IS DISTINCT FROM p.n""")
    assert wrong == "", f"follow-ups (case, resolved, planned):\n{wrong}"
    open_orders = number(system, "SELECT count(*) FROM followup.follow_up_attempt WHERE state IN (1, 2)")
    assert open_orders == 0, f"{open_orders} orders without an end"


def check_answers(system):
    """What customers said on the phone became records, once each."""
    wrong = system.psql("SELECT key, state, code FROM followup.record_outbox WHERE state <> 2")
    assert wrong == "", f"answers that intake did not take (key, state, code):\n{wrong}"
    sent = number(system, "SELECT count(*) FROM followup.record_outbox")
    stored = number(system, """
        SELECT count(*) FROM intake.survey_answer a JOIN intake.source s ON s.id = a.source_id
         WHERE s.name = 'followup'""")
    assert sent == stored, f"{sent} answers were sent and {stored} stored"


# ---- loyalty


def check_loyalty(system):
    """Evidence equals the promises, answers and purchases themselves, and the sums what the evidence says."""
    wrong = system.psql("""
        WITH facts AS (
            SELECT bucket, customer_number, 1 AS kind, number AS subject, version::bigint, state::bigint AS value,
                   false AS is_void
              FROM intake.promise WHERE state > 2 -- a promise that runs says nothing
             UNION ALL
            SELECT bucket, customer_number, instrument + 1, number, 1 + is_void::int, value, is_void
              FROM intake.survey_answer WHERE instrument BETWEEN 1 AND 3
             UNION ALL
            SELECT bucket, customer_number, 9, number, 1 + is_void::int, amount_minor, is_void FROM intake.purchase
             UNION ALL
            SELECT bucket, customer_number, 10, number, 1 + is_void::int, amount_minor, is_void FROM intake.refund),
        evidence AS (
            SELECT DISTINCT ON (bucket, customer_number, kind, subject) *
              FROM loyalty.score_evidence WHERE kind IN (1, 2, 3, 4, 9, 10)
             ORDER BY bucket, customer_number, kind, subject, version DESC)
        SELECT kind, subject, f.version, f.value, e.version, e.value
          FROM facts f FULL JOIN (SELECT * FROM evidence WHERE kind <> 1 OR value > 2) e
         USING (bucket, customer_number, kind, subject)
         WHERE (f.version, f.value, f.is_void) IS DISTINCT FROM (e.version, e.value, e.is_void)""")
    assert wrong == "", f"evidence (kind, subject, facts' version and value, loyalty's):\n{wrong}"
    sums = loyalty_oracle.check_sums(system)
    return {"evidence": number(system, "SELECT count(*) FROM loyalty.score_evidence"), "sums": sums}


# ---- reporting

def check_reporting(system):
    """Every figure is that of the facts."""
    rows = figure_oracle.check(system)
    return {"reported_cases": figures.count(system, "cases"), "figure_rows": rows}


# ---- what a test tells


def report(figures, record_property):
    """Prints the figures and puts them into the report of the run (build/tests.xml)."""
    for name, value in figures.items():
        record_property(name, value)
    print("figures: " + " ".join(f"{name}={value}" for name, value in figures.items()))
