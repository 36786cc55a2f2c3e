# SPDX-License-Identifier: Apache-2.0
"""The command line as a person and a script see it: words, tables, JSON, exit statuses."""

import hashlib
import json
import re
import stat
import subprocess

import intake_pb2 as pb
import pytest

from tests.support.fake_intake import RETRY, FakeIntake
from tests.support.system import config_text, wait_until

COMMANDS = ["send", "import", "case", "clock", "customer", "followups", "score", "report", "today",
            "status", "doctor", "check", "key", "run", "demo", "calendar", "triage", "forecast", "standards",
            "questionnaire", "subscription", "rules", "worklist", "points", "model", "survey", "user",
            "audit", "disclosures"]
SERVICES = ["intake", "followup", "loyalty", "reporting"]


class Troth:
    def __init__(self, programs, config=None):
        self.program, self.config = str(programs / "troth"), config

    def __call__(self, *arguments, text=None, status=0):
        command = [self.program, *map(str, arguments)]
        if self.config is not None:
            command += ["--config", str(self.config)]
        done = subprocess.run(command, input=text, text=True, capture_output=True, timeout=60,
                              check=False, env={"PATH": "/usr/bin:/bin"})
        assert done.returncode == status, (command, done.stdout, done.stderr)
        return done

    def json(self, *arguments, **more):
        return json.loads(self(*arguments, "--json", **more).stdout)


@pytest.fixture
def troth(programs):
    """Without settings."""
    return Troth(programs)


def connected(system, programs, name="garage", rights=("records", "worklist", "scores", "reports"),
              services=SERVICES):
    """The command line with the settings for a running system."""
    key = system.key(name, list(rights))
    for service in services:
        system.start(service)
    values = {"key_file": key.path, "source": name, "database": system.conninfo("troth_operator")}
    for service in SERVICES:
        values[service] = system.endpoint(service)
        values[f"{service}_key"] = system.service_key(service).public_path
        values[f"{service}_http"] = f"unix:{system.http(service)}"
    config = system.folder / "troth.conf"
    config.write_text(config_text(values))
    return Troth(programs, config)


# ---- help and usage


def test_help_names_every_command_and_explains_each(troth):
    listed = re.findall(r"^  (\w+) ", troth("--help").stdout, re.M)
    assert [name for name in listed if name.isalpha()][:len(COMMANDS)] == COMMANDS
    for name in COMMANDS:
        text = troth(name, "--help").stdout
        assert text.startswith(f"Usage: troth {name}")
        assert "Options:" in text and "--json" in text and "Exit status" in text
        too_wide = [line for line in text.splitlines() if len(line) > 100]
        assert too_wide == []


def test_help_of_a_kind_of_record_lists_its_fields(troth):
    text = troth("send", "contact", "--help").stdout
    assert "--customer-ref TEXT" in text
    assert "--kind NAME" in text and "enquiry, complaint, request, praise" in text
    assert "--occurred TIME" in text


@pytest.mark.parametrize("arguments, words", [
    ((), "Usage: troth COMMAND"),
    (("sned",), "no subcommand 'sned'"),
    (("send",), "give one KIND"),
    (("send", "letter"), "no kind of record 'letter'"),
    (("send", "contact", "--colour", "red"), "unknown option --colour"),
    (("send", "contact", "--body"), "--body needs a value"),
    (("case",), "the number of one case"),
    (("score", "--lowest", "1000"), "at most 100"),
    (("followups", "--state", "waiting"), "--state takes planned"),
    (("followups", "--limit", "many"), "--limit takes a whole number"),
    (("followups", "--limit", "1001"), "--limit is at most 1000"),
    (("followups", "--ended", "missed", "--limit", "100001"), "--limit is at most 100000"),
    (("score", "--since", "yesterday"), "--since takes a time"),
    (("report", "timeliness", "promises"), "one report at a time"),
    (("report", "timeliness", "--limit", "501"), "--limit is at most 500"),
    (("report", "overview", "--team", "workshop"), "--branch alone"),
    (("today", "now"), "takes no"),
    (("check", "everything"), "mapping FILE"),
    (("key", "new", "Bad Name"), "a name is made of"),
    (("key", "turn"), "new NAME"),
    (("case", "C-1-2"), "key_file"),
    (("case", "C-1-2", "--config", "/no/such.conf"), "/no/such.conf"),
    (("case", "C-1-2", "--timeout", "soon"), "--timeout takes a duration"),
])
def test_wrong_usage_ends_with_two_and_says_what_is_wrong(troth, arguments, words):
    done = troth(*arguments, status=2)
    assert words in done.stderr
    assert done.stdout == ""


