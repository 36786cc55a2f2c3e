# SPDX-License-Identifier: Apache-2.0
"""The real programs on a database of their own, spoken to over CURVE.

    with System(cluster, programs) as system:          # or the fixture 'system'
        intake = system.start("intake")                # waits for its ready line
        garage = system.client("intake", "garage", rights=["records"])
        garage.send(request)                           # any protobuf message
        reply = garage.receive(intake_pb2.IntakeReply) # waits, with a deadline
        intake.kill(); intake = system.start("intake") # same key, same endpoints

Everything stands in one folder under /tmp: keys, settings, sockets (ipc://), logs. Every service
has its own role and its own key, and is registered in intake.source with the rights it needs.
Two of one kind: system.start("intake", instance="intake-2").
"""

import contextlib
import http.client
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import zmq
import zmq.utils.z85

from tests.support.leftovers import remove_leftovers

ROOT = Path(__file__).resolve().parent.parent.parent
PREFIX = "troth-system-"
USUAL_SECONDS = 20  # how long a test waits for what must come; generous: machines are shared

# What a service is given besides its database, key, endpoints and log level, as a function of the
# System, which knows the endpoints and keys of the others: system.endpoint("intake"),
# system.service_key("intake").public_path.
USUAL_SETTINGS = {
    "intake": lambda system: {"standard": ROOT / "tests/support/plain_standards.conf",
                              "master_key_file": system.master_key_file()},
    "followup": lambda system: {
        "intake": system.endpoint("intake"),
        "intake_events": system.endpoint("intake", "events"),
        "intake_key_file": system.service_key("intake").public_path,
        "rules": ROOT / "tests/support/plain_followups.conf",
    },
    "reporting": lambda system: {
        name: value
        for service in ("intake", "followup", "loyalty")
        for name, value in ((service, system.endpoint(service)),
                            (f"{service}_key_file", system.service_key(service).public_path))
    },
    "dialer": lambda system: {
        "followup": system.endpoint("followup"),
        "followup_key_file": system.service_key("followup").public_path,
        "journal": system.folder / "dialer.journal",
    },
}

# The rights a service has towards the others.
USUAL_RIGHTS = {
    "intake": ["events"],
    "followup": ["records", "disclosure", "events"],
    "loyalty": ["events"],
    "reporting": ["records", "disclosure", "worklist", "scores", "events"],
    "dialer": ["dial"],
}

# What seals personal data in tests.
MASTER_KEYS = f"lookup {'a1' * 32}\nmaster 1 {'b2' * 32}\n"

NO_DATABASE = {"dialer"}
NO_REQUESTS = {"dialer"}
NO_EVENTS = {"dialer"}


