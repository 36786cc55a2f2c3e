#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# after-restore.sh - what a database that was restored must learn before a service is started on it. README.md says when.
#
#   after-restore.sh reconcile CONNINFO JOURNAL...    numbers go on far ahead; what the dialers have dialed is not dialed again
#
# CONNINFO is PostgreSQL's superuser, as for migrate.sh. JOURNAL: the file of each dialer that ran after the restored instant.
# It is one transaction, and may be run again. Who was erased since stays so by deploy/database/living_keys.sh.
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

[ "${1:-}" = reconcile ] || die "usage: after-restore.sh reconcile CONNINFO JOURNAL..."
shift
[ $# -ge 2 ] || die "reconcile needs a CONNINFO and at least one JOURNAL"
reconcile "$@"
