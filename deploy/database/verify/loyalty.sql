-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:loyalty on pg

BEGIN;

SELECT bucket, customer_number, kind, subject, part, version, value, expectation, dimension, is_void, case_number, at, recorded_at,
       made_at, due_at, done_at, branch, team, label, event_stream, event_seq
  FROM loyalty.score_evidence_public WHERE false;
SELECT bucket, customer_number, measure, count, weight, value FROM loyalty.score_sum_public WHERE false;
SELECT name, measure, value FROM loyalty.sum_policy_public WHERE false;
SELECT bucket, grouping, name, kept, late, broken, weight, value FROM loyalty.group_trust_public WHERE false;
SELECT bucket, customer_number, version, index, churn, churn_level, tier, is_trust_broken, trust, first_purchase_at,
       last_purchase_at, purchase_days, currency, seen_at, changed_at, evaluated_at, next_change_at, fit_id
  FROM loyalty.customer_score_public WHERE false;
SELECT bucket, customer_number, version, at, index_before, index, churn, reason, event_stream, event_seq, occurred_at
  FROM loyalty.score_history_public WHERE false;
SELECT bucket, customer_number, version, at, what, before, after, is_by_time, index, churn, occurred_at
  FROM loyalty.standing_history_public WHERE false;
SELECT at FROM loyalty.started_over_public WHERE false;
SELECT id, model, fitted_at, is_in_force, is_converged, why_not, observations, from_at, till_at, log_likelihood, iterations,
       parameters, holdout
  FROM loyalty.model_fit_public WHERE false;
SELECT bucket, customer_number, subject, kind, number, points, points_left, balance, owed, at, expires_at, reason, event_stream, event_seq
  FROM loyalty.points_entry_public WHERE false;
SELECT bucket, customer_number FROM loyalty.look_request WHERE false;

SELECT 1 / has_table_privilege('troth_loyalty', t, 'SELECT')::int, 1 / has_table_privilege('troth_loyalty', t, 'INSERT')::int
  FROM unnest(ARRAY['loyalty.score_evidence', 'loyalty.score_sum', 'loyalty.sum_policy', 'loyalty.group_trust',
                    'loyalty.customer_score', 'loyalty.score_history', 'loyalty.standing_history', 'loyalty.look_request',
                    'loyalty.model_fit', 'loyalty.points_entry']) AS t;
SELECT 1 / (NOT has_table_privilege('troth_loyalty', 'loyalty.score_evidence', 'UPDATE'))::int;
SELECT 1 / has_table_privilege('troth_intake', 'loyalty.customer_score_public', 'SELECT')::int;
SELECT 1 / (NOT has_table_privilege('troth_intake', 'loyalty.customer_score', 'INSERT'))::int;
SELECT 1 / has_function_privilege('troth_operator', 'loyalty.start_over()', 'EXECUTE')::int;
SELECT 1 / (NOT has_function_privilege('troth_loyalty', 'loyalty.start_over()', 'EXECUTE'))::int;

ROLLBACK;
