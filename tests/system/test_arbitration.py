# SPDX-License-Identifier: Apache-2.0
"""Whether and how what is due is held: each verdict, through real programs and by rules of its own."""

import json

import dialer_pb2 as pb
import event_pb2 as events
import intake_pb2 as intake

from tests.support import ledger
from tests.support.office import (
    DAY, DONE, EVERYBODY, LISTED, MISSED, SUPPRESSED, Office, ScriptedDialer, update)
from tests.support.stage import QUICK, Process, ask, connections
from tests.support.system import wait_until

PLANNED, ORDERED, MERGED = (events.FOLLOW_UP_STATE_PLANNED, events.FOLLOW_UP_STATE_ORDERED,
                            events.FOLLOW_UP_STATE_MERGED)
HERD = 60

# The business clock begins at midnight UTC: 08:00 in China.
NO_LIMITS = """quiet = "none"; attempts_per_day = 0; refusal_pause = "0"; called_back = "0";
               usual_zone = "Asia/Shanghai";"""
NIGHTS = NO_LIMITS.replace('"none"', '"21:00-08:00"')
RULE = """{ name = "after_resolution"; trigger = "case_resolved"; after = "%s"; window = "%s";
            purpose = "%s"; channels = (%s); attempts = 3; }"""
RETRY = 'outcomes = ({ outcome = "no_answer"; retry_after = "1h"; });'


def rule(after="24h", window="48h", purpose="survey", channels='"call"'):
    return RULE % (after, window, purpose, channels)


def office(system, limits=NO_LIMITS, rules=None, **settings):
    """An office that follows up by these rules."""
    path = system.folder / "followups.conf"
    path.write_text(f"limits: {{ {limits} }};\n{RETRY}\nrules = ({rules or rule()});\n")
    settings["followup"] = {"rules": path, **settings.get("followup", {})}
    return Office(system, **settings)


def case(desk, name, case_ref, kind=intake.CONTACT_KIND_REQUEST):
    desk.send(("contact", intake.Contact(
        customer_ref=name, kind=kind, channel="phone", branch="north", case_ref=case_ref)))


def resolve(desk, name, case_ref):
    """One more case of a customer, which is resolved now."""
    case(desk, name, case_ref)
    desk.send(("case_update", intake.CaseUpdate(
        customer_ref=name, case_ref=case_ref, action=intake.CASE_ACTION_RESOLVED)))
    desk.quiet()


def change(desk, name, **profile):
    desk.send(("customer_profile", intake.CustomerProfile(customer_ref=name, **profile)))


def states(desk):
    """(state, reason) of each, in the order in which they were planned."""
    return [(int(state), reason) for state, reason, _, _ in desk.follow_ups()]


def by_name(desk):
    """{customer: (state, reason)}, where each has one."""
    return {name: (int(state), reason) for name, state, reason in desk.rows("""
        SELECT r.reference, f.state, f.reason FROM followup.follow_up f
          JOIN intake.customer_reference r ON r.customer_number = f.customer_number""")}


def steps(desk):
    return desk.rows("""
        SELECT step, reason, extract(epoch FROM until_at - timestamptz '2026-01-01 00:00Z') / 3600
          FROM followup.follow_up_step ORDER BY at, version""")


def hours_until_next(desk):
    return desk.rows("""SELECT extract(epoch FROM next_attempt_at - log.now())::int / 3600
                          FROM followup.follow_up WHERE state = 1""")


# ---- not now


def test_at_night_it_waits_for_the_morning_in_the_customers_zone(system):
    desk = office(system, NIGHTS, rule(after="14h"))
    desk.resolve("li", "smith")
    change(desk, "smith", time_zone="America/New_York")

    desk.step(14)  # 22:00 in Shanghai, 09:00 in New York
    assert by_name(desk) == {"li": (PLANNED, "quiet_hours"), "smith": (DONE, "answered")}
    assert hours_until_next(desk) == [["10"]]
    assert [step[:2] for step in steps(desk)] == [["deferred", "quiet_hours"]]

    desk.step(9)
    assert by_name(desk)["li"] == (PLANNED, "quiet_hours")
    desk.step(1)
    assert by_name(desk)["li"] == (DONE, "answered")
    assert desk.rows("SELECT count(*) FROM log.event WHERE kind = 'follow_up_deferred'") == [["1"]]


