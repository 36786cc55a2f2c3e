/* SPDX-License-Identifier: Apache-2.0 */
/* standing_report_store.c - the reports "loyalty" (how customers stand) and "value" (what those who
 * may leave have bought), from what was written down each night. */
#include <stdio.h>

#include "common/base/text.h"
#include "services/reporting/report_book_private.h"
#include "services/reporting/report_labels.h"
#include "services/reporting/report_table.h"

/* The columns are too wide for it. */
/* clang-format off */
static const struct report_column standing_columns[] = {
    {"customers", WORDS("Customers", "客户数"), WORDS("Customers with a score.", "有评分的客户数。"), UNIT(COUNT)},
    {"share", WORDS("Share", "占比"), WORDS("Of all customers.", "占全部客户的比例。"), UNIT(SHARE)},
    {"index_mean", WORDS("Index, mean", "指数均值"), WORDS("Mean loyalty index, 0 to 100.", "忠诚度指数均值，0 至 100。"), UNIT(SCORE)},
    {"churn_mean", WORDS("Chance to leave", "流失概率"), WORDS("Mean chance that they leave.", "平均流失概率。"), UNIT(SHARE), LESS_BETTER},
    {"at_risk", WORDS("At risk", "有流失风险"), WORDS("Share of them whose risk to leave is raised or high.", "流失风险升高或高的客户比例。"), UNIT(SHARE), LESS_BETTER},
    {.name = NULL},
};

static const struct report_column value_columns[] = {
    {"customers", WORDS("Customers", "客户数"), WORDS("Customers who bought in the last year.", "近一年有购买的客户数。"), UNIT(COUNT)},
    {"currency", WORDS("Currency", "币种"), WORDS("Currencies are never added up.", "不同币种不相加。"), UNIT(TEXT)},
    {"spent", WORDS("Bought in a year", "一年消费"), WORDS("What they bought in the 365 days before, refunds taken off.", "此前 365 天的消费额，已扣除退款。"), UNIT(MONEY)},
    {"at_risk", WORDS("At risk", "风险金额"), WORDS("Each customer's money of a year times the chance that they leave.", "每位客户一年消费额乘以其流失概率之和。"), UNIT(MONEY), LESS_BETTER},
    {.name = NULL},
};
/* clang-format on */

/* ---- loyalty */

#define SUMS                                                                                       \
    " sum(s.customers)::int8, sum(s.index_sum)::float8 / 100, sum(s.churn_sum),"                   \
    " (sum(s.customers) FILTER (WHERE s.churn_level > 1))::int8, s.day::text"                      \
    " FROM reporting.standing_day AS s WHERE s.bucket = -1 AND s.day = "

/* The newest day of the range that was written down. $1, $2: days. */
#define LAST_DAY                                                                                   \
    "(SELECT d.day FROM reporting.standing_day AS d WHERE d.bucket = -1"                           \
    " AND d.day BETWEEN CAST($1::text AS date) AND CAST($2::text AS date)"                         \
    " ORDER BY d.day DESC LIMIT 1) GROUP BY s.day"

static const struct db_query standing = {
    .name = "standing_total",
    .sql = "SELECT ''," SUMS LAST_DAY,
    .shape = DB_ROWS,
};

static const struct db_query standing_by_tier = {
    .name = "standing_tiers",
    .sql = "SELECT s.tier::text," SUMS LAST_DAY ", s.tier ORDER BY s.tier",
    .shape = DB_ROWS,
};

static const struct db_query standing_by_tenth = {
    .name = "standing_tenths",
    .sql = "SELECT s.index_tenth::text," SUMS LAST_DAY ", s.index_tenth ORDER BY s.index_tenth",
    .shape = DB_ROWS,
};

/* Day by day, so that the key finds the few rows of each. */
static const struct db_query standing_by_day = {
    .name = "standing_days",
    .sql =
        "SELECT t.* FROM generate_series(0, CAST($2::text AS date) - CAST($1::text AS date)) AS n"
        " CROSS JOIN LATERAL (SELECT s.day::text," SUMS "CAST($1::text AS date) + n"
        " GROUP BY s.day OFFSET 0) AS t ORDER BY n",
    .shape = DB_ROWS,
};

static void ask_standing_by(struct db *db, const struct report_frame *frame,
                            const struct db_query *query)
{
    struct db_params params = {.count = 0};

    db_put_text(&params, frame->from_day);
    db_put_text(&params, frame->to_day);
    db_query(db, query, &params);
    db_params_free(&params);
}

static void ask_standing(struct db *db, const struct report_frame *frame)
{
    if (frame->grouping == GROUP_DAY) {
        ask_standing_by(db, frame, &standing_by_day);
    } else if (frame->grouping == GROUP_DIMENSION) {
        ask_standing_by(db, frame, &standing_by_tier);
    }
    ask_standing_by(db, frame, &standing_by_tenth);
    ask_standing_by(db, frame, &standing);
}

