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

-- ---- evidence

-- One row for each version of each thing that says something about a customer; rows are never changed. The newest version
-- of a thing counts: an older one that comes later over another stream finds it here. Rows that were known at an instant
-- (recorded_at) give the score as it was then.
CREATE TABLE loyalty.score_evidence (
    bucket          smallint NOT NULL,
    customer_number bigint NOT NULL,
    kind            smallint NOT NULL CHECK (kind BETWEEN 1 AND 10), -- services/loyalty/evidence.h
    subject         bigint NOT NULL,    -- number of the promise, answer, case, purchase or refund
    part            smallint NOT NULL DEFAULT 0, -- of a SERVQUAL answer: the item
    version         bigint NOT NULL,
    value           bigint NOT NULL,    -- state, answer, amount_minor: see the kinds
    expectation     smallint,           -- of a SERVQUAL item, if it was asked
    dimension       smallint,           -- of a SERVQUAL item
    is_void         boolean NOT NULL DEFAULT false, -- taken back: counts for nothing
    case_number     bigint,
    at              timestamptz NOT NULL, -- when it occurred: from then on it fades
    recorded_at     timestamptz NOT NULL, -- when we knew
    made_at         timestamptz,        -- of a promise
    due_at          timestamptz,
    done_at         timestamptz,
    branch          text,
    team            text,               -- who owes the promise
    label           text,               -- kind of the promise, currency of a purchase
    event_stream    text NOT NULL,      -- with bucket and event_seq: where it stands in log.event
    event_seq       bigint NOT NULL,
    PRIMARY KEY (bucket, customer_number, kind, subject, part, version)
);
-- The answers about one case make what it is remembered as.
CREATE INDEX score_evidence_of_case ON loyalty.score_evidence (bucket, customer_number, case_number)
    WHERE kind IN (2, 4);

-- ---- sums

-- For each measure of a customer how many things count, their weight, and weight times what they say: forward sums, which
-- time does not change (common/model/decay.h). A measure without things has no row, or one of zeros.
CREATE TABLE loyalty.score_sum (
    bucket          smallint NOT NULL,
    customer_number bigint NOT NULL,
    measure         smallint NOT NULL CHECK (measure BETWEEN 1 AND 18), -- services/loyalty/measure.h
    count           bigint NOT NULL,
    weight          double precision NOT NULL,
    value           double precision NOT NULL,
    PRIMARY KEY (bucket, customer_number, measure)
) WITH (fillfactor = 70);

-- What the sums were made with: half-lives of the measures and weights. The first process writes it; one whose settings say
-- otherwise does not start, because sums of two kinds cannot be added up: loyalty.start_over() makes them anew.
CREATE TABLE loyalty.sum_policy (
    name    text PRIMARY KEY,           -- 'half_life_us.trust', 'broken_weight'; of no bucket
    measure smallint,                   -- of a half-life
    value   double precision NOT NULL
);

-- The same for promises, by who made them and of what kind: whose promises can be believed?
CREATE TABLE loyalty.group_trust (
    bucket   smallint NOT NULL, -- of the customers; the sum over the buckets is the group's
    grouping smallint NOT NULL CHECK (grouping BETWEEN 1 AND 4), -- 1 company, 2 branch, 3 team, 4 kind of promise
    name     text NOT NULL,     -- '' of the company
    kept     bigint NOT NULL,
    late     bigint NOT NULL,
    broken   bigint NOT NULL,
    weight   double precision NOT NULL,
    value    double precision NOT NULL,
    PRIMARY KEY (bucket, grouping, name)
) WITH (fillfactor = 50);

-- ---- scores

-- The score as it was when it was last looked at. Fading goes on: who asks is told what it is then.
CREATE TABLE loyalty.customer_score (
    bucket                smallint NOT NULL,
    customer_number       bigint NOT NULL,
    version               bigint NOT NULL, -- counts what was said about the customer: changes of index, tier, risk, trust
    index_hundredths      integer NOT NULL CHECK (index_hundredths BETWEEN 0 AND 10000),
    churn                 double precision NOT NULL CHECK (churn BETWEEN 0 AND 1),
    churn_level           smallint NOT NULL CHECK (churn_level BETWEEN 1 AND 3), -- 1 low, 2 raised, 3 high
    tier                  smallint NOT NULL CHECK (tier BETWEEN 1 AND 3),        -- 1 bronze, 2 silver, 3 gold
    is_trust_broken       boolean NOT NULL,
    trust                 double precision NOT NULL,
    first_purchase_at     timestamptz,
    last_purchase_at      timestamptz,
    purchase_days         integer NOT NULL,
    currency              text NOT NULL,
    seen_at               timestamptz,          -- last heard of
    changed_at            timestamptz NOT NULL, -- business time of the newest event that changed this row
    evaluated_at          timestamptz NOT NULL, -- business time of the figures above
    next_change_at        timestamptz,          -- when they can be others by time alone; null: never
    fit_id                bigint NOT NULL,      -- of the newest fitted model that they were made with; 0: none
    PRIMARY KEY (bucket, customer_number)
) WITH (fillfactor = 70);
CREATE INDEX customer_score_due ON loyalty.customer_score (bucket, next_change_at) WHERE next_change_at IS NOT NULL;
-- Lists: of a tier or of all three, of those at risk, of those who believe us no more.
CREATE INDEX customer_score_by_tier ON loyalty.customer_score (bucket, tier, index_hundredths);
CREATE INDEX customer_score_at_risk ON loyalty.customer_score (bucket, churn) WHERE churn_level > 1;
CREATE INDEX customer_score_trust_broken ON loyalty.customer_score (bucket, index_hundredths) WHERE is_trust_broken;

