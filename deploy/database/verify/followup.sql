-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:followup on pg

BEGIN;

SELECT bucket, number, version, customer_number, case_number, rule, rule_version, trigger, topic, subject, occurrence, purpose,
       priority, channel, branch, state, reason, planned_at, due_at, window_end_at, local_due, zone, zone_version,
       next_attempt_at, attempts, calls, last_outcome, last_call_at, called_back_at, merged_into, is_historical, settled_at
  FROM followup.follow_up_public WHERE false;
SELECT bucket, follow_up_number, version, at, step, reason, until_at, other_number FROM followup.follow_up_step_public WHERE false;
SELECT id, hash, body, tzdata, first_used_at, last_used_at FROM followup.rule_version_public WHERE false;
SELECT id, hash, body, first_used_at FROM followup.questionnaire_version_public WHERE false;
SELECT bucket, kind, subject, day, orders FROM followup.contact_budget_public WHERE false;
SELECT bucket, handle, outcome, at FROM followup.bad_number_public WHERE false;
SELECT bucket, customer_number, last_contact_at, last_purchase_at, last_refusal_at, servqual_asked, told_do_not_call, told_refusals
  FROM followup.customer_rhythm_public WHERE false;
SELECT bucket, topic, planned_until, ahead_days, after_number, rule_version FROM followup.plan_round WHERE false;
SELECT bucket, improvement, customer_after, is_historical, done_at FROM followup.improvement_round WHERE false;
SELECT bucket, follow_up_number, staff, order_key, lease_until, accepted_at, snoozed_until FROM followup.worklist_lease WHERE false;
SELECT bucket, follow_up_number, attempt, order_key, customer_number, channel, dialer, state, stage, ordered_at, start_by, outcome
  FROM followup.follow_up_attempt_public WHERE false;
SELECT bucket, key, follow_up_number, state, code, added_at FROM followup.record_outbox_public WHERE false;
SELECT dialer, journal, free_lines, channels, hours, last_seen FROM followup.dialer_session_public WHERE false;
SELECT id, name, kinds, branches, teams, url, mail, created_at, ended_at FROM followup.subscription_public WHERE false;
SELECT bucket, subscription_id, stream, seq, kind, at, state, attempts, first_attempt_at, next_attempt_at, last_status, last_code,
       settled_at
  FROM followup.delivery_public WHERE false;
SELECT 1 / has_function_privilege('troth_operator', f, 'EXECUTE')::int
  FROM unnest(ARRAY['followup.subscription_add(text,text[],text[],text[],text,text,text,timestamptz)',
                    'followup.subscription_end(text,timestamptz)',
                    'followup.subscription_replay(text,timestamptz,timestamptz,boolean,timestamptz)',
                    'followup.subscription_tell(text,timestamptz,smallint[],text[],bigint[],text[],timestamptz[],text[])']) AS f;
SELECT name, count FROM followup.backlog WHERE false;

SELECT 1 / has_table_privilege('troth_followup', t, 'SELECT, INSERT, UPDATE')::int
  FROM unnest(ARRAY['followup.follow_up', 'followup.follow_up_attempt', 'followup.record_outbox',
                    'followup.dialer_session', 'followup.follow_up_step', 'followup.rule_version',
                    'followup.questionnaire_version', 'followup.contact_budget', 'followup.bad_number',
                    'followup.customer_rhythm', 'followup.plan_round', 'followup.improvement_round', 'followup.worklist_lease']) AS t;
SELECT 1 / (NOT has_table_privilege('troth_reporting', 'followup.record_outbox', 'SELECT'))::int;
SELECT 1 / has_table_privilege('troth_reporting', 'followup.backlog', 'SELECT')::int;
SELECT 1 / (NOT has_table_privilege('troth_intake', 'followup.follow_up', 'SELECT'))::int;
SELECT 1 / has_sequence_privilege('troth_followup', 'followup.number_block', 'USAGE')::int;

ROLLBACK;
