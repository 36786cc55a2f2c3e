# SPDX-License-Identifier: Apache-2.0
"""Category and mood of a text: learned by the command line or by intake's job, told of contacts that
bring no category, and a list of those that need a person."""

import json
import subprocess

import event_pb2 as event
import intake_pb2 as pb
import pytest

from tests.support import triage_texts
from tests.support.intake_client import ACCEPTED, IntakeClient, case_update, contact, record
from tests.support.system import config_text, wait_until

SOURCE, MODEL, WORDS, NOBODY, STAFF = range(1, 6)
POSITIVE, NEGATIVE = 1, 2

WORDS_STANDARD = """
triage = ( { category = "engine"; words = ("engine", "发动机") } )
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("triage")


@pytest.fixture(scope="module")
def texts(folder):
    return triage_texts.write_csv(folder / "texts.csv", triage_texts.cases(60))


@pytest.fixture(scope="module")
def troth(programs):
    """Runs 'troth triage ...' without a database."""
    def run(*arguments, code=0):
        done = subprocess.run([programs / "troth", "triage", *map(str, arguments)], capture_output=True,
                              text=True, timeout=120, stdin=subprocess.DEVNULL, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    return run


def train(troth, texts, out, *more):
    return troth("train", texts, "--text", "text", "--label", "category", "--out", out, *more)


@pytest.fixture(scope="module")
def model(troth, texts, folder):
    path = folder / "garage.triage"
    train(troth, texts, path)
    return path


# ---- the command line


def test_train_learns_from_some_rows_and_tells_the_others(troth, folder):
    out = folder / "held.triage"
    rows = triage_texts.cases(60)
    kept_out = rows[::4]
    split = triage_texts.write_csv(
        folder / "split.csv", [(*row, "train" if i % 4 else "test") for i, row in enumerate(rows)],
        ("text", "category", "split"))
    held = json.loads(train(troth, split, out, "--held-out", "split", "--json"))
    assert held["examples"] == len(rows) - len(kept_out)
    assert held["held_out"]["all"]["texts"] == len(kept_out)
    assert held["held_out"]["all"]["right"] >= 0.95 * len(kept_out)
    by_label = {one["label"]: one for one in held["held_out"]["labels"]}
    for label in triage_texts.SAID:
        assert by_label[label]["texts"] == sum(category == label for _, category in kept_out)
    # The same command learns the same, and test tells the same rows.
    tested = json.loads(troth("test", out, split, "--text", "text", "--label", "category",
                              "--held-out", "split", "--json"))
    assert tested == held["held_out"]
    everything = json.loads(troth("test", out, split, "--text", "text", "--label", "category", "--json"))
    assert everything["all"]["texts"] == len(rows)
    assert "held out\nLABEL" in train(troth, split, out, "--held-out", "split")
    assert "held out" not in train(troth, split, out)


def test_the_tables_are_for_people(troth, texts, model):
    printed = troth("test", model, texts, "--text", "text", "--label", "category")
    for word in [*triage_texts.SAID, "PRECISION", "RECALL", "ABSTAINED", "of the surest 80 %", "over the threshold"]:
        assert word in printed, printed
    shown = troth("show", model)
    assert "category model" in shown
    assert "from 180 texts" in shown
    assert "none can be shown" in shown


def test_a_model_holds_no_text(model):
    stored = model.read_bytes()
    for pieces in triage_texts.SAID.values():
        for piece in pieces:
            assert piece.encode() not in stored
            assert piece.split()[-1].encode() not in stored


def test_show_tells_a_text(troth, model):
    told = json.loads(troth("show", model, "--say", "刹车又响了，请回电", "--json"))[0]["told"]
    assert (told["label"], told["is_abstained"]) == ("brakes", False)
    assert json.loads(troth("show", model, "--say", "", "--json"))[0]["told"]["is_abstained"]
    assert "brakes" in troth("show", model, "--say", "my brakes squeal when it is cold")


def test_a_mood_is_learned_from_ones_and_zeros(troth, folder):
    rows = [(text, "1") for text in triage_texts.sentences(triage_texts.PRAISE, 80)]
    rows += [(text, "0") for text, _ in triage_texts.cases(30)]
    path = triage_texts.write_csv(folder / "moods.csv", rows, ("text", "mood"))
    out = folder / "mood.triage"
    troth("train", path, "--text", "text", "--label", "mood", "--purpose", "mood", "--out", out)
    told = json.loads(troth("show", out, "--say", "what a friendly team, great work", "--json"))[0]["told"]
    assert (told["label"], told["is_abstained"]) == ("positive", False)
    tested = json.loads(troth("test", out, path, "--text", "text", "--label", "mood", "--json"))
    assert tested["all"]["right"] == tested["all"]["texts"] == 170
    rows.append(("who knows", "maybe"))
    triage_texts.write_csv(path, rows, ("text", "mood"))
    said = troth("train", path, "--text", "text", "--label", "mood", "--purpose", "mood", "--out", out, code=2)
    assert "moods.csv: line 172: a mood is positive or negative" in said


@pytest.mark.parametrize("arguments, says", [
    (("train",), "--text, --label and --out"),
    (("train", "TEXTS", "--text", "text", "--label", "none", "--out", "OUT"), 'no column is called "none"'),
    (("train", "TEXTS", "--text", "category", "--label", "text", "--out", "OUT"), "label"),
    (("train", "FEW", "--text", "text", "--label", "category", "--out", "OUT"), "two labels at least"),
    (("train", "/nowhere.csv", "--text", "text", "--label", "category", "--out", "OUT"), "No such file"),
    (("train", "TEXTS", "--text", "text", "--label", "category", "--out", "OUT", "--purpose", "x"), "category or mood"),
    (("train", "TEXTS", "--text", "text", "--label", "category", "--out", "/nowhere/x"), "No such file"),
    (("test", "TEXTS", "TEXTS", "--text", "text", "--label", "category"), "no model of triage"),
    (("show", "TEXTS"), "no model of triage"),
    (("install", "TEXTS"), "no model of triage"),
    (("train", "TEXTS", "--text", "text", "--label", "category", "--out", "OUT", "--held-out", "none"),
     'no column is called "none"'),
    (("train", "TEXTS", "--text", "text", "--label", "category", "--out", "OUT", "--held-out", "category"),
     'texts.csv: line 2: column "category": "brakes" says neither'),
    (("dream",), "train, test, show, install or list"),
    ((), "train, test, show, install or list"),
])
def test_what_cannot_be_done_is_said(troth, texts, folder, arguments, says):
    few = triage_texts.write_csv(folder / "few.csv", triage_texts.cases(5))
    names = {"TEXTS": texts, "OUT": folder / "none.triage", "FEW": few}
    assert says in troth(*[names.get(word, word) for word in arguments], code=2)
    assert not names["OUT"].exists()


# ---- live


class Garage:
    """Intake, and a source that sends contacts without a category."""

    def __init__(self, system, **settings):
        self.system = system
        system.key("garage", ["records"])
        self.intake = system.start("intake", **settings)
        self.sender = IntakeClient(system.client("intake", "garage"))
        self.customers = 0

    def say(self, body, kind="complaint", **fields):
        """The receipt of a new customer's contact."""
        self.customers += 1
        receipt = self.sender.send_one(contact(f"c-{self.customers}", kind=kind, body=body, **fields))
        assert receipt.status == ACCEPTED, receipt
        return receipt

    def store(self, cases, kind="complaint"):
        """One new customer for each text and its category."""
        records = []
        for text, category in cases:
            self.customers += 1
            records.append(contact(f"c-{self.customers}", kind=kind, body=text, category=category,
                                   key=f"key-{self.customers}"))
        for i in range(0, len(records), 100):
            receipts = self.sender.send_all(records[i:i + 100])
            assert all(receipt.status == ACCEPTED for receipt in receipts.values())

    def operator(self, *arguments, code=0):
        done = self.system.run("troth", *arguments, "--database", self.system.conninfo("troth_operator"))
        assert done.returncode == code, done.stderr
        return done.stdout

    def job(self):
        path = self.system.folder / "job.conf"
        path.write_text(config_text(self.system.settings("intake")))
        done = self.system.run("troth-intake", "--config", path, "--job", "train-triage")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def wait_for_model(self, purpose="category"):
        """Until intake has taken up the one that is in force."""
        digest = self.system.psql(f"SELECT hash FROM intake.triage_model_in_force WHERE purpose = '{purpose}'")
        wait_until(lambda: digest in self.intake.log(), what="intake has the model")

    def opened(self):
        rows = self.system.psql("SELECT encode(body, 'hex') FROM log.event WHERE kind = 'case_opened'"
                                " ORDER BY at, seq")
        events = [event.Event.FromString(bytes.fromhex(row)).case_opened for row in rows.split()]
        return {one.service_case: one for one in events}


