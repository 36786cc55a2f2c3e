-- SPDX-License-Identifier: Apache-2.0
-- Deploy troth:erasure to pg
-- requires: reporting audit
--
-- Being forgotten: what an erasure removes, inside of intake's transaction, and what is left to say that it happened. Facts
-- without a person stay as they are: no figure changes.

BEGIN;

SET LOCAL lock_timeout = '5s';
SET LOCAL ROLE troth_owner;

-- One more right. A service of an older version passes over a right that it does not know.
ALTER TABLE intake.source DROP CONSTRAINT source_rights_check;
ALTER TABLE intake.source ADD CONSTRAINT source_rights_check
    CHECK (rights <@ ARRAY['records', 'disclosure', 'dial', 'worklist', 'scores', 'reports', 'events', 'erasure']); -- lint: allow (a small table)

-- ---- what is left of an erasure

-- Nothing here leads to a person: numbers, counts, and hashes with the key that never leaves intake.
CREATE TABLE intake.erasure (
    bucket            smallint NOT NULL,  -- of the customer that was named
    number            bigint NOT NULL,
    customer_number   bigint NOT NULL,
    members           bigint[] NOT NULL,  -- all who were the same person, the named one among them
    ground            smallint NOT NULL,  -- ErasureGround
    asked_by          text NOT NULL,
    keeps_do_not_call boolean NOT NULL,   -- of numbers that were not to be called
    reference_hashes  bytea[] NOT NULL,   -- keyed, of source and reference
    events            integer NOT NULL,   -- of the log, from which something was taken out
    removed           text NOT NULL,      -- "table=rows" of each table, parted by blanks
    key_generation    smallint NOT NULL,  -- the newest one that had wrapped a destroyed key
    wants_rotation    boolean NOT NULL,
    rotated_at        timestamptz,        -- machine time: the generations up to that one may be destroyed
    swept_at          timestamptz,        -- what was on its way at that moment was looked for
    source_id         integer NOT NULL,
    occurred_at       timestamptz NOT NULL,
    received_at       timestamptz NOT NULL,
    events_left       integer NOT NULL DEFAULT 0, -- of the log, that nothing was taken out of: intake had no audit_key_file
    PRIMARY KEY (bucket, number)
);
CREATE INDEX erasure_by_member ON intake.erasure USING gin (members);
CREATE INDEX erasure_to_sweep ON intake.erasure (received_at) WHERE swept_at IS NULL;
CREATE INDEX erasure_to_rotate ON intake.erasure (key_generation) WHERE rotated_at IS NULL;

-- Numbers and addresses that are not to be called, whoever brings them: keyed hashes as in customer.phone_handle. Few, and looked
-- up for customers of every bucket: no bucket of its own.
CREATE TABLE intake.do_not_call (
    handle bigint PRIMARY KEY,
    since  timestamptz NOT NULL
);

-- Who has such a number is not called, whatever version of the services runs.
CREATE OR REPLACE VIEW intake.customer_public AS
    SELECT bucket, number, version, language, time_zone, birth_month, birth_day, birth_is_lunar, birth_is_leap_month,
           has_phone, has_email, phone_handle, email_handle, consents, refusals,
           do_not_call OR EXISTS (SELECT FROM intake.do_not_call AS d WHERE d.handle IN (c.phone_handle, c.email_handle)) AS do_not_call,
           merged_into, follower_count, first_seen_at, wrapped_key IS NULL AND key_generation > 0 AS is_erased
    FROM intake.customer AS c;

-- ---- who

-- The customer, by number or else by reference, and all who are the same person.
CREATE FUNCTION intake.erasure_members(p_customer bigint, p_bucket smallint, p_source integer, p_reference text)
    RETURNS SETOF bigint LANGUAGE sql STABLE ROWS 2 SET search_path = pg_catalog, pg_temp AS $$
    WITH named AS (
        SELECT coalesce(c.merged_into, c.number) AS survivor
          FROM (SELECT coalesce(p_customer, (SELECT r.customer_number FROM intake.customer_reference AS r
                                              WHERE (r.bucket, r.source_id, r.reference) = (p_bucket, p_source, p_reference)))
                       AS number) AS n
          JOIN intake.customer AS c ON (c.bucket, c.number) = ((n.number & 255)::int2, n.number))
    SELECT survivor FROM named
     UNION ALL
    SELECT f.number FROM named, intake.customer AS f WHERE f.merged_into = named.survivor
