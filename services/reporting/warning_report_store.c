/* SPDX-License-Identifier: Apache-2.0 */
/* warning_report_store.c - the report "warnings": days on which a count stood out, newest first,
 * with the baseline each was judged by. */
#include "common/base/text.h"
#include "services/reporting/report_book_private.h"
#include "services/reporting/report_labels.h"

/* The columns are too wide for it. */
/* clang-format off */
static const struct report_column columns[] = {
    {"day", WORDS("Day", "日期"), WORDS("The day that stood out.", "出现异常的日期。"), UNIT(DAY)},
    {"dimension", WORDS("Of", "维度"), WORDS("All, or category, product or branch.", "全部，或类别、产品、门店。"), UNIT(TEXT)},
    {"value", WORDS("Which", "对象"), WORDS("Which one of them.", "具体的类别、产品或门店。"), UNIT(TEXT)},
    {"measure", WORDS("Counted", "指标"), WORDS("What is counted: cases or complaints.", "所计的是个案还是投诉。"), UNIT(TEXT)},
    {"count", WORDS("Count", "次数"), WORDS("How many there were on that day.", "当日的次数。"), UNIT(COUNT), LESS_BETTER},
    {"mean", WORDS("Usual", "基线均值"), WORDS("Mean of the baseline days.", "基线各日的均值。"), UNIT(SCORE)},
    {"deviation", WORDS("Deviation", "基线标准差"),
     WORDS("Standard deviation of the baseline as the detector uses it, at least 1.", "检测方法所用的基线标准差，至少为 1。"), UNIT(SCORE)},
    {"detectors", WORDS("Found by", "检测方法"),
     WORDS("C1 to C3: a sudden rise against seven days (EARS); CUSUM: a level that has shifted within three weeks.",
           "C1 至 C3：与此前七日相比的突增（EARS）；CUSUM：三周内水平的偏移。"), UNIT(TEXT)},
    {"asked", WORDS("Asked", "已提示"), WORDS("Whether a person was asked about it; else it is for the record.", "是否提示给人处理；否则仅作记录。"), UNIT(TEXT)},
    {"seen", WORDS("Seen", "已知悉"), WORDS("When somebody said that they know of it.", "何时有人表示已知悉。"), UNIT(DAY)},
    {.name = NULL},
};
/* clang-format on */

/* $1, $2: days; $3: dimension or 0, $4 its value; $5: how many. */
static const struct db_query list = {
    .name = "warning_list",
    .sql = "SELECT w.day::text, w.dimension, w.value, w.measure, max(w.count),"
           " (array_agg(w.mean ORDER BY w.detector))[1],"
           " (array_agg(w.deviation ORDER BY w.detector))[1],"
           " string_agg(w.detector, ', ' ORDER BY w.detector),"
           " (min(w.seen_at) AT TIME ZONE $6)::date::text, bool_or(w.is_for_person) FROM "
           "reporting.early_warning AS w"
           " WHERE w.day BETWEEN CAST($1::text AS date) AND CAST($2::text AS date)"
           " AND ($3 = 0 OR w.dimension = $3 AND w.value = $4)"
           " GROUP BY w.day, w.dimension, w.value, w.measure"
           " ORDER BY w.day DESC, max(w.count) DESC, w.dimension, w.value, w.measure LIMIT $5",
    .shape = DB_ROWS,
};

static void ask(struct db *db, const struct report_frame *frame)
{
    struct db_params params = {.count = 0};
    bool has_filter = frame->filter_count > 0;

    db_put_text(&params, frame->from_day);
    db_put_text(&params, frame->to_day);
    db_put_int2(&params, (int16_t)(has_filter ? frame->filters[0].dimension : 0));
    db_put_text(&params, has_filter ? frame->filters[0].value : "");
    db_put_int8(&params, (int64_t)frame->limit);
    db_put_text(&params, frame->time_zone);
    db_query(db, &list, &params);
    db_params_free(&params);
}

static const char *measure_label(int64_t measure, enum report_language language)
{
    static const struct report_words words[] = {WORDS("cases", "个案"),
                                                WORDS("complaints", "投诉")};

    return words[measure == MEASURE_COMPLAINTS].text[language];
}

static const char *asked_label(bool is_asked, enum report_language language)
{
    static const struct report_words words[] = {WORDS("no", "否"), WORDS("yes", "是")};

    return words[is_asked].text[language];
}

static const char *dimension_label(enum figure_dimension dimension, enum report_language language)
{
    static const struct report_words words[] = {WORDS("all", "全部"), WORDS("branch", "门店"),
                                                WORDS("category", "类别"),
                                                WORDS("product", "产品")};

    return words[dimension == DIMENSION_ALL        ? 0
                 : dimension == DIMENSION_BRANCH   ? 1
                 : dimension == DIMENSION_CATEGORY ? 2
                                                   : 3]
        .text[language];
}

static void take(const struct db_reply *reply, size_t first, const struct report_frame *frame,
                 Troth__V1__FigureTable *table)
{
    const struct db_rows *rows = reply->rows[first];

    for (size_t row = 0; row < db_row_count(rows); row++) {
        enum figure_dimension dimension = (enum figure_dimension)db_get_int(rows, row, 1);
        const char *value = db_get_text(rows, row, 2);
        const struct figure_measure_row *measure =
            figure_measure_find((enum figure_measure)db_get_int(rows, row, 3));
        char key[400];
        (void)text_format(key, sizeof(key), "%s/%s/%s/%s", db_get_text(rows, row, 0),
                          figure_dimension_name(dimension), measure ? measure->name : "", value);
        Troth__V1__FigureRow *r =
            report_table_add(table, key, report_label(dimension, value, frame->language));
        report_cell_text(r, 0, db_get_text(rows, row, 0));
        report_cell_text(r, 1, dimension_label(dimension, frame->language));
        report_cell_text(r, 2, report_label(dimension, value, frame->language));
        report_cell_text(r, 3, measure_label(db_get_int(rows, row, 3), frame->language));
        report_cell_number(r, 4, (double)db_get_int(rows, row, 4));
        report_cell_number(r, 5, db_get_float8(rows, row, 5));
        report_cell_number(r, 6, db_get_float8(rows, row, 6));
        report_cell_text(r, 7, db_get_text(rows, row, 7));
        report_cell_text(r, 8, asked_label(db_get_bool(rows, row, 9), frame->language));
        if (!db_is_null(rows, row, 8)) {
            report_cell_text(r, 9, db_get_text(rows, row, 8));
        }
    }
}

const struct report_kind report_warnings = {
    .name = "warnings",
    .title = WORDS("Early warnings", "预警"),
    .summary = WORDS("Days on which a category, product or branch had more than chance explains.",
                     "某类别、产品或门店的次数超出偶然波动的日期。"),
    .columns = columns,
    .usual = GROUP_NONE,
    .filters = BIT(CATEGORY) | BIT(PRODUCT) | BIT(BRANCH),
    .ask = ask,
    .take = take,
};
