/* SPDX-License-Identifier: Apache-2.0 */
/*
 * improvement_desk.c - requests from their arrival to their answer, one connection each.
 *
 *   list               read
 *   add                write, or read what its key has made; as change
 *   change             read, compare the version, write; read the facts; write the effect; read
 *   announce           read; the record to intake and its receipt; write; read
 *   seen               write
 */
#include "services/reporting/improvement_desk.h"

#include <stdlib.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/improvement_store.h"
#include "services/reporting/improvement_visit.h"

enum {
    RECORDS_MAX = 64
};

/* ---- list */

static void on_listed(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct improvement_visit *v = ctx;

    (void)db;
    if (!improvement_visit_is_ok(v, reply)) {
        return;
    }
    json_t *all = json_array();
    for (size_t row = 0; row < db_row_count(reply->rows[0]); row++) {
        improvement_store_take(reply->rows[0], row, &v->action);
        (void)json_array_append_new(all, improvement_write(&v->action, v->language));
    }
    improvement_visit_answer(v, json_pack("{so}", "improvements", all));
}

static void list(void *ctx, struct db *db)
{
    struct improvement_visit *v = ctx;

    v->db = db;
    improvement_store_ask_all(db);
    db_run(db, on_listed, v);
}

static void on_list(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    struct improvement_visit *v = improvement_visit_begin(ctx, request, exchange);

    if (v) {
        improvement_visit_submit(v, list);
    }
}

/* ---- add */

/* The same request was here before: it made this one. Who has changed it since may have changed
 * what was asked, so then nothing is compared. */
static void on_there(struct improvement_visit *v, const struct db_rows *rows)
{
    const struct improvement asked = v->action;

    improvement_store_take(rows, 0, &v->action);
    if (v->action.version == 1 && !improvement_is_same(&v->action, &asked)) {
        improvement_visit_refuse(v, "key_reused", "key: another improvement was made with it");
        return;
    }
    v->status = 200;
    if (v->action.has_effect) {
        improvement_visit_answer(v, improvement_write(&v->action, v->language));
    } else {
        improvement_visit_judge(v); /* the first one was not there for this */
    }
}

static void on_added(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct improvement_visit *v = ctx;

    (void)db;
    if (!improvement_visit_is_ok(v, reply)) {
        return;
    }
    if (db_row_count(reply->rows[0]) > 0) {
        v->action.id = db_get_int(reply->rows[0], 0, 0);
        improvement_visit_judge(v);
    } else {
        on_there(v, reply->rows[1]);
    }
}

static void add(void *ctx, struct db *db)
{
    struct improvement_visit *v = ctx;

    v->db = db;
    db_begin(db);
    improvement_store_add(db, &v->action);
    db_commit(db);
    db_run(db, on_added, v);
}

static void on_add(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    struct improvement_visit *v = improvement_visit_begin(ctx, request, exchange);
    struct err err = ERR_NONE;

    if (!v) {
        return;
    }
    v->status = 201;
    v->action = (struct improvement){
        .expectation = 1.0,
        .starts_on = IMPROVEMENT_NO_DAY,
        .ends_on = IMPROVEMENT_NO_DAY,
        .created_us = improvement_visit_now_us(v),
    };
    (void)text_copy(v->action.created_by, sizeof(v->action.created_by), v->user_name);
    if (improvement_read_key(v->json, &v->action, &err) < 0 ||
        improvement_read(v->json, &v->action, &err) < 0 ||
        improvement_check(&v->action, &err) < 0) {
        improvement_visit_refuse_err(v, &err);
    } else {
        improvement_visit_submit(v, add);
    }
}

/* ---- change */

static void on_changed(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct improvement_visit *v = ctx;

    (void)db;
    if (!improvement_visit_is_ok(v, reply)) {
        return;
    }
    if (db_get_bool(reply->rows[0], 0, 0)) {
        improvement_visit_judge(v);
    } else {
        improvement_visit_refuse(v, "changed_meanwhile",
                                 "somebody has changed it meanwhile; read it again");
    }
}

static void on_read_to_change(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct improvement_visit *v = ctx;
    struct err err = ERR_NONE;

    if (!improvement_visit_take_action(v, reply)) {
        return;
    }
    if (json_integer_value(json_object_get(v->json, "version")) != v->action.version) {
        improvement_visit_refuse(v, "changed_meanwhile",
                                 "version: it is not the one that was read");
    } else if (improvement_read(v->json, &v->action, &err) < 0 ||
               improvement_check(&v->action, &err) < 0) {
        improvement_visit_refuse_err(v, &err);
    } else {
        db_begin(db);
        improvement_store_change(db, &v->action);
        db_commit(db);
        db_run(db, on_changed, v);
    }
}

static void change(void *ctx, struct db *db)
{
    struct improvement_visit *v = ctx;

    v->db = db;
    improvement_store_ask_one(db, v->id);
    db_run(db, on_read_to_change, v);
}

static void on_change(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    struct improvement_visit *v = improvement_visit_begin(ctx, request, exchange);

    if (v && improvement_visit_take_id(v, request->rest)) {
        improvement_visit_submit(v, change);
    }
}

/* ---- life */

static void open_routes(struct improvement_desk *d)
{
    const struct web_route routes[] = {
        {.method = "GET",      .path = "/v1/improvements", .least = WEB_VIEWER,  .handler = on_list},
        {.method = "POST",     .path = "/v1/improvements", .least = WEB_MANAGER, .handler = on_add },
        {.method = "PATCH",
         .path = "/v1/improvements/",
         .is_prefix = true,
         .least = WEB_MANAGER,
         .handler = on_change},
        {.method = "POST",
         .path = "/v1/improvements/",
         .is_prefix = true,
         .suffix = "/announce",
         .least = WEB_MANAGER,
         .handler = improvement_on_announce},
        {.method = "POST",
         .path = "/v1/warnings/seen",
         .least = WEB_MANAGER,
         .handler = improvement_on_warning_seen                                     },
    };
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        struct web_route route = routes[i];
        route.ctx = d;
        web_door_add(d->reporting->door, &route);
    }
}

struct improvement_desk *improvement_desk_new(struct reporting *r, struct err *err)
{
    struct improvement_desk *d = xcalloc(1, sizeof(*d));

    d->reporting = r;
    d->zone = zone_open(r->settings->time_zone, err);
    bool has_key = !text_is_empty(r->settings->intake_key_file);
    d->records = d->zone && has_key ? record_desk_new(r, RECORDS_MAX, err) : NULL;
    if (!d->zone || (has_key && !d->records)) {
        improvement_desk_free(d);
        return NULL;
    }
    open_routes(d);
    return d;
}

void improvement_desk_free(struct improvement_desk *d)
{
    if (!d) {
        return;
    }
    for (struct improvement_visit *v = d->open, *next; v; v = next) {
        next = v->next;
        improvement_visit_drop(v);
    }
    record_desk_free(d->records);
    zone_free(d->zone);
    free(d);
}

size_t improvement_desk_open_count(const struct improvement_desk *d)
{
    return d ? d->open_count : 0;
}
