#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# C is laid out as .clang-format says; 'make format' does it.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."
. tests/lint/lint_files.sh

# One line for each place would bury the rest: the first of each file is enough.
while read -r place; do
    finding "${place%: error*}: not formatted: run 'make format'"
done < <(c_files | xargs -r -P 2 -n 20 clang-format-14 --dry-run -Werror 2>&1 |
    { grep ': error:' || true; } | sort -t: -u -k1,1)
finish
