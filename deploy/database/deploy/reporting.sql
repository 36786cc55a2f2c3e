-- SPDX-License-Identifier: Apache-2.0
-- Deploy troth:reporting to pg
-- requires: followup loyalty
--
-- Figures folded from events. Written by troth_reporting alone, and made from events alone: reporting.start_over() empties
-- it, and the same events give the same figures again.
--
-- A count belongs to the calendar day on which it happened, in the time zone of fold_zone.

BEGIN;

CREATE SCHEMA reporting AUTHORIZATION troth_owner;
SET LOCAL ROLE troth_owner;

GRANT USAGE ON SCHEMA reporting TO troth_reporting, troth_operator;

-- The zone in which the days below were told apart; one row, written with the first fold. A process with another zone
-- does not start: days of two zones cannot be added up.
CREATE TABLE reporting.fold_zone (
    is_only   boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    time_zone text NOT NULL
);

-- What is counted, per day and branch. Rows are added to, never replaced. lane is that of the customer's bucket
-- (bucket % 8): two processes never write the same row. branch is '' when the case has none.
--
--   measure             count            sum
--   cases               cases opened
--   promises_made       promises
--   promises_kept       promises
--   promises_broken     promises, kept late and renegotiated late included
--   promises_waived     promises
--   promises_renegotiated  promises, before they were due
--   calls_placed        calls that a dialer could place
--   calls_reached       calls on which the customer was reached
--   csat                answers          of the answers (1 to 5)
--   nps                 answers          promoters - detractors
--   follow_ups_planned  follow-ups
--   purchases           purchases
CREATE TABLE reporting.daily_fact (
    lane    smallint NOT NULL CHECK (lane BETWEEN 0 AND 7),
    day     date NOT NULL,
    branch  text NOT NULL,
    measure text NOT NULL,
    count   bigint NOT NULL,
    sum     bigint NOT NULL,
    PRIMARY KEY (lane, day, branch, measure)
) WITH (fillfactor = 50);

-- One row per measured duration of a case: 'first_response' (opened until first answered) and 'resolution' (opened until
-- last resolved). The newest version of the case wins. value_us is null while the case is open again.
CREATE TABLE reporting.duration_fact (
    bucket      smallint NOT NULL,
    case_number bigint NOT NULL,
    measure     text NOT NULL CHECK (measure IN ('first_response', 'resolution')),
    version     bigint NOT NULL,
    day         date NOT NULL, -- of the answer or the resolution
    branch      text NOT NULL,
    value_us    bigint,
    PRIMARY KEY (bucket, case_number, measure)
);
CREATE INDEX duration_fact_by_day ON reporting.duration_fact (measure, day) INCLUDE (branch, value_us)
    WHERE value_us IS NOT NULL;

-- How each promise was counted last, so that a correction takes back exactly that. The newest version wins.
CREATE TABLE reporting.promise_fact (
    bucket         smallint NOT NULL,
    promise_number bigint NOT NULL,
    version        bigint NOT NULL,   -- of the promise
    counted_as     smallint NOT NULL CHECK (counted_as BETWEEN 0 AND 4), -- not at all, kept, broken, waived, renegotiated
    counted_at     timestamptz NOT NULL, -- its day is the day of the count
    branch         text NOT NULL,
    PRIMARY KEY (bucket, promise_number)
) WITH (fillfactor = 80);

-- ---- the operator's verb

-- Forgets all figures and the zone; running processes then read the events from the first one and make the figures again.
-- A batch that was being applied fails when it moves its cursors, so nothing is counted twice. To change the zone, stop
-- reporting, start over, and start it with the new zone. The tables are locked in the order in which a batch takes them: in
-- another order the two would wait for each other.
CREATE FUNCTION reporting.start_over() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    TRUNCATE reporting.promise_fact, reporting.fold_zone, reporting.daily_fact, reporting.duration_fact;
    DELETE FROM log.consumer_cursor WHERE consumer = 'reporting';
$$;

-- ---- reporting itself

GRANT SELECT, INSERT, UPDATE ON reporting.fold_zone, reporting.daily_fact, reporting.duration_fact,
    reporting.promise_fact TO troth_reporting;
GRANT SELECT ON reporting.fold_zone, reporting.daily_fact, reporting.duration_fact, reporting.promise_fact
    TO troth_operator;
REVOKE ALL ON FUNCTION reporting.start_over() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reporting.start_over() TO troth_operator;

COMMIT;
