-- SPDX-License-Identifier: Apache-2.0
-- Deploy troth:told_refusals to pg
-- requires: followup
--
-- What a customer refuses in a call counts until intake has the record of it, and should intake reject it for ever: also when
-- they refuse something else before that. 0.1.0 keeps the last one in refusal_key and refusal_purpose, which count as well.

BEGIN;

SET LOCAL lock_timeout = '5s';
SET LOCAL ROLE troth_owner;

ALTER TABLE followup.customer_rhythm ADD COLUMN refusal_keys text[], ADD COLUMN refusal_purposes smallint[];
COMMENT ON COLUMN followup.customer_rhythm.refusal_keys IS
    'of the Consent records that say so, in record_outbox: until intake has one, it counts; null: none, or 0.1.0 wrote it down';
COMMENT ON COLUMN followup.customer_rhythm.refusal_purposes IS
    'in step with refusal_keys: what each refuses: Purpose; 0: every call';

CREATE OR REPLACE VIEW followup.customer_rhythm_public AS
    SELECT r.bucket, r.customer_number, r.last_contact_at, r.last_purchase_at, r.last_refusal_at, r.servqual_asked,
           coalesce(t.do_not_call, false) AS told_do_not_call, coalesce(t.refusals, 0) AS told_refusals
    FROM followup.customer_rhythm AS r
    CROSS JOIN LATERAL (
        SELECT bool_or(k.purpose = 0) AS do_not_call,
               bit_or(CASE WHEN k.purpose > 0 THEN 1::bigint << k.purpose ELSE 0 END) AS refusals
          FROM unnest(array_append(r.refusal_keys, r.refusal_key), array_append(r.refusal_purposes, r.refusal_purpose))
            AS k (key, purpose)
         CROSS JOIN LATERAL (SELECT FROM followup.record_outbox AS o
                              WHERE o.bucket = r.bucket AND o.key = k.key AND o.state <> 2 OFFSET 0) AS o
         WHERE k.key IS NOT NULL) AS t;

COMMIT;
