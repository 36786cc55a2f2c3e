# SPDX-License-Identifier: Apache-2.0
"""The lint of new migrations finds what must not be in one, and lets pass what may (deploy/database/README.md)."""

import subprocess

import pytest

from tests.support.system import ROOT

CONTRACTION = """-- not used since: {since}
DROP TABLE intake.old;
CREATE OR REPLACE FUNCTION log.schema_version() RETURNS int4 LANGUAGE sql RETURN 2;
"""


def findings(folder, name, sql):
    """What it says of a change that was not released, where 0.1.0 and its script 'old' were."""
    (folder / "deploy").mkdir()
    (folder / "deploy/old.sql").write_text("DROP TABLE everything;")
    (folder / f"deploy/{name}.sql").write_text(sql)
    (folder / "releases").write_text("# version, commit\n0.1.0 abc\n")
    (folder / "frozen.sha256").write_text("00  deploy/database/deploy/old.sql\n")
    done = subprocess.run([ROOT / "tests/lint/check_migrations.py", folder], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == (1 if lines else 0), done.stderr
    return lines


@pytest.mark.parametrize("sql", [
    "DROP TABLE intake.contact;", "DROP VIEW IF EXISTS intake.source_public;", "DROP FUNCTION log.now();",
    "ALTER TABLE intake.contact DROP COLUMN channel;", "ALTER TABLE intake.contact DROP channel;",
    "ALTER TABLE intake.contact RENAME TO kontakt;", "ALTER TABLE intake.contact RENAME COLUMN a TO b;",
    "ALTER TABLE intake.contact ALTER COLUMN channel TYPE int8;", "ALTER TABLE intake.contact ALTER channel SET NOT NULL;",
    "ALTER TABLE intake.contact ADD COLUMN extra text NOT NULL;",
    "ALTER TABLE intake.contact ADD COLUMN at timestamptz DEFAULT clock_timestamp();",
    "ALTER TABLE intake.contact ADD CHECK (channel <> '');", "ALTER TABLE intake.contact ADD CONSTRAINT u UNIQUE (a);",
    "CREATE INDEX i ON intake.contact (channel);", "UPDATE intake.contact SET channel = 'x';", "LOCK TABLE intake.contact;",
    "REVOKE SELECT ON intake.contact FROM troth_intake;", "TRUNCATE intake.contact;",
])
def test_what_hurts_the_version_before_is_found(tmp_path, sql):
    assert len(findings(tmp_path, "fresh", sql)) == 1


@pytest.mark.parametrize("sql", [
    "CREATE TABLE intake.fresh (a int); CREATE INDEX i ON intake.fresh (a); ALTER TABLE intake.fresh ADD CHECK (a > 0);",
    "ALTER TABLE intake.contact ADD COLUMN extra text;", "ALTER TABLE intake.contact ADD COLUMN n int NOT NULL DEFAULT 0;",
    "CREATE INDEX CONCURRENTLY i ON intake.contact (channel);", "-- DROP TABLE intake.contact;",
    "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ DELETE FROM intake.contact $$;",
    "ALTER TABLE intake.contact ADD CONSTRAINT c CHECK (channel <> 'DROP TABLE x') NOT VALID;",
    "CREATE INDEX i ON intake.source (name); -- lint: allow (a small table)",
    "REVOKE ALL ON FUNCTION f FROM PUBLIC;",
])
def test_what_adds_passes(tmp_path, sql):
    assert findings(tmp_path, "fresh", sql) == []


def test_taking_away_needs_a_release_that_did_without(tmp_path):
    assert findings(tmp_path, "contract_old", CONTRACTION.format(since="0.1.0")) == []


@pytest.mark.parametrize("sql", [CONTRACTION.format(since="0.2.0"), "DROP TABLE intake.old;"])
def test_taking_away_too_early_is_found(tmp_path, sql):
    assert findings(tmp_path, "contract_old", sql)
