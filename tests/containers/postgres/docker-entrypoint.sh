#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# docker-entrypoint.sh - what docker-compose.yml relies on of the official image's entrypoint: as root it gives the volume to
# the user postgres and becomes that user; an empty volume is made a cluster with POSTGRES_INITDB_ARGS and the password of
# POSTGRES_PASSWORD_FILE, and /docker-entrypoint-initdb.d/*.sh run while it listens on its socket alone.
set -Eeuo pipefail

if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA" /var/run/postgresql
    chmod 0700 "$PGDATA"
    find "$PGDATA" ! -user postgres -exec chown postgres '{}' +
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    export POSTGRES_USER=postgres PGUSER=postgres
    read -ra arguments <<<"${POSTGRES_INITDB_ARGS:-}"
    initdb --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" "${arguments[@]}"
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    pg_ctl -w start -o "-c listen_addresses=''"
    for script in /docker-entrypoint-initdb.d/*.sh; do
        # shellcheck source=/dev/null
        . "$script"
    done
    pg_ctl -m fast -w stop
fi
exec "$@" -c listen_addresses='*'
