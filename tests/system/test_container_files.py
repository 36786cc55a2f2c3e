# SPDX-License-Identifier: Apache-2.0
"""What docker-compose.yml mounts is what the programs read. Containers themselves are not started."""

import stat
import subprocess

import pytest

PROGRAMS = ["intake", "followup", "loyalty", "reporting", "dialer"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_accepts_its_settings_in_the_container(programs, project_root, name):
    config = project_root / "deploy/container/config" / f"{name}.conf"
    printed = output(programs / f"troth-{name}", "--config", config, "--print-config")
    assert f'key_file = "/keys/{name}/{name}.key"' in printed


@pytest.mark.parametrize("name", ["config/troth.conf", "outside.conf"])
def test_the_command_line_accepts_its_settings(programs, project_root, name):
    done = subprocess.run(
        [programs / "troth", "status", "--config", project_root / "deploy/container" / name],
        capture_output=True, text=True, timeout=30, check=False, cwd="/")
    # Nothing runs and no key is there; but the file itself is understood.
    assert "setting_" not in done.stderr + done.stdout
    assert "not ready" in done.stdout, done.stderr


def test_passwords_are_made_once_and_for_the_folders_owner_alone(project_root, tmp_path):
    script = project_root / "deploy/container/make-secrets.sh"
    folder = tmp_path / "secrets"
    output(script, folder)
    made = {path.name: path.read_text() for path in folder.iterdir()}
    compose = (project_root / "docker-compose.yml").read_text()
    mounted = {line.rsplit("/", 1)[1].rstrip('"}') for line in compose.splitlines() if "TROTH_SECRETS:-" in line}
    assert set(made) == mounted
    assert len(set(made.values())) == len(made)
    assert all(len(password) == 48 and password.isalnum() for password in made.values())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    output(script, folder)
    assert made == {path.name: path.read_text() for path in folder.iterdir()}


def output(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
