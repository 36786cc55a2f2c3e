/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/decay.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/proof.h"

#define DAY_US                INT64_C(86400000000)
#define NEAR(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

static void a_window_and_what_is_left_give_the_half_life(void **state)
{
    const struct {
        const char *what;
        int years;
        double share_left, days;
    } cases[] = {
        {"half-life in days, 10 % left after 4 years",         4, 0.10,    439.80},
        {"half-life in days, 10 % left after 2 years",         2, 0.10,    219.90},
        {"half-life in days, 5 % left after 4 years",          4, 0.05,    338.04},
        {"half-life in days, 5 % left after 2 years",          2, 0.05,    169.02},
        {"half-life in days, half left after 4 years",         4, 0.50,    1461.0},
        {"half-life in days, half left after 2 years",         2, 0.50,    730.5 },
        {"half-life in days, mean age as if even for 4 years", 4, exp(-2), 506.34},
        {"half-life in days, mean age as if even for 2 years", 2, exp(-2), 253.17},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        PROOF(cases[i].what, "closed form: W / log2(1 / share)", cases[i].days, 5e-3,
              decay_half_life_us(cases[i].years * DECAY_YEAR_US, cases[i].share_left) / DAY_US);
    }
}

static void a_window_leaves_the_share_that_was_asked_for(void **state)
{
    double half_life = decay_half_life_us(4 * DECAY_YEAR_US, 0.1);

    NEAR(decay_factor(half_life, 4 * DECAY_YEAR_US), 0.1, 1e-12);
    NEAR(decay_factor(half_life, 8 * DECAY_YEAR_US), 0.01, 1e-12); /* and nothing is cut off */
    NEAR(decay_factor(half_life, 0), 1.0, 0.0);
    NEAR(decay_factor(100.0, -100), 2.0, 0.0);
}

/* Things come evenly; the mean age of what they weigh is that of a window of this length. */
static void a_share_of_e_to_minus_2_has_the_mean_age_of_its_window(void **state)
{
    const double half_life = decay_half_life_us(4 * DECAY_YEAR_US, exp(-2));
    double weight = 0.0, age = 0.0;

    for (int64_t day = 0; day < 40000; day++) {
        weight += decay_factor(half_life, day * DAY_US);
        age += (double)day * decay_factor(half_life, day * DAY_US);
    }
    PROOF("mean age in days of evenly coming things, e^-2 left after 4 years",
          "that of a uniform window: half of it", 730.5, 0.51, age / weight);
}

static void ages_add_up(void **state)
{
    const double half_life = 30.0 * DAY_US;

    for (int64_t a = 0; a < 2000; a += 37) {
        for (int64_t b = 0; b < 100; b += 13) {
            NEAR(decay_factor(half_life, (a + b) * DAY_US),
                 decay_factor(half_life, a * DAY_US) * decay_factor(half_life, b * DAY_US), 1e-12);
        }
    }
}

static void a_forward_sum_is_worth_what_its_things_are_worth(void **state)
{
    static const int64_t days[] = {-900, -30, 0, 1, 400, 2499};
    const int64_t now = DECAY_LANDMARK_US + 2500 * DAY_US;
    const double half_life = decay_half_life_us(2 * DECAY_YEAR_US, 0.1);
    double sum = 0.0, expected = 0.0;

    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        int64_t at = DECAY_LANDMARK_US + days[i] * DAY_US;

        sum += decay_forward_weight(half_life, at) * (double)(i + 1);
        expected += decay_factor(half_life, now - at) * (double)(i + 1);
    }
    NEAR(decay_of_sum(sum, half_life, now), expected, 1e-12);
    /* At the landmark a thing weighs what it is. */
    NEAR(decay_forward_weight(half_life, DECAY_LANDMARK_US), 1.0, 0.0);
}

static void a_half_life_of_a_month_lasts_to_the_end_of_the_century(void **state)
{
    const double month = 30.0 * DAY_US;
    const int64_t end = DECAY_LANDMARK_US + 80 * DECAY_YEAR_US;

    assert_true(isfinite(decay_forward_weight(month, end)));
    NEAR(decay_of_sum(decay_forward_weight(month, end), month, end), 1.0, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_window_and_what_is_left_give_the_half_life),
        cmocka_unit_test(a_window_leaves_the_share_that_was_asked_for),
        cmocka_unit_test(a_share_of_e_to_minus_2_has_the_mean_age_of_its_window),
        cmocka_unit_test(ages_add_up),
        cmocka_unit_test(a_forward_sum_is_worth_what_its_things_are_worth),
        cmocka_unit_test(a_half_life_of_a_month_lasts_to_the_end_of_the_century),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
