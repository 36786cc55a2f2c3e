# SPDX-License-Identifier: Apache-2.0
"""deploy/kubernetes without a cluster: what is there is sound, and the check of it finds every fault that it is for."""

import json
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "deploy/kubernetes/check"))
import check_manifests  # noqa: E402
from build_manifests import build, read_yaml  # noqa: E402
from cluster_world import RULES, World, arguments_of, program_of  # noqa: E402

OVERLAY = "deploy/kubernetes/overlays/production"
BASE = "deploy/kubernetes/base"
ELSEWHERE = ["deploy/kubernetes", "deploy/container/config", "deploy/config"]

# One row per fault: the rule that must find it, the file, and what is changed there.
FAULTS = [
    ("pods_run_as_our_user", f"{BASE}/confined.yaml", "runAsNonRoot: true", "runAsNonRoot: false"),
    ("pods_run_as_our_user", f"{BASE}/confined.yaml", "runAsUser: 10001", "runAsUser: 0"),
    ("system_calls_are_filtered", f"{BASE}/confined.yaml", "RuntimeDefault", "Unconfined"),
    ("containers_gain_nothing", f"{BASE}/confined.yaml", "allowPrivilegeEscalation: false", "privileged: true"),
    ("containers_gain_nothing", f"{BASE}/confined.yaml", "{drop: [ALL]}", "{drop: [ALL], add: [NET_ADMIN]}"),
    ("containers_gain_nothing", f"{BASE}/intake.yaml", "      serviceAccountName: intake",
     "      hostNetwork: true\n      serviceAccountName: intake"),
    ("root_is_read_only", f"{BASE}/confined.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"),
    ("root_is_read_only", f"{BASE}/intake.yaml", "/keys/intake, readOnly: true", "/keys/intake"),
    ("tmp_is_memory", f"{BASE}/confined.yaml", "{medium: Memory, sizeLimit: 16Mi}", "{}"),
    ("pods_have_no_token", f"{BASE}/confined.yaml", "automountServiceAccountToken: false", "hostname: x"),
    ("pods_have_no_token", f"{BASE}/loyalty.yaml", "serviceAccountName: loyalty", "serviceAccountName: default"),
    ("resources_are_said", f"{BASE}/confined.yaml", "limits: {memory: 256Mi}", "limits: {}"),
    ("resources_are_said", f"{OVERLAY}/resources.yaml", "limits: {memory: 512Mi}", "limits: {cpu: 1, memory: 512Mi}"),
    ("services_are_watched", f"{BASE}/service.yaml", "livenessProbe:\n            httpGet: {path: /livez",
     "livenessProbe:\n            httpGet: {path: /readyz"),
    ("services_are_watched", f"{BASE}/service.yaml", "readinessProbe:\n            httpGet: {path: /readyz",
     "readinessProbe:\n            httpGet: {path: /livez"),
    ("services_are_watched", f"{BASE}/service.yaml", "          livenessProbe:", "          terminationMessagePolicy:"),
    ("probes_have_an_address", f"{BASE}/service.yaml", "path: /livez, port: http", "path: /healthz, port: http"),
    ("probes_have_an_address", f"{BASE}/service.yaml", "path: /livez, port: http", "path: /livez, port: web"),
    ("starts_have_time", f"{BASE}/service.yaml", "failureThreshold: 30", "failureThreshold: 3"),
    ("stops_have_time", f"{BASE}/service.yaml", "[sleep, \"5\"]", "[\"true\"]"),
    ("stops_have_time", f"{BASE}/service.yaml", "GracePeriodSeconds: 35", "GracePeriodSeconds: 10"),
    ("nobody_is_alone", f"{BASE}/service.yaml", "replicas: 2", "replicas: 1"),
    ("nobody_is_alone", f"{BASE}/reporting.yaml", "maxUnavailable: 0", "maxUnavailable: 1"),
    ("pods_are_spread", f"{BASE}/followup.yaml", "topologyKey: kubernetes.io/hostname", "topologyKey: zone"),
    ("images_are_known", f"{OVERLAY}/kustomization.yaml", "{name: troth/loyalty,",
     "{name: troth/loyalty, newName: troth/score,"),
    ("images_are_known", f"{OVERLAY}/kustomization.yaml", "{name: troth/migrate, newTag: 0.2.0}",
     "{name: troth/migrate, newTag: latest}"),
    ("services_are_told_apart", f"{OVERLAY}/kustomization.yaml", "{name: troth/loyalty,",
     "{name: troth/loyalty, newName: troth/intake,"),
    ("jobs_try_again", f"{BASE}/migrate.yaml", "restartPolicy: OnFailure", "restartPolicy: Never"),
    ("jobs_try_again", f"{BASE}/migrate.yaml", "  ttlSecondsAfterFinished: 86400\n", ""),
    ("jobs_try_again", f"{BASE}/migrate.yaml", "  name: migrate\n  labels", "  name: migration\n  labels"),
    ("objects_are_whole", f"{BASE}/intake.yaml", "apiVersion: policy/v1\n", "apiVersion: policy/v1beta1\n"),
    ("objects_are_whole", f"{BASE}/intake.yaml", "kind: PodDisruptionBudget", "kind: PodDisruptionBudgets"),
    ("objects_are_whole", f"{BASE}/network.yaml", "  policyTypes: [Ingress]\n", ""),
    ("names_stand_once", f"{BASE}/network.yaml", "  name: loyalty", "  name: followup"),
    ("everything_is_in_one_namespace", f"{BASE}/namespace.yaml", "enforce: restricted", "enforce: baseline"),
    ("everything_is_in_one_namespace", f"{OVERLAY}/kustomization.yaml", "namespace: troth", "namespace: default"),
    ("secrets_stand_elsewhere", f"{OVERLAY}/pod-monitor.yaml", "apiVersion: monitoring",
     "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n---\napiVersion: monitoring"),
    ("references_lead_somewhere", f"{BASE}/loyalty.yaml", "name: settings-loyalty", "name: settings-loyality"),
    ("references_lead_somewhere", f"{BASE}/loyalty.yaml", "secretName: key-loyalty", "secretName: loyalty-key"),
    ("references_lead_somewhere", f"{BASE}/loyalty.yaml", "key: database_loyalty", "key: loyalty"),
    ("references_lead_somewhere", f"{BASE}/loyalty.yaml", "configMapRef: {name: peers}", "configMapRef: {name: peer}"),
    ("references_lead_somewhere", f"{BASE}/loyalty.yaml", "{name: settings, mountPath", "{name: setting, mountPath"),
    ("passwords_are_read_by_us_alone", f"{BASE}/loyalty.yaml", "defaultMode: 0440", "defaultMode: 0444"),
    ("workloads_select_their_pods", f"{BASE}/intake.yaml",
     "  selector:\n    matchLabels: {app.kubernetes.io/name: intake}\n  template",
     "  selector:\n    matchLabels: {app.kubernetes.io/name: intakes}\n  template"),
    ("workloads_select_their_pods", f"{BASE}/intake.yaml",
     "  selector:\n    matchLabels: {app.kubernetes.io/name: intake}\n  template",
     "  selector:\n    matchLabels: {app.kubernetes.io/part-of: troth}\n  template"),
    ("services_find_their_pods", f"{BASE}/reporting.yaml", "  selector: {app.kubernetes.io/name: reporting}",
     "  selector: {app.kubernetes.io/name: report}"),
    ("services_find_their_pods", f"{BASE}/reporting.yaml", "targetPort: http", "targetPort: web"),
    ("services_find_their_pods", f"{OVERLAY}/database.yaml", "  externalName: troth-db-rw.troth.svc.cluster.local\n", ""),
    ("peers_are_headless", f"{BASE}/intake.yaml", "  clusterIP: None\n", ""),
    ("peers_are_headless", f"{BASE}/followup.yaml", "publishNotReadyAddresses: true", "publishNotReadyAddresses: false"),
    ("peers_are_headless", f"{BASE}/followup.yaml", "    - {name: events, port: 5521, targetPort: events}\n", ""),
    ("peers_are_headless", f"{BASE}/loyalty.yaml", "serviceName: loyalty", "serviceName: scores"),
    ("disruptions_take_one", f"{BASE}/followup.yaml", "maxUnavailable: 1\n  selector", "maxUnavailable: 0\n  selector"),
    ("disruptions_take_one", f"{BASE}/followup.yaml",
     "maxUnavailable: 1\n  selector:\n    matchLabels: {app.kubernetes.io/name: followup}",
     "maxUnavailable: 1\n  selector:\n    matchLabels: {app.kubernetes.io/name: follow}"),
    ("ways_in_lead_somewhere", f"{OVERLAY}/ingress.yaml", "hosts: [care.example.com]", "hosts: [example.com]"),
    ("ways_in_lead_somewhere", f"{OVERLAY}/ingress.yaml", "port: {name: http}", "port: {name: web}"),
    ("ways_in_lead_somewhere", f"{OVERLAY}/ingress.yaml", "pathType: Prefix", "pathType: Regex"),
    ("the_outside_sees_three_paths", f"{OVERLAY}/ingress.yaml", "path: /answer", "path: /v1"),
    ("metrics_are_found", f"{BASE}/followup.yaml", 'prometheus.io/port: "8520"', 'prometheus.io/port: "8510"'),
    ("metrics_are_found", f"{BASE}/service.yaml", "prometheus.io/path: /metrics", "prometheus.io/path: /metric"),
    ("metrics_are_found", f"{OVERLAY}/pod-monitor.yaml", "component: service", "component: job"),
    ("metrics_are_found", f"{OVERLAY}/pod-monitor.yaml", "port: http\n", "port: events\n"),
    ("metrics_are_found", f"{OVERLAY}/pod-monitor.yaml", "jobLabel: app.kubernetes.io/part-of", "jobLabel: app.kubernetes.io/name"),
    ("metrics_are_found", f"{OVERLAY}/pod-monitor.yaml", "targetLabel: service", "targetLabel: program"),
    ("the_database_survives", f"{OVERLAY}/database.yaml", "instances: 3", "instances: 2"),
    ("the_database_survives", f"{OVERLAY}/database.yaml", "dataDurability: required", "dataDurability: preferred"),
    ("the_database_survives", f"{OVERLAY}/database.yaml", "podAntiAffinityType: required", "podAntiAffinityType: preferred"),
    ("the_database_survives", f"{OVERLAY}/database.yaml", "dataChecksums: true", "dataChecksums: false"),
    ("the_database_survives", f"{OVERLAY}/database.yaml", "secret: {name: database-migrator}", "secret: {name: migrator}"),
    ("the_database_survives", f"{OVERLAY}/database.yaml", 'max_prepared_transactions: "64"',
     'max_prepared_transactions: "0"'),
    ("the_network_is_closed", f"{BASE}/network.yaml", "policyTypes: [Ingress, Egress]\n---",
     "policyTypes: [Ingress]\n---"),
    ("connections_are_allowed", f"{BASE}/network.yaml",
     "values: [followup, loyalty, reporting]}\n      ports: [{port: events}]",
     "values: [followup, reporting]}\n      ports: [{port: events}]"),
    ("connections_are_allowed", f"{BASE}/network.yaml", "operator: In, values: [intake, followup, loyalty]}",
     "operator: In, values: [intake, followup]}"),
    ("connections_are_allowed", f"{BASE}/kustomization.yaml", "LOYALTY=tcp://loyalty-0.loyalty:5530",
     "LOYALTY=tcp://loyalty-0.scores:5530"),
    ("connections_are_allowed", f"{BASE}/kustomization.yaml", "LOYALTY=tcp://loyalty-0.loyalty:5530",
     "LOYALTY=tcp://loyalty-0.loyalty:5540"),
    ("connections_are_allowed", f"{BASE}/network.yaml", "ports: [{port: requests}, {port: events}]\n---",
     "ports: [{port: requests}]\n---"),
    ("connections_are_allowed", f"{BASE}/network.yaml",
     "values: [followup, reporting, troth]}\n      ports: [{port: requests}]",
     "values: [followup, reporting, troth]}\n      ports: [{port: events}]"),
    ("the_database_is_reached", f"{OVERLAY}/database.yaml", "ports: [{port: 5432}]\n---", "ports: [{port: 5433}]\n---"),
    ("names_are_resolved", f"{BASE}/network.yaml", "        - {protocol: UDP, port: 53}\n", ""),
    ("the_database_is_reached", f"{OVERLAY}/database.yaml", "name: database-clients\nspec:\n  podSelector:\n"
     "    matchLabels: {app.kubernetes.io/part-of: troth}", "name: database-clients\nspec:\n  podSelector:\n"
     "    matchLabels: {app.kubernetes.io/component: service}"),
    ("the_database_is_reached", f"{OVERLAY}/database.yaml", "externalName: troth-db-rw", "externalName: troth-db-ro"),
    ("the_database_is_reached", f"{OVERLAY}/database.yaml", "  name: database\nspec:\n  type", "  name: db\nspec:\n  type"),
    ("nothing_else_is_open", f"{BASE}/network.yaml", "matchLabels: {app.kubernetes.io/name: loyalty}\n  policyTypes",
     "matchLabels: {app.kubernetes.io/name: score}\n  policyTypes"),
    ("nothing_else_is_open", f"{OVERLAY}/ingress.yaml", "ipBlock: {cidr: 10.0.0.0/8}", "ipBlock: {cidr: 0.0.0.0/0}"),
    ("nothing_else_is_open", f"{OVERLAY}/ingress.yaml", "ingress-nginx}\n      ports: [{port: http}]", "ingress-nginx}"),
    ("nothing_else_is_open", f"{OVERLAY}/ingress.yaml", "ingress-nginx}\n      ports: [{port: http}]",
     "ingress-nginx}\n      ports: [{port: 22}]"),
    ("metrics_are_let_through", f"{BASE}/network.yaml", "kubernetes.io/metadata.name: monitoring",
     "kubernetes.io/metadata.name: metrics"),
    ("pages_are_let_through", f"{OVERLAY}/ingress.yaml", "kubernetes.io/metadata.name: ingress-nginx",
     "kubernetes.io/metadata.name: elsewhere"),
    ("ports_are_those_of_the_settings", f"{BASE}/loyalty.yaml", "containerPort: 8530", "containerPort: 8531"),
    ("ports_are_those_of_the_settings", "deploy/container/config/loyalty.conf", "0.0.0.0:8530", "0.0.0.0:8539"),
    ("settings_are_known", "deploy/container/config/loyalty.conf", "key_file =", "keyfile = \"x\";\nkey_file ="),
    ("settings_are_known", f"{OVERLAY}/kustomization.yaml", "behind_tls=true", "behind_ssl=true"),
    ("services_have_settings", f"{BASE}/loyalty.yaml", "/etc/troth/loyalty.conf", "/etc/troth/score.conf"),
    ("services_have_settings", "deploy/container/config/loyalty.conf", "user=troth_loyalty", "user=troth_intake"),
    ("files_are_mounted", f"{BASE}/loyalty.yaml", "mountPath: /keys/loyalty", "mountPath: /keys/other"),
    ("files_are_mounted", f"{BASE}/loyalty.yaml", "path: database_password", "path: password"),
    ("included_files_are_mounted", "deploy/config/kustomization.yaml", " days-china.conf,", ""),
    ("passwords_are_ones_own", f"{BASE}/loyalty.yaml", "key: database_loyalty", "key: database_intake"),
    ("passwords_are_ones_own", f"{BASE}/loyalty.yaml", "secretName: key-loyalty", "secretName: key-intake"),
    ("every_pod_is_named", f"{OVERLAY}/kustomization.yaml", "name: intake, count: 3", "name: intake, count: 4"),
    ("every_pod_is_named", f"{BASE}/followup.yaml", "intake=$(INTAKE)", "intake=tcp://intake:5510"),
]

