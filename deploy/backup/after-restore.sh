#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# after-restore.sh - what a database that was restored must learn before a service is started on it. README.md says when.
#
#   after-restore.sh save-keys CONNINFO FILE          from the newest database there is: how the keys of the living are wrapped
#   after-restore.sh take-keys CONNINFO FILE          into an older one: whoever was erased since stays erased
#   after-restore.sh reconcile CONNINFO JOURNAL...    numbers go on far ahead; what the dialers have dialed is not dialed again
#
# CONNINFO is PostgreSQL's superuser, as for migrate.sh. JOURNAL: the file of each dialer that ran after the restored instant.
# All of a command is one transaction, and each may be run again.
set -Eeuo pipefail

here=$(dirname "$(realpath "$0")")

die()
{
    echo "after-restore.sh: $*" >&2
    exit 1
}

run_psql() # CONNINFO, then psql's own arguments
{
    local conninfo=$1
    shift
    psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$conninfo" "$@"
}

# No secret stands in the file: keys are wrapped by the master key. Keep it like a backup, all the same.
save_keys()
{
    umask 077
    run_psql "$1" -c "COPY (SELECT 'customer', number, key_generation, wrapped_key, NULL::timestamptz, NULL::timestamptz
                              FROM intake.customer
                             UNION ALL
                            SELECT 'master', generation, NULL, fingerprint, first_used_at, retired_at FROM intake.master_key)
                        TO STDOUT (FORMAT csv)" >"$2.new"
    mv -- "$2.new" "$2" # half a file would look as if the others had been erased
    echo "saved: $(grep -c '^customer,' "$2" || true) customers"
}

take_keys()
{
    [ -r "$2" ] || die "$2 cannot be read"
    run_psql "$1" -f "$here/take_keys.sql" <"$2"
}

# Lines of a journal: checksum, verb, order, instant. The first one: troth-dialer-journal, version, id, name.
placed_orders()
{
    local journal
    for journal in "$@"; do
        [ -r "$journal" ] || die "$journal cannot be read"
        awk 'NR == 1 { for (i = 1; i < NF; i++) if ($i == "troth-dialer-journal") id = $(i + 2); next }
             $2 == "placed" && $4 ~ /^[0-9]+$/ { print id "," $3 "," $4 }' "$journal"
    done
}

reconcile()
{
    local conninfo=$1
    shift
    placed_orders "$@" | run_psql "$conninfo" -f "$here/reconcile.sql"
}

[ $# -ge 3 ] || die "usage: after-restore.sh {save-keys|take-keys|reconcile} CONNINFO FILE..."
command=$1
shift
case $command in
save-keys) save_keys "$@" ;;
take-keys) take_keys "$@" ;;
reconcile) reconcile "$@" ;;
*) die "unknown command '$command'; use save-keys, take-keys or reconcile" ;;
esac
