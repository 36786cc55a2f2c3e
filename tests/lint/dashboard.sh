#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The dashboard's types fit and its sources are formatted. Its own tests belong to 'make test'.
#
# The compiler of TypeScript looks at a copy beside the packages, which are never in the tree.
# What passed is remembered in build/lint by a hash over the sources and the versions.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."
. tests/lint/lint_files.sh

source=services/reporting/web
mkdir -p "$BUILD/lint"
packages=$(realpath "$BUILD")/web-work/node_modules
stamp=$BUILD/lint/dashboard-$(find $source -name node_modules -prune -o -type f -print0 | sort -z |
    xargs -0 sha256sum | sha256sum | cut -c1-40)
[ ! -e "$stamp" ] || exit 0
[ -e "$packages/.package-lock.json" ] || make -s BUILD="$BUILD" web || {
    echo "dashboard: not checked, its packages are not here: ${packages%/*}/npm.log" >&2
    exit 0
}

copy=$(mktemp -d "$BUILD/lint/dashboard.XXXXXX")
trap 'rm -rf "$copy"' EXIT
find $source -mindepth 1 -maxdepth 1 ! -name node_modules -exec cp -R {} "$copy" ';'
ln -s "$packages" "$copy/node_modules"
(cd "$copy" && node node_modules/typescript/bin/tsc --noEmit)
# In the tree: the widths of indents stand in its .editorconfig.
(cd $source && node "$packages/prettier/bin/prettier.cjs" --check --log-level warn .) 2>&1
touch "$stamp"
