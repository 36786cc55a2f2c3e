# SPDX-License-Identifier: Apache-2.0
"""How a program may end when it has no memory, as f16_memory.py judges it; and that failing_malloc.c names who crashed."""

import signal
import subprocess
import sys

import pytest

from tests.faults.f16_memory import LIBRARY, Memory, is_in_order, no_library, where_it_crashed

NO_MEMORY = """failing_malloc: no memory for
/lib/x86_64-linux-gnu/libzmq.so.5(+0x709f8)[0x7ffff7f629f8]
"""
CRASHED = "failing_malloc: crashed in\n/lib/x86_64-linux-gnu/libc.so.6(+0x15)[0x7ffff7900015]\n"
IN_LIBZMQ = NO_MEMORY + CRASHED + "/lib/x86_64-linux-gnu/libzmq.so.5(zmq_msg_init+0x9)[0x7ffff7f629f8]\n/opt/bin/troth-intake(+0x1)[0x5]\n"
IN_OURS = NO_MEMORY + CRASHED + "/opt/bin/troth-intake(+0x48)[0x55]\n/lib/x86_64-linux-gnu/libzmq.so.5(+0x70)[0x7f]\n"
OUT_OF_MEMORY = NO_MEMORY + "time=1 level=error service=intake event=out_of_memory count=1 size=8\n"
BAD_ALLOC = NO_MEMORY + "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n"
BUG = NO_MEMORY + "time=1 level=error service=intake event=bug file=common/base/text.c line=7\n"


@pytest.mark.parametrize("status, log, wanted", [
    (1, OUT_OF_MEMORY, True),
    (1, NO_MEMORY, False),                              # without a word
    (2, OUT_OF_MEMORY, False),                          # who starts it does not start it again
    (0, OUT_OF_MEMORY, False),
    (-signal.SIGABRT, BAD_ALLOC, True),
    (-signal.SIGABRT, NO_MEMORY + "FATAL ERROR: OUT OF MEMORY (src/msg.cpp:77)\n", True),
    (-signal.SIGABRT, NO_MEMORY + "Cannot allocate memory (./src/epoll.cpp:92)\n", True),
    (-signal.SIGABRT, NO_MEMORY + "troth-intake: nss_database.c:291: nss_database_reload_1: Assertion `ret > 0' failed.\n", True),
    (-signal.SIGABRT, NO_MEMORY, False),
    (-signal.SIGABRT, BUG + BAD_ALLOC, False),
    (-signal.SIGSEGV, IN_LIBZMQ, True),
    (-signal.SIGSEGV, IN_OURS, False),
    (-signal.SIGSEGV, NO_MEMORY, False),                # nobody knows where
    (-signal.SIGKILL, OUT_OF_MEMORY, False),
])
def test_an_end_is_in_order_or_not(status, log, wanted):
    assert is_in_order(status, log, where_it_crashed(log)) is wanted


# A thread that blocks all signals, as those of libzmq do, and then writes to where nothing is.
CRASH = """
import ctypes, signal, threading
def crash():
    libc = ctypes.CDLL(None)
    libc.pthread_sigmask(signal.SIG_BLOCK, (ctypes.c_ulong * 16)(*[2**64 - 1] * 16), None)
    ctypes.memset(8, 0, 1)
thread = threading.Thread(target=crash)
thread.start()
thread.join()
"""


def test_a_crash_is_named_also_where_signals_are_blocked(tmp_path):
    if no_library():
        pytest.skip(f"SKIP: {no_library()}")
    memory = Memory(tmp_path / "memory")
    done = subprocess.run([sys.executable, "-c", CRASH], env=memory.environment(), capture_output=True, text=True, check=False)
    assert LIBRARY.exists() and done.returncode == -signal.SIGSEGV
    assert where_it_crashed(done.stderr) is not None, done.stderr
