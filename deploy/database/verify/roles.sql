-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:roles on pg

BEGIN;

DO $$
DECLARE
    v_role text;
BEGIN
    FOREACH v_role IN ARRAY ARRAY['troth_intake', 'troth_followup', 'troth_loyalty', 'troth_reporting',
                                  'troth_operator']
    LOOP
        ASSERT (SELECT rolcanlogin AND NOT rolsuper FROM pg_catalog.pg_roles WHERE rolname = v_role),
            format('%s cannot log in or is a superuser', v_role);
        ASSERT has_database_privilege(v_role, current_database(), 'CONNECT'), v_role;
        ASSERT NOT has_schema_privilege(v_role, 'public', 'USAGE, CREATE'), v_role;
    END LOOP;
    ASSERT (SELECT NOT rolcanlogin AND NOT rolsuper FROM pg_catalog.pg_roles WHERE rolname = 'troth_owner'),
        'troth_owner can log in or is a superuser';
END
$$;

ROLLBACK;
