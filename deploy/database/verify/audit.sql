-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:audit on pg

BEGIN;

SELECT first_position, stream, bucket, first_seq, last_seq FROM audit.run WHERE false;
SELECT level, index, hashes FROM audit.tile WHERE false;
SELECT number, tree_size, root, at, installation, key_id, signature FROM audit.head WHERE false;

SELECT 1 / has_table_privilege(r, t, 'SELECT')::int
  FROM unnest(ARRAY['troth_intake', 'troth_operator']) AS r, unnest(ARRAY['audit.run', 'audit.tile', 'audit.head']) AS t;
SELECT 1 / has_table_privilege('troth_intake', t, 'INSERT')::int
  FROM unnest(ARRAY['audit.run', 'audit.tile', 'audit.head']) AS t;

ROLLBACK;
