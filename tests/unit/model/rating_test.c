/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/rating.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NEAR(a, b) assert_true(fabs((a) - (b)) <= 1e-12)

static void csat_counts_the_top_two_boxes(void **state)
{
    static const double answers[RATING_CSAT_GRADES] = {1, 2, 3, 10, 4};
    struct rating r;

    assert_true(rating_of(answers, RATING_CSAT_GRADES, RATING_CSAT_TOP_BOXES, &r));
    NEAR(r.count, 20);
    NEAR(r.hits, 14);
    NEAR(r.share, 0.7);
    NEAR(r.mean, 74.0 / 20.0);
}

static void effort_counts_the_top_three_boxes_of_seven(void **state)
{
    static const double answers[RATING_CES_GRADES] = {0, 0, 0, 5, 1, 0, 4};
    struct rating r;

    assert_true(rating_of(answers, RATING_CES_GRADES, RATING_CES_TOP_BOXES, &r));
    NEAR(r.share, 0.5);
    NEAR(r.mean, 5.3);
}

static void weights_count_as_answers_do(void **state)
{
    static const double faded[RATING_CSAT_GRADES] = {0.05, 0, 0, 0, 0.15};
    struct rating r;

    assert_true(rating_of(faded, RATING_CSAT_GRADES, RATING_CSAT_TOP_BOXES, &r));
    NEAR(r.share, 0.75);
    NEAR(r.mean, 4.0);
}

static void no_answers_are_no_rating(void **state)
{
    static const double none[RATING_CSAT_GRADES] = {0};
    struct rating untouched = {.mean = 3};

    assert_false(rating_of(none, RATING_CSAT_GRADES, RATING_CSAT_TOP_BOXES, &untouched));
    NEAR(untouched.mean, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csat_counts_the_top_two_boxes),
        cmocka_unit_test(effort_counts_the_top_three_boxes_of_seven),
        cmocka_unit_test(weights_count_as_answers_do),
        cmocka_unit_test(no_answers_are_no_rating),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
