-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:answers_due from pg

BEGIN;

SET LOCAL lock_timeout = '5s';
SET LOCAL ROLE troth_owner;

CREATE OR REPLACE VIEW followup.backlog AS
    SELECT 'follow_ups_due' AS name,
           (SELECT count(*) FROM followup.follow_up
             WHERE state = 1 AND channel IN (1, 2, 3) AND priority IN (1, 2, 3, 4) AND next_attempt_at <= log.now())
           + CASE WHEN EXISTS (SELECT FROM followup.dialer_session -- else what a person calls about waits for the person
                                WHERE channels & (1 << 4) <> 0 AND last_seen > clock_timestamp() - interval '1 minute')
                  THEN (SELECT count(*) FROM followup.follow_up
                         WHERE state = 1 AND channel = 4 AND priority IN (1, 2, 3, 4) AND next_attempt_at <= log.now())
                  ELSE 0 END
           + (SELECT count(*) FROM followup.follow_up WHERE state = 2)
           + (SELECT count(*) FROM followup.follow_up AS f -- merged, and its leader was not held
                JOIN followup.follow_up AS l ON l.bucket = (f.merged_into & 255)::int2 AND l.number = f.merged_into
               WHERE f.state = 9 AND f.window_end_at > log.now() - interval '7 days' AND l.state IN (5, 6)) AS count
    UNION ALL
    SELECT 'orders_in_flight', count(*) FROM followup.follow_up_attempt -- what a person has in hand is not waited for
     WHERE state IN (1, 2) AND NOT starts_with(dialer, 'person/')
    UNION ALL
    SELECT 'answers_waiting', count(*) FROM followup.record_outbox WHERE state = 1
    UNION ALL
    SELECT 'days_to_plan', count(*) FROM followup.plan_round
     WHERE planned_until < (log.now() AT TIME ZONE 'UTC')::date + ahead_days
    UNION ALL
    SELECT 'improvements_to_plan', count(*) FROM followup.improvement_round WHERE done_at IS NULL;

COMMIT;
