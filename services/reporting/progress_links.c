/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_links.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/reporting/progress_link_store.h"
#include "services/reporting/web_door.h"

enum {
    DAYS_MAX = 30,
    OPEN_MAX = 64,
};
_Static_assert((int)PROGRESS_LINK_TOKEN_SIZE == (int)PROGRESS_TOKEN_SIZE, "one token");

/* A request at the dashboard that waits for the database. */
struct linking {
    struct progress_links *links;
    struct http_exchange *exchange;
    struct progress_link_asked asked;
    int64_t now_us;
    char token[PROGRESS_TOKEN_SIZE];
    struct loop_timer *timer; /* while it waits for a connection */
    struct db *db;
    struct linking *prev, *next;
};

struct progress_links {
    struct reporting *reporting;
    struct linking *open;
    size_t open_count;
};

/* ---- what is asked, what comes of it */

int progress_link_read(const Troth__V1__ProgressLinkRequest *request,
                       struct progress_link_asked *ret, struct err *err)
{
    struct progress_link_asked asked = {.is_revoked = request->is_revoked};

    asked.days = request->has_days ? request->days : DAYS_MAX;
    if (text_is_empty(request->case_number) ||
        identifier_parse(IDENTIFIER_CASE, request->case_number, &asked.service_case, err) < 0) {
        return err_set_field(err, "case_unknown", "progress_link.case_number",
                             "this is not the number of a case: C-...");
    }
    if (asked.days < 1 || asked.days > DAYS_MAX) {
        return err_set_field(err, "request_invalid", "progress_link.days", "1 to %d", DAYS_MAX);
    }
    *ret = asked;
    return 0;
}

static int64_t expires_us(const struct progress_link_asked *asked, int64_t now_us)
{
    return now_us + asked->days * DURATION_DAY;
}

void progress_link_put(struct db *db, const struct progress_link_asked *asked, int64_t now_us,
                       char ret_token[PROGRESS_LINK_TOKEN_SIZE])
{
    struct progress_new_link link = {
        .service_case = asked->service_case,
        .created_by = asked->by,
        .now_us = now_us,
        .expires_us = expires_us(asked, now_us),
    };

    if (asked->is_revoked) {
        progress_link_store_revoke(db, asked->service_case, now_us);
        return;
    }
    progress_token_new(ret_token);
    (void)progress_token_hash(ret_token, link.hash);
    progress_link_store_put(db, &link);
}

Troth__V1__ProgressLink *progress_link_take(const struct db_rows *rows,
                                            const struct progress_link_asked *asked, int64_t now_us,
                                            const char *url, const char *token)
{
    size_t len = strlen(url);
    struct text whole = {0};

    if (db_row_count(rows) == 0) {
        return NULL;
    }
    Troth__V1__ProgressLink *made = xcalloc(1, sizeof(*made));
    troth__v1__progress_link__init(made);
    if (asked->is_revoked) {
        made->has_revoked = true;
        made->revoked = db_get_int(rows, 0, 0);
        return made;
    }
    text_appendf(&whole, "%.*s/%s", (int)(len > 0 && url[len - 1] == '/' ? len - 1 : len), url,
                 token);
    made->url = whole.data;
    made->has_expires_us = true;
    made->expires_us = expires_us(asked, now_us);
    return made;
}

/* ---- at the dashboard */

static void drop(struct linking *l)
{
    struct progress_links *links = l->links;

    db_pool_withdraw(links->reporting->service->db, l);
    if (l->db) {
        db_abandon(l->db);
    }
    loop_timer_free(l->timer);
    DL_DELETE(links->open, l);
    links->open_count--;
    explicit_bzero(l, sizeof(*l));
    free(l);
}