def number_of(case_number):
    return int(case_number.split("-")[1])


def stored(system, receipt):
    return system.psql("SELECT category, category_by, mood FROM intake.service_case"
                       f" WHERE number = {number_of(receipt.case_number)}")


def test_a_model_in_force_tells_what_a_contact_is_about(system, model, folder, troth):
    mood = folder / "live-mood.triage"
    rows = [(text, "positive") for text in triage_texts.sentences(triage_texts.PRAISE, 80)]
    rows += [(text, "negative") for text, _ in triage_texts.cases(30)]
    path = triage_texts.write_csv(folder / "live-moods.csv", rows, ("text", "mood"))
    troth("train", path, "--text", "text", "--label", "mood", "--purpose", "mood", "--out", mood)
    garage = Garage(system)
    before = garage.say("刹车有异响，请尽快处理")
    assert (before.category, before.category_by, before.mood) == ("", NOBODY, 0)
    assert "no model is in force" in garage.operator("triage", "show")
    installed = garage.operator("triage", "install", model)
    assert "in force: category model" in installed
    garage.operator("triage", "install", mood)
    garage.wait_for_model("category")
    garage.wait_for_model("mood")

    told = garage.say("刹车有异响，请尽快处理", branch="north", channel="phone")
    assert (told.category, told.category_by, told.mood) == ("brakes", MODEL, NEGATIVE)
    assert stored(system, told) == f"brakes|{MODEL}|{NEGATIVE}"
    opened = garage.opened()[number_of(told.case_number)]
    assert (opened.category, opened.category_by, opened.mood) == ("brakes", MODEL, NEGATIVE)

    happy = garage.say("what a friendly team, great work, quick and clean", kind="praise")
    assert happy.mood == POSITIVE
    split = garage.say("please call me", subject="my brakes squeal")
    assert (split.category, split.category_by) == ("brakes", MODEL)

    unclear = garage.say("xyzzy", branch="north", channel="wechat")
    assert (unclear.category, unclear.category_by) == ("", NOBODY)
    brought = garage.say("my brakes squeal", category="tyres")
    assert (brought.category, brought.category_by, brought.mood) == ("", SOURCE, 0)
    assert stored(system, brought) == f"tyres|{SOURCE}|0"
    silent = garage.say(None)
    assert silent.category_by == NOBODY

    listed = json.loads(garage.operator("triage", "list", "--json"))
    assert [one["case"] for one in listed] == [one.case_number for one in (before, happy, unclear, silent)]
    assert (listed[2]["channel"], listed[2]["branch"]) == ("wechat", "north")
    assert "and 3 more" in garage.operator("triage", "list", "--rows", "1")
    shown = json.loads(garage.operator("triage", "show", "--json"))
    assert [one["purpose"] for one in shown] == ["category", "mood"]


