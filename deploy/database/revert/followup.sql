-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:followup from pg

BEGIN;

DROP SCHEMA followup CASCADE;
-- Without them the same events would never be read again.
DELETE FROM log.consumer_cursor WHERE split_part(consumer, '.', 1) = 'followup';

COMMIT;
