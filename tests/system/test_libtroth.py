# SPDX-License-Identifier: Apache-2.0
"""The client library as it is installed: nothing lost, nothing twice, no hang."""

import re
import subprocess
import time

import pytest

from tests.support.installed import COMPILER, Installed
from tests.support.system import ROOT, wait_until

TOTAL = 20_000  # so many that a slow look into the database still finds them on their way


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return Installed(tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="module")
def driver(library, tmp_path_factory):
    path = tmp_path_factory.mktemp("driver") / "libtroth_driver"
    return library.compile("tests/system/libtroth_driver.c", path)


def figures(output):
    found = dict(re.findall(r"(\w+)=(\S*)", output))
    return {name: value if name == "error" else int(value) for name, value in found.items()}


def arguments(system, key, endpoints, mode, count, timeout_ms, server_key=None):
    server_key = server_key or system.service_key("intake").public.decode()
    return [" ".join(endpoints), server_key, key.path, mode, count, timeout_ms]


def count(system, table):
    return int(system.psql(f"SELECT count(*) FROM intake.{table}"))


# ---- against the real intake


@pytest.mark.parametrize("mode", ["send", "submit"])
def test_killed_intake_loses_nothing_and_takes_nothing_twice(system, library, driver, mode):
    key = system.key("garage", ["records"])
    intake = system.start("intake")
    process = library.start(driver, *arguments(
        system, key, [system.endpoint("intake")], mode, TOTAL, 120_000))
    wait_until(lambda: count(system, "receipt") > 0, what="the first receipts")
    intake.kill()
    stored = count(system, "receipt")
    assert stored < TOTAL, "all was done before intake could be killed"
    system.start("intake")
    output, errors = process.communicate(timeout=150)
    found = figures(output)
    assert (process.returncode, errors, found["error"]) == (0, "", "")
    assert found["accepted"] + found["duplicate"] == TOTAL
    assert (found["rejected"], found["retry"], found["twice"]) == (0, 0, 0)
    assert count(system, "receipt") == count(system, "contact") == TOTAL


def test_dead_endpoints_are_passed_over(system, library, driver):
    key = system.key("garage", ["records"])
    system.start("intake")
    endpoints = ["tcp://127.0.0.1:1", f"ipc://{system.folder}/nobody", system.endpoint("intake")]
    status, output, errors = library.run(
        driver, *arguments(system, key, endpoints, "send", 100, 60_000))
    assert (status, errors) == (0, "")
    assert figures(output)["accepted"] == 100


def test_second_intake_goes_on_where_the_first_one_ended(system, library, driver):
    key = system.key("garage", ["records"])
    names = ["intake", "intake-2"]
    running = {name: system.start("intake", instance=name) for name in names}
    process = library.start(driver, *arguments(
        system, key, [system.endpoint(name) for name in names], "submit", TOTAL, 120_000))
    wait_until(lambda: count(system, "receipt") > 0, what="the first receipts")
    # Whichever it talks to: one after the other is away while the other one is there.
    running["intake"].kill()
    wait_for_more(system, 200)
    running["intake"] = system.start("intake", instance="intake")
    running["intake-2"].kill()
    output, errors = process.communicate(timeout=150)
    found = figures(output)
    assert (process.returncode, errors, found["error"]) == (0, "", "")
    assert found["accepted"] + found["duplicate"] == TOTAL
    assert count(system, "receipt") == count(system, "contact") == TOTAL


def wait_for_more(system, more):
    goal = min(TOTAL, count(system, "receipt") + more)
    wait_until(lambda: count(system, "receipt") >= goal, what="receipts of the other intake")


# ---- errors instead of hanging


def test_wrong_server_key_is_an_error_in_time(system, library, driver):
    key = system.key("garage", ["records"])
    other = system.unknown_key("somebody")
    system.start("intake")
    begin = time.monotonic()
    status, output, errors = library.run(driver, *arguments(
        system, key, [system.endpoint("intake")], "send", 10, 2000, other.public.decode()))
    assert (status, errors) == (0, "")
    assert figures(output)["error"] == "handshake_failed"
    assert figures(output)["retry"] == 10
    assert time.monotonic() - begin < 20
    assert count(system, "receipt") == 0


