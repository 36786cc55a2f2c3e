-- SPDX-License-Identifier: Apache-2.0
-- Deploy troth:key_overlap to pg
-- requires: intake
-- requires: followup
--
-- A new key, token or secret beside the one before it, for a time: so its owner can be moved to it without a moment in which
-- neither works. Programs of 0.1.0 know the new key and token only, and sign webhooks with the secret of before while its time
-- lasts.

BEGIN;

SET LOCAL ROLE troth_owner;

-- What was in force before, and until when it still is, by the clock of the server.
ALTER TABLE intake.source
    ADD COLUMN former_key bytea CHECK (octet_length(former_key) = 32),
    ADD COLUMN former_key_until timestamptz,
    ADD COLUMN former_token_digest bytea CHECK (octet_length(former_token_digest) = 32),
    ADD COLUMN former_token_until timestamptz;

CREATE VIEW intake.source_former_public AS
    SELECT id, name, former_key, former_key_until, former_token_digest, former_token_until
      FROM intake.source
     WHERE revoked_at IS NULL;

-- Everything that may enter: a row for each key and each token, those before among them.
CREATE VIEW intake.source_entry_public AS
    SELECT s.id, s.name, e.public_key, s.rights, s.is_historical, s.record_kinds, s.branches, s.disclosure_kinds,
           s.rate_per_second, s.burst, e.token_digest
      FROM intake.source AS s
     CROSS JOIN LATERAL (
        SELECT s.public_key, s.token_digest
         UNION ALL
        SELECT s.former_key, NULL WHERE s.former_key IS NOT NULL AND s.former_key_until > clock_timestamp()
         UNION ALL
        SELECT s.public_key, s.former_token_digest WHERE s.former_token_digest IS NOT NULL
                                                     AND s.former_token_until > clock_timestamp()) AS e
     WHERE s.revoked_at IS NULL;

-- Moves too when the time of a former one is over: each that is over counts, and each change counts more than all of them.
CREATE VIEW intake.source_entry_revision_public AS
    SELECT r.revision * 100000
           + (SELECT count(*) FROM intake.source WHERE former_key_until <= clock_timestamp())
           + (SELECT count(*) FROM intake.source WHERE former_token_until <= clock_timestamp()) AS revision
      FROM intake.source_revision AS r;

GRANT SELECT ON intake.source_former_public, intake.source_entry_public, intake.source_entry_revision_public
   TO troth_intake, troth_followup, troth_loyalty, troth_reporting, troth_operator;

-- A key that somebody else may still enter with is refused as one that somebody has. The verbs take the revision first: its row
-- is the lock behind which two of them cannot look past each other.
CREATE FUNCTION intake.source_key_is_free(p_name text, p_public_key bytea) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM intake.source WHERE former_key = p_public_key AND name <> p_name
                  AND former_key_until > clock_timestamp()) THEN
        RAISE unique_violation USING MESSAGE = 'another name had that key before, and may still use it';
    END IF;
END
$$;

-- ---- the verbs; what ends a key or a token ends the one before it, too

CREATE OR REPLACE FUNCTION intake.source_register(
    p_name text, p_public_key bytea, p_rights text[], p_is_historical boolean, p_at timestamptz, p_record_kinds text[] DEFAULT NULL,
    p_branches text[] DEFAULT NULL, p_disclosure_kinds text[] DEFAULT NULL, p_rate_per_second integer DEFAULT NULL,
    p_burst integer DEFAULT NULL)
    RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE intake.source_revision SET revision = revision + 1;
    SELECT intake.source_key_is_free(p_name, p_public_key);
    INSERT INTO intake.source AS s (name, public_key, rights, is_historical, record_kinds, branches, disclosure_kinds,
                                    rate_per_second, burst, created_at)
    VALUES (p_name, p_public_key, p_rights, p_is_historical, p_record_kinds, p_branches, p_disclosure_kinds,
            p_rate_per_second, p_burst, p_at)
    ON CONFLICT (name) DO UPDATE
        SET public_key = excluded.public_key, rights = excluded.rights, is_historical = excluded.is_historical,
            record_kinds = excluded.record_kinds, branches = excluded.branches, disclosure_kinds = excluded.disclosure_kinds,
            rate_per_second = excluded.rate_per_second, burst = excluded.burst, revoked_at = NULL,
            former_key = NULL, former_key_until = NULL
    RETURNING id
