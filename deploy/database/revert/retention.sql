-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:retention from pg
--
-- The parts of the log go back into one table; what was dropped stays gone.

BEGIN;

SET LOCAL ROLE troth_owner;

LOCK TABLE log.event IN ACCESS EXCLUSIVE MODE;
DO $$
DECLARE
    v_part regclass;
BEGIN
    FOR v_part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'log.event'::regclass LOOP
        EXECUTE format('INSERT INTO log.event SELECT * FROM ONLY %s', v_part);
        EXECUTE format('DROP TABLE %s', v_part);
    END LOOP;
END
$$;

DROP TABLE audit.removal;

CREATE OR REPLACE FUNCTION loyalty.start_over() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    TRUNCATE loyalty.sum_policy, loyalty.customer_score, loyalty.score_sum, loyalty.score_evidence, loyalty.group_trust,
        loyalty.score_history, loyalty.standing_history, loyalty.look_request, loyalty.points_entry;
    DELETE FROM log.consumer_cursor WHERE consumer = 'loyalty';
    INSERT INTO loyalty.started_over (at) VALUES (log.now());
$$;

CREATE OR REPLACE FUNCTION reporting.start_over() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    TRUNCATE reporting.case_fact, reporting.other_fact, reporting.fold_zone, reporting.daily_fact, reporting.monthly_fact;
    TRUNCATE reporting.figure_difference, reporting.figure_check;
    DELETE FROM log.consumer_cursor WHERE consumer = 'reporting';
$$;

DROP FUNCTION log.event_part_close(timestamptz, interval, integer), log.event_part_list(timestamptz, interval, text[]),
    log.event_part_keep_open(integer), log.event_part_places(integer),
    log.event_part_drop(integer, timestamptz, interval, text[], bigint, integer), log.skip_dropped(text),
    log.event_readers(), log.require_all_events(), log.require_part_keeper();
DROP TABLE log.event_part_stream, log.event_part;

COMMIT;
