/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/calibration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define NEAR(a, b) assert_true((a) - (b) < 1e-12 && (b) - (a) < 1e-12)

/* Each promise with its forecast and what came of it. */
static struct calibration_bin of(double chance, int64_t count, int64_t kept)
{
    const double lost = (double)(count - kept);
    return (struct calibration_bin){
        .count = count,
        .kept = kept,
        .chances = chance * (double)count,
        .squares = (double)kept * (1 - chance) * (1 - chance) + lost * chance * chance,
    };
}

static void what_is_added_counts_in_its_bin_and_in_all(void **state)
{
    struct calibration c = {.waiting = 0};
    const struct calibration_bin often = of(0.9, 10, 9), seldom = of(0.2, 5, 1);

    (void)state;
    calibration_add(&c, 9, &often);
    calibration_add(&c, 2, &seldom);
    calibration_add(&c, 2, &seldom);
    calibration_add(&c, 10, &often); /* a chance of 1 belongs to the last one */
    assert_int_equal(c.bins[9].count, 20);
    assert_int_equal(c.bins[2].count, 10);
    assert_int_equal(c.bins[2].kept, 2);
    const struct calibration_bin all = calibration_all(&c);
    assert_int_equal(all.count, 30);
    assert_int_equal(all.kept, 20);
    NEAR(all.chances, 20.0);
}

static void brier_is_the_mean_squared_distance(void **state)
{
    static const struct {
        double chance;
        int64_t count, kept;
        double brier, of_share;
    } rows[] = {
        {1.0, 8,  8, 0.0,  0.0 },
        {0.0, 8,  0, 0.0,  0.0 },
        {1.0, 8,  0, 1.0,  0.0 },
        {0.5, 8,  4, 0.25, 0.25},
        {0.8, 10, 8, 0.16, 0.16},
        {0.6, 10, 8, 0.2,  0.16},
        {0.0, 0,  0, 0.0,  0.0 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct calibration_bin b = of(rows[i].chance, rows[i].count, rows[i].kept);
        NEAR(calibration_brier(&b), rows[i].brier);
        NEAR(calibration_brier_of_share(&b), rows[i].of_share);
    }
}

static void the_verdict_asks_whether_it_may_be_luck(void **state)
{
    static const struct {
        double chance;
        int64_t count, kept;
        const char *verdict;
    } rows[] = {
        {0.7, 100, 70, "as forecast"    },
        {0.7, 100, 62, "as forecast"    },
        {0.7, 100, 59, "worse"          },
        {0.7, 100, 79, "better"         },
        {0.7, 9,   0,  "too few to tell"},
        {0.7, 10,  0,  "worse"          },
        {0.0, 0,   0,  "too few to tell"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct calibration_bin b = of(rows[i].chance, rows[i].count, rows[i].kept);
        assert_string_equal(calibration_verdict(&b), rows[i].verdict);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_added_counts_in_its_bin_and_in_all),
        cmocka_unit_test(brier_is_the_mean_squared_distance),
        cmocka_unit_test(the_verdict_asks_whether_it_may_be_luck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