# What kustomize itself would refuse: the message, the file, and what is changed there.
MISTAKES = [
    ("stands twice", f"{BASE}/service.yaml", "  replicas: 2", "  replicas: 2\n  replicas: 3"),
    ("No such file", f"{BASE}/kustomization.yaml", "  - intake.yaml", "  - intakes.yaml"),
    ("is not known here", f"{OVERLAY}/kustomization.yaml", "replicas:\n", "namePrefix: x\nreplicas:\n"),
    ("finds nothing to change", f"{OVERLAY}/kustomization.yaml", "name: reporting}", "name: reports}"),
    ("there is no such thing", f"{OVERLAY}/kustomization.yaml", "{name: intake, count", "{name: intakes, count"),
    ("no container has the image", f"{OVERLAY}/kustomization.yaml", "{name: troth/loyalty,", "{name: troth/score,"),
    ("is there: behavior create", f"{OVERLAY}/kustomization.yaml", "    behavior: merge\n", ""),
    ("outside of its folder", "deploy/config/kustomization.yaml", "[standards.conf", "[../container/config/troth.conf"),
    ("there is no /spec/template/spec/containers/1", f"{OVERLAY}/kustomization.yaml", "containers/0/args/-, value: --set",
     "containers/1/args/-, value: --set"),
]


