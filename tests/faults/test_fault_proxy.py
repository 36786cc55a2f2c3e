# SPDX-License-Identifier: Apache-2.0
"""The fault proxy does what it is told, over TCP and over unix sockets."""

import socket
import time

import pytest

from tests.faults.proxies import Proxy, why_no_proxy
from tests.support.system import wait_until

pytestmark = pytest.mark.skipif(why_no_proxy() is not None, reason=str(why_no_proxy()))

DEADLINE = 20.0


class Pair:
    """Both ends of a connection through the proxy."""

    def __init__(self, proxy, server):
        self.proxy = proxy
        family, address = where(proxy.address)
        self.client = socket.socket(family)
        self.client.settimeout(DEADLINE)
        self.client.connect(address)
        server.settimeout(DEADLINE)
        self.target, _ = server.accept()
        self.target.settimeout(DEADLINE)

    def ends(self):
        """Who sends and who receives, by the name of the direction."""
        return {"up": (self.client, self.target), "down": (self.target, self.client)}

    def close(self):
        self.client.close()
        self.target.close()


def where(address):
    if address.startswith("unix:"):
        return socket.AF_UNIX, address.removeprefix("unix:")
    host, port = address.rsplit(":", 1)
    return socket.AF_INET, (host, int(port))


@pytest.fixture(params=["tcp", "unix"])
def kind(request):
    return request.param


@pytest.fixture
def server(kind, tmp_path_factory):
    if kind == "tcp":
        with socket.create_server(("127.0.0.1", 0)) as listener:
            yield listener
    else:
        path = tmp_path_factory.mktemp("s") / "target"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            yield listener


@pytest.fixture
def proxy(kind, server, tmp_path_factory):
    if kind == "tcp":
        listen, target = "127.0.0.1:0", "%s:%d" % server.getsockname()
    else:
        listen, target = f"unix:{tmp_path_factory.mktemp('p') / 'proxy'}", f"unix:{server.getsockname()}"
    with Proxy(listen=listen, target=target, seed=7) as running:
        yield running


@pytest.fixture
def pair(proxy, server):
    both = Pair(proxy, server)
    yield both
    both.close()


@pytest.fixture(params=["up", "down"])
def direction(request):
    return request.param


def receive(end, count):
    """Exactly so many bytes."""
    data = b""
    while len(data) < count:
        part = end.recv(count - len(data))
        if not part:
            raise EOFError(f"{len(data)} of {count} bytes")
        data += part
    return data


def receive_to_the_end(end):
    """(all bytes, 'fin' or 'reset')"""
    data = b""
    while True:
        try:
            part = end.recv(65536)
        except ConnectionResetError:
            return data, "reset"
        if not part:
            return data, "fin"
        data += part


def is_silent(end, seconds=0.2):
    end.settimeout(seconds)
    try:
        end.recv(1)
    except TimeoutError:
        return True
    finally:
        end.settimeout(DEADLINE)
    return False


def pattern(count):
    return bytes(i * 7 % 251 for i in range(count))


def test_what_is_sent_arrives_both_ways_and_so_does_the_end(pair, direction):
    sender, receiver = pair.ends()[direction]
    sent = pattern(50_000)
    sender.sendall(sent)
    sender.shutdown(socket.SHUT_WR)
    assert receive_to_the_end(receiver) == (sent, "fin")
    receiver.sendall(b"half closed is not closed")  # as in TCP
    assert receive(sender, 25) == b"half closed is not closed"
    assert pair.proxy.status()[direction] == len(sent)


def test_latency_delays_each_piece(pair, direction):
    sender, receiver = pair.ends()[direction]
    pair.proxy.say("latency 120 jitter 0")
    begun = time.monotonic()
    sender.sendall(b"late")
    assert receive(receiver, 4) == b"late"
    assert time.monotonic() - begun >= 0.12


def test_jitter_differs_and_keeps_the_order(pair):
    pair.proxy.say("latency 5 jitter 40")
    times, sent = [], b""
    for i in range(20):
        begun = time.monotonic()
        pair.client.sendall(bytes([i]))
        sent += receive(pair.target, 1)
        times.append(time.monotonic() - begun)
    assert sent == bytes(range(20))
    assert min(times) >= 0.005
    assert max(times) - min(times) > 0.01, times
    pair.client.sendall(pattern(300))
    assert receive(pair.target, 300) == pattern(300)


