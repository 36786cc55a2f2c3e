# SPDX-License-Identifier: Apache-2.0
"""A year that is brought in from an older system: its figures stand on its own days, its promises are judged by when things
were done, its customers are scored by when it happened, and nobody is called, told or alarmed because of it."""

import csv
import random
import subprocess
from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest
import score_pb2 as score

from tests.support import figure_oracle, figures, ledger, loyalty_oracle
from tests.support.intake_client import IntakeClient, answer, case_update, contact, profile, purchase
from tests.support.load import HOUR_US, DemoClock
from tests.support.stage import PROGRAMS, Stage
from tests.support.system import ROOT, System, config_text, wait_until

DAY_US = 24 * HOUR_US
NOW = datetime(2026, 3, 10, 2, tzinfo=timezone.utc)  # a Tuesday, at ten in the morning in Shanghai
NOW_US = round(NOW.timestamp()) * 1_000_000
CHINA = timezone(timedelta(hours=8))
CUSTOMERS = 150
DAYS_AFTER = 6  # the newest promises are due by then, and the grace is over
BIRTHDAY, MISSED, CSAT = "7", "5", 1
# Of tests/support/plain_standards.conf, all hours count.
OWED = {"complaint": {"first_response": 4, "resolution": 72}, "request": {"first_response": 8, "resolution": 120},
        "enquiry": {"first_response": 24}}
HEADER = ["case", "customer", "branch", "kind", "opened", "answered", "solved", "mark"]
MAPPING = """
name = "older";
zone = "UTC";
records = (
    { type = "contact"; occurred = { column = "opened"; format = "%Y-%m-%d %H:%M"; required = true; };
      customer_ref = { column = "customer"; }; case_ref = { column = "case"; }; kind = { column = "kind"; };
      branch = { column = "branch"; }; channel = "phone"; category = "repair"; },
    { type = "case_update"; when = { column = "answered"; }; occurred = { column = "answered"; format = "%Y-%m-%d %H:%M"; };
      customer_ref = { column = "customer"; }; case_ref = { column = "case"; }; action = "responded"; },
    { type = "case_update"; when = { column = "solved"; }; occurred = { column = "solved"; format = "%Y-%m-%d %H:%M"; };
      customer_ref = { column = "customer"; }; case_ref = { column = "case"; }; action = "resolved"; },
    { type = "survey_answer"; when = { column = "mark"; }; occurred = { column = "solved"; format = "%Y-%m-%d %H:%M"; plus = "2h"; };
      customer_ref = { column = "customer"; }; case_ref = { column = "case"; }; instrument = "csat";
      value = { column = "mark"; }; }
);
"""


def text_of(at):
    return at.strftime("%Y-%m-%d %H:%M") if at else ""


def day_of(at):
    return at.astimezone(CHINA).date().isoformat()


class OldCase:
    """What the older system knows of one case; times in whole minutes."""

    def __init__(self, chance, number, customer, opened):
        self.number, self.customer, self.opened = number, customer, opened
        self.branch = chance.choice(["north", "south"])
        self.kind = chance.choice(list(OWED))
        self.answered = opened + timedelta(minutes=chance.randrange(5, 900)) if chance.random() < 0.9 else None
        self.solved = opened + timedelta(minutes=chance.randrange(1000, 5 * 1440)) if chance.random() < 0.85 else None
        if self.solved and self.solved >= NOW - timedelta(hours=2):
            self.solved = None
        self.mark = chance.randrange(1, 6) if self.solved and chance.random() < 0.6 else None

    def row(self):
        return [self.number, self.customer, self.branch, self.kind, text_of(self.opened), text_of(self.answered),
                text_of(self.solved), "" if self.mark is None else self.mark]

    def records(self):
        return 1 + sum(one is not None for one in (self.answered, self.solved, self.mark))

    def done(self, kind):
        moments = [at for at in (self.answered if kind == "first_response" else None, self.solved) if at]
        return min(moments, default=None)

    def figures(self):
        """(measure, day) of everything that is counted about it, by simple rules."""
        yield "contacts", day_of(self.opened)
        yield "cases", day_of(self.opened)
        if self.kind == "complaint":
            yield "complaints", day_of(self.opened)
        if self.solved:
            yield "resolution", day_of(self.solved)
        if self.mark is not None:
            yield "csat", day_of(self.solved + timedelta(hours=2))
        for kind, hours in OWED[self.kind].items():
            due, done = self.opened + timedelta(hours=hours), self.done(kind)
            yield "promises_made", day_of(self.opened)
            if done and done <= due:
                yield "promises_kept", day_of(done)
            else:
                yield "promises_broken", day_of(due)
            if done and done > due:
                yield "promises_kept_late", day_of(due)


