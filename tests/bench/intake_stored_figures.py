# SPDX-License-Identifier: Apache-2.0
"""What a record costs when ten million contacts are stored, beside what it costs at a hundred thousand.

The data are made once, in a cluster of its own under var/bench/stored, which stays: intake writes a sample, and SQL copies
its rows with other numbers, a step at a time. Whoever is interrupted goes on where he stopped. When the schema has changed
since, all of it is made again.
"""

import hashlib
from pathlib import Path

import psycopg2

from tests.bench.intake_loader import IN_FLIGHT, Loader
from tests.bench.measure import TICKS, Figure, progress, run_pairs
from tests.support.cluster import MIGRATE, ROOT, SERVER, Cluster, run

FOLDER = ROOT / "var/bench/stored"
SAMPLE = 20_000
SMALL = 100_000
LARGE, LARGE_QUICK = 10_000_000, 1_000_000
# The keys of the last so many records are there, and their events: older ones are deleted.
RECENT = 1_000_000
KNOWN_CUSTOMERS = 20_000
# Columns of this type that are no numbers of ours, and stay as they are in each copy.
NO_NUMBERS = {"version", "case_version", "seq", "target_us", "amount_minor", "value_minor"}
# Of these only what is recent is kept.
RECENT_TABLES = ["intake.receipt", "log.event"]
COLUMNS = """
    SELECT c.table_schema || '.' || c.table_name, c.column_name, c.data_type
    FROM information_schema.columns AS c JOIN pg_tables AS t
      ON (t.schemaname, t.tablename) = (c.table_schema, c.table_name)
    WHERE c.table_schema = 'intake' AND c.table_name NOT IN ('source', 'standard_version')
       OR (c.table_schema, c.table_name) = ('log', 'event')
    ORDER BY 1, c.ordinal_position
"""


class KeptCluster(Cluster):
    """It is stopped at the end, and keeps its data."""

    def start(self):
        schema = hashlib.sha256(b"".join(path.read_bytes() for path in sorted((MIGRATE.parent / "deploy").glob("*.sql"))))
        stamp = FOLDER / "schema"
        if not stamp.exists() or stamp.read_text() != schema.hexdigest():
            run([SERVER, "remove", FOLDER])
        FOLDER.mkdir(parents=True, exist_ok=True)
        conninfo = run([SERVER, "start", FOLDER])
        self.folder = FOLDER
        self.socket = conninfo.split("host=", 1)[1].split(" ", 1)[0]
        for setting in ["shared_buffers = '1GB'", "max_wal_size = '8GB'"]:
            self.psql(f"ALTER SYSTEM SET {setting}", "postgres")
        self.restart("fast")
        stamp.write_text(schema.hexdigest())

    def stop(self):
        if self.folder is not None:
            self._server("stop", TROTH_PG_STOP="fast")
            self.folder = None

    def postmaster(self):
        folder = self.psql("SHOW data_directory", "postgres")
        return int(Path(folder, "postmaster.pid").read_text().split("\n", 1)[0])


def stored_figures(bench):
    """At the large size: what it is after a full run, or at least the quick run's."""
    with KeptCluster() as cluster:
        sizes = {"small": SMALL, "large": bench.sizes.choose(LARGE_QUICK, LARGE)}
        for name, count in sizes.items():
            sizes[name] = build(bench, cluster, name, count)
        figure = Figure(f"intake_cost_at_{sizes['large']}_stored", "us/record", 1.3, False, f"{sizes['small']} stored contacts")
        count = bench.sizes.choose(20_000, 60_000)
        cost(bench, cluster, "large", count)  # its pages are in memory, as they would be
        run_pairs(bench.sizes, [figure], lambda: [(cost(bench, cluster, "large", count), cost(bench, cluster, "small", count))],
                  lambda: [*bench.roots(), cluster.postmaster()])
    return [figure]


def build_stored(bench):
    """Only the data, at full size whatever QUICK says: so that it can be done when nothing else runs."""
    with KeptCluster() as cluster:
        for name, count in [("small", SMALL), ("large", LARGE)]:
            progress(f"stored data: {build(bench, cluster, name, count)} contacts in '{name}'")


def cost(bench, cluster, name, count):
    """CPU time of a record at intake and server. Each flood adds to what is stored, the same to both."""
    first = int(cluster.psql("UPDATE bench.progress SET next = next + 10000000 RETURNING next", name))
    with Loader(bench, name, cluster=cluster) as loader:
        cluster.psql("CHECKPOINT", name)
        used = loader.used()
        loader.run("contact", count, IN_FLIGHT, first=first, known=KNOWN_CUSTOMERS)
        used = [after - begin for after, begin in zip(loader.used(), used, strict=True)]
    return (used[0] + used[1]) / TICKS / count * 1e6


