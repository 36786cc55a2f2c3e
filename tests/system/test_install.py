# SPDX-License-Identifier: Apache-2.0
"""What 'make install' puts where: programs that run from there, units that systemd takes and that confine, and a manual page for each
program and file format that says what --help says. tests/package tries the same on a machine of its own."""

import os
import re
import shutil
import subprocess

import pytest

from tests.support.installed import make
from tests.support.system import ROOT

# One worker: 'make' must not run twice at once in one build folder.
pytestmark = pytest.mark.xdist_group("install")

PREFIX = "/opt/care"
SERVICES = ["intake", "followup", "loyalty", "reporting", "dialer"]
EXPOSURE = "15"  # systemd-analyze shows it as 1.5; all have 1.4 or less
UTF8 = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("install")
    make("install", f"DESTDIR={folder}", f"prefix={PREFIX}")
    return folder


@pytest.fixture(scope="module")
def units(installed):
    return installed / PREFIX.lstrip("/") / "lib/systemd/system"


@pytest.fixture(scope="module")
def pages(installed):
    return {page.name: page for page in (installed / PREFIX.lstrip("/") / "share/man").glob("man*/*")}


def run(*command, **options):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, check=False, env=UTF8,
                          stdin=subprocess.DEVNULL, **options)


def names(folder):
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*"))


# ---- files


def test_everything_is_below_the_prefix_and_modes_do_not_depend_on_the_umask(installed):
    assert [one.name for one in installed.iterdir()] == ["opt"]
    assert [one.name for one in (installed / "opt").iterdir()] == ["care"]
    for one in installed.rglob("*"):
        if not one.is_symlink():
            mode = one.stat().st_mode & 0o777
            assert mode in ((0o755,) if one.is_dir() else (0o644, 0o755)), (one, oct(mode))
    for one in ("bin/troth", "bin/troth-intake", "share/troth/database/migrate.sh"):
        assert os.access(installed / "opt/care" / one, os.X_OK), one


def test_no_file_names_the_folder_it_was_built_or_put_in(installed):
    for one in installed.rglob("*"):
        if one.is_file() and one.suffix not in (".a", ".so") and one.parent.name != "bin" and ".so." not in one.name:
            text = one.read_bytes()
            assert str(installed).encode() not in text and str(ROOT).encode() not in text, one
            assert not re.search(rb"@[a-z]+dir@", text), one


def test_programs_run_from_there(installed):
    for name in ["troth", "troth-proof", *(f"troth-{one}" for one in SERVICES)]:
        done = run(installed / "opt/care/bin" / name, "--version")
        assert done.returncode == 0 and re.fullmatch(rf"{name} \d+\.\d+\.\d+\n", done.stdout), done


def test_samples_are_taken_by_the_programs_and_name_the_prefix(installed):
    examples = installed / "opt/care/share/doc/troth/examples"
    programs = installed / "opt/care/bin"
    for one in SERVICES:
        done = run(programs / f"troth-{one}", "--config", examples / f"{one}.conf", "--print-config")
        assert done.returncode == 0, done.stderr
    assert "/opt/care/share/troth/web" in (examples / "reporting.conf").read_text(encoding="utf-8")
    assert run(programs / "troth", "standards", "check", examples / "standards.conf").returncode == 0
    assert run(programs / "troth", "rules", "check", examples / "followups.conf").returncode == 0


def test_uninstall_removes_what_install_put_and_nothing_else(installed, tmp_path):
    shutil.copytree(installed, tmp_path / "root", symlinks=True)
    other = tmp_path / "root/opt/care/bin/somebody-elses"
    own = tmp_path / "root/opt/care/share/troth/database/notes.txt"
    for one in (other, own):
        one.write_text("mine\n", encoding="utf-8")
    make("uninstall", f"DESTDIR={tmp_path / 'root'}", f"prefix={PREFIX}")
    left = [one for one in names(tmp_path / "root") if not (tmp_path / "root" / one).is_dir()]
    assert left == ["opt/care/bin/somebody-elses", "opt/care/share/troth/database/notes.txt"]


