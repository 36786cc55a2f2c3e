# SPDX-License-Identifier: Apache-2.0
"""Request Tracker 5 of Debian, in a database of the bench's server, behind a web server of its own; asked over REST 2.0."""

import http.client
import json
import os
import subprocess
import threading
import time
from pathlib import Path

from tests.bench.peer_process import PeerProcess, free_ports, listens

SERVER = "/usr/share/request-tracker5/libexec/rt-server"
SETUP = "/usr/sbin/rt-setup-database-5"
PREPARE = Path(__file__).resolve().parent / "peers/request_tracker.pl"
WORKERS = 2 * (os.cpu_count() or 1)
SECONDS = 600
TEXT = ("昨天在贵店更换刹车片之后，今天早上行驶时一直有异响，低速转弯时更明显，请尽快安排技师检查并告知原因。"
        "The noise comes from the front left wheel; I need the car on Friday.")
# No mail, no log of statements, no syslog; the cheapest hash that it has for tokens, for it checks one with every request.
SETTINGS = """
use utf8;
Set($rtname, 'bench');
Set($Organization, 'bench.invalid');
Set($DatabaseType, 'Pg');
Set($DatabaseHost, '{host}');
Set($DatabasePort, '{port}');
Set($DatabaseUser, '{role}');
Set($DatabaseAdmin, 'postgres');
Set($DatabasePassword, '');
Set($DatabaseName, '{database}');
Set($WebDomain, '127.0.0.1');
Set($WebPort, {web});
Set($WebPath, '');
Set($WebBaseURL, 'http://127.0.0.1:{web}');
Set($LogToSyslog, undef);
Set($LogToFile, undef);
Set($LogToSTDERR, 'error');
Set($MailCommand, 'testfile');
Set($BcryptCost, 4);
$RT::VarPath = '{folder}/var';
$RT::MasonDataDir = '{folder}/mason';
$RT::MasonSessionDir = '{folder}/sessions';
1;
"""


class RequestTracker(PeerProcess):
    def __init__(self, bench):
        super().__init__("tracker")
        self.cluster = bench.cluster
        self.database = f"tracker_{os.getpid()}"
        self.role = f"tracker_{os.getpid()}"
        self.customers = 0
        self.token = None

    def start(self):
        (self.web,) = free_ports(1)
        info = dict(part.split("=", 1) for part in self.cluster.conninfo().split())
        for name in ("var", "mason", "sessions", "none"):
            (self.folder / name).mkdir()
        config = self.folder / "RT_SiteConfig.pm"
        config.write_text(SETTINGS.format(host=info["host"], port=info["port"], role=self.role, database=self.database, web=self.web,
                                          folder=self.folder))
        self.env = dict(os.environ, RT_SITE_CONFIG=str(config), RT_SITE_CONFIG_DIR=str(self.folder / "none"))
        self.call([SETUP, "--action", "init", "--dba", info["user"], "--dba-password", "none"])
        self.token = self.call(["perl", PREPARE]).split()[-1]
        self.cluster.psql("VACUUM ANALYZE", self.database)
        self.run([SERVER, "--host", "127.0.0.1", "--port", self.web, "--max-workers", WORKERS], self.env)
        self.wait_for(lambda: listens(self.web))

    def stop(self):
        super().stop()
        self.cluster.drop_database(self.database)
        self.cluster.psql(f"DROP ROLE IF EXISTS {self.role}", "postgres")

    def call(self, command):
        done = subprocess.run([str(part) for part in command], env=self.env, capture_output=True, text=True, check=False,
                              cwd=self.folder, stdin=subprocess.DEVNULL, timeout=SECONDS)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} failed:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")
        return done.stdout

    def create(self, count, connections, batch):
        """Seconds for so many tickets, each of a requestor whom it does not know yet; batch: of one request."""
        first = self.customers
        self.customers += count
        numbers = iter(range(first, first + count, batch))
        before, errors, lock = self.tickets(), [], threading.Lock()

        def work():
            try:
                while (begin := next_of(numbers, lock)) is not None:
                    self.post(range(begin, min(begin + batch, first + count)))
            except Exception as error:  # noqa: BLE001 - told to who waits for the thread
                errors.append(error)

        threads = [threading.Thread(target=work) for _ in range(connections)]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - begin
        if errors:
            raise errors[0]
        if self.tickets() - before != count:
            raise RuntimeError(f"{self.tickets() - before} of {count} tickets are there:\n{self.log()[-2000:]}")
        return seconds

    def post(self, customers):
        """Each request on a connection of its own: its server closes them."""
        tickets = [{"Queue": "General", "Subject": "刹车异响", "Requestor": f"customer-{number}@bench.invalid", "Content": TEXT}
                   for number in customers]
        is_bulk = len(tickets) > 1
        connection = http.client.HTTPConnection("127.0.0.1", self.web, timeout=SECONDS)
        connection.request("POST", "/REST/2.0/tickets/bulk" if is_bulk else "/REST/2.0/ticket",
                           json.dumps(tickets if is_bulk else tickets[0]),
                           {"Authorization": f"token {self.token}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        said = json.loads(answer.read())
        connection.close()
        made = said if is_bulk else [said]
        if answer.status not in (200, 201) or not all(ticket.get("id") for ticket in made):
            raise RuntimeError(f"{answer.status}: {said}")

    def tickets(self):
        return int(self.cluster.psql("SELECT count(*) FROM tickets", self.database))


def next_of(numbers, lock):
    with lock:
        return next(numbers, None)
