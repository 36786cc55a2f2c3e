# SPDX-License-Identifier: Apache-2.0
"""What comes from the npm registry: a test that needs it is skipped where the registry cannot be reached, and fails where the
packages could not be installed for any other reason."""

import re

import pytest

# DNS, network, or a proxy whose certificate this machine does not know.
OUT_OF_REACH = re.compile(r"ENOTFOUND|EAI_AGAIN|E\w*TIMEDOUT|ECONN\w+|ENETUNREACH|\w*CERT\w*")


def require_modules(folder, how="make node-modules"):
    """Returns the folder's node_modules, as installed by make."""
    modules, log = folder / "node_modules", folder / "npm.log"
    if not (modules / ".package-lock.json").exists():
        text = log.read_text() if log.exists() else f"'{how}' was not run"
        code = OUT_OF_REACH.search(text)
        if code:
            pytest.skip(f"SKIP: npm's registry cannot be reached: {code.group()}")
        pytest.fail(f"npm could not install the packages: {text}")
    return modules