class System:
    """Starts programs and stops every one of them at the end."""

    def __init__(self, cluster, programs, database=None, log_level="info"):
        self.cluster = cluster
        self.programs = Path(programs)
        self.database = database or cluster.new_database()
        self.log_level = log_level
        remove_leftovers(PREFIX)
        # A short path: the name of a socket has at most 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir="/tmp"))
        self.processes = []
        self.clients = []
        self._keys = {}
        self._context = None

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()

    def stop(self):
        for client in self.clients:
            client.close()
        if os.environ.get("TROTH_COVERAGE"):  # who is killed writes no counters
            self.stop_in_order()
        for process in self.processes:
            process.kill()
        if self._context is not None:
            self._context.destroy(linger=0)
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop_in_order(self):
        for process in self.processes:
            if process.is_running():
                process.resume()
                process.ask_to_stop()
        with contextlib.suppress(TimeoutError):  # who does not end is killed after it
            wait_until(lambda: not any(process.is_running() for process in self.processes), 10)

    # ---- database

    def psql(self, sql, role=None):
        """The rows as psql prints them: columns parted by '|'."""
        return self.cluster.psql(sql, self.database, role)

    def conninfo(self, role=None):
        return self.cluster.conninfo(role, self.database)

    def forbid_connections(self):
        """The database is away: nobody gets in, and who is in is thrown out."""
        self.psql_elsewhere(f'ALTER DATABASE "{self.database}" ALLOW_CONNECTIONS false')
        self.psql_elsewhere("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            f" WHERE datname = '{self.database}'")

    def allow_connections(self):
        self.psql_elsewhere(f'ALTER DATABASE "{self.database}" ALLOW_CONNECTIONS true')

    def psql_elsewhere(self, sql):
        return self.cluster.psql(sql, "postgres")

    # ---- who is who

    def key(self, name, rights=(), is_historical=False, **limits):
        """The key of a principal, made and registered at the first call. limits: see register()."""
        if name not in self._keys:
            key = Key.new(self.folder, name)
            self.register(key, rights, is_historical, **limits)
            self._keys[name] = key
        return self._keys[name]

    def unknown_key(self, name):
        """A key that nobody registered."""
        return Key.new(self.folder, name)

    def register(self, key, rights, is_historical=False, **limits):
        """Running services see it within a second. limits: record_kinds, branches and
        disclosure_kinds are lists, rate_per_second and burst numbers."""
        listed = ",".join(rights)
        public = zmq.utils.z85.decode(key.public).hex()
        more = "".join(f", p_{name} => {sql_value(value)}" for name, value in limits.items())
        self.psql(
            f"SELECT intake.source_register('{key.name}', '\\x{public}', '{{{listed}}}',"
            f" {str(bool(is_historical)).lower()}, now(){more})"
        )

    def revoke(self, name):
        """Running services refuse it within a second, also on its open connection."""
        self.psql(f"SELECT intake.source_revoke('{name}', now())")

    def service_key(self, service):
        """All instances of a service share one key, as behind one address."""
        return self.key(service, USUAL_RIGHTS.get(service, []))

    def master_key_file(self):
        """The same keys for every System: two of them may share a database."""
        path = self.folder / "master.keys"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(MASTER_KEYS)
        return path

    # ---- where is what

    def endpoint(self, instance, what="requests"):
        return f"ipc://{self.folder}/{instance}.{what}"

    def http(self, instance):
        """The unix socket of its HTTP port."""
        return self.folder / f"{instance}.http"

    def get(self, instance, path):
        """The body that its HTTP port answers with."""
        connection = http.client.HTTPConnection(instance, timeout=USUAL_SECONDS)
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.settimeout(USUAL_SECONDS)
        connection.sock.connect(str(self.http(instance)))
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def metric(self, instance, name):
        """The value of a metric without labels, from its /metrics."""
        for line in self.get(instance, "/metrics").splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        raise KeyError(name)

    # ---- programs

    def settings(self, service, instance=None, **more):
        """What start() writes into the settings file; values may be text, int, float, bool, Path."""
        instance = instance or service
        values = {
            "key_file": self.service_key(service).path,
            "http": f"unix:{self.http(instance)}",
            "log_level": self.log_level,
        }
        if service not in NO_DATABASE:
            values["database"] = self.conninfo(f"troth_{service}")
        if service not in NO_REQUESTS:
            values["requests"] = self.endpoint(instance)
        if service not in NO_EVENTS:
            values["events"] = self.endpoint(instance, "events")
        usual = USUAL_SETTINGS.get(service)
        if usual is not None:
            values.update(usual(self))
        values.update(more)
        return values

    def write_settings(self, service, instance=None, **settings):
        """For start(), or before Process.reload()."""
        instance = instance or service
        path = self.folder / f"{instance}.conf"
        path.write_text(config_text(self.settings(service, instance, **settings)))
        return path

    def program(self, service):
        return self.programs / f"troth-{service}"

    def start(self, service, instance=None, arguments=(), seconds=USUAL_SECONDS, environment=None, **settings):
        """Starts it and waits for its ready line. environment: beside the one of this process."""
        instance = instance or service
        path = self.write_settings(service, instance, **settings)
        command = [self.program(service), "--config", path, *arguments]
        process = Process(instance, command, self.folder / f"{instance}.log", environment)
        self.processes.append(process)
        process.wait_ready(seconds)
        return process

    def run(self, program, *arguments, seconds=120, **options):
        """Runs 'troth' or a job to its end: subprocess.CompletedProcess with text output."""
        return subprocess.run(
            [str(self.programs / program), *map(str, arguments)],
            capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL,
            check=False, **options,
        )

    # ---- talking to them

    def context(self):
        if self._context is None:
            self._context = zmq.Context()
        return self._context

    def client(self, service, name, rights=(), is_historical=False, instance=None, key=None):
        """A DEALER connected as the principal 'name'. Make its key() before the service starts, or
        wait a second: a connection that was turned away does not try again."""
        key = key or self.key(name, rights, is_historical)
        instances = [instance] if isinstance(instance, str) else (instance or [service])
        client = Client(self.context(), zmq.DEALER, key, self.service_key(service),
                        [self.endpoint(one) for one in instances])
        self.clients.append(client)
        return client

    def subscriber(self, service, name, instance=None):
        """A SUB on the events of a service; its principal needs the right 'events'."""
        client = Client(self.context(), zmq.SUB, self.key(name, ["events"]),
                        self.service_key(service), [self.endpoint(instance or service, "events")])
        client.socket.subscribe(b"")
        self.clients.append(client)
        return client


class Key:
    """A CURVE key pair and its file as the programs read it."""

    def __init__(self, name, path, public, secret):
        self.name, self.path, self.public, self.secret = name, path, public, secret

    @classmethod
    def new(cls, folder, name):
        public, secret = zmq.curve_keypair()
        path = Path(folder) / f"{name}.key"
        path.touch(mode=0o600)
        path.write_text(f"public-key = {public.decode()}\nsecret-key = {secret.decode()}\n")
        return cls(name, path, public, secret)

    @property
    def public_path(self):
        """A file with the public key alone, for those who connect."""
        path = self.path.with_suffix(".pub")
        path.write_text(f"public-key = {self.public.decode()}\n")
        return path


class Process:
    """One running program. Its standard error goes to a file."""

    def __init__(self, name, command, log_path, environment=None):
        self.name = name
        self.environment = environment or {}
        self.log_path = log_path
        self.ready = {}  # of the ready line: pid, requests, events, http
        self._lines = queue.Queue()
        with open(log_path, "ab") as log:
            self._offset = log.tell()
            self.popen = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=log, text=True, start_new_session=True,
                env={**os.environ, **self.environment},
            )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.popen.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def wait_ready(self, seconds=USUAL_SECONDS):
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                self.kill()
                raise ProgramError(f"{self.name} was not ready in {seconds} s:\n{self.log()}") from None
            if line is None:
                status = self.popen.wait()
                raise ProgramError(f"{self.name} ended with {status}:\n{self.log()}")
            if self._is_ready_line(line):
                return

    def is_ready(self):
        """Whether it has said so; does not wait."""
        while not self.ready and not self._lines.empty():
            self._is_ready_line(self._lines.get() or "")
        return bool(self.ready)

    def _is_ready_line(self, line):
        if line.startswith("ready "):
            self.ready = dict(re.findall(r"(\w+)=(\S*)", line))
        return bool(self.ready)

    @property
    def pid(self):
        return self.popen.pid

    def is_running(self):
        return self.popen.poll() is None

    def log(self):
        """What this run wrote to standard error."""
        data = self.log_path.read_bytes()[self._offset:]
        return data.decode(errors="replace")

    def reload(self):
        """SIGHUP: settings and principals. Wait for what should change: it is not instant."""
        self.popen.send_signal(signal.SIGHUP)

    def pause(self):
        self.popen.send_signal(signal.SIGSTOP)

    def resume(self):
        self.popen.send_signal(signal.SIGCONT)

    def kill(self):
        """As a crash."""
        if self.is_running() and os.environ.get("TROTH_COVERAGE"):
            self._die_counted()
        if self.is_running():
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def _die_counted(self):
        """With counters it writes them where it stands, then kills itself; counters/counters.c."""
        os.killpg(self.popen.pid, signal.SIGRTMIN + 5)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(2)

    def ask_to_stop(self):
        """The first SIGTERM: it drains and ends in order."""
        if self.is_running():
            self.popen.send_signal(signal.SIGTERM)

    def terminate(self, seconds=USUAL_SECONDS):
        """An orderly stop; its exit status."""
        self.ask_to_stop()
        return self.wait(seconds)

    def wait(self, seconds=USUAL_SECONDS):
        """Its exit status when it has ended."""
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ProgramError(f"{self.name} did not end in {seconds} s:\n{self.log()}") from None


