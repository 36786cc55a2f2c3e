#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# start-service.sh [ARGUMENT]... - runs the program of this image, after it has handed the database
# password to libpq.
#
# The password arrives as the file /run/secrets/database_password. libpq reads passwords from a file
# that nobody else may read, which a mounted secret is not; so it is copied to $PGPASSFILE, which lies
# in memory (tmpfs) and ends with the container. It never stands in the environment or in an argument.
# The umask stays: what the program writes is for itself alone, too.
set -Eeuo pipefail
umask 077

secret=/run/secrets/database_password
if [ -r "$secret" ]; then
    # In a passfile ':' parts the columns and '\' escapes.
    password=$(sed 's/[\\:]/\\&/g' "$secret")
    printf '*:*:*:*:%s\n' "$password" >"$PGPASSFILE"
    unset password
fi
exec "$TROTH_PROGRAM" "$@"
