/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/cusum_run_length.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "tests/support/proof.h"

#define SPC "R package spc 0.6.7"

static const struct {
    double shift, h4, h5;
} published[] = {
    {0,   167.684, 465.444},
    {.25, 74.224,  139.494},
    {.5,  26.630,  37.996 },
    {.75, 13.285,  17.048 },
    {1,   8.383,   10.376 },
    {1.5, 4.747,   5.747  },
    {2,   3.343,   4.009  },
    {3,   2.194,   2.573  },
};

static void run_lengths_are_those_that_were_published(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(published); i++) {
        double h4 = cusum_run_length(0.5, 4, published[i].shift);
        double h5 = cusum_run_length(0.5, 5, published[i].shift);
        char what[48];

        (void)text_format(what, sizeof what, "k 0.5, h 4, shift %g", published[i].shift);
        PROOF(what, SPC, published[i].h4, 5e-4, h4);
        (void)text_format(what, sizeof what, "k 0.5, h 5, shift %g", published[i].shift);
        PROOF(what, SPC, published[i].h5, 5e-4, h5);
    }
}

/* With a limit that nothing fails to pass, every observation signals on one side or the other. */
static void without_a_limit_the_first_observation_signals(void **state)
{
    assert_true(fabs(cusum_run_length(0, 1e-9, 0) - 1.0) < 1e-6);
    assert_true(fabs(cusum_run_length(0, 1e-9, 2) - 1.0) < 1e-6);
}

static void a_larger_shift_is_found_sooner_in_both_directions(void **state)
{
    double before = INFINITY;

    for (int i = 0; i < 24; i++) {
        double shift = 0.25 * i, now = cusum_run_length(0.5, 5, shift);

        assert_true(now < before && now >= 1.0);
        assert_true(fabs(now - cusum_run_length(0.5, 5, -shift)) < 1e-9 * now);
        before = now;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_lengths_are_those_that_were_published),
        cmocka_unit_test(without_a_limit_the_first_observation_signals),
        cmocka_unit_test(a_larger_shift_is_found_sooner_in_both_directions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
