# SPDX-License-Identifier: Apache-2.0
"""docker-compose.yml as a company runs it: real records through the published ports, containers that are killed and come back
with other addresses, the figures after it, and the hardening that the file asks for, as the kernel sees it."""

import json
import os
import random
import re
import signal
import urllib.error
import urllib.parse
import urllib.request

import pytest
import zmq

from tests.containers.stack import OWN, PROFILES
from tests.support.intake_client import ACCEPTED, IntakeClient, case_update, contact
from tests.support.system import ROOT, Client, Key, wait_until

pytestmark = [pytest.mark.timeout(3000), pytest.mark.xdist_group("containers")]
BRANCHES = ["north", "south"]


# ---- as a source and a reader outside


@pytest.fixture(scope="session")
def keys(stack):
    """The copies that deploy/container/README.md shows how to take."""
    folder = stack.folder / "keys"
    folder.mkdir(mode=0o700)
    for path in ("client/client.key", "public/intake.pub", "public/reporting.pub"):
        text = stack.compose("run", "--rm", "-T", "--no-deps", "--entrypoint", "cat", "troth", f"/keys/{path}").stdout
        file = folder / path.rsplit("/", 1)[1]
        file.touch(mode=0o600)
        file.write_text(text)
    return folder


def read_key(path):
    found = dict(re.findall(r"^(public|secret)-key = (\S+)", path.read_text(), re.M))
    return Key(path.stem, path, found["public"].encode(), found.get("secret", "").encode())


class Shop:
    """Sends over CURVE to the published port, and counts what has a receipt."""

    def __init__(self, stack, keys):
        self.context = zmq.Context()
        self.client = Client(self.context, zmq.DEALER, read_key(keys / "client.key"), read_key(keys / "intake.pub"),
                             [f"tcp://127.0.0.1:{stack.ports['TROTH_INTAKE_PORT']}"])
        self.intake = IntakeClient(self.client)
        self.chance = random.Random(7)
        self.cases = self.records = 0

    def close(self):
        self.client.close()
        self.context.term()

    def say(self, count):
        """Cases of which every second is solved at once; all of it is accepted."""
        records = []
        for number in range(self.cases, self.cases + count):
            about = {"customer_ref": f"C-{number % 40}", "case_ref": f"A-{number}"}
            records.append(contact(kind="complaint", channel="phone", branch=self.chance.choice(BRANCHES),
                                   body="刹车又响了 the brakes squeal", **about))
            if number % 2:
                records.append(case_update("resolved", staff="ann", **about))
        for start in range(0, len(records), 100):
            part = records[start:start + 100]
            self.intake.send(part, seconds=60)
            receipts = self.intake.collect([one.key for one in part], seconds=60)
            assert all(receipts[one.key].status == ACCEPTED for one in part), [
                (one.code, one.text) for one in receipts.values() if one.status != ACCEPTED][:3]
        self.cases += count
        self.records += len(records)


@pytest.fixture(scope="session")
def shop(stack, keys):
    made = Shop(stack, keys)
    yield made
    made.close()


def ask(stack, *command):
    return json.loads(stack.troth(*command, "--json"))


def cases_in_report(stack):
    """Of all branches and days, as the report says: without --from it would be the last 30 days."""
    table = ask(stack, "report", "timeliness", "--by", "none", "--from", "2000-01-01")["figures"]
    opened = next(number for number, one in enumerate(table["columns"]) if one["name"] == "cases")
    return int(table["total"]["cells"][opened].get("value", 0))