$$;

-- At once: the one before ends.
CREATE OR REPLACE FUNCTION intake.source_rotate(p_name text, p_public_key bytea)
    RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE intake.source_revision SET revision = revision + 1;
    SELECT intake.source_key_is_free(p_name, p_public_key);
    WITH rotated AS (
        UPDATE intake.source SET public_key = p_public_key, former_key = NULL, former_key_until = NULL
         WHERE name = p_name AND revoked_at IS NULL RETURNING 1)
    SELECT EXISTS (SELECT FROM rotated)
$$;

-- The one before enters too until then. A step may be repeated: with the key that is there already the one before stays the
-- one before, with that time. Says whether there is one before that enters until then; null: no such name in force.
CREATE FUNCTION intake.source_rotate_beside(p_name text, p_public_key bytea, p_until timestamptz)
    RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE intake.source_revision SET revision = revision + 1;
    SELECT intake.source_key_is_free(p_name, p_public_key);
    UPDATE intake.source
       SET public_key = p_public_key, former_key_until = p_until,
           former_key = CASE WHEN public_key = p_public_key THEN former_key ELSE public_key END
     WHERE name = p_name AND revoked_at IS NULL AND (public_key <> p_public_key OR former_key_until > clock_timestamp());
    SELECT (SELECT former_key IS NOT NULL AND former_key_until = p_until FROM intake.source
             WHERE name = p_name AND revoked_at IS NULL)
$$;

CREATE OR REPLACE FUNCTION intake.source_set_token(p_name text, p_token_digest bytea)
    RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE intake.source_revision SET revision = revision + 1;
    WITH changed AS (
        UPDATE intake.source SET token_digest = p_token_digest, former_token_digest = NULL, former_token_until = NULL
         WHERE name = p_name AND revoked_at IS NULL RETURNING 1)
    SELECT EXISTS (SELECT FROM changed)
$$;

-- The same for tokens: whether there was one.
CREATE FUNCTION intake.source_set_token_beside(p_name text, p_token_digest bytea, p_until timestamptz)
    RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE intake.source_revision SET revision = revision + 1;
    WITH changed AS (
        UPDATE intake.source
           SET token_digest = p_token_digest, former_token_digest = token_digest,
               former_token_until = CASE WHEN token_digest IS NOT NULL THEN p_until END
         WHERE name = p_name AND revoked_at IS NULL RETURNING former_token_digest IS NOT NULL AS has_former)
    SELECT (SELECT has_former FROM changed)
$$;

-- Ends what was before, key and token. False: no such name in force.
CREATE FUNCTION intake.source_end_overlap(p_name text)
    RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE intake.source_revision SET revision = revision + 1;
    WITH ended AS (
        UPDATE intake.source SET former_key = NULL, former_key_until = NULL, former_token_digest = NULL, former_token_until = NULL
         WHERE name = p_name AND revoked_at IS NULL RETURNING 1)
    SELECT EXISTS (SELECT FROM ended)
$$;

CREATE OR REPLACE FUNCTION intake.source_revoke(p_name text, p_at timestamptz)
    RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE intake.source_revision SET revision = revision + 1;
    WITH revoked AS (
        UPDATE intake.source
           SET revoked_at = p_at, token_digest = NULL, former_key = NULL, former_key_until = NULL, former_token_digest = NULL,
               former_token_until = NULL
         WHERE name = p_name AND revoked_at IS NULL RETURNING 1)
    SELECT EXISTS (SELECT FROM revoked)
$$;

REVOKE ALL ON FUNCTION intake.source_rotate_beside, intake.source_set_token_beside, intake.source_end_overlap FROM PUBLIC;
GRANT EXECUTE ON FUNCTION intake.source_rotate_beside, intake.source_set_token_beside, intake.source_end_overlap
   TO troth_operator, troth_intake;

