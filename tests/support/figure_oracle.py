# SPDX-License-Identifier: Apache-2.0
"""Every figure once more, from the facts of the services by PostgreSQL alone: what reporting folded, event by event,
must equal it, day by day, for every value of every dimension, over all branches and in each one.

Written against the definitions (services/reporting/figure.h, case_bundle.h), not against the code that folds.
"""

import json
from collections import namedtuple

from tests.support.figures import BY_NAME, DIMENSIONS, MEASURES, Key, Sum, read_rows

# A quantile may be wrong by 1 %; the exact one is that of percentile_disc.
QUANTILE_ERROR = 0.0101

Fact = namedtuple("Fact", "measure day n s values")

# What is not void, and which moves answer the customer. Each is a table that lives as long as the questions: (name, what is
# looked up in it, SQL).
FACTS = [
    ("kase", ("number", "customer_number"), """
        SELECT * FROM intake.service_case WHERE state <> 7"""),
    ("move", ("case_number",), """
        SELECT e.*, k.kind, k.opened_at,
               greatest(k.opened_at, max(e.occurred_at) OVER (PARTITION BY e.case_number ORDER BY e.case_version,
                                                              e.number)) AS at,
               e.action IN (1, 6) OR e.action = 8 AND k.kind <> 4 AS is_answer
          FROM intake.case_event e JOIN kase k ON k.number = e.case_number WHERE NOT e.is_void"""),
    ("said", ("case_number",), """
        SELECT s.case_number, t.number, coalesce(t.case_version, 0) AS version, t.occurred_at,
               NOT t.is_thanks AND t.case_version IS NOT NULL AS wants_answer
          FROM (SELECT bucket, opened_by AS number, number AS case_number FROM kase
                 UNION
                SELECT k.bucket, t.number, k.number FROM kase k JOIN intake.contact t ON t.bucket = k.bucket
                   AND t.case_number = k.number AND t.case_version IS NOT NULL) AS s
          JOIN intake.contact t ON t.bucket = s.bucket AND t.number = s.number
         WHERE NOT t.is_void AND t.origin <= 1"""),
    ("promise", ("number", "case_number"), """
        SELECT p.*, coalesce(p.rule || '/' || p.kind, '') AS standard, p.state IN (4, 5, 9) AS is_broken,
               p.state IN (3, 4, 5, 9) AS is_decided, CASE WHEN p.state = 3 THEN p.done_at ELSE p.due_at END AS decided_at,
               (SELECT max(w.occurred_at) FROM intake.promise_event w WHERE w.bucket = p.bucket
                   AND w.promise_number = p.number AND NOT w.is_void AND w.action = CASE p.state WHEN 7 THEN 3 ELSE 1 END) AS told_at
          FROM intake.promise p JOIN kase k ON k.number = p.case_number WHERE NOT p.is_void"""),
    ("answer", (), """
        SELECT a.* FROM intake.survey_answer a LEFT JOIN kase k ON k.number = a.case_number
         WHERE NOT a.is_void AND (a.case_number IS NULL OR k.number IS NOT NULL)"""),
    ("mark", (), """
        SELECT *, CASE instrument WHEN 1 THEN (value - 3) / 2.0 WHEN 2 THEN (value - 5) / 5.0 ELSE (value - 4) / 3.0 END AS felt,
               CASE instrument WHEN 1 THEN value <= 2 WHEN 2 THEN value <= 6 ELSE value <= 3 END AS is_low,
               CASE instrument WHEN 1 THEN value >= 4 WHEN 2 THEN value >= 9 ELSE value >= 5 END AS is_good
          FROM answer WHERE instrument <= 3 AND value IS NOT NULL"""),
    ("item", (), """
        SELECT a.case_number, a.branch, a.occurred_at, i.item, i.expectation, i.perception,
               (ARRAY['tangibles', 'reliability', 'responsiveness', 'assurance', 'empathy'])[i.dimension] AS servqual
          FROM answer a JOIN intake.survey_item i ON i.bucket = a.bucket AND i.answer_number = a.number"""),
    ("done", ("number",), """
        SELECT k.*, (SELECT coalesce(m.staff, '') FROM move m WHERE m.case_number = k.number AND m.action = 6
                      ORDER BY m.case_version DESC LIMIT 1) AS solver
          FROM kase k WHERE state IN (5, 6) AND resolved_at IS NOT NULL AND joined_case IS NULL"""),
    ("fate", (), """
        SELECT d.number, d.resolved_at,
               EXISTS (SELECT FROM intake.case_solved v WHERE v.bucket = d.bucket AND v.number = d.number) AS is_confirmed,
               EXISTS (SELECT FROM promise p WHERE p.case_number = d.number AND p.customer_word = 2) AS is_denied,
               EXISTS (SELECT FROM move m WHERE m.case_number = d.number AND m.action = 7)
               OR EXISTS (SELECT FROM said t WHERE t.case_number = d.number AND t.wants_answer)
               OR EXISTS (SELECT FROM kase o WHERE o.customer_number = d.customer_number AND o.number <> d.number
                           AND o.category = d.category AND o.opened_at > d.resolved_at
                           AND o.opened_at <= d.resolved_at + interval '{window}') AS is_returned
          FROM done d"""),
    ("turn", ("case_number",), """
        SELECT case_number, from_at, till_at, CASE WHEN state IN (1, 2) THEN 'us' WHEN state = 3 THEN 'customer'
               WHEN state = 4 THEN 'third_party' END AS whose
          FROM (SELECT k.number AS case_number, k.opened_at AS from_at, 1 AS state,
                       coalesce((SELECT m.at FROM move m WHERE m.case_number = k.number ORDER BY m.case_version, m.number LIMIT 1),
                                'infinity') AS till_at
                  FROM kase k
                 UNION ALL
                SELECT case_number, at, to_state, lead(at, 1, 'infinity') OVER (PARTITION BY case_number
                                                                                ORDER BY case_version, number)
                  FROM move) AS x"""),
    ("plan", (), """
        SELECT f.*, (SELECT min(t.ordered_at) FROM followup.follow_up_attempt t WHERE t.bucket = f.bucket
                         AND t.follow_up_number = f.number) AS tried_at
          FROM followup.follow_up f WHERE reason NOT IN ('record_void', 'history')"""),
]
TABLES = ";\n".join(f"CREATE TEMP TABLE {name} AS {sql}" + "".join(f";\nCREATE INDEX ON {name} ({key})" for key in keys)
                    + f";\nANALYZE {name}" for name, keys, sql in FACTS)

