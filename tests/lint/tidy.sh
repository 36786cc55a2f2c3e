#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over every C file, with the compiler's flags and the checks of .clang-tidy.
#
# Slow, so what passed is remembered in build/lint by a hash over everything that the result
# depends on: the file, our headers, what was generated from contracts, the flags and the
# checks. Unchanged files cost nothing.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."
. tests/lint/lint_files.sh

stamps=$BUILD/lint
flags_file=$BUILD/tidy_flags.txt
[ -e "$flags_file" ] || make -s BUILD="$BUILD" gen "$flags_file"
mkdir -p "$stamps"

# One hash for what all files share, whatever the build's folder is called.
shared=$({ cat .clang-tidy tests/.clang-tidy tests/faults/.clang-tidy && sed "s,^$BUILD/,build/," "$flags_file"; } | sha256sum)
mapfile -t flags <"$flags_file"
flags+=(-Wno-unused-parameter) # the compiler and misc-unused-parameters say it already

check() { # FILE
    local file=$1 log
    # The compiler names the file and each header; those of libraries change with the system alone.
    local inputs stamp
    inputs=$(clang-14 -M "${flags[@]}" "$file" 2>/dev/null | sed 's/\\$//' | cut -d: -f2- | tr ' ' '\n' |
        grep -E "^([^/]|$BUILD/gen/)") || inputs=$file
    # shellcheck disable=SC2086  # a list of names without spaces
    stamp=$stamps/$({ echo "$shared" "$file" && cat $inputs; } | sha256sum | cut -c1-40)
    [ ! -e "$stamp" ] || return 0
    log=$(mktemp)
    if clang-tidy-14 --quiet "$file" -- "${flags[@]}" >"$log" 2>&1; then
        touch "$stamp"
        rm -f "$log"
    else
        # Its remarks on how many warnings it hid help nobody.
        grep -vE '^[0-9]+ (warnings?|errors?) (and|generated|treated)|^Suppressed|^Use -header-filter|^Error while' "$log" || true
        rm -f "$log"
        return 1
    fi
}

if [ $# -gt 0 ]; then # one file: how this script calls itself
    check "$1"
else
    find "$stamps" -type f -mtime +14 -delete
    # A finding in a header comes up in each file that includes it: show it once.
    c_files | { grep '\.c$' || true; } | xargs -r -P 2 -n 1 "$0" |
        awk '/^[^ ]+:[0-9]+:[0-9]+: (error|warning):/ { show = !seen[$0]++ } show'
fi
