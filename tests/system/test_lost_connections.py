# SPDX-License-Identifier: Apache-2.0
"""A connection to PostgreSQL that ends at any step: who asked is told, whoever asks again gets it, and no work is lost or done twice.

Each way to ask is tried with its first step lost, then with its second, until it has no more steps.
"""

import re
import subprocess

import intake_pb2 as intake
import pytest

from tests.support import ledger
from tests.support.load import Sender, garage_records
from tests.support.lost_steps import LIBRARY, LostSteps
from tests.support.office import Office
from tests.support.stage import PROGRAMS, Stage
from tests.support.system import System, config_text, wait_until
from tests.support.web_login import ADMIN, AGENT, BEHIND_PROXY, MANAGER, Dashboard

pytestmark = pytest.mark.skipif("-san" in str(LIBRARY), reason="SKIP: the sanitizers have to be loaded first")

STEPS_MAX = 12
DAYS = "from=2025-12-01&to=2026-01-31"
OK, REFUSED, BROKEN, NO_ANSWER = range(4)
# What they print says how old something is, or how fast the disk was.
CHANGING = {"status", "doctor", "audit"}

READING = [
    "case references", "followups --ended done,missed,failed", "followups --by-rule", "followups --zone-unknown",
    "followups --moved", "followups --explain {follow_up}", "status", "status --json", "doctor", "check --orphans",
    "key list", "user list", "subscription list", "subscription dead", "forecast", "standards list",
    "standards explain {case}", "survey", "survey --by team", "model show", "model show churn", "model compare purchases",
    "disclosures", "disclosures --days", "disclosures --unusual", "audit head", "audit verify --key {audit_key}",
    "audit prove {case} --key {audit_key}", "rules explain {customer}", "rules simulate --from 2026-01-01 --to 2026-01-02",
    "triage list", "customer export li-0 --output {folder}/export",
]
# In this order; {n} is another number each time, so that what was done after all is not in the way.
CHANGING_SOMETHING = [
    "key new k{n} --register --dir {folder}", "key token k{n}", "key token k{n} --none", "key finish k{n}", "key revoke k{n}",
    "user add u{n} --role agent --no-password", "user set u{n} --staff s{n}", "user disable u{n}", "user enable u{n}",
    "subscription add s{n} --url https://crm.example.com/{n}", "subscription rotate s{n}", "subscription rotate s{n} --overlap 1h",
    "subscription finish s{n}", "subscription replay s{n} --all", "subscription replay s{n} --history --from 2025-01-01",
    "subscription remove s{n}",
]
PAGES = [
    "/v1/session", "/v1/users", "/v1/cases/{case}", "/v1/cases/{case}/clocks", "/v1/customers/{customer}", "/v1/fallen",
    "/v1/worklist", "/v1/improvements", "/v1/reports", f"/v1/reports/timeliness?{DAYS}", f"/v1/reports/causes?{DAYS}",
    f"/v1/cases?list=opened&{DAYS}", "/v1/cases?list=open", "/v1/cases?list=due_next", "/v1/today",
]


