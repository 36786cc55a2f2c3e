# SPDX-License-Identifier: Apache-2.0
"""libtroth as its users have it: installed into a folder, found by pkg-config.

    library = Installed(folder)
    program = library.compile("proto/examples/c/send_contact.c", folder / "send_contact")
    library.run(program, "tcp://...", ...)
"""

import os
import shlex
import subprocess

from tests.support.system import ROOT

BUILD = os.environ.get("TROTH_BUILD", "build")
# The compiler with the sanitizers that the library was built with, if any.
COMPILER = shlex.split(os.environ.get("TROTH_CC", "gcc"))
STRICT = ["-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"]


def make(*arguments):
    """'make' for the variant under test, with programs that are built already."""
    variant = ["CC=" + COMPILER[0]]
    variant += ["SAN=1"] if any("sanitize" in one for one in COMPILER) else []
    variant += ["COVERAGE=1"] if "--coverage" in COMPILER else []
    # Make's own variables of the run that started the tests would add jobs and targets.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    subprocess.run(["make", "--no-print-directory", f"BUILD={BUILD}", *variant, *arguments],
                   cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)


class Installed:
    def __init__(self, folder):
        self.folder = folder
        make("install-libtroth", f"DESTDIR={folder}", "prefix=/usr")
        self.env = dict(
            os.environ,
            PKG_CONFIG_PATH=f"{folder}/usr/lib/pkgconfig",
            PKG_CONFIG_SYSROOT_DIR=str(folder),
            LD_LIBRARY_PATH=f"{folder}/usr/lib",
        )

    def flags(self, *what):
        done = subprocess.run(["pkg-config", *what, "troth"], env=self.env, check=True,
                              capture_output=True, text=True)
        return done.stdout.split()

    def compile(self, source, program, compiler=None, options=STRICT, flags=None):
        flags = flags or self.flags("--cflags", "--libs")
        command = [*(compiler or COMPILER), *options, "-o", str(program), str(ROOT / source), *flags]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
        return program

    def start(self, program, *arguments):
        return subprocess.Popen([str(part) for part in (program, *arguments)], env=self.env,
                                text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def run(self, program, *arguments, seconds=120):
        """(exit status, standard output, standard error)"""
        process = self.start(program, *arguments)
        output, errors = process.communicate(timeout=seconds)
        return process.returncode, output, errors