US = "greatest(0, round(extract(epoch FROM {}) * 1000000))::int8"
CHANNELS = "(ARRAY['call', 'message', 'mail', 'person'])[{}]"
TRIGGERS = ("(ARRAY['case_resolved', 'promise_at_risk', 'promise_broken', 'low_answer', 'churn_risk', 'silence', 'birthday',"
            " 'festival', 'service_due', 'compensation', 'improvement'])[{}]")
PLAN = (f"jsonb_build_object('branch', branch, 'rule', rule, 'trigger', {TRIGGERS.format('trigger')},"
        f" 'channel', {CHANNELS.format('channel')})")
OF_PROMISE = "jsonb_build_object('promise_kind', kind, 'standard', standard)"
BRANCH = "jsonb_build_object('branch', branch)"
# Who only praised us waits for nothing, unless something was promised or the case was opened again. k has the kind.
ASKS = ("(k.kind <> 4 OR EXISTS (SELECT FROM promise q WHERE q.case_number = {0} AND q.state <> 6)"
        " OR EXISTS (SELECT FROM move o WHERE o.case_number = {0} AND o.action = 7))")

# measure: case, instant, count, sum, own dimensions; from there.
QUERIES = {
    "cases": "number, opened_at, 1, 0, '{}' FROM kase",
    "complaints": "number, opened_at, 1, 0, '{}' FROM kase WHERE kind = 2",
    "contacts": "case_number, occurred_at, 1, 0, '{}' FROM said",
    "first_response": f"""number, first_response_at, 1, {US.format('first_response_at - opened_at')},
        jsonb_build_object('staff', (SELECT coalesce(m.staff, '') FROM move m WHERE m.case_number = k.number AND m.is_answer
                                      ORDER BY m.case_version LIMIT 1)) FROM kase k WHERE first_response_at IS NOT NULL""",
    "next_response": f"""a.case_number, a.occurred_at, 1, {US.format('a.occurred_at - t.occurred_at')},
        jsonb_build_object('staff', coalesce(a.staff, ''))
        FROM move a
        JOIN LATERAL (SELECT max(m.case_version) FILTER (WHERE m.is_answer OR m.action IN (8, 10)) AS since,
                             bool_or(m.is_answer) AS was_answered
                        FROM move m WHERE m.case_number = a.case_number AND m.case_version < a.case_version) b ON b.was_answered
        JOIN LATERAL (SELECT occurred_at FROM said s WHERE s.case_number = a.case_number AND s.wants_answer
                         AND s.version > b.since AND s.version <= a.case_version ORDER BY s.version, s.number LIMIT 1) t ON true
        WHERE a.is_answer""",
    "resolution": f"""number, resolved_at, 1, {US.format('resolved_at - opened_at')},
        jsonb_build_object('staff', solver) FROM done""",
    "first_response_working": """k.number, k.first_response_at, 1, sum(p.counted_us)::int8,
        jsonb_build_object('staff', (SELECT coalesce(m.staff, '') FROM move m WHERE m.case_number = k.number AND m.is_answer
                                      ORDER BY m.case_version LIMIT 1))
        FROM kase k JOIN promise p ON p.case_number = k.number AND p.kind = 'first_response' AND p.state IN (3, 4, 8, 9)
        WHERE k.first_response_at IS NOT NULL AND p.counted_us IS NOT NULL
        GROUP BY k.number, k.first_response_at HAVING bool_or(p.state IN (3, 4))""",
    "resolution_working": """d.number, d.resolved_at, 1, sum(p.counted_us)::int8, jsonb_build_object('staff', d.solver)
        FROM done d JOIN promise p ON p.case_number = d.number AND p.kind = 'resolution' AND p.state IN (3, 4, 8, 9)
        WHERE p.counted_us IS NOT NULL GROUP BY d.number, d.resolved_at, d.solver HAVING bool_or(p.state IN (3, 4))""",
    "first_response_in_target": """case_number, decided_at, 1, (state = 3)::int, '{}' FROM promise
        WHERE kind = 'first_response' AND is_decided""",
    "next_response_in_target": """case_number, decided_at, 1, (state = 3)::int, '{}' FROM promise
        WHERE kind = 'next_update' AND is_decided""",
    "resolution_in_target": """case_number, decided_at, 1, (state = 3)::int, '{}' FROM promise
        WHERE kind = 'resolution' AND is_decided""",
    "reopenings": """m.case_number, m.at, 1, 0, jsonb_build_object('staff', coalesce(e.staff, ''))
        FROM move m JOIN LATERAL (SELECT o.staff, o.action FROM move o WHERE o.case_number = m.case_number
                                     AND o.case_version < m.case_version AND o.to_state IN (5, 6)
                                     AND (o.from_state < 5 OR o.action = 6)
                                   ORDER BY o.case_version DESC LIMIT 1) e ON e.action <> 10
        WHERE m.from_state IN (5, 6) AND m.to_state < 5""",
    "escalations": """p.case_number, s.due_at, 1, 0, jsonb_build_object('level', (s.step - 100)::text)
        FROM promise p JOIN intake.promise_step s ON s.bucket = p.bucket AND s.promise_number = p.number WHERE s.step > 100""",
    "backlog": f"""number, opened_at, 1, 0, '{{}}'::jsonb FROM kase k WHERE {ASKS.format('k.number')}
        UNION ALL SELECT 'backlog', case_number, at, CASE WHEN to_state < 5 THEN 1 ELSE -1 END, 0, '{{}}' FROM move k
         WHERE (from_state < 5) <> (to_state < 5) AND {ASKS.format('k.case_number')}""",
    **{f"waited_for_{whose}": f"""d.number, d.resolved_at, 1, coalesce((SELECT sum({US.format('t.till_at - t.from_at')})
            FROM turn t WHERE t.case_number = d.number AND t.whose = '{whose}'), 0)::int8, '{{}}' FROM done d
            JOIN kase k ON k.number = d.number WHERE {ASKS.format('k.number')}"""
       for whose in ("us", "customer", "third_party")},
    "solved_at_first": "number, resolved_at, 1, 0, '{}' FROM fate WHERE is_confirmed AND NOT is_returned",
    "solved_quietly": """number, resolved_at, 1, 0, '{}' FROM fate
        WHERE NOT is_confirmed AND NOT is_denied AND NOT is_returned""",
    "false_solved": """case_number, done_at, 1, 0, '{}' FROM promise
        WHERE kind = 'resolution' AND customer_word = 2 AND done_at IS NOT NULL""",
    "expectations": """d.number, d.resolved_at, 1, (d.resolved_at <= e.expected_at)::int, '{}'
        FROM done d JOIN intake.expectation e ON e.bucket = d.bucket AND e.case_number = d.number
        WHERE NOT e.is_void AND e.expected_at IS NOT NULL AND NOT EXISTS (
              SELECT FROM intake.expectation n WHERE n.bucket = e.bucket AND n.case_number = e.case_number
                 AND n.reference = e.reference AND n.number > e.number AND NOT n.is_void)""",
    "promises_made": f"case_number, made_at, 1, 0, {OF_PROMISE} FROM promise",
    "promises_kept": f"case_number, done_at, 1, 0, {OF_PROMISE} FROM promise WHERE state = 3",
    "promises_kept_late": f"case_number, due_at, 1, 0, {OF_PROMISE} FROM promise WHERE state = 4",
    "promises_broken": f"""case_number, due_at, 1, 0, {OF_PROMISE} || jsonb_build_object('cause',
        coalesce((ARRAY['would_not', 'could_not', 'understood_differently'])[cause], 'untold')) FROM promise WHERE is_broken""",
    "promises_renegotiated": f"case_number, coalesce(told_at, settled_at), 1, 0, {OF_PROMISE} FROM promise WHERE state = 8",
    "promises_renegotiated_late": f"case_number, due_at, 1, 0, {OF_PROMISE} FROM promise WHERE state = 9",
    "promises_waived": f"case_number, coalesce(told_at, settled_at), 1, 0, {OF_PROMISE} FROM promise WHERE state = 7",
    "promises_at_risk": f"""case_number, (SELECT min(s.due_at) FROM intake.promise_step s
            WHERE s.bucket = p.bucket AND s.promise_number = p.number AND s.step = 80), 1, 0, {OF_PROMISE} FROM promise p
        WHERE EXISTS (SELECT FROM intake.promise_step s
                       WHERE s.bucket = p.bucket AND s.promise_number = p.number AND s.step = 80)""",
    "promise_lateness": f"case_number, due_at, 1, {US.format('done_at - due_at')}, {OF_PROMISE} FROM promise WHERE state = 4",
    "promise_forecasts": f"""case_number, decided_at, 1, (state = 3)::int, {OF_PROMISE} || jsonb_build_object('chance',
        '0.' || least(floor(chance * 10), 9)) FROM promise WHERE is_decided AND chance IS NOT NULL""",
    "promise_forecast_chance": f"""case_number, decided_at, 1, round(chance * 1000000)::int8, {OF_PROMISE} ||
        jsonb_build_object('chance', '0.' || least(floor(chance * 10), 9)) FROM promise
        WHERE is_decided AND chance IS NOT NULL""",
    "promise_forecast_error": f"""case_number, decided_at, 1, round(1000000 * (chance - (state = 3)::int) ^ 2)::int8, {OF_PROMISE} ||
        jsonb_build_object('chance', '0.' || least(floor(chance * 10), 9)) FROM promise
        WHERE is_decided AND chance IS NOT NULL""",
    "word_confirmed": f"case_number, decided_at, 1, 0, {OF_PROMISE} FROM promise WHERE is_decided AND customer_word = 1",
    "word_denied": f"case_number, decided_at, 1, 0, {OF_PROMISE} FROM promise WHERE is_decided AND customer_word = 2",
    "word_against_ours": f"case_number, done_at, 1, 0, {OF_PROMISE} FROM promise WHERE state = 3 AND customer_word = 2",
    "target_used": f"""case_number, decided_at, 1, least(floor(counted_us::float8 / target_us * 1000000 + 0.5), 1e12)::int8, {OF_PROMISE}
        FROM promise WHERE state IN (3, 4) AND counted_us IS NOT NULL AND target_us > 0""",
    "compensations": """x.case_number, x.occurred_at, 1, coalesce(x.amount_minor, 0), jsonb_build_object('currency',
        coalesce(x.currency, '')) FROM intake.compensation x JOIN promise p ON p.number = x.promise_number WHERE NOT x.is_void""",
    "csat": f"case_number, occurred_at, 1, value, {BRANCH} || jsonb_build_object('answer', value::text) FROM mark WHERE instrument = 1",
    "csat_squares": f"case_number, occurred_at, 1, value * value, {BRANCH} FROM mark WHERE instrument = 1",
    "csat_satisfied": f"case_number, occurred_at, 1, 0, {BRANCH} FROM mark WHERE instrument = 1 AND value >= 4",
    **{f"nps_{name}": f"""case_number, occurred_at, 1, 0, {BRANCH} || jsonb_build_object('answer', value::text) FROM mark
            WHERE instrument = 2 AND value BETWEEN {low} AND {high}"""
       for name, low, high in (("promoters", 9, 10), ("passives", 7, 8), ("detractors", 0, 6))},
    "ces": f"case_number, occurred_at, 1, value, {BRANCH} || jsonb_build_object('answer', value::text) FROM mark WHERE instrument = 3",
    "ces_squares": f"case_number, occurred_at, 1, value * value, {BRANCH} FROM mark WHERE instrument = 3",
    "ces_easy": f"case_number, occurred_at, 1, 0, {BRANCH} FROM mark WHERE instrument = 3 AND value >= 5",
    **{f"servqual_{name}": f"""case_number, occurred_at, 1, {number}, {BRANCH} || jsonb_build_object('servqual', servqual,
            'question', 'item/' || item, 'answer', servqual || '/' || perception) FROM item WHERE {number} IS NOT NULL"""
       for name, number in (("gap", "perception - expectation"), ("expectation", "expectation"), ("perception", "perception"),
                            ("gap_squares", "(perception - expectation) * (perception - expectation)"))},
    "own_answers": f"""case_number, occurred_at, 1, value, {BRANCH} || jsonb_build_object('question', question) FROM answer
        WHERE instrument = 5 AND value IS NOT NULL""",
    "peak_end": """case_number, (array_agg(occurred_at ORDER BY occurred_at DESC, number DESC))[1], 1,
        round(((array_agg(felt ORDER BY abs(felt) DESC, occurred_at DESC, number DESC))[1]
             + (array_agg(felt ORDER BY occurred_at DESC, number DESC))[1]) / 2 * 1000)::int8, '{}'
        FROM mark WHERE case_number IS NOT NULL GROUP BY case_number HAVING count(*) > 1""",
    "low_answers": f"case_number, occurred_at, 1, 0, {BRANCH} FROM mark WHERE is_low",
    "follow_ups_planned": f"NULL::int8, planned_at, 1, 0, {PLAN} FROM plan",
    "follow_ups_due": f"NULL::int8, due_at, 1, 0, {PLAN} FROM plan",
    **{f"follow_ups_{name}": f"NULL::int8, due_at, 1, 0, {PLAN} || jsonb_build_object('reason', reason) FROM plan WHERE state = {state}"
       for name, state in (("done", 4), ("missed", 5), ("suppressed", 6), ("failed", 7), ("listed", 8), ("merged", 9))},
    **{f"calls_{name}": f"""NULL::int8, coalesce(t.ended_at, t.finished_at), 1, 0, jsonb_build_object('branch', f.branch,
            'rule', f.rule, 'trigger', {TRIGGERS.format('f.trigger')}, 'channel', {CHANNELS.format('t.channel')})
            FROM followup.follow_up_attempt t JOIN followup.follow_up f ON f.bucket = t.bucket AND f.number = t.follow_up_number
            WHERE t.outcome IN ({outcomes})"""
       for name, outcomes in (("placed", "1, 2, 3, 4, 5, 6, 8, 9, 10, 11"), ("reached", "1, 5, 8, 10"))},
    "follow_up_lateness": f"NULL::int8, due_at, 1, {US.format('tried_at - due_at')}, {PLAN} FROM plan WHERE tried_at IS NOT NULL",
    "follow_up_answers": f"""a.case_number, a.occurred_at, 1, 0, jsonb_build_object('branch', a.branch, 'rule', f.rule,
        'trigger', {TRIGGERS.format('f.trigger')}, 'channel', {CHANNELS.format('f.channel')})
        FROM answer a JOIN followup.follow_up f ON f.number = a.follow_up_number""",
    "purchases": "NULL::int8, occurred_at, 1, 0, jsonb_build_object('branch', branch, 'product', product) FROM intake.purchase WHERE NOT is_void",
    "revenue": """NULL::int8, occurred_at, 1, amount_minor, jsonb_build_object('branch', branch, 'currency', currency)
        FROM intake.purchase WHERE NOT is_void""",
    "refunds": """NULL::int8, occurred_at, 1, amount_minor, jsonb_build_object('branch', branch, 'currency', currency)
        FROM intake.refund WHERE NOT is_void""",
    **{f"tier_{name}": f"""NULL::int8, coalesce(occurred_at, at), 1, 0, jsonb_build_object('move', loyalty.tier_name(before) || '>' ||
        loyalty.tier_name(after)) FROM loyalty.standing_history WHERE what = 1 AND after {way} before"""
       for name, way in (("up", ">"), ("down", "<"))},
    **{f"index_{name}": f"""NULL::int8, coalesce(occurred_at, at), 1, abs(after_hundredths - before_hundredths), jsonb_build_object('reason',
        reason) FROM loyalty.score_history WHERE after_hundredths {way} before_hundredths"""
       for name, way in (("rose", ">"), ("fell", "<"))},
    "churn_raised": """NULL::int8, coalesce(occurred_at, at), 1, 0, jsonb_build_object('move', (ARRAY['low', 'raised', 'high'])[before] || '>' ||
        (ARRAY['low', 'raised', 'high'])[after]) FROM loyalty.standing_history WHERE what = 2 AND after > before""",
    "trust_broken": "NULL::int8, coalesce(occurred_at, at), 1, 0, '{}' FROM loyalty.standing_history WHERE what = 3 AND after > before",
}

