# SPDX-License-Identifier: Apache-2.0
"""A control group whose memory is used up: the kernel kills the program in it while it works, and it comes back.

malloc never fails there (f16_memory.py is about that): a program touches a page and is gone. What uses up the memory is a
neighbour in the group, as a second container of a pod would be; the kernel has to take the program, which has said that it
wants to be the first. That the kernel did it is read from the group's own counter.

Groups of version 1 and 2 will do, inside of the one that the test itself is in.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.f01_kills import strike_all
from tests.faults.live_rig import LiveRig, needs_crash_programs
from tests.faults.trial import fault
from tests.support.system import wait_until

MIB = 1024 * 1024
LIMIT_MIB = 64
ROOT_V1, ROOT_V2 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
# Waits for a line, then takes more than there is.
NEIGHBOUR = f"import sys; sys.stdin.readline(); hoard = bytearray({2 * LIMIT_MIB * MIB}); sys.stdin.readline()"
KILL_ME_FIRST = "1000"


class Group:
    """A control group with a limit; each version has its own names."""

    def __init__(self, name, mib):
        self.is_v1 = (ROOT_V1 / "memory.limit_in_bytes").exists()
        self.path = own_folder(self.is_v1) / name
        self.path.mkdir()
        try:
            for file in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes") if self.is_v1 else ("memory.max",):
                if file != "memory.memsw.limit_in_bytes" or (self.path / file).exists():
                    (self.path / file).write_text(str(mib * MIB))
            if not self.is_v1 and (self.path / "memory.swap.max").exists():
                (self.path / "memory.swap.max").write_text("0")
        except OSError:
            self.remove()
            raise

    def add(self, pid):
        """What it has already stays on the account of the group before."""
        (self.path / "cgroup.procs").write_text(str(pid))

    def kills(self):
        """How many processes of it the kernel has killed for their memory."""
        text = (self.path / ("memory.oom_control" if self.is_v1 else "memory.events")).read_text()
        return int(dict(line.split() for line in text.splitlines())["oom_kill"])

    def remove(self):
        """When all its processes have ended."""
        wait_until(lambda: not (self.path / "cgroup.procs").read_text(), 10, "the end of a control group's processes")
        self.path.rmdir()


def own_folder(is_v1):
    """Where the groups below our own are."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if ("memory" in controllers.split(",")) if is_v1 else controllers == "":
            return (ROOT_V1 if is_v1 else ROOT_V2) / path.lstrip("/")
    raise OSError("this process is in no control group for memory")


def why_no_groups():
    try:
        Group(f"troth-probe-{os.getpid()}", LIMIT_MIB).remove()
    except OSError as error:
        return f"no control group with a memory limit can be made here: {error}"
    return needs_crash_programs()


class GroupRig(LiveRig):
    """Each program in a group of its own, from its start on."""

    def __init__(self, trial):
        super().__init__(trial)
        self.groups = {}

    def __enter__(self):
        super().__enter__()
        for name in self.programs:
            self.groups[name] = Group(f"troth-{os.getpid()}-{name}", LIMIT_MIB)
        return self

    def __exit__(self, *unused):
        super().__exit__(*unused)
        for group in self.groups.values():
            group.remove()

    def confine(self, name):
        pid = self.processes[name].pid
        self.groups[name].add(pid)
        Path(f"/proc/{pid}/oom_score_adj").write_text(KILL_ME_FIRST)

    def start(self, **options):  # pylint: disable=arguments-differ
        super().start(**options)
        for name in self.programs:
            self.confine(name)

    def start_again(self, name):
        super().start_again(name)
        self.confine(name)

    def kill(self, name):
        """Whoever of us does: the kernel. Returns when that was."""
        group, process = self.groups[name], self.processes[name]
        before = group.kills()
        with subprocess.Popen([sys.executable, "-c", NEIGHBOUR], stdin=subprocess.PIPE, text=True) as neighbour:
            try:
                group.add(neighbour.pid)
                neighbour.stdin.write("\n")
                neighbour.stdin.flush()
                wait_until(lambda: not process.is_running(), 20, f"the kernel to kill {name}")
            finally:
                neighbour.kill()
        moment = time.monotonic()
        if process.wait() != -signal.SIGKILL or group.kills() == before:
            raise AssertionError(f"{name} ended with {process.wait()}, and not for its memory:\n{process.log()[-3000:]}")
        self.start_again(name)
        return moment


@fault("F16-cgroup", "a program is killed for the memory of its control group, under load", short=3, long=500, unit="kills",
       recovery_max=3.0, control="ack_before_commit", needs=why_no_groups, hits_work=True)
def out_of_memory(trial):
    found = trial.found
    with GroupRig(trial) as rig:
        recoveries = strike_all(rig, trial)
    found.figures.update({f"{name} back after": f"{max(seconds):.2f} s at most" for name, seconds in sorted(recoveries.items())})
    return found
