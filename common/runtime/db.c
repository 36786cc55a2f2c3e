/* SPDX-License-Identifier: Apache-2.0 */
/* db.c - conversations and the pool they come from. */
#include "common/runtime/db.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/crash_point.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/runtime/db_private.h"

/* ---- one conversation */

/* Statements go to libpq's buffer at once. False: they cannot, and db_run() will say so. */
static bool is_sendable(struct db *db)
{
    if (!db->is_lent || db->state != DB_STEP_OPEN) {
        BUG("a statement on a connection that is not lent, or while a step runs");
    }
    if (db->link != DB_LINK_READY || db->is_loss_unreported) {
        db->step.is_sent_badly = true;
    }
    return !db->step.is_sent_badly;
}

static void send_command(struct db *db, enum db_item_kind kind, const char *sql)
{
    if (!is_sendable(db)) {
        return;
    }
    (void)db_step_add(db, kind, NULL);
    db->step.may_commit |= kind == DB_ITEM_COMMIT;
    if (PQsendQueryParams(db->conn, sql, 0, NULL, NULL, NULL, NULL, 0) != 1) {
        db->step.is_sent_badly = true;
    }
}

void db_begin(struct db *db)
{
    send_command(db, DB_ITEM_BEGIN, "BEGIN");
    db->is_in_transaction = true;
}

void db_commit(struct db *db)
{
    /* The statements leave without COMMIT: the server executes them, and finds nobody there. */
    CRASH_POINT_AFTER(PQflush(db->conn), "db.commit.asked");
    send_command(db, DB_ITEM_COMMIT, "COMMIT");
    db->is_in_transaction = false;
}

void db_rollback(struct db *db)
{
    send_command(db, DB_ITEM_ROLLBACK, "ROLLBACK");
    db->is_in_transaction = false;
}

void db_query(struct db *db, const struct db_query *q, const struct db_params *p)
{
    struct db_arguments a;
    if (!is_sendable(db)) {
        return;
    }
    db_params_arguments(p, &a);
    db->step.may_commit |= !db->is_in_transaction;
    if (!db_link_is_prepared(db, q, &a)) {
        (void)db_step_add(db, DB_ITEM_PREPARE, q);
        db_link_add_prepared(db, q, &a);
        if (PQsendPrepare(db->conn, q->name, q->sql, a.count, a.types) != 1) {
            db->step.is_sent_badly = true;
            return;
        }
    }
    (void)db_step_add(db, DB_ITEM_QUERY, q);
    if (PQsendQueryPrepared(db->conn, q->name, a.count, a.values, a.lengths, a.formats, 1) != 1) {
        db->step.is_sent_badly = true;
    }
}

void db_run(struct db *db, db_done_fn *done, void *ctx)
{
    bool is_sent = is_sendable(db);
    db->done = done;
    db->done_ctx = ctx;
    db->state = DB_STEP_RUNNING;
    if (is_sent && PQpipelineSync(db->conn) == 1 && db_link_flush(db)) {
        loop_timer_after(db->timer, db->pool->deadline_us);
        return;
    }
    if (db->link == DB_LINK_READY && !db->is_loss_unreported) {
        db_link_lose(db, PQerrorMessage(db->conn));
    } else {
        db_step_lose(db, db->pool->last_err.code[0] ? db->pool->last_err.text
                                                    : "the connection was lost");
    }
    db->is_loss_unreported = false;
}

void db_release(struct db *db)
{
    if (!db->is_lent || db->state != DB_STEP_OPEN || db->step.count > 0 || db->is_in_transaction) {
        BUG("db_release() in the middle of a step or transaction");
    }
    db->is_lent = false;
    db->is_loss_unreported = false;
    db_step_clear(&db->step);
    db_pool_dispatch_soon(db->pool);
}

void db_abandon(struct db *db)
{
    loop_timer_stop(db->report);
    db->state = DB_STEP_OPEN;
    db->is_in_transaction = false;
    db_step_clear(&db->step);
    if (db->link == DB_LINK_READY) {
        db_link_lose(db, "the work on it was abandoned");
    }
    db_release(db);
}

/* ---- the pool */

static bool is_free(const struct db *db)
{
    return db->link == DB_LINK_READY && !db->is_lent;
}

void db_pool_dispatch_soon(struct db_pool *p)
{
    if (p->waiting_first < p->waiting_end) {
        loop_timer_after(p->dispatch, 0);
    }
}

static void dispatch(void *ctx)
{
    struct db_pool *p = ctx;
    for (size_t i = 0; i < p->count && p->waiting_first < p->waiting_end; i++) {
        if (is_free(&p->all[i])) {
            struct db_waiting next = p->waiting[p->waiting_first++];
            p->all[i].is_lent = true;
            next.start(next.ctx, &p->all[i]);
        }
    }
}

static void on_timer(void *ctx)
{
    struct db *db = ctx;
    switch (db->link) {
    case DB_LINK_CLOSED:
        db_link_open(db);
        break;
    case DB_LINK_CONNECTING:
        db_link_give_up(db);
        break;
    case DB_LINK_READY:
        db_link_lose(db, "no answer within the deadline");
        break;
    }
}

