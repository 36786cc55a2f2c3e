-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:followup on pg

BEGIN;

SELECT bucket, number, version, customer_number, case_number, rule, subject, occurrence, branch, state, reason, planned_at,
       due_at, window_end_at, next_attempt_at, attempts, calls, last_outcome, is_historical, settled_at
  FROM followup.follow_up_public WHERE false;
SELECT bucket, follow_up_number, attempt, order_key, dialer, state, ordered_at, start_by, outcome
  FROM followup.follow_up_attempt_public WHERE false;
SELECT bucket, key, follow_up_number, state, code, added_at FROM followup.record_outbox_public WHERE false;
SELECT dialer, journal, free_lines, last_seen FROM followup.dialer_session_public WHERE false;
SELECT name, count FROM followup.backlog WHERE false;

SELECT 1 / has_table_privilege('troth_followup', t, 'SELECT, INSERT, UPDATE')::int
  FROM unnest(ARRAY['followup.follow_up', 'followup.follow_up_attempt', 'followup.record_outbox',
                    'followup.dialer_session']) AS t;
SELECT 1 / (NOT has_table_privilege('troth_reporting', 'followup.record_outbox', 'SELECT'))::int;
SELECT 1 / has_table_privilege('troth_reporting', 'followup.backlog', 'SELECT')::int;
SELECT 1 / (NOT has_table_privilege('troth_intake', 'followup.follow_up', 'SELECT'))::int;
SELECT 1 / has_sequence_privilege('troth_followup', 'followup.number_block', 'USAGE')::int;

ROLLBACK;
