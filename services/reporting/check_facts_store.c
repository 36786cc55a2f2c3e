/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/check_facts_store.h"

#include <math.h>

#include "common/base/log.h"
#include "common/domain/identifier.h"
#include "common/model/log_histogram.h"
#include "services/reporting/check_month_store.h"
#include "services/reporting/check_statement_store.h"
#include "services/reporting/figure_cells.h"
#include "services/reporting/report_day.h"
#include "services/reporting/report_store.h"
#include "services/reporting/sheet_read.h"

/* Waived, or renegotiated in time: the day on which the customer said so. */
#define SAID_SO(measure, states, actions)                                                          \
    OF_CASES("promise_public", "p", measure,                                                       \
             "coalesce((SELECT max(w.occurred_at) FROM intake.promise_event_public AS w"           \
             " WHERE w.bucket = p.bucket AND w.promise_number = p.number AND w.action = " actions  \
             " AND NOT w.is_void), p.settled_at, p.made_at)",                                      \
             "0", " AND p.state = " states)

/* The formatter would run the sources together. */
/* clang-format off */
#define PROMISES(measure, at, where)                                                               \
    OF_CASES("promise_public", "p", measure, at, "0", where)
static const struct db_query of_promises = {
    .name = "check_promises",
    .sql = FACTS(
        PROMISES(40, "p.made_at", "")
        ALSO PROMISES(41, "coalesce(p.done_at, p.made_at)", " AND p.state = 3")
        ALSO PROMISES(42, "coalesce(p.due_at, p.made_at)", " AND p.state = 4")
        ALSO PROMISES(43, "coalesce(p.due_at, p.made_at)", " AND p.state IN (4, 5, 9)")
        ALSO SAID_SO(44, "8", "1")
        ALSO SAID_SO(46, "7", "3")
        ALSO PROMISES(45, "coalesce(p.due_at, p.made_at)", " AND p.state = 9")
        ALSO OF_CASES("promise_public", "p", 48, "p.due_at", US("p.due_at", "p.done_at"),
                      " AND p.state = 4 AND p.done_at IS NOT NULL")
        ALSO OF_CASES("compensation_public", "m", 55, "m.occurred_at", "m.amount_minor", "")),
    .shape = DB_ROWS,
};

/* The branch is that of the case; without one that of the answer. */
#define SAID                                                                                       \
    "WITH a AS (SELECT a.bucket, a.number, a.occurred_at, a.instrument, a.value,"                  \
    " CASE WHEN a.case_number IS NULL THEN a.branch ELSE c.branch END AS branch"                   \
    " FROM intake.survey_answer_public AS a LEFT JOIN intake.service_case_public AS c"             \
    " ON c.bucket = a.bucket AND c.number = a.case_number WHERE a.bucket = ANY ($1::int2[])"       \
    " AND NOT a.is_void AND (a.case_number IS NULL OR c.state <> 7)"                               \
    " AND a.occurred_at >= $2 AND a.occurred_at < $3) "
#define ANSWERS(measure, adds, where)                                                              \
    "SELECT " #measure ", a.occurred_at, a.branch, " adds " FROM a WHERE " where

static const struct db_query of_answers = {
    .name = "check_answers",
    .sql = SAID FACTS(
        ANSWERS(80, "a.value", "a.instrument = 1 AND a.value IS NOT NULL")
        ALSO ANSWERS(82, "0", "a.instrument = 1 AND a.value >= 4")
        ALSO ANSWERS(83, "0", "a.instrument = 2 AND a.value >= 9")
        ALSO ANSWERS(84, "0", "a.instrument = 2 AND a.value BETWEEN 7 AND 8")
        ALSO ANSWERS(85, "0", "a.instrument = 2 AND a.value <= 6")
        ALSO ANSWERS(86, "a.value", "a.instrument = 3 AND a.value IS NOT NULL")
        ALSO ANSWERS(88, "0", "a.instrument = 3 AND a.value >= 5")
        ALSO "SELECT 89, a.occurred_at, a.branch, i.perception - i.expectation FROM a"
        " JOIN intake.survey_item_public AS i ON i.bucket = a.bucket AND i.answer_number = a.number"
        " WHERE i.perception IS NOT NULL AND i.expectation IS NOT NULL"
        ALSO ANSWERS(95, "0", "a.instrument = 1 AND a.value <= 2"
                     " OR a.instrument = 2 AND a.value <= 6 OR a.instrument = 3 AND a.value <= 3")),
    .shape = DB_ROWS,
};

