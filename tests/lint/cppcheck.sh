#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A second static analyser: it reads all files together and finds what one file hides.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."
. tests/lint/lint_files.sh

mkdir -p "$BUILD/lint/cppcheck"
mapfile -t sources < <(program_files | grep '\.c$' || true)
[ ${#sources[@]} -gt 0 ] || exit 0

# missingInclude*  library headers are not given to it, on purpose: they cost minutes
# unusedStruct*    fields that only generated or test code reads
# uninitvar        once a macro of utlist has touched it, what xcalloc zeroed is taken for uninitialised;
#                  both compilers and clang's analyzer look for it too
# variableScope    where in a function to declare is the writer's choice
# unmatched*       an inline suppression that one configuration does not need
cppcheck --quiet -j 2 --std=c11 --enable=warning,style,performance,portability --inline-suppr \
    --error-exitcode=1 --cppcheck-build-dir="$BUILD/lint/cppcheck" \
    --suppress=missingInclude --suppress=missingIncludeSystem \
    --suppress=unusedStructMember --suppress=uninitvar --suppress=variableScope --suppress=unmatchedSuppression \
    --library=posix -D_GNU_SOURCE -I. "${sources[@]}" 2>&1