# ---- send


@pytest.fixture
def fake(tmp_path, programs):
    with FakeIntake() as intake:
        intake.troth = Troth(programs, intake.config(tmp_path))
        yield intake


def test_flags_json_and_text_make_the_same_record(fake):
    when = "2026-11-21T08:15:00Z"
    fake.troth("send", "customer-profile", "--customer-ref", "W-17", "--name", "李雷", "--key", "k",
               "--occurred", when, "--consents", '{"purpose": "survey", "is_given": true}',
               "--consents", '{"purpose": "marketing", "is_given": false}')
    body = {"key": "k", "occurred_us": when, "customer_profile": {
        "customerRef": "W-17", "name": "李雷", "consents": [
            {"purpose": "PURPOSE_SURVEY", "is_given": True},
            {"purpose": "marketing", "isGiven": False}]}}
    fake.troth("send", "--json", "-", text=json.dumps(body))
    fake.troth("send", "--text", "-", text="""
        key: 'k'  occurred_us: 1795248900000000
        customer_profile {
            customer_ref: "W-17"  name: "\\u674e雷"
            consents { purpose: PURPOSE_SURVEY is_given: true }
            consents { purpose: PURPOSE_MARKETING is_given: false }
        }""")
    first, *others = fake.records
    assert first.customer_profile.name == "李雷"
    assert others == [first, first]


def test_key_and_time_are_made_when_they_are_not_given(fake):
    fake.troth("send", "contact", "--customer-ref", "W-17", "--kind", "praise")
    fake.troth("send", "contact", "--customer-ref", "W-17", "--kind", "praise")
    one, two = fake.records
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", one.key)
    assert one.key < two.key
    assert one.occurred_us > 1_700_000_000_000_000


@pytest.mark.parametrize("arguments, text, words", [
    (("send", "--json", "-"), "{", "line 1, column 1"),
    (("send", "--json", "-"), '{"contact": {"bodi": 1}}', "contact.bodi"),
    (("send", "--text", "-"), "contact {\n kind: complain }", "line 2"),
    (("send", "--json", "/no/such"), None, "/no/such"),
    (("send", "contact", "--kind", "complain"), None, "contact.kind"),
    (("send", "customer-profile", "--consents", "yes"), None, "consents: JSON is expected"),
])
def test_record_that_cannot_be_read_is_not_sent(fake, arguments, text, words):
    assert words in fake.troth(*arguments, text=text, status=2).stderr
    assert fake.records == []


def test_record_is_sent_again_until_the_receipt_is_final(tmp_path, programs):
    verdicts = [None, pb.Receipt(status=RETRY, retry_after_us=1000),
                pb.Receipt(status=pb.RECEIPT_STATUS_DUPLICATE, case_number="C-1-2")]
    with FakeIntake(lambda record: verdicts.pop(0)) as intake:
        troth = Troth(programs, intake.config(tmp_path))
        answer = troth.json("send", "contact", "--customer-ref", "W-17")
    assert answer["status"] == "duplicate" and answer["case_number"] == "C-1-2"
    assert len({record.key for record in intake.records}) == 1
    assert len(intake.records) == 3


def test_silence_ends_with_three_and_names_the_service(tmp_path, programs):
    with FakeIntake(lambda record: None) as intake:
        troth = Troth(programs, intake.config(tmp_path))
        done = troth("send", "contact", "--customer-ref", "W-17", "--timeout", "300ms", status=3)
    assert "no answer from intake at " + intake.endpoint in done.stderr


def test_request_that_is_refused_as_a_whole_ends_with_one(tmp_path, programs):
    error = pb.RequestError(code="not_permitted", text="this key may not send records")
    with FakeIntake(error=error) as intake:
        troth = Troth(programs, intake.config(tmp_path))
        done = troth("send", "contact", "--customer-ref", "W-17", status=1)
    assert "this key may not send records" in done.stderr


# ---- the running system


