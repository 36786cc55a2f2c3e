#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Each setting stands in the README of its service and, with a comment, in the example file
# deploy/config/<service>.conf. Settings are rows {"name", SETTING_... in the C tables; those
# that all services share are in common/runtime and are explained in common/README.md.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."
. tests/lint/lint_files.sh

settings_of() { # FILE ...
    local file
    for file in "$@"; do without_comments "$file"; done | tr '\n' ' ' |
        grep -oP '\{\s*(\.\w+\s*=\s*)?"\K[a-z][a-z0-9_.-]*(?="\s*,\s*(\.\w+\s*=\s*)?SETTING_)' | sort -u || true
}

# documented NAME FILE - in a README between backticks, perhaps with its group before it
documented() { [ -e "$2" ] && grep -qE "\`([a-z_]+\.)?$1\`" "$2"; }

# configured NAME FILE - an assignment, perhaps commented out
configured() { [ -e "$2" ] && grep -qE "(^|[^A-Za-z0-9_])$1[[:space:]]*[=:]" "$2"; }

shopt -s nullglob
for setting in $(settings_of common/runtime/*.c); do
    documented "$setting" common/README.md || finding "common/README.md: lacks \`$setting\`"
done

for folder in services/*/; do
    service=$(basename "$folder")
    config=deploy/config/$service.conf
    [ "$service" != cli ] || config=deploy/config/troth.conf # named after its program
    for setting in $(settings_of "$folder"*.c); do
        documented "$setting" "${folder}README.md" ||
            finding "${folder}README.md: lacks \`$setting\`"
        configured "$setting" "$config" || finding "$config: lacks $setting"
    done
done
finish
