# SPDX-License-Identifier: Apache-2.0
"""A ZMTP 3.0 peer with CURVE by hand (ZeroMQ RFC 23 and 26), for what libzmq would not send.

    peer = CurvePeer(path, key, server_key)      # a unix socket; the handshake is done
    peer.send_frame(b"...", is_more=True)
"""

import ctypes
import ctypes.util
import os
import socket
import struct

import zmq.utils.z85

sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
MAC = 16  # bytes that a box is longer than its text


def new_pair():
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    sodium.crypto_box_keypair(public, secret)
    return public.raw, secret.raw


def box(text, nonce, public, secret):
    out = ctypes.create_string_buffer(len(text) + MAC)
    sodium.crypto_box_easy(out, text, ctypes.c_ulonglong(len(text)), nonce, public, secret)
    return out.raw


def open_box(data, nonce, public, secret):
    out = ctypes.create_string_buffer(len(data) - MAC)
    if sodium.crypto_box_open_easy(out, data, ctypes.c_ulonglong(len(data)), nonce, public, secret):
        raise ValueError("a box that is not for us")
    return out.raw


class CurvePeer:
    def __init__(self, path, key, server_key):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(10)
        self.socket.connect(str(path))
        self.nonce = 0
        self._shake_hands(zmq.utils.z85.decode(key.public), zmq.utils.z85.decode(key.secret),
                          zmq.utils.z85.decode(server_key.public))

    def close(self):
        self.socket.close()

    def send_frame(self, data, is_more=False):
        """One frame of a message."""
        self.nonce += 1
        short = struct.pack(">Q", self.nonce)
        text = (b"\x01" if is_more else b"\x00") + data
        sealed = box(text, b"CurveZMQMESSAGEC" + short, self._their_public, self._our_secret)
        self._write(0, b"\x07MESSAGE" + short + sealed)

    def _shake_hands(self, public, secret, server):
        mechanism = b"CURVE".ljust(20, b"\0")
        self.socket.sendall(b"\xff" + b"\0" * 8 + b"\x7f\x03\x00" + mechanism + b"\0" * 32)
        self._read(64)
        ours, self._our_secret = new_pair()
        short = self._next()
        self._write(4, b"\x05HELLO\x01\x00" + b"\0" * 72 + ours + short
                    + box(b"\0" * 64, b"CurveZMQHELLO---" + short, server, self._our_secret))
        welcome = self._read_command(b"\x07WELCOME")
        opened = open_box(welcome[16:], b"WELCOME-" + welcome[:16], server, self._our_secret)
        self._their_public, cookie = opened[:32], opened[32:]
        long = os.urandom(16)
        vouch = box(ours + server, b"VOUCH---" + long, self._their_public, secret)
        metadata = b"\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER"
        short = self._next()
        self._write(4, b"\x08INITIATE" + cookie + short
                    + box(public + long + vouch + metadata, b"CurveZMQINITIATE" + short,
                          self._their_public, self._our_secret))
        self._read_command(b"\x05READY")

    def _next(self):
        self.nonce += 1
        return struct.pack(">Q", self.nonce)

    def _write(self, flags, body):
        size = struct.pack(">BQ", flags | 2, len(body)) if len(body) > 255 else bytes(
            [flags, len(body)])
        self.socket.sendall(size + body)

    def _read(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise ConnectionError("the other side has closed")
            data += part
        return data

    def _read_command(self, name):
        flags = self._read(1)[0]
        size = struct.unpack(">Q", self._read(8))[0] if flags & 2 else self._read(1)[0]
        body = self._read(size)
        if not body.startswith(name):
            raise ConnectionError(f"instead of {name}: {body[:20]}")
        return body[len(name):]
