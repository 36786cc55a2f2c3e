/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/proportion.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/proof.h"

#define NEWCOMBE   "Newcombe 1998, table I, method 3"
#define BINOM      "R binom.confint, in the tests of statsmodels"
#define STATSMODEL "tests of statsmodels"

static const struct {
    double hits, count, low, high, tolerance;
    const char *source;
} published[] = {
    {81,  263, 0.2553,              0.3662,              5e-5,  NEWCOMBE  },
    {15,  148, 0.0624,              0.1605,              5e-5,  NEWCOMBE  },
    {0,   20,  0.0,                 0.1611,              5e-5,  NEWCOMBE  },
    {1,   29,  0.0061,              0.1718,              5e-5,  NEWCOMBE  },
    {18,  20,  0.6989663547715128,  0.972133518786232,   1e-12, BINOM     },
    {4,   20,  0.0806576625797981,  0.4160174322518935,  1e-12, BINOM     },
    {4,   200, 0.00780442641634947, 0.05028708690582643, 1e-12, BINOM     },
    {190, 200, 0.910421851861224,   0.972617354399236,   1e-12, BINOM     },
    {19,  38,  0.348499283643951,   0.651500716356049,   1e-12, STATSMODEL},
};

static void intervals_are_those_that_were_published(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(published); i++) {
        struct interval ours;
        char what[80];

        assert_true(proportion_wilson(published[i].hits, published[i].count, INTERVAL_Z_95, &ours));
        assert_true(proportion_wilson_95(published[i].hits, published[i].count).low == ours.low);
        (void)snprintf(what, sizeof what, "%g of %g, low", published[i].hits, published[i].count);
        PROOF(what, published[i].source, published[i].low, published[i].tolerance, ours.low);
        (void)snprintf(what, sizeof what, "%g of %g, high", published[i].hits, published[i].count);
        PROOF(what, published[i].source, published[i].high, published[i].tolerance, ours.high);
    }
}

static void nothing_counted_is_no_interval(void **state)
{
    struct interval untouched = {7, 8};

    assert_false(proportion_wilson(0, 0, INTERVAL_Z_95, &untouched));
    assert_true(untouched.low == 7 && untouched.high == 8);
    untouched = proportion_wilson_95(0, 0);
    assert_true(untouched.low == 0 && untouched.high == 1);
}

static void a_faded_answer_is_an_observation_too(void **state)
{
    struct interval faded;

    assert_true(proportion_wilson(0.1, 0.1, INTERVAL_Z_95, &faded));
    assert_true(faded.low < 0.1 && faded.high > 1.0 - 1e-12);
}

static void none_and_all_stay_within_0_and_1(void **state)
{
    for (int n = 1; n < 500; n++) {
        struct interval none, all;

        assert_true(proportion_wilson(0, n, INTERVAL_Z_95, &none));
        assert_true(proportion_wilson(n, n, INTERVAL_Z_95, &all));
        assert_true(none.low >= 0.0 && none.low < 1e-15);
        assert_true(all.high <= 1.0 && all.high > 1.0 - 1e-15);
        /* What is true of the one is true of its mirror image. */
        assert_true(fabs(none.high - (1.0 - all.low)) < 1e-12);
    }
}

static void the_interval_holds_the_share_and_narrows(void **state)
{
    double width = 1.0;

    for (int n = 10; n <= 100000; n *= 10) {
        struct interval i;

        assert_true(proportion_wilson(0.3 * n, n, INTERVAL_Z_95, &i));
        assert_true(i.low < 0.3 && 0.3 < i.high);
        assert_true(i.high - i.low < width);
        width = i.high - i.low;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_those_that_were_published),
        cmocka_unit_test(nothing_counted_is_no_interval),
        cmocka_unit_test(a_faded_answer_is_an_observation_too),
        cmocka_unit_test(none_and_all_stay_within_0_and_1),
        cmocka_unit_test(the_interval_holds_the_share_and_narrows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
