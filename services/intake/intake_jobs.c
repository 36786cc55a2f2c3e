/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_jobs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/intake/intake_rewrap.h"
#include "services/intake/intake_settings.h"
#include "services/intake/intake_upkeep_store.h"
#include "services/intake/read_texts.h"
#include "services/intake/retention_job.h"
#include "services/intake/train_triage.h"

#define CONNECT_US (10 * DURATION_S)

/* Asked to stop: not a failure, and no result either. */
static int stopped(void)
{
    (void)printf("stopped before the end; start it again to go on\n");
    return -1;
}

static int failed(const struct db_reply *reply, struct err *err)
{
    return err_set(err, reply->err.code, "%s", reply->err.text);
}

/* ---- expire-receipts */

static int expire(struct service *s, struct err *err)
{
    const struct intake_settings *settings = s->settings;
    struct db *db = db_pool_wait(s->db, CONNECT_US, err);
    int64_t before_us = service_now_us(s) - settings->key_age_us;
    int64_t deleted = 0, pages = 1;
    int rc = db ? 0 : -1;
    for (int64_t page = 0; rc == 0 && page < pages && !s->is_draining; page += UPKEEP_PAGES) {
        intake_upkeep_expire(db, page, before_us);
        const struct db_reply *reply = db_run_wait(db);
        if (reply->outcome != DB_OK) {
            rc = failed(reply, err);
        } else {
            deleted += db_get_int(reply->rows[0], 0, 0);
            pages = db_get_int(reply->rows[0], 0, 1);
        }
    }
    if (db) {
        db_release(db);
    }
    if (rc == 0) {
        (void)printf("receipts deleted: %" PRId64 "\n", deleted);
        rc = s->is_draining ? stopped() : 0;
    }
    return rc;
}

/* ---- sweep-erasures */

static int sweep(struct service *s, struct err *err)
{
    struct db *db = db_pool_wait(s->db, CONNECT_US, err);
    int rc = 0;
    if (!db) {
        return -1;
    }
    intake_upkeep_sweep(db, service_now_us(s));
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        rc = failed(reply, err);
    } else {
        (void)printf("erasures looked after: %" PRId64 "\n", db_get_int(reply->rows[0], 0, 0));
    }
    db_release(db);
    return rc;
}

/* ---- check-orphans */

enum {
    RELATIONS_MAX = 64
};

struct orphans {
    struct {
        char relation[80];
        int64_t rows;
    } found[RELATIONS_MAX];
    size_t count;
};

static void add_orphans(struct orphans *o, const char *relation, int64_t rows)
{
    size_t i = 0;
    while (i < o->count && strcmp(o->found[i].relation, relation) != 0) {
        i++;
    }
    if (i == RELATIONS_MAX) {
        return; /* more relations than the schema has */
    }
    if (i == o->count) {
        (void)text_copy(o->found[i].relation, sizeof(o->found[i].relation), relation);
        o->count++;
    }
    o->found[i].rows += rows;
}

static int count_orphans(struct service *s, struct db *db, struct orphans *o, struct err *err)
{
    for (int16_t bucket = 0; bucket < BUCKET_COUNT && !s->is_draining; bucket++) {
        intake_upkeep_orphans(db, bucket);
        const struct db_reply *reply = db_run_wait(db);
        if (reply->outcome != DB_OK) {
            return failed(reply, err);
        }
        const struct db_rows *rows = reply->rows[0];
        for (size_t i = 0; i < db_row_count(rows); i++) {
            add_orphans(o, db_get_text(rows, i, 0), db_get_int(rows, i, 1));
        }
    }
    return 0;
}

static int check_orphans(struct service *s, struct err *err)
{
    struct orphans o = {.count = 0};
    struct db *db = db_pool_wait(s->db, CONNECT_US, err);
    if (!db) {
        return -1;
    }
    int rc = count_orphans(s, db, &o, err);
    db_release(db);
    if (rc < 0 || s->is_draining) {
        return rc < 0 ? rc : stopped();
    }
    for (size_t i = 0; i < o.count; i++) {
        (void)printf("%s: %" PRId64 " rows\n", o.found[i].relation, o.found[i].rows);
    }
    if (o.count > 0) {
        return err_set(err, "orphans_found", "rows name customers or cases that do not exist");
    }
    (void)printf("no orphans\n");
    return 0;
}

const struct service_job intake_jobs[] = {
    {"rewrap-keys",     "wrap the customers' keys with the newest master key",    intake_rewrap_run},
    {"expire-receipts", "delete receipts that are older than key_age",            expire           },
    {"sweep-erasures",  "remove what was on its way while a customer was erased", sweep            },
    {"check-orphans",   "count rows whose customer or case does not exist",       check_orphans    },
    {"read-texts",      "make fingerprints of new cases, and count words by day", read_texts_run   },
    {"train-triage",    "learn category and mood from stored texts",              train_triage_run },
    {"retention",       "drop events and delete disclosures that were kept long", retention_job_run},
    {NULL,              NULL,                                                     NULL             },
};
