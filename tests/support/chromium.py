# SPDX-License-Identifier: Apache-2.0
"""Debian's Chromium, driven by playwright-core: tests/browser/driver.mjs, and what it needs from npm.

    with Chromium(world, pictures) as chromium:
        chromium.play("pages.isSound", page={...})     # raises BrowserFailed with what it saw
"""

import json
import os
import queue
import shutil
import subprocess
import threading

import pytest

from tests.support.installed import BUILD
from tests.support.npm import require_modules
from tests.support.system import ROOT

MODULES = ROOT / BUILD / "node-browser"
PATIENCE = 240  # a scenario; it gives up by itself before


class BrowserFailed(Exception):
    """Carries what the scenario said; no Python traceback would help."""


def programs():
    """(node, chromium). Skips when there is nothing to run here, fails when it was not installed."""
    require_modules(MODULES)
    found = shutil.which("node"), shutil.which("chromium")
    if None in found:
        pytest.skip("SKIP: node or chromium is not installed")
    return found


class Chromium:
    def __init__(self, world, pictures):
        node, chromium = programs()
        self.world = {"url": world.url, "password": world.password, "pictures": str(pictures)}
        self.errors = []
        self.lines = queue.Queue()
        self.process = subprocess.Popen(
            [node, ROOT / "tests/browser/driver.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=dict(os.environ, TROTH_BROWSER_MODULES=str(MODULES), TROTH_CHROMIUM=chromium))
        for pipe, take in ((self.process.stdout, self.lines.put), (self.process.stderr, self.errors.append)):
            threading.Thread(target=self.read, args=(pipe, take), daemon=True).start()

    def read(self, pipe, take):
        for line in pipe:
            take(line)
        take("" if pipe is self.process.stdout else "\n")

    def __enter__(self):
        try:
            self.answer("the start of the browser")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *what):
        self.close()

    def play(self, scenario, **args):
        self.process.stdin.write(json.dumps({"scenario": scenario, "world": self.world, "args": args}) + "\n")
        self.process.stdin.flush()
        return self.answer(scenario)

    def answer(self, what):
        try:
            line = self.lines.get(timeout=PATIENCE)
        except queue.Empty:
            line = ""
        if not line:
            raise BrowserFailed(f"{what}: no answer; {''.join(self.errors)[-3000:]}")
        answer = json.loads(line)
        if not answer["ok"]:
            raise BrowserFailed(f"{what}: {answer['error']}")
        return answer["result"]

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
