/* SPDX-License-Identifier: Apache-2.0 */
/*
 * overview_store.c - counts cost days x branches; durations cost the cases of the range, because
 * percentiles are exact.
 *
 * The question comes three times: for everything, per day, per branch. Rows are the newest days and
 * the branches with most cases, one more than are shown, so that the answer knows whether something
 * was left out.
 */
#include "services/reporting/overview_store.h"

#include <math.h>

#include "common/base/text.h"
#include "services/reporting/report_store.h"

/* $1 and $2: first and last day, $3: branch; null: all. */
#define RANGE                                                                                      \
    " f.day >= coalesce(CAST($1::text AS date), '-infinity')"                                      \
    " AND f.day <= coalesce(CAST($2::text AS date), 'infinity')"                                   \
    " AND ($3::text IS NULL OR f.branch = $3)"

#define DAYS              ", min(f.day) AS first_day, max(f.day) AS last_day"
#define COUNT_OF(measure) ", sum(f.count) FILTER (WHERE f.measure = '" #measure "') AS " #measure
#define SUM_OF(measure)                                                                            \
    ", sum(f.sum) FILTER (WHERE f.measure = '" #measure "')"                                       \
    " AS " #measure "_sum"
#define FIRST_RESPONSES " FILTER (WHERE f.measure = 'first_response')"

/* The key of daily_fact begins with the lane: named, all of them, so that the index serves the
 * range of days. */
/* The formatter would run the lines together. */
/* clang-format off */
#define FIGURES(key)                                                                               \
    "WITH counted AS (SELECT " key " AS key" DAYS                                                  \
    COUNT_OF(cases) COUNT_OF(promises_made) COUNT_OF(promises_kept) COUNT_OF(promises_broken)      \
    COUNT_OF(promises_waived) COUNT_OF(promises_renegotiated)                                      \
    COUNT_OF(calls_placed) COUNT_OF(calls_reached) COUNT_OF(follow_ups_planned)                    \
    COUNT_OF(purchases) COUNT_OF(csat) SUM_OF(csat) COUNT_OF(nps) SUM_OF(nps)                      \
    " FROM reporting.daily_fact AS f"                                                              \
    " WHERE f.lane IN (0, 1, 2, 3, 4, 5, 6, 7) AND" RANGE " GROUP BY 1),"                          \
    " measured AS (SELECT " key " AS key" DAYS                                                     \
    ", count(*)" FIRST_RESPONSES " AS first_responses"                                             \
    ", percentile_cont(0.5) WITHIN GROUP (ORDER BY f.value_us)" FIRST_RESPONSES " AS median"       \
    ", percentile_cont(0.9) WITHIN GROUP (ORDER BY f.value_us)" FIRST_RESPONSES " AS p90"          \
    ", count(*) FILTER (WHERE f.measure = 'resolution') AS resolved"                               \
    " FROM reporting.duration_fact AS f"                                                           \
    " WHERE f.value_us IS NOT NULL AND f.measure IN ('first_response', 'resolution')"              \
    " AND" RANGE " GROUP BY 1)"                                                                    \
    " SELECT key, least(c.first_day, m.first_day)::text, greatest(c.last_day, m.last_day)::text,"  \
    " c.cases::int8, c.promises_made::int8, c.promises_kept::int8, c.promises_broken::int8,"       \
    " c.calls_placed::int8, c.calls_reached::int8, c.follow_ups_planned::int8,"                    \
    " c.purchases::int8, c.csat::int8, c.csat_sum::int8, c.nps::int8, c.nps_sum::int8,"            \
    " m.first_responses, m.median, m.p90, m.resolved, c.promises_waived::int8,"                    \
    " c.promises_renegotiated::int8"                                                               \
    " FROM counted AS c FULL JOIN measured AS m USING (key)"
/* clang-format on */

#define DAY_ROWS    " ORDER BY key DESC LIMIT 367"
#define BRANCH_ROWS " ORDER BY coalesce(c.cases, 0) DESC, key LIMIT 201"

static const struct db_query figures[OVERVIEW_LIST_COUNT] = {
    [OVERVIEW_TOTAL] = {"overview_total",      FIGURES("''::text"),             DB_OPTIONAL},
    [OVERVIEW_PER_DAY] = {"overview_per_day",    FIGURES("f.day::text") DAY_ROWS, DB_ROWS    },
    [OVERVIEW_PER_BRANCH] = {"overview_per_branch", FIGURES("f.branch") BRANCH_ROWS, DB_ROWS    },
};
_Static_assert(OVERVIEW_DAYS_MAX == 366 && OVERVIEW_BRANCHES_MAX == 200, "one more is read");

static const struct db_query events_behind = {
    .name = "overview_events_behind",
    .sql = "SELECT " REPORT_STORE_BEHIND("'reporting'", "'intake', 'followup', 'loyalty'"),
    .shape = DB_ONE,
};

void overview_store_ask(struct db *db, const struct report_question *question)
{
    struct db_params params = {.count = 0};

    report_store_begin(db);
    db_put_text(&params, text_is_empty(question->from_day) ? NULL : question->from_day);
    db_put_text(&params, text_is_empty(question->to_day) ? NULL : question->to_day);
    db_put_text(&params, text_is_empty(question->branch) ? NULL : question->branch);
    for (int i = 0; i < OVERVIEW_LIST_COUNT; i++) {
        db_query(db, &figures[i], &params);
    }
    db_query(db, &events_behind, NULL);
    db_commit(db);
    db_params_free(&params);
}

static void take_row(const struct db_rows *rows, size_t row, struct overview_figures *f)
{
    (void)text_copy(f->first_day, sizeof(f->first_day), db_get_text(rows, row, 1));
    (void)text_copy(f->last_day, sizeof(f->last_day), db_get_text(rows, row, 2));
    f->cases = db_get_int(rows, row, 3);
    f->promises_made = db_get_int(rows, row, 4);
    f->promises_kept = db_get_int(rows, row, 5);
    f->promises_broken = db_get_int(rows, row, 6);
    f->calls_placed = db_get_int(rows, row, 7);
    f->calls_reached = db_get_int(rows, row, 8);
    f->follow_ups_planned = db_get_int(rows, row, 9);
    f->purchases = db_get_int(rows, row, 10);
    f->csat_count = db_get_int(rows, row, 11);
    f->csat_sum = db_get_int(rows, row, 12);
    f->nps_count = db_get_int(rows, row, 13);
    f->nps_net = db_get_int(rows, row, 14);
    f->first_responses = db_get_int(rows, row, 15);
    f->has_first_response = !db_is_null(rows, row, 16);
    if (f->has_first_response) {
        f->first_response_median_us = llround(db_get_float8(rows, row, 16));
        f->first_response_p90_us = llround(db_get_float8(rows, row, 17));
    }
    f->resolved = db_get_int(rows, row, 18);
    f->promises_waived = db_get_int(rows, row, 19);
    f->promises_renegotiated = db_get_int(rows, row, 20);
}

void overview_store_take(const struct db_reply *reply, struct overview *ret_overview)
{
    for (int i = 0; i < OVERVIEW_LIST_COUNT; i++) {
        const struct db_rows *rows = reply->rows[REPORT_STORE_FIRST + i];
        for (size_t row = 0; row < db_row_count(rows); row++) {
            const char *key = db_get_text(rows, row, 0);
            take_row(rows, row, overview_add(ret_overview, (enum overview_list)i, key));
        }
    }
    ret_overview->events_behind =
        db_get_int(reply->rows[REPORT_STORE_FIRST + OVERVIEW_LIST_COUNT], 0, 0);
}
