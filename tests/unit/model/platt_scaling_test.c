/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/platt_scaling.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/model/special_function.h"

#define NEAR(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

enum {
    GRADES = 9,
    EACH = 2000
};

/* Outcomes as often as the logit says, told three times too loudly and a bit too high. */
static void what_was_told_too_loudly_is_turned_down(void **state)
{
    struct platt_example *e = test_calloc((size_t)GRADES * EACH, sizeof(*e));
    struct platt_scaling s;
    struct err err;
    for (int grade = 0; grade < GRADES; grade++) {
        double logit = (grade - 4) / 2.0;
        for (int i = 0; i < EACH; i++) {
            e[grade * EACH + i] =
                (struct platt_example){3 * logit + 1.5, i < logistic_of_logit(logit) * EACH};
        }
    }
    assert_int_equal(platt_scale(e, (size_t)GRADES * EACH, &s, &err), 0);
    NEAR(s.slope, 1.0 / 3, 2e-3);
    NEAR(s.intercept, -0.5, 5e-3);
    test_free(e);
}

/* Two scores only: the probabilities are the means of the outcomes, pulled in. */
static void few_examples_make_nobody_sure(void **state)
{
    const struct platt_example e[] = {
        {-2, false},
        {-2, false},
        {-2, false},
        {3,  true },
        {3,  true }
    };
    struct platt_scaling s;
    struct err err;
    assert_int_equal(platt_scale(e, 5, &s, &err), 0);
    NEAR(logistic_of_logit(s.intercept + s.slope * -2), 1.0 / 5, 1e-9);
    NEAR(logistic_of_logit(s.intercept + s.slope * 3), 3.0 / 4, 1e-9);
}

static void without_both_outcomes_there_is_nothing_to_learn(void **state)
{
    const struct platt_example e[] = {
        {-2, true},
        {1,  true},
        {2,  true},
        {3,  true}
    };
    struct platt_scaling s = {7, 7};
    struct err err;
    assert_int_equal(platt_scale(e, 4, &s, &err), -1);
    assert_string_equal(err.code, "one_outcome");
    assert_int_equal(platt_scale(NULL, 0, &s, &err), -1);
    assert_true(s.slope == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_told_too_loudly_is_turned_down),
        cmocka_unit_test(few_examples_make_nobody_sure),
        cmocka_unit_test(without_both_outcomes_there_is_nothing_to_learn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
