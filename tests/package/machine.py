# SPDX-License-Identifier: Apache-2.0
"""A bare Debian 12 with systemd as its first process, thrown away afterwards.

    with Machine(folder) as machine:      # skips where none can run, and says why
        machine.run("systemctl is-system-running")
        machine.reboot()

The root is made once by mmdebstrap from the mirror that apt uses here, and kept in TROTH_MACHINES (/var/tmp/troth-package) as the lower layer of
an overlay; so are the archives of Debian's packages that a test installs. The machine has a network of its own that leads nowhere.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.support.system import wait_until

STATE = Path(os.environ.get("TROTH_MACHINES") or "/var/tmp/troth-package")
# What a user of the package installs beside it; its libraries come along.
ARCHIVES = ["postgresql-common", "postgresql", "sqitch", "libdbd-pg-perl", "man-db"]
MAKE_SECONDS = 900
BOOT_SECONDS = 120
CGROUPS = [Path("/sys/fs/cgroup") / one for one in ("systemd", "unified", "")]


def call(*command, seconds=300, check=True, **options):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL,
                          **options)
    if check:
        assert done.returncode == 0, (command, done.stdout[-3000:], done.stderr[-3000:])
    return done


def why_not():
    """Why no machine can run here; None when it can be tried."""
    if os.geteuid() != 0:
        return "only root can start a machine"
    for program in ("mmdebstrap", "systemd-nspawn", "nsenter"):
        if not shutil.which(program):
            return f"{program} is missing (deploy/install-packages.sh package)"
    if "overlay" not in Path("/proc/filesystems").read_text(encoding="utf-8"):
        return "the kernel has no overlayfs"
    return None


def mirror():
    """apt's sources of this machine, less what is not Debian's main part."""
    lines = call("apt-get", "indextargets", "--format", "deb $(REPO_URI) $(RELEASE) main", "Created-By: Packages").stdout
    return sorted(set(lines.splitlines()))


def make_root(package_depends):
    """The bare root with the archives in its cache; made again when the package needs others."""
    root, mark = STATE / "root", STATE / "root.made-for"
    wanted = " ".join([*ARCHIVES, *sorted(package_depends)])
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return root
    shutil.rmtree(root, ignore_errors=True)
    STATE.mkdir(parents=True, exist_ok=True)
    call("mmdebstrap", "--quiet", "--variant=minbase", "--include=systemd,systemd-sysv,dbus,ca-certificates",
         '--aptopt=Acquire::Languages "none"', f"--customize-hook=chroot $1 apt-get install --download-only --yes -qq -o APT::Install-Recommends=true {wanted}",
         "--skip=cleanup/apt", "bookworm", root, *mirror(), seconds=MAKE_SECONDS)
    mark.write_text(wanted, encoding="utf-8")
    return root


class Machine:
    def __init__(self, package_depends=()):
        reason = why_not()
        if reason:
            pytest.skip(f"SKIP: {reason}")
        self.lower = make_root(package_depends)
        self.folder = Path(tempfile.mkdtemp(prefix="run.", dir=STATE))
        self.root = self.folder / "root"
        self.nspawn = self.leader = None
        # Of a crash: what an earlier run left is not ours to keep.
        self.cgroups_before = {one / name for one in CGROUPS for name in ("payload", "supervisor") if (one / name).exists()}

    def __enter__(self):
        for name in ("upper", "work", "root"):
            (self.folder / name).mkdir()
        self.folder.chmod(0o755)
        call("mount", "-t", "overlay", "overlay", "-o",
             f"lowerdir={self.lower},upperdir={self.folder}/upper,workdir={self.folder}/work", self.root)
        try:
            (self.root / "etc/machine-id").write_text("", encoding="utf-8")
            (self.root / "etc/hostname").write_text("garage\n", encoding="utf-8")
            (self.root / "etc/hosts").write_text("127.0.0.1 localhost garage\n", encoding="utf-8")
            self.boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *unused):
        self.halt()
        call("umount", self.root, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
        for one in CGROUPS:
            for name in ("payload", "supervisor"):
                if one / name not in self.cgroups_before:
                    self.remove_cgroups(one / name)

    @staticmethod
    def remove_cgroups(folder):
        """Empty ones alone: others may run machines of their own."""
        for inner in sorted(folder.glob("**/"), reverse=True):
            try:
                inner.rmdir()
            except OSError:
                pass

    # ---- power

    def boot(self):
        # Where systemd is not the first process of this machine itself, nobody is there to register with.
        alone = [] if Path("/run/systemd/system").exists() else ["--register=no", "--keep-unit"]
        log = open(self.folder / "console.log", "ab")
        self.nspawn = subprocess.Popen(
            # Ends with the tests, whatever ends them.
            ["setpriv", "--pdeathsig", "TERM", "systemd-nspawn", "--quiet", "--directory", self.root, "--boot", "--private-network", "--console=pipe", "--machine",
             f"troth-{os.getpid()}", *alone], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        log.close()
        try:
            wait_until(self.find_leader, seconds=30, what="the machine has a first process")
            wait_until(lambda: self.run("systemctl is-system-running", check=False).stdout.strip() in ("running", "degraded"),
                       seconds=BOOT_SECONDS, what="systemd has started everything")
        except AssertionError:
            console = (self.folder / "console.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
            self.halt()
            if not console or "Welcome" not in " ".join(console):
                pytest.skip("SKIP: systemd does not start in a container here: " + (console or ["it says nothing"])[-1])
            raise

    def find_leader(self):
        assert self.nspawn.poll() is None, "the machine has ended"
        for line in Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children").read_text(encoding="utf-8").split():
            self.leader = int(line)
        return self.leader and Path(f"/proc/{self.leader}/root/run/systemd/system").exists()

    def halt(self):
        if self.nspawn is None:
            return
        self.nspawn.terminate()  # asks the first process to shut down
        try:
            self.nspawn.wait(90)
        except subprocess.TimeoutExpired:
            os.killpg(self.nspawn.pid, signal.SIGKILL)
            if self.leader:
                os.kill(self.leader, signal.SIGKILL)  # ends its whole process namespace
            self.nspawn.wait(30)
        self.nspawn = self.leader = None

    def reboot(self):
        self.halt()
        self.boot()

    # ---- what happens inside

    def run(self, script, seconds=300, check=True):
        """A script of bash, as root."""
        return call("nsenter", "--target", self.leader, "--all", "--", "/usr/bin/env", "-i", "HOME=/root", "LANG=C.UTF-8", "LC_ALL=C.UTF-8",
                    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "TERM=dumb",
                    "bash", "-Eeuo", "pipefail", "-c", "cd /root\n" + script, seconds=seconds, check=check)

    def says(self, script, **options):
        return self.run(script, **options).stdout.strip()

    def put(self, source, folder="/root"):
        shutil.copy(source, self.root / folder.lstrip("/"))
