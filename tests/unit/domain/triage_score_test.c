/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/triage_score.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static struct triage_model *two_labels(void)
{
    static const struct triage_label labels[] = {
        {"brakes",    10, 1},
        {"收音机", 10, 1},
    };
    const struct triage_parts parts = {
        .facts = {.purpose = TRIAGE_CATEGORY, .sharpness_thousandths = 1000},
        .labels = labels,
        .label_count = 2,
    };
    struct buffer file = {0};
    struct err err = ERR_NONE;

    triage_model_write(&parts, &file);
    struct triage_model *m = triage_model_read((struct bytes){file.data, file.len}, &err);
    assert_non_null(m);
    buffer_free(&file);
    return m;
}

/* Told: brakes, brakes, radio (wrong), brakes (of an unknown label), radio abstained. */
static struct triage_score *five_answers(const struct triage_model *m)
{
    static const struct {
        const char *label;
        struct triage_result told;
    } answers[] = {
        {"brakes",    {0, 0.95, false}},
        {"brakes",    {0, 0.90, false}},
        {"brakes",    {1, 0.70, false}},
        {"engine",    {0, 0.80, false}},
        {"收音机", {1, 0.55, true} },
    };
    struct triage_score *s = triage_score_new(m);

    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        triage_score_add(s, answers[i].label, &answers[i].told);
    }
    return s;
}

static void answers_are_counted_by_label(void **state)
{
    struct triage_model *m = two_labels();
    struct triage_score *s = five_answers(m);
    struct triage_label_score brakes = triage_score_label(s, 0), radio = triage_score_label(s, 1);

    assert_int_equal(triage_score_count(s), 5);
    assert_int_equal(brakes.count, 3);
    assert_int_equal(brakes.right, 2);
    assert_int_equal(brakes.told, 3);
    assert_int_equal(brakes.abstained, 0);
    assert_int_equal(radio.count, 1);
    assert_int_equal(radio.right, 1);
    assert_int_equal(radio.told, 2);
    assert_int_equal(radio.abstained, 1);
    triage_score_free(s);
    triage_score_free(NULL);
    triage_model_free(m);
}

static void the_surest_are_looked_at_first(void **state)
{
    static const struct {
        double coverage;
        size_t count, right;
    } cases[] = {
        {1,    5, 3},
        {0.8,  4, 2},
        {0.6,  3, 2},
        {0.4,  2, 2},
        {0.01, 0, 0},
    };
    struct triage_model *m = two_labels();
    struct triage_score *s = five_answers(m);

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct triage_share got = triage_score_at(s, cases[i].coverage);
        assert_int_equal(got.count, cases[i].count);
        assert_int_equal(got.right, cases[i].right);
    }
    assert_int_equal(triage_score_told(s).count, 4);
    assert_int_equal(triage_score_told(s).right, 2);
    triage_score_free(s);
    triage_model_free(m);
}

static void of_the_equally_sure_the_wrong_ones_count_first(void **state)
{
    struct triage_model *m = two_labels();
    struct triage_score *s = triage_score_new(m);

    triage_score_add(s, "brakes", &(struct triage_result){0, 0.9, false});
    triage_score_add(s, "brakes", &(struct triage_result){1, 0.9, false});
    assert_int_equal(triage_score_at(s, 0.5).right, 0);
    triage_score_free(s);
    triage_model_free(m);
}

static void the_table_is_for_people(void **state)
{
    struct triage_model *m = two_labels();
    struct triage_score *s = five_answers(m);
    struct text out = {0};

    triage_score_print(s, &out);
    assert_string_equal(out.data, "LABEL                TEXTS PRECISION    RECALL ABSTAINED\n"
                                  "brakes                   3   66.67 %   66.67 %    0.00 %\n"
                                  "收音机                   1   50.00 %  100.00 %  100.00 %\n"
                                  "1 texts have labels that the model does not know: told wrong\n"
                                  "\nright, with the 95 % interval\n"
                                  "  of all                   60.00 %  [23.07 %, 88.24 %]  of 5\n"
                                  "  of the surest 90 %       60.00 %  [23.07 %, 88.24 %]  of 5\n"
                                  "  of the surest 80 %       50.00 %  [15.00 %, 85.00 %]  of 4\n"
                                  "  over the threshold       50.00 %  [15.00 %, 85.00 %]  of 4\n"
                                  "  expected of all          78.00 %\n");
    text_clear(&out);
    triage_score_free(s);
    s = triage_score_new(m); /* nothing was told: no share of nothing */
    triage_score_print(s, &out);
    assert_non_null(strstr(out.data, "brakes                   0         -         -         -\n"));
    assert_null(strstr(out.data, "nan"));
    text_free(&out);
    triage_score_free(s);
    triage_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_counted_by_label),
        cmocka_unit_test(the_surest_are_looked_at_first),
        cmocka_unit_test(of_the_equally_sure_the_wrong_ones_count_first),
        cmocka_unit_test(the_table_is_for_people),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
