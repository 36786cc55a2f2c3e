/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/forecast_store.h"

#include <stdlib.h>

#include "common/base/xalloc.h"
#include "services/intake/intake_work.h"
#include "services/intake/promise_rules.h"

enum {
    PAGE = 16, /* curves; of a thousand steps at most */
};

/* ---- past promises */

/* What a person promised has a date instead of a target. What was settled knows what its clock had
 * counted; of a broken one that was the break, and it may still not be done. */
#define NEWEST                                                                                     \
    "WITH newest AS ("                                                                             \
    " SELECT p.* FROM generate_series($1::int4, $2::int4) AS b (bucket)"                           \
    "  CROSS JOIN LATERAL ("                                                                       \
    "   SELECT bucket, number, case_number, kind, branch, state, made_at, target_us, done_at,"     \
    "          settled_at, standard_id, rule, counted_us,"                                         \
    "          counted_us IS NULL OR state = 5 AS is_counting"                                     \
    "     FROM intake.promise"                                                                     \
    "    WHERE bucket = b.bucket::int2 AND source_id IS NULL AND NOT is_void"                      \
    "      AND made_at > $3 AND made_at <= $4"                                                     \
    "    ORDER BY number DESC LIMIT $5) AS p)"

static const struct db_query forecast_past = {
    "forecast_past",
    NEWEST " SELECT n.case_number, n.kind, coalesce(c.owner_team, ''), n.branch, n.state,"
           "        n.made_at, n.target_us, n.done_at, n.settled_at, n.standard_id, n.rule,"
           "        n.counted_us, n.is_counting"
           "   FROM newest AS n"
           "   JOIN intake.service_case AS c ON (c.bucket, c.number) = (n.bucket, n.case_number)",
    DB_ROWS};

static const struct db_query forecast_pauses = {
    "forecast_pauses",
    NEWEST " SELECT e.case_number, e.from_state, e.to_state, e.occurred_at"
           "   FROM (SELECT DISTINCT bucket, case_number FROM newest WHERE is_counting) AS n"
           "   JOIN intake.case_event AS e"
           "        ON (e.bucket, e.case_number) = (n.bucket, n.case_number)"
           "  WHERE (e.from_state = 3 OR e.to_state = 3) AND NOT e.is_void"
           "  ORDER BY e.case_number, e.case_version",
    DB_ROWS};

enum {
    PAST_CASE = 0,
    PAST_KIND,
    PAST_TEAM,
    PAST_BRANCH,
    PAST_STATE,
    PAST_MADE,
    PAST_TARGET,
    PAST_DONE,
    PAST_SETTLED,
    PAST_STANDARD,
    PAST_RULE,
    PAST_COUNTED,
    PAST_IS_COUNTING,
};

void forecast_store_read_past(struct db *db, const struct forecast_slice *slice)
{
    struct db_params p = {0};
    db_put_int4(&p, slice->first_bucket);
    db_put_int4(&p, slice->last_bucket);
    db_put_time(&p, slice->since_us);
    db_put_time(&p, slice->now_us);
    db_put_int8(&p, FORECAST_BUCKET_MAX);
    db_query(db, &forecast_past, &p);
    db_query(db, &forecast_pauses, &p);
    db_params_free(&p);
}

static void load_pauses(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        work_case_moved(w, work_add_case(w, db_get_int(rows, i, 0)),
                        (Troth__V1__CaseState)db_get_int(rows, i, 1),
                        (Troth__V1__CaseState)db_get_int(rows, i, 2), db_get_time(rows, i, 3));
    }
}

/* What the clock of a promise has counted that nobody has written down. */
static int64_t counted_by(const struct db_rows *rows, size_t i, struct intake_work *w,
                          const struct standard_promise *terms)
{
    const struct work_case nobody = {0};
    const struct work_case *c = work_find_case(w, db_get_int(rows, i, PAST_CASE));
    const Troth__V1__PromiseState state = (Troth__V1__PromiseState)db_get_int(rows, i, PAST_STATE);
    const struct work_promise p = {
        .kind = db_get_text(rows, i, PAST_KIND),
        .made_us = db_get_time(rows, i, PAST_MADE),
        .target_us = db_get_int(rows, i, PAST_TARGET),
        .terms = terms,
    };
    const struct clock clock = work_clock(c ? c : &nobody, &p);
    int64_t until_us = w->now_us;
    if (promise_rules_is_kept(state) && !db_is_null(rows, i, PAST_DONE)) {
        until_us = db_get_time(rows, i, PAST_DONE);
    } else if (!promise_rules_is_running(state) &&
               state != TROTH__V1__PROMISE_STATE__PROMISE_STATE_BROKEN &&
               !db_is_null(rows, i, PAST_SETTLED)) {
        until_us = db_get_time(rows, i, PAST_SETTLED);
    }
    return clock_read(&clock, until_us).counted_us;
}

