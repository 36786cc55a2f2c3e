-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:operator_status on pg

BEGIN;

SELECT name, began_at FROM intake.upkeep_public WHERE false;
SELECT 1 / has_table_privilege('troth_operator', 'intake.upkeep_public', 'SELECT')::int;

ROLLBACK;