-- Every change of an index, and the event that did it. Before the first one stands the index without evidence.
CREATE TABLE loyalty.score_history (
    bucket            smallint NOT NULL,
    customer_number   bigint NOT NULL,
    version           bigint NOT NULL,
    at                timestamptz NOT NULL, -- business time at which we knew, not at which it occurred
    occurred_at       timestamptz,          -- that; null: at
    before_hundredths integer NOT NULL,     -- at that instant, without the event
    after_hundredths  integer NOT NULL,
    churn             double precision NOT NULL CHECK (churn BETWEEN 0 AND 1), -- after it
    reason            text NOT NULL,        -- the contribution that moved most
    event_stream      text NOT NULL,
    event_seq         bigint NOT NULL,
    PRIMARY KEY (bucket, customer_number, version)
);
CREATE INDEX score_history_by_time ON loyalty.score_history (bucket, at);

-- Changes of tier, churn level and broken trust, by an event or by time alone.
CREATE TABLE loyalty.standing_history (
    bucket          smallint NOT NULL,
    customer_number bigint NOT NULL,
    version         bigint NOT NULL, -- of the customer, counted together with score_history's
    at              timestamptz NOT NULL,
    occurred_at     timestamptz,     -- of the event; null: at, as of all that time alone did
    what            smallint NOT NULL CHECK (what BETWEEN 1 AND 3), -- 1 tier, 2 churn level, 3 trust broken
    before          smallint NOT NULL,
    after           smallint NOT NULL,
    is_by_time      boolean NOT NULL,
    index_hundredths integer NOT NULL,       -- after it
    churn           double precision NOT NULL CHECK (churn BETWEEN 0 AND 1),
    PRIMARY KEY (bucket, customer_number, version)
);
CREATE INDEX standing_history_by_time ON loyalty.standing_history (bucket, at);

-- Customers to be looked at whom none of their own events moved: one who is the same person by a merge has changed. Put
-- here by who applied that, taken by who has the lane of the bucket.
CREATE TABLE loyalty.look_request (
    bucket          smallint NOT NULL,
    customer_number bigint NOT NULL,
    PRIMARY KEY (bucket, customer_number)
);

-- When the operator started over: what was told before that may be told otherwise in what is here now.
CREATE TABLE loyalty.started_over (
    at timestamptz NOT NULL -- business time
);

-- ---- models fitted to the company's own history (jobs)

CREATE TABLE loyalty.model_fit (
    id             bigint PRIMARY KEY,   -- of no bucket; counts from 1, one after the other: who sees a fit sees all before it
    model          text NOT NULL CHECK (model IN ('purchases', 'spend', 'churn', 'averages', 'rfm')),
    fitted_at      timestamptz NOT NULL, -- business time
    is_in_force    boolean NOT NULL,     -- the newest of its model that is counts
    is_converged   boolean NOT NULL,
    why_not        text,                 -- why it is not in force
    observations   bigint NOT NULL,      -- customers, answers
    from_at        timestamptz,          -- of the history that it was fitted on
    till_at        timestamptz,
    log_likelihood double precision,
    iterations     integer,
    parameters     jsonb NOT NULL,       -- by name
    holdout        jsonb NOT NULL        -- errors on history that it was not fitted on, by name
);
CREATE INDEX model_fit_in_force ON loyalty.model_fit (model, id) WHERE is_in_force;

-- ---- points

-- A customer's account as a statement: entries are numbered, and each says the balance after it. services/loyalty/points_plan.h
CREATE TABLE loyalty.points_entry (
    bucket          smallint NOT NULL,
    customer_number bigint NOT NULL,
    subject         bigint NOT NULL,   -- number of the purchase, refund, answer or redemption that it is for
    kind            smallint NOT NULL CHECK (kind BETWEEN 1 AND 6),
                                       -- 1 earned, 2 spent, 3 expired, 4 taken back, 5 spending refused, 6 given back
    number          bigint NOT NULL,   -- counts from 1
    points          bigint NOT NULL,   -- added to the account; below 0 when it goes out
    points_left     bigint NOT NULL DEFAULT 0 CHECK (points_left >= 0),
                                       -- of earned and given back: can be spent; of a refused spending: still asked for
    balance         bigint NOT NULL,   -- after it
    owed            bigint NOT NULL CHECK (owed >= 0), -- after it: taken back when too little was left; what comes in pays it first
    at              timestamptz NOT NULL, -- when it occurred; of expired: when they ran out
    expires_at      timestamptz,       -- of earned and given back; null: never
    reason          text NOT NULL,     -- what the subject is
    event_stream    text NOT NULL,     -- with bucket and event_seq: where it stands in log.event; of expired: of what they came in by
    event_seq       bigint NOT NULL,
    PRIMARY KEY (bucket, customer_number, subject, kind), -- never paid twice
    UNIQUE (bucket, customer_number, number)
) WITH (fillfactor = 80);
CREATE INDEX points_entry_left ON loyalty.points_entry (bucket, customer_number, expires_at) WHERE points_left > 0;
CREATE INDEX points_entry_expiring ON loyalty.points_entry (bucket, expires_at) WHERE points_left > 0 AND expires_at IS NOT NULL;

