-- SPDX-License-Identifier: Apache-2.0
-- Who may read and write the schema intake, and what its functions do. Run by pg_prove.
\set ON_ERROR_STOP 1
BEGIN;
CREATE EXTENSION pgtap;
SELECT no_plan();

-- ---- rights

SELECT is(has_table_privilege('troth_intake', c.oid, 'INSERT'), c.relname NOT IN ('source', 'source_revision'),
          'intake writes ' || c.relname)
  FROM pg_class AS c WHERE c.relnamespace = 'intake'::regnamespace AND c.relkind = 'r' ORDER BY c.relname;
SELECT is(has_table_privilege(r, c.oid, 'SELECT, INSERT, UPDATE, DELETE'), false, r || ' has no right on ' || c.relname)
  FROM pg_class AS c,
       unnest(ARRAY['troth_followup', 'troth_loyalty', 'troth_reporting', 'troth_operator']) AS r
 WHERE c.relnamespace = 'intake'::regnamespace AND c.relkind = 'r' ORDER BY c.relname, r;
SELECT is(has_table_privilege(r, c.oid, 'SELECT'), true, r || ' reads the view ' || c.relname)
  FROM pg_class AS c,
       unnest(ARRAY['troth_followup', 'troth_loyalty', 'troth_reporting', 'troth_operator']) AS r
 WHERE c.relnamespace = 'intake'::regnamespace AND c.relkind = 'v' AND c.relname NOT LIKE '%\_for\_operator' ORDER BY c.relname, r;
SELECT is(has_table_privilege(r, c.oid, 'SELECT'), false, r || ' does not read what is for the operator: ' || c.relname)
  FROM pg_class AS c, unnest(ARRAY['troth_followup', 'troth_loyalty', 'troth_reporting']) AS r
 WHERE c.relnamespace = 'intake'::regnamespace AND c.relkind = 'v' AND c.relname LIKE '%\_for\_operator' ORDER BY c.relname, r;
SELECT is(count(*), 0::int8, 'no view shows a name, a number or a text')
  FROM information_schema.columns
 WHERE table_schema = 'intake' AND (column_name IN ('phone', 'email', 'birthday', 'body') OR column_name LIKE '%sealed%' OR column_name LIKE '%wrapped%'
       OR column_name LIKE 'key\_%')
   AND table_name IN (SELECT viewname FROM pg_views WHERE schemaname = 'intake')
   AND (table_name, column_name) <> ('standard_version_public', 'body'); -- the standard's own text: nobody's
SELECT is(has_function_privilege(r, (SELECT oid FROM pg_proc WHERE proname = f), 'EXECUTE'),
          r IN ('troth_operator', 'troth_intake'), r || ' and ' || f)
  FROM unnest(ARRAY['troth_intake', 'troth_followup', 'troth_loyalty', 'troth_reporting', 'troth_operator']) AS r,
       unnest(ARRAY['source_register', 'source_rotate', 'source_set_token', 'source_revoke', 'triage_install']) AS f;

-- ---- buckets lead what grows with customers

SELECT is((SELECT a.attname FROM pg_attribute AS a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0]), 'bucket',
          'bucket leads the key of ' || c.relname)
  FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
 WHERE c.relnamespace = 'intake'::regnamespace AND i.indisunique
   AND c.relname NOT IN ('source', 'source_revision', 'standard_version', 'master_key', 'master_key_use', 'upkeep', 'branch', 'staff', 'triage_model', 'forecast', 'fingerprint_count', 'word_day', 'improvement', 'do_not_call') ORDER BY c.relname;

-- ---- sources

CREATE TEMPORARY TABLE key ON COMMIT DROP AS
SELECT decode(repeat('01', 32), 'hex') AS one, decode(repeat('02', 32), 'hex') AS two;
SELECT lives_ok($$SELECT intake.source_register('shop', one, '{records}', false, now()) FROM key$$, 'a source');
SELECT lives_ok($$SELECT intake.source_register('shop', two, '{records,disclosure}', true, now()) FROM key$$,
                'its new key and rights');
