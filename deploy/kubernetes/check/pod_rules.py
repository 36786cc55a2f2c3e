# SPDX-License-Identifier: Apache-2.0
"""Rules about pods: what they may do, how they are watched, how they stop. Each yields (resource, what to do)."""

from build_manifests import value_at
from cluster_world import (COMPONENT, container_of, containers_of, is_selected, labels_of, pod_of, ports_of,
                           program_of, rule)

USER = 10001  # of the images: deploy/container/Dockerfile
DRAIN = 10  # seconds, usual value of drain_for


@rule
def pods_run_as_our_user(world):
    for workload in world.workloads:
        context = pod_of(workload).get("securityContext", {})
        if context.get("runAsNonRoot") is not True:
            yield workload, "say runAsNonRoot: true in the pod's securityContext"
        for key in ("runAsUser", "runAsGroup", "fsGroup"):
            if context.get(key) != USER:
                yield workload, f"say {key}: {USER} in the pod's securityContext: the user of the images"
        for container in containers_of(workload):
            if "runAsUser" in container.get("securityContext", {}):
                yield workload, f"take runAsUser from container {container['name']}: the pod has it"


@rule
def system_calls_are_filtered(world):
    for workload in world.workloads:
        if value_at(pod_of(workload), "securityContext/seccompProfile/type") != "RuntimeDefault":
            yield workload, "say seccompProfile: {type: RuntimeDefault} in the pod's securityContext"


@rule
def containers_gain_nothing(world):
    for workload in world.workloads:
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            if pod_of(workload).get(key):
                yield workload, f"take {key} away: the pod has namespaces of its own"
        for container in containers_of(workload):
            context = container.get("securityContext", {})
            if context.get("allowPrivilegeEscalation") is not False or context.get("privileged"):
                yield workload, f"say allowPrivilegeEscalation: false for container {container['name']}"
            if context.get("capabilities") != {"drop": ["ALL"]}:
                yield workload, f"say capabilities: {{drop: [ALL]}} for container {container['name']}, and add none"


@rule
def root_is_read_only(world):
    for workload in world.workloads:
        for container in containers_of(workload):
            if value_at(container, "securityContext/readOnlyRootFilesystem") is not True:
                yield workload, f"say readOnlyRootFilesystem: true for container {container['name']}"
            for mount in container.get("volumeMounts", []):
                if mount["mountPath"].startswith(("/keys", "/etc", "/run", "/usr")) and not mount.get("readOnly"):
                    yield workload, f"say readOnly: true for what is mounted at {mount['mountPath']}"


@rule
def tmp_is_memory(world):
    for workload in world.workloads:
        volumes = {v["name"]: v for v in pod_of(workload).get("volumes", [])}
        mounts = {m["mountPath"]: m["name"] for m in container_of(workload).get("volumeMounts", [])}
        empty = volumes.get(mounts.get("/tmp"), {}).get("emptyDir", {})
        if empty.get("medium") != "Memory" or "sizeLimit" not in empty:
            yield workload, "mount emptyDir: {medium: Memory, sizeLimit: ...} at /tmp: the password is copied there"


@rule
def pods_have_no_token(world):
    for workload in world.workloads:
        if pod_of(workload).get("automountServiceAccountToken") is not False:
            yield workload, "say automountServiceAccountToken: false: nothing of ours asks the API"
        account = world.named("ServiceAccount", pod_of(workload).get("serviceAccountName"))
        if not account:
            yield workload, "name a serviceAccountName that is there, not the namespace's default"
    for account in world.of("ServiceAccount"):
        if account.at("automountServiceAccountToken") is not False:
            yield account, "say automountServiceAccountToken: false"


@rule
def resources_are_said(world):
    for workload in world.workloads:
        for container in containers_of(workload):
            asked = container.get("resources", {})
            if not {"cpu", "memory"} <= set(asked.get("requests", {})) or "memory" not in asked.get("limits", {}):
                yield workload, f"give container {container['name']} requests of cpu and memory and a limit of memory"
            if "cpu" in asked.get("limits", {}):
                yield workload, f"take the limit of cpu from container {container['name']}: throttled, it is late"


