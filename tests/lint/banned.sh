#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Functions that we do not call, and what to use instead.
# A line may say 'lint: allow' with a reason.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."
. tests/lint/lint_files.sh

# banned FILES-PATTERN CALLS INSTEAD
banned() {
    local where=$1 pattern="\\b($2)[[:space:]]*\\(" instead=$3 file hit
    while read -r file; do
        while read -r hit; do
            finding "$file:${hit%%:*}: ${hit#*:} -- $instead"
        done < <(awk -v strings=no -f tests/lint/without_comments.awk "$file" |
            grep -nE "$pattern" | without_allowed)
    done < <(c_files | { grep -E "$where" || true; } | xargs -r grep -lE "$pattern" || true)
}

banned '' 'strcpy|strcat|stpcpy|v?sprintf' 'writes past the end: use common/base/text.h or snprintf'
banned '' 'gets' 'cannot be told the size'
banned '' 'strtok' 'keeps a hidden state: use strsep or strtok_r'
banned '' 'atoi|atol|atoll|atof' 'cannot report an error: use strtol and check'
banned '' 's?rand|random' 'is guessable: use libsodium, or a seeded generator of our own'
banned '' 'localtime|gmtime|ctime|asctime' 'keeps a hidden state: use the _r form'
banned '' 'usleep' 'was removed from POSIX; and who waits in the loop?'
banned '^(common|services)/' 'PQexec(Params|Prepared)?' 'blocks: use common/runtime/db.h'
banned '^(common|services)/' 'config_read(_file|_string)?' 'leaves names out when memory is missing: use common/base/config_tree.h'
banned '^tests/' 'sleep|nanosleep' 'a test waits for a condition with a deadline'

while read -r hit; do
    finding "$hit -- leaves without a word when memory is missing: use common/base/hash_table.h"
done < <(c_files | xargs -r grep -nHF '#include <uthash.h>' | without_allowed)

# The same for tests in other languages.
while read -r hit; do
    finding "$hit -- a test waits for a condition with a deadline"
done < <({
    files '*.py' | { grep '^tests/' || true; } | xargs -r grep -nHE '\bsleep\(' || true
    shell_files | { grep '^tests/' || true; } | xargs -r grep -nHE '(^|[;&|] *|do |then )[[:space:]]*sleep +[0-9$"]' || true
} | without_allowed)
finish
