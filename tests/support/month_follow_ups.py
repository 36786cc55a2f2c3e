# SPDX-License-Identifier: Apache-2.0
"""What must be true of every follow-up and every order of a month, asked of the tables by SQL that shares nothing with our
code. Each question of NEVER finds what must not be; "again" is the schema of month_sql.py.

The numbers are those of proto/intake.proto and proto/event.proto:
  states of follow-ups 1 planned, 4 done, 5 missed, 6 suppressed, 7 failed, 8 listed, 9 merged
  states of attempts   3 finished, 4 barred: never dialed, 5 unknown: a person never said how it went
  outcomes             1 answered, 5 refused, 7 failed, 8 partly answered, 10 call back, 12 invalid number, 13 sent
  purposes             1 service call, 2 survey, 3 greeting, 4 marketing
  channels             1 call, 2 message, 3 mail, 4 a person
  triggers             7 birthday
"""

# The limits of deploy/config/followups.conf, and the usual zone.
ZONE = "coalesce(nullif(c.time_zone, ''), 'Asia/Shanghai')"

TABLES = """
CREATE TABLE again.tried AS
SELECT a.*, f.rule, f.trigger, f.purpose, f.case_number, f.subject, f.local_due, f.window_end_at, f.due_at,
       a.ordered_at AT TIME ZONE {zone} AS local_at, (a.ordered_at AT TIME ZONE 'UTC')::date AS day,
       -- The customer had asked to be called again, at a time or later.
       lag(a.outcome, 1, 0::smallint) OVER (PARTITION BY a.bucket, a.follow_up_number ORDER BY a.attempt) = 10 AS is_asked
  FROM followup.follow_up_attempt AS a
  JOIN followup.follow_up AS f ON (f.bucket, f.number) = (a.bucket, a.follow_up_number)
  JOIN intake.customer_public AS c ON (c.bucket, c.number) = ((a.customer_number & 255)::smallint, a.customer_number)
 WHERE a.state <> 4 AND NOT (coalesce(a.outcome, 0) = 7 AND starts_with(a.dialer, 'person/')); -- given up, without a call
CREATE INDEX ON again.tried (customer_number, ordered_at);

-- When a case was open, as far as was known.
CREATE TABLE again.open_case AS
SELECT c.number, c.customer_number, c.kind, moved.since, coalesce(moved.till, 'infinity') AS till
  FROM intake.service_case AS c
  JOIN LATERAL (
      SELECT state, since, lead(since) OVER (ORDER BY version) AS till
        FROM (SELECT 1 AS state, o.received_at AS since, 0 AS version FROM intake.contact AS o
               WHERE (o.bucket, o.number) = (c.bucket, c.opened_by)
               UNION ALL SELECT e.to_state, e.received_at, e.version FROM again.event AS e WHERE e.case_number = c.number) AS e
  ) AS moved ON moved.state BETWEEN 1 AND 4;

-- The months of the Chinese calendar that the stories lie in, by their first days (the new moons at 120 degrees east).
CREATE TABLE again.moon (month int, leap bool, first date, days int);
INSERT INTO again.moon VALUES (12, false, '2026-01-19', 29), (1, false, '2026-02-17', 30), (9, false, '2026-10-10', 30),
                              (10, false, '2026-11-09', 30);
""".format(zone=ZONE)


def budget(limit, days, subject):
    """Orders that made it more than the limit to one subject within so many days (UTC). A call that the customer asked
    for counts, but no limit keeps it from being made."""
    return f"""
        SELECT t.order_key, t.{subject}, t.ordered_at, count(*) FROM again.tried AS t
          JOIN again.tried AS s ON s.{subject} = t.{subject} AND s.day BETWEEN t.day - {days - 1} AND t.day
           AND (s.ordered_at < t.ordered_at OR s.ordered_at = t.ordered_at AND s.order_key <= t.order_key AND NOT s.is_asked)
         WHERE NOT t.is_asked
         GROUP BY t.order_key, t.{subject}, t.ordered_at HAVING count(*) > {limit}"""