$$;

-- ---- removing

-- What is personal of these customers, or leads to them; facts keep their numbers. References that told things apart are
-- replaced by words that still do. May be called again: then it removes what has come since. Returns "table=rows" of each table.
CREATE FUNCTION intake.erase_rows(p_members bigint[], p_phones bigint[], p_emails bigint[])
    RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_buckets int2[] := ARRAY(SELECT DISTINCT (m & 255)::int2 FROM unnest(p_members) AS m);
    v_cases   bigint[] := ARRAY(SELECT c.number FROM intake.service_case AS c
                                 WHERE c.bucket = ANY (v_buckets) AND c.customer_number = ANY (p_members));
    v_bucket  int2;
    v_rows    bigint;
    v_more    bigint := 0;
    v_told    text;
BEGIN
    UPDATE intake.customer SET wrapped_key = NULL
     WHERE bucket = ANY (v_buckets) AND number = ANY (p_members) AND wrapped_key IS NOT NULL;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_told := 'customer_key=' || v_rows;

    DELETE FROM intake.person WHERE bucket = ANY (v_buckets) AND customer_number = ANY (p_members);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_told := v_told || ' person=' || v_rows;

    -- The texts of a case are sealed for the customer of the case.
    DELETE FROM intake.contact_text
     WHERE bucket = ANY (v_buckets) AND customer_number = ANY (p_members) AND case_number IS NULL;
    GET DIAGNOSTICS v_more = ROW_COUNT;
    DELETE FROM intake.contact_text WHERE bucket = ANY (v_buckets) AND case_number = ANY (v_cases);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_told := v_told || ' contact_text=' || v_rows + v_more;

    -- The bucket is the first byte of the hash; a handle is its first eight without the highest bit.
    DELETE FROM intake.contact_point AS p
     USING (SELECT k.kind, k.handle, (k.handle >> 56 | top.bit)::int4 AS first
              FROM (SELECT 1 AS kind, unnest(p_phones) AS handle UNION ALL SELECT 2, unnest(p_emails)) AS k,
                   (VALUES (0), (128)) AS top (bit)) AS h
     WHERE p.bucket = h.first AND p.kind = h.kind AND p.hash >= set_byte(int8send(h.handle), 0, h.first)
       AND p.hash <= set_byte(int8send(h.handle), 0, h.first) || '\xffffffffffffffff'::bytea
       AND p.customer_number = ANY (p_members);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_told := v_told || ' contact_point=' || v_rows;

    DELETE FROM intake.identity_question
     WHERE customer_number = ANY (p_members) OR other_number = ANY (p_members);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_told := v_told || ' identity_question=' || v_rows;

    DELETE FROM intake.customer_reference WHERE customer_number = ANY (p_members);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_told := v_told || ' customer_reference=' || v_rows;

    DELETE FROM intake.case_reference WHERE bucket = ANY (v_buckets) AND customer_number = ANY (p_members);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_told := v_told || ' case_reference=' || v_rows;

    v_more := 0;
    FOREACH v_bucket IN ARRAY v_buckets LOOP
        SELECT intake.forget_fingerprints(v_bucket, v_cases) INTO v_rows;
        v_more := v_more + v_rows;
    END LOOP;
    v_told := v_told || ' case_fingerprint=' || v_more;

    UPDATE intake.promise SET reference = NULL
     WHERE bucket = ANY (v_buckets) AND case_number = ANY (v_cases) AND reference IS NOT NULL;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_told := v_told || ' promise_reference=' || v_rows;

    UPDATE intake.expectation AS e SET reference = 'erased/' || f.first
      FROM (SELECT bucket, number, min(number) OVER (PARTITION BY bucket, case_number, source_id, reference) AS first
              FROM intake.expectation
             WHERE bucket = ANY (v_buckets) AND case_number = ANY (v_cases) AND reference NOT LIKE 'erased/%') AS f
     WHERE (e.bucket, e.number) = (f.bucket, f.number);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_told := v_told || ' expectation_reference=' || v_rows;

    UPDATE intake.purchase AS p SET order_ref = NULL
     WHERE bucket = ANY (v_buckets) AND customer_number = ANY (p_members) AND order_ref IS NOT NULL;
    GET DIAGNOSTICS v_more = ROW_COUNT;
    UPDATE intake.refund AS p SET order_ref = NULL
     WHERE bucket = ANY (v_buckets) AND customer_number = ANY (p_members) AND order_ref IS NOT NULL;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_told := v_told || ' order_reference=' || v_rows + v_more;

    UPDATE intake.points_redemption SET reference = 'erased/' || number
     WHERE bucket = ANY (v_buckets) AND customer_number = ANY (p_members) AND reference NOT LIKE 'erased/%';
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_told := v_told || ' redemption_reference=' || v_rows;

    UPDATE intake.device_signal SET device = NULL
     WHERE bucket = ANY (v_buckets) AND customer_number = ANY (p_members) AND device IS NOT NULL;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_told || ' device=' || v_rows;
