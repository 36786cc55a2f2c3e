# SPDX-License-Identifier: Apache-2.0
"""Orders, dialers and outcomes through real programs, with the dialer's own journal as witness: who dies when, who is
stopped for how long, and what each outcome means for the next attempt."""

import re
import subprocess

import dialer_pb2 as pb
import event_pb2 as events
import intake_pb2 as intake
import pytest

from tests.support import ledger
from tests.support.metrics_page import MetricsPage
from tests.support.office import (
    DAY, DONE, EVERYBODY, FAILED, LISTED, Office, ScriptedDialer,
)
from tests.support.stage import QUICK, connections
from tests.support.system import wait_until

CUSTOMERS = 8
# A call, then a mail; hours and budgets of nobody.
RULES = """
limits: { quiet = "none"; attempts_per_day = 0; refusal_pause = "0"; agenda_ahead = "0"; called_back = "0";
          usual_zone = "Asia/Shanghai"; };
outcomes = (
    { outcome = "busy"; retry_after = "1h"; },
    { outcome = "no_answer"; retry_after = "1h"; other_hour = "3h"; },
    { outcome = "voicemail"; retry_after = "1h"; at_most = 2; }
);
rules = ( { name = "after_resolution"; trigger = "case_resolved"; after = "24h"; window = "48h";
            channels = ("call", "mail"); attempts = 4; } );
"""


FAIR_SHARES = """
    SELECT 1 FROM log.lease WHERE resource LIKE 'lane/followup/%' AND until > clock_timestamp()
     GROUP BY holder HAVING count(*) = 4 OFFSET 1"""


def names(count=CUSTOMERS):
    return [f"c{number}" for number in range(count)]


# ---- a dialer that dies; at every step: test_crash_points.py


def test_interrupted_call_is_on_the_list_as_soon_as_its_dialer_is_back(system):
    """And not only when the longest call would be over."""
    office = Office(system, dialer={**EVERYBODY, "ring_time": "10m"}, followup={"call_limit": "30m"})
    office.resolve("li")
    office.clock.step(DAY)
    wait_until(lambda: len(office.stage.dials()) == 1, what="the dial")

    office.stage.kill("dialer")

    office.wait_for(LISTED, "outcome_unknown")


def test_usual_settings_list_what_a_vanished_dialer_took_within_five_minutes(system):
    key = system.service_key("followup").path
    printed = subprocess.run(
        [system.programs / "troth-followup", "--set", f"key_file={key}", "--print-config"],
        capture_output=True, text=True, check=True, timeout=20).stdout
    values = dict(re.findall(r'^(\w+) = "?([^";]*)"?;', printed, re.MULTILINE))
    seconds = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}

    def span(name):
        number, unit = re.fullmatch(r"(\d+)(\w+)", values[name]).groups()
        return int(number) * seconds[unit]

    assert span("start_within") + span("ask_for") + 2 * span("ask_every") < 300


# ---- schedulers


def test_paused_scheduler_that_wakes_up_changes_nothing(system):
    both = f"{system.endpoint('followup')} {system.endpoint('followup-2')}"
    office = Office(system, dialer={**EVERYBODY, "followup": both})
    first = office.stage.processes["followup"]
    system.start("followup", instance="followup-2", arguments=["--demo-clock"], lease="2s",
                 **{**QUICK["followup"], **connections(system, "followup")})
    office.resolve(*names(40))
    wait_until(lambda: office.rows(FAIR_SHARES), what="fair shares")

    office.clock.step(DAY)
    wait_until(lambda: len(office.stage.dials()) >= 3, what="some calls")
    first.pause()
    office.quiet()  # the other one takes its lanes, and the orders with them
    before = office.rows("SELECT number, state, reason, version, attempts FROM followup.follow_up ORDER BY 1")
    events_before = office.rows("SELECT count(*) FROM log.event WHERE stream LIKE 'followup.%'")
    first.resume()

    # It finds that its leases are over and takes part again; or libzmq gives up on connections that filled up and broke
    # meanwhile (its issue 4364), which is a crash like any other.
    wait_until(lambda: not first.is_running() or "group=lane/followup held=0" in first.log(), what="its awakening")
    wait_until(lambda: not first.is_running() or office.rows(FAIR_SHARES), what="its part in the work again")
    office.quiet()

    assert office.rows("""
        SELECT number, state, reason, version, attempts FROM followup.follow_up ORDER BY 1""") == before
    assert office.rows("SELECT count(*) FROM log.event WHERE stream LIKE 'followup.%'") == events_before
    assert {row[1] for row in before} <= {str(DONE), str(LISTED)}
    figures = ledger.check_calls(system, office.stage.dials())
    assert figures["followups"] == 40


