#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every Python file parses, without a .pyc left in the tree, and uses what it imports.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."
. tests/lint/lint_files.sh

files '*.py' | xargs -r -d '\n' /usr/bin/python3 tests/lint/check_python.py
