# SPDX-License-Identifier: Apache-2.0
"""The schema can be spread over machines by bucket (deploy/database/distribute.sql): the rules that a table keeps, looked up in
the catalogue, and, where PostgreSQL has the extension citus, the spreading itself on a coordinator with two workers."""

import os
import re

import pytest

from tests.support.citus_cluster import DISTRIBUTE, CitusCluster, is_installed
from tests.support.cluster import ClusterError

SCHEMAS = "('intake', 'log', 'followup', 'loyalty', 'reporting')"

# Small, and asked for by one service alone: they stay where the services are. A new table without a bucket must be named
# here, or be copied to all machines by distribute.sql.
STAY = {
    "followup.dialer_session", "intake.fingerprint_count", "intake.forecast", "intake.master_key", "intake.master_key_use", "intake.triage_model",
    "intake.upkeep", "intake.word_day", "log.alive", "log.event_part", "log.event_part_stream", "log.lease",
    "loyalty.model_fit", "loyalty.started_over", "reporting.daily_fact", "reporting.early_warning", "reporting.figure_check",
    "reporting.figure_difference", "reporting.fold_zone", "reporting.improvement_action", "reporting.improvement_effect",
    "reporting.login_failure", "reporting.monthly_fact", "reporting.night_task", "reporting.personal_view",
    "reporting.user_account", "reporting.user_session", "reporting.weekly_report",
}


def copied():
    """What distribute.sql copies to all machines."""
    listed = re.search(r" IN \(\s*('log\.clock'.*?)\)\)", DISTRIBUTE.read_text(encoding="utf-8"), re.S)[1]
    return set(re.findall(r"'([a-z_.]+)'", listed))


def rows(cluster, database, sql):
    return [line.split("|") for line in cluster.psql(sql, database).splitlines()]


def test_every_key_of_a_table_that_grows_with_customers_has_the_bucket(cluster, database):
    found = rows(cluster, database, f"""
        SELECT i.indexrelid::regclass FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
          JOIN pg_namespace AS n ON n.oid = c.relnamespace
          JOIN pg_attribute AS b ON b.attrelid = c.oid AND b.attname = 'bucket' AND NOT b.attisdropped
         WHERE n.nspname IN {SCHEMAS} AND i.indisunique AND b.attnum <> ALL (i.indkey)""")
    assert not found, "Citus refuses a unique key without the column by which a table is spread"


def test_a_table_without_a_bucket_is_copied_or_stays(cluster, database):
    found = {name for name, in rows(cluster, database, f"""
        SELECT c.oid::regclass FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE n.nspname IN {SCHEMAS} AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'bucket')""")}
    assert found == STAY | copied()
    assert not STAY & copied()


def test_nothing_stands_in_the_way(cluster, database):
    """Triggers, rules and keys to tables that are elsewhere."""
    assert not rows(cluster, database, f"""
        SELECT t.tgname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE n.nspname IN {SCHEMAS} AND NOT t.tgisinternal
         UNION ALL SELECT r.rulename FROM pg_rewrite AS r JOIN pg_class AS c ON c.oid = r.ev_class
          JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname IN {SCHEMAS} AND c.relkind IN ('r', 'p')
         UNION ALL SELECT k.conname FROM pg_constraint AS k JOIN pg_namespace AS n ON n.oid = k.connamespace
          JOIN pg_attribute AS b ON b.attrelid = k.conrelid AND b.attname = 'bucket' WHERE n.nspname IN {SCHEMAS} AND k.contype = 'f'""")


FORBIDDEN = {
    r"\bpg_(?:try_)?advisory_": "is known to one machine only: use a lease row",
    r"\b(?:LISTEN|NOTIFY)\s+\w": "reaches the sessions of one machine: ask again, by a cursor",
    r"\bMERGE INTO\b": "is refused: INSERT ... ON CONFLICT",
    r"\b(?:GROUPING SETS|ROLLUP|CUBE)\s*\(": "is refused: two queries",
    r"\b(?:pg_snapshot_xmin|pg_current_xact_id|txid_current)\b": "counts differently on each machine: use the numbers of log.head",
}


def test_no_statement_uses_what_only_one_machine_has(project_root):
    wrong = []
    for folder in ("common", "services", "deploy/database/deploy"):
        for path in (project_root / folder).rglob("*"):
            if path.suffix not in (".c", ".h", ".sql"):
                continue
            text = re.sub(r"/\*.*?\*/|--[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.S)
            wrong += [f"{path.relative_to(project_root)}: {found[0]} {why}" for pattern, why in FORBIDDEN.items()
                      if (found := re.search(pattern, text))]
    assert not wrong


# ---- the spreading itself


@pytest.fixture(scope="module")
def spread():
    if not is_installed():
        pytest.skip("SKIP: PostgreSQL has no extension citus here")
    if os.environ.get("TROTH_TEST_CITUS"):
        pytest.skip("SKIP: all tests run on such a cluster")
    with CitusCluster(fast=True) as running:
        yield running


def test_it_is_spread_by_bucket_and_may_be_spread_again(spread):
    name = spread.new_database()
    spread.psql(DISTRIBUTE.read_text(encoding="utf-8"), name)
    kinds = dict(rows(spread, name, "SELECT citus_table_type, count(*) FROM citus_tables GROUP BY 1"))
    assert int(kinds["reference"]) == len(copied())
    assert int(kinds["distributed"]) > 50
    assert rows(spread, name, "SELECT count(DISTINCT colocation_id) FROM citus_tables WHERE citus_table_type = 'distributed'") == [["1"]]
    assert len(rows(spread, name, "SELECT nodename FROM citus_shards WHERE shard_size >= 0 GROUP BY 1 HAVING count(*) > 100")) >= 2


def test_a_service_sees_on_every_machine_what_its_views_show_and_no_more(spread):
    name = spread.new_database()
    spread.psql("INSERT INTO log.head (stream, bucket, seq) SELECT 'intake.0', b, 7 FROM generate_series(0, 255) AS b", name)
    assert rows(spread, name, "SELECT count(*), sum(seq) FROM log.head") == [["256", "1792"]]
    for role in ("troth_followup", "troth_loyalty", "troth_reporting"):
        assert spread.psql("SELECT count(*) FROM intake.customer_public AS c JOIN intake.service_case_public AS s"
                           " ON (s.bucket, s.customer_number) = (c.bucket, c.number)", name, role) == "0"
        for table in ("intake.person", "intake.contact_text"):
            with pytest.raises(ClusterError, match="permission denied"):
                spread.psql(f"SELECT count(*) FROM {table}", name, role)
