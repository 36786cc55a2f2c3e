-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:release_0_2_0 on pg

BEGIN;

-- A later version may have raised it.
SELECT 1 / (log.schema_expansion() >= 2)::int;

ROLLBACK;
