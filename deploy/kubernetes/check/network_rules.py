# SPDX-License-Identifier: Apache-2.0
"""Rules about the network: closed, but for each connection that the settings make."""

import re

from build_manifests import value_at
from cluster_world import container_of, is_selected, labels_of, ports_of, rule

_ADDRESS = re.compile(r"^(?:tcp://)?([a-z][a-z0-9.-]*):(\d+)$")
OWN = {"requests", "events", "http"}  # settings that name what a program listens at


def connections(world):
    """(workload, setting, host, port, workload there or None) for each address in the settings of a workload."""
    for workload in world.workloads:
        for setting, value in world.settings(workload).items():
            for part in value.split() if setting not in OWN else []:
                match = _ADDRESS.match(part)
                if match:
                    yield workload, setting, match[1], int(match[2]), _behind(world, match[1])


def _behind(world, host):
    """Whose pods the name of a Service, or of a pod of one, leads to."""
    service = world.named("Service", host.split(".")[-1])
    if not service:
        return None
    selector = {"matchLabels": service.at("spec/selector", {})}
    return next((w for w in world.workloads if is_selected(selector, labels_of(w))), None)


def _lets(world, direction, own, other, port, name):
    """Whether a policy that selects pods with the labels own lets port, called name, to or from the labels other."""
    side = {"Egress": "to", "Ingress": "from"}[direction]
    for policy in _policies(world, direction, own):
        for entry in policy.at(f"spec/{direction.lower()}", []):
            peers = entry.get(side)
            ports = entry.get("ports")
            if ((not peers or any(_is_peer(world, peer, other) for peer in peers))
                    and (not ports or any(p.get("port") in (port, name) for p in ports))):
                return True
    return False


def _policies(world, direction, labels):
    return [p for p in world.of("NetworkPolicy")
            if direction in p.at("spec/policyTypes", []) and is_selected(p.at("spec/podSelector", {}), labels)]


def _is_peer(world, peer, labels):
    if "ipBlock" in peer:
        return labels is None
    if labels is None:
        return False
    space = {"kubernetes.io/metadata.name": next((n.name for n in world.of("Namespace")), "")}
    if "namespaceSelector" in peer and not is_selected(peer["namespaceSelector"], space):
        return False
    return "podSelector" not in peer or is_selected(peer["podSelector"], labels)


@rule
def the_network_is_closed(world):
    closing = [p for p in world.of("NetworkPolicy")
               if p.at("spec/podSelector") == {} and set(p.at("spec/policyTypes", [])) == {"Ingress", "Egress"}
               and not p.at("spec/ingress") and not p.at("spec/egress")]
    if not closing:
        yield world.resources[0], "a NetworkPolicy that selects all pods (podSelector: {}) and allows nothing is missing"


@rule
def connections_are_allowed(world):
    for workload, setting, host, port, there in connections(world):
        if not there:
            yield workload, f"its setting {setting} names {host}, which no Service of ours is"
            continue
        names = {number: name for name, number in ports_of(there).items()}
        if port not in names:
            yield workload, f"its setting {setting} asks {there.name} at {port}; it listens at {sorted(names)}"
            continue
        if not _lets(world, "Egress", labels_of(workload), labels_of(there), port, names[port]):
            yield workload, f"no NetworkPolicy lets it out to {there.name}, port {names[port]} (setting {setting})"
        if not _lets(world, "Ingress", labels_of(there), labels_of(workload), port, names[port]):
            yield there, f"no NetworkPolicy lets {workload.name} in at port {names[port]} (its setting {setting})"


@rule
def names_are_resolved(world):
    for workload in world.workloads:
        for protocol in ("UDP", "TCP"):
            ports = [p for policy in _policies(world, "Egress", labels_of(workload))
                     for entry in policy.at("spec/egress", []) for p in entry.get("ports", [])]
            if {"protocol": protocol, "port": 53} not in ports:
                yield workload, f"no NetworkPolicy lets it ask for names: port 53, {protocol}"


@rule
def the_database_is_reached(world):
    service = world.named("Service", "database")
    if not service:
        yield world.resources[0], "a Service 'database' is missing, by which the settings know PostgreSQL"
        return
    host = service.at("spec/externalName", "").split(".")[0]
    cluster = next((c for c in world.of("Cluster") if host == f"{c.name}-rw"), None)
    labels = {"cnpg.io/cluster": cluster.name} if cluster else None
    if world.of("Cluster") and not cluster:
        yield service, f"it leads to {host}, which is no -rw Service of a Cluster here: writes go to the primary alone"
    for workload in world.workloads:
        if not _lets(world, "Egress", labels_of(workload), labels, 5432, 5432):
            yield workload, "no NetworkPolicy lets it out to the database, port 5432"
        if cluster and not _lets(world, "Ingress", labels, labels_of(workload), 5432, 5432):
            yield cluster, f"no NetworkPolicy lets {workload.name} in at port 5432"


@rule
def nothing_else_is_open(world):
    foreign = [{"cnpg.io/cluster": c.name} for c in world.of("Cluster")]
    for policy in world.of("NetworkPolicy"):
        pods = [w for w in world.workloads if is_selected(policy.at("spec/podSelector", {}), labels_of(w))]
        if not pods and not any(is_selected(policy.at("spec/podSelector", {}), labels) for labels in foreign):
            yield policy, "it selects no pods"
        for entry in policy.at("spec/ingress", []):
            wide = [p for p in entry.get("from") or [{}] if not p or value_at(p, "ipBlock/cidr") in ("0.0.0.0/0", "::/0")]
            if wide:
                yield policy, "it lets everybody in: say from whom"
            if not entry.get("ports"):
                yield policy, "it opens every port: say which"
            for port in entry.get("ports", []):
                for workload in pods:
                    if port.get("port") not in [*ports_of(workload), *ports_of(workload).values()]:
                        yield policy, f"it opens {port.get('port')}, where {workload.name} does not listen"


@rule
def metrics_are_let_through(world):
    for workload in world.services:
        opened = [entry for policy in _policies(world, "Ingress", labels_of(workload))
                  for entry in policy.at("spec/ingress", [])
                  if any(value_at(p, "namespaceSelector/matchLabels", {}).get("kubernetes.io/metadata.name")
                         == "monitoring" for p in entry.get("from") or [])
                  and {"port": "http"} in entry.get("ports", [])]
        if not opened:
            yield workload, "no NetworkPolicy lets the namespace 'monitoring' in at port http"


@rule
def pages_are_let_through(world):
    wanted = {value_at(path, "backend/service/name") for ingress in world.of("Ingress")
              for entry in ingress.at("spec/rules", []) for path in value_at(entry, "http/paths", [])}
    for workload in world.services:
        if workload.name in wanted and not any(
                "ingress" in value_at(peer, "namespaceSelector/matchLabels", {}).get("kubernetes.io/metadata.name", "")
                for policy in _policies(world, "Ingress", labels_of(workload))
                for entry in policy.at("spec/ingress", []) for peer in entry.get("from") or []):
            yield workload, "no NetworkPolicy lets the namespace of the Ingress controller in"


@rule
def ports_are_those_of_the_settings(world):
    for workload in world.services:
        settings = world.settings(workload)
        for name in sorted(OWN):
            number = settings.get(name, "").rpartition(":")[2]
            if str(ports_of(workload).get(name)) != number:
                yield workload, f"its setting {name} listens at {number or 'nothing'}; containerPort {name} says otherwise"
        if len(ports_of(workload)) != len(container_of(workload).get("ports", [])):
            yield workload, "give each containerPort a name of its own"
