# SPDX-License-Identifier: Apache-2.0
"""What every test can use, and how the C tests take part.

A C test is a program (cmocka), one per *_test.c under tests/unit and tests/integration. Pytest
sees each program as one item, named after its source, and runs it; the cases inside are counted
one by one. The last line of a run is 'N passed, N failed, N skipped' over all cases, Python and
C. Programs under tests/integration get a database of their own in TROTH_TEST_DATABASE.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / os.environ.get("TROTH_OUT", "build")
GEN = ROOT / os.environ.get("TROTH_GEN", "build/gen")
C_TEST_SECONDS = {"unit": 60, "integration": 180}
COUNTED_TIMES = 10  # longer with counters, which come without optimisation

sys.path.insert(0, str(GEN / "python"))  # import intake_pb2


# ---- fixtures --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def project_root():
    return ROOT


@pytest.fixture(scope="session")
def programs():
    """The folder of the programs under test, of the variant that was built."""
    return OUT / "bin"


def find_reference_data():
    """Published data sets that some tests compare with; they are not part of the project."""
    folder = Path(os.environ.get("TROTH_REFERENCE_DATA") or ROOT.parent / "shared" / "data")
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def reference_data():
    folder = find_reference_data()
    if folder is None:
        pytest.skip("SKIP: reference data not present")
    return folder


@pytest.fixture(scope="session")
def cluster():
    """A throw-away PostgreSQL with a migrated template, shared by the tests of one worker.

    It does not sync its disk. A test about crashes of PostgreSQL starts a Cluster of its own.
    """
    # Imported here: unit tests must run where there is no PostgreSQL.
    from tests.support.citus_cluster import CitusCluster
    from tests.support.cluster import Cluster

    kind = CitusCluster if os.environ.get("TROTH_TEST_CITUS") else Cluster
    with kind(fast=True) as running:
        yield running


@pytest.fixture
def database(cluster):
    """The name of a fresh, migrated database."""
    return cluster.new_database()


# ---- C tests ---------------------------------------------------------------------------------


def pytest_collect_file(file_path, parent):
    if not file_path.name.endswith("_test.c"):
        return None
    kind = file_path.relative_to(ROOT / "tests").parts[0]
    if kind not in C_TEST_SECONDS:
        return None
    return CFile.from_parent(parent, path=file_path)


class CFile(pytest.File):
    def collect(self):
        source = self.path.relative_to(ROOT)
        kind = source.parts[1]
        run = run_with_database if kind == "integration" else run_alone
        program = CProgram.from_parent(self, name=self.path.stem, callobj=run)
        program.binary = OUT / source.with_suffix("")
        program.seconds = C_TEST_SECONDS[kind] * (COUNTED_TIMES if os.environ.get("TROTH_COVERAGE") else 1)
        yield program


# These two stand in for a Python test: their parameters are the fixtures a program needs.


def run_alone(request):
    request.node.run({})


def run_with_database(request, cluster, database):
    request.node.run({"TROTH_TEST_DATABASE": cluster.conninfo(dbname=database)})


class CTestFailed(Exception):
    """Carries the text that a person needs; no Python traceback."""


class CProgram(pytest.Function):
    def run(self, variables):
        if not self.binary.exists():
            raise CTestFailed(f"{self.binary} is not built: run 'make test-programs'")
        env = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP", TROTH_OUT=str(OUT), **variables)
        data = find_reference_data()
        if data is not None:
            env["TROTH_REFERENCE_DATA"] = str(data)
        proof = OUT / "proof" / f"{self.binary.name}.md"
        proof.unlink(missing_ok=True)
        status, output, errors = run_program(self.binary, env, self.seconds)
        if proof.exists():
            self.user_properties.append(("proof", proof.read_text()))
        counts = count_cases(output)
        # A program that ends badly or early has failed, also when no case says so.
        cut_short = sum(counts.values()) < planned_cases(output)
        if (status != 0 or cut_short) and not counts["failed"]:
            counts["failed"] = 1
        self.user_properties.append(("cases", counts))
        if counts["failed"]:
            shown = [line for line in output.splitlines() if not line.startswith("ok ")]
            raise CTestFailed("\n".join([ending(status), *shown, errors.rstrip()]))
        if counts["skipped"] and not counts["passed"]:
            pytest.skip("; ".join(skip_reasons(output + errors)) or "every case skipped")

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, CTestFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, None, str(self.path.relative_to(ROOT))


def ending(status):
    if status is None:
        return "did not end in time"
    return f"ended by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def run_program(program, env, seconds):
    """Runs it in a process group of its own, so that what it started ends with it."""
    process = subprocess.Popen(
        [program],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    status = None
    try:
        output, errors = process.communicate(timeout=seconds)
        status = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, errors = process.communicate()
    return status, output, errors


def count_cases(output):
    """Counts the lines of the Test Anything Protocol: 'ok 1 - name', 'not ok 2', '... # SKIP'."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for line in output.splitlines():
        if re.match(r"(not )?ok\b.*# SKIP", line):  # cmocka writes 'not ok' here
            counts["skipped"] += 1
        elif line.startswith("not ok"):
            counts["failed"] += 1
        elif line.startswith("ok "):
            counts["passed"] += 1
    return counts


