#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# lint.sh - runs every check in this folder and names those that failed.
#
#   tests/lint/lint.sh [CHECK ...]     e.g. banned include_direction; default: all
#
# A check is a script that prints one line per finding and fails if there is any. Each runs
# alone as well. They all run even if the first fails: one round shows everything.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."

checks=("$@")
if [ ${#checks[@]} -eq 0 ]; then
    for script in tests/lint/*.sh; do
        case ${script##*/} in lint.sh | lint_files.sh) continue ;; esac
        name=${script##*/}
        checks+=("${name%.sh}")
    done
fi

failed=()
for check in "${checks[@]}"; do
    start=$SECONDS
    if "tests/lint/$check.sh" </dev/null; then
        verdict=ok
    else
        verdict=FAILED
        failed+=("$check")
    fi
    printf 'lint  %-20s %-6s %3d s\n' "$check" "$verdict" $((SECONDS - start))
done

if [ ${#failed[@]} -gt 0 ]; then
    echo "lint failed: ${failed[*]}" >&2
    exit 1
fi
