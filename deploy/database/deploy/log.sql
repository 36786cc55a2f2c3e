-- SPDX-License-Identifier: Apache-2.0
-- Deploy troth:log to pg
-- requires: roles
--
-- What all services share: the clock, leases, the event log and the cursors of its readers.
--
-- Who may write is decided by session_user, the role that logged in, because the functions run with the
-- rights of the owner. A stream has one writer: whoever holds the lease of its slot. Two rules keep the
-- log free of gaps and in commit order: log.append() and log.append_at() are the only ways to write it, and
-- both count up log.head in the transaction that inserts the events.

BEGIN;

CREATE SCHEMA log AUTHORIZATION troth_owner;
SET LOCAL ROLE troth_owner;

GRANT USAGE ON SCHEMA log
   TO troth_intake, troth_followup, troth_loyalty, troth_reporting, troth_operator;

-- Services refuse a schema they do not know.
CREATE FUNCTION log.schema_version() RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 1;

-- ---- the clock

-- One row. demo_now is null in production; a demo's driver sets it, and only the owner may.
CREATE TABLE log.clock (
    is_only bool PRIMARY KEY DEFAULT true CHECK (is_only),
    demo_now timestamptz,
    demo_holds int2 NOT NULL DEFAULT 0 -- what waits until the driver of a demo lets it go on: enum demo_hold
);
INSERT INTO log.clock DEFAULT VALUES;

-- Business time.
CREATE FUNCTION log.now() RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce((SELECT demo_now FROM log.clock), clock_timestamp());

-- ---- who is calling

-- Whether the role that logged in is that service. The owner may act as any.
CREATE FUNCTION log.is_session_of(p_service text) RETURNS bool
LANGUAGE sql STABLE PARALLEL SAFE
RETURN session_user = 'troth_' || p_service OR pg_catalog.pg_has_role(session_user, 'troth_owner', 'MEMBER');

CREATE FUNCTION log.require_session_of(p_service text) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF log.is_session_of(p_service) IS NOT true THEN
        RAISE insufficient_privilege USING MESSAGE = format('role %s is not service "%s"', session_user, p_service);
    END IF;
END
$$;

-- ---- liveness: a process that can commit a row is ready

CREATE TABLE log.alive (
    holder text PRIMARY KEY,
    at timestamptz NOT NULL,
    demo_now timestamptz, -- the demo clock as this process last read it: its driver waits for all of them
    demo_holds int2
) WITH (fillfactor = 50);

CREATE FUNCTION log.heartbeat(p_holder text, p_demo_now timestamptz, p_demo_holds int2 DEFAULT 0) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    INSERT INTO log.alive AS a (holder, at, demo_now, demo_holds) VALUES (p_holder, v_now, p_demo_now, p_demo_holds)
        ON CONFLICT (holder) DO UPDATE SET at = excluded.at, demo_now = excluded.demo_now, demo_holds = excluded.demo_holds;
    -- Every start of a process has a new name.
    DELETE FROM log.alive
     WHERE holder IN (SELECT holder FROM log.alive WHERE at < v_now - interval '1 day'
                      LIMIT 10 FOR UPDATE SKIP LOCKED);
END
$$;

-- ---- leases: machine time, and only this server's

