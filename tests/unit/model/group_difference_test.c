/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/group_difference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/proof.h"

#define SLEEP    "R, t.test(extra ~ group, data = sleep): Student 1908"
#define NEWCOMBE "Newcombe 1998, table II, method 10"

static struct group_sums sums(const double *values, size_t count)
{
    struct group_sums g = {0};

    for (size_t i = 0; i < count; i++) {
        g.count++;
        g.sum += values[i];
        g.squares += values[i] * values[i];
    }
    return g;
}

static const double drug_1[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
static const double drug_2[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};

static void means_differ_as_student_found(void **state)
{
    struct group_sums one = sums(drug_1, 10), two = sums(drug_2, 10);
    struct interval i;

    assert_true(group_difference_means(&two, &one, &i));
    PROOF("sleep, difference of means, low", SLEEP, -3.3654832, 5e-8, i.low);
    PROOF("sleep, difference of means, high", SLEEP, 0.2054832, 5e-8, i.high);
    PROOF("sleep, mean of group 2", SLEEP, 2.33, 5e-3, group_mean(&two));
}

static void shares_differ_as_newcombe_has_it(void **state)
{
    static const struct {
        struct group_hits first, second;
        struct interval published;
    } rows[] = {
        {{48, 80}, {56, 70}, {0.0524, 0.3339} },
        {{3, 10},  {9, 10},  {0.1705, 0.8090} },
        {{0, 29},  {5, 56},  {-0.0381, 0.1926}},
        {{0, 10},  {10, 10}, {0.6075, 1.0000} },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct interval ours;

        assert_true(group_difference_shares(&rows[i].first, &rows[i].second, &ours));
        PROOF("difference of shares, low", NEWCOMBE, rows[i].published.low, 5e-5, ours.low);
        PROOF("difference of shares, high", NEWCOMBE, rows[i].published.high, 5e-5, ours.high);
    }
}

static void too_few_values_say_nothing(void **state)
{
    struct group_sums one = sums(drug_1, 1), same = {3, 12, 48}, two = sums(drug_2, 10);
    struct interval i = {7, 8};

    assert_false(group_difference_means(&one, &two, &i));
    assert_false(group_difference_means(&same, &same, &i));
    assert_false(group_mean_interval(&one, &i));
    assert_false(
        group_difference_shares(&(struct group_hits){0, 0}, &(struct group_hits){1, 2}, &i));
    assert_true(i.low == 7 && i.high == 8);
    assert_true(isnan(group_mean(&(struct group_sums){0})));
    assert_true(group_mean_interval(&two, &i));
    assert_true(i.low < 2.33 && i.high > 2.33);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_differ_as_student_found),
        cmocka_unit_test(shares_differ_as_newcombe_has_it),
        cmocka_unit_test(too_few_values_say_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