def old_cases(seed=11):
    """Four of each customer, three months apart, the newest ones a day ago; and a flood on one day in winter."""
    chance, cases = random.Random(seed), []
    for customer in range(CUSTOMERS):
        for quarter in range(4):
            minutes = chance.randrange(30 * 60, 85 * 1440) + quarter * 91 * 1440
            cases.append(OldCase(chance, f"case-{customer}-{quarter}", f"c-{customer}", NOW - timedelta(minutes=minutes)))
    for flood in range(40):
        cases.append(OldCase(chance, f"case-f-{flood}", f"f-{flood}", NOW - timedelta(days=60, minutes=chance.randrange(600))))
        cases[-1].kind = "complaint"
    return sorted(cases, key=lambda one: one.opened)


class Brought:
    """All programs, with the rules that a company starts from; the year comes in while the clock stands at now."""

    def __init__(self, system, programs):
        self.system, self.programs, self.cases, self.numbers = system, programs, old_cases(), {}
        self.key = system.key("older", ["records"], is_historical=True)
        self.client = IntakeClient(system.client("intake", "older", key=self.key))
        self.shop = IntakeClient(system.client("intake", "shop", rights=["records"]))
        self.scores = system.client("loyalty", "reader", rights=["scores"])
        self.clock = DemoClock(system, NOW_US)
        self.stage = Stage(system, PROGRAMS, clock=self.clock, followup={"rules": ROOT / "deploy/config/followups.conf"},
                           reporting={"time_zone": "Asia/Shanghai"})
        for name, where in (("hook", "'http://127.0.0.1:9/', NULL, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'"),
                            ("mail", "NULL, 'boss@example.org', NULL")):
            system.psql(f"SELECT followup.subscription_add('{name}', NULL, NULL, NULL, {where}, log.now() - interval '2 years')")
        (system.folder / "older.conf").write_text(MAPPING)
        with open(system.folder / "older.csv", "w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([HEADER, *(case.row() for case in self.cases)])
        (system.folder / "troth.conf").write_text(config_text({
            "key_file": self.key.path, "intake": system.endpoint("intake"),
            "intake_key": system.service_key("intake").public_path}))

    def people(self):
        return [profile(f"c-{n}", f"profile-{n}", NOW_US - 400 * DAY_US, phone=f"+86138{n:08}", phone_is_verified=True, language="zh",
                        birthday=f"--{1 + n % 12:02}-{1 + n % 28:02}") for n in range(CUSTOMERS)]

    def import_file(self):
        """The last line of `troth import`."""
        folder = self.system.folder
        done = subprocess.run([str(self.programs / "troth"), "import", "--config", str(folder / "troth.conf"), "--mapping",
                               str(folder / "older.conf"), "--no-undo", "--quiet", str(folder / "older.csv")], text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=100, check=False)
        assert done.returncode == 0, done.stderr
        return dict(one.split("=") for one in done.stdout.splitlines()[-1].split()[1:])

    def days_pass(self, days):
        for _ in range(days):
            self.stage.step(24)
            ledger.wait_until_quiet(self.system)


# ---- what is the same of those who were scored as it happened

PEOPLE, BURSTS, GRID = 5, (-300, -140, -20), (0, 2, 8, 24, 96, 100)  # days from now; hours from there


def scored_records(seed=5):
    """[(when, records)]: of a few customers, at the same instants so that a clock can go from one to the next."""
    chance, moments = random.Random(seed), {}
    for burst in BURSTS:
        for person in range(PEOPLE):
            ref, case = f"s-{person}", f"scored-{person}-{burst}"
            known = {"case_ref": case, "customer_ref": ref}

            def at(hours, make, *arguments, key=f"{case}", **fields):
                us = NOW_US + burst * DAY_US + hours * HOUR_US
                done = moments.setdefault(us, [])
                done.append(make(*arguments, key=f"{key}-{hours}-{len(done)}", occurred_us=us, **fields))

            at(0, purchase, ref, chance.randrange(1000, 90000), branch="scored")
            at(0, contact, ref, chance.choice(["complaint", "request"]), case_ref=case, branch="scored", channel="phone",
               category="repair")
            if chance.random() < 0.8:
                at(chance.choice([2, 8]), case_update, "responded", **known)
            if chance.random() < 0.8:
                at(chance.choice([24, 96]), case_update, "resolved", **known)
            at(100, answer, "csat", chance.randrange(1, 6), **known)
            at(100, answer, "nps", chance.randrange(0, 11), customer_ref=ref)
            at(100, answer, "ces", chance.randrange(1, 8), **known)
            at(100, answer, "csat", chance.randrange(1, 6), customer_ref=ref)
    return sorted(moments.items())


def is_between_tiers(index):
    """Less than tier_slack below a tier: who had it keeps it, and what was known in between is not the same."""
    return 55 <= index < 60 or 70 <= index < 75


def scores_of(scores, numbers):
    """Of each customer what the index is made of and what is said of them; not how it became so."""
    found = {}
    for ref, number in numbers.items():
        reply = scores.ask(score.ScoreRequest(request_id=ref, customer=score.ScoreOfCustomer(customer_number=number)),
                           score.ScoreReply)
        assert reply.code == "", reply
        one = reply.scores[0]
        found[ref] = {"index": one.index, "parts": {part.name: round(part.points, 9) for part in one.contributions},
                      "churn": round(one.churn, 9), "tier": "" if is_between_tiers(one.index) else one.tier}
    return found


def take(numbers, found):
    for key, receipt in found.items():
        assert receipt.status == 1, receipt
        if key.startswith("scored"):
            numbers[f"s-{key.split('-')[1]}"] = receipt.customer_number


@pytest.fixture(scope="module")
def lived(cluster, programs):
    """The scores of those few when each record came in the hour of which it tells."""
    with System(cluster, programs) as system:
        clock = DemoClock(system, scored_records()[0][0])
        client = IntakeClient(system.client("intake", "older", rights=["records"]))
        scores = system.client("loyalty", "reader", rights=["scores"])
        stage = Stage(system, ["intake", "loyalty"], clock=clock)
        numbers = {}
        for at_us, records in scored_records():
            stage.step((at_us - clock.now_us) / HOUR_US)
            wait_until(lambda: stage.time_of("intake") >= clock.now_us // 1_000_000, what="the clock")
            ledger.wait_until_quiet(system, ["loyalty"])
            take(numbers, client.send_all(records))
            ledger.wait_until_quiet(system, ["loyalty"])
        stage.step((NOW_US + DAYS_AFTER * DAY_US - clock.now_us) / HOUR_US)
        wait_until(lambda: stage.time_of("loyalty") >= clock.now_us // 1_000_000, what="the clock")
        ledger.wait_until_quiet(system, ["loyalty"])
        assert system.psql("SELECT count(*) FROM intake.promise WHERE is_historical") == "0"
        yield scores_of(scores, numbers)


# ---- the year


@pytest.fixture(scope="module")
def year(cluster, programs):
    """All of it is in, and some days have passed, so that what could come of it has come."""
    with System(cluster, programs) as system:
        brought = Brought(system, programs)
        take({}, brought.client.send_all(brought.people()))
        for _, records in scored_records():
            take(brought.numbers, brought.client.send_all(records))
        brought.imported = brought.import_file()
        ledger.wait_until_quiet(system)
        brought.days_pass(DAYS_AFTER)
        yield brought


def number(year, sql):
    return int(year.system.psql(sql))


def test_every_row_of_the_year_comes_in(year):
    records = sum(case.records() for case in year.cases)
    assert records > 1500 and (int(year.imported["accepted"]), int(year.imported["records"])) == (records, records)
    assert number(year, f"SELECT count(*) FROM intake.service_case WHERE NOT is_historical AND opened_at < '{NOW}'") == 0


def test_nobody_is_called_or_told_because_of_it(year):
    ended = Counter(tuple(line.split("|")) for line in year.system.psql(f"""
        SELECT trigger, state, reason FROM followup.follow_up WHERE trigger <> {BIRTHDAY}""").splitlines())
    assert {key[1:] for key in ended} == {(MISSED, "history")} and len(ended) >= 4, ended
    assert number(year, f"""SELECT count(*) FROM followup.follow_up_attempt t JOIN followup.follow_up f
        ON f.bucket = t.bucket AND f.number = t.follow_up_number WHERE f.trigger <> {BIRTHDAY}""") == 0
    told = Counter(year.system.psql("SELECT kind FROM followup.delivery WHERE body NOT LIKE '%birthday%'").splitlines())
    assert set(told) <= {"call_finished"}, told  # of the greetings
    assert number(year, "SELECT count(*) FROM intake.promise_step") == 0
    assert number(year, "SELECT count(*) FROM log.event WHERE kind = 'promise_step_taken'") == 0
    assert number(year, "SELECT count(*) FROM followup.record_outbox") == 0


def test_greetings_are_for_the_birthdays_that_come(year):
    days = {(NOW + timedelta(days=n)).astimezone(CHINA).strftime("--%m-%d") for n in range(3, DAYS_AFTER + 3)}  # planned two days ahead
    coming = sum(one.customer_profile.birthday in days for one in year.people())
    planned = year.system.psql(f"SELECT min(due_at) >= '{NOW}', count(*) FROM followup.follow_up WHERE trigger = {BIRTHDAY}")
    assert 0 < coming < 10 and planned == f"t|{coming}"


def test_promises_are_judged_by_when_things_were_done(year):
    wanted = Counter()
    for case in year.cases:
        for kind, hours in OWED[case.kind].items():
            due, done = case.opened + timedelta(hours=hours), case.done(kind)
            state = 5 if done is None else 3 if done <= due else 4
            wanted[kind, str(state), text_of(case.opened), text_of(due), text_of(done)] += 1
    text = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')".format
    found = year.system.psql(f"""SELECT p.kind, p.state, {text('p.made_at')}, {text('p.due_at')}, {text('p.done_at')}
        FROM intake.promise p JOIN intake.case_reference r ON r.case_number = p.case_number WHERE r.reference LIKE 'case-%'""")
    assert Counter(tuple(line.split("|")) for line in found.splitlines()) == wanted
    assert {key[1] for key in wanted} == {"3", "4", "5"}


def test_figures_stand_on_the_days_on_which_it_happened(year):
    wanted = Counter((measure, day, branch) for case in year.cases for measure, day in case.figures()
                     for branch in ("", case.branch))
    measures = {key[0] for key in wanted}
    for at_us, records in scored_records():  # those have a branch of their own, but some answers have none
        day = day_of(datetime.fromtimestamp(at_us / 1e6, timezone.utc))
        wanted["csat", day, ""] += sum(one.HasField("survey_answer") and one.survey_answer.instrument == CSAT for one in records)
    found = rows_of(year)
    for key, one in list(found.items()):
        if key[2] == "scored" and key[0] != "csat":
            found[key[0], key[1], ""] -= one
    found = Counter({key: one for key, one in found.items() if key[0] in measures and key[2] != "scored"})
    different = sorted(key for key in wanted.keys() | found.keys() if wanted[key] != found[key])
    assert len({key[1] for key in wanted}) > 300 and not different, [(key, wanted[key], found[key]) for key in different[:8]]
    figure_oracle.check(year.system, measures=["backlog", "promise_lateness", "revenue", "nps_promoters", "ces"])


def rows_of(year):
    """{(measure, day, branch): count}, without further dimensions."""
    return Counter({(key.measure, key.day, key.branch): one.count for key, one in figures.read_rows(year.system).items()
                    if key.dimension == "all"})


def test_scores_are_those_of_who_was_scored_as_it_happened(year, lived):
    assert len(lived) == PEOPLE and len({one["index"] for one in lived.values()}) > 2
    assert scores_of(year.scores, year.numbers) == lived
    loyalty_oracle.check_sums(year.system)


def test_no_day_of_it_is_alarmed_about(year):
    """A flood in the past is no alarm of today, nor are the days after the import compared with nothing."""
    judged = "SELECT count(*) FROM reporting.night_task WHERE task = 'warn' AND day >= '{}'"
    yesterday = (NOW + timedelta(days=DAYS_AFTER - 1)).astimezone(CHINA).date()
    wait_until(lambda: number(year, judged.format(yesterday)) > 0, what="the night's tasks")
    assert number(year, "SELECT count(*) FROM reporting.early_warning") == 0
    for name in ("troth_intake_steps_due_age_seconds", "troth_intake_orphans"):
        assert watched(year, name) == 0


def watched(year, name):
    """Such a figure is not there before it was asked for the first time, which is each 15 s."""
    found = []

    def is_there():
        try:
            found.append(year.system.metric("intake", name))
        except KeyError:
            return False
        return True

    wait_until(is_there, seconds=60, what=name)
    return found[-1]


def stored(year):
    """How many rows and events there are."""
    tables = ["intake.contact", "intake.service_case", "intake.case_event", "intake.promise", "intake.survey_answer",
              "intake.receipt", "followup.follow_up", "followup.delivery", "loyalty.score_evidence", "loyalty.score_history"]
    counts = {table: number(year, f"SELECT count(*) FROM {table}") for table in tables}
    return counts | {"events": number(year, "SELECT sum(seq) FROM log.head")}


def test_the_same_file_a_second_time_changes_nothing(year):
    before = stored(year)
    again = year.import_file()
    assert (again["accepted"], again["duplicate"]) == ("0", year.imported["records"])
    ledger.wait_until_quiet(year.system)
    assert stored(year) == before


def case_number(year, case):
    """As senders spell it, of a case that stands as the older system left it."""
    return year.client.send_one(case_update("note", case_ref=case.number, customer_ref=case.customer, note="?",
                                            occurred_us=year.clock.now_us)).case_number


def taken(year, record):
    """Its receipt; intake sees up to a second late that the clock was moved, and takes nothing from the future."""
    receipts = []

    def is_taken():
        receipts.append(year.shop.send_one(record))
        return receipts[-1].status == 1

    wait_until(is_taken, what="intake takes the record")
    return receipts[-1]


def test_a_live_record_about_an_imported_case_works_as_any_other(year):
    """The customer writes again; it is owed an answer in time, told of, solved, and followed up by a call."""
    old = next(case for case in year.cases if case.kind == "complaint" and case.solved and case.customer.startswith("c-"))
    case = case_number(year, old)
    before = stored(year)
    joined = profile("w-1", phone=f"+86138{int(old.customer[2:]):08}", phone_is_verified=True, occurred_us=year.clock.now_us)
    taken(year, joined)
    again = taken(year, contact("w-1", "complaint", case_number=case, channel="phone", occurred_us=year.clock.now_us))
    assert again.case_number == case, again
    of_case = f"""FROM intake.promise p JOIN intake.case_reference r ON r.case_number = p.case_number
        WHERE r.reference = '{old.number}' AND NOT p.is_historical"""
    assert year.system.psql(f"SELECT kind, state {of_case}") == "resolution|1"
    year.stage.step(3)
    solved = case_update("resolved", case_number=case, staff="wang", occurred_us=year.clock.before_us + HOUR_US)
    taken(year, solved)
    ledger.wait_until_quiet(year.system)
    assert year.system.psql(f"SELECT kind, state {of_case}") == "resolution|3"
    of_followups = f"""SELECT f.rule, {{}} FROM followup.follow_up f JOIN intake.case_reference r ON r.case_number = f.case_number
        WHERE r.reference = '{old.number}' AND NOT f.is_historical"""
    assert year.system.psql(of_followups.format("f.state")) == "resolved_complaint|1"
    assert stored(year)["followup.delivery"] > before["followup.delivery"], "subscribers are told of what is new"
    year.days_pass(2)
    assert year.system.psql(of_followups.format("f.calls > 0")) == "resolved_complaint|t"
