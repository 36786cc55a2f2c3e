#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Files that a document names exist: paths in backticks and the targets of links. A path
# counts from the project's root or from the document's folder. What the build or a run
# makes (build/, var/) is not looked for.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."
. tests/lint/lint_files.sh

# shellcheck disable=SC2016  # backticks of Markdown, not of the shell
named='`(\.?[A-Za-z0-9_-]+(/[A-Za-z0-9_.@-]+)+/?|[A-Za-z0-9_-]+\.(c|h|proto|py|sh))`'

exists() { # PATH DOCUMENT
    [ -e "$1" ] || [ -e "$(dirname "$2")/$1" ]
}

while read -r document; do
    # `folder/file` whose first part is a folder of the project, and `file.c` of any folder.
    while IFS=: read -r line path; do
        path=${path//\`/}
        case $path in
        build/* | var/*) ;;
        */*)
            if [ -d "${path%%/*}" ] && ! exists "$path" "$document"; then
                finding "$document:$line: names $path, which is not there"
            fi
            ;;
        *)
            [ -n "$(files "$path")" ] || finding "$document:$line: names $path, which is not there"
            ;;
        esac
    done < <(grep -noE "$named" "$document" || true)

    while IFS=: read -r line target; do
        target=${target#](} target=${target%)} target=${target%%#*}
        case $target in '' | *://* | mailto:*) continue ;; esac
        exists "$target" "$document" || finding "$document:$line: links to $target, which is not there"
    done < <(grep -noE '\]\([^) ]+\)' "$document" || true)
done < <(files '*.md')
finish
