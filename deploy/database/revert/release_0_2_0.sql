-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:release_0_2_0 from pg

BEGIN;

DROP FUNCTION log.schema_expansion();

COMMIT;
