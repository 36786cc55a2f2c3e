/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/group_ratio.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

/* splitmix64; deterministic. */
static double chance(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;
}

static bool is_near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

static void differences_and_ratios_are_by_hand(void **state)
{
    const struct estimate one =
                              {
                                  2.0, {1.0, 4.0}
    },
                          two = {8.0, {4.0, 32.0}};
    const struct estimate none = {
        0.0, {0.0, 1.0}
    };
    struct interval i = {-1.0, -1.0};

    estimate_difference(&one, &two, &i);
    assert_true(is_near(i.low, 6.0 - sqrt(16.0 + 4.0)));
    assert_true(is_near(i.high, 6.0 + sqrt(24.0 * 24.0 + 1.0)));
    /* On the logarithms to the base 2: 2 -+ sqrt(1 + 1), sqrt(4 + 1). */
    assert_true(estimate_ratio(&one, &two, &i));
    assert_true(is_near(i.low, exp2(2.0 - sqrt(2.0))) && is_near(i.high, exp2(2.0 + sqrt(5.0))));
    i.low = -1.0;
    assert_false(estimate_ratio(&none, &two, &i));
    assert_false(estimate_ratio(&two, &none, &i));
    assert_true(i.low == -1.0);
}

static void shares_have_ends_even_where_nobody_was_hit(void **state)
{
    const struct group_hits none = {0, 20}, some = {10, 20}, all = {20, 20}, empty = {0, 0};
    struct interval i;

    assert_true(group_ratio_shares(&none, &some, &i));
    assert_true(i.low > 1.0 && isinf(i.high));
    assert_true(group_ratio_shares(&some, &none, &i));
    assert_true(i.low == 0.0 && i.high > 0.0 && i.high < 1.0);
    assert_true(group_ratio_shares(&all, &all, &i));
    assert_true(i.low < 1.0 && i.high > 1.0);
    assert_false(group_ratio_shares(&none, &none, &i));
    assert_false(group_ratio_shares(&some, &empty, &i));
}

static double hits_of(double p, int count, uint64_t *random)
{
    double hits = 0;

    for (int n = 0; n < count; n++) {
        hits += chance(random) < p;
    }
    return hits;
}

/* Both kinds of interval hold the truth in 95 of 100 tries, within what 4,000 tries tell. */
static void intervals_of_shares_hold_the_truth(void **state)
{
    static const struct {
        double before, after;
        int count_before, count_after;
    } rows[] = {
        {0.5, 0.7, 60, 40 },
        {0.9, 0.6, 50, 100},
        {0.2, 0.2, 80, 80 },
    };
    uint64_t random = 3;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int held = 0, tries = 4000;
        for (int n = 0; n < tries; n++) {
            const struct group_hits a = {hits_of(rows[i].before, rows[i].count_before, &random),
                                         rows[i].count_before};
            const struct group_hits b = {hits_of(rows[i].after, rows[i].count_after, &random),
                                         rows[i].count_after};
            struct interval found;
            double truth = rows[i].after / rows[i].before;
            held += group_ratio_shares(&a, &b, &found) && found.low <= truth && truth <= found.high;
        }
        print_message("shares %.1f, %.1f: %.3f\n", rows[i].before, rows[i].after,
                      (double)held / tries);
        assert_in_range((uintmax_t)held, 3740, 3880);
    }
}

/* Exponential durations; the ratio of their medians is that of their means. */
static void intervals_of_medians_hold_the_truth(void **state)
{
    static const int counts[] = {25, 200};
    uint64_t random = 5;

    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        int held = 0, tries = 1000;
        for (int n = 0; n < tries; n++) {
            struct log_histogram one = {0}, two = {0};
            struct estimate a, b;
            struct interval found;
            for (int k = 0; k < counts[i]; k++) {
                log_histogram_add(&one, (int64_t)(-log(chance(&random)) * 1e9), 1);
                log_histogram_add(&two, (int64_t)(-log(chance(&random)) * 5e8), 1);
            }
            assert_true(median_estimate(&one, &a) && median_estimate(&two, &b));
            held += estimate_ratio(&a, &b, &found) && found.low <= 0.5 && 0.5 <= found.high;
            log_histogram_free(&one);
            log_histogram_free(&two);
        }
        print_message("medians of %d: %.3f\n", counts[i], (double)held / tries);
        assert_in_range((uintmax_t)held, 925, 985);
    }
}

static void five_values_do_not_enclose_a_median(void **state)
{
    struct log_histogram h = {0};
    struct estimate e = {
        -1.0, {0.0, 0.0}
    };

    log_histogram_add(&h, 10, 5);
    assert_false(median_estimate(&h, &e));
    assert_true(e.value == -1.0);
    log_histogram_add(&h, 10, 1);
    assert_true(median_estimate(&h, &e) && fabs(e.value - 10.0) < 0.2);
    log_histogram_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_and_ratios_are_by_hand),
        cmocka_unit_test(shares_have_ends_even_where_nobody_was_hit),
        cmocka_unit_test(intervals_of_shares_hold_the_truth),
        cmocka_unit_test(intervals_of_medians_hold_the_truth),
        cmocka_unit_test(five_values_do_not_enclose_a_median),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
