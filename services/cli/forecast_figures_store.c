/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/forecast_figures_store.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

static const struct db_query curves = {
    "forecast_figures_curves",
    "SELECT f.kind, f.owner_team, f.calendar, f.computed_at, f.past_cases, f.kept_cases,"
    "       f.known_us, s.counted_us, s.still_open, s.error"
    "  FROM intake.forecast_public AS f"
    "  LEFT JOIN LATERAL unnest(f.counted_us, f.still_open, f.error)"
    "         AS s (counted_us, still_open, error) ON true"
    " ORDER BY f.kind, f.owner_team, f.calendar, s.counted_us",
    DB_ROWS};

enum {
    CURVE_KIND = 0,
    CURVE_TEAM,
    CURVE_CALENDAR,
    CURVE_COMPUTED,
    CURVE_PAST,
    CURVE_KEPT,
    CURVE_KNOWN,
    CURVE_COUNTED, /* null: nothing was ever done */
    CURVE_OPEN,
    CURVE_ERROR,
};

static const struct db_query now = {"forecast_figures_now", "SELECT log.now()", DB_ONE};

/* A standard may be put back in force: the one used first is not the oldest one in use. */
static const struct db_query standard = {
    "forecast_figures_standard",
    "SELECT v.body FROM intake.standard_version_public AS v"
    " WHERE v.id = (SELECT c.standard_id FROM generate_series(0, 255) AS b (bucket)"
    "                CROSS JOIN LATERAL (SELECT c.standard_id, c.opened_at"
    "                                      FROM intake.service_case_public AS c"
    "                                     WHERE c.bucket = b.bucket::int2"
    "                                     ORDER BY c.number DESC LIMIT 1) AS c"
    "                ORDER BY c.opened_at DESC LIMIT 1)",
    DB_OPTIONAL};

/* A promise is judged once its time is over, also one that was kept early: those that are kept
 * would come first, and make any forecast look too low. States: 1 open, 2 at risk, 3 kept, 4 kept
 * late, 5 broken, 9 another date after the due time, which is a break, too. */
static const struct db_query outcomes = {
    "forecast_figures_outcomes",
    "WITH told AS ("
    " SELECT chance, state = 3 AS is_kept, clock_version = 1 AND state IN (3, 4, 5, 9) AS "
    "is_judged,"
    "        coalesce(due_at, settled_at) <= log.now() AND state NOT IN (1, 2) AS is_over"
    "   FROM intake.promise_public"
    "  WHERE bucket = $1 AND made_at >= $2 AND chance IS NOT NULL AND NOT is_void)"
    " SELECT least(floor(chance * 10), 9)::int4,"
    "        count(*) FILTER (WHERE is_judged AND is_over),"
    "        count(*) FILTER (WHERE is_judged AND is_over AND is_kept),"
    "        coalesce(sum(chance) FILTER (WHERE is_judged AND is_over), 0),"
    "        coalesce(sum((chance - is_kept::int) ^ 2) FILTER (WHERE is_judged AND is_over), 0),"
    "        count(*) FILTER (WHERE is_over IS NOT TRUE),"
    "        count(*) FILTER (WHERE is_over AND NOT is_judged)"
    "   FROM told GROUP BY 1",
    DB_ROWS};

/* The rows, or NULL with err. */
static const struct db_rows *ask(struct db *db, const struct db_query *q, struct db_params *p,
                                 struct err *err)
{
    db_query(db, q, p);
    if (p) {
        db_params_free(p);
    }
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return NULL;
    }
    return reply->rows[0];
}

static bool is_of(const struct forecast_figure *f, const struct db_rows *rows, size_t i)
{
    return strcmp(f->kind, db_get_text(rows, i, CURVE_KIND)) == 0 &&
           strcmp(f->owner_team, db_get_text(rows, i, CURVE_TEAM)) == 0 &&
           strcmp(f->calendar, db_get_text(rows, i, CURVE_CALENDAR)) == 0;
}

