# SPDX-License-Identifier: Apache-2.0
"""Rules about objects: that they are whole, fit each other, and that the database is kept by more than one machine."""

from build_manifests import CLUSTER_WIDE, value_at
from cluster_world import (container_of, containers_of, is_selected, labels_of, pod_of, ports_of, rule)

# apiVersion and fields that must be there.
KINDS = {
    "Namespace": ("v1", []),
    "ServiceAccount": ("v1", []),
    "ConfigMap": ("v1", ["data"]),
    "Service": ("v1", ["spec"]),
    "StatefulSet": ("apps/v1", ["spec/serviceName", "spec/selector", "spec/template/spec/containers"]),
    "Deployment": ("apps/v1", ["spec/selector", "spec/template/spec/containers"]),
    "Job": ("batch/v1", ["spec/template/spec/containers", "spec/template/spec/restartPolicy"]),
    "PodDisruptionBudget": ("policy/v1", ["spec/selector"]),
    "NetworkPolicy": ("networking.k8s.io/v1", ["spec/podSelector", "spec/policyTypes"]),
    "Ingress": ("networking.k8s.io/v1", ["spec/rules"]),
    "PodMonitor": ("monitoring.coreos.com/v1", ["spec/selector", "spec/podMetricsEndpoints"]),
    "Cluster": ("postgresql.cnpg.io/v1", ["spec/instances", "spec/storage/size"]),
}


@rule
def objects_are_whole(world):
    for resource in world.resources:
        version, fields = KINDS.get(resource.kind, (None, []))
        if version is None:
            yield resource, f"kind {resource.kind} is not known to the check: add it to KINDS in object_rules.py"
        elif resource.at("apiVersion") != version:
            yield resource, f"apiVersion of {resource.kind} is {version}, not {resource.at('apiVersion')}"
        for field in fields:
            if resource.at(field) is None:
                yield resource, f"it lacks {field.replace('/', '.')}"
    for workload in world.workloads:
        for container in containers_of(workload):
            if not container.get("name") or not container.get("image"):
                yield workload, "a container needs name and image"


@rule
def names_stand_once(world):
    seen = set()
    for resource in world.resources:
        if (resource.kind, resource.name) in seen:
            yield resource, "there are two of this kind and name: give one another name"
        seen.add((resource.kind, resource.name))


@rule
def everything_is_in_one_namespace(world):
    spaces = world.of("Namespace")
    for space in spaces:
        if space.at("metadata/labels", {}).get("pod-security.kubernetes.io/enforce") != "restricted":
            yield space, "give it the label pod-security.kubernetes.io/enforce: restricted"
    names = {space.name for space in spaces}
    for resource in world.resources:
        if resource.kind not in CLUSTER_WIDE and resource.at("metadata/namespace") not in names:
            yield resource, f"it is in no namespace of ours: say namespace: {' or '.join(sorted(names))} in " \
                            "kustomization.yaml"


@rule
def secrets_stand_elsewhere(world):
    for secret in world.of("Secret"):
        yield secret, "secrets do not belong into manifests: make-cluster-secrets.sh makes them outside of git"


def _volumes(workload):
    for volume in pod_of(workload).get("volumes", []):
        yield from value_at(volume, "projected/sources", [volume])


def _lacking(source, data):
    return sorted({i["key"] for i in source.get("items", [])} - set(data))


@rule
def references_lead_somewhere(world):
    for workload in world.workloads:
        for part in _volumes(workload):
            if "configMap" in part:
                name = part["configMap"].get("name")
                there = world.named("ConfigMap", name)
                data = there.body["data"] if there else world.public.get(name)
            elif "secret" in part:
                name = part["secret"].get("secretName") or part["secret"].get("name")
                data = {"ca.crt": ""} if _is_of_database(world, name) else world.secrets.get(name)
            else:
                continue
            if data is None:
                yield workload, f"nobody makes {name}: a generator does, or secrets.yaml"
            for key in _lacking(part.get("configMap") or part.get("secret"), data or {}):
                yield workload, f"{name} has no {key}: see its generator, or secrets.yaml"
        for source in container_of(workload).get("envFrom", []):
            if not world.named("ConfigMap", value_at(source, "configMapRef/name", "")):
                yield workload, f"envFrom {source}: there is no such ConfigMap"
        names = {v["name"] for v in pod_of(workload).get("volumes", [])}
        for mount in container_of(workload).get("volumeMounts", []):
            if mount["name"] not in names:
                yield workload, f"it mounts {mount['name']}, which is none of its volumes"


