# SPDX-License-Identifier: Apache-2.0
"""People as dialers: what is handed out, to whom, for how long, and what their outcomes become."""

import json
import subprocess
import threading

import dialer_pb2 as pb
import event_pb2 as events
import intake_pb2 as intake
import pytest

from tests.support.office import DAY, DONE, FAILED, LISTED, MISSED, Office, ScriptedDialer
from tests.support.system import ROOT, config_text, wait_until

PLANNED, ORDERED = events.FOLLOW_UP_STATE_PLANNED, events.FOLLOW_UP_STATE_ORDERED
QUESTIONNAIRE = ROOT / "deploy/config/questionnaire.conf"
STAFF = 10
RULES = """
limits: {{ quiet = "none"; attempts_per_day = 0; refusal_pause = "0"; called_back = "0"; agenda_ahead = "0";
          usual_zone = "Asia/Shanghai"; per_week = {per_week}; }};
outcomes = ({{ outcome = "no_answer"; retry_after = "1h"; }});
rules = ({{ name = "after_resolution"; trigger = "case_resolved"; after = "24h"; window = "48h";
           purpose = "survey"; channels = ({channels}); attempts = 3; }});
"""


class Desk(Office):
    """An office whose calls are made by people, with the command line of one of them."""

    def __init__(self, system, programs, channels='"person"', per_week=0, language="en"):
        rules = system.folder / "followups.conf"
        rules.write_text(RULES.format(channels=channels, per_week=per_week))
        self.programs, self.language = programs, language
        super().__init__(system, ["intake", "followup"],
                         followup={"rules": rules, "questionnaire": QUESTIONNAIRE, "ask_for": "2s"})
        key = system.key("reader")
        self.config = system.folder / "troth.conf"
        self.config.write_text(config_text({
            "key_file": key.path, "followup": system.endpoint("followup"),
            "followup_key": system.service_key("followup").public_path}))

    def step(self, hours):
        """Nothing that is for people keeps the scheduler busy: it is waited for until it knows the time."""
        self.clock.step(hours)
        wait_until(lambda: self.stage.time_of("followup") >= self.clock.now_us // 1_000_000, what="the time")
        self.quiet()

    def run(self, *arguments, staff="li", status=0):
        """`troth worklist ...`: the finished process."""
        command = [str(self.programs / "troth"), "worklist", *arguments, "--config", str(self.config)]
        command += ["--staff", staff] if staff else []
        done = subprocess.run(command, text=True, capture_output=True, timeout=60, check=False,
                              env={"PATH": "/usr/bin:/bin"})
        assert done.returncode == status, (command, done.stdout, done.stderr)
        return done

    def next(self, *arguments, staff="li"):
        """The agenda; None when there is nothing to do."""
        agenda = json.loads(self.run("next", "--json", *arguments, staff=staff).stdout)
        return agenda if "order" in agenda else None

    def refused(self, *arguments, staff="li"):
        return self.run(*arguments, staff=staff, status=1).stderr

    def attempts(self):
        """[dialer, state, outcome] of each."""
        return self.rows("""SELECT dialer, state, coalesce(outcome, 0) FROM followup.follow_up_attempt
                             ORDER BY follow_up_number, attempt""")

    def wait_for_states(self, *wanted):
        wait_until(lambda: [(int(row[0]), row[1]) for row in self.follow_ups()] == list(wanted),
                   what=f"{wanted}")


@pytest.fixture
def desk(system, programs):
    return Desk(system, programs)


# ---- the whole life


def test_a_person_takes_a_conversation_calls_and_its_answers_enter_intake(desk):
    desk.resolve("li")
    assert desk.next() is None
    desk.step(DAY)
    assert desk.follow_ups() == [[str(PLANNED), "", "0", "0"]]

    agenda = desk.next()
    key = agenda["order"]["key"]
    assert agenda["why_person"] == "channel" and agenda["order"]["phone"] == "+8613800000000"
    assert {line["kind"] for line in agenda["story"]} >= {"case", "promise"}
    assert agenda["order"]["items"] and agenda["order"]["opening"]
    assert desk.attempts() == [["person/li", "1", "0"]]

    desk.run("accept", key)
    assert desk.attempts() == [["person/li", "2", "0"]]
    desk.run("outcome", key, "answered", "--answer", "csat=4", "--solved", "yes", "--note", "friendly")

    assert desk.follow_ups() == [[str(DONE), "answered", "1", "1"]]
    desk.quiet()
    assert desk.rows("SELECT value FROM intake.survey_answer WHERE instrument = 1") == [["4"]]
    assert desk.rows("SELECT count(*) FROM intake.promise WHERE customer_word = 1") == [["1"]]
    assert desk.rows("SELECT count(*) FROM followup.worklist_lease") == [["0"]]
    assert desk.rows("SELECT outcome, purpose LIKE 'follow_up F-%' FROM intake.disclosure") == [["disclosed", "t"]]
    assert desk.next() is None


def test_an_outcome_that_comes_twice_counts_once(desk):
    desk.resolve("li")
    desk.step(DAY)
    key = desk.next()["order"]["key"]
    for _ in range(2):
        desk.run("outcome", key, "answered", "--answer", "csat=5")
    desk.quiet()
    assert desk.follow_ups() == [[str(DONE), "answered", "1", "1"]]
    assert desk.rows("SELECT count(*) FROM intake.survey_answer") == [["1"]]
    kinds = [row[0] for row in desk.rows("SELECT kind FROM log.event WHERE stream LIKE 'followup.%'")]
    assert kinds.count("call_finished") == 1


def test_what_nobody_takes_in_its_window_is_missed(desk):
    desk.resolve("li")
    desk.step(DAY)
    assert desk.rows("SELECT count FROM followup.backlog WHERE name = 'follow_ups_due'") == [["0"]]
    desk.step(2 * DAY)
    desk.wait_for_states((MISSED, "window_passed"))
    assert desk.next() is None


# ---- leases


def test_a_lease_that_ends_before_it_is_accepted_gives_the_conversation_back(desk):
    desk.resolve("li")
    desk.step(DAY)
    key = desk.next("--lease", "1s")["order"]["key"]

    desk.wait_for_states((PLANNED, ""))
    assert desk.attempts() == [["person/li", "4", "0"]]
    assert "lease_over" in desk.refused("accept", key)
    again = desk.next(staff="wang")
    assert again["order"]["key"] == key.replace("/1", "/2")


def test_who_accepts_and_never_reports_leaves_it_for_somebody_to_look_at(desk):
    desk.resolve("li")
    desk.step(DAY)
    key = desk.next()["order"]["key"]
    desk.run("accept", key)
    desk.run("accept", key)  # a second time is no harm

    desk.wait_for_states((LISTED, "outcome_unknown"))
    listed = desk.next(staff="wang")
    assert listed["why_person"] == "outcome_unknown" and listed["order"]["key"] == key.replace("/1", "/2")
    desk.run("outcome", key, "answered")  # the first one after all
    desk.wait_for_states((DONE, "answered"))
    assert "lease_over" in desk.refused("accept", listed["order"]["key"], staff="wang")


def test_ten_people_at_once_get_ten_different_customers(desk):
    desk.resolve(*[f"c{number}" for number in range(STAFF - 1)])
    desk.step(DAY)
    got = {}

    def take(number):
        got[number] = desk.next(staff=f"staff{number}")

    threads = [threading.Thread(target=take, args=(number,)) for number in range(STAFF)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = [agenda["order"]["key"] for agenda in got.values() if agenda]
    assert len(keys) == len(set(keys)) == STAFF - 1
    customers = {agenda["customer_number"] for agenda in got.values() if agenda}
    assert len(customers) == STAFF - 1


def test_one_person_has_one_conversation_in_hand_and_nobody_reports_for_another(desk):
    desk.resolve("li", "wang")
    desk.step(DAY)
    key = desk.next()["order"]["key"]

    assert f"you have {key} in hand" in desk.refused("next")
    assert "wrong_dialer" in desk.refused("accept", key, staff="wang")
    desk.run("return", key)
    assert desk.next()["order"]["key"] != key  # not the same one again
    assert desk.next(staff="wang")["order"]["key"] == key.replace("/1", "/2")


def test_what_is_snoozed_comes_back_then(desk):
    desk.resolve("li")
    desk.step(DAY)
    key = desk.next()["order"]["key"]
    past, late = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
    assert "until_invalid" in desk.refused("snooze", key, past)
    assert "until_invalid" in desk.refused("snooze", key, late)

    desk.run("snooze", key, instant(desk, 3))
    assert desk.follow_ups() == [[str(PLANNED), "snoozed", "1", "0"]]
    assert desk.next() is None
    assert desk.rows("SELECT step, reason FROM followup.follow_up_step") == [["snoozed", "snoozed"]]
    desk.step(3)
    assert desk.next()["order"]["key"] == key.replace("/1", "/2")


def instant(desk, hours):
    return desk.rows(f"SELECT to_char((log.now() + interval '{hours} hours') AT TIME ZONE 'UTC', "
                     "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")[0][0]


# ---- outcomes


def test_who_is_not_reached_is_offered_again_and_calls_back_when_asked(desk):
    desk.resolve("li")
    desk.step(DAY)
    desk.run("outcome", desk.next()["order"]["key"], "no_answer")
    assert desk.next() is None
    desk.step(1)
    desk.run("outcome", desk.next()["order"]["key"], "call_back", "--call-back", instant(desk, 5))
    assert desk.follow_ups() == [[str(PLANNED), "call_back", "2", "2"]]
    desk.step(5)
    desk.run("outcome", desk.next()["order"]["key"], "refused", "--refuse", "all")
    desk.wait_for_states((DONE, "refused"))
    desk.quiet()
    assert desk.rows("SELECT do_not_call FROM intake.customer_public") == [["t"]]


def test_another_number_is_written_down(desk):
    desk.resolve("li")
    desk.step(DAY)
    handle = desk.rows("SELECT phone_handle FROM intake.customer_public")
    desk.run("outcome", desk.next()["order"]["key"], "answered", "--new-phone", "+8613900000001")
    desk.quiet()
    assert desk.rows("SELECT phone_handle FROM intake.customer_public") != handle


def test_only_what_a_person_begins_counts_in_the_budget(system, programs):
    desk = Desk(system, programs, per_week=1)
    desk.resolve("li")
    desk.step(DAY)
    desk.run("return", desk.next(staff="zhao")["order"]["key"], staff="zhao")
    key = desk.next()["order"]["key"]
    desk.run("accept", key)
    assert desk.rows("SELECT sum(orders) FROM followup.contact_budget WHERE kind = 1") == [["1"]]
    desk.run("outcome", key, "no_answer")
    desk.step(1)
    assert desk.next() is None
    desk.quiet()
    assert desk.follow_ups()[0][1] in ("budget_week", "nothing_permitted")


# ---- what is listed


def test_listed_ones_are_shown_with_their_reason_and_no_machine_calls_again(system, programs):
    desk = Desk(system, programs, channels='"call"')
    dialer = ScriptedDialer(desk)
    desk.resolve("li")
    desk.clock.step(DAY)
    dialer.wait_for("order")
    dialer.disconnect()
    wait_until(lambda: desk.follow_ups()[0][0] == str(LISTED), 20, "a listed one")
    reason = desk.follow_ups()[0][1]

    agenda = desk.next()
    assert agenda["why_person"] == reason and agenda["order"]["phone"] == "+8613800000000"
    assert agenda["order"]["key"].endswith("/2")
    desk.run("outcome", agenda["order"]["key"], "no_answer")
    assert desk.follow_ups() == [[str(LISTED), reason, "2", "1"]]
    assert desk.next() is None  # not before an hour has gone
    desk.step(1)
    agenda = desk.next()
    desk.run("snooze", agenda["order"]["key"], instant(desk, 2))
    assert desk.next() is None
    desk.step(2)
    agenda = desk.next()
    desk.run("accept", agenda["order"]["key"])
    desk.run("outcome", agenda["order"]["key"], "answered", "--answer", "csat=3")
    desk.wait_for_states((DONE, "answered"))
    assert [row[0] for row in desk.attempts()] == ["scripted/desk"] + ["person/li"] * 3


def test_a_listed_one_without_a_number_is_shown_and_can_be_given_up(desk):
    desk.resolve("silent", phone="")
    desk.step(DAY)
    assert desk.next()["why_person"] == "no_channel"  # the round of claims lists it first
    agenda = held(desk)
    desk.run("return", agenda)
    agenda = desk.next(staff="wang")
    assert agenda["no_call"] == "no_channel" and "phone" not in agenda["order"]
    desk.run("outcome", agenda["order"]["key"], "failed", staff="wang")
    desk.wait_for_states((FAILED, "call_failed"))
    assert desk.rows("SELECT count(*) FROM intake.disclosure") == [["0"]]


def held(desk):
    return desk.rows("SELECT order_key FROM followup.worklist_lease")[0][0]


def test_who_wants_no_calls_is_shown_without_a_number(system, programs):
    desk = Desk(system, programs)
    desk.resolve("li")
    desk.step(DAY)
    key = desk.next()["order"]["key"]
    desk.run("accept", key)
    desk.send(("consent", intake.Consent(customer_ref="li", do_not_call=True)))
    desk.wait_for_states((LISTED, "outcome_unknown"))
    agenda = desk.next(staff="wang")
    assert agenda["no_call"] == "do_not_call" and "phone" not in agenda["order"]


# ---- who gets what


def test_a_machine_leaves_what_is_for_people_and_a_branch_gets_its_own(desk):
    machine = ScriptedDialer(desk, channels=[intake.CHANNEL_CALL])
    desk.resolve("li")
    machine.hello()
    desk.step(DAY)
    machine.hello()
    assert desk.follow_ups() == [[str(PLANNED), "", "0", "0"]]
    assert desk.next("--branch", "south") is None
    assert desk.next("--branch", "north") is not None


def test_a_dialer_that_says_it_has_people_gets_them_too(desk):
    machine = ScriptedDialer(desk, channels=[intake.CHANNEL_PERSON])
    desk.resolve("li")
    desk.clock.step(DAY)
    order = machine.wait_for("order")
    assert order.channel == intake.CHANNEL_PERSON
    assert desk.next() is None


# ---- one customer, two conversations


def listed_and_planned(system, programs):
    """A desk where one conversation of a customer is listed, and another one is planned an hour later."""
    desk = Desk(system, programs)
    desk.resolve("li")
    desk.clock.step(1)
    desk.send(("contact", intake.Contact(customer_ref="li", kind=intake.CONTACT_KIND_REQUEST, channel="phone",
                                         branch="north", case_ref="li-again")),
              ("case_update", intake.CaseUpdate(
                  customer_ref="li", case_ref="li-again", action=intake.CASE_ACTION_RESOLVED)))
    desk.quiet()
    desk.step(DAY - 1)
    desk.run("accept", desk.next()["order"]["key"])
    desk.wait_for_states((LISTED, "outcome_unknown"), (PLANNED, ""))
    return desk


def test_who_is_in_a_persons_hand_is_called_by_no_machine(system, programs):
    desk = listed_and_planned(system, programs)
    key = desk.next()["order"]["key"]
    machine = ScriptedDialer(desk, channels=[intake.CHANNEL_PERSON])
    machine.wait_for("welcome")

    desk.clock.step(1)
    wait_until(lambda: desk.follow_ups()[1] != [str(PLANNED), "", "0", "0"], what="what becomes of the second one")
    assert desk.follow_ups()[1] == [str(PLANNED), "call_under_way", "0", "0"]

    desk.run("return", key)
    desk.clock.step(0.1)
    assert machine.wait_for("order").attempt == 1


def test_who_is_called_by_a_machine_is_not_accepted_by_a_person(system, programs):
    desk = listed_and_planned(system, programs)
    key = desk.next()["order"]["key"]
    desk.run("return", key)
    machine = ScriptedDialer(desk, channels=[intake.CHANNEL_PERSON])
    machine.wait_for("welcome")
    desk.clock.step(1)
    order = machine.wait_for("order")

    agenda = desk.next(staff="wang")
    assert agenda["no_call"] == "call_under_way" and "phone" not in agenda["order"]
    assert "call_under_way" in desk.refused("accept", agenda["order"]["key"], staff="wang")

    machine.finish(order)
    machine.wait_for("result_receipt")
    desk.run("accept", agenda["order"]["key"], staff="wang")


# ---- the screen


def test_the_screen_is_english_or_chinese(desk):
    desk.resolve("li", "wang")
    desk.step(DAY)
    english = desk.run("next").stdout
    assert "What to say" in english and "+86138" in english and "people make these calls" in english
    chinese = desk.run("next", "--language", "zh", staff="wang").stdout
    for words in ("要说的话", "客户经历", "承诺", "个案", "troth worklist accept F-"):
        assert words in chinese
    assert "What" not in chinese


# ---- bad input


@pytest.mark.parametrize("arguments, words", [
    (("next",), "--staff says who you are"),
    (("next", "--staff", "li", "--lease", "2h"), "--lease is 1s to 1h"),
    (("nxt", "--staff", "li"), "say next, accept ORDER"),
    (("accept", "--staff", "li"), "say next, accept ORDER"),
    (("accept", "F-1", "--staff", "li", "--note", "x"), "goes with outcome"),
    (("outcome", "F-1", "gone", "--staff", "li"), "'gone' is no outcome"),
    (("outcome", "F-1", "answered", "--staff", "li", "--answer", "csat"), "CODE=VALUE"),
    (("outcome", "F-1", "answered", "--staff", "li", "--solved", "maybe"), "--solved takes yes or no"),
    (("outcome", "F-1", "call_back", "--staff", "li"), "go together"),
    (("outcome", "F-1", "refused", "--staff", "li", "--refuse", "me"), "--refuse takes"),
    (("snooze", "F-1", "soon", "--staff", "li"), "'soon' is no time"),
])
def test_wrong_arguments_are_explained(programs, arguments, words):
    done = subprocess.run([str(programs / "troth"), "worklist", *arguments], text=True,
                          capture_output=True, timeout=60, check=False, env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 2 and words in done.stderr


def test_what_the_scheduler_refuses_has_a_code(desk):
    assert "order_key_invalid" in desk.refused("accept", "F-1")
    assert "1 to 64 bytes" in desk.refused("next", staff="two words")
    client = desk.system.client("followup", "garage")  # without the right
    client.send(pb.DialerRequest(worklist_take=pb.WorklistTake(request_id="x", staff="li")))
    assert client.receive(pb.DialerReply).error.code == "not_permitted"