SELECT results_eq($$SELECT name, rights, is_historical FROM intake.source_public$$,
                  $$VALUES ('shop', '{records,disclosure}'::text[], true)$$, 'are what counts');
SELECT throws_ok($$SELECT intake.source_register('Shop', one, '{records}', false, now()) FROM key$$, '23514', NULL,
                 'a name that is none');
SELECT throws_ok($$SELECT intake.source_register('other', one, '{everything}', false, now()) FROM key$$, '23514', NULL,
                 'a right that is none');
SELECT throws_ok($$SELECT intake.source_register('other', two, '{records}', false, now()) FROM key$$, '23505', NULL,
                 'the key of somebody else');
SELECT throws_ok($$SELECT intake.source_register('other', one, '{records}', false, now(), p_burst => 5) FROM key$$, '23514', NULL,
                 'a burst without a rate');
SELECT throws_ok($$SELECT intake.source_register('other', one, '{records}', false, now(), p_rate_per_second => 0) FROM key$$, '23514',
                 NULL, 'a rate of nothing');
SELECT throws_ok($$SELECT intake.source_register('other', one, '{records}', false, now(), p_branches => ARRAY[E'a\nb']) FROM key$$, '23514',
                 NULL, 'a branch of two lines');
SELECT lives_ok($$SELECT intake.source_register('shop', two, '{records}', false, now(), '{contact}', '{north}', '{phone}', 50, 100) FROM key$$,
                'limits');
SELECT results_eq($$SELECT record_kinds, branches, disclosure_kinds, rate_per_second, burst FROM intake.source_public$$,
                  $$VALUES ('{contact}'::text[], '{north}'::text[], '{phone}'::text[], 50, 100)$$, 'are kept');
SELECT is(intake.source_set_token('shop', decode(repeat('aa', 32), 'hex')), true, 'a token');
SELECT throws_ok($$SELECT intake.source_set_token('shop', '\xaabb')$$, '23514', NULL, 'what is no digest');
SELECT is(intake.source_set_token('nobody', NULL), false, 'nobody has no token');
SELECT is(intake.source_rotate('shop', (SELECT one FROM key)), true, 'a new key');
SELECT results_eq($$SELECT public_key, record_kinds, rate_per_second, token_digest IS NOT NULL FROM intake.source_public$$,
                  $$SELECT one, '{contact}'::text[], 50, true FROM key$$, 'leaves the rest alone');
CREATE TEMPORARY TABLE seen ON COMMIT DROP AS SELECT revision FROM intake.source_revision_public;
SELECT is(intake.source_revoke('shop', now()), true, 'a source is revoked');
SELECT is(intake.source_revoke('shop', now()), false, 'once');
SELECT is(intake.source_rotate('shop', (SELECT two FROM key)), false, 'and gets no new key');
SELECT isnt(revoked_at, NULL, 'and stays') FROM intake.source_public;
SELECT is(token_digest, NULL, 'without its token') FROM intake.source_public;
SELECT cmp_ok(p.revision, '>', s.revision, 'and everybody can see that something has changed')
  FROM intake.source_revision_public AS p, seen AS s;

-- ---- models of triage

SELECT throws_ok($$SELECT intake.triage_install('weather', 'h', '\x00', 'r', now())$$, '23514', NULL, 'a purpose that is none');
SELECT lives_ok($$SELECT intake.triage_install('category', 'first', '\x01', 'r', now())$$, 'a model');
SELECT lives_ok($$SELECT intake.triage_install('category', 'second', '\x02', 'r', now() - interval '1 day')$$, 'another one');
SELECT lives_ok($$SELECT intake.triage_install('mood', 'third', '\x03', 'r', now())$$, 'one for another purpose');
INSERT INTO intake.triage_model (purpose, hash, body, report, is_active, trained_at)
VALUES ('category', 'fourth', '\x04', 'r', false, now());
SELECT results_eq($$SELECT purpose, hash, model FROM intake.triage_model_in_force ORDER BY 1$$,
                  $$VALUES ('category', 'second', '\x02'::bytea), ('mood', 'third', '\x03')$$,
                  'of each purpose the one that was installed last is in force');

