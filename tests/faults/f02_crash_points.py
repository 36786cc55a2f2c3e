# SPDX-License-Identifier: Apache-2.0
"""F2: every named point of the code once, and random pairs of them.

The sources say which points there are, so that a new one is tried from then on; one that nobody comes by is a failure. All
programs run at once, each with a list of its own: it dies at the first point, is started again, dies at the next one. Points
of different programs so meet by chance; a pair is two that are armed at the same instant. Meanwhile a source resolves cases
(and asks for what is disclosed), business time goes on by days, calls are made and answered.
"""

import hashlib
import time

import intake_pb2 as intake

from tests.faults.doomed import Doomed, Keeper, points_of_the_code
from tests.faults.live_rig import needs_crash_programs
from tests.faults.trial import Found, fault
from tests.faults.witnesses import Ack, Intent, check
from tests.support import ledger
from tests.support.cluster import Cluster
from tests.support.load import Sender, garage_records
from tests.support.stage import PROGRAMS, Stage, connections
from tests.support.system import wait_until
from tests.support.witness import CrashSystem, crash_programs

WAVE_CUSTOMERS = 10
STEP_HOURS = 30      # calls are due after 24 hours, for 48
BIRTHDAY_HOURS = 96  # rounds of days look ahead
WAVE_SECONDS = 120
POINT_SECONDS = 90  # nobody came by
SHORT_SHARE = 0.2   # of the points: another fifth with each seed
WAVES_MAX = 20      # intake forgets receipts after 30 days
LEASE = "1s"        # a process that died is followed soon
SCHEDULER = {"start_within": "1s", "claim_for": "1s", "ask_every": "50ms", "resend_after": "200ms", "call_limit": "3s"}
EVERYBODY = {"no_answer": 0.0, "busy": 0.0, "voicemail": 0.0, "refused": 0.0, "wrong_number": 0.0, "ring_time": "10ms"}
RULES = """
limits: { quiet = "none"; attempts_per_day = 0; refusal_pause = "0"; agenda_ahead = "0"; called_back = "0";
          usual_zone = "UTC"; };
rules = ( { name = "after_resolution"; trigger = "case_resolved"; after = "24h"; window = "48h"; channels = ("call");
            attempts = 3; },
          { name = "birthday"; trigger = "birthday"; at = "09:30"; window = "30h"; channels = ("call"); } );
"""

# What comes by only after another death: an order that the dialer had in memory alone.
FORGOTTEN = "dialer.order.noted"
AFTER_FORGOTTEN = {"dialer.bar.noted", "dialer.answer.synced"}
# It is the scheduler who asks: the dialer forgets first.
ASKS = "followup.watch.asked"
# Come by once or twice a wave: the first time.
RARE = ("intake.audit.", "intake.disclosure", "intake.steps.", "followup.round.", "loyalty.sweep.", ASKS, *AFTER_FORGOTTEN)

CONTROLS = {
    "ack_before_commit": {"intake": ["control.batch.answered:3"] * 3},
    "dial_before_order": {"followup": ["control.order.sent:1"] * 3},
    "naive_cursor": {},
}
OF_CONTROL = {"ack_before_commit": ["intake"], "dial_before_order": ["followup"],
              "naive_cursor": ["followup", "loyalty", "reporting"]}


# ---- sources


class Papers:
    """What a source intended and what it was promised: the test itself, which no fault reaches."""

    def __init__(self, path):
        self.path = path
        self.intents, self.acks, self.refused, self.twice, self.reopened = {}, {}, {}, [], 0


class PaperSender(Sender):
    def __init__(self, papers, *arguments, **options):
        super().__init__(*arguments, **options)
        self.papers = papers

    def _send(self, batch):
        for record in batch:
            if record.key not in self.papers.intents:
                body = intake.Record.FromString(record.SerializeToString())
                body.ClearField("key")
                digest = hashlib.blake2b(body.SerializeToString(), digest_size=16).hexdigest()
                self.papers.intents[record.key] = Intent(
                    time.monotonic(), record.key, digest, self.kinds[record.key], self._sent[record.key][1])
        super()._send(batch)

    def _take(self, receipt):
        if receipt.key in self._sent and receipt.status == intake.RECEIPT_STATUS_REJECTED:
            self.papers.refused[receipt.key] = receipt.code
            _, customer, _ = self._sent.pop(receipt.key)
            self._waiting[customer] = []
            return
        super()._take(receipt)
        if receipt.key in self.receipts and receipt.key not in self.papers.acks:
            now = time.monotonic()
            self.papers.acks[receipt.key] = Ack(now, now, receipt.key, receipt.customer_number)


