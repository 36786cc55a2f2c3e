# SPDX-License-Identifier: Apache-2.0
"""Builds a kustomization, as 'kubectl kustomize' does, as far as ours need it.

Known are: namespace, resources (files and folders), configMapGenerator and secretGenerator (files, literals, behavior),
patches (strategic merge, or JSON 6902, with target), images and replicas. Anything else is a Mistake and not passed
over. One thing differs: names of generated maps get no hash at their end.
"""

import copy
import os
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

KNOWN = {"apiVersion", "kind", "namespace", "resources", "configMapGenerator", "secretGenerator", "generatorOptions",
         "patches", "images", "replicas"}
CLUSTER_WIDE = {"Namespace"}
# Lists that a strategic merge patch merges by a key of their items; it replaces all other lists.
MERGED_BY = {"containers": "name", "initContainers": "name", "volumes": "name", "env": "name",
             "volumeMounts": "mountPath", "ports": "containerPort", "topologySpreadConstraints": "topologyKey"}


class Mistake(Exception):
    """Something that kustomize would refuse, or that we do not know."""


@dataclass
class Resource:
    """One object, and the file it stands in."""
    file: str
    body: dict

    @property
    def kind(self):
        return self.body.get("kind", "?")

    @property
    def name(self):
        return (self.body.get("metadata") or {}).get("name", "?")

    def at(self, path, default=None):
        """The value at 'spec/template/spec', or default."""
        return value_at(self.body, path, default)


def value_at(body, path, default=None):
    for step in path.split("/"):
        if not isinstance(body, dict) or step not in body:
            return default
        body = body[step]
    return body


class _OnceLoader(yaml.SafeLoader):
    """YAML in which a key stands once: the later one would win without a word."""


def _mapping(loader, node):
    keys = [loader.construct_object(key) for key, _ in node.value]
    for key in keys:
        if keys.count(key) > 1:
            raise yaml.YAMLError(f"line {node.start_mark.line + 1}: '{key}' stands twice")
    return loader.construct_mapping(node, deep=True)


_OnceLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(path):
    try:
        with open(path, encoding="utf-8") as file:
            return [part for part in yaml.load_all(file, Loader=_OnceLoader) if part is not None]
    except (OSError, yaml.YAMLError) as error:
        raise Mistake(f"{path}: {' '.join(str(error).split())}") from error


def build(folder):
    """All Resources of the kustomization in folder, in the order in which they stand there."""
    folder = Path(folder)
    path = folder / "kustomization.yaml"
    documents = read_yaml(path)
    if len(documents) != 1 or documents[0].get("kind") != "Kustomization":
        raise Mistake(f"{path}: is no Kustomization")
    wanted = documents[0]
    unknown = set(wanted) - KNOWN
    if unknown:
        raise Mistake(f"{path}: '{sorted(unknown)[0]}' is not known here: {__doc__.splitlines()[2]}")

    found = []
    for entry in wanted.get("resources", []):
        found += _resources(Path(os.path.normpath(folder / entry)))
    for kind in ("ConfigMap", "Secret"):
        for generator in wanted.get(f"{kind[0].lower()}{kind[1:]}Generator", []):
            _generate(kind, generator, folder, found)
    if "namespace" in wanted:
        for resource in found:
            if resource.kind not in CLUSTER_WIDE:
                resource.body["metadata"]["namespace"] = wanted["namespace"]
    for patch in wanted.get("patches", []):
        _patch(patch, folder, found)
    for image in wanted.get("images", []):
        _set_image(image, path, found)
    for replicas in wanted.get("replicas", []):
        _set_replicas(replicas, path, found)
    return found


def _resources(path):
    if path.is_dir():
        return build(path)
    return [Resource(str(path), body) for body in read_yaml(path)]


