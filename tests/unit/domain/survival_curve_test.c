/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/survival_curve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define NEAR(a, b) assert_true((a) - (b) < 5e-4 && (b) - (a) < 5e-4)

/* Weeks in remission under 6-mercaptopurine; E. A. Gehan, Biometrika 52 (1965) 203-223, from E. J.
 * Freireich and others, Blood 21 (1963) 699-716. Curve and standard errors as printed in D. G.
 * Kleinbaum, M. Klein, Survival Analysis, and in the manuals of R (survival) and SAS. */
static const struct survival_case remissions[] = {
    {6,  true },
    {6,  true },
    {6,  true },
    {6,  false},
    {7,  true },
    {9,  false},
    {10, true },
    {10, false},
    {11, false},
    {13, true },
    {16, true },
    {17, false},
    {19, false},
    {20, false},
    {22, true },
    {23, true },
    {25, false},
    {32, false},
    {32, false},
    {34, false},
    {35, false},
};

static const struct survival_step published[] = {
    {6,  0.857, 0.0764},
    {7,  0.807, 0.0869},
    {10, 0.753, 0.0963},
    {13, 0.690, 0.1068},
    {16, 0.627, 0.1141},
    {22, 0.538, 0.1282},
    {23, 0.448, 0.1346},
};

enum {
    CASES_MAX = 4000
};

static struct survival_case cases[CASES_MAX];
static struct survival_step steps[CASES_MAX];

/* From an order that nobody meant. */
static size_t make_remissions(void)
{
    const size_t count = ARRAY_LEN(remissions);

    for (size_t i = 0; i < count; i++) {
        cases[i] = remissions[i * 8 % count]; /* 8 and 21 have no common factor */
    }
    return survival_curve_make(cases, count, steps);
}

static void remissions_are_as_published(void **state)
{
    (void)state;
    assert_int_equal(make_remissions(), ARRAY_LEN(published));
    for (size_t i = 0; i < ARRAY_LEN(published); i++) {
        assert_int_equal(steps[i].at_us, published[i].at_us);
        NEAR(steps[i].open, published[i].open);
        NEAR(steps[i].error, published[i].error);
    }
}

static void a_share_is_asked_by_time_and_a_time_by_share(void **state)
{
    const size_t count = make_remissions();
    static const struct {
        int64_t at;
        double done;
    } asked[] = {
        {0,   0   },
        {5,   0   },
        {6,   .143},
        {9,   .193},
        {10,  .247},
        {22,  .462},
        {999, .552}
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        NEAR(survival_curve_done(steps, count, asked[i].at), asked[i].done);
    }
    assert_int_equal(survival_curve_time(steps, count, 0.1), 6);
    assert_int_equal(survival_curve_time(steps, count, 0.25), 13);
    assert_int_equal(survival_curve_time(steps, count, 0.5), 23);
    assert_int_equal(survival_curve_time(steps, count, 0.6), SURVIVAL_NEVER);
    assert_null(survival_curve_at(steps, count, 5));
}

static void nothing_done_is_no_step(void **state)
{
    (void)state;
    assert_int_equal(survival_curve_make(cases, 0, steps), 0);
    cases[0] = (struct survival_case){5, false};
    assert_int_equal(survival_curve_make(cases, 1, steps), 0);
    assert_true(survival_curve_done(steps, 0, 100) == 0.0);
    assert_int_equal(survival_curve_time(steps, 0, 0.8), SURVIVAL_NEVER);
}

static void what_is_done_after_the_same_time_counts_before_what_is_censored(void **state)
{
    (void)state;
    cases[0] = (struct survival_case){5, false};
    cases[1] = (struct survival_case){5, true};
    assert_int_equal(survival_curve_make(cases, 2, steps), 1);
    NEAR(steps[0].open, 0.5);
}

static void all_done_leaves_nothing_open_and_no_doubt(void **state)
{
    (void)state;
    cases[0] = (struct survival_case){0, true};
    assert_int_equal(survival_curve_make(cases, 1, steps), 1);
    assert_true(steps[0].open == 0.0);
    assert_true(steps[0].error == 0.0);
    assert_int_equal(survival_curve_time(steps, 1, 1.0), 0);
}

