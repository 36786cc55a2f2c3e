/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/gauge_watch.h"

#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

#define DEADLINE_US (2 * DURATION_S)

enum {
    LABEL_MAX = 64,
};

struct gauge_watch {
    const struct service *service;
    const struct gauge_question *questions;
    bool (*is_ours)(const void *ctx);
    const void *ctx;
    struct db_pool *pool;
    struct loop_timer *timer;
    struct db_params params;
    bool is_asking;  /* or waits for its connection */
    bool is_failing; /* said so in the log */
    size_t at;       /* the question that is asked */
    bool has_failed; /* one of this round */
    int64_t *read_at, *failures;
    char *name;
};

/* ---- numbers */

static int64_t *number_of(struct metrics *m, const struct gauge_column *c, const char *labels)
{
    if (c->is_counter) {
        return c->is_micro ? metrics_counter_micro(m, c->name, labels, c->help)
                           : metrics_counter(m, c->name, labels, c->help);
    }
    return c->is_micro ? metrics_gauge_micro(m, c->name, labels, c->help)
                       : metrics_gauge(m, c->name, labels, c->help);
}

static size_t column_count(const struct gauge_question *q)
{
    size_t count = 0;
    while (count < GAUGE_COLUMNS_MAX && q->columns[count].name) {
        count++;
    }
    return count;
}

static void forget(const struct gauge_watch *w, const struct gauge_question *q)
{
    for (size_t i = 0; i < column_count(q); i++) {
        metrics_forget(w->service->metrics, q->columns[i].name);
    }
}

static void forget_all(const struct gauge_watch *w)
{
    for (const struct gauge_question *q = w->questions; q->query; q++) {
        forget(w, q);
    }
    *w->read_at = METRICS_NONE;
}

/* So that each name is there from the start, with its help, also before the first answer. */
static void declare(const struct gauge_watch *w)
{
    for (const struct gauge_question *q = w->questions; q->query; q++) {
        for (size_t i = 0; i < column_count(q); i++) {
            *number_of(w->service->metrics, &q->columns[i], NULL) = METRICS_NONE;
        }
    }
}

/* Quotes, backslashes and what is no letter would end or bend the line. */
static void make_labels(const char *label, const char *value, char ret_labels[2 * LABEL_MAX])
{
    char clean[LABEL_MAX];
    (void)text_copy(clean, sizeof(clean), value);
    for (char *c = clean; *c; c++) {
        if (*c == '"' || *c == '\\' || (unsigned char)*c < 0x20) {
            *c = '_';
        }
    }
    (void)text_format(ret_labels, (size_t)2 * LABEL_MAX, "%s=\"%s\"", label, clean);
}

static void take_rows(const struct gauge_watch *w, const struct gauge_question *q,
                      const struct db_rows *rows)
{
    const int first = q->label ? 1 : 0;
    forget(w, q);
    for (size_t row = 0; row < db_row_count(rows); row++) {
        char labels[2 * LABEL_MAX] = "";
        if (q->label) {
            make_labels(q->label, db_get_text(rows, row, 0), labels);
        }
        for (size_t i = 0; i < column_count(q); i++) {
            const int column = first + (int)i;
            *number_of(w->service->metrics, &q->columns[i], labels) =
                db_is_null(rows, row, column) ? METRICS_NONE : db_get_int(rows, row, column);
        }
    }
}

/* ---- a round */

static void ask(struct gauge_watch *w, struct db *db);

static void end_round(struct gauge_watch *w, struct db *db)
{
    w->is_asking = false;
    w->is_failing = w->has_failed;
    if (!w->has_failed) {
        *w->read_at = instant_now_us();
    }
    db_release(db);
}

static void on_answer(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct gauge_watch *w = ctx;
    const struct gauge_question *q = &w->questions[w->at++];
    if (reply->outcome == DB_OK) {
        take_rows(w, q, reply->rows[0]);
    } else {
        forget(w, q);
        (*w->failures)++;
        if (!w->is_failing) {
            log_warning("watch_unread", LOG_TEXT("sqlstate", reply->sqlstate),
                        LOG_ERR(&reply->err));
        }
        w->has_failed = w->is_failing = true;
    }
    ask(w, db);
}

static void ask(struct gauge_watch *w, struct db *db)
{
    const struct gauge_question *q = &w->questions[w->at];
    if (!q->query) {
        end_round(w, db);
        return;
    }
    db_params_clear(&w->params);
    if (q->wants_now) {
        db_put_time(&w->params, service_now_us(w->service));
    }
    db_query(db, q->query, &w->params);
    db_run(db, on_answer, w);
}

static void start(void *ctx, struct db *db)
{
    struct gauge_watch *w = ctx;
    w->at = 0;
    w->has_failed = false;
    ask(w, db);
}

static void on_timer(void *ctx)
{
    struct gauge_watch *w = ctx;
    loop_timer_after(w->timer, w->service->common->watch_us);
    /* An answer that has not come by now would be told as if it were new. */
    if (w->is_asking || (w->is_ours && !w->is_ours(w->ctx))) {
        forget_all(w);
    } else {
        w->is_asking = true;
        db_pool_submit(w->pool, start, w);
    }
}

/* ---- life */

struct gauge_watch *gauge_watch_new(const struct service *s, const struct gauge_question *questions,
                                    bool (*is_ours)(const void *ctx), const void *ctx)
{
    struct gauge_watch *w = xcalloc(1, sizeof(*w));
    char name[64];
    (void)text_format(name, sizeof(name), "troth-%s-watch", s->name);
    w->service = s;
    w->questions = questions;
    w->is_ours = is_ours;
    w->ctx = ctx;
    w->name = xstrdup(name);
    w->read_at = metrics_gauge_micro(s->metrics, "troth_watch_last_read_timestamp_seconds", NULL,
                                     "When ages of queues were last read from the database.");
    *w->read_at = METRICS_NONE;
    w->failures = metrics_counter(s->metrics, "troth_watch_failures_total", NULL,
                                  "Questions for ages of queues that were not answered.");
    declare(w);
    w->pool = db_pool_new(s->loop, &(struct db_pool_options){
                                       .conninfo = s->common->database,
                                       .name = w->name,
                                       .size = 1,
                                       .deadline_us = DEADLINE_US,
                                   });
    w->timer = loop_timer_new(s->loop, on_timer, w);
    loop_timer_after(w->timer, 0);
    return w;
}

void gauge_watch_free(struct gauge_watch *w)
{
    if (w) {
        loop_timer_free(w->timer);
        db_pool_free(w->pool);
        db_params_free(&w->params);
        free(w->name);
        free(w);
    }
}
