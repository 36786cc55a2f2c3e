/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/effect_store.h"

#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "services/reporting/figure_cells.h"
#include "services/reporting/figure_sums.h"
#include "services/reporting/report_day.h"
#include "services/reporting/sheet_read.h"

struct effect_window effect_window_of(const struct improvement *a, int64_t until)
{
    struct effect_window w = {
        .before_from = a->starts_on - EFFECT_WINDOW_DAYS,
        .starts = a->starts_on,
        .after_to = a->starts_on + EFFECT_WINDOW_DAYS - 1,
        .until = until,
    };
    w.after_to = until < w.after_to ? until : w.after_to;
    if (a->ends_on != IMPROVEMENT_NO_DAY && a->ends_on - 1 < w.after_to) {
        w.after_to = a->ends_on - 1;
    }
    return w;
}

/* ---- asking */

/* $1 to $3: when the time before begins, when it was done, when the time after ends. */
static const struct db_query cases = {
    .name = "effect_cases",
    .sql = "SELECT $6 = '' OR c.branch = $6, c.opened_at >= $2, count(*)"
           " FROM reporting.case_fact AS c WHERE c.opened_at >= $1 AND c.opened_at < $3"
           " AND c.state <> 7 AND ($4 = '' OR c.category = $4) AND ($5 = '' OR c.product = $5)"
           " AND ($7 = '' OR c.team = $7) AND (NOT $8 OR c.kind = 2) GROUP BY 1, 2",
    .shape = DB_ROWS,
};

/* Rows with one part of the dimensions, over all branches and of one of them ($3; "": of none), and
 * none of the others: what was done there is what is left of all. */
static const struct db_query figures = {
    .name = "effect_figures",
    .sql = "SELECT f.branch, f.day - DATE '1970-01-01', f.figures, $6::int2, $7::text"
           " FROM reporting.daily_fact AS f"
           " WHERE f.lane IN (0, 1, 2, 3, 4, 5, 6, 7) AND f.sheet = $1"
           " AND (f.part = $2 OR $6 > 0 AND f.part / 1024 = $6)"
           " AND f.branch IN ('', $3) AND f.day BETWEEN CAST($4::text AS date)"
           " AND CAST($5::text AS date)",
    .shape = DB_ROWS,
};

_Static_assert(PART_STEP == 1024, "as in the statement");

static const struct db_query skills = {
    .name = "effect_skills",
    .sql = "SELECT s.day >= CAST($4::text AS date), sum(s.answers)::int8, sum(s.sum)::int8,"
           " sum(s.squares)::int8 FROM reporting.skill_day AS s WHERE s.grouping = $1"
           " AND s.name = $2 AND s.skill = $3 AND s.day BETWEEN CAST($5::text AS date)"
           " AND CAST($6::text AS date) GROUP BY 1",
    .shape = DB_ROWS,
};

static void ask_cases(struct db *db, const struct improvement *a, const struct effect_window *w,
                      const struct night_world *world)
{
    struct db_params params = {.count = 0};

    db_put_time(&params, night_day_begin_us(world, w->before_from));
    db_put_time(&params, night_day_begin_us(world, w->starts));
    db_put_time(&params, night_day_begin_us(world, w->after_to + 1));
    db_put_text(&params, a->category);
    db_put_text(&params, a->product);
    db_put_text(&params, a->branch);
    db_put_text(&params, a->team);
    db_put_bool(&params, strcmp(a->cause_measure, "complaints") == 0);
    db_query(db, &cases, &params);
    db_params_free(&params);
}

struct figures_question {
    enum figure_sheet sheet;
    enum figure_dimension dimension;
    const char *branch; /* whose rows are asked for beside those over all; NULL: no one's */
    const char *value;
};

static void ask_figures(struct db *db, const struct figures_question *q,
                        const struct effect_window *w)
{
    struct db_params params = {.count = 0};
    char from[REPORT_DAY_SIZE], to[REPORT_DAY_SIZE];

    db_put_int2(&params, (int16_t)q->sheet);
    db_put_int2(&params, figure_part_of(q->dimension));
    db_put_text(&params, q->branch ? q->branch : "");
    db_put_text(&params, report_day_format(w->before_from, from));
    db_put_text(&params, report_day_format(w->after_to, to));
    db_put_int2(&params, (int16_t)q->dimension);
    db_put_text(&params, q->value);
    db_query(db, &figures, &params);
    db_params_free(&params);
}

static void ask_skills(struct db *db, const struct improvement *a, const struct effect_window *w)
{
    struct db_params params = {.count = 0};
    char from[REPORT_DAY_SIZE], starts[REPORT_DAY_SIZE], to[REPORT_DAY_SIZE];
    bool is_team = !text_is_empty(a->team);

    db_put_text(&params, is_team ? "team" : "staff");
    db_put_text(&params, is_team ? a->team : a->staff);
    db_put_text(&params, a->skill);
    db_put_text(&params, report_day_format(w->starts, starts));
    db_put_text(&params, report_day_format(w->before_from, from));
    db_put_text(&params, report_day_format(w->after_to, to));
    db_query(db, &skills, &params);
    db_params_free(&params);
}

