# SPDX-License-Identifier: Apache-2.0
"""What became of every promise, computed a second time by SQL: from the events of cases, the hours of calendars
(standard_tables.py) and nothing that intake derived itself. It fills the schema "again".

The numbers are those of proto/intake.proto and proto/event.proto:
  actions of cases     1 responded, 3 asked the customer, 6 resolved, 7 reopened, 8 closed, 9 reclassified, 10 merged
  states of cases      3 waiting for the customer
  states of promises   1 open, 2 at risk, 3 kept, 4 kept late, 5 broken, 6 withdrawn
  contact kinds        4 praise: closing it answers nobody
"""

# The instants at which any calendar is open, from weekly hours and special days.
HOURS = """
CREATE TABLE again.opened AS
WITH days AS (
    SELECT day::date FROM again.span, generate_series(span.since::date - 2, span.till::date, '1 day') AS day)
SELECT c.standard, c.name AS calendar,
       range_agg(tstzrange((d.day + h.begins * interval '1 minute') AT TIME ZONE c.zone,
                           (d.day + h.ends * interval '1 minute') AT TIME ZONE c.zone)) AS hours
  FROM again.calendar AS c CROSS JOIN days AS d
  JOIN LATERAL (
      SELECT s.begins, s.ends FROM again.special AS s
       WHERE (s.standard, s.calendar, s.day) = (c.standard, c.name, d.day) AND s.begins IS NOT NULL
       UNION ALL
      SELECT w.begins, w.ends FROM again.weekly AS w
       WHERE (w.standard, w.calendar, w.isodow) = (c.standard, c.name, extract(isodow FROM d.day))
         AND NOT EXISTS (SELECT FROM again.special AS s
                          WHERE (s.standard, s.calendar, s.day) = (c.standard, c.name, d.day))) AS h ON true
 GROUP BY c.standard, c.name
 UNION ALL
SELECT r.standard, '24x7', tstzmultirange(tstzrange(span.since, span.till))
  FROM (SELECT DISTINCT standard FROM again.rule) AS r, again.span;

-- What a rule promises at a branch: "branch" is the calendar that lists it, or else the one of all branches.
CREATE FUNCTION again.calendar_of(p_standard int, p_calendar text, p_branch text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_calendar <> 'branch' THEN p_calendar
                ELSE coalesce((SELECT calendar FROM again.branch WHERE standard = p_standard AND branch = p_branch),
                              (SELECT calendar FROM again.branch WHERE standard = p_standard AND branch = '*'), '24x7') END
$$;
CREATE FUNCTION again.us(p_span interval) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT (extract(epoch FROM p_span) * 1000000)::bigint
$$;
"""

EVENTS = """
CREATE TABLE again.event AS
SELECT e.case_number, e.number, e.case_version AS version, e.action, e.from_state, e.to_state, e.occurred_at, e.received_at,
       e.standard_id, k.rule_before, k.rule_after, k.standard_id_before, k.standard_id_after, k.owner_team_before,
       k.owner_team_after
  FROM intake.case_event AS e LEFT JOIN intake.case_class AS k ON (k.bucket, k.number) = (e.bucket, e.number)
 WHERE NOT e.is_void;
CREATE INDEX ON again.event (case_number, version);

-- When a case waited for its customer, and by which changes of the case that is known.
CREATE TABLE again.wait AS
SELECT case_number, occurred_at AS since, coalesce(next_at, 'infinity') AS till, version AS since_version,
       coalesce(next_version, 2147483647) AS till_version
  FROM (SELECT case_number, to_state, occurred_at, version,
               lead(occurred_at) OVER (PARTITION BY case_number ORDER BY version) AS next_at,
               lead(version) OVER (PARTITION BY case_number ORDER BY version) AS next_version
          FROM again.event WHERE (from_state = 3) <> (to_state = 3)) AS moved
 WHERE to_state = 3;
CREATE INDEX ON again.wait (case_number);
"""