CASES = """
    SELECT k.number, k.branch, k.channel, k.owner_team AS team, k.category, k.product, k.priority::text,
           (ARRAY['enquiry', 'complaint', 'request', 'praise'])[k.kind] AS contact_kind,
           (SELECT loyalty.tier_name(h.after) FROM loyalty.standing_history h WHERE h.bucket = k.bucket
               AND h.customer_number = k.customer_number AND h.what = 1 AND h.at <= k.opened_at
             ORDER BY h.version DESC LIMIT 1) AS tier,
           coalesce((SELECT nullif(m.staff, '') FROM (SELECT staff FROM move WHERE case_number = k.number AND is_answer
                                                       ORDER BY case_version LIMIT 1) m
                      WHERE k.first_response_at IS NOT NULL),
                    (SELECT m.staff FROM move m WHERE m.case_number = k.number AND m.action = 6 AND k.resolved_at IS NOT NULL
                      ORDER BY m.case_version DESC LIMIT 1), '') AS staff
      FROM kase k"""


def read_json(system, prelude, *questions):
    """The rows of all of them: one psql for many, because starting it takes longer than most answers."""
    sql = ";\n".join([prelude, *(f"SELECT row_to_json(x) FROM ({one}) AS x" for one in questions)])
    return [json.loads(line) for line in system.psql(sql).splitlines()]


