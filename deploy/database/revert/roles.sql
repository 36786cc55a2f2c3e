-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:roles from pg

BEGIN;

ALTER DEFAULT PRIVILEGES FOR ROLE troth_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE troth_owner GRANT USAGE ON TYPES TO PUBLIC;
GRANT USAGE ON SCHEMA public TO PUBLIC;

DO $$
DECLARE
    v_role text;
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM troth_owner, troth_intake, troth_followup,'
                   ' troth_loyalty, troth_reporting, troth_operator', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO PUBLIC', current_database());

    -- The owner goes last. A role that another database of this cluster still uses stays.
    FOREACH v_role IN ARRAY ARRAY['troth_intake', 'troth_followup', 'troth_loyalty', 'troth_reporting',
                                  'troth_operator', 'troth_owner']
    LOOP
        BEGIN
            EXECUTE format('DROP ROLE IF EXISTS %I', v_role);
        EXCEPTION
            WHEN dependent_objects_still_exist OR object_in_use THEN
                RAISE WARNING 'role % stays: another database uses it', v_role;
        END;
    END LOOP;
END
$$;

COMMIT;
