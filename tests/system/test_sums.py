# SPDX-License-Identifier: Apache-2.0
"""deploy/database/sums.sql: what a row takes, as the operator sees it, from the catalogue alone."""

import subprocess

from tests.conftest import ROOT

ROWS = 400
EVENTS = f"""
    INSERT INTO log.event (stream, bucket, seq, customer_id, version, kind, at, body)
    SELECT 'intake.0', n % 4, n, n, 1, 'contact_added', '2026-11-01 08:00+00', '\\x00'
      FROM generate_series(1, {ROWS}) AS n;
    ANALYZE log.event;"""


def sums(cluster, database):
    """The lines of the first table, by name, and the text after it."""
    done = subprocess.run(["psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", ROOT / "deploy/database/sums.sql"],
                          env=cluster.environment("troth_operator", database), capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    rows, _, rest = done.stdout.partition("All of it")
    return {line.split("|")[0]: line.split("|")[1:] for line in rows.splitlines() if "|" in line}, rest


def test_bytes_of_a_row_are_those_of_the_catalogue(cluster, database):
    cluster.psql(EVENTS, database)
    tables, indexes = map(int, cluster.psql(
        "SELECT pg_table_size('log.event'), pg_indexes_size('log.event')", database).split("|"))
    rows, rest = sums(cluster, database)
    assert rows["log.event"][:4] == [str(ROWS), *(str(round(size / ROWS)) for size in (tables, indexes, tables + indexes))]
    # Nobody is a customer there yet, and that is no error.
    assert rows["log.event"][4:] == ["-", "-"]
    assert "\nall|" in rest and "\nlog|" in rest


def test_tables_without_rows_are_left_out(cluster, database):
    rows, _ = sums(cluster, database)
    assert not any(name.startswith("intake.") for name in rows)