static enum figure_dimension dimension_of(const struct improvement *a)
{
    return !text_is_empty(a->team)    ? DIMENSION_TEAM
           : !text_is_empty(a->staff) ? DIMENSION_STAFF
                                      : DIMENSION_BRANCH;
}

static const char *place_of(const struct improvement *a)
{
    return !text_is_empty(a->team) ? a->team : !text_is_empty(a->staff) ? a->staff : a->branch;
}

/* Of the team, of somebody, or of the branch: rows over all branches have a cell of each. */
static struct figures_question place_question(const struct improvement *a, int kind)
{
    enum figure_sheet sheet = kind == IMPROVEMENT_ANSWERS ? SHEET_ANSWERS
                              : kind == IMPROVEMENT_KEPT  ? SHEET_PROMISES
                                                          : SHEET_CASES;
    return (struct figures_question){
        .sheet = sheet,
        .dimension = dimension_of(a),
        .value = place_of(a),
    };
}

void effect_store_ask(struct db *db, const struct improvement *a, const struct effect_window *w,
                      const struct night_world *world)
{
    int kind = improvement_kind_of(a->cause_measure);
    bool has_product = !text_is_empty(a->product);
    const struct figures_question purchases = {
        .sheet = SHEET_LOYALTY,
        .dimension = has_product ? DIMENSION_PRODUCT : DIMENSION_ALL,
        .branch = a->branch,
        .value = a->product,
    };
    const struct figures_question place = place_question(a, kind);

    warning_store_ask_first(db);
    if (kind == IMPROVEMENT_COUNT) {
        ask_cases(db, a, w, world);
        ask_figures(db, &purchases, w);
    } else if (kind == IMPROVEMENT_SKILL) {
        ask_skills(db, a, w);
    } else {
        ask_figures(db, &place, w);
    }
}

/* ---- taking */

struct periods {
    bool has_others;
    struct effect_counts here[2], others[2]; /* before, after */
};

static void take_cases(const struct db_rows *rows, struct periods *p)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        int period = db_get_bool(rows, row, 1);
        struct effect_counts *c = db_get_bool(rows, row, 0) ? &p->here[period] : &p->others[period];
        c->events += db_get_int(rows, row, 2);
    }
}

/* Of the cell that is asked for; beside the row stand its dimension and value. */
static struct bytes sheet_of(const struct db_rows *rows, size_t row)
{
    struct figure_cells cells = {.left = db_get_bytes(rows, row, 2)};
    struct figure_cell cell;

    while (figure_cells_next(&cells, &cell)) {
        if (figure_cell_is(&cell, (enum figure_dimension)db_get_int(rows, row, 3),
                           db_get_text(rows, row, 4))) {
            return cell.figures;
        }
    }
    return (struct bytes){.data = NULL};
}

static void take_purchases(const struct db_rows *rows, const struct improvement *a,
                           const struct effect_window *w, struct periods *p)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        int period = db_get_int(rows, row, 1) >= w->starts;
        const char *branch = db_get_text(rows, row, 0);
        const int64_t count = sheet_read_count(sheet_of(rows, row), MEASURE_PURCHASES);
        if (strcmp(branch, a->branch) == 0) {
            p->here[period].purchases += count;
        }
        if (branch[0] == '\0') {
            p->others[period].purchases += count;
        } else {
            p->others[period].purchases -= count;
        }
    }
}

static struct effect_days days_of(const struct db_rows *first, const struct effect_window *w)
{
    int64_t from = w->before_from;
    int64_t before_to =
        w->starts - 1 < w->until ? w->starts - 1 : w->until; /* it may start later */

    if (!db_is_null(first, 0, 0) && db_get_int(first, 0, 0) > from) {
        from = db_get_int(first, 0, 0);
    }
    return (struct effect_days){
        .before = before_to >= from ? before_to - from + 1 : 0,
        .after = w->after_to >= w->starts ? w->after_to - w->starts + 1 : 0,
    };
}

static struct effect of_counts(const struct db_rows *const *rows, const struct improvement *a,
                               const struct effect_window *w)
{
    struct effect_days days = days_of(rows[0], w);
    struct periods p = {.has_others = !text_is_empty(a->branch)};

    take_cases(rows[1], &p);
    take_purchases(rows[2], a, w, &p);
    p.here[0].days = p.others[0].days = days.before;
    p.here[1].days = p.others[1].days = days.after;
    return effect_of_counts(&p.here[0], &p.here[1], p.has_others ? p.others : NULL);
}

static struct effect of_skills(const struct db_rows *const *rows, const struct effect_window *w)
{
    struct group_sums sums[2] = {{0}};

