# SPDX-License-Identifier: Apache-2.0
"""Loyalty's sums, made again from its evidence by SQL alone: an oracle that shares no code with the service.

check_sums() compares loyalty.score_sum and loyalty.group_trust with what the newest versions of all
things say under loyalty.sum_policy.
"""

# What each thing adds to which measure: (bucket, customer_number, measure, at, weight, value).
SHARES = """
newest AS MATERIALIZED (
    SELECT DISTINCT ON (bucket, customer_number, kind, subject, part) *
      FROM loyalty.score_evidence
     ORDER BY bucket, customer_number, kind, subject, part, version DESC),
policy AS (
    SELECT max(value) FILTER (WHERE name = 'broken_weight') AS broken_weight,
           max(value) FILTER (WHERE name = 'word_weight') AS word_weight,
           max(value) FILTER (WHERE name = 'late_zero') AS late_zero,
           ARRAY[max(value) FILTER (WHERE name = 'cause_would_not'), max(value) FILTER (WHERE name = 'cause_could_not'),
                 max(value) FILTER (WHERE name = 'cause_understood_differently')] AS causes
      FROM loyalty.sum_policy),
ended AS (
    SELECT p.bucket, p.customer_number, p.at, p.branch, p.team, p.label, w.value AS word, c.value AS cause,
           CASE WHEN w.value < 0 THEN 'broken' WHEN p.value = 4 THEN 'late'
                WHEN p.value IN (5, 9) AND w.value IS NULL THEN 'broken' ELSE 'kept' END AS ended,
           CASE WHEN p.due_at > p.made_at AND p.done_at IS NOT NULL
                THEN least(greatest(extract(epoch FROM p.done_at - p.due_at)::float8
                                    / extract(epoch FROM p.due_at - p.made_at)::float8, 0), 100) END AS lateness
      FROM newest AS p
      LEFT JOIN newest AS w ON w.bucket = p.bucket AND w.customer_number = p.customer_number AND w.subject = p.subject
       AND w.kind = 6 AND NOT w.is_void
      LEFT JOIN newest AS c ON c.bucket = p.bucket AND c.customer_number = p.customer_number AND c.subject = p.subject
       AND c.kind = 7 AND NOT c.is_void
     WHERE p.kind = 1 AND NOT p.is_void AND p.value IN (3, 4, 5, 9)),
promises AS (
    SELECT e.*,
           CASE ended WHEN 'broken' THEN broken_weight * CASE WHEN cause > 0 THEN causes[cause] ELSE 1 END ELSE 1 END
           * CASE WHEN word IS NULL THEN 1 ELSE word_weight END AS weight,
           CASE ended WHEN 'broken' THEN -1 WHEN 'kept' THEN 1
                ELSE greatest(CASE WHEN word IS NULL THEN -1 ELSE 0 END, coalesce(1 - lateness / late_zero, 0)) END AS grade
      FROM ended AS e CROSS JOIN policy),
answers AS ( -- about cases, from -1 to 1, in the order in which they were felt
    SELECT bucket, customer_number, case_number, at, value_of AS felt,
           row_number() OVER (PARTITION BY bucket, customer_number, case_number ORDER BY at DESC, kind DESC, subject DESC) AS from_end,
           row_number() OVER (PARTITION BY bucket, customer_number, case_number
                              ORDER BY abs(value_of) DESC, at DESC, kind DESC, subject DESC) AS from_peak
      FROM (SELECT *, CASE kind WHEN 4 THEN (value - 4) / 3.0::float8 ELSE (value - 3) / 2.0::float8 END AS value_of
              FROM newest WHERE kind IN (2, 4) AND NOT is_void AND case_number IS NOT NULL) AS felt),
shares (bucket, customer_number, measure, at, weight, value) AS (
    SELECT bucket, customer_number, 1, at, weight, grade FROM promises
     UNION ALL SELECT bucket, customer_number, 2, at, 1, coalesce(lateness, 0) FROM promises WHERE ended = 'late'
     UNION ALL SELECT bucket, customer_number, 3, at, 1, 1 FROM promises WHERE ended = 'broken'
     UNION ALL SELECT bucket, customer_number, 4, at, 1, value FROM newest WHERE kind = 2 AND NOT is_void AND case_number IS NULL
     UNION ALL SELECT bucket, customer_number, 5, max(at), 1,
                      (sum(felt) FILTER (WHERE from_end = 1) + sum(felt) FILTER (WHERE from_peak = 1)) / 2
                 FROM answers GROUP BY bucket, customer_number, case_number
     UNION ALL SELECT bucket, customer_number, 6, at, 1, (value >= 9)::int - (value <= 6)::int FROM newest
                WHERE kind = 3 AND NOT is_void
     UNION ALL SELECT bucket, customer_number, CASE WHEN value >= 9 THEN 7 ELSE 8 END, at, 1, 1 FROM newest
                WHERE kind = 3 AND NOT is_void AND (value >= 9 OR value <= 6)
     UNION ALL SELECT bucket, customer_number, 9, at, 1, value FROM newest WHERE kind = 4 AND NOT is_void
     UNION ALL SELECT bucket, customer_number, 9 + dimension, at, 1, value - expectation FROM newest
                WHERE kind = 5 AND NOT is_void AND value > 0 AND expectation > 0
     UNION ALL SELECT bucket, customer_number, 15, at, 1, 1 FROM newest WHERE kind = 8 AND NOT is_void AND value = 1
     UNION ALL SELECT bucket, customer_number, 16, at, 1, value FROM newest WHERE kind = 2 AND NOT is_void
     UNION ALL SELECT bucket, customer_number, kind + 8, at, 1, value FROM newest WHERE kind IN (9, 10) AND NOT is_void)"""

