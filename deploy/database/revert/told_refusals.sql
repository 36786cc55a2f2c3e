-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:told_refusals from pg

BEGIN;

SET LOCAL lock_timeout = '5s';
SET LOCAL ROLE troth_owner;

CREATE OR REPLACE VIEW followup.customer_rhythm_public AS
    SELECT r.bucket, r.customer_number, r.last_contact_at, r.last_purchase_at, r.last_refusal_at, r.servqual_asked,
           o.key IS NOT NULL AND r.refusal_purpose = 0 AS told_do_not_call,
           CASE WHEN o.key IS NOT NULL AND r.refusal_purpose > 0 THEN 1::bigint << r.refusal_purpose ELSE 0 END AS told_refusals
    FROM followup.customer_rhythm AS r
    LEFT JOIN followup.record_outbox AS o ON o.bucket = r.bucket AND o.key = r.refusal_key AND o.state <> 2;
ALTER TABLE followup.customer_rhythm DROP COLUMN refusal_keys, DROP COLUMN refusal_purposes;

COMMIT;