# What began each promise, and the first thing that ended it.
PROMISES = """
CREATE TABLE again.made AS
SELECT p.number, p.case_number, p.kind, p.is_due_fixed AS is_date, p.made_at, p.made_by, c.branch, c.kind AS contact_kind,
       coalesce(e.version, s.case_version, 0) AS version, e.action AS made_action,
       coalesce(e.received_at, s.received_at, o.received_at) AS made_received
  FROM intake.promise AS p
  JOIN intake.service_case AS c ON (c.bucket, c.number) = (p.bucket, p.case_number)
  JOIN intake.contact AS o ON (o.bucket, o.number) = (c.bucket, c.opened_by)
  LEFT JOIN again.event AS e ON e.number = p.made_by
  LEFT JOIN intake.promise_event AS s ON p.is_due_fixed AND (s.bucket, s.promise_number, s.action) = (p.bucket, p.number, 0)
 WHERE NOT p.is_void;

CREATE TABLE again.ended AS
WITH ends AS (
    -- What keeps a promise of the standard: an answer; a question is news, too; a solution.
    SELECT m.number, e.version, e.occurred_at, e.received_at, e.action,
           CASE WHEN e.action = 10 THEN 'gone'
                WHEN e.action = 9 THEN CASE WHEN NOT EXISTS (
                    SELECT FROM again.promised AS r
                     WHERE (r.standard, r.rule, r.kind) = (e.standard_id_after, e.rule_after, m.kind)) THEN 'gone' END
                WHEN e.action = 8 AND m.contact_kind = 4 THEN NULL
                WHEN m.kind = 'next_update' AND e.occurred_at < m.made_at THEN NULL
                WHEN e.action = ANY (CASE m.kind WHEN 'first_response' THEN '{1,6,8}'::int[]
                                                 WHEN 'next_update' THEN '{1,3,6,8}'
                                                 WHEN 'resolution' THEN '{6,8}' END) THEN 'done' END AS how
      FROM again.made AS m JOIN again.event AS e ON e.case_number = m.case_number AND e.version > m.version
     WHERE NOT m.is_date
     UNION ALL
    -- What keeps what a person promised: that person's word; a call and news also an answer after it. Closing the case
    -- is no call.
    SELECT m.number, e.version, e.occurred_at, e.received_at, e.action, 'done'
      FROM again.made AS m JOIN again.event AS e ON e.case_number = m.case_number AND e.version > m.version
     WHERE m.is_date AND m.kind IN ('callback', 'next_update', 'first_response') AND e.action IN (1, 6)
       AND e.occurred_at > m.made_at
     UNION ALL
    SELECT m.number, s.case_version, s.occurred_at, s.received_at, 0, 'done'
      FROM again.made AS m JOIN intake.promise_event AS s ON s.promise_number = m.number AND s.action = 2)
SELECT DISTINCT ON (number, how) number, how, version, occurred_at, received_at, action
  FROM ends WHERE how IS NOT NULL ORDER BY number, how, version;

-- When a clock is due, as far as was known when the case had that version; NULL: not as things stood.
CREATE FUNCTION again.due_then(p_made again.made, p_standard int, p_calendar text, p_target_us bigint, p_version bigint)
RETURNS timestamptz LANGUAGE sql STABLE AS $$
    WITH pause AS (
        SELECT since, till, till_version > p_version AS goes_on FROM again.wait AS w
         WHERE w.case_number = p_made.case_number AND w.since_version <= p_version AND w.till > w.since
           AND p_made.kind IN ('first_response', 'resolution')),
    parts AS (
        SELECT upper(part) AS ends, sum(again.us(upper(part) - lower(part))) OVER (ORDER BY lower(part))::bigint AS us
          FROM again.span, again.opened AS o,
               unnest(o.hours * tstzmultirange(tstzrange(p_made.made_at, span.till))
                      - coalesce((SELECT range_agg(tstzrange(since, till)) FROM pause), '{}')) AS part
         WHERE (o.standard, o.calendar) = (p_standard, p_calendar))
    SELECT ends - (us - p_target_us) * interval '1 microsecond' FROM parts
     WHERE us >= p_target_us AND NOT EXISTS (SELECT FROM pause WHERE goes_on) ORDER BY us LIMIT 1
$$;

-- The terms of a promise, one after another: whenever its case was taken for something else while it ran, they became those
-- of the rule of then. Another target, or an instant that moves, begins a new version of its clock.
CREATE TABLE again.terms (number bigint, nth int, standard int, rule text, target_us bigint, calendar text, clock_version int,
                          is_new_clock bool, since timestamptz, till timestamptz);
DO $$
DECLARE
    m again.made;
    e again.event;
    t again.terms;
    n again.terms;
    v_due timestamptz;
BEGIN
    FOR m IN SELECT * FROM again.made LOOP
        SELECT p.number, 0, CASE WHEN m.is_date THEN c.standard_id ELSE coalesce(f.standard_id, p.standard_id) END,
               CASE WHEN m.is_date THEN c.rule ELSE coalesce(f.rule, p.rule) END, coalesce(f.target_us, p.target_us),
               '24x7', 1, false, m.made_received, 'infinity'
          INTO t
          FROM intake.promise AS p JOIN intake.service_case AS c ON c.number = p.case_number
          LEFT JOIN intake.promise_first_terms AS f ON f.promise_number = p.number WHERE p.number = m.number;
        IF NOT m.is_date THEN
            t.calendar := (SELECT again.calendar_of(t.standard, r.calendar, m.branch) FROM again.promised AS r
                            WHERE (r.standard, r.rule, r.kind) = (t.standard, t.rule, m.kind));
        END IF;
        FOR e IN SELECT * FROM again.event AS x
                  WHERE x.case_number = m.case_number AND x.action = 9 AND x.version > m.version AND NOT m.is_date
                  ORDER BY x.version LOOP
            EXIT WHEN EXISTS (SELECT FROM again.ended AS x WHERE x.number = m.number AND x.how = 'done' AND x.version < e.version);
            v_due := again.due_then(m, t.standard, t.calendar, t.target_us, e.version);
            EXIT WHEN v_due <= e.received_at; -- broken: nobody changes what was owed
            CONTINUE WHEN (t.standard, t.rule) = (e.standard_id_after, e.rule_after);
            n := t;
            SELECT e.standard_id_after, e.rule_after, r.target_us, again.calendar_of(e.standard_id_after, r.calendar, m.branch)
              INTO n.standard, n.rule, n.target_us, n.calendar
              FROM again.promised AS r WHERE (r.standard, r.rule, r.kind) = (e.standard_id_after, e.rule_after, m.kind);
            EXIT WHEN NOT FOUND; -- owed no more
            n.nth := t.nth + 1;
            n.since := e.received_at;
            -- The same hours in another version are another calendar, unless they give the same instant.
            n.is_new_clock := n.target_us <> t.target_us
                OR ((n.standard, n.calendar) <> (t.standard, t.calendar) AND (n.calendar, t.calendar) <> ('24x7', '24x7')
                    AND (v_due = again.due_then(m, n.standard, n.calendar, n.target_us, e.version)) IS NOT TRUE);
            n.clock_version := t.clock_version + n.is_new_clock::int;
            t.till := e.received_at;
            INSERT INTO again.terms SELECT t.*;
            t := n;
        END LOOP;
        INSERT INTO again.terms SELECT t.*;
    END LOOP;
END
$$;

-- Era 1 is the one that counts in the end, 0 the one before it.
CREATE TABLE again.era AS
SELECT t.number, (t.nth - max(t.nth) OVER (PARTITION BY t.number) + 1)::int AS era, t.standard, t.rule, t.target_us,
       t.clock_version, t.nth = 0 AS is_first, t.is_new_clock, t.since, t.till, m.kind, m.made_at, m.case_number, m.is_date,
       t.calendar
  FROM again.terms AS t JOIN again.made AS m ON m.number = t.number;
"""

