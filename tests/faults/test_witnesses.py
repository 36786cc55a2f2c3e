# SPDX-License-Identifier: Apache-2.0
"""The harness itself: what the table says of which counts, and that each invariant notices what it is there for."""

import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.invariants import Usage
from tests.faults.live_rig import LiveRig, needs_crash_programs
from tests.faults.trial import Fault, Found, Trial
from tests.faults.verdict import COLUMNS, Row, table
from tests.faults.witnesses import Generators, Paper, check
from tests.support.system import System, wait_until

def fault(recovery_max=None, hits_work=False):
    return Fault("F0", "nothing", None, 1, 1, "rounds", recovery_max, "wrong", lambda: None, hits_work)


def verdict(found, of=None, is_control=False):
    return Row(of or fault(), found, is_control=is_control, seed=7).verdict()


@pytest.mark.parametrize("name", ["lost", "duplicated", "phantom", "dialed_twice", "silent", "unauthorised"])
def test_one_of_what_must_be_zero_is_red(name):
    assert verdict(Found(rounds=1)) == "green"
    assert verdict(Found(rounds=1, **{name: 1})) == "red"


def test_a_broken_invariant_is_red():
    assert verdict(Found(rounds=1, broken=["I8: more descriptors"])) == "red"


def test_a_slow_recovery_is_red():
    quick = Found(rounds=20, recoveries=[1.0] * 19 + [9.0])
    slow = Found(rounds=20, recoveries=[1.0] * 18 + [9.0, 9.0])
    assert verdict(quick, fault(recovery_max=3.0)) == "red"  # the nearest rank of 20 is the last one
    assert verdict(Found(rounds=21, recoveries=[1.0] * 20 + [9.0]), fault(recovery_max=3.0)) == "green"
    assert verdict(slow, fault(recovery_max=3.0)) == "red"
    assert verdict(slow, fault(recovery_max=10.0)) == "green"
    assert verdict(Found(rounds=1), fault(recovery_max=10.0)) == "red"  # nobody measured it


def test_a_run_that_mostly_met_no_work_is_red():
    assert verdict(Found(rounds=10, hit=4), fault(hits_work=True)) == "red"
    assert verdict(Found(rounds=10, hit=5), fault(hits_work=True)) == "green"
    assert verdict(Found()) == "red"  # nothing was done at all


def test_a_control_that_finds_nothing_is_blind():
    assert verdict(Found(rounds=1, lost=3), is_control=True) == "red as it must be"
    assert verdict(Found(rounds=1), is_control=True) == "BLIND"
    # That it was slow says nothing about what the checks can see.
    assert verdict(Found(rounds=1, recoveries=[9.0]), fault(recovery_max=3.0, hits_work=True), is_control=True) == "BLIND"


def test_the_table_has_a_cell_for_each_column():
    text = table([Row(fault(), Found(rounds=3, lost=1, recoveries=[0.5]), is_control=False, seed=7)])
    head, _, row = text.strip().splitlines()
    assert head.count("|") == row.count("|") == len(COLUMNS) + 1
    assert "red" in row and "0.50 s" in row


def test_half_a_line_of_a_paper_waits_for_its_other_half(tmp_path):
    paper = Paper(tmp_path / "g.paper")
    (tmp_path / "g.intents").write_text("intent 1.0 k1 ab contact c\nintent 2.0 k")
    assert set(paper.read().intents) == {"k1"}
    (tmp_path / "g.intents").write_text("intent 1.0 k1 ab contact c\nintent 2.0 k2 cd contact c\n")
    assert set(paper.read().intents) == {"k1", "k2"}


# ---- each invariant notices what it is there for: what is done to the rows, and what it then says

OF_RECORDS = [
    ("DELETE FROM intake.receipt WHERE key = '{contacts[0]}'", "I1: acknowledged and not stored"),
    (r"UPDATE intake.receipt SET digest = '\x00' WHERE key = '{contacts[1]}'", "I1: acknowledged and stored otherwise: 1"),
    ("DELETE FROM intake.purchase WHERE order_ref = '{purchases[0]}'", "I1: acknowledged and without its fact: 2"),
    ("UPDATE intake.receipt SET key = 'unsaid' WHERE key = '{contacts[2]}'", "I3: receipts of what nobody said: 1"),
    ("""INSERT INTO intake.purchase SELECT (jsonb_populate_record(p, jsonb_build_object('number', p.number + 256))).*
          FROM intake.purchase AS p WHERE order_ref = '{purchases[1]}'""", "I2: facts of one record: 1"),
    ("UPDATE intake.purchase SET order_ref = 'never-said' WHERE order_ref = '{purchases[2]}'", "I3: facts of what nobody said: 1"),
    ("""UPDATE intake.receipt SET source_id = (SELECT id FROM intake.source WHERE name = 'stranger')
         WHERE key = '{contacts[3]}'""", "I7: effects of others: 1"),
    ("DELETE FROM log.event WHERE ctid = (SELECT ctid FROM log.event LIMIT 1)", "I2: streams with gaps"),
]


