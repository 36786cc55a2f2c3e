# SPDX-License-Identifier: Apache-2.0
"""The job read-texts, solved cases that are like one, and the words of the day, with a corpus of our own in two languages."""

import datetime

import event_pb2
import intake_pb2 as pb
import pytest

from tests.support.event_feed import spelled
from tests.support.intake_client import (
    ACCEPTED,
    IntakeClient,
    answer,
    case_update,
    contact,
    customer_link,
    new_key,
    now_us,
    profile,
    record,
)
from tests.support.system import config_text

# What is wrong, said by several customers, and what solved it.
PROBLEMS = {
    "brakes": ("new discs and pads, bedded in", [
        "the brakes squeal whenever it rains and the pedal is soft",
        "my brakes squeal in the rain, the brake pedal feels soft",
        "loud squealing of the brakes on wet days, soft pedal",
        "squealing brakes again after rain",
        "wet weather and the brakes squeal, pedal goes soft",
    ]),
    "invoice": ("credit note sent", [
        "the invoice charges labour twice, please correct it",
        "labour is charged twice on my invoice",
        "wrong invoice: labour hours charged twice",
        "please correct the invoice, twice the labour",
        "invoice again with labour counted twice",
    ]),
    "空调": ("更换了压缩机并加注制冷剂", [
        "空调不制冷了，压缩机一直响，天气很热",
        "车里空调不制冷，压缩机响得厉害",
        "压缩机响，空调完全不制冷",
        "夏天空调不制冷，听见压缩机响",
        "空调又不制冷，还是压缩机响",
    ]),
    "漏油": ("更换油底壳密封垫", [
        "发动机漏油，地库里一滩机油",
        "停一晚地上一滩机油，发动机漏油",
        "昨天保养后发动机漏油，机油少了一半",
        "发动机漏油严重，机油警告灯亮",
        "看到一滩机油，怀疑发动机漏油",
    ]),
}
DAY_US = 24 * 3600 * 10**6


def number_of(text):
    """12345 of "K-12345-6"."""
    return int(text.split("-")[1])