/* Of those whose cause was taken back, or is an old record, nothing counts but the calls. */
#define FOLLOW_UPS(measure, at, where)                                                             \
    "SELECT " #measure ", f." at ", f.branch, 0 FROM followup.follow_up_public AS f"               \
    " WHERE f.bucket = ANY ($1::int2[]) AND f.reason NOT IN ('record_void', 'history')" where
/* It rang, or somebody was there; a mail or message is no call. */
#define CALLS(measure, outcomes)                                                                   \
    "SELECT " #measure ", coalesce(t.ended_at, t.finished_at), f.branch, 0"                        \
    " FROM followup.follow_up_attempt_public AS t JOIN followup.follow_up_public AS f"             \
    " ON f.bucket = t.bucket AND f.number = t.follow_up_number"                                    \
    " WHERE t.bucket = ANY ($1::int2[]) AND t.outcome IN (" outcomes ")"

static const struct db_query of_follow_ups = {
    .name = "check_follow_ups",
    .sql = FACTS(
        FOLLOW_UPS(120, "planned_at", "")
        ALSO FOLLOW_UPS(121, "due_at", "")
        ALSO FOLLOW_UPS(122, "due_at", " AND f.state = 4")
        ALSO FOLLOW_UPS(123, "due_at", " AND f.state = 9")
        ALSO FOLLOW_UPS(124, "due_at", " AND f.state = 6")
        ALSO FOLLOW_UPS(125, "due_at", " AND f.state = 5")
        ALSO FOLLOW_UPS(126, "due_at", " AND f.state = 7")
        ALSO FOLLOW_UPS(127, "due_at", " AND f.state = 8")
        ALSO CALLS(128, "1, 2, 3, 4, 5, 6, 8, 9, 10, 11")
        ALSO CALLS(129, "1, 5, 8, 10")),
    .shape = DB_ROWS,
};

/* clang-format on */

static const struct db_query *const facts[SHEET_END] = {
    [SHEET_PROMISES] = &of_promises,
    [SHEET_ANSWERS] = &of_answers,
    [SHEET_FOLLOW_UPS] = &of_follow_ups,
    [SHEET_LOYALTY] = &check_loyalty_facts,
};

/* Measures whose sum is compared, too. */
static bool has_sum(int64_t measure)
{
    switch (measure) {
    case MEASURE_FIRST_RESPONSE:
    case MEASURE_FIRST_RESPONSE_WORKING:
    case MEASURE_RESOLUTION:
    case MEASURE_RESOLUTION_WORKING:
    case MEASURE_PROMISE_LATENESS:
    case MEASURE_COMPENSATIONS:
    case MEASURE_REVENUE:
    case MEASURE_REFUNDS:
    case MEASURE_CSAT:
    case MEASURE_CES:
    case MEASURE_SERVQUAL_GAP:
    case MEASURE_INDEX_ROSE:
    case MEASURE_INDEX_FELL:
        return true;
    default:
        return false;
    }
}

/* By an event of loyalty; each is counted as it was told first. */
static bool is_move(int64_t measure)
{
    return measure >= MEASURE_TIER_UP && measure <= MEASURE_TRUST_BROKEN;
}

