-- SPDX-License-Identifier: Apache-2.0
--
-- distribute.sql - spreads the schema over several machines by bucket, with Citus. Run once, as a superuser, on the
-- machine that the services talk to (the coordinator), after migrate.sh and after the workers were added:
--
--   psql -X "host=... dbname=troth" -c "SELECT citus_add_node('worker-1', 5432)" -c "SELECT citus_add_node('worker-2', 5432)"
--   psql -X "host=... dbname=troth" -v ON_ERROR_STOP=1 -f distribute.sql
--
-- May run again: what is distributed stays as it is, and what a migration has added follows. Services change nothing and may
-- run meanwhile, but each table is locked while its rows are copied: do it while it is small.
--
-- The rule that decides, and that every migration keeps (tests/lint/distribution.sh): a table whose primary key contains
-- 'bucket' is spread by it, all in one group, so that what one transaction of a customer touches is on one machine.
-- Tables without it are small: those that statements about customers join are copied to every machine, the rest stays
-- where the services are.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

CREATE EXTENSION IF NOT EXISTS citus;

-- One shard holds several buckets; 32 is the most machines that this can grow to.
SELECT set_config('citus.shard_count', '32', false) \g /dev/null
SELECT set_config('citus.shard_replication_factor', '1', false) \g /dev/null

CREATE TEMP TABLE plan ON COMMIT PRESERVE ROWS AS
WITH keyed AS (
    SELECT c.oid, n.nspname, c.relname,
           EXISTS (SELECT FROM pg_constraint AS k
                     JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY (k.conkey)
                    WHERE k.conrelid = c.oid AND k.contype = 'p' AND a.attname = 'bucket') AS by_bucket
      FROM pg_class AS c
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND n.nspname IN ('intake', 'log', 'followup', 'loyalty', 'reporting')
)
SELECT k.oid::regclass AS name, k.by_bucket
  FROM keyed AS k
 WHERE NOT EXISTS (SELECT FROM pg_dist_partition AS d WHERE d.logicalrelid = k.oid)
   AND (k.by_bucket OR format('%s.%s', k.nspname, k.relname) IN (
        'log.clock', 'intake.source', 'intake.source_revision', 'intake.standard_version', 'intake.branch',
        'intake.staff', 'intake.improvement', 'intake.do_not_call', 'followup.rule_version', 'followup.questionnaire_version',
        'followup.subscription', 'loyalty.sum_policy'));

-- Copies first: defaults of the others ask log.now(), which reads log.clock.
SELECT create_reference_table(name) FROM plan WHERE NOT by_bucket ORDER BY name;
-- The first one begins the group, the others join it.
SELECT create_distributed_table('intake.customer', 'bucket', colocate_with => 'none')
  FROM plan WHERE name = 'intake.customer'::regclass;
SELECT create_distributed_table(name, 'bucket', colocate_with => 'intake.customer')
  FROM plan WHERE by_bucket AND name <> 'intake.customer'::regclass ORDER BY name;

-- Rights. On one machine a service reads what others have through views, whose owner may read the tables. Citus replaces a
-- view by its tables before it asks a worker, and asks as the service: so each service may read the columns that its
-- views are made from, now and after a migration that adds to them. What is sealed is in none of them but for
-- intake.customer.wrapped_key, of which the view says whether it is there: a service could read it here, and it opens
-- nothing without the file of the master keys.
CREATE TEMP TABLE shown ON COMMIT PRESERVE ROWS AS
SELECT DISTINCT t.oid::regclass AS name, a.attname, g.grantee::regrole AS role
  FROM pg_class AS v
  JOIN pg_namespace AS n ON n.oid = v.relnamespace AND n.nspname IN ('intake', 'log', 'followup', 'loyalty', 'reporting')
 CROSS JOIN LATERAL aclexplode(v.relacl) AS g
  JOIN pg_rewrite AS r ON r.ev_class = v.oid
  JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
  JOIN pg_class AS t ON t.oid = d.refobjid AND t.relkind IN ('r', 'p')
  JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid AND d.refobjsubid > 0
  JOIN pg_dist_partition AS p ON p.logicalrelid = t.oid
 WHERE v.relkind = 'v' AND g.privilege_type = 'SELECT' AND g.grantee <> v.relowner AND g.grantee <> 0;

SELECT format('GRANT SELECT (%s) ON %s TO %s', string_agg(quote_ident(attname), ', '), name, role)
  FROM shown GROUP BY name, role ORDER BY name, role \gexec

-- log.append and the like write as the owner of the schema, who never logs in but from this machine at a worker: let
-- pg_hba.conf of the workers say so.
SELECT run_command_on_workers($$DO 'BEGIN SET LOCAL citus.enable_alter_role_propagation = off; ALTER ROLE troth_owner LOGIN; END'$$);
