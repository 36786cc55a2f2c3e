# SPDX-License-Identifier: Apache-2.0
"""The migrations: they go up, down and up again, and the rights in them hold (pgTAP)."""

import subprocess
from pathlib import Path

import pytest

from tests.support.cluster import Cluster, ClusterError

DATABASE = Path(__file__).resolve().parent.parent.parent / "deploy/database"
PGTAP_FILES = sorted((DATABASE / "test").glob("*.sql"))


def sqitch(cluster, dbname, *command):
    env = dict(
        cluster.environment(dbname=dbname),
        SQITCH_FULLNAME="test",
        SQITCH_EMAIL="test@localhost",
        TZ="UTC",
    )
    target = ["--target", f"db:pg:{dbname}"]
    done = subprocess.run(
        ["sqitch", *command, *target], cwd=DATABASE, env=env, text=True, capture_output=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def roles(cluster):
    sql = r"SELECT rolname FROM pg_roles WHERE rolname LIKE 'troth\_%' ORDER BY 1"
    return cluster.psql(sql, "postgres").split()


@pytest.fixture(scope="module")
def empty_cluster():
    with Cluster(fast=True, migrate=False) as running:
        yield running


@pytest.fixture(scope="module")
def deployed(cluster):
    """Deployed, not copied: a copy does not get the rights on the database itself."""
    name = "deployed"
    cluster.deploy(name)
    yield name
    cluster.drop_database(name)


@pytest.mark.parametrize("file", PGTAP_FILES, ids=lambda file: file.stem)
def test_pgtap(cluster, deployed, file):
    done = subprocess.run(
        ["pg_prove", str(file)],
        env=cluster.environment(dbname=deployed),
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_migrations_go_up_down_and_up_again(empty_cluster):
    empty_cluster.deploy("first")
    sqitch(empty_cluster, "first", "verify")
    all_roles = roles(empty_cluster)
    assert len(all_roles) == 6

    # A second database of the same cluster keeps the roles alive.
    empty_cluster.deploy("second")
    sqitch(empty_cluster, "first", "revert", "-y")
    left = empty_cluster.psql(
        "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1", "first"
    )
    assert left.split() == ["information_schema", "public", "sqitch"]
    assert roles(empty_cluster) == all_roles
    sqitch(empty_cluster, "second", "verify")
    assert empty_cluster.psql("SELECT log.schema_version()", "second", "troth_intake") == "1"

    sqitch(empty_cluster, "second", "revert", "-y")
    assert roles(empty_cluster) == []
    empty_cluster.deploy("first")
    sqitch(empty_cluster, "first", "verify")
    assert roles(empty_cluster) == all_roles


def test_migrating_again_changes_nothing(empty_cluster):
    empty_cluster.deploy("again")
    before = empty_cluster.psql("SELECT change_id FROM sqitch.changes ORDER BY 1", "again")
    empty_cluster.deploy("again")
    assert empty_cluster.psql("SELECT change_id FROM sqitch.changes ORDER BY 1", "again") == before


def test_who_migrates_need_not_be_a_superuser(empty_cluster):
    empty_cluster.psql("CREATE ROLE migrator LOGIN CREATEROLE CREATEDB", "postgres")
    conninfo = empty_cluster.conninfo("migrator", "modest")
    subprocess.run([DATABASE / "migrate.sh", conninfo], check=True)
    assert empty_cluster.psql("SELECT log.schema_version()", "modest", "troth_intake") == "1"
    empty_cluster.drop_database("modest")


@pytest.mark.parametrize(
    "form",
    [
        "host='{socket}' port=5432 user=postgres dbname = {name}",
        "postgresql://postgres@/{name}?host={socket}&port=5432",
        "postgres://postgres@{escaped}:5432/{name}?application_name=x&keepalives=1",
    ],
)
def test_migrate_takes_what_libpq_takes(empty_cluster, form):
    name = "it's a name"
    socket = str(empty_cluster.socket)
    is_address = form.startswith("postgres")
    written = name.replace("'", "%27").replace(" ", "%20") if is_address else r"'it\'s a name'"
    conninfo = form.format(socket=socket, escaped=socket.replace("/", "%2F"), name=written)
    subprocess.run([DATABASE / "migrate.sh", conninfo, "log"], check=True)
    assert empty_cluster.psql("SELECT log.schema_version()", quoted(name)) == "1"
    empty_cluster.drop_database(name)


def quoted(value):
    """A value of a conninfo."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


@pytest.mark.parametrize(
    "arguments", [[], ["host=/nonexistent dbname=x"], ["nonsense"], ["port=5432"], ["a=b dbname=x"]]
)
def test_migrate_says_when_it_did_not_work(arguments):
    done = subprocess.run([DATABASE / "migrate.sh", *arguments], capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stderr


def test_a_change_that_fails_is_an_error(empty_cluster):
    with pytest.raises(ClusterError, match="no_such_change"):
        empty_cluster.deploy("failing", to="no_such_change")
