# SPDX-License-Identifier: Apache-2.0
"""RabbitMQ and NATS JetStream, each with nothing but its own best settings for messages that must not be lost."""

import json
import os
import subprocess
import tempfile

from tests.bench.peer_process import PeerProcess, end_group, free_ports, listens

RABBITMQ = "/usr/lib/rabbitmq/bin/rabbitmq-server"  # the script itself; the one in /usr/sbin runs the system's service
EPMD = "epmd"
NATS = "nats-server"


class RabbitMQ(PeerProcess):
    """One node that knows nobody, with a name server of its own."""

    def __init__(self, bench):
        super().__init__("rabbitmq")
        self.bench = bench
        self.port, self.dist, self.epmd = free_ports(3)

    def start(self):
        home = {"HOME": str(self.folder), "ERL_EPMD_PORT": str(self.epmd)}
        self.run([EPMD, "-port", self.epmd, "-address", "127.0.0.1"], home)
        self.wait_for(lambda: listens(self.epmd))
        (self.folder / "plugins").write_text("[].\n")
        (self.folder / "rabbitmq.conf").write_text("log.console = true\nlog.file = false\nlog.console.level = error\n")
        self.run([RABBITMQ], home | {
            "RABBITMQ_NODENAME": f"bench{os.getpid()}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": str(self.port), "RABBITMQ_DIST_PORT": str(self.dist),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"), "RABBITMQ_LOG_BASE": str(self.folder),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"), "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "none"), "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self.folder / "made"), "RABBITMQ_PID_FILE": str(self.folder / "pid")})
        self.wait_for(lambda: listens(self.port))

    def publish(self, queue_type, count, window, size):
        return run_load(self.bench, ["amqp_load_bench", self.port, count, window, size, queue_type])


class Nats(PeerProcess):
    """A server for each run, so that each stream starts empty. is_synced: its files are written through to the disk. The
    server of Debian 12 has no setting for that (sync_interval came with 2.10), so the file system is asked to."""

    def __init__(self, bench, is_synced):
        super().__init__("nats")
        self.bench, self.is_synced = bench, is_synced

    def start(self):
        (self.folder / "data").mkdir()
        if self.is_synced:
            # New files and folders inherit it.
            subprocess.run(["chattr", "+S", self.folder / "data"], check=True, capture_output=True)
        self.port = None

    def publish(self, count, window, size):
        (self.port,) = free_ports(1)
        data = self.folder / "data" / str(self.port)
        server = self.run([NATS, "--addr", "127.0.0.1", "--port", self.port, "--jetstream", "--store_dir", data])
        try:
            self.wait_for(lambda: listens(self.port))
            return run_load(self.bench, ["nats_load_bench", self.port, count, window, size])
        finally:
            end_group(server)
            self.processes.remove(server)


def can_write_through():
    """Whether the file system of the folders has the attribute S."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        try:
            return subprocess.run(["chattr", "+S", folder], capture_output=True, check=False).returncode == 0
        except OSError:
            return False


def run_load(bench, command):
    """What the generator says; it fails when the broker has less than it acknowledged."""
    done = subprocess.run([str(bench.tools / command[0]), *map(str, command[1:])], capture_output=True, text=True, check=False,
                          timeout=900)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr}")
    return json.loads(done.stdout)