def test_unknown_zone_waits_for_the_safest_hours(system):
    limits = NIGHTS.replace('usual_zone = "Asia/Shanghai";', 'safest = "12:00-13:00";')
    desk = office(system, limits, rule(after="2h"))
    desk.resolve("li")

    desk.step(2)
    assert states(desk) == [(PLANNED, "zone_unknown")]
    assert hours_until_next(desk) == [["10"]]
    desk.step(10)
    assert states(desk) == [(DONE, "answered")]


def test_window_that_the_night_takes_is_missed(system):
    desk = office(system, NIGHTS, rule(after="14h", window="10h"))
    desk.resolve("li")

    desk.step(14)

    assert states(desk) == [(MISSED, "nothing_permitted")]
    text = ask(system.http("followup"), "/metrics")
    assert 'troth_followup_missed_total{reason="nothing_permitted"} 1' in text
    assert "event=follow_ups_missed" in desk.stage.processes["followup"].log()


def test_budget_of_the_week_defers_until_it_frees(system):
    desk = office(system, NO_LIMITS + "per_week = 1;", rule(after="1h", window="20d"))
    desk.resolve("li")
    desk.step(1)
    resolve(desk, "li", "second")
    desk.step(1)

    assert states(desk) == [(DONE, "answered"), (PLANNED, "budget_week")]
    desk.step(7 * DAY)
    assert states(desk) == [(DONE, "answered"), (DONE, "answered")]
    assert len(desk.stage.dials()) == 2


def test_order_that_was_barred_is_given_back_to_the_budget(system):
    desk = office(system, NO_LIMITS + "per_day = 1; per_number_week = 1;", rule(channels='"call", "mail"'),
                  programs=["intake", "followup"])
    dialer = ScriptedDialer(desk)
    desk.resolve("li", phone="+8613800000000")
    desk.clock.step(DAY)
    first = dialer.wait_for("order")
    dialer.send(answer=pb.DialAnswer(key=first.key, fate=pb.DIAL_FATE_BARRED))

    second = dialer.wait_for("order")
    assert second.key.split("/") == [first.key.split("/")[0], "2"]
    assert desk.rows("SELECT orders FROM followup.contact_budget ORDER BY kind") == [["1"], ["1"]]
    dialer.disconnect()


def test_mails_to_one_address_wait_for_its_week(system):
    desk = office(system, NO_LIMITS + "per_number_week = 1;", rule(window="20d", channels='"mail"'))
    desk.resolve("li", "chen")
    for name in ("li", "chen"):
        change(desk, name, email="both@example.org")
    desk.quiet()

    desk.step(DAY)
    assert sorted(states(desk)) == [(PLANNED, "budget_number"), (DONE, "sent")]
    desk.step(7 * DAY)
    assert states(desk) == [(DONE, "sent")] * 2


def test_what_the_customer_asks_for_is_called_whatever_the_budget(system):
    desk = office(system, NO_LIMITS + "per_day = 1;",
                  programs=["intake", "followup"])
    dialer = ScriptedDialer(desk)
    desk.resolve("li")
    desk.clock.step(DAY)
    first = dialer.wait_for("order")
    dialer.finish(first, events.CALL_OUTCOME_CALL_BACK, call_back_us=first.now_us + 2 * 3600 * 10**6)
    dialer.wait_for("result_receipt")
    assert states(desk) == [(PLANNED, "call_back")]

    desk.clock.step(2)
    second = dialer.wait_for("order")
    dialer.finish(second)
    wait_until(lambda: states(desk) == [(DONE, "answered")], what="the answer")
    dialer.disconnect()


def test_after_a_refusal_only_what_is_owed_is_called(system):
    pause = NO_LIMITS.replace('refusal_pause = "0"', 'refusal_pause = "30d"')
    desk = office(system, pause, rule(after="1h"))
    desk.resolve("li")
    customer = desk.rows("SELECT bucket, number FROM intake.customer")[0]
    desk.system.psql(f"""
        INSERT INTO followup.customer_rhythm (bucket, customer_number, last_refusal_at)
        VALUES ({customer[0]}, {customer[1]}, log.now())
            ON CONFLICT (bucket, customer_number) DO UPDATE SET last_refusal_at = excluded.last_refusal_at""")

    desk.step(1)

    assert states(desk) == [(SUPPRESSED, "refused_lately")]


# ---- not at all


