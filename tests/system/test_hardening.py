# SPDX-License-Identifier: Apache-2.0
"""What ships is hardened: seen in the files, not in the flags that somebody meant to give."""

import subprocess

import pytest

from tests.support.elf import is_instrumented, missing_hardening

WEAK = """
#include <stdio.h>
#include <string.h>
#ifdef WRITABLE_CODE
__attribute__((section(".both,\\"awx\\",@progbits#"))) int both(void) { return 1; }
#endif
int main(int argc, char **argv) { char text[64]; strcpy(text, argv[argc - 1]); return puts(text) < 0; }
"""
STRONG = ["-O2", "-D_FORTIFY_SOURCE=3", "-fstack-protector-strong", "-fPIE", "-fcf-protection", "-pie",
          "-Wl,-z,relro,-z,now,-z,noexecstack"]


@pytest.fixture(scope="module")
def shipped(programs):
    files = sorted(path for path in [*programs.iterdir(), *(programs.parent / "lib").glob("libtroth.so.*")]
                   if path.is_file() and not path.is_symlink())
    assert len(files) >= 7, files
    if is_instrumented(files[0]):
        pytest.skip("SKIP: sanitizers and counters stand in for checked calls; this variant is not shipped")
    return files


def test_programs_have_what_the_compiler_offers_against_attacks(shipped):
    assert {path.name: lacks for path in shipped if (lacks := missing_hardening(path))} == {}


@pytest.mark.parametrize(("flags", "lacks"), [
    ((), None),
    (("-no-pie", "-fno-PIE"), "an address of its own at each start (pie)"),
    (("-Wl,-z,lazy",), "all addresses known at the start (now)"),
    (("-Wl,-z,norelro",), "tables that are read-only after the start (relro)"),
    (("-Wl,-z,execstack",), "a stack that is not executable"),
    (("-DWRITABLE_CODE",), "memory that is either written or executed"),
    (("-Wl,-rpath,/tmp/lib",), "no folder of its own to take libraries from"),
    (("-fno-stack-protector",), "a guard on the stack"),
    (("-U_FORTIFY_SOURCE",), "checked calls (FORTIFY_SOURCE)"),
    (("-fcf-protection=none",), "marks where calls may land (cf-protection)"),
])
def test_each_weakness_is_found(tmp_path, flags, lacks):
    program = tmp_path / "weak"
    done = subprocess.run(["gcc", "-w", "-x", "c", "-", *STRONG, *flags, "-o", program], input=WEAK, text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    found = missing_hardening(program)
    assert found == [] if lacks is None else lacks in found