END
$$;

-- A record that another process had read before the erasure may have been committed after it: some minutes later what it left
-- is removed too, and contact points that no handle leads to any more. Returns how many erasures were looked after.
CREATE FUNCTION intake.sweep_erasures(p_before timestamptz, p_now timestamptz)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_erasure record;
    v_members bigint[] := '{}';
    v_count   bigint := 0;
BEGIN
    FOR v_erasure IN
        UPDATE intake.erasure SET swept_at = p_now WHERE swept_at IS NULL AND received_at < p_before RETURNING members
    LOOP
        PERFORM intake.erase_rows(v_erasure.members, '{}', '{}');
        v_members := v_members || v_erasure.members;
        v_count := v_count + 1;
    END LOOP;
    IF v_count > 0 THEN
        DELETE FROM intake.contact_point WHERE customer_number = ANY (v_members);
    END IF;
    RETURN v_count;
END
$$;

-- What others may know: that it was, when, and whether older backups can still be read.
CREATE VIEW intake.erasure_public AS
    SELECT bucket, number, customer_number, members, ground, keeps_do_not_call, removed, wants_rotation, rotated_at, swept_at,
           occurred_at, received_at
      FROM intake.erasure;

GRANT SELECT, INSERT, UPDATE ON intake.erasure TO troth_intake;
GRANT SELECT, INSERT, DELETE ON intake.do_not_call TO troth_intake;
GRANT SELECT ON intake.erasure_public TO troth_followup, troth_loyalty, troth_reporting, troth_operator;
REVOKE ALL ON FUNCTION intake.erasure_members, intake.erase_rows, intake.sweep_erasures FROM PUBLIC;
GRANT EXECUTE ON FUNCTION intake.erasure_members, intake.erase_rows, intake.sweep_erasures TO troth_intake;

-- What was said in a call counts for an erasure too, while the record of it is still on its way.
GRANT USAGE ON SCHEMA followup TO troth_intake;
GRANT SELECT ON followup.customer_rhythm_public TO troth_intake;

-- What followup keeps itself: answers on their way to intake.
GRANT DELETE ON followup.record_outbox TO troth_followup;

-- ---- the log

-- What identifies an erased customer is taken out of events; their place, order and kind stay. The leaf of the tamper-evident
-- record is made of the commitment that the new body brings (common/audit/audit_leaf.h). 40001: one of them is not there.
CREATE FUNCTION log.redact(p_stream text[], p_bucket int2[], p_seq int8[], p_customer int8[], p_body bytea[])
    RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_rows int8;
BEGIN
    PERFORM log.require_session_of('intake');
    UPDATE log.event AS e SET body = n.body
      FROM (SELECT unnest(p_stream) AS stream, unnest(p_bucket) AS bucket, unnest(p_seq) AS seq,
                   unnest(p_customer) AS customer, unnest(p_body) AS body) AS n
     WHERE e.stream = n.stream AND e.bucket = n.bucket AND e.seq = n.seq AND e.customer_id = n.customer
       AND e.stream LIKE 'intake.%' AND e.kind IN ('customer_changed', 'device_signalled');
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    IF v_rows IS DISTINCT FROM cardinality(p_seq) THEN
        RAISE serialization_failure USING MESSAGE = format('%s events to redact were not found', cardinality(p_seq) - v_rows);
    END IF;
END
$$;
REVOKE ALL ON FUNCTION log.redact FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.redact TO troth_intake;

COMMIT;