static void load_promise(const struct db_rows *rows, size_t i, struct intake_work *w,
                         const struct standard_shelf *shelf, struct forecast_pool *pool)
{
    const struct standard *standard =
        standard_shelf_find(shelf, (int32_t)db_get_int(rows, i, PAST_STANDARD));
    struct standard_promise terms = {0};
    if (!standard) {
        return; /* of a version that another process has only just begun to use */
    }
    if (!standard_find_promise(standard, db_get_text(rows, i, PAST_RULE),
                               db_get_text(rows, i, PAST_KIND), db_get_text(rows, i, PAST_BRANCH),
                               &terms)) {
        terms.calendar = NULL;
    }
    forecast_pool_add(pool,
                      &(struct forecast_past){
                          .key = {db_get_text(rows, i, PAST_KIND), db_get_text(rows, i, PAST_TEAM),
                                  calendar_name(terms.calendar)},
                          .made_us = db_get_time(rows, i, PAST_MADE),
                          .counted_us = db_get_bool(rows, i, PAST_IS_COUNTING)
                                            ? counted_by(rows, i, w, &terms)
                                            : db_get_int(rows, i, PAST_COUNTED),
                          .is_done = promise_rules_is_kept(
                              (Troth__V1__PromiseState)db_get_int(rows, i, PAST_STATE)),
    });
}

void forecast_store_load_past(const struct db_rows *promises, const struct db_rows *pauses,
                              const struct forecast_slice *slice,
                              const struct standard_shelf *shelf, struct forecast_pool *pool)
{
    struct intake_work *w = work_new();
    work_begin(w, &(struct work_terms){.now_us = slice->now_us});
    load_pauses(pauses, w);
    for (size_t i = 0; i < db_row_count(promises); i++) {
        load_promise(promises, i, w, shelf, pool);
    }
    work_free(w);
}

/* ---- curves */

static const struct db_query forecast_clear = {"forecast_clear", "DELETE FROM intake.forecast",
                                               DB_NONE};

