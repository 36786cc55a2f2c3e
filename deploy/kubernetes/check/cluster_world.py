# SPDX-License-Identifier: Apache-2.0
"""What the rules look at: the objects that were built, and the project that they must fit."""

import re
from functools import lru_cache
from pathlib import Path

from build_manifests import build, read_yaml, value_at

WORKLOADS = ("StatefulSet", "Deployment", "Job")
COMPONENT = "app.kubernetes.io/component"
NAME = "app.kubernetes.io/name"
_SETTING = re.compile(r'\{\s*(?:\.\w+\s*=\s*)?"([a-z][a-z0-9_.-]*)"\s*,\s*(?:\.\w+\s*=\s*)?SETTING_')
_ASSIGNMENT = re.compile(r'^\s*([a-z_]+)\s*=\s*(?:"(.*?)"|([^;]+));', re.M)
_VARIABLE = re.compile(r"\$\(([A-Z_]+)\)")


RULES = []


def rule(check):
    """Makes a function of the world that yields (resource, what to do) a rule."""
    RULES.append(check)
    return check


class World:
    """folder: the kustomization to check; project: where services/ and docker-compose.yml are."""

    def __init__(self, folder, project):
        self.project = Path(project)
        self.folder = Path(folder)
        self.resources = build(folder)
        self.secrets = {r.name: set(r.body["data"]) for r in self._made_elsewhere("Secret")}
        self.public = {r.name: set(r.body["data"]) for r in self._made_elsewhere("ConfigMap")}

    def _made_elsewhere(self, kind):
        """What make-cluster-secrets.sh makes, by name and keys alone."""
        wanted = read_yaml(self.project / "deploy/kubernetes/secrets.yaml")[0]
        for generator in wanted[f"{kind[0].lower()}{kind[1:]}Generator"]:
            entries = generator.get("files", []) + generator.get("literals", [])
            keys = [e.split("=")[0] if "=" in e else e.rsplit("/", 1)[-1] for e in entries]
            yield type("Made", (), {"name": generator["name"], "body": {"data": keys}})

    def of(self, *kinds):
        return [r for r in self.resources if r.kind in kinds]

    def named(self, kind, name):
        return next((r for r in self.of(kind) if r.name == name), None)

    @property
    def workloads(self):
        return self.of(*WORKLOADS)

    @property
    def services(self):
        """The workloads that are services of ours."""
        return [w for w in self.workloads if labels_of(w).get(COMPONENT) == "service"]

    def images(self):
        compose = (self.project / "docker-compose.yml").read_text(encoding="utf-8")
        return set(re.findall(r'image: "(troth/[a-z]+):', compose))

    def http_paths(self):
        text = (self.project / "common/runtime/service_health.c").read_text(encoding="utf-8")
        return set(re.findall(r'http_route\([^,]+, "GET", "([^"]+)"', text))

    def known_settings(self, program):
        """Names of the settings that the program understands, from its tables in C."""
        return _settings_of(self.project, "cli" if program == "troth" else program)

    def settings(self, workload):
        """Settings in force: those of the file that --config names, then --set."""
        found = {}
        arguments = list(arguments_of(self, workload))
        for name, file in zip(arguments, arguments[1:] + [""]):
            if name == "--config":
                found.update(self._of_file(workload, file))
        if program_of(workload) == "troth":
            found.update(self._of_file(workload, "/etc/troth/troth.conf"))
            if workload.kind == "Job":  # registers keys: of this file it uses no more
                found = {"database": found.get("database", "")}
        found.update(a.split("=", 1) for n, a in zip(arguments, arguments[1:]) if n == "--set")
        return found

    def _of_file(self, workload, path):
        text = self.files(workload).get(path, "")
        return {name: text or other.strip() for name, text, other in _ASSIGNMENT.findall(text)}

    def files(self, workload):
        """Path to content of all files of ConfigMaps and Secrets that the pod mounts; of Secrets without content."""
        found = {}
        volumes = {v["name"]: v for v in pod_of(workload).get("volumes", [])}
        for mount in container_of(workload).get("volumeMounts", []):
            volume = volumes.get(mount["name"], {})
            parts = value_at(volume, "projected/sources", [volume])
            for part in parts:
                for name, content in self._of_volume(part).items():
                    found[f"{mount['mountPath']}/{name}"] = content
        return found

    def _of_volume(self, part):
        if "configMap" in part:
            source = part["configMap"]
            there = self.named("ConfigMap", source["name"])
            data = there.body["data"] if there else dict.fromkeys(self.public.get(source["name"], []), "")
        elif "secret" in part:
            source = part["secret"]
            data = dict.fromkeys(self.secrets.get(source.get("secretName") or source.get("name"), []), "")
        else:
            return {}
        if "items" in source:
            return {item["path"]: data.get(item["key"], "") for item in source["items"]}
        return data

    def shown(self, resource):
        """How a finding names an object: its file from the project's folder, kind and name."""
        file = Path(resource.file).resolve()
        for root in (self.project.resolve(), self.folder.resolve().parents[3]):
            if file.is_relative_to(root):
                file = file.relative_to(root)
                break
        return f"{file}: {resource.kind} {resource.name}"


@lru_cache
def _settings_of(project, folder):
    files = [*project.glob(f"services/{folder}/*.c"), *project.glob("common/runtime/*.c")]
    return {name for file in files for name in _SETTING.findall(file.read_text(encoding="utf-8"))}


def pod_of(workload):
    return workload.at("spec/template/spec", {})


def container_of(workload):
    containers = pod_of(workload).get("containers") or [{}]
    return containers[0]


def containers_of(workload):
    return pod_of(workload).get("containers", []) + pod_of(workload).get("initContainers", [])


def labels_of(workload):
    return workload.at("spec/template/metadata/labels", {})


def program_of(workload):
    """'intake' of the image registry.example/troth/intake:0.1.0."""
    return container_of(workload).get("image", "").rsplit("/", 1)[-1].split(":")[0]


def ports_of(workload):
    return {p["name"]: p["containerPort"] for p in container_of(workload).get("ports", [])}


def arguments_of(world, workload):
    """Arguments of the container, with $(NAME) of its environment put in, as the kubelet does."""
    container = container_of(workload)
    values = {e["name"]: e.get("value", "") for e in container.get("env", [])}
    for source in container.get("envFrom", []):
        there = world.named("ConfigMap", value_at(source, "configMapRef/name", ""))
        values.update(there.body["data"] if there else {})
    for argument in container.get("args", []):
        yield _VARIABLE.sub(lambda m: values.get(m.group(1), m.group(0)), str(argument))


def is_selected(selector, labels):
    """A label selector of the API; an empty one selects everything."""
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for term in selector.get("matchExpressions", []):
        has = labels.get(term["key"])
        verdict = {"In": has in term.get("values", []), "NotIn": has not in term.get("values", []),
                   "Exists": has is not None, "DoesNotExist": has is None}[term["operator"]]
        if not verdict:
            return False
    return True
