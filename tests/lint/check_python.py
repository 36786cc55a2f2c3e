# SPDX-License-Identifier: Apache-2.0
"""Reports Python files that do not parse, and imports that the file never uses."""

import ast
import sys


def imported_names(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.asname or alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            for alias in node.names:
                yield node.lineno, alias.asname or alias.name


def check(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        tree = ast.parse(text, path)
    except SyntaxError as error:
        return [f"{path}:{error.lineno}: {error.msg}"]
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    # Fixtures come in as imports and are used as parameters; "noqa" says: on purpose.
    used |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    lines = text.splitlines()
    return [
        f"{path}:{line}: '{name}' is imported and not used"
        for line, name in imported_names(tree)
        if name not in used and "noqa" not in lines[line - 1]
    ]


findings = [finding for path in sys.argv[1:] for finding in check(path)]
print(*findings, sep="\n", end="\n" if findings else "")
sys.exit(bool(findings))
