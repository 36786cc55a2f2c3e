/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_labels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "services/reporting/report_frame.h"
#include "services/reporting/report_table.h"

static struct questionnaire *sample(void)
{
    struct err err = ERR_NONE;
    struct questionnaire *q = questionnaire_load("deploy/config/questionnaire.conf", &err);

    if (!q) {
        fail_msg("%s", err.text);
    }
    return q;
}

static void expect(const struct questionnaire *q, enum figure_dimension dimension,
                   const char *value, const char *const words[REPORT_LANGUAGE_COUNT])
{
    for (unsigned l = 0; l < REPORT_LANGUAGE_COUNT; l++) {
        struct text text = {.data = NULL};
        report_label_append(q, (enum report_language)l, dimension, value, &text);
        assert_string_equal(text_or_empty(&text), words[l]);
        text_free(&text);
    }
}

/* The columns are too wide for it. */
/* clang-format off */
static const struct row {
    enum figure_dimension dimension;
    const char *value;
    const char *words[REPORT_LANGUAGE_COUNT], *without[REPORT_LANGUAGE_COUNT]; /* a questionnaire */
} rows[] = {
    {DIMENSION_MOVE, "bronze>silver", {"bronze → silver", "铜卡 → 银卡"}, {"bronze → silver", "铜卡 → 银卡"}},
    {DIMENSION_MOVE, "raised>high", {"raised risk → high risk", "风险偏高 → 高风险"}, {"raised risk → high risk", "风险偏高 → 高风险"}},
    {DIMENSION_STANDARD, "complaint/first_response", {"complaint: first response", "投诉：首次响应"}, {"complaint: first response", "complaint：首次响应"}},
    {DIMENSION_STANDARD, "my_rule/callback", {"my rule: call back", "my rule：回电"}, {"my rule: call back", "my rule：回电"}},
    {DIMENSION_RULE, "winter_check", {"check before the winter", "入冬检查"}, {"winter check", "winter check"}},
    {DIMENSION_RULE, "of_our_own", {"of our own", "of our own"}, {"of our own", "of our own"}},
    {DIMENSION_QUESTION, "new_date_fits", {"Does the new date suit you? 1 for yes, 0 for no.", "新的时间您方便吗？1 为方便，0 为不方便。"}, {"new date fits", "new date fits"}},
    {DIMENSION_QUESTION, "item/23", {"item/23", "item/23"}, {"item/23", "item/23"}},
    {DIMENSION_ANSWER, "reliability/5", {"reliability: 5", "可靠性：5"}, {"reliability: 5", "可靠性：5"}},
    {DIMENSION_ANSWER, "4", {"4", "4"}, {"4", "4"}},
    {DIMENSION_BRANCH, "north_2", {"north_2", "north_2"}, {"north_2", "north_2"}},
    {DIMENSION_RULE, "", {"(not said)", "（未注明）"}, {"(not said)", "（未注明）"}},
    {DIMENSION_ALL, "", {"whole company", "全公司"}, {"whole company", "全公司"}},
};
/* clang-format on */

static void codes_have_words_in_both_languages(void **state)
{
    struct questionnaire *q = sample();

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        expect(q, rows[i].dimension, rows[i].value, rows[i].words);
        expect(NULL, rows[i].dimension, rows[i].value, rows[i].without);
    }
    questionnaire_free(q);
}

static void an_item_is_said_as_it_was_asked(void **state)
{
    struct questionnaire *q = sample();
    struct text text = {.data = NULL}, want = {.data = NULL};

    (void)state;
    for (unsigned l = 0; l < REPORT_LANGUAGE_COUNT; l++) {
        text_clear(&text);
        text_clear(&want);
        text_appendf(&want, "7. %s", questionnaire_item(q, 7)->perception.in[l]);
        report_label_append(q, (enum report_language)l, DIMENSION_QUESTION, "item/7", &text);
        assert_string_equal(text.data, want.data);
    }
    text_free(&text);
    text_free(&want);
    questionnaire_free(q);
    expect(NULL, DIMENSION_QUESTION, "item/7", (const char *const[]){"item 7", "第 7 题"});
}

static void items_stand_in_the_order_of_their_numbers(void **state)
{
    static const char *const keys[] = {"item/10", "item/2", "item/22", "appointment", "item/1"};
    static const char *const want[] = {"appointment", "item/1", "item/2", "item/10", "item/22"};
    const struct report_frame frame = {
        .kind = report_book_find("questions"),
        .time_zone = "UTC",
        .grouping = GROUP_DIMENSION,
        .dimension = DIMENSION_QUESTION,
    };
    Troth__V1__FigureTable *table = report_table_new(&frame);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        (void)report_table_add(table, keys[i], keys[i]);
    }
    report_table_order(table, &frame);
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_string_equal(table->rows[i]->key, want[i]);
    }
    troth__v1__figure_table__free_unpacked(table, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_have_words_in_both_languages),
        cmocka_unit_test(an_item_is_said_as_it_was_asked),
        cmocka_unit_test(items_stand_in_the_order_of_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