static void fill_standing(const struct db_rows *rows, size_t row, double all,
                          Troth__V1__FigureRow *to)
{
    double customers = (double)db_get_int(rows, row, 1);

    report_cell_number(to, 0, customers);
    if (customers > 0) {
        report_cell_number(to, 1, all > 0 ? customers / all : 1.0);
        report_cell_number(to, 2, db_get_float8(rows, row, 2) / customers);
        report_cell_number(to, 3, db_get_float8(rows, row, 3) / customers);
        report_cell_number(to, 4, (double)db_get_int(rows, row, 4) / customers);
    }
}

static void take_standing(const struct db_reply *reply, size_t first,
                          const struct report_frame *frame, Troth__V1__FigureTable *table)
{
    static const char *const tiers[] = {"", "bronze", "silver", "gold"};
    bool is_grouped = frame->grouping != GROUP_NONE;
    const struct db_rows *tenths = reply->rows[first + is_grouped];
    const struct db_rows *total = reply->rows[first + is_grouped + 1];
    double all = db_row_count(total) > 0 ? (double)db_get_int(total, 0, 1) : 0.0;
    char key[40], label[40];

    for (size_t row = 0; is_grouped && row < db_row_count(reply->rows[first]); row++) {
        const char *value = db_get_text(reply->rows[first], row, 0);
        if (frame->grouping == GROUP_DIMENSION) {
            value = tiers[(value[0] - '0') & 3];
        }
        fill_standing(
            reply->rows[first], row, frame->grouping == GROUP_DAY ? 0.0 : all,
            report_table_add(table, value, report_label(DIMENSION_TIER, value, frame->language)));
    }
    for (size_t row = 0; !is_grouped && row < db_row_count(tenths); row++) {
        int tenth = (int)(db_get_text(tenths, row, 0)[0] - '0');
        (void)text_format(key, sizeof(key), "index/%d", tenth * 10);
        (void)text_format(label, sizeof(label), "%d - %d", tenth * 10,
                          tenth == 9 ? 100 : tenth * 10 + 10);
        fill_standing(tenths, row, all, report_table_add(table, key, label));
    }
    if (db_row_count(total) > 0) {
        char note[160];
        fill_standing(total, 0, 0.0, report_table_total(table));
        (void)text_format(note, sizeof(note),
                          frame->language == REPORT_CHINESE ? "截至 %s 日终。"
                                                            : "As of the end of %s.",
                          db_get_text(total, 0, 5));
        report_table_note(table, note);
    }
}

const struct report_kind report_loyalty = {
    .name = "loyalty",
    .title = WORDS("Loyalty", "忠诚度"),
    .summary = WORDS("How customers stand: by index (group none), tier, or day by day.",
                     "客户现状：按指数（不分组）、等级或逐日。"),
    .columns = standing_columns,
    .groups = BIT(TIER),
    .has_time_groups = true,
    .is_daily = true,
    .usual = GROUP_DIMENSION,
    .usual_dimension = DIMENSION_TIER,
    .ask = ask_standing,
    .take = take_standing,
};

/* ---- value */

static const struct db_query value_list = {
    .name = "value_list",
    .sql = "SELECT v.churn_level, v.currency, sum(v.customers)::int8, sum(v.spent)::float8,"
           " sum(v.at_risk), v.day::text FROM reporting.value_day AS v"
           " WHERE v.day = (SELECT max(d.day) FROM reporting.value_day AS d"
           " WHERE d.day <= CAST($1::text AS date)) GROUP BY v.day, v.churn_level, v.currency"
           " ORDER BY v.currency, v.churn_level DESC",
    .shape = DB_ROWS,
};

static void ask_value(struct db *db, const struct report_frame *frame)
{
    struct db_params params = {.count = 0};

    db_put_text(&params, frame->to_day);
    db_query(db, &value_list, &params);
    db_params_free(&params);
}

static void take_value(const struct db_reply *reply, size_t first, const struct report_frame *frame,
                       Troth__V1__FigureTable *table)
{
    static const struct {
        const char *key;
        struct report_words words;
    } levels[] = {
        {"low",    WORDS("low risk",    "低风险")   },
        {"raised", WORDS("raised risk", "风险升高")},
        {"high",   WORDS("high risk",   "高风险")   },
    };
    const struct db_rows *rows = reply->rows[first];

    for (size_t row = 0; row < db_row_count(rows); row++) {
        size_t level = (size_t)(db_get_int(rows, row, 0) - 1) % ARRAY_LEN(levels);
        char key[32], label[80];
        (void)text_format(key, sizeof(key), "%s/%s", levels[level].key, db_get_text(rows, row, 1));
        (void)text_format(label, sizeof(label), "%s, %s", levels[level].words.text[frame->language],
                          db_get_text(rows, row, 1));
        Troth__V1__FigureRow *r = report_table_add(table, key, label);
        report_cell_number(r, 0, (double)db_get_int(rows, row, 2));
        report_cell_text(r, 1, db_get_text(rows, row, 1));
        report_cell_number(r, 2, db_get_float8(rows, row, 3));
        report_cell_number(r, 3, db_get_float8(rows, row, 4));
    }
}

const struct report_kind report_value = {
    .name = "value",
    .title = WORDS("Value at risk", "风险价值"),
    .summary =
        WORDS("What customers who may leave bought in a year.", "可能流失的客户一年的消费额。"),
    .columns = value_columns,
    .usual = GROUP_NONE,
    .ask = ask_value,
    .take = take_value,
};
