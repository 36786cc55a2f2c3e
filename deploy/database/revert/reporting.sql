-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:reporting from pg

BEGIN;

DROP SCHEMA reporting CASCADE;
-- Without them the same events would never be read again.
DELETE FROM log.consumer_cursor WHERE consumer = 'reporting';

COMMIT;
