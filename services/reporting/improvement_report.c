/* SPDX-License-Identifier: Apache-2.0 */
/* improvement_report.c - the reports "improvements" and "trainings": what is done about causes, and
 * what became of it. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/improvement_store.h"
#include "services/reporting/report_book_private.h"
#include "services/reporting/report_day.h"

/* The columns are too wide for it. */
/* clang-format off */
static const struct report_column columns[] = {
    {"cause_measure", WORDS("Changes", "指标"), WORDS("The figure that it is to change.", "要改变的指标。"), UNIT(TEXT)},
    {"cause", WORDS("Of", "对象"), WORDS("Category, product, team, staff or skill.", "类别、产品、团队、员工或技能。"), UNIT(TEXT)},
    {"where", WORDS("Where", "何处"), WORDS("Branch; empty: everywhere.", "门店；空为全部。"), UNIT(TEXT)},
    {"owner", WORDS("Owner", "负责人"), WORDS("Who answers for it.", "由谁负责。"), UNIT(TEXT)},
    {"starts_on", WORDS("Since", "开始"), WORDS("The first day on which it was in force.", "开始实施之日。"), UNIT(DAY)},
    {"before", WORDS("Before", "之前"), WORDS("The figure in the 90 days before; of a duration the median in hours.", "此前 90 天的数值；时长为中位数（小时）。"), UNIT(RATE)},
    {"after", WORDS("After", "之后"), WORDS("The figure since, at most 90 days.", "此后至多 90 天的数值。"), UNIT(RATE)},
    {"ratio", WORDS("After / before", "之后／之前"),
     WORDS("The ratio of both, of means their difference; with the 95 % interval.", "两者之比，均值取两者之差；附 95 % 区间。"), UNIT(RATE)},
    {"others_ratio", WORDS("Elsewhere", "其他门店"),
     WORDS("The same where it was not done; the verdict goes by what is left beside it.", "未采取措施之处的同一数值；结论以两者相比为准。"), UNIT(RATE)},
    {"expectation", WORDS("Hoped for", "期望"), WORDS("The ratio that was hoped for.", "期望达到的比值。"), UNIT(RATE)},
    {"verdict", WORDS("Verdict", "结论"), WORDS("What the interval says.", "区间所示的结论。"), UNIT(TEXT)},
    {"words", WORDS("In words", "说明"), WORDS("The same as a sentence.", "以一句话说明。"), UNIT(TEXT)},
    {.name = NULL},
};

static const struct report_words verdicts[] = {
    [EFFECT_TOO_EARLY] = WORDS("too early", "为时尚早"),
    [EFFECT_NO_DIFFERENCE] = WORDS("no difference", "无差别"),
    [EFFECT_BETTER] = WORDS("better", "改善"),
    [EFFECT_WORSE] = WORDS("worse", "变差"),
};

static const struct report_words notes[] = {
    WORDS("Judged anew every night, and when an action is changed; before 14 days it is too early.",
          "每晚及措施变更时重新评估；不满 14 天不下结论。"),
    {{NULL}},
};
/* clang-format on */

static void ask(struct db *db, const struct report_frame *frame)
{
    (void)frame;
    improvement_store_ask_all(db);
}

static void put_number(Troth__V1__FigureRow *to, size_t column, double value)
{
    if (isfinite(value)) {
        report_cell_number(to, column, value);
    }
}

static void put_interval(Troth__V1__FigureRow *to, size_t column, double value, struct interval i,
                         int64_t count)
{
    if (isfinite(value) && isfinite(i.low) && isfinite(i.high)) {
        report_cell_estimate(to, column, value, i.low, i.high, count);
    } else {
        put_number(to, column, value);
    }
}

static void put_effect(const struct improvement *a, const struct report_frame *frame,
                       Troth__V1__FigureRow *to)
{
    const struct effect *e = &a->effect;
    struct text words = {0};

    double unit = e->unit == EFFECT_DURATION ? (double)DURATION_H : 1.0;

    put_number(to, 5, e->before_rate / unit);
    put_number(to, 6, e->after_rate / unit);
    put_interval(to, 7, e->ratio, e->interval, e->events_before + e->events_after);
    put_number(to, 8, e->others_ratio);
    report_cell_text(to, 10, verdicts[e->verdict].text[frame->language]);
    effect_words(e, a->expectation, frame->language, &words);
    report_cell_text(to, 11, text_or_empty(&words));
    text_free(&words);
}

static void put_cause(const struct improvement *a, Troth__V1__FigureRow *to)
{
    const char *const parts[] = {a->category, a->product, a->team, a->staff, a->skill};
    struct text cause = {0};

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (!text_is_empty(parts[i])) {
            text_appendf(&cause, "%s%s", cause.len > 0 ? ", " : "", parts[i]);
        }
    }
    report_cell_text(to, 1, text_or_empty(&cause));
    text_free(&cause);
}

static void add(const struct improvement *a, const struct report_frame *frame,
                Troth__V1__FigureTable *table)
{
    char key[32], day[REPORT_DAY_SIZE];

    (void)text_format(key, sizeof(key), "%" PRId64, a->id);
    Troth__V1__FigureRow *to = report_table_add(table, key, a->title);
    report_cell_text(to, 0, a->cause_measure);
    put_cause(a, to);
    report_cell_text(to, 2, a->branch);
    report_cell_text(to, 3, a->owner);
    report_cell_text(to, 4, report_day_format(a->starts_on, day));
    report_cell_number(to, 9, a->expectation);
    if (a->has_effect) {
        put_effect(a, frame, to);
    }
}

/* Those in force on some day of the range. */
static void take_kind(const struct db_rows *rows, bool is_training,
                      const struct report_frame *frame, Troth__V1__FigureTable *table)
{
    struct improvement *a = xcalloc(1, sizeof(*a));
    int64_t from = INT64_MIN, to = INT64_MAX;

    if (report_day_parse(frame->from_day, &from) < 0 || report_day_parse(frame->to_day, &to) < 0) {
        BUG("a frame without days");
    }
    for (size_t row = 0; row < db_row_count(rows); row++) {
        improvement_store_take(rows, row, a);
        bool is_in_force =
            a->starts_on <= to && (a->ends_on == IMPROVEMENT_NO_DAY || a->ends_on >= from);
        if (a->is_training == is_training && is_in_force) {
            add(a, frame, table);
        }
    }
    free(a);
}

static void take_actions(const struct db_reply *reply, size_t first,
                         const struct report_frame *frame, Troth__V1__FigureTable *table)
{
    take_kind(reply->rows[first], false, frame, table);
}

static void take_trainings(const struct db_reply *reply, size_t first,
                           const struct report_frame *frame, Troth__V1__FigureTable *table)
{
    take_kind(reply->rows[first], true, frame, table);
}

const struct report_kind report_improvements = {
    .name = "improvements",
    .title = WORDS("Improvements", "预防措施"),
    .summary =
        WORDS("What is done about causes, and whether it helped.", "针对原因采取的措施及其成效。"),
    .columns = columns,
    .usual = GROUP_NONE,
    .notes = notes,
    .ask = ask,
    .take = take_actions,
};

const struct report_kind report_trainings = {
    .name = "trainings",
    .title = WORDS("Trainings", "培训"),
    .summary = WORDS("Which team or staff was trained, and what it changed.",
                     "哪些团队或员工接受了培训，成效如何。"),
    .columns = columns,
    .usual = GROUP_NONE,
    .notes = notes,
    .ask = ask,
    .take = take_trainings,
};
