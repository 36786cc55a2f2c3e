#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A migration that was released has run on somebody's database: it never changes again, a new one
# follows. Released is what deploy/database/frozen.sha256 lists; deploy/database/releases names the
# commits that list was made of, and what a clone has of them is compared too. Each change of the
# plan is complete, and the plan ends with the change that says that a version is there.
#
#   migrations_frozen.sh --freeze    for who releases: writes the list anew, of what is there now
set -Eeuo pipefail
cd "$(dirname "$0")/../.."
. tests/lint/lint_files.sh

base=deploy/database
frozen=$base/frozen.sha256

if [ "${1:-}" = --freeze ]; then
    sha256sum $base/deploy/*.sql >$frozen
    exit 0
fi

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

last=${changes[-1]}
[[ $last == release_* ]] || finding "$base/sqitch.plan: $last comes after the change release_*, which has to stay the last one"

while read -r sum script; do
    [ -e "$script" ] || { finding "$script: was released, and is gone"; continue; }
    [ "$(sha256sum <"$script")" = "$sum  -" ] || finding "$script: was released, and is another one now"
done <$frozen

while read -r version commit; do
    if ! git cat-file -e "$commit^{commit}" 2>/dev/null; then
        echo "migrations_frozen: commit ${commit:0:12} of $version is not in this clone; compared with $frozen alone"
        continue
    fi
    while read -r changed; do
        finding "$changed: changed since $version, which released it"
    done < <(git diff --name-only --no-renames --diff-filter=MD "$commit" -- $base/deploy)
    while read -r script; do
        grep -qF "  $script" $frozen || finding "$frozen: $script is missing, which $version released"
    done < <(git ls-tree --name-only "$commit" $base/deploy/)
done < <(grep -v '^#' $base/releases)

# A tag that nobody wrote down.
for tag in $(git tag --list 'v*' 2>/dev/null || true); do
    grep -q "^${tag#v} " $base/releases || finding "$base/releases: $tag is missing"
done
finish
