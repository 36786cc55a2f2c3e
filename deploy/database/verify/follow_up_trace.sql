-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:follow_up_trace on pg

BEGIN;

SELECT trace FROM followup.follow_up WHERE false;
SELECT 1 / has_column_privilege('troth_followup', 'followup.follow_up', 'trace', p)::int
  FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS p;

ROLLBACK;
