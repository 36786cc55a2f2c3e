-- SPDX-License-Identifier: Apache-2.0
-- Deploy troth:loyalty to pg
-- requires: intake
--
-- What is known about each customer's loyalty, and why. Written by troth_loyalty alone, and made from events alone:
-- loyalty.start_over() empties it, and the same events give the same numbers again.
--
-- The bucket is the low byte of customer_number; promises, cases and answers of a customer are in the same one.

BEGIN;

CREATE SCHEMA loyalty AUTHORIZATION troth_owner;
SET LOCAL ROLE troth_owner;

GRANT USAGE ON SCHEMA loyalty
   TO troth_intake, troth_followup, troth_loyalty, troth_reporting, troth_operator;

-- The newest known version of each thing that says something about a customer. Versions that count for nothing (an open
-- promise, a withdrawn one) have a row too: an older version that comes later over another stream must find it.
CREATE TABLE loyalty.score_evidence (
    bucket          smallint NOT NULL,
    customer_number bigint NOT NULL,
    kind            smallint NOT NULL CHECK (kind BETWEEN 1 AND 3), -- 1 promise, 2 CSAT answer, 3 NPS answer
    subject         bigint NOT NULL,   -- number of the promise or answer
    version         bigint NOT NULL,   -- of the thing; an answer has 1, and 2 when it was taken back
    value           smallint NOT NULL, -- state of the promise (proto/event.proto), or the answer
    is_void         boolean NOT NULL DEFAULT false, -- taken back: counts for nothing
    case_number     bigint,
    at              timestamptz NOT NULL, -- when it occurred
    event_stream    text NOT NULL,     -- with bucket and event_seq: where it stands in log.event
    event_seq       bigint NOT NULL,
    PRIMARY KEY (bucket, customer_number, kind, subject)
);

-- Promises of a customer by how they ended; broken: also renegotiated after that.
CREATE TABLE loyalty.trust_account (
    bucket          smallint NOT NULL,
    customer_number bigint NOT NULL,
    kept            integer NOT NULL,
    kept_late       integer NOT NULL,
    broken          integer NOT NULL,
    PRIMARY KEY (bucket, customer_number)
) WITH (fillfactor = 70);

-- index is the sum of the four columns of points.
CREATE TABLE loyalty.customer_score (
    bucket                smallint NOT NULL,
    customer_number       bigint NOT NULL,
    version               bigint NOT NULL, -- counts the changes of the index
    index                 double precision NOT NULL CHECK (index BETWEEN 0 AND 100),
    base_points           double precision NOT NULL,
    trust_points          double precision NOT NULL,
    satisfaction_points   double precision NOT NULL,
    recommendation_points double precision NOT NULL,
    csat_count            integer NOT NULL,
    csat_sum              bigint NOT NULL,
    nps_promoters         integer NOT NULL,
    nps_passives          integer NOT NULL,
    nps_detractors        integer NOT NULL,
    changed_at            timestamptz NOT NULL, -- business time of the newest event that changed this row
    PRIMARY KEY (bucket, customer_number)
) WITH (fillfactor = 70);

-- Every change of an index. The row before the first one is the index without evidence.
CREATE TABLE loyalty.score_history (
    bucket          smallint NOT NULL,
    customer_number bigint NOT NULL,
    version         bigint NOT NULL,
    at              timestamptz NOT NULL, -- business time at which we knew, not at which it occurred
    index_before    double precision NOT NULL,
    index           double precision NOT NULL,
    reason          text NOT NULL,        -- the contribution that moved most
    PRIMARY KEY (bucket, customer_number, version)
);

-- ---- what others may read

CREATE VIEW loyalty.score_evidence_public AS SELECT * FROM loyalty.score_evidence;
CREATE VIEW loyalty.trust_account_public AS SELECT * FROM loyalty.trust_account;
-- The tier that rules of the service standard may ask for.
CREATE VIEW loyalty.customer_score_public AS
    SELECT s.*, CASE WHEN index >= 80 THEN 'gold' WHEN index >= 60 THEN 'silver' ELSE 'bronze' END AS tier
      FROM loyalty.customer_score AS s;
CREATE VIEW loyalty.score_history_public AS SELECT * FROM loyalty.score_history;

GRANT SELECT ON loyalty.score_evidence_public, loyalty.trust_account_public, loyalty.customer_score_public,
    loyalty.score_history_public TO troth_intake, troth_followup, troth_reporting, troth_operator;

-- ---- the operator's verb

-- Forgets all scores; running processes then read the events from the first one and make the scores again. A batch that
-- was being applied fails when it moves its cursors, so nothing is counted twice. The tables are locked in the order in
-- which a batch takes them: in another order the two would wait for each other.
CREATE FUNCTION loyalty.start_over() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    TRUNCATE loyalty.customer_score, loyalty.trust_account, loyalty.score_evidence, loyalty.score_history;
    DELETE FROM log.consumer_cursor WHERE consumer = 'loyalty';
$$;

-- ---- loyalty itself

GRANT SELECT, INSERT, UPDATE ON loyalty.score_evidence, loyalty.trust_account, loyalty.customer_score,
    loyalty.score_history TO troth_loyalty;
REVOKE ALL ON FUNCTION loyalty.start_over() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loyalty.start_over() TO troth_operator;

COMMIT;