def _is_of_database(world, secret):
    """The operator makes NAME-ca for a Cluster."""
    return any(secret == f"{cluster.name}-ca" for cluster in world.of("Cluster"))


@rule
def passwords_are_read_by_us_alone(world):
    for workload in world.workloads:
        for volume in pod_of(workload).get("volumes", []):
            secret = volume.get("secret") or (volume.get("projected") if "projected" in volume else None)
            if secret is not None and secret.get("defaultMode") != 0o440:
                yield workload, f"say defaultMode: 0440 for volume {volume['name']}: others need not read it"


@rule
def workloads_select_their_pods(world):
    for workload in world.of("StatefulSet", "Deployment"):
        if not is_selected(workload.at("spec/selector", {}), labels_of(workload)):
            yield workload, "its selector does not match the labels of its own pods"
        others = [w.name for w in world.workloads
                  if w is not workload and is_selected(workload.at("spec/selector", {}), labels_of(w))]
        if others:
            yield workload, f"its selector also matches the pods of {', '.join(others)}"


@rule
def services_find_their_pods(world):
    for service in world.of("Service"):
        if service.at("spec/type") == "ExternalName":
            if not service.at("spec/externalName"):
                yield service, "it lacks spec.externalName"
            continue
        selector = {"matchLabels": service.at("spec/selector", {})}
        pods = [w for w in world.workloads if is_selected(selector, labels_of(w))]
        if len(pods) != 1 or not service.at("spec/selector"):
            yield service, f"its selector finds the pods of {len(pods)} workloads, not of one"
        for port in service.at("spec/ports", []):
            for workload in pods:
                wanted = port.get("targetPort", port["port"])
                if wanted not in ports_of(workload) or ports_of(workload)[wanted] != port["port"]:
                    yield service, f"port {port['port']} leads to '{wanted}', which is no port of that number in " \
                                   f"{workload.name}: {ports_of(workload)}"


@rule
def peers_are_headless(world):
    for workload in world.of("StatefulSet"):
        service = world.named("Service", workload.at("spec/serviceName"))
        if not service:
            yield workload, f"the Service {workload.at('spec/serviceName')} that names its pods is missing"
            continue
        if service.at("spec/clusterIP") != "None":
            yield service, "say clusterIP: None: ZeroMQ peers must see every pod, and one address would pin them to one"
        if service.at("spec/publishNotReadyAddresses") is not True:
            yield service, "say publishNotReadyAddresses: true: without the database all names would be gone"
        missing = set(ports_of(workload)) - {p.get("targetPort") for p in service.at("spec/ports", [])}
        if missing:
            yield service, f"it lacks the ports {', '.join(sorted(missing))} of its pods"


@rule
def disruptions_take_one(world):
    for workload in world.services:
        budgets = [b for b in world.of("PodDisruptionBudget")
                   if is_selected(b.at("spec/selector", {}), labels_of(workload))]
        if len(budgets) != 1:
            yield workload, f"it has {len(budgets)} PodDisruptionBudgets; one must select its pods"
    for budget in world.of("PodDisruptionBudget"):
        if budget.at("spec/maxUnavailable") != 1 or "minAvailable" in budget.at("spec", {}):
            yield budget, "say maxUnavailable: 1: maintenance takes one pod at a time, and can take it"
        if not any(is_selected(budget.at("spec/selector", {}), labels_of(w)) for w in world.services):
            yield budget, "it selects no pods"