-- ---- master keys

-- What each intake can read and what it wraps with. A generation wraps once everybody can read it, and may be destroyed once
-- nobody wraps with it any more.
CREATE TABLE intake.master_key_use (
    holder  text PRIMARY KEY,     -- as in log.lease
    known   smallint NOT NULL,    -- its newest generation
    sealing smallint NOT NULL,    -- wraps; of what is under way still, too
    at      timestamptz NOT NULL, -- machine time
    CHECK (sealing <= known)
);

-- Intakes that run. Those of 0.1.0 write nothing down: they have what there was when they started, which ends their names.
CREATE VIEW intake.master_key_process AS
    SELECT m.holder, coalesce(u.known, old.generation) AS known, coalesce(u.sealing, old.generation) AS sealing
      FROM (SELECT substr(resource, length('member/stream/intake/') + 1) AS holder FROM log.lease
             WHERE resource LIKE 'member/stream/intake/%' AND until > clock_timestamp()) AS m
      LEFT JOIN intake.master_key_use AS u ON u.holder = m.holder
     CROSS JOIN LATERAL (
        SELECT coalesce(max(k.generation), 0::smallint) AS generation FROM intake.master_key AS k
         WHERE extract(epoch FROM k.first_used_at) * 1000000 <= split_part(m.holder, '/', -1)::int8) AS old;

GRANT SELECT, INSERT, UPDATE, DELETE ON intake.master_key_use TO troth_intake;
GRANT SELECT ON intake.master_key_process TO troth_intake, troth_followup, troth_loyalty, troth_reporting, troth_operator;

-- ---- secrets of webhooks

-- 'secret' is what 0.1.0 signs with, so it stays the one of before until that one ends.
ALTER TABLE followup.subscription
    ADD COLUMN next_secret text,
    ADD COLUMN secret_until timestamptz; -- set with it, machine time: both sign until then, next_secret alone after it

-- What is over becomes what is: 'secret' alone. Whoever rotates again ends the oldest.
CREATE FUNCTION followup.subscription_rotate(p_name text, p_secret text, p_until timestamptz)
    RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH rotated AS (
        UPDATE followup.subscription
           SET secret = CASE WHEN p_until IS NULL THEN p_secret ELSE coalesce(next_secret, secret) END,
               next_secret = CASE WHEN p_until IS NOT NULL THEN p_secret END, secret_until = p_until
         WHERE name = p_name AND ended_at IS NULL AND url IS NOT NULL RETURNING 1)
    SELECT EXISTS (SELECT FROM rotated)
$$;

-- Ends the one of before. False: no such subscription in force that is told by webhooks.
CREATE FUNCTION followup.subscription_end_overlap(p_name text)
    RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH finished AS (
        UPDATE followup.subscription SET secret = coalesce(next_secret, secret), next_secret = NULL, secret_until = NULL
         WHERE name = p_name AND ended_at IS NULL AND url IS NOT NULL RETURNING 1)
    SELECT EXISTS (SELECT FROM finished)
$$;

-- Time alone ends nothing for 0.1.0, so the scheduler does: returns how many.
CREATE FUNCTION followup.subscription_settle() RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH over AS (
        UPDATE followup.subscription SET secret = next_secret, next_secret = NULL, secret_until = NULL
         WHERE secret_until <= clock_timestamp() RETURNING 1)
    SELECT count(*) FROM over
$$;

CREATE VIEW followup.subscription_overlap_public AS
    SELECT id, name, secret_until FROM followup.subscription
     WHERE ended_at IS NULL AND secret_until > clock_timestamp();

GRANT SELECT ON followup.subscription_overlap_public TO troth_followup, troth_reporting, troth_operator;
REVOKE ALL ON FUNCTION followup.subscription_rotate, followup.subscription_end_overlap, followup.subscription_settle FROM PUBLIC;
GRANT EXECUTE ON FUNCTION followup.subscription_settle TO troth_followup;
GRANT EXECUTE ON FUNCTION followup.subscription_rotate, followup.subscription_end_overlap TO troth_operator;

COMMIT;
