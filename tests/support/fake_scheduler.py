# SPDX-License-Identifier: Apache-2.0
"""A follow-up scheduler that a test plays: it orders what the test says and takes the results.

    with FakeScheduler(folder) as scheduler:
        dialer = scheduler.start_dialer(programs, driver="sip", sip_server="127.0.0.1:5060")
        scheduler.order("F-1/1", phone="+8613800138000", items=[...])
        scheduler.result("F-1/1")            # waits: DialResult
"""

import threading
import time

import dialer_pb2 as pb
import zmq

from tests.support.system import USUAL_SECONDS, Key, Process, config_text, wait_until


class FakeScheduler:
    def __init__(self, folder):
        self.folder = folder
        self.hellos = 0
        self.results = {}   # by key; the first one
        self.told = []      # keys of results, as often as they came
        self.stages = {}    # by key: what was reported on the way
        self.fates = {}     # by key: what was answered to a question
        self.is_taking = True  # whether results get a receipt
        self.peers = []        # routing ids of who spoke, one for each connection
        self.processes = []
        self._keys = Key.new(folder, "followup")
        self._context = zmq.Context()
        self._router = self._context.socket(zmq.ROUTER)
        self._router.curve_server = True  # without a ZAP handler every key may enter
        self._router.curve_secretkey = self._keys.secret
        self._router.linger = 0
        self.endpoint = f"ipc://{folder}/followup"
        self._lock = threading.Lock()
        self._waiting = []
        self._dialer = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._router.bind(self.endpoint)
        self._thread.start()
        return self

    def __exit__(self, *unused):
        for process in self.processes:
            process.kill()
        self._stopped.set()
        self._thread.join()
        self._router.close(linger=0)
        self._context.term()

    # ---- the dialer under test

    def start_dialer(self, programs, arguments=(), **settings):
        """A real troth-dialer that takes orders from here; again for a restart with its journal."""
        path = self.folder / "dialer.conf"
        key = Key.new(self.folder, "dialer")
        path.write_text(config_text({
            "key_file": key.path, "http": f"unix:{self.folder}/dialer.http",
            "journal": self.folder / "dialer.journal", "followup": self.endpoint,
            "followup_key_file": self._keys.public_path, **settings}))
        self.peers.clear()
        process = Process("dialer", [programs / "troth-dialer", "--config", path, *arguments],
                          self.folder / "dialer.log")
        self.processes.append(process)
        process.wait_ready()
        self._dialer = None
        wait_until(lambda: self._dialer is not None, what="a hello")
        return process

    def wait_for_new_connection(self):
        """Until the dialer speaks from another one than before: orders go there."""
        wait_until(lambda: len(self.peers) > 1, what="another connection")

    # ---- what the test does

    def order(self, key, phone="+8613800138000", start_within=10.0, **more):
        now_us = time.time_ns() // 1000
        self.send(order=pb.DialOrder(
            key=key, follow_up=1, attempt=1, phone=phone, channel=1, language="en",
            script="after_resolution", now_us=now_us,
            start_by_us=now_us + int(start_within * 1e6), window_end_us=now_us + 3600_000_000,
            **more))

    def question(self, key):
        """What became of it: a DialFate."""
        self.fates.pop(key, None)
        self.send(question=pb.DialQuestion(key=key))
        wait_until(lambda: key in self.fates, what=f"the fate of {key}")
        return self.fates[key]

    def result(self, key, seconds=USUAL_SECONDS):
        wait_until(lambda: key in self.results, seconds, what=f"the result of {key}")
        return self.results[key]

    def send(self, **body):
        with self._lock:
            self._waiting.append(pb.DialerReply(**body))

    # ---- the thread

    def _serve(self):
        while not self._stopped.is_set():
            if self._router.poll(10):
                peer, body = self._router.recv_multipart()
                self._dialer = peer
                if peer not in self.peers:
                    self.peers.append(peer)
                self._take(peer, pb.DialerRequest.FromString(body))
            if self._dialer is not None:
                with self._lock:
                    waiting, self._waiting = self._waiting, []
                for reply in waiting:
                    self._reply(self._dialer, reply)

    def _take(self, peer, request):
        kind = request.WhichOneof("body")
        if kind == "hello":
            self.hellos += 1
            self._reply(peer, pb.DialerReply(
                welcome=pb.DialerWelcome(now_us=time.time_ns() // 1000)))
        elif kind == "progress":
            self.stages.setdefault(request.progress.key, []).append(request.progress.stage)
        elif kind == "answer":
            self.fates[request.answer.key] = request.answer.fate
        elif kind == "result":
            self.told.append(request.result.key)
            self.results.setdefault(request.result.key, request.result)
            if self.is_taking:
                self._reply(peer, pb.DialerReply(
                    result_receipt=pb.DialResultReceipt(key=request.result.key)))

    def _reply(self, peer, reply):
        self._router.send_multipart([peer, reply.SerializeToString()])
