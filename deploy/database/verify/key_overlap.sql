-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:key_overlap on pg

BEGIN;

SELECT id, name, former_key, former_key_until, former_token_digest, former_token_until FROM intake.source_former_public
 WHERE false;
SELECT id, name, public_key, rights, is_historical, record_kinds, branches, disclosure_kinds, rate_per_second, burst,
       token_digest FROM intake.source_entry_public WHERE false;
SELECT revision FROM intake.source_entry_revision_public WHERE false;
SELECT 1 / has_function_privilege('troth_operator', f, 'EXECUTE')::int
  FROM unnest(ARRAY['intake.source_rotate_beside(text, bytea, timestamptz)',
                    'intake.source_set_token_beside(text, bytea, timestamptz)', 'intake.source_end_overlap(text)']) AS f;

SELECT holder, known, sealing, at FROM intake.master_key_use WHERE false;
SELECT holder, known, sealing FROM intake.master_key_process WHERE false;
SELECT next_secret, secret_until FROM followup.subscription WHERE false;
SELECT id, name, secret_until FROM followup.subscription_overlap_public WHERE false;
SELECT 1 / (has_function_privilege('troth_operator', f, 'EXECUTE') AND NOT has_function_privilege('troth_reporting', f, 'EXECUTE'))::int
  FROM unnest(ARRAY['followup.subscription_rotate(text, text, timestamptz)', 'followup.subscription_end_overlap(text)']) AS f;
SELECT 1 / has_function_privilege('troth_followup', 'followup.subscription_settle()', 'EXECUTE')::int;

ROLLBACK;
