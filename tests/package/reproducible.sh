#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# reproducible.sh [TARGET...] - builds the tree twice, from folders of other names and lengths, with another umask, zone and
# language, and compares every program, library and file of the dashboard, bit by bit. 'make reproducible' calls it.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."

targets=("$@")
[ $# -gt 0 ] || targets=(all)
jobs=${JOBS:-2}
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

build_in() { # FOLDER UMASK
    mkdir -p "$work/$1/tree"
    # Not what a build, a run or an editor left behind.
    tar -c --exclude=./build --exclude=./var --exclude=./.git --exclude=__pycache__ --exclude=node_modules . |
        tar -x -C "$work/$1/tree"
    (
        cd "$work/$1/tree"
        umask "$2"
        env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u BUILD make -j"$jobs" BUILD="$work/$1/out" "${targets[@]}"
    ) >"$work/$1.log" 2>&1 || { tail -n 30 "$work/$1.log" >&2 && return 1; }
}

sums() { # FOLDER: what ships, with its digest
    (
        cd "$work/$1/out"
        find . -type f \( -path './bin/*' -o -name 'libtroth.so.*' -o -name libtroth.a -o -path './web/*' \) | LC_ALL=C sort | xargs -r sha256sum
    )
}

TZ=UTC LC_ALL=C.UTF-8 build_in a 022
TZ=Asia/Shanghai LC_ALL=C build_in another/and-longer 077
sums a >"$work/first"
sums another/and-longer >"$work/second"
[ -s "$work/first" ] || { echo "nothing was built" >&2 && exit 1; }
diff "$work/first" "$work/second" >&2 || { echo "two builds of one tree differ" >&2 && exit 1; }
echo "$(wc -l <"$work/first") files are the same, bit for bit, in two builds"
