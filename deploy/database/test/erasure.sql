-- SPDX-License-Identifier: Apache-2.0
-- Being forgotten: who may do it, and what it removes. Run by pg_prove in a database that sqitch deployed.
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

-- ---- who

CREATE TEMPORARY TABLE others AS SELECT unnest(ARRAY['troth_followup', 'troth_loyalty', 'troth_reporting', 'troth_operator']) AS r;
SELECT ok(NOT has_table_privilege(r, t, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER'), r || ' has no right to ' || t)
  FROM others, unnest(ARRAY['intake.erasure', 'intake.do_not_call']) AS t;
SELECT ok(has_table_privilege(r, 'intake.erasure_public', 'SELECT'), r || ' reads that somebody was erased') FROM others;
SELECT ok(NOT has_function_privilege(r, f, 'EXECUTE'), r || ' does not call ' || f)
  FROM others, unnest(ARRAY['intake.erase_rows(bigint[], bigint[], bigint[])', 'intake.sweep_erasures(timestamptz, timestamptz)',
                            'intake.erasure_members(bigint, smallint, integer, text)',
                            'log.redact(text[], smallint[], bigint[], bigint[], bytea[])']) AS f;
SELECT ok(NOT has_table_privilege('troth_intake', 'intake.erasure', 'DELETE, TRUNCATE'), 'intake forgets no erasure');
SELECT ok(NOT has_table_privilege('troth_intake', 'log.event', 'UPDATE, DELETE'), 'intake changes events by log.redact() alone');
SELECT bag_eq($$SELECT c.relname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                  WHERE n.nspname = 'followup' AND c.relkind IN ('r', 'p', 'v')
                    AND has_table_privilege('troth_intake', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')$$,
              ARRAY['customer_rhythm_public'], 'of followup intake sees what customers said in calls, and no more');
SELECT hasnt_column('intake', 'erasure_public', c, 'others do not see ' || c)
  FROM unnest(ARRAY['asked_by', 'reference_hashes', 'source_id']) AS c;
SELECT lives_ok($$SELECT intake.source_register('officer', decode(repeat('01', 32), 'hex'), '{records,erasure}', false, now())$$,
                'the right erasure is one');
SELECT throws_ok($$SELECT intake.source_register('x', decode(repeat('02', 32), 'hex'), '{erase}', false, now())$$, '23514', NULL,
                 'another word is none');

-- ---- what

-- 2 and 3 follow 1, in other buckets; 4 is somebody else. Handles are the first eight bytes of the hash without the highest bit.
INSERT INTO intake.customer (bucket, number, version, phone_handle, do_not_call, merged_into, follower_count, first_seen_at, key_generation, wrapped_key)
VALUES (1, 257, 1, x'7f00000000000001'::bigint, true, NULL, 2, now(), 1, 'k'), (2, 258, 1, NULL, false, 257, 0, now(), 1, 'k'),
       (3, 259, 1, NULL, false, 257, 0, now(), 1, 'k'), (1, 513, 1, 5, false, NULL, 0, now(), 1, 'k');
INSERT INTO intake.customer_reference VALUES (9, 1, 'li', 258), (8, 1, 'han', 513);
INSERT INTO intake.contact_point VALUES (255, 1, '\xff00000000000001aaaaaaaaaaaaaaaa', 257), (127, 1, '\x7f00000000000001aaaaaaaaaaaaaaaa', 513),
                                        (255, 2, '\xff00000000000001aaaaaaaaaaaaaaaa', 257), (5, 1, '\x05', 259);
INSERT INTO intake.person VALUES (1, 257, 's'), (3, 259, 's'), (1, 513, 's');
INSERT INTO intake.purchase (bucket, number, customer_number, order_ref, amount_minor, currency, source_id, occurred_at, received_at)
VALUES (2, 514, 258, 'O-1', 1, 'CNY', 1, now(), now()), (1, 769, 513, 'O-2', 1, 'CNY', 1, now(), now());

SELECT results_eq($$SELECT * FROM intake.erasure_members(n, NULL, NULL, NULL) ORDER BY 1$$,
                  ARRAY[257::bigint, 258, 259], 'from any of them to all of them: ' || n)
  FROM unnest(ARRAY[257, 258, 259]) AS n WHERE false;
SELECT results_eq($$SELECT * FROM intake.erasure_members(259, NULL, NULL, NULL) ORDER BY 1$$, ARRAY[257::bigint, 258, 259],
                  'from one who follows to all of them');
SELECT results_eq($$SELECT * FROM intake.erasure_members(NULL, 9::int2, 1, 'li') ORDER BY 1$$, ARRAY[257::bigint, 258, 259],
                  'and from a reference');
SELECT is_empty($$SELECT * FROM intake.erasure_members(NULL, 9::int2, 2, 'li')$$, 'another source''s reference is another one');

SELECT is(intake.erase_rows('{257,258,259}', ARRAY[x'7f00000000000001'::bigint], '{}'),
          'customer_key=3 person=2 contact_text=0 contact_point=1 identity_question=0 customer_reference=1 case_reference=0'
          ' case_fingerprint=0 promise_reference=0 expectation_reference=0 order_reference=1 redemption_reference=0 device=0',
          'what is told is what went');
SELECT results_eq('SELECT customer_number, kind::int FROM intake.contact_point ORDER BY 1, 2', $$VALUES (257::bigint, 2), (259, 1), (513, 1)$$,
                  'a handle finds its contact point of that kind and customer, with either highest bit, and no other');
SELECT results_eq('SELECT number FROM intake.customer_public WHERE is_erased ORDER BY 1', ARRAY[257::bigint, 258, 259], 'they are erased');
SELECT results_eq('SELECT customer_number FROM intake.person', ARRAY[513::bigint], 'others are as they were');
SELECT is(split_part(intake.erase_rows('{257,258,259}', '{}', '{}'), ' ', 1), 'customer_key=0', 'it may be called again');

INSERT INTO intake.erasure VALUES (1, 1025, 257, '{257,258,259}', 1, 'customer', true, '{}', 0, '', 1, false, NULL, NULL, 1,
                                   now(), now() - interval '1 hour');
SELECT is(intake.sweep_erasures(now() - interval '2 hours', now()), 0::bigint, 'what is young is not swept yet');
SELECT is(intake.sweep_erasures(now(), now()), 1::bigint, 'then it is, once');
SELECT is(intake.sweep_erasures(now(), now()), 0::bigint, 'and not again');
SELECT results_eq('SELECT customer_number FROM intake.contact_point', ARRAY[513::bigint], 'contact points that no handle leads to go too');

-- ---- not to be called

INSERT INTO intake.do_not_call VALUES (5, now());
SELECT results_eq('SELECT number FROM intake.customer_public WHERE do_not_call ORDER BY 1', ARRAY[257::bigint, 513],
                  'who has such a number is not called');

-- ---- the log

SELECT pg_temp.refuses('troth_followup', $$SELECT log.redact('{intake.0}', '{1}', '{1}', '{257}', '{x}')$$, '42501', 'others take nothing out');
INSERT INTO log.event VALUES ('intake.0', 1, 1, 257, 1, 'customer_changed', now(), 'old'), ('intake.0', 1, 2, 257, 2, 'case_opened', now(), 'old'),
                             ('loyalty.0', 1, 1, 257, 2, 'customer_changed', now(), 'old');
SELECT lives_ok($$SELECT pg_temp.run_as('troth_intake', 'SELECT log.redact(''{intake.0}'', ''{1}'', ''{1}'', ''{257}'', ''{new}'')')$$,
                'intake takes something out of an event of its own');
SELECT pg_temp.refuses('troth_intake', $$SELECT log.redact('{intake.0}', '{1}', '{2}', '{257}', '{new}')$$, '40001', 'not of every kind');
SELECT pg_temp.refuses('troth_intake', $$SELECT log.redact('{loyalty.0}', '{1}', '{1}', '{257}', '{new}')$$, '40001', 'not of another stream');
SELECT pg_temp.refuses('troth_intake', $$SELECT log.redact('{intake.0}', '{1}', '{1}', '{513}', '{new}')$$, '40001', 'not of another customer');
SELECT results_eq('SELECT body FROM log.event ORDER BY stream, seq', ARRAY['new'::bytea, 'old', 'old'], 'the rest is as it was');

SELECT * FROM finish();
ROLLBACK;
