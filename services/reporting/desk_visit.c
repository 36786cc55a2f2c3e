/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/desk_visit.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

enum {
    OPEN_MAX = 64
};

const char *desk_language(const struct web_request *request)
{
    const char *asked = http_query(request->http, "language");
    const char *language = text_is_empty(asked) ? request->user.language : asked;

    return strncmp(language, "zh", 2) == 0 ? "zh-Hans" : "en";
}

static void on_late(void *ctx);

struct desk_visit *desk_visit_begin(struct desk *d, const struct web_request *request,
                                    struct http_exchange *exchange)
{
    struct desk_visit *v;

    if (d->reporting->service->is_draining) {
        web_answer_error(exchange, "stopping", "this process is about to stop: ask again");
        return NULL;
    }
    if (d->open_count >= OPEN_MAX) {
        web_answer_error(exchange, "unavailable", "too many questions at once: ask again");
        return NULL;
    }
    v = xcalloc(1, sizeof(*v));
    v->desk = d;
    v->exchange = exchange;
    v->user = request->user;
    v->language = desk_language(request);
    v->timer = loop_timer_new(d->reporting->service->loop, on_late, v);
    DL_APPEND(d->open, v);
    d->open_count++;
    return v;
}

static void forget_questions(struct desk_visit *v)
{
    struct desk *d = v->desk;

    for (size_t i = 0; i < DESK_PEERS; i++) {
        request_client_forget(d->peers[i].client, v);
    }
    web_personal_view_forget(d->door, v);
}

static void drop(struct desk_visit *v)
{
    struct desk *d = v->desk;

    if (v->free_data) {
        v->free_data(v->data);
    }
    json_decref(v->json);
    loop_timer_free(v->timer);
    DL_DELETE(d->open, v);
    d->open_count--;
    free(v);
}

/* For who is being freed: nobody is answered. */
static void abandon(struct desk_visit *v)
{
    db_pool_withdraw(v->desk->reporting->service->db, v);
    if (v->db) {
        db_abandon(v->db);
    }
    forget_questions(v);
    drop(v);
}

void desk_visit_abandon_all(struct desk *d)
{
    struct desk_visit *next;

    for (struct desk_visit *v = d->open; v; v = next) {
        next = v->next;
        abandon(v);
    }
}

/* ---- reading */

static void on_reply(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct desk_visit *v = ctx;
    bool goes_on = false;

    v->db = NULL;
    v->talk = db;
    v->goes_on = &goes_on;
    if (reply->outcome == DB_OK) {
        v->take(v, reply); /* v may be gone */
    } else {
        log_warning("desk_failed", LOG_ERR(&reply->err));
        desk_visit_fail(v, "unavailable", "the database did not answer: ask again");
    }
    if (!goes_on) {
        db_release(db);
    }
}

void desk_visit_read_on(struct desk_visit *v, desk_take_fn *take)
{
    *v->goes_on = true;
    v->db = v->talk;
    v->take = take;
    db_run(v->db, on_reply, v);
}

/* A connection that works has its own limit. */
static void on_late(void *ctx)
{
    struct desk_visit *v = ctx;

    db_pool_withdraw(v->desk->reporting->service->db, v);
    log_warning("desk_late", LOG_INT("case", v->service_case));
    desk_visit_fail(v, "unavailable", "the database did not answer: ask again");
}

static void start_reading(void *ctx, struct db *db)
{
    struct desk_visit *v = ctx;

    loop_timer_stop(v->timer);
    v->db = db;
    v->ask(v, db);
    db_run(db, on_reply, v);
}

void desk_visit_read(struct desk_visit *v, desk_ask_fn *ask, desk_take_fn *take)
{
    v->ask = ask;
    v->take = take;
    loop_timer_after(v->timer, v->desk->reporting->settings->web_wait_us);
    db_pool_submit(v->desk->reporting->service->db, start_reading, v);
}

/* ---- asking others */

static void on_got(void *ctx, const ProtobufCMessage *reply)
{
    struct desk_visit *v = ctx;

    v->got(v, reply);
}

char *desk_visit_id(struct desk_visit *v)
{
    request_client_make_id(v->request_id);
    return v->request_id;
}

void desk_visit_ask(struct desk_visit *v, const struct desk_question *question, desk_got_fn *got)
{
    const struct request_question q = {
        .message = question->message,
        .id = v->request_id,
        .wait_us = question->wait_us,
        .resend_us = question->resend_us,
        .done = on_got,
        .ctx = v,
    };

    const struct desk_peer *peer = &v->desk->peers[question->peer];

    v->got = got;
    v->trouble = peer->client ? peer->no_answer : peer->not_set_up;
    if (!peer->client || !request_client_ask(peer->client, &q)) {
        got(v, NULL);
    }
}

/* ---- personal data */

static void on_written(void *ctx, bool is_written)
{
    struct desk_visit *v = ctx;

    if (is_written) {
        v->next_step(v);
    } else {
        if (v->on_unwritten) {
            v->on_unwritten(v);
        }
        desk_visit_fail(v, "unavailable", "it could not be written down who looks: ask again");
    }
}

void desk_visit_personal(struct desk_visit *v, const char *what, const char *purpose,
                         desk_next_fn *next_step)
{
    const struct web_personal_view view = {
        .user = v->user.name,
        .what = what,
        .customer = v->customer,
        .service_case = v->service_case,
        .purpose = purpose,
    };

    v->next_step = next_step;
    web_personal_view(v->desk->door, &view, on_written, v);
}

/* ---- ends */

void desk_visit_answer(struct desk_visit *v, json_t *json)
{
    web_answer_json(v->exchange, 200, json);
    drop(v);
}

void desk_visit_answer_message(struct desk_visit *v, const ProtobufCMessage *message)
{
    web_answer_message(v->exchange, message);
    drop(v);
}

void desk_visit_fail(struct desk_visit *v, const char *code, const char *text)
{
    web_answer_error(v->exchange, code, text);
    drop(v);
}

void desk_visit_fail_as(struct desk_visit *v, int status, const char *code, const char *text)
{
    web_answer_json(v->exchange, status, json_pack("{ssss}", "code", code, "text", text));
    drop(v);
}
