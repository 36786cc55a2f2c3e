# SPDX-License-Identifier: Apache-2.0
"""Teams and systems are told what happens: each event at least once, nothing personal, whoever dies."""

import json
import re
import threading

import pytest

from tests.support.intake_client import IntakeClient, contact, profile
from tests.support.mail_server import MailServer
from tests.support.stage import Stage
from tests.support.system import wait_until
from tests.support.web_receiver import WebReceiver

PERSONAL = ["王小明", "+8613800138000", "wang@example.com", "Leck im Tank", "1987"]
QUICK = {"delivery_retry": "50ms", "delivery_retry_max": "200ms"}
STANDARD = """
rules = (
    { name = "complaint"; kind = "complaint"; priority = 1; owner_team = "care";
      promises = ( { kind = "resolution"; target = "10h"; } );
      escalation = ( { at = 80; tell = "boss"; }, { after = "1h"; tell = "director"; } ); },
    { name = "rest"; priority = 4; owner_team = "care"; promises = (); }
);
"""


@pytest.fixture
def receiver():
    with WebReceiver() as listening:
        yield listening


class World:
    """intake and followup; a garage that sends; the operator's command line."""

    def __init__(self, system, is_started=True, **settings):
        self.system = system
        self.settings = {**QUICK, **settings}
        system.key("garage", ["records"])
        system.service_key("followup")
        system.start("intake")
        self.garage = IntakeClient(system.client("intake", "garage"))
        self.followup = self.start() if is_started else None

    def start(self):
        return self.system.start("followup", lease="2s", **self.settings)

    def troth(self, *arguments, code=0):
        done = self.system.run("troth", "subscription", *arguments, "--json", "--database",
                               self.system.conninfo("troth_operator"))
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else done.stderr

    def subscribe(self, receiver, name="crm", *arguments):
        """The receiver knows the secret."""
        receiver.secret = self.troth("add", name, "--url", receiver.url, *arguments)["secret"]

    def complain(self, customer="wang", branch="north"):
        return self.garage.send_one(contact(customer, channel="phone", branch=branch, body="Leck im Tank")).case_number

    def dead(self):
        return self.troth("dead")


def bodies(receiver, kind):
    return [r.json for r in receiver.requests if r.json["type"] == kind]


# ---- telling


def test_an_event_is_told_signed_and_with_numbers_alone(system, receiver):
    world = World(system)
    world.subscribe(receiver)
    world.garage.send_one(profile("wang", name="王小明", phone="+8613800138000", email="wang@example.com",
                                  birthday="1987-05-06", language="zh", time_zone="Asia/Shanghai"))
    case = world.complain()
    wait_until(lambda: bodies(receiver, "case_opened") and bodies(receiver, "customer_changed"), what="the events")

    opened = bodies(receiver, "case_opened")[0]
    assert opened["data"]["service_case"] == case and re.fullmatch(r"K-\d+-\d", opened["data"]["customer"])
    assert (opened["data"]["kind"], opened["data"]["branch"]) == ("complaint", "north")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", opened["timestamp"])
    assert set(bodies(receiver, "customer_changed")[0]["data"]) == {"customer", "version"}
    for request in receiver.requests:
        assert request.is_signed and re.fullmatch(r"[\w.]+-\d+-\d+", request.id)
        assert not any(word in request.body.decode() for word in PERSONAL)
    assert len({r.id for r in receiver.requests}) == len(receiver.requests)
    stored = system.psql("SELECT string_agg(body, '') FROM followup.delivery")
    assert not any(word in stored + world.followup.log() for word in PERSONAL)


def test_each_is_told_what_it_asked_for_from_then_on(system):
    world = World(system)
    world.complain("before")
    wait_until(lambda: system.psql("SELECT count(*) FROM log.consumer_cursor WHERE consumer = 'followup.delivery'") != "0",
               what="the first events")
    with WebReceiver() as everything, WebReceiver() as openings, WebReceiver() as south:
        world.subscribe(everything, "everything")
        world.subscribe(openings, "openings", "--kinds", "case_opened,case_changed")
        world.subscribe(south, "south", "--branches", "south,west", "--kinds", "case_opened")
        north, west = world.complain("a", "north"), world.complain("b", "west")
        wait_until(lambda: len(bodies(everything, "case_opened")) == 2 and len(openings.requests) == 2
                   and len(south.requests) == 1, what="the events")
        assert {b["data"]["service_case"] for b in bodies(everything, "case_opened")} == {north, west}
        assert {b["type"] for b in map(lambda r: r.json, openings.requests)} == {"case_opened"}
        assert south.requests[0].json["data"]["service_case"] == west


