-- SPDX-License-Identifier: Apache-2.0
-- Deploy troth:followup to pg
-- requires: intake
--
-- Planned conversations, the attempts to hold them, and the answers on their way to intake. Written by troth_followup alone.
--
-- `bucket` leads every key that grows with customers: the low byte of the number of customer, case and follow-up. Instants
-- are business time (log.now()) unless a comment says machine time. States and outcomes: the numbers of proto/event.proto.

BEGIN;

CREATE SCHEMA followup AUTHORIZATION troth_owner;
SET LOCAL ROLE troth_owner;

GRANT USAGE ON SCHEMA followup TO troth_followup, troth_reporting, troth_operator;

-- Counters for the numbers of follow-ups; each process takes a block: nextval is its first counter.
CREATE SEQUENCE followup.number_block START 1024 INCREMENT 1024 CACHE 1;

-- One planned conversation. (rule, subject, occurrence) says what it is about and which time: the rule after_resolution has
-- the case as its subject and counts its reopenings.
CREATE TABLE followup.follow_up (
    bucket          smallint NOT NULL,
    number          bigint NOT NULL,
    version         bigint NOT NULL,      -- counts the changes; every write names the one it read: the term of a claim
    customer_number bigint NOT NULL,
    case_number     bigint,
    case_version    bigint NOT NULL,      -- of the case when this was planned
    rule            text NOT NULL,
    subject         bigint NOT NULL,
    occurrence      text NOT NULL,
    branch          text,
    state           smallint NOT NULL CHECK (state BETWEEN 1 AND 8),
    reason          text NOT NULL,        -- why it ended as it did; empty while it goes on
    planned_at      timestamptz NOT NULL,
    due_at          timestamptz NOT NULL,
    window_end_at   timestamptz NOT NULL, -- no attempt is ordered from here on
    next_attempt_at timestamptz,          -- set while planned or claimed
    attempts        integer NOT NULL,     -- orders so far: the number of the newest attempt
    calls           integer NOT NULL,     -- of these, the ones that ended with an outcome
    last_outcome    smallint,
    claim_holder    text,                 -- the process that works on it
    claim_until     timestamptz,          -- machine time; later anybody may take it over
    is_historical   boolean NOT NULL,
    settled_at      timestamptz,          -- set once it has ended
    PRIMARY KEY (bucket, number),
    UNIQUE (bucket, rule, subject, occurrence),
    CHECK ((next_attempt_at IS NOT NULL) = (state IN (1, 2))),
    CHECK ((claim_holder IS NOT NULL AND claim_until IS NOT NULL) = (state = 2)),
    CHECK ((settled_at IS NOT NULL) = (state > 3)),
    CHECK ((reason <> '') = (state > 3))
) WITH (fillfactor = 80);
CREATE INDEX follow_up_by_next_attempt ON followup.follow_up (bucket, next_attempt_at) WHERE state IN (1, 2);
CREATE INDEX follow_up_by_case ON followup.follow_up (bucket, case_number) WHERE case_number IS NOT NULL;
CREATE INDEX follow_up_by_customer ON followup.follow_up (bucket, customer_number);
CREATE INDEX follow_up_by_due ON followup.follow_up (due_at);

-- One dial order, committed before it is sent. The primary key is what makes a second order for an attempt impossible.
CREATE TABLE followup.follow_up_attempt (
    bucket           smallint NOT NULL,
    follow_up_number bigint NOT NULL,
    attempt          integer NOT NULL,
    order_key        text NOT NULL,        -- "F-1234-5/1", as the dialer knows it
    dialer           text NOT NULL,        -- source and name of the dialer that got it
    journal          text NOT NULL,        -- id of that dialer's journal then: another one now means that it is lost
    state            smallint NOT NULL CHECK (state BETWEEN 1 AND 5), -- ordered, placed, finished, barred, unknown
    ordered_at       timestamptz NOT NULL,
    start_by         timestamptz NOT NULL, -- machine time; the dialer never dials after it
    outcome          smallint,
    started_at       timestamptz,
    ended_at         timestamptz,
    finished_at      timestamptz,          -- when the fate was learnt
    PRIMARY KEY (bucket, follow_up_number, attempt),
    CHECK ((outcome IS NOT NULL) = (state = 3)),
    CHECK ((finished_at IS NOT NULL) = (state > 2))
);
CREATE INDEX follow_up_attempt_open ON followup.follow_up_attempt (bucket, start_by) WHERE state IN (1, 2);