NEVER = {
    "somebody is called outside 09:00 to 20:30 of the own zone": """
        SELECT order_key, local_at FROM again.tried WHERE local_at::time < '09:00' OR local_at::time >= '20:30'""",
    "somebody is tried more than once a day": budget(1, 1, "customer_number"),
    "somebody is tried more than three times a week": budget(3, 7, "customer_number"),
    "somebody is tried more than six times a month": budget(6, 30, "customer_number"),
    "a number is tried more than four times a week": budget(4, 7, "number_handle"),
    "an order is written before it is due or after its window": """
        SELECT order_key, due_at, ordered_at, window_end_at FROM again.tried
         WHERE (ordered_at < due_at - interval '2 days' OR ordered_at >= window_end_at)
           -- People also call about what is listed because its window passed.
           AND NOT starts_with(dialer, 'person/')""",
    "who has an open complaint gets a greeting, a survey or an offer": """
        SELECT t.order_key, t.purpose, x.number, x.since, t.ordered_at, x.till FROM again.tried AS t
          JOIN again.open_case AS x ON x.kind = 2 AND x.customer_number = t.customer_number AND x.number IS DISTINCT FROM t.case_number
           AND x.since < t.ordered_at AND t.ordered_at < x.till
         WHERE t.purpose > 1""",
    "who waits for a broken promise gets a greeting, a survey or an offer": """
        SELECT t.order_key, t.purpose, p.number, o.due_at, t.ordered_at FROM again.tried AS t
          JOIN intake.promise_public AS p ON p.customer_number = t.customer_number AND NOT p.is_void
          JOIN again.outcome AS o ON o.number = p.number AND o.state IN (4, 5)
           AND o.due_at <= t.ordered_at AND coalesce(o.done_received, 'infinity') > t.ordered_at
         WHERE t.purpose > 1 AND p.state = 5 AND p.settled_at <= t.ordered_at
           -- What the standard promised about a case is past once the case is resolved.
           AND (p.standard_id = 0 OR EXISTS (SELECT FROM again.open_case AS x WHERE x.number = p.case_number
                                              AND x.since < t.ordered_at AND t.ordered_at < x.till))""",
    "a birthday is called on another day": """
        SELECT f.number, f.local_due, c.birth_month, c.birth_day, c.birth_is_lunar FROM followup.follow_up AS f
          JOIN intake.customer_public AS c ON (c.bucket, c.number) = (f.bucket, f.customer_number)
          LEFT JOIN again.moon AS m ON c.birth_is_lunar AND m.month = c.birth_month
         WHERE f.trigger = 7 AND (f.local_due::date <> CASE WHEN c.birth_is_lunar
               THEN m.first + least(c.birth_day::int, m.days) - 1
               ELSE make_date(extract(year FROM f.local_due)::int, c.birth_month, c.birth_day) END
               OR EXISTS (SELECT FROM again.tried AS t WHERE t.follow_up_number = f.number AND t.local_at::date <> f.local_due::date))""",
    "a birthday within the story is forgotten": """
        SELECT c.number, day
          FROM intake.customer_public AS c, (SELECT min(planned_at)::date + 3 AS since FROM followup.follow_up) AS story,
               generate_series(story.since, log.now()::date - 1, '1 day') AS day
         WHERE NOT c.birth_is_lunar AND (c.birth_month, c.birth_day) = (extract(month FROM day), extract(day FROM day))
           AND c.first_seen_at < day - interval '2 days' AND c.merged_into IS NULL
           AND NOT EXISTS (SELECT FROM followup.follow_up AS f WHERE f.customer_number = c.number AND f.trigger = 7
                              AND f.local_due::date = day)""",
    "an attempt has no order, or two": """
        SELECT f.number, f.attempts, count(a.*), min(a.attempt), max(a.attempt) FROM followup.follow_up AS f
          LEFT JOIN followup.follow_up_attempt AS a ON (a.bucket, a.follow_up_number) = (f.bucket, f.number)
         GROUP BY f.bucket, f.number HAVING count(a.*) <> f.attempts OR max(a.attempt) IS DISTINCT FROM nullif(f.attempts, 0)
             OR count(DISTINCT a.order_key) <> f.attempts""",
    "an order is left without an outcome": """
        SELECT order_key, state, ordered_at FROM followup.follow_up_attempt
         WHERE state NOT IN (3, 4) AND NOT (state = 5 AND starts_with(dialer, 'person/'))""",
    "something ended without a reason or an instant": """
        SELECT number, state FROM followup.follow_up WHERE state > 3 AND (reason = '' OR settled_at IS NULL)""",
    "something is late and nothing says why": """
        SELECT number, rule, due_at FROM followup.follow_up AS f
         WHERE state <= 3 AND due_at < log.now() - interval '1 hour' AND reason = '' AND attempts = 0
           -- What a person calls about waits for whoever looks at the worklist.
           AND NOT (channel = 4 AND due_at > log.now() - interval '9 hours')""",
    "something is put off to an earlier instant or without a reason": """
        SELECT * FROM followup.follow_up_step WHERE step = 'deferred' AND (reason = '' OR until_at IS NULL OR until_at <= at)""",
    "a call covers what is not its customer's": """
        SELECT f.number, f.merged_into FROM followup.follow_up AS f
          JOIN followup.follow_up AS l ON (l.bucket, l.number) = ((f.merged_into & 255)::smallint, f.merged_into)
          JOIN intake.customer_public AS c ON (c.bucket, c.number) = (f.bucket, f.customer_number)
          JOIN intake.customer_public AS d ON (d.bucket, d.number) = (l.bucket, l.customer_number)
         WHERE f.state = 9 AND coalesce(c.merged_into, c.number) <> coalesce(d.merged_into, d.number)""",
    "what was merged is covered by a call that never was": """
        SELECT f.number, l.number, l.state, l.reason FROM followup.follow_up AS f
          JOIN followup.follow_up AS l ON (l.bucket, l.number) = ((f.merged_into & 255)::smallint, f.merged_into)
         WHERE f.state = 9 AND l.state IN (5, 6) AND l.attempts = 0 AND f.window_end_at > log.now()""",
    "one occurrence is planned twice": """
        SELECT topic, subject, occurrence, count(*) FROM followup.follow_up GROUP BY 1, 2, 3 HAVING count(*) > 1""",
}

# The table of `troth followups --by-rule`, counted by ourselves.
BY_RULE = """
    SELECT rule, count(*) AS planned, count(*) FILTER (WHERE state = 9) AS merged, count(*) FILTER (WHERE state = 6) AS suppressed,
           count(*) FILTER (WHERE state = 5) AS missed, count(*) FILTER (WHERE state = 7) AS failed,
           count(*) FILTER (WHERE state = 8) AS listed, count(*) FILTER (WHERE state < 4) AS open,
           count(*) FILTER (WHERE number IN (SELECT follow_up_number FROM again.tried WHERE outcome NOT IN (7, 12, 13))) AS called,
           count(*) FILTER (WHERE number IN (SELECT follow_up_number FROM again.tried WHERE outcome IN (1, 5, 8, 10))) AS reached,
           count(*) FILTER (WHERE number IN (SELECT follow_up_number FROM again.tried WHERE outcome = 13)) AS sent,
           count(*) FILTER (WHERE number IN (SELECT follow_up_number FROM followup.follow_up_step WHERE step = 'deferred')) AS deferred
      FROM followup.follow_up GROUP BY rule ORDER BY rule"""
