-- SPDX-License-Identifier: Apache-2.0
-- Who may come in, and that nobody has rights by default. Run by pg_prove in a database that sqitch deployed.
\set ON_ERROR_STOP 1
BEGIN;
CREATE EXTENSION pgtap;
SELECT no_plan();

SELECT is(rolcanlogin, rolname <> 'troth_owner', rolname || ' logs in, the owner does not')
  FROM pg_roles WHERE rolname LIKE 'troth\_%' ORDER BY rolname;
SELECT is(count(*), 6::int8, 'there are six roles') FROM pg_roles WHERE rolname LIKE 'troth\_%';
SELECT is(rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls, false,
          rolname || ' has no power over the cluster')
  FROM pg_roles WHERE rolname LIKE 'troth\_%' ORDER BY rolname;
SELECT is(rolpassword, NULL, rolname || ' has no password from the migration')
  FROM pg_authid WHERE rolname LIKE 'troth\_%' ORDER BY rolname;
SELECT ok('search_path=""' = ANY (rolconfig), rolname || ' has an empty search_path')
  FROM pg_roles WHERE rolname LIKE 'troth\_%' ORDER BY rolname;
SELECT is(count(*), 0::int8, 'no role is a member of another one of ours')
  FROM pg_auth_members
 WHERE member IN (SELECT oid FROM pg_roles WHERE rolname LIKE 'troth\_%') AND roleid <> 'pg_read_all_stats'::regrole;
SELECT is(array_agg(member::regrole::text ORDER BY member::regrole::text), ARRAY['troth_intake', 'troth_operator'],
          'two see what the whole server does: for /metrics, and for troth status')
  FROM pg_auth_members
 WHERE member IN (SELECT oid FROM pg_roles WHERE rolname LIKE 'troth\_%') AND roleid = 'pg_read_all_stats'::regrole;

CREATE ROLE troth_test_stranger LOGIN;
SELECT is(has_database_privilege('troth_test_stranger', current_database(), 'CONNECT'), false, 'a stranger cannot connect');
SELECT is(has_schema_privilege('troth_test_stranger', 'public', 'USAGE, CREATE'), false, 'nor use schema public');
SELECT is(has_schema_privilege('troth_test_stranger', nspname, 'USAGE, CREATE'), false, 'nor schema ' || nspname)
  FROM pg_namespace WHERE nspowner = 'troth_owner'::regrole ORDER BY nspname;
SELECT is(has_database_privilege(rolname, current_database(), 'TEMPORARY'), false, rolname || ' makes no temporary tables')
  FROM pg_roles WHERE rolname LIKE 'troth\_%' ORDER BY rolname;

SELECT is(pg_get_userbyid(nspowner), 'troth_owner', 'schema ' || nspname || ' is the owner''s')
  FROM pg_namespace
 WHERE nspname IN ('log', 'intake', 'followup', 'loyalty', 'reporting') ORDER BY nspname;
SELECT is(pg_get_userbyid(c.relowner), 'troth_owner', c.oid::regclass || ' is the owner''s')
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspowner = 'troth_owner'::regrole AND c.relkind IN ('r', 'p', 'v', 'S') ORDER BY c.oid::regclass::text;
SELECT is(pg_get_userbyid(proowner), 'troth_owner', p.oid::regprocedure || ' is the owner''s')
  FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
 WHERE n.nspowner = 'troth_owner'::regrole ORDER BY p.oid::regprocedure::text;
-- What runs with the owner's rights must not be led astray by a caller's search_path.
SELECT ok(EXISTS (SELECT FROM unnest(proconfig) AS c WHERE c LIKE 'search\_path=%'),
          p.oid::regprocedure || ' pins its search_path')
  FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
 WHERE n.nspowner = 'troth_owner'::regrole AND p.prosecdef ORDER BY p.oid::regprocedure::text;
SELECT is(has_function_privilege('troth_test_stranger', p.oid, 'EXECUTE'), false,
          p.oid::regprocedure || ' is not for everybody')
  FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
 WHERE n.nspowner = 'troth_owner'::regrole ORDER BY p.oid::regprocedure::text;

SELECT * FROM finish();
ROLLBACK;