def read_facts(system, window="7 days", zone="Asia/Shanghai", measures=None):
    rows = read_json(system, TABLES.replace("{window}", window), CASES, *(f"""
        SELECT measure, case_number, (at AT TIME ZONE '{zone}')::date AS day, n, s, own FROM (
            SELECT '{measure}' AS measure, {QUERIES[measure]}) AS q (measure, case_number, at, n, s, own)"""
                                                                          for measure in measures or QUERIES))
    cases = {row.pop("number"): row for row in rows if "measure" not in row}
    for row in rows:
        if "measure" not in row:
            continue
        own = json.loads(row["own"]) if isinstance(row["own"], str) else row["own"]
        own = {name: value or "" for name, value in own.items()}
        of_case = cases.get(row["case_number"])
        if of_case is not None:  # an answer has a branch of its own, which counts without a case alone
            own.pop("branch", None)
            own = {**{name: value or "" for name, value in of_case.items()}, **own}
        yield Fact(row["measure"], row["day"], row["n"], row["s"], own)


def add_up(facts):
    """What the rows must be: {Key: [count, sum, values]}."""
    rows = {}
    for fact in facts:
        measure = BY_NAME[fact.measure]
        is_money = "currency" in measure.dimensions
        for dimension in measure.dimensions:
            value = "" if dimension == "all" else fact.values.get(dimension, "")
            branches = {"", "" if dimension == "branch" else fact.values.get("branch", "")}
            for branch in branches:
                row = rows.setdefault(Key(fact.measure, dimension, branch, fact.day, value), [0, 0, []])
                row[0] += fact.n
                if measure.form != "COUNT" and (not is_money or dimension == "currency"):
                    row[1] += fact.s
                if measure.form in ("DURATION", "RATIO"):
                    row[2].append(fact.s)
    return {key: row for key, row in rows.items() if row[0] or row[1] or row[2]}


