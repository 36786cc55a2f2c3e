# SPDX-License-Identifier: Apache-2.0
# Blanks the comments of C, keeping lines and strings; for checks that read C by
# pattern. With -v strings=no the contents of strings go too. A comment that says
# 'lint: allow' stays: the checks look for it.
{
    line = $0
    keep = line ~ /lint: allow/ ? "  /* lint: allow */" : ""
    out = ""
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        two = substr(line, i, 2)
        if (in_comment) {
            if (two == "*/") { in_comment = 0; i++ }
            continue
        }
        if (quote != "") {
            if (c == "\\") {
                if (strings != "no") out = out two
                i++
                continue
            }
            if (c == quote) quote = ""
            else if (strings == "no") continue
            out = out c
            continue
        }
        if (two == "/*") { in_comment = 1; i++; out = out " "; continue }
        if (two == "//") break
        if (c == "\"" || c == "'") quote = c
        out = out c
    }
    quote = ""   # a string does not cross lines
    print out keep
}
