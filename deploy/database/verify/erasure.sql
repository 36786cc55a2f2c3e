-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:erasure on pg

BEGIN;

SELECT bucket, number, customer_number, members, ground, asked_by, keeps_do_not_call, reference_hashes, events, removed,
       key_generation, wants_rotation, rotated_at, swept_at, source_id, occurred_at, received_at, events_left
  FROM intake.erasure WHERE false;
SELECT handle, since FROM intake.do_not_call WHERE false;
SELECT number, do_not_call, is_erased FROM intake.customer_public WHERE false;

SELECT 1 / has_table_privilege('troth_intake', t, 'INSERT')::int
  FROM unnest(ARRAY['intake.erasure', 'intake.do_not_call']) AS t;
SELECT 1 / has_table_privilege('troth_intake', 'followup.customer_rhythm_public', 'SELECT')::int;
SELECT 1 / has_function_privilege('troth_intake', f, 'EXECUTE')::int
  FROM unnest(ARRAY['intake.erasure_members(bigint, smallint, integer, text)',
                    'intake.erase_rows(bigint[], bigint[], bigint[])',
                    'intake.sweep_erasures(timestamptz, timestamptz)',
                    'log.redact(text[], smallint[], bigint[], bigint[], bytea[])']) AS f;

ROLLBACK;
