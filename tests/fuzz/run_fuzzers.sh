#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run_fuzzers.sh [NAME...] - runs each fuzzer, or those that are named, for FUZZ_SECONDS, starting from the inputs in
# tests/fuzz/corpus/<name>. 'make fuzz' builds and calls it. New inputs go to build/fuzz/<name>;
# one that crashes stays there as crash-* and belongs into the corpus once it is mended.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."

BUILD=${BUILD:-build}
failed=()
shopt -s nullglob # there may be no fuzzer yet
for fuzzer in "$BUILD"/clang-san-fuzz/tests/fuzz/*_fuzz; do
    name=$(basename "$fuzzer" _fuzz)
    [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
    found=$BUILD/fuzz/$name
    seeds=()
    [ ! -d "tests/fuzz/corpus/$name" ] || seeds=("tests/fuzz/corpus/$name")
    mkdir -p "$found"
    echo "fuzz  $name  ${FUZZ_SECONDS:-60} s"
    "$fuzzer" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=5 -rss_limit_mb=1024 -verbosity=0 \
        -artifact_prefix="$found/" "$found" "${seeds[@]}" || failed+=("$name")
done
[ ${#failed[@]} -eq 0 ] || { echo "fuzz failed: ${failed[*]}" >&2; exit 1; }
