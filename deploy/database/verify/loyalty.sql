-- SPDX-License-Identifier: Apache-2.0
-- Verify troth:loyalty on pg

BEGIN;

SELECT bucket, customer_number, kind, subject, version, value, case_number, at, event_stream, event_seq
  FROM loyalty.score_evidence_public WHERE false;
SELECT bucket, customer_number, kept, kept_late, broken FROM loyalty.trust_account_public WHERE false;
SELECT bucket, customer_number, version, index, changed_at, tier FROM loyalty.customer_score_public WHERE false;
SELECT bucket, customer_number, version, at, index_before, index, reason
  FROM loyalty.score_history_public WHERE false;

SELECT 1 / has_table_privilege('troth_loyalty', t, 'SELECT, INSERT, UPDATE')::int
  FROM unnest(ARRAY['loyalty.score_evidence', 'loyalty.trust_account', 'loyalty.customer_score',
                    'loyalty.score_history']) AS t;
SELECT 1 / has_table_privilege('troth_intake', 'loyalty.customer_score_public', 'SELECT')::int;
SELECT 1 / (NOT has_table_privilege('troth_intake', 'loyalty.customer_score', 'INSERT'))::int;
SELECT 1 / has_function_privilege('troth_operator', 'loyalty.start_over()', 'EXECUTE')::int;
SELECT 1 / (NOT has_function_privilege('troth_loyalty', 'loyalty.start_over()', 'EXECUTE'))::int;

ROLLBACK;
