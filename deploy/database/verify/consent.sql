-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:consent on pg

BEGIN;

SELECT bucket, customer_number, version, place, purpose, channel, is_given, wording, obtained, source_id, occurred_at, received_at
  FROM intake.consent_statement WHERE false;
SELECT on_behalf_of FROM intake.disclosure WHERE false;

SELECT 1 / has_table_privilege('troth_intake', 'intake.consent_statement', 'INSERT')::int;
SELECT 1 / has_table_privilege('troth_operator', v, 'SELECT')::int
  FROM unnest(ARRAY['intake.consent_statement_public', 'intake.disclosure_for_operator', 'intake.case_reference_for_operator',
                    'intake.case_class_for_operator', 'intake.promise_first_terms_for_operator', 'intake.contact_point_for_operator']) AS v;

ROLLBACK;
