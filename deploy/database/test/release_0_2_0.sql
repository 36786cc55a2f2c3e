-- SPDX-License-Identifier: Apache-2.0
-- What programs ask before they start. Run by pg_prove in a database that sqitch deployed.
\set ON_ERROR_STOP 1
BEGIN;
CREATE EXTENSION pgtap;
SELECT no_plan();

SELECT is(log.schema_version(), 1, 'programs of 0.1.0 still start');
SELECT cmp_ok(log.schema_expansion(), '>=', 2, 'programs of 0.2.0 start');
SELECT ok(has_function_privilege('troth_' || service, 'log.schema_expansion()', 'EXECUTE'), service || ' may ask')
  FROM unnest(ARRAY['intake', 'followup', 'loyalty', 'reporting', 'operator']) AS service;

SELECT * FROM finish();
ROLLBACK;
