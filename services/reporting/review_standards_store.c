/* SPDX-License-Identifier: Apache-2.0 */
/* review_standards_store.c - the report "standards": of each rule of the standard and kind of
 * promise how often it was kept, and what 10 % stricter would have cost. */
#include <stdlib.h>
#include <string.h>

#include "common/base/hash_table.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/model/proportion.h"
#include "services/reporting/figure_cells.h"
#include "services/reporting/figure_sums.h"
#include "services/reporting/report_book_private.h"
#include "services/reporting/report_labels.h"
#include "services/reporting/review_stricter.h"

#define STRICTER 0.9

/* The columns are too wide for it. */
/* clang-format off */
static const struct report_column columns[] = {
    {"decided", WORDS("Decided", "已判定"), WORDS("Promises kept or broken.", "已兑现或未兑现的承诺数。"), UNIT(COUNT)},
    {"kept", WORDS("Kept", "兑现率"), WORDS("Share of them that was kept in time.", "按时兑现的比例。"), UNIT(SHARE)},
    {"used_median", WORDS("Target used, median", "目标耗用中位数"), WORDS("Counted time as a share of the target, of half of those done.", "已完成承诺中一半所用时间占目标的比例。"), UNIT(SHARE), LESS_BETTER},
    {"used_p90", WORDS("Target used, 90 %", "目标耗用 90 分位"), WORDS("The same of nine of ten.", "九成承诺的同一比例。"), UNIT(SHARE), LESS_BETTER},
    {"kept_stricter", WORDS("Kept if 10 % stricter", "收紧 10 % 的兑现率"), WORDS("Share that would have been kept with nine tenths of the target.", "若目标为九成，可兑现的比例。"), UNIT(SHARE)},
    {"broken_more", WORDS("More broken", "新增未兑现"), WORDS("Promises that would have been broken besides.", "将新增的未兑现承诺数。"), UNIT(COUNT), LESS_BETTER},
    {.name = NULL},
};

static const struct report_words notes[] = {
    WORDS("10 % stricter: by replay of counted times. What people would have done with another target, nobody knows.",
          "收紧 10 % 系按已计时间重演所得；若目标不同，人们会怎样做无从得知。"),
    {{NULL}},
};
/* clang-format on */

/* Whole months from the monthly rows, the days at both ends from the daily ones. $1, $2: days; $3:
 * branch. */
#define OF(table)                                                                                  \
    "SELECT f.figures FROM reporting." table " AS f"                                               \
    " WHERE f.lane IN (0, 1, 2, 3, 4, 5, 6, 7) AND f.sheet = 2"                                    \
    " AND (f.part = 2 OR f.part / 1024 = 18) AND f.branch = $3 AND f.day BETWEEN CAST($1::text "   \
    "AS date) AND CAST($2::text AS date)"
#define IS_WHOLE                                                                                   \
    " (date_trunc('month', f.day) >= CAST($1::text AS date)"                                       \
    " AND date_trunc('month', f.day) + interval '1 month' <= CAST($2::text AS date) + 1)"

static const struct db_query figures = {
    .name = "review_figures",
    .sql = OF("monthly_fact") " AND" IS_WHOLE " UNION ALL " OF("daily_fact") " AND NOT" IS_WHOLE,
    .shape = DB_ROWS,
};
_Static_assert(SHEET_PROMISES == 2 && PART_WIDE == 2, "as in the statement");
_Static_assert(PART_STEP == 1024 && DIMENSION_STANDARD == 18, "as in the statement");

static void ask(struct db *db, const struct report_frame *frame)
{
    struct db_params params = {.count = 0};

    db_put_text(&params, frame->from_day);
    db_put_text(&params, frame->to_day);
    db_put_text(&params, report_frame_filter(frame, DIMENSION_BRANCH));
    db_query(db, &figures, &params);
    db_params_free(&params);
}

struct standard_sums {
    char value[REPORT_VALUE_SIZE];
    struct figure_sums sums;
    UT_hash_handle hh;
};

