# SPDX-License-Identifier: Apache-2.0
"""The programs of a version that was released, built from its commit once and kept.

    programs = release.programs("0.1.0")     # their folder; None when they were not built yet
    python3 -m tests.upgrade.release         # builds the newest one of deploy/database/releases

They come with crash points, so that the dialer writes down for the tests whom it called; where no test asks, nothing else
is different. Kept in TROTH_RELEASES, else in releases in the build folder.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = ["intake", "followup", "loyalty", "reporting", "dialer"]


def releases():
    """{version: commit}, oldest first."""
    lines = (ROOT / "deploy/database/releases").read_text().splitlines()
    return dict(line.split() for line in lines if line and not line.startswith("#"))


def newest():
    """Version N-1."""
    return list(releases())[-1]


def folder(version):
    kept = os.environ.get("TROTH_RELEASES") or ROOT / os.environ.get("TROTH_OUT", "build") / "releases"
    return Path(kept) / f"{version}-{releases()[version][:12]}"


def source(version):
    """Its tree: migrations, golden messages."""
    return folder(version) / "source"


def programs(version):
    built = folder(version) / "build/gcc-crash/bin"
    return built if all((built / f"troth-{name}").exists() for name in PROGRAMS) else None


def build(version):
    """The folder of its programs; None when this clone does not have its commit."""
    if programs(version):
        return programs(version)
    commit = releases()[version]
    known = subprocess.run(["git", "cat-file", "-e", f"{commit}^{{commit}}"], cwd=ROOT, capture_output=True, check=False)
    if known.returncode != 0:
        return None
    place = folder(version)
    source(version).mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(["git", "archive", commit], cwd=ROOT, stdout=subprocess.PIPE) as archive:
        subprocess.run(["tar", "-x", "-C", source(version)], stdin=archive.stdout, check=True)
    # Make's own variables of the run that started this would add targets and flags.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    targets = [f"{place}/build/gcc-crash/bin/troth-{name}" for name in PROGRAMS]
    subprocess.run(["make", "--no-print-directory", f"-j{os.cpu_count()}", f"BUILD={place}/build", "CRASH=1", *targets],
                   cwd=source(version), env=env, check=True, stdout=subprocess.DEVNULL)
    return programs(version)


def main():
    built = build(newest())
    if built is None:
        print(f"the commit of version {newest()} is not in this clone: git fetch --unshallow", file=sys.stderr)
        return 2
    print(built)
    return 0


if __name__ == "__main__":
    sys.exit(main())
