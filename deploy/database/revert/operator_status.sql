-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:operator_status from pg

BEGIN;

SET LOCAL lock_timeout = '5s';
SET LOCAL ROLE troth_owner;
-- The membership stays: roles belong to all databases of the server.
DROP VIEW intake.upkeep_public;

COMMIT;