-- Answers on their way to intake. The key is made of the order's, so that intake takes each once however often it is sent.
CREATE TABLE followup.record_outbox (
    bucket           smallint NOT NULL,
    key              text NOT NULL,         -- "F-1234-5/1/csat"
    follow_up_number bigint NOT NULL,
    record           bytea,                 -- troth.v1.Record, packed; dropped when intake has it: it may hold a comment
    state            smallint NOT NULL CHECK (state BETWEEN 1 AND 3), -- waiting, accepted, rejected
    code             text NOT NULL,         -- why intake rejected it, else empty
    added_at         timestamptz NOT NULL,
    settled_at       timestamptz,
    PRIMARY KEY (bucket, key),
    CHECK ((record IS NOT NULL) = (state <> 2)),
    CHECK ((code <> '') = (state = 3)),
    CHECK ((settled_at IS NOT NULL) = (state <> 1))
);
CREATE INDEX record_outbox_waiting ON followup.record_outbox (bucket, key) WHERE state = 1;

-- Dialers as they last said hello; for people. Decisions are made from what is connected now.
CREATE TABLE followup.dialer_session (
    dialer     text PRIMARY KEY,
    journal    text NOT NULL,
    free_lines integer NOT NULL,
    last_seen  timestamptz NOT NULL -- machine time, at most 10 s old while it is connected
);

-- ---- what others may read: no personal data, no claims

CREATE VIEW followup.follow_up_public AS
    SELECT bucket, number, version, customer_number, case_number, rule, subject, occurrence, branch, state, reason, planned_at,
           due_at, window_end_at, next_attempt_at, attempts, calls, last_outcome, is_historical, settled_at
    FROM followup.follow_up;
CREATE VIEW followup.follow_up_attempt_public AS
    SELECT bucket, follow_up_number, attempt, order_key, dialer, state, ordered_at, start_by, outcome, started_at, ended_at,
           finished_at
    FROM followup.follow_up_attempt;
CREATE VIEW followup.record_outbox_public AS
    SELECT bucket, key, follow_up_number, state, code, added_at, settled_at
    FROM followup.record_outbox;
CREATE VIEW followup.dialer_session_public AS
    SELECT dialer, journal, free_lines, last_seen FROM followup.dialer_session;

-- What still has to be done at this instant of business time. All zero: nothing will happen until time goes on.
CREATE VIEW followup.backlog AS
    SELECT 'follow_ups_due' AS name, count(*) AS count
      FROM followup.follow_up WHERE state IN (1, 2) AND next_attempt_at <= log.now()
    UNION ALL
    SELECT 'orders_in_flight', count(*) FROM followup.follow_up_attempt WHERE state IN (1, 2)
    UNION ALL
    SELECT 'answers_waiting', count(*) FROM followup.record_outbox WHERE state = 1;

GRANT SELECT ON followup.follow_up_public, followup.follow_up_attempt_public, followup.record_outbox_public,
    followup.dialer_session_public, followup.backlog TO troth_followup, troth_reporting, troth_operator;

-- ---- followup itself

GRANT SELECT, INSERT, UPDATE ON followup.follow_up, followup.follow_up_attempt, followup.record_outbox,
    followup.dialer_session TO troth_followup;
GRANT USAGE ON SEQUENCE followup.number_block TO troth_followup;

COMMIT;
