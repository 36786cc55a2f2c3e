/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/rate_ratio.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/proof.h"

#define OPENEPI "OpenEpi 3, compare two person-time rates, its sample data"
#define POISSON "R, poisson.test, its example"
#define BLAND   "Altman, Bland, BMJ 326, 2003, page 219"

static const struct {
    struct rate first, second;
    enum rate_ratio_interval kind;
    struct interval published;
    double low_tolerance, high_tolerance;
    const char *source;
} published[] = {
    {{3, 122268}, {17, 100025}, RATE_RATIO_EXACT, {2.004, 36.89},         5e-4, 5e-3, OPENEPI},
    {{3, 122268}, {17, 100025}, RATE_RATIO_MID_P, {2.21, 29.63},          5e-3, 5e-3, OPENEPI},
    {{1, 77932},  {8, 78531},   RATE_RATIO_EXACT, {1.064, 352.3},         5e-4, 5e-2, OPENEPI},
    {{1, 77932},  {8, 78531},   RATE_RATIO_MID_P, {1.27, 177.6},          5e-3, 5e-2, OPENEPI},
    {{21, 3011},  {11, 800},    RATE_RATIO_EXACT, {0.8584264, 4.2772659}, 5e-8, 5e-8, POISSON},
};

static void intervals_are_those_that_were_published(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(published); i++) {
        const char *kind = published[i].kind == RATE_RATIO_EXACT ? "exact" : "mid-P";
        struct interval ours;
        char what[96];

        assert_true(
            rate_ratio_95(&published[i].first, &published[i].second, published[i].kind, &ours));
        (void)snprintf(what, sizeof what, "rate ratio %g to %g, %s, low",
                       published[i].second.events, published[i].first.events, kind);
        PROOF(what, published[i].source, published[i].published.low, published[i].low_tolerance,
              ours.low);
        (void)snprintf(what, sizeof what, "rate ratio %g to %g, %s, high",
                       published[i].second.events, published[i].first.events, kind);
        PROOF(what, published[i].source, published[i].published.high, published[i].high_tolerance,
              ours.high);
    }
}

static void a_ratio_of_ratios_is_that_of_altman_and_bland(void **state)
{
    struct log_ratio young = log_ratio_from(0.67, (struct interval){0.46, 0.98});
    struct log_ratio old = log_ratio_from(0.88, (struct interval){0.71, 1.08});
    struct interval i;
    double ratio = log_ratio_against(&young, &old, &i);

    PROOF("ratio of relative risks", BLAND, 0.76, 5e-3, ratio);
    PROOF("ratio of relative risks, low", BLAND, 0.49, 5e-3, i.low);
    PROOF("ratio of relative risks, high", BLAND, 1.17, 5e-3, i.high);
}

static void the_ends_are_open_where_nothing_happened(void **state)
{
    const struct rate none = {0, 100}, some = {5, 100}, nowhere = {5, 0};
    struct interval i = {7, 8};
    struct log_ratio l = {7, 8};

    assert_false(rate_ratio_95(&none, &none, RATE_RATIO_EXACT, &i));
    assert_false(rate_ratio_95(&some, &nowhere, RATE_RATIO_EXACT, &i));
    assert_false(rate_ratio_log(&none, &some, &l));
    assert_true(i.low == 7 && i.high == 8 && l.value == 7);
    assert_true(rate_ratio_95(&some, &none, RATE_RATIO_MID_P, &i));
    assert_true(i.low == 0 && i.high < 1);
    assert_true(rate_ratio_95(&none, &some, RATE_RATIO_MID_P, &i));
    assert_true(i.low > 1 && isinf(i.high));
}

/* What is true of the one is true of its mirror image, and mid-P lies within exact. */
static void intervals_turn_around_and_hold_the_ratio(void **state)
{
    for (int j = 0; j < 8; j++) {
        for (int k = 0; k < 6; k++) {
            const double a = pow(3, j), b = pow(4, k);
            const struct rate first = {a, 28}, second = {b, 7};
            struct interval exact, mid, turned;

            assert_true(rate_ratio_95(&first, &second, RATE_RATIO_EXACT, &exact));
            assert_true(rate_ratio_95(&first, &second, RATE_RATIO_MID_P, &mid));
            assert_true(rate_ratio_95(&second, &first, RATE_RATIO_MID_P, &turned));
            assert_true(fabs(mid.low * turned.high - 1) < 1e-8);
            assert_true(fabs(mid.high * turned.low - 1) < 1e-8);
            assert_true(exact.low < mid.low && mid.high < exact.high);
            assert_true(mid.low < b / 7 / (a / 28) && b / 7 / (a / 28) < mid.high);
        }
    }
}

static void surprise_is_by_hand_and_has_a_direction(void **state)
{
    const struct rate first = {10, 1000}, second = {30, 1000};

    /* 2 (10 ln(10/20) + 30 ln(30/20)) */
    assert_true(fabs(rate_ratio_surprise(&first, &second) - 10.464962875290953) < 1e-12);
    assert_true(fabs(rate_ratio_surprise(&second, &first) + 10.464962875290953) < 1e-12);
    assert_true(rate_ratio_surprise(&(struct rate){0, 9}, &(struct rate){0, 9}) == 0);
    assert_true(rate_ratio_surprise(&(struct rate){0, 28}, &(struct rate){9, 7}) > 10.83);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_those_that_were_published),
        cmocka_unit_test(a_ratio_of_ratios_is_that_of_altman_and_bland),
        cmocka_unit_test(the_ends_are_open_where_nothing_happened),
        cmocka_unit_test(intervals_turn_around_and_hold_the_ratio),
        cmocka_unit_test(surprise_is_by_hand_and_has_a_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
