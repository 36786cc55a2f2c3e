/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/cusum.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "tests/support/number_table.h"
#include "tests/support/proof.h"

#define MONTGOMERY   "Montgomery, example 9.1"
#define SURVEILLANCE "R package surveillance 1.20.3, algo.cusum"

static void sums_are_those_that_montgomery_published(void **state)
{
    struct number_table *t = number_table_read("refs/montgomery_cusum.csv");
    struct cusum c = {0};
    double above = 0.0, below = 0.0;
    int first = 0;

    for (size_t i = 0; i < t->rows; i++) {
        c = cusum_step(c, number_table_at(t, i, "x") - 10.0, 0.5);
        above = fmax(above, fabs(c.above - number_table_at(t, i, "upper")));
        below = fmax(below, fabs(c.below - number_table_at(t, i, "lower")));
        assert_int_equal(c.above_run, (int)number_table_at(t, i, "n_plus"));
        if (first != 0 || !cusum_signals(&c, 5.0)) {
            continue;
        }
        first = (int)i + 1;
        PROOF("first signal at", MONTGOMERY, 29, 0, first);
        PROOF("sum above then", MONTGOMERY, 5.28, 5e-3, c.above);
        PROOF("its run", MONTGOMERY, 7, 0, c.above_run);
        PROOF("so the shift began after", MONTGOMERY, 22, 0, first - c.above_run);
    }
    PROOF("30 sums above, largest difference", MONTGOMERY, 0, 5e-3, above);
    PROOF("30 sums below, largest difference", MONTGOMERY, 0, 5e-3, below);
    assert_int_not_equal(first, 0);
    number_table_free(t);
}

/* Weeks 209 to 312 against the mean of those before. Returns alarms; *ret_apart: on one side alone.
 */
static int count_alarms(const char *file, double (*standardise)(double, double), int *ret_apart)
{
    struct number_table *t = number_table_read("ears_golden/salmonella_agona_ears.csv");
    struct number_table *golden = number_table_read(file);
    struct cusum c = {0};
    double mean = 0.0;
    int alarms = 0, apart = 0;

    for (size_t week = 0; week < 208; week++) {
        mean += number_table_at(t, week, "y") / 208.0;
    }
    for (size_t i = 0; i < golden->rows; i++) {
        bool is_alarm = number_table_at(golden, i, "alarm") == 1.0;
        bool is_ours;

        c = cusum_step(c, standardise(number_table_at(golden, i, "y"), mean), 1.04);
        is_ours = c.above > 2.26;
        alarms += is_ours;
        apart += is_ours != is_alarm;
    }
    number_table_free(t);
    number_table_free(golden);
    *ret_apart = apart;
    return alarms;
}

static void count_alarms_are_those_of_surveillance(void **state)
{
    int apart, alarms;

    alarms = count_alarms("ears_golden/salmonella_agona_cusum_standard.csv", cusum_count, &apart);
    PROOF("salmonella, standard: alarms in 104 weeks", SURVEILLANCE, 18, 0, alarms);
    PROOF("weeks with an alarm on one side alone", SURVEILLANCE, 0, 0, apart);
    alarms =
        count_alarms("ears_golden/salmonella_agona_cusum_rossi.csv", cusum_count_rossi, &apart);
    PROOF("salmonella, Rossi: alarms in 104 weeks", SURVEILLANCE, 8, 0, alarms);
    PROOF("weeks with an alarm on one side alone", SURVEILLANCE, 0, 0, apart);
}

static void counts_are_standardised_by_their_mean(void **state)
{
    assert_true(fabs(cusum_count(9, 4) - 2.5) < 1e-12);
    assert_true(fabs(cusum_count_rossi(9, 4) - (9 - 12 + 12) / 4.) < 1e-12);
    assert_true(cusum_count(4, 4) == 0.0 && cusum_count_rossi(4, 4) == 0.0);
}

static void a_mirrored_series_swaps_the_sums(void **state)
{
    struct cusum c = {0}, mirrored = {0};

    for (int i = 0; i < 200; i++) {
        double z = sin(i * i) * 3.0 + (i > 100 ? 0.4 : 0.0);

        c = cusum_step(c, z, 0.5);
        mirrored = cusum_step(mirrored, -z, 0.5);
        assert_true(c.above == mirrored.below && c.below == mirrored.above);
        assert_int_equal(c.above_run, mirrored.below_run);
        assert_int_equal(c.below_run, mirrored.above_run);
        assert_int_equal(cusum_signals(&c, 2), cusum_signals(&mirrored, 2));
    }
}

static void either_sum_signals_when_it_is_over_h(void **state)
{
    assert_false(cusum_signals(&(struct cusum){.above = 5}, 5));
    assert_true(cusum_signals(&(struct cusum){.above = 5.01}, 5));
    assert_true(cusum_signals(&(struct cusum){.below = 5.01}, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_those_that_montgomery_published),
        cmocka_unit_test(count_alarms_are_those_of_surveillance),
        cmocka_unit_test(counts_are_standardised_by_their_mean),
        cmocka_unit_test(a_mirrored_series_swaps_the_sums),
        cmocka_unit_test(either_sum_signals_when_it_is_over_h),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
