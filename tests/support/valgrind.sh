#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# valgrind.sh [NAME...] - runs the unit tests, or those that are named, under valgrind. An error is memory that is used and is not
# ours, was not written, or is definitely lost; anything else that a test may say is for 'make test-unit'. 'make valgrind' calls it.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."

OUT=${TROTH_OUT:-build}
readonly ERROR_STATUS=97 SECONDS_MAX=1800
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
export OUT ERROR_STATUS SECONDS_MAX work
export TROTH_REFERENCE_DATA=${TROTH_REFERENCE_DATA:-../shared/data}

check() {
    local name status=0
    name=$(basename "$1")
    # Children are other programs (date, cc, sh), and those that a test lets die.
    timeout "$SECONDS_MAX" valgrind --quiet --error-exitcode="$ERROR_STATUS" --leak-check=full --errors-for-leak-kinds=definite \
        --show-leak-kinds=definite --child-silent-after-fork=yes --num-callers=30 --log-file="$work/$name.log" \
        "$1" >"$work/$name.out" 2>&1 </dev/null || status=$?
    if [ -s "$work/$name.log" ] && grep -q 'ERROR\|Invalid\|uninitialised\|definitely lost' "$work/$name.log"; then
        echo "valgrind  $name  ERRORS" && cat "$work/$name.log" && touch "$work/failed"
    elif [ "$status" -eq 124 ]; then
        echo "valgrind  $name  did not end in $SECONDS_MAX s" && touch "$work/failed"
    elif [ "$status" -ne 0 ]; then # mostly a deadline that is too short for a machine that is 30 times slower
        echo "valgrind  $name  no errors; the test itself ended with $status"
    else
        echo "valgrind  $name  0 errors"
    fi
}
export -f check

mapfile -t programs < <(find tests/unit -name '*_test.c' | LC_ALL=C sort | sed "s,^,$OUT/,;s,\.c$,,")
chosen=()
for one in "${programs[@]}"; do
    [ $# -eq 0 ] || [[ " $* " == *" $(basename "$one") "* ]] || continue
    chosen+=("$one")
done
[ ${#chosen[@]} -gt 0 ] || { echo "no unit test has such a name" >&2 && exit 2; }
# shellcheck disable=SC2016  # that is for the inner shell
printf '%s\0' "${chosen[@]}" | xargs -0 -n 1 -P "${JOBS:-2}" bash -c 'check "$1"' check
[ ! -e "$work/failed" ] || exit 1
echo "${#chosen[@]} programs, 0 errors"
