# SPDX-License-Identifier: Apache-2.0
"""docker-compose.yml of the project, started on an engine of our own: its own ports, secrets, names and volumes.

    with Stack(folder) as stack:
        stack.up()
        stack.compose("run", "--rm", "-T", "troth", "report", "overview")
"""

import json
import os
import secrets
import socket
import subprocess
from pathlib import Path

import pytest

from tests.support.system import ROOT, wait_until

ENGINE = Path(__file__).parent / "engine.sh"
RUN = os.environ.get("RUN", "/run/troth-engine")
CANNOT = 77  # what engine.sh ends with where containers cannot run
BUILD_SECONDS = 2400
OWN = ["intake", "followup", "loyalty", "reporting", "dialer"]
PROFILES = ["--profile", "demo", "--profile", "metrics", "--profile", "tools"]
PORTS = ["TROTH_INTAKE_PORT", "TROTH_INTAKE_HTTP_PORT", "TROTH_REPORTS_PORT", "TROTH_DASHBOARD_PORT", "TROTH_PROMETHEUS_PORT"]


def start_engine():
    for step in ("up", "images"):
        done = subprocess.run([ENGINE, step], capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
        if done.returncode == CANNOT:
            pytest.skip("SKIP: " + done.stderr.strip().splitlines()[-1])
        assert done.returncode == 0, done.stdout + done.stderr


def stop_engine():
    subprocess.run([ENGINE, "down"], check=True, timeout=120)


def free_ports(count):
    """Of 127.0.0.1; each was free a moment ago."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Stack:
    def __init__(self, folder):
        self.folder = folder
        self.ports = dict(zip(PORTS, free_ports(len(PORTS))))
        self.project = f"troth{secrets.token_hex(4)}"
        # Debian's client of the engine, which needs no plug-ins.
        self.env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder), "LANG": "C.UTF-8", "DOCKER_BUILDKIT": "1",
                    "COMPOSE_DOCKER_CLI_BUILD": "1", "COMPOSE_HTTP_TIMEOUT": "300", "COMPOSE_PROJECT_NAME": self.project,
                    "DOCKER_HOST": f"unix://{RUN}/docker.sock", "TROTH_SECRETS": str(folder / "secrets"),
                    **{name: str(port) for name, port in self.ports.items()}}

    def __enter__(self):
        self.run(ROOT / "deploy/container/make-secrets.sh", self.folder / "secrets")
        return self

    def __exit__(self, *unused):
        self.compose(*PROFILES, "down", "--volumes", "--remove-orphans", "--timeout", "10")

    def run(self, *command, seconds=300, check=True, **options):
        done = subprocess.run(list(map(str, command)), cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=seconds,
                              check=False, stdin=None if "input" in options else subprocess.DEVNULL, **options)
        if check:
            assert done.returncode == 0, (command, done.stdout[-3000:], done.stderr[-3000:])
        return done

    def docker(self, *arguments, **options):
        return self.run("docker", *arguments, **options)

    def compose(self, *arguments, **options):
        return self.run("docker-compose", *arguments, **options)

    def troth(self, *arguments, **options):
        """The command line inside; its output."""
        return self.compose("run", "--rm", "-T", "troth", *arguments, **options).stdout

    def sql(self, statement):
        return self.docker("exec", self.container("database"), "psql", "-XAtq", "-U", "postgres", "-d", "troth",
                           "-c", statement).stdout.strip()

    # ---- containers

    def build(self):
        self.compose(*PROFILES, "build", seconds=BUILD_SECONDS)

    def up(self):
        """All but the records of the demo: the tests count their own."""
        self.compose("up", "-d", "database", *OWN)
        self.wait_healthy()

    def container(self, service):
        return self.compose(*PROFILES, "ps", "-q", service).stdout.strip()

    def inspect(self, service):
        return json.loads(self.docker("inspect", self.container(service)).stdout)[0]

    def is_healthy(self, service):
        return self.inspect(service)["State"].get("Health", {}).get("Status") == "healthy"

    def wait_healthy(self, services=("database", *OWN)):
        for service in services:
            wait_until(lambda one=service: self.container(one) and self.is_healthy(one), seconds=120, what=f"{service} is healthy")

    def address(self, service, network="backend"):
        return self.inspect(service)["NetworkSettings"]["Networks"][f"{self.project}_{network}"]["IPAddress"]

    def status_of(self, service):
        """/proc/1/status of the program itself, which runs below the init process."""
        text = self.docker("exec", self.container(service), "sh", "-c",
                           "for one in /proc/[0-9]*/status; do grep -q \"^Name:.troth-\" $one && cat $one && break; done").stdout
        return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