# The stretches that count for one clock, in order, and how much has been counted when each ends. A pause that begins
# when the promise is over is another clock's.
PARTS = """
CREATE TABLE again.part AS
SELECT number, era, lower(part) AS begins, upper(part) AS ends,
       sum(again.us(upper(part) - lower(part))) OVER (PARTITION BY number, era ORDER BY lower(part))::bigint AS counted_us
  FROM (SELECT t.number, t.era,
               unnest(o.hours * tstzmultirange(tstzrange(t.made_at, span.till))
                      - coalesce((SELECT range_agg(tstzrange(w.since, w.till)) FROM again.wait AS w
                                   WHERE w.case_number = t.case_number AND w.till > w.since
                                     AND t.kind IN ('first_response', 'resolution') AND NOT t.is_date
                                     AND w.since < coalesce((SELECT min(occurred_at) FROM again.ended AS x
                                                              WHERE x.number = t.number), 'infinity')), '{}')) AS part
          FROM again.span, again.era AS t JOIN again.opened AS o ON (o.standard, o.calendar) = (t.standard, t.calendar)) AS p;
CREATE INDEX ON again.part (number, era, counted_us);
ANALYZE again.part;

-- What a clock has counted at an instant, and the first instant at which it has counted so much; NULL: not as things stand.
CREATE FUNCTION again.counted(p_number bigint, p_era int, p_at timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(again.us(least(ends, p_at) - begins)), 0)::bigint
      FROM again.part WHERE number = p_number AND era = p_era AND begins < p_at
$$;
CREATE FUNCTION again.instant(p_number bigint, p_era int, p_us bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT ends - (counted_us - p_us) * interval '1 microsecond'
      FROM again.part WHERE number = p_number AND era = p_era AND counted_us >= p_us ORDER BY counted_us LIMIT 1
$$;
"""

