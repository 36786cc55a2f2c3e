# SPDX-License-Identifier: Apache-2.0
"""The examples in proto/examples run as their README says, against a real intake."""

import os
import re
import subprocess

import pytest

from tests.conftest import GEN
from tests.support.installed import BUILD, Installed
from tests.support.npm import require_modules
from tests.support.system import ROOT

EXAMPLES = ROOT / "proto/examples"


@pytest.fixture(scope="module")
def c_example(tmp_path_factory):
    folder = tmp_path_factory.mktemp("c")
    library = Installed(folder / "root")
    return [library.compile(EXAMPLES / "c/send_contact.c", folder / "send_contact")], library.env


def python_example():
    env = dict(os.environ, PYTHONPATH=str(GEN / "python"), PYTHONDONTWRITEBYTECODE="1")
    return ["/usr/bin/python3", EXAMPLES / "python/send_contact.py"], env


def node_example():
    modules = require_modules(ROOT / BUILD / "node")
    return ["node", EXAMPLES / "node/send_contact.js"], dict(os.environ, NODE_PATH=str(modules))


@pytest.fixture(params=["c", "python", "node"])
def example(request):
    if request.param == "c":
        return request.getfixturevalue("c_example")
    return {"python": python_example, "node": node_example}[request.param]()


def run(example, system, key, *more, endpoints=None):
    command, env = example
    arguments = [endpoints or system.endpoint("intake"), system.service_key("intake").public_path,
                 key.path, *more]
    return subprocess.run([str(part) for part in (*command, *arguments)], env=env, text=True,
                          capture_output=True, stdin=subprocess.DEVNULL, timeout=100, check=False)


def test_contact_gets_its_case_and_promises_and_a_repetition_the_same(system, example):
    key = system.key("garage", ["records"])
    system.start("intake")
    first = run(example, system, key, "W-17", "又坏了 again", "my-key-1")
    assert (first.returncode, first.stderr) == (0, ""), first.stderr
    assert re.match(r"accepted key=my-key-1 case=C-\d+-\d\n(promise \w+ due 20\S+Z\n)+$", first.stdout)
    fresh = run(example, system, key, "W-17", "another one")
    assert re.match(r"accepted key=[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]", fresh.stdout)
    assert system.psql("SELECT count(*) FROM intake.contact") == "2"


def test_dead_endpoint_is_passed_over(system, example):
    key = system.key("garage", ["records"])
    system.start("intake")
    done = run(example, system, key, "W-17", "text",
               endpoints=f"ipc://{system.folder}/nobody {system.endpoint('intake')}")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert done.stdout.startswith("accepted ")


def test_rejected_contact_is_told_with_its_reason(system, example):
    key = system.key("garage", ["records"])
    system.start("intake")
    done = run(example, system, key, "x" * 1000, "text")
    assert done.returncode == 1
    assert "rejected: field_too_long contact.customer_ref" in done.stderr
