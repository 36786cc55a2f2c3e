#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make_sbom.py - the bill of materials of a build, as CycloneDX 1.5 in JSON.

    make sbom                                     writes build/sbom/troth.cdx.json

What ships: the programs and libtroth with their digests, every library that they load, directly or by another one, with the
Debian package that it came in, and the npm packages whose code is in the dashboard. Versions are those of this machine. Headers
that became code (uthash) are listed, too. It needs dpkg and readelf; the same build on the same packages gives the same bytes.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import uuid
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "services/reporting/web/package-lock.json"
HEADERS_ONLY = ["uthash-dev"]
FORMAT_OF_COPYRIGHT = "https://www.debian.org/doc/packaging-manuals/copyright-format/"
# Debian's short names of licences for which SPDX has an identifier; others are given by Debian's name.
SPDX = {"apache-2.0": "Apache-2.0", "bsd-2-clause": "BSD-2-Clause", "bsd-3-clause": "BSD-3-Clause", "bsd-1-clause": "BSD-1-Clause",
        "expat": "MIT", "mit": "MIT", "isc": "ISC", "zlib": "Zlib", "curl": "curl", "postgresql": "PostgreSQL",
        "lgpl-2.1+": "LGPL-2.1-or-later", "lgpl-2.1": "LGPL-2.1-only", "lgpl-2+": "LGPL-2.0-or-later", "lgpl-3+": "LGPL-3.0-or-later",
        "lgpl-3.0+": "LGPL-3.0-or-later", "gpl-2": "GPL-2.0-only", "gpl-2+": "GPL-2.0-or-later", "gpl-3+": "GPL-3.0-or-later",
        "gpl-3": "GPL-3.0-only", "openldap-2.8": "OLDAP-2.8", "cc0-1.0": "CC0-1.0", "openssl": "OpenSSL"}


class SbomError(Exception):
    pass


def said_by(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    if done.returncode != 0:
        raise SbomError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout


# ---- which libraries, and from where


def loads(path):
    """The names that a program or library asks the loader for."""
    return re.findall(r"\(NEEDED\).*\[(.+)\]", said_by("readelf", "-d", "-W", path))


def places():
    """Where the loader finds a library of a name, for this machine's kind."""
    found = {}
    for name, kind, path in re.findall(r"^\s+(\S+) \((.+)\) => (\S+)$", said_by("/sbin/ldconfig", "-p"), re.M):
        if "x86-64" in kind or os.uname().machine != "x86_64":
            found.setdefault(name, path)
    return found


def package_of(path):
    """Its Debian package. dpkg knows files by the place where they were put, which may be /lib where we see /usr/lib."""
    real = os.path.realpath(path)
    for one in (path, real, real.removeprefix("/usr"), "/usr" + real):
        done = subprocess.run(["dpkg", "-S", one], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.split(": ")[0].split(",")[0].split(":")[0]
    raise SbomError(f"{path} is of no Debian package: nobody will tell of its holes")


class Libraries:
    def __init__(self):
        self.place = places()
        self.package = {}  # of a library
        self.uses = {}  # package: packages that its libraries load

    def packages_of(self, path):
        """The packages that a file loads directly. What those load is found on the way."""
        found = set()
        for name in loads(path):
            if name.startswith("libtroth."):
                continue
            if name not in self.package:
                if name not in self.place:
                    raise SbomError(f"{path} needs {name}, which the loader does not find")
                package = self.package[name] = package_of(self.place[name])
                self.uses.setdefault(package, set())
                self.uses[package] |= self.packages_of(self.place[name]) - {package}
            found.add(self.package[name])
        return found


# ---- components


def licence(name):
    known = SPDX.get(name.lower())
    return {"license": {"id": known} if known else {"name": name}}


def debian_licences(package):
    """All that its copyright file names, where that can be read by machines."""
    path = Path("/usr/share/doc") / package / "copyright"
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    if FORMAT_OF_COPYRIGHT not in text[:2000]:
        return [{"license": {"name": f"see /usr/share/doc/{package}/copyright"}}]
    names = {name.strip() for name in re.findall(r"^License: *(.+)$", text, re.M)}
    single = {part.strip(" ,()") for name in names for part in re.split(r"\b(?:and/or|and|or)\b", name)} - {""}
    rows = {json.dumps(licence(name), sort_keys=True) for name in single}
    return [json.loads(row) for row in sorted(rows)]


def debian_component(package, release):
    form = "${binary:Package}\t${Version}\t${Architecture}\t${source:Package}\t${Homepage}"
    name, version, architecture, source, home = said_by("dpkg-query", "-W", "-f", form, package).split("\n")[0].split("\t")
    name = name.split(":")[0]
    purl = f"pkg:deb/debian/{name}@{version.replace('+', '%2B').replace(':', '%3A')}?arch={architecture}&distro={release}"
    component = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
                 "supplier": {"name": "Debian"}, "licenses": debian_licences(package),
                 "properties": [{"name": "debian:source", "value": source}]}
    if home:
        component["externalReferences"] = [{"type": "website", "url": home}]
    return component


def npm_component(place, row):
    name = place.rpartition("node_modules/")[2]
    kind, digest = row["integrity"].split("-", 1)
    purl = f"pkg:npm/{name.replace('@', '%40')}@{row['version']}"
    return {"type": "library", "bom-ref": purl, "name": name, "version": row["version"], "purl": purl,
            "licenses": [{"license": {"id": row["license"]}}],
            "hashes": [{"alg": kind.upper().replace("SHA", "SHA-"), "content": base64.b64decode(digest).hex()}]}


def own_component(path, kind, version):
    return {"type": kind, "bom-ref": f"troth:{path.name}", "name": path.name, "version": version,
            "licenses": [{"license": {"id": "Apache-2.0"}}],
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}]}