OUTCOMES = """
CREATE TABLE again.outcome AS
WITH facts AS (
    SELECT m.*, t.standard, t.rule, t.calendar, t.target_us, t.clock_version, t.since AS terms_since, again.instant(m.number, 1, t.target_us) AS due_at,
           again.instant(m.number, 1, t.target_us * 80 / 100) AS risk_at,
           d.occurred_at AS done_at, d.received_at AS done_received, d.version AS done_version,
           g.occurred_at AS gone_at, g.received_at AS gone_received, g.version AS gone_version, g.action AS gone_action
      FROM again.made AS m JOIN again.era AS t ON (t.number, t.era) = (m.number, 1)
      LEFT JOIN again.ended AS d ON (d.number, d.how) = (m.number, 'done')
      LEFT JOIN again.ended AS g ON (g.number, g.how) = (m.number, 'gone')),
judged AS (
    SELECT f.*,
           CASE WHEN done_at IS NOT NULL AND (gone_at IS NULL OR done_version < gone_version OR due_at <= gone_received)
                THEN CASE WHEN due_at IS NULL OR done_at <= due_at THEN 3 ELSE 4 END
                WHEN gone_at IS NOT NULL AND (due_at IS NULL OR due_at > gone_received) THEN 6
                WHEN due_at <= log.now() THEN 5
                WHEN risk_at <= log.now() THEN 2 ELSE 1 END AS state
      FROM facts AS f)
SELECT j.*,
       -- When it can have broken at the earliest: new terms may be over when they come.
       greatest(due_at, terms_since) AS break_at,
       -- Until when its steps were taken, and how far its clock went.
       CASE WHEN state IN (3, 4) THEN done_received
            WHEN state = 6 OR gone_action = 10 THEN gone_received ELSE log.now() END AS steps_till,
       CASE WHEN state IN (3, 4) THEN greatest(done_at, made_at) WHEN gone_at IS NOT NULL THEN greatest(gone_at, made_at)
            ELSE log.now() END AS clock_till,
       CASE state WHEN 3 THEN again.counted(number, 1, done_at) WHEN 4 THEN again.counted(number, 1, done_at)
                  WHEN 5 THEN target_us WHEN 6 THEN again.counted(number, 1, gone_at) END AS counted_us
  FROM judged AS j;

-- The steps that must have been taken, each once. A new clock takes the last step again that is over by the new terms
-- already, and those after it; without one each step belongs to the rule of its time.
CREATE TABLE again.step AS
WITH planned AS (
    SELECT t.*, l.step, l.tell, o.steps_till,
           CASE WHEN l.percent IS NOT NULL THEN again.instant(t.number, t.era, t.target_us * l.percent / 100)
                ELSE again.instant(t.number, t.era, t.target_us) + l.after_us * interval '1 microsecond' END AS due_at
      FROM again.era AS t JOIN again.outcome AS o ON o.number = t.number
      JOIN again.ladder AS l ON (l.standard, l.rule) = (t.standard, t.rule)),
first AS (
    SELECT number, era, max(step) FILTER (WHERE step <= 100 AND due_at <= since) AS again_from FROM planned GROUP BY 1, 2)
SELECT p.number, p.era, p.clock_version, p.step, p.due_at, p.tell, greatest(p.due_at, p.since) AS take_at
  FROM planned AS p JOIN first AS f ON (f.number, f.era) = (p.number, p.era)
 WHERE p.due_at <= least(p.steps_till, p.till)
   AND CASE WHEN p.is_first THEN true
            WHEN p.is_new_clock THEN p.since < p.till AND p.step >= coalesce(f.again_from, 0)
            ELSE p.due_at > p.since END;
"""

