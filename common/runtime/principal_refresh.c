/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/principal_refresh.h"

#include <stdlib.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/runtime/source_store.h"

struct principal_refresh {
    struct db_pool *pool;
    struct principal_table *table;
    struct loop_timer *timer;
    struct db *db;          /* of the conversation under way */
    bool is_asking;         /* it is under way or waits for its connection */
    bool is_forced;         /* read the sources whatever the revision says */
    bool is_failing;        /* said so in the log */
    int64_t revision;       /* of the copy; -1: not known */
    int64_t fresh_revision; /* that the answer under way has */
    int64_t asked_us;
    uint32_t watched; /* rights whose loss is told */
    void (*lost)(void *ctx);
    void *lost_ctx;
    int64_t *reads_counter, *failure_counter;
};

static void end(struct principal_refresh *r)
{
    db_release(r->db);
    r->db = NULL;
    r->is_asking = false;
}

/* Said once, when it begins: the connection says in the log what is wrong with it. What is there
 * afterwards may be another database, whose revisions say nothing about ours. */
static void fail(struct principal_refresh *r, const struct err *err)
{
    (*r->failure_counter)++;
    if (!r->is_failing) {
        log_warning("principals_unread", LOG_ERR(err));
    }
    r->is_failing = true;
    r->revision = -1;
    end(r);
}

/* What the answers say was true when they were asked for. */
static void succeed(struct principal_refresh *r)
{
    if (r->is_failing) {
        log_info("principals_read_again", LOG_END);
    }
    r->is_failing = false;
    principal_table_set_checked(r->table, r->asked_us);
    end(r);
}

static void on_list(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct principal_refresh *r = ctx;
    struct principal *list;
    size_t count;
    struct err err = ERR_NONE;
    (void)db;
    if (reply->outcome != DB_OK) {
        fail(r, &reply->err);
        return;
    }
    if (source_store_read_list(reply->rows[0], &list, &count, &err) < 0) {
        fail(r, &err);
        return;
    }
    const bool is_lost = r->lost && principal_table_would_lose(r->table, list, count, r->watched);
    principal_table_replace(r->table, list, count);
    source_store_free_list(list, count);
    (*r->reads_counter)++;
    r->revision = r->fresh_revision;
    log_info("principals_reloaded", LOG_INT("count", count), LOG_INT("revision", r->revision));
    succeed(r);
    if (is_lost) {
        r->lost(r->lost_ctx);
    }
}

/* The list is read after the revision, so it is at least as new; what came in between is read once
 * more at the next look. */
static void on_revision(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct principal_refresh *r = ctx;
    if (reply->outcome != DB_OK) {
        fail(r, &reply->err);
        return;
    }
    r->fresh_revision = source_store_read_revision(reply->rows[0]);
    if (r->fresh_revision == r->revision && !r->is_forced) {
        succeed(r);
        return;
    }
    r->is_forced = false;
    source_store_put_list(db);
    db_run(db, on_list, r);
}

static void ask(void *ctx, struct db *db)
{
    struct principal_refresh *r = ctx;
    r->db = db;
    r->asked_us = instant_monotonic_us();
    source_store_put_revision(db);
    db_run(db, on_revision, r);
}

static void on_timer(void *ctx)
{
    struct principal_refresh *r = ctx;
    loop_timer_after(r->timer, PRINCIPAL_REFRESH_EVERY_US);
    if (!r->is_asking) {
        r->is_asking = true;
        db_pool_submit(r->pool, ask, r);
    }
}

struct principal_refresh *principal_refresh_new(struct loop *loop, struct db_pool *pool,
                                                struct principal_table *table,
                                                struct metrics *metrics)
{
    struct principal_refresh *r = xcalloc(1, sizeof(*r));
    r->pool = pool;
    r->table = table;
    r->revision = -1;
    r->reads_counter = metrics_counter(metrics, "troth_principals_reads_total", NULL,
                                       "Times the list of who may connect was read anew.");
    r->failure_counter =
        metrics_counter(metrics, "troth_principals_failures_total", NULL,
                        "Looks at the list of who may connect that were not answered.");
    r->timer = loop_timer_new(loop, on_timer, r);
    loop_timer_after(r->timer, 0);
    return r;
}

void principal_refresh_free(struct principal_refresh *r)
{
    if (r) {
        if (r->db) {
            db_abandon(r->db);
        } else {
            db_pool_withdraw(r->pool, r);
        }
        loop_timer_free(r->timer);
        free(r);
    }
}

void principal_refresh_on_loss(struct principal_refresh *r, uint32_t rights,
                               void (*lost)(void *ctx), void *ctx)
{
    r->watched = rights;
    r->lost = lost;
    r->lost_ctx = ctx;
}

void principal_refresh_now(struct principal_refresh *r)
{
    r->is_forced = true;
    loop_timer_after(r->timer, 0);
}
