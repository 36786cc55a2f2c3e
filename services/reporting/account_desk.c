/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/account_desk.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/account_work.h"
#include "services/reporting/session_store.h"

enum {
    OPEN_MAX = 64
};
#define WAIT_US       (10 * DURATION_S)
#define SWEEP_EACH_US (INT64_C(10) * 60 * DURATION_S)

/* ---- work */

static void drop(struct account_work *w)
{
    struct account_desk *d = w->desk;
    db_pool_withdraw(d->reporting->service->db, w);
    account_worker_forget(d->worker, w);
    if (w->db) {
        db_abandon(w->db);
    }
    DL_DELETE(d->open, w);
    d->count--;
    loop_timer_free(w->timer);
    explicit_bzero(w, sizeof(*w));
    free(w);
}

void account_work_respond(struct account_work *w, struct http_response *response)
{
    http_answer(w->exchange, response);
    drop(w);
}

void account_work_answer(struct account_work *w, int status, json_t *json)
{
    web_answer_json(w->exchange, status, json);
    drop(w);
}

void account_work_fail(struct account_work *w, const char *code, const char *text)
{
    web_answer_error(w->exchange, code, text);
    drop(w);
}

static void on_late(void *ctx)
{
    account_work_fail(ctx, "unavailable", "try again");
}

struct account_work *account_work_open(struct account_desk *d, const struct web_request *request,
                                       struct http_exchange *exchange)
{
    if (d->count >= OPEN_MAX) {
        web_answer_error(exchange, "unavailable", "too many of these at once: try again");
        return NULL;
    }
    struct account_work *w = xcalloc(1, sizeof(*w));
    w->desk = d;
    w->exchange = exchange;
    w->identity = *request->identity;
    w->is_disabled = -1;
    w->now_us = instant_now_us();
    w->timer = loop_timer_new(d->reporting->service->loop, on_late, w);
    loop_timer_after(w->timer, WAIT_US);
    DL_APPEND(d->open, w);
    d->count++;
    return w;
}

static void on_reply(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct account_work *w = ctx;
    w->db = NULL;
    if (reply->outcome == DB_OK) {
        w->take(w, reply);
    } else {
        log_warning("account_failed", LOG_ERR(&reply->err));
        account_work_fail(w, "unavailable", "try again");
    }
    db_release(db);
}

static void on_connection(void *ctx, struct db *db)
{
    struct account_work *w = ctx;
    w->db = db;
    w->put(w, db);
    db_run(db, on_reply, w);
}

void account_work_ask(struct account_work *w, account_put_fn *put, account_take_fn *take)
{
    w->put = put;
    w->take = take;
    db_pool_submit(w->desk->reporting->service->db, on_connection, w);
}

bool account_work_text(const json_t *json, const char *name, char *ret_text, size_t size,
                       bool *ret_has)
{
    const json_t *value = json_object_get(json, name);
    const char *text = json_string_value(value);
    *ret_has = value != NULL;
    ret_text[0] = '\0';
    return !value || (text && text_copy(ret_text, size, text));
}

/* ---- what is over */

static void on_swept(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct account_desk *d = ctx;
    if (reply->outcome != DB_OK) {
        log_warning("sessions_unswept", LOG_ERR(&reply->err));
    }
    d->sweep_db = NULL;
    db_release(db);
    loop_timer_after(d->sweep_timer, SWEEP_EACH_US);
}

static void sweep(void *ctx, struct db *db)
{
    struct account_desk *d = ctx;
    int64_t now_us = instant_now_us();
    d->sweep_db = db;
    session_store_put_sweep(db, now_us, d->reporting->settings->session_idle_us,
                            now_us - ACCOUNT_FORGOTTEN_US);
    db_run(db, on_swept, d);
}

static void on_sweep(void *ctx)
{
    struct account_desk *d = ctx;
    db_pool_submit(d->reporting->service->db, sweep, d);
}

/* ---- life */

/* method, path, whose prefix it is, who may, by whom it is answered */
static const struct {
    const char *method, *path;
    bool is_prefix;
    enum web_role least;
    web_handler_fn *handler;
} routes[] = {
    {"POST",   "/v1/session",          false, WEB_EVERYBODY, account_on_login   },
    {"GET",    "/v1/session",          false, WEB_EVERYBODY, account_on_session },
    {"DELETE", "/v1/session",          false, WEB_VIEWER,    account_on_logout  },
    {"PUT",    "/v1/session/language", false, WEB_VIEWER,    account_on_language},
    {"PUT",    "/v1/session/password", false, WEB_VIEWER,    account_on_password},
    {"GET",    "/v1/users",            false, WEB_ADMIN,     account_on_list    },
    {"POST",   "/v1/users",            false, WEB_ADMIN,     account_on_add     },
    {"PATCH",  "/v1/users/",           true,  WEB_ADMIN,     account_on_change  },
};

static void add_routes(struct account_desk *d, struct web_door *door)
{
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        web_door_add(door, &(struct web_route){.method = routes[i].method,
                                               .path = routes[i].path,
                                               .is_prefix = routes[i].is_prefix,
                                               .least = routes[i].least,
                                               .handler = routes[i].handler,
                                               .ctx = d});
    }
}

static void count_logins(struct account_desk *d)
{
    static const char name[] = "troth_reporting_logins_total";
    static const char help[] = "Tries to log in, and what became of them.";
    struct metrics *m = d->reporting->service->metrics;
    d->logins = metrics_counter(m, name, "result=\"right\"", help);
    d->failed = metrics_counter(m, name, "result=\"wrong\"", help);
    d->delayed = metrics_counter(m, name, "result=\"delayed\"", help);
}

struct account_desk *account_desk_new(struct reporting *r, struct web_door *door,
                                      const struct web_gate *gate, struct err *err)
{
    struct account_worker *worker = account_worker_new(r->service->loop, err);
    if (!worker) {
        return NULL;
    }
    struct account_desk *d = xcalloc(1, sizeof(*d));
    d->reporting = r;
    d->gate = gate;
    d->worker = worker;
    d->sweep_timer = loop_timer_new(r->service->loop, on_sweep, d);
    loop_timer_after(d->sweep_timer, SWEEP_EACH_US);
    count_logins(d);
    add_routes(d, door);
    return d;
}

void account_desk_free(struct account_desk *d)
{
    if (!d) {
        return;
    }
    for (struct account_work *w = d->open, *next; w; w = next) {
        next = w->next;
        drop(w);
    }
    db_pool_withdraw(d->reporting->service->db, d);
    if (d->sweep_db) {
        db_abandon(d->sweep_db);
    }
    loop_timer_free(d->sweep_timer);
    account_worker_free(d->worker);
    free(d);
}

size_t account_desk_open_count(const struct account_desk *d)
{
    return d->count;
}
