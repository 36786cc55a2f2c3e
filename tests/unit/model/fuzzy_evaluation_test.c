/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/fuzzy_evaluation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "tests/support/proof.h"

#define TEXTBOOK "textbook example on clothing, e-com-net 1276296104417181696"
#define FORMULA  "textbook example on clothing, from the formulas"
#define GRADES   4

static const double clothing[] = {
    .2, .5, .2, .1, .7, .2, .1, 0, 0, .4, .5, .1, .2, .3, .5, 0,
};
static const double men[] = {.1, .2, .3, .4}, women[] = {.4, .35, .15, .1};

static void prove(const char *what, const char *source, const double *published, const double *ours,
                  double tolerance)
{
    for (size_t j = 0; j < GRADES; j++) {
        char words[80];

        (void)text_format(words, sizeof words, "%s, grade %zu", what, j + 1);
        PROOF(words, source, published[j], tolerance, ours[j]);
    }
}

static void clothing_is_judged_as_was_published(void **state)
{
    static const struct {
        const char *what;
        bool is_printed; /* the others follow from the formulas */
        enum fuzzy_operator op;
        const double *weights;
        double published[GRADES];
    } cases[] = {
        {"min, max; weights 1",         true,  FUZZY_MIN_MAX,     men,   {.2, .3, .4, .1}      },
        {"min, max; weights 2",         true,  FUZZY_MIN_MAX,     women, {.35, .4, .2, .1}     },
        {"product, sum; weights 1",     false, FUZZY_PRODUCT_SUM, men,   {.24, .33, .39, .04}  },
        {"product, max; weights 1",     false, FUZZY_PRODUCT_MAX, men,   {.14, .12, .20, .03}  },
        {"min, bounded sum; weights 1", false, FUZZY_BOUNDED_SUM, men,   {.5, .9, .9, .2}      },
        {"product, sum; weights 2",     false, FUZZY_PRODUCT_SUM, women, {.345, .36, .24, .055}},
        {"product, max; weights 2",     false, FUZZY_PRODUCT_MAX, women, {.245, .20, .08, .04} },
        {"min, bounded sum; weights 2", false, FUZZY_BOUNDED_SUM, women, {.65, .85, .55, .20}  },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct fuzzy_factors factors = {4, cases[i].weights, clothing};
        double ours[GRADES];

        fuzzy_evaluate(cases[i].op, &factors, GRADES, ours);
        prove(cases[i].what, cases[i].is_printed ? TEXTBOOK : FORMULA, cases[i].published, ours,
              1e-12);
    }
}

static void the_verdicts_on_clothing_are_those_that_were_published(void **state)
{
    double ours[GRADES];

    fuzzy_evaluate(FUZZY_MIN_MAX, &(struct fuzzy_factors){4, men, clothing}, GRADES, ours);
    assert_int_equal(fuzzy_grade(ours, GRADES), 2); /* not very welcome */
    fuzzy_evaluate(FUZZY_MIN_MAX, &(struct fuzzy_factors){4, women, clothing}, GRADES, ours);
    assert_int_equal(fuzzy_grade(ours, GRADES), 1); /* rather welcome */
}

static void five_factors_are_judged_and_normalised_as_was_published(void **state)
{
    static const double weights[] = {.1, .1, .15, .3, .35};
    static const double memberships[] = {.2, .5, .3, 0,  .1, .3, .5, .1, 0,  .1,
                                         .6, .3, 0,  .4, .5, .1, .5, .3, .2, 0};
    static const double published[GRADES] = {.35, .30, .30, .15};
    static const double normalised[GRADES] = {.32, .27, .27, .14};
    double ours[GRADES];

    fuzzy_evaluate(FUZZY_MIN_MAX, &(struct fuzzy_factors){5, weights, memberships}, GRADES, ours);
    prove("clothing, 5 factors", "lecture 7, wenku365 43535473", published, ours, 1e-12);
    assert_true(fuzzy_normalise(ours, GRADES));
    prove("clothing, 5 factors, normalised", "lecture 7, wenku365 43535473", normalised, ours,
          5e-3);
}

