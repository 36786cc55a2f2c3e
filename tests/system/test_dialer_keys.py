# SPDX-License-Identifier: Apache-2.0
"""The key pair of a dialer is replaced, and the old one is taken out of key_file while a result is sealed with it."""

from tests.support import sealed
from tests.support.office import DAY, DONE, EVERYBODY, Office
from tests.support.system import Key, Process, wait_until
from tests.support.witness import journal_keys

# So long that the dialer knows by then that its scheduler is gone, and keeps the result.
RING_TIME = "6s"
NOTES = ("Asked when the next service", "Praised how fast", "Waited far too long")  # dialer_simulation.c


def replace_pair(system):
    """A new pair in place of the old one. Returns the texts of both."""
    path = system.service_key("dialer").path
    new = Key.new(system.folder, "dialer-new")
    done = system.run("troth", "key", "rotate", "dialer", "--key", new.public_path, "--overlap", "1h",
                      "--database", system.conninfo("troth_operator"))
    assert done.returncode == 0, done.stdout + done.stderr
    old = path.read_text()
    path.write_text(new.path.read_text())
    return new.path.read_text(), old


def start_again(office, name):
    old = office.stage.processes[name]
    office.stage.processes[name] = Process(name, old.popen.args, old.log_path, old.environment)
    office.system.processes.append(office.stage.processes[name])
    office.stage.processes[name].wait_ready()


def held(dialer):
    return dialer.log().count("event=result_held_back")


def test_a_result_waits_until_the_pair_it_is_sealed_with_is_back(system):
    office = Office(system, dialer={**EVERYBODY, "notes": 1.0, "ring_time": RING_TIME}, followup={"call_limit": "5m"})
    dialer, journal = office.stage.processes["dialer"], system.folder / "dialer.journal"
    office.resolve("li")
    office.clock.step(DAY)
    wait_until(lambda: journal_keys(journal, "placed"), what="the call")
    office.stage.processes["followup"].kill()
    wait_until(lambda: journal_keys(journal, "finished"), what="the result")

    new, old = replace_pair(system)
    dialer.reload()
    wait_until(lambda: held(dialer) == 1, what="a word about it")
    start_again(office, "followup")
    wait_until(lambda: system.metric("dialer", "troth_dialer_schedulers_connected") == 1, what="the scheduler")
    assert system.metric("dialer", "troth_dialer_results_waiting") == 1
    assert journal_keys(journal, "taken") == []
    assert held(dialer) == 1
    dialer.reload()
    wait_until(lambda: held(dialer) == 2, what="the same word about keys that are still the wrong ones")

    system.service_key("dialer").path.write_text(new + old)
    dialer.reload()
    wait_until(lambda: journal_keys(journal, "taken"), what="its receipt")
    office.wait_for(DONE, "answered")
    office.quiet()
    said = [text for fact in sealed.texts(system) for text in fact.texts.values()]
    assert [text for text in said if text.startswith(NOTES)], said