/* Those above. */
static bool is_compared(enum figure_measure measure)
{
    static const enum figure_measure list[] = {
        MEASURE_CASES,
        MEASURE_COMPLAINTS,
        MEASURE_CONTACTS,
        MEASURE_FIRST_RESPONSE,
        MEASURE_FIRST_RESPONSE_WORKING,
        MEASURE_NEXT_RESPONSE,
        MEASURE_RESOLUTION,
        MEASURE_RESOLUTION_WORKING,
        MEASURE_REOPENINGS,
        MEASURE_BACKLOG,
        MEASURE_SOLVED_AT_FIRST,
        MEASURE_SOLVED_QUIETLY,
        MEASURE_PROMISES_MADE,
        MEASURE_PROMISES_KEPT,
        MEASURE_PROMISES_KEPT_LATE,
        MEASURE_PROMISES_BROKEN,
        MEASURE_PROMISES_RENEGOTIATED,
        MEASURE_PROMISES_RENEGOTIATED_LATE,
        MEASURE_PROMISES_WAIVED,
        MEASURE_PROMISE_LATENESS,
        MEASURE_COMPENSATIONS,
        MEASURE_CSAT,
        MEASURE_CSAT_SATISFIED,
        MEASURE_NPS_PROMOTERS,
        MEASURE_NPS_PASSIVES,
        MEASURE_NPS_DETRACTORS,
        MEASURE_CES,
        MEASURE_CES_EASY,
        MEASURE_SERVQUAL_GAP,
        MEASURE_LOW_ANSWERS,
        MEASURE_FOLLOW_UPS_PLANNED,
        MEASURE_FOLLOW_UPS_DUE,
        MEASURE_FOLLOW_UPS_DONE,
        MEASURE_FOLLOW_UPS_MERGED,
        MEASURE_FOLLOW_UPS_SUPPRESSED,
        MEASURE_FOLLOW_UPS_MISSED,
        MEASURE_FOLLOW_UPS_FAILED,
        MEASURE_FOLLOW_UPS_LISTED,
        MEASURE_CALLS_PLACED,
        MEASURE_CALLS_REACHED,
        MEASURE_PURCHASES,
        MEASURE_REVENUE,
        MEASURE_REFUNDS,
        MEASURE_TIER_UP,
        MEASURE_TIER_DOWN,
        MEASURE_INDEX_ROSE,
        MEASURE_INDEX_FELL,
        MEASURE_CHURN_RAISED,
        MEASURE_TRUST_BROKEN,
    };
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        if (list[i] == measure) {
            return true;
        }
    }
    return false;
}

/* ---- asking */

static const struct db_query behind = {
    .name = "check_behind",
    .sql = "SELECT coalesce(sum(h.seq - coalesce(c.seq, 0)), 0)::int8 FROM log.head AS h"
           " LEFT JOIN log.consumer_cursor AS c"
           " ON c.consumer = 'reporting' AND c.stream = h.stream AND c.bucket = h.bucket"
           " WHERE split_part(h.stream, '.', 1) IN ('intake', 'followup', 'loyalty')"
           " AND h.bucket = ANY ($1::int2[])",
    .shape = DB_ONE,
};

static const struct db_query figures = {
    .name = "check_figures",
    .sql = "SELECT f.day - DATE '1970-01-01', f.branch, f.figures FROM reporting.daily_fact AS f"
           " WHERE f.lane = $1 AND f.sheet = $2 AND (f.part = 1 OR f.part / 1024 = 1)"
           " AND f.day BETWEEN CAST($3::text AS date) AND CAST($4::text AS date)",
    .shape = DB_ROWS,
};

_Static_assert(DIMENSION_BRANCH == 1 && PART_STEP == 1024, "as in the statement");

