# SPDX-License-Identifier: Apache-2.0
"""Sends one contact to intake and prints its case and promises.

    python3 send_contact.py ENDPOINTS INTAKE.pub OUR.key CUSTOMER TEXT [KEY]

KEY names the record. Whoever repeats a call whose end he does not know gives the same one: the
contact is stored once, whatever happened the first time.
"""

import datetime
import itertools
import os
import sys
import time

import intake_pb2 as pb  # made by protoc, see the README
import zmq

PATIENCE_S = 30  # then we give up; the record may have been stored or not
ANSWER_S = 5     # a receipt normally takes milliseconds


def uuid7():
    """RFC 9562: 48 bits of milliseconds, version and variant, the rest random."""
    value = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def read_key(path, name):
    with open(path, encoding="ascii") as lines:
        return next(line.split("=", 1)[1].strip() for line in lines if line.startswith(name))


def connect(context, endpoint, server_key_file, key_file):
    socket = context.socket(zmq.DEALER)
    socket.immediate = 1  # no queue for a peer that is not there
    socket.linger = 0
    socket.curve_serverkey = read_key(server_key_file, "public-key").encode()
    socket.curve_publickey = read_key(key_file, "public-key").encode()
    socket.curve_secretkey = read_key(key_file, "secret-key").encode()
    socket.connect(endpoint)
    return socket


def attempt(socket, record):
    """One try: a receipt for this record, or None. A send that worked proves nothing."""
    request = pb.IntakeRequest(records=pb.RecordBatch(records=[record]))
    until = time.monotonic() + ANSWER_S
    if not socket.poll(ANSWER_S * 1000, zmq.POLLOUT):
        return None
    socket.send(request.SerializeToString())
    while socket.poll(max(0, int((until - time.monotonic()) * 1000))):
        reply = pb.IntakeReply.FromString(socket.recv())
        if reply.HasField("error") and not reply.error.HasField("retry_after_us"):
            sys.exit(f"refused: {reply.error.code}: {reply.error.text}")
        for receipt in reply.receipts.receipts:
            if receipt.key == record.key:
                return receipt
    return None


def send(record, endpoints, server_key_file, key_file):
    """Sends it, always under the same key, until intake has said what became of it. Each try has a
    new socket and the next endpoint: who was refused once is not connected again by ZeroMQ."""
    context = zmq.Context.instance()
    give_up = time.monotonic() + PATIENCE_S
    for endpoint in itertools.cycle(endpoints.split()):
        with connect(context, endpoint, server_key_file, key_file) as socket:
            receipt = attempt(socket, record)
        if receipt is not None and receipt.status != pb.RECEIPT_STATUS_RETRY:
            return receipt
        if time.monotonic() > give_up:
            return None
        if receipt is not None:
            time.sleep(min(receipt.retry_after_us / 1e6, PATIENCE_S))


def main(endpoints, server_key_file, key_file, customer, text, key=None):
    record = pb.Record(key=key or uuid7(), occurred_us=time.time_ns() // 1000)
    record.contact.customer_ref = customer
    record.contact.kind = pb.CONTACT_KIND_COMPLAINT
    record.contact.channel = "phone"
    record.contact.body = text
    receipt = send(record, endpoints, server_key_file, key_file)
    if receipt is None:
        sys.exit(f"no receipt: try again later with the key {record.key}")
    if receipt.status == pb.RECEIPT_STATUS_REJECTED:
        sys.exit(f"rejected: {receipt.code} {receipt.field}: {receipt.text}")
    status = pb.ReceiptStatus.Name(receipt.status).removeprefix("RECEIPT_STATUS_").lower()
    print(f"{status} key={receipt.key} case={receipt.case_number}")
    for promise in receipt.promises:
        due = datetime.datetime.fromtimestamp(promise.due_us // 1_000_000, datetime.timezone.utc)
        print(f"promise {promise.kind} due {due:%Y-%m-%dT%H:%M:%SZ}")


if __name__ == "__main__":
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    main(*sys.argv[1:7])
