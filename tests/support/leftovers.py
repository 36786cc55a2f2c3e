# SPDX-License-Identifier: Apache-2.0
"""What runs that were killed left under /tmp: folders named PREFIX<process>-..., and the processes that work in them."""

import contextlib
import os
import shutil
import signal
from pathlib import Path


def abandoned(prefix):
    """Folders whose process, which would have removed them, is gone."""
    for folder in Path("/tmp").glob(f"{prefix}*"):
        owner = folder.name[len(prefix):].split("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists():
            yield folder


def remove_leftovers(prefix):
    """With the processes that were started on a file in such a folder."""
    for folder in abandoned(prefix):
        for process in Path("/proc").glob("[0-9]*"):
            if works_in(process, folder):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(process.name), signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


def works_in(process, folder):
    try:
        arguments = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return False
    return any(one.startswith(f"{folder}/") or f"={folder}/" in one for one in arguments)
