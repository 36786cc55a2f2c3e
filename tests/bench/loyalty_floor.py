# SPDX-License-Identifier: Apache-2.0
"""What loyalty scoring writes, row by row, and the same rows written by SQL alone.

Triggers on a copy of the database keep every row that a run of ours writes, and in which transaction. Gathered into sets
of at least so many events they are then written again: of each table one statement for each set, one transaction for
each set. Rows that are changed twice within a set are written once.
"""

import tempfile
import time

import psycopg2

FLOOR_BATCH = 1024
# Key of those whose rows are changed; the others only get new ones.
TABLES = {
    "loyalty.customer_score": ["bucket", "customer_number"],
    "loyalty.score_sum": ["bucket", "customer_number", "measure"],
    "loyalty.score_evidence": [],
    "loyalty.group_trust": ["bucket", "grouping", "name"],
    "loyalty.score_history": [],
    "loyalty.standing_history": [],
    "loyalty.points_entry": ["bucket", "customer_number", "subject", "kind"],
    "log.head": ["stream", "bucket"],
    "log.event": [],
    "log.consumer_cursor": ["consumer", "stream", "bucket"],
}


def short(table):
    return table.replace(".", "_")


# ---- keeping what is written


def keep_rows(cursor):
    """From now on, in this database."""
    cursor.execute("CREATE SEQUENCE public.kept")
    for table in TABLES:
        name = short(table)
        of_loyalty = "WHEN (new.stream LIKE 'loyalty.%')" if table in ("log.head", "log.event") else ""
        cursor.execute(f"""
            CREATE UNLOGGED TABLE public.kept_{name} AS
            SELECT 0::int8 AS place, 0::int8 AS written_by, t.* FROM {table} AS t LIMIT 0;
            CREATE FUNCTION public.keep_{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
                INSERT INTO public.kept_{name}
                SELECT nextval('public.kept'), pg_current_xact_id()::text::int8, new.*;
                RETURN NULL;
            END $$;
            CREATE TRIGGER keep AFTER INSERT OR UPDATE ON {table}
               FOR EACH ROW {of_loyalty} EXECUTE FUNCTION public.keep_{name}();
        """)


def gather(cursor):
    """Sets of transactions that have FLOOR_BATCH events together; how many sets there are."""
    cursor.execute(f"""
        CREATE TABLE public.set_of AS
        SELECT written_by, ((sum(events) OVER (ORDER BY written_by) - 1) / {FLOOR_BATCH})::int AS set
          FROM (SELECT written_by, sum(seq - before) AS events
                  FROM (SELECT written_by, seq, lag(seq, 1, 0::int8) OVER (PARTITION BY stream, bucket ORDER BY place) AS before
                          FROM public.kept_log_consumer_cursor) AS moved
                 GROUP BY written_by) AS counted
    """)
    for table, key in TABLES.items():
        last = f"DISTINCT ON (o.set, {', '.join('k.' + column for column in key)})" if key else ""
        order = ", ".join(["o.set", *(f"k.{column}" for column in key), "k.place DESC" if key else "k.place"])
        cursor.execute(f"""
            CREATE TABLE public.staged_{short(table)} AS
            SELECT {last} o.set, k.* FROM public.kept_{short(table)} AS k JOIN public.set_of AS o USING (written_by) ORDER BY {order}
        """)
    cursor.execute("SELECT max(set) + 1 FROM public.set_of")
    return cursor.fetchone()[0]


def stage(bench, kept, base):
    """Brings the sets from the one database to the other."""
    with psycopg2.connect(bench.cluster.conninfo(dbname=kept)) as source, source.cursor() as reader, \
            psycopg2.connect(bench.cluster.conninfo(dbname=base)) as target, target.cursor() as writer:
        sets = gather(reader)
        for table in TABLES:
            name = f"public.staged_{short(table)}"
            writer.execute(f"CREATE UNLOGGED TABLE {name} AS SELECT 0 AS set, 0::int8 AS written_by, 0::int8 AS place, t.*"
                           f" FROM {table} AS t LIMIT 0")
            with tempfile.TemporaryFile() as rows:
                reader.copy_expert(f"COPY {name} TO STDOUT", rows)
                rows.seek(0)
                writer.copy_expert(f"COPY {name} FROM STDIN", rows)
            writer.execute(f"CREATE INDEX ON {name} (set)")
    source.close()
    target.close()
    bench.cluster.psql("VACUUM ANALYZE", base)
    return sets


# ---- writing it again


def columns_of(cursor, table):
    cursor.execute("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
                   " ORDER BY attnum", (table,))
    return [name for (name,) in cursor.fetchall()]


def prepare(cursor):
    """What writes one set; %(set)s is its number."""
    statements = []
    for table, key in TABLES.items():
        columns = columns_of(cursor, table)
        names = ", ".join(columns)
        sets = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in key)
        conflict = f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}" if key else ""
        cursor.execute(f"PREPARE write_{short(table)} (int) AS INSERT INTO {table} ({names})"
                       f" SELECT {names} FROM public.staged_{short(table)} WHERE set = $1 {conflict}")
        statements.append(f"EXECUTE write_{short(table)} (%(set)s)")
    return "BEGIN; " + "; ".join(statements) + "; COMMIT"


def write_sets(bench, database, sets):
    """Seconds that it takes."""
    connection = psycopg2.connect(bench.cluster.conninfo(dbname=database))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SET jit = off")
        one_set = prepare(cursor)
        bench.cluster.psql("CHECKPOINT", database)
        begin = time.monotonic()
        for number in range(sets):
            cursor.execute(one_set, {"set": number})
        seconds = time.monotonic() - begin
    connection.close()
    return seconds
