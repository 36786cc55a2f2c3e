#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A file's name says what is inside and is unique in the tree, so that one word finds it.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."
. tests/lint/lint_files.sh

# Names that mean "the one of this folder" may repeat; a migration has one name in deploy/,
# revert/ and verify/, which is how sqitch wants it.
while read -r name; do
    case $name in main.c | README.md | RESULTS.md | __init__.py | conftest.py) continue ;; esac
    finding "$name: $(files "$name" | paste -sd' ')"
done < <(files '*.c' '*.h' '*.py' '*.sh' '*.proto' '*.md' | sed 's,.*/,,' | sort | uniq -d)
finish