def _probes(world):
    for workload in world.services:
        for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
            yield workload, kind, container_of(workload).get(kind)


@rule
def services_are_watched(world):
    wanted = {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}
    why = {"startupProbe": "it only has to be up", "livenessProbe": "it must not ask the database: an outage there "
           "would restart everything", "readinessProbe": "it says whether the database is reached"}
    for workload, kind, probe in _probes(world):
        path = value_at(probe or {}, "httpGet/path")
        if path != wanted[kind]:
            yield workload, f"let {kind} get {wanted[kind]}, not {path or 'nothing'}: {why[kind]}"


@rule
def probes_have_an_address(world):
    for workload, kind, probe in _probes(world):
        asked = (probe or {}).get("httpGet", {})
        if probe and asked.get("path") not in world.http_paths():
            yield workload, f"{kind} gets {asked.get('path')}, which no service answers: service_health.c has the paths"
        if probe and asked.get("port") not in ports_of(workload):
            yield workload, f"{kind} asks port {asked.get('port')}: name one of {sorted(ports_of(workload))}"


@rule
def starts_have_time(world):
    for workload in world.services:
        probe = container_of(workload).get("startupProbe", {})
        if probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3) < 60:
            yield workload, "give startupProbe a minute (periodSeconds x failureThreshold): a start waits 30 s for the " \
                            "database by itself"


@rule
def stops_have_time(world):
    for workload in world.services:
        command = value_at(container_of(workload), "lifecycle/preStop/exec/command", [])
        pause = int(command[1]) if len(command) == 2 and command[0] == "sleep" else 0
        if pause < 1:
            yield workload, "let preStop sleep some seconds: others hear of the end meanwhile"
        if pod_of(workload).get("terminationGracePeriodSeconds", 30) < pause + 2 * DRAIN:
            yield workload, f"give terminationGracePeriodSeconds {pause + 2 * DRAIN} or more: preStop, drain_for and a rest"


@rule
def nobody_is_alone(world):
    for workload in world.services:
        if workload.at("spec/replicas", 1) < 2:
            yield workload, "run two replicas or more: there is no leader, and one may always be missing"
        if workload.kind == "Deployment" and str(workload.at("spec/strategy/rollingUpdate/maxUnavailable")) != "0":
            yield workload, "say strategy: rollingUpdate: {maxUnavailable: 0}: the new one is there before the old one goes"


@rule
def pods_are_spread(world):
    for workload in world.services:
        spreads = pod_of(workload).get("topologySpreadConstraints", [])
        if not any(s.get("topologyKey") == "kubernetes.io/hostname"
                   and is_selected(s.get("labelSelector", {}), labels_of(workload)) for s in spreads):
            yield workload, "spread its pods by topologySpreadConstraints over kubernetes.io/hostname"


@rule
def images_are_known(world):
    for workload in world.workloads:
        for container in containers_of(workload):
            name, _, tag = container.get("image", "").partition(":")
            if not any(name.endswith(known) for known in world.images()):
                yield workload, f"image {name} is none of docker-compose.yml's: {', '.join(sorted(world.images()))}"
            if tag in ("", "latest"):
                yield workload, f"give image {name} a version (images: newTag): what runs must not change by itself"


@rule
def services_are_told_apart(world):
    for workload in world.services:
        if program_of(workload) != workload.name:
            yield workload, f"its image is {program_of(workload)}: a workload has the name of its program"
    for workload in world.workloads:
        if COMPONENT not in labels_of(workload):
            yield workload, f"give its pods the label {COMPONENT}: service, job or tool"


@rule
def jobs_try_again(world):
    for job in world.of("Job"):
        if pod_of(job).get("restartPolicy") != "OnFailure" or job.at("spec/backoffLimit", 6) < 10:
            yield job, "say restartPolicy: OnFailure and backoffLimit: 10 or more: the database may not be there yet"
        if not job.at("spec/ttlSecondsAfterFinished"):
            yield job, "say ttlSecondsAfterFinished: a Job cannot be changed, and the next version has one of this name"
    for name in ("migrate", "register-keys"):
        if not world.named("Job", name):
            yield world.resources[0], f"the Job {name} is missing: put base/migrate.yaml among the resources"
