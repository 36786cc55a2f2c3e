-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:follow_up_trace from pg

BEGIN;

SET LOCAL lock_timeout = '5s';
SET LOCAL ROLE troth_owner;
ALTER TABLE followup.follow_up DROP COLUMN trace;

COMMIT;
