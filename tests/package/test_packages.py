# SPDX-License-Identifier: Apache-2.0
"""What is in the packages, without a machine to install them on."""

import hashlib
import os
import shutil

import pytest

from tests.package.machine import call
from tests.support.system import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="SKIP: dpkg-deb is missing")


def test_lintian_finds_nothing(packages):
    if not shutil.which("lintian"):
        pytest.skip("SKIP: lintian is missing (deploy/install-packages.sh package)")
    done = call("lintian", "--allow-root", "--fail-on", "error,warning", "--suppress-tags", "", "--tag-display-limit", "0",
                *sorted(packages.folder.glob("*.changes")), seconds=600, check=False)
    assert done.returncode == 0 and "E:" not in done.stdout and "W:" not in done.stdout, done.stdout + done.stderr


def test_nothing_is_a_conffile_and_nothing_is_in_etc(packages):
    for package in packages.folder.glob("*.deb"):
        assert call("dpkg-deb", "--info", package, "conffiles", check=False).returncode != 0
        assert [name for name in packages.files(package) if not name.startswith(("/usr/", "/lib/")) and name not in ("/", "/lib/")] == []


def test_the_customers_checker_needs_neither_troth_nor_a_database(packages):
    depends = packages.field(packages.one("troth-proof"), "Depends")
    assert "troth" not in depends and "libpq" not in depends and "libzmq" not in depends
    assert "libsodium" in depends


def test_no_file_is_in_two_packages(packages):
    seen = {}
    for package in sorted(packages.folder.glob("*.deb")):
        for name in packages.files(package):
            if not name.endswith("/"):
                assert name not in seen, (name, package, seen[name])
                seen[name] = package
    assert any(name.endswith("/libtroth.so.1") for name in seen)


def digests(folder):
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.glob("*.deb")}


@pytest.mark.timeout(3000)
def test_the_same_tree_makes_the_same_packages_elsewhere(packages, tmp_path):
    """Built once more, in a folder of another name and another umask."""
    dashboard = any(name.endswith("web/index.html") for name in packages.files(packages.troth))
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    script = ROOT / "deploy/debian/make-packages.sh"
    call("bash", "-c", f"umask 077; exec nice '{script}' '{packages.version}' '{tmp_path}/another-name'", seconds=2900, env=env)
    again = tmp_path / "another-name"
    # npm's registry may have come or gone meanwhile.
    if dashboard == any(name.endswith("web/index.html") for name in packages.files(next(again.glob("troth_*.deb")))):
        assert digests(again) == digests(packages.folder)
