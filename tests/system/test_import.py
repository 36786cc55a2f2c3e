# SPDX-License-Identifier: Apache-2.0
"""'troth import': every record of a file gets its receipt, once, whatever happens on the way."""

import csv
import json
import os
import re
import signal
import subprocess

import intake_pb2 as pb
import pytest

from tests.support.fake_intake import ACCEPTED, REJECTED, RETRY, FakeIntake
from tests.support.system import config_text, wait_until

SHOP = """
name = "shop";
zone = "Asia/Shanghai";
records = (
    { type = "contact";
      occurred = { column = "opened"; format = "%Y-%m-%d %H:%M:%S"; required = true; };
      customer_ref = { column = "customer"; };
      case_ref = { column = "number"; };
      kind = { column = "kind"; map = ( [ "投诉", "complaint" ], [ "咨询", "enquiry" ] ); };
      body = { column = "text"; }; },
    { type = "case_update"; when = { column = "answered"; };
      occurred = { column = "answered"; format = "%Y-%m-%d %H:%M:%S"; };
      customer_ref = { column = "customer"; };
      case_ref = { column = "number"; };
      action = "responded"; }
);
"""
HEADER = ["number", "customer", "opened", "kind", "text", "answered"]


def row(number, customer="li", opened="2026-01-05 09:00:00", kind="投诉", text="又坏了", answered=""):
    return [str(number), customer, opened, kind, text, answered]


