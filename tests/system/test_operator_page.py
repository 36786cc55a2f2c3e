# SPDX-License-Identifier: Apache-2.0
"""deploy/README.md as an operator reads it: its commands, in its order, on an installation that runs. A command that is new there
fails here until a test runs it."""

import os
import re
import shlex
import subprocess

import pytest

from tests.support.intake_client import IntakeClient, contact, profile
from tests.support.system import MASTER_KEYS, ROOT, System, config_text, wait_until
from tests.system.test_cli import SERVICES

PAGE = (ROOT / "deploy/README.md").read_text(encoding="utf-8")
BLOCKS = [re.sub(r"\s+#.*", "", line[4:]).strip() for line in PAGE.splitlines() if re.match(r"    (\S)", line)]
INLINE = {" ".join(one.split()) for one in re.findall(r"`((?:troth[a-z-]*|make|docker-compose|kubectl|systemctl) [^`]+)`", PAGE)}
# What is said in the middle of a sentence or in a table: who runs it, and how it is written there.
RUN_ELSEWHERE = {
    "docker-compose --profile metrics up -d": ("tests/containers/stack.py", "--profile"),
    "docker-compose up -d": ("tests/containers/stack.py", '"up", "-d"'),
    "kubectl apply -k": ("deploy/README.md", "never applied to a cluster so far"),
    "make compose-test": ("Makefile", "compose-test:"),
    "make deb": ("Makefile", "deb:"),
    "make deb-test": ("Makefile", "deb-test:"),
    "make demo": ("tests/system/test_demo.py", '"demo"'),
    "make drill": ("Makefile", "drill:"),
    "make failover-test": ("Makefile", "failover-test:"),
    "make install": ("tests/system/test_install.py", '"install"'),
    "make test": ("Makefile", "test:"),
    "make upgrade-test": ("Makefile", "upgrade-test:"),
    "troth audit key new /etc/troth/keys/audit.key --installation NAME": ("tests/system/test_erasure.py", '"audit", "key", "new"'),
    "troth audit key rotate FILE": ("tests/system/test_key_rotation.py", '"audit", "key", "rotate"'),
    "troth audit verify --key FILE --copies FILE": ("tests/system/test_retention.py", '"audit", "verify"'),
    "troth customer erase": ("deploy/README.md", "    troth customer erase "),
    "troth customer export": ("deploy/README.md", "    troth customer export "),
    "troth import": ("deploy/README.md", "    troth import "),
    "troth key finish": ("tests/system/test_key_rotation.py", '"key", "finish"'),
    "troth key finish NAME": ("tests/system/test_key_rotation.py", '"key", "finish"'),
    "troth key master /etc/troth/keys/master.keys": ("deploy/systemd/README.md", "troth key master keys/master.keys"),
    "troth key master FILE --rotate": ("deploy/README.md", "    troth key master "),
    "troth key new NAME --dir new": ("tests/system/test_cli.py", '"--dir"'),
    "troth key rotate NAME --key FILE": ("tests/system/test_cli.py", '"key", "rotate"'),
    "troth key rotate NAME --key new/NAME.pub --overlap 24h": ("tests/system/test_key_rotation.py", '"--overlap"'),
    "troth key token NAME": ("tests/system/test_key_rotation.py", '"key", "token"'),
    "troth key token NAME --overlap 24h": ("tests/system/test_key_rotation.py", '"--overlap"'),
    "troth report": ("tests/system/test_cli.py", '"report"'),
    "troth run": ("tests/system/test_run.py", '"run"'),
    "troth run --config run.conf": ("tests/system/test_run.py", '"run"'),
    "troth status --json": ("tests/system/test_status.py", '"status"'),
    "troth subscription finish NAME": ("tests/system/test_key_rotation.py", '"subscription", "finish"'),
    "troth subscription rotate NAME": ("tests/system/test_key_rotation.py", '"subscription", "rotate"'),
    "troth subscription rotate NAME --overlap 24h": ("tests/system/test_key_rotation.py", '"subscription", "rotate"'),
    "troth triage list": ("tests/system/test_triage.py", '"triage", "list"'),
    "troth triage show": ("tests/system/test_triage.py", '"triage", "show"'),
    "troth user password NAME": ("tests/system/test_web_accounts.py", '"password"'),
    "troth-intake --config intake.conf --job train-triage": ("tests/system/test_triage.py", "train-triage"),
    "troth-intake --job rewrap-keys": ("deploy/README.md", "--job rewrap-keys"),
}
MAPPING = """
name = "history";
zone = "Asia/Shanghai";
records = (
    { type = "contact"; occurred = { column = "opened"; format = "%Y-%m-%d"; };
      customer_ref = { column = "customer"; }; case_ref = { column = "number"; };
      kind = "complaint"; body = { column = "text"; }; }
);
"""
CASES = "opened,customer,number,text\n2026-01-05,4711,A-1,noise\n2026-02-06,4712,A-2,rust\n"


def test_what_the_page_says_in_a_sentence_is_run_by_the_test_that_is_named_here():
    assert INLINE == set(RUN_ELSEWHERE)
    for command, (path, words) in RUN_ELSEWHERE.items():
        assert words in (ROOT / path).read_text(encoding="utf-8"), f"{command}: {path} does not run it"


