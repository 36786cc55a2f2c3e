-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:erasure from pg
--
-- Who was erased stays erased. Forgotten is: who is not to be called by hashes alone, and the list of erasures.

BEGIN;

SET LOCAL ROLE troth_owner;

DROP FUNCTION log.redact;
REVOKE DELETE ON followup.record_outbox FROM troth_followup;
REVOKE SELECT ON followup.customer_rhythm_public FROM troth_intake;
REVOKE USAGE ON SCHEMA followup FROM troth_intake;
DROP VIEW intake.erasure_public;
DROP FUNCTION intake.sweep_erasures;
DROP FUNCTION intake.erase_rows;
DROP FUNCTION intake.erasure_members;

CREATE OR REPLACE VIEW intake.customer_public AS
    SELECT bucket, number, version, language, time_zone, birth_month, birth_day, birth_is_lunar, birth_is_leap_month,
           has_phone, has_email, phone_handle, email_handle, consents, refusals, do_not_call,
           merged_into, follower_count, first_seen_at, wrapped_key IS NULL AND key_generation > 0 AS is_erased
    FROM intake.customer;

DROP TABLE intake.do_not_call;
DROP TABLE intake.erasure;

UPDATE intake.source SET rights = array_remove(rights, 'erasure') WHERE 'erasure' = ANY (rights);
ALTER TABLE intake.source DROP CONSTRAINT source_rights_check;
ALTER TABLE intake.source ADD CONSTRAINT source_rights_check
    CHECK (rights <@ ARRAY['records', 'disclosure', 'dial', 'worklist', 'scores', 'reports', 'events']);

COMMIT;