class Load:
    """As witnesses.Generators, for witnesses.check()."""

    def __init__(self, system):
        self.names = ["garage"]
        self.papers = Papers(system.folder / "garage.paper")

    def read(self):
        return [self.papers]

    def intents(self):
        return self.papers.intents

    def acks(self):
        return self.papers.acks


# ---- the world


class World:
    """All programs, and waves of what happens to them."""

    def __init__(self, trial, cluster, dialers=("dialer",)):
        self.trial, self.waves, self.dialers = trial, 0, dialers
        self.system = CrashSystem(cluster, trial.programs, crash_programs(), log_level="warning")
        self.load = Load(self.system)
        self.audit_key = self.system.folder / "audit.key"
        self.doomed = Doomed(self.system, {}, {}, {name: trial.control for name in OF_CONTROL.get(trial.control, [])})
        self.stage = self.garage = self.reader = None

    def begin(self, left):
        """left: {instance: points}. Some come by before a process is ready: they are armed when all are there."""
        made = self.system.run("troth", "audit", "key", "new", self.audit_key, "--installation", "garage")
        assert made.returncode == 0, made.stderr
        self.system.key("garage", ["records"])
        self.system.key("reader", ["disclosure"])
        self.system.environments.update(self.doomed.environments())
        self.stage = Stage(self.system, **self.settings())
        self.doomed.processes = self.stage.processes
        self.garage = self.system.client("intake", "garage")
        self.reader = self.system.client("intake", "reader")
        for name in self.dialers[1:]:
            self.start_dialer(name)
        self.doomed.left = {name: list(points) for name, points in left.items()}
        for name in left:
            self.doomed.start_again(name)

    def settings(self):
        rules = self.system.folder / "rules.conf"
        rules.write_text(RULES)
        leased = {name: {"lease": LEASE} for name in PROGRAMS if name != "dialer"}
        leased["followup"] |= {**SCHEDULER, "rules": rules}
        leased["intake"] |= {"audit_key_file": self.audit_key, "audit_every": "1s",
                             "audit_copy": self.system.folder / "heads"}
        return {**leased, "dialer": {**EVERYBODY, "name": "dialer"}}

    def start_dialer(self, name):
        values = {**connections(self.system, "dialer"), **EVERYBODY, "name": name, "journal": self.journal(name)}
        self.stage.processes[name] = self.system.start("dialer", name, arguments=["--demo-clock"], **values)

    def journal(self, name):
        return self.system.folder / f"{name}.journal"

    def stop(self):
        self.system.stop()

    # ---- waves

    def wave(self, customers=WAVE_CUSTOMERS, in_flight=64):
        self.waves += 1
        try:
            self.send(customers, in_flight)
            self.system.psql("INSERT INTO loyalty.look_request (bucket, customer_number)"  # as a merge of customers does
                             " SELECT bucket, customer_number FROM loyalty.customer_score LIMIT 5 ON CONFLICT DO NOTHING")
            self.quiet()
            self.stage.step(STEP_HOURS)
            self.quiet()
        except TimeoutError as late:
            raise AssertionError(f"wave {self.waves}: {late}; {self.doomed.story()}") from None

    def send(self, customers, in_flight):
        mark = f"wave-{self.waves}"
        records = garage_records(self.trial.seed * 1000 + self.waves, customers, mark, self.waves * 1000)
        day = time.gmtime(self.stage.clock.now_us // 1_000_000 + BIRTHDAY_HOURS * 3600)
        for number, profile in enumerate(one.body for one in records if one.kind == "customer_profile"):
            profile.phone = f"+86138{self.waves:04d}{number:04d}"
            profile.birthday = time.strftime("--%m-%d", day)
            profile.time_zone = "UTC"
            profile.consents.add(purpose=intake.PURPOSE_GREETING, is_given=True)
        sender = PaperSender(self.load.papers, self.garage, records, self.stage.clock, self.waves, in_flight)
        sender.run(seconds=WAVE_SECONDS)
        self.ask_for_numbers(sender.receipts.values())

    def ask_for_numbers(self, receipts):
        """Whether an answer comes is not the point: what was answered was written down."""
        numbers = {int(receipt.customer_number.split("-")[1]) for receipt in receipts if receipt.customer_number}
        for number in sorted(numbers)[:3]:
            request = intake.IntakeRequest(disclosure=intake.DisclosureRequest(
                request_id="q", kind=intake.DISCLOSURE_KIND_PHONE, customer=number, purpose="page test"))
            try:
                self.reader.send(request, 1)
                self.reader.receive_bytes(0.3)
            except TimeoutError:
                pass

    def quiet(self):
        wait_until(lambda: not ledger.backlog(self.system), WAVE_SECONDS, "an end of all work")

    def finish(self, found):
        """Nobody dies any more; all that is planned comes to its end."""
        self.doomed.look_after()
        if not self.trial.control:  # what is wrong on purpose may never become quiet
            self.stage.run_out(STEP_HOURS)
            wait_until(lambda: self.system.psql(
                "SELECT (SELECT count(*) FROM log.event WHERE starts_with(stream, 'intake.'))"
                " = (SELECT tree_size FROM audit.head ORDER BY number DESC LIMIT 1)") == "t", what="a signed head")
        found.broken += self.doomed.wrong
        return check(self.system, self.load, found, audit_key=None if self.trial.control else self.audit_key,
                     journals=[self.journal(name) for name in self.dialers], dial_logs=[self.system.dial_log])


    # ---- deaths

    def die_at_all(self):
        """Waves until every list is at its end, or no more waves fit into the world."""
        with Keeper(self.doomed, POINT_SECONDS):
            while self.doomed.waiting() and self.waves < WAVES_MAX:
                self.wave()

    def die_in_pairs(self, pairs):
        """Takes them off the list."""
        while pairs and self.waves < WAVES_MAX and not self.doomed.waiting():
            pair = pairs.pop(0)
            for program, point in pair:
                self.doomed.left.setdefault(program, []).append(passing(self.trial.chance, point))
            for program in sorted({program for program, _ in pair}):
                self.doomed.start_again(program)
            self.die_at_all()

    def be_wrong(self):
        """The naive reader needs but two writers at once; the others die where they were told to."""
        with Keeper(self.doomed, POINT_SECONDS):
            for _ in range(3):
                self.wave(customers=60, in_flight=256)


# ---- what dies when


def passing(chance, point):
    return f"{point}:{1 if point.startswith(RARE) else chance.randint(1, 3)}"


def lists_of_deaths(chance, share):
    """{program: points}, each point of the code once, or a share of them by chance."""
    lists = {name: [] for name in PROGRAMS}
    points = sorted(points_of_the_code())
    for program, point in chance.sample(points, round(share * len(points))):
        if point == ASKS:
            continue
        if point in AFTER_FORGOTTEN:
            lists[program].append(passing(chance, FORGOTTEN))
        lists[program].append(passing(chance, point))
    lists["followup"].insert(0, passing(chance, ASKS))
    lists["dialer"].insert(0, passing(chance, FORGOTTEN))
    return lists


def pairs_of_points(chance, count):
    """Two that may be met in one wave, each of any program."""
    points = sorted(one for one in points_of_the_code() if one[1] not in {ASKS, *AFTER_FORGOTTEN})
    return [chance.sample(points, 2) for _ in range(count)]


def try_points(trial, cluster, left, pairs, found):
    """As many as one world has room for. Returns the lists that are left."""
    dialers = ("dialer", "dialer-2") if trial.control == "dial_before_order" else ("dialer",)
    world = World(trial, cluster, dialers)
    try:
        world.begin(left)
        if trial.control:
            world.be_wrong()
        else:
            world.die_at_all()
            world.die_in_pairs(pairs)
        rest = world.doomed.waiting()
        world.doomed.left = {}
        for name in rest:  # nobody dies any more
            world.doomed.start_again(name)
        world.finish(found)
    finally:
        world.stop()
    found.rounds += len(world.doomed.deaths)
    found.hit = found.rounds
    found.figures["waves"] = found.figures.get("waves", 0) + world.waves
    return {} if trial.control else rest


@fault("F2", "every named crash point, and pairs of them", short=1, long=50, unit="deaths",
       control="ack_before_commit", needs=needs_crash_programs)
def crash_points(trial):
    found = Found(figures={"points": len(points_of_the_code()), "pairs": trial.rounds})
    left = CONTROLS[trial.control] if trial.control else lists_of_deaths(trial.chance, SHORT_SHARE if trial.form == "short" else 1)
    pairs = [] if trial.control else pairs_of_points(trial.chance, trial.rounds)
    with Cluster(fast=True) as cluster:
        left = try_points(trial, cluster, left, pairs, found)
        while left or pairs:
            left = try_points(trial, cluster, left, pairs, found)
    return found
