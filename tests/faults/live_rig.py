# SPDX-License-Identifier: Apache-2.0
"""All programs at work in real time: sources that never stop, calls that fall due all the while, and a quick eye on both.

    with LiveRig(trial) as rig:
        rig.start()
        moment = rig.kill("loyalty")                 # -9, and a new one at once
        rig.seconds_until_it_works("loyalty", moment)
        rig.finish(found)                            # the sources end, all becomes quiet, I1 to I12

Rules are such that each resolved case is called about a second later, so there is always an order, a call, an answer and an
event under way. A second process of a service has a name with a number: programs=["intake", "intake-2", ...].
"""

import contextlib
import signal
import subprocess
import time

from tests.faults.invariants import read_receipts
from tests.faults.witnesses import Generators, check
from tests.support import ledger
from tests.support.cluster import PG_BIN, ClusterError, shared_cluster
from tests.support.stage import LEASE, PROGRAMS, QUICK, connections
from tests.support.system import wait_until
from tests.support.witness import CRASHING, CrashSystem, crash_programs

RULES = """
limits: { quiet = "none"; attempts_per_day = 0; refusal_pause = "0"; agenda_ahead = "0"; called_back = "0";
          usual_zone = "UTC"; };
outcomes = ( { outcome = "busy"; retry_after = "2s"; }, { outcome = "no_answer"; retry_after = "2s"; },
             { outcome = "voicemail"; retry_after = "2s"; }, { outcome = "failed"; retry_after = "2s"; } );
rules = ( { name = "after_resolution"; trigger = "case_resolved"; after = "1s"; window = "2d"; channels = ("call");
            attempts = 3; } );
"""
SECONDS_QUIET = 120
LOG_SHOWN = 3000  # characters
# What is wrong on purpose may never become quiet.
SECONDS_QUIET_OF_CONTROL = 5
# The moment between a receipt and its COMMIT is too short for random instants: the control dies in it.
CONTROL_DEATH = {"TROTH_CRASH_CONTROL": "ack_before_commit", "TROTH_CRASH_POINT": "control.batch.answered:5"}
CONTROL_DEATHS_MAX = 20


def service_of(name):
    return name.split("-")[0]


def needs_crash_programs():
    return None if crash_programs() else "not built: make crash-programs CRASH=1"


