/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service_database.c - services and PostgreSQL start in any order, and a migration may be running
 * meanwhile.
 *
 * So everything is tried again until it works or 30 s have passed; only a schema from which
 * something was taken away that the program may need ends the wait at once.
 */
#include "common/runtime/service_database.h"

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/runtime/clock_store.h"

#define WAIT_US (30 * DURATION_S)
#define EACH_US (250 * DURATION_MS)

static int check_schema(struct db *db, bool *ret_is_final, struct err *err)
{
    struct schema_numbers there = {0, 0};
    if (clock_store_schema(db, &there, err) < 0) {
        return err_prefix(err, "is the schema there? (deploy/database/migrate.sh)");
    }
    if (there.version > SCHEMA_VERSION) {
        *ret_is_final = true;
        return err_set(err, "schema_version",
                       "the database has schema version %d, this program knows %d: update the "
                       "program",
                       there.version, SCHEMA_VERSION);
    }
    if (there.expansion < SCHEMA_EXPANSION) {
        return err_set(err, "schema_expansion",
                       "the database has expansion %d, this program needs %d: run the migration "
                       "(deploy/database/migrate.sh)",
                       there.expansion, SCHEMA_EXPANSION);
    }
    return 0;
}

static int try_database(struct service *s, bool *ret_is_final, struct err *err)
{
    struct db *db = db_pool_wait(s->db, EACH_US, err);
    if (!db) {
        return -1;
    }
    int rc = check_schema(db, ret_is_final, err);
    if (rc == 0) {
        rc = principal_table_load(s->principals, db, err);
    }
    db_release(db);
    return rc;
}

static void turn_for(struct service *s, int64_t us)
{
    int64_t end_us = instant_monotonic_us() + us;
    int64_t left_us = us;
    while (left_us > 0 && !s->is_draining) {
        loop_turn(s->loop, left_us);
        left_us = end_us - instant_monotonic_us();
    }
}

static int wait_for_database(struct service *s, struct err *err)
{
    int64_t end_us = instant_monotonic_us() + WAIT_US;
    bool is_final = false;
    bool is_waiting = false;
    struct err why = ERR_NONE;
    while (try_database(s, &is_final, &why) < 0) {
        if (is_final || instant_monotonic_us() >= end_us) {
            *err = why;
            return -1;
        }
        if (!is_waiting) {
            log_info("waiting_for_database", LOG_ERR(&why));
            is_waiting = true;
        }
        turn_for(s, EACH_US);
        if (s->is_draining) {
            return -1;
        }
    }
    return 0;
}

int service_database_open(struct service *s, const char *settings, struct err *err)
{
    char name[64];
    (void)text_format(name, sizeof(name), "troth-%s/%s", s->name, TROTH_VERSION);
    s->principals = principal_table_new();
    s->db =
        db_pool_new(s->loop, &(struct db_pool_options){.conninfo = s->common->database,
                                                       .name = name,
                                                       .size = (size_t)s->common->db_connections,
                                                       .deadline_us = s->common->db_deadline_us,
                                                       .settings = settings});
    return wait_for_database(s, err);
}