def test_staff_take_a_case_off_the_list(system):
    garage = Garage(system)
    receipt = garage.say("xyzzy")
    assert receipt.case_number in garage.operator("triage", "list")
    update = garage.sender.send_one(case_update("reclassified", case_number=receipt.case_number, category="tyres",
                                                staff="s-1"))
    assert update.status == ACCEPTED, update
    assert "no case waits" in garage.operator("triage", "list")
    assert stored(system, receipt) == f"tyres|{STAFF}|0"


def test_without_a_model_the_words_of_the_standard_tell(system, project_root):
    standard = system.folder / "words.conf"
    standard.write_text((project_root / "tests/support/plain_standards.conf").read_text() + WORDS_STANDARD)
    garage = Garage(system, standard=standard)
    told = garage.say("发动机故障灯亮了")
    assert (told.category, told.category_by) == ("engine", WORDS)
    assert stored(system, told) == f"engine|{WORDS}|0"
    assert garage.say("刹车有异响").category_by == NOBODY


def test_a_model_that_cannot_be_read_leaves_it_to_others(system, model):
    garage = Garage(system)
    garage.operator("triage", "install", model)
    garage.wait_for_model()
    assert garage.say("刹车有异响，请尽快处理").category_by == MODEL
    system.psql("INSERT INTO intake.triage_model (purpose, hash, body, report, is_active, trained_at)"
                " VALUES ('category', 'broken', '\\x00', '', true, now())")
    wait_until(lambda: "triage_model_unreadable" in garage.intake.log(), what="intake has seen it")
    assert garage.say("刹车有异响，请尽快处理").category_by == NOBODY
    system.psql("INSERT INTO intake.triage_model (purpose, hash, body, report, is_active, trained_at)"
                " SELECT 'mood', hash, body, '', true, now() FROM intake.triage_model WHERE hash <> 'broken'")
    wait_until(lambda: "another purpose" in garage.intake.log(), what="intake has seen what stands where moods belong")
    assert garage.say("刹车有异响，请尽快处理").mood == 0
    garage.intake.terminate()
    garage.intake = system.start("intake")  # such models do not keep it from starting
    garage.store(triage_texts.cases(60))
    assert "in force from now on" in garage.job()  # nor the job from doing better
    garage.wait_for_model("category")


