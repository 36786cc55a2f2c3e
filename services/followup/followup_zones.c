/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_zones.c - one look:
 *
 * 1. which of our buckets have planned follow-ups of another release
 * 2. begin, fences, lock some of each of some buckets
 * 3. resolve, store, tell the steps, commit
 *
 * and again until a look finds none. A crash in between leaves the rest to the next look: what is
 * done has the new release.
 */
#include "services/followup/followup_zones.h"

#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/rulebook_due.h"
#include "services/followup/followup.h"
#include "services/followup/followup_claims.h"
#include "services/followup/followup_row_store.h"
#include "services/followup/followup_step_store.h"
#include "services/followup/followup_talk.h"
#include "services/followup/followup_zone_store.h"

#define LOOK_EVERY_US DURATION_H

enum {
    BUCKETS_MAX = 32, /* in one transaction, and so many rows of each */
    ROWS_MAX = 64,
};

struct followup_zones {
    struct followup *followup;
    struct followup_talk talk;
    struct loop_timer *timer;
    struct follow_up_list list;
    struct followup_step_list steps;
    int64_t resolved, moved, gone;             /* by the looks since the last report */
    int64_t new_resolved, new_moved, new_gone; /* by the transaction under way */
};

/* ---- one follow-up */

/* "zone 2025b->2026a +1h": the step's reason. */
static void tell_step(struct followup_step *step, const char *before, const char *after,
                      int64_t moved_us)
{
    char amount[DURATION_TEXT_SIZE];
    struct text reason = {.len = 0};

    text_appendf(&reason, "zone %s->%s %s%s", before, after, moved_us > 0 ? "+" : "",
                 duration_format(moved_us, amount));
    (void)text_copy(step->reason, sizeof(step->reason), reason.data);
    text_free(&reason);
}

enum followup_zone_change followup_zone_resolve(struct follow_up *f, struct zone_shelf *shelf,
                                                int64_t *ret_moved_us)
{
    const struct zone *zone = zone_shelf_find(shelf, f->zone);
    const int64_t moved_us = zone ? rulebook_due_resolve(f->local_due_us, zone) - f->due_us : 0;

    f->version++;
    (void)text_copy(f->zone_version, sizeof(f->zone_version), zone_shelf_version(shelf));
    *ret_moved_us = moved_us;
    if (moved_us == 0) {
        return zone ? FOLLOWUP_ZONE_SAME : FOLLOWUP_ZONE_GONE;
    }
    f->due_us += moved_us;
    f->window_end_us += moved_us;
    f->next_attempt_us += moved_us;
    return FOLLOWUP_ZONE_MOVED;
}

static void resolve(struct followup_zones *z, struct follow_up *f, int64_t now_us)
{
    char before[ZONE_VERSION_SIZE];
    int64_t moved_us;
    struct followup_step *step;

    (void)text_copy(before, sizeof(before), f->zone_version);
    z->new_resolved++;
    switch (followup_zone_resolve(f, z->followup->zone_shelf, &moved_us)) {
    case FOLLOWUP_ZONE_SAME:
        break;
    case FOLLOWUP_ZONE_GONE:
        z->new_gone++;
        log_warning("follow_up_zone_gone", LOG_INT("follow_up", f->number),
                    LOG_TEXT("zone", f->zone));
        break;
    case FOLLOWUP_ZONE_MOVED:
        z->new_moved++;
        step = followup_step_list_add(&z->steps, f, FOLLOWUP_STEP_MOVED, now_us);
        step->until_us = f->due_us;
        tell_step(step, before, f->zone_version, moved_us);
        break;
    }
}

/* ---- the look */

static void report(struct followup_zones *z)
{
    if (z->resolved > 0) {
        log_info("follow_up_zones",
                 LOG_TEXT("release", zone_shelf_version(z->followup->zone_shelf)),
                 LOG_INT("resolved", z->resolved), LOG_INT("moved", z->moved),
                 LOG_INT("zone_gone", z->gone));
    }
    z->resolved = z->moved = z->gone = 0;
}

static void end_look(struct followup_zones *z, int64_t again_us)
{
    followup_talk_end(&z->talk);
    loop_timer_after(z->timer, again_us);
}

