/* SPDX-License-Identifier: Apache-2.0 */
/*
 * overview_store.c - the figures that are asked for most, of any range, at once: months and days
 * for the total and the branches, days for the newest ones.
 *
 * One day or branch more is read than is shown, so that the answer knows whether something was left
 * out.
 */
#include "services/reporting/overview_store.h"

#include <stdlib.h>

#include "common/base/compiler.h"
#include "common/base/hash_table.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/figure_cells.h"
#include "services/reporting/report_catalogue_store.h"
#include "services/reporting/report_column.h"
#include "services/reporting/report_day.h"
#include "services/reporting/report_store.h"
#include "services/reporting/report_sums.h"

/* Lanes and sheets are named, all of them, so that the primary key serves the range of days. $1 and
 * $2: first and last day, null: no limit; $3: branch, "": all. */
#define ROWS(key, table, part, branch, range)                                                      \
    "SELECT " key ", f.figures FROM reporting." table " AS f"                                      \
    " WHERE f.lane = ANY ('{0,1,2,3,4,5,6,7}'::int2[])"                                            \
    " AND f.sheet = ANY ('{1,2,3,4,5}'::int2[])"                                                   \
    " AND f.branch = " branch " AND " range " AND f.part " part
#define FIRST "coalesce(CAST($1::text AS date), date '0001-01-01')"
#define LAST  "coalesce(CAST($2::text AS date), date '9999-12-31')"
/* A month is read whole when all of it is in the range. */
#define FIRST_MONTH  "date_trunc('month', " FIRST " + interval '1 month' - interval '1 day')::date"
#define AFTER_MONTHS "date_trunc('month', " LAST " + interval '1 day')::date"
#define IN_MONTHS    "f.day >= " FIRST_MONTH " AND f.day < " AFTER_MONTHS
#define BEFORE_MONTHS                                                                              \
    "f.day >= " FIRST " AND f.day <= " LAST " AND f.day < greatest(" FIRST_MONTH ", " FIRST ")"
/* Without a whole month the days before "the first" are all there is. */
#define BEHIND_MONTHS "f.day >= greatest(" AFTER_MONTHS ", " FIRST_MONTH ") AND f.day <= " LAST

/* The cells of all stay in a row that is split, those of branches do not (figure.h). */
#define TOTAL(table, range) ROWS("''::text", table, "= 1", "$3::text", range)
#define BRANCH(table, range)                                                                       \
    ROWS("$3::text", table, "= 1", "''", range)                                                    \
    " UNION ALL " ROWS("$3::text", table, "BETWEEN 1024 AND 2047", "''", range)

#define NEWEST_DAY                                                                                 \
    "(SELECT max(z.day) FROM generate_series(0, 7) AS l (lane), generate_series(1, 5) AS s "       \
    "(sheet)"                                                                                      \
    " CROSS JOIN LATERAL (SELECT n.day FROM reporting.daily_fact AS n WHERE n.lane = l.lane"       \
    " AND n.sheet = s.sheet AND n.part = 1 AND n.branch = $3 AND n.day <= " LAST                   \
    " ORDER BY n.day DESC LIMIT 1) AS z)"

enum set {
    TOTAL_MONTHS,
    TOTAL_BEFORE,
    TOTAL_BEHIND,
    BRANCH_MONTHS,
    BRANCH_BEFORE,
    BRANCH_BEHIND,
    DAYS,
    SETS
};

/* The formatter falls over it. */
/* clang-format off */
static const struct db_query sets[SETS] = {
    [TOTAL_MONTHS] = {"overview_total_months",  TOTAL("monthly_fact", IN_MONTHS),     DB_ROWS},
    [TOTAL_BEFORE] = {"overview_total_before",  TOTAL("daily_fact", BEFORE_MONTHS),   DB_ROWS},
    [TOTAL_BEHIND] = {"overview_total_behind",  TOTAL("daily_fact", BEHIND_MONTHS),   DB_ROWS},
    [BRANCH_MONTHS] = {"overview_branch_months", BRANCH("monthly_fact", IN_MONTHS),    DB_ROWS},
    [BRANCH_BEFORE] = {"overview_branch_before", BRANCH("daily_fact", BEFORE_MONTHS),  DB_ROWS},
    [BRANCH_BEHIND] = {"overview_branch_behind", BRANCH("daily_fact", BEHIND_MONTHS),  DB_ROWS},
    [DAYS] = {"overview_days",
              ROWS("f.day::text", "daily_fact", "= 1", "$3::text",
                   "f.day >= greatest(" FIRST ", " NEWEST_DAY " - 366) AND f.day <= " LAST),
              DB_ROWS},
};
/* clang-format on */
_Static_assert(OVERVIEW_DAYS_MAX == 366, "one more is read");
_Static_assert(DIMENSION_BRANCH == 1 && PART_STEP == 1024, "as in the statements");

