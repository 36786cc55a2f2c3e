-- SPDX-License-Identifier: Apache-2.0
-- take_keys.sql - reads what 'after-restore.sh save-keys' wrote from standard input. An older backup has the keys of customers
-- who were erased since, and generations of the master key that were destroyed since; the newest says how it is now.

BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;

CREATE TEMP TABLE saved (kind text, number int8, generation int2, key bytea, first_used_at timestamptz,
                         retired_at timestamptz) ON COMMIT DROP;
\copy saved FROM pstdin (FORMAT csv)

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM saved WHERE kind = 'master') AND EXISTS (SELECT FROM intake.master_key) THEN
        RAISE 'the file has no master key: it is not of save-keys, or of an empty database';
    END IF;
END
$$;

INSERT INTO intake.master_key AS m (generation, fingerprint, first_used_at, retired_at)
SELECT number, key, first_used_at, retired_at FROM saved WHERE kind = 'master'
    ON CONFLICT (generation) DO UPDATE SET retired_at = excluded.retired_at;

WITH changed AS (
    UPDATE intake.customer AS c SET key_generation = s.generation, wrapped_key = s.key
      FROM saved AS s
     WHERE s.kind = 'customer' AND c.number = s.number AND c.bucket = s.number & 255
       AND (c.key_generation, c.wrapped_key) IS DISTINCT FROM (s.generation, s.key)
    RETURNING c.wrapped_key IS NULL AS is_erased)
SELECT format('keys: %s customers took theirs from the newest, %s of them were erased since', count(*),
              count(*) FILTER (WHERE is_erased)) FROM changed;
COMMIT;