def exact_quantile(values, q):
    return sorted(values)[int(q * (len(values) - 1))]


def compare(key, wanted, found):
    """A line that says what is wrong, or None."""
    count, total, values = wanted or (0, 0, [])
    found = found or Sum()
    if (count, total, len(values)) != (found.count, found.total, found.values()):
        return f"{key}: facts {count}, {total}, {len(values)}; figures {found.count}, {found.total}, {found.values()}"
    for q in (0.5, 0.9):
        if values and abs(found.quantile(q) - exact_quantile(values, q)) > QUANTILE_ERROR * exact_quantile(values, q):
            return f"{key}: {q} is {exact_quantile(values, q)}, the figures say {found.quantile(q)}"
    return None


def by_day(rows, day_of):
    found = {}
    for key, (count, total, values) in rows.items():
        row = found.setdefault(key._replace(day=day_of(key)), [0, 0, []])
        row[0] += count
        row[1] += total
        row[2] += values
    return {key: row for key, row in found.items() if row[0] or row[1] or row[2]}


def differences(system, window="7 days", zone="Asia/Shanghai", measures=None):
    wanted = add_up(read_facts(system, window, zone, measures))
    asked = set(measures or QUERIES)
    wrong = []
    for table, rows in (("daily_fact", by_day(wanted, lambda key: key.day)),
                        ("monthly_fact", by_day(wanted, lambda key: key.day[:8] + "01"))):
        found = {}
        for key, one in read_rows(system, table).items():
            if key.measure in asked:
                found.setdefault(key, Sum()).add(one)
        lines = (compare(key, rows.get(key), found.get(key)) for key in sorted(set(rows) | set(found)))
        wrong += [f"{table} {line}" for line in lines if line]
    return wrong


def check(system, **how):
    """Fails unless all figures are those of the facts. Returns how many rows were compared."""
    wrong = differences(system, **how)
    assert not wrong, f"{len(wrong)} figures are wrong:\n" + "\n".join(wrong[:40])
    return int(system.psql("SELECT count(*) FROM reporting.daily_fact"))


assert set(QUERIES) == {measure.name for measure in MEASURES.values()}, "a measure without a query"
assert DIMENSIONS[0] == "all"