static const struct db_query days = {
    .name = "overview_all_days",
    .sql = REPORT_CATALOGUE_DAYS,
    .shape = DB_ONE,
};

void overview_store_ask(struct db *db, const struct report_question *question)
{
    struct db_params params = {.count = 0};

    report_store_begin(db);
    db_put_text(&params, text_is_empty(question->from_day) ? NULL : question->from_day);
    db_put_text(&params, text_is_empty(question->to_day) ? NULL : question->to_day);
    db_put_text(&params, question->branch);
    for (int i = 0; i < SETS; i++) {
        db_query(db, &sets[i], &params);
    }
    db_query(db, &days, NULL);
    report_store_ask_behind(db);
    db_commit(db);
    db_params_free(&params);
}

/* ---- adding up */

/* What an overview needs, as columns, so that the same code finds their measures. */
/* The formatter would push the columns far apart. */
/* clang-format off */
static const struct report_column wanted[] = {
    {.name = "counts", .formula = {.kind = FORMULA_COUNT, .of = {MEASURE_CASES, MEASURE_RESOLUTION}}},
    {.name = "answers", .formula = {.kind = FORMULA_QUANTILE, .of = {MEASURE_FIRST_RESPONSE}}},
    {.name = "promises",
     .formula = {.kind = FORMULA_COUNT,
                 .of = {MEASURE_PROMISES_MADE, MEASURE_PROMISES_KEPT, MEASURE_PROMISES_BROKEN,
                        MEASURE_PROMISES_WAIVED, MEASURE_PROMISES_RENEGOTIATED}}},
    {.name = "calls",
     .formula = {.kind = FORMULA_COUNT,
                 .of = {MEASURE_CALLS_PLACED, MEASURE_CALLS_REACHED, MEASURE_FOLLOW_UPS_PLANNED,
                        MEASURE_PURCHASES}}},
    {.name = "marks",
     .formula = {.kind = FORMULA_COUNT,
                 .of = {MEASURE_CSAT, MEASURE_NPS_PROMOTERS, MEASURE_NPS_PASSIVES,
                        MEASURE_NPS_DETRACTORS}}},
    {.name = NULL},
};
/* clang-format on */

struct entry {
    char key[REPORT_VALUE_SIZE];
    struct report_sums sums;
    UT_hash_handle hh;
};

/* NOLINTNEXTLINE(readability-function-size): of uthash */
static struct entry *entry_of(struct entry **entries, const char *key)
{
    struct entry *entry;

    HASH_FIND_STR(*entries, key, entry);
    if (entry == NULL) {
        entry = xcalloc(1, sizeof(*entry));
        (void)text_copy(entry->key, sizeof(entry->key), key);
        HASH_ADD_STR(*entries, key, entry);
    }
    return entry;
}

/* The key of what counts for all stands beside the row; a branch is the value of its cell, and
 * beside the row stands which one is wanted, "": all. */
static bool add_row(struct entry **entries, const struct report_slots *slots,
                    enum figure_dimension dimension, const struct db_rows *rows, size_t row,
                    struct err *err)
{
    struct figure_cells cells = {.left = db_get_bytes(rows, row, 1)};
    struct figure_cell cell;
    const char *beside = db_get_text(rows, row, 0);
    bool is_branch = dimension == DIMENSION_BRANCH;
    const char *wanted_value = is_branch ? (beside[0] != '\0' ? beside : NULL) : "";

    while (figure_cells_next(&cells, &cell)) {
        char key[REPORT_VALUE_SIZE];
        if (!figure_cell_is(&cell, dimension, wanted_value)) {
            continue;
        }
        if (is_branch) {
            (void)figure_cell_value(&cell, key, sizeof(key));
        } else {
            (void)text_copy(key, sizeof(key), beside);
        }
        if (report_sums_add_sheet(&entry_of(entries, key)->sums, slots, REPORT_IN_RANGE,
                                  cell.figures, err) < 0) {
            return false;
        }
    }
    return !cells.is_malformed;
}

/* Returns whether all of it could be read. */
static bool add_rows(struct entry **entries, const struct report_slots *slots,
                     enum figure_dimension dimension, const struct db_rows *rows, struct err *err)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        if (!add_row(entries, slots, dimension, rows, row, err)) {
            return false;
        }
    }
    return true;
}

static int64_t count_of(const struct report_sums *sums, const struct report_slots *slots,
                        enum figure_measure measure)
{
    return report_sums_get(sums, slots, (uint16_t)measure)->count;
}

static void take_sums(const struct report_sums *sums, const struct report_slots *slots,
                      struct overview_figures *f)
{
    const struct log_histogram *h =
        &report_sums_get(sums, slots, MEASURE_FIRST_RESPONSE)->histogram;
    const int64_t promoters = count_of(sums, slots, MEASURE_NPS_PROMOTERS);
    const int64_t detractors = count_of(sums, slots, MEASURE_NPS_DETRACTORS);
    double median, p90;