def test_a_step_of_the_ladder_reaches_the_team_it_names(system):
    path = system.folder / "standards.conf"
    path.write_text(STANDARD)
    for name in ["garage"]:
        system.key(name, ["records"])
    stage = Stage(system, programs=["intake", "followup"], intake={"standard": path}, followup=QUICK)
    world = World.__new__(World)
    world.system = system
    garage = IntakeClient(system.client("intake", "garage"))
    with WebReceiver() as boss, WebReceiver() as director, WebReceiver() as care:
        for receiver, team in [(boss, "boss"), (director, "director"), (care, "care")]:
            world.subscribe(receiver, team, "--teams", team)
        case = garage.send_one(contact("wang", occurred_us=stage.clock.now_us, branch="north")).case_number
        stage.step(9)
        wait_until(lambda: bodies(boss, "promise_step_taken"), what="the boss")
        told = bodies(boss, "promise_step_taken")[0]["data"]
        assert (told["service_case"], told["percent"], told["tell"], told["owner_team"]) == (case, 80, "boss", "care")
        assert re.fullmatch(r"P-\d+-\d", told["promise"]) and "due" in told
        assert not director.requests
        stage.step(3)
        wait_until(lambda: bodies(director, "promise_step_taken"), what="the director")
        assert [b["type"] for b in map(lambda r: r.json, boss.requests)] == ["promise_step_taken"]
        assert bodies(care, "case_opened") and all(b["data"].get("tell") is None for b in map(lambda r: r.json, care.requests))


def test_by_mail(system):
    folder = system.folder
    with MailServer(folder) as server:
        world = World(system, mail_server=server.url, mail_starttls=False, mail_from="troth@example.com")
        world.troth("add", "board", "--mail", "board@example.com", "--kinds", "case_opened")
        case = world.complain()
        (mail,) = wait_until(server.mails, what="the mail")
        assert (mail["To"], mail["Subject"]) == ("board@example.com", "Troth: case_opened")
        assert json.loads(mail.get_content())["data"]["service_case"] == case


# ---- trouble


def test_who_fails_is_told_again_with_the_same_id(system, receiver):
    world = World(system)
    statuses = [500, 404, 200]
    receiver.answer = lambda request: (statuses[min(len(receiver.requests), 3) - 1], None)
    world.subscribe(receiver, "crm", "--kinds", "case_opened")
    world.complain()
    wait_until(lambda: system.psql("SELECT state FROM followup.delivery") == "2", what="the delivery")
    assert len(receiver.requests) == 3 and len({(r.id, r.body) for r in receiver.requests}) == 1
    assert receiver.requests[1].at - receiver.requests[0].at > 0.02
    assert world.dead() == []
    assert system.psql("SELECT attempts, last_status, last_code FROM followup.delivery") == "3|200|"


def test_who_never_answers_is_in_the_list_of_the_dead_and_can_be_told_again(system, receiver):
    world = World(system, delivery_give_up="300ms")
    receiver.answer = lambda request: (500, None)
    world.subscribe(receiver, "crm", "--kinds", "case_opened")
    world.complain()
    (dead,) = wait_until(world.dead, what="the dead")
    assert (dead["name"], dead["kind"], dead["status"], dead["code"]) == ("crm", "case_opened", 500, "web_status")
    assert dead["attempts"] >= 2 and dead["id"] == receiver.requests[0].id
    tries = len(receiver.requests)

    receiver.answer = lambda request: (200, None)
    assert world.troth("replay", "crm", "--to", "2020-01-01")["replayed"] == 0
    assert world.troth("replay", "crm", "--from", "2020-01-01")["replayed"] == 1
    wait_until(lambda: world.troth("list")[0]["delivered"] == 1, what="the delivery")
    assert len(receiver.requests) == tries + 1 and receiver.requests[-1].id == dead["id"]
    assert world.troth("replay", "crm")["replayed"] == 0, "it was delivered"
    assert world.troth("replay", "crm", "--all")["replayed"] == 1
    wait_until(lambda: len(receiver.requests) == tries + 2, what="once more")


def test_a_range_of_the_log_is_told_to_who_was_not_there_yet(system, receiver):
    world = World(system)
    first, other = world.complain("early"), world.complain("elsewhere", branch="south")
    wait_until(lambda: int(system.psql("SELECT count(*) FROM log.consumer_cursor WHERE consumer = 'followup.delivery'"
                                       " AND seq > 0")) > 0, what="the events to be passed over")
    world.subscribe(receiver, "crm", "--kinds", "case_opened", "--branches", "north")
    assert world.troth("replay", "crm", "--from", "2020-01-01", "--to", "2020-01-02", "--history")["replayed"] == 0
    assert world.troth("replay", "crm", "--from", "2020-01-01", "--history")["replayed"] == 1
    wait_until(lambda: receiver.requests, what="the event from before")
    assert [r.json["data"]["service_case"] for r in receiver.requests] == [first] and first != other
    assert receiver.requests[0].is_signed
    assert world.troth("replay", "crm", "--from", "2020-01-01", "--history")["replayed"] == 0, "it has it"
    system.psql("DELETE FROM followup.delivery")
    assert world.troth("replay", "crm", "--from", "2020-01-01", "--history")["replayed"] == 1, "it is not kept any more"
    wait_until(lambda: len(receiver.requests) == 2, what="once more")
    assert receiver.requests[1].id == receiver.requests[0].id and receiver.requests[1].body == receiver.requests[0].body
    assert "subscription_unknown" in world.troth("replay", "nobody", "--from", "2020-01-01", "--history", code=1)


