/* SPDX-License-Identifier: Apache-2.0 */
/* recovery_report_store.c - the report "recovery": does making good pay? */
#include <string.h>

#include "common/base/compiler.h"
#include "common/model/group_difference.h"
#include "services/reporting/report_book_private.h"

/* The columns are too wide for it. */
/* clang-format off */
static const struct report_column columns[] = {
    {"customers", WORDS("Customers", "客户数"), WORDS("Customers in this group.", "该组客户数。"), UNIT(COUNT)},
    {"bought_before", WORDS("Purchases before", "之前购买"), WORDS("Per customer in the 90 days before.", "此前 90 天人均购买次数。"), UNIT(RATE)},
    {"bought_after", WORDS("Purchases after", "之后购买"), WORDS("Per customer in the 90 days after.", "此后 90 天人均购买次数。"), UNIT(RATE)},
    {"change", WORDS("Change", "变化"), WORDS("Mean change of a customer's purchases, with its interval.", "人均购买次数的变化及其区间。"), UNIT(RATE)},
    {"index_change", WORDS("Index, change", "指数变化"),
     WORDS("Mean change of the loyalty index until 90 days after, of those whose index before is known.", "至此后 90 天的忠诚度指数平均变化。"), UNIT(SCORE)},
    {"against_none", WORDS("Against the others", "与无事客户之差"),
     WORDS("Change of purchases less that of customers with whom nothing had gone wrong.", "购买变化减去未出问题客户的购买变化。"), UNIT(RATE)},
    {.name = NULL},
};

static const struct report_words notes[] = {
    WORDS("Between 365 and 90 days ago; who had not bought anything in the year before is left out.",
          "取 365 天前至 90 天前之间发生者；此前一年无购买的客户不计。"),
    WORDS("Customers were not given their group by chance: who gets a compensation may differ in other ways, too.",
          "客户并非随机分组：获得补偿的客户在其他方面也可能不同。"),
    {{NULL}},
};
/* clang-format on */

static const struct db_query sums = {
    .name = "recovery_sums",
    .sql = "SELECT r.cohort, sum(r.customers)::float8, sum(r.bought_before)::float8,"
           " sum(r.bought_after)::float8, sum(r.change_sum)::float8, sum(r.change_squares)::float8,"
           " sum(r.index_customers)::float8, sum(r.index_sum), sum(r.index_squares)"
           " FROM reporting.recovery_sum AS r GROUP BY r.cohort",
    .shape = DB_ROWS,
};

static void ask(struct db *db, const struct report_frame *frame)
{
    (void)frame;
    db_query(db, &sums, NULL);
}

static struct group_sums sums_at(const struct db_rows *rows, size_t row, int column, int count)
{
    return (struct group_sums){db_get_float8(rows, row, count), db_get_float8(rows, row, column),
                               db_get_float8(rows, row, column + 1)};
}

static void put_mean(Troth__V1__FigureRow *to, size_t column, const struct group_sums *g)
{
    struct interval i;

    if (group_mean_interval(g, &i)) {
        report_cell_estimate(to, column, group_mean(g), i.low, i.high, (int64_t)g->count);
    }
}

static void fill(const struct db_rows *rows, size_t row, const struct group_sums *none,
                 Troth__V1__FigureRow *to)
{
    const struct group_sums change = sums_at(rows, row, 4, 1);
    const struct group_sums index = sums_at(rows, row, 7, 6);
    struct interval i;

    report_cell_number(to, 0, change.count);
    report_cell_number(to, 1, db_get_float8(rows, row, 2) / change.count);
    report_cell_number(to, 2, db_get_float8(rows, row, 3) / change.count);
    put_mean(to, 3, &change);
    put_mean(to, 4, &index);
    if (none && group_difference_means(none, &change, &i)) {
        report_cell_estimate(to, 5, group_mean(&change) - group_mean(none), i.low, i.high,
                             (int64_t)change.count);
    }
}

static const struct {
    const char *key;
    struct report_words words;
} cohorts[] = {
    {"none",                WORDS("nothing had gone wrong",        "未出问题")      },
    {"complaint",           WORDS("complaint, not made good",      "投诉，未补偿")},
    {"complaint_made_good", WORDS("complaint, compensated",        "投诉，已补偿")},
    {"broken",              WORDS("broken promise, not made good", "失信，未补偿")},
    {"broken_made_good",    WORDS("broken promise, compensated",   "失信，已补偿")},
};

static bool find(const struct db_rows *rows, const char *cohort, size_t *ret_row)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        if (strcmp(db_get_text(rows, row, 0), cohort) == 0) {
            *ret_row = row;
            return db_get_float8(rows, row, 1) > 0;
        }
    }
    return false;
}

static void take(const struct db_reply *reply, size_t first, const struct report_frame *frame,
                 Troth__V1__FigureTable *table)
{
    const struct db_rows *rows = reply->rows[first];
    struct group_sums none = {0};
    size_t row;
    bool has_none = find(rows, cohorts[0].key, &row);

    if (has_none) {
        none = sums_at(rows, row, 4, 1);
    }
    for (size_t i = 0; i < ARRAY_LEN(cohorts); i++) {
        if (find(rows, cohorts[i].key, &row)) {
            fill(rows, row, i > 0 && has_none ? &none : NULL,
                 report_table_add(table, cohorts[i].key, cohorts[i].words.text[frame->language]));
        }
    }
}

const struct report_kind report_recovery = {
    .name = "recovery",
    .title = WORDS("Does recovery pay?", "补救是否值得？"),
    .summary = WORDS("How customers went on after a complaint or a broken promise.",
                     "投诉或失信之后客户的去留。"),
    .columns = columns,
    .usual = GROUP_NONE,
    .notes = notes,
    .ask = ask,
    .take = take,
    .is_now = true,
};
