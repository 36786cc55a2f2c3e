-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:reporting on pg

BEGIN;

SELECT is_only, time_zone, return_window_us FROM reporting.fold_zone WHERE false;
SELECT lane, sheet, part, branch, day, figures, is_split FROM reporting.daily_fact WHERE false;
SELECT lane, sheet, part, branch, day, figures, is_split FROM reporting.monthly_fact WHERE false;
SELECT bucket, case_number, customer_number, version, state, opened_at, next_due_at, bundle FROM reporting.case_fact WHERE false;
SELECT bucket, subject, number, version, bundle FROM reporting.other_fact WHERE false;
SELECT day, bucket, tier FROM reporting.standing_day WHERE false;
SELECT day, figure, branch, counted, facts, found_at FROM reporting.figure_difference WHERE false;
SELECT day, dimension, value, measure, detector, count, mean, deviation, seen_at FROM reporting.early_warning WHERE false;
SELECT id, kind, title, cause_measure, expectation, starts_on, ends_on, version FROM reporting.improvement_action WHERE false;
SELECT id, judged_at, unit, before_rate, after_rate, ratio, low, high, others_ratio, others_low, others_high, verdict
  FROM reporting.improvement_effect WHERE false;
SELECT day, bucket, churn_level, currency, customers, spent, at_risk FROM reporting.value_day WHERE false;
SELECT day, bucket, grouping, name, skill, answers, low, sum, squares FROM reporting.skill_day WHERE false;
SELECT bucket, cohort, customers, change_sum, change_squares, index_sum FROM reporting.recovery_sum WHERE false;
SELECT task, day, done_at FROM reporting.night_task WHERE false;
SELECT id, name, role, password_hash, has_password, staff, language, disabled_at, sessions_from FROM reporting.user_account WHERE false;
SELECT token_hash, user_id, csrf_token, created_at, used_at, expires_at FROM reporting.user_session WHERE false;
SELECT at, user_name, what, customer_number, case_number, purpose FROM reporting.personal_view WHERE false;
SELECT bucket, token_hash, case_number, expires_at, revoked_at FROM reporting.progress_link WHERE false;
SELECT bucket, case_number, half_at, most_at, made_at FROM reporting.finish_forecast WHERE false;

SELECT 1 / has_table_privilege('troth_reporting', t, 'SELECT, INSERT, UPDATE')::int
  FROM unnest(ARRAY['reporting.fold_zone', 'reporting.daily_fact', 'reporting.monthly_fact', 'reporting.case_fact',
                    'reporting.other_fact', 'reporting.early_warning', 'reporting.user_account',
                    'reporting.user_session', 'reporting.progress_link']) AS t;
-- What was looked at is never changed.
SELECT 1 / (has_table_privilege('troth_reporting', 'reporting.personal_view', 'INSERT')
            AND NOT has_table_privilege('troth_reporting', 'reporting.personal_view', 'UPDATE'))::int;
SELECT 1 / has_table_privilege('troth_reporting', v, 'SELECT')::int
  FROM unnest(ARRAY['intake.service_case_public', 'intake.promise_public', 'intake.case_event_public',
                    'intake.contact_public', 'intake.customer_public', 'intake.customer_reference_public',
                    'intake.purchase_public', 'followup.follow_up_public', 'followup.follow_up_attempt_public',
                    'followup.backlog', 'loyalty.standing_history_public']) AS v;
SELECT 1 / (NOT has_table_privilege('troth_loyalty', 'reporting.daily_fact', 'SELECT'))::int;
SELECT 1 / (NOT has_table_privilege('troth_operator', 'reporting.user_session', 'SELECT'))::int;
SELECT 1 / (NOT has_column_privilege('troth_operator', 'reporting.user_account', 'password_hash', 'SELECT'))::int;
SELECT 1 / has_function_privilege('troth_operator', 'reporting.start_over()', 'EXECUTE')::int;

ROLLBACK;
