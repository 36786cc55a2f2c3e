-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:loyalty from pg

BEGIN;

DROP SCHEMA loyalty CASCADE;
-- Without them the same events would never be read again.
DELETE FROM log.consumer_cursor WHERE consumer = 'loyalty';

COMMIT;