def test_case_can_be_followed_from_the_receipt_to_the_report(system, programs):
    troth = connected(system, programs)
    receipt = troth.json("send", "contact", "--customer-ref", "W-17", "--kind", "complaint",
                         "--channel", "phone", "--branch", "north", "--body", "The brakes squeal.")
    assert receipt["status"] == "accepted" and receipt["is_new_case"]
    number = receipt["case_number"]
    people = troth("send", "case-update", "--case-number", number, "--action", "responded").stdout
    assert people.startswith("accepted\n") and number in people

    case = wait_until(lambda: answered(troth, number), what="the response in reporting")
    assert case["state"] == "open" and case["branch"] == "north" and len(case["promises"]) == 2
    text = troth("case", number).stdout
    assert number in text and "first response" in text and "PROMISE" in text

    customer = troth.json("customer", "W-17")["customer"]
    assert customer["customer_number"] == receipt["customer_number"]
    assert number in troth("customer", receipt["customer_number"]).stdout
    wait_until(lambda: troth.json("report", "overview")["overview"]["total"].get("cases") == 1,
               what="the case in the report")
    assert re.search(r"^north +1 ", troth("report", "overview").stdout, re.M)
    score = wait_until(lambda: known(troth, "W-17"), what="the score")
    assert score["index"] == pytest.approx(sum(c["points"] for c in score["contributions"]))
    assert "loyalty index" in troth("score", "W-17").stdout
    assert "No follow-ups." in troth("followups").stdout
    assert troth.json("followups") .get("entries", []) == []


def answered(troth, number):
    case = troth.json("case", number)["service_case"]
    return case if "first_response_us" in case else None


def known(troth, ref):
    done = subprocess.run([troth.program, "score", ref, "--json", "--config", str(troth.config)],
                          capture_output=True, text=True, check=False)
    return json.loads(done.stdout)["scores"][0] if done.returncode == 0 else None


def test_what_is_unknown_or_not_permitted_ends_with_one(system, programs):
    troth = connected(system, programs)
    assert "case_unknown" in troth("case", "C-1-3", status=1).stderr
    assert "not the number of a case" in troth("case", "C-1-2", status=1).stderr  # check digit
    assert "customer_unknown" in troth("customer", "nobody", status=1).stderr
    assert "customer_unknown" in troth("score", "nobody", status=1).stderr
    rejected = troth.json("send", "case-update", "--customer-ref", "W-17", "--case-ref", "none",
                          "--action", "note", status=1)
    assert rejected["status"] == "rejected"


def test_status_says_which_services_are_not_there(system, programs):
    troth = connected(system, programs, services=["reporting", "intake"])
    state = wait_until(lambda: ready(troth), what="two services to be ready")
    assert not state["services"]["loyalty"]["ready"]
    text = troth("status", status=2).stdout
    broken = re.findall(r"^broken +(\w+): ", text, re.M)
    assert "loyalty" in broken and "intake" not in broken and "reporting" not in broken


def ready(troth):
    state = troth.json("status", status=2)  # two are not running
    names = ["intake", "reporting"]
    return state if all(state["services"][name]["ready"] for name in names) else None


# ---- keys


def test_key_is_made_registered_listed_and_revoked(system, programs, tmp_path):
    troth = Troth(programs)
    database = ["--database", system.conninfo("troth_operator")]
    made = troth("key", "new", "web-shop", "--dir", tmp_path)
    pair, public = tmp_path / "web-shop.key", tmp_path / "web-shop.pub"
    assert stat.S_IMODE(pair.stat().st_mode) == 0o600
    assert "secret" not in public.read_text()
    assert f"troth key register web-shop --key {public} --rights records" in made.stdout

    troth("key", "register", "web-shop", "--key", public, "--rights", "records,scores", *database)
    troth("key", "new", "old-data", "--out", tmp_path / "old", "--register", "--historical", *database)
    listed = {entry["name"]: entry for entry in troth.json("key", "list", *database)}
    assert listed["web-shop"]["rights"] == "records,scores"
    assert f"public-key = {listed['web-shop']['public_key']}\n" == public.read_text()
    assert listed["old-data"]["is_historical"] and not listed["web-shop"]["is_historical"]
    assert system.psql("SELECT encode(public_key, 'hex') FROM intake.source WHERE name = 'web-shop'")

    troth("key", "revoke", "web-shop", *database)
    assert "revoked" in troth("key", "list", *database).stdout
    assert "name_unknown" in troth("key", "revoke", "web-shop", *database, status=1).stderr


