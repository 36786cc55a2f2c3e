#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# install.sh - installs the products that Troth is measured beside ('make bench-peers'), none of them as a service.
#
# Debian's packages start what they install. Here each unit is masked before its package comes (a unit that is there
# already is somebody's own and stays as it is), and nothing is started while they are unpacked. The masks stay;
# 'systemctl unmask NAME' takes one away, for who wants the product itself.
set -Eeuo pipefail
cd "$(dirname "$0")/../../.."

readonly UNITS=(epmd.service epmd.socket nats-server.service rabbitmq-server.service request-tracker5.service)
readonly POLICY=/usr/sbin/policy-rc.d

as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo -n)

mask() {
    local unit
    for unit in "${UNITS[@]}"; do
        if [ ! -e "/lib/systemd/system/$unit" ] && [ ! -e "/etc/systemd/system/$unit" ]; then
            "${as_root[@]}" mkdir -p /etc/systemd/system
            "${as_root[@]}" ln -sf /dev/null "/etc/systemd/system/$unit"
        fi
    done
}

# Where no systemd runs, the packages would start their init scripts.
forbid_starts() {
    [ ! -e "$POLICY" ] || return 0
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$POLICY" >/dev/null
    "${as_root[@]}" chmod 0755 "$POLICY"
    trap '"${as_root[@]}" rm -f "$POLICY"' EXIT
}

if [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
    exec deploy/install-packages.sh peers # says what to run as root, when anything is missing
fi
mask
forbid_starts
deploy/install-packages.sh peers
