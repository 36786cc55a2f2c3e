# SPDX-License-Identifier: Apache-2.0
"""Bits that flip and files that are cut: in PGDATA, in the write-ahead log, in the copies of signed heads, in a backup.

A disk that lies is noticed, or what it says is still true: a query gives an error or the rows that were stored, a recovery is
complete or the audit record says what is missing, a copy of heads that was changed is named, a backup is refused. Each round
damages one file at one place that the seed chooses, looks, and puts it back. The control is a cluster without checksums.

The journals of the dialer and of imports are damaged bit by bit, each of them, in tests/unit (dialer_journal_test.c,
import_journal_test.c).
"""

import os
import shutil
import subprocess
from pathlib import Path

from tests.faults.trial import fault
from tests.support.cluster import PG_BIN, Cluster, ClusterError
from tests.support.intake_client import ACCEPTED, IntakeClient, case_update, contact
from tests.support.system import System, wait_until

# What is read as truth most: each is read whole, as its owner's service would.
TABLES = ["log.event", "intake.contact", "intake.service_case", "intake.receipt", "intake.promise", "intake.case_event"]
CASES = 150
PAGE = 8192
KINDS = ["page", "head copy", "log cut", "wal", "page", "wal cut", "backup"]


class Damage:
    """Bytes of a file that are put back at the end."""

    def __init__(self, path):
        self.path = Path(path)
        self.kept = self.path.read_bytes()

    def flip(self, at, bit):
        data = bytearray(self.kept)
        data[at] ^= 1 << bit
        self._write(data)

    def cut(self, size):
        self._write(self.kept[:size])

    def mend(self):
        self._write(self.kept)

    def _write(self, data):
        with open(self.path, "r+b") as file:  # the same file: its owner and mode stay
            file.truncate(0)
            file.write(data)