def test_what_a_key_reaches_is_limited_shown_and_kept_when_it_is_rotated(system, programs, tmp_path):
    troth = Troth(programs)
    database = ["--database", system.conninfo("troth_operator")]
    for name in ("shop", "newer"):
        troth("key", "new", name, "--dir", tmp_path)
    troth("key", "register", "shop", "--key", tmp_path / "shop.pub", "--rights", "records,disclosure",
          "--kinds", "contact,purchase", "--branches", "north,南京", "--rate", "50", "--burst", "200",
          "--disclose", "phone", *database)
    (entry,) = [one for one in troth.json("key", "list", *database) if one["name"] == "shop"]
    limits = {"record_kinds": "contact,purchase", "branches": "north,南京", "disclosure_kinds": "phone",
              "rate_per_second": 50, "burst": 200, "has_token": False}
    assert {name: entry[name] for name in limits} == limits
    shown = troth("key", "list", *database).stdout
    assert "kinds contact,purchase; branches north,南京; discloses phone; 50/s, 200 at once" in shown

    token = troth("key", "token", "shop", *database).stdout.strip()
    assert re.fullmatch(r"troth_[A-Za-z0-9_-]{43}", token)
    digest = hashlib.blake2b(token.encode(), digest_size=32).hexdigest()
    stored = "SELECT encode(token_digest, 'hex') FROM intake.source WHERE name = 'shop'"
    assert system.psql(stored) == digest
    assert troth.json("key", "token", "shop", *database)["token"] != token
    assert system.psql(stored) != digest

    troth("key", "rotate", "shop", "--key", tmp_path / "newer.pub", *database)
    (rotated,) = [one for one in troth.json("key", "list", *database) if one["name"] == "shop"]
    assert f"public-key = {rotated['public_key']}\n" == (tmp_path / "newer.pub").read_text()
    assert rotated == {**entry, "public_key": rotated["public_key"], "has_token": True}
    troth("key", "token", "shop", "--none", *database)
    assert system.psql(stored) == ""
    for verb in (["token", "nobody"], ["rotate", "nobody", "--key", tmp_path / "shop.pub"]):
        assert "name_unknown" in troth("key", *verb, *database, status=1).stderr
    for wrong in (["--kinds", "contact,everything"], ["--disclose", "all"], ["--burst", "5"],
                  ["--rate", "2000000"], ["--branches", "a,,b"]):
        troth("key", "register", "other", "--key", tmp_path / "shop.pub", *wrong, *database, status=2)


def test_key_files_are_never_overwritten(troth, tmp_path):
    troth("key", "new", "one", "--dir", tmp_path)
    before = (tmp_path / "one.key").read_text()
    troth("key", "new", "one", "--dir", tmp_path, status=2)
    assert (tmp_path / "one.key").read_text() == before
    again = troth("key", "new", "one", "--dir", tmp_path, status=2)
    assert f"troth key register one --key {tmp_path}/one.key" in again.stderr
    (tmp_path / "two.pub").write_text("kept")
    troth("key", "new", "two", "--dir", tmp_path, status=2)
    assert (tmp_path / "two.pub").read_text() == "kept"
    assert not (tmp_path / "two.key").exists()


def test_key_with_unknown_rights_is_not_made(troth, tmp_path):
    done = troth("key", "new", "one", "--dir", tmp_path, "--rights", "records,everything", status=2)
    assert "--rights takes" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_registering_needs_known_rights_and_a_database(troth, tmp_path):
    troth("key", "new", "one", "--dir", tmp_path)
    public = tmp_path / "one.pub"
    assert "--database" in troth("key", "register", "one", "--key", public, status=2).stderr
    done = troth("key", "register", "one", "--key", public, "--rights", "everything", status=2)
    assert "--rights takes" in done.stderr
    done = troth("key", "list", "--database", f"host={tmp_path} user=nobody dbname=none",
                 "--timeout", "500ms", status=3)
    assert done.stderr


# ---- check


def test_shipped_mappings_and_settings_are_right(troth, project_root, tmp_path):
    mappings = sorted((project_root / "deploy/mappings").glob("*.conf"))
    assert len(mappings) == 3
    for mapping in mappings:
        assert "is right" in troth("check", "mapping", mapping).stdout
    # The example names keys that are not on this machine: only they are missing.
    done = troth("check", "config", "--config", project_root / "deploy/config/troth.conf", status=2)
    assert "setting_invalid" not in done.stderr