def test_the_models_are_there_at_once_after_a_restart(system, model):
    garage = Garage(system)
    garage.operator("triage", "install", model)
    garage.intake.kill()
    garage.intake = system.start("intake")
    assert garage.say("刹车有异响，请尽快处理").category_by == MODEL


# ---- intake's own job


def test_the_job_learns_from_what_sources_and_staff_said(system):
    garage = Garage(system)
    assert "two labels at least" in garage.job()
    assert system.psql("SELECT count(*) FROM intake.triage_model") == "0"

    garage.store(triage_texts.cases(80))
    garage.store([(text, "thanks") for text in triage_texts.sentences(triage_texts.PRAISE, 80)], kind="praise")

    readings = "SELECT count(*) FROM intake.disclosure WHERE purpose = 'job train-triage'"
    before = int(system.psql(readings))
    printed = garage.job()
    assert int(system.psql(readings)) == before + 1  # one entry for the whole reading
    assert "category, learned from" in printed and "mood, learned from" in printed
    assert printed.count("in force from now on") == 2
    rows = system.psql("SELECT purpose, is_active, report <> '' FROM intake.triage_model ORDER BY purpose")
    assert rows.split() == ["category|t|t", "mood|t|t"]
    garage.wait_for_model("category")
    garage.wait_for_model("mood")
    told = garage.say("the engine stalls at every light, I need the car tomorrow")
    assert (told.category, told.category_by, told.mood) == ("engine", MODEL, NEGATIVE)
    assert "learned from" in garage.operator("triage", "show")

    # What the model told is no example: staff have to say it.
    count = json.loads(garage.operator("triage", "show", "--json"))[0]["examples"]
    printed = garage.job()
    assert f"category, learned from {count} texts" in printed


def test_the_job_keeps_a_better_model_in_force(system, model):
    """The cases that it learns from had their categories mixed up, those that it tells did not."""
    garage = Garage(system)
    garage.operator("triage", "install", model)
    garage.store(triage_texts.cases(60))
    system.psql("UPDATE intake.service_case SET category = CASE category WHEN 'brakes' THEN 'engine'"
                " WHEN 'engine' THEN 'invoice' ELSE 'brakes' END WHERE (number >> 8) % 5 <> 0")
    printed = garage.job()
    assert "not put in force" in printed
    assert "the one in force told" in printed
    assert system.psql("SELECT count(*) FROM intake.triage_model WHERE NOT is_active") == "1"
    shown = json.loads(garage.operator("triage", "show", "--json"))
    assert shown[0]["examples"] == 180 and len(shown) == 1


def test_the_job_reads_nobody_who_was_erased_and_nothing_that_was_taken_back(system):
    garage = Garage(system)
    garage.store(triage_texts.cases(30))
    assert "cases read: 90, damaged: 0" in garage.job()
    receipt = garage.sender.send_one(record(record_void=pb.RecordVoid(record_key="key-1")))
    assert receipt.status == ACCEPTED, receipt
    system.psql("UPDATE intake.customer SET wrapped_key = NULL WHERE number ="
                " (SELECT max(customer_number) FROM intake.service_case WHERE state <> 7)")
    system.psql("UPDATE intake.contact_text SET sealed = '\\x00' WHERE number ="
                " (SELECT min(opened_by) FROM intake.service_case AS c JOIN intake.customer AS k"
                " ON k.number = c.customer_number WHERE c.state <> 7 AND k.wrapped_key IS NOT NULL)")
    assert "cases read: 87, damaged: 1" in garage.job()


def test_the_job_reads_slice_by_slice_and_not_without_end(system):
    """All cases of one customer stand in one bucket: several slices, up to what a bucket may give."""
    garage = Garage(system)
    texts = triage_texts.cases(200)
    for i in range(0, len(texts), 50):
        garage.sender.send_all([contact("li", kind="request", body=text, category=category)
                                for text, category in texts[i:i + 50]])
    assert system.psql("SELECT count(*), count(DISTINCT bucket) FROM intake.service_case") == "600|1"
    assert "cases read: 500, damaged: 0" in garage.job()  # 400 to learn from, 100 to tell
