#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# postgres.sh - a private PostgreSQL in a folder of its own, for the demo and the tests.
#
#   postgres.sh start DIR     makes it at the first call, starts it, prints the conninfo of its superuser
#   postgres.sh stop DIR      the data stay
#   postgres.sh status DIR    prints the conninfo and succeeds when it runs
#   postgres.sh remove DIR    stops it and removes the data
#
# It listens on a unix socket alone, in a folder that nobody else may enter, and trusts who gets there.
# Never touches another cluster of this machine.
#
# Variables:
#   TROTH_PG_FAST=1    no fsync: for tests that do not ask what survives
#   TROTH_PG_STOP      smart, fast (usual) or immediate: how to stop
#   TROTH_PG_BIN       folder of the server's programs; usual: the newest of /usr/lib/postgresql/*/bin
set -Eeuo pipefail

readonly ROLE=postgres
readonly PORT=5432
# sun_path holds 107 bytes; the server adds "/.s.PGSQL.5432.lock".
readonly SOCKET_DIR_MAX=85

die()
{
    echo "postgres.sh: $*" >&2
    exit 1
}

find_programs()
{
    local bin=${TROTH_PG_BIN:-}
    if [ -z "$bin" ]; then
        bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    fi
    if [ ! -x "$bin/initdb" ]; then # other systems: where the client tools say
        bin=$(pg_config --bindir 2>/dev/null || true)
    fi
    [ -x "$bin/initdb" ] || die "no PostgreSQL server programs found; set TROTH_PG_BIN"
    echo "$bin"
}

# PostgreSQL does not run as root. A bare 'as_server' is the caller otherwise.
as_server()
{
    if [ "$(id -u)" = 0 ]; then
        (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups -- \
            env HOME=/ LC_ALL=C.UTF-8 "$@")
    else
        (cd / && exec env LC_ALL=C.UTF-8 "$@")
    fi
}

# The data live in DIR, or, when the server's user cannot get there (a home folder that is closed
# to others), in a folder of /var/tmp which DIR/location names.
locate()
{
    if [ -f "$dir/location" ]; then
        home=$(cat "$dir/location")
    else
        home=$dir
    fi
    data=$home/data
    socket=$home/socket
    if [ -f "$home/socket-folder" ]; then
        socket=$(cat "$home/socket-folder")
    fi
}

make_home()
{
    mkdir -p "$dir"
    if [ "$(id -u)" = 0 ]; then
        id postgres >/dev/null 2>&1 || die "runs as root but there is no user 'postgres' to run the server"
        chown postgres: "$dir"
        chmod 0700 "$dir"
        if ! as_server test -w "$dir"; then
            home=$(mktemp -d /var/tmp/troth-postgres-XXXXXX)
            chown postgres: "$home"
            echo "$home" >"$dir/location"
        fi
    else
        chmod 0700 "$dir"
    fi
    locate
    if [ "${#socket}" -gt "$SOCKET_DIR_MAX" ]; then
        socket=$(as_server mktemp -d /tmp/troth-socket-XXXXXX)
        echo "$socket" >"$home/socket-folder"
    fi
}

write_settings()
{
    cat <<END
# Written by deploy/demo/postgres.sh.
listen_addresses = ''
unix_socket_directories = '${socket//\'/\'\'}'
unix_socket_permissions = 0700
port = $PORT
max_connections = 200
shared_buffers = 128MB
max_wal_size = 2GB
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d %a '
# Both need a restart to change, and moving buckets to other machines needs both.
wal_level = logical
max_prepared_transactions = 10
# Ends the work of a client that is gone.
client_connection_check_interval = 1s
END
    if [ "${TROTH_PG_FAST:-}" = 1 ]; then
        echo 'fsync = off'
        echo 'synchronous_commit = off'
        echo 'full_page_writes = off'
    fi
}

make_cluster()
{
    local sync=()
    [ "${TROTH_PG_FAST:-}" != 1 ] || sync=(--no-sync)
    as_server "$bin/initdb" --pgdata="$data" --username=$ROLE --auth=trust --data-checksums \
        --encoding=UTF8 --locale=C.UTF-8 "${sync[@]}" >"$dir/initdb.log" 2>&1 || {
        cat "$dir/initdb.log" >&2
        die "initdb failed"
    }
    write_settings | as_server tee -a "$data/postgresql.conf" >/dev/null
}

is_running()
{
    [ -d "$data" ] && as_server "$bin/pg_ctl" --pgdata="$data" status >/dev/null 2>&1
}

print_conninfo()
{
    local quoted=${socket//\\/\\\\}
    quoted=${quoted//\'/\\\'}
    case $quoted in
    *[\ \\]*) quoted="'$quoted'" ;;
    esac
    echo "host=$quoted port=$PORT user=$ROLE dbname=postgres"
}

start()
{
    make_home
    if ! is_running; then
        [ -f "$data/PG_VERSION" ] || make_cluster
        as_server mkdir -p -m 0700 "$socket"
        if ! as_server "$bin/pg_ctl" --pgdata="$data" --log="$home/server.log" --wait --timeout=60 \
            --silent start >&2; then
            tail -n 20 "$home/server.log" >&2
            die "the server did not start; its log is $home/server.log"
        fi
    fi
    print_conninfo
}

stop()
{
    is_running || return 0
    as_server "$bin/pg_ctl" --pgdata="$data" --wait --timeout=60 --silent \
        --mode="${TROTH_PG_STOP:-fast}" stop >&2
}

remove()
{
    TROTH_PG_STOP=immediate stop
    case $socket in
    /tmp/troth-socket-*) rm -rf "$socket" ;;
    esac
    rm -rf "$home" "$dir"
}

[ $# = 2 ] || die "usage: postgres.sh {start|stop|status|remove} DIR"
bin=$(find_programs)
dir=$(realpath -m -- "$2")
locate
case $1 in
start) start ;;
stop) stop ;;
status) is_running && print_conninfo ;;
remove) remove ;;
*) die "unknown command '$1'; use start, stop, status or remove" ;;
esac
