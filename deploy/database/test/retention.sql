-- SPDX-License-Identifier: Apache-2.0
-- Who may close and drop parts of the log, and who may delete what is old. Run by pg_prove in a database that sqitch deployed.
\set ON_ERROR_STOP 1
BEGIN;
CREATE EXTENSION pgtap;
SELECT no_plan();

CREATE TEMPORARY TABLE steps AS SELECT unnest(ARRAY[
    'log.event_part_close(timestamptz, interval, integer)', 'log.event_part_keep_open(integer)',
    'log.event_part_places(integer)', 'log.event_part_drop(integer, timestamptz, interval, text[], bigint, integer)']) AS f;
CREATE TEMPORARY TABLE services AS
    SELECT unnest(ARRAY['troth_intake', 'troth_followup', 'troth_loyalty', 'troth_reporting', 'troth_operator']) AS r;

SELECT is(has_function_privilege(r, f, 'EXECUTE'), r = 'troth_intake', r || ': ' || f) FROM steps, services;
SELECT is(has_function_privilege(r, 'log.skip_dropped(text)', 'EXECUTE'), r = 'troth_operator', r || ' puts cursors behind what was dropped')
  FROM services;
SELECT ok(has_table_privilege(r, t, 'SELECT') AND NOT has_table_privilege(r, t, 'INSERT, UPDATE, DELETE, TRUNCATE'), r || ' reads ' || t)
  FROM services, unnest(ARRAY['log.event_part', 'log.event_part_stream']) AS t;
SELECT ok(NOT has_table_privilege(r, 'log.event', 'INSERT, UPDATE, DELETE, TRUNCATE'), r || ' does not touch log.event') FROM services;
SELECT is(has_table_privilege(r, 'audit.removal', 'INSERT'), r = 'troth_intake', r || ' signs removals') FROM services;
SELECT ok(NOT has_table_privilege(r, 'audit.removal', 'UPDATE, DELETE, TRUNCATE'), r || ' takes no removal back') FROM services;

-- A part is what log.event was: same columns, same rights, found by who asks log.event.
INSERT INTO log.head VALUES ('intake.0', 7, 2);
INSERT INTO log.event SELECT 'intake.0', 7, s, 7, 1, 'x', now() - interval '90 days', '' FROM generate_series(1, 2) AS s;
CREATE TEMPORARY TABLE rights AS
    SELECT a.grantee, a.privilege_type FROM pg_class AS c, aclexplode(c.relacl) AS a WHERE c.oid = 'log.event'::regclass;
SELECT is(log.event_part_close(now(), '30 days', 1000), 1, 'what is old is closed');
SELECT is(log.event_part_close(now(), '30 days', 1000), 0, 'and not twice');
SELECT results_eq('SELECT count(*) FROM log.event', ARRAY[2::bigint], 'all events are there');
SELECT results_eq('SELECT count(*) FROM ONLY log.event', ARRAY[0::bigint], 'the newest part is empty');
SELECT set_eq($$SELECT a.grantee, a.privilege_type FROM pg_class AS c, aclexplode(c.relacl) AS a WHERE c.oid = 'log.event'::regclass$$,
              'SELECT * FROM rights', 'with the same rights');
SELECT has_pk('log', 'event', 'and a key');
UPDATE log.head SET seq = 3;
INSERT INTO log.event VALUES ('intake.0', 7, 3, 7, 1, 'x', now(), '');
SELECT is(log.event_part_close(now() + interval '40 days', '30 days', 1000), 2, 'the next one');
SELECT results_eq('SELECT seq FROM log.event ORDER BY seq', 'SELECT generate_series(1, 3)::bigint', 'three parts are one log');
SELECT results_eq($$SELECT first_seq[8], last_seq[8] FROM log.event_part_stream ORDER BY part$$, $$VALUES (1::bigint, 2::bigint), (3, 3)$$,
                  'it is known which numbers stand where');
SELECT throws_ok($$SELECT log.event_part_drop(1, now() + interval '80 days', '60 days', '{}', 0, 1000)$$, '55000', NULL,
                 'what somebody has not read stays');
SELECT lives_ok($$SELECT log.event_part_drop(1, now() + interval '80 days', '60 days', '{loyalty,followup,reporting}', 0, 1000)$$,
                'else it goes');
SELECT throws_ok('SELECT loyalty.start_over()', '55000', NULL, 'then scores cannot be made again');
SELECT throws_ok('SELECT reporting.start_over()', '55000', NULL, 'nor figures');

SELECT * FROM finish();
ROLLBACK;
