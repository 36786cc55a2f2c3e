#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# install-packages.sh - installs those packages of packages.txt that are missing.
#
#   deploy/install-packages.sh [GROUP ...]      build, run, test, containers, package, ...; default: the first three
#
# Asks dpkg once and ends at once when nothing is missing. Installs as root or through sudo
# without a password; anyone else gets the line to run.
set -Eeuo pipefail

list=$(dirname "$0")/packages.txt

wanted() { # the packages of the named groups
    awk -v groups=" $* " '
        { sub(/#.*/, "") }
        /^\[/ { gsub(/[][ \t]/, ""); take = index(groups, " " $0 " "); next }
        NF && take { print $1 }' "$list"
}

# Another package may stand in: Node from elsewhere brings npm along and bars Debian's.
missing() { # those of the arguments that no installed package is or provides
    dpkg-query -W -f='${db:Status-Abbrev}, ${Package}, ${Provides}\n' 2>/dev/null |
        awk -F', *' '/^ii/ { for (i = 2; i <= NF; i++) { sub(/[ :].*/, "", $i); print $i } }' |
        sort -u | comm -13 - <(printf '%s\n' "$@" | sort -u)
}

# Debian's PostgreSQL package makes a cluster 'main' and starts it on port 5432. Troth
# starts clusters of its own where it needs them, and must not take the port of anybody
# else, so say no before the package is installed. A file that is there is the
# administrator's decision and stays.
refuse_main_cluster() {
    local conf=/etc/postgresql-common/createcluster.conf
    [ ! -e "$conf" ] || return 0
    "${as_root[@]}" mkdir -p "$(dirname "$conf")"
    echo 'create_main_cluster = false' | "${as_root[@]}" tee "$conf" >/dev/null
}

[ $# -gt 0 ] || set -- build run test
mapfile -t packages < <(wanted "$@")
[ ${#packages[@]} -gt 0 ] || { echo "no packages in: $*" >&2; exit 2; }
if ! command -v dpkg-query >/dev/null; then
    echo "not Debian: install what $list names by hand" >&2
    exit 1
fi
mapfile -t absent < <(missing "${packages[@]}")
[ ${#absent[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        echo "packages are missing; install them with" >&2
        echo "  sudo $0 $*" >&2
        exit 1
    fi
    as_root=(sudo -n)
fi

echo "installing ${#absent[@]} packages: ${absent[*]}"
case " ${absent[*]} " in *" postgresql-15 "*) refuse_main_cluster ;; esac

# Quiet and without questions: keep changed configuration files, wait for a busy dpkg.
# No recommended packages: sqitch's and clang's are many and none is needed.
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 \
        apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt update && apt install -y --no-install-recommends \
    -o Dpkg::Options::=--force-confold "${absent[@]}"; } >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    exit 1
fi
