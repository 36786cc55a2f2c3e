#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Golden messages that were released are never changed, never removed, and never become more: each
# tests/golden/v*.sha256 lists those of a version.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."
. tests/lint/lint_files.sh

for list in tests/golden/v*.sha256; do
    while read -r line; do finding "$line"; done < <(sha256sum --check --quiet "$list" 2>&1 || true)
    for file in "${list%.sha256}"/*; do
        grep -qF "  $file" "$list" || finding "$file: this version was released; new messages go into the newest folder"
    done
done
finish
