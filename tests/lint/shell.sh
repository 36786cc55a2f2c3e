#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every shell script is clean for shellcheck and stops at the first error.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."
. tests/lint/lint_files.sh

mapfile -t scripts < <(shell_files)
shellcheck --external-sources --source-path=SCRIPTDIR:. "${scripts[@]}" || findings=1

for script in "${scripts[@]}"; do
    # Files to be sourced have no first line that names a shell; their caller decides.
    head -n 1 "$script" | grep -q '^#!.*bash' || continue
    grep -q '^set -Eeuo pipefail' "$script" || finding "$script: lacks 'set -Eeuo pipefail'"
done
finish
