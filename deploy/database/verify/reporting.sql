-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:reporting on pg

BEGIN;

SELECT is_only, time_zone FROM reporting.fold_zone WHERE false;
SELECT lane, day, branch, measure, count, sum FROM reporting.daily_fact WHERE false;
SELECT bucket, case_number, measure, version, day, branch, value_us FROM reporting.duration_fact WHERE false;
SELECT bucket, promise_number, version, counted_as, counted_at, branch FROM reporting.promise_fact WHERE false;

SELECT 1 / has_table_privilege('troth_reporting', t, 'SELECT, INSERT, UPDATE')::int
  FROM unnest(ARRAY['reporting.fold_zone', 'reporting.daily_fact', 'reporting.duration_fact',
                    'reporting.promise_fact']) AS t;
SELECT 1 / has_table_privilege('troth_reporting', v, 'SELECT')::int
  FROM unnest(ARRAY['intake.service_case_public', 'intake.promise_public', 'intake.case_event_public',
                    'intake.contact_public', 'intake.customer_public', 'intake.customer_reference_public',
                    'intake.purchase_public', 'followup.follow_up_public', 'followup.backlog']) AS v;
SELECT 1 / (NOT has_table_privilege('troth_loyalty', 'reporting.daily_fact', 'SELECT'))::int;
SELECT 1 / has_function_privilege('troth_operator', 'reporting.start_over()', 'EXECUTE')::int;

ROLLBACK;
