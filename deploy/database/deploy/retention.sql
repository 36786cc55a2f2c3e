-- SPDX-License-Identifier: Apache-2.0
-- Deploy troth:retention to pg
-- requires: followup loyalty reporting audit
--
-- Forgetting: events in parts by time, each dropped as a whole. What is kept how long, and why: deploy/RETENTION.md.
--
-- log.event is the newest part itself, so appending and reading what is new costs what it cost before; the parts that were
-- closed are tables of their own that inherit from it, so who asks log.event is told of all, as before. Declarative
-- partitions would need their key in the primary key: by time, every reader of "seq > cursor" would look into all of them;
-- by seq, a stream that is seldom used would hold its part for ever. This one is closed by a renaming, and nothing at all
-- happens to the table until then.

BEGIN;

SET LOCAL lock_timeout = '5s';
SET LOCAL ROLE troth_owner;

-- ---- parts of the log

-- A part that was closed: the table log.event_<number>, until it is dropped.
CREATE TABLE log.event_part (
    number      integer PRIMARY KEY CHECK (number > 0),
    began_at    timestamptz NOT NULL, -- business time; of the following too
    closed_at   timestamptz NOT NULL, -- its events were appended before
    dropped_at  timestamptz,
    kept_events bigint                -- of open cases, moved to the newest part when it was dropped
);

-- Which numbers of a stream stand in it, by bucket + 1; last below first: none.
CREATE TABLE log.event_part_stream (
    part      integer NOT NULL,
    stream    text COLLATE "C" NOT NULL,
    first_seq bigint[] NOT NULL CHECK (cardinality(first_seq) = 256),
    last_seq  bigint[] NOT NULL CHECK (cardinality(last_seq) = 256),
    PRIMARY KEY (part, stream)
);

CREATE FUNCTION log.require_part_keeper() RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF log.is_session_of('intake') IS NOT true AND session_user <> 'troth_operator' THEN
        RAISE insufficient_privilege USING MESSAGE = format('role %s does not keep the parts of the log', session_user);
    END IF;
END
$$;

