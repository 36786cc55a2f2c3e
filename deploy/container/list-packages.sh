#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# list-packages.sh PROGRAM - the Debian packages that PROGRAM needs to run, one a line.
#
# Those of the libraries that it is linked with, and what it runs or reads besides, which no linker knows.
set -Eeuo pipefail

program=$1

# With the last folder, x86_64-linux-gnu and the like: a machine may have the same library for other processors.
libraries() { ldd "$program" | sed -nE 's#.* => /.*/([^/]+/[^/ ]+) .*#\1#p'; }

{
    # A pattern, because the folder before that need not be the one in the package's list (/lib, /usr/lib).
    libraries | sed 's/^/*\//' | xargs dpkg-query --search | sed 's/[:,].*//'
    # Whoever speaks TLS trusts these authorities.
    if libraries | grep -q '/libcurl\.'; then echo ca-certificates; fi
    # Says on the telephone what nobody recorded.
    if [ "${program##*/}" = troth-dialer ]; then echo espeak-ng; fi
} | sort -u