def test_two_schedulers_and_three_dialers_call_everybody_once(system):
    both = f"{system.endpoint('followup')} {system.endpoint('followup-2')}"
    office = Office(system, dialer={**EVERYBODY, "followup": both, "lines": 3, "ring_time": "50ms"})
    system.start("followup", instance="followup-2", arguments=["--demo-clock"], lease="2s",
                 **{**QUICK["followup"], **connections(system, "followup")})
    journals = [system.folder / "dialer.journal"]
    for name in ["second", "third"]:
        journals.append(system.folder / f"{name}.journal")
        system.start("dialer", instance=name, arguments=["--demo-clock"], **{
            **connections(system, "dialer"), **EVERYBODY, "followup": both, "lines": 3,
            "ring_time": "50ms", "name": name, "journal": journals[-1]})
    office.resolve(*names(60))

    office.step(DAY)

    assert {tuple(row) for row in office.follow_ups()} == {(str(DONE), "answered", "1", "1")}
    lines = [line.split() for path in journals for line in path.read_text().splitlines()]
    dials = [words[2] for words in lines if words[1] == "placed"]
    ledger.check_calls(system, dials)
    assert len(dials) == 60
    assert all(" placed " in path.read_text() for path in journals), "some dialer had nothing to do"


# ---- channels, hours, outcomes


@pytest.fixture
def desk(system):
    """Starts an office with the rules above and one customer, and a dialer that does what the test says."""
    path = system.folder / "rules.conf"
    path.write_text(RULES)

    def begin(**hello):
        office = Office(system, programs=["intake", "followup"], followup={"rules": path})
        office.resolve("li")
        office.send(("customer_profile", intake.CustomerProfile(customer_ref="li", email="li@example.com")))
        office.clock.step(DAY)
        return ScriptedDialer(office, **hello)

    return begin


def planned(desk):
    """[state, reason, channel, hours until the next attempt] of the follow-up."""
    return desk.office.rows("""
        SELECT state, reason, channel, round(extract(epoch FROM next_attempt_at - log.now()) / 3600, 1)
          FROM followup.follow_up""")[0]


def end_with(desk, outcome, **more):
    order = desk.wait_for("order")
    desk.finish(order, outcome, **more)
    assert desk.wait_for("result_receipt").key == order.key
    return order


def test_wrong_number_is_never_used_again_and_the_next_channel_is_tried(desk):
    desk = desk(channels=[intake.CHANNEL_CALL, intake.CHANNEL_MAIL])
    call = desk.wait_for("order")
    assert (call.channel, call.phone, call.address) == (intake.CHANNEL_CALL, "+8613800000000", "")
    desk.finish(call, events.CALL_OUTCOME_WRONG_NUMBER)

    mail = desk.wait_for("order")
    assert (mail.channel, mail.phone, mail.address) == (intake.CHANNEL_MAIL, "", "li@example.com")
    assert mail.attempt == 2
    desk.finish(mail, events.CALL_OUTCOME_SENT)
    desk.wait_for("result_receipt")

    assert desk.office.follow_ups() == [[str(DONE), "sent", "2", "2"]]
    assert desk.office.rows("""
        SELECT b.outcome, b.handle = c.phone_handle, b.bucket = (b.handle & 255)
          FROM followup.bad_number b, intake.customer c""") == [["6", "t", "t"]]
    assert desk.office.rows("""
        SELECT a.channel, a.number_handle = CASE a.channel WHEN 1 THEN c.phone_handle ELSE c.email_handle END
          FROM followup.follow_up_attempt a JOIN intake.customer c ON c.number = a.customer_number
         ORDER BY a.attempt""") == [["1", "t"], ["3", "t"]]


def test_call_back_is_planned_for_the_time_the_customer_said(desk):
    desk = desk()
    wish = desk.office.clock.now_us + 100 * 3_600_000_000  # long after the window
    end_with(desk, events.CALL_OUTCOME_CALL_BACK, call_back_us=wish)

    assert planned(desk) == ["1", "call_back", "1", "100.0"]
    desk.office.step(99)
    assert planned(desk) == ["1", "call_back", "1", "1.0"]
    desk.office.clock.step(1)
    end_with(desk, events.CALL_OUTCOME_ANSWERED)
    assert desk.office.follow_ups() == [[str(DONE), "answered", "2", "2"]]