# PostgreSQL knows nothing of what WITH makes, and would go through 100,000 rows once for each of 10,000.
NO_STATISTICS = "SET enable_nestloop = off;"
FORWARD = "power(2, extract(epoch FROM {at} - timestamptz '2020-01-01Z')::float8 * 1e6 / {half_life})"
DIFFER = "abs({0} - {1}) > 1e-8 * greatest(abs({0}), abs({1}), {2})"


def _differ(left, right, scale):
    return DIFFER.format(left, right, scale)


WRONG_SUMS = f"""
WITH {SHARES},
made AS (
    SELECT s.bucket, s.customer_number, s.measure, count(*) AS count, sum(s.weight * f.forward) AS weight,
           sum(s.weight * f.forward * s.value) AS value, sum(s.weight * f.forward * abs(s.value)) AS size
      FROM shares AS s JOIN loyalty.sum_policy AS p ON p.measure = s.measure
     CROSS JOIN LATERAL (SELECT {FORWARD.format(at="s.at", half_life="p.value")}) AS f (forward)
     GROUP BY s.bucket, s.customer_number, s.measure)
SELECT customer_number, measure, m.count, s.count, m.weight, s.weight, m.value, s.value
  FROM made AS m FULL JOIN (SELECT * FROM loyalty.score_sum WHERE (count, weight, value) <> (0, 0, 0)) AS s
 USING (bucket, customer_number, measure)
 WHERE m.count IS DISTINCT FROM s.count OR {_differ("m.weight", "s.weight", "0")} OR {_differ("m.value", "s.value", "greatest(m.size, m.weight)")}
 ORDER BY 1, 2 LIMIT 20"""

WRONG_GROUPS = f"""
WITH {SHARES},
members AS (
    SELECT p.*, g.grouping, g.name
      FROM promises AS p CROSS JOIN LATERAL (VALUES (1, ''), (2, p.branch), (3, p.team), (4, p.label)) AS g (grouping, name)
     WHERE g.name IS NOT NULL AND (g.grouping = 1 OR g.name <> '')),
made AS (
    SELECT m.bucket, m.grouping, m.name, count(*) FILTER (WHERE m.ended = 'kept') AS kept,
           count(*) FILTER (WHERE m.ended = 'late') AS late, count(*) FILTER (WHERE m.ended = 'broken') AS broken,
           sum(m.weight * f.forward) AS weight, sum(m.weight * f.forward * m.grade) AS value
      FROM members AS m JOIN loyalty.sum_policy AS p ON p.measure = 1
     CROSS JOIN LATERAL (SELECT {FORWARD.format(at="m.at", half_life="p.value")}) AS f (forward)
     GROUP BY m.bucket, m.grouping, m.name)
SELECT bucket, grouping, name, m.kept, g.kept, m.late, g.late, m.broken, g.broken, m.weight, g.weight, m.value, g.value
  FROM made AS m FULL JOIN (SELECT * FROM loyalty.group_trust WHERE (kept, late, broken, weight, value) <> (0, 0, 0, 0, 0)) AS g
 USING (bucket, grouping, name)
 WHERE (m.kept, m.late, m.broken) IS DISTINCT FROM (g.kept, g.late, g.broken)
    OR {_differ("m.weight", "g.weight", "0")} OR {_differ("m.value", "g.value", "m.weight")}
 ORDER BY 1, 2, 3 LIMIT 20"""


def check_sums(system):
    """Raises with the rows that differ. Returns how many sums there are."""
    wrong = system.psql(NO_STATISTICS + WRONG_SUMS)
    assert wrong == "", f"sums (customer, measure; made again and stored: count, weight, value):\n{wrong}"
    wrong = system.psql(NO_STATISTICS + WRONG_GROUPS)
    assert wrong == "", f"groups (bucket, grouping, name; made again and stored):\n{wrong}"
    return int(system.psql("SELECT count(*) FROM loyalty.score_sum WHERE count > 0"))
