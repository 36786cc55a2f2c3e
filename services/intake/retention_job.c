/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/retention_job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/forgetting.h"
#include "services/intake/intake_settings.h"
#include "services/intake/retention_store.h"

#define CONNECT_US (10 * DURATION_S)
#define AGAIN_US   (500 * DURATION_MS)
#define YEAR_US    (365 * DURATION_DAY)

enum {
    TRIES_MAX = 20,
    WAIT_MS = 200,       /* for a lock: who comes meanwhile waits behind us */
    LAST_WAIT_MS = 1500, /* the last try: longer than an autovacuum takes to give way */
    MIB = 1024 * 1024,
};

static const struct db_query retention_disclosures = {
    "retention_disclosures", FORGETTING_SQL("intake.disclosure", "at < $3"), DB_ONE};

struct part {
    int32_t number;
    int64_t closed_us, bytes;
    char why[16];
    char detail[160];
};

struct retention {
    struct service *service;
    struct db *db;
    struct audit_key *key; /* NULL: no audit_key_file */
    struct retention_times times;
    struct db_array absent;
    struct part *parts;
    size_t count;
};

static int failed(const struct db_reply *reply, struct err *err)
{
    return err_set(err, reply->err.code, "%s", reply->err.text);
}

static int32_t wait_ms(int tries)
{
    return tries == TRIES_MAX ? LAST_WAIT_MS : WAIT_MS;
}

/* Whether it may work another time: a lock was not to be had, or the connection went. */
static bool is_again(struct retention *r, const struct db_reply *reply, int tries)
{
    const bool is = (reply->outcome == DB_RETRY || strcmp(reply->sqlstate, "55P03") == 0) &&
                    tries < TRIES_MAX && !r->service->is_draining;
    if (is) {
        loop_turn(r->service->loop, AGAIN_US);
    }
    return is;
}

/* ---- what there is */

static void take_part(struct retention *r, const struct db_rows *rows, size_t i)
{
    struct part *p = &r->parts[i];
    p->number = (int32_t)db_get_int(rows, i, 0);
    p->closed_us = db_get_time(rows, i, 1);
    p->bytes = db_get_int(rows, i, 2);
    (void)text_copy(p->why, sizeof(p->why), db_get_text(rows, i, 3));
    (void)text_copy(p->detail, sizeof(p->detail), db_get_text(rows, i, 4));
}

static int list_parts(struct retention *r, struct err *err)
{
    retention_store_list(r->db, &r->times);
    const struct db_reply *reply = db_run_wait(r->db);
    if (reply->outcome != DB_OK) {
        return failed(reply, err);
    }
    r->count = db_row_count(reply->rows[0]);
    r->parts = xreallocarray(r->parts, r->count + 1, sizeof(*r->parts));
    for (size_t i = 0; i < r->count; i++) {
        take_part(r, reply->rows[0], i);
    }
    return 0;
}

/* ---- close */

static int close_part(struct retention *r, int64_t part_us, struct err *err)
{
    for (int tries = 1;; tries++) {
        retention_store_close(r->db, r->times.now_us, part_us, wait_ms(tries));
        const struct db_reply *reply = db_run_wait(r->db);
        if (reply->outcome == DB_OK) {
            const int64_t number = db_get_int(reply->rows[0], 0, 0);
            if (number > 0) {
                (void)printf("events: part %" PRId64 " closed\n", number);
            }
            return 0;
        }
        if (!is_again(r, reply, tries)) {
            return failed(reply, err);
        }
    }
}

/* ---- drop */

static int sign(struct retention *r, const struct part *part, const struct db_reply *asked,
                struct text *places, struct audit_removal *ret, struct err *err)
{
    const struct db_rows *rows = asked->rows[1];
    if (!r->key) {
        return err_set(err, "no_audit_key",
                       "the tamper-evident record has events of part %" PRId32
                       ": set audit_key_file, so that their removal can be signed",
                       part->number);
    }
    *ret = (struct audit_removal){
        .number = db_get_int(asked->rows[2], 0, 0),
        .part = part->number,
        .closed_us = part->closed_us,
        .at_us = instant_now_us(),
    };
    for (size_t i = 0; i < db_row_count(rows); i++) {
        const struct audit_place first = {.stream = db_get_text(rows, i, 0),
                                          .bucket = (int16_t)db_get_int(rows, i, 1),
                                          .seq = db_get_int(rows, i, 2)};
        audit_removal_add(places, &ret->events, &first, db_get_int(rows, i, 3));
    }
    ret->places = text_or_empty(places);
    audit_removal_sign(r->key, ret);
    return 0;
}