@rule
def ways_in_lead_somewhere(world):
    for ingress in world.of("Ingress"):
        covered = {host for tls in ingress.at("spec/tls", []) for host in tls.get("hosts", []) if tls.get("secretName")}
        for entry in ingress.at("spec/rules", []):
            if entry.get("host") not in covered:
                yield ingress, f"give {entry.get('host')} a certificate under tls: cookies and pages need TLS"
            for path in value_at(entry, "http/paths", []):
                name = value_at(path, "backend/service/name", "")
                service = world.named("Service", name)
                ports = [p.get("name") for p in service.at("spec/ports", [])] if service else []
                if value_at(path, "backend/service/port/name") not in ports:
                    yield ingress, f"{path.get('path')} leads to a port of {name} that is not there; it has {ports}"
                if path.get("pathType") not in ("Prefix", "Exact"):
                    yield ingress, f"{path.get('path')} needs pathType: Prefix or Exact"


@rule
def the_outside_sees_three_paths(world):
    """services/reporting/README.md: what a proxy may pass on to people who are not of the company."""
    allowed = {"/progress/", "/answer", "/dialer/callback"}
    for ingress in world.of("Ingress"):
        if ingress.name == "outside":
            paths = {p.get("path") for e in ingress.at("spec/rules", []) for p in value_at(e, "http/paths", [])}
            for path in sorted(paths - allowed):
                yield ingress, f"take {path} away: strangers get {', '.join(sorted(allowed))} alone"


@rule
def metrics_are_found(world):
    monitors = world.of("PodMonitor")
    for workload in world.services:
        notes = workload.at("spec/template/metadata/annotations", {})
        if notes.get("prometheus.io/port") != str(ports_of(workload).get("http")):
            yield workload, f"say prometheus.io/port: \"{ports_of(workload).get('http')}\" in the annotations of its pods"
        if notes.get("prometheus.io/scrape") != "true" or notes.get("prometheus.io/path") not in world.http_paths():
            yield workload, "say prometheus.io/scrape: \"true\" and prometheus.io/path: /metrics in those of its pods"
        if monitors and not any(is_selected(m.at("spec/selector", {}), labels_of(workload)) for m in monitors):
            yield workload, "no PodMonitor selects its pods"
    for monitor in monitors:
        if monitor.at("spec/jobLabel") != "app.kubernetes.io/part-of":
            yield monitor, "jobLabel is app.kubernetes.io/part-of: the alerts know their targets by job=\"troth\""
        for end in monitor.at("spec/podMetricsEndpoints", []):
            if "service" not in [one.get("targetLabel") for one in end.get("relabelings", [])]:
                yield monitor, "give targets the label service: the alerts name them by it"
            if end.get("port") != "http" or end.get("path") != "/metrics":
                yield monitor, "metrics are at port http, path /metrics"


@rule
def the_database_survives(world):
    for cluster in world.of("Cluster"):
        synchronous = cluster.at("spec/postgresql/synchronous", {})
        if cluster.at("spec/instances", 0) < 3:
            yield cluster, "three instances: with two, the loss of one is a stop or a loss"
        if synchronous.get("number", 0) < 1 or synchronous.get("dataDurability") != "required":
            yield cluster, "say synchronous: {method: any, number: 1, dataDurability: required}: what was acknowledged stays"
        if synchronous.get("number", 0) >= cluster.at("spec/instances", 0) - 1:
            yield cluster, "as many synchronous standbys as there are: the loss of one would be a stop"
        if cluster.at("spec/affinity/podAntiAffinityType") != "required":
            yield cluster, "say podAntiAffinityType: required: two of its nodes on one machine are one"
        made = cluster.at("spec/bootstrap/initdb", {})
        if made.get("database") != "troth" or made.get("dataChecksums") is not True or made.get("encoding") != "UTF8":
            yield cluster, "initdb makes the database troth with dataChecksums: true and encoding: UTF8"
        secret = value_at(made, "secret/name")
        if not {"username", "password"} <= world.secrets.get(secret, set()):
            yield cluster, f"its owner's Secret {secret} is none of secrets.yaml's with username and password"
        if not int(cluster.at("spec/postgresql/parameters", {}).get("max_prepared_transactions", 0)):
            yield cluster, "set max_prepared_transactions: it needs a restart to change, and growth needs it"
