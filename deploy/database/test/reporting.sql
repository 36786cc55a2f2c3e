-- SPDX-License-Identifier: Apache-2.0
-- Who may read and write the schema reporting, what its rows must hold, and what starting over leaves. Run by pg_prove.
\set ON_ERROR_STOP 1
BEGIN;
CREATE EXTENSION pgtap;
SELECT no_plan();

-- ---- rights

CREATE TEMPORARY TABLE granted (name text, insertion bool, change bool, deletion bool) ON COMMIT DROP;
INSERT INTO granted
SELECT name, true, true, true
  FROM unnest(ARRAY['daily_fact', 'monthly_fact', 'case_fact', 'other_fact', 'standing_day', 'value_day', 'skill_day', 'recovery_sum',
                    'night_task', 'improvement_effect', 'figure_difference', 'figure_check', 'early_warning', 'weekly_report',
                    'improvement_action', 'user_account', 'user_session', 'login_failure', 'progress_link', 'finish_forecast']) AS name;
INSERT INTO granted VALUES ('fold_zone', true, true, false), ('personal_view', true, false, false);
SELECT is(array_agg(relname::text ORDER BY relname), (SELECT array_agg(name ORDER BY name COLLATE "C") FROM granted), 'the tables')
  FROM pg_class WHERE relnamespace = 'reporting'::regnamespace AND relkind = 'r';
SELECT is(ARRAY[has_table_privilege('troth_reporting', 'reporting.' || name, 'SELECT'),
                has_table_privilege('troth_reporting', 'reporting.' || name, 'INSERT'),
                has_table_privilege('troth_reporting', 'reporting.' || name, 'UPDATE'),
                has_table_privilege('troth_reporting', 'reporting.' || name, 'DELETE'),
                has_table_privilege('troth_reporting', 'reporting.' || name, 'TRUNCATE')],
          ARRAY[true, insertion, change, deletion, false], 'what reporting may do with ' || name)
  FROM granted ORDER BY name;
SELECT is(has_table_privilege(r, c.oid, 'SELECT, INSERT, UPDATE, DELETE'), false, r || ' has no right on ' || c.relname)
  FROM pg_class AS c, unnest(ARRAY['troth_intake', 'troth_followup', 'troth_loyalty']) AS r
 WHERE c.relnamespace = 'reporting'::regnamespace AND c.relkind = 'r' ORDER BY c.relname, r;
SELECT is(ARRAY[has_table_privilege('troth_operator', 'reporting.' || name, 'SELECT'),
                has_table_privilege('troth_operator', 'reporting.' || name, 'INSERT'),
                has_table_privilege('troth_operator', 'reporting.' || name, 'DELETE, TRUNCATE')],
          ARRAY[name NOT IN ('user_session', 'user_account'), name = 'user_account', false], 'what the operator may do with ' || name)
  FROM granted ORDER BY name;
SELECT is(array_agg(attname::text ORDER BY attname), ARRAY['password_hash'], 'what the operator may not read of an account')
  FROM pg_attribute WHERE attrelid = 'reporting.user_account'::regclass AND attnum > 0 AND NOT attisdropped
   AND NOT has_column_privilege('troth_operator', attrelid, attnum, 'SELECT');
SELECT is(has_function_privilege('troth_reporting', 'reporting.start_over()', 'EXECUTE'), false, 'reporting does not start over itself');

-- ---- rows

CREATE FUNCTION pg_temp.refused(statement text, why text) RETURNS text LANGUAGE sql AS
$$ SELECT throws_ok(statement, '23514', NULL, why) $$;

INSERT INTO reporting.monthly_fact VALUES (0, 1, 1, '', '2026-11-01', '');
SELECT pg_temp.refused($$INSERT INTO reporting.monthly_fact VALUES (0, 1, 1, '', '2026-11-02', '')$$, 'a month begins on its first day');
SELECT pg_temp.refused($$INSERT INTO reporting.daily_fact VALUES (8, 1, 1, '', '2026-11-02', '')$$, 'a lane that is none');
INSERT INTO reporting.daily_fact VALUES (0, 1, 1, '', '2026-11-02', '');
SELECT throws_ok($$INSERT INTO reporting.daily_fact VALUES (0, 1, 1, '', '2026-11-02', '')$$, '23505', NULL, 'one row of a day and lane');
SELECT pg_temp.refused($$INSERT INTO reporting.standing_day VALUES ('2026-11-02', 0, 1, 1, 10, 1, 1, 1)$$, 'an index above 100');
SELECT pg_temp.refused($$INSERT INTO reporting.skill_day VALUES ('2026-11-02', 0, 'branch', 'x', 'empathy', 1, 0, 0, 0)$$, 'skills are of teams and staff');

