#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# engine.sh up|images|down|purge - a container engine for tests, where no registry can be reached.
#
#   up      Debian's dockerd, started by hand with a data folder and a socket of its own; no systemd needed
#   images  the images that docker-compose.yml takes from a registry, made here from Debian's mirror
#   down    ends that dockerd, puts back what it changed on this machine, keeps its data (the next run is fast)
#   purge   down, and the data is removed
#
# A dockerd of this machine that already answers is not touched and not used. Exit status 77: containers cannot run here,
# and why; tests skip then. STATE names the folder of the data (/var/tmp/troth-engine), RUN that of the sockets.
set -Eeuo pipefail

here=$(cd "$(dirname "$0")" && pwd)
STATE=${STATE:-/var/tmp/troth-engine}
RUN=${RUN:-/run/troth-engine}
BASE=docker.io/library/debian:bookworm-slim
DATABASE=docker.io/library/postgres:15
METRICS=$(sed -n 's/^ *image: \(docker.io\/prom\/prometheus:[^ ]*\)$/\1/p' "$here/../../docker-compose.yml")
export DOCKER_HOST=unix://$RUN/docker.sock DOCKER_BUILDKIT=1
# Debian's own client: another one earlier in PATH may want plug-ins that are not there.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

say() { printf 'engine: %s\n' "$*" >&2; }
cannot() { say "containers cannot run here: $*"; exit 77; }

answers() { docker info >/dev/null 2>&1; }

# dockerd sets these for its bridges and never puts them back.
kernel_switches=(net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables net.bridge.bridge-nf-call-ip6tables)

remember_machine() {
    [ ! -s "$STATE/machine" ] || return 0
    {
        iptables -S FORWARD | head -n 1
        for switch in "${kernel_switches[@]}"; do sysctl -e "$switch" 2>/dev/null || true; done
    } >"$STATE/machine"
}

restore_machine() {
    [ -s "$STATE/machine" ] || return 0
    iptables-save | grep -vE 'DOCKER|docker0|10\.21[56]\.' | iptables-restore
    ip link delete docker0 2>/dev/null || true
    if grep -q '^-P FORWARD ACCEPT' "$STATE/machine"; then iptables -P FORWARD ACCEPT; fi
    while read -r name _ value; do
        case $name in net.*) sysctl -qw "$name=$value" || true ;; esac
    done <"$STATE/machine"
    rm -f "$STATE/machine"
}

up() {
    [ "$(id -u)" = 0 ] || cannot "only root can start an engine"
    for program in dockerd docker docker-compose mmdebstrap iptables; do
        command -v "$program" >/dev/null || cannot "$program is missing (deploy/install-packages.sh containers)"
    done
    ! answers || return 0
    [ -e /sys/fs/cgroup/cgroup.controllers ] || mountpoint -q /sys/fs/cgroup || cannot "no cgroups are mounted"
    grep -qw overlay /proc/filesystems || modprobe -q overlay || cannot "the kernel has no overlayfs"
    iptables -S FORWARD >/dev/null 2>&1 || cannot "iptables may not be used"
    mkdir -p "$STATE" "$RUN"
    remember_machine
    # The usual score of -500 needs a capability that some virtual machines lack. Addresses that are unlikely to be in use.
    setsid nohup dockerd --data-root "$STATE/data" --exec-root "$RUN/exec" --pidfile "$RUN/docker.pid" \
        --host "$DOCKER_HOST" --oom-score-adjust 0 --storage-driver overlay2 --exec-opt native.cgroupdriver=cgroupfs \
        --bip 10.215.0.1/24 --default-address-pool base=10.216.0.0/16,size=24 --log-level warn \
        >"$STATE/dockerd.log" 2>&1 </dev/null &
    local dockerd=$!
    for _ in $(seq 120); do
        ! answers || return 0
        kill -0 "$dockerd" 2>/dev/null || break
        sleep 0.25 # lint: allow, a condition with a deadline
    done
    tail -n 5 "$STATE/dockerd.log" >&2
    kill "$dockerd" 2>/dev/null || true
    restore_machine
    cannot "dockerd does not start"
}

base_image() {
    local sources=()
    # shellcheck disable=SC2016 # apt puts the values in, not the shell
    mapfile -t sources < <(apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) main' 'Created-By: Packages' | sort -u)
    if [ ! -s "$STATE/base.tar" ]; then
        say "making $BASE from Debian's mirror"
        mmdebstrap --quiet --variant=minbase --mode=root --format=tar --include=ca-certificates \
            --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
            --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
            --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
            bookworm "$STATE/base-part.tar" "${sources[@]}"
        mv "$STATE/base-part.tar" "$STATE/base.tar"
    fi
    # Who sits behind a proxy with a certificate of its own has it here; npm must trust it in the build stage, too.
    local customised=$STATE/base-customised
    rm -rf "$customised" && mkdir "$customised"
    tar -C "$customised" -xf "$STATE/base.tar"
    cp /usr/local/share/ca-certificates/*.crt "$customised/usr/local/share/ca-certificates/" 2>/dev/null || true
    chroot "$customised" update-ca-certificates >/dev/null 2>&1
    tar -C "$customised" -cf - . | docker import --change 'CMD ["bash"]' \
        --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$BASE" >/dev/null
    rm -rf "$customised"
}

# NAME FOLDER-OF-ITS-DOCKERFILE
stand_in() {
    ! docker image inspect "$1" >/dev/null 2>&1 || return 0
    say "making a stand-in for $1"
    docker build -q -t "$1" "$2" >/dev/null
}

images() {
    docker image inspect "$BASE" >/dev/null 2>&1 || base_image
    stand_in "$DATABASE" "$here/postgres"
    stand_in "$METRICS" "$here/prometheus"
}

down() {
    local pid
    if pid=$(cat "$RUN/docker.pid" 2>/dev/null); then
        kill "$pid" 2>/dev/null || true
        for _ in $(seq 120); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.25 # lint: allow, a condition with a deadline
        done
        rm -f "$RUN/docker.pid"
    fi
    restore_machine
}

purge() {
    down
    # What a daemon that was killed may have left mounted.
    awk -v state="$STATE/" -v run="$RUN/" 'index($2, state) == 1 || index($2, run) == 1 {print $2}' /proc/mounts |
        sort -r | xargs -r -n1 umount -l
    rm -rf "$STATE" "$RUN"
}

case ${1:-} in
    up | images | down | purge) "$1" ;;
    *)
        sed -n '4,13s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
esac
