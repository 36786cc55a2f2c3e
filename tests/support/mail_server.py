# SPDX-License-Identifier: Apache-2.0
"""A real mail server on a free port of 127.0.0.1, as a process of its own.

    with MailServer(folder) as server:
        server.url                       # "smtp://127.0.0.1:40123"
        server.mails()                   # email.message.EmailMessage of each that was taken

How it treats a mail depends on the receiver: gone@ is refused for ever, late@ refused for now
each time, grey@ the first time, lost@ taken, but the connection ends without an answer, stuck@ never answered.
"""

import asyncio
import email
import email.policy
import subprocess
import sys
from pathlib import Path

SECONDS = 20


class MailServer:
    def __init__(self, folder):
        self.folder = Path(folder) / "mails"
        self.folder.mkdir()
        self.url = None
        self._process = None

    def __enter__(self):
        self._process = subprocess.Popen([sys.executable, __file__, str(self.folder)],
                                         stdout=subprocess.PIPE, text=True)
        self.url = f"smtp://127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(self, *unused):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def mails(self):
        files = sorted(self.folder.glob("*.eml"))
        return [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files]

    def attempts(self, name):
        """How often somebody wanted to send to it."""
        path = self.folder / f"{name}.tried"
        return path.read_text().count("x") if path.exists() else 0


class Handler:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        with open(self.folder / f"{name}.tried", "a", encoding="utf-8") as tried:
            tried.write("x")
        if name == "gone":
            return "550 5.1.1 no such mailbox here"
        if name == "late":
            return "451 4.7.1 come again"
        if name == "grey" and (self.folder / "grey.tried").read_text() == "x":
            return "451 4.7.1 come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        name = envelope.rcpt_tos[0].split("@")[0]
        partial = self.folder / f"{self.count}.part"
        partial.write_bytes(envelope.content)
        partial.rename(self.folder / f"{self.count:04}.eml")
        if name == "lost":
            server.transport.abort()
        if name == "stuck":
            await asyncio.Event().wait()
        return "250 taken"


def serve(folder):
    from aiosmtpd.smtp import SMTP

    async def run():
        loop = asyncio.get_running_loop()
        handler = Handler(folder)
        server = await loop.create_server(lambda: SMTP(handler), "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(run())


if __name__ == "__main__":
    serve(sys.argv[1])