def day_start():
    """A moment early today and not in the future, so that all of a test is on one day."""
    now = now_us()
    return max(now - now % DAY_US, now - DAY_US // 2)


@pytest.fixture
def garage(system):
    client = IntakeClient(system.client("intake", "garage", rights=["records"]))
    system.key("caller", ["disclosure"])
    system.key("clerk", ["disclosure"], disclosure_kinds=["phone"])
    system.start("intake")
    return client


@pytest.fixture
def caller(system, garage):
    return system.client("intake", "caller")


def accepted(client, *records):
    receipts = [client.send_one(one) for one in records]
    assert [(r.status, r.code, r.field) for r in receipts] == [(ACCEPTED, "", "")] * len(receipts)
    return receipts


def solve(garage, customer, case_ref, note, at, satisfaction=5, **fields):
    """The case is resolved, and its customer says how good that was; None: says nothing."""
    accepted(garage, case_update("resolved", customer_ref=customer, case_ref=case_ref, note=note, staff="s-7",
                                 occurred_us=at, **fields))
    if satisfaction is not None:
        accepted(garage, answer("csat", satisfaction, customer_ref=customer, case_ref=case_ref, occurred_us=at))


def tell_of_all(garage, at):
    """Each customer says one thing; all but the last one of each problem are solved and confirmed. {problem: open case}"""
    open_cases = {}
    for problem, (note, texts) in PROBLEMS.items():
        for i, text in enumerate(texts):
            customer, case_ref = f"{problem}-{i}", f"T-{problem}-{i}"
            (receipt,) = accepted(garage, contact(customer, body=text, case_ref=case_ref, category=problem, occurred_us=at))
            if i < len(texts) - 1:
                solve(garage, customer, case_ref, f"{note} ({i})", at + 3600 * 10**6)
        open_cases[problem] = receipt.case_number
    return open_cases


def read_texts(system, status=0):
    done = system.run("troth-intake", "--config", system.write_settings("intake"), "--job", "read-texts")
    assert done.returncode == status, (done.stdout, done.stderr)
    return done.stdout


def similar(client, case_number, code="", purpose="page test", **fields):
    request = pb.SimilarRequest(request_id=new_key(), case_number=case_number, purpose=purpose, **fields)
    reply = client.ask(pb.IntakeRequest(similar=request), pb.IntakeReply).similar
    assert reply.request_id == request.request_id
    assert reply.code == code
    return list(reply.cases)


def readings(system, where="true"):
    return int(system.psql(f"SELECT count(*) FROM intake.disclosure WHERE {where}"))


# ---- what is like it


def test_an_open_case_finds_the_solved_ones_that_are_like_it(system, garage, caller):
    at = now_us() - 3 * 3600 * 10**6
    open_cases = tell_of_all(garage, at)
    read_texts(system)
    for problem, case_number in open_cases.items():
        found = similar(caller, case_number, count=4)
        assert [c.category for c in found] == [problem] * 4, problem
        assert {c.note for c in found} == {f"{PROBLEMS[problem][0]} ({i})" for i in range(4)}
        assert [c.similarity for c in found] == sorted((c.similarity for c in found), reverse=True)
        for c in found:
            assert 0 < c.similarity <= 1
            assert (c.staff, c.took_us, c.resolved_us) == ("s-7", 3600 * 10**6, at + 3600 * 10**6)
            assert (c.is_reference, c.times_used, c.times_succeeded) == (False, 0, 0)
    assert len(similar(caller, open_cases["brakes"])) <= 5
    # Each note that was opened is written down for its own case, with who read it and why.
    rows = system.psql("SELECT DISTINCT d.purpose, s.name, d.kind, d.outcome, d.case_number IS NULL"
                       " FROM intake.disclosure AS d JOIN intake.source AS s ON s.id = d.reader_id")
    assert rows == "page test|caller|3|disclosed|f"
    assert readings(system, "case_number IS NOT NULL") == 4 * 4 + len(similar(caller, open_cases["brakes"]))


def test_a_case_that_no_job_has_read_is_read_when_it_is_asked_about(system, garage, caller):
    tell_of_all(garage, now_us() - 3 * 3600 * 10**6)
    read_texts(system)
    (opened,) = accepted(garage, contact("late", body="空调不制冷，压缩机响"))
    case = number_of(opened.case_number)
    found = similar(caller, opened.case_number, count=3)
    assert [c.category for c in found] == ["空调"] * 3
    assert readings(system, f"case_number = {case} AND outcome = 'disclosed'") == 1
    read_texts(system)
    assert [c.case_number for c in similar(caller, opened.case_number, count=3)] == [c.case_number for c in found]
    assert readings(system, f"case_number = {case}") == 1  # its fingerprints are enough now


@pytest.mark.parametrize("what", ["open", "resolved", "bad answer", "reopened", "disputed", "void", "erased"])
def test_only_what_was_solved_and_confirmed_is_found(system, garage, caller, what):
    at = now_us() - 3 * 3600 * 10**6
    (first,) = accepted(garage, contact("han", body="brakes squeal in the rain", case_ref="T-1", key="the-contact",
                                        occurred_us=at))
    (asked,) = accepted(garage, contact("li", body="the brakes squeal, it rains", occurred_us=at))
    case, customer = number_of(first.case_number), number_of(first.customer_number)
    if what != "open":
        solve(garage, "han", "T-1", "new pads", at, {"resolved": None, "bad answer": 3}.get(what, 4))
    if what not in ("open", "resolved", "bad answer"):
        read_texts(system)
        assert len(similar(caller, asked.case_number)) == 1
    if what == "reopened":  # known at once, whatever the job has seen
        accepted(garage, case_update("reopened", customer_ref="han", case_ref="T-1"))
    if what == "disputed":
        system.psql(f"UPDATE intake.promise SET customer_word = 2 WHERE case_number = {case}")
    if what == "void":
        accepted(garage, record(record_void=pb.RecordVoid(record_key="the-contact")))
    if what == "erased":
        system.psql(f"UPDATE intake.customer SET wrapped_key = NULL WHERE number = {customer}")
        read_texts(system)
    assert similar(caller, asked.case_number) == []
    read_texts(system)
    assert similar(caller, asked.case_number) == []


@pytest.mark.parametrize("instrument, value, is_found", [
    ("csat", 3, False), ("csat", 4, True), ("nps", 8, False), ("nps", 9, True), ("ces", 4, False), ("ces", 5, True),
    (None, 1, True), (None, 2, False),
])
def test_the_customer_confirms_by_an_answer_or_by_the_word_on_a_promise(system, garage, caller, instrument, value, is_found):
    (first,) = accepted(garage, contact("han", body="brakes squeal in the rain", case_ref="T-1"))
    (asked,) = accepted(garage, contact("li", body="the brakes squeal, it rains"))
    solve(garage, "han", "T-1", "new pads", now_us(), None)
    if instrument:
        accepted(garage, answer(instrument, value, customer_ref="han", case_ref="T-1"))
    else:
        system.psql(f"UPDATE intake.promise SET customer_word = {value} WHERE case_number = {number_of(first.case_number)}")
    read_texts(system)
    assert len(similar(caller, asked.case_number)) == is_found


def test_who_may_not_read_texts_is_refused_and_that_is_written_down(system, garage, caller):
    (opened,) = accepted(garage, contact("li", body="brakes squeal"))
    clerk = system.client("intake", "clerk")
    stranger = system.client("intake", "garage")
    assert similar(clerk, opened.case_number, code="kind_not_permitted") == []
    assert similar(stranger, opened.case_number, code="not_permitted") == []
    assert similar(caller, opened.case_number, code="text_invalid", purpose="curiosity") == []
    assert similar(caller, opened.case_number, code="field_missing", purpose="") == []
    assert similar(caller, "", code="field_missing") == []
    assert similar(caller, "C-1-1", code="case_number_invalid") == []
    assert similar(caller, opened.case_number, code="value_out_of_range", count=21) == []
    assert similar(caller, opened.case_number, code="value_out_of_range", count=0) == []
    assert similar(caller, spelled("C", 256), code="unknown") == []
    rows = system.psql("SELECT case_number, outcome FROM intake.disclosure ORDER BY outcome")
    assert rows == f"{number_of(opened.case_number)}|kind_not_permitted\n256|unknown"


def test_a_note_that_does_not_open_is_said_to_be_damaged(system, garage, caller):
    accepted(garage, contact("han", body="brakes squeal in the rain", case_ref="T-1"))
    (asked,) = accepted(garage, contact("li", body="the brakes squeal, it rains"))
    solve(garage, "han", "T-1", "new pads", now_us())
    read_texts(system)
    system.psql("UPDATE intake.contact_text SET sealed = substr(sealed, 1, 45)"
                " WHERE number = (SELECT number FROM intake.case_event WHERE action = 6)")
    (found,) = similar(caller, asked.case_number, code="damaged")
    assert not found.HasField("note") and found.similarity > 0
    assert readings(system, "outcome = 'damaged'") == 1


def test_long_notes_are_cut_so_that_the_answer_fits(system, garage, caller):
    for i in range(20):
        accepted(garage, contact(f"han-{i}", body="brakes squeal in the rain", case_ref="T-1"))
        solve(garage, f"han-{i}", "T-1", "垫" * 2000, now_us())
    (asked,) = accepted(garage, contact("li", body="the brakes squeal, it rains"))
    read_texts(system)
    found = similar(caller, asked.case_number, count=20)
    assert len(found) == 20
    assert {len(c.note.encode()) for c in found} == {1998}


# ---- references


def test_reference_answers_and_how_often_they_helped(system, garage, caller, programs):
    at = now_us() - 3 * 3600 * 10**6
    (first,) = accepted(garage, contact("han", body="brakes squeal in the rain", case_ref="T-0", category="brakes",
                                        occurred_us=at))
    solve(garage, "han", "T-0", "new pads", at)
    accepted(garage, case_update("reference_marked", customer_ref="han", case_ref="T-0", staff="s-7", occurred_us=at))
    cases = []
    for i in range(4):
        (opened,) = accepted(garage, contact(f"c-{i}", body="brakes squeal again", case_ref="T-1", occurred_us=at))
        solve(garage, f"c-{i}", "T-1", "as usual", at, solved_like=first.case_number)
        cases.append(number_of(opened.case_number))
    accepted(garage, case_update("reopened", customer_ref="c-0", case_ref="T-1"))
    solve(garage, "c-0", "T-1", "at last", now_us())  # that it did not help at first stands
    system.psql(f"UPDATE intake.promise SET customer_word = 2 WHERE case_number = {cases[1]}")
    read_texts(system)
    (asked,) = accepted(garage, contact("li", body="the brakes squeal, it rains"))
    found = {c.case_number: c for c in similar(caller, asked.case_number)}
    assert len(found) == 4  # not the one whose customer says that it was not
    reference = found[first.case_number]
    assert (reference.is_reference, reference.times_used, reference.times_succeeded) == (True, 4, 2)
    assert not any(c.is_reference for number, c in found.items() if number != first.case_number)

    config = cli_config(system)
    shown = system.run("troth", "case", "references", "--config", config)
    assert shown.returncode == 0
    line = shown.stdout.splitlines()[1].split()
    assert line[0] == first.case_number and line[-4:] == ["4", "2", "50", "%"]
    accepted(garage, case_update("reference_unmarked", customer_ref="han", case_ref="T-0", staff="s-7"))
    assert "No answer is marked" in system.run("troth", "case", "references", "--config", config).stdout


def cli_config(system):
    values = {
        "key_file": system.key("caller").path,
        "database": system.conninfo("troth_operator"),
        "intake": system.endpoint("intake"),
        "intake_key": system.service_key("intake").public_path,
    }
    path = system.folder / "troth.conf"
    path.write_text(config_text(values))
    return path


def test_the_command_line_shows_what_solved_it(system, garage):
    open_cases = tell_of_all(garage, now_us() - 3 * 3600 * 10**6)
    read_texts(system)
    config = cli_config(system)
    shown = system.run("troth", "case", "similar", open_cases["漏油"], "--count", 2, "--config", config)
    assert shown.returncode == 0, shown.stderr
    head, *rows = shown.stdout.splitlines()
    assert head.split() == ["CASE", "LIKE", "CATEGORY", "RESOLVED", "TOOK", "STAFF", "ANSWER", "HELPED"]
    assert [row.split()[2] for row in rows[:2]] == ["漏油"] * 2
    assert "1 h" in rows[0]
    assert "更换油底壳密封垫" in shown.stdout
    purpose = system.psql("SELECT DISTINCT purpose FROM intake.disclosure WHERE case_number IS NOT NULL")
    assert purpose == f"case {open_cases['漏油']}"
    as_json = system.run("troth", "case", "similar", open_cases["漏油"], "--json", "--config", config)
    assert as_json.returncode == 0 and "similarity" in as_json.stdout
    wrong = system.run("troth", "case", "similar", "C-1-2", "--config", config)
    assert wrong.returncode == 2 and "check digit" in wrong.stderr
    unknown = system.run("troth", "case", "similar", spelled("C", 256), "--config", config)
    assert unknown.returncode == 1 and "unknown" in unknown.stderr


# ---- the job


def test_the_job_twice_changes_nothing_and_writes_down_that_it_read(system, garage):
    tell_of_all(garage, day_start())
    first = read_texts(system)
    assert "cases with new fingerprints: 20," in first and "solved or not any more: 16" in first
    before = snapshot(system)
    again = read_texts(system)
    assert "cases with new fingerprints: 0, forgotten: 0, solved or not any more: 0" in again
    assert "changed: 0" in again
    assert snapshot(system) == before
    rows = system.psql("SELECT purpose, reader_id, customer_number, outcome, count(*) FROM intake.disclosure GROUP BY 1, 2, 3, 4")
    assert rows == "job read-texts|0|0|disclosed|2"  # one for each run
    assert "orphan" not in before and run_orphans(system) == "no orphans\n"


def snapshot(system):
    tables = ["SELECT * FROM intake.case_fingerprint ORDER BY 1, 2", "SELECT * FROM intake.fingerprint_count ORDER BY 1",
              "SELECT * FROM intake.word_day ORDER BY 1, 2, 3", "SELECT count(*) FROM log.event WHERE kind = 'words_counted'"]
    return [system.psql(sql) for sql in tables]


def run_orphans(system):
    return system.run("troth-intake", "--config", system.write_settings("intake"), "--job", "check-orphans").stdout


def test_counts_are_those_of_the_fingerprints_also_after_an_erasure(system, garage):
    tell_of_all(garage, day_start())
    read_texts(system)
    recounted = ("SELECT count(*) FROM (SELECT f, count(*) FROM intake.case_fingerprint, unnest(fingerprints) AS f GROUP BY f"
                 " UNION ALL SELECT 0, count(*) FROM intake.case_fingerprint WHERE fingerprints <> '{}') AS a"
                 " FULL JOIN intake.fingerprint_count AS b ON (a.f, a.count) = (b.fingerprint, b.cases)"
                 " WHERE a.f IS NULL OR b.fingerprint IS NULL")
    assert system.psql(recounted) == "0"
    customer = int(system.psql("SELECT min(customer_number) FROM intake.case_fingerprint"))
    # As an erasure does it: by the customer's key, in one statement.
    system.psql(f"SELECT intake.forget_fingerprints({customer & 255}::int2, ARRAY(SELECT case_number FROM intake.case_fingerprint"
                f" WHERE bucket = {customer & 255} AND customer_number = {customer}))", role="troth_intake")
    assert system.psql(f"SELECT count(*) FROM intake.case_fingerprint WHERE customer_number = {customer}") == "0"
    system.psql(f"UPDATE intake.customer SET wrapped_key = NULL WHERE number = {customer}")
    assert "cases with new fingerprints: 0," in read_texts(system)  # and they do not come back
    assert system.psql(recounted) == "0"
    other = int(system.psql("SELECT min(customer_number) FROM intake.case_fingerprint"))
    system.psql(f"UPDATE intake.customer SET wrapped_key = NULL WHERE number = {other}")
    assert "forgotten: 1" in read_texts(system)  # also of who was erased without a word to us
    assert system.psql(recounted) == "0"


def test_what_was_taken_back_leaves_no_fingerprint(system, garage):
    accepted(garage, contact("li", body="brakes squeal in the rain", key="said"))
    read_texts(system)
    assert system.psql("SELECT cardinality(fingerprints) > 10 FROM intake.case_fingerprint") == "t"
    accepted(garage, record(record_void=pb.RecordVoid(record_key="said")))
    read_texts(system)
    assert system.psql("SELECT cardinality(fingerprints) FROM intake.case_fingerprint") == "0"
    assert system.psql("SELECT count(*) FROM intake.fingerprint_count") == "0"
    assert "forgotten: 0" in read_texts(system)


def test_names_and_digits_leave_no_fingerprint(system, garage):
    accepted(garage, profile("li", name="李雷 Plantname"), profile("han", name="韩梅梅"))
    accepted(garage, contact("li", body="我是李雷 Plantname，电话13800138000，刹车异响"),
             contact("han", body="我是 ，电话，刹车异响"))
    read_texts(system)
    rows = system.psql("SELECT DISTINCT fingerprints FROM intake.case_fingerprint")
    assert "\n" not in rows and rows != "{}"


def test_a_text_that_does_not_open_counts_as_nothing_said(system, garage):
    accepted(garage, contact("li", body="brakes squeal"), contact("han", body="engine stalls"))
    system.psql("UPDATE intake.contact_text SET sealed = substr(sealed, 1, 45)"
                " WHERE number = (SELECT min(number) FROM intake.contact_text)")
    read_texts(system, status=1)
    assert system.psql("SELECT count(*) FROM intake.case_fingerprint WHERE fingerprints <> '{}'") == "1"
    assert system.psql("SELECT count(*) FROM intake.upkeep WHERE name = 'read-texts'") == "1"  # it did come to its end


# ---- words of the day


def words_of(system, kind="word"):
    rows = system.psql(f"SELECT word, contacts, customers FROM intake.word_day WHERE kind = '{kind}'")
    return {word: (int(contacts), int(customers)) for word, contacts, customers in
            (row.split("|") for row in rows.splitlines())}


def told(system):
    """Of the words_counted events, oldest first."""
    rows = system.psql("SELECT encode(body, 'hex') FROM log.event WHERE kind = 'words_counted' ORDER BY at, seq")
    return [event_pb2.Event.FromString(bytes.fromhex(row)) for row in rows.splitlines()]


def test_words_of_four_customers_are_neither_stored_nor_published(system, garage):
    at = day_start()
    for i in range(4):
        for n in range(3):
            accepted(garage, contact(f"c-{i}", body=f"刹车异响，squealing brakes {n}", product="pad", occurred_us=at))
    read_texts(system)
    assert words_of(system) == {} and words_of(system, "product") == {}
    assert told(system) == []
    # One more customer, and the day is counted anew.
    accepted(garage, contact("c-4", body="还是刹车异响 squealing", product="pad", occurred_us=at))
    read_texts(system)
    assert words_of(system) == {"squealing": (13, 5), "刹车异响": (13, 5)}
    assert words_of(system, "product") == {"pad": (13, 5)}
    (one,) = told(system)
    body = one.words_counted
    assert {(w.word, w.contacts, w.customers) for w in body.words} == {("squealing", 13, 5), ("刹车异响", 13, 5)}
    assert [(w.word, w.contacts, w.customers) for w in body.products] == [("pad", 13, 5)]
    assert body.contacts == 13 and body.day_us == at - at % DAY_US
    day = datetime.datetime.fromtimestamp(body.day_us / 10**6, datetime.timezone.utc).date()
    assert system.psql("SELECT DISTINCT day FROM intake.word_day") == day.isoformat()


def test_the_same_words_are_told_once_and_less_replaces_more(system, garage):
    at = day_start()
    for i in range(6):
        accepted(garage, contact(f"c-{i}", body="squealing brakes", key=f"k-{i}", occurred_us=at),
                 contact(f"c-{i}", body="stalling engine", occurred_us=at - DAY_US))
    read_texts(system)
    read_texts(system)
    assert len(told(system)) == 2  # one for each day
    accepted(garage, record(record_void=pb.RecordVoid(record_key="k-0")))
    read_texts(system)
    today = [e for e in told(system) if e.words_counted.day_us == at - at % DAY_US]
    assert [{w.word: w.customers for w in e.words_counted.words} for e in today] == [
        {"squealing": 6, "brakes": 6}, {"squealing": 5, "brakes": 5}]
    assert today[0].version < today[1].version
    accepted(garage, record(record_void=pb.RecordVoid(record_key="k-1")))
    read_texts(system)
    last = told(system)[-1].words_counted
    assert last.day_us == at - at % DAY_US and list(last.words) == [] and last.contacts == 4
    assert words_of(system) == {"stalling": (6, 6), "engine": (6, 6)}


def test_merged_customers_are_one_and_machines_are_none(system, garage):
    at = day_start()
    for i in range(5):
        accepted(garage, contact(f"c-{i}", body="squealing", occurred_us=at))
        accepted(garage, contact(f"m-{i}", body="automatic", occurred_us=at, origin=pb.CONTACT_ORIGIN_AUTO_REPLY))
    accepted(garage, customer_link("merge", customer_ref="c-0", other_ref="c-1"))
    read_texts(system)
    assert words_of(system) == {}
    accepted(garage, contact("c-5", body="squealing", occurred_us=at))
    read_texts(system)
    assert words_of(system) == {"squealing": (6, 5)}


def test_the_job_writes_its_own_stream_beside_the_running_intake(system, garage):
    at = day_start()
    for i in range(5):
        accepted(garage, contact(f"c-{i}", body="squealing", occurred_us=at))
    read_texts(system)
    streams = system.psql("SELECT kind = 'words_counted', stream FROM log.event GROUP BY 1, 2 ORDER BY 1").splitlines()
    assert len({row.split("|")[1] for row in streams}) == 2, streams
    # The job's slot is free again, and intake goes on.
    assert system.psql("SELECT count(*) FROM log.lease WHERE resource LIKE 'stream/intake/%' AND until > now()") == "1"
    accepted(garage, contact("c-9", body="goes on", occurred_us=at))
