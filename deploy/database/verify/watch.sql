-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:watch on pg
--
-- Whether the membership could be given depends on who migrates; both are fine.

BEGIN;
SELECT pg_has_role('troth_intake', 'pg_read_all_stats', 'MEMBER');
ROLLBACK;