INSERT INTO reporting.early_warning (day, dimension, value, measure, detector, count, mean, deviation, statistic, threshold, raised_at)
VALUES ('2026-11-02', 5, 'brakes', 1, 'C1', 9, 2, 1, 9, 5.1, now());
SELECT is(is_for_person, true, 'who writes a warning without saying so asks a person') FROM reporting.early_warning;
SELECT pg_temp.refused($$UPDATE reporting.early_warning SET detector = 'C4'$$, 'a detector that is none');

INSERT INTO reporting.improvement_action (kind, title, cause_measure, category, product, branch, team, skill, owner, expectation,
                                          starts_on, created_at, created_by)
VALUES ('action', 'Pads', 'promises_kept', '', '', 'harbour', '', '', 'li', 1.3, '2026-11-02', now(), 'li');
SELECT pg_temp.refused('UPDATE reporting.improvement_action SET ' || change, why)
  FROM (VALUES ('kind = ''wish''', 'a kind that is none'), ('expectation = 0', 'nothing hoped for')) AS wrong (change, why);
INSERT INTO reporting.improvement_effect (id, judged_at, days_before, days_after, events_before, events_after, unit, verdict)
SELECT id, now(), 90, 30, 1, 1, 'share', 'too_early' FROM reporting.improvement_action;
SELECT pg_temp.refused('UPDATE reporting.improvement_effect SET ' || change, why)
  FROM (VALUES ('unit = ''euro''', 'a unit that is none'), ('verdict = ''good''', 'a verdict that is none')) AS wrong (change, why);
SELECT throws_ok($$INSERT INTO reporting.improvement_effect (id, judged_at, days_before, days_after, events_before, events_after, unit,
                                                 verdict) VALUES (-1, now(), 1, 1, 1, 1, 'share', 'better')$$,
                 '23503', NULL, 'the effect of nothing');
SELECT throws_ok('DELETE FROM reporting.improvement_action', '23503', NULL, 'an action that has an effect stays');
SELECT pg_temp.refused($$INSERT INTO reporting.weekly_report VALUES ('2026-11-03', now())$$, 'a week begins on Monday');

INSERT INTO reporting.user_account (name, role, staff, language, created_at, sessions_from) VALUES ('li', 3, '', 'en', now(), now());
SELECT pg_temp.refused('UPDATE reporting.user_account SET ' || change, why)
  FROM (VALUES ('name = ''Li Lei''', 'a name with a blank'), ('role = 5', 'a role that is none'),
               ('language = ''de''', 'a language that is none')) AS wrong (change, why);
SELECT pg_temp.refused($$INSERT INTO reporting.user_session SELECT 'short', id, decode(repeat('00', 16), 'hex'), now(), now(), now()
                           FROM reporting.user_account$$, 'a token that is not hashed');
SELECT pg_temp.refused($$INSERT INTO reporting.progress_link VALUES (0, 'short', 1, now(), 'li', now(), NULL)$$, 'a link that is not hashed');

-- ---- starting over

INSERT INTO reporting.fold_zone VALUES (true, 'Asia/Shanghai', 604800000000);
INSERT INTO reporting.figure_difference VALUES ('2026-11-02', 'cases', '', 3, 4, now());
INSERT INTO reporting.standing_day VALUES ('2026-11-02', 0, 1, 1, 5, 1, 5000, 0.5);
INSERT INTO log.consumer_cursor (consumer, stream, bucket, seq) VALUES ('reporting', 'intake.0', 0, 7), ('loyalty', 'intake.0', 0, 7);
SELECT reporting.start_over();
SELECT is_empty('SELECT 1 FROM reporting.daily_fact UNION ALL SELECT 1 FROM reporting.monthly_fact UNION ALL SELECT 1 FROM reporting.fold_zone'
                ' UNION ALL SELECT 1 FROM reporting.figure_difference', 'the figures are gone');
SELECT is(array_agg(consumer::text), ARRAY['loyalty'], 'the others read on') FROM log.consumer_cursor;
SELECT isnt_empty('SELECT 1 FROM reporting.early_warning', 'warnings stay');
SELECT isnt_empty('SELECT 1 FROM reporting.improvement_action', 'what is done stays');
SELECT isnt_empty('SELECT 1 FROM reporting.standing_day', 'how customers stood stays');

SELECT * FROM finish();
ROLLBACK;
