/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/web_views.h"

#include <stdlib.h>

#include <utlist.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "services/reporting/personal_view_store.h"

struct writing {
    struct web_views *views;
    char *user, *what, *purpose;
    struct web_personal_view view;
    web_personal_view_fn *done; /* NULL: forgotten; the row is written all the same */
    void *ctx;
    struct loop_timer *timer; /* while it waits for a connection */
    struct db *db;
    struct writing *prev, *next;
};

struct web_views {
    struct service *service;
    int64_t wait_us;
    struct writing *open;
    size_t count;
};

static void drop(struct writing *w)
{
    struct web_views *v = w->views;
    db_pool_withdraw(v->service->db, w);
    if (w->db) {
        db_abandon(w->db);
    }
    loop_timer_free(w->timer);
    DL_DELETE(v->open, w);
    v->count--;
    free(w->user);
    free(w->what);
    free(w->purpose);
    free(w);
}

static void on_written(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct writing *w = ctx;
    web_personal_view_fn *done = w->done;
    void *done_ctx = w->ctx;
    bool is_written = reply->outcome == DB_OK;
    if (!is_written) {
        log_error("personal_view_unwritten", LOG_ERR(&reply->err));
    }
    w->db = NULL;
    db_release(db);
    drop(w);
    if (done) {
        done(done_ctx, is_written);
    }
}

static void on_late(void *ctx)
{
    struct writing *w = ctx;
    web_personal_view_fn *done = w->done;
    void *done_ctx = w->ctx;
    log_error("personal_view_late", LOG_INT("customer", w->view.customer));
    drop(w);
    if (done) {
        done(done_ctx, false);
    }
}

static void write_row(void *ctx, struct db *db)
{
    struct writing *w = ctx;
    loop_timer_stop(w->timer);
    w->db = db;
    personal_view_store_put(db, &w->view, service_now_us(w->views->service));
    db_run(db, on_written, w);
}

void web_views_write(struct web_views *v, const struct web_personal_view *view,
                     web_personal_view_fn *done, void *ctx)
{
    struct writing *w = xcalloc(1, sizeof(*w));
    w->views = v;
    w->user = xstrdup(view->user);
    w->what = xstrdup(view->what);
    w->purpose = xstrdup(view->purpose);
    w->view = *view;
    w->view.user = w->user;
    w->view.what = w->what;
    w->view.purpose = w->purpose;
    w->done = done;
    w->ctx = ctx;
    DL_APPEND(v->open, w);
    v->count++;
    w->timer = loop_timer_new(v->service->loop, on_late, w);
    loop_timer_after(w->timer, v->wait_us);
    db_pool_submit(v->service->db, write_row, w);
}

void web_views_forget(struct web_views *v, const void *ctx)
{
    for (struct writing *w = v->open; w; w = w->next) {
        if (w->ctx == ctx) {
            w->done = NULL;
        }
    }
}

struct web_views *web_views_new(struct service *service, int64_t wait_us)
{
    struct web_views *v = xcalloc(1, sizeof(*v));
    v->service = service;
    v->wait_us = wait_us;
    return v;
}

void web_views_free(struct web_views *v)
{
    if (v) {
        for (struct writing *w = v->open, *next; w; w = next) {
            next = w->next;
            drop(w);
        }
        free(v);
    }
}

size_t web_views_open_count(const struct web_views *v)
{
    return v->count;
}
