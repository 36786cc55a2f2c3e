#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A migration that was released has run on somebody's database: it never changes again, a new
# one follows. Released is what a tag v* contains. And each change of the plan is complete.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."
. tests/lint/lint_files.sh

base=deploy/database
[ -e $base/sqitch.plan ] || exit 0

mapfile -t changes < <(awk '!/^[%@#]/ && NF { print $1 }' $base/sqitch.plan)
for change in "${changes[@]}"; do
    for step in deploy revert verify; do
        [ -e "$base/$step/$change.sql" ] || finding "$base/$step/$change.sql: missing, but in the plan"
    done
done

for script in "$base"/deploy/*.sql; do
    change=$(basename "$script" .sql)
    # A reworked change keeps its released form as name@tag.sql.
    printf '%s\n' "${changes[@]}" | grep -qxF "${change%@*}" || finding "$script: not in the plan"
done

for tag in $(git tag --list 'v*' 2>/dev/null || true); do
    while read -r changed; do
        finding "$changed: changed since $tag, which released it"
    done < <(git diff --name-only --no-renames --diff-filter=MD "$tag" -- $base/deploy)
done
finish
