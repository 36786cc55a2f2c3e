-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:retention on pg

BEGIN;

SELECT number, began_at, closed_at, dropped_at, kept_events FROM log.event_part WHERE false;
SELECT part, stream, first_seq, last_seq FROM log.event_part_stream WHERE false;
SELECT number, part, closed_at, events, places, at, installation, key_id, signature FROM audit.removal WHERE false;

SELECT 1 / has_function_privilege('troth_intake', f, 'EXECUTE')::int
  FROM unnest(ARRAY['log.event_part_close(timestamptz, interval, integer)',
                    'log.event_part_list(timestamptz, interval, text[])', 'log.event_part_keep_open(integer)',
                    'log.event_part_places(integer)',
                    'log.event_part_drop(integer, timestamptz, interval, text[], bigint, integer)']) AS f;

ROLLBACK;
