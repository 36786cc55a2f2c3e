-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:log from pg

BEGIN;

-- All of it: nothing but this change puts anything there.
DROP SCHEMA log CASCADE;

COMMIT;