-- ---- what others may read

CREATE FUNCTION loyalty.tier_name(p_tier smallint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (ARRAY['bronze', 'silver', 'gold'])[p_tier];

CREATE VIEW loyalty.score_evidence_public AS SELECT * FROM loyalty.score_evidence;
CREATE VIEW loyalty.score_sum_public AS SELECT * FROM loyalty.score_sum;
CREATE VIEW loyalty.sum_policy_public AS SELECT * FROM loyalty.sum_policy;
CREATE VIEW loyalty.group_trust_public AS SELECT * FROM loyalty.group_trust;
-- The tier that rules of the service standard may ask for.
CREATE VIEW loyalty.customer_score_public AS
    SELECT s.bucket, s.customer_number, s.version, s.index_hundredths / 100.0::float8 AS index, s.churn, s.churn_level,
           loyalty.tier_name(s.tier) AS tier, s.is_trust_broken, s.trust, s.first_purchase_at, s.last_purchase_at,
           s.purchase_days, s.currency, s.seen_at, s.changed_at, s.evaluated_at, s.next_change_at, s.fit_id
      FROM loyalty.customer_score AS s;
CREATE VIEW loyalty.score_history_public AS
    SELECT h.bucket, h.customer_number, h.version, h.at, h.before_hundredths / 100.0::float8 AS index_before,
           h.after_hundredths / 100.0::float8 AS index, h.churn, h.reason, h.event_stream, h.event_seq,
           coalesce(h.occurred_at, h.at) AS occurred_at
      FROM loyalty.score_history AS h;
CREATE VIEW loyalty.standing_history_public AS
    SELECT h.bucket, h.customer_number, h.version, h.at, h.what, h.before, h.after, h.is_by_time,
           h.index_hundredths / 100.0::float8 AS index, h.churn, coalesce(h.occurred_at, h.at) AS occurred_at
      FROM loyalty.standing_history AS h;
CREATE VIEW loyalty.started_over_public AS SELECT * FROM loyalty.started_over;
CREATE VIEW loyalty.model_fit_public AS SELECT * FROM loyalty.model_fit;
CREATE VIEW loyalty.points_entry_public AS SELECT * FROM loyalty.points_entry;

GRANT EXECUTE ON FUNCTION loyalty.tier_name(smallint) TO troth_intake, troth_followup, troth_loyalty, troth_reporting, troth_operator;
GRANT SELECT ON loyalty.score_evidence_public, loyalty.score_sum_public, loyalty.sum_policy_public, loyalty.group_trust_public,
    loyalty.customer_score_public, loyalty.score_history_public, loyalty.standing_history_public, loyalty.model_fit_public,
    loyalty.points_entry_public, loyalty.started_over_public
    TO troth_intake, troth_followup, troth_loyalty, troth_reporting, troth_operator;

-- ---- the operator's verb

-- Forgets all scores; running processes then read the events from the first one and make the scores again. A batch that
-- was being applied fails when it moves its cursors, so nothing is counted twice. The first table here is the first one that a
-- batch takes: the two wait there, and never in a circle. Fitted models stay.
CREATE FUNCTION loyalty.start_over() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    TRUNCATE loyalty.sum_policy, loyalty.customer_score, loyalty.score_sum, loyalty.score_evidence, loyalty.group_trust,
        loyalty.score_history, loyalty.standing_history, loyalty.look_request, loyalty.points_entry;
    DELETE FROM log.consumer_cursor WHERE consumer = 'loyalty';
    INSERT INTO loyalty.started_over (at) VALUES (log.now());
$$;

-- ---- loyalty itself

GRANT SELECT, INSERT ON loyalty.score_evidence, loyalty.sum_policy, loyalty.score_history, loyalty.standing_history,
    loyalty.model_fit TO troth_loyalty;
GRANT SELECT ON loyalty.started_over TO troth_loyalty;
GRANT SELECT, INSERT, UPDATE ON loyalty.score_sum, loyalty.group_trust, loyalty.customer_score, loyalty.points_entry TO troth_loyalty;
GRANT SELECT, INSERT, UPDATE, DELETE ON loyalty.look_request TO troth_loyalty;
REVOKE ALL ON FUNCTION loyalty.start_over() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION loyalty.start_over() TO troth_operator;

COMMIT;
