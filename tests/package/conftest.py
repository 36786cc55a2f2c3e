# SPDX-License-Identifier: Apache-2.0
"""The packages that 'make deb' built, and one machine that all tests of this folder change, one after the other."""

import re
from pathlib import Path

import pytest

from tests.package.machine import Machine, call
from tests.support.installed import BUILD
from tests.support.system import ROOT

OLDER = "0.1.0"


class Packages:
    def __init__(self, folder):
        self.folder = folder
        self.troth = self.one("troth")
        self.version = self.field(self.troth, "Version")

    def one(self, name):
        found = sorted(self.folder.glob(f"{name}_*.deb"))
        assert len(found) == 1, f"{self.folder}: run 'make deb' first"
        return found[0]

    @staticmethod
    def field(package, name):
        return call("dpkg-deb", "--field", package, name).stdout.strip()

    @staticmethod
    def files(package):
        """Names in the package, folders end with '/'."""
        return [line.split(maxsplit=5)[5].split(" -> ")[0][1:] for line in call("dpkg-deb", "--contents", package).stdout.splitlines()]

    def depends(self):
        return [re.split(r"[ (|]", one.strip())[0] for one in self.field(self.troth, "Depends").split(",")]

    def older(self, folder):
        """The same package by another version: with a file that the next one has not, and without one that it has."""
        inside = folder / "inside"
        call("dpkg-deb", "--raw-extract", self.troth, inside)
        control = inside / "DEBIAN/control"
        control.write_text(control.read_text(encoding="utf-8").replace(f"Version: {self.version}\n", f"Version: {OLDER}\n"), encoding="utf-8")
        (inside / "usr/share/troth/of-the-older-version").write_text("old\n", encoding="utf-8")
        (inside / "usr/share/man/man7/troth-units.7.gz").unlink()
        package = folder / f"troth_{OLDER}_{self.field(self.troth, 'Architecture')}.deb"
        call("dpkg-deb", "--root-owner-group", "--build", inside, package)
        return package


@pytest.fixture(scope="session")
def packages():
    return Packages(Path(ROOT) / BUILD / "deb")


@pytest.fixture(scope="session")
def machine(packages):
    with Machine(packages.depends()) as running:
        yield running