def test_what_is_not_wanted_any_more_is_suppressed_with_its_reason(system):
    desk = office(system)
    desk.resolve("wang", "chen", "zhao", "qian", "sun")
    forbid = intake.Consent(customer_ref="wang", do_not_call=True)
    refuse = intake.Consent(customer_ref="chen", consents=[
        intake.ConsentChange(purpose=intake.PURPOSE_SURVEY, is_given=False)])
    desk.send(("consent", forbid), ("consent", refuse), update("zhao", intake.CASE_ACTION_REOPENED))
    case(desk, "qian", "complaint", intake.CONTACT_KIND_COMPLAINT)
    desk.quiet()

    desk.step(DAY)

    assert by_name(desk) == {
        "wang": (SUPPRESSED, "do_not_call"), "chen": (SUPPRESSED, "consent_refused"),
        "zhao": (SUPPRESSED, "case_reopened"), "qian": (SUPPRESSED, "open_complaint"),
        "sun": (DONE, "answered")}
    assert len(desk.stage.dials()) == 1


def test_service_call_is_made_while_a_complaint_is_open(system):
    desk = office(system, rules=rule(purpose="service_call"))
    desk.resolve("qian")
    case(desk, "qian", "complaint", intake.CONTACT_KIND_COMPLAINT)

    desk.step(DAY)

    assert states(desk) == [(DONE, "answered")]


def test_channel_that_was_refused_leaves_the_next_one_of_the_rule(system):
    desk = office(system, rules=rule(channels='"call", "mail"'))
    desk.resolve("li", "chen")
    change(desk, "li", email="li@example.org")
    refuse = intake.ConsentChange(
        purpose=intake.PURPOSE_SURVEY, is_given=False, channel=intake.CHANNEL_CALL)
    desk.send(("consent", intake.Consent(customer_ref="li", consents=[refuse])),
              ("consent", intake.Consent(customer_ref="chen", consents=[refuse])))

    desk.step(DAY)

    assert by_name(desk) == {"li": (DONE, "sent"), "chen": (LISTED, "no_channel")}
    assert desk.rows("SELECT channel FROM followup.follow_up_attempt") == [["3"]]


# ---- one agenda


