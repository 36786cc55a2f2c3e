-- SPDX-License-Identifier: Apache-2.0
-- Deploy troth:operator_status to pg
-- requires: intake
--
-- What `troth status` and `troth doctor` look at, as the operator: when upkeep last ran, and the sessions of all roles. Without
-- the membership other roles' transactions are not seen. Who may not give it goes on without; the server's administrator may
-- give it later: GRANT pg_read_all_stats TO troth_operator.

BEGIN;

DO $$
BEGIN
    IF NOT pg_has_role('troth_operator', 'pg_read_all_stats', 'MEMBER') THEN
        GRANT pg_read_all_stats TO troth_operator;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'troth status will not see other roles'' transactions: GRANT pg_read_all_stats TO troth_operator';
    -- Given at this moment by the migration of another database.
    WHEN unique_violation OR internal_error THEN NULL;
END
$$;

SET LOCAL ROLE troth_owner;

CREATE VIEW intake.upkeep_public AS SELECT name, began_at FROM intake.upkeep;
GRANT SELECT ON intake.upkeep_public TO troth_followup, troth_loyalty, troth_reporting, troth_operator;

COMMIT;