static void a_curve_is_known_as_long_as_enough_were_watched(void **state)
{
    static const struct {
        size_t least;
        int64_t known;
    } asked[] = {
        {9,  SURVIVAL_NEVER},
        {10, 35            },
        {11, 34            },
        {12, 32            },
        {14, 25            },
        {20, 9             },
        {21, 6             },
        {22, 0             },
        {0,  SURVIVAL_NEVER}
    };
    const size_t count = ARRAY_LEN(remissions);

    (void)state;
    (void)make_remissions();
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        assert_int_equal(survival_curve_known(cases, count, asked[i].least), asked[i].known);
    }
    assert_int_equal(survival_curve_known(cases, 0, 1), 0);
    cases[0] = (struct survival_case){5, true};
    assert_int_equal(survival_curve_known(cases, 1, 2), 0);
}

/* ---- properties */

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static void without_open_ones_it_is_the_share_that_was_done(void **state)
{
    uint32_t seed = 4;

    (void)state;
    for (size_t count = 1; count < 200; count++) {
        for (size_t i = 0; i < count; i++) {
            cases[i] = (struct survival_case){next_random(&seed) % 50, true};
        }
        const size_t step_count = survival_curve_make(cases, count, steps);

        for (int64_t at = 0; at < 50; at++) {
            size_t done = 0;

            for (size_t i = 0; i < count; i++) {
                done += cases[i].duration_us <= at;
            }
            NEAR(survival_curve_done(steps, step_count, at), (double)done / (double)count);
        }
        /* The smallest of them by which four fifths are done: cases are sorted by now. */
        assert_int_equal(survival_curve_time(steps, step_count, 0.8),
                         cases[(4 * count + 4) / 5 - 1].duration_us);
    }
}

static void a_thin_curve_says_nearly_the_same_and_exactly_of_the_given_shares(void **state)
{
    static const double shares[] = {0.5, 0.8};
    static struct survival_step thin[CASES_MAX];
    uint32_t seed = 9;

    (void)state;
    for (size_t i = 0; i < CASES_MAX; i++) {
        cases[i] = (struct survival_case){next_random(&seed) % 1000000, next_random(&seed) % 9 > 0};
    }
    const size_t count = survival_curve_make(cases, CASES_MAX, steps);
    memcpy(thin, steps, sizeof(thin));
    const size_t left = survival_curve_thin(thin, count, 100, shares, ARRAY_LEN(shares));

    assert_in_range(left, 50, 103);
    for (int64_t at = 0; at < 1000000; at += 997) {
        const double all = survival_curve_done(steps, count, at);
        const double few = survival_curve_done(thin, left, at);

        assert_true(few <= all && all - few < 0.0101);
    }
    for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
        assert_int_equal(survival_curve_time(thin, left, shares[i]),
                         survival_curve_time(steps, count, shares[i]));
    }
    assert_memory_equal(&thin[left - 1], &steps[count - 1], sizeof(*thin));
}

static void a_short_curve_stays_as_it_is(void **state)
{
    const size_t count = make_remissions();
    const double half = 0.5;

    (void)state;
    assert_int_equal(survival_curve_thin(steps, count, 1000, &half, 1), count);
    NEAR(steps[count - 1].open, 0.448);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remissions_are_as_published),
        cmocka_unit_test(a_share_is_asked_by_time_and_a_time_by_share),
        cmocka_unit_test(nothing_done_is_no_step),
        cmocka_unit_test(what_is_done_after_the_same_time_counts_before_what_is_censored),
        cmocka_unit_test(all_done_leaves_nothing_open_and_no_doubt),
        cmocka_unit_test(a_curve_is_known_as_long_as_enough_were_watched),
        cmocka_unit_test(without_open_ones_it_is_the_share_that_was_done),
        cmocka_unit_test(a_thin_curve_says_nearly_the_same_and_exactly_of_the_given_shares),
        cmocka_unit_test(a_short_curve_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