-- Closes the newest part when it began p_length ago, and returns its number; 0: it is not time. Who appends waits for the
-- renaming, some milliseconds, and for those that append before it: p_wait_ms at most, then 55P03 and nothing has happened.
CREATE FUNCTION log.event_part_close(p_now timestamptz, p_length interval, p_wait_ms integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_began  timestamptz;
    v_number integer;
    v_name   text;
    v_old    oid;
    v_one    record;
BEGIN
    PERFORM log.require_part_keeper();
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
        RAISE feature_not_supported USING MESSAGE = 'events in parts and Citus do not go together: keep all events';
    END IF;
    PERFORM set_config('lock_timeout', p_wait_ms || 'ms', true);
    LOCK TABLE log.event_part IN SHARE ROW EXCLUSIVE MODE;
    SELECT max(closed_at), coalesce(max(number), 0) + 1 INTO v_began, v_number FROM log.event_part;
    IF v_began IS NULL THEN
        SELECT min(e.at) INTO v_began FROM log.head AS h CROSS JOIN LATERAL (
            SELECT at FROM ONLY log.event WHERE stream = h.stream AND bucket = h.bucket ORDER BY seq LIMIT 1) AS e;
    END IF;
    IF v_began IS NULL OR v_began + p_length > p_now OR NOT EXISTS (SELECT FROM ONLY log.event) THEN
        RETURN 0;
    END IF;
    LOCK TABLE ONLY log.event IN ACCESS EXCLUSIVE MODE;
    -- Who moved a head and has not inserted yet waits for us: uncommitted, and not seen here.
    INSERT INTO log.event_part_stream (part, stream, first_seq, last_seq)
    SELECT v_number, n.stream, array_agg(n.before + 1 ORDER BY n.b), array_agg(coalesce(h.seq, 0) ORDER BY n.b)
      FROM (SELECT s.stream, b, coalesce(p.last_seq[b + 1], 0) AS before
              FROM (SELECT DISTINCT stream FROM log.head) AS s
              LEFT JOIN log.event_part_stream AS p ON p.part = v_number - 1 AND p.stream = s.stream
             CROSS JOIN generate_series(0, 255) AS b) AS n
      LEFT JOIN log.head AS h ON h.stream = n.stream AND h.bucket = n.b
     GROUP BY n.stream;
    INSERT INTO log.event_part (number, began_at, closed_at) VALUES (v_number, v_began, p_now);

    v_old := 'log.event'::regclass;
    v_name := 'event_' || v_number;
    FOR v_one IN SELECT c.relname, row_number() OVER (ORDER BY c.oid) AS nth FROM pg_index AS i
                   JOIN pg_class AS c ON c.oid = i.indexrelid WHERE i.indrelid = v_old LOOP
        EXECUTE format('ALTER INDEX log.%I RENAME TO %I', v_one.relname, v_name || '_index_' || v_one.nth);
    END LOOP;
    EXECUTE format('ALTER TABLE log.event RENAME TO %I', v_name);
    EXECUTE format('CREATE TABLE log.event (LIKE log.%I INCLUDING ALL)', v_name);
    FOR v_one IN SELECT a.grantee::regrole AS grantee, string_agg(a.privilege_type, ', ') AS rights
                   FROM pg_class AS c, aclexplode(c.relacl) AS a
                  WHERE c.oid = v_old AND a.grantee <> c.relowner AND a.grantee <> 0 GROUP BY 1 LOOP
        EXECUTE format('GRANT %s ON log.event TO %s', v_one.rights, v_one.grantee);
    END LOOP;
    FOR v_one IN SELECT inhrelid::regclass AS part FROM pg_inherits WHERE inhparent = v_old LOOP
        EXECUTE format('ALTER TABLE %s NO INHERIT log.%I', v_one.part, v_name);
        EXECUTE format('ALTER TABLE %s INHERIT log.event', v_one.part);
    END LOOP;
    EXECUTE format('ALTER TABLE log.%I INHERIT log.event', v_name);
    RETURN v_number;
END
$$;

-- Who must have read which streams before they go, whether or not it ever read. Others count as soon as they have a cursor.
CREATE FUNCTION log.event_readers() RETURNS TABLE (consumer text, service text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    VALUES ('loyalty', 'intake'), ('followup', 'intake'), ('followup', 'loyalty'),
           ('reporting', 'intake'), ('reporting', 'followup'), ('reporting', 'loyalty');
END;

-- The parts that are there, and why each has to stay: '' - it may go; 'young'; 'unread': the detail says by whom; 'unsigned': the
-- tamper-evident record has events of it that no signed root covers. p_absent: consumers that do not run here.
CREATE FUNCTION log.event_part_list(p_now timestamptz, p_keep interval, p_absent text[])
RETURNS TABLE (number integer, began_at timestamptz, closed_at timestamptz, bytes bigint, why text, detail text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_is_recorded boolean := EXISTS (SELECT FROM audit.run);
    v_covered     bigint := (SELECT coalesce(max(tree_size), 0) FROM audit.head);
BEGIN
    PERFORM log.require_part_keeper();
    FOR number, began_at, closed_at IN
        SELECT p.number, p.began_at, p.closed_at FROM log.event_part AS p WHERE p.dropped_at IS NULL ORDER BY p.number
    LOOP
        bytes := pg_total_relation_size(to_regclass('log.event_' || number));
        why := '';
        detail := '';
        IF closed_at + p_keep > p_now THEN
            why := 'young';
        END IF;
        IF why = '' THEN
            SELECT 'unread', format('%s stands at %s of %s/%s, which ends at %s', r.consumer, coalesce(c.seq, 0), s.stream, b, s.last_seq[b + 1])
              INTO why, detail
              FROM log.event_part_stream AS s
              JOIN (SELECT consumer, service FROM log.event_readers() WHERE consumer <> ALL (p_absent)
                     UNION SELECT consumer, split_part(stream, '.', 1) FROM log.consumer_cursor
                            WHERE consumer <> ALL (p_absent)) AS r ON r.service = split_part(s.stream, '.', 1)
             CROSS JOIN generate_series(0, 255) AS b
              LEFT JOIN log.consumer_cursor AS c ON c.consumer = r.consumer AND c.stream = s.stream AND c.bucket = b
             WHERE s.part = number AND s.last_seq[b + 1] >= s.first_seq[b + 1] AND coalesce(c.seq, 0) < s.last_seq[b + 1]
             LIMIT 1;
            why := coalesce(why, '');
            detail := coalesce(detail, '');
        END IF;
        IF why = '' AND v_is_recorded AND EXISTS (
            SELECT FROM log.event_part_stream AS s CROSS JOIN generate_series(0, 255) AS b
             WHERE s.part = number AND s.stream >= 'intake.' AND s.stream < 'intake/'
               AND s.last_seq[b + 1] >= s.first_seq[b + 1]
               AND NOT EXISTS (SELECT FROM audit.run AS r
                                WHERE r.stream = s.stream AND r.bucket = b AND r.first_seq <= s.last_seq[b + 1]
                                  AND r.last_seq >= s.last_seq[b + 1]
                                  AND r.first_position + s.last_seq[b + 1] - r.first_seq < v_covered)) THEN
            why := 'unsigned';
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;

-- First step of a drop, in its transaction: what belongs to customers with something open since that time goes to the newest
-- part; and that somebody was erased, which explains for good what was taken out of other events of theirs. Returns how many
-- events.
CREATE FUNCTION log.event_part_keep_open(p_number integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_closed timestamptz := (SELECT closed_at FROM log.event_part WHERE number = p_number AND dropped_at IS NULL);
    v_open   bigint[];
    v_moved  bigint;
BEGIN
    PERFORM log.require_part_keeper();
    IF v_closed IS NULL THEN
        RAISE no_data_found USING MESSAGE = format('there is no part %s of the log', p_number);
    END IF;
    v_open := ARRAY(
        SELECT customer_number FROM intake.service_case WHERE state BETWEEN 1 AND 4 AND opened_at <= v_closed
         UNION SELECT customer_number FROM intake.promise WHERE state IN (1, 2) AND NOT is_void AND made_at <= v_closed
         UNION SELECT customer_number FROM followup.follow_up WHERE state IN (1, 2, 3, 8) AND planned_at <= v_closed);
    EXECUTE format('WITH moved AS (DELETE FROM ONLY log.event_%s AS e'
                   ' WHERE e.customer_id IN (SELECT unnest($1)) OR e.kind = ''customer_erased'' RETURNING e.*)'
                   ' INSERT INTO log.event SELECT * FROM moved', p_number) USING v_open;
    GET DIAGNOSTICS v_moved = ROW_COUNT;
    RETURN v_moved;
END
$$;

-- What is left in the part of the streams that the tamper-evident record covers: runs of neighbours.
CREATE FUNCTION log.event_part_places(p_number integer)
RETURNS TABLE (stream text, bucket smallint, first_seq bigint, last_seq bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM log.require_part_keeper();
    RETURN QUERY EXECUTE format(
        'SELECT r.stream, r.bucket, min(r.seq), max(r.seq) FROM ('
        '   SELECT e.stream, e.bucket, e.seq, e.seq - row_number() OVER (PARTITION BY e.stream, e.bucket ORDER BY e.seq) AS island'
        '     FROM ONLY log.event_%s AS e WHERE e.stream >= ''intake.'' AND e.stream < ''intake/'') AS r'
        ' GROUP BY r.stream, r.bucket, r.island ORDER BY r.stream, r.bucket, min(r.seq)', p_number);
END
$$;

-- Last step: drops it. Raises 55000 unless event_part_list() still says that it may go, and unless, of events that are in
-- the tamper-evident record, a signed statement says that they are removed on purpose (audit.removal).
CREATE FUNCTION log.event_part_drop(p_number integer, p_now timestamptz, p_keep interval, p_absent text[],
                                    p_kept_events bigint, p_wait_ms integer) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_why text := (SELECT why || ' ' || detail FROM log.event_part_list(p_now, p_keep, p_absent) WHERE number = p_number);
BEGIN
    PERFORM log.require_part_keeper();
    IF v_why IS DISTINCT FROM ' ' THEN
        RAISE object_not_in_prerequisite_state
            USING MESSAGE = format('part %s of the log stays: %s', p_number, coalesce(v_why, 'it is not there'));
    END IF;
    IF EXISTS (SELECT FROM audit.run) AND NOT EXISTS (SELECT FROM audit.removal WHERE part = p_number) THEN
        RAISE object_not_in_prerequisite_state
            USING MESSAGE = format('part %s of the log stays: its removal is not signed', p_number);
    END IF;
    PERFORM set_config('lock_timeout', p_wait_ms || 'ms', true);
    EXECUTE format('DROP TABLE log.event_%s', p_number);
    UPDATE log.event_part SET dropped_at = p_now, kept_events = p_kept_events WHERE number = p_number;
END
$$;

-- Puts the cursors of a consumer that is new behind what was dropped: it begins with the first event that is there. Only in the
-- streams that it reads: a cursor that nobody moves on would keep every later part for ever.
CREATE FUNCTION log.skip_dropped(p_consumer text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_moved bigint;
BEGIN
    PERFORM log.require_part_keeper();
    INSERT INTO log.consumer_cursor AS c (consumer, stream, bucket, seq)
    SELECT p_consumer, s.stream, b, max(s.last_seq[b + 1])
      FROM log.event_part AS p
      JOIN log.event_part_stream AS s ON s.part = p.number
     CROSS JOIN generate_series(0, 255) AS b
     WHERE p.dropped_at IS NOT NULL AND s.last_seq[b + 1] >= s.first_seq[b + 1]
       AND (p_consumer NOT IN (SELECT consumer FROM log.event_readers())
            OR (p_consumer, split_part(s.stream, '.', 1)) IN (SELECT consumer, service FROM log.event_readers()))
     GROUP BY s.stream, b
        ON CONFLICT (consumer, stream, bucket) DO UPDATE SET seq = excluded.seq WHERE c.seq < excluded.seq;
    GET DIAGNOSTICS v_moved = ROW_COUNT;
    RETURN v_moved;
END
$$;

CREATE FUNCTION log.require_all_events() RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM log.event_part WHERE dropped_at IS NOT NULL) THEN
        RAISE object_not_in_prerequisite_state
            USING MESSAGE = format('events up to %s were dropped: what was made of them cannot be made again',
                                   (SELECT max(closed_at) FROM log.event_part WHERE dropped_at IS NOT NULL));
    END IF;
END
$$;

-- As before, but where events are gone it would make less than there was: then it refuses, and changes nothing.
CREATE OR REPLACE FUNCTION loyalty.start_over() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT log.require_all_events();
    TRUNCATE loyalty.sum_policy, loyalty.customer_score, loyalty.score_sum, loyalty.score_evidence, loyalty.group_trust,
        loyalty.score_history, loyalty.standing_history, loyalty.look_request, loyalty.points_entry;
    DELETE FROM log.consumer_cursor WHERE consumer = 'loyalty';
    INSERT INTO loyalty.started_over (at) VALUES (log.now());
$$;

CREATE OR REPLACE FUNCTION reporting.start_over() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT log.require_all_events();
    TRUNCATE reporting.case_fact, reporting.other_fact, reporting.fold_zone, reporting.daily_fact, reporting.monthly_fact;
    TRUNCATE reporting.figure_difference, reporting.figure_check;
    DELETE FROM log.consumer_cursor WHERE consumer = 'reporting';
$$;

-- ---- the tamper-evident record says what was removed on purpose

-- Signed with the key that signs its roots. Their hashes stay in audit.tile.
CREATE TABLE audit.removal (
    number       bigint PRIMARY KEY CHECK (number > 0),
    part         integer NOT NULL UNIQUE,  -- of log.event_part
    closed_at    timestamptz NOT NULL,     -- the events were appended before; business time
    events       bigint NOT NULL,
    places       text NOT NULL,            -- "stream bucket first last" in a line
    at           timestamptz NOT NULL,     -- machine time
    installation text NOT NULL,
    key_id       bytea NOT NULL CHECK (octet_length(key_id) = 8),
    signature    bytea NOT NULL CHECK (octet_length(signature) = 64)
);
GRANT SELECT ON audit.removal TO troth_intake, troth_operator;
GRANT INSERT ON audit.removal TO troth_intake;

-- ---- rights

GRANT SELECT ON log.event_part, log.event_part_stream
   TO troth_intake, troth_followup, troth_loyalty, troth_reporting, troth_operator;
GRANT EXECUTE ON FUNCTION
    log.event_part_close(timestamptz, interval, integer),
    log.event_part_list(timestamptz, interval, text[]),
    log.event_part_keep_open(integer),
    log.event_part_places(integer),
    log.event_part_drop(integer, timestamptz, interval, text[], bigint, integer)
   TO troth_intake;
GRANT EXECUTE ON FUNCTION log.event_part_list(timestamptz, interval, text[]), log.skip_dropped(text) TO troth_operator;

COMMIT;