def test_key_that_nobody_registered_is_named_as_the_reason(system, library, driver):
    key = system.unknown_key("stranger")
    system.start("intake")
    for mode in ("send", "submit"):
        _, output, _ = library.run(driver, *arguments(
            system, key, [system.endpoint("intake")], mode, 10, 2000))
        assert figures(output)["error"] == "key_refused"


def test_source_without_the_right_is_told(system, library, driver):
    key = system.key("reader", ["events"])
    system.start("intake")
    for mode in ("send", "submit"):
        _, output, _ = library.run(driver, *arguments(
            system, key, [system.endpoint("intake")], mode, 10, 20_000))
        assert figures(output)["error"] == "not_permitted"


def test_nobody_there_is_an_error_in_time(system, library, driver):
    key = system.key("garage", ["records"])
    _, output, _ = library.run(driver, *arguments(
        system, key, [f"ipc://{system.folder}/nobody"], "send", 10, 1000))
    assert figures(output)["error"] == "not_connected"
    assert figures(output)["retry"] == 10


@pytest.mark.parametrize("spoil, code", [
    (lambda a: [" ", *a[1:]], "option_missing"),
    (lambda a: ["nonsense", *a[1:]], "connect_failed"),
    (lambda a: [a[0], "too-short", *a[2:]], "key_invalid"),
    (lambda a: [*a[:2], "/nowhere/our.key", *a[3:]], "key_unreadable"),
])
def test_wrong_options_are_refused_by_code(system, library, driver, spoil, code):
    good = arguments(system, system.key("garage"), ["tcp://127.0.0.1:1"], "send", 1, 1000)
    status, output, errors = library.run(driver, *spoil(good))
    assert (status, errors, figures(output)["error"]) == (0, "", code)


# ---- what is installed


def test_library_shows_its_own_names_alone(library):
    lib = library.folder / "usr/lib"
    shown = subprocess.run(["nm", "-D", "--defined-only", lib / "libtroth.so.1"],
                           capture_output=True, text=True, check=True).stdout
    names = {line.split()[2].split("@")[0] for line in shown.splitlines()}
    assert {name for name in names if not name.startswith(("troth_", "TROTH_1"))} == set()
    declared = set(re.findall(r"\b(troth_\w+)\(", (ROOT / "proto/libtroth/troth.h").read_text()))
    functions = {name for name in names if not name.startswith(("troth__v1__", "TROTH_1"))}
    assert functions == {name for name in declared if not name.endswith("_fn")}
    inside = subprocess.run(["nm", "-g", "--defined-only", lib / "libtroth.a"],
                            capture_output=True, text=True, check=True).stdout
    names = {parts[2] for parts in map(str.split, inside.splitlines()) if len(parts) == 3}
    # The address sanitizer marks what others can see.
    names = {name.removeprefix("__odr_asan.") for name in names}
    assert {name for name in names if not name.startswith("troth_")} == set()


def test_static_library_is_whole(library, tmp_path):
    others = subprocess.run(["pkg-config", "--libs", "libprotobuf-c", "libzmq", "libsodium"],
                            capture_output=True, text=True, check=True).stdout.split()
    program = library.compile(
        "tests/system/libtroth_driver.c", tmp_path / "static", flags=[
            *library.flags("--cflags"), str(library.folder / "usr/lib/libtroth.a"), *others,
            "-lpthread"])
    assert "libtroth" not in subprocess.run(["ldd", program], capture_output=True, text=True,
                                            check=True).stdout
    assert library.run(program, " ", "x", "y", "send", 1, 1)[1].endswith("error=option_missing\n")


def test_header_is_cplusplus_too(library, tmp_path):
    source = tmp_path / "main.cpp"
    source.write_text("#include <troth.h>\nint main() { return troth_version()[0] == 0; }\n")
    plus = "clang++" if "clang" in COMPILER[0] else "g++"
    program = library.compile(source, tmp_path / "plus", compiler=[plus, *COMPILER[1:]],
                              options=["-Wall", "-Wextra", "-Wpedantic", "-Werror"])
    assert library.run(program)[0] == 0
