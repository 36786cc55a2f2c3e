# SPDX-License-Identifier: Apache-2.0
"""The HTTP door as its senders see it: records as JSON, over the unix socket of an intake.

    token = give_token(system, "garage")             # its key() with the right records is there
    system.start("intake", **door_settings(system))
    door = HttpDoor(system, token)
    answer = door.post([record_json(...)])           # answer.status, .headers, .json, .receipts
"""

import hashlib
import http.client
import json
import secrets
import socket

from google.protobuf import json_format

from tests.support.system import USUAL_SECONDS, wait_until

PATH = "/v1/records"


def door_settings(system, instance="intake", **more):
    """For System.start(): opens the door at a unix socket."""
    return {"records_http": f"unix:{door_path(system, instance)}", **more}


def door_path(system, instance="intake"):
    return system.folder / f"{instance}.records"


def token_digest(token):
    return hashlib.blake2b(token.encode(), digest_size=32).hexdigest()


def give_token(system, name, token=None):
    """A new token for a source; a running intake knows it within a second."""
    token = token or secrets.token_urlsafe(32)
    system.psql(f"SELECT intake.source_set_token('{name}', '\\x{token_digest(token)}')")
    return token


def record_json(record, in_snake_case=False):
    """The protobuf JSON mapping of a Record, as protobuf's own library writes it."""
    return json_format.MessageToDict(record, preserving_proto_field_name=in_snake_case)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, seconds):
        super().__init__("intake", timeout=seconds)
        self._path = str(path)

    def connect(self):
        self.sock = open_socket(self._path, self.timeout)


def open_socket(path, seconds=USUAL_SECONDS):
    """A plain connection, for what no HTTP library would send."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(seconds)
    sock.connect(str(path))
    return sock


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def receipts(self):
        return self.json["receipts"]


class HttpDoor:
    """One connection, kept; opened again when the server has closed it."""

    def __init__(self, system, token=None, instance="intake", seconds=USUAL_SECONDS):
        self.path = door_path(system, instance)
        self.token = token
        self.connection = UnixConnection(self.path, seconds)

    def at(self, path):
        """The same client at another socket."""
        self.path = path
        self.connection = UnixConnection(path, self.connection.timeout)
        return self

    def close(self):
        self.connection.close()

    def socket(self, seconds=USUAL_SECONDS):
        return open_socket(self.path, seconds)

    def headers(self, **more):
        values = {"Content_Type": "application/json"}
        if self.token is not None:
            values["Authorization"] = f"Bearer {self.token}"
        values.update(more)  # None leaves one out
        return {name.replace("_", "-"): value for name, value in values.items()
                if value is not None}

    def ask(self, body, method="POST", path=PATH, **headers):
        """Any request; body may be bytes, text or a generator, which is sent in chunks."""
        if isinstance(body, str):
            body = body.encode()
        self.connection.request(method, path, body, self.headers(**headers))
        return Answer(self.connection.getresponse())

    def post(self, records, **headers):
        """Records as dictionaries, or as texts of JSON."""
        texts = [one if isinstance(one, str) else json.dumps(one) for one in records]
        return self.ask('{"records":[' + ",".join(texts) + "]}", **headers)

    def post_one(self, record):
        (receipt,) = self.post([record]).receipts
        return receipt

    def wait_for_token(self):
        """Until a token that was just given is known."""
        wait_until(lambda: self.post([]).status == 200, what="the token")
        return self
