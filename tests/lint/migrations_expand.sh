#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# New migrations add and take nothing away, and hold nobody up: check_migrations.py has the rules.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."
exec tests/lint/check_migrations.py
