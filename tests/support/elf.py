# SPDX-License-Identifier: Apache-2.0
"""What a program or library has against attacks, by what readelf and objdump say of it.

    assert missing_hardening(programs / "troth-intake") == []

Only builds for use have all of it: sanitizers and counters replace FORTIFY_SOURCE (is_instrumented()).
"""

import os
import re
import subprocess


def tool(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"}).stdout


def symbols(path):
    """Names that it takes from libraries."""
    rows = (row.split() for row in tool("readelf", "--dyn-syms", "-W", path).splitlines())
    return {row[7].split("@")[0] for row in rows if len(row) >= 8 and row[6] == "UND"}


def is_instrumented(path):
    everything = tool("readelf", "-s", "-W", path)
    return bool(re.search(r"\b(__asan_init|__gcov_init|__gcov_exit|__sanitizer_cov_trace_\w+)\b", everything))


def segments(path):
    """(type, flags) of each; 'RW ' and so on as readelf writes them."""
    text = tool("readelf", "-l", "-W", path)
    row = re.compile(r"^  (\w+) +0x\w+ 0x\w+ 0x\w+ 0x\w+ 0x\w+ ([R ][W ][E ]) ", re.M)
    return row.findall(text)


def missing_of_segments(path):
    found = segments(path)
    flags = dict(found)
    if "GNU_STACK" not in flags or "E" in flags["GNU_STACK"]:
        yield "a stack that is not executable"
    if any("W" in how and "E" in how for kind, how in found if kind == "LOAD"):
        yield "memory that is either written or executed"
    if "GNU_RELRO" not in flags:
        yield "tables that are read-only after the start (relro)"


def missing_of_dynamic_section(path, is_program):
    text = tool("readelf", "-d", "-W", path)
    if "BIND_NOW" not in text and not re.search(r"\(FLAGS_1\).*\bNOW\b", text):
        yield "all addresses known at the start (now)"
    if is_program and not re.search(r"\(FLAGS_1\).*\bPIE\b", text):
        yield "an address of its own at each start (pie)"
    if re.search(r"\((RPATH|RUNPATH)\)", text):
        yield "no folder of its own to take libraries from"
    if "(TEXTREL)" in text:
        yield "code that nobody writes to"


def missing_of_code(path, is_program):
    taken = symbols(path)
    if "__stack_chk_fail" not in taken:
        yield "a guard on the stack"
    if not any(re.fullmatch(r"__\w+_chk", name) and name != "__stack_chk_fail" for name in taken):
        yield "checked calls (FORTIFY_SOURCE)"
    if is_program and os.uname().machine == "x86_64":
        main = tool("objdump", "-d", "--no-show-raw-insn", "--disassemble=main", path)
        if not re.search(r"<main>:\n.*\bendbr64\b", main):
            yield "marks where calls may land (cf-protection)"


def missing_hardening(path):
    is_program = any(kind == "INTERP" for kind, _ in segments(path))
    return [*missing_of_segments(path), *missing_of_dynamic_section(path, is_program), *missing_of_code(path, is_program)]
