-- SPDX-License-Identifier: Apache-2.0
-- Deploy troth:watch to pg
-- requires: intake
--
-- Intake tells Prometheus about the whole server: the oldest transaction of any role, who is connected, how far standbys
-- are behind. Without the membership it sees its own sessions alone. Who may not give it goes on without; the server's
-- administrator may give it later: GRANT pg_read_all_stats TO troth_intake.

BEGIN;

DO $$
BEGIN
    IF NOT pg_has_role('troth_intake', 'pg_read_all_stats', 'MEMBER') THEN
        GRANT pg_read_all_stats TO troth_intake;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'metrics will say nothing about other roles'' transactions: GRANT pg_read_all_stats TO troth_intake';
    -- Given at this moment by the migration of another database.
    WHEN unique_violation OR internal_error THEN NULL;
END
$$;

COMMIT;
