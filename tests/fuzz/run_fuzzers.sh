#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run_fuzzers.sh [--merge] [NAME...] - runs each fuzzer, or those that are named, for FUZZ_SECONDS, starting from the inputs in
# tests/fuzz/corpus/<name>. 'make fuzz' builds and calls it. New inputs go to build/fuzz/<name>;
# one that crashes stays there as crash-* and belongs into the corpus once it is mended. With --merge nothing is looked for:
# of the corpus and of what was found, the smallest set that reaches the same code becomes the corpus.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."

BUILD=${BUILD:-build}
readonly INPUT_BYTES_MAX=4096 # larger ones are found again, and weigh too much to keep
merge=
[ "${1:-}" != --merge ] || { merge=1 && shift; }
failed=()

smallest() { # FUZZER NAME FOUND
    local kept=tests/fuzz/corpus/$2 next
    next=$(mktemp -d)
    mkdir -p "$kept"
    "$1" -merge=1 -max_len=$INPUT_BYTES_MAX -timeout=5 -rss_limit_mb=1024 -verbosity=0 "$next" "$kept" "$3" || return 1
    # Seeds that people wrote have names that are words: they stay whatever they reach.
    find "$kept" -type f -regextype posix-extended -regex '.*/[0-9a-f]{40}' -delete
    find "$next" -type f -exec mv -t "$kept" {} +
    rmdir "$next"
    echo "kept  $2  $(find "$kept" -type f | wc -l) inputs"
}

shopt -s nullglob # there may be no fuzzer yet
for fuzzer in "$BUILD"/clang-san-fuzz/tests/fuzz/*_fuzz; do
    name=$(basename "$fuzzer" _fuzz)
    [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
    found=$BUILD/fuzz/$name
    seeds=()
    [ ! -d "tests/fuzz/corpus/$name" ] || seeds=("tests/fuzz/corpus/$name")
    mkdir -p "$found"
    if [ -n "$merge" ]; then
        smallest "$fuzzer" "$name" "$found" || failed+=("$name")
        continue
    fi
    echo "fuzz  $name  ${FUZZ_SECONDS:-60} s"
    "$fuzzer" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=5 -rss_limit_mb=1024 -verbosity=0 -print_final_stats=1 \
        -artifact_prefix="$found/" "$found" "${seeds[@]}" || failed+=("$name")
done
[ ${#failed[@]} -eq 0 ] || { echo "fuzz failed: ${failed[*]}" >&2; exit 1; }