    f->cases = count_of(sums, slots, MEASURE_CASES);
    f->promises_made = count_of(sums, slots, MEASURE_PROMISES_MADE);
    f->promises_kept = count_of(sums, slots, MEASURE_PROMISES_KEPT);
    f->promises_broken = count_of(sums, slots, MEASURE_PROMISES_BROKEN);
    f->promises_waived = count_of(sums, slots, MEASURE_PROMISES_WAIVED);
    f->promises_renegotiated = count_of(sums, slots, MEASURE_PROMISES_RENEGOTIATED);
    f->calls_placed = count_of(sums, slots, MEASURE_CALLS_PLACED);
    f->calls_reached = count_of(sums, slots, MEASURE_CALLS_REACHED);
    f->follow_ups_planned = count_of(sums, slots, MEASURE_FOLLOW_UPS_PLANNED);
    f->purchases = count_of(sums, slots, MEASURE_PURCHASES);
    f->csat_count = count_of(sums, slots, MEASURE_CSAT);
    f->csat_sum = (int64_t)report_sums_get(sums, slots, MEASURE_CSAT)->sum;
    f->nps_count = promoters + count_of(sums, slots, MEASURE_NPS_PASSIVES) + detractors;
    f->nps_net = promoters - detractors;
    f->first_responses = count_of(sums, slots, MEASURE_FIRST_RESPONSE);
    f->resolved = count_of(sums, slots, MEASURE_RESOLUTION);
    f->has_first_response =
        log_histogram_quantile(h, 0.5, &median) && log_histogram_quantile(h, 0.9, &p90);
    if (f->has_first_response) {
        f->first_response_median_us = (int64_t)median;
        f->first_response_p90_us = (int64_t)p90;
    }
}

static void take_list(const struct db_reply *reply, const int *from, enum overview_list which,
                      const struct report_slots *slots, struct overview *ret_overview)
{
    struct entry *entries = NULL;
    struct err err = ERR_NONE;
    bool is_whole = true;

    for (; *from < SETS && is_whole; from++) {
        is_whole = add_rows(&entries, slots,
                            which == OVERVIEW_PER_BRANCH ? DIMENSION_BRANCH : DIMENSION_ALL,
                            reply->rows[REPORT_STORE_FIRST + *from], &err);
    }
    if (!is_whole) {
        log_error("overview_figures_malformed", LOG_ERR(&err));
    }
    struct entry *entry = entries;
    HASH_CLEAR(hh, entries); /* they stay linked */
    while (entry != NULL) {
        struct entry *next = entry->hh.next;
        if (which == OVERVIEW_TOTAL || !report_sums_is_empty(&entry->sums)) {
            take_sums(&entry->sums, slots, overview_add(ret_overview, which, entry->key));
        }
        report_sums_free(&entry->sums);
        free(entry);
        entry = next;
    }
}

/* The days of the figures that are shown; a follow-up that is due on a day to come is none. */
static void take_days(const struct db_rows *rows, struct overview *o)
{
    const char *first = db_get_text(rows, 0, 0), *last = "";

    for (size_t i = 0; i < o->count[OVERVIEW_PER_DAY]; i++) {
        const char *day = o->list[OVERVIEW_PER_DAY][i].key;
        last = strcmp(day, last) > 0 ? day : last;
    }
    if (o->count[OVERVIEW_TOTAL] > 0 && o->count[OVERVIEW_PER_DAY] > 0) {
        struct overview_figures *total = &o->list[OVERVIEW_TOTAL][0];
        (void)text_copy(total->first_day, sizeof(total->first_day), first);
        (void)text_copy(total->last_day, sizeof(total->last_day), last);
    }
}

void overview_store_take(const struct db_reply *reply, struct overview *ret_overview)
{
    static const int totals[] = {TOTAL_MONTHS, TOTAL_BEFORE, TOTAL_BEHIND, SETS};
    static const int branches[] = {BRANCH_MONTHS, BRANCH_BEFORE, BRANCH_BEHIND, SETS};
    static const int newest[] = {DAYS, SETS};
    struct report_slots slots;

    report_slots_of(wanted, &slots);
    take_list(reply, totals, OVERVIEW_TOTAL, &slots, ret_overview);
    take_list(reply, branches, OVERVIEW_PER_BRANCH, &slots, ret_overview);
    take_list(reply, newest, OVERVIEW_PER_DAY, &slots, ret_overview);
    take_days(reply->rows[REPORT_STORE_FIRST + SETS], ret_overview);
    ret_overview->events_behind = db_get_int(reply->rows[REPORT_STORE_FIRST + SETS + 1], 0, 0);
}