/* 0, -1, or 1: the caller may try again. */
static int try_drop(struct retention *r, const struct part *part, int tries, struct err *err)
{
    struct text places = {.data = NULL};
    struct audit_removal removal = {.number = 0};
    db_begin(r->db);
    retention_store_ask_places(r->db, part->number);
    const struct db_reply *reply = db_run_wait(r->db);
    if (reply->outcome != DB_OK) {
        return is_again(r, reply, tries) ? 1 : failed(reply, err);
    }
    const int64_t kept = db_get_int(reply->rows[0], 0, 0);
    const bool is_recorded = db_get_bool(reply->rows[2], 0, 1);
    if (is_recorded && sign(r, part, reply, &places, &removal, err) < 0) {
        db_rollback(r->db);
        (void)db_run_wait(r->db);
        text_free(&places);
        return -1;
    }
    if (is_recorded) {
        retention_store_add_removal(r->db, &removal);
    }
    retention_store_drop(r->db, &r->times, part->number, kept, wait_ms(tries));
    db_commit(r->db);
    reply = db_run_wait(r->db);
    text_free(&places);
    if (reply->outcome != DB_OK) {
        return is_again(r, reply, tries) ? 1 : failed(reply, err);
    }
    (void)printf("events: part %" PRId32 " dropped, %" PRId64 " MiB; %" PRId64
                 " events of what is still open were kept\n",
                 part->number, part->bytes / MIB, kept);
    return 0;
}

static int drop_parts(struct retention *r, struct err *err)
{
    for (size_t i = 0; i < r->count && !r->service->is_draining; i++) {
        const struct part *part = &r->parts[i];
        if (part->why[0]) {
            (void)printf("events: part %" PRId32 " stays, %" PRId64 " MiB: %s%s%s\n", part->number,
                         part->bytes / MIB, part->why, part->detail[0] ? ", " : "", part->detail);
            continue;
        }
        int rc = 1;
        for (int tries = 1; rc == 1; tries++) {
            rc = try_drop(r, part, tries, err);
        }
        if (rc < 0) {
            return -1;
        }
    }
    return 0;
}

static int keep_events(struct retention *r, const struct intake_settings *settings, struct err *err)
{
    if (settings->keep_events_us == 0) {
        (void)printf("events: kept for good\n");
        return 0;
    }
    return close_part(r, settings->event_part_us, err) < 0 || list_parts(r, err) < 0 ||
                   drop_parts(r, err) < 0
               ? -1
               : 0;
}

/* ---- the job */

static void split_absent(const char *names, struct db_array *ret)
{
    db_array_init(ret, DB_TEXT);
    char *copy = xstrdup(names), *rest = copy;
    for (char *one = strsep(&rest, ":"); one; one = strsep(&rest, ":")) {
        if (one[0]) {
            db_array_add_text(ret, one);
        }
    }
    free(copy);
}

static int run(struct retention *r, struct err *err)
{
    const struct intake_settings *settings = r->service->settings;
    const struct forgetting list[] = {
        {"keep_disclosures", settings->keep_disclosures_us, 3 * YEAR_US, "disclosures",
         &retention_disclosures},
    };
    if (!text_is_empty(settings->audit_key_file)) {
        r->key = audit_key_load(settings->audit_key_file, err);
        if (!r->key) {
            return -1;
        }
    }
    r->db = db_pool_wait(r->service->db, CONNECT_US, err);
    if (!r->db) {
        return -1;
    }
    const int rc = keep_events(r, settings, err) < 0 ||
                           forgetting_run(r->service, r->db, list, ARRAY_LEN(list), err) < 0
                       ? -1
                       : 0;
    db_release(r->db);
    return rc;
}

int retention_job_run(struct service *s, struct err *err)
{
    const struct intake_settings *settings = s->settings;
    struct retention r = {.service = s};
    split_absent(settings->absent_readers, &r.absent);
    r.times = (struct retention_times){
        .now_us = service_now_us(s), .keep_us = settings->keep_events_us, .absent = &r.absent};
    const int rc = run(&r, err);
    audit_key_free(r.key);
    db_array_free(&r.absent);
    free(r.parts);
    return rc;
}