static void weighted_means_are_those_that_were_published(void **state)
{
    static const double cloth[] = {.7, .2, .1, 0, .2, .3, .4, .1, .3, .4, .2, .1};
    static const double of_cloth[] = {.5, .3, .2};
    static const double restaurant[] = {.5, .3, .2, 0,  .2, .4, .3, .1,
                                        .1, .3, .5, .1, 0,  .2, .4, .4};
    static const double of_restaurant[] = {.4, .3, .2, .1};
    static const double cloth_published[GRADES] = {.47, .27, .21, .05};
    static const double restaurant_published[GRADES] = {.28, .32, .31, .09};
    double ours[GRADES];

    fuzzy_evaluate(FUZZY_PRODUCT_SUM, &(struct fuzzy_factors){3, of_cloth, cloth}, GRADES, ours);
    prove("pattern, wear and price", "777doc 2305902, from the formula", cloth_published, ours,
          1e-12);
    fuzzy_evaluate(FUZZY_PRODUCT_SUM, &(struct fuzzy_factors){4, of_restaurant, restaurant}, GRADES,
                   ours);
    prove("restaurant", "dtcms 298653, from the formula", restaurant_published, ours, 1e-12);
}

static void shares_of_answers_are_memberships_and_stay_so(void **state)
{
    static const double counts[2][5] = {
        {0, 1, 3, 4, 2 },
        {5, 0, 0, 0, 15}
    };
    static const double weights[] = {.25, .75}, values[] = {1, 2, 3, 4, 5};
    double rows[2 * 5], result[5], total = 0.0;

    assert_true(fuzzy_membership(counts[0], 5, rows));
    assert_true(fuzzy_membership(counts[1], 5, rows + 5));
    assert_true(rows[3] == 0.4 && rows[5] == 0.25);
    fuzzy_evaluate(FUZZY_PRODUCT_SUM, &(struct fuzzy_factors){2, weights, rows}, 5, result);
    for (size_t j = 0; j < 5; j++) {
        total += result[j];
    }
    assert_true(fabs(total - 1.0) < 1e-15);
    /* Then the score is the weighted mean of the factors' own means, 3.7 and 4. */
    assert_true(fabs(fuzzy_score(result, values, 5) - (.25 * 3.7 + .75 * 4.0)) < 1e-12);
}

static void a_dimension_is_a_row_of_the_next_level(void **state)
{
    static const double half[] = {.5, .5}, whole[] = {1}, weights[] = {.4, .6};
    static const double service[] = {.6, .2, .2, 0, .4, .4, 0, .2}, price[] = {0, .5, .5, 0};
    const struct fuzzy_factors dimensions[] = {
        {1, whole, price  },
        {2, half,  service}
    };
    static const double mean[GRADES] = {.3, .38, .26, .06};
    /* Service: min and max give .5 .4 .2 .2, normalised by 1.3; then .6 and .4 cut off. */
    static const double dominant[GRADES] = {.5 / 1.3, .4, .4, .2 / 1.3};
    double ours[GRADES];

    fuzzy_evaluate_dimensions(FUZZY_PRODUCT_SUM, dimensions, weights, 2, GRADES, ours);
    for (size_t j = 0; j < GRADES; j++) {
        assert_true(fabs(ours[j] - mean[j]) < 1e-15);
    }
    fuzzy_evaluate_dimensions(FUZZY_MIN_MAX, dimensions, weights, 2, GRADES, ours);
    for (size_t j = 0; j < GRADES; j++) {
        assert_true(fabs(ours[j] - dominant[j]) < 1e-15);
    }
}

static void nothing_is_neither_a_membership_nor_normalised(void **state)
{
    static const double none[GRADES] = {0};
    double result[GRADES] = {7, 0, 0, 0}, zero[GRADES] = {0};

    assert_false(fuzzy_membership(none, GRADES, result));
    assert_true(result[0] == 7);
    assert_false(fuzzy_normalise(zero, GRADES));
    assert_true(zero[0] == 0);
}

static void the_bounded_sum_ends_at_1_and_a_tie_goes_to_the_first(void **state)
{
    static const double weights[] = {.5, .4, .1}, rows[] = {1, 1, .9, .9, .8, .8};
    double result[2];

    fuzzy_evaluate(FUZZY_BOUNDED_SUM, &(struct fuzzy_factors){3, weights, rows}, 2, result);
    assert_true(result[0] == 1.0 && result[1] == 1.0);
    assert_int_equal(fuzzy_grade(result, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clothing_is_judged_as_was_published),
        cmocka_unit_test(the_verdicts_on_clothing_are_those_that_were_published),
        cmocka_unit_test(five_factors_are_judged_and_normalised_as_was_published),
        cmocka_unit_test(weighted_means_are_those_that_were_published),
        cmocka_unit_test(shares_of_answers_are_memberships_and_stay_so),
        cmocka_unit_test(a_dimension_is_a_row_of_the_next_level),
        cmocka_unit_test(nothing_is_neither_a_membership_nor_normalised),
        cmocka_unit_test(the_bounded_sum_ends_at_1_and_a_tie_goes_to_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