static void on_done(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct linking *l = ctx;
    const char *url = l->links->reporting->settings->progress_url;
    bool is_ok = reply->outcome == DB_OK;
    Troth__V1__ProgressLink *made =
        is_ok ? progress_link_take(reply->rows[0], &l->asked, l->now_us, url, l->token) : NULL;

    if (made) {
        log_info(l->asked.is_revoked ? "progress_links_revoked" : "progress_link_made",
                 LOG_INT("case", l->asked.service_case), LOG_TEXT("by", l->asked.by));
        web_answer_message(l->exchange, &made->base);
        troth__v1__progress_link__free_unpacked(made, NULL);
    } else if (is_ok) {
        web_answer_error(l->exchange, "case_unknown",
                         "there is no such case, or its customer is erased");
    } else {
        log_warning("progress_link_failed", LOG_ERR(&reply->err));
        web_answer_error(l->exchange, "unavailable", "the database did not answer: ask again");
    }
    l->db = NULL;
    db_release(db);
    drop(l);
}

static void on_late(void *ctx)
{
    struct linking *l = ctx;

    log_warning("progress_link_late", LOG_INT("case", l->asked.service_case));
    web_answer_error(l->exchange, "unavailable", "the database did not answer: ask again");
    drop(l);
}

static void work(void *ctx, struct db *db)
{
    struct linking *l = ctx;

    loop_timer_stop(l->timer);
    l->db = db;
    l->now_us = service_now_us(l->links->reporting->service);
    progress_link_put(db, &l->asked, l->now_us, l->token);
    db_run(db, on_done, l);
}

static void begin(struct progress_links *links, const struct web_request *request,
                  struct http_exchange *exchange, bool is_revoked)
{
    Troth__V1__ProgressLinkRequest asked = TROTH__V1__PROGRESS_LINK_REQUEST__INIT;
    struct progress_link_asked checked;
    struct err err = ERR_NONE;
    const json_t *days = request->json ? json_object_get(request->json, "days") : NULL;
    char number[IDENTIFIER_TEXT_SIZE];

    (void)text_copy(number, sizeof(number), request->rest);
    asked.case_number = number;
    asked.has_days = days != NULL;
    const json_int_t said = json_is_integer(days) ? json_integer_value(days) : 0;
    asked.days = said >= 1 && said <= DAYS_MAX ? (int32_t)said : 0;
    asked.is_revoked = is_revoked;
    if (progress_link_read(&asked, &checked, &err) < 0) {
        web_answer_error(exchange, err.code, err.text);
        return;
    }
    if (text_is_empty(links->reporting->settings->progress_url)) {
        web_answer_error(exchange, "request_invalid",
                         "there are no such pages: the setting progress_url is empty");
        return;
    }
    if (links->open_count >= OPEN_MAX) {
        web_answer_error(exchange, "unavailable", "too many at once: ask again");
        return;
    }
    struct linking *l = xcalloc(1, sizeof(*l));
    l->links = links;
    l->exchange = exchange;
    l->asked = checked;
    (void)text_copy(l->asked.by, sizeof(l->asked.by), request->user.name);
    DL_APPEND(links->open, l);
    links->open_count++;
    l->timer = loop_timer_new(links->reporting->service->loop, on_late, l);
    loop_timer_after(l->timer, links->reporting->settings->web_wait_us);
    db_pool_submit(links->reporting->service->db, work, l);
}

static void on_post(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    begin(ctx, request, exchange, false);
}

static void on_delete(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    begin(ctx, request, exchange, true);
}

struct progress_links *progress_links_new(struct reporting *r, struct web_door *door)
{
    struct progress_links *links = xcalloc(1, sizeof(*links));
    struct web_route route = {
        .method = "POST",
        .path = "/v1/cases/",
        .is_prefix = true,
        .suffix = "/link",
        .least = WEB_MANAGER,
        .handler = on_post,
        .ctx = links,
    };

    links->reporting = r;
    web_door_add(door, &route);
    route.method = "DELETE";
    route.handler = on_delete;
    web_door_add(door, &route);
    return links;
}

void progress_links_free(struct progress_links *links)
{
    if (links) {
        struct linking *l, *next;
        DL_FOREACH_SAFE(links->open, l, next)
        {
            drop(l);
        }
        free(links);
    }
}

size_t progress_links_open_count(const struct progress_links *links)
{
    return links ? links->open_count : 0;
}