def test_the_same_seed_gives_the_same_jitter(server, kind, proxy, tmp_path_factory):
    """Measured against the latency alone, since a machine adds its own."""
    def delays(seed):
        listen = "127.0.0.1:0" if kind == "tcp" else f"unix:{tmp_path_factory.mktemp('j') / 'proxy'}"
        target = "%s:%d" % server.getsockname() if kind == "tcp" else f"unix:{server.getsockname()}"
        with Proxy(listen=listen, target=target, seed=seed) as own:
            own.say("latency 0 jitter 100")
            pair = Pair(own, server)
            times = []
            for i in range(6):
                begun = time.monotonic()
                pair.client.sendall(bytes([i]))
                receive(pair.target, 1)
                times.append(time.monotonic() - begun)
            pair.close()
            return times
    first, again, other = delays(5), delays(5), delays(6)
    near = sum(abs(a - b) for a, b in zip(first, again))
    far = sum(abs(a - b) for a, b in zip(first, other))
    assert near < far, (first, again, other)


def test_bandwidth_is_kept(pair, direction):
    sender, receiver = pair.ends()[direction]
    pair.proxy.say("bandwidth 200000")
    begun = time.monotonic()
    sender.sendall(pattern(60_000))
    assert receive(receiver, 60_000) == pattern(60_000)
    seconds = time.monotonic() - begun
    assert seconds > 0.25, "60,000 bytes at 200,000 a second take 0.3 s"


def test_slices_arrive_one_by_one(pair, direction):
    sender, receiver = pair.ends()[direction]
    pair.proxy.say("slice 1")
    sender.sendall(pattern(2000))
    assert receive(receiver, 2000) == pattern(2000)
    assert pair.proxy.status()["pieces"] == 2000


@pytest.mark.parametrize("count", [0, 1, 777, 65_537])
@pytest.mark.parametrize("how", ["fin", "reset"])
def test_a_cut_comes_after_exactly_so_many_bytes(pair, direction, kind, how, count):
    sender, receiver = pair.ends()[direction]
    pair.proxy.say(f"cut-after {direction} {count} {how}")
    try:
        sender.sendall(pattern(100_000))
    except OSError:
        pass  # it may be noticed while sending
    data, end = receive_to_the_end(receiver)
    assert data == pattern(100_000)[:count]
    if kind == "tcp":  # a unix socket knows no reset without unread bytes
        assert end == how
    assert pair.proxy.status()["cut"] == 1


def test_a_cut_is_spent_and_takes_one_connection(proxy, server):
    first, second = Pair(proxy, server), Pair(proxy, server)
    proxy.say("cut-after up 10 fin")
    first.client.sendall(pattern(6))
    assert receive(first.target, 6) == pattern(6)
    second.client.sendall(pattern(6))
    assert receive_to_the_end(second.target)[0] == pattern(4)
    first.client.sendall(pattern(100))
    assert receive(first.target, 100) == pattern(100)
    assert proxy.status()["cut"] == 1 and proxy.status()["links"] == 1
    first.close()
    second.close()


def test_bytes_of_the_other_direction_do_not_count(pair):
    pair.proxy.say("cut-after down 5 fin")
    pair.client.sendall(pattern(5000))
    assert receive(pair.target, 5000) == pattern(5000)
    pair.target.sendall(b"12345678")
    assert receive_to_the_end(pair.client)[0] == b"12345"


def test_reset_ends_every_connection_at_once(proxy, server, kind):
    pairs = [Pair(proxy, server) for _ in range(3)]
    wait_until(lambda: proxy.status()["links"] == 3)
    assert proxy.say("reset") == "3"
    for pair in pairs:
        for end in (pair.client, pair.target):
            data, how = receive_to_the_end(end)
            assert data == b""
            assert how == ("reset" if kind == "tcp" else "fin")
        pair.close()
    after = Pair(proxy, server)
    after.client.sendall(b"again")
    assert receive(after.target, 5) == b"again"
    after.close()


