-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:answers_due on pg

BEGIN;

SELECT 1 / (pg_get_viewdef('followup.backlog'::regclass) LIKE '%added_at <= log.now()%')::int;

ROLLBACK;
