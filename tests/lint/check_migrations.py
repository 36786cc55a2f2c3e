#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Expand first, contract later: what a new migration must not do while version N-1 runs beside it.

    check_migrations.py [FOLDER]        else deploy/database; one line per finding, fails if there is any

Looks at the deploy scripts that were not released (frozen.sha256). What takes something away, or holds up everybody who
writes, is refused, unless the same script made the thing. A change named contract_* may take things away, if it says
since which version nobody needs them ("-- not used since: 0.2.0") and that version is in the list of releases, and if
it raises log.schema_version(), so that older programs refuse to start instead of failing later. A line may be excused
by a comment "lint: allow" with the reason.

Bodies of functions are not looked at: they run later. Rules for people: deploy/database/README.md.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

# (what the statement looks like, what is wrong with it). {made}: not of something that the same script made.
TAKES_AWAY = [
    (r"\bDROP\s+(TABLE|VIEW|MATERIALIZED\s+VIEW|SCHEMA|SEQUENCE|TYPE|DOMAIN|ROLE|INDEX|FUNCTION|PROCEDURE|AGGREGATE)\b",
     "drops what version N-1 may use"),
    (r"\bALTER\s+TABLE\b.*\bDROP\s+(COLUMN\b|(?!CONSTRAINT\b|DEFAULT\b|NOT\s+NULL\b|EXPRESSION\b|IDENTITY\b)\w)",
     "drops a column that version N-1 may use"),
    (r"\bRENAME\b", "renames what version N-1 may use: add the new one beside it"),
    (r"\bSET\s+SCHEMA\b", "moves what version N-1 may use"),
    (r"\bALTER\s+(COLUMN\s+)?\w+\s+(SET\s+DATA\s+)?TYPE\b", "changes a type: rewrites the table, and N-1 reads the old one"),
    (r"\bSET\s+NOT\s+NULL\b", "version N-1 may write NULL there"),
    (r"\bREVOKE\b(?!.*\bFROM\s+PUBLIC\b)", "takes a right that version N-1 may need"),
    (r"\bTRUNCATE\b", "empties a table"),
]
HOLDS_UP = [
    (r"\bALTER\s+TABLE\b.*\bADD\s+(COLUMN\s+)?(IF\s+NOT\s+EXISTS\s+)?\w+\s+(?!CHECK\b).*\bNOT\s+NULL\b(?!.*\bDEFAULT\b)",
     "a new column that must be set: version N-1 does not know it"),
    (r"\bALTER\s+TABLE\b.*\bADD\b.*\bDEFAULT\s+\(?(now|clock_timestamp|random|gen_random_uuid|nextval|statement_timestamp|timeofday)\b",
     "a default that differs from row to row rewrites the table"),
    (r"\bALTER\s+TABLE\b.*\bADD\s+(CONSTRAINT\s+\w+\s+)?(CHECK|FOREIGN\s+KEY)\b(?!.*\bNOT\s+VALID\b)",
     "reads the whole table under a lock: NOT VALID, then VALIDATE in a change of its own"),
    (r"\bALTER\s+TABLE\b.*\bADD\s+(CONSTRAINT\s+\w+\s+)?(UNIQUE|PRIMARY\s+KEY|EXCLUDE)\b(?!\s+USING\s+INDEX\b)",
     "builds an index under a lock: CREATE UNIQUE INDEX CONCURRENTLY, then ADD ... USING INDEX"),
    (r"\bCREATE\s+(UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY\b)", "stops all writers while it is built: CONCURRENTLY, without BEGIN"),
    (r"\bREINDEX\b(?!.*\bCONCURRENTLY\b)|\bCLUSTER\b|\bVACUUM\s+FULL\b|^\s*LOCK\b", "locks a whole table"),
    (r"^\s*(UPDATE|DELETE)\b", "changes rows that programs write meanwhile: let the service do it, in slices"),
    (r"\bCREATE\s+(CONSTRAINT\s+)?TRIGGER\b", "the schema has no triggers (it can be distributed)"),
]


def without_texts(sql):
    """Comments, quoted texts and bodies in dollars are blanked; lines stay where they are."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())
    return re.sub(r"--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|'(?:[^']|'')*'", blank, sql, flags=re.S)


def statements(sql):
    """(number of the first line, statement on one line, as written)"""
    clean, begin = without_texts(sql), 0
    for end in [match.start() for match in re.finditer(";", clean)] + [len(clean)]:
        text = clean[begin:end]
        first = begin + len(text) - len(text.lstrip())
        if text.strip():
            # The comment behind the semicolon belongs to it.
            line_end = sql.find("\n", end)
            yield sql.count("\n", 0, first) + 1, " ".join(text.split()), sql[first:line_end if line_end >= 0 else len(sql)]
        begin = end + 1


def made_by(sql):
    """Names of relations, functions and so on that the script itself creates (not: replaces)."""
    kinds = r"(?:TABLE|VIEW|FUNCTION|SEQUENCE|SCHEMA|TYPE|INDEX|MATERIALIZED\s+VIEW|ROLE|PROCEDURE|DOMAIN)"
    pattern = rf"\bCREATE\s+(?:UNLOGGED\s+|UNIQUE\s+)?{kinds}\s+(?:IF\s+NOT\s+EXISTS\s+)?([\w.]+)"
    return set(re.findall(pattern, without_texts(sql), flags=re.I))


def is_about(statement, made):
    """Whether the first thing that it names was made here."""
    found = re.search(r"\b(?:ON|TABLE|VIEW|FUNCTION|UPDATE|FROM|SEQUENCE|INDEX|TYPE)\s+(?:ONLY\s+|IF\s+EXISTS\s+)*([\w.]+)",
                      re.sub(r"\bINDEX\s+(CONCURRENTLY\s+)?[\w.]+\s+ON\b", "ON", statement, flags=re.I), flags=re.I)
    return bool(found) and found.group(1) in made


def check_script(sql, is_contraction):
    made = made_by(sql)
    rules = HOLDS_UP if is_contraction else TAKES_AWAY + HOLDS_UP
    for line, statement, written in statements(sql):
        for pattern, why in rules:
            if re.search(pattern, statement, flags=re.I) and not is_about(statement, made) and "lint: allow" not in written:
                yield line, f"{why} ({' '.join(statement.split()[:6])} ...)"


def check_contraction(sql, releases):
    since = re.search(r"^-- not used since: (\S+)$", sql, flags=re.M)
    if not since:
        yield 1, "takes something away and does not say '-- not used since: VERSION'"
    elif since.group(1) not in releases:
        yield 1, f"{since.group(1)} is not released: version N-1 still uses what this takes away"
    if not re.search(r"\bFUNCTION\s+log\.schema_version\b", without_texts(sql), flags=re.I):
        yield 1, "takes something away and does not raise log.schema_version(): older programs would start and fail"


def words(path, column=0):
    lines = path.read_text().splitlines() if path.exists() else []
    return [line.split()[column] for line in lines if line.strip() and not line.startswith("#")]


def check_folder(folder):
    released = {Path(name).name for name in words(folder / "frozen.sha256", 1)}
    releases = words(folder / "releases")
    for script in sorted((folder / "deploy").glob("*.sql")):
        if script.name in released:
            continue
        sql = script.read_text()
        is_contraction = script.name.startswith("contract_")
        found = list(check_script(sql, is_contraction))
        if is_contraction:
            found += check_contraction(sql, releases)
        for line, why in found:
            yield f"{script}:{line}: {why}"


def main():
    findings = list(check_folder(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "deploy/database")))
    print("\n".join(findings), end="\n" if findings else "")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
