#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# libzmq13.sh - runs what leans on libzmq with the one of Debian 13 (4.3.5), beside Debian 12's for all else.
#
# Its loader and C library come along in a folder, because the newer libzmq needs them; the programs are those that were built
# here, each behind a wrapper that starts it by that loader. Without Debian 13 on the mirror it says so and is skipped.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."

BUILD=${TROTH_BUILD:-build} OUT=${TROTH_OUT:-build}
root=$(realpath "$BUILD")/trixie
wrapped=$(realpath "$OUT")/libzmq13
triplet=$(gcc -print-multiarch)
readonly SYSTEM_TESTS=(test_hostile_messages test_authenticator test_admission test_libtroth)
readonly UNIT_TESTS=(runtime/bus_test runtime/zap_test runtime/request_client_test runtime/record_sender_test runtime/loop_test)

if [ ! -e "$root/.whole" ]; then
    rm -rf "$root"
    if ! mmdebstrap --quiet --variant=extract --include=libzmq5,libstdc++6 trixie "$root" >"$BUILD/trixie.log" 2>&1; then
        tail -n 3 "$BUILD/trixie.log" >&2
        echo "SKIP: Debian 13 is not on the mirror"
        exit 0
    fi
    touch "$root/.whole"
fi
loader=("$root"/usr/lib*/ld-linux*.so.* "$root/usr/lib/$triplet"/ld-linux*.so.*)
for one in "${loader[@]}"; do [ ! -x "$one" ] || ld=$one; done
run=("${ld:?no loader in $root}" --library-path "$root/usr/lib/$triplet:/usr/lib/$triplet:/lib/$triplet")
shown=$("${run[@]}" --list "$OUT/bin/troth-intake")
case $shown in
*"$root/usr/lib/$triplet/libzmq.so.5"*) ;;
*) echo "the programs would not use Debian 13's libzmq:" >&2 && echo "$shown" >&2 && exit 1 ;;
esac
basename "$(realpath "$root/usr/lib/$triplet/libzmq.so.5")"

for one in "${UNIT_TESTS[@]}"; do
    "${run[@]}" "$OUT/tests/unit/$one" >/dev/null 2>"$BUILD/libzmq13.log" </dev/null || {
        cat "$BUILD/libzmq13.log" >&2 && echo "failed: $one" >&2 && exit 1
    }
    echo "passed: unit/$one"
done

rm -rf "$wrapped" && mkdir -p "$wrapped/bin"
for program in "$(realpath "$OUT")"/bin/*; do
    printf '#!/bin/sh\nexec' >"$wrapped/bin/$(basename "$program")"
    printf " '%s'" "${run[@]}" "$program" >>"$wrapped/bin/$(basename "$program")"
    # shellcheck disable=SC2016  # for the wrapper
    printf ' "$@"\n' >>"$wrapped/bin/$(basename "$program")"
    chmod 755 "$wrapped/bin/$(basename "$program")"
done
ln -s "$(realpath "$OUT")/lib" "$wrapped/lib"
system=()
for one in "${SYSTEM_TESTS[@]}"; do system+=("tests/system/$one.py"); done
TROTH_OUT=$wrapped exec /usr/bin/python3 -m pytest -c tests/pytest.ini -q -n 2 "${system[@]}"