static void ask_figures(struct db *db, const struct check_slice *slice)
{
    struct db_params params = {.count = 0};
    char from[REPORT_DAY_SIZE], to[REPORT_DAY_SIZE];

    db_put_int2(&params, (int16_t)slice->lane);
    db_put_int2(&params, (int16_t)slice->sheet);
    db_put_text(&params, report_day_format(slice->from_day, from));
    db_put_text(&params, report_day_format(slice->to_day, to));
    db_query(db, &figures, &params);
    db_params_free(&params);
}

enum {
    FIRST_FACTS = 4, /* sets of rows before: behind, told again, figures, months */
    GROUPS = 4,      /* a lane's facts are asked for in so many parts, each a statement */
};

static void put_buckets(struct db_params *params, int first, int step)
{
    struct db_array buckets;

    db_array_init(&buckets, DB_INT2);
    for (int bucket = first; bucket < BUCKET_COUNT; bucket += step) {
        db_array_add_int(&buckets, bucket);
    }
    db_put_array(params, &buckets);
    db_array_free(&buckets);
}

static void put_facts(struct db_params *params, const struct check_slice *slice)
{
    db_put_time(params, slice->from_us);
    db_put_time(params, slice->until_us);
    db_put_text(params, slice->time_zone);
    if (slice->sheet == SHEET_CASES) {
        db_put_int8(params, slice->return_window_us);
    }
}

static void ask_group(struct db *db, const struct check_slice *slice, int group)
{
    struct db_params params = {.count = 0};

    put_buckets(&params, slice->lane + group * LANE_COUNT, GROUPS * LANE_COUNT);
    put_facts(&params, slice);
    if (slice->sheet == SHEET_CASES) {
        check_case_facts_ask(db, &params);
    } else {
        db_query(db, facts[slice->sheet], &params);
    }
    db_params_free(&params);
}

void check_facts_ask(struct db *db, const struct check_slice *slice)
{
    struct db_params params = {.count = 0};

    put_buckets(&params, slice->lane, LANE_COUNT);
    db_query(db, &behind, &params);
    check_told_again_ask(db, slice->time_zone);
    ask_figures(db, slice);
    check_month_ask(db, slice);
    if (slice->sheet == SHEET_CASES) {
        put_facts(&params, slice);
        check_case_durations_ask(db, &params);
    }
    db_params_free(&params);
    for (int group = 0; group < GROUPS; group++) {
        ask_group(db, slice, group);
    }
}

/* ---- taking */

struct taking {
    struct check_compare *to;
    int64_t told_again; /* moves of days until then are not compared */
    int64_t day;
    const char *branch;
};

static bool is_left_out(const struct taking *t, int64_t measure)
{
    return is_move(measure) && t->day <= t->told_again;
}

static void take_quantiles(const struct taking *t, const struct sheet_figure *f)
{
    static const struct {
        enum check_part part;
        double q;
    } parts[] = {
        {CHECK_MEDIAN, 0.5},
        {CHECK_P90,    0.9},
    };
    struct log_histogram h = {0};
    struct err err = ERR_NONE;

    if (log_histogram_add_packed(&h, f->histogram, &err) < 0) {
        log_error("histogram_malformed", LOG_INT("measure", f->measure), LOG_ERR(&err));
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        double value = 0.0;
        (void)log_histogram_quantile(&h, parts[i].q, &value);
        check_compare_figure(t->to,
                             &(struct check_key){t->day, f->measure, parts[i].part, t->branch},
                             llround(value));
    }
    log_histogram_free(&h);
}

/* Of money the count stands with the others, the sums with each currency: they are not added up but
 * here. */
static bool is_money(enum figure_measure measure)
{
    return measure == MEASURE_REVENUE || measure == MEASURE_REFUNDS ||
           measure == MEASURE_COMPENSATIONS;
}