def test_refusal_ends_it_and_is_remembered(desk):
    desk = desk()
    end_with(desk, events.CALL_OUTCOME_REFUSED)

    assert desk.office.follow_ups() == [[str(DONE), "refused", "1", "1"]]
    assert desk.office.rows("SELECT last_refusal_at = log.now() FROM followup.customer_rhythm") == [["t"]]


def test_outcomes_choose_delay_hour_and_channel(desk):
    desk = desk()
    end_with(desk, events.CALL_OUTCOME_BUSY)
    assert planned(desk) == ["1", "", "1", "1.0"]
    desk.office.clock.step(1)
    end_with(desk, events.CALL_OUTCOME_NO_ANSWER)
    assert planned(desk) == ["1", "", "1", "3.0"]  # another time of day
    desk.office.clock.step(3.1)
    end_with(desk, events.CALL_OUTCOME_VOICEMAIL)
    assert planned(desk) == ["1", "", "1", "1.0"]
    desk.office.clock.step(1)
    end_with(desk, events.CALL_OUTCOME_VOICEMAIL)  # twice, but it was the last call, too

    assert desk.office.follow_ups() == [[str(FAILED), "voicemail", "4", "4"]]


def test_partly_answered_counts_what_was_answered_and_asks_no_more(desk):
    desk = desk()
    end_with(desk, events.CALL_OUTCOME_PARTLY_ANSWERED, answers=[(intake.SURVEY_INSTRUMENT_CSAT, 2)])
    desk.office.quiet()

    assert desk.office.follow_ups() == [[str(DONE), "partly_answered", "1", "1"]]
    assert desk.office.rows("SELECT value FROM intake.survey_answer") == [["2"]]


def test_nobody_who_speaks_the_language_is_a_matter_for_a_person(system):
    office = Office(system, programs=["intake", "followup"])
    office.resolve("li")
    office.clock.step(DAY)
    end_with(ScriptedDialer(office), events.CALL_OUTCOME_LANGUAGE, language="zh-CN")

    assert office.follow_ups() == [[str(LISTED), "language", "1", "1"]]


def test_progress_is_stored_as_it_goes_up(desk):
    desk = desk()
    order = desk.wait_for("order")
    for stage in [pb.DIAL_STAGE_ACCEPTED, pb.DIAL_STAGE_CONNECTED, pb.DIAL_STAGE_RINGING]:
        desk.send(progress=pb.DialProgress(key=order.key, stage=stage))
    wait_until(lambda: desk.office.rows("""
        SELECT state, stage FROM followup.follow_up_attempt""") == [["2", "3"]], what="the stage")

    desk.finish(order)
    desk.wait_for("result_receipt")
    assert desk.office.follow_ups() == [[str(DONE), "answered", "1", "1"]]


def is_resting(desk):
    told = MetricsPage(desk.office.system.get("followup", "/metrics"))
    return told.get("troth_followup_dialers_resting", channel="call")


def test_who_has_no_such_channel_or_does_not_work_now_gets_no_order(desk):
    desk = desk(channels=[intake.CHANNEL_MAIL])
    with pytest.raises(TimeoutError):
        desk.wait_for("order", seconds=2)
    assert is_resting(desk) is None, "nobody who calls is there"
    now = desk.office.rows("SELECT to_char(log.now() AT TIME ZONE 'UTC', 'Dy')")[0][0]
    desk.more = {"hours": f"{'Tue' if now == 'Mon' else 'Mon'} 00:00-24:00", "hours_zone": "Etc/UTC"}
    with pytest.raises(TimeoutError):
        desk.wait_for("order", seconds=2)
    assert is_resting(desk) == 1, "that calls wait is as it should be"
    desk.more = {"hours": f"{now} 00:00-24:00", "hours_zone": "Etc/UTC"}
    order = desk.wait_for("order")
    assert is_resting(desk) == 0

    assert order.channel == intake.CHANNEL_CALL
    assert desk.office.rows("SELECT channels, hours FROM followup.dialer_session") == [["8", ""]]


def test_dialer_that_says_nonsense_about_its_hours_is_told(desk):
    desk = desk(hours="whenever")

    assert desk.wait_for("error").code == "hours_invalid"