def keys_of(load, kind):
    intents = load.intents()
    return sorted(key for key in load.acks() if intents[key].kind == kind)


def says(found, begin):
    return any(text.startswith(begin) for text in found.broken)


@pytest.mark.xdist_group("faults")
def test_what_is_wrong_with_records_is_noticed(cluster, programs):
    with System(cluster, programs) as system:
        system.key("stranger", ["records"])
        load = Generators(system, 1, seed=7, rate=400)
        system.start("intake")
        with load:
            load.wait_for(600)
            load.finish()
        assert not check(system, load, Found(), consumers=[]).is_red()
        keys = {"contacts": keys_of(load, "contact"), "purchases": keys_of(load, "purchase")}
        system.psql(";".join(sql.format(**keys) for sql, _ in OF_RECORDS))
        found = check(system, load, Found(), consumers=[])
        for sql, begin in OF_RECORDS:
            assert says(found, begin), (sql, found.broken)
        assert (found.lost, found.phantom, found.unauthorised) == (6, 2, 1) and found.duplicated == 2, found


OF_CALLS = [
    ("UPDATE followup.follow_up_attempt SET ordered_at = ordered_at - interval '1 day' WHERE order_key = '{key}'", "I5: ordered before"),
    ("UPDATE followup.follow_up_attempt SET state = 1, outcome = NULL, finished_at = NULL WHERE order_key = '{key}'", "I12: left over"),
    ("DELETE FROM loyalty.score_evidence WHERE ctid = (SELECT ctid FROM loyalty.score_evidence WHERE kind = 9 LIMIT 1)", "I6: evidence"),
    ("DELETE FROM reporting.daily_fact WHERE ctid = (SELECT ctid FROM reporting.daily_fact LIMIT 1)", "I6: "),
]


@pytest.mark.xdist_group("faults")
def test_what_is_wrong_with_calls_and_sums_is_noticed(programs):
    if needs_crash_programs():
        pytest.skip(f"SKIP: {needs_crash_programs()}")
    with LiveRig(Trial(7, 1, programs), rate=60.0) as rig:
        rig.start()
        rig.load.wait_for(300)
        found = Found()
        rig.finish(found)
        assert not found.is_red(), found
        assert found.dialed > 0
        dialed = rig.system.dial_log.read_text().split()
        calls = Counter(key.split("/")[0] for key in dialed)
        key = next(key for key in dialed if calls[key.split("/")[0]] == 1)  # a second call would be wrong, too, once it has no outcome
        for process in rig.processes.values():
            process.kill()
        rig.quiet_seconds = 0  # nobody is there to do what is left
        rig.system.psql(";".join(sql.format(key=key) for sql, _ in OF_CALLS))
        with open(rig.system.dial_log, "a", encoding="ascii") as file:
            file.write(f"{key}\nF-1-1/1\n")
        (rig.system.folder / "intake.log").write_text("called +8613900000001\n")
        found = Found()
        rig.look(found)
    for sql, begin in OF_CALLS:
        assert says(found, begin), (sql, found.broken)
    assert "figures are wrong" in str(found.broken)
    assert says(found, "I10") and says(found, "I4: dialed before a journal had it")
    assert found.dialed_twice == 1 and found.phantom == 1 and found.silent > 0


@pytest.mark.xdist_group("faults")
def test_what_a_process_keeps_is_noticed(cluster, programs):
    with System(cluster, programs) as system:
        load = Generators(system, 1, seed=7, rate=50)
        system.start("intake")
        with load:
            load.wait_for(10)
            load.finish()
        with subprocess.Popen(["sleep", "60"]) as child:
            comm = Path(f"/proc/{child.pid}/comm")
            wait_until(lambda: comm.read_text(encoding="ascii") == "sleep\n", what="the child is no copy of us any more")
            usage = Usage(child.pid)
            assert not check(system, load, Found(), consumers=[], usage_before={"sleep": usage}).is_red()
            usage.rss_mib -= 64
            usage.fds -= 16  # a program that has just begun may have its libraries open
            found = check(system, load, Found(), consumers=[], usage_before={"sleep": usage})
            child.kill()
        assert [text.split(":")[0] for text in found.broken] == ["I8", "I8"]


def test_a_receipt_of_what_was_sent_before_is_no_recovery(tmp_path):
    class Nothing:
        folder = tmp_path

        def endpoint(self, name):
            return name

        def key(self, name, rights):
            return None

    load = Generators(Nothing(), 1, seed=1)
    now = time.monotonic()
    (tmp_path / "generator-0.acks").write_text(f"ack {now + 0.1} {now - 0.1} a C-1\nack {now + 0.5} {now + 0.2} b C-1\n")
    assert load.seconds_until_new_receipt(now) == pytest.approx(0.5, abs=0.01)