class Importer:
    """The command line with its settings, and files in a folder."""

    def __init__(self, programs, folder, config):
        self.programs, self.folder, self.config = programs, folder, config
        self.mapping = folder / "shop.conf"
        self.mapping.write_text(SHOP)

    def write(self, rows, header=HEADER):
        path = self.folder / "shop.csv"
        with open(path, "w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([header, *rows])
        return path

    def command(self, path, *arguments, mapping=None):
        return [str(self.programs / "troth"), "import", "--mapping", str(mapping or self.mapping),
                "--rejected", str(self.folder / "rejected.csv"), "--config", str(self.config),
                *arguments, str(path)]

    def run(self, path, *arguments, mapping=None, seconds=200):
        done = subprocess.run(self.command(path, *arguments, mapping=mapping), text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=seconds,
                              check=False)
        return Result(done)

    def rejected(self):
        with open(self.folder / "rejected.csv", newline="", encoding="utf-8") as rows:
            return list(csv.DictReader(rows))


class Result:
    """Exit status and the figures of the last line."""

    def __init__(self, done):
        self.status, self.errors, self.output = done.returncode, done.stderr, done.stdout
        lines = [line for line in done.stdout.splitlines() if line.startswith("import: ")]
        assert len(lines) == 1 and done.stdout.endswith(lines[0] + "\n"), (done.stdout, done.stderr)
        self.figures = {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", lines[0])}

    def __getattr__(self, name):
        return self.figures[name]

    def check_sum(self):
        assert self.accepted + self.duplicate + self.rejected == self.records, self.output


@pytest.fixture
def importer(system, programs, tmp_path):
    """Against the real intake, as a source whose records are history."""
    key = system.key("shop", ["records"], is_historical=True)
    system.start("intake")
    config = tmp_path / "troth.conf"
    config.write_text(config_text({
        "key_file": key.path, "intake": system.endpoint("intake"),
        "intake_key": system.service_key("intake").public_path}))
    return Importer(programs, tmp_path, config)


def scripted(programs, tmp_path, intake):
    return Importer(programs, tmp_path, intake.config(tmp_path))


# ---- the real intake


def count(system, table):
    return int(system.psql(f"SELECT count(*) FROM intake.{table}"))


@pytest.mark.parametrize("name, file, rows, records, contacts", [
    ("cfpb", "cfpb/complaints_sample.csv", 6623, 19740, 6623),
    ("gov_messages_zh", "gov_messages_zh/messages_4326_part1.csv", 2163, 2163, 2163),
    ("gov_replies_zh", "gov_messages_zh/replies_2816_part1.csv", 1408, 4224, 1408),
])
def test_published_file_is_imported_whole_and_a_second_time_changes_nothing(
        importer, system, project_root, reference_data, name, file, rows, records, contacts):
    mapping = project_root / f"deploy/mappings/{name}.conf"
    first = importer.run(reference_data / file, mapping=mapping)
    assert first.status == 0, first.errors
    first.check_sum()
    assert (first.rows, first.rows_unmapped, first.rows_empty) == (rows, 0, 0)
    assert (first.records, first.accepted) == (records, records)
    assert (count(system, "contact"), count(system, "service_case")) == (contacts, contacts)
    assert count(system, "case_event") == records - contacts
    assert not (importer.folder / "rejected.csv").exists()

    second = importer.run(reference_data / file, mapping=mapping)
    assert second.status == 0, second.errors
    second.check_sum()
    assert (second.records, second.duplicate) == (records, records)
    assert (count(system, "contact"), count(system, "case_event")) == (contacts, records - contacts)
    assert count(system, "receipt") == records


def many_rows(total):
    """Two records each; ten rows of every customer."""
    return [row(n, f"customer-{n // 10}", answered="2026-01-05 10:00:00") for n in range(total)]


def test_killed_import_is_finished_by_the_same_command(importer, system):
    total = 4000
    path = importer.write(many_rows(total))
    process = subprocess.Popen(importer.command(path, "--quiet"), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_until(lambda: count(system, "receipt") > 500, what="the first records")
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    stored = count(system, "receipt")
    assert 500 < stored < 2 * total, "the import was over before it could be killed"

    again = importer.run(path)
    assert again.status == 0, again.errors
    again.check_sum()
    assert again.records == 2 * total
    assert again.duplicate >= stored
    assert (count(system, "contact"), count(system, "case_event")) == (total, total)


def test_import_outlives_a_crash_of_intake(importer, system):
    total = 3000
    path = importer.write(many_rows(total))
    process = subprocess.Popen(importer.command(path), stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_until(lambda: count(system, "receipt") > 500, what="the first records")
    system.processes[0].kill()
    system.start("intake")
    output, errors = process.communicate(timeout=120)
    result = Result(subprocess.CompletedProcess([], process.returncode, output, errors))
    assert result.status == 0, errors
    result.check_sum()
    assert result.accepted + result.duplicate == 2 * total
    assert (count(system, "contact"), count(system, "case_event")) == (total, total)


def test_interrupted_import_says_what_is_open_and_how_to_go_on(importer, system):
    path = importer.write(many_rows(6000))
    process = subprocess.Popen(importer.command(path), stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_until(lambda: count(system, "receipt") > 500, what="the first records")
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Run the same command again" in errors
    assert output.startswith("import: rows=")


def test_refused_rows_are_written_with_their_reason_and_can_be_imported_when_put_right(
        importer, system):
    rows = [
        row(1, answered="2026-01-05 10:00:00"),
        row(2, opened="yesterday"),            # the mapping cannot read it
        row(3, kind="表白"),                    # not in the table
        row(4, customer="", answered="2026-01-05 10:00:00"),  # intake needs a reference
        [*row(5), "one too many"],
        row(6, text='with "quotes", commas\r\nand lines'),
    ]
    result = importer.run(importer.write(rows))
    assert result.status == 1
    result.check_sum()
    assert (result.rows, result.rows_unmapped, result.records) == (6, 3, 5)
    assert (result.accepted, result.rejected) == (3, 2)

    refused = {line["number"]: line for line in importer.rejected()}
    assert list(refused[next(iter(refused))])[:4] == [
        "troth_line", "troth_code", "troth_field", "troth_text"]
    assert refused["2"]["troth_code"] == "date_invalid"
    assert refused["2"]["troth_line"] == "3"
    assert refused["3"]["troth_field"] == "contact.kind"
    assert refused["4"]["troth_field"] == "contact.customer_ref"  # the first of its two records
    assert refused["5"]["troth_code"] == "column_count"
    assert len(importer.rejected()) == 4  # one line per row

    # Put right in place, the remarks left as they are.
    path = importer.folder / "rejected.csv"
    text = path.read_text(encoding="utf-8").replace("yesterday", "2026-01-06 09:00:00")
    text = text.replace("表白", "咨询").replace(",one too many", "")
    repaired = importer.folder / "repaired.csv"
    repaired.write_text(text.replace("\n4,,", "\n4,wang,").replace(",4,,", ",4,wang,"), encoding="utf-8")
    again = importer.run(repaired)
    assert again.status == 0, (again.output, importer.rejected())
    assert again.accepted == 5
    assert count(system, "contact") == 6


def test_identical_rows_are_different_records_and_stay_the_same_ones(importer, system):
    path = importer.write([row(1), row(1), row(1)])
    first = importer.run(path)
    assert (first.records, first.accepted) == (3, 3)
    second = importer.run(path)
    assert (second.records, second.duplicate) == (3, 3)
    assert count(system, "contact") == 3


# ---- an intake that misbehaves


def test_records_of_a_customer_arrive_in_the_order_of_the_file(programs, tmp_path):
    with FakeIntake() as intake:
        importer = scripted(programs, tmp_path, intake)
        result = importer.run(importer.write(many_rows(1500)))
        assert result.status == 0, result.errors
        assert [r.contact.case_ref or r.case_update.case_ref for r in intake.records] == [
            str(n // 2) for n in range(3000)]
        assert max(intake.requests) <= 256
        assert all(r.is_permanent_key for r in intake.records)


def test_lost_requests_are_sent_again(programs, tmp_path):
    seen = set()

    def lose_each_once(record):
        if record.key in seen:
            return ACCEPTED
        seen.add(record.key)
        return None

    with FakeIntake(lose_each_once) as intake:
        importer = scripted(programs, tmp_path, intake)
        result = importer.run(importer.write(many_rows(20)))
        assert result.status == 0, result.errors
        result.check_sum()
        assert result.accepted == 40
        assert len(intake.records) == 80


def test_receipts_that_ask_to_wait_are_obeyed(programs, tmp_path):
    asked = {}

    def wait_twice(record):
        asked[record.key] = asked.get(record.key, 0) + 1
        if asked[record.key] < 3:
            return pb.Receipt(status=RETRY, retry_after_us=20000)
        return ACCEPTED

    with FakeIntake(wait_twice) as intake:
        importer = scripted(programs, tmp_path, intake)
        result = importer.run(importer.write(many_rows(30)))
        assert result.status == 0, result.errors
        assert result.accepted == 60
        assert set(asked.values()) == {3}


def test_update_that_overtook_its_contact_is_sent_again(programs, tmp_path):
    accepted_cases = set()
    delayed = set()

    def decide(record):
        if record.WhichOneof("body") == "contact":
            if record.key not in delayed:  # the contact has to wait: its update comes first
                delayed.add(record.key)
                return pb.Receipt(status=RETRY, retry_after_us=50000)
            accepted_cases.add(record.contact.case_ref)
            return ACCEPTED
        if record.case_update.case_ref in accepted_cases:
            return ACCEPTED
        return pb.Receipt(status=REJECTED, code="case_unknown", field="case_update.case_ref")

    with FakeIntake(decide) as intake:
        importer = scripted(programs, tmp_path, intake)
        result = importer.run(importer.write([row(1, answered="2026-01-05 10:00:00")]))
        assert result.status == 0, result.output
        assert result.accepted == 2


def test_silence_ends_with_three_and_says_who_is_silent(programs, tmp_path):
    with FakeIntake(lambda record: None) as intake:
        importer = scripted(programs, tmp_path, intake)
        result = importer.run(importer.write(many_rows(3)), "--patience", "300ms")
        assert result.status == 3
        assert intake.endpoint in result.errors
        assert "6 records have no receipt yet" in result.errors


def test_refusal_of_the_whole_request_ends_the_import(programs, tmp_path):
    error = pb.RequestError(code="not_permitted", text="this key may not send records")
    with FakeIntake(error=error) as intake:
        importer = scripted(programs, tmp_path, intake)
        result = importer.run(importer.write(many_rows(3)))
        assert result.status == 1
        assert "this key may not send records" in result.errors


def test_broken_file_is_imported_up_to_the_broken_line(programs, tmp_path):
    with FakeIntake() as intake:
        importer = scripted(programs, tmp_path, intake)
        path = importer.write([row(1), row(2)])
        with open(path, "a", encoding="utf-8") as out:
            out.write('3,"never closed,\n4,x\n')
        result = importer.run(path)
        assert result.status == 1
        assert "line 4: the quote that opens here is never closed" in result.errors
        assert (result.rows, result.accepted) == (2, 2)


def test_refused_rows_that_cannot_be_written_end_with_two(programs, tmp_path):
    with FakeIntake() as intake:
        importer = scripted(programs, tmp_path, intake)
        path = importer.write([row(1, opened="")])
        for place in (tmp_path / "none" / "rejected.csv", "/dev/full"):
            done = subprocess.run([str(a) for a in importer.command(path, "--rejected", place)], text=True,
                                  capture_output=True, check=False)
            assert done.returncode == 2, done
            assert "[file_unwritable]" in done.stderr


def test_record_that_no_message_can_carry_is_refused_here(programs, tmp_path):
    with FakeIntake() as intake:
        importer = scripted(programs, tmp_path, intake)
        result = importer.run(importer.write([row(1, text="长" * 30000), row(2)]))
        assert result.status == 1
        result.check_sum()
        assert (result.accepted, result.rejected) == (1, 1)
        assert importer.rejected()[0]["troth_code"] == "too_large"


def test_json_has_the_same_figures_and_the_reasons(programs, tmp_path):
    refusal = pb.Receipt(status=REJECTED, code="text_too_long", field="contact.body", text="too long")
    with FakeIntake(lambda record: refusal) as intake:
        importer = scripted(programs, tmp_path, intake)
        done = subprocess.run(importer.command(importer.write([row(1), row(2)]), "--json"),
                              text=True, capture_output=True, check=False)
    figures = json.loads(done.stdout)
    assert done.returncode == 1
    assert figures["records"] == figures["rejected"] == 2
    assert figures["reasons"] == [
        {"code": "text_too_long", "field": "contact.body", "count": 2, "of": "records"}]
    assert figures["rejected_file"].endswith("rejected.csv")


def test_wrong_files_end_with_two_before_anything_is_sent(programs, tmp_path):
    with FakeIntake() as intake:
        importer = scripted(programs, tmp_path, intake)
        path = importer.write([row(1)], header=[*HEADER[:-1], "other"])
        for arguments, words in [
            ((path,), "'answered'"),
            ((tmp_path / "none.csv",), "No such file"),
            ((path, "--rejected", path), "it would be lost"),
            ((path, path), "one CSV file"),
        ]:
            done = subprocess.run([str(a) for a in importer.command(*arguments)], text=True,
                                  capture_output=True, check=False)
            assert done.returncode == 2, done
            assert words in done.stderr
        assert intake.records == []
