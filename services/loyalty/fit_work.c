/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/fit_work.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/base/duration.h"
#include "common/domain/identifier.h"
#include "services/loyalty/fit_write_store.h"
#include "services/loyalty/loyalty_settings.h"

#define CONNECT_US (10 * DURATION_S)

enum {
    TRIES_MAX = 20
};

int fit_work_open(struct fit_work *w, struct service *s, struct err *err)
{
    *w = (struct fit_work){.service = s, .began_us = service_now_us(s)};
    if (loyalty_settings_policy(s->settings, &w->policy, err) < 0) {
        return -1;
    }
    w->db = db_pool_wait(s->db, CONNECT_US, err);
    return w->db ? 0 : -1;
}

void fit_work_close(struct fit_work *w)
{
    if (w->db) {
        db_release(w->db);
        w->db = NULL;
    }
}

const struct db_reply *fit_work_run(struct fit_work *w, fit_work_queue_fn *queue, const void *what,
                                    struct err *err)
{
    for (int tries = 1;; tries++) {
        queue(w->db, what);
        const struct db_reply *reply = db_run_wait(w->db);
        if (reply->outcome == DB_OK) {
            return reply;
        }
        bool may_work = reply->outcome == DB_RETRY || reply->outcome == DB_CONFLICT;
        if (!may_work || tries == TRIES_MAX || w->service->is_draining) {
            *err = reply->err;
            return NULL;
        }
    }
}

struct bucket_question {
    void (*queue)(struct db *db, int16_t bucket);
    int16_t bucket;
};

static void queue_bucket(struct db *db, const void *what)
{
    const struct bucket_question *q = what;
    q->queue(db, q->bucket);
}

int fit_work_buckets(struct fit_work *w, void (*queue)(struct db *db, int16_t bucket),
                     fit_work_rows_fn *take, void *ctx, struct err *err)
{
    struct bucket_question q = {.queue = queue};
    for (; q.bucket < BUCKET_COUNT && !w->service->is_draining; q.bucket++) {
        const struct db_reply *reply = fit_work_run(w, queue_bucket, &q, err);
        if (!reply || take(ctx, q.bucket, reply->rows[0], err) < 0) {
            return -1;
        }
    }
    return 0;
}

static void queue_bound(struct db *db, const void *what)
{
    fit_read_bound(db, what);
}

int fit_work_next_slice(struct fit_work *w, struct fit_slice *slice, bool *ret_is_end,
                        struct err *err)
{
    slice->after = slice->upto;
    *ret_is_end = slice->after == INT64_MAX;
    if (*ret_is_end) {
        return 0;
    }
    const struct db_reply *reply = fit_work_run(w, queue_bound, slice, err);
    if (!reply) {
        return -1;
    }
    slice->upto = db_row_count(reply->rows[0]) > 0 ? db_get_int(reply->rows[0], 0, 0) : INT64_MAX;
    return 0;
}

/* ---- results */

/* The service would refuse it: better here, where somebody reads why. */
static void check(struct fit_row *row)
{
    struct fit_set set = fit_set_none;
    struct text parameters = {0};
    struct err err = ERR_NONE;
    fit_set_write(&row->set, row->model, &parameters);
    if (row->is_converged && fit_set_take(&set, 1, row->model, parameters.data, &err) < 0) {
        fit_row_refuse(row, "%s", err.text);
    }
    text_free(&parameters);
}

struct written_rows {
    const struct fit_row *rows;
    size_t count;
    int64_t fitted_us;
};

static void queue_rows(struct db *db, const void *what)
{
    const struct written_rows *written = what;
    db_begin(db);
    for (size_t i = 0; i < written->count; i++) {
        fit_write_row(db, &written->rows[i], written->fitted_us);
    }
    db_commit(db);
}

int fit_work_store(struct fit_work *w, struct fit_row *rows, size_t count, struct err *err)
{
    const struct written_rows written = {.rows = rows, .count = count, .fitted_us = w->began_us};
    for (size_t i = 0; i < count; i++) {
        check(&rows[i]);
    }
    const struct db_reply *reply = fit_work_run(w, queue_rows, &written, err);
    for (size_t i = 0; reply && i < count; i++) {
        const struct fit_row *row = &rows[i];
        (void)printf("%s: fit %" PRId64 " on %" PRId64 " observations, %s%s\n",
                     fit_model_name(row->model), db_get_int(reply->rows[i], 0, 0),
                     row->observations,
                     row->is_in_force ? "in force from now on" : "not put in force: ",
                     row->is_in_force ? "" : row->why_not);
    }
    return reply ? 0 : -1;
}

int fit_work_stopped(void)
{
    (void)printf("stopped before the end; start it again\n");
    return -1;
}
