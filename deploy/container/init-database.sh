#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# init-database.sh - runs once, when the PostgreSQL container finds its volume empty.
#
# Makes the database and the role that migrates it. That role may make roles and owns the database; it
# is no superuser, and no service logs in as it.
set -Eeuo pipefail

psql -X -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'END'
\set password `cat /run/secrets/database_migrator`
CREATE ROLE troth_migrator LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE troth OWNER troth_migrator TEMPLATE template0 ENCODING 'UTF8';
END
