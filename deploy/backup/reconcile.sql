-- SPDX-License-Identifier: Apache-2.0
-- reconcile.sql - reads journal,order,microseconds from standard input: what the dialers have dialed ('after-restore.sh reconcile').
--
-- Numbers. The world knows more numbers than a database that was turned back: receipts, journals, links, what people wrote
-- down. They must never mean somebody else, so both counters go on far ahead: 16 million.
--
-- Orders. A dialer never dials the same order twice. But an order that this database has forgotten would be written again,
-- and may go to another dialer, which has never seen it. So it gets its row again, as placed by the dialer that has it; the
-- scheduler then asks that dialer, as it does after each crash, and settles it by the answer.

BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;

CREATE TEMP TABLE dialed (journal text, key text, at_us int8) ON COMMIT DROP;
\copy dialed FROM pstdin (FORMAT csv)

DO $$
BEGIN
    PERFORM setval('intake.number_block', (SELECT last_value FROM intake.number_block) + 16384 * 1024);
    PERFORM setval('followup.number_block', (SELECT last_value FROM followup.number_block) + 16384 * 1024);
END
$$;

-- A journal whose dialer the database has never seen came up since: by what it says nobody is asked, so a person looks.
CREATE TEMP TABLE forgotten ON COMMIT DROP AS
SELECT d.key, split_part(d.key, '-', 2)::int8 AS number, split_part(d.key, '/', 2)::int4 AS attempt, d.journal,
       coalesce((SELECT min(s.dialer) FROM followup.dialer_session AS s WHERE s.journal = d.journal), 'unknown') AS dialer,
       to_timestamp(d.at_us / 1e6) AS at
  FROM dialed AS d
 WHERE d.key ~ '^F-[0-9]+-[0-9A-Z]+/[0-9]+$'
   AND NOT EXISTS (SELECT FROM followup.follow_up_attempt AS a
                    WHERE a.bucket = split_part(d.key, '-', 2)::int8 & 255
                      AND a.follow_up_number = split_part(d.key, '-', 2)::int8
                      AND a.attempt = split_part(d.key, '/', 2)::int4);

CREATE TEMP TABLE known ON COMMIT DROP AS
SELECT n.*, f.bucket, f.customer_number, f.channel
  FROM forgotten AS n
  JOIN followup.follow_up AS f ON f.bucket = n.number & 255 AND f.number = n.number AND f.attempts < n.attempt;

INSERT INTO followup.follow_up_attempt (bucket, follow_up_number, attempt, order_key, customer_number, channel, dialer,
                                        journal, state, ordered_at, start_by)
SELECT bucket, number, attempt, key, customer_number, channel, dialer, journal, 2, least(at, log.now()), at FROM known;

-- What has ended meanwhile by itself, or goes along with another one, stays as it is.
UPDATE followup.follow_up AS f
   SET state = 3, attempts = k.attempt, version = f.version + 1, next_attempt_at = NULL, claim_holder = NULL,
       claim_until = NULL, reason = ''
  FROM (SELECT bucket, number, max(attempt) AS attempt FROM known GROUP BY 1, 2) AS k
 WHERE f.bucket = k.bucket AND f.number = k.number AND f.state IN (1, 2, 3);

-- Who was called counts as called.
INSERT INTO followup.contact_budget AS b (bucket, kind, subject, day, orders)
SELECT bucket, 1, customer_number, (least(at, log.now()) AT TIME ZONE 'UTC')::date, count(*) FROM known GROUP BY 1, 3, 4
    ON CONFLICT (bucket, kind, subject, day) DO UPDATE SET orders = b.orders + excluded.orders;

SELECT format('orders: %s dialed, %s of them unknown to this database, %s got their row again', (SELECT count(*) FROM dialed),
              (SELECT count(*) FROM forgotten), (SELECT count(*) FROM known));
SELECT format('planned after the restored instant, and dialed: %s', key)
  FROM forgotten WHERE key NOT IN (SELECT key FROM known) ORDER BY number, attempt;
COMMIT;
