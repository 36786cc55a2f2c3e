/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_talk.h"

#include <stddef.h>

#include "common/base/log.h"

static void on_connection(void *ctx, struct db *db)
{
    struct followup_talk *t = ctx;
    t->db = db;
    t->start(t->ctx, db);
}

void followup_talk_begin(struct followup_talk *t, db_start_fn *start, void *ctx)
{
    if (t->is_busy) {
        BUG("two conversations at once");
    }
    t->is_busy = true;
    t->start = start;
    t->ctx = ctx;
    db_pool_submit(t->pool, on_connection, t);
}

void followup_talk_end(struct followup_talk *t)
{
    struct db *db = t->db;
    t->db = NULL;
    t->is_busy = false;
    db_release(db);
}

void followup_talk_close(struct followup_talk *t)
{
    db_pool_withdraw(t->pool, t);
    if (t->db) {
        db_abandon(t->db);
    }
    t->db = NULL;
    t->is_busy = false;
}