def get(stack, path, port="TROTH_DASHBOARD_PORT", **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{stack.ports[port]}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.status, dict(answer.headers), answer.read()


# ---- tests, in this order


def test_records_through_the_published_port_become_figures(stack, shop):
    shop.say(150)
    wait_until(lambda: cases_in_report(stack) == shop.cases, seconds=60, what="the figures have all cases")
    assert "ready" in stack.troth("status")


def test_the_dashboard_is_there_and_lets_in_who_has_an_account(stack):
    status, headers, page = get(stack, "/")
    assert status == 200 and "default-src" in headers["Content-Security-Policy"]
    script = re.search(rb'src="(/assets/[^"]+\.js)"', page)[1].decode()
    assert len(get(stack, script)[2]) > 10_000
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(stack, "/v1/reports/promises")
    assert refused.value.code == 401
    stack.compose("run", "--rm", "-T", "troth", "user", "add", "mei", "--role", "manager", input="a password of some length\n")
    body = json.dumps({"name": "mei", "password": "a password of some length"}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{stack.ports['TROTH_DASHBOARD_PORT']}/v1/session", data=body,
                                     headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        cookie = answer.headers["Set-Cookie"].split(";")[0]
    assert get(stack, "/v1/reports/promises", Cookie=cookie)[0] == 200


def prometheus(stack, path):
    answer = json.loads(get(stack, f"/api/v1/{path}", "TROTH_PROMETHEUS_PORT")[2])
    assert answer["status"] == "success", answer
    return answer["data"]


def test_prometheus_sees_every_process_and_has_nothing_to_complain_of(stack, shop):
    stack.compose("--profile", "metrics", "up", "-d", "prometheus")
    stack.wait_healthy(["prometheus"])

    def health():
        return {one["labels"]["service"]: one["health"] for one in prometheus(stack, "targets")["activeTargets"]}

    wait_until(lambda: health() == dict.fromkeys(OWN, "up"), seconds=90, what="all processes are read")
    rules = [rule for group in prometheus(stack, "rules")["groups"] for rule in group["rules"]]
    assert len(rules) == len(re.findall(r"^ +- alert:", (ROOT / "deploy/monitoring/alerts.yml").read_text(), re.M))
    wait_until(lambda: {rule["health"] for rule in prometheus(stack, "rules")["groups"][0]["rules"]} == {"ok"}, seconds=60,
               what="all rules are evaluated")
    # Not even one that would become an alert in a minute, once the first readings are in.
    wait_until(lambda: not prometheus(stack, "alerts")["alerts"], seconds=120, what="no alert is near")
    query = urllib.parse.quote('sum(troth_intake_records_total{outcome="accepted"})')
    assert [int(one["value"][1]) for one in prometheus(stack, f"query?query={query}")["result"]] == [shop.records]


def test_prometheus_tells_who_does_not_answer(stack):
    """Soon to be an alert, with the name that it goes by."""
    stack.docker("pause", stack.container("loyalty"))
    try:
        wait_until(lambda: [one["labels"]["service"] for one in prometheus(stack, "alerts")["alerts"]
                            if one["labels"]["alertname"] == "TrothProcessDown"] == ["loyalty"], seconds=90, what="it is told")
    finally:
        stack.docker("unpause", stack.container("loyalty"))
    stack.wait_healthy(["loyalty"])


def test_who_is_killed_comes_back_and_nothing_is_lost(stack, shop):
    for service in OWN:
        before = stack.inspect(service)
        os.kill(before["State"]["Pid"], signal.SIGKILL)
        wait_until(lambda one=service, past=before: stack.inspect(one)["RestartCount"] > past["RestartCount"], seconds=60,
                   what=f"{service} was started again")
    shop.say(60)
    stack.wait_healthy()
    wait_until(lambda: cases_in_report(stack) == shop.cases, seconds=60, what="the figures have all cases")


def test_the_database_is_killed_and_nothing_is_lost(stack, shop):
    os.kill(stack.inspect("database")["State"]["Pid"], signal.SIGKILL)
    shop.say(40)
    stack.wait_healthy()
    wait_until(lambda: cases_in_report(stack) == shop.cases, seconds=60, what="the figures have all cases")


def occupy(stack, address):
    """Containers that do nothing, until one has this address: the engine gives out the lowest that is free."""
    network = f"{stack.project}_backend"
    holders = []
    for _ in range(16):
        holders.append(stack.docker("run", "-d", "--rm", "--network", network, "--entrypoint", "sleep",
                                    "docker.io/library/debian:bookworm-slim", "600").stdout.strip())
        found = json.loads(stack.docker("inspect", holders[-1]).stdout)[0]["NetworkSettings"]["Networks"][network]
        if found["IPAddress"] == address:
            break
    return holders


def test_who_comes_back_with_another_address_is_found(stack, shop):
    """The old addresses are taken by others, so that each gets a new one."""
    for service in ("intake", "reporting", "followup", "database"):
        old = stack.address(service)
        stack.compose("--profile", "demo", "rm", "--stop", "--force", service)
        holders = occupy(stack, old)
        try:
            stack.compose("--profile", "demo", "up", "-d", "--no-deps", service)
            stack.wait_healthy([service])
            assert stack.address(service) != old
        finally:
            stack.docker("rm", "-f", *holders)
    shop.say(40)
    stack.wait_healthy()
    wait_until(lambda: cases_in_report(stack) == shop.cases, seconds=60, what="the figures have all cases")


@pytest.mark.parametrize("service", ["database", "prometheus", *OWN])
def test_a_container_is_confined_as_the_file_asks(stack, service):
    one = stack.inspect(service)
    host = one["HostConfig"]
    assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and not host["Privileged"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert 0 < host["Memory"] <= 1 << 30 and 0 < host["PidsLimit"] <= 256
    assert {limit["Name"]: limit["Hard"] for limit in host["Ulimits"]} == {"nofile": 16384, "core": 0}
    assert host["RestartPolicy"]["Name"] == "unless-stopped" and host["LogConfig"]["Config"]["max-size"] == "10m"
    published = [where["HostIp"] for ports in host["PortBindings"].values() for where in ports]
    assert set(published) <= {"127.0.0.1"} and bool(published) == (service in ("intake", "reporting", "prometheus"))
    networks = {name.removeprefix(f"{stack.project}_") for name in one["NetworkSettings"]["Networks"]}
    assert networks == ({"backend", "front"} if published else {"backend"})


@pytest.mark.parametrize("service", OWN)
def test_a_program_has_no_rights_in_its_container(stack, service):
    status = stack.status_of(service)
    assert set(status["Uid"].split()) == {"10001"} and set(status["Gid"].split()) == {"10001"}
    assert int(status["CapEff"], 16) == 0 and int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"].strip() == "1" and status["Seccomp"].strip() == "2"
    container = stack.container(service)
    for path in ("/", "/usr/local/bin", "/etc/troth"):
        assert stack.docker("exec", container, "touch", f"{path}/x", check=False).returncode != 0, path
    # The keys of others are not even there.
    seen = stack.docker("exec", container, "sh", "-c", "ls /keys/*/*.key").stdout.split()
    assert f"/keys/{service}/{service}.key" in seen and all(one.startswith(f"/keys/{service}/") for one in seen)


@pytest.mark.parametrize("service", OWN)
def test_an_image_says_what_it_is_and_has_only_what_it_needs(stack, service):
    image = json.loads(stack.docker("image", "inspect", f"troth/{service}:latest").stdout)[0]
    labels = image["Config"]["Labels"]
    assert labels["org.opencontainers.image.version"] == "latest" and labels["org.opencontainers.image.source"]
    assert image["Config"]["User"] == "10001:10001"
    base = json.loads(stack.docker("image", "inspect", "docker.io/library/debian:bookworm-slim").stdout)[0]
    assert image["Size"] - base["Size"] < 130 << 20
    has = stack.docker("run", "--rm", "--entrypoint", "sh", f"troth/{service}:latest", "-c",
                       "command -v gcc make curl psql node; ls /usr/include 2>/dev/null | head -n 1", check=False).stdout
    assert not has.strip()


def test_a_migration_that_fails_keeps_the_services_from_starting(stack):
    """With a password that is not the role's: 'up' ends with an error that says so, and nothing of ours runs."""
    stack.compose("--profile", "demo", "stop", *OWN)
    secret = stack.folder / "secrets/database_migrator"
    right = secret.read_text()
    started = {service: stack.inspect(service)["State"]["StartedAt"] for service in OWN}
    try:
        secret.chmod(0o644)
        secret.write_text("wrong")
        done = stack.compose("--profile", "demo", "up", "-d", check=False)
        assert done.returncode != 0
        assert "authentication failed" in stack.compose("logs", "migrate").stdout
        assert started == {service: stack.inspect(service)["State"]["StartedAt"] for service in OWN}
    finally:
        secret.write_text(right)
        secret.chmod(0o444)
    stack.up()


def test_it_stops_in_order_and_starts_with_what_it_had(stack, shop):
    stack.compose(*PROFILES, "down", "--timeout", "30")
    stack.up()
    assert cases_in_report(stack) == shop.cases


def test_the_demo_fills_the_dashboard_once(stack, shop):
    for _ in range(2):
        stack.compose("--profile", "demo", "up", "-d")
        wait_until(lambda: stack.inspect("samples")["State"]["Status"] == "exited", seconds=120, what="the samples are sent")
        assert stack.inspect("samples")["State"]["ExitCode"] == 0
    told = re.findall(r"demo: records=(\d+) accepted=(\d+)", stack.docker("logs", stack.container("samples"), check=False).stdout)
    assert len(told) == 1 and int(told[0][1]) > 1000
    cases = int(stack.sql("SELECT count(*) FROM intake.service_case"))
    assert cases > shop.cases + 100
    wait_until(lambda: cases_in_report(stack) == cases, seconds=60, what="the figures have all cases")