class Rig:
    """A cluster of its own with a record of cases, signed, with a copy of the heads."""

    def __init__(self, trial):
        self.trial, self.chance, self.found = trial, trial.chance, trial.found
        self.cluster = Cluster(fast=True)

    def __enter__(self):
        self.cluster.start()
        self.data = self.cluster.folder / "data"
        self.system = System(self.cluster, self.trial.programs)
        self.key, self.copy = self.system.folder / "audit.key", self.system.folder / "heads"
        done = self.troth("audit", "key", "new", self.key, "--installation", "garage")
        assert done.returncode == 0, done.stderr
        self.settings = {"audit_key_file": self.key, "audit_every": "1s", "audit_copy": self.copy}
        self.client = IntakeClient(self.system.client("intake", "source", rights=["records"]))
        self.work(0)
        self.cluster.psql("CHECKPOINT", self.system.database)
        if self.trial.control:
            self.cluster.halt("fast")
            self.as_server("pg_checksums", "--disable", "-D", self.data)
            self.cluster.resume()
        self.before = {table: self.rows(table) for table in TABLES}
        return self

    def __exit__(self, *unused):
        self.system.stop()
        self.cluster.stop()

    # ---- work and programs

    def troth(self, *arguments):
        return subprocess.run([str(self.trial.programs / "troth"), *map(str, arguments)], capture_output=True, text=True,
                              timeout=120, check=False, env={"PATH": "/usr/bin:/bin"})

    def as_server(self, program, *arguments):
        owner = (self.data / "PG_VERSION").owner()
        command = [str(PG_BIN / program), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid", owner, "--regid", owner, "--init-groups", *command]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)

    def work(self, first):
        """Cases that are answered and resolved; then intake ends, and every event is under a head that is in the copy."""
        intake = self.system.start("intake", **self.settings)
        receipts = self.client.send_all([contact(f"c-{i}", kind="complaint") for i in range(first, first + CASES)])
        numbers = [receipt.case_number for receipt in receipts.values()]
        receipts.update(self.client.send_all([case_update("resolved", case_number=number) for number in numbers]))
        self.found.acknowledged += sum(one.status == ACCEPTED for one in receipts.values())
        wait_until(self.is_signed, what="a head over all events")
        number = self.system.psql("SELECT max(number) FROM audit.head")
        wait_until(lambda: self.copy.exists() and f'"number":{number},' in self.copy.read_text().splitlines()[-1],
                   what="its copy")
        assert intake.terminate() == 0

    def is_signed(self):
        return self.system.psql("SELECT (SELECT count(*) FROM log.event) = (SELECT tree_size FROM audit.head"
                                " ORDER BY number DESC LIMIT 1)") == "t"

    def verify(self):
        """None if the record is whole and has all that the copies say; else what was said."""
        done = self.troth("audit", "verify", "--key", self.key, "--copies", self.copy, "--database",
                          self.cluster.conninfo("troth_operator", self.system.database))
        return None if done.returncode == 0 else done.stdout + done.stderr

    # ---- what is served

    def rows(self, table):
        """A digest of all rows, read from the heap."""
        text = self.cluster.psql(f"SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off;"
                                 f" SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t", self.system.database)
        return text.splitlines()[-1]

    def judge_rows(self, what, tables):
        """Rows that changed and no error is what must not be."""
        for table in tables:
            try:
                if self.rows(table) != self.before[table]:
                    self.found.broken.append(f"I11: {what}: {table} is served, and is not what was stored")
            except ClusterError:
                self.found.figures["noticed"] = self.found.figures.get("noticed", 0) + 1

    def heaps(self):
        """(table, its file) of what has pages; of a partitioned one each part."""
        text = self.cluster.psql(
            "SELECT root.name, pg_relation_filepath(part.relid) FROM unnest(ARRAY['" + "','".join(TABLES) + "']) AS root(name),"
            " LATERAL (SELECT relid FROM pg_partition_tree(root.name::regclass) WHERE isleaf"
            "  UNION SELECT root.name::regclass WHERE NOT EXISTS (SELECT FROM pg_partition_tree(root.name::regclass))) AS part"
            " WHERE pg_relation_size(part.relid) > 0", self.system.database)
        return [(table, self.data / path) for table, path in (line.split("|") for line in text.splitlines())]

    # ---- rounds

    def page(self):
        """A bit of a page of a table, between two runs of the server."""
        table, path = self.chance.choice(self.heaps())
        self.cluster.halt("fast")
        damage = Damage(path)
        # Of what is used of the page: where nothing is stored nothing can be wrong.
        page = self.chance.randrange(len(damage.kept) // PAGE)
        upper = int.from_bytes(damage.kept[page * PAGE + 14:page * PAGE + 16], "little")
        at = self.chance.randrange(upper, PAGE) if 24 <= upper < PAGE else self.chance.randrange(PAGE)
        damage.flip(page * PAGE + at, self.chance.randrange(8))
        self.cluster.resume()
        self.judge_rows(f"bit in page {page} of {table}", [table])
        self.cluster.halt("immediate")
        damage.mend()
        self.cluster.resume()

    def log_cut(self):
        """The file of the events loses its last pages: what is missing, the record tells."""
        path = self.chance.choice([path for table, path in self.heaps() if table == "log.event"])
        self.cluster.halt("fast")
        damage = Damage(path)
        damage.cut(self.chance.randrange(len(damage.kept) // PAGE) * PAGE)
        self.cluster.resume()
        self.notice(self.verify(), f"{path.name} was cut")
        self.cluster.halt("immediate")
        damage.mend()
        self.cluster.resume()

    def head_copy(self):
        """A bit of the copy of the heads. One that is cut is one that lags: verify says how many heads it compared."""
        damage = Damage(self.copy)
        damage.flip(self.chance.randrange(len(damage.kept) - 1), self.chance.randrange(8))
        self.notice(self.verify(), "the copy of the heads was changed")
        damage.mend()

    def notice(self, said, what):
        if said is None:
            self.found.broken.append(f"I11: {what}, and 'troth audit verify' is content")
        else:
            self.found.figures["noticed"] = self.found.figures.get("noticed", 0) + 1

    def wal(self, cut=False):
        """Work, a crash, and damage in what is to be recovered: it is whole, or someone says that it is not."""
        self.cluster.psql("CHECKPOINT", self.system.database)
        begin = self.cluster.psql("SELECT pg_walfile_name(redo_lsn), pg_wal_lsn_diff(redo_lsn, '0/0') % (16 * 1024 * 1024)"
                                  " FROM pg_control_checkpoint()", self.system.database)
        self.work((self.found.rounds + 1) * CASES)
        end = self.cluster.psql("SELECT pg_walfile_name(pg_current_wal_insert_lsn()),"
                                " pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') % (16 * 1024 * 1024)", self.system.database)
        stored = {table: self.rows(table) for table in TABLES}
        self.cluster.halt("immediate")
        kept = self.cluster.folder / "kept"
        subprocess.run(["cp", "-a", self.data, kept], check=True)
        self.damage_wal(begin.split("|"), end.split("|"), cut)
        try:
            self.cluster.resume()
            self.before = stored
            if any(self.rows(table) != stored[table] for table in TABLES):
                self.notice(self.verify(), "committed records are gone from the write-ahead log")
        except ClusterError:  # it does not start, or does not read: that is noticed
            self.found.figures["noticed"] = self.found.figures.get("noticed", 0) + 1
        self.put_back(kept)
        self.before = stored

    def damage_wal(self, begin, end, cut):
        """From where recovery begins to where it ends; in one segment if there is but one."""
        path = self.data / "pg_wal" / end[0]
        damage = Damage(path)
        first = int(begin[1]) if begin[0] == end[0] else 0
        at = self.chance.randrange(first, max(int(end[1]), first + 1))
        if cut:
            damage.cut(at)
        else:
            damage.flip(at, self.chance.randrange(8))

    def put_back(self, kept):
        try:
            self.cluster.halt("immediate")
        except ClusterError:
            pass  # it did not start
        shutil.rmtree(self.data)
        kept.rename(self.data)
        self.cluster.resume()

    def backup(self):
        """A base backup with its manifest: what was changed in it is refused before it is used."""
        folder = self.cluster.folder / "backup"
        owner = self.data.stat()
        folder.mkdir(mode=0o700)
        os.chown(folder, owner.st_uid, owner.st_gid)
        self.as_server("pg_basebackup", "-D", folder, "-h", self.cluster.socket, "-p", "5432", "-U",
                       self.cluster.psql("SELECT current_user"), "-c", "fast", "-X", "stream")
        files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size > 0
                       and "pg_wal" not in path.parts)
        damage = Damage(self.chance.choice(files))
        if self.chance.random() < 0.5:
            damage.flip(self.chance.randrange(len(damage.kept)), self.chance.randrange(8))
        else:
            damage.cut(self.chance.randrange(len(damage.kept)))
        try:
            self.as_server("pg_verifybackup", "--exit-on-error", folder)
            self.found.broken.append(f"I11: {damage.path.relative_to(folder)} of a backup was changed, and it is taken")
        except subprocess.CalledProcessError:
            self.found.figures["noticed"] = self.found.figures.get("noticed", 0) + 1
        shutil.rmtree(folder)

    def round(self, kind):
        if kind == "wal cut":
            self.wal(cut=True)
        else:
            getattr(self, kind.replace(" ", "_"))()
        self.found.rounds += 1
        self.found.hit += 1
        self.found.figures[kind] = self.found.figures.get(kind, 0) + 1


@fault("F24", "flipped bits and cut files in PGDATA, WAL, backup and copies of heads", short=3, long=140,
       unit="damaged files", control="no_checksums")
def flipped_bits(trial):
    kinds = ["page"] if trial.control else KINDS
    with Rig(trial) as rig:
        for number in range(max(trial.rounds, 6 if trial.control else 0)):
            rig.round(kinds[number % len(kinds)])
        if rig.verify() is not None:
            rig.found.broken.append("I11: when all was put back, the record is not whole")
        return rig.found