# Kaplan-Meier for every instant at which intake computed forecasts, as things stood then. "now" is still counting.
FORECASTS = """
CREATE TABLE again.team AS
SELECT m.number, r.computed_at,
       coalesce((SELECT e.owner_team_after FROM again.event AS e
                  WHERE e.case_number = m.case_number AND e.action = 9 AND e.received_at < r.computed_at
                  ORDER BY e.version DESC LIMIT 1),
                (SELECT e.owner_team_before FROM again.event AS e
                  WHERE e.case_number = m.case_number AND e.action = 9 ORDER BY e.version LIMIT 1), c.owner_team) AS owner_team
  FROM again.refresh AS r, again.made AS m JOIN intake.service_case AS c ON c.number = m.case_number
 WHERE NOT m.is_date AND m.made_received < r.computed_at;

CREATE TABLE again.past AS
SELECT e.computed_at, e.owner_team, t.kind, t.calendar, t.number, o.done_received < e.computed_at AS is_done,
       again.counted(t.number, t.era, CASE WHEN o.state IN (3, 4) AND o.done_received < e.computed_at THEN o.done_at
                                           WHEN o.state = 6 AND o.gone_received < e.computed_at THEN o.gone_at
                                           ELSE e.computed_at END) AS us
  FROM again.team AS e
  JOIN again.outcome AS o ON o.number = e.number
  JOIN again.era AS t ON t.number = e.number AND t.since < e.computed_at AND t.till >= e.computed_at;
UPDATE again.past AS p SET is_done = false
  FROM again.outcome AS o WHERE o.number = p.number AND (is_done IS NULL OR o.state NOT IN (3, 4));

CREATE TABLE again.groups AS
SELECT computed_at, kind, owner_team, calendar, count(*) AS past_cases, count(*) FILTER (WHERE is_done) AS kept_cases,
       greatest(30, (count(*) + 1) / 2) AS least
  FROM again.past GROUP BY 1, 2, 3, 4;
UPDATE again.groups SET least = 30 WHERE past_cases / 2 <= 30;

-- For how long at least so many were done or still watched: the case with which too many are lost.
ALTER TABLE again.groups ADD known_us bigint;
UPDATE again.groups AS g
   SET known_us = CASE WHEN past_cases < least THEN 0
                       ELSE (SELECT p.us FROM again.past AS p
                              WHERE (p.computed_at, p.kind, p.owner_team, p.calendar)
                                    = (g.computed_at, g.kind, g.owner_team, g.calendar) AND NOT p.is_done
                              ORDER BY p.us OFFSET g.past_cases - g.least LIMIT 1) END;

CREATE TABLE again.curve AS
WITH at_once AS (
    SELECT computed_at, kind, owner_team, calendar, us, count(*) AS ended, count(*) FILTER (WHERE is_done) AS done
      FROM again.past GROUP BY 1, 2, 3, 4, 5),
watched AS (
    SELECT *, sum(ended) OVER (PARTITION BY computed_at, kind, owner_team, calendar ORDER BY us DESC) AS watched FROM at_once)
SELECT computed_at, kind, owner_team, calendar, us,
       CASE WHEN done = watched THEN 0
            ELSE exp(sum(ln(1 - done / watched) ) FILTER (WHERE done < watched) OVER earlier) END::float8 AS open,
       CASE WHEN done = watched THEN 0
            ELSE sqrt(sum(done / (watched * (watched - done))) FILTER (WHERE done < watched) OVER earlier) END::float8 AS spread
  FROM watched WHERE done > 0
WINDOW earlier AS (PARTITION BY computed_at, kind, owner_team, calendar ORDER BY us);

-- What must have been said when each promise was made: by the newest curves before it came.
CREATE TABLE again.said AS
WITH asked AS (
    SELECT m.number, m.kind, m.made_at, t.standard, t.calendar, t.target_us,
           (SELECT max(computed_at) FROM again.refresh WHERE computed_at <= m.made_received) AS computed_at,
           coalesce((SELECT e.owner_team_after FROM again.event AS e
                      WHERE e.case_number = m.case_number AND e.action = 9 AND e.version <= m.version
                      ORDER BY e.version DESC LIMIT 1),
                    (SELECT e.owner_team_before FROM again.event AS e
                      WHERE e.case_number = m.case_number AND e.action = 9 ORDER BY e.version LIMIT 1),
                    c.owner_team) AS owner_team
      FROM again.made AS m
      JOIN intake.service_case AS c ON c.number = m.case_number
      JOIN LATERAL (SELECT * FROM again.era AS t WHERE t.number = m.number ORDER BY era LIMIT 1) AS t ON true
     WHERE NOT m.is_date),
answered AS (
    SELECT a.*, g.past_cases, g.known_us,
           1 - coalesce((SELECT min(v.open) FROM again.curve AS v
                          WHERE (v.computed_at, v.kind, v.owner_team, v.calendar)
                                = (a.computed_at, a.kind, a.owner_team, a.calendar) AND v.us <= a.target_us), 1) AS chance,
           (SELECT min(v.us) FROM again.curve AS v
             WHERE (v.computed_at, v.kind, v.owner_team, v.calendar)
                   = (a.computed_at, a.kind, a.owner_team, a.calendar) AND v.open <= 0.2 + 1e-9) AS safe_us
      FROM asked AS a JOIN again.groups AS g
        ON (g.computed_at, g.kind, g.owner_team, g.calendar) = (a.computed_at, a.kind, a.owner_team, a.calendar)
     WHERE g.past_cases >= 30 AND (g.known_us IS NULL OR a.target_us <= g.known_us))
SELECT a.number, a.computed_at, a.past_cases::int, a.chance,
       CASE WHEN a.known_us IS NULL OR a.safe_us <= a.known_us THEN (
           SELECT ends - (us - a.safe_us) * interval '1 microsecond'
             FROM (SELECT upper(part) AS ends,
                          sum(again.us(upper(part) - lower(part))) OVER (ORDER BY lower(part))::bigint AS us
                     FROM again.span, unnest(o.hours * tstzmultirange(tstzrange(a.made_at, span.till))) AS part) AS parts
            WHERE us >= a.safe_us ORDER BY us LIMIT 1) END AS safe_at
  FROM answered AS a JOIN again.opened AS o ON (o.standard, o.calendar) = (a.standard, a.calendar);
"""
