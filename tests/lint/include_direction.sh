#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Who may know whom. Reads the #include lines and the calls into libraries:
#
#   services/X  ->  common/store  ->  common/domain, common/runtime  ->  common/base
#   services/X, common/domain     ->  common/model                   ->  common/base
#   services/X                    ->  common/audit                   ->  common/base
#
#   - a service never includes another service; the client library knows none of them
#   - base knows neither our libraries nor generated code; domain and runtime are siblings
#   - published models know base alone; runtime and the stores know no model
#   - files that decide know neither the database nor the bus
#   - ZeroMQ is called in one place, PostgreSQL in another, SQL stands in stores alone
set -Eeuo pipefail
cd "$(dirname "$0")/../.."
. tests/lint/lint_files.sh

# Prints why FILE must not include HEADER, or nothing.
objection() { # FILE HEADER
    local file=$1 header=$2 service
    case $header in *..*) echo "leaves its folder through '..'" && return ;; esac

    case $file in
    common/base/*)
        case $header in
        common/base/*) ;;
        common/* | services/*) echo "base knows nothing above it" ;;
        *.pb-c.h | zmq.h | libpq-fe.h) echo "base knows neither the wire nor the database" ;;
        esac
        ;;
    common/model/*)
        case $header in
        common/model/* | common/base/*) ;;
        common/* | services/* | *.pb-c.h) echo "a model knows base alone" ;;
        zmq.h | libpq-fe.h) echo "a model knows neither the wire nor the database" ;;
        esac
        ;;
    common/audit/*)
        case $header in
        common/audit/* | common/base/*) ;;
        common/* | services/* | *.pb-c.h) echo "the record of hashes knows base alone" ;;
        zmq.h | libpq-fe.h) echo "the record of hashes knows neither the wire nor the database" ;;
        esac
        ;;
    common/domain/*)
        case $header in
        common/runtime/* | common/store/* | services/*) echo "domain knows base alone" ;;
        zmq.h | libpq-fe.h) echo "domain knows neither the wire nor the database" ;;
        esac
        ;;
    common/store/*)
        case $header in
        services/*) echo "a store that is shared knows no service" ;;
        common/model/*) echo "a store knows no model" ;;
        esac
        ;;
    common/runtime/*)
        case $header in
        common/store/* | common/domain/* | common/model/* | services/*) echo "runtime knows base alone" ;;
        esac
        ;;
    services/*)
        service=${file#services/} service=${service%%/*}
        case $header in
        "services/$service/"*) ;;
        services/*) echo "a service never includes another service" ;;
        esac
        ;;
    proto/libtroth/*)
        case $header in
        services/* | common/domain/* | common/model/*) echo "the client library knows base and runtime alone" ;;
        esac
        ;;
    esac

    case $file in
    *_plan.[ch] | *_rules.[ch] | *_model.[ch] | *_decide.[ch])
        case ${header##*/} in
        db.h | bus.h | zmq.h | libpq-fe.h) echo "a file that decides has no database and no bus" ;;
        esac
        ;;
    esac
}

includes() {
    local file line header reason
    while IFS=: read -r file line header; do
        reason=$(objection "$file" "$header")
        [ -z "$reason" ] || finding "$file:$line: includes $header: $reason"
    done < <(program_files | xargs -r grep -nHE '^[[:space:]]*#[[:space:]]*include' |
        without_allowed | sed -E 's/#[[:space:]]*include[[:space:]]*[<"]([^>"]*)[>"].*/\1/; s/[[:space:]]//g')
}

# calls PATTERN REASON ALLOWED-FILES - no match of PATTERN outside of these files.
calls() {
    local pattern=$1 reason=$2 allowed=$3 file hit
    while read -r file; do
        [[ ! $file =~ ^($allowed)$ ]] || continue
        while read -r hit; do
            finding "$file:${hit%%:*}: $reason: ${hit#*:}"
        done < <(without_comments "$file" | grep -nE "$pattern" | without_allowed)
    done < <(program_files | xargs -r grep -lE "$pattern" || true)
}

includes
calls '\bzmq_poll[[:space:]]*\(' 'only the loop and the bus poll' \
    'common/runtime/(loop|bus|zap)[a-z_]*\.[ch]'
calls '\bzmq_([a-oq-z]|p[a-np-z])[a-z_]*[[:space:]]*\(' 'only bus.c and zap.c call ZeroMQ' \
    'common/runtime/(bus|zap)[a-z_]*\.[ch]'
calls '\bPQ[a-z][A-Za-z]*[[:space:]]*\(' 'only runtime/db*.c calls libpq' \
    'common/runtime/db[a-z_]*\.[ch]'
calls '"[^"]*\b(SELECT |INSERT INTO |UPDATE [a-z]|DELETE FROM )' 'SQL stands in stores' \
    '.*_(store|source)\.[ch]|common/store/[a-z_]*\.[ch]|common/runtime/(event_log|forgetting|lease|db[a-z_]*)\.[ch]'
finish