static struct forecast_figure *add_figure(struct forecast_figures *figures,
                                          const struct db_rows *rows, size_t i)
{
    figures->rows = xreallocarray(figures->rows, figures->count + 1, sizeof(*figures->rows));
    struct forecast_figure *f = &figures->rows[figures->count++];

    *f = (struct forecast_figure){
        .kind = xstrdup(db_get_text(rows, i, CURVE_KIND)),
        .owner_team = xstrdup(db_get_text(rows, i, CURVE_TEAM)),
        .calendar = xstrdup(db_get_text(rows, i, CURVE_CALENDAR)),
        .computed_us = db_get_time(rows, i, CURVE_COMPUTED),
        .past_cases = db_get_int(rows, i, CURVE_PAST),
        .kept_cases = db_get_int(rows, i, CURVE_KEPT),
        .known_us =
            db_is_null(rows, i, CURVE_KNOWN) ? SURVIVAL_NEVER : db_get_int(rows, i, CURVE_KNOWN),
    };
    return f;
}

int forecast_figures_store_read(struct db *db, struct forecast_figures *figures, struct err *err)
{
    const struct db_rows *rows = ask(db, &curves, NULL, err);
    struct forecast_figure *f = NULL;

    if (!rows) {
        return -1;
    }
    for (size_t i = 0; i < db_row_count(rows); i++) {
        if (!f || !is_of(f, rows, i)) {
            f = add_figure(figures, rows, i);
        }
        if (!db_is_null(rows, i, CURVE_COUNTED)) {
            f->steps = xreallocarray(f->steps, f->step_count + 1, sizeof(*f->steps));
            f->steps[f->step_count++] = (struct survival_step){
                .at_us = db_get_int(rows, i, CURVE_COUNTED),
                .open = db_get_float8(rows, i, CURVE_OPEN),
                .error = db_get_float8(rows, i, CURVE_ERROR),
            };
        }
    }
    return 0;
}

void forecast_figures_free(struct forecast_figures *figures)
{
    for (size_t i = 0; i < figures->count; i++) {
        free(figures->rows[i].kind);
        free(figures->rows[i].owner_team);
        free(figures->rows[i].calendar);
        free(figures->rows[i].steps);
    }
    free(figures->rows);
    *figures = (struct forecast_figures){.count = 0};
}

int forecast_figures_store_now(struct db *db, int64_t *ret_now_us, struct err *err)
{
    const struct db_rows *rows = ask(db, &now, NULL, err);

    if (!rows) {
        return -1;
    }
    *ret_now_us = db_get_time(rows, 0, 0);
    return 0;
}

int forecast_figures_store_standard(struct db *db, char **ret_text, struct err *err)
{
    const struct db_rows *rows = ask(db, &standard, NULL, err);

    if (!rows) {
        return -1;
    }
    *ret_text = db_row_count(rows) > 0 ? xstrdup(db_get_text(rows, 0, 0)) : NULL;
    return 0;
}

int forecast_figures_store_outcomes(struct db *db, int16_t bucket, int64_t since_us,
                                    struct calibration *c, struct err *err)
{
    struct db_params p = {0};

    db_put_int2(&p, bucket);
    db_put_time(&p, since_us);
    const struct db_rows *rows = ask(db, &outcomes, &p, err);
    if (!rows) {
        return -1;
    }
    for (size_t i = 0; i < db_row_count(rows); i++) {
        calibration_add(c, (int)db_get_int(rows, i, 0),
                        &(struct calibration_bin){
                            .count = db_get_int(rows, i, 1),
                            .kept = db_get_int(rows, i, 2),
                            .chances = db_get_float8(rows, i, 3),
                            .squares = db_get_float8(rows, i, 4),
                        });
        c->waiting += db_get_int(rows, i, 5);
        c->other += db_get_int(rows, i, 6);
    }
    return 0;
}
