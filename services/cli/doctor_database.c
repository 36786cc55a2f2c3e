/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/zone.h"
#include "common/runtime/service.h"
#include "services/cli/doctor.h"
#include "services/cli/doctor_store.h"

enum {
    VERSION_MIN = 150000,
    CONNECTIONS_SPARE = 10, /* the operator, a migration, a backup, and the server's own reserve */
    CONNECTIONS_MORE = 2,   /* of each service beside db_connections: its clock, its figures */
    MONTHS_COMPARED = 36,
};
#define SKEW_US (1 * DURATION_S)

/* ---- the server's settings: what a promise rests on */

static void check_commits(struct doctor *d, const struct doctor_settings *s)
{
    static const char mend[] = "acknowledged records would be lost in a power cut: set it in "
                               "postgresql.conf and restart";
    bool is_good = s->has_fsync && s->has_full_pages && s->commits_locally && !s->weakened[0];
    if (!s->has_fsync) {
        finding_add(&d->list, FINDING_BROKEN, "durability", "fsync is off");
        finding_mend(&d->list, "fsync = on; %s", mend);
    }
    if (!s->has_full_pages) {
        finding_add(&d->list, FINDING_BROKEN, "durability", "full_page_writes is off");
        finding_mend(&d->list, "full_page_writes = on; %s", mend);
    }
    if (!s->commits_locally) {
        finding_add(&d->list, FINDING_BROKEN, "durability", "synchronous_commit is off");
        finding_mend(&d->list, "synchronous_commit = on; %s", mend);
    }
    if (s->weakened[0]) {
        finding_add(&d->list, FINDING_BROKEN, "durability", "synchronous_commit is off for %s",
                    s->weakened);
        finding_mend(&d->list, "ALTER ROLE or DATABASE %s RESET synchronous_commit", s->weakened);
    }
    if (is_good) {
        DOCTOR_OK(d, "durability", "a commit is on the disk");
    }
}

static void check_backups(struct doctor *d, const struct doctor_settings *s)
{
    if (!s->has_checksums) {
        finding_add(&d->list, FINDING_ATTENTION, "checksums", "data pages have none");
        finding_mend(&d->list, "pg_checksums --enable, while the server is stopped");
    } else {
        DOCTOR_OK(d, "checksums", "data pages have them");
    }
    if (strcmp(s->wal_level, "minimal") == 0) {
        finding_add(&d->list, FINDING_BROKEN, "wal", "wal_level is minimal: no backup, no standby");
        finding_mend(&d->list, "wal_level = replica in postgresql.conf, and restart");
    } else if (!s->is_archived) {
        finding_add(&d->list, FINDING_ATTENTION, "wal",
                    "archive_mode is off: what came after the "
                    "last backup would be lost");
        finding_mend(&d->list, "archive_mode = on with pgBackRest: deploy/README.md");
    } else {
        DOCTOR_OK(d, "wal", "wal_level %s, archived", s->wal_level);
    }
}

static int64_t count_connections(const struct doctor *d)
{
    int64_t sum = CONNECTIONS_SPARE;
    for (size_t i = 0; i < DOCTOR_DIALER; i++) { /* dialers have none */
        int64_t own = doctor_count(&d->programs[i], "db_connections");
        int64_t lanes = doctor_count(&d->programs[i], "lanes");
        sum += own > 0 ? own + lanes + CONNECTIONS_MORE : 0;
    }
    return sum;
}

static void check_server(struct doctor *d, const struct doctor_settings *s)
{
    int64_t needed = count_connections(d);
    if (s->version < VERSION_MIN) {
        finding_add(&d->list, FINDING_BROKEN, "postgresql", "version %" PRId64 " is too old",
                    s->version / 10000);
        finding_mend(&d->list, "install PostgreSQL 15 or later");
    }
    if (!s->is_utf8) {
        finding_add(&d->list, FINDING_BROKEN, "encoding", "the database is in %s", s->encoding);
        finding_mend(&d->list, "createdb --template=template0 --encoding=UTF8, and migrate that");
    } else {
        DOCTOR_OK(d, "encoding", "UTF8");
    }
    if (s->connections_max < needed) {
        finding_add(&d->list, FINDING_BROKEN, "connections",
                    "max_connections is %" PRId64 ", one of each service needs %" PRId64,
                    s->connections_max, needed);
        finding_mend(&d->list, "raise max_connections, or lower db_connections of the services");
    } else {
        DOCTOR_OK(d, "connections", "%" PRId64 " of %" PRId64 " are needed", needed,
                  s->connections_max);
    }
}

static void check_skew(struct doctor *d, const struct doctor_settings *s)
{
    char text[DURATION_TEXT_SIZE];
    int64_t us = s->skew_us < 0 ? -s->skew_us : s->skew_us;
    (void)duration_for_people(us, text);
    if (us > SKEW_US) {
        finding_add(&d->list, FINDING_BROKEN, "clock", "this machine's is %s %s PostgreSQL's", text,
                    s->skew_us < 0 ? "behind" : "ahead of");
        finding_mend(&d->list, "chronyc tracking, on both machines");
    } else {
        DOCTOR_OK(d, "clock", "%s off PostgreSQL's", text);
    }
}