class World(Office):
    """Everybody runs; three customers complained, and their cases are resolved."""

    def __init__(self, system):
        self.folder = system.folder
        self.steps = LostSteps(system.folder, "reporting")
        self.audit_key = system.folder / "audit.key"
        subprocess.run([system.programs / "troth", "audit", "key", "new", self.audit_key], check=True, capture_output=True)
        super().__init__(
            system, PROGRAMS, intake={"audit_key_file": self.audit_key, "audit_every": "1s"},
            reporting={"environment": self.steps.environment(), **BEHIND_PROXY})
        self.manager = Dashboard(system, "wang", MANAGER)
        self.admin = Dashboard(system, "chen", ADMIN)
        self.agent = Dashboard(system, "li", AGENT, staff="li")
        self.config = self.write_config()
        self.resolve("li-0", "li-1", "li-2")
        self.send(("survey_answer", intake.SurveyAnswer(
            customer_ref="li-0", case_ref="li-0-case", instrument=intake.SURVEY_INSTRUMENT_CSAT, value=2)))
        ledger.wait_until_quiet(system)
        self.names = self.find_names()

    def find_names(self):
        number = self.agent.do("/v1/customers/find", {"source": "garage", "customer_ref": "li-0"})["customer_number"]
        known = self.agent.read(f"/v1/customers/{number}")["customer"]
        listed = self.troth("followups", "--json").stdout
        return {"customer": number, "case": known["cases"][0]["case_number"], "audit_key": self.audit_key,
                "follow_up": re.search(r"F-\d+-\d+", listed)[0], "folder": self.folder}

    def write_config(self):
        system = self.system
        values = {"key_file": system.key("operator", ["records", "worklist", "scores", "reports"]).path, "source": "garage",
                  "database": system.conninfo("troth_operator"), "timeout": "20s"}
        for name in ("intake", "followup", "loyalty", "reporting"):
            values |= {name: system.endpoint(name), f"{name}_key": system.service_key(name).public_path,
                       f"{name}_http": f"unix:{system.http(name)}"}
        path = system.folder / "troth.conf"
        path.write_text(config_text(values))
        return path

    def troth(self, *words, environment=None):
        return subprocess.run(
            [str(self.system.programs / "troth"), *words, "--config", str(self.config)], capture_output=True, text=True,
            timeout=60, check=False, stdin=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin", **(environment or {})})


@pytest.fixture(scope="module")
def world(cluster, programs):
    with System(cluster, programs) as system:
        yield World(system)


def words_of(done):
    """What was printed, whatever the numbers."""
    return re.sub(r"[0-9.]+", "#", done.stdout)


def lose_each_step(world, command):
    """Yields what came of it with the first step lost, the second, ... until there is none."""
    lost = LostSteps(world.folder, "troth")
    for step in range(1, STEPS_MAX):
        lost.lose(step)
        done = world.troth(*command.format(**world.names, n=step).split(), environment=lost.environment())
        assert done.returncode in (OK, REFUSED, BROKEN, NO_ANSWER), (step, done)
        if lost.withdraw():
            assert step > 1, "it never asked the database"
            return
        yield step, done


@pytest.mark.parametrize("command", READING)
def test_a_command_that_lost_its_connection_says_so(world, command):
    usual = world.troth(*command.format(**world.names).split())
    for step, done in lose_each_step(world, command):
        if done.returncode != usual.returncode:
            assert done.stderr or done.stdout, (step, "says nothing")
        elif command.split()[0] not in CHANGING:
            assert words_of(done) == words_of(usual), (step, done)


def test_what_lost_its_connection_can_be_done_again(world):
    for command in CHANGING_SOMETHING:
        for step, done in lose_each_step(world, command):
            assert done.returncode == OK or done.stderr, (command, step, "says nothing")
            if done.returncode != OK and "new" not in command and "add" not in command:
                again = world.troth(*command.format(**world.names, n=step).split())
                assert again.returncode in (OK, REFUSED), (command, step, again)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_whose_connection_was_lost_comes_when_it_is_asked_for_again(world, path):
    target = path.format(**world.names)
    assert world.admin.get(target)[0] == 200
    for step in range(1, STEPS_MAX // 2):
        world.steps.lose(step)
        status, body = world.admin.get(target)
        assert status in (200, 503), (step, status, body)
        world.steps.withdraw()
        wait_until(lambda: world.admin.get(target)[0] == 200, what="the page")


def test_no_record_and_no_call_is_lost_or_doubled_by_lost_connections(system, record_property):
    names = ["intake", "followup", "loyalty", "reporting"]
    steps = {name: LostSteps(system.folder, name) for name in names}
    system.key("garage", ["records"])
    stage = Stage(system, **{name: {"environment": steps[name].environment()} for name in names})
    sender = Sender(system.client("intake", "garage"), garage_records(71, 40), stage.clock, 71)
    lost = 0

    def lose(number):
        nonlocal lost
        for one in steps.values():
            lost += not one.is_waiting()
            one.lose(number)

    sender.run({at: lambda at=at: lose(at // 10 % 7 + 1) for at in range(10, 400, 10)})
    stage.run_out(on_step=[lambda: lose(1), lambda: lose(2), lambda: lose(3), lambda: lose(5)], seconds=120)
    for one in steps.values():
        one.withdraw()
    stage.check_alive()
    figures = {"lost": lost, **ledger.check_records(system, [sender], "garage"),
               **ledger.check_calls(system, stage.dials()), **ledger.check_loyalty(system), **ledger.check_reporting(system)}
    assert figures["acknowledged"] == 400
    ledger.report(figures, record_property)
