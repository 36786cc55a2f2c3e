# SPDX-License-Identifier: Apache-2.0
"""What strangers send, for a minute in every run; 'make fuzz' takes longer and runs all of them."""

import os
import subprocess
from pathlib import Path

import pytest

SECONDS = int(os.environ.get("FUZZ_SECONDS", "60"))


def test_records_of_chance_never_harm_intake(project_root):
    build = project_root / Path(os.environ.get("TROTH_BUILD", "build"))
    if not (build / "clang-san-fuzz/tests/fuzz/intake_decode_fuzz").exists():
        pytest.skip("SKIP: the fuzzer is not built; 'make test' builds it")
    done = subprocess.run(
        [project_root / "tests/fuzz/run_fuzzers.sh", "intake_decode"],
        env={**os.environ, "BUILD": str(build), "FUZZ_SECONDS": str(SECONDS)},
        capture_output=True, text=True, timeout=SECONDS + 120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
