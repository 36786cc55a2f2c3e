-- SPDX-License-Identifier: Apache-2.0
-- Who may read and write the schema followup, what its rows must hold, and what the backlog counts. Run by pg_prove.
\set ON_ERROR_STOP 1
BEGIN;
CREATE EXTENSION pgtap;
SELECT no_plan();

-- ---- rights

SELECT is(has_table_privilege('troth_followup', c.oid, p), p !~ 'DELETE|TRUNCATE', 'followup: ' || p || ' of ' || c.relname)
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
 WHERE table_schema = 'followup' AND column_name IN ('record', 'claim_holder', 'claim_until')
   AND table_name IN (SELECT viewname FROM pg_views WHERE schemaname = 'followup');

-- ---- rows

CREATE TEMPORARY TABLE example ON COMMIT DROP AS
SELECT 7::int2 AS bucket, 263::int8 AS number, 1::int8 AS version, 519::int8 AS customer_number, 775::int8 AS case_number,
       1::int8 AS case_version, 'after_resolution' AS rule, 775::int8 AS subject, '0' AS occurrence, NULL::text AS branch,
       1::int2 AS state, '' AS reason, now() AS planned_at, now() AS due_at, now() + interval '1 day' AS window_end_at,
       now() AS next_attempt_at, 0 AS attempts, 0 AS calls, NULL::int2 AS last_outcome, NULL::text AS claim_holder,
       NULL::timestamptz AS claim_until, false AS is_historical, NULL::timestamptz AS settled_at;
SELECT lives_ok('INSERT INTO followup.follow_up SELECT * FROM example', 'a planned follow-up');
SELECT throws_ok('UPDATE followup.follow_up SET ' || change, '23514', NULL, why)
  FROM (VALUES ('state = 9', 'a state that does not exist'),
               ('next_attempt_at = NULL', 'planned without an instant'),
               ('state = 2', 'claimed by nobody'),
               ('state = 3', 'ordered and planned'),
               ('state = 4, next_attempt_at = NULL, settled_at = now()', 'ended without a reason'),
               ('state = 4, next_attempt_at = NULL, reason = ''answered''', 'ended without an instant'),
               ('reason = ''busy''', 'a reason before the end')) AS wrong (change, why);
SELECT lives_ok($$UPDATE followup.follow_up SET state = 2, claim_holder = 'h', claim_until = now()$$, 'a claim');
SELECT throws_ok('INSERT INTO followup.follow_up SELECT (example).* FROM (SELECT example FROM example) AS e', '23505', NULL,
                 'the same number twice');
UPDATE example SET number = 519;
SELECT throws_ok('INSERT INTO followup.follow_up SELECT * FROM example', '23505', NULL, 'the same occurrence twice');

SELECT lives_ok($$INSERT INTO followup.follow_up_attempt VALUES (7, 263, 1, 'F-263-0/1', 'd', 'j', 1, now(), now())$$,
                'an order');
SELECT throws_ok($$INSERT INTO followup.follow_up_attempt VALUES (7, 263, 1, 'F-263-0/1', 'e', 'j', 1, now(), now())$$, '23505',
                 NULL, 'a second order for the same attempt');
SELECT throws_ok($$UPDATE followup.follow_up_attempt SET state = 3, finished_at = now()$$, '23514', NULL,
                 'finished without an outcome');

-- ---- backlog

INSERT INTO followup.record_outbox VALUES (7, 'a', 263, '', 1, '', now(), NULL), (7, 'b', 263, NULL, 2, '', now(), now());
SELECT results_eq('SELECT name, count FROM followup.backlog ORDER BY name COLLATE "C"',
                  $$VALUES ('answers_waiting', 1::int8), ('follow_ups_due', 1), ('orders_in_flight', 1)$$,
                  'everything that is due is counted');
UPDATE followup.follow_up SET next_attempt_at = now() + interval '1 hour';
UPDATE followup.follow_up_attempt SET state = 4, finished_at = now();
UPDATE followup.record_outbox SET state = 3, code = 'case_unknown', settled_at = now() WHERE key = 'a';
SELECT results_eq('SELECT sum(count) FROM followup.backlog', 'VALUES (0::numeric)', 'and nothing else');

SELECT * FROM finish();
ROLLBACK;
