# SPDX-License-Identifier: Apache-2.0
"""What customers say in a follow-up, from the questions of the order to the facts at intake."""

import dialer_pb2 as pb
import event_pb2 as events
import intake_pb2 as intake
import pytest

from tests.support import ledger, sealed
from tests.support.stage import LEASE, Stage, connections
from tests.support.system import ROOT, Key, wait_until

QUESTIONNAIRE = ROOT / "deploy/config/questionnaire.conf"
DAY = 24
ANSWERED = events.CALL_OUTCOME_ANSWERED

# One call after each resolved case; nothing keeps it from being made.
RULES = """
limits: {{ quiet = "none"; attempts_per_day = 0; refusal_pause = "0"; agenda_ahead = "0"; called_back = "0";
           usual_zone = "Asia/Shanghai"; }};
rules = ({{ name = "after"; trigger = "case_resolved"; after = "24h"; window = "48h"; channels = ("call");
            purpose = "{purpose}"; attempts = 3; }});
"""


class Desk:
    """Intake and the scheduler, a source that resolves cases, and a dialer that says what it is told."""

    def __init__(self, system, purpose="survey", questionnaire=QUESTIONNAIRE, **followup):
        self.system = system
        self.rules = system.folder / "followups.conf"
        self.rules.write_text(RULES.format(purpose=purpose))
        system.key("garage", ["records"])
        system.key("scripted", ["dial"])
        self.followup = {"rules": self.rules, "questionnaire": questionnaire, **followup}
        self.stage = Stage(system, ["intake", "followup"], followup=self.followup)
        self.clock = self.stage.clock
        self.garage = system.client("intake", "garage")
        self.connect()
        self.sent = 0

    # ---- records

    def send(self, **body):
        self.sent += 1
        record = intake.Record(key=f"desk-{self.sent}", occurred_us=self.clock.now_us, **body)
        self.garage.send(intake.IntakeRequest(records=intake.RecordBatch(records=[record])))
        receipt = self.garage.receive(intake.IntakeReply).receipts.receipts[0]
        assert receipt.status == intake.RECEIPT_STATUS_ACCEPTED, receipt

    def profile(self, name, phone="+8613800000000", language="zh-CN"):
        self.send(customer_profile=intake.CustomerProfile(customer_ref=name, phone=phone, language=language))

    def complain(self, name, ref="case", category="billing"):
        self.send(contact=intake.Contact(
            customer_ref=name, kind=intake.CONTACT_KIND_COMPLAINT, channel="phone", branch="north",
            category=category, case_ref=f"{name}-{ref}"))

    def resolve(self, name, ref="case"):
        self.send(case_update=intake.CaseUpdate(
            customer_ref=name, case_ref=f"{name}-{ref}", action=intake.CASE_ACTION_RESOLVED))
        ledger.wait_until_quiet(self.system, ["followup"])

    def step(self, hours):
        """Until intake knows it too: what is sent then is not in the future. It may be away."""
        self.clock.step(hours)
        if self.stage.processes["intake"].is_running():
            wait_until(lambda: self.stage.time_of("intake") >= self.clock.now_us // 1_000_000, what="the clock")

    # ---- calls

    def connect(self, instance="followup"):
        """As a dialer does: it says who it is before all else."""
        self.dialer = self.system.client("followup", "scripted", instance=instance)
        self.hello()

    def hello(self):
        self.dialer.send(pb.DialerRequest(hello=pb.DialerHello(dialer="desk", journal="first", free_lines=1)))

    def reply(self, kind):
        """The next reply of that kind; hellos go out meanwhile."""
        found = []

        def is_there():
            self.hello()
            for frames in iter(lambda: self.dialer.receive_bytes(0.1), None):
                message = pb.DialerReply.FromString(frames[-1])
                if message.WhichOneof("body") == kind:
                    found.append(getattr(message, kind))
                    return True
            return False
        wait_until(is_there, what=kind)
        return found[0]

    def order(self):
        return self.reply("order")

    def tell(self, order, answers=(), outcome=ANSWERED, **more):
        """Reports a result until it was taken. answers: (code, value) or (code, value, comment)."""
        said = [pb.DialedAnswer(code=code, value=value, comment="".join(comment))
                for code, value, *comment in answers]
        self.dialer.send(pb.DialerRequest(result=pb.DialResult(
            key=order.key, outcome=outcome, started_us=order.now_us, ended_us=order.now_us, answers=said, **more)))
        assert self.reply("result_receipt").key == order.key

    def taken(self):
        """Until intake has everything that was told."""
        wait_until(lambda: not self.rows("SELECT 1 FROM followup.record_outbox WHERE state = 1"), what="receipts")
        ledger.wait_until_quiet(self.system, ["followup"])

    # ---- looking

    def rows(self, sql):
        return [line.split("|") for line in self.system.psql(sql).splitlines()]

    def outbox(self):
        """[suffix of the key, state, code] of each record."""
        return self.rows(r"""
            SELECT regexp_replace(key, '^F-\d+-\d/\d+/', ''), state, code FROM followup.record_outbox ORDER BY key""")

    def follow_ups(self):
        return self.rows("SELECT state, reason FROM followup.follow_up ORDER BY number")


@pytest.fixture(name="desk")
def fixture_desk(system):
    return Desk(system)


def resolved(desk, name, **profile):
    desk.profile(name, **profile)
    desk.complain(name)
    desk.resolve(name)


def resolved_call(desk, name="li", **profile):
    resolved(desk, name, **profile)
    desk.step(DAY)
    return desk.order()


# ---- what is asked


def test_an_order_says_and_asks_in_the_language_of_the_customer(desk):
    order = resolved_call(desk)

    assert order.script == "case_resolved"
    assert "城北店" in order.opening and "您的账单" in order.agenda[0].say
    assert [item.code for item in order.items][:3] == ["solved", "csat", "ces"]
    assert (order.items[1].only_if, order.items[1].only_min, order.items[1].only_max) == ("solved", 1, 1)
    halves = [item.code.split("_") for item in order.items[3:]]
    assert [half[2] for half in halves] == ["expectation", "perception"] * 2
    assert len({half[1] for half in halves}) == 2
    assert order.agenda[0].service_case and order.items[0].service_case == order.agenda[0].service_case
    stored = desk.rows("SELECT hash, length(body) > 1000 FROM followup.questionnaire_version")
    assert stored == [[order.questionnaire, "t"]]


def test_another_file_counts_from_the_next_order_and_a_broken_one_never(system):
    mine = system.folder / "questionnaire.conf"
    text = QUESTIONNAIRE.read_text().replace('@include "servqual.conf"', "").replace("servqual = true;", "")
    mine.write_text(text)
    desk = Desk(system, questionnaire=mine)
    followup = desk.stage.processes["followup"]

    mine.write_text(text.replace('code = "nps"', 'code = "NPS"', 1))
    followup.reload()
    wait_until(lambda: "questionnaire_refused" in followup.log(), what="the broken file to be refused")
    assert "questionnaire.conf:" in followup.log() and "lower-case" in followup.log()
    mine.write_text(text.replace("问题真的解决了吗？", "真的修好了吗？"))
    followup.reload()
    wait_until(lambda: followup.log().count("questionnaire_in_force") == 2, what="the new file")

    order = resolved_call(desk)
    assert order.items[0].question.startswith("真的修好了吗？")
    versions = desk.rows("SELECT hash FROM followup.questionnaire_version ORDER BY id")
    assert len(versions) == 2 and versions[1] == [order.questionnaire]


# ---- what comes back


def test_answers_become_facts_about_the_case(desk):
    order = resolved_call(desk)
    first, second = (item.item for item in order.items[3::2])

    desk.tell(order, [("solved", 1), ("csat", 4, "排队太久"), ("ces", 6),
                      (f"servqual_{first}_expectation", 7), (f"servqual_{first}_perception", 3),
                      (f"servqual_{second}_perception", 5)])
    desk.taken()

    assert {row[1] for row in desk.outbox()} == {"2"}
    answers = desk.rows("""
        SELECT a.instrument, a.value, a.case_number = c.number, a.follow_up_number IS NOT NULL
          FROM intake.survey_answer a, intake.service_case c ORDER BY a.instrument""")
    assert answers == [[str(intake.SURVEY_INSTRUMENT_CSAT), "4", "t", "t"],
                       [str(intake.SURVEY_INSTRUMENT_CES), "6", "t", "t"],
                       [str(intake.SURVEY_INSTRUMENT_SERVQUAL), "", "t", "t"]]
    items = desk.rows("SELECT item, expectation, perception FROM intake.survey_item")
    assert sorted(items) == sorted([[str(first), "7", "3"], [str(second), "", "5"]])
    assert "排队太久" in [fact.texts.get("comment") for fact in sealed.texts(desk.system)]
    asked = desk.rows("SELECT servqual_asked FROM followup.customer_rhythm WHERE servqual_asked > 0")
    assert asked == [[str(1 << first | 1 << second)]]
    word = desk.rows("SELECT customer_word FROM intake.promise WHERE kind = 'resolution'")
    assert word == [["1"]]


def test_not_solved_reopens_the_case_more_urgent_than_it_was(desk):
    order = resolved_call(desk)
    before = int(desk.rows("SELECT priority FROM intake.service_case")[0][0])

    desk.tell(order, [("solved", 0)], note="空调还是不制冷")
    desk.taken()

    assert {tuple(row[1:]) for row in desk.outbox()} == {("2", "")}, desk.outbox()
    state, priority, reopened = desk.rows("SELECT state, priority, reopened_count FROM intake.service_case")[0]
    assert (int(state), reopened) == (events.CASE_STATE_OPEN, "1")
    assert int(priority) == min(2, max(1, before - 1))
    words = desk.rows(
        "SELECT customer_word FROM intake.promise WHERE kind = 'resolution' AND customer_word IS NOT NULL")
    assert words == [["2"]]
    assert "空调还是不制冷" in [fact.texts.get("note") for fact in sealed.texts(desk.system)]
    assert desk.rows("SELECT count(*) FROM followup.follow_up WHERE state = 1") == [["0"]]


def test_do_not_call_holds_at_once_also_while_intake_is_away(desk):
    desk.profile("li")
    desk.complain("li")
    desk.resolve("li")
    desk.step(DAY / 2)
    desk.complain("li", "second")
    desk.resolve("li", "second")
    desk.step(DAY / 2)
    order = desk.order()
    desk.stage.processes["intake"].kill()

    desk.tell(order, outcome=events.CALL_OUTCOME_REFUSED, refusal=pb.DIAL_REFUSAL_EVERYTHING)
    told = desk.rows("SELECT told_do_not_call, told_refusals FROM followup.customer_rhythm_public")
    assert told == [["t", "0"]]
    desk.step(DAY)
    wait_until(lambda: ["6", "do_not_call"] in desk.follow_ups(), what="the second one to be suppressed")

    desk.system.start("intake", arguments=["--demo-clock"])
    desk.taken()
    assert desk.rows("SELECT do_not_call FROM intake.customer_public") == [["t"]]
    told = desk.rows("SELECT told_do_not_call, told_refusals FROM followup.customer_rhythm_public")
    assert told == [["f", "0"]], "intake says it now"


def test_a_purpose_that_was_refused_is_not_called_for_again(desk):
    order = resolved_call(desk)
    desk.tell(order, refusal=pb.DIAL_REFUSAL_THIS_PURPOSE)
    desk.taken()
    refused = desk.rows("SELECT refusals, do_not_call FROM intake.customer_public")
    assert refused == [[str(1 << intake.PURPOSE_SURVEY), "f"]]

    desk.complain("li", "second")
    desk.resolve("li", "second")
    desk.step(DAY)
    wait_until(lambda: ["6", "consent_refused"] in desk.follow_ups(), what="the second one to be suppressed")


def test_another_number_and_language_are_used_for_the_next_call(desk):
    order = resolved_call(desk)
    assert order.phone == "+8613800000000"
    desk.tell(order, new_phone="+8613900000001", language="en")
    desk.taken()

    desk.complain("li", "second")
    desk.resolve("li", "second")
    desk.step(DAY)
    again = desk.order()
    assert again.phone == "+8613900000001"
    assert again.opening.startswith("Hello, this is our garage in the north.")


def test_a_note_is_kept_with_the_case(desk):
    order = resolved_call(desk)
    desk.tell(order, note="客户希望周末取车")
    desk.taken()
    assert [row[0] for row in desk.outbox()] == ["case-note"]
    assert "客户希望周末取车" in [fact.texts.get("note") for fact in sealed.texts(desk.system)]


# ---- sealed


def test_what_was_told_stands_nowhere_in_the_clear(desk):
    order = resolved_call(desk)
    desk.stage.processes["intake"].kill()
    desk.tell(order, [("csat", 2, "geheimnis")], note="geheimnis", new_phone="+4915112345678")

    records = desk.rows("SELECT encode(record, 'hex') FROM followup.record_outbox")
    assert len(records) == 3
    for (record,) in records:
        assert b"geheimnis" not in bytes.fromhex(record) and b"4915112345678" not in bytes.fromhex(record)
        assert order.key.encode() not in bytes.fromhex(record)
    log = desk.stage.processes["followup"].log()
    assert "geheimnis" not in log and "4915112345678" not in log


def start_again(desk, name):
    """A program that was ended, with the same settings."""
    process = desk.stage.processes[name]
    again = type(process)(name, process.popen.args, process.log_path)
    desk.system.processes.append(again)
    desk.stage.processes[name] = again
    again.wait_ready()
    return again


def replace_key(desk):
    """Gives the scheduler a new pair, known to intake beside the old one, which stays below it in the file. Returns its text."""
    old, new = desk.system.service_key("followup"), Key.new(desk.system.folder, "followup-new")
    done = desk.system.run("troth", "key", "rotate", "followup", "--key", new.public_path, "--overlap", "1h",
                           "--database", desk.system.conninfo("troth_operator"))
    assert done.returncode == 0, done.stderr
    text = new.path.read_text()
    new.path.write_text(text + old.path.read_text())
    new.path.replace(old.path)
    old.public, old.secret = new.public, new.secret  # for clients of the test that come from now on
    return text


def test_answers_wait_out_a_new_key(system):
    desk = Desk(system, start_within="30s")  # an order waits while the key is replaced
    resolved(desk, "wang")
    first, second = resolved_call(desk), desk.order()
    desk.stage.processes["intake"].kill()
    desk.tell(first, [("csat", 2)])
    followup = desk.stage.processes["followup"]
    replace_key(desk)
    followup.reload()
    wait_until(lambda: "key_replaced" in followup.log(), what="the new key")
    desk.connect()
    desk.tell(second, [("csat", 4)])

    start_again(desk, "intake")
    desk.taken()
    assert sorted(desk.outbox()) == [["csat", "2", ""]] * 2
    assert sorted(desk.rows("SELECT value FROM intake.survey_answer")) == [["2"], ["4"]]


def test_what_a_scheduler_sealed_with_a_newer_key_is_opened_before_the_other_is_told(system):
    desk = Desk(system, start_within="30s")
    order = resolved_call(desk)
    desk.stage.processes["intake"].kill()
    first = desk.stage.processes["followup"]
    replace_key(desk)
    second = desk.system.start("followup", instance="followup-2", arguments=["--demo-clock"], lease=LEASE,
                               **{**connections(desk.system, "followup"), **desk.followup})
    first.pause()
    wait_until(lambda: desk.rows("""
        SELECT 1 FROM log.lease WHERE resource LIKE 'lane/followup/%' AND until > clock_timestamp()
         GROUP BY holder HAVING count(*) = 8"""), what="all lanes to go over")
    desk.connect("followup-2")
    desk.tell(order, [("csat", 3)])
    key_file = desk.system.service_key("followup").path
    key_file.chmod(0o644)
    second.kill()
    first.resume()
    wait_until(lambda: "key_not_private" in first.log(), what="a file that nobody may read")
    assert desk.outbox() == [["csat", "1", ""]]

    key_file.chmod(0o600)
    start_again(desk, "intake")
    desk.taken()
    assert desk.outbox() == [["csat", "2", ""]]
    assert "answer_sealed" not in first.log()


def test_a_key_file_that_lost_the_old_pair_leaves_named_rows_behind(system):
    desk = Desk(system, start_within="30s")
    resolved(desk, "wang")
    first, second = resolved_call(desk), desk.order()
    desk.stage.processes["intake"].kill()
    desk.tell(first, [("csat", 2)])
    followup = desk.stage.processes["followup"]
    new = replace_key(desk)
    followup.reload()
    wait_until(lambda: "key_replaced" in followup.log(), what="the new key")
    desk.connect()
    desk.tell(second, [("ces", 4)])
    followup.terminate()
    system.service_key("followup").path.write_text(new)
    again = start_again(desk, "followup")

    wait_until(lambda: ["csat", "3", "sealed_with_another_key"] in desk.outbox(), what="the row to be named")
    assert ["ces", "1", ""] in desk.outbox(), "sealed since with the new pair, so it waits for intake"
    assert desk.rows("SELECT count(*) FROM followup.record_outbox WHERE record IS NULL") == [["0"]]
    assert "answer_sealed" in again.log()
