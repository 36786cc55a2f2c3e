# SPDX-License-Identifier: Apache-2.0
"""Ends one thread of another process, and nothing else of it: what no signal can do.

The thread is stopped with ptrace, made to call exit(2) itself, and let go. x86-64 and aarch64.
"""

import ctypes
import os
import platform
import signal
from pathlib import Path

PTRACE_CONT, PTRACE_POKETEXT, PTRACE_PEEKTEXT = 7, 4, 1
PTRACE_GETREGSET, PTRACE_SETREGSET, PTRACE_SEIZE, PTRACE_INTERRUPT = 0x4204, 0x4205, 0x4206, 0x4207
NT_PRSTATUS = 1
WALL = 0x40000000  # wait for threads too
EXIT = {"x86_64": 60, "aarch64": 93}
# Where in the registers the number of the call, its first argument and the program counter stand.
PLACES = {"x86_64": (10, 14, 16), "aarch64": (8, 0, 32)}
ORIGINAL_CALL = 15  # of x86-64: -1 keeps the kernel from restarting the call that was interrupted
SYSCALL = {"x86_64": b"\x0f\x05", "aarch64": b"\x01\x00\x00\xd4"}


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]


libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def ptrace(request, tid, address=0, data=0):
    ctypes.set_errno(0)
    if libc.ptrace(request, tid, address, data) == -1 and ctypes.get_errno():
        raise OSError(ctypes.get_errno(), f"ptrace {request}")


def thread_named(pid, name):
    """Its number; None when there is none of that name."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            return int(task.name)
    return None


def end_thread(pid, tid):
    machine = platform.machine()
    ptrace(PTRACE_SEIZE, tid)
    ptrace(PTRACE_INTERRUPT, tid)
    os.waitpid(tid, WALL)
    words = (ctypes.c_ulonglong * 64)()
    vector = Vector(ctypes.addressof(words), ctypes.sizeof(words))
    ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, ctypes.addressof(vector))
    call, argument, counter = PLACES[machine]
    words[call], words[argument] = EXIT[machine], 0
    words[counter] = find_syscall(pid, SYSCALL[machine])
    if machine == "x86_64":
        words[ORIGINAL_CALL] = (1 << 64) - 1
    ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, ctypes.addressof(vector))
    ptrace(PTRACE_CONT, tid)
    _, status = os.waitpid(tid, WALL)
    while os.WIFSTOPPED(status):
        ptrace(PTRACE_CONT, tid, 0, 0 if os.WSTOPSIG(status) == signal.SIGTRAP else os.WSTOPSIG(status))
        _, status = os.waitpid(tid, WALL)


def find_syscall(pid, instruction):
    """The address of one in the code of libc."""
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        parts = line.split()
        if len(parts) == 6 and "x" in parts[1] and "libc" in parts[5]:
            begin, end = (int(part, 16) for part in parts[0].split("-"))
            with open(f"/proc/{pid}/mem", "rb") as memory:
                memory.seek(begin)
                at = memory.read(end - begin).find(instruction)
            if at >= 0:
                return begin + at
    raise LookupError("no call instruction in libc")
