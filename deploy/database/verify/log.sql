-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:log on pg

BEGIN;

SELECT 1 / (log.schema_version() = 1)::int;
SELECT 1 / (log.now() IS NOT NULL)::int;
SELECT 1 / (count(*) = 1)::int FROM log.clock;

SELECT holder, at, demo_now, demo_holds FROM log.alive WHERE false;
SELECT resource, holder, term, until FROM log.lease WHERE false;
SELECT stream, bucket, seq FROM log.head WHERE false;
SELECT stream, bucket, seq, customer_id, version, kind, at, body FROM log.event WHERE false;
SELECT consumer, stream, bucket, seq FROM log.consumer_cursor WHERE false;

SELECT 1 / has_function_privilege(r, f, 'EXECUTE')::int
  FROM unnest(ARRAY['troth_intake', 'troth_followup', 'troth_loyalty', 'troth_reporting']) AS r,
       unnest(ARRAY['log.now()', 'log.heartbeat(text,timestamptz,int2)', 'log.lease_take(text,int4,int4,text,int8)',
                    'log.lease_give_back(text,text)', 'log.lease_hold(text,int8)',
                    'log.append(text,int8,int2[],int8[],int8[],text[],timestamptz[],bytea[])', 'log.heads(text,int8)',
                    'log.append_at(text,int8,int2[],int8[],int8[],int8[],int8[],int8[],text[],timestamptz[],bytea[])',
                    'log.advance(text,text[],int2[],int8[],int8[])']) AS f;

ROLLBACK;