/* NOLINTNEXTLINE(readability-function-size): of uthash */
static struct standard_sums *sums_of(struct standard_sums **all, const char *value)
{
    struct standard_sums *s;

    HASH_FIND_STR(*all, value, s);
    if (!s) {
        s = xcalloc(1, sizeof(*s));
        (void)text_copy(s->value, sizeof(s->value), value);
        HASH_ADD_STR(*all, value, s);
    }
    return s;
}

static void put_used(const struct log_histogram *used, const struct review_kept *now,
                     Troth__V1__FigureRow *to)
{
    double median, p90;

    if (!log_histogram_quantile(used, 0.5, &median) || !log_histogram_quantile(used, 0.9, &p90)) {
        return;
    }
    report_cell_number(to, 2, median / 1e6);
    report_cell_number(to, 3, p90 / 1e6);
    if (now->decided > 0) {
        double kept = review_stricter_kept(used, now, STRICTER);
        struct interval i = proportion_wilson_95(kept, now->decided);
        report_cell_estimate(to, 4, kept / now->decided, i.low, i.high, (int64_t)now->decided);
        report_cell_number(to, 5, now->kept - kept);
    }
}

static void fill(struct standard_sums *s, Troth__V1__FigureRow *to)
{
    struct review_kept now = {.kept =
                                  (double)figure_sums_of(&s->sums, MEASURE_PROMISES_KEPT)->count};

    now.decided = now.kept + (double)figure_sums_of(&s->sums, MEASURE_PROMISES_BROKEN)->count;
    report_cell_number(to, 0, now.decided);
    if (now.decided > 0) {
        struct interval i = proportion_wilson_95(now.kept, now.decided);
        report_cell_estimate(to, 1, now.kept / now.decided, i.low, i.high, (int64_t)now.decided);
    }
    put_used(&figure_sums_of(&s->sums, MEASURE_TARGET_USED)->histogram, &now, to);
}

static int by_value(const struct standard_sums *a, const struct standard_sums *b)
{
    return strcmp(a->value, b->value);
}

/* NOLINTNEXTLINE(readability-function-size): of uthash */
static void take(const struct db_reply *reply, size_t first, const struct report_frame *frame,
                 Troth__V1__FigureTable *table)
{
    const struct db_rows *rows = reply->rows[first];
    struct standard_sums *all = NULL, *s;
    struct text label = {.data = NULL};
    struct err err = ERR_NONE;

    for (size_t row = 0; row < db_row_count(rows); row++) {
        struct figure_cells cells = {.left = db_get_bytes(rows, row, 0)};
        struct figure_cell cell;
        while (figure_cells_next(&cells, &cell)) {
            char value[REPORT_VALUE_SIZE];
            if (!figure_cell_is(&cell, DIMENSION_STANDARD, NULL)) {
                continue;
            }
            s = sums_of(&all, figure_cell_value(&cell, value, sizeof(value)));
            if (figure_sums_add_packed(&s->sums, cell.figures, &err) < 0) {
                log_error("figures_malformed", LOG_ERR(&err));
            }
        }
    }
    HASH_SORT(all, by_value);
    s = all;
    HASH_CLEAR(hh, all); /* they stay linked */
    while (s) {
        struct standard_sums *next = s->hh.next;
        if (s->value[0] != '\0') {
            fill(s, report_table_add(table, s->value,
                                     report_label_in(frame, DIMENSION_STANDARD, s->value, &label)));
        }
        figure_sums_free(&s->sums);
        free(s);
        s = next;
    }
    text_free(&label);
}

const struct report_kind report_standards = {
    .name = "standards",
    .title = WORDS("Standards", "服务标准"),
    .summary = WORDS("How often each standard was kept, and what 10 % stricter would have cost.",
                     "各项标准的兑现情况，以及收紧 10 % 的代价。"),
    .columns = columns,
    .groups = BIT(STANDARD),
    .usual = GROUP_DIMENSION,
    .usual_dimension = DIMENSION_STANDARD,
    .filters = BIT(BRANCH),
    .notes = notes,
    .ask = ask,
    .take = take,
};
