# SPDX-License-Identifier: Apache-2.0
"""Rules about settings: that the programs know them, find the files they name, and see every pod of their peers."""

import re

from cluster_world import program_of, rule
from network_rules import connections

_OF_IMAGE = ("/usr/share/troth/web",)  # what the images bring, and no volume
_PATH = re.compile(r"^/[^ ]+$")


@rule
def settings_are_known(world):
    for workload in world.workloads:
        known = world.known_settings(program_of(workload))
        for name in sorted(world.settings(workload)):
            if name not in known:
                yield workload, f"troth-{program_of(workload)} has no setting {name}: see its --help"


@rule
def services_have_settings(world):
    for workload in world.services:
        settings = world.settings(workload)
        for name in ("database", "key_file", "requests", "http"):
            if not settings.get(name):
                yield workload, f"its settings name no {name}: --config must name a file that is mounted"
        if not settings.get("database", "").endswith(f"user=troth_{program_of(workload)}"):
            yield workload, f"it must log in as troth_{program_of(workload)}, which owns its tables"


@rule
def files_are_mounted(world):
    for workload in world.workloads:
        files = world.files(workload)
        for name, value in world.settings(workload).items():
            if _PATH.match(value) and value not in files and not value.startswith(_OF_IMAGE):
                yield workload, f"its setting {name} names {value}, which no volume brings"
        if program_of(workload) != "migrate" and "/run/secrets/database_password" not in files:
            yield workload, "mount its password as /run/secrets/database_password: start-service.sh reads it there"


@rule
def included_files_are_mounted(world):
    for workload in world.workloads:
        files = world.files(workload)
        for path, text in files.items():
            for name in re.findall(r'^@include "([^"]+)"', text, re.M):
                if f"{path.rpartition('/')[0]}/{name}" not in files:
                    yield workload, f"{path} includes {name}, which is not mounted beside it: add it to the generator"


@rule
def passwords_are_ones_own(world):
    for workload in world.services:
        for volume in workload.at("spec/template/spec/volumes", []):
            secret = volume.get("secret", {})
            wanted = f"database_{program_of(workload)}"
            keys = [item["key"] for item in secret.get("items", [])]
            if secret.get("secretName") == "database-passwords" and keys != [wanted]:
                yield workload, f"mount {wanted} of database-passwords and no other: items"
            if secret.get("secretName", "").startswith("key-") and secret["secretName"] != f"key-{workload.name}":
                yield workload, f"mount key-{workload.name}, not {secret['secretName']}"


@rule
def every_pod_is_named(world):
    named = {}
    for workload, setting, host, _, there in connections(world):
        if workload in world.services and there and there.kind == "StatefulSet":
            named.setdefault((workload.name, setting), (workload, there, set()))[2].add(host)
    for (_, setting), (workload, there, hosts) in named.items():
        service = there.at("spec/serviceName")
        wanted = {f"{there.name}-{i}.{service}" for i in range(there.at("spec/replicas", 1))}
        if hosts != wanted:
            yield workload, f"its setting {setting} names {', '.join(sorted(hosts))}; there are " \
                            f"{', '.join(sorted(wanted))}: see 'peers' in kustomization.yaml"