# ---- the data


def build(bench, cluster, name, count):
    """Returns how many contacts there are."""
    if not has_sample(cluster, name):
        cluster.drop_database(name)  # whoever made it was interrupted
        cluster.deploy(name)
        cluster.psql("CREATE SCHEMA bench; CREATE TABLE bench.progress (copies int8, next int8)", name)
        with Loader(bench, name, cluster=cluster) as loader:
            loader.run("profile", KNOWN_CUSTOMERS, IN_FLIGHT)
            transaction = cluster.psql("SELECT pg_current_xact_id()", name)
            loader.run("contact", SAMPLE, IN_FLIGHT, first=1_000_000)
        take_sample(cluster, name, transaction)
    copies = int(cluster.psql("SELECT copies FROM bench.progress", name))
    wanted = count // SAMPLE
    while copies < wanted:
        add_copy(cluster, name, copies, is_recent=(wanted - copies) * SAMPLE <= RECENT)
        copies += 1
        if copies % 10 == 0 or copies == wanted:
            progress(f"stored data: {copies * SAMPLE} of {count} contacts in '{name}'")
            if copies == wanted:
                cluster.psql("VACUUM ANALYZE", name)
    return copies * SAMPLE


def has_sample(cluster, name):
    if cluster.psql(f"SELECT count(*) FROM pg_database WHERE datname = '{name}'", "postgres") == "0":
        return False
    return (cluster.psql("SELECT to_regclass('bench.progress') IS NOT NULL", name) == "t"
            and cluster.psql("SELECT count(*) FROM bench.progress", name) == "1")


def tables_of(cluster, name):
    """{table: [(column, type)]}"""
    tables = {}
    for line in cluster.psql(COLUMNS, name).splitlines():
        table, column, kind = line.split("|")
        tables.setdefault(table, []).append((column, kind))
    return tables


def take_sample(cluster, name, transaction):
    """bench.<table>: the rows of the sample. The numbers of each copy are above those of all copies before."""
    for table in tables_of(cluster, name):
        cluster.psql(f"CREATE TABLE bench.{table.split('.')[1]} AS SELECT * FROM {table}"
                     f" WHERE xmin::text::int8 > {transaction} ORDER BY bucket" if has_bucket(cluster, name, table) else
                     "SELECT 1", name)
    cluster.psql("CREATE TABLE bench.span AS SELECT 1024 + (max(last_value) >> 0) AS counters FROM intake.number_block", name)
    cluster.psql("CREATE TABLE bench.head AS SELECT bucket, count(*) AS n FROM bench.event GROUP BY bucket;"
                 " INSERT INTO bench.progress VALUES (1, 100000000)", name)


def has_bucket(cluster, name, table):
    return any(column == "bucket" for column, _ in tables_of(cluster, name)[table])


def add_copy(cluster, name, copy, is_recent):
    """One transaction: SAMPLE contacts more."""
    connection = psycopg2.connect(cluster.conninfo(dbname=name))
    with connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        # Above every number that was given out, to copies before and to the records of floods since.
        cursor.execute("SELECT last_value + 1024 FROM intake.number_block")
        counters = cursor.fetchone()[0]
        shift = counters << 8
        for table, columns in tables_of(cluster, name).items():
            if not any(column == "bucket" for column, _ in columns) or table in RECENT_TABLES and not is_recent:
                continue
            values = ", ".join(value_of(table, column, kind, copy, shift) for column, kind in columns)
            source = f"bench.{table.split('.')[1]} AS s"
            if table == "log.event":
                source += " JOIN log.head AS h USING (stream, bucket)"
            cursor.execute(f"INSERT INTO {table} SELECT {values} FROM {source}")
        if is_recent:
            cursor.execute("UPDATE log.head AS h SET seq = seq + n FROM bench.head AS s WHERE h.bucket = s.bucket"
                           " AND h.stream = (SELECT min(stream) FROM bench.event)")
        # Numbers that intake gives out later lie above all of these.
        cursor.execute(f"SELECT setval('intake.number_block', ({counters} + counters) / 1024 * 1024 + 1024) FROM bench.span")
        cursor.execute("UPDATE bench.progress SET copies = copies + 1")
    connection.close()


def value_of(table, column, kind, copy, shift):
    if table == "log.event" and column == "seq":
        return "h.seq + row_number() OVER (PARTITION BY bucket ORDER BY s.seq)"
    if column in ("stream", "bucket"):
        return column
    if column in ("key", "reference"):
        return f"s.{column} || '-{copy}'"
    if kind == "bigint" and column not in NO_NUMBERS and not column.endswith("_us"):
        return f"s.{column} + {shift}"
    return f"s.{column}"
