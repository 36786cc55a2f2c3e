# SPDX-License-Identifier: Apache-2.0
"""An intake that a test plays: it decides about every record, and about every message.

    def decide(record):                       # called in the order of arrival
        return ACCEPTED                       # or a Receipt, or None: no answer

    with FakeIntake(decide) as intake:
        run_troth(intake.config(folder))
        intake.records                        # everything that arrived, also repeatedly
"""

import tempfile
import threading

import intake_pb2 as pb
import zmq

from tests.support.system import Key, config_text

ACCEPTED = pb.RECEIPT_STATUS_ACCEPTED
REJECTED = pb.RECEIPT_STATUS_REJECTED
RETRY = pb.RECEIPT_STATUS_RETRY


class FakeIntake:
    def __init__(self, decide=lambda record: ACCEPTED, error=None):
        """error: a RequestError for every request instead of receipts."""
        self.decide = decide
        self.error = error
        self.records = []
        self.requests = []  # the number of records in each
        self._folder = tempfile.TemporaryDirectory(prefix="troth-fake-")
        self._context = zmq.Context()
        self._router = self._context.socket(zmq.ROUTER)
        self._keys = Key.new(self._folder.name, "intake")
        self._router.curve_server = True  # without a ZAP handler every key may enter
        self._router.curve_secretkey = self._keys.secret
        self._router.linger = 0
        self.endpoint = f"ipc://{self._folder.name}/intake"
        self.key_file = self._keys.public_path
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._router.bind(self.endpoint)
        self._thread.start()
        return self

    def __exit__(self, *unused):
        self._stopped.set()
        self._thread.join()
        self._router.close(linger=0)
        self._context.term()
        self._folder.cleanup()

    def config(self, folder, **more):
        """A settings file for 'troth' with a key of its own."""
        client = Key.new(folder, "client")
        path = folder / "troth.conf"
        path.write_text(config_text({
            "key_file": client.path, "intake": self.endpoint,
            "intake_key": self._keys.public_path, **more}))
        return path

    def _serve(self):
        while not self._stopped.is_set():
            if self._router.poll(20):
                peer, body = self._router.recv_multipart()
                self._answer(peer, pb.IntakeRequest.FromString(body).records.records)

    def _answer(self, peer, records):
        self.requests.append(len(records))
        reply = pb.IntakeReply()
        if self.error is not None:
            reply.error.CopyFrom(self.error)
        for record in records if self.error is None else ():
            self.records.append(record)
            verdict = self.decide(record)
            if verdict is None:
                continue
            receipt = verdict if isinstance(verdict, pb.Receipt) else pb.Receipt(status=verdict)
            added = reply.receipts.receipts.add()
            added.CopyFrom(receipt)
            added.key = record.key
        if reply.WhichOneof("body"):
            self._router.send_multipart([peer, reply.SerializeToString()])
