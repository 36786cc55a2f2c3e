-- SPDX-License-Identifier: Apache-2.0
-- What each role can do to the log, and what the functions do. Run by pg_prove in a database that sqitch deployed.
\set ON_ERROR_STOP 1
BEGIN;
CREATE EXTENSION pgtap;
SELECT no_plan();

-- The functions look at session_user, so a role is taken on as if it had logged in.
CREATE FUNCTION pg_temp.run_as(p_role text, p_sql text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', p_role);
    EXECUTE p_sql;
    SET LOCAL SESSION AUTHORIZATION DEFAULT;
END
$$;
CREATE FUNCTION pg_temp.ask_as(p_role text, p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_answer text;
BEGIN
    EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', p_role);
    EXECUTE p_sql INTO v_answer;
    SET LOCAL SESSION AUTHORIZATION DEFAULT;
    RETURN v_answer;
END
$$;
CREATE FUNCTION pg_temp.refuses(p_role text, p_sql text, p_sqlstate text, p_what text) RETURNS text LANGUAGE sql AS $$
    SELECT throws_ok(format('SELECT pg_temp.run_as(%L, %L)', p_role, p_sql), p_sqlstate, NULL, p_what)
$$;

CREATE TEMPORARY TABLE services AS SELECT unnest(ARRAY['intake', 'followup', 'loyalty', 'reporting']) AS service;

-- ---- reading and writing tables

SELECT ok(has_table_privilege('troth_' || service, t, 'SELECT'), service || ' reads ' || t)
  FROM services, unnest(ARRAY['log.head', 'log.event', 'log.consumer_cursor', 'log.lease', 'log.clock']) AS t;
SELECT ok(NOT has_table_privilege('troth_' || service, t, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER'),
          service || ' does not write ' || t)
  FROM (SELECT service FROM services UNION ALL SELECT 'operator') AS s,
       unnest(ARRAY['log.head', 'log.event', 'log.consumer_cursor', 'log.lease', 'log.clock', 'log.alive']) AS t;
SELECT pg_temp.refuses('troth_intake', 'INSERT INTO log.event VALUES (''intake.0'', 1, 1, 1, 1, ''k'', now(), '''')',
                       '42501', 'an event inserted past log.append');
SELECT pg_temp.refuses('troth_intake', 'UPDATE log.head SET seq = 0', '42501', 'a head turned back');
SELECT pg_temp.refuses('troth_loyalty', 'UPDATE log.consumer_cursor SET seq = 0', '42501', 'a cursor turned back');
SELECT pg_temp.refuses('troth_followup', 'UPDATE log.clock SET demo_now = now()', '42501', 'a service sets the clock');
SELECT pg_temp.refuses('troth_operator', 'UPDATE log.clock SET demo_now = now()', '42501', 'the operator sets the clock');

-- ---- the clock

SELECT is(log.schema_version(), 1, 'the schema has version 1');
SELECT ok(abs(extract(epoch FROM log.now() - clock_timestamp())) < 1, 'business time is real time at first');
SELECT throws_ok('INSERT INTO log.clock (is_only) VALUES (true)', '23505', NULL, 'there is one clock');
SELECT throws_ok('INSERT INTO log.clock (is_only) VALUES (false)', '23514', NULL, 'and no other');
UPDATE log.clock SET demo_now = '2026-03-01 08:00Z';
SELECT is(pg_temp.ask_as('troth_' || service, 'SELECT log.now()')::timestamptz, '2026-03-01 08:00Z'::timestamptz,
          service || ' sees the demo clock')
  FROM services;
UPDATE log.clock SET demo_now = NULL;

-- ---- leases

SELECT pg_temp.refuses('troth_' || s.service, format('SELECT log.%s', call), '42501', s.service || ' calls ' || call)
  FROM services AS s
  JOIN services AS other ON other.service <> s.service
 CROSS JOIN LATERAL unnest(ARRAY[
           format('lease_take(''lane/%s'', 8, 0, ''h'', 1000000)', other.service),
           format('lease_take(''stream/%s'', 8, 1, ''h'', 1000000)', other.service),
           format('lease_give_back(''lane/%s'', ''h'')', other.service),
           format('lease_hold(''lane/%s/0'', 1)', other.service),
           format('append(''%s.0'', 1, ''{1}'', ''{1}'', ''{1}'', ''{k}'', ''{2026-03-01}'', ''{x}'')', other.service),
           format('advance(''%s'', ''{intake.0}'', ''{1}'', ''{0}'', ''{1}'')', other.service)]) AS call;
SELECT pg_temp.refuses('troth_operator', 'SELECT log.lease_take(''lane/intake'', 8, 0, ''h'', 1000000)', '42501',
                       'the operator takes a lease');
SELECT pg_temp.refuses('troth_loyalty', 'SELECT log.lease_take(''member/lane/loyalty'', 8, 0, ''h'', 1000000)', '42501',
                       'a group named member');
SELECT pg_temp.refuses('troth_loyalty', format('SELECT log.lease_take(''lane/loyalty'', %s)', arguments), '22023',
                       'lease_take with ' || arguments)
  FROM unnest(ARRAY['0, 0, ''h'', 1', '65, 0, ''h'', 1', '8, -1, ''h'', 1', '8, 0, ''h'', 0', 'NULL, 0, ''h'', 1']) AS arguments;

SELECT is(pg_temp.ask_as('troth_loyalty', 'SELECT array_agg(index || '':'' || term) FROM log.lease_take(''lane/loyalty'', 4, 0, ''a'', 60000000)'),
          '{0:1,1:1,2:1,3:1}', 'who is alone gets all');
SELECT is(pg_temp.ask_as('troth_loyalty', 'SELECT count(*) FROM log.lease_take(''lane/loyalty'', 4, 0, ''b'', 60000000)'),
          '0', 'the second finds none free');
SELECT is(pg_temp.ask_as('troth_loyalty', 'SELECT array_agg(index || '':'' || term) FROM log.lease_take(''lane/loyalty'', 4, 0, ''a'', 60000000)'),
          '{0:1,1:1}', 'then the first keeps half, under the same terms');
SELECT is(pg_temp.ask_as('troth_loyalty', 'SELECT array_agg(index || '':'' || term) FROM log.lease_take(''lane/loyalty'', 4, 0, ''b'', 60000000)'),
          '{2:2,3:2}', 'and the second gets the rest, under new ones');
SELECT is(pg_temp.ask_as('troth_loyalty', 'SELECT count(*) FROM log.lease_take(''lane/loyalty'', 4, 1, ''b'', 60000000)'),
          '1', 'who wants fewer lets go');
SELECT lives_ok('SELECT pg_temp.run_as(''troth_loyalty'', ''SELECT log.lease_hold(''''lane/loyalty/0'''', 1)'')', 'a term in force is held');
SELECT pg_temp.refuses('troth_loyalty', 'SELECT log.lease_hold(''lane/loyalty/2'', 1)', '40001', 'an old term');
SELECT pg_temp.refuses('troth_loyalty', 'SELECT log.lease_hold(''lane/loyalty/3'', 2)', '40001', 'a term that was let go');
SELECT pg_temp.refuses('troth_loyalty', 'SELECT log.lease_hold(''lane/loyalty/9'', 0)', '40001', 'a lease that never was');
SELECT pg_temp.run_as('troth_loyalty', 'SELECT log.lease_give_back(''lane/loyalty'', ''a'')');
SELECT pg_temp.refuses('troth_loyalty', 'SELECT log.lease_hold(''lane/loyalty/0'', 1)', '40001', 'a term that was given back');
SELECT is(pg_temp.ask_as('troth_loyalty', 'SELECT count(*) FROM log.lease_take(''lane/loyalty'', 4, 0, ''b'', 60000000)'),
          '4', 'what was given back is free at once');
-- The server's clock was set back: leases of processes that died end hours from now.
UPDATE log.lease SET until = clock_timestamp() + interval '3 hours';
SELECT is(pg_temp.ask_as('troth_loyalty', 'SELECT array_agg(index || '':'' || term) FROM log.lease_take(''lane/loyalty'', 4, 0, ''c'', 60000000)'),
          '{0:3,1:3,2:3,3:4}', 'who died before the clock was set back keeps nothing');
SELECT pg_temp.refuses('troth_loyalty', 'SELECT log.lease_hold(''lane/loyalty/2'', 2)', '40001', 'its term is over, however far its end');
SELECT pg_temp.run_as('troth_loyalty', 'SELECT log.lease_give_back(''lane/loyalty'', ''c'')');

-- ---- events

SELECT pg_temp.refuses('troth_intake', 'SELECT log.append(''intake.0'', 1, ''{1}'', ''{1}'', ''{1}'', ''{k}'', ''{2026-03-01}'', ''{x}'')',
                       '40001', 'append without the slot');
SELECT is(pg_temp.ask_as('troth_intake', 'SELECT index || '':'' || term FROM log.lease_take(''stream/intake'', 8, 1, ''a'', 60000000)'),
          '0:1', 'intake takes a slot');
SELECT is(pg_temp.ask_as('troth_intake',
    'SELECT array_agg((ordinal, seq)::text ORDER BY ordinal) FROM log.append(''intake.0'', 1, ''{7,3,7,7}'', ''{7,3,263,7}'','
    ' ''{1,2,3,4}'', ''{a,b,c,d}'', ''{2026-03-01,2026-03-02,2026-03-03,2026-03-04}'', ''{A,B,C,D}'')'),
    '{"(1,1)","(2,1)","(3,2)","(4,3)"}', 'numbers follow the arguments within each bucket');
SELECT is(pg_temp.ask_as('troth_intake',
    'SELECT array_agg((ordinal, seq)::text ORDER BY ordinal) FROM log.append(''intake.0'', 1, ''{3,7}'', ''{3,7}'','
    ' ''{5,6}'', ''{e,f}'', ''{2026-03-05,2026-03-06}'', ''{E,F}'')'),
    '{"(1,2)","(2,4)"}', 'and go on from there');
SELECT results_eq('SELECT bucket::int, seq, customer_id, version, kind, body FROM log.event ORDER BY bucket, seq',
    $$VALUES (3, 1::int8, 3::int8, 2::int8, 'b', 'B'::bytea), (3, 2, 3, 5, 'e', 'E'), (7, 1, 7, 1, 'a', 'A'),
             (7, 2, 263, 3, 'c', 'C'), (7, 3, 7, 4, 'd', 'D'), (7, 4, 7, 6, 'f', 'F')$$, 'each event stands where it belongs');
SELECT results_eq('SELECT bucket::int, seq FROM log.head ORDER BY bucket', 'VALUES (3, 2::int8), (7, 4)', 'the heads agree');
SELECT is(pg_temp.ask_as('troth_intake', 'SELECT count(*) FROM log.append(''intake.0'', 1, ''{}'', ''{}'', ''{}'', ''{}'', ''{}'', ''{}'')'),
          '0', 'nothing appends nothing');
SELECT pg_temp.refuses('troth_intake', 'SELECT log.append(''intake.0'', 2, ''{1}'', ''{1}'', ''{1}'', ''{k}'', ''{2026-03-01}'', ''{x}'')',
                       '40001', 'append with another term');
SELECT pg_temp.refuses('troth_intake', 'SELECT log.append(''intake.0'', 1, ''{1}'', ''{1,2}'', ''{1}'', ''{k}'', ''{2026-03-01}'', ''{x}'')',
                       '22023', 'arrays of different lengths');
SELECT pg_temp.refuses('troth_intake', 'SELECT log.append(''intake.0'', 1, ''{256}'', ''{1}'', ''{1}'', ''{k}'', ''{2026-03-01}'', ''{x}'')',
                       '23514', 'a bucket that is none');
SELECT pg_temp.refuses('troth_intake', 'SELECT log.append(''intake.0'', 1, ''{1}'', ''{1}'', ''{1}'', ''{NULL}'', ''{2026-03-01}'', ''{x}'')',
                       '23502', 'an event without a kind');
SELECT is((SELECT max(seq) FROM log.head WHERE bucket = 1), NULL, 'what is refused leaves no trace');

-- ---- events that the writer has numbered

CREATE FUNCTION pg_temp.append_at(p_term int8, p_customer text, p_seq text, p_more text) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT log.append_at(''intake.0'', %s, %L, %L, %L, %L, %L, %s)', p_term,
                  coalesce(array_agg(r.bucket), '{}'), coalesce(array_agg(r.before), '{}'), coalesce(array_agg(r.last), '{}'),
                  p_customer, p_seq, p_more)
      FROM (SELECT (e.customer & 255)::int2 AS bucket, min(e.seq) - 1 AS before, max(e.seq) AS last
              FROM unnest(p_customer::int8[], p_seq::int8[]) AS e (customer, seq) GROUP BY 1) AS r
$$;
SELECT is(pg_temp.ask_as('troth_intake', 'SELECT count(*) || '' '' || sum(seq) FROM log.heads(''intake.0'', 1)'), '256 6',
          'a stream has all its heads once somebody asked for them');
SELECT pg_temp.refuses('troth_intake', 'SELECT log.heads(''intake.0'', 2)', '40001', 'heads for another term');
SELECT pg_temp.refuses('troth_loyalty', 'SELECT log.heads(''intake.0'', 1)', '42501', 'heads for another service');
SELECT pg_temp.run_as('troth_intake', pg_temp.append_at(1, '{7,9,263,7}', '{6,1,7,5}',
    '''{1,2,3,4}'', ''{a,b,c,d}'', ''{2026-03-01,2026-03-02,2026-03-03,2026-03-04}'', ''{A,B,C,D}'''));
SELECT results_eq('SELECT bucket::int, seq, customer_id, version, kind, body FROM log.event WHERE bucket = 9 OR seq > 4 ORDER BY bucket, seq',
    $$VALUES (7, 5::int8, 7::int8, 4::int8, 'd', 'D'::bytea), (7, 6, 7, 1, 'a', 'A'), (7, 7, 263, 3, 'c', 'C'), (9, 1, 9, 2, 'b', 'B')$$,
    'numbered events stand where they belong, in whatever order they come');
SELECT results_eq('SELECT bucket::int, seq FROM log.head WHERE seq > 0 ORDER BY bucket', 'VALUES (3, 2::int8), (7, 7), (9, 1)',
                  'the heads have moved');
SELECT pg_temp.run_as('troth_intake', pg_temp.append_at(1, '{}', '{}', '''{}'', ''{}'', ''{}'', ''{}'''));
SELECT pg_temp.refuses(role, pg_temp.append_at(term, customer, seq, more), state, what)
  FROM (VALUES
    ('troth_loyalty', 1, '{7}', '{8}', '''{1}'', ''{k}'', ''{2026-03-01}'', ''{x}''', '42501', 'append_at for another service'),
    ('troth_intake', 2, '{7}', '{8}', '''{1}'', ''{k}'', ''{2026-03-01}'', ''{x}''', '40001', 'append_at with another term'),
    ('troth_intake', 1, '{7}', '{7}', '''{1}'', ''{k}'', ''{2026-03-01}'', ''{x}''', '40001', 'a number that is taken'),
    ('troth_intake', 1, '{7}', '{9}', '''{1}'', ''{k}'', ''{2026-03-01}'', ''{x}''', '40001', 'a gap behind the head'),
    ('troth_intake', 1, '{7,7}', '{8,10}', '''{1,1}'', ''{k,k}'', ''{2026-03-01,2026-03-01}'', ''{x,x}''', '40001', 'a gap between two'),
    ('troth_intake', 1, '{7,7}', '{8,8}', '''{1,1}'', ''{k,k}'', ''{2026-03-01,2026-03-01}'', ''{x,x}''', '40001', 'one number twice'),
    ('troth_intake', 1, '{7,7,7,7}', '{8,8,9,11}', '''{1,1,1,1}'', ''{k,k,k,k}'',''{2026-03-01,2026-03-01,2026-03-01,2026-03-01}'',''{x,x,x,x}''',
     '23505', 'one number twice and one left out'),
    ('troth_intake', 1, '{7,9}', '{8,3}', '''{1,1}'', ''{k,k}'', ''{2026-03-01,2026-03-01}'', ''{x,x}''', '40001', 'one bucket of two'),
    ('troth_intake', 1, '{7,7}', '{8}', '''{1,1}'', ''{k,k}'', ''{2026-03-01,2026-03-01}'', ''{x,x}''', '23502', 'a number that is missing'),
    ('troth_intake', 1, '{7}', '{8,9}', '''{1}'', ''{k}'', ''{2026-03-01}'', ''{x}''', '40001', 'a customer who is missing'),
    ('troth_intake', 1, '{NULL}', '{8}', '''{1}'', ''{k}'', ''{2026-03-01}'', ''{x}''', '40001', 'no customer'),
    ('troth_intake', 1, '{7}', '{NULL}', '''{1}'', ''{k}'', ''{2026-03-01}'', ''{x}''', '40001', 'no number'),
    ('troth_intake', 1, '{7}', '{8}', '''{1,2}'', ''{k}'', ''{2026-03-01}'', ''{x}''', '23502', 'a version too many'),
    ('troth_intake', 1, '{7}', '{8}', '''{1}'', ''{}'', ''{2026-03-01}'', ''{x}''', '23502', 'a kind that is missing')
  ) AS c (role, term, customer, seq, more, state, what);
SELECT pg_temp.refuses('troth_intake', format('SELECT log.append_at(''intake.0'', 1, %L, %L, %L, %L, %L, ''{1,1}'', ''{k,k}'','
                       ' ''{2026-03-01,2026-03-01}'', ''{x,x}'')', bucket, before, last, customer, seq), '40001', what)
  FROM (VALUES
    ('{7}', '{7}', '{9}', '{7,9}', '{8,9}', 'an event of a bucket that is not named'),
    ('{7,9}', '{7,1}', '{8,2}', '{7,9}', '{8,8}', 'a number of another bucket'),
    ('{7,9}', '{7,1}', '{10,0}', '{7,9}', '{8,2}', 'a head that goes back'),
    ('{7,7}', '{7,7}', '{8,8}', '{7,7}', '{8,9}', 'a bucket twice'),
    ('{7}', '{7}', '{9,10}', '{7,7}', '{8,10}', 'a range that is too short')
  ) AS c (bucket, before, last, customer, seq, what);
SELECT results_eq('SELECT bucket::int, seq FROM log.head WHERE seq > 0 ORDER BY bucket', 'VALUES (3, 2::int8), (7, 7), (9, 1)',
                  'what is refused moves no head');
SELECT is(pg_temp.ask_as('troth_intake', 'SELECT array_agg(seq) FROM log.append(''intake.0'', 1, ''{9,7}'', ''{9,7}'','
    ' ''{5,6}'', ''{e,f}'', ''{2026-03-05,2026-03-06}'', ''{E,F}'')'), '{2,8}', 'who counts in the database goes on from there');

-- ---- cursors

SELECT pg_temp.run_as('troth_loyalty', 'SELECT log.advance(''loyalty'', ''{intake.0,intake.0}'', ''{3,7}'', ''{0,0}'', ''{2,3}'')');
SELECT results_eq('SELECT bucket::int, seq FROM log.consumer_cursor ORDER BY bucket', 'VALUES (3, 2::int8), (7, 3)', 'cursors start at 0');
SELECT pg_temp.refuses('troth_loyalty', 'SELECT log.advance(''loyalty'', ''{intake.0,intake.0}'', ''{3,7}'', ''{2,2}'', ''{3,4}'')',
                       '40001', 'one cursor of two stands elsewhere');
SELECT pg_temp.refuses('troth_loyalty', 'SELECT log.advance(''loyalty'', ''{intake.0}'', ''{7}'', ''{0}'', ''{4}'')',
                       '40001', 'a second reader that began from 0');
SELECT pg_temp.refuses('troth_loyalty', 'SELECT log.advance(''loyalty'', ''{intake.0}'', ''{7}'', ''{3}'', ''{3}'')',
                       '40001', 'a move that is none');
SELECT results_eq('SELECT bucket::int, seq FROM log.consumer_cursor ORDER BY bucket', 'VALUES (3, 2::int8), (7, 3)', 'then none has moved');
SELECT pg_temp.run_as('troth_loyalty', 'SELECT log.advance(''loyalty.replay'', ''{intake.0}'', ''{7}'', ''{0}'', ''{4}'')');
SELECT is((SELECT seq FROM log.consumer_cursor WHERE consumer = 'loyalty.replay'), 4::int8, 'a service may read a second time under another name');

-- ---- liveness

SELECT pg_temp.run_as('troth_reporting', 'SELECT log.heartbeat(''host/1/2'', NULL, 0::int2)') FROM generate_series(1, 3);
SELECT is(count(*), 1::int8, 'a holder beats in one row') FROM log.alive;

SELECT * FROM finish();
ROLLBACK;
