/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/nps.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/model/normal_distribution.h"
#include "tests/support/proof.h"

#define WHUBER  "whuber, Cross Validated 18603"
#define CRAN    "R package NPS 1.1"
#define FORMULA "Rocks 2016, from the formula"

static void answers_fall_into_three_groups(void **state)
{
    for (int answer = 0; answer <= 10; answer++) {
        assert_int_equal(nps_group(answer), answer >= 9 ? 1 : answer >= 7 ? 0 : -1);
    }
}

static void score_and_error_are_those_that_were_published(void **state)
{
    struct nps n;
    struct interval i;

    assert_true(nps_of((struct nps_counts){0.1, 0, 0}, &n)); /* faded */
    assert_true(n.score == -1.0);
    assert_true(nps_of((struct nps_counts){54, 108, 162}, &n));
    PROOF("score, a half promoters, a third passive, 324 answers", WHUBER, 1.0 / 3.0, 1e-15,
          n.score);
    PROOF("variance of one answer", WHUBER, 5.0 / 9.0, 1e-15, n.variance);
    PROOF("standard error", WHUBER, 0.0414087, 5e-8, n.standard_error);

    assert_true(nps_of((struct nps_counts){362, 176, 462}, &n));
    PROOF("score, 362 detractors, 176 passive, 462 promoters", CRAN, 0.1, 1e-15, n.score);
    PROOF("variance of one answer", CRAN, 0.814, 1e-15, n.variance);
    PROOF("standard error", CRAN, 0.0285306852, 5e-11, n.standard_error);
    PROOF("p against 0", CRAN, 0.000456610, 5e-10, normal_two_sided_p(n.score / n.standard_error));
    assert_true(nps_wald((struct nps_counts){362, 176, 462}, INTERVAL_Z_95, &i));
    PROOF("95 %, low", CRAN, 0.0440808845, 5e-11, i.low);
    PROOF("95 %, high", CRAN, 0.1559191155, 5e-11, i.high);
}

static void differences_are_those_that_were_published(void **state)
{
    struct nps_difference d;

    assert_true(nps_compare((struct nps_counts){83, 47, 120}, (struct nps_counts){91, 49, 110},
                            INTERVAL_Z_95, &d));
    PROOF("83, 47, 120 less 91, 49, 110", CRAN " (two digits)", 0.07, 5e-3, d.score);
    PROOF("95 % of the difference, low", CRAN, -0.0842237610, 5e-11, d.interval.low);
    PROOF("95 % of the difference, high", CRAN, 0.2282237610, 5e-11, d.interval.high);
    PROOF("p of the difference", CRAN, 0.3663650541, 5e-11, d.p);
}

static void adjusted_intervals_follow_the_formula(void **state)
{
    struct nps n;
    struct interval i;

    nps_adjusted_wald((struct nps_counts){100, 200, 300}, INTERVAL_Z_95, &n, &i);
    PROOF("adjusted score, 100, 200, 300", FORMULA, 0.3316749585, 5e-11, n.score);
    PROOF("adjusted 95 %, low", FORMULA, 0.2721690467, 5e-11, i.low);
    PROOF("adjusted 95 %, high", FORMULA, 0.3911808704, 5e-11, i.high);

    nps_adjusted_wald((struct nps_counts){2, 0, 9}, INTERVAL_Z_95, &n, &i);
    PROOF("adjusted score, 2, 0, 9", FORMULA, 0.5, 1e-15, n.score);
    PROOF("adjusted 95 %, low", FORMULA, 0.0800077176, 5e-11, i.low);
    PROOF("adjusted 95 %, high", FORMULA, 0.9199922824, 5e-11, i.high);
}

static void intervals_end_at_the_ends_of_the_scale(void **state)
{
    struct nps n;
    struct interval i;

    assert_true(nps_wald((struct nps_counts){0, 1, 20}, INTERVAL_Z_95, &i));
    assert_true(i.high == 1.0);
    nps_adjusted_wald((struct nps_counts){9, 0, 0}, INTERVAL_Z_95, &n, &i);
    assert_true(i.low == -1.0);
    nps_adjusted_wald((struct nps_counts){0}, INTERVAL_Z_95, &n, &i);
    assert_true(n.score == 0.0 && i.low < -0.5 && i.high > 0.5);
}

static void no_answers_are_no_score(void **state)
{
    struct nps untouched = {.score = 7};
    struct interval i = {1, 2};
    struct nps_difference d = {.p = 3};
    const struct nps_counts none = {0}, some = {1, 1, 1};

    assert_false(nps_of(none, &untouched));
    assert_false(nps_wald(none, INTERVAL_Z_95, &i));
    assert_false(nps_compare(none, some, INTERVAL_Z_95, &d));
    assert_false(nps_compare(some, none, INTERVAL_Z_95, &d));
    assert_true(untouched.score == 7 && i.low == 1 && d.p == 3);
}

static void a_difference_without_variance_is_certain(void **state)
{
    struct nps_difference d;

    assert_true(
        nps_compare((struct nps_counts){0, 0, 5}, (struct nps_counts){5, 0, 0}, INTERVAL_Z_95, &d));
    assert_true(d.score == 2.0 && d.p == 0.0);
    assert_true(
        nps_compare((struct nps_counts){0, 0, 5}, (struct nps_counts){0, 0, 9}, INTERVAL_Z_95, &d));
    assert_true(d.score == 0.0 && d.p == 1.0);
}

static void the_score_of_two_groups_together_lies_between_theirs(void **state)
{
    for (int i = 1; i < 40; i++) {
        const struct nps_counts a = {i, i % 7, i % 11}, b = {i % 5, i % 3, i};
        const struct nps_counts both = {a.detractors + b.detractors, a.passives + b.passives,
                                        a.promoters + b.promoters};
        struct nps of_a = {0}, of_b = {0}, of_both = {0};

        assert_true(nps_of(a, &of_a));
        assert_true(nps_of(b, &of_b));
        assert_true(nps_of(both, &of_both));
        assert_true(fmin(of_a.score, of_b.score) <= of_both.score);
        assert_true(of_both.score <= fmax(of_a.score, of_b.score));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_fall_into_three_groups),
        cmocka_unit_test(score_and_error_are_those_that_were_published),
        cmocka_unit_test(differences_are_those_that_were_published),
        cmocka_unit_test(adjusted_intervals_follow_the_formula),
        cmocka_unit_test(intervals_end_at_the_ends_of_the_scale),
        cmocka_unit_test(no_answers_are_no_score),
        cmocka_unit_test(a_difference_without_variance_is_certain),
        cmocka_unit_test(the_score_of_two_groups_together_lies_between_theirs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