def planned_cases(output):
    """The plan '1..N' of every group in the program, added up."""
    return sum(int(n) for n in re.findall(r"^1\.\.(\d+)", output, re.M))


def skip_reasons(text):
    """Lines 'SKIP: reason' that a test printed before it called skip()."""
    return sorted(set(re.findall(r"^(?:# )?(SKIP: .+)$", text, re.M)))


# ---- the last line ---------------------------------------------------------------------------


class Totals:
    """Adds up the cases in the process that reports; workers send their reports to it."""

    def __init__(self):
        self.cases = {}  # of C programs, by node
        self.outcome = {}  # of every node: the worst of set-up, call and clean-up
        self.proofs = {}  # published numbers and ours, by node; tests/support/proof.h

    def add(self, report):
        rank = {"passed": 0, "skipped": 1, "failed": 2}
        known = self.outcome.get(report.nodeid, "passed")
        self.outcome[report.nodeid] = max(known, report.outcome, key=rank.get)
        for name, value in getattr(report, "user_properties", ()):
            if name == "cases":
                self.cases[report.nodeid] = value
            if name == "proof":
                self.proofs[report.nodeid] = value

    def proof_tables(self):
        """Markdown that can stand in a README as it is."""
        if not self.proofs:
            return ""
        tables = (table for _, table in sorted(self.proofs.items()))
        return "\n".join(["", "## Published numbers, and ours", "", *tables, ""])

    def line(self, exit_status):
        total = {"passed": 0, "failed": 0, "skipped": 0}
        for node, outcome in self.outcome.items():
            counts = self.cases.get(node, {outcome: 1})
            if outcome == "failed" and not counts.get("failed"):
                counts = {**counts, "failed": 1}
            for key, number in counts.items():
                total[key] += number
        # Interrupted or broken inside: no test says so, but it must not look well.
        if exit_status != pytest.ExitCode.OK and not total["failed"]:
            total["failed"] = 1
        return "{passed} passed, {failed} failed, {skipped} skipped".format(**total)


def is_reporter(config):
    return not hasattr(config, "workerinput")


def pytest_configure(config):
    # What programs remember for their user is remembered in a folder of this run.
    config.troth_state = tempfile.TemporaryDirectory(prefix="troth-state-")
    os.environ["XDG_STATE_HOME"] = config.troth_state.name
    config.troth_totals = Totals()
    config.troth_exit = pytest.ExitCode.OK
    if is_reporter(config):
        config.pluginmanager.register(Recorder(config))


class Recorder:
    def __init__(self, config):
        self.config, self.totals = config, config.troth_totals

    def pytest_runtest_logreport(self, report):
        self.totals.add(report)
        if report.failed:  # whoever watches a long run wants the name at once, not at its end
            self.config.pluginmanager.get_plugin("terminalreporter").write_line(f"\n{report.nodeid} failed")

    def pytest_collectreport(self, report):
        if report.failed:
            self.totals.add(report)


def pytest_sessionfinish(session, exitstatus):
    session.config.troth_exit = exitstatus


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    config.troth_state.cleanup()
    if is_reporter(config) and not config.option.collectonly:
        print(config.troth_totals.proof_tables(), end="")
        print(config.troth_totals.line(config.troth_exit), flush=True)
