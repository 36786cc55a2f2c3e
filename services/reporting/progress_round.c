/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_round.c - one round:
 *
 * 1. new cases, now and then the record
 * 2. curves, and standards of the new cases that are not here yet
 * 3. their dates, as they were when they were opened
 *
 * A case that is done already when we come to it tells nothing any more, unless the curve was
 * computed before it was opened: it is written down as not known.
 */
#include "services/reporting/progress_round.h"

#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "services/reporting/progress_forecast_store.h"

#define FIRST_US  (DURATION_S / 5)
#define EVERY_US  (15 * DURATION_S)
#define MORE_US   (DURATION_S / 5) /* there may be more new cases */
#define RECORD_US (5 * DURATION_MIN)

enum {
    NEW_CASES = 0,
    RECORD, /* when it was asked */
};

struct new_case {
    int64_t number, opened_us;
    int32_t standard_id;
    bool is_open;
    char *owner_team, *rule, *branch;
};

struct progress_round {
    struct reporting *reporting;
    struct progress_standards *shelf;
    struct loop_timer *timer;
    struct progress_record record;
    int64_t record_at_us; /* monotonic; 0: never */
    struct db *db;        /* while it works for us */
    int64_t now_us;       /* of this round */
    bool has_record;      /* asked in this round */
    struct new_case cases[PROGRESS_ROUND_CASES];
    size_t case_count;
};

static void forget_cases(struct progress_round *r)
{
    for (size_t i = 0; i < r->case_count; i++) {
        free(r->cases[i].owner_team);
        free(r->cases[i].rule);
        free(r->cases[i].branch);
    }
    r->case_count = 0;
}

static void end(struct progress_round *r, struct db *db, int64_t next_us)
{
    r->db = NULL;
    db_release(db);
    forget_cases(r);
    loop_timer_after(r->timer, next_us);
}

/* Returns whether the step worked; otherwise the round has ended. */
static bool is_good(struct progress_round *r, struct db *db, const struct db_reply *reply)
{
    if (reply->outcome != DB_OK) {
        log_warning("progress_round_failed", LOG_ERR(&reply->err));
        end(r, db, EVERY_US);
        return false;
    }
    return true;
}

/* ---- 3 */

static void on_written(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct progress_round *r = ctx;

    if (is_good(r, db, reply)) {
        end(r, db, r->case_count == PROGRESS_ROUND_CASES ? MORE_US : EVERY_US);
    }
}

static void tell(struct progress_round *r, const struct db_rows *curves, const struct new_case *c,
                 struct progress_forecast_row *row)
{
    const struct calendar *calendar;
    struct progress_curve curve;
    struct survival_step *steps = NULL;
    int64_t computed_us = 0;

    *row = (struct progress_forecast_row){.service_case = c->number};
    if (progress_standards_calendar(r->shelf, c->standard_id, c->rule, c->branch, &calendar) &&
        progress_forecast_take_curve(curves, c->owner_team, calendar_name(calendar), &curve, &steps,
                                     &computed_us) &&
        (c->is_open || computed_us <= c->opened_us)) {
        row->is_known = progress_finish_ask(&curve, calendar, 0, c->opened_us, &row->finish);
    }
    free(steps);
}

static void write_down(struct progress_round *r, struct db *db, const struct db_rows *curves)
{
    struct progress_forecast_row *rows = xcalloc(r->case_count + 1, sizeof(*rows));

    for (size_t i = 0; i < r->case_count; i++) {
        tell(r, curves, &r->cases[i], &rows[i]);
    }
    progress_forecast_put(db, rows, r->case_count, r->now_us);
    free(rows);
    db_run(db, on_written, r);
}

/* ---- 2 */

static void on_standards(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct progress_round *r = ctx;

    if (!is_good(r, db, reply)) {
        return;
    }
    for (size_t i = 0; i < db_row_count(reply->rows[0]); i++) {
        progress_standards_add(r->shelf, (int32_t)db_get_int(reply->rows[0], i, 0),
                               db_get_text(reply->rows[0], i, 1));
    }
    write_down(r, db, reply->rows[1]);
}

static void ask_standards(struct progress_round *r, struct db *db)
{
    int32_t ids[PROGRESS_ROUND_CASES];
    size_t count = 0;

    for (size_t i = 0; i < r->case_count; i++) {
        if (!progress_standards_knows(r->shelf, r->cases[i].standard_id)) {
            ids[count++] = r->cases[i].standard_id;
        }
    }
    progress_forecast_put_standards(db, ids, count);
    progress_forecast_put_curves(db, NULL);
    db_run(db, on_standards, r);
}

/* ---- 1 */

static void take_cases(struct progress_round *r, const struct db_rows *rows)
{
    for (size_t i = 0; i < db_row_count(rows) && i < PROGRESS_ROUND_CASES; i++) {
        struct progress_new_case c;
        progress_forecast_take_new_case(rows, i, &c);
        r->cases[r->case_count++] = (struct new_case){
            .number = c.number,
            .opened_us = c.opened_us,
            .standard_id = c.standard_id,
            .is_open = c.is_open,
            .owner_team = xstrdup(c.owner_team),
            .rule = xstrdup(c.rule),
            .branch = xstrdup(c.branch),
        };
    }
}

static void on_read(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct progress_round *r = ctx;

    if (!is_good(r, db, reply)) {
        return;
    }
    take_cases(r, reply->rows[NEW_CASES]);
    if (r->has_record) {
        progress_forecast_take_record(reply->rows[RECORD], &r->record);
        r->record_at_us = instant_monotonic_us();
    }
    if (r->case_count > 0) {
        ask_standards(r, db);
    } else {
        end(r, db, EVERY_US);
    }
}

static void begin(void *ctx, struct db *db)
{
    struct progress_round *r = ctx;
    int64_t at_us = instant_monotonic_us();

    r->db = db;
    r->now_us = service_now_us(r->reporting->service);
    r->has_record = r->record_at_us == 0 || at_us - r->record_at_us >= RECORD_US;
    progress_forecast_put_new_cases(db, r->now_us);
    if (r->has_record) {
        progress_forecast_put_record(db, r->now_us);
    }
    db_run(db, on_read, r);
}

static void on_timer(void *ctx)
{
    struct progress_round *r = ctx;

    if (r->reporting->service->is_draining) {
        return;
    }
    db_pool_submit(r->reporting->service->db, begin, r);
}

struct progress_round *progress_round_new(struct reporting *reporting,
                                          struct progress_standards *shelf)
{
    struct progress_round *r = xcalloc(1, sizeof(*r));

    r->reporting = reporting;
    r->shelf = shelf;
    r->timer = loop_timer_new(reporting->service->loop, on_timer, r);
    loop_timer_after(r->timer, FIRST_US);
    return r;
}

void progress_round_free(struct progress_round *r)
{
    if (r) {
        db_pool_withdraw(r->reporting->service->db, r);
        if (r->db) {
            db_abandon(r->db);
        }
        loop_timer_free(r->timer);
        forget_cases(r);
        free(r);
    }
}

struct progress_record progress_round_record(const struct progress_round *r)
{
    return r->record;
}
