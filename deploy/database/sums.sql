-- SPDX-License-Identifier: Apache-2.0
--
-- sums.sql - what a row of each table takes on the disk, and how many there are for a customer and for a case. The page
-- deploy/GROWTH.md multiplies these; with your own the sums are yours.
--
--   psql -X "host=... dbname=troth user=troth_operator" -f sums.sql
--
-- Reads the catalogue and no table, so it takes no time however large they are. Rows are what ANALYZE estimated last:
-- as the owner, or a superuser, say ANALYZE before it in a database that is younger than a day. Bytes are heap, TOAST
-- and all indexes, with what updates have left behind.
-- Of a distributed database it sees the machine it is asked at: ask each worker.
\set QUIET on
\pset footer off
\pset null '-'

\echo Bytes of a row, tables with at least 100 rows
WITH size AS (
    SELECT format('%s.%s', n.nspname, c.relname) AS name, nullif(greatest(c.reltuples, 0), 0)::numeric AS row_count,
           pg_table_size(c.oid)::numeric AS table_bytes, pg_indexes_size(c.oid)::numeric AS index_bytes
      FROM pg_class AS c
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname IN ('intake', 'log', 'followup', 'loyalty', 'reporting', 'audit')
), base AS (
    SELECT max(row_count) FILTER (WHERE name = 'intake.customer') AS customers,
           max(row_count) FILTER (WHERE name = 'intake.service_case') AS cases
      FROM size
)
SELECT s.name AS "table", s.row_count AS rows,
       round(s.table_bytes / s.row_count) AS "table bytes/row",
       round(s.index_bytes / s.row_count) AS "index bytes/row",
       round((s.table_bytes + s.index_bytes) / s.row_count) AS "bytes/row",
       round(s.row_count / b.customers, 2) AS "rows/customer",
       round(s.row_count / b.cases, 2) AS "rows/case"
  FROM size AS s, base AS b
 WHERE s.row_count >= 100
 ORDER BY s.table_bytes + s.index_bytes DESC;

\echo
\echo All of it
WITH size AS (
    SELECT n.nspname AS schema, c.relname AS name, greatest(c.reltuples, 0)::numeric AS row_count,
           pg_total_relation_size(c.oid)::numeric AS bytes
      FROM pg_class AS c
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname IN ('intake', 'log', 'followup', 'loyalty', 'reporting', 'audit')
), base AS (
    SELECT nullif(max(row_count) FILTER (WHERE schema = 'intake' AND name = 'customer'), 0) AS customers,
           nullif(max(row_count) FILTER (WHERE schema = 'intake' AND name = 'service_case'), 0) AS cases,
           nullif(max(row_count) FILTER (WHERE schema = 'intake' AND name = 'contact'), 0) AS contacts
      FROM size
)
SELECT coalesce(s.schema, 'all') AS schema, pg_size_pretty(sum(s.bytes)) AS size,
       round(sum(s.bytes) / max(b.customers)) AS "bytes/customer",
       round(sum(s.bytes) / max(b.cases)) AS "bytes/case",
       round(sum(s.bytes) / max(b.contacts)) AS "bytes/contact"
  FROM size AS s, base AS b
 GROUP BY GROUPING SETS ((s.schema), ())
 ORDER BY sum(s.bytes);