def test_what_was_to_be_told_when_the_subscription_ended_is_not_forgotten(system, receiver):
    world = World(system, is_started=False)
    world.subscribe(receiver, "crm", "--kinds", "case_opened")
    world.troth("remove", "crm")
    for seq, state, settled in [(1, 1, "NULL"), (2, 3, "now() - interval '31 days'")]:
        system.psql(f"""
            INSERT INTO followup.delivery (bucket, subscription_id, stream, seq, kind, at, body, state, attempts, next_attempt_at,
                                           last_code, settled_at)
            SELECT 7, id, 'intake.0', {seq}, 'case_opened', now(), '{{}}', {state}, 0, now(), 'ended', {settled}
              FROM followup.subscription""")
    world.start()
    wait_until(lambda: system.psql("SELECT seq, state, last_code FROM followup.delivery") == "1|3|ended",
               what="the one that waits to die, the old one to go")


def test_who_is_gone_is_not_asked_again(system, receiver):
    world = World(system)
    receiver.answer = lambda request: (410, None)
    world.subscribe(receiver, "crm", "--kinds", "case_opened")
    world.complain()
    assert wait_until(world.dead, what="the dead")[0]["status"] == 410
    assert len(receiver.requests) == 1


def test_a_slow_receiver_holds_up_no_other(system, receiver):
    world = World(system, delivery_timeout="1m")
    go_on = threading.Event()
    with WebReceiver() as slow:
        slow.answer = lambda request: go_on.wait(60) and (200, None)
        world.subscribe(slow, "slow", "--kinds", "case_opened")
        world.subscribe(receiver, "quick", "--kinds", "case_opened")
        cases = {world.complain(f"c{number}") for number in range(20)}
        wait_until(lambda: len(receiver.requests) == 20, what="the quick one")
        assert {r.json["data"]["service_case"] for r in receiver.requests} == cases
        assert len(slow.requests) <= 4
        go_on.set()
        wait_until(lambda: len({r.id for r in slow.requests}) == 20, what="the slow one")


def test_killed_at_any_point_nobody_misses_an_event(system, receiver):
    world = World(system)
    world.subscribe(receiver, "crm", "--kinds", "case_opened")
    cases = set()
    for round_ in range(3):
        cases |= {world.complain(f"c{round_}-{number}") for number in range(10)}
        wait_until(lambda seen=len(receiver.requests): len(receiver.requests) > seen, what="some of them")
        world.followup.kill()
        cases.add(world.complain(f"while away {round_}"))
        # What it had begun is held for minutes, so that nobody is told twice at once.
        world.system.psql("UPDATE followup.delivery SET next_attempt_at = now() WHERE state = 1")
        world.followup = world.start()
    wait_until(lambda: {r.json["data"]["service_case"] for r in receiver.requests} == cases, seconds=40, what="all of them")
    assert system.psql("SELECT count(*), count(DISTINCT (bucket, stream, seq)) FROM followup.delivery") == "33|33"


# ---- the command line


def test_the_list_says_what_is_asked_for_and_how_it_goes(system, receiver):
    world = World(system)
    world.subscribe(receiver, "crm", "--kinds", "case_opened", "--teams", "care,boss")
    (row,) = world.troth("list")
    assert row == {"name": "crm", "kinds": "case_opened", "branches": "", "teams": "care,boss", "to": receiver.url,
                   "waiting": 0, "delivered": 0, "dead": 0, "has_old_secret": False}
    assert "name_taken" in world.troth("add", "crm", "--url", receiver.url, code=1)
    receiver.answer = lambda request: (500, None)
    system.psql("UPDATE followup.subscription SET teams = NULL")
    world.complain()
    wait_until(lambda: world.troth("list")[0]["waiting"] == 1, what="one that waits")
    world.troth("remove", "crm")
    assert world.troth("list") == [] and [d["code"] for d in world.dead()] == ["ended"]
    assert "subscription_unknown" in world.troth("remove", "crm", code=1)
    assert "subscription_unknown" in world.troth("replay", "crm", code=1)
    assert receiver.secret.startswith("whsec_")
    assert "whsec" not in system.psql("SELECT * FROM followup.subscription_public", "troth_operator")


@pytest.mark.parametrize("arguments, words", [
    (["add", "x"], "--url or --mail"),
    (["add", "x", "--url", "https://a.example", "--mail", "a@b.example"], "--url or --mail"),
    (["add", "x", "--url", "file:///etc/passwd"], "--url takes"),
    (["add", "x", "--mail", "a b@example.com"], "--mail takes"),
    (["add", "x", "--url", "https://a.example", "--kinds", "case_opened,nonsense"], "nonsense"),
    (["add", "X y", "--url", "https://a.example"], "a name is made of"),
    (["add"], "add NAME"),
    (["replay", "x", "--history"], "--from"),
    (["sing"], "add NAME"),
])
def test_wrong_arguments_are_named(system, arguments, words):
    done = system.run("troth", "subscription", *arguments, "--database", system.conninfo("troth_operator"))
    assert done.returncode == 2 and words in done.stderr
