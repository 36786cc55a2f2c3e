/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/improvement_visit.h"

#include <stdlib.h>

#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/improvement_store.h"
#include "services/reporting/night_task.h"
#include "services/reporting/report_frame.h"
#include "services/reporting/report_store.h"

enum {
    OPEN_MAX = 64
};

int64_t improvement_visit_now_us(const struct improvement_visit *v)
{
    return service_now_us(v->desk->reporting->service);
}

void improvement_visit_drop(struct improvement_visit *v)
{
    struct improvement_desk *d = v->desk;

    db_pool_withdraw(d->reporting->service->db, v);
    if (v->db) {
        db_abandon(v->db);
    }
    if (d->records) {
        record_desk_withdraw(d->records, v);
    }
    loop_timer_free(v->timer);
    json_decref(v->json);
    DL_DELETE(d->open, v);
    d->open_count--;
    free(v);
}

void improvement_visit_release(struct improvement_visit *v)
{
    if (v->db) {
        db_release(v->db);
        v->db = NULL;
    }
}

void improvement_visit_refuse(struct improvement_visit *v, const char *code, const char *text)
{
    web_answer_error(v->exchange, code, text);
    improvement_visit_release(v);
    improvement_visit_drop(v);
}

void improvement_visit_refuse_err(struct improvement_visit *v, const struct err *err)
{
    struct text text = {0};

    text_appendf(&text, "%s%s%s", err->field, err->field[0] ? ": " : "", err->text);
    improvement_visit_refuse(v, err->code, text_or_empty(&text));
    text_free(&text);
}

void improvement_visit_answer(struct improvement_visit *v, json_t *json)
{
    web_answer_json(v->exchange, v->status, json);
    improvement_visit_release(v);
    improvement_visit_drop(v);
}

bool improvement_visit_is_ok(struct improvement_visit *v, const struct db_reply *reply)
{
    if (reply->outcome == DB_OK) {
        return true;
    }
    log_warning("improvement_failed", LOG_TEXT("sqlstate", reply->sqlstate), LOG_ERR(&reply->err));
    improvement_visit_refuse(v, "unavailable", "the database could not be asked; try again");
    return false;
}

/* A step may be under way: its session is given up. */
static void on_late(void *ctx)
{
    struct improvement_visit *v = ctx;

    web_answer_error(v->exchange, "unavailable", "it took too long; ask again");
    improvement_visit_drop(v);
}

struct improvement_visit *improvement_visit_begin(struct improvement_desk *d,
                                                  const struct web_request *request,
                                                  struct http_exchange *exchange)
{
    const char *language = http_query(request->http, "language");

    if (d->open_count >= OPEN_MAX) {
        web_answer_error(exchange, "unavailable", "too many requests wait");
        return NULL;
    }
    struct improvement_visit *v = xcalloc(1, sizeof(*v));
    v->desk = d;
    v->exchange = exchange;
    v->status = 200;
    v->language = report_language_of(language ? language : request->user.language);
    v->user = request->user.id;
    (void)text_copy(v->user_name, sizeof(v->user_name), request->user.name);
    v->json = json_deep_copy(request->json);
    v->timer = loop_timer_new(d->reporting->service->loop, on_late, v);
    loop_timer_after(v->timer, v->desk->reporting->settings->web_wait_us);
    DL_APPEND(d->open, v);
    d->open_count++;
    return v;
}

void improvement_visit_submit(struct improvement_visit *v, db_start_fn *start)
{
    db_pool_submit(v->desk->reporting->service->db, start, v);
}

bool improvement_visit_take_id(struct improvement_visit *v, const char *rest)
{
    if (text_to_int64(rest, 1, INT64_MAX, &v->id) < 0) {
        improvement_visit_refuse(v, "improvement_unknown", "there is none with this number");
        return false;
    }
    return true;
}

bool improvement_visit_take_action(struct improvement_visit *v, const struct db_reply *reply)
{
    if (!improvement_visit_is_ok(v, reply)) {
        return false;
    }
    if (db_row_count(reply->rows[0]) == 0) {
        improvement_visit_refuse(v, "improvement_unknown", "there is none with this number");
        return false;
    }
    improvement_store_take(reply->rows[0], 0, &v->action);
    return true;
}

/* ---- the end of add, change and announce: how it stands now */

static void on_shown(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct improvement_visit *v = ctx;

    (void)db;
    if (improvement_visit_take_action(v, reply)) {
        improvement_visit_answer(v, improvement_write(&v->action, v->language));
    }
}

void improvement_visit_show(struct improvement_visit *v)
{
    improvement_store_ask_one(v->db, v->action.id);
    db_run(v->db, on_shown, v);
}

static void on_judged(void *ctx, struct db *db, const struct db_reply *reply)
{
    (void)db;
    if (improvement_visit_is_ok(ctx, reply)) {
        improvement_visit_show(ctx);
    }
}

static void on_facts(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct improvement_visit *v = ctx;

    if (!improvement_visit_is_ok(v, reply)) {
        return;
    }
    v->effect = effect_store_take(&reply->rows[REPORT_STORE_FIRST], &v->action, &v->window);
    db_begin(db);
    improvement_store_put_effect(db, v->action.id, &v->effect, improvement_visit_now_us(v));
    db_commit(db);
    db_run(db, on_judged, v);
}

void improvement_visit_judge(struct improvement_visit *v)
{
    const struct night_world world = {.zone = v->desk->zone};
    int64_t today = report_day_at(v->desk->zone, improvement_visit_now_us(v));

    v->window = effect_window_of(&v->action, today - 1);
    report_store_begin(v->db);
    effect_store_ask(v->db, &v->action, &v->window, &world);
    db_commit(v->db);
    db_run(v->db, on_facts, v);
}