class House:
    """A folder with what the page calls /etc/troth, and what its commands are told instead of their examples."""

    def __init__(self, system, programs, folder):
        self.system, self.programs, self.folder = system, programs, folder
        self.audit = folder / "audit.key"
        assert system.run("troth", "audit", "key", "new", self.audit).returncode == 0
        self.master = folder / "master.keys"
        self.master.touch(mode=0o600)
        self.master.write_text(MASTER_KEYS)
        system.key("shop", ["records"])
        system.key("desk", ["records", "disclosure", "scores", "reports"])
        kept = {"audit_key_file": self.audit, "audit_every": "1s", "master_key_file": self.master}
        self.intake = system.start("intake", **kept)
        self.services = [self.intake, *(system.start(service) for service in SERVICES[1:])]
        (folder / "intake.conf").write_text(config_text(system.settings("intake", "job", **kept)))
        self.settings("desk.conf", system.key("desk").path)
        self.settings("history.conf", folder / "history.key")
        self.settings("officer.conf", folder / "officer.key")
        (folder / "history-mapping.conf").write_text(MAPPING)
        (folder / "cases.csv").write_text(CASES)
        self.examples = {
            "/etc/troth/keys/master.keys": self.master, "/etc/troth/intake.conf": folder / "intake.conf",
            "deploy/database/living_keys.sh": ROOT / "deploy/database/living_keys.sh",
            '"host=... user=troth_owner dbname=troth"': shlex.quote(system.conninfo()),
            "/backup/living-$(date +%F)": folder / "living", "/backup/living-2026-11-22": folder / "living",
            "systemctl reload troth-intake": f"kill -HUP {self.intake.popen.pid}",
        }

    def settings(self, name, key):
        """Of the command line, with that key."""
        values = {"key_file": key, "source": "shop", "database": self.system.conninfo("troth_operator")}
        for service in SERVICES:
            values[service] = self.system.endpoint(service)
            values[f"{service}_key"] = self.system.service_key(service).public_path
            values[f"{service}_http"] = f"unix:{self.system.http(service)}"
        (self.folder / name).write_text(config_text(values))

    def readings(self):
        """How often each service has read who may enter."""
        return [service.log().count("principals_reloaded") for service in self.services]

    def __call__(self, command, config="desk.conf", text="", statuses=(0,)):
        for example, real in self.examples.items():
            command = command.replace(example, str(real))
        environment = {"PATH": f"{self.programs}:{os.environ['PATH']}", "HOME": str(self.folder), "TROTH_CONFIG": str(self.folder / config)}
        done = subprocess.run(["bash", "-Eeuo", "pipefail", "-c", command], cwd=self.folder, env=environment, input=text, text=True,
                              capture_output=True, timeout=120, check=False)
        assert done.returncode in statuses, (command, done.stdout, done.stderr)
        return done.stdout + done.stderr


@pytest.fixture
def house(system, programs, tmp_path):
    return House(system, programs, tmp_path)


def test_the_commands_of_the_page_do_what_it_says(house, system, programs):
    page = iter(BLOCKS)

    def step(starts, **more):
        """The next command of the page, which must be that one."""
        command = next(page)
        assert command.startswith(starts), (command, starts)
        return house(command, **more)

    # What is found depends on the machine: tests/system/test_doctor.py.
    assert "data" in step("troth doctor --data", statuses=(0, 1, 2))
    assert "intake" in step("troth status", statuses=(0, 1))

    known = house.readings()
    step("troth key new history")
    assert "contact" in step("troth check mapping", config="history.conf")
    wait_until(lambda: all(now > before for now, before in zip(house.readings(), known, strict=True)), what="all to know the key")
    said = step("troth import", config="history.conf")
    house.examples["--undo ID"] = "--undo " + re.search(r"--undo (\S+)", said)[1]
    assert system.psql("SELECT count(*) FROM intake.service_case") == "2"
    step("troth import --config history.conf --undo")
    assert system.psql("SELECT count(*) FROM intake.contact WHERE NOT is_void") == "0"
    step("troth key revoke history")

    shop = IntakeClient(system.client("intake", "shop"))
    shop.send_one(profile("W-17", name="Wang", phone="+8613900000017"))
    number = shop.send_one(profile("4711", name="Li", phone="+8613900004711")).customer_number
    shop.send_one(contact("4711", body="It rattles"))
    assert "W-17" in step("troth customer export W-17") + (house.folder / "W-17.json").read_text()
    assert (house.folder / "W-17.json").stat().st_mode & 0o777 == 0o600
    assert "desk" in step("troth disclosures --customer W-17"), "the export was a reading"
    step("troth disclosures --unusual", statuses=(0, 1))

    dump = house.folder / "older.dump"
    subprocess.run(["pg_dump", "-Fc", "-f", str(dump), "-d", system.conninfo()], check=True)
    known = house.readings()
    step("troth key new officer")
    wait_until(lambda: all(now > before for now, before in zip(house.readings(), known, strict=True)), what="all to know the officer")
    assert "removed   1 of person" in step("troth customer erase 4711", config="officer.conf", text=f"{number}\n")
    house.examples["erased-K-1234567-4.json"] = f"erased-{number}.json"
    assert number in step("troth customer erased")

    step("troth key master")
    step("systemctl reload troth-intake")
    wait_until(lambda: "master_key_known" in house.intake.log(), what="intake to have the new generation")
    assert "may be taken out of the file and destroyed" in step("troth-intake --config")
    step("deploy/database/living_keys.sh save")

    name = system.cluster.next_name()
    system.psql_elsewhere(f'CREATE DATABASE "{name}"')
    older = system.cluster.conninfo(dbname=name)
    subprocess.run(["pg_restore", "-d", older, str(dump)], check=True)
    house.examples['"host=... dbname=troth_restored"'] = shlex.quote(older)
    with System(system.cluster, programs, database=name) as restored:
        persons = "SELECT count(*) FROM intake.customer WHERE wrapped_key IS NULL"
        assert restored.psql(persons) == "0"
        step("deploy/database/living_keys.sh restore")
        assert restored.psql(persons) == "1", "who was erased is erased there too"
    assert list(page) == [], "the page has more commands"