# ---- units


def test_units_run_the_installed_programs_and_read_etc(units, installed):
    started = {}
    for unit in units.glob("*.service"):
        command = re.search(r"^ExecStart=(\S+)(.*)$", unit.read_text(encoding="utf-8"), re.M)
        assert (installed / command[1].lstrip("/")).exists(), (unit, command[0])
        assert "--config /etc/troth/" in command[2], (unit, command[0])
        started.setdefault(command[1].rpartition("/")[2], []).append(unit.name)
    assert set(started) == {"troth", *(f"troth-{one}" for one in SERVICES)}, started


def test_the_target_enables_each_unit_that_needs_no_name(units):
    also = " ".join(re.findall(r"^Also=(.*)$", (units / "troth.target").read_text(encoding="utf-8"), re.M)).split()
    can_be_enabled = {unit.name for unit in units.iterdir() if "[Install]" in unit.read_text(encoding="utf-8")}
    assert set(also) == {name for name in can_be_enabled if "@" not in name} - {"troth.target"}
    timed = {re.search(r"^Unit=(.*)$", unit.read_text(encoding="utf-8"), re.M)[1] for unit in units.glob("*.timer")}
    for name in timed:
        assert (units / re.sub(r"@.+\.", "@.", name)).exists(), name


def test_timers_start_jobs_that_the_programs_have(units, installed):
    for unit in units.glob("*.timer"):
        job = re.search(r"^Unit=troth-(\w+)-job@(.+)\.service$", unit.read_text(encoding="utf-8"), re.M)
        if job:
            help_text = run(installed / f"opt/care/bin/troth-{job[1]}", "--help").stdout
            assert re.search(rf"^  {job[2]} ", help_text, re.M), unit


