# SPDX-License-Identifier: Apache-2.0
"""Three PostgreSQL nodes under Patroni with one etcd, on free ports of this machine: deploy/high-availability/patroni.yml.

    with Nodes() as nodes:
        nodes.kill(nodes.leader())           # its Patroni and its PostgreSQL, -9
        nodes.wait_whole()

Stands in for tests.support.cluster.Cluster: System runs services on it, which are given all three hosts.
"""

import atexit
import base64
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import yaml

from tests.drill.backups import as_server, children, own
from tests.support.cluster import MIGRATE, PG_BIN, ROOT, ClusterError, run
from tests.support.leftovers import remove_leftovers
from tests.support.system import wait_until

TEMPLATE = ROOT / "deploy/high-availability/patroni.yml"
DATABASE = "troth"
PREFIX = "troth-failover-"
LOOK_S = 8  # longer than loop_wait


class Node:
    """One machine: a folder, three ports, a Patroni and what it started."""

    def __init__(self, folder, name, etcd_port):
        self.folder, self.name = folder / name, name
        self.port, self.api = free_port(), free_port()
        self.data = self.folder / "data"
        self.patroni = None
        self.folder.mkdir()
        (self.folder / "socket").mkdir()
        settings = yaml.safe_load(TEMPLATE.read_text())
        settings["name"] = name
        settings["restapi"].update(dict.fromkeys(("listen", "connect_address"), f"127.0.0.1:{self.api}"), allowlist=["127.0.0.1"])
        login = settings["restapi"]["authentication"]
        self.login = "Basic " + base64.b64encode(f"{login['username']}:{login['password']}".encode()).decode()
        settings["etcd3"] = {"hosts": [f"127.0.0.1:{etcd_port}"]}
        settings["postgresql"].update(
            listen=f"127.0.0.1:{self.port}", connect_address=f"127.0.0.1:{self.port}", data_dir=str(self.data),
            bin_dir=str(PG_BIN), pgpass=str(self.folder / "pgpass"),
            pg_hba=["local all all trust", "host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"])
        settings["postgresql"]["parameters"]["unix_socket_directories"] = str(self.folder / "socket")
        settings["watchdog"]["mode"] = "off"
        (self.folder / "patroni.yml").write_text(yaml.safe_dump(settings))

    def start(self):
        with open(self.folder / "patroni.log", "ab") as log:
            self.patroni = subprocess.Popen(
                [*as_server(), "env", "LC_ALL=C.UTF-8", f"HOME={self.folder}", "patroni",
                 str(self.folder / "patroni.yml")],
                cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def postmaster(self):
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def kill_server(self):
        """PostgreSQL with all its sessions, as a power cut would; Patroni may live on."""
        server = self.postmaster()
        if server is None or not is_postgres(server):
            return
        family = [server, *children(server)]
        for pid in family:
            send(pid, signal.SIGKILL)
        wait_until(lambda: not any(Path("/proc", str(pid)).exists() for pid in family), what="the end of the server")

    def kill(self):
        if self.patroni is not None:
            send(self.patroni.pid, signal.SIGKILL, group=True)
            self.patroni.wait()
            self.patroni = None
        self.kill_server()

    def walsenders(self):
        server = self.postmaster()
        return [pid for pid in children(server) if "walsender" in command_line(pid)] if server else []

    def ask(self, path, method="GET", body=None):
        """Patroni's own interface; None while nobody answers."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.api}{path}", method=method, data=json.dumps(body).encode() if body else None,
            headers={"Authorization": self.login})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, OSError):
            return None


class Nodes:
    def __init__(self, count=3):
        self.count = count
        self.folder = self.etcd = None
        self.nodes = []

    # ---- life

    def __enter__(self):
        remove_leftovers(PREFIX)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir="/tmp"))
        atexit.register(self.stop)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def _start(self):
        client, peer = free_port(), free_port()
        self.nodes = [Node(self.folder, f"node{number}", client) for number in range(1, self.count + 1)]
        (self.folder / "etcd").mkdir(mode=0o700)
        own(self.folder)
        urls = {name: f"http://127.0.0.1:{port}" for name, port in (("client", client), ("peer", peer))}
        with open(self.folder / "etcd.log", "ab") as log:
            self.etcd = subprocess.Popen(
                [*as_server(), "etcd", "--name=only", f"--data-dir={self.folder / 'etcd'}", "--log-level=error",
                 f"--listen-client-urls={urls['client']}", f"--advertise-client-urls={urls['client']}",
                 f"--listen-peer-urls={urls['peer']}", f"--initial-advertise-peer-urls={urls['peer']}",
                 f"--initial-cluster=only={urls['peer']}"],
                cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        for node in self.nodes:
            node.start()
        self.wait_whole(180)
        leader = self.leader()
        run([MIGRATE, f"host=127.0.0.1 port={leader.port} user=postgres dbname={DATABASE}"])

    def __exit__(self, *unused):
        self.stop()

    def stop(self):
        """Each of them, also when one does not end; then the folder stays, by which the next run finds what lives in it."""
        atexit.unregister(self.stop)
        with contextlib.ExitStack() as each:
            each.callback(self._stop_etcd)
            for node in self.nodes:
                each.callback(node.kill)
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _stop_etcd(self):
        if self.etcd is not None:
            send(self.etcd.pid, signal.SIGKILL, group=True)
            self.etcd.wait()
            self.etcd = None

    # ---- what Patroni says

    def members(self):
        for node in self.nodes:
            told = node.ask("/cluster") if node.patroni else None
            if told:
                return json.loads(told)["members"]
        return []

    def leader(self):
        """Who has the lock now; None while nobody has."""
        names = [member["name"] for member in self.members()
                 if member["role"] == "leader" and member["state"] == "running"]
        return next((node for node in self.nodes if names and node.name == names[0]), None)

    def is_whole(self, is_synchronous=True):
        """A primary, all others streaming, one of them synchronous."""
        members = self.members()
        roles = [member["role"] for member in members if member["state"] in ("running", "streaming")]
        return len(roles) == self.count and "leader" in roles and ("sync_standby" in roles or not is_synchronous)

    def wait_whole(self, seconds=400, is_synchronous=True):
        """For longer than a round of Patroni's: each node tells what it saw in its last one. A primary that dies before etcd knows
        its synchronous standby is followed by nobody, rightly."""
        since = None

        def is_whole_for_long():
            nonlocal since
            if not self.is_whole(is_synchronous):
                since = None
            elif since is None:
                since = time.monotonic()
            return since is not None and time.monotonic() - since > LOOK_S

        wait_until(is_whole_for_long, seconds, "three nodes that follow each other")

    def switch_over(self):
        old = self.leader()
        return old.ask("/switchover", "POST", {"leader": old.name})

    def be_asynchronous(self):
        """The control: acknowledged by one machine alone, and any other may follow it."""
        told = self.leader().ask("/config", "PATCH", {
            "synchronous_mode": False, "synchronous_mode_strict": False, "maximum_lag_on_failover": 2**30})
        if told is None:
            raise ClusterError("Patroni does not take another configuration")
        wait_until(lambda: self.psql("SHOW synchronous_standby_names") == "", 60, "asynchronous replication")

    # ---- as tests.support.cluster.Cluster

    def conninfo(self, role=None, dbname=DATABASE):
        hosts = ",".join("127.0.0.1" for _ in self.nodes)
        ports = ",".join(str(node.port) for node in self.nodes)
        return f"host={hosts} port={ports} user={role or 'postgres'} dbname={dbname} target_session_attrs=read-write"

    def new_database(self):
        return DATABASE

    def psql(self, sql, dbname=DATABASE, role=None, seconds=90):
        """As Cluster.psql; comes again while there is no primary. So only what may run twice."""
        command = [PG_BIN / "psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d",
                   f"{self.conninfo(role, dbname)} connect_timeout=2", "-f", "-"]

        def attempt():
            try:
                return (run(command, text=sql).rstrip("\n"),)
            except ClusterError as error:
                if not is_passing(str(error)):
                    raise
                return None

        return wait_until(attempt, seconds, "a primary that answers")[0]


def is_passing(text):
    return any(words in text for words in (
        "could not connect", "connection to server", "read-only", "server closed", "terminating connection",
        "starting up", "shutting down", "Connection refused", "recovery"))


# ---- processes


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def send(pid, number, group=False):
    try:
        (os.killpg if group else os.kill)(pid, number)
    except ProcessLookupError:
        pass


def command_line(pid):
    try:
        return Path("/proc", str(pid), "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def is_postgres(pid):
    return "postgres" in command_line(pid)