/* ---- schema and roles */

static void check_schema(struct doctor *d, struct db *db)
{
    struct err err = ERR_NONE;
    int64_t version = 0, expansion = 0;
    if (doctor_store_schema(db, &version, &err) < 0 ||
        doctor_store_expansion(db, &expansion, &err) < 0) {
        finding_add(&d->list, FINDING_BROKEN, "schema", "it is missing or too old: %s", err.text);
        finding_mend(&d->list, "deploy/database/migrate.sh");
    } else if (version != SCHEMA_VERSION || expansion < SCHEMA_EXPANSION) {
        finding_add(&d->list, FINDING_BROKEN, "schema",
                    "version %" PRId64 ".%" PRId64 ", these programs need %d.%d", version,
                    expansion, SCHEMA_VERSION, SCHEMA_EXPANSION);
        finding_mend(&d->list, version > SCHEMA_VERSION ? "install the newer programs"
                                                        : "deploy/database/migrate.sh");
    } else {
        DOCTOR_OK(d, "schema", "version %" PRId64 ".%" PRId64, version, expansion);
    }
}

static void check_lines(struct doctor *d, struct db *db, const char *part, const char *mend,
                        int (*ask)(struct db *db, struct doctor_lines *ret, struct err *err))
{
    struct doctor_lines lines = {.count = 0};
    struct err err = ERR_NONE;
    if (ask(db, &lines, &err) < 0) {
        finding_add(&d->list, FINDING_BROKEN, part, "cannot be read: %s", err.text);
        finding_mend(&d->list, "deploy/database/migrate.sh");
        return;
    }
    for (size_t i = 0; i < lines.count; i++) {
        finding_add(&d->list, FINDING_BROKEN, part, "%s", lines.line[i]);
        finding_mend(&d->list, "%s", mend);
    }
    if (lines.count == 0) {
        DOCTOR_OK(d, part, "as they must be");
    }
}

static void check_roles(struct doctor *d, struct db *db)
{
    check_lines(d, db, "roles", "deploy/database/deploy/roles.sql says how they are made",
                doctor_store_roles);
    check_lines(d, db, "rights",
                "REVOKE it (psql), and find out who gave it: one schema has one writer",
                doctor_store_too_much);
    check_lines(d, db, "grants", "GRANT it as deploy/database/deploy/*.sql does",
                doctor_store_too_little);
}

/* ---- time zones: rules change, and both sides must know the same ones */

static bool is_same(struct doctor *d, struct db *db, const char *name)
{
    struct err err = ERR_NONE;
    struct zone *zone = zone_open(name, &err);
    int64_t us[MONTHS_COMPARED], there_s[MONTHS_COMPARED] = {0};
    for (int i = 0; i < MONTHS_COMPARED; i++) {
        us[i] = instant_now_us() + (int64_t)i * 30 * DURATION_DAY;
    }
    bool is_good = zone && doctor_store_offsets(db, name, us, MONTHS_COMPARED, there_s, &err) == 0;
    for (int i = 0; i < MONTHS_COMPARED && is_good; i++) {
        is_good = there_s[i] == zone_offset_s(zone, us[i]);
    }
    zone_free(zone);
    if (!is_good) {
        finding_add(&d->list, FINDING_BROKEN, "time-zones", "%s is not the same here and there%s%s",
                    name, err.text[0] ? ": " : "", err.text);
        finding_mend(&d->list, "apt-get install tzdata on both machines, then restart PostgreSQL");
    }
    return is_good;
}

/* Some whose rules changed of late, and those of the usual settings. */
static void check_zones(struct doctor *d, struct db *db)
{
    static const char *const zones[] = {
        "Asia/Shanghai",     "Europe/Berlin", "America/New_York", "America/Asuncion",
        "Africa/Casablanca", "Asia/Almaty",   "Asia/Beirut",      "America/Mexico_City"};
    bool is_good = true;
    char version[ZONE_VERSION_SIZE];
    for (size_t i = 0; i < ARRAY_LEN(zones) && is_good; i++) {
        is_good = is_same(d, db, zones[i]);
    }
    if (is_good) {
        DOCTOR_OK(d, "time-zones", "%s here, and the same at PostgreSQL",
                  zone_database_version(version));
    }
}

void doctor_database(struct doctor *d, struct db *db)
{
    struct doctor_settings settings;
    struct err err = ERR_NONE;
    if (!db) {
        return;
    }
    if (doctor_store_settings(db, &settings, &err) < 0) {
        finding_add(&d->list, FINDING_BROKEN, "postgresql", "%s", err.text);
        finding_mend(&d->list, "systemctl status postgresql");
        return;
    }
    check_commits(d, &settings);
    check_backups(d, &settings);
    check_server(d, &settings);
    check_skew(d, &settings);
    check_schema(d, db);
    check_roles(d, db);
    check_zones(d, db);
}
