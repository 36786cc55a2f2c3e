#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# register-keys.sh [--public-only] - the one-shot after the migration: who there is, and what each may do.
#
# Makes the key pair of every program that has none yet, each in the volume of its holder, puts the
# public halves where all can read them, and registers them in intake.source. May be run again: keys
# that are there stay, and their registration is repeated, which also repairs changed rights.
# With --public-only the pairs were made elsewhere: the public halves are there, and they alone are registered.
set -Eeuo pipefail

public_only=false
[ "${1:-}" != --public-only ] || public_only=true

# name and rights; 'client' is for people and scripts on this machine
register()
{
    local name=$1 rights=$2
    local pair=/keys/$name/$name.key public=/keys/public/$name.pub
    if ! $public_only; then
        if [ ! -e "$pair" ]; then
            troth key new "$name" --out "$pair" >/dev/null
        fi
        grep '^public-key' "$pair" >"$public"
    fi
    troth key register "$name" --key "$public" --rights "$rights"
}

# What seals personal data. It lies in a volume beside intake's own key: keep a copy of it apart from the backups of the database.
if ! $public_only && [ ! -e /keys/intake/master.keys ]; then
    troth key master /keys/intake/master.keys
fi

# The tamper-evident record; audit.pub is for customers.
if ! $public_only && [ ! -e /keys/intake/audit.key ]; then
    troth audit key new /keys/intake/audit.key --installation troth
    cp /keys/intake/audit.pub /keys/public/audit.pub
fi

register intake events
register followup records,disclosure,events
register loyalty events
register reporting records,disclosure,worklist,scores,events
register dialer dial
register client records,worklist,scores,reports,events
