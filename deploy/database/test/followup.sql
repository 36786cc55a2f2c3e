-- SPDX-License-Identifier: Apache-2.0
-- Who may read and write the schema followup, what its rows must hold, and what the backlog counts. Run by pg_prove.
\set ON_ERROR_STOP 1
BEGIN;
CREATE EXTENSION pgtap;
SELECT no_plan();

-- ---- rights

SELECT is(has_table_privilege('troth_followup', c.oid, p), p !~ 'DELETE|TRUNCATE' OR p = 'DELETE' AND c.relname IN ('worklist_lease', 'delivery', 'record_outbox'), 'followup: ' || p || ' of ' || c.relname)
  FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p, pg_class AS c WHERE c.relnamespace = 'followup'::regnamespace AND c.relkind = 'r' ORDER BY c.relname, p;
SELECT is(has_table_privilege(r, c.oid, 'SELECT, INSERT, UPDATE, DELETE'), false, r || ' has no right on ' || c.relname)
  FROM pg_class AS c,
       unnest(ARRAY['troth_intake', 'troth_loyalty', 'troth_reporting', 'troth_operator']) AS r
 WHERE c.relnamespace = 'followup'::regnamespace AND c.relkind = 'r' ORDER BY c.relname, r;
SELECT is(has_table_privilege(r, c.oid, 'SELECT'), true, r || ' reads the view ' || c.relname)
  FROM pg_class AS c, unnest(ARRAY['troth_followup', 'troth_reporting', 'troth_operator']) AS r
 WHERE c.relnamespace = 'followup'::regnamespace AND c.relkind = 'v' ORDER BY c.relname, r;
SELECT is(count(*), 0::int8, 'no view shows records, claims or journals of orders')
  FROM information_schema.columns
 WHERE table_schema = 'followup' AND column_name IN ('record', 'claim_holder', 'claim_until', 'secret')
   AND table_name IN (SELECT viewname FROM pg_views WHERE schemaname = 'followup');

-- ---- rows

CREATE TEMPORARY TABLE example (LIKE followup.follow_up) ON COMMIT DROP;
INSERT INTO example (bucket, number, version, customer_number, case_number, case_version, rule, rule_version, trigger, topic, subject,
                     occurrence, purpose, priority, channel, state, reason, planned_at, due_at, window_end_at, next_attempt_at,
                     attempts, calls, is_historical)
VALUES (7, 263, 1, 519, 775, 1, 'after_resolution', 1, 1, 'case_resolved', 775, '0', 1, 3, 1, 1, '', now(), now(),
        now() + interval '1 day', now(), 0, 0, false);
SELECT lives_ok('INSERT INTO followup.follow_up SELECT * FROM example', 'a planned follow-up');
SELECT throws_ok('UPDATE followup.follow_up SET ' || change, '23514', NULL, why)
  FROM (VALUES ('state = 10', 'a state that does not exist'),
               ('priority = 5', 'a priority that does not exist'),
               ('next_attempt_at = NULL', 'planned without an instant'),
               ('state = 2', 'claimed by nobody'),
               ('state = 3', 'ordered and planned'),
               ('state = 4, next_attempt_at = NULL, settled_at = now()', 'ended without a reason'),
               ('state = 4, next_attempt_at = NULL, reason = ''answered''', 'ended without an instant'),
               ('state = 9, next_attempt_at = NULL, reason = ''agenda'', settled_at = now()', 'merged into nothing'),
               ('merged_into = 519', 'merged and planned'),
               ('local_due = now()', 'a local time without the version of its zone')) AS wrong (change, why);
SELECT lives_ok($$UPDATE followup.follow_up SET state = 2, claim_holder = 'h', claim_until = now()$$, 'a claim');
SELECT throws_ok('INSERT INTO followup.follow_up SELECT (example).* FROM (SELECT example FROM example) AS e', '23505', NULL,
                 'the same number twice');
UPDATE example SET number = 519, rule = 'after_resolution_of_vips';
SELECT throws_ok('INSERT INTO followup.follow_up SELECT * FROM example', '23505', NULL,
                 'the same occurrence twice, also by another rule of the topic');
UPDATE example SET topic = 'birthday';
SELECT lives_ok('INSERT INTO followup.follow_up SELECT * FROM example', 'another topic');
DELETE FROM followup.follow_up WHERE number = 519;

SELECT lives_ok($$INSERT INTO followup.follow_up_attempt (bucket, follow_up_number, attempt, order_key, customer_number, channel, dialer,
                                            journal, state, ordered_at, start_by)
                  VALUES (7, 263, 1, 'F-263-0/1', 519, 1, 'd', 'j', 1, now(), now())$$,
                'an order');
SELECT throws_ok($$INSERT INTO followup.follow_up_attempt (bucket, follow_up_number, attempt, order_key, customer_number, channel, dialer,
                                             journal, state, ordered_at, start_by)
                   VALUES (7, 263, 1, 'F-263-0/1', 519, 1, 'e', 'j', 1, now(), now())$$, '23505',
                 NULL, 'a second order for the same attempt');
