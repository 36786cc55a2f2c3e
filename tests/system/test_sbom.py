# SPDX-License-Identifier: Apache-2.0
"""The bill of materials names all that a program loads, by the rules of CycloneDX, and the same each time."""

import copy
import json
import os
import re
import subprocess

import pytest

from tests.support.cyclonedx import faults
from tests.support.installed import BUILD
from tests.support.system import ROOT

MAKE = ROOT / "deploy/sbom/make_sbom.py"
VERSION = re.search(r"^VERSION := (\S+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)[1]
LOCK = json.loads((ROOT / "services/reporting/web/package-lock.json").read_text(encoding="utf-8"))["packages"]


def make(programs, file):
    done = subprocess.run([MAKE, "--out", programs.parent, "--web", ROOT / BUILD / "web", "--version", VERSION, file],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return file.read_bytes()


@pytest.fixture(scope="module")
def written(programs, tmp_path_factory):
    return make(programs, tmp_path_factory.mktemp("sbom") / "troth.cdx.json")


@pytest.fixture(scope="module")
def bom(written):
    return json.loads(written)


def test_it_follows_the_rules_of_cyclonedx(bom):
    assert faults(bom) == []


def test_the_same_build_has_the_same_bill(programs, written, tmp_path):
    assert make(programs, tmp_path / "again" / "other.json") == written


def test_every_library_that_a_program_links_is_listed_with_its_package(programs, bom):
    """What the loader itself would load is asked of ldd: the bill is made by following readelf."""
    listed = {one["name"]: one for one in bom["components"]}
    missing = []
    for program in sorted(programs.iterdir()):
        assert program.name in listed
        said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        for path in re.findall(r"=> (/\S+)", said):
            real = os.path.realpath(path)  # a link may be one of update-alternatives
            owner = subprocess.run(["dpkg", "-S", path, f"/usr{path}", real, real.removeprefix("/usr")], capture_output=True,
                                   text=True, check=False).stdout
            names = set(re.findall(r"^([\w.+-]+?)(?::\w+)?: ", owner, re.M))
            if not names & set(listed):
                missing.append((program.name, path, names))
    assert missing == []


def test_versions_are_those_that_are_installed(bom):
    debian = [one for one in bom["components"] if one.get("purl", "").startswith("pkg:deb/")]
    assert {"libzmq5", "libpq5", "libsodium23", "libmicrohttpd12", "uthash-dev"} <= {one["name"] for one in debian}
    for one in debian:
        installed = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", f"{one['name']}"], capture_output=True, text=True,
                                   check=True).stdout
        assert one["version"] == installed and one["licenses"], one


def test_the_dashboard_has_the_packages_that_are_pinned_and_no_tools(bom):
    if not any(one["bom-ref"] == "troth:dashboard" for one in bom["components"]):
        pytest.skip("SKIP: the dashboard is not built; npm's registry was out of reach")
    shipped = {f"{place.rpartition('node_modules/')[2]}@{row['version']}" for place, row in LOCK.items()
               if place and not row.get("dev") and not row.get("devOptional")}
    assert {f"{one['name']}@{one['version']}" for one in bom["components"]
            if one.get("purl", "").startswith("pkg:npm/")} == shipped and shipped


def broken(bom, how):
    other = copy.deepcopy(bom)
    how(other)
    return other


@pytest.mark.parametrize("how", [
    lambda bom: bom.pop("specVersion"),
    lambda bom: bom.update(specVersion="1.9"),
    lambda bom: bom.update(serialNumber="17"),
    lambda bom: bom.update(about="us"),
    lambda bom: bom["components"][0].pop("name"),
    lambda bom: bom["components"][0].update(type="programme"),
    lambda bom: bom["components"][0].update(hashes=[{"alg": "SHA-256", "content": "00"}]),
    lambda bom: bom["components"][0].update(licenses=[{"id": "MIT"}]),
    lambda bom: bom["components"].append(dict(bom["components"][0], version="other")),
    lambda bom: bom["dependencies"].append({"ref": "nobody"}),
    lambda bom: bom["dependencies"][0].update(dependsOn=["nobody"]),
    lambda bom: bom["metadata"].update(timestamp="today"),
])
def test_each_fault_is_found(bom, how):
    assert faults(broken(bom, how)) != []


def test_a_library_of_no_package_is_refused(tmp_path):
    """Nobody would tell of its holes."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "libtroth.so.9").write_bytes((ROOT / "Makefile").read_bytes())
    source = "int main(void) { return 0; }"
    subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "-", "-Wl,-soname,libnobody.so.7", "-o", tmp_path / "libnobody.so"],
                   input="int nobody(void); int nobody(void) { return 1; }", text=True, check=True)
    subprocess.run(["gcc", "-x", "c", "-", "-x", "none", "-Wl,--no-as-needed", tmp_path / "libnobody.so", "-o", tmp_path / "bin/troth"],
                   input=source, text=True, check=True)
    done = subprocess.run([MAKE, "--out", tmp_path, "--web", tmp_path, "--version", "9", tmp_path / "bom.json"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "libnobody.so.7" in done.stderr and not (tmp_path / "bom.json").exists()