@pytest.fixture
def copied(tmp_path):
    """A copy of the manifests and what they are built from, to spoil."""
    for folder in ELSEWHERE:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def spoil(folder, file, old, new):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} has no {old!r}: mend this table"
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_is_there_is_sound():
    assert check_manifests.check(ROOT / OVERLAY) == []


@pytest.mark.parametrize("rule,file,old,new", FAULTS, ids=[f"{i}-{row[0]}" for i, row in enumerate(FAULTS)])
def test_a_fault_is_found_by_its_rule(copied, rule, file, old, new):
    spoil(copied, file, old, new)
    findings = [line for line in check_manifests.check(copied / OVERLAY, ROOT) if line.endswith(f"[{rule}]")]
    assert findings, f"{rule} says nothing"
    # File, object, and what to do.
    assert all(re.match(r"deploy/[a-z/-]+\.yaml: [A-Z]\w+ [a-z-]+: \S.{15,}", line) for line in findings), findings


@pytest.mark.parametrize("message,file,old,new", MISTAKES, ids=[row[0] for row in MISTAKES])
def test_what_cannot_be_built_is_said(copied, message, file, old, new):
    spoil(copied, file, old, new)
    findings = check_manifests.check(copied / OVERLAY, ROOT)
    assert len(findings) == 1 and message in findings[0], findings