SELECT throws_ok($$UPDATE followup.follow_up_attempt SET state = 3, finished_at = now()$$, '23514', NULL,
                 'finished without an outcome');

-- ---- telling others

SELECT isnt(followup.subscription_add('team', '{case_opened}', NULL, '{boss}', NULL, 'boss@example.com', NULL, now()), NULL, 'a subscription by mail');
SELECT is(followup.subscription_add('team', NULL, NULL, NULL, 'https://a.example', NULL, 'whsec_x', now()), NULL, 'a name in force is taken');
SELECT throws_ok($$SELECT followup.subscription_add('both', NULL, NULL, NULL, 'https://a.example', 'a@b', 'whsec_x', now())$$, '23514', NULL,
                 'webhook and mail at once');
SELECT throws_ok($$SELECT followup.subscription_add('bare', NULL, NULL, NULL, 'https://a.example', NULL, NULL, now())$$, '23514', NULL,
                 'a webhook without a secret');
INSERT INTO followup.delivery (bucket, subscription_id, stream, seq, kind, at, body, state, attempts, next_attempt_at, last_code, settled_at)
SELECT 7, id, 'intake.0', n, 'case_opened', timestamptz '2026-01-01' + n * interval '1 day', '{}', n, 5, now(), CASE n WHEN 3 THEN 'web_status' ELSE '' END,
       CASE WHEN n > 1 THEN now() END
  FROM followup.subscription, generate_series(1, 3) AS n;
SELECT throws_ok('UPDATE followup.delivery SET state = 3, settled_at = now() WHERE seq = 1', '23514', NULL, 'dead without a reason');
SELECT is(followup.subscription_replay('team', '2026-01-01', '2026-01-04', true, now()), 1::int8, 'of the range, also what was delivered');
SELECT is(followup.subscription_replay('team', '2026-01-01', '2026-02-01', false, now()), 1::int8, 'the dead alone');
SELECT is(followup.subscription_replay('nobody', '2026-01-01', '2026-02-01', true, now()), NULL, 'of no such subscription');
SELECT results_eq('SELECT DISTINCT state::int, last_code FROM followup.delivery', $$VALUES (1, '')$$, 'all of them wait again');
SELECT is(followup.subscription_tell('team', now(), '{7,8}', '{intake.0,intake.0}', '{3,3}', '{case_opened,case_opened}', ARRAY[now(), now()], ARRAY['{}', '{}']),
          1::int8, 'what it has not got');
SELECT is(followup.subscription_tell('nobody', now(), '{7}', '{intake.0}', '{9}', '{case_opened}', ARRAY[now()], ARRAY['{}']), NULL, 'nor to nobody');
SELECT is(followup.subscription_end('team', now()), true, 'it ends');
SELECT results_eq('SELECT DISTINCT state::int, last_code FROM followup.delivery', $$VALUES (3, 'ended')$$, 'and with it what waits');
SELECT is(followup.subscription_end('team', now()), false, 'it has ended');
SELECT isnt(followup.subscription_add('team', NULL, NULL, NULL, 'https://a.example', NULL, 'whsec_x', now()), NULL, 'the name is free again');

-- ---- backlog

-- Planned one day less than it should be, enough, and what no rule asks for any more.
INSERT INTO followup.plan_round (bucket, topic, planned_until, ahead_days, rule_version)
VALUES (7, 'birthday', (now() AT TIME ZONE 'UTC')::date + 1, 2, 1), (8, 'birthday', (now() AT TIME ZONE 'UTC')::date + 2, 2, 1),
       (7, 'festival', '2020-01-01', NULL, 1);
INSERT INTO followup.improvement_round (bucket, improvement, is_historical, done_at) VALUES (7, 1, false, NULL), (8, 1, false, now());
INSERT INTO followup.record_outbox VALUES (7, 'a', 263, '', 1, '', now(), NULL), (7, 'b', 263, NULL, 2, '', now(), now());
SELECT results_eq('SELECT name, count FROM followup.backlog ORDER BY name COLLATE "C"',
                  $$VALUES ('answers_waiting', 1::int8), ('days_to_plan', 1), ('follow_ups_due', 1), ('improvements_to_plan', 1),
                           ('orders_in_flight', 1)$$,
                  'everything that is due is counted');
UPDATE followup.follow_up SET state = 1, claim_holder = NULL, claim_until = NULL, next_attempt_at = now() + interval '1 hour';
UPDATE followup.plan_round SET planned_until = planned_until + 1;
UPDATE followup.improvement_round SET done_at = now();
UPDATE followup.follow_up_attempt SET state = 4, finished_at = now();
UPDATE followup.record_outbox SET state = 3, code = 'case_unknown', settled_at = now() WHERE key = 'a';
INSERT INTO followup.record_outbox VALUES (7, 'c', 263, '', 1, '', now() + interval '1 hour', NULL);
SELECT results_eq('SELECT sum(count) FROM followup.backlog', 'VALUES (0::numeric)', 'and nothing else');

SELECT * FROM finish();
ROLLBACK;
