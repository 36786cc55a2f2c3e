# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# lint_files.sh - what the checks share: which files there are, and C without its comments.
# Sourced with the project's root as working directory.

BUILD=${BUILD:-build}
export LC_ALL=C.UTF-8 # the same order and the same characters everywhere

# files GLOB ... - every file of the project with such a name. Looks at the disk and not at
# git: a file that nobody has added yet is checked too.
files() {
    local names=() name
    for name in "$@"; do names+=(-o -name "$name"); done
    find . -type d \( -name .git -o -path ./build -o -path ./var -o -name __pycache__ -o -name node_modules \
        -o -path "./${BUILD#./}" \) -prune -o -type f \( "${names[@]:1}" \) -print |
        sed 's,^\./,,' | sort
}

c_files() { files '*.c' '*.h'; }
program_files() { c_files | grep -E '^(common|services|proto/libtroth)/' || true; }

shell_files() {
    files '*.sh'
    # Scripts without an ending are known by their first line.
    find .ci deploy tests services -name node_modules -prune -o -type f ! -name '*.*' -print 2>/dev/null |
        sort |
        while read -r file; do
            ! head -c 64 "$file" | head -n 1 | grep -qaE '^#!.*\b(ba|da)?sh\b' || echo "$file"
        done
}

# without_comments FILE - C with comments blanked; lines and strings stay where they are.
without_comments() { awk -f tests/lint/without_comments.awk "$1"; }

# Findings are reported through here; 'finish' turns them into the exit status.
findings=0
finding() {
    echo "$*"
    findings=$((findings + 1))
}
finish() { [ "$findings" -eq 0 ]; }

# A line that says 'lint: allow' and why is left alone. Read: "file:line:text".
without_allowed() { grep -v 'lint: allow' || true; }
