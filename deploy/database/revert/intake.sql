-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:intake from pg

BEGIN;

DROP SCHEMA intake CASCADE;

COMMIT;