static void take_figure(void *ctx, const struct sheet_figure *f)
{
    const struct taking *t = ctx;

    if (!is_compared(f->measure) || is_left_out(t, f->measure)) {
        return;
    }
    check_compare_figure(t->to, &(struct check_key){t->day, f->measure, CHECK_COUNT, t->branch},
                         f->count);
    if (has_sum(f->measure) && !is_money(f->measure)) {
        check_compare_figure(t->to, &(struct check_key){t->day, f->measure, CHECK_SUM, t->branch},
                             check_sum_of(f->sum));
    }
    if ((f->measure == MEASURE_FIRST_RESPONSE || f->measure == MEASURE_RESOLUTION) &&
        t->branch[0] == '\0' && f->count > 0) {
        take_quantiles(t, f);
    }
}

static void take_money(void *ctx, const struct sheet_figure *f)
{
    const struct taking *t = ctx;

    if (is_money(f->measure)) {
        check_compare_figure(t->to, &(struct check_key){t->day, f->measure, CHECK_SUM, t->branch},
                             check_sum_of(f->sum));
    }
}

static void take_row(struct bytes row, struct taking *t)
{
    struct figure_cells cells = {.left = row};
    struct figure_cell cell;
    struct err err = ERR_NONE;

    while (figure_cells_next(&cells, &cell)) {
        sheet_figure_fn *take = figure_cell_is(&cell, DIMENSION_ALL, "")          ? take_figure
                                : figure_cell_is(&cell, DIMENSION_CURRENCY, NULL) ? take_money
                                                                                  : NULL;
        if (take && sheet_read(cell.figures, take, t, &err) < 0) {
            log_error("figures_malformed", LOG_INT("day", t->day), LOG_ERR(&err));
        }
    }
}

static void take_figures(const struct db_rows *rows, struct taking *t)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        t->day = db_get_int(rows, row, 0);
        t->branch = db_get_text(rows, row, 1);
        take_row(db_get_bytes(rows, row, 2), t);
    }
}

static void take_fact(const struct db_rows *rows, size_t row, const char *branch,
                      struct check_compare *to)
{
    struct check_key key = {.day = db_get_int(rows, row, 1),
                            .measure = (enum figure_measure)db_get_int(rows, row, 0),
                            .part = CHECK_COUNT,
                            .branch = branch};

    check_compare_fact(to, &key, db_get_int(rows, row, 3));
    if (has_sum((int64_t)key.measure)) {
        key.part = CHECK_SUM;
        check_compare_fact(to, &key, db_get_int(rows, row, 4));
    }
}

static void take_facts(const struct db_rows *rows, struct taking *t)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        t->day = db_get_int(rows, row, 1);
        t->branch = db_get_text(rows, row, 2);
        if (is_left_out(t, db_get_int(rows, row, 0))) {
            continue;
        }
        take_fact(rows, row, "", t->to);
        if (t->branch[0] != '\0') {
            take_fact(rows, row, t->branch, t->to);
        }
    }
}

static void take_durations(const struct db_rows *rows, struct check_compare *to)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        struct check_key key = {.day = db_get_int(rows, row, 1),
                                .measure = (enum figure_measure)db_get_int(rows, row, 0),
                                .part = CHECK_MEDIAN,
                                .branch = ""};
        check_compare_fact(to, &key, db_get_int(rows, row, 3));
        key.part = CHECK_P90;
        check_compare_fact(to, &key, db_get_int(rows, row, 4));
    }
}

bool check_facts_take(const struct db_rows *const *rows, const struct check_slice *slice,
                      struct check_compare *to)
{
    struct taking t = {.to = to, .told_again = check_told_again_take(rows[1])};

    if (db_get_int(rows[0], 0, 0) > 0) {
        return false;
    }
    take_figures(rows[2], &t);
    check_month_take(rows[3], slice, to);
    rows += FIRST_FACTS;
    if (slice->sheet == SHEET_CASES) {
        take_durations(*rows++, to);
    }
    const size_t sets = slice->sheet == SHEET_CASES ? CHECK_CASE_SETS : 1;
    for (size_t i = 0; i < sets * GROUPS; i++) {
        take_facts(rows[i], &t);
    }
    return true;
}
