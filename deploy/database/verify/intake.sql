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
SELECT bucket, number, case_number, rule_before, rule_after FROM intake.case_class WHERE false;
SELECT bucket, promise_number, standard_id, rule, target_us FROM intake.promise_first_terms WHERE false;
SELECT id, hash FROM intake.standard_version WHERE false;
SELECT id, purpose, hash, body, report, is_active, trained_at FROM intake.triage_model WHERE false;
SELECT bucket, customer_number, sealed FROM intake.person WHERE false;
SELECT bucket, number, customer_number, case_number, sealed FROM intake.contact_text WHERE false;
SELECT bucket, case_number, customer_number, fingerprints, is_solved FROM intake.case_fingerprint WHERE false;
SELECT bucket, number, customer_number, reference, points, is_void FROM intake.points_redemption_public WHERE false;
SELECT fingerprint, cases FROM intake.fingerprint_count WHERE false;
SELECT day, kind, word, contacts, customers FROM intake.word_day_public WHERE false;
SELECT case_number, times_used, times_succeeded FROM intake.reference_answer_public WHERE false;
SELECT case_number, fingerprints FROM intake.similar_candidates(0, '{}', true, 1) WHERE false;
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
