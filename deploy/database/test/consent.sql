-- SPDX-License-Identifier: Apache-2.0
-- Who may do what to consents as they were said, and to the list of who looked. Run by pg_prove in a database that sqitch deployed.
\set ON_ERROR_STOP 1
BEGIN;
CREATE EXTENSION pgtap;
SELECT no_plan();

SELECT ok(has_table_privilege('troth_intake', 'intake.consent_statement', 'INSERT'), 'intake adds what customers say');
SELECT ok(NOT has_table_privilege(r, 'intake.consent_statement', 'SELECT, INSERT, UPDATE, DELETE'), r || ' has the view alone')
  FROM unnest(ARRAY['troth_followup', 'troth_loyalty', 'troth_reporting', 'troth_operator']) AS r;
SELECT ok(has_table_privilege(r, 'intake.consent_statement_public', 'SELECT'), r || ' reads what customers said')
  FROM unnest(ARRAY['troth_followup', 'troth_reporting', 'troth_operator']) AS r;
SELECT ok(has_table_privilege('troth_operator', v, 'SELECT'), 'the operator reads ' || v)
  FROM unnest(ARRAY['intake.disclosure_for_operator', 'intake.case_reference_for_operator', 'intake.case_class_for_operator',
                    'intake.promise_first_terms_for_operator', 'intake.contact_point_for_operator']) AS v;
SELECT ok(NOT has_table_privilege('troth_operator', v, 'INSERT, UPDATE, DELETE'), 'and changes nothing in ' || v)
  FROM unnest(ARRAY['intake.disclosure_for_operator', 'intake.consent_statement_public', 'intake.disclosure']) AS v;
SELECT ok(NOT has_table_privilege(r, 'intake.disclosure_for_operator', 'SELECT'), r || ' does not see who looked')
  FROM unnest(ARRAY['troth_followup', 'troth_loyalty', 'troth_reporting']) AS r;
SELECT hasnt_column('intake', 'contact_point_for_operator', 'hash', 'the hash of a number is nobody''s');
SELECT col_is_null('intake', 'disclosure', 'on_behalf_of', 'programs of 0.1.0 say nothing of whom they ask for');

SELECT * FROM finish();
ROLLBACK;
