# SPDX-License-Identifier: Apache-2.0
"""What every process tells Prometheus: it is well-formed, it is right, and its README lists it."""

import os
import re
import shutil
import signal
import subprocess

import intake_pb2 as intake
import pytest

from tests.support.cluster import Cluster
from tests.support.metrics_page import MetricsPage
from tests.support.system import System, wait_until

SERVICES = ["intake", "followup", "loyalty", "reporting", "dialer"]
RECORDS, TWICE, WRONG = 7, 2, 3
# Rows of the tables: | `name` | type | labels | ...
LISTED = re.compile(r"^\| `((?:troth|process)_[a-z0-9_]+)` \| (counter|gauge|histogram) \| ([a-z, ]*) \|", re.M)


def listed(readme):
    """{name: (type, labels)}."""
    return {name: (kind, set(labels.replace(",", " ").split())) for name, kind, labels in LISTED.findall(readme.read_text())}


def page(system, service):
    return MetricsPage(system.get(service, "/metrics"))


def record(key, **fields):
    body = dict(customer_ref="M-1", channel="phone", kind=intake.CONTACT_KIND_COMPLAINT, body="noise")
    return intake.Record(key=key, occurred_us=1_700_000_000_000_000, contact=intake.Contact(**{**body, **fields}))


@pytest.fixture
def running(system):
    system.key("shop", ["records"])
    for service in SERVICES:
        system.start(service, watch="1s") if service != "dialer" else system.start(service)
    return system


def send(system, records):
    client = system.client("intake", "shop")
    client.send(intake.IntakeRequest(records=intake.RecordBatch(records=records)))
    receipts = []
    while len(receipts) < len(records):
        receipts += client.receive(intake.IntakeReply).receipts.receipts
    return receipts


def test_every_process_tells_prometheus_what_it_expects(running, project_root):
    common = listed(project_root / "common/README.md")
    anywhere = set()
    for service in SERVICES:
        running.get(service, "/livez")  # durations of requests are there once something was asked
        text = running.get(service, "/metrics")
        told = MetricsPage(text)
        assert told.value("process_open_fds") > 3
        assert told.value("process_resident_memory_bytes") > 1 << 20
        if shutil.which("promtool"):
            done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True)
            assert done.returncode == 0, f"{service}: {done.stdout}{done.stderr}"
        own = listed(project_root / "services" / service / "README.md")
        known = {name: told_as for name, told_as in {**common, **own}.items() if name in told.names}
        assert told.types == {name: kind for name, (kind, _) in known.items()}, "all are listed as what they are"
        labels = told.labels()
        assert labels == {name: known[name][1] for name in labels}, "and with their labels"
        assert sorted(set(own) - told.names) == [], f"{service}: its README lists what is not told"
        anywhere |= told.names
    assert sorted(set(common) - anywhere) == [], "common/README.md lists what no process tells"


def test_the_figures_of_intake_are_right(running):
    good = [record(f"good-{i}") for i in range(RECORDS)]
    wrong = [record(f"wrong-{i}", customer_ref="") for i in range(WRONG)]
    receipts = send(running, good)
    assert {r.status for r in receipts} == {intake.RECEIPT_STATUS_ACCEPTED}, receipts
    send(running, good[:TWICE])
    codes = {r.code for r in send(running, wrong)}
    assert len(codes) == 1
    told = page(running, "intake")
    assert told.value("troth_intake_records_total", outcome="accepted") == RECORDS
    assert told.value("troth_intake_records_total", outcome="duplicate") == TWICE
    assert told.value("troth_intake_rejections_total", code=codes.pop()) == WRONG
    assert told.value("troth_intake_receipt_duration_seconds_count") == RECORDS + TWICE + WRONG
    assert told.value("troth_intake_batch_records_sum") == RECORDS + TWICE
    assert told.value("troth_intake_receipt_open_age_seconds") == 0


def test_the_age_of_what_a_stalled_reader_has_not_read_grows(running):
    def unread(name="troth_events_unread_age_seconds"):
        return page(running, "intake").get(name, consumer="loyalty")

    send(running, [record("first")])
    wait_until(lambda: unread() == 0, what="the reader is known, and has read all")
    stalled = next(p for p in running.processes if p.name == "loyalty")
    os.kill(stalled.popen.pid, signal.SIGSTOP)
    try:
        send(running, [record("second")])
        wait_until(lambda: (unread() or 0) > 1, what="the event waits")
        before = unread()
        wait_until(lambda: (unread() or 0) > before + 1, what="it waits longer")
        assert unread("troth_events_unread") >= 1
    finally:
        os.kill(stalled.popen.pid, signal.SIGCONT)
    wait_until(lambda: unread() == 0, what="it was read")
    told = page(running, "loyalty")
    assert told.value("troth_events_lag_seconds_count", consumer="loyalty") >= 2
    assert told.value("troth_events_lag_seconds_sum", consumer="loyalty") > 1


def test_numbers_of_the_database_go_when_it_goes(running):
    wait_until(lambda: page(running, "intake").get("troth_postgresql_sees_all") == 1)
    assert page(running, "intake").value("troth_postgresql_connections_all") > 4
    running.forbid_connections()
    try:
        wait_until(lambda: page(running, "intake").get("troth_postgresql_connections_all") is None)
    finally:
        running.allow_connections()


def test_an_archive_that_fails_is_told_and_one_that_is_not_there_is_not(programs):
    with Cluster(fast=True) as cluster, System(cluster, programs) as system:
        system.start("intake", watch="1s")

        def told(name):
            return page(system, "intake").get(f"troth_postgresql_{name}")

        wait_until(lambda: told("sees_all") == 1, what="the first reading")
        assert (told("archive_failing"), told("archived_age_seconds")) == (None, None)
        has_room = cluster.folder / "has_room"
        with open(cluster.folder / "data/postgresql.conf", "a", encoding="utf-8") as file:
            file.write(f"archive_mode = on\narchive_timeout = 60s\narchive_command = 'test -e {has_room}'\n")
        cluster.restart("fast")
        archive = "SELECT pg_logical_emit_message(false, 'test', 'x'), pg_switch_wal()"
        system.psql(archive)
        wait_until(lambda: told("archive_failing") == 1, what="it fails")
        assert told("archived_age_seconds") is not None

        has_room.touch()
        has_room.chmod(0o644)
        # After three failures in a row the archiver rests, until there is more to do.
        wait_until(lambda: system.psql(archive) and told("archive_failing") == 0, 90, "it is archived")
        assert told("archived_age_seconds") < 90


def test_the_figures_of_the_day_before_are_checked_soon_after_the_start(running):
    """The alert about nights that did not come through has nothing to say of a new installation."""
    def checked_until():
        return page(running, "reporting").value("troth_reporting_figures_checked_until_seconds")

    wait_until(lambda: checked_until() > 0, what="a day is checked")
    age = page(running, "reporting").value("troth_clock_business_seconds") - checked_until()
    assert 0 <= age <= 25 * 3600  # an autumn day
