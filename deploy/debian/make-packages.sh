#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# make-packages.sh VERSION OUT - builds the Debian packages of this tree into the folder OUT.
#
# The packaging lies here and not in a folder debian/ of the root, so that a distribution can bring its own. It is built from a
# copy of the tree, and from nothing else: the same tree makes the same packages, wherever and whenever. Their time is
# SOURCE_DATE_EPOCH, else that of the last commit, else that of CHANGELOG.md. MAINTAINER is whom to write to about them.
set -Eeuo pipefail

version=$1
mkdir -p -- "$2"
out=$(realpath -- "$2")
cd -- "$(dirname -- "$(realpath -- "$0")")/../.."

: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}"
: "${MAINTAINER:=The Troth authors <packages@troth.example.org>}"
export SOURCE_DATE_EPOCH

tree=$out/troth-$version
rm -rf -- "$tree" "$out"/*.deb "$out"/*.buildinfo "$out"/*.changes
mkdir -p -- "$tree"
# Not what a build, a run or an editor left behind.
tar -c --exclude=./build --exclude=./var --exclude=./.git --exclude=__pycache__ --exclude=node_modules --exclude='*~' --exclude='.*.sw?' . |
    tar -x -C "$tree"
cp -R deploy/debian "$tree/debian"
rm "$tree/debian/make-packages.sh"
sed -i "s/@MAINTAINER@/$MAINTAINER/" "$tree/debian/control"
{
    echo "troth ($version) bookworm; urgency=medium"
    echo
    echo "  * What changed is in /usr/share/doc/troth/CHANGELOG.md.gz."
    echo
    echo " -- $MAINTAINER  $(date -uR -d "@$SOURCE_DATE_EPOCH")"
} >"$tree/debian/changelog"

# Make's variables of who called us would reach the build. Its output only matters when it fails.
log=$out/build.log
cd -- "$tree"
if ! env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u BUILD -u VERSION LC_ALL=C.UTF-8 TZ=UTC \
    dpkg-buildpackage -b -us -uc >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    echo "the build failed: $log" >&2
    exit 1
fi
cd "$out"
rm -rf -- "$tree"
# No pipe into 'grep -q': it would end dpkg-deb with a signal.
case $(dpkg-deb -c "troth_${version}"_*.deb) in
*share/troth/web/index.html*) ;;
*) echo "without the dashboard: npm's registry was out of reach" >&2 ;;
esac
ls -1 -- *.deb