def test_held_bytes_arrive_when_it_is_over(pair, direction):
    sender, receiver = pair.ends()[direction]
    pair.proxy.say(f"silence {direction} hold")
    sender.sendall(b"into the void")
    receiver.sendall(b"the other way works")
    assert receive(sender, 19) == b"the other way works"
    assert is_silent(receiver)
    assert pair.proxy.status()["waiting"] == 13
    pair.proxy.say("pass")
    assert receive(receiver, 13) == b"into the void"


def test_nobody_learns_of_an_end_while_it_is_silent(pair, direction):
    sender, receiver = pair.ends()[direction]
    pair.proxy.say(f"silence {direction} hold")
    sender.sendall(b"last words")
    sender.close()
    assert is_silent(receiver)
    assert pair.proxy.status()["left"] == (direction == "up")
    pair.proxy.say("pass")
    assert receive_to_the_end(receiver)[0] == b"last words"


def test_dropped_bytes_never_arrive_and_the_end_is_a_reset(pair, direction, kind):
    sender, receiver = pair.ends()[direction]
    pair.proxy.say(f"silence {direction} drop")
    sender.sendall(b"lost")
    assert is_silent(receiver)
    assert pair.proxy.status()["dropped"] == 4
    pair.proxy.say("pass")
    data, how = receive_to_the_end(receiver)
    assert data == b"" and (how == "reset" or kind == "unix")


def test_more_than_it_holds_makes_the_sender_wait(pair):
    pair.proxy.say("silence up hold")
    pair.client.settimeout(0.5)
    sent = 0
    with pytest.raises(TimeoutError):
        while sent < 64 * 1024 * 1024:
            sent += pair.client.send(bytes(65536))
    assert 4 * 1024 * 1024 <= pair.proxy.status()["waiting"] < 5 * 1024 * 1024
    pair.proxy.say("pass")
    assert len(receive(pair.target, sent)) == sent


def test_who_connects_into_silence_gets_through_afterwards(proxy, server):
    proxy.say("silence both hold")
    family, address = where(proxy.address)
    with socket.socket(family) as client, socket.socket(family) as other:
        client.connect(address)
        client.sendall(b"hello")
        other.connect(address)
        other.sendall(b"I give up")
        other.close()
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()
        proxy.say("pass")
        server.settimeout(DEADLINE)
        target, _ = server.accept()
        with target:
            target.settimeout(DEADLINE)
            assert receive(target, 5) == b"hello"


def test_pass_undoes_everything(pair):
    for command in ("latency 5000 jitter 5000", "bandwidth 1", "slice 1", "cut-after both 1 reset"):
        pair.proxy.say(command)
    pair.proxy.say("pass")
    begun = time.monotonic()
    pair.client.sendall(pattern(20_000))
    assert receive(pair.target, 20_000) == pattern(20_000)
    assert time.monotonic() - begun < 3


def test_a_target_that_is_away_closes_the_connection(kind, tmp_path):
    target = "127.0.0.1:1" if kind == "tcp" else f"unix:{tmp_path / 'nobody'}"
    with Proxy(listen="127.0.0.1:0", target=target) as proxy:
        _, address = where(proxy.address)
        with socket.socket() as client:
            client.settimeout(DEADLINE)
            try:
                client.connect(address)
                assert receive_to_the_end(client) == (b"", "reset")
            except ConnectionResetError:
                pass  # it came before connect() returned
            wait_until(lambda: proxy.status()["opened"] == 1)


@pytest.mark.parametrize("command", [
    "", "dance", "latency", "latency 5", "latency x jitter 5", "latency 5 jitter -1", "slice 1 2", "cut-after sideways 1 fin",
    "cut-after up 1", "cut-after up 1 gently", "silence up", "silence up never", "bandwidth 18446744073709551616"])
def test_what_it_does_not_understand_changes_nothing(pair, command):
    with pytest.raises(ValueError):
        pair.proxy.say(command)
    pair.client.sendall(b"still here")
    assert receive(pair.target, 10) == b"still here"


def test_it_ends_with_its_standard_input(proxy):
    proxy.process.stdin.close()
    assert proxy.process.wait(DEADLINE) == 0