-- ---- compare and set

SELECT is(intake.expect_rows(3, 3), 3::int8, 'all rows were found');
SELECT throws_ok('SELECT intake.expect_rows(2, 3)', '40001', NULL, 'one was changed by somebody else');

-- ---- nothing personal in the open

SELECT is(format_type(atttypid, atttypmod), 'bytea', attrelid::regclass || '.' || attname || ' is sealed')
  FROM pg_attribute
 WHERE (attrelid, attname) IN (('intake.person'::regclass, 'sealed'), ('intake.contact_text'::regclass, 'sealed'),
                               ('intake.customer'::regclass, 'wrapped_key'));
SELECT is(count(*), 0::int8, 'person and contact_text have no column for a text')
  FROM pg_attribute
 WHERE attrelid IN ('intake.person'::regclass, 'intake.contact_text'::regclass) AND attnum > 0 AND atttypid = 'text'::regtype;

-- ---- upkeep

SELECT is(has_function_privilege(r, 'intake.count_orphans(smallint, smallint)', 'EXECUTE'), r IN ('troth_operator', 'troth_intake'),
          r || ' and counting orphans')
  FROM unnest(ARRAY['troth_intake', 'troth_followup', 'troth_loyalty', 'troth_reporting', 'troth_operator']) AS r;
SELECT is(sum(orphans), 0::numeric, 'there are no orphans in nothing') FROM intake.count_orphans(0::int2, 255::int2);
INSERT INTO intake.person (bucket, customer_number, sealed) VALUES (1, 257, '');
INSERT INTO intake.customer (bucket, number, version, first_seen_at) VALUES (2, 258, 1, now());
INSERT INTO intake.person (bucket, customer_number, sealed) VALUES (2, 258, '');
SELECT results_eq('SELECT * FROM intake.count_orphans(0::int2, 255::int2) WHERE orphans > 0',
                  $$VALUES ('person.customer_number', 1::int8)$$, 'a person without a customer is one');
SELECT is(sum(orphans), 0::numeric, 'in its own bucket') FROM intake.count_orphans(2::int2, 2::int2);
-- What a later table calls the number of a customer or case must be one of the names that are looked at.
SELECT is(array_agg(DISTINCT c.relname || '.' || a.attname), NULL, 'every number that names a row is looked at')
  FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
 WHERE c.relnamespace = 'intake'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
   AND c.relname <> 'disclosure' AND a.attname LIKE '%\_number'
   AND a.attname NOT IN ('follow_up_number', 'fact_number') -- of followup; of what the record became: any table
   AND c.relname || '.' || a.attname NOT IN (SELECT relation FROM intake.count_orphans(0::int2, 0::int2));

-- ---- similar cases and words of the day

SELECT throws_ok($$INSERT INTO intake.word_day VALUES ('2026-11-21', 'word', 'brakes', 9, 4)$$, '23514', NULL,
                 'a word of four customers is not stored');
SELECT lives_ok($$INSERT INTO intake.word_day VALUES ('2026-11-21', 'word', 'brakes', 9, 5)$$, 'a word of five is');
INSERT INTO intake.case_fingerprint (bucket, case_number, customer_number, fingerprints, is_solved)
VALUES (1, 257, 257, '{1,2,3}', true), (1, 513, 257, '{1,9}', true), (1, 769, 257, '{1,2,3}', false), (2, 258, 258, '{}', true);
INSERT INTO intake.fingerprint_count VALUES (0, 3), (1, 3), (2, 2), (3, 2), (9, 1);
SELECT results_eq($$SELECT case_number FROM intake.similar_candidates(769, '{2,9}', true, 10) ORDER BY 1$$, ARRAY[257, 513]::int8[],
                  'solved cases with any of the fingerprints');
