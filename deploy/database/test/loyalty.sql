-- SPDX-License-Identifier: Apache-2.0
-- Who may read and write the schema loyalty, what its rows must hold, and what starting over leaves. Run by pg_prove.
\set ON_ERROR_STOP 1
BEGIN;
CREATE EXTENSION pgtap;
SELECT no_plan();

-- ---- rights

CREATE TEMPORARY TABLE granted (name text, insertion bool, change bool, deletion bool) ON COMMIT DROP;
INSERT INTO granted
VALUES ('score_evidence', true, false, false), ('score_sum', true, true, false), ('sum_policy', true, false, false),
       ('group_trust', true, true, false), ('customer_score', true, true, false), ('score_history', true, false, false),
       ('standing_history', true, false, false), ('look_request', true, true, true), ('model_fit', true, false, false),
       ('points_entry', true, true, false), ('started_over', false, false, false);
SELECT is(array_agg(relname::text ORDER BY relname), (SELECT array_agg(name ORDER BY name COLLATE "C") FROM granted), 'the tables')
  FROM pg_class WHERE relnamespace = 'loyalty'::regnamespace AND relkind = 'r';
SELECT is(ARRAY[has_table_privilege('troth_loyalty', 'loyalty.' || name, 'SELECT'),
                has_table_privilege('troth_loyalty', 'loyalty.' || name, 'INSERT'),
                has_table_privilege('troth_loyalty', 'loyalty.' || name, 'UPDATE'),
                has_table_privilege('troth_loyalty', 'loyalty.' || name, 'DELETE'),
                has_table_privilege('troth_loyalty', 'loyalty.' || name, 'TRUNCATE')],
          ARRAY[true, insertion, change, deletion, false], 'what loyalty may do with ' || name)
  FROM granted ORDER BY name;
SELECT is(has_table_privilege(r, c.oid, 'SELECT, INSERT, UPDATE, DELETE'), false, r || ' has no right on ' || c.relname)
  FROM pg_class AS c, unnest(ARRAY['troth_intake', 'troth_followup', 'troth_reporting', 'troth_operator']) AS r
 WHERE c.relnamespace = 'loyalty'::regnamespace AND c.relkind = 'r' ORDER BY c.relname, r;
SELECT is(has_table_privilege(r, c.oid, 'SELECT'), true, r || ' reads the view ' || c.relname)
  FROM pg_class AS c,
       unnest(ARRAY['troth_intake', 'troth_followup', 'troth_loyalty', 'troth_reporting', 'troth_operator']) AS r
 WHERE c.relnamespace = 'loyalty'::regnamespace AND c.relkind = 'v' ORDER BY c.relname, r;
SELECT is((SELECT a.attname FROM pg_attribute AS a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0]), 'bucket',
          'bucket leads the key of ' || c.relname)
  FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
 WHERE c.relnamespace = 'loyalty'::regnamespace AND i.indisunique AND c.relname NOT IN ('model_fit', 'sum_policy')
 ORDER BY c.relname;

-- ---- rows

INSERT INTO loyalty.score_evidence (bucket, customer_number, kind, subject, version, value, at, recorded_at, event_stream, event_seq)
VALUES (7, 263, 1, 519, 1, 1, now(), now(), 'intake.0', 1);
SELECT lives_ok($$INSERT INTO loyalty.score_evidence (bucket, customer_number, kind, subject, version, value, at, recorded_at,
                                          event_stream, event_seq) VALUES (7, 263, 1, 519, 2, 3, now(), now(), 'intake.0', 2)$$,
                'a newer version stands beside the older one');
SELECT throws_ok($$INSERT INTO loyalty.score_evidence (bucket, customer_number, kind, subject, version, value, at, recorded_at,
                                           event_stream, event_seq) VALUES (7, 263, 1, 519, 2, 5, now(), now(), 'intake.1', 9)$$,
                 '23505', NULL, 'the same version twice');
SELECT throws_ok($$INSERT INTO loyalty.score_evidence (bucket, customer_number, kind, subject, version, value, at, recorded_at,
                                           event_stream, event_seq) VALUES (7, 263, 11, 519, 2, 5, now(), now(), 'intake.1', 9)$$,
                 '23514', NULL, 'a kind that is none');

INSERT INTO loyalty.customer_score (bucket, customer_number, version, index_hundredths, churn, churn_level, tier, is_trust_broken, trust,
                                    purchase_days, currency, changed_at, evaluated_at, fit_id)
VALUES (7, 263, 1, 7512, 0.25, 1, 3, false, 0.75, 0, '', now(), now(), 0);
SELECT results_eq('SELECT index, tier FROM loyalty.customer_score_public', $$VALUES (75.12::float8, 'gold')$$, 'a score as others see it');
SELECT throws_ok('UPDATE loyalty.customer_score SET ' || change, '23514', NULL, why)
  FROM (VALUES ('index_hundredths = 10001', 'an index above 100'), ('churn = 1.01', 'more than certain'),
               ('tier = 4', 'a tier that is none'), ('churn_level = 0', 'a risk that is none'),
               ('churn = ''NaN''', 'no number')) AS wrong (change, why);
INSERT INTO loyalty.points_entry (bucket, customer_number, subject, kind, number, points, balance, owed, at, reason, event_stream, event_seq)
VALUES (7, 263, 519, 1, 1, 10, 10, 0, now(), 'purchase', 'intake.0', 3);
SELECT throws_ok(format($$INSERT INTO loyalty.points_entry (bucket, customer_number, subject, kind, number, points, balance, owed, at, reason,
                            event_stream, event_seq) VALUES (7, 263, %s, %s, %s, 10, 20, %s, now(), 'purchase', 'intake.0', 3)$$,
                        subject, kind, number, owed), state, NULL, what)
  FROM (VALUES (519, 1, 2, 0, '23505', 'paid twice'), (775, 1, 1, 0, '23505', 'two entries with one number'),
               (775, 7, 2, 0, '23514', 'no such kind'), (775, 1, 2, -1, '23514', 'owed less than nothing'))
       AS t (subject, kind, number, owed, state, what);
SELECT throws_ok('UPDATE loyalty.points_entry SET points_left = -1', '23514', NULL, 'more spent than earned');

-- ---- starting over

INSERT INTO loyalty.model_fit (id, model, fitted_at, is_in_force, is_converged, observations, parameters, holdout)
VALUES (1, 'spend', now(), true, true, 10, '{}', '{}');
INSERT INTO loyalty.sum_policy VALUES ('half_life_us.trust', 1, 1000);
INSERT INTO loyalty.look_request VALUES (7, 263);
INSERT INTO log.consumer_cursor (consumer, stream, bucket, seq) VALUES ('loyalty', 'intake.0', 7, 3), ('reporting', 'intake.0', 7, 3);
SELECT loyalty.start_over();
SELECT is((xpath('/row/c/text()', query_to_xml('SELECT count(*) AS c FROM loyalty.' || name, false, true, '')))[1]::text,
          CASE WHEN name IN ('model_fit', 'started_over') THEN '1' ELSE '0' END, 'what is left of ' || name)
  FROM granted ORDER BY name;
SELECT is(array_agg(consumer::text), ARRAY['reporting'], 'the others read on') FROM log.consumer_cursor;

SELECT * FROM finish();
ROLLBACK;
