#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Takes the customers' keys that live now, and what was erased, from one database to one that was restored from an older
# backup: there everybody is unreadable without them once older master keys are destroyed, and who was erased since would be
# back. Step 3 of deploy/backup/README.md, "Coming back".
#
#   living_keys.sh save CONNINFO FOLDER       from the newest database, or the newest backup; FOLDER is made, mode 0700
#   living_keys.sh restore CONNINFO FOLDER    into the restored one, before any service starts
#
# Both as the owner of the database's tables (troth_owner) or a superuser. What is saved opens nothing without the file of
# the master keys; keep it like a backup, and no longer than one. restore may be repeated.
set -eu

fail() { echo "living_keys.sh: $*" >&2; exit 2; }
[ $# -eq 3 ] || fail "say save or restore, CONNINFO and FOLDER"
verb=$1 conninfo=$2 folder=$3
case $folder in *\'* | *\\*) fail "FOLDER must not contain quotes or backslashes" ;; esac

run() { psql -X -q -v ON_ERROR_STOP=1 -d "$conninfo" -f - >/dev/null; }

# Half of it would look as if the others had been erased: the folder has its name when all is there.
save() {
    [ ! -e "$folder" ] || fail "FOLDER is there already"
    whole=$folder
    folder=$(mktemp -d "$whole.XXXXXX")
    trap 'rm -rf "$folder"' EXIT
    umask 077
    run <<SQL
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
\copy (SELECT number, key_generation, wrapped_key FROM intake.customer WHERE wrapped_key IS NOT NULL) TO '$folder/keys'
\copy (SELECT * FROM intake.master_key) TO '$folder/master_keys'
\copy (SELECT * FROM intake.erasure) TO '$folder/erasures'
\copy (SELECT * FROM intake.do_not_call) TO '$folder/do_not_call'
\copy (SELECT e.stream, e.bucket, e.seq, e.customer_id, e.body FROM intake.erasure AS x CROSS JOIN unnest(x.members) AS m JOIN log.event AS e ON e.stream LIKE 'intake.%' AND e.bucket = (m & 255) AND e.customer_id = m AND e.kind IN ('customer_changed', 'device_signalled')) TO '$folder/events'
COMMIT;
SQL
    mv "$folder" "$whole"
    echo "saved: $(wc -l <"$whole/keys") keys, $(wc -l <"$whole/erasures") erasures"
}

restore() {
    [ -f "$folder/keys" ] || fail "nothing was saved in $folder"
    run <<SQL
BEGIN;
CREATE TEMPORARY TABLE living (number bigint PRIMARY KEY, key_generation smallint, wrapped_key bytea) ON COMMIT DROP;
CREATE TEMPORARY TABLE master (LIKE intake.master_key) ON COMMIT DROP;
CREATE TEMPORARY TABLE gone (LIKE intake.erasure) ON COMMIT DROP;
CREATE TEMPORARY TABLE silent (LIKE intake.do_not_call) ON COMMIT DROP;
CREATE TEMPORARY TABLE event (stream text, bucket smallint, seq bigint, customer_id bigint, body bytea) ON COMMIT DROP;
\copy living FROM '$folder/keys'
\copy master FROM '$folder/master_keys'
\copy gone FROM '$folder/erasures'
\copy silent FROM '$folder/do_not_call'
\copy event FROM '$folder/events'
ANALYZE living;

DO \$\$
BEGIN
    IF NOT EXISTS (SELECT FROM master) AND EXISTS (SELECT FROM intake.master_key) THEN
        RAISE 'what was saved has no master key: it is of an empty database';
    END IF;
    -- Its key would be destroyed below.
    IF EXISTS (SELECT FROM intake.customer AS c WHERE wrapped_key IS NOT NULL
                AND NOT EXISTS (SELECT FROM living AS l WHERE l.number = c.number)
                AND NOT EXISTS (SELECT FROM gone AS g WHERE c.number = ANY (g.members))) THEN
        RAISE 'what was saved is older than this database: a customer here is not in it, nor among the erased';
    END IF;
END
\$\$;

UPDATE intake.customer AS c SET key_generation = l.key_generation, wrapped_key = l.wrapped_key
  FROM living AS l
 WHERE (c.bucket, c.number) = ((l.number & 255)::int2, l.number)
   AND (c.key_generation, c.wrapped_key) IS DISTINCT FROM (l.key_generation, l.wrapped_key);
UPDATE intake.customer AS c SET wrapped_key = NULL
 WHERE wrapped_key IS NOT NULL AND NOT EXISTS (SELECT FROM living AS l WHERE l.number = c.number);
INSERT INTO intake.master_key AS k SELECT * FROM master
    ON CONFLICT (generation) DO UPDATE SET retired_at = coalesce(k.retired_at, excluded.retired_at);

-- Each erasure once more, on what the backup brought back.
SELECT intake.erase_rows(e.members, '{}', '{}') FROM gone AS e;
DELETE FROM intake.contact_point AS p USING (SELECT unnest(members) AS number FROM gone) AS g WHERE p.customer_number = g.number;
UPDATE intake.customer AS c
   SET language = NULL, time_zone = NULL, birth_month = NULL, birth_day = NULL, birth_is_lunar = false, birth_is_leap_month = false,
       has_phone = false, has_email = false, phone_handle = NULL, email_handle = NULL, consents = 0, refusals = 0
  FROM (SELECT unnest(members) AS number FROM gone) AS g
 WHERE (c.bucket, c.number) = ((g.number & 255)::int2, g.number);
UPDATE log.event AS e SET body = n.body FROM event AS n
 WHERE (e.stream, e.bucket, e.seq, e.customer_id) = (n.stream, n.bucket, n.seq, n.customer_id) AND e.body <> n.body;
UPDATE followup.follow_up_attempt AS a SET number_handle = NULL
  FROM (SELECT unnest(members) AS number FROM gone) AS g
 WHERE a.bucket = (g.number & 255)::int2 AND a.customer_number = g.number AND a.number_handle IS NOT NULL;
DELETE FROM followup.record_outbox AS o
 USING (SELECT unnest(members) AS number FROM gone) AS g JOIN followup.follow_up AS f
       ON f.bucket = (g.number & 255)::int2 AND f.customer_number = g.number
 WHERE o.bucket = f.bucket AND o.follow_up_number = f.number;
INSERT INTO intake.erasure SELECT * FROM gone ON CONFLICT (bucket, number) DO NOTHING;
INSERT INTO intake.do_not_call SELECT * FROM silent ON CONFLICT (handle) DO NOTHING;
COMMIT;
SQL
    echo "restored: $(wc -l <"$folder/keys") keys, $(wc -l <"$folder/erasures") erasures"
}

case $verb in
save) save ;;
restore) restore ;;
*) fail "say save or restore" ;;
esac
