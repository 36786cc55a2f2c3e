/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/desk_changes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/desk_store.h"
#include "services/reporting/web_answer.h"

enum {
    WAITERS_MAX = 192, /* of the 256 connections there are; the others are for questions */
    MAKING_ROOM_S = 30,
    TOKEN_SIZE = 48
};
#define WAIT_US  (25 * DURATION_S)
#define EVERY_US DURATION_S

struct waiter {
    struct http_exchange *exchange;
    struct desk_marks since; /* what the page knows of */
    int64_t until_us;        /* monotonic */
    struct waiter *prev, *next;
};

struct desk_changes {
    struct reporting *reporting;
    struct loop_timer *timer;
    struct waiter *waiters; /* the oldest first */
    size_t count;
    int64_t *waiting_pages; /* the same, as a metric */
    int64_t *turned_away;
    struct db *db; /* while the marks are read */
    bool is_asking;
    bool is_known;
    bool is_ending;
    struct desk_marks marks;
    int64_t read_us; /* monotonic: when they were */
};

/* ---- tokens */

static void format_token(const struct desk_marks *marks, char ret_token[TOKEN_SIZE])
{
    (void)text_format(ret_token, TOKEN_SIZE, "%" PRId64 ".%" PRId64, marks->figures,
                      marks->notices);
}

static bool parse_token(const char *text, struct desk_marks *ret_marks)
{
    char figures[TOKEN_SIZE];
    const char *dot = text ? strchr(text, '.') : NULL;

    if (!dot || (size_t)(dot - text) >= sizeof(figures)) {
        return false;
    }
    (void)text_format(figures, sizeof(figures), "%.*s", (int)(dot - text), text);
    return text_to_int64(figures, INT64_MIN, INT64_MAX, &ret_marks->figures) == 0 &&
           text_to_int64(dot + 1, INT64_MIN, INT64_MAX, &ret_marks->notices) == 0;
}

/* ---- answers */

/* What a person has to look at changes with both. */
static json_t *changed_since(const struct desk_marks *since, const struct desk_marks *now)
{
    json_t *changed = json_array();

    if (since->figures != now->figures) {
        (void)json_array_append_new(changed, json_string("figures"));
    }
    if (since->figures != now->figures || since->notices != now->notices) {
        (void)json_array_append_new(changed, json_string("today"));
    }
    return changed;
}

static void answer(struct http_exchange *exchange, const struct desk_marks *since,
                   const struct desk_marks *now, int64_t retry_after_s)
{
    struct http_response r;
    char token[TOKEN_SIZE];
    json_t *json;

    format_token(now, token);
    json = json_pack("{ssso}", "token", token, "changed", changed_since(since, now));
    if (retry_after_s > 0) {
        (void)json_object_set_new(json, "retry_after_s", json_integer(retry_after_s));
    }
    web_json_response(200, json, &r);
    r.retry_after_s = retry_after_s;
    http_answer(exchange, &r);
}

static void end(struct desk_changes *c, struct waiter *w, int64_t retry_after_s)
{
    answer(w->exchange, &w->since, c->is_known ? &c->marks : &w->since, retry_after_s);
    DL_DELETE(c->waiters, w);
    *c->waiting_pages = (int64_t)--c->count;
    free(w);
}

static bool has_changed(const struct desk_changes *c, const struct waiter *w)
{
    return c->is_known &&
           (w->since.figures != c->marks.figures || w->since.notices != c->marks.notices);
}

static void answer_who_may(struct desk_changes *c)
{
    const int64_t now_us = instant_monotonic_us();
    struct waiter *next;

    for (struct waiter *w = c->waiters; w; w = next) {
        next = w->next;
        if (c->is_ending || has_changed(c, w) || w->until_us <= now_us) {
            end(c, w, 0);
        }
    }
}

/* ---- looking */

static void look_again(struct desk_changes *c)
{
    if (!loop_timer_is_armed(c->timer)) {
        const int64_t due_us = c->read_us + EVERY_US - instant_monotonic_us();

        loop_timer_after(c->timer, c->is_known && due_us > 0 ? due_us : 0);
    }
}

/* A look that failed is as good as one that found nothing: there is the next one. */
static void on_marks(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct desk_changes *c = ctx;

    c->db = NULL;
    c->is_asking = false;
    c->read_us = instant_monotonic_us();
    if (reply->outcome == DB_OK) {
        desk_store_take_marks(reply->rows[0], &c->marks);
        c->is_known = true;
    } else {
        log_warning("changes_failed", LOG_ERR(&reply->err));
    }
    db_release(db);
    answer_who_may(c);
}

static void start(void *ctx, struct db *db)
{
    struct desk_changes *c = ctx;

    c->db = db;
    desk_store_put_marks(db);
    db_run(db, on_marks, c);
}

static void look(void *ctx)
{
    struct desk_changes *c = ctx;

    answer_who_may(c); /* also while the database is away */
    if (!c->waiters) {
        return;
    }
    if (!c->is_asking) {
        c->is_asking = true;
        db_pool_submit(c->reporting->service->db, start, c);
    }
    loop_timer_after(c->timer, EVERY_US);
}

/* ---- the route */

static void on_get(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    struct desk_changes *c = ctx;
    struct desk_marks since = {.figures = -1, .notices = -1}; /* knows nothing */
    const char *token = http_query(request->http, "since");
    struct waiter *w;

    if (!text_is_empty(token) && !parse_token(token, &since)) {
        web_answer_error(exchange, "request_invalid", "since is the token of the answer before");
        return;
    }
    if (c->is_ending) {
        answer(exchange, &since, c->is_known ? &c->marks : &since, 0);
        return;
    }
    if (c->count == WAITERS_MAX) {
        (*c->turned_away)++;
        end(c, c->waiters, MAKING_ROOM_S); /* who asks at once would turn the next one away */
    }
    w = xcalloc(1, sizeof(*w));
    w->exchange = exchange;
    w->since = since;
    w->until_us = instant_monotonic_us() + WAIT_US;
    DL_APPEND(c->waiters, w);
    *c->waiting_pages = (int64_t)++c->count;
    look_again(c);
}

/* ---- life */

struct desk_changes *desk_changes_new(struct reporting *r, struct web_door *door)
{
    struct desk_changes *c = xcalloc(1, sizeof(*c));
    const struct web_route route = {
        .method = "GET",
        .path = "/v1/changes",
        .is_quiet = true,
        .least = WEB_VIEWER,
        .handler = on_get,
        .ctx = c,
    };

    c->reporting = r;
    c->waiting_pages = metrics_gauge(r->service->metrics, "troth_reporting_waiting_pages", NULL,
                                     "Pages of the dashboard that wait for changes.");
    c->turned_away = metrics_counter(r->service->metrics, "troth_reporting_pages_turned_away_total",
                                     NULL, "Pages that were told to wait because too many do.");
    c->timer = loop_timer_new(r->service->loop, look, c);
    web_door_add(door, &route);
    return c;
}

void desk_changes_free(struct desk_changes *c)
{
    if (c) {
        struct waiter *next;

        for (struct waiter *w = c->waiters; w; w = next) {
            next = w->next;
            free(w);
        }
        db_pool_withdraw(c->reporting->service->db, c);
        if (c->db) {
            db_abandon(c->db);
        }
        loop_timer_free(c->timer);
        free(c);
    }
}

void desk_changes_drain(struct desk_changes *c)
{
    if (c) {
        c->is_ending = true;
        answer_who_may(c);
    }
}
