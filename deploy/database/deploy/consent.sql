-- SPDX-License-Identifier: Apache-2.0
-- Deploy troth:consent to pg
-- requires: audit
--
-- What customers said about being contacted, as they said it, beside what counts now (intake.customer); who looks at personal
-- data, not only by which key; and what an export of one customer reads. Expands only: programs of 0.1.0 go on beside it.

BEGIN;

SET LOCAL lock_timeout = '3s';
SET LOCAL ROLE troth_owner;

-- ---- consents: given when, by what words, taken back when

-- One row for each thing said. Written with the record that says it, never changed: the newest of a purpose and a channel counts.
CREATE TABLE intake.consent_statement (
    bucket          smallint NOT NULL,
    customer_number bigint NOT NULL,
    version         bigint NOT NULL,   -- of the customer after the record: the order in which they took effect
    place           smallint NOT NULL, -- in the record
    purpose         smallint NOT NULL, -- Purpose; 0: calls of every kind (do_not_call)
    channel         smallint NOT NULL, -- Channel; 0: every channel
    is_given        boolean NOT NULL,  -- false: refused, or taken back; of purpose 0: do not call
    wording         text,              -- the version of the words that the customer was shown, as the source names it
    obtained        text,              -- how it was said: "web", "phone", "paper", ...
    source_id       integer NOT NULL,
    occurred_at     timestamptz NOT NULL,
    received_at     timestamptz NOT NULL,
    PRIMARY KEY (bucket, customer_number, version, place)
);

CREATE VIEW intake.consent_statement_public AS
    SELECT c.bucket, c.customer_number, c.version, c.place, c.purpose, c.channel, c.is_given, c.wording, c.obtained,
           s.name AS source, c.occurred_at, c.received_at
      FROM intake.consent_statement AS c LEFT JOIN intake.source AS s ON s.id = c.source_id;

GRANT SELECT, INSERT, UPDATE, DELETE ON intake.consent_statement TO troth_intake;
GRANT SELECT ON intake.consent_statement_public TO troth_followup, troth_loyalty, troth_reporting, troth_operator;

-- ---- who looked

-- Whom the reader asked for, as the reader says: an account of the dashboard, a dialer, a login at the machine. Null: the
-- reader did not say, and what was read before there was this column.
ALTER TABLE intake.disclosure ADD COLUMN on_behalf_of text;

-- Readings lie about in the order in which they were made.
CREATE INDEX disclosure_by_time ON intake.disclosure USING brin (at) WITH (pages_per_range = 32); -- lint: allow (one pass over it: seconds for ten millions)

CREATE VIEW intake.disclosure_for_operator AS
    SELECT d.bucket, d.number, d.customer_number, d.case_number, d.kind, d.purpose, s.name AS reader, d.on_behalf_of, d.at,
           d.outcome
      FROM intake.disclosure AS d LEFT JOIN intake.source AS s ON s.id = d.reader_id;
GRANT SELECT ON intake.disclosure_for_operator TO troth_operator;

-- ---- what an export of one customer reads beside what others may read

CREATE VIEW intake.case_reference_for_operator AS
    SELECT r.bucket, s.name AS source, r.customer_number, r.reference, r.case_number
      FROM intake.case_reference AS r LEFT JOIN intake.source AS s ON s.id = r.source_id;
CREATE VIEW intake.case_class_for_operator AS SELECT * FROM intake.case_class;
CREATE VIEW intake.promise_first_terms_for_operator AS SELECT * FROM intake.promise_first_terms;
-- That there is one, not its hash.
CREATE VIEW intake.contact_point_for_operator AS SELECT kind, customer_number FROM intake.contact_point;
GRANT SELECT ON intake.case_reference_for_operator, intake.case_class_for_operator, intake.promise_first_terms_for_operator,
    intake.contact_point_for_operator TO troth_operator;

COMMIT;