static void on_committed(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_zones *z = ctx;

    (void)db;
    if (reply->outcome != DB_OK) {
        followup_log_failure(z->followup, "zones_failed", reply);
        end_look(z, z->followup->service->common->poll_us);
        return;
    }
    z->resolved += z->new_resolved;
    z->moved += z->new_moved;
    z->gone += z->new_gone;
    *z->followup->metrics.moved += z->new_moved;
    /* Without a row all are in somebody's hands for the moment. */
    end_look(z, z->new_resolved > 0 ? 0 : z->followup->service->common->poll_us);
    if (z->new_moved > 0) {
        followup_claims_wake(z->followup->claims);
    }
}

static void on_locked(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_zones *z = ctx;
    const int64_t now_us = service_now_us(z->followup->service);

    if (reply->outcome != DB_OK) {
        followup_log_failure(z->followup, "zones_failed", reply);
        end_look(z, z->followup->service->common->poll_us);
        return;
    }
    for (size_t s = 0; s < reply->count; s++) {
        for (size_t i = 0; i < db_row_count(reply->rows[s]); i++) {
            struct follow_up *f = follow_up_list_add(&z->list);

            followup_store_get(reply->rows[s], i, f);
            resolve(z, f, now_us);
        }
    }
    (void)followup_store_put_changes(db, &z->list, NULL);
    followup_step_store_put(db, &z->steps);
    db_commit(db);
    db_run(db, on_committed, z);
}

static void on_buckets(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct followup_zones *z = ctx;

    if (reply->outcome != DB_OK) {
        followup_log_failure(z->followup, "zones_failed", reply);
        end_look(z, z->followup->service->common->poll_us);
        return;
    }
    if (db_row_count(reply->rows[0]) == 0) {
        report(z);
        end_look(z, LOOK_EVERY_US);
        return;
    }
    db_begin(db);
    followup_put_fences(z->followup, db);
    for (size_t i = 0; i < db_row_count(reply->rows[0]); i++) {
        followup_zone_store_put_lock(db, followup_zone_store_get_bucket(reply->rows[0], i),
                                     zone_shelf_version(z->followup->zone_shelf), ROWS_MAX);
    }
    db_run(db, on_locked, z);
}

static void start(void *ctx, struct db *db)
{
    struct followup_zones *z = ctx;
    struct db_array buckets;

    follow_up_list_clear(&z->list);
    followup_step_list_clear(&z->steps);
    z->new_resolved = z->new_moved = z->new_gone = 0;
    followup_list_buckets(z->followup, &buckets);
    followup_zone_store_put_buckets(db, &buckets, zone_shelf_version(z->followup->zone_shelf),
                                    BUCKETS_MAX);
    db_array_free(&buckets);
    db_run(db, on_buckets, z);
}

static void look(void *ctx)
{
    struct followup_zones *z = ctx;
    struct followup *f = z->followup;

    if (z->talk.is_busy) {
        return;
    }
    if (zone_shelf_refresh(f->zone_shelf)) {
        log_info("zone_release", LOG_TEXT("release", zone_shelf_version(f->zone_shelf)));
    }
    if (f->is_draining || lease_held_count(f->lanes) == 0) {
        loop_timer_after(z->timer, LOOK_EVERY_US); /* woken when there is a lane */
        return;
    }
    followup_talk_begin(&z->talk, start, z);
}

/* ---- life */

struct followup_zones *followup_zones_new(struct followup *f)
{
    struct followup_zones *z = xcalloc(1, sizeof(*z));

    z->followup = f;
    z->talk.pool = f->service->db;
    z->timer = loop_timer_new(f->service->loop, look, z);
    loop_timer_after(z->timer, 0);
    return z;
}

void followup_zones_free(struct followup_zones *z)
{
    if (z) {
        followup_talk_close(&z->talk);
        loop_timer_free(z->timer);
        follow_up_list_free(&z->list);
        followup_step_list_free(&z->steps);
        free(z);
    }
}

void followup_zones_wake(struct followup_zones *z)
{
    if (!z->talk.is_busy) {
        loop_timer_after(z->timer, 0);
    }
}

bool followup_zones_is_busy(const struct followup_zones *z)
{
    return z->talk.is_busy;
}
