/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/forecast_round.h"

#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/intake/forecast_pool.h"
#include "services/intake/forecast_store.h"

#define PAST_US       (365 * DURATION_DAY) /* older promises say little about the company of today */
#define SLICE_US      (20 * DURATION_MS)   /* below: more buckets in the next slice */
#define SLICE_LONG_US (100 * DURATION_MS)  /* above: fewer */

enum {
    CURVES_AT_ONCE = 4, /* a full one takes two milliseconds, in which nothing else happens */
};

struct forecast_round {
    struct forecast *forecast;
    const struct standard_shelf *shelf;

    struct forecast_pool *pool; /* NULL: nothing is computed */
    struct forecast_slice slice;
    int width;          /* buckets in a slice */
    bool is_writing;    /* all is read */
    bool is_committing; /* all is queued */
    size_t next_curve;

    struct forecast *fresh; /* what was read or computed so far; NULL: nothing was */
    struct forecast_page page;
    int64_t in_force_us; /* when those in force were computed; DB_NO_TIME: none are */
    int64_t reading_us;
    size_t reading_count;
};

struct forecast_round *forecast_round_new(struct forecast *forecast,
                                          const struct standard_shelf *shelf)
{
    struct forecast_round *r = xcalloc(1, sizeof(*r));
    r->forecast = forecast;
    r->shelf = shelf;
    r->in_force_us = DB_NO_TIME;
    return r;
}

static void end_reading(struct forecast_round *r)
{
    forecast_free(r->fresh);
    r->fresh = NULL;
    forecast_page_free(&r->page);
}

static void end_computing(struct forecast_round *r)
{
    end_reading(r);
    forecast_pool_free(r->pool);
    r->pool = NULL;
}

void forecast_round_free(struct forecast_round *r)
{
    if (r) {
        end_computing(r);
        end_reading(r);
        free(r);
    }
}

/* ---- computing */

static void aim(struct forecast_round *r, int first_bucket)
{
    int last = first_bucket + r->width - 1;
    r->slice.first_bucket = first_bucket;
    r->slice.last_bucket = last < BUCKET_COUNT ? last : BUCKET_COUNT - 1;
}

void forecast_round_begin(struct forecast_round *r, int64_t now_us)
{
    end_computing(r);
    r->pool = forecast_pool_new();
    r->slice = (struct forecast_slice){.since_us = now_us - PAST_US, .now_us = now_us};
    r->width = 1;
    r->is_writing = false;
    aim(r, 0);
}

static void put_in_force(struct forecast_round *r, int64_t computed_us)
{
    const size_t groups = forecast_count(r->fresh);
    forecast_replace(r->forecast, r->fresh);
    r->fresh = NULL;
    r->in_force_us = groups > 0 ? computed_us : DB_NO_TIME; /* as forecast_store_look() sees it */
    log_info("forecasts_in_force", LOG_INT("groups", groups));
}

/* The next curves; after the last one COMMIT. Should that fail, the next look finds older ones. */
static void queue_curves(struct forecast_round *r, struct db *db)
{
    const size_t count = forecast_pool_count(r->pool);
    for (int i = 0; i < CURVES_AT_ONCE && r->next_curve < count; i++) {
        struct forecast_curve curve;
        forecast_pool_curve(r->pool, r->next_curve++, &curve);
        forecast_store_write(db, &curve, r->slice.now_us);
        forecast_add(r->fresh, &curve);
    }
    if (r->next_curve == count) {
        put_in_force(r, r->slice.now_us);
        db_commit(db);
        r->is_committing = true;
    }
}

void forecast_round_queue(struct forecast_round *r, struct db *db)
{
    if (!r->is_writing) {
        forecast_store_read_past(db, &r->slice);
        return;
    }
    r->next_curve = 0;
    r->is_committing = false;
    end_reading(r);
    r->fresh = forecast_new();
    db_begin(db);
    forecast_store_clear(db);
    queue_curves(r, db);
}

static enum forecast_next take_past(struct forecast_round *r, const struct db_reply *reply,
                                    int64_t took_us)
{
    const int next = r->slice.last_bucket + 1;
    forecast_store_load_past(reply->rows[0], reply->rows[1], &r->slice, r->shelf, r->pool);
    if (took_us < SLICE_US) {
        r->width = 2 * r->width < BUCKET_COUNT ? 2 * r->width : BUCKET_COUNT;
    } else if (took_us > SLICE_LONG_US && r->width > 1) {
        r->width /= 2;
    }
    r->is_writing = next == BUCKET_COUNT;
    aim(r, next);
    return FORECAST_AGAIN;
}

enum forecast_next forecast_round_take(struct forecast_round *r, struct db *db,
                                       const struct db_reply *reply, int64_t took_us)
{
    if (!r->is_writing) {
        return take_past(r, reply, took_us);
    }
    if (!r->is_committing) {
        queue_curves(r, db);
        return FORECAST_GO_ON;
    }
    log_info("forecasts_computed", LOG_INT("groups", forecast_pool_count(r->pool)),
             LOG_INT("as_of_us", r->slice.now_us));
    end_computing(r);
    return FORECAST_FINISHED;
}

/* ---- taking over */

void forecast_round_queue_reading(struct forecast_round *r, struct db *db)
{
    end_reading(r);
    forecast_store_look(db);
}

/* True: they are others than those in force. */
static bool is_worth_reading(struct forecast_round *r, const struct db_rows *rows)
{
    r->reading_us = db_get_time(rows, 0, 0);
    r->reading_count = (size_t)db_get_int(rows, 0, 1);
    return r->reading_us != r->in_force_us;
}

/* Fewer than there should be: they were replaced meanwhile, and the next look sees the new ones. */
static void take_over(struct forecast_round *r)
{
    if (forecast_count(r->fresh) == r->reading_count) {
        put_in_force(r, r->reading_us);
    }
}

enum forecast_next forecast_round_take_reading(struct forecast_round *r, struct db *db,
                                               const struct db_reply *reply)
{
    if (!r->fresh) {
        if (!is_worth_reading(r, reply->rows[0])) {
            return FORECAST_FINISHED;
        }
        r->fresh = forecast_new();
    } else if (forecast_store_load(reply->rows[0], r->fresh, &r->page) == 0) {
        take_over(r);
        end_reading(r);
        return FORECAST_FINISHED;
    }
    forecast_store_read(db, r->reading_us, &r->page);
    return FORECAST_GO_ON;
}
