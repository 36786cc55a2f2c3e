#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks a kustomization of Troth without a cluster: check_manifests.py [--list] [FOLDER ...]

Builds each FOLDER (usual: all of deploy/kubernetes/overlays) and prints one line per finding: file, object, what to do.
The exit status is 1 when there is any. --list prints the rules. What an API server would say beyond that is not known.
"""

import sys
from pathlib import Path

import network_rules  # noqa: registers its rules
import object_rules  # noqa
import pod_rules  # noqa
import setting_rules  # noqa
from build_manifests import Mistake
from cluster_world import RULES, World

PROJECT = Path(__file__).resolve().parents[3]


def check(folder, project=PROJECT):
    """The findings of all rules, as lines."""
    try:
        world = World(folder, project)
    except Mistake as mistake:
        return [str(mistake)]
    found = []
    for rule in RULES:
        for resource, advice in rule(world):
            found.append(f"{world.shown(resource)}: {advice} [{rule.__name__}]")
    return sorted(set(found))


def main(arguments):
    if "--list" in arguments:
        print(*(rule.__name__ for rule in RULES), sep="\n")
        return 0
    folders = arguments or sorted(p.parent for p in PROJECT.glob("deploy/kubernetes/overlays/*/kustomization.yaml"))
    findings = [line for folder in folders for line in check(folder)]
    print(*findings, sep="\n", end="\n" if findings else "")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
