/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worklist_leases.c - every ask_every: leases of our lanes that are over by the clock of the
 * database. The rows of order and follow-up decide what that means (followup_settle.c): whoever
 * accepts at the same instant is there first or too late.
 */
#include "services/followup/worklist_leases.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "services/followup/followup.h"
#include "services/followup/followup_fates.h"
#include "services/followup/followup_talk.h"
#include "services/followup/worklist_lease_store.h"

struct worklist_leases {
    struct followup *followup;
    struct followup_talk talk;
    struct loop_timer *timer;
};

static void end(const struct worklist_leases *l, const struct worklist_over *over)
{
    int64_t follow_up;
    int32_t attempt;
    struct err err = ERR_NONE;
    enum followup_fate_kind kind =
        over->was_accepted ? FOLLOWUP_FATE_UNKNOWN : FOLLOWUP_FATE_LEASE_OVER;
    if (followup_order_key_parse(over->key, &follow_up, &attempt, &err) < 0) {
        log_error("lease_unreadable", LOG_TEXT("order", over->key), LOG_ERR(&err));
        return;
    }
    followup_fates_add(l->followup->fates, followup_fate_new(follow_up, attempt, kind));
}

static void on_over(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct worklist_leases *l = ctx;
    (void)db;
    if (reply->outcome != DB_OK) {
        followup_log_failure(l->followup, "leases_failed", reply);
    } else {
        for (size_t i = 0; i < db_row_count(reply->rows[0]); i++) {
            struct worklist_over over;
            worklist_lease_store_get_over(reply->rows[0], i, &over);
            end(l, &over);
        }
    }
    followup_talk_end(&l->talk);
    loop_timer_after(l->timer, l->followup->settings->ask_every_us);
}

static void start(void *ctx, struct db *db)
{
    struct worklist_leases *l = ctx;
    struct db_array buckets;
    followup_list_buckets(l->followup, &buckets);
    worklist_lease_store_put_over(db, &buckets);
    db_array_free(&buckets);
    db_run(db, on_over, l);
}

static void look(void *ctx)
{
    struct worklist_leases *l = ctx;
    if (l->followup->is_draining || lease_held_count(l->followup->lanes) == 0) {
        loop_timer_after(l->timer, l->followup->settings->ask_every_us);
    } else {
        followup_talk_begin(&l->talk, start, l);
    }
}

struct worklist_leases *worklist_leases_new(struct followup *f)
{
    struct worklist_leases *l = xcalloc(1, sizeof(*l));
    l->followup = f;
    l->talk.pool = f->service->db;
    l->timer = loop_timer_new(f->service->loop, look, l);
    loop_timer_after(l->timer, f->settings->ask_every_us);
    return l;
}

void worklist_leases_free(struct worklist_leases *l)
{
    if (l) {
        followup_talk_close(&l->talk);
        loop_timer_free(l->timer);
        free(l);
    }
}
