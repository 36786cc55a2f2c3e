#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# change-standard.sh - what happens to the standard in the middle of the demo.
#
#   deploy/demo/change-standard.sh stricter|longer DIR CONNINFO
#
# stricter: complaints get their first answer in half the time. longer: requests may take twice as
# long. Edits DIR/etc/standards.conf, tells the services to read it again, and waits until intake
# has: promises that are open keep the standard they were made under.
set -Eeuo pipefail

change=$1
dir=$2
conninfo=$3
standard=$dir/etc/standards.conf

versions()
{
    psql -XAtqd "$conninfo" -c 'SELECT count(*) FROM intake.standard_version'
}

# The target of one kind of promise in the rule of that name.
set_target()
{
    local rule=$1 kind=$2 target=$3
    awk -v rule="\"$rule\"" -v kind="\"$kind\"" -v target="\"$target\"" '
        $1 == "name" { inside = index($0, rule ";") > 0 }
        inside && index($0, "kind = " kind) { changed += sub(/target = "[^"]*"/, "target = " target) }
        { print }
        END { exit changed != 1 }' "$standard" >"$standard.new"
    mv "$standard.new" "$standard"
}

before=$(versions)
case $change in
stricter) set_target complaint first_response 2h ;;
longer) set_target request resolution 80h ;;
*) sed -n '5,9p' "$0" >&2; exit 2 ;;
esac
kill -HUP "$(cat "$dir/run.pid")"
deadline=$((SECONDS + 30))
until [ "$(versions)" -gt "$before" ]; do
    [ "$SECONDS" -lt "$deadline" ] || { echo "intake has not taken the new standard" >&2; exit 1; }
    read -rt 0.1 <> <(:) || true
done