def test_systemd_takes_the_units(units, installed, tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("SKIP: systemd-analyze is missing")
    # The programs must be where the units say; the rest of a system is not looked at.
    for unit in units.iterdir():
        text = unit.read_text(encoding="utf-8").replace(f"={PREFIX}/", f"={installed}{PREFIX}/")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    for name in sorted(one.name for one in units.iterdir()):
        instance = name.replace("@.", "@one.")
        if instance != name:
            (tmp_path / instance).symlink_to(name)
        done = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", tmp_path / instance)
        said = [line for line in done.stderr.splitlines() if "troth" in line]
        assert done.returncode == 0 and said == [], (name, said, done.stderr[-500:])


def test_units_confine_what_they_run(units):
    if not shutil.which("systemd-analyze"):
        pytest.skip("SKIP: systemd-analyze is missing")
    for unit in units.glob("*.service"):
        done = run("systemd-analyze", "--no-pager", "security", "--offline=true", f"--threshold={EXPOSURE}", unit)
        assert done.returncode == 0, (unit.name, done.stdout.splitlines()[-1:], done.stderr)


def test_an_open_unit_is_found_out(units, tmp_path):
    """The control of the test before."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("SKIP: systemd-analyze is missing")
    text = (units / "troth-intake.service").read_text(encoding="utf-8")
    (tmp_path / "troth-intake.service").write_text(re.sub(r"^(System|Restrict|User|Cap).*\n", "", text, flags=re.M), encoding="utf-8")
    done = run("systemd-analyze", "--no-pager", "security", "--offline=true", f"--threshold={EXPOSURE}", tmp_path / "troth-intake.service")
    assert done.returncode != 0


def test_users_and_folders_are_made_as_the_units_want_them(units, installed, tmp_path):
    if not shutil.which("systemd-sysusers"):
        pytest.skip("SKIP: systemd-sysusers is missing")
    (tmp_path / "etc").mkdir()
    run("systemd-sysusers", f"--root={tmp_path}", installed / "opt/care/lib/sysusers.d/troth.conf")
    users = {line.split(":")[0] for line in (tmp_path / "etc/passwd").read_text(encoding="utf-8").splitlines()}
    wanted = {name for unit in units.glob("*.service") for name in re.findall(r"^User=(.*)$", unit.read_text(encoding="utf-8"), re.M)}
    assert wanted <= users
    rows = (installed / "opt/care/lib/tmpfiles.d/troth.conf").read_text(encoding="utf-8").splitlines()
    for row in (line.split() for line in rows if line and line[0] != "#"):
        assert row[0] in "dz" and row[3] in users | {"root"}, row


# ---- manual pages


def rendered(page):
    done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", page], capture_output=True, text=True, timeout=60, check=True,
                          env={**UTF8, "MANWIDTH": "1000", "MAN_KEEP_FORMATTING": "", "MANPAGER": "cat"})
    assert done.stderr == "", (page, done.stderr)
    return done.stdout


def options_in(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def commands(installed):
    listed = run(installed / "opt/care/bin/troth", "--help").stdout
    return re.findall(r"^  ([a-z]+) ", re.search(r"Commands:\n(.*?)\n\n", listed, re.S)[1], re.M)


def test_each_program_and_each_file_format_has_its_page(installed, pages):
    for program in (installed / "opt/care/bin").iterdir():
        section = 8 if program.name.removeprefix("troth-") in SERVICES else 1
        assert f"{program.name}.{section}" in pages, program
    for name in commands(installed):
        assert f"troth-{name}.1" in pages, name
    shown = "".join(page.read_text(encoding="utf-8") for page in pages.values()).replace("\\-", "-")
    for sample in (ROOT / "deploy/config").glob("*.conf"):
        assert f".Sh SAMPLE {sample.name}" in shown, sample


def test_pages_say_each_option_that_help_says_and_no_other(installed, pages):
    if not shutil.which("man"):
        pytest.skip("SKIP: man is missing (deploy/install-packages.sh package)")
    programs = installed / "opt/care/bin"
    asked = {f"troth-{name}.1": [programs / "troth", name] for name in commands(installed)}
    asked |= {f"troth-{name}.8": [programs / f"troth-{name}"] for name in SERVICES}
    asked["troth-proof.1"] = [programs / "troth-proof"]
    for page, command in asked.items():
        said = options_in(run(*command, "--help").stdout)
        text = rendered(pages[page])
        if page == "troth-send.1":
            kinds = re.findall(r"^   ([a-z-]+)$", re.search(r"^KINDS OF RECORDS$(.*?)^[A-Z]", text, re.M | re.S)[1], re.M)
            assert len(kinds) > 10
            for kind in kinds:
                said |= options_in(run(programs / "troth", "send", kind, "--help").stdout)
        assert options_in(text) == said, page


def test_pages_of_services_say_each_setting_with_its_default(installed, pages):
    for name in SERVICES:
        said = re.findall(r"^  (\w+) \((.*default .*)\)$", run(installed / f"opt/care/bin/troth-{name}", "--help").stdout, re.M)
        text = rendered(pages[f"troth-{name}.8"])
        shown = re.findall(r"^     (\w+) \((.*default .*)\)$", text, re.M)
        assert len(said) > 10 and shown == said, name


def test_pages_have_no_mistakes_that_mandoc_finds(pages):
    if not shutil.which("mandoc"):
        pytest.skip("SKIP: mandoc is missing (deploy/install-packages.sh package)")
    done = run("mandoc", "-T", "lint", "-W", "warning", *pages.values())
    assert done.returncode == 0, done.stdout


def test_links_between_pages_lead_somewhere(pages):
    for page in pages.values():
        for name, section in re.findall(r"^\.Xr (\S+) (\d)", page.read_text(encoding="utf-8"), re.M):
            assert f"{name}.{section}" in pages or name in ("systemctl",), (page.name, name)
