-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:intake on pg

BEGIN;

SELECT id, name, public_key, rights, is_historical, record_kinds, branches, disclosure_kinds, rate_per_second, burst, token_digest
  FROM intake.source_public WHERE false;
SELECT revision FROM intake.source_revision_public WHERE false;
SELECT bucket, source_id, key, digest, body, received_at, is_permanent FROM intake.receipt WHERE false;
SELECT bucket, number, version FROM intake.customer WHERE false;
SELECT bucket, source_id, reference, customer_number FROM intake.customer_reference WHERE false;
SELECT bucket, number, version, standard_id FROM intake.service_case WHERE false;
SELECT bucket, number, case_number, case_version FROM intake.case_event WHERE false;
SELECT bucket, number, next_step_at FROM intake.promise WHERE false;
SELECT id, hash FROM intake.standard_version WHERE false;
SELECT bucket, customer_number, sealed FROM intake.person WHERE false;
SELECT bucket, number, customer_number, case_number, sealed FROM intake.contact_text WHERE false;
SELECT generation, fingerprint, retired_at FROM intake.master_key WHERE false;
SELECT name, began_at FROM intake.upkeep WHERE false;
SELECT relation, orphans FROM intake.count_orphans(0::int2, 0::int2) WHERE false;
SELECT 1 / (intake.expect_rows(2, 2) = 2)::int;

SELECT 1 / has_schema_privilege('troth_intake', 'intake', 'USAGE')::int;
SELECT 1 / has_function_privilege('troth_intake', 'intake.expect_rows(bigint, bigint)', 'EXECUTE')::int;
SELECT 1 / has_function_privilege('troth_operator', (SELECT oid FROM pg_proc WHERE proname = f), 'EXECUTE')::int
  FROM unnest(ARRAY['source_register', 'source_rotate', 'source_set_token', 'source_revoke']) AS f;
SELECT 1 / has_table_privilege('troth_loyalty', 'intake.promise_public', 'SELECT')::int;
-- Personal data is intake's alone.
SELECT 1 / (NOT has_table_privilege(r, t, 'SELECT'))::int
  FROM unnest(ARRAY['troth_followup', 'troth_loyalty', 'troth_reporting', 'troth_operator']) AS r,
       unnest(ARRAY['intake.person', 'intake.contact_text', 'intake.disclosure', 'intake.customer', 'intake.master_key']) AS t;

ROLLBACK;