class Client:
    """A CURVE socket with deadlines."""

    def __init__(self, context, kind, key, server_key, endpoints):
        self.socket = context.socket(kind)
        self.socket.linger = 0
        self.socket.curve_publickey = key.public
        self.socket.curve_secretkey = key.secret
        self.socket.curve_serverkey = server_key.public
        self.socket.reconnect_ivl = 20
        self.socket.reconnect_ivl_max = 200
        if kind == zmq.DEALER:
            self.socket.immediate = True
            self.socket.sndhwm = 64
            self.socket.rcvhwm = 0
        for endpoint in endpoints:
            self.socket.connect(endpoint)

    def close(self):
        self.socket.close(linger=0)

    def send(self, message, seconds=USUAL_SECONDS):
        """A protobuf message, or bytes as they are."""
        data = message if isinstance(message, bytes) else message.SerializeToString()
        deadline = time.monotonic() + seconds
        while self.socket.poll(max(0, int((deadline - time.monotonic()) * 1000)), zmq.POLLOUT):
            try:
                self.socket.send(data, zmq.DONTWAIT)
                return
            except zmq.Again:
                continue  # the connection ended in between
        raise TimeoutError(f"nobody took the message within {seconds} s")

    def receive_bytes(self, seconds=USUAL_SECONDS):
        """The frames of one message, or None when nothing came."""
        if not self.socket.poll(int(seconds * 1000), zmq.POLLIN):
            return None
        return self.socket.recv_multipart()

    def receive(self, message_type, seconds=USUAL_SECONDS):
        """One message of that type."""
        frames = self.receive_bytes(seconds)
        if frames is None:
            raise TimeoutError(f"no {message_type.__name__} within {seconds} s")
        return message_type.FromString(frames[-1])

    def ask(self, request, reply_type, seconds=USUAL_SECONDS):
        self.send(request, seconds)
        return self.receive(reply_type, seconds)


def sql_value(value):
    """A number, or a list of plain words as an array."""
    return str(value) if isinstance(value, int) else f"'{{{','.join(value)}}}'"


class ProgramError(Exception):
    """A program did not do what every test needs; the text has its log."""


def config_text(values):
    """libconfig: text in quotes, numbers and booleans bare."""
    return "".join(f"{name} = {config_value(value)};\n" for name, value in values.items())


def config_value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def wait_until(condition, seconds=USUAL_SECONDS, what="the condition"):
    """Calls condition until it returns something true, which is returned."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    seconds_to_pause = 0.01
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come true within {seconds} s")
        pause.wait(seconds_to_pause)
        # Most come true at once; what takes longer is not helped by who asks without end.
        seconds_to_pause = min(seconds_to_pause * 1.3, 0.1)