def dashboard(folder, version):
    """Its component and those of npm; the digest is that of a list of its files and their digests."""
    rows = "".join(f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.relative_to(folder)}\n"
                   for one in sorted(folder.rglob("*")) if one.is_file())
    packages = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    npm = {place: row for place, row in packages.items() if place and not row.get("dev") and not row.get("devOptional")}
    page = {"type": "application", "bom-ref": "troth:dashboard", "name": "troth-dashboard", "version": version,
            "licenses": [{"license": {"id": "Apache-2.0"}}],
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(rows.encode()).hexdigest()}]}
    components = {place: npm_component(place, row) for place, row in sorted(npm.items())}
    links = {"troth:dashboard": refs_of_dependencies("", packages[""], components)}
    for place, row in npm.items():
        links[components[place]["bom-ref"]] = refs_of_dependencies(place + "/", row, components)
    return [page, *components.values()], links


def refs_of_dependencies(inside, row, components):
    """npm puts a package inside of who needs it where another version is outside."""
    return [(components.get(f"{inside}node_modules/{name}") or components[f"node_modules/{name}"])["bom-ref"]
            for name in row.get("dependencies", {})]


# ---- the whole


def release_name():
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', Path("/etc/os-release").read_text(encoding="utf-8"), re.M))
    return f"{release.get('ID', 'debian')}-{release.get('VERSION_ID', 'unknown')}"


def commit_and_time():
    """Of the last commit; without git, of nothing: SOURCE_DATE_EPOCH may say when."""
    done = subprocess.run(["git", "-C", str(ROOT), "log", "-1", "--format=%H %ct"], capture_output=True, text=True, check=False)
    commit, seconds = done.stdout.split() if done.returncode == 0 and done.stdout else (None, "0")
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH") or seconds)
    return commit, datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def build(out, web, version):
    libraries, release = Libraries(), release_name()
    programs = sorted(path for path in (out / "bin").iterdir() if path.is_file())
    library = out / "lib" / f"libtroth.so.{version}"
    if not programs or not library.exists():
        raise SbomError(f"{out} has no programs and libtroth of version {version}: build first")
    components = [own_component(path, "application", version) for path in programs]
    components.append(own_component(library, "library", version))
    uses = {f"troth:{path.name}": libraries.packages_of(path) for path in [*programs, library]}
    debian = {name: debian_component(name, release) for name in sorted({*libraries.uses, *HEADERS_ONLY})}
    for name in uses:  # any of our programs may have used their macros
        uses[name] = uses[name] | set(HEADERS_ONLY)
    links = {name: [debian[one]["bom-ref"] for one in packages] for name, packages in uses.items()}
    links.update({debian[name]["bom-ref"]: [debian[one]["bom-ref"] for one in packages]
                  for name, packages in libraries.uses.items()})
    components += debian.values()
    if (web / "index.html").exists():
        more, of_web = dashboard(web, version)
        components += more
        links.update(of_web)
    whole = [*uses, *(["troth:dashboard"] if "troth:dashboard" in links else [])]
    return finish(components, {**links, "troth": whole}, version)


def finish(components, links, version):
    commit, timestamp = commit_and_time()
    root = {"type": "application", "bom-ref": "troth", "name": "troth", "version": version,
            "licenses": [{"license": {"id": "Apache-2.0"}}]}
    if commit:
        root["properties"] = [{"name": "troth:commit", "value": commit}]
    bom = {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"timestamp": timestamp, "component": root,
                     "tools": {"components": [{"type": "application", "name": "make_sbom.py", "version": version}]}},
        "components": sorted(components, key=lambda one: one["bom-ref"]),
        "dependencies": [{"ref": ref, "dependsOn": sorted(set(needed))} for ref, needed in sorted(links.items())],
    }
    # Of its content, so that the same build has the same number and another one another.
    digest = hashlib.sha256(json.dumps(bom, sort_keys=True).encode()).digest()
    bom["serialNumber"] = f"urn:uuid:{uuid.UUID(bytes=digest[:16], version=4)}"
    return bom


def main():
    parser = argparse.ArgumentParser(description="Writes the bill of materials of a build (CycloneDX 1.5).")
    parser.add_argument("--out", type=Path, required=True, help="folder of the build, with bin and lib")
    parser.add_argument("--web", type=Path, required=True, help="folder of the dashboard, if there is one")
    parser.add_argument("--version", required=True)
    parser.add_argument("file", type=Path)
    args = parser.parse_args()
    try:
        bom = build(args.out, args.web, args.version)
    except SbomError as error:
        print(f"make_sbom.py: {error}", file=sys.stderr)
        return 1
    args.file.parent.mkdir(parents=True, exist_ok=True)
    args.file.write_text(json.dumps(bom, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    names = [one["name"] for one in bom["components"]]
    print(f"{args.file}: {len(names)} components")
    return 0


if __name__ == "__main__":
    sys.exit(main())