def test_every_rule_has_a_fault():
    assert {rule.__name__ for rule in RULES} == {row[0] for row in FAULTS}


def test_programs_accept_the_settings_of_their_pods(programs, tmp_path):
    world = World(ROOT / OVERLAY, ROOT)
    assert len(world.services) == 4
    for workload in world.services:
        name = program_of(workload)
        arguments = list(arguments_of(world, workload))
        config = tmp_path / f"{name}.conf"
        config.write_text(world.files(workload)[arguments[arguments.index("--config") + 1]], encoding="utf-8")
        arguments[arguments.index("--config") + 1] = config
        done = subprocess.run([programs / f"troth-{name}", *arguments, "--print-config"],
                              capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0, done.stderr
        assert f'key_file = "/keys/{name}/{name}.key"' in done.stdout


def test_secrets_are_made_once_with_all_that_the_manifests_want(programs, project_root, tmp_path):
    command = [project_root / "deploy/kubernetes/make-cluster-secrets.sh", tmp_path / "secrets"]
    environment = {"TROTH": str(programs / "troth"), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    made = []
    for _ in range(2):
        subprocess.run(command, env=environment, capture_output=True, timeout=60, check=True)
        made.append({r.name: r.body["data"] for r in build(tmp_path / "secrets")})
    assert made[0] == made[1]
    assert all(value.strip() for data in made[0].values() for value in data.values())
    assert made[0]["database-migrator"]["username"] == "troth_migrator"
    assert "secret-key" not in json.dumps(made[0]["public-keys"])
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


def test_we_build_what_kubectl_builds():
    if not shutil.which("kubectl"):
        pytest.skip("SKIP: no kubectl")
    done = subprocess.run(["kubectl", "kustomize", ROOT / OVERLAY], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0 and "unknown" in done.stderr:
        pytest.skip("SKIP: this kubectl is too old for our kustomization")
    assert done.returncode == 0, done.stderr
    built = list(yaml.safe_load_all(done.stdout))
    theirs = {(r["kind"], r["metadata"]["name"]): r for r in without_hashes(built)}
    ours = {(r.kind, r.name): r.body for r in build(ROOT / OVERLAY)}
    assert set(theirs) == set(ours)
    for key, body in ours.items():
        assert in_order(theirs[key]) == in_order(body), key


def without_hashes(resources):
    """Names of generated maps, and what refers to them, as they were before kubectl appended ten characters."""
    names = {r["metadata"]["name"] for r in resources if r["kind"] == "ConfigMap"}

    def stripped(value):
        if isinstance(value, dict):
            return {key: stripped(item) for key, item in value.items()}
        if isinstance(value, list):
            return [stripped(item) for item in value]
        return value[:-11] if isinstance(value, str) and value in names else value

    return [stripped(resource) for resource in resources]


def in_order(value):
    """Lists of objects sorted: a patch may put its own before or after."""
    if isinstance(value, dict):
        return {key: in_order(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((in_order(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


def test_the_overlay_runs_this_version():
    version = re.search(r"^VERSION := (\S+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)[1]
    tags = {image["newTag"] for image in read_yaml(ROOT / OVERLAY / "kustomization.yaml")[0]["images"]}
    assert tags == {version}


def test_the_documented_secrets_are_those_that_are_mounted():
    mounted = set()
    for workload in World(ROOT / OVERLAY, ROOT).workloads:
        mounted |= set(re.findall(r"'secret(?:Name)?': (?:\{'name': )?'([a-z-]+)'", str(workload.body)))
    made = {g["name"] for g in read_yaml(ROOT / "deploy/kubernetes/secrets.yaml")[0]["secretGenerator"]}
    # The dialer's is for a dialer of yours; the operator of the database makes the last one.
    assert made - mounted == {"key-dialer"}
    assert mounted - made == {"troth-db-ca"}
