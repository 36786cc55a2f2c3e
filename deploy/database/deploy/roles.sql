-- SPDX-License-Identifier: Apache-2.0
-- Deploy troth:roles to pg
--
-- One login role per service, one for the operator, and an owner that nobody logs in as. Roles belong to
-- the whole cluster: another database may have made them already. None has a password; with password
-- authentication set one outside of the migration, for example
--   psql -c '\password troth_intake'
-- and put it into the passfile of that service. With peer authentication there is nothing to set.

BEGIN;

DO $$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY['troth_owner', 'troth_intake', 'troth_followup', 'troth_loyalty',
                                  'troth_reporting', 'troth_operator']
    LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
        EXCEPTION
            -- Made before, or at this moment by the migration of another database.
            WHEN duplicate_object OR unique_violation THEN NULL;
        END;
        EXECUTE format('ALTER ROLE %I SET search_path = %L', v_role, '');
        IF v_role <> 'troth_owner' THEN
            EXECUTE format('ALTER ROLE %I LOGIN', v_role);
        END IF;
    END LOOP;

    -- Whoever migrates makes the schemas and then acts as their owner (SET LOCAL ROLE troth_owner).
    IF NOT pg_has_role(current_user, 'troth_owner', 'MEMBER') THEN
        EXECUTE format('GRANT troth_owner TO %I', current_user);
    END IF;

    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CREATE ON DATABASE %I TO troth_owner', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO troth_intake, troth_followup, troth_loyalty,'
                   ' troth_reporting, troth_operator', current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- Rights are given one by one: what the owner makes is nobody's at first.
ALTER DEFAULT PRIVILEGES FOR ROLE troth_owner REVOKE ALL ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE troth_owner REVOKE ALL ON TYPES FROM PUBLIC;

COMMIT;
