# SPDX-License-Identifier: Apache-2.0
"""The other side of a webhook: an HTTP server that checks the signatures of the Standard Webhooks
specification by itself, and says what the test wants.

    with WebReceiver(secret) as receiver:
        receiver.answer = lambda request: (200, {"accepted": True})
        ... receiver.url ...
        receiver.requests                       # all that came, in order

    post_signed(path_of_a_unix_socket, "/dialer/callback", secret, "id-1", {...})
"""

import base64
import hashlib
import hmac
import http.client
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER_SECRET = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()


def signature(secret, identity, timestamp, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{identity}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


class Request:
    def __init__(self, handler, body, secret):
        self.at = time.time()
        self.method, self.path = handler.command, handler.path
        self.headers, self.body = handler.headers, body
        self.id = self.headers.get("webhook-id")
        timestamp = self.headers.get("webhook-timestamp", "0")
        self.is_signed = (
            abs(time.time() - int(timestamp)) < 300
            and signature(secret, self.id, timestamp, body)
            in self.headers.get("webhook-signature", "").split())

    @property
    def json(self):
        return json.loads(self.body)


class WebReceiver:
    def __init__(self, secret=SECRET):
        self.secret = secret
        self.requests = []
        # (status, JSON or None), perhaps with headers as a third; None: hangs up
        self.answer = lambda request: (200, None)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = Request(self, body, receiver.secret)
                receiver.requests.append(request)
                said = receiver.answer(request)
                self.close_connection = True
                if said is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                status, content, headers = (*said, {})[:3]
                text = b"" if content is None else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(text)

            do_POST = do_GET = serve

            def log_message(self, *unused):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/orders"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *unused):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def posts(self, identity=None):
        return [r for r in self.requests if r.method == "POST" and identity in (None, r.id)]


def ask(path, method, target, body=b"", headers=None):
    """Over a unix socket: (status, text)."""
    connection = http.client.HTTPConnection("localhost", timeout=20)
    connection.sock = socket.socket(socket.AF_UNIX)
    try:
        connection.sock.settimeout(20)
        connection.sock.connect(str(path))
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def post_signed(path, target, secret, identity, content):
    """The status. secret None: without any signature."""
    body = json.dumps(content).encode()
    headers = {"Content-Type": "application/json"}
    if secret is not None:
        timestamp = str(int(time.time()))
        headers |= {"webhook-id": identity, "webhook-timestamp": timestamp,
                    "webhook-signature": signature(secret, identity, timestamp, body)}
    return ask(path, "POST", target, body, headers)[0]
