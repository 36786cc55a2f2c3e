-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:key_overlap from pg

BEGIN;

SET LOCAL ROLE troth_owner;

DROP VIEW followup.subscription_overlap_public;
DROP FUNCTION followup.subscription_rotate, followup.subscription_end_overlap, followup.subscription_settle;
UPDATE followup.subscription SET secret = next_secret WHERE next_secret IS NOT NULL;
ALTER TABLE followup.subscription DROP COLUMN next_secret, DROP COLUMN secret_until;
DROP VIEW intake.master_key_process;
DROP TABLE intake.master_key_use;

DROP FUNCTION intake.source_rotate_beside, intake.source_set_token_beside, intake.source_end_overlap;

CREATE OR REPLACE FUNCTION intake.source_register(
    p_name text, p_public_key bytea, p_rights text[], p_is_historical boolean, p_at timestamptz, p_record_kinds text[] DEFAULT NULL,
    p_branches text[] DEFAULT NULL, p_disclosure_kinds text[] DEFAULT NULL, p_rate_per_second integer DEFAULT NULL,
    p_burst integer DEFAULT NULL)
    RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE intake.source_revision SET revision = revision + 1;
    INSERT INTO intake.source AS s (name, public_key, rights, is_historical, record_kinds, branches, disclosure_kinds,
                                    rate_per_second, burst, created_at)
    VALUES (p_name, p_public_key, p_rights, p_is_historical, p_record_kinds, p_branches, p_disclosure_kinds,
            p_rate_per_second, p_burst, p_at)
    ON CONFLICT (name) DO UPDATE
        SET public_key = excluded.public_key, rights = excluded.rights, is_historical = excluded.is_historical,
            record_kinds = excluded.record_kinds, branches = excluded.branches, disclosure_kinds = excluded.disclosure_kinds,
            rate_per_second = excluded.rate_per_second, burst = excluded.burst, revoked_at = NULL
    RETURNING id
$$;

CREATE OR REPLACE FUNCTION intake.source_rotate(p_name text, p_public_key bytea)
    RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE intake.source_revision SET revision = revision + 1;
    WITH rotated AS (UPDATE intake.source SET public_key = p_public_key WHERE name = p_name AND revoked_at IS NULL RETURNING 1)
    SELECT EXISTS (SELECT FROM rotated)
$$;

CREATE OR REPLACE FUNCTION intake.source_set_token(p_name text, p_token_digest bytea)
    RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE intake.source_revision SET revision = revision + 1;
    WITH changed AS (UPDATE intake.source SET token_digest = p_token_digest WHERE name = p_name AND revoked_at IS NULL RETURNING 1)
    SELECT EXISTS (SELECT FROM changed)
$$;

CREATE OR REPLACE FUNCTION intake.source_revoke(p_name text, p_at timestamptz)
    RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE intake.source_revision SET revision = revision + 1;
    WITH revoked AS (
        UPDATE intake.source SET revoked_at = p_at, token_digest = NULL WHERE name = p_name AND revoked_at IS NULL RETURNING 1)
    SELECT EXISTS (SELECT FROM revoked)
$$;

DROP FUNCTION intake.source_key_is_free;
DROP VIEW intake.source_entry_revision_public, intake.source_entry_public, intake.source_former_public;
ALTER TABLE intake.source
    DROP COLUMN former_key, DROP COLUMN former_key_until, DROP COLUMN former_token_digest, DROP COLUMN former_token_until;

COMMIT;