struct db_pool *db_pool_new(struct loop *loop, const struct db_pool_options *options)
{
    if (options->size < 1 || options->size > DB_POOL_MAX) {
        BUG("size of a db_pool out of range");
    }
    struct db_pool *p = xcalloc(1, sizeof(*p));
    p->loop = loop;
    p->name = xstrdup(options->name);
    p->deadline_us = options->deadline_us > 0 ? options->deadline_us : DB_DEADLINE_US;
    db_link_configure(p, options->conninfo, options->settings);
    p->dispatch = loop_timer_new(loop, dispatch, p);
    p->count = options->size;
    p->all = xcalloc(p->count, sizeof(*p->all));
    for (size_t i = 0; i < p->count; i++) {
        struct db *db = &p->all[i];
        db->pool = p;
        db->link = DB_LINK_CLOSED;
        db->state = DB_STEP_OPEN;
        db->watched_fd = -1;
        db->timer = loop_timer_new(loop, on_timer, db);
        db->report = loop_timer_new(loop, db_step_report_lost, db);
        loop_timer_after(db->timer, 0);
    }
    return p;
}

void db_pool_free(struct db_pool *p)
{
    if (!p) {
        return;
    }
    for (size_t i = 0; i < p->count; i++) {
        struct db *db = &p->all[i];
        db_link_close(db);
        db_step_clear(&db->step);
        db_step_clear(&db->finished);
        free(db->prepared);
        loop_timer_free(db->timer);
        loop_timer_free(db->report);
    }
    loop_timer_free(p->dispatch);
    db_link_forget(p);
    free(p->waiting);
    free(p->all);
    free(p->name);
    free(p);
}

void db_pool_submit(struct db_pool *p, db_start_fn *start, void *ctx)
{
    if (p->waiting_first == p->waiting_end) {
        p->waiting_first = 0;
        p->waiting_end = 0;
    }
    if (p->waiting_end == p->waiting_capacity) {
        size_t count = p->waiting_end - p->waiting_first;
        if (p->waiting_first > 0) {
            memmove(p->waiting, p->waiting + p->waiting_first, count * sizeof(*p->waiting));
        }
        p->waiting_first = 0;
        p->waiting_end = count;
        if (2 * count >= p->waiting_capacity) {
            p->waiting_capacity = p->waiting_capacity ? 2 * p->waiting_capacity : 16;
            p->waiting = xreallocarray(p->waiting, p->waiting_capacity, sizeof(*p->waiting));
        }
    }
    p->waiting[p->waiting_end++] = (struct db_waiting){.start = start, .ctx = ctx};
    loop_timer_after(p->dispatch, 0);
}

void db_pool_submit_first(struct db_pool *p, db_start_fn *start, void *ctx)
{
    db_pool_submit(p, start, ctx); /* makes room */
    struct db_waiting *first = p->waiting + p->waiting_first;
    struct db_waiting added = p->waiting[p->waiting_end - 1];
    memmove(first + 1, first, (p->waiting_end - 1 - p->waiting_first) * sizeof(*first));
    *first = added;
}

void db_pool_withdraw(struct db_pool *p, const void *ctx)
{
    size_t end = p->waiting_first;
    for (size_t i = p->waiting_first; i < p->waiting_end; i++) {
        if (p->waiting[i].ctx != ctx) {
            p->waiting[end++] = p->waiting[i];
        }
    }
    p->waiting_end = end;
}

bool db_pool_has_idle(const struct db_pool *p)
{
    if (p->waiting_first < p->waiting_end) {
        return false;
    }
    for (size_t i = 0; i < p->count; i++) {
        if (is_free(&p->all[i])) {
            return true;
        }
    }
    return false;
}

struct db_pool_usage db_pool_usage(const struct db_pool *p)
{
    struct db_pool_usage usage = {.size = p->count, .waiting = p->waiting_end - p->waiting_first};
    for (size_t i = 0; i < p->count; i++) {
        usage.open += p->all[i].link == DB_LINK_READY;
        usage.used += p->all[i].is_lent;
    }
    return usage;
}

int64_t db_pool_last_success_us(const struct db_pool *p)
{
    return p->last_success_us;
}

/* ---- waiting */

static void lend(void *ctx, struct db *db)
{
    struct db **ret_db = ctx;
    *ret_db = db;
}

struct db *db_pool_wait(struct db_pool *p, int64_t timeout_us, struct err *err)
{
    struct db *db = NULL;
    int64_t end_us = instant_monotonic_us() + timeout_us;
    db_pool_submit(p, lend, &db);
    for (int64_t left_us = timeout_us; !db && left_us > 0;
         left_us = end_us - instant_monotonic_us()) {
        loop_turn(p->loop, left_us);
    }
    if (!db) {
        db_pool_withdraw(p, &db);
        err_set(err, "db_unavailable", "%s",
                p->last_err.code[0] ? p->last_err.text : "no connection became free");
    }
    return db;
}

static void keep_reply(void *ctx, struct db *db, const struct db_reply *reply)
{
    bool *ret_is_done = ctx;
    (void)reply; /* it stands in db */
    *ret_is_done = true;
    db->is_kept = true;
}

const struct db_reply *db_run_wait(struct db *db)
{
    bool is_done = false;
    db_run(db, keep_reply, &is_done);
    while (!is_done) {
        loop_turn(db->pool->loop, db->pool->deadline_us);
    }
    return &db->reply;
}
