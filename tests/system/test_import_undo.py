# SPDX-License-Identifier: Apache-2.0
"""'troth import --undo': what an import stored is taken back, and nothing else."""

import csv
import json
import os
import re
import signal
import subprocess

import intake_pb2 as pb
import pytest

from tests.support.fake_intake import ACCEPTED, REJECTED, FakeIntake
from tests.support.system import config_text, wait_until

DUPLICATE = pb.RECEIPT_STATUS_DUPLICATE
SHOP = """
name = "shop";
zone = "Asia/Shanghai";
records = (
    { type = "contact"; occurred = { column = "opened"; format = "%Y-%m-%d"; };
      customer_ref = { column = "customer"; }; case_ref = { column = "number"; };
      kind = "complaint"; body = { column = "text"; }; },
    { type = "case_update"; occurred = { column = "opened"; format = "%Y-%m-%d"; };
      customer_ref = { column = "customer"; }; case_ref = { column = "number"; };
      action = "responded"; }
);
"""


class Memory:
    """Decides as intake does: keys are remembered, voids find their record."""

    def __init__(self):
        self.stored = {}  # key: what was done with it
        self.voided = []  # keys in the order in which they were taken back
        self.silent = False
        self.lose = 0     # so many receipts of new records get lost

    def __call__(self, record):
        if self.silent:
            return None
        if record.key in self.stored:
            return DUPLICATE
        if record.WhichOneof("body") == "record_void":
            target = record.record_void.record_key
            if target not in self.stored:
                return pb.Receipt(status=REJECTED, code="record_unknown")
            if target in self.voided:
                return pb.Receipt(status=REJECTED, code="record_voided_already")
            self.voided.append(target)
        elif "refuse" in record.contact.body:
            return pb.Receipt(status=REJECTED, code="text_invalid", field="contact.body")
        self.stored[record.key] = record
        if self.lose > 0 and record.WhichOneof("body") != "record_void":
            self.lose -= 1
            return None
        return ACCEPTED