class Eye:
    """One psql that stays: a question costs a millisecond instead of a process."""

    def __init__(self, system):
        self.system = system
        self.process = None

    def ask(self, sql):
        """The rows as lines. A server that comes back is asked again, one that is away raises ConnectionError."""
        if self.process is None or self.process.poll() is not None:
            self.close()
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                [PG_BIN / "psql", "-X", "-A", "-t", "-q", "-d", self.system.conninfo()], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.process.stdin.write(f"{sql};\n\\echo end-of-answer\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == "end-of-answer\n":
                return lines
            lines.append(line.rstrip("\n"))
        self.close()
        raise ConnectionError("the server has thrown us out")

    def number(self, sql):
        return int(self.ask(sql)[0])

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


class LiveRig:
    def __init__(self, trial, *, programs=PROGRAMS, cluster=None, generators=2, rate=100.0):
        """cluster: of its own, for who strikes PostgreSQL; it ends with the rig."""
        self.trial, self.programs = trial, programs
        self.own_cluster, self.cluster = cluster, cluster
        self.generators, self.rate = generators, rate
        self.system = self.load = self.eye = None
        self.processes = {}
        self.broke_after_stop = []  # program and its last word
        self.quiet_seconds = SECONDS_QUIET_OF_CONTROL if trial.control else SECONDS_QUIET
        self.environments = {}  # of each program; before start()
        self.doomed = None

    def __enter__(self):
        if self.own_cluster:
            self.own_cluster.start()
        else:
            self.cluster = shared_cluster()
        self.system = LiveSystem(self.cluster, self.trial.programs, self.trial.control is not None)
        self.load = Generators(self.system, self.generators, seed=self.trial.seed, rate=self.rate,
                               instances=self.instances("intake"))
        self.eye = Eye(self.system)
        return self

    def __exit__(self, kind, *unused):
        if kind:
            self.show()
        self.eye.close()
        self.load.stop()
        self.system.stop()
        if self.own_cluster:
            self.own_cluster.stop()

    def show(self):
        """For who has to find out why the test broke off."""
        for name, process in self.processes.items():
            print(f"---- {name}, {'runs' if process.is_running() else 'has ended'}\n{process.log()[-LOG_SHOWN:]}")
        with contextlib.suppress(ConnectionError, ClusterError):
            print(f"---- what is left: {ledger.backlog(self.system)}")
            print("\n".join(self.eye.ask("""SELECT usename, pid, state, wait_event_type, wait_event, now() - xact_start, left(query, 99)
                FROM pg_stat_activity WHERE datname = current_database()""")))

    def instances(self, service):
        return [name for name in self.programs if service_of(name) == service]

    def connections(self, service):
        values = connections(self.system, service)
        if service == "dialer":
            values["followup"] = " ".join(self.system.endpoint(name) for name in self.instances("followup"))
        return values

    # ---- life

    def start(self, *, records=100, **settings):
        """Until so many are acknowledged. settings: of each program, {name: value} beside the usual ones."""
        rules = self.system.folder / "rules.conf"
        rules.write_text(RULES)
        usual = {"followup": {**QUICK["followup"], "rules": rules}, "dialer": {"ring_time": "300ms", "ring_jitter": 0.9, "lines": 32}}
        for name in self.programs:
            self.system.service_key(service_of(name))
        for name in self.programs:
            service = service_of(name)
            if name in self.environments:
                self.system.environments[name] = self.environments[name]
            values = {} if service == "dialer" else {"lease": LEASE}
            values = {**values, **self.connections(service), **usual.get(service, {}), **settings.get(service, {})}
            self.processes[name] = self.system.start(service, name, **values)
        self.load.start()
        if self.doomed:
            self.die_before_commit(self.doomed)
        self.load.wait_for(records)

    def doom(self, name="intake"):
        """Before start(): it gives receipts before COMMIT and dies in between, in start(). Who comes after it is as everybody."""
        self.doomed = name
        self.environments[name] = CONTROL_DEATH

    def die_before_commit(self, name):
        """Until somebody has a receipt of what is not stored: whether the receipts have left a process that dies is up to the
        machine."""
        for _ in range(CONTROL_DEATHS_MAX):
            process = self.processes[name]
            wait_until(lambda process=process: not process.is_running(), 60, "the death of the control")
            if self.load.acks().keys() - read_receipts(self.system, self.load.names).keys():
                break
            self.processes[name] = self.system.start_again(process)
        else:
            raise AssertionError(f"{CONTROL_DEATHS_MAX} deaths, and nobody had a receipt of what was not stored")
        self.start_again(name)

    def kill(self, name):
        """Returns when that was."""
        process = self.processes[name]
        if not process.is_running():
            raise AssertionError(f"{name} ended by itself with {process.wait()}:\n{process.log()[-3000:]}")
        process.kill()
        moment = time.monotonic()
        self.start_again(name)
        return moment

    def look_after(self, name):
        """Whether it works; one that a pause has ended is started again. After a long standstill libzmq may give up on
        connections that filled up and broke (its issue 4364), which is a crash like any other. Nothing else may end a process."""
        process = self.processes[name]
        if process.is_running():
            return process.is_ready()
        if process.wait() != -signal.SIGABRT or "Assertion failed: !_io_error" not in process.log()[-3000:]:
            raise AssertionError(f"{name} ended by itself with {process.wait()}:\n{process.log()[-3000:]}")
        self.broke_after_stop.append(f"{name}: {process.log().strip().rpartition(chr(10))[-1]}")
        self.start_again(name)
        return False

    def look_after_all(self):
        for name in self.processes:
            self.look_after(name)

    def start_again(self, name):
        """Does not wait until it is ready."""
        self.system.environments.pop(name, None)  # what dies at a point does so once
        self.processes[name] = self.system.start_again(self.processes[name])

    def finish(self, found, **witnesses):
        self.load.finish()
        for name, process in self.processes.items():
            if not process.is_running():
                found.broken.append(f"{name} ended by itself with {process.wait()}: {process.log()[-500:]}")
        self.end_calls(found)
        return self.look(found, **witnesses)

    def end_calls(self, found):
        """Who was not reached is called again seconds later: the witnesses are compared when nobody is left to be called."""
        if "followup" not in self.processes:
            return
        waiting = "SELECT count(*) FROM followup.follow_up WHERE state < 4"
        # The last events may still have to be planned.
        try:
            ledger.wait_until_quiet(self.system, ["followup"], self.quiet_seconds)
            wait_until(lambda: self.system.psql(waiting) == "0", self.quiet_seconds)
        except (AssertionError, TimeoutError):
            found.silent += int(self.system.psql(waiting))

    def look(self, found, **witnesses):
        """I1 to I12 of what is there now."""
        journals = [self.system.folder / "dialer.journal"] if "dialer" in self.processes else []
        logs = [self.system.dial_log] if journals and self.system.crashing else []
        consumers = [name for name in ledger.CONSUMERS if name in self.processes]
        return check(self.system, self.load, found, consumers=consumers, journals=journals, dial_logs=logs, seconds=self.quiet_seconds,
                     **witnesses)

    # ---- looking

    def has_work(self, name):
        """Whether it is in the middle of something: records, events, orders."""
        if name == "intake":
            return bool(self.load.in_flight())
        orders = "SELECT count(*) FROM followup.follow_up_attempt WHERE state IN (1, 2)"
        if name == "dialer":
            return self.eye.number(orders) > 0
        behind = f"""SELECT coalesce(sum(h.seq - coalesce(c.seq, 0)), 0) FROM log.head AS h LEFT JOIN log.consumer_cursor AS c
            ON c.consumer = '{name}' AND c.stream = h.stream AND c.bucket = h.bucket WHERE starts_with(h.stream, 'intake.')"""
        if name == "followup":
            return self.eye.number(behind) + self.eye.number(orders) > 0
        return self.eye.number(behind) > 0

    def catch_at_work(self, name, seconds=2.0):
        """Returns as soon as it is in the middle of something: on a quick machine a moment of chance mostly is none. Whether it was."""
        until = time.monotonic() + seconds
        while not self.has_work(name):
            if time.monotonic() > until:
                return False
        return True

    def sessions(self, name):
        return self.eye.ask(f"""SELECT pid FROM pg_stat_activity
            WHERE usename = 'troth_{name}' AND datname = current_database() AND backend_type = 'client backend'""")

    def work_done(self, name, since):
        """Grows with each piece of work. since: of the machine's clock, in seconds."""
        if name == "dialer":  # what was ordered since, and is over
            return f"SELECT count(*) FROM followup.follow_up_attempt WHERE state = 3 AND ordered_at > to_timestamp({since})"
        if name == "followup":
            return f"SELECT count(*) FROM followup.follow_up_attempt WHERE ordered_at > to_timestamp({since})"
        return f"SELECT coalesce(sum(seq), 0) FROM log.consumer_cursor WHERE consumer = '{name}'"

    def seconds_until_it_works(self, name, moment, old_sessions=(), seconds=60):
        """Since that moment: intake, until a receipt of what was sent after it; others, until they have committed work that the
        process before did not. old_sessions: of that process, as sessions() named them."""
        if name == "intake":
            return self.load.seconds_until_new_receipt(moment, seconds)
        since = time.time() - (time.monotonic() - moment)
        old = set(old_sessions)
        wait_until(lambda: not old & set(self.sessions(name)), seconds, f"the end of the old sessions of {name}")
        question = self.work_done(name, since)
        before = self.eye.number(question) if name in ("loyalty", "reporting") else 0
        wait_until(lambda: self.eye.number(question) > before, seconds, f"work of {name}")
        return time.monotonic() - moment


class LiveSystem(CrashSystem):
    """The dialer comes from the build with crash points, which alone has the witness of what was dialed; the others do so when
    something is to be wrong on purpose."""

    def __init__(self, cluster, programs, is_control):
        super().__init__(cluster, programs, crash_programs(), log_level="warning")
        self.is_control = is_control

    def program(self, service):
        is_crashing = self.crashing and service in (CRASHING if self.is_control else {"dialer"})
        return (self.crashing if is_crashing else self.programs) / f"troth-{service}"
