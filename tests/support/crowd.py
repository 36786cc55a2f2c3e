# SPDX-License-Identifier: Apache-2.0
"""Many connections at once, as a process of its own: descriptors are limited for each process.

    python3 -m tests.support.crowd idle ENDPOINT SERVER_KEY PUBLIC SECRET COUNT
        opens COUNT authenticated connections that say nothing, prints 'open', and closes them when
        its standard input ends
    python3 -m tests.support.crowd garbage HOST PORT COUNT SEED
        makes COUNT connections, each of which sends one kind of rubbish; prints 'done'
"""

import random
import selectors
import socket
import sys
import time

import zmq

AT_ONCE = 50  # connections that are being made at any moment
STUCK = 5.0  # seconds after which one is made anew: libzmq does not always try again by itself


def idle(endpoint, server_key, public, secret, count):
    context = zmq.Context()
    context.set(zmq.MAX_SOCKETS, count + 100)
    waiting, opened = {}, []
    poller = zmq.Poller()
    while len(opened) < count:
        while len(waiting) < AT_ONCE and len(waiting) + len(opened) < count:
            one = context.socket(zmq.DEALER)
            one.linger = 0
            one.immediate = True
            one.curve_serverkey, one.curve_publickey, one.curve_secretkey = server_key, public, secret
            one.connect(endpoint)
            poller.register(one, zmq.POLLOUT)
            waiting[one] = time.monotonic()
        for one, _ in poller.poll(1000):
            poller.unregister(one)
            del waiting[one]
            opened.append(one)
        for one in [one for one, since in waiting.items() if time.monotonic() - since > STUCK]:
            poller.unregister(one)
            del waiting[one]
            one.close()
    print("open", flush=True)
    sys.stdin.read()


GREETING = b"\xff" + b"\0" * 8 + b"\x7f\x03\x00"  # ZMTP 3.0


def rubbish(chance):
    """What one connection sends: from nothing to nearly a handshake."""
    mechanisms = [b"CURVE", b"NULL", b"PLAIN", b"GSSAPI", b"\xff" * 20]
    greeting = GREETING + chance.choice(mechanisms).ljust(20, b"\0") + b"\0" + b"\0" * 31
    hello = b"\x04\xc8\x05HELLO\x01\x00" + chance.randbytes(192)
    return chance.choice([
        b"",
        chance.randbytes(chance.randrange(1, 200)),
        GREETING[: chance.randrange(1, len(GREETING))],
        b"GET / HTTP/1.1\r\nHost: troth\r\n\r\n",
        b"\x16\x03\x01\x02\x00" + chance.randbytes(64),  # TLS
        greeting[: chance.randrange(10, 64)],
        greeting,
        greeting + hello,
        greeting + hello[: chance.randrange(1, 200)],
        greeting + b"\x04\x05READY" + chance.randbytes(30),
        greeting + b"\x02\x7f\xff\xff\xff\xff\xff\xff\xff" + chance.randbytes(50),
        greeting + chance.randbytes(300),
    ])


def send(one, chance):
    """True: wait until the server closes it."""
    try:
        one.send(rubbish(chance))
    except OSError:
        return False
    return chance.random() < 0.02


def is_ended(one):
    try:
        return not one.recv(4096)
    except OSError:
        return True


def garbage(host, port, count, seed):
    """Most are cut off after they have sent; some are left to the server to end."""
    chance = random.Random(seed)
    selector = selectors.DefaultSelector()
    made = 0
    while made < count or selector.get_map():
        while made < count and len(selector.get_map()) < AT_ONCE:
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex((host, port))
            selector.register(one, selectors.EVENT_WRITE)
            made += 1
        for key, _ in selector.select(1):
            if key.events == selectors.EVENT_WRITE and send(key.fileobj, chance):
                selector.modify(key.fileobj, selectors.EVENT_READ)
            elif key.events == selectors.EVENT_WRITE or is_ended(key.fileobj):
                selector.unregister(key.fileobj)
                key.fileobj.close()
    print("done", flush=True)


def main():
    what, *arguments = sys.argv[1:]
    if what == "idle":
        endpoint, *keys, count = arguments
        idle(endpoint, *(key.encode() for key in keys), int(count))
    else:
        host, port, count, seed = arguments
        garbage(host, int(port), int(count), int(seed))


if __name__ == "__main__":
    main()