def test_check_shows_what_rows_become(troth, tmp_path):
    mapping = tmp_path / "m.conf"
    mapping.write_text('name = "m"; records = ( { type = "contact";\n'
                       'kind = { column = "kind"; map = ( ["A", "praise"] ); }; } );')
    data = tmp_path / "d.csv"
    data.write_text("kind\nA\nB\nA\n")
    done = troth("check", "mapping", mapping, data, "--rows", "2", status=1)
    assert '"kind": "praise"' in done.stdout
    assert "# line 3: refused" in done.stdout
    assert done.stdout.endswith("check: rows=3 rows_unmapped=1 rows_empty=0 records=2\n")


def test_settings_in_force_are_printed_without_the_password(troth, tmp_path):
    config = tmp_path / "troth.conf"
    config.write_text('database = "host=db user=me password=sesame";\ntimeout = "3s";\n')
    printed = troth("check", "config", "--config", config).stdout
    assert "sesame" not in printed
    assert re.search(r'^timeout = "3s";', printed, re.M)


# ---- who is one person


def test_a_person_decides_who_is_one_person(system, programs):
    """Listed, merged, shown together, and as before when it is taken back."""
    troth = connected(system, programs)
    numbers = {}
    for name, phone, score in (("li", "13800138001", 5), ("wang", "13800138002", 1)):
        sent = troth.json("send", "customer-profile", "--customer-ref", name, "--phone", phone,
                          "--phone-is-verified", "true")
        numbers[name] = sent["customer_number"]
        opened = troth.json("send", "contact", "--customer-ref", name, "--kind", "request", "--case-ref", f"{name}-1")
        troth("send", "survey-answer", "--case-number", opened["case_number"], "--instrument", "csat", "--value", score)
    assert "no questions" in troth("customer", "--questions").stdout
    sent = troth.json("send", "customer-profile", "--customer-ref", "wang", "--phone", "13800138001",
                      "--phone-is-verified", "true")
    assert sent["customer_joined_by"] == "ambiguous"
    wait_until(lambda: counted(troth, numbers) == [1, 1], what="both answers in the scores")
    before = seen(troth, numbers)

    (question,) = troth.json("customer", "--questions")["identity_questions"]["questions"]
    assert {question["customer_number"], question["other_number"]} == set(numbers.values())
    assert question["reason"] == "phone"
    troth("customer", "merge", numbers["li"], numbers["wang"], "--reason", "said so on the phone")
    assert "no questions" in troth("customer", "--questions").stdout
    assert counted(troth, numbers) == [2, 2]
    of_li, of_wang = (troth.json("score", number)["scores"][0] for number in numbers.values())
    assert of_li["index"] == pytest.approx(of_wang["index"], abs=0.011)  # asked one after the other
    assert of_li["merged_count"] == of_wang["merged_count"] == 1
    assert of_li["csat_mean"] == pytest.approx(3, abs=0.01)
    for number in numbers.values():
        shown = troth("customer", number).stdout
        assert all(other in shown for other in numbers.values())
        assert "li-1" not in shown and shown.count("C-") == 2
    assert f"follows     {numbers['li']}" in troth("customer", "wang").stdout
    assert f"followed by {numbers['wang']}" in troth("customer", "li").stdout
    refused = troth("customer", "merge", numbers["li"], numbers["wang"], status=1).stdout
    assert "customer_merged_already" in refused

    troth("customer", "unmerge", numbers["li"], numbers["wang"])
    assert seen(troth, numbers) == before
    assert len(troth.json("customer", "--questions")["identity_questions"]["questions"]) == 1
    troth("customer", "distinct", numbers["wang"], numbers["li"])
    assert "no questions" in troth("customer", "--questions").stdout
    troth("customer", "merge", numbers["li"], "not-a-number", status=2)


def counted(troth, numbers):
    return [troth.json("score", number)["scores"][0].get("csat_count", 0) for number in numbers.values()]


def seen(troth, numbers):
    """Scores, customers and the report: what a merge that was taken back must leave as it was."""
    report = wait_until(lambda: up_to_date(troth), what="reporting")
    return [*(lasting(troth.json("score", number)["scores"][0]) for number in numbers.values()),
            *(troth.json("customer", number)["customer"] for number in numbers.values()), report]


def lasting(score):
    """Of a score what does not fade while we look."""
    return [score.get("merged_count"), score["csat_count"], score["promises_kept"], score["promises_broken"],
            [[e["event"] for e in part.get("evidence", [])] for part in score["contributions"]]]


def up_to_date(troth):
    report = troth.json("report", "overview")["overview"]
    return report if int(report.pop("events_behind", 0)) == 0 else None
