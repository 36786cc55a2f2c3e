# SPDX-License-Identifier: Apache-2.0
"""Forgetting old events: a part of the log is dropped, where others delete rows.

The events are made here, as wide as intake's own, over all buckets. Ours is what the job 'retention' does with a part that is old
enough; the reference deletes the same events from a table of the same form, and makes their room free again.
"""

from tests.bench.measure import Figure, progress, run_pairs

EVENTS, EVENTS_QUICK = 1_000_000, 100_000
TABLE = """
CREATE TABLE log.reference_event (LIKE log.event INCLUDING ALL);
ALTER TABLE log.reference_event SET (autovacuum_enabled = false);
"""
# Numbers go on from the last pair's.
FILL = """
INSERT INTO {table} SELECT 'intake.0', i & 255, {after} + (i >> 8) + 1, i, 1, 'promise_changed', log.now(),
    decode(repeat(md5(i::text), 7) || lpad(to_hex(i), 8, '0'), 'hex') FROM generate_series(0, {count} - 1) AS i;
"""
HEADS = """
INSERT INTO log.head SELECT stream, bucket, max(seq) FROM ONLY log.event GROUP BY stream, bucket
    ON CONFLICT (stream, bucket) DO UPDATE SET seq = excluded.seq;
SELECT log.event_part_close(log.now() + interval '1 second', interval '0', 1000);
CHECKPOINT;
"""
DROP = """
BEGIN;
SELECT log.event_part_keep_open({part});
SELECT log.event_part_drop({part}, log.now() + interval '1 minute', interval '0',
                           ARRAY(SELECT DISTINCT consumer FROM log.event_readers()), 0, 1000);
COMMIT;
"""
DELETE = "DELETE FROM log.reference_event; VACUUM log.reference_event;"


def retention_figures(bench):
    count = bench.sizes.choose(EVENTS_QUICK, EVENTS)
    progress(f"retention: {count} events" + (", a tenth of the full size" if count < EVENTS else ""))
    figures = [Figure("retention_drop", "s", 0.5, False, "DELETE of the same rows, and VACUUM"),
               Figure("retention_drop_wal", "MB", 0.01, False, "WAL of that")]
    database = bench.cluster.new_database()

    def psql(sql):
        return bench.cluster.psql(sql, database)

    psql(TABLE)
    parts = iter(range(1, 100))

    def pair():
        part = next(parts)
        for table in ("log.event", "log.reference_event"):
            psql(FILL.format(table=table, after=part * count, count=count))
        psql(HEADS)
        dropped, deleted = measured(psql, DROP.format(part=part)), measured(psql, DELETE)
        if psql(f"SELECT to_regclass('log.event_{part}') IS NULL, (SELECT count(*) FROM log.event)") != "t|0":
            raise RuntimeError(f"part {part} was not dropped")
        return list(zip(dropped, deleted, strict=True))

    run_pairs(bench.sizes, figures, pair, bench.roots)
    bench.cluster.drop_database(database)
    return figures


def measured(psql, sql):
    """(seconds, megabytes of WAL) of the statements, as the server sees them."""
    stamp = "SELECT extract(epoch FROM clock_timestamp()), pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') / 1e6;"
    lines = psql(stamp + sql + stamp).splitlines()
    (begin, wal), (end, wal_after) = (map(float, lines[i].split("|")) for i in (0, -1))
    return end - begin, wal_after - wal
