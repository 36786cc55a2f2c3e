#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# make-secrets.sh [DIR] - makes the database passwords that docker-compose.yml mounts as secrets.
#
# One file per role in DIR (usual: var/container/secrets, where docker-compose.yml looks unless
# TROTH_SECRETS names another folder). A file that is there is kept, so it may be run again, and
# a password that comes from elsewhere may be put there first.
#
# Compose mounts such files with the mode and owner they have here, and the containers run as users
# that this machine does not know. So the files may be read by all, and the folder by its owner alone.
set -Eeuo pipefail

roles=(superuser migrator operator intake followup loyalty reporting)

cd -- "$(dirname -- "$(realpath -- "$0")")/../.."
dir=${1:-${TROTH_SECRETS:-var/container/secrets}}

mkdir -p -- "$dir"
chmod 0700 -- "$dir"
for role in "${roles[@]}"; do
    file=$dir/database_$role
    [ ! -s "$file" ] || continue
    # 192 random bits; letters and digits only, so that no syntax on the way can be hurt by one.
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$file"
    chmod 0444 -- "$file"
    echo "made $file"
done