    for (size_t row = 0; row < db_row_count(rows[1]); row++) {
        struct group_sums *g = &sums[db_get_bool(rows[1], row, 0)];
        g->count += (double)db_get_int(rows[1], row, 1);
        g->sum += (double)db_get_int(rows[1], row, 2);
        g->squares += (double)db_get_int(rows[1], row, 3);
    }
    return effect_of_means(sums, NULL, days_of(rows[0], w));
}

/* Before and after, here and in the other branches; those have none when it is no branch's. */
struct place_sums {
    bool has_others;
    struct figure_sums here[2], others[2];
};

static void free_sums(struct place_sums *s)
{
    for (int i = 0; i < 2; i++) {
        figure_sums_free(&s->here[i]);
        figure_sums_free(&s->others[i]);
    }
}

static struct effect of_medians(struct place_sums *s, enum figure_measure measure,
                                struct effect_days days)
{
    const struct log_histogram *here[2], *others[2];

    for (int i = 0; i < 2; i++) {
        here[i] = &figure_sums_of(&s->here[i], measure)->histogram;
        others[i] = &figure_sums_of(&s->others[i], measure)->histogram;
    }
    return effect_of_medians(here, s->has_others ? others : NULL, days);
}

static struct group_sums mean_of(struct figure_sums *s)
{
    return (struct group_sums){
        .count = (double)figure_sums_of(s, MEASURE_CSAT)->count,
        .sum = (double)figure_sums_of(s, MEASURE_CSAT)->sum,
        .squares = (double)figure_sums_of(s, MEASURE_CSAT_SQUARES)->sum,
    };
}

static struct group_hits kept_of(struct figure_sums *s)
{
    double kept = (double)figure_sums_of(s, MEASURE_PROMISES_KEPT)->count;

    return (struct group_hits){
        .hits = kept,
        .count = kept + (double)figure_sums_of(s, MEASURE_PROMISES_BROKEN)->count,
    };
}

static struct effect of_sums(struct place_sums *s, const struct improvement *a,
                             struct effect_days days)
{
    int kind = improvement_kind_of(a->cause_measure);

    if (kind == IMPROVEMENT_MEDIAN) {
        bool is_first = strcmp(a->cause_measure, "first_response") == 0;
        return of_medians(s, is_first ? MEASURE_FIRST_RESPONSE : MEASURE_RESOLUTION, days);
    }
    if (kind == IMPROVEMENT_KEPT) {
        const struct group_hits here[2] = {kept_of(&s->here[0]), kept_of(&s->here[1])};
        const struct group_hits others[2] = {kept_of(&s->others[0]), kept_of(&s->others[1])};
        return effect_of_shares(here, s->has_others ? others : NULL, days);
    }
    const struct group_sums here[2] = {mean_of(&s->here[0]), mean_of(&s->here[1])};
    const struct group_sums others[2] = {mean_of(&s->others[0]), mean_of(&s->others[1])};
    return effect_of_means(here, s->has_others ? others : NULL, days);
}

static int add_row(struct bytes row, const struct improvement *a, int period, struct place_sums *s,
                   struct err *err)
{
    enum figure_dimension dimension = dimension_of(a);
    struct figure_cells cells = {.left = row};
    struct figure_cell cell;

    while (figure_cells_next(&cells, &cell)) {
        bool is_here = figure_cell_is(&cell, dimension, place_of(a));
        bool is_other = !is_here && s->has_others && figure_cell_is(&cell, dimension, NULL);
        if ((is_here || is_other) &&
            figure_sums_add_packed(is_here ? &s->here[period] : &s->others[period], cell.figures,
                                   err) < 0) {
            return -1;
        }
    }
    return 0;
}

static struct effect of_figures(const struct db_rows *const *rows, const struct improvement *a,
                                const struct effect_window *w)
{
    struct place_sums s = {.has_others = dimension_of(a) == DIMENSION_BRANCH};
    struct err err = ERR_NONE;

    for (size_t row = 0; row < db_row_count(rows[1]); row++) {
        int period = db_get_int(rows[1], row, 1) >= w->starts;
        if (add_row(db_get_bytes(rows[1], row, 2), a, period, &s, &err) < 0) {
            log_error("figures_malformed", LOG_INT("day", db_get_int(rows[1], row, 1)),
                      LOG_ERR(&err));
        }
    }
    struct effect e = of_sums(&s, a, days_of(rows[0], w));
    free_sums(&s);
    return e;
}

struct effect effect_store_take(const struct db_rows *const *rows, const struct improvement *a,
                                const struct effect_window *w)
{
    int kind = improvement_kind_of(a->cause_measure);

    if (kind == IMPROVEMENT_COUNT) {
        return of_counts(rows, a, w);
    }
    return kind == IMPROVEMENT_SKILL ? of_skills(rows, w) : of_figures(rows, a, w);
}
