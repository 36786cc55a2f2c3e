-- SPDX-License-Identifier: Apache-2.0
-- Who may do what to the tamper-evident record. Run by pg_prove in a database that sqitch deployed.
\set ON_ERROR_STOP 1
BEGIN;
CREATE EXTENSION pgtap;
SELECT no_plan();

CREATE FUNCTION pg_temp.run_as(p_role text, p_sql text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', p_role);
    EXECUTE p_sql;
    SET LOCAL SESSION AUTHORIZATION DEFAULT;
END
$$;
CREATE FUNCTION pg_temp.refuses(p_role text, p_sql text, p_sqlstate text, p_what text) RETURNS text LANGUAGE sql AS $$
    SELECT throws_ok(format('SELECT pg_temp.run_as(%L, %L)', p_role, p_sql), p_sqlstate, NULL, p_what)
$$;

CREATE TEMPORARY TABLE tables AS SELECT unnest(ARRAY['audit.run', 'audit.tile', 'audit.head']) AS t;

SELECT ok(has_table_privilege(r, t, 'SELECT'), r || ' reads ' || t)
  FROM tables, unnest(ARRAY['troth_intake', 'troth_operator']) AS r;
SELECT ok(NOT has_table_privilege(r, t, 'SELECT'), r || ' does not read ' || t)
  FROM tables, unnest(ARRAY['troth_followup', 'troth_loyalty', 'troth_reporting']) AS r;
SELECT ok(NOT has_table_privilege(r, t, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER'), r || ' does not write ' || t)
  FROM tables, unnest(ARRAY['troth_operator', 'troth_followup', 'troth_loyalty', 'troth_reporting']) AS r;
SELECT ok(has_table_privilege('troth_intake', t, 'INSERT'), 'intake adds to ' || t) FROM tables;
SELECT ok(NOT has_table_privilege('troth_intake', t, 'UPDATE, DELETE, TRUNCATE'), 'intake takes nothing from ' || t) FROM tables;
SELECT ok(NOT has_any_column_privilege('troth_intake', t, 'UPDATE'), 'intake changes nothing in ' || t)
  FROM tables WHERE t <> 'audit.tile';
SELECT ok(has_column_privilege('troth_intake', 'audit.tile', 'hashes', 'UPDATE')
          AND NOT has_column_privilege('troth_intake', 'audit.tile', 'index', 'UPDATE'), 'intake lets a tile grow, and does not move it');

SELECT lives_ok($$SELECT pg_temp.run_as('troth_intake',
    'INSERT INTO audit.run VALUES (0, ''intake.0'', 7, 1, 3), (3, ''intake.0'', 9, 1, 1)')$$, 'intake writes runs');
SELECT pg_temp.refuses('troth_intake', 'INSERT INTO audit.run VALUES (0, ''intake.1'', 7, 1, 1)', '23505', 'two runs at one place');
SELECT pg_temp.refuses('troth_intake', 'INSERT INTO audit.run VALUES (4, ''intake.0'', 7, 1, 1)', '23505', 'an event twice');
SELECT pg_temp.refuses('troth_intake', 'INSERT INTO audit.run VALUES (4, ''intake.0'', 7, 4, 3)', '23514', 'a run that is empty');
SELECT pg_temp.refuses('troth_intake', 'INSERT INTO audit.tile VALUES (0, 0, ''\x00'')', '23514', 'a tile of part of a hash');
SELECT pg_temp.refuses('troth_intake', 'INSERT INTO audit.head VALUES (1, 4, ''\x00'', now(), ''a'', ''\x00'', ''\x00'')',
                       '23514', 'a head without a root');
SELECT pg_temp.refuses('troth_intake', 'DELETE FROM audit.run', '42501', 'intake deletes runs');
SELECT pg_temp.refuses('troth_intake', 'UPDATE audit.head SET tree_size = 0', '42501', 'intake changes a head');
SELECT pg_temp.refuses('troth_operator', 'UPDATE audit.tile SET hashes = hashes', '42501', 'the operator changes a tile');

SELECT * FROM finish();
ROLLBACK;