SELECT results_eq($$SELECT case_number FROM intake.similar_candidates(257, '{2,9}', true, 10)$$, ARRAY[513]::int8[],
                  'but not the one that is asked about');
SELECT results_eq($$SELECT case_number FROM intake.similar_candidates(0, '{1,2,3}', false, 3) ORDER BY 1$$, ARRAY[257]::int8[],
                  'a part of those with the first one, with the first three, ...');
SELECT is(intake.forget_fingerprints(1::int2, '{257,258}'), 1::int8, 'cases of that bucket are forgotten');
SELECT results_eq($$SELECT fingerprint, cases FROM intake.fingerprint_count ORDER BY 1$$,
                  $$VALUES (0, 2::int8), (1, 2), (2, 1), (3, 1), (9, 1)$$, 'and not counted any more');
SELECT is(has_table_privilege(r, 'intake.case_fingerprint', 'SELECT'), r = 'troth_intake', r || ' and fingerprints')
  FROM unnest(ARRAY['troth_intake', 'troth_followup', 'troth_loyalty', 'troth_reporting', 'troth_operator']) AS r;
DELETE FROM intake.case_fingerprint;

-- ---- taking back

SELECT is(count(*), 0::int8, 'what is stored is not void by itself')
  FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef AS d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
 WHERE c.relnamespace = 'intake'::regnamespace AND c.relkind = 'r' AND a.attname = 'is_void'
   AND NOT (a.attnotnull AND pg_get_expr(d.adbin, d.adrelid) IS NOT DISTINCT FROM 'false');
SELECT set_eq($$SELECT c.relname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
                 WHERE c.relnamespace = 'intake'::regnamespace AND c.relkind = 'r' AND a.attname = 'is_void'$$,
              ARRAY['contact', 'case_event', 'promise', 'promise_event', 'compensation', 'expectation', 'survey_answer', 'purchase',
                    'refund', 'points_redemption', 'device_signal']::name[], 'everything that a record becomes can be taken back');
INSERT INTO intake.points_redemption (bucket, number, customer_number, reference, points, source_id, occurred_at, received_at, is_void)
    VALUES (7, 263, 519, 'till-1', 5, 1, now(), now(), true), (7, 775, 519, 'till-1', 5, 1, now(), now(), false),
           (7, 1031, 519, 'till-1', 5, 2, now(), now(), false), (7, 1287, 775, 'till-1', 5, 1, now(), now(), false);
SELECT throws_ok($$INSERT INTO intake.points_redemption (bucket, number, customer_number, reference, points, source_id, occurred_at,
                     received_at) VALUES (7, 1543, 519, 'till-1', 5, 1, now(), now())$$, '23505', NULL,
                 'a reference names one redemption of a customer that stands');
SELECT throws_ok($$UPDATE intake.points_redemption SET points = 0$$, '23514', NULL, 'no points are no redemption');
DELETE FROM intake.points_redemption;
SELECT is(has_table_privilege(r, 'intake.record_void_public', 'SELECT'), true, r || ' sees what was taken back')
  FROM unnest(ARRAY['troth_followup', 'troth_loyalty', 'troth_reporting', 'troth_operator']) AS r;
SELECT is(has_table_privilege('troth_intake', 'intake.record_void', 'INSERT'), true, 'intake writes it down');
SELECT is(indexdef ~ 'case_version IS NOT NULL', true, 'first contacts are in no index of contacts')
  FROM pg_indexes WHERE schemaname = 'intake' AND indexname = 'contact_by_case';

-- ---- numbers

SELECT is(nextval('intake.number_block') + 1024, nextval('intake.number_block'), 'a block has 1024 counters');

SELECT * FROM finish();
ROLLBACK;