def test_several_reasons_become_one_call(system):
    desk = office(system, NO_LIMITS + 'agenda_ahead = "2h";')
    desk.resolve("li")
    resolve(desk, "li", "second")
    desk.clock.step(1)
    wait_until(lambda: desk.stage.time_of("intake") >= desk.clock.now_us // 1_000_000, what="the clock")
    resolve(desk, "li", "soon")

    desk.step(DAY - 1)

    assert states(desk) == [(DONE, "answered"), (MERGED, "agenda"), (MERGED, "agenda")]
    assert len(desk.stage.dials()) == 1
    leader = desk.rows("SELECT number FROM followup.follow_up WHERE state = 4")[0]
    assert desk.rows("SELECT merged_into FROM followup.follow_up WHERE state = 9") == [leader] * 2
    assert desk.rows("SELECT step, other_number FROM followup.follow_up_step") == [
        ["merged", *leader]] * 2


def test_merged_ones_are_called_for_when_their_leader_is_not(system):
    desk = office(system, programs=["intake", "followup"])
    dialer = ScriptedDialer(desk)
    desk.resolve("li")
    resolve(desk, "li", "second")
    desk.clock.step(DAY)
    first = dialer.wait_for("order")
    assert len(first.agenda) == 2
    dialer.finish(first, events.CALL_OUTCOME_NO_ANSWER)
    dialer.wait_for("result_receipt")

    desk.send(update("li", intake.CASE_ACTION_REOPENED))
    wait_until(lambda: states(desk)[0] == (SUPPRESSED, "case_reopened"), what="the end of the leader")
    second = dialer.wait_for("order")

    assert second.follow_up != first.follow_up
    assert [step[0] for step in steps(desk)] == ["merged", "planned_again"]
    dialer.finish(second)
    wait_until(lambda: states(desk)[1] == (DONE, "answered"), what="the answer")
    dialer.disconnect()


# ---- whoever asks


def troth(desk, *arguments):
    done = desk.system.run("troth", "followups", *arguments, "--database",
                           desk.system.conninfo("troth_operator"))
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_follow_up_can_say_how_it_came_to_this(system):
    desk = office(system, NIGHTS, rule(after="14h"))
    desk.resolve("li")
    resolve(desk, "li", "second")
    desk.step(14)
    listed = json.loads(system.run(
        "troth", "followups", "--ended", "merged,suppressed", "--json", "--database",
        system.conninfo("troth_operator")).stdout)
    assert listed == {"counts": [], "newest": []}
    numbers = [row["follow_up"] for row in json.loads(troth(desk, "--zone-unknown", "--json"))]
    assert len(numbers) == 2
    number = numbers[0]

    waiting = json.loads(troth(desk, "--explain", number, "--json"))
    assert (waiting["state"], waiting["reason"]) == ("planned", "quiet_hours")
    assert [step["step"] for step in waiting["history"]] == ["deferred"]
    assert (waiting["now"]["verdict"], waiting["now"]["reason"]) == ("defer", "quiet_hours")
    assert waiting["now"]["until"].startswith("2026-01-02T00:00:00")
    assert "Asked now: defer until 2026-01-02T00:00:00" in troth(desk, "--explain", number)

    desk.step(10)
    leader = json.loads(troth(desk, "--explain", number, "--json"))
    assert (leader["state"], leader["reason"], len(leader["covers"])) == ("done", "answered", 1)
    assert [step["step"] for step in leader["history"]] == ["deferred", "ordered", "called"]
    merged = json.loads(troth(desk, "--explain", leader["covers"][0]["follow_up"], "--json"))
    assert merged["merged_into"]["follow_up"] == number
    assert "another call to the customer covers it" in troth(desk, "--explain", merged["follow_up"])
    counts = json.loads(troth(desk, "--ended", "suppressed,missed,merged,listed", "--json"))["counts"]
    assert [(c["state"], c["reason"], c["count"]) for c in counts] == [("merged", "agenda", 1)]
    assert system.run("troth", "followups", "--explain", "F-1-1", "--database",
                      system.conninfo("troth_operator")).returncode != 0


# ---- many at once


def test_after_a_day_of_downtime_what_is_late_is_called_and_what_is_too_late_is_listed(system):
    rules = ", ".join([
        rule(window="4d"), rule(window="12h").replace('resolved";', 'resolved"; topic = "short";')
        .replace("after_resolution", "soon")])
    desk = office(system, rules=rules)
    desk.resolve("li", "wang", "zhao")
    scheduler = desk.stage.processes["followup"]
    scheduler.kill()

    desk.clock.step(2 * DAY)
    again = Process("followup", scheduler.popen.args, scheduler.log_path)
    system.processes.append(again)
    desk.stage.processes["followup"] = again
    again.wait_ready()
    desk.quiet()

    assert sorted(states(desk)) == [(DONE, "answered")] * 3 + [(MISSED, "window_passed")] * 3
    assert 'troth_followup_missed_total{reason="window_passed"} 3' in ask(
        system.http("followup"), "/metrics")


def test_herd_is_called_by_priority_and_never_more_than_there_are_lines(system):
    desk = office(system, programs=["intake", "followup"])
    dialer = ScriptedDialer(desk)
    desk.resolve(*[f"c{number}" for number in range(HERD)])
    system.psql("UPDATE followup.follow_up SET priority = 1 + (number >> 8) % 4")
    priority_of = {int(n): int(p) for n, p in desk.rows("SELECT number, priority FROM followup.follow_up")}
    desk.clock.step(DAY)

    called = []
    for _ in range(HERD // 2):
        order = dialer.wait_for("order")
        taken = desk.rows("SELECT count(*) FROM followup.follow_up WHERE state IN (2, 3)")
        assert int(taken[0][0]) <= 2  # the line, and the order whose result is on its way
        called.append(priority_of[order.follow_up])
        dialer.finish(order)
        dialer.wait_for("result_receipt")

    assert called == sorted(priority_of.values())[:len(called)]
    dialer.disconnect()


def test_two_schedulers_never_overspend_the_budget_of_a_number(system):
    both = f"{system.endpoint('followup')} {system.endpoint('followup-2')}"
    desk = office(system, NO_LIMITS + "per_number_week = 3;", rule(window="20d"),
                  dialer={**EVERYBODY, "followup": both})
    second = system.start(
        "followup", instance="followup-2", arguments=["--demo-clock"], lease="2s",
        **{**QUICK["followup"], "rules": system.folder / "followups.conf"}, **connections(system, "followup"))
    wait_until(lambda: desk.rows("""
        SELECT 1 FROM log.lease WHERE resource LIKE 'lane/followup/%' AND until > clock_timestamp()
         GROUP BY holder HAVING count(*) = 4 OFFSET 1"""), what="fair shares")
    desk.resolve(*[f"c{number}" for number in range(24)], phone="+8613800000000")

    desk.step(DAY)
    assert len(desk.stage.dials()) == 3
    assert sorted({reason for _, reason in states(desk)}) == ["answered", "budget_number"]
    assert desk.rows("SELECT sum(orders) FROM followup.contact_budget WHERE kind = 2") == [["3"]]

    desk.step(7 * DAY)
    assert len(desk.stage.dials()) == 6
    assert second.is_running()
    ledger.check_calls(system, desk.stage.dials())