static const struct db_query forecast_write = {
    "forecast_write",
    "INSERT INTO intake.forecast (kind, owner_team, calendar, computed_at, past_cases, kept_cases,"
    "       known_us, counted_us, still_open, error)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    DB_NONE};

static const struct db_query forecast_look = {
    "forecast_look", "SELECT max(computed_at), count(*) FROM intake.forecast", DB_ONE};

/* Left join: a curve without steps is one, too. */
static const struct db_query forecast_read = {
    "forecast_read",
    "SELECT f.kind, f.owner_team, f.calendar, f.past_cases, f.kept_cases, f.known_us, s.counted_us,"
    "       s.still_open, s.error"
    "  FROM (SELECT * FROM intake.forecast"
    "         WHERE computed_at = $1 AND (kind, owner_team, calendar) > ($2, $3, $4)"
    "         ORDER BY kind, owner_team, calendar LIMIT $5) AS f"
    "  LEFT JOIN LATERAL unnest(f.counted_us, f.still_open, f.error)"
    "         AS s (counted_us, still_open, error) ON true"
    " ORDER BY f.kind, f.owner_team, f.calendar, s.counted_us",
    DB_ROWS};

enum {
    CURVE_KIND = 0,
    CURVE_TEAM,
    CURVE_CALENDAR,
    CURVE_PAST,
    CURVE_KEPT,
    CURVE_KNOWN,
    CURVE_COUNTED, /* null: it has no steps */
    CURVE_OPEN,
    CURVE_ERROR,
};

void forecast_store_clear(struct db *db)
{
    db_query(db, &forecast_clear, NULL);
}

static void put_steps(struct db_params *p, const struct forecast_curve *c)
{
    struct db_array counted, open, error;
    db_array_init(&counted, DB_INT8);
    db_array_init(&open, DB_FLOAT8);
    db_array_init(&error, DB_FLOAT8);
    for (size_t i = 0; i < c->step_count; i++) {
        db_array_add_int(&counted, c->steps[i].at_us);
        db_array_add_float8(&open, c->steps[i].open);
        db_array_add_float8(&error, c->steps[i].error);
    }
    db_put_array(p, &counted);
    db_put_array(p, &open);
    db_put_array(p, &error);
    db_array_free(&counted);
    db_array_free(&open);
    db_array_free(&error);
}

void forecast_store_write(struct db *db, const struct forecast_curve *c, int64_t computed_us)
{
    struct db_params p = {0};
    db_put_text(&p, c->key.kind);
    db_put_text(&p, c->key.owner_team);
    db_put_text(&p, c->key.calendar);
    db_put_time(&p, computed_us);
    db_put_int4(&p, c->past_cases);
    db_put_int4(&p, c->kept_cases);
    if (c->known_us == SURVIVAL_NEVER) {
        db_put_null(&p, DB_INT8);
    } else {
        db_put_int8(&p, c->known_us);
    }
    put_steps(&p, c);
    db_query(db, &forecast_write, &p);
    db_params_free(&p);
}

void forecast_store_look(struct db *db)
{
    db_query(db, &forecast_look, NULL);
}

void forecast_store_read(struct db *db, int64_t computed_us, const struct forecast_page *page)
{
    struct db_params p = {0};
    db_put_time(&p, computed_us);
    db_put_text(&p, page->kind ? page->kind : "");
    db_put_text(&p, page->owner_team ? page->owner_team : "");
    db_put_text(&p, page->calendar ? page->calendar : "");
    db_put_int8(&p, PAGE);
    db_query(db, &forecast_read, &p);
    db_params_free(&p);
}

static struct forecast_key key_of(const struct db_rows *rows, size_t i)
{
    return (struct forecast_key){
        db_get_text(rows, i, CURVE_KIND),
        db_get_text(rows, i, CURVE_TEAM),
        db_get_text(rows, i, CURVE_CALENDAR),
    };
}

/* The curve whose rows begin at from. Returns where the next one begins. */
static size_t load_curve(const struct db_rows *rows, size_t from, struct survival_step *steps,
                         struct forecast *f)
{
    struct forecast_curve c = {
        .key = key_of(rows, from),
        .past_cases = (int32_t)db_get_int(rows, from, CURVE_PAST),
        .kept_cases = (int32_t)db_get_int(rows, from, CURVE_KEPT),
        .known_us = db_is_null(rows, from, CURVE_KNOWN) ? SURVIVAL_NEVER
                                                        : db_get_int(rows, from, CURVE_KNOWN),
        .steps = steps,
    };
    size_t i = from;
    for (; i < db_row_count(rows); i++) {
        const struct forecast_key key = key_of(rows, i);
        if (forecast_key_compare(&key, &c.key) != 0) {
            break;
        }
        if (!db_is_null(rows, i, CURVE_COUNTED)) {
            steps[c.step_count++] = (struct survival_step){
                .at_us = db_get_int(rows, i, CURVE_COUNTED),
                .open = db_get_float8(rows, i, CURVE_OPEN),
                .error = db_get_float8(rows, i, CURVE_ERROR),
            };
        }
    }
    forecast_add(f, &c);
    return i;
}

size_t forecast_store_load(const struct db_rows *rows, struct forecast *f,
                           struct forecast_page *page)
{
    const size_t count = db_row_count(rows);
    size_t curves = 0;
    if (count == 0) {
        return 0;
    }
    struct survival_step *steps = xcalloc(count, sizeof(*steps));
    for (size_t i = 0; i < count; curves++) {
        i = load_curve(rows, i, steps, f);
    }
    free(steps);
    const struct forecast_key last = key_of(rows, count - 1);
    forecast_page_free(page);
    page->kind = xstrdup(last.kind);
    page->owner_team = xstrdup(last.owner_team);
    page->calendar = xstrdup(last.calendar);
    return curves;
}

void forecast_page_free(struct forecast_page *page)
{
    free(page->kind);
    free(page->owner_team);
    free(page->calendar);
    *page = (struct forecast_page){0};
}