def _generate(kind, generator, folder, found):
    where = folder / "kustomization.yaml"
    data = {}
    for entry in generator.get("files", []):
        key, _, name = entry.rpartition("=")
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise Mistake(f"{where}: kustomize reads no file outside of its folder: {name}")
        try:
            data[key or path.name] = path.read_text(encoding="utf-8")
        except OSError as error:
            raise Mistake(f"{where}: {error}") from error
    for literal in generator.get("literals", []):
        key, _, data[key] = literal.partition("=")
    there = [r for r in found if r.kind == kind and r.name == generator["name"]]
    behavior = generator.get("behavior", "create")
    if (behavior == "create") == bool(there):
        raise Mistake(f"{where}: {kind} {generator['name']} is {'' if there else 'not '}there: behavior {behavior}")
    if behavior == "create":
        body = {"apiVersion": "v1", "kind": kind, "metadata": {"name": generator["name"]}, "data": data}
        found.append(Resource(str(where), body))
    elif behavior == "merge":
        there[0].body["data"].update(data)
    else:
        there[0].body["data"] = data


def _patch(patch, folder, found):
    where = folder / patch.get("path", "kustomization.yaml")
    documents = read_yaml(where) if "path" in patch else [yaml.load(patch["patch"], Loader=_OnceLoader)]
    hit = [r for r in found if _is_target(r, patch.get("target") or _own_target(documents[0], where))]
    if not hit:
        raise Mistake(f"{where}: this patch finds nothing to change")
    for resource in hit:
        for document in documents:
            if isinstance(document, list):
                for step in document:
                    _patch_json(resource.body, step, where)
            else:
                changes = {k: v for k, v in document.items() if k not in ("apiVersion", "kind")}
                changes["metadata"] = {k: v for k, v in (changes.get("metadata") or {}).items() if k != "name"}
                merge(resource.body, changes)


def _own_target(document, where):
    if not isinstance(document, dict):
        raise Mistake(f"{where}: a JSON patch needs a target")
    return {"kind": document["kind"], "name": document["metadata"]["name"]}


def _is_target(resource, target):
    labels = resource.at("metadata/labels", {})
    wanted = dict(pair.split("=") for pair in target.get("labelSelector", "").split(",") if pair)
    return (re.fullmatch(target.get("kind", ".*"), resource.kind) is not None
            and re.fullmatch(target.get("name", ".*"), resource.name) is not None
            and all(labels.get(key) == value for key, value in wanted.items()))


def merge(body, changes):
    """A strategic merge patch, in place."""
    for key, change in changes.items():
        if key == "$patch":
            raise Mistake("'$patch' is not known here")
        if change is None:
            body.pop(key, None)
        elif isinstance(change, dict) and isinstance(body.get(key), dict):
            merge(body[key], change)
        elif isinstance(change, list) and key in MERGED_BY and isinstance(body.get(key), list):
            _merge_list(body[key], change, MERGED_BY[key])
        else:
            body[key] = copy.deepcopy(change)


def _merge_list(items, changes, by):
    for change in changes:
        same = [item for item in items if item.get(by) == change.get(by)]
        if same:
            merge(same[0], change)
        else:
            items.append(copy.deepcopy(change))


def _patch_json(body, step, where):
    *path, last = [part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:]]
    try:
        for part in path:
            body = body[int(part)] if isinstance(body, list) else body[part]
        if isinstance(body, list) and step["op"] == "add":
            body.insert(len(body) if last == "-" else int(last), copy.deepcopy(step["value"]))
            return
        key = int(last) if isinstance(body, list) else last
        if step["op"] == "remove":
            del body[key]
        elif step["op"] == "add" or (step["op"] == "replace" and body[key] is not None):
            body[key] = copy.deepcopy(step["value"])
        else:
            raise Mistake(f"{where}: '{step['op']}' is not known here")
    except (KeyError, IndexError, ValueError) as error:
        raise Mistake(f"{where}: there is no {step['path']}") from error


def _set_image(image, where, found):
    hit = 0
    for resource in found:
        for container in resource.at("spec/template/spec/containers", []):
            name, _, tag = container["image"].partition(":")
            if name == image["name"]:
                tag = image.get("newTag", tag)
                container["image"] = image.get("newName", name) + (f":{tag}" if tag else "")
                hit += 1
    if not hit:
        raise Mistake(f"{where}: no container has the image {image['name']}")


def _set_replicas(replicas, where, found):
    hit = [r for r in found if r.name == replicas["name"] and r.kind in ("StatefulSet", "Deployment")]
    if not hit:
        raise Mistake(f"{where}: replicas of {replicas['name']}: there is no such thing")
    for resource in hit:
        resource.body["spec"]["replicas"] = replicas["count"]
