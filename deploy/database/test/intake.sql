-- SPDX-License-Identifier: Apache-2.0
-- Who may read and write the schema intake, and what its functions do. Run by pg_prove.
\set ON_ERROR_STOP 1
BEGIN;
CREATE EXTENSION pgtap;
SELECT no_plan();

-- ---- rights

SELECT is(has_table_privilege('troth_intake', c.oid, 'INSERT'), c.relname <> 'source', 'intake writes ' || c.relname)
  FROM pg_class AS c WHERE c.relnamespace = 'intake'::regnamespace AND c.relkind = 'r' ORDER BY c.relname;
SELECT is(has_table_privilege(r, c.oid, 'SELECT, INSERT, UPDATE, DELETE'), false, r || ' has no right on ' || c.relname)
  FROM pg_class AS c,
       unnest(ARRAY['troth_followup', 'troth_loyalty', 'troth_reporting', 'troth_operator']) AS r
 WHERE c.relnamespace = 'intake'::regnamespace AND c.relkind = 'r' ORDER BY c.relname, r;
SELECT is(has_table_privilege(r, c.oid, 'SELECT'), true, r || ' reads the view ' || c.relname)
  FROM pg_class AS c,
       unnest(ARRAY['troth_followup', 'troth_loyalty', 'troth_reporting', 'troth_operator']) AS r
 WHERE c.relnamespace = 'intake'::regnamespace AND c.relkind = 'v' ORDER BY c.relname, r;
SELECT is(count(*), 0::int8, 'no view shows a name, a number or a text')
  FROM information_schema.columns
 WHERE table_schema = 'intake' AND column_name IN ('phone', 'email', 'birthday', 'body')
   AND table_name IN (SELECT viewname FROM pg_views WHERE schemaname = 'intake');
SELECT is(has_function_privilege(r, 'intake.source_register(text, bytea, text[], boolean, timestamptz)', 'EXECUTE'),
          r IN ('troth_operator', 'troth_intake'), r || ' and registering sources')
  FROM unnest(ARRAY['troth_intake', 'troth_followup', 'troth_loyalty', 'troth_reporting', 'troth_operator']) AS r;

-- ---- buckets lead what grows with customers

SELECT is((SELECT a.attname FROM pg_attribute AS a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0]), 'bucket',
          'bucket leads the key of ' || c.relname)
  FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
 WHERE c.relnamespace = 'intake'::regnamespace AND i.indisunique
   AND c.relname NOT IN ('source', 'standard_version') ORDER BY c.relname;

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
SELECT is(intake.source_revoke('shop', now()), true, 'a source is revoked');
SELECT is(intake.source_revoke('shop', now()), false, 'once');
SELECT isnt(revoked_at, NULL, 'and stays') FROM intake.source_public;

-- ---- compare and set

SELECT is(intake.expect_rows(3, 3), 3::int8, 'all rows were found');
SELECT throws_ok('SELECT intake.expect_rows(2, 3)', '40001', NULL, 'one was changed by somebody else');

-- ---- numbers

SELECT is(nextval('intake.number_block') + 1024, nextval('intake.number_block'), 'a block has 1024 counters');

SELECT * FROM finish();
ROLLBACK;
