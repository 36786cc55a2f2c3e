#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# install-tree.sh database|proto|web|deploy/NAME TO [FROM] - copies a folder as an installation has it, for 'make install'.
#
#   database   what migrate.sh needs and an operator may run; not the tests
#   proto      the wire contract: what clients in other languages are generated from
#   web        the built dashboard, from FROM
#   deploy/... any other folder, as it is
#
# Modes do not depend on the umask; scripts that can be run stay so.
set -Eeuo pipefail
cd -- "$(dirname -- "$(realpath -- "$0")")/../.."

what=$1 to=$2
case $what in
database) from=deploy/database && pattern='! -path ./test/* ! -name *.pyc' ;;
proto) from=proto && pattern='( -name *.proto -o -name openapi.json -o -name README.md ) ! -path ./examples/*' ;;
web) from=$3 && pattern='! -name .*' ;;
deploy/*) from=$what && pattern='! -name *.pyc' ;;
*) exit 2 ;;
esac

set -f # the patterns are find's
# shellcheck disable=SC2086  # words
(cd -- "$from" && find . -type f $pattern -print | LC_ALL=C sort) | while read -r file; do
    mode=644
    [ ! -x "$from/$file" ] || mode=755
    install -D -m "$mode" -- "$from/$file" "$to/${file#./}"
done
