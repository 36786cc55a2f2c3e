-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:told_refusals on pg

BEGIN;

SELECT refusal_keys, refusal_purposes FROM followup.customer_rhythm WHERE false;
SELECT 1 / has_column_privilege('troth_followup', 'followup.customer_rhythm', c, p)::int
  FROM unnest(ARRAY['refusal_keys', 'refusal_purposes']) AS c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS p;
SELECT 1 / (pg_get_viewdef('followup.customer_rhythm_public'::regclass) LIKE '%refusal_keys%')::int;

ROLLBACK;
