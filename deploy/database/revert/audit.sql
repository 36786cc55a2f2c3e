-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:audit from pg

BEGIN;

-- All of it: nothing but this change puts anything there.
DROP SCHEMA audit CASCADE;

COMMIT;