class Shop:
    def __init__(self, programs, folder, config):
        self.programs, self.folder, self.config = programs, folder, config
        self.mapping = folder / "shop.conf"
        self.mapping.write_text(SHOP)

    def write(self, numbers, name="shop.csv", text="broken"):
        path = self.folder / name
        with open(path, "w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(["number", "customer", "opened", "text"])
            writer.writerows([n, f"customer-{n % 7}", "2026-01-05", text] for n in numbers)
        return path

    def command(self, *arguments):
        return [str(self.programs / "troth"), "import", "--config", str(self.config), *map(str, arguments)]

    def troth(self, *arguments, text=None):
        return subprocess.run(self.command(*arguments), input=text or "", text=True,
                              capture_output=True, timeout=100, check=False)

    def load(self, path, *more):
        return Figures(self.troth("--mapping", self.mapping, *more, path))

    def undo(self, id_, *more):
        return Figures(self.troth("--undo", id_, *more))


class Figures:
    def __init__(self, done):
        self.status, self.errors, self.output = done.returncode, done.stderr, done.stdout
        last = (done.stdout.splitlines() or [""])[-1]
        self.__dict__.update((name, value if name == "id" else float(value))
                             for name, value in re.findall(r"(\w+)=(\S+)", last))

    def undone(self):
        return self.records, self.voided, self.already, self.absent, self.rejected


@pytest.fixture
def memory():
    return Memory()


@pytest.fixture
def shop(programs, tmp_path, memory):
    with FakeIntake(memory) as intake:
        yield Shop(programs, tmp_path, intake.config(tmp_path))


def test_import_is_taken_back_last_record_first(shop, memory):
    first = shop.load(shop.write(range(1000)))
    assert (first.status, first.accepted) == (0, 2000), first.errors
    assert f"troth import --undo {first.id}" in first.errors
    keys = list(memory.stored)
    undone = shop.undo(first.id)
    assert (undone.status, undone.undone()) == (0, (2000, 2000, 0, 0, 0)), undone.errors
    assert undone.id == first.id
    assert memory.voided == keys[::-1]


def test_undo_that_is_repeated_changes_nothing(shop, memory):
    first = shop.load(shop.write(range(50)))
    shop.undo(first.id)
    again = shop.undo(first.id)
    assert (again.status, again.undone()) == (0, (100, 0, 100, 0, 0)), again.errors
    assert len(memory.voided) == 100


def test_records_of_an_earlier_import_stay(shop, memory):
    shop.load(shop.write(range(10), "monday.csv"))
    kept = set(memory.stored)
    second = shop.load(shop.write(range(15), "tuesday.csv"))
    assert (second.accepted, second.duplicate) == (10, 20)
    undone = shop.undo(second.id)
    assert undone.undone() == (10, 10, 0, 0, 0)
    assert kept.isdisjoint(memory.voided)


def test_record_whose_receipt_was_lost_belongs_to_the_import(shop, memory):
    memory.lose = 7
    first = shop.load(shop.write(range(10)))
    assert first.accepted + first.duplicate == 20 and first.duplicate >= 7
    assert shop.undo(first.id).undone() == (20, 20, 0, 0, 0)


def test_refused_records_are_not_voided(shop, memory):
    path = shop.write([1, 2])
    with open(path, "a", encoding="utf-8") as out:
        out.write("3,li,2026-01-05,refuse\n")
    first = shop.load(path)
    assert (first.status, first.accepted, first.rejected) == (1, 5, 1)
    assert shop.undo(first.id).undone() == (5, 5, 0, 0, 0)


def test_same_import_again_has_the_same_id_and_is_taken_back_whole(shop, memory):
    path = shop.write(range(20))
    first, second = shop.load(path), shop.load(path)
    assert second.id == first.id and second.duplicate == 40
    assert shop.undo(first.id).undone() == (40, 40, 0, 0, 0)
    third = shop.load(path)
    assert "--edition 1" in third.errors and third.duplicate == 40
    assert len(memory.voided) == 40
    fresh = shop.load(path, "--edition", 1)
    assert fresh.accepted == 40 and fresh.id != first.id
    assert shop.undo(fresh.id).voided == 40


def test_killed_import_and_its_second_half_are_taken_back_together(programs, tmp_path, memory):
    with FakeIntake(memory) as intake:
        shop = Shop(programs, tmp_path, intake.config(tmp_path))
        path = shop.write(range(3000))
        process = subprocess.Popen(shop.command("--mapping", shop.mapping, path),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_until(lambda: len(memory.stored) > 500, what="the first records")
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        stored = len(memory.stored)
        assert stored < 6000, "the import was over before it could be killed"
        second = shop.load(path)
        assert (second.status, second.accepted + second.duplicate) == (0, 6000)
        undone = shop.undo(second.id)
        assert undone.status == 0 and undone.voided == 6000, undone.output
        assert len(set(memory.voided)) == 6000


def test_import_that_was_killed_can_be_taken_back_at_once(shop, memory):
    path = shop.write(range(3000))
    process = subprocess.Popen(shop.command("--mapping", shop.mapping, path),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_until(lambda: len(memory.stored) > 500, what="the first records")
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    # The ID is a hash of the file: an import that sends nothing new tells it.
    memory.silent = True
    again = shop.load(path, "--patience", "200ms")
    memory.silent = False
    undone = shop.undo(again.id)
    assert undone.status == 0, undone.errors
    assert undone.voided == len(memory.voided)
    assert {key for key, record in memory.stored.items()
            if record.WhichOneof("body") != "record_void"} == set(memory.voided)


def test_silence_ends_an_undo_with_three_and_the_same_command_finishes(shop, memory):
    first = shop.load(shop.write(range(5)))
    memory.silent = True
    broken = shop.undo(first.id, "--patience", "300ms")
    assert broken.status == 3 and "Run the same command again" in broken.errors
    memory.silent = False
    assert shop.undo(first.id).undone() == (10, 10, 0, 0, 0)


def test_import_from_a_pipe_can_be_taken_back(shop, memory):
    text = shop.write(range(3)).read_text()
    done = Figures(shop.troth("--mapping", shop.mapping, "--rejected", shop.folder / "r.csv", "-", text=text))
    assert (done.status, done.accepted) == (0, 6)
    assert shop.undo(done.id).voided == 6


def test_unknown_ids_and_wrong_usage_end_with_two(shop):
    for arguments, words in [
        (("--undo", "0123456789abcdef"), "import_unknown"),
        (("--undo", "../../etc/passwd"), "import_unknown"),
        (("--undo", "0123456789abcdef", "file.csv"), "--undo ID alone"),
    ]:
        done = shop.troth(*arguments)
        assert done.returncode == 2 and words in done.stderr, done.stderr


def test_import_that_cannot_be_remembered_is_refused_unless_wanted(programs, tmp_path, memory):
    with FakeIntake(memory) as intake:
        shop = Shop(programs, tmp_path, intake.config(tmp_path, imports="/dev/null/imports"))
        path = shop.write(range(3))
        refused = shop.load(path)
        assert refused.status == 2 and "file_unwritable" in refused.errors
        assert memory.stored == {}
        taken = shop.load(path, "--no-undo")
        assert (taken.status, taken.accepted, taken.id) == (0, 6, "none")


def test_json_tells_the_id_and_the_figures(shop):
    done = json.loads(shop.troth("--mapping", shop.mapping, "--json", shop.write(range(3))).stdout)
    undone = json.loads(shop.troth("--undo", done["id"], "--json").stdout)
    assert undone["id"] == done["id"]
    assert (undone["records"], undone["voided"], undone["rejected"]) == (6, 6, 0)


def test_journal_is_for_its_user_alone_and_names_no_customer(programs, tmp_path, memory):
    folder = tmp_path / "deep" / "imports"
    with FakeIntake(memory) as intake:
        shop = Shop(programs, tmp_path, intake.config(tmp_path, imports=str(folder)))
        done = shop.load(shop.write(range(3), text="secret words"))
    journal = folder / f"{done.id}.import"
    assert journal.stat().st_mode & 0o777 == 0o600
    assert "customer-" not in journal.read_text() and "secret" not in journal.read_text()


# ---- the real intake


def test_real_intake_takes_an_import_back(system, programs, tmp_path):
    key = system.key("shop", ["records"], is_historical=True)
    system.start("intake")
    config = tmp_path / "troth.conf"
    config.write_text(config_text({
        "key_file": key.path, "intake": system.endpoint("intake"),
        "intake_key": system.service_key("intake").public_path}))
    shop = Shop(programs, tmp_path, config)
    first = shop.load(shop.write(range(500)))
    assert (first.status, first.accepted) == (0, 1000), first.errors
    undone = shop.undo(first.id)
    assert (undone.status, undone.undone()) == (0, (1000, 1000, 0, 0, 0)), undone.output
    again = shop.undo(first.id)
    assert (again.status, again.undone()) == (0, (1000, 0, 1000, 0, 0)), again.output
    fresh = shop.load(shop.write(range(500)), "--edition", 1)
    assert (fresh.status, fresh.accepted) == (0, 1000), (fresh.output, fresh.errors)