-- resource: '<kind>/<service>/<number>' or 'member/<kind>/<service>/<holder>'. The term goes up with each new
-- holder and never down, so it tells an old holder from the present one.
CREATE TABLE log.lease (
    resource text COLLATE "C" PRIMARY KEY,
    holder text NOT NULL,
    term int8 NOT NULL,
    until timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Renews what the holder has, takes what is free or over, lets go of what is above its share, and says what
-- the holder has after that. p_want 0 is the fair share: p_count over the members that are alive, rounded up.
--
-- A fence (log.lease_hold) locks the row FOR KEY SHARE. A renewal does not wait for it, however busy the
-- holder is; a takeover (FOR UPDATE) leaves the row alone until the last fenced transaction has ended.
CREATE FUNCTION log.lease_take(p_group text, p_count int4, p_want int4, p_holder text, p_length_us int8)
RETURNS TABLE (index int4, term int8, until timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := clock_timestamp();
    v_until timestamptz := v_now + p_length_us * interval '1 microsecond';
    -- Further ahead no lease of ours ends: it was written before the server's clock was set back, and its holder may be
    -- long gone. One that still lives renews it, or is kept off by the new term.
    v_far timestamptz := greatest(v_until, v_now + interval '10 minutes');
    v_members text := 'member/' || p_group || '/';
    v_resource text[];
    v_held text[];
    v_limit int8;
    v_member_count int8;
BEGIN
    PERFORM log.require_session_of(split_part(p_group, '/', 2));
    IF (p_group NOT LIKE 'member/%' AND p_count BETWEEN 1 AND 64 AND p_want >= 0 AND p_length_us > 0
        AND p_holder <> '') IS NOT true THEN
        RAISE invalid_parameter_value USING MESSAGE = 'lease_take: group, count, want, holder or length out of range';
    END IF;
    v_resource := ARRAY(SELECT p_group || '/' || i FROM generate_series(0, p_count - 1) AS i);

    INSERT INTO log.lease AS l (resource, holder, term, until)
    VALUES (v_members || p_holder, p_holder, 1, v_until)
        ON CONFLICT (resource) DO UPDATE SET until = excluded.until;
    DELETE FROM log.lease
     WHERE resource IN (SELECT resource FROM log.lease
                         WHERE starts_with(resource, v_members) AND until < v_now - interval '1 hour'
                           FOR UPDATE SKIP LOCKED);
    SELECT count(*) INTO v_member_count
      FROM log.lease
     WHERE starts_with(resource, v_members) AND until > v_now AND until <= v_far;
    v_limit := (p_count + v_member_count - 1) / v_member_count;
    IF p_want > 0 THEN
        v_limit := least(v_limit, p_want);
    END IF;

    v_held := ARRAY(SELECT resource FROM log.lease
                     WHERE resource = ANY (v_resource) AND holder = p_holder AND until > v_now
                     ORDER BY array_position(v_resource, resource));
    -- Sorted like this a holder keeps its lowest numbers.
    UPDATE log.lease AS l
       SET until = CASE WHEN h.place <= v_limit THEN v_until ELSE v_now END
      FROM unnest(v_held) WITH ORDINALITY AS h (resource, place)
     WHERE l.resource = h.resource AND l.holder = p_holder AND l.until > v_now;

    IF cardinality(v_held) < v_limit THEN
        INSERT INTO log.lease (resource, holder, term, until)
        SELECT r, '', 0, '-infinity' FROM unnest(v_resource) AS r
         WHERE NOT EXISTS (SELECT FROM log.lease AS l WHERE l.resource = r)
         ORDER BY r
            ON CONFLICT (resource) DO NOTHING;
        UPDATE log.lease AS l
           SET holder = p_holder, term = l.term + 1, until = v_until
         WHERE l.resource = ANY (ARRAY(
                   SELECT resource FROM log.lease
                    WHERE resource = ANY (v_resource) AND (until <= v_now OR until > v_far)
                    ORDER BY array_position(v_resource, resource)
                    LIMIT v_limit - cardinality(v_held)
                      FOR UPDATE SKIP LOCKED));
    END IF;

    RETURN QUERY
    SELECT r.place::int4 - 1, l.term, l.until
      FROM unnest(v_resource) WITH ORDINALITY AS r (resource, place)
      JOIN log.lease AS l ON l.resource = r.resource
     WHERE l.holder = p_holder AND l.until > v_now
     ORDER BY r.place;
END
$$;

-- An orderly stop: others need not wait for the end of the length.
CREATE FUNCTION log.lease_give_back(p_group text, p_holder text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    PERFORM log.require_session_of(split_part(p_group, '/', 2));
    UPDATE log.lease SET until = v_now
     WHERE starts_with(resource, p_group || '/') AND holder = p_holder AND until > v_now;
    DELETE FROM log.lease WHERE resource = 'member/' || p_group || '/' || p_holder;
END
$$;

-- The fence. Until the transaction ends nobody else can take the resource; if the term is over, 40001.
CREATE FUNCTION log.lease_hold(p_resource text, p_term int8) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM log.require_session_of(split_part(p_resource, '/', 2));
    PERFORM 1 FROM log.lease
      WHERE resource = p_resource AND term = p_term AND until > clock_timestamp()
        FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE serialization_failure
            USING MESSAGE = format('term %s of lease "%s" is over', p_term, p_resource);
    END IF;
END
$$;

-- ---- events

-- Buckets go from 0 to 255. The functions below see to that: a CHECK would be read and prepared again by each statement.
CREATE TABLE log.head (
    stream text COLLATE "C" NOT NULL,
    bucket int2 NOT NULL,
    seq int8 NOT NULL,
    PRIMARY KEY (stream, bucket)
) WITH (fillfactor = 20); -- counted up in place for ever: room for that on the page

CREATE TABLE log.event (
    stream text COLLATE "C" NOT NULL,
    bucket int2 NOT NULL,
    seq int8 NOT NULL,
    customer_id int8 NOT NULL,
    version int8 NOT NULL, -- of the case or customer, for the order between streams
    kind text NOT NULL,
    at timestamptz NOT NULL, -- business time of the append
    body bytea NOT NULL, -- troth.v1.Event without position
    PRIMARY KEY (stream, bucket, seq)
);

CREATE TABLE log.consumer_cursor (
    consumer text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    bucket int2 NOT NULL CHECK (bucket BETWEEN 0 AND 255),
    seq int8 NOT NULL,
    PRIMARY KEY (consumer, stream, bucket)
) WITH (fillfactor = 20);

-- Appends the events to p_stream ('intake.0': service and slot), whose lease must be held with p_term. The
-- arrays run in step. Within a bucket the numbers follow the order of the arrays; ordinal counts from 1.
CREATE FUNCTION log.append(p_stream text, p_term int8, p_bucket int2[], p_customer int8[], p_version int8[],
                           p_kind text[], p_at timestamptz[], p_body bytea[])
RETURNS TABLE (ordinal int4, seq int8)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_service text := split_part(p_stream, '.', 1);
    v_before int8[] := array_fill(0::int8, ARRAY[256]); -- the heads before, by bucket + 1
    v_moved record;
    v_seq int8[];
BEGIN
    PERFORM log.require_session_of(v_service);
    IF (cardinality(p_customer), cardinality(p_version), cardinality(p_kind), cardinality(p_at), cardinality(p_body))
        IS DISTINCT FROM (cardinality(p_bucket), cardinality(p_bucket), cardinality(p_bucket),
                          cardinality(p_bucket), cardinality(p_bucket)) THEN
        RAISE invalid_parameter_value USING MESSAGE = 'append: arrays differ in length';
    END IF;
    IF (SELECT min(b) < 0 OR max(b) > 255 FROM unnest(p_bucket) AS b) THEN
        RAISE check_violation USING MESSAGE = 'append: a bucket that is none';
    END IF;
    PERFORM log.lease_hold('stream/' || v_service || '/' || split_part(p_stream, '.', 2), p_term);

    INSERT INTO log.head (stream, bucket, seq)
    SELECT p_stream, d.b, 0 FROM (SELECT DISTINCT b FROM unnest(p_bucket) AS b) AS d
     WHERE NOT EXISTS (SELECT FROM log.head AS h WHERE h.stream = p_stream AND h.bucket = d.b)
     ORDER BY d.b
        ON CONFLICT (stream, bucket) DO NOTHING;
    -- One order for all writers, so that none waits in a circle.
    PERFORM 1 FROM log.head
      WHERE stream = p_stream AND bucket = ANY (p_bucket)
      ORDER BY bucket
        FOR NO KEY UPDATE;
    -- Kept here: to look a head up once per event cost more than to insert the event (measured).
    FOR v_moved IN
        UPDATE log.head AS h SET seq = h.seq + added.n
          FROM (SELECT b, count(*) AS n FROM unnest(p_bucket) AS b GROUP BY b) AS added
         WHERE h.stream = p_stream AND h.bucket = added.b
        RETURNING h.bucket, h.seq - added.n AS before
    LOOP
        v_before[v_moved.bucket + 1] := v_moved.before;
    END LOOP;

    v_seq := ARRAY(SELECT v_before[e.b + 1] + row_number() OVER (PARTITION BY e.b ORDER BY e.ordinal)
                     FROM unnest(p_bucket) WITH ORDINALITY AS e (b, ordinal)
                    ORDER BY e.ordinal);
    INSERT INTO log.event (stream, bucket, seq, customer_id, version, kind, at, body)
    SELECT p_stream, unnest(p_bucket), unnest(v_seq), unnest(p_customer), unnest(p_version), unnest(p_kind), unnest(p_at),
           unnest(p_body);
    RETURN QUERY SELECT a.place::int4, a.seq FROM unnest(v_seq) WITH ORDINALITY AS a (seq, place);
END
$$;

-- For a writer that keeps its heads in memory and numbers the events itself: all 256 of the stream, made where
-- they are missing.
CREATE FUNCTION log.heads(p_stream text, p_term int8) RETURNS TABLE (bucket int2, seq int8)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    v_service text := split_part(p_stream, '.', 1);
BEGIN
    PERFORM log.require_session_of(v_service);
    PERFORM log.lease_hold('stream/' || v_service || '/' || split_part(p_stream, '.', 2), p_term);
    INSERT INTO log.head (stream, bucket, seq)
    SELECT p_stream, b, 0 FROM generate_series(0, 255) AS b
     WHERE NOT EXISTS (SELECT FROM log.head AS h WHERE h.stream = p_stream AND h.bucket = b)
     ORDER BY b
        ON CONFLICT (stream, bucket) DO NOTHING;
    RETURN QUERY SELECT h.bucket, h.seq FROM log.head AS h WHERE h.stream = p_stream ORDER BY h.bucket;
END
$$;

-- Appends events that the writer has numbered. p_bucket names each bucket (the low byte of the customer) once, with the
-- number before the first of its events and the last one; the events may come in any order. All or none: 40001 when a head
-- stands elsewhere or is missing (see log.heads), when numbers are left out, and when the lease is over.
--
-- What keeps two holders of one slot apart is the heads themselves, moved by compare and set: whoever comes second waits
-- for the first to end and then finds the head moved. So the lease is looked at but not locked. The ranges are given and
-- not found out here because grouping the events cost as much as to insert them, when there are few (measured).
CREATE FUNCTION log.append_at(p_stream text, p_term int8, p_bucket int2[], p_before int8[], p_last int8[],
                              p_customer int8[], p_seq int8[], p_version int8[],
                              p_kind text[], p_at timestamptz[], p_body bytea[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_service text := split_part(p_stream, '.', 1);
    v_lease text := 'stream/' || v_service || '/' || split_part(p_stream, '.', 2);
    v_rows int8;
    v_numbers int8 := 0; -- in all ranges together
BEGIN
    IF log.is_session_of(v_service) IS NOT true THEN
        PERFORM log.require_session_of(v_service);
    END IF;
    -- Found by the key, in its order, so that writers never wait in a circle. As a join of the two it took six times as
    -- long while the table had no statistics (measured).
    UPDATE log.head SET seq = p_last[array_position(p_bucket, bucket)]
     WHERE stream = p_stream AND bucket = ANY (p_bucket) AND seq = p_before[array_position(p_bucket, bucket)]
       AND seq < p_last[array_position(p_bucket, bucket)]
       AND EXISTS (SELECT FROM log.lease WHERE resource = v_lease AND term = p_term AND until > clock_timestamp());
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    FOR i IN 1..v_rows LOOP
        v_numbers := v_numbers + p_last[i] - p_before[i];
    END LOOP;
    IF v_rows IS DISTINCT FROM cardinality(p_bucket) OR v_numbers IS DISTINCT FROM cardinality(p_seq) THEN
        IF NOT EXISTS (SELECT FROM log.lease WHERE resource = v_lease AND term = p_term AND until > clock_timestamp()) THEN
            RAISE serialization_failure USING MESSAGE = format('term %s of stream "%s" is over', p_term, p_stream);
        END IF;
        RAISE serialization_failure USING MESSAGE = format('heads of stream "%s" stand elsewhere', p_stream);
    END IF;
    -- An array that is shorter than the others ends in nulls, which the table refuses. Numbers of a bucket are different
    -- from each other by the key of the table; then as many as are in the ranges are all of them.
    INSERT INTO log.event (stream, bucket, seq, customer_id, version, kind, at, body)
    SELECT p_stream, (e.customer & 255)::int2, e.seq, e.customer, e.version, e.kind, e.at, e.body
      FROM (SELECT unnest(p_customer) AS customer, unnest(p_seq) AS seq, unnest(p_version) AS version,
                   unnest(p_kind) AS kind, unnest(p_at) AS at, unnest(p_body) AS body) AS e
     WHERE e.customer IS NULL OR e.seq IS NULL
        OR (e.seq > p_before[array_position(p_bucket, (e.customer & 255)::int2)]
            AND e.seq <= p_last[array_position(p_bucket, (e.customer & 255)::int2)]);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    IF v_rows <> v_numbers THEN
        RAISE serialization_failure USING MESSAGE = format('numbers of stream "%s" are left out', p_stream);
    END IF;
END
$$;

-- Moves the cursors of p_consumer ('loyalty', or 'loyalty.replay' for one more of the same service) from p_from
-- to p_to, all or none: 40001 when one stands elsewhere. A cursor that was never moved stands at 0.
CREATE FUNCTION log.advance(p_consumer text, p_stream text[], p_bucket int2[], p_from int8[], p_to int8[])
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_moved int8;
BEGIN
    PERFORM log.require_session_of(split_part(p_consumer, '.', 1));
    INSERT INTO log.consumer_cursor (consumer, stream, bucket, seq)
    SELECT p_consumer, m.stream, m.bucket, 0
      FROM unnest(p_stream, p_bucket, p_from) AS m (stream, bucket, old)
     WHERE m.old = 0
       AND NOT EXISTS (SELECT FROM log.consumer_cursor AS c
                        WHERE (c.consumer, c.stream, c.bucket) = (p_consumer, m.stream, m.bucket))
     ORDER BY m.stream, m.bucket
        ON CONFLICT (consumer, stream, bucket) DO NOTHING;
    PERFORM 1
       FROM log.consumer_cursor AS c
       JOIN unnest(p_stream, p_bucket) AS m (stream, bucket) ON c.stream = m.stream AND c.bucket = m.bucket
      WHERE c.consumer = p_consumer
      ORDER BY c.stream, c.bucket
        FOR NO KEY UPDATE OF c;
    UPDATE log.consumer_cursor AS c SET seq = m.new
      FROM unnest(p_stream, p_bucket, p_from, p_to) AS m (stream, bucket, old, new)
     WHERE c.consumer = p_consumer AND c.stream = m.stream AND c.bucket = m.bucket
       AND c.seq = m.old AND m.new > m.old;
    GET DIAGNOSTICS v_moved = ROW_COUNT;
    IF v_moved IS DISTINCT FROM cardinality(p_stream) THEN
        RAISE serialization_failure
            USING MESSAGE = format('%s of %s cursors of "%s" stand elsewhere',
                                   cardinality(p_stream) - v_moved, cardinality(p_stream), p_consumer);
    END IF;
END
$$;

-- ---- rights

GRANT EXECUTE ON FUNCTION log.schema_version(), log.now()
   TO troth_intake, troth_followup, troth_loyalty, troth_reporting, troth_operator;
GRANT SELECT ON log.clock, log.alive, log.lease, log.head, log.event, log.consumer_cursor
   TO troth_intake, troth_followup, troth_loyalty, troth_reporting, troth_operator;
GRANT EXECUTE ON FUNCTION
    log.heartbeat(text, timestamptz, int2),
    log.lease_take(text, int4, int4, text, int8),
    log.lease_give_back(text, text),
    log.lease_hold(text, int8),
    log.append(text, int8, int2[], int8[], int8[], text[], timestamptz[], bytea[]),
    log.heads(text, int8),
    log.append_at(text, int8, int2[], int8[], int8[], int8[], int8[], int8[], text[], timestamptz[], bytea[]),
    log.advance(text, text[], int2[], int8[], int8[])
   TO troth_intake, troth_followup, troth_loyalty, troth_reporting;

COMMIT;
