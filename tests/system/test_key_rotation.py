# SPDX-License-Identifier: Apache-2.0
"""Keys are replaced while everything runs: nobody is refused, nothing is lost, and the old ones end."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import intake_pb2 as intake
import psycopg2
import zmq.utils.z85

from tests.support import ledger
from tests.support.http_door import HttpDoor, door_settings, record_json
from tests.support.intake_client import ACCEPTED, RETRY, IntakeClient, contact, profile
from tests.support.load import DemoClock, Sender, garage_records
from tests.support.stage import Stage
from tests.support.system import MASTER_KEYS, Key, config_text, wait_until
from tests.support.web_receiver import WebReceiver, signature

SERVICES = ["intake", "followup", "loyalty", "reporting"]


def troth(system, *arguments):
    done = system.run("troth", *arguments, "--database", system.conninfo("troth_operator"))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rotate_beside(system, name):
    """A new pair that is registered beside the old one; its file is NAME-new.key."""
    key = Key.new(system.folder, f"{name}-new")
    troth(system, "key", "rotate", name, "--key", key.public_path, "--overlap", "1h")
    return key


def is_permitted(client, number):
    """Whether intake takes a record, or refuses the request. Asked again: a key becomes known within a second."""
    record = intake.Record(key=f"probe-{number}", occurred_us=1_767_225_500_000_000,
                           customer_profile=intake.CustomerProfile(customer_ref="probe"))
    reply = client.ask(intake.IntakeRequest(records=intake.RecordBatch(records=[record])), intake.IntakeReply)
    return reply.WhichOneof("body") == "receipts"


def read_since(process):
    """How often it has read who may enter: once when it starts, and after each change."""
    return process.log().count("principals_reloaded")


def replace_service_key(system, service, process):
    """As an operator does: peers learn both, then the service takes the new one."""
    old = system.service_key(service)
    public = old.public_path
    new = rotate_beside(system, service)
    with open(public, "a", encoding="utf-8") as file:
        file.write(f"public-key = {new.public.decode()}\n")
    new.path.replace(old.path)
    process.reload()
    wait_until(lambda: "key_replaced" in process.log(), what=f"the new key of {service}")
    old.public, old.secret = new.public, new.secret  # for clients of the test that come from now on


def test_a_source_moves_to_a_new_key_under_load(system):
    system.key("garage", ["records"])
    clock = DemoClock(system)
    process = system.start("intake", arguments=["--demo-clock"])
    old = system.client("intake", "garage")
    new_key = []
    sender = Sender(old, garage_records(7, 60), clock)
    sender.run({200: lambda: new_key.append(rotate_beside(system, "garage"))})

    # A client of the test does not try again when it is turned away.
    wait_until(lambda: read_since(process) > 1, what="the new key")
    moved = system.client("intake", "garage", key=new_key[0])
    more = Sender(moved, garage_records(8, 20, prefix="moved"), clock)
    more.run()
    assert is_permitted(old, 1), "the old key works until its time is over"
    troth(system, "key", "finish", "garage")
    numbers = iter(range(2, 1000))
    wait_until(lambda: not is_permitted(old, next(numbers)), what="the end of the old key")
    assert is_permitted(moved, 1)
    assert sender.retries + more.retries == 0
    assert sender.acknowledged == 600


def test_services_change_their_keys_while_everything_runs(system, record_property):
    system.key("garage", ["records"])
    stage = Stage(system)
    senders = []
    for number, service in enumerate([None, *SERVICES]):
        if service:
            replace_service_key(system, service, stage.processes[service])
        client = system.client("intake", "garage")
        wait_until(lambda c=client: c.socket.poll(100, 2), what="a connection")
        senders.append(Sender(client, garage_records(number, 6, prefix=f"r{number}"), stage.clock))
        senders[-1].run()
        stage.step(6)
    for service in SERVICES:
        troth(system, "key", "finish", service)
    stage.run_out()
    stage.check_alive()

    figures = {**ledger.check_records(system, senders, "garage"), **ledger.check_calls(system, stage.dials())}
    ledger.report(figures, record_property)
    assert figures["dials"] > 0
    assert sum(sender.retries for sender in senders) == 0


def says(system, *arguments):
    done = system.run("troth", *arguments, "--database", system.conninfo("troth_operator"))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


def test_an_overlap_that_is_asked_for_again_has_the_new_length(system):
    old = system.key("garage", ["records"])
    new = rotate_beside(system, "garage")
    again = ["key", "rotate", "garage", "--key", new.public_path, "--overlap"]
    hours = ("SELECT round(extract(epoch FROM former_key_until - clock_timestamp()) / 3600),"
             " encode(former_key, 'hex') FROM intake.source WHERE name = 'garage'")
    key_before = zmq.utils.z85.decode(old.public).hex()
    for length in ("72", "2"):
        assert "works beside the old one" in says(system, *again, f"{length}h")
        assert system.psql(hours) == f"{length}|{key_before}"
    troth(system, "key", "finish", "garage")
    assert "there is no other beside it" in says(system, *again, "72h")
    assert system.psql(hours) == "|"
    done = system.run("troth", "key", "rotate", "nobody", *again[3:], "72h", "--database", system.conninfo("troth_operator"))
    assert done.returncode == 1 and "no key in force has the name nobody" in done.stderr


def test_no_old_token_is_promised_where_there_was_none(system):
    system.key("garage", ["records"])
    token = ["key", "token", "garage", "--overlap", "1h"]
    assert "there is no other beside it" in says(system, *token)
    assert "old token too" not in troth(system, "key", "list")
    assert "works beside the old one" in says(system, *token)
    assert "old token too" in troth(system, "key", "list")
    done = system.run("troth", "key", "token", "nobody", *token[3:], "--database", system.conninfo("troth_operator"))
    assert done.returncode == 1 and "no key in force has the name nobody" in done.stderr


def test_an_old_token_works_beside_the_new_one(system):
    system.key("garage", ["records"])
    first = troth(system, "key", "token", "garage")
    second = troth(system, "key", "token", "garage", "--overlap", "1h")
    assert first != second
    entries = "SELECT count(token_digest) FROM intake.source_entry_public WHERE name = 'garage'"
    assert system.psql(entries) == "2"
    assert "old token too" in troth(system, "key", "list")
    troth(system, "key", "finish", "garage")
    assert system.psql(entries) == "1"


def test_the_record_goes_on_under_a_new_key(system):
    secret = system.folder / "audit.key"
    assert system.run("troth", "audit", "key", "new", secret).returncode == 0
    clock = DemoClock(system)
    system.key("garage", ["records"])
    process = system.start("intake", arguments=["--demo-clock"], audit_key_file=secret, audit_every="1s")
    keys = "SELECT count(DISTINCT key_id) FROM audit.head"
    Sender(system.client("intake", "garage"), garage_records(7, 5), clock).run()
    wait_until(lambda: system.psql(keys) == "1", what="a signed head")

    assert system.run("troth", "audit", "key", "rotate", secret).returncode == 0
    process.reload()
    wait_until(lambda: "audit_key_read" in process.log(), what="the new key")
    Sender(system.client("intake", "garage"), garage_records(8, 5, prefix="more"), clock).run()
    wait_until(lambda: system.psql(keys) == "2", what="a head under the new key")
    troth(system, "audit", "verify", "--key", secret)
    assert len(re.findall("^verify ", secret.with_suffix(".pub").read_text(), flags=re.M)) == 2
    assert "audit_inconsistent" not in process.log()


# ---- master keys


def keys_file(system, *generations):
    """All intakes of a test have one file; it is replaced as an operator does."""
    path = system.folder / "shared.keys"
    beside = system.folder / "shared.keys.new"
    beside.touch(mode=0o600)
    beside.write_text("\n".join(MASTER_KEYS.splitlines()[:1] + [f"master {n} {n:064x}" for n in generations]) + "\n")
    beside.replace(path)
    return path


def rewrap(system, path, *arguments):
    settings = system.folder / "job.conf"
    settings.write_text(config_text(system.settings("intake", master_key_file=path)))
    done = system.run("troth-intake", "--config", settings, "--job", "rewrap-keys", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def sealing(system):
    return system.psql("SELECT string_agg(DISTINCT sealing::text, ' ') FROM intake.master_key_process")


def check_readable(system, reader):
    """Everybody whose name is stored, at the intake that the reader asks."""
    customers = system.psql("SELECT DISTINCT customer_number FROM intake.person").split()
    assert customers
    for number in customers:
        assert reader.disclose("name", int(number)).texts, number


def test_a_master_key_is_replaced_under_load(system):
    path = keys_file(system, 1)
    system.key("garage", ["records"])
    system.key("caller", ["disclosure"])
    clock = DemoClock(system)
    names = ["intake", "intake-2"]
    settings = {"arguments": ["--demo-clock"], "master_key_file": path, "lease": "2s"}
    running = [system.start("intake", name, **settings) for name in names]
    readers = [IntakeClient(system.client("intake", "caller", instance=[name])) for name in names]
    said = []

    def one_knows():
        keys_file(system, 1, 2)
        said.append(rewrap(system, path, "--demo-clock"))  # too early: nothing happens, and it says why
        running[0].reload()
        wait_until(lambda: "master_key_known newest=2 sealing=1" in running[0].log(), what="the first")

    def both_know():
        assert system.psql("SELECT max(key_generation) FROM intake.customer") == "1", "the second could not read it"
        running[1].reload()
        wait_until(lambda: sealing(system) == "2", what="the new generation at both")
        said.append(rewrap(system, path, "--demo-clock"))

    def old_one_goes():
        keys_file(system, 2)
        for one in running:
            one.reload()
            wait_until(lambda log=one.log: "master_key_known newest=2 sealing=2 generations=1" in log(), what="the old one's end")

    sender = Sender(system.client("intake", "garage", instance=names), garage_records(7, 120), clock)
    sender.run({200: one_knows, 400: both_know, 700: old_one_goes})
    assert sender.acknowledged == 1200 and sender.retries == 0
    assert "generation 1: " in said[0] and "still needed" in said[0] and "2 intakes do not seal with generation 2" in said[0]
    assert "generation 1: 0 keys, may be taken out" in said[1]
    assert system.psql("SELECT DISTINCT key_generation FROM intake.customer") == "2"
    for reader in readers:
        check_readable(system, reader)
    for one in running:
        assert one.is_running() and "key_damaged" not in one.log() and "master_key_refused" not in one.log()


def test_a_file_that_cannot_be_changes_nothing(system):
    path = keys_file(system, 1)
    system.key("garage", ["records"])
    process = system.start("intake", master_key_file=path)
    garage = IntakeClient(system.client("intake", "garage"))
    path.write_text("master nonsense\n")
    process.reload()
    wait_until(lambda: process.log().count("master_key_refused") == 1, what="the broken file")
    keys_file(system, 2)  # the first one is still needed
    process.reload()
    wait_until(lambda: process.log().count("master_key_refused") == 2, what="the file without the old one")
    assert "generation 1 is not in the file" in process.log() and "send SIGHUP" in process.log()
    assert garage.send_one(profile("li", name="Li")).status == ACCEPTED
    assert system.psql("SELECT key_generation FROM intake.customer") == "1"
    assert system.psql("SELECT max(generation) FROM intake.master_key") == "1", "a wrong file leaves no trace"
    keys_file(system, 1, 2)
    process.reload()
    wait_until(lambda: sealing(system) == "2", what="a good file")
    assert garage.send_one(profile("han", name="Han")).status == ACCEPTED
    assert system.psql("SELECT key_generation FROM intake.customer ORDER BY 1 DESC LIMIT 1") == "2"


def test_intakes_may_be_started_again_one_by_one_before_anything_is_wrapped_anew(system):
    path = keys_file(system, 1)
    names = ["intake", "intake-2"]
    settings = {"master_key_file": path, "lease": "2s"}
    system.key("garage", ["records"])
    running = [system.start("intake", name, **settings) for name in names]
    garage = IntakeClient(system.client("intake", "garage"))
    keys_file(system, 1, 2)
    running[0].terminate()
    running[0] = system.start("intake", "intake", **settings)
    assert garage.send_one(profile("li", name="Li")).status == ACCEPTED
    assert system.psql("SELECT key_generation FROM intake.customer") == "1", "the other one could not read it"
    running[1].terminate()
    running[1] = system.start("intake", "intake-2", **settings)
    wait_until(lambda: sealing(system) == "2", what="both")
    assert "generation 1: 0 keys, may be taken out" in rewrap(system, path)


def rotate_without(system, cut_off, other, path):
    """What the others do while one of them stands still and counts as gone: a new key comes, the old one is retired."""
    cut_off.pause()
    try:
        wait_until(lambda: system.psql("SELECT count(*) FROM intake.master_key_process") == "1", what="the end of its lease")
        keys_file(system, 1, 2)
        other.reload()
        wait_until(lambda: sealing(system) == "2", what="the new generation")
        assert "generation 1: 0 keys, may be taken out" in rewrap(system, path)
    finally:
        cut_off.resume()


def start_two(system, path, own_path):
    system.key("garage", ["records"])
    system.key("caller", ["disclosure"])
    running = [system.start("intake", "intake", master_key_file=own_path, lease="2s"),
               system.start("intake", "intake-2", master_key_file=path, lease="2s")]
    garage = IntakeClient(system.client("intake", "garage", instance="intake-2"))
    assert garage.send_one(profile("li", name="Li")).status == ACCEPTED
    return running


GENERATIONS = "SELECT string_agg(DISTINCT key_generation::text, ' ') FROM intake.customer"


def test_an_intake_that_was_cut_off_wraps_with_nothing_that_is_retired(system):
    path = keys_file(system, 1)
    own_path = system.folder / "own.keys"
    own_path.touch(mode=0o600)
    own_path.write_text(path.read_text())
    cut_off, other = start_two(system, path, own_path)
    rotate_without(system, cut_off, other, path)

    garage = IntakeClient(system.client("intake", "garage", instance="intake"))
    newcomer = profile("han", name="Han")
    assert garage.send_one(newcomer).status == RETRY
    assert system.psql(GENERATIONS) == "2"
    assert "generation 2 is not in the file" in cut_off.log()
    own_path.write_text(path.read_text())  # nobody sends a signal
    wait_until(lambda: garage.send_one(newcomer).status == ACCEPTED, what="the new generation")
    assert system.psql(GENERATIONS) == "2"
    check_readable(system, IntakeClient(system.client("intake", "caller", instance="intake")))


def test_an_intake_that_was_cut_off_reads_its_keys_again(system):
    path = keys_file(system, 1)
    cut_off, other = start_two(system, path, path)
    rotate_without(system, cut_off, other, path)
    reader = IntakeClient(system.client("intake", "caller", instance="intake"))
    li = int(system.psql("SELECT number FROM intake.customer"))
    wait_until(lambda: reader.disclose("name", li).texts, what="the new generation at the one that was away")
    wait_until(lambda: sealing(system) == "2", what="both to seal with it")


def test_a_generation_that_somebody_has_just_wrapped_with_is_not_given_up(system):
    path = keys_file(system, 1)
    gone, running = start_two(system, path, path)
    gone.terminate()
    li = system.psql("SELECT number FROM intake.customer")
    keys_file(system, 1, 2)
    running.reload()
    wait_until(lambda: sealing(system) == "2", what="the new generation")
    with psycopg2.connect(system.conninfo()) as straggler, straggler.cursor() as cursor:
        cursor.execute("SELECT FROM intake.master_key WHERE generation = 1 AND retired_at IS NULL FOR SHARE")
        cursor.execute("CREATE TEMPORARY TABLE late AS SELECT * FROM intake.customer WHERE number = %s", [li])
        cursor.execute("UPDATE late SET number = number + 256, key_generation = 1")
        cursor.execute("INSERT INTO intake.customer SELECT * FROM late")
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        with ThreadPoolExecutor() as pool:
            job = pool.submit(rewrap, system, path)
            wait_until(lambda: system.psql(waiting) == "1", what="the job to wait")
            straggler.commit()
            said = job.result()
    assert "generation 1: 1 keys, still needed" in said
    assert system.psql("SELECT count(*) FROM intake.master_key WHERE retired_at IS NOT NULL") == "0"


# ---- secrets of webhooks


def test_a_webhook_has_two_signatures_while_its_secret_is_replaced(system):
    system.key("garage", ["records"])
    system.service_key("followup")
    system.start("intake")
    system.start("followup", lease="2s", poll="50ms")
    garage = IntakeClient(system.client("intake", "garage"))

    def subscription(*arguments):
        return json.loads(troth(system, "subscription", *arguments, "--json") or "null")

    with WebReceiver() as receiver:
        def told(customer):
            """The number of signatures, and whether each secret made one."""
            before = len(receiver.requests)
            garage.send_one(contact(customer, kind="complaint", channel="phone", body="noise"))
            wait_until(lambda: len(receiver.requests) > before, what="the event")
            request = receiver.requests[-1]
            signatures = request.headers["webhook-signature"].split()
            own = [signature(one, request.id, request.headers["webhook-timestamp"], request.body) for one in secrets]
            return len(signatures), [one in signatures for one in own]

        secrets = [subscription("add", "crm", "--url", receiver.url, "--kinds", "case_opened")["secret"]]
        assert told("a") == (1, [True])
        secrets.append(subscription("rotate", "crm", "--overlap", "1h")["secret"])
        assert told("b") == (2, [True, True])
        assert subscription("list")[0]["has_old_secret"] is True
        system.psql("UPDATE followup.subscription SET secret_until = now()")
        assert told("c") == (1, [False, True]), "its time is over"
        secrets.append(subscription("rotate", "crm", "--overlap", "1h")["secret"])
        assert told("d") == (2, [False, True, True])
        troth(system, "subscription", "finish", "crm")
        assert told("e") == (1, [False, False, True])
        secrets.append(subscription("rotate", "crm")["secret"])
        assert told("f") == (1, [False, False, False, True]), "at once"
        assert subscription("list")[0]["has_old_secret"] is False
    done = system.run("troth", "subscription", "rotate", "nobody", "--database", system.conninfo("troth_operator"))
    assert done.returncode == 1 and "no subscription" in done.stderr


# ---- tokens, over HTTP


def test_an_old_token_enters_beside_the_new_one_until_it_ends(system):
    system.key("garage", ["records"])
    tokens = [troth(system, "key", "token", "garage").strip()]
    process = system.start("intake", **door_settings(system))
    keys = (f"k-{number}" for number in range(1000))

    def status(token):
        door = HttpDoor(system, token)
        try:
            return door.post([record_json(contact("li", key=next(keys)))]).status
        finally:
            door.close()

    assert status(tokens[0]) == 200
    tokens.append(troth(system, "key", "token", "garage", "--overlap", "1h").strip())
    wait_until(lambda: status(tokens[1]) == 200, what="the new token")
    assert status(tokens[0]) == 200, "the old one works until its time is over"
    troth(system, "key", "finish", "garage")
    wait_until(lambda: status(tokens[0]) == 401, what="the end of the old token")
    assert status(tokens[1]) == 200
    tokens.append(troth(system, "key", "token", "garage", "--overlap", "1s").strip())
    wait_until(lambda: status(tokens[1]) == 401 and status(tokens[2]) == 200, what="its time")
    assert process.is_running()
