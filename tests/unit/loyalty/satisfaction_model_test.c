/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/satisfaction_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static bool is_close(double a, double b)
{
    return a - b < 1e-9 && b - a < 1e-9;
}

static void nps_matches_published_examples(void **state)
{
    static const struct {
        const char *name;
        struct satisfaction answers;
        double want;
    } cases[] = {
  /* Cross Validated question 18603: half promoters, a third passive, a sixth detractors. */
        {"324 answers",
         {.nps_promoters = 162, .nps_passives = 108, .nps_detractors = 54},
         100.0 / 3                                                                                   },
 /* Test data of the R package NPS 1.1. */
        {"1000 answers",   {.nps_promoters = 462, .nps_passives = 176, .nps_detractors = 362}, 10.0  },
        {"all promoters",  {.nps_promoters = 3},                                               100.0 },
        {"all detractors", {.nps_detractors = 1},                                              -100.0},
        {"passives alone", {.nps_passives = 7},                                                0.0   },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        double got;
        if (!satisfaction_nps(&cases[i].answers, &got) || !is_close(got, cases[i].want)) {
            fail_msg("%s", cases[i].name);
        }
    }
}

static void every_answer_has_its_group(void **state)
{
    struct satisfaction s = {.csat_count = 0};

    for (int32_t value = -1; value <= 11; value++) {
        satisfaction_add_nps(&s, value, 1);
        satisfaction_add_csat(&s, value, 1);
    }
    assert_int_equal(s.nps_detractors, 7);
    assert_int_equal(s.nps_passives, 2);
    assert_int_equal(s.nps_promoters, 2);
    assert_int_equal(s.csat_count, 5);
    assert_int_equal(s.csat_sum, 15);
}

static void without_answers_there_is_no_mean_and_no_nps(void **state)
{
    const struct satisfaction none = {.csat_count = 0};
    double value = 42.0;

    assert_false(satisfaction_csat_mean(&none, &value));
    assert_false(satisfaction_nps(&none, &value));
    assert_true(is_close(value, 42.0));
    assert_true(is_close(satisfaction_shrunk_csat(&none), CSAT_PRIOR));
    assert_true(is_close(satisfaction_shrunk_nps(&none), 0.0));
}

static void few_answers_are_drawn_to_the_middle(void **state)
{
    struct satisfaction one = {.csat_count = 0}, many = {.csat_count = 0};
    double mean;

    satisfaction_add_csat(&one, 5, 1);
    satisfaction_add_csat(&many, 5, 98);
    assert_true(satisfaction_csat_mean(&one, &mean));
    assert_true(is_close(mean, 5.0));
    assert_true(is_close(satisfaction_shrunk_csat(&one), 11.0 / 3.0));
    assert_true(is_close(satisfaction_shrunk_csat(&many), 4.96));
}

static void an_answer_taken_back_leaves_no_trace(void **state)
{
    struct satisfaction s = {.csat_count = 0};

    satisfaction_add_csat(&s, 2, 1);
    satisfaction_add_nps(&s, 9, 1);
    satisfaction_add_csat(&s, 2, -1);
    satisfaction_add_nps(&s, 9, -1);
    assert_int_equal(s.csat_count, 0);
    assert_int_equal(s.csat_sum, 0);
    assert_int_equal(satisfaction_nps_count(&s), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nps_matches_published_examples),
        cmocka_unit_test(every_answer_has_its_group),
        cmocka_unit_test(without_answers_there_is_no_mean_and_no_nps),
        cmocka_unit_test(few_answers_are_drawn_to_the_middle),
        cmocka_unit_test(an_answer_taken_back_leaves_no_trace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
