/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/ears.h"

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

#define SURVEILLANCE "R package surveillance 1.20.3, earsC"

typedef bool ears_method(const double *counts, size_t day, double min_sigma, double z,
                         struct ears *ret);

static const struct {
    const char *name;
    ears_method *method;
    double z;
} methods[] = {
    {"C1", ears_c1,              EARS_Z   },
    {"C2", ears_c2,              EARS_Z   },
    {"C3", ears_c3_surveillance, EARS_Z_C3},
};

struct compared {
    double off;    /* largest difference of upper bounds */
    int bounds;    /* that there are */
    int alarms[2]; /* theirs, ours */
    int apart;     /* days with an alarm on one side alone, or a bound on ours */
    int missing;   /* days with a bound on theirs alone */
};

/* One method over a whole file; NAN there is "no bound" here. */
static struct compared compare(const struct number_table *t, size_t m, double min_sigma)
{
    struct compared c = {0};
    double *counts = number_table_column(t, "y");
    const char *suffix = min_sigma > 0.0 ? "s1" : "";

    for (size_t day = 0; day < t->rows; day++) {
        char upper[16], alarm[16];
        struct ears ours = {0};
        double theirs;
        bool is_alarm, has_bound = methods[m].method(counts, day, min_sigma, methods[m].z, &ours);

        (void)text_format(upper, sizeof upper, "%s%s_upper", methods[m].name, suffix);
        (void)text_format(alarm, sizeof alarm, "%s%s_alarm", methods[m].name, suffix);
        theirs = number_table_at(t, day, upper);
        is_alarm = number_table_at(t, day, alarm) == 1.0;
        c.missing += !has_bound && !isnan(theirs);
        if (!has_bound) {
            continue;
        }
        c.bounds++;
        c.alarms[0] += is_alarm;
        c.alarms[1] += ours.is_alarm;
        c.apart += is_alarm != ours.is_alarm || isnan(theirs);
        c.off = fmax(c.off, fabs(ours.upper - theirs));
    }
    free(counts);
    return c;
}

static void prove(const char *file, const char *title, double min_sigma, const int *alarms,
                  int without_sigma)
{
    struct number_table *t = number_table_read(file);

    for (size_t m = 0; m < ARRAY_LEN(methods); m++) {
        const struct compared c = compare(t, m, min_sigma);
        char what[128];

        (void)text_format(what, sizeof what, "%s, %s, sigma at least %g: %d bounds, %s", title,
                          methods[m].name, min_sigma, c.bounds, "largest difference");
        PROOF(what, SURVEILLANCE, 0, 1e-9, c.off);
        assert_int_equal(c.apart, 0);
        /* Where a sigma is 0, theirs is 0 or infinite and ours says that there is none. */
        assert_int_equal(c.missing, m == 2 ? without_sigma : 0);
        if (!alarms) {
            continue;
        }
        (void)text_format(what, sizeof what, "%s, %s: alarms", title, methods[m].name);
        PROOF(what, SURVEILLANCE, alarms[m], 0, c.alarms[1]);
    }
    number_table_free(t);
}

static void salmonella_alarms_are_those_of_surveillance(void **state)
{
    static const int alarms[] = {16, 20, 36};

    prove("ears_golden/salmonella_agona_ears.csv", "salmonella, 312 weeks", 0, alarms, 0);
    prove("ears_golden/salmonella_agona_ears.csv", "salmonella, 312 weeks", 1, NULL, 0);
}

static void complaints_about_one_site_alarm_as_in_surveillance(void **state)
{
    prove("ears_golden/gov_lifaxincheng_ears.csv", "complaints about noise, 391 days", 0, NULL, 10);
    prove("ears_golden/gov_lifaxincheng_ears.csv", "complaints about noise, 391 days", 1, NULL, 0);
}

/* Among 66 messages in 391 days: 2019-11-25 and 2019-12-21 were hot, a day with two is not. */
static void the_noise_is_found_and_quiet_days_are_not(void **state)
{
    struct number_table *t = number_table_read("ears_golden/gov_lifaxincheng_ears.csv");
    double *counts = number_table_column(t, "y");
    int flood = 0, few = 0;

    for (size_t day = 0; day < t->rows; day++) {
        struct ears e = {0};

        flood += ears_c1(counts, day, 0, EARS_Z, &e) && e.is_alarm;
        few += ears_c1(counts, day, 1, EARS_Z, &e) && e.is_alarm;
        if (ears_c2(counts, day, 1, EARS_Z, &e)) {
            assert_true(e.is_alarm == (day + 1 == 329 || day + 1 == 355));
        }
    }
    PROOF("noise, C1, any sigma: alarms", SURVEILLANCE, 14, 0, flood);
    PROOF("noise, C1, sigma at least 1: alarms", SURVEILLANCE, 1, 0, few);
    free(counts);
    number_table_free(t);
}

/* ---- by hand */

static void two_days_are_left_out_by_c2_alone(void **state)
{
    static const double counts[] = {0, 2, 1, 0, 2, 1, 1, 9, 9, 9};
    struct ears e;

    assert_true(ears_c2(counts, 9, 0, EARS_Z, &e));
    assert_true(fabs(e.mean - 1.0) < 1e-12 && fabs(e.sigma - sqrt(4 / 6.)) < 1e-12);
    assert_true(e.is_alarm);
    assert_true(ears_c1(counts, 9, 0, EARS_Z, &e));
    assert_false(e.is_alarm);
}

/* Of mean 1 and sigma 1: 3, 4 and 5 are 1, 2 and 3 over mean + sigma; 0 counts nothing. */
static void the_cdc_adds_up_three_days(void **state)
{
    static const double counts[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 4, 0};
    double sum;

    assert_true(ears_c3_cdc(counts, 11, 1, &sum));
    assert_true(fabs(sum - (1.0 + 2.0)) < 1e-9);
    assert_true(sum > EARS_C3_LIMIT);
}

static void days_without_enough_before_them_have_no_bound(void **state)
{
    static const double counts[12] = {0, 1};
    struct ears untouched = {.upper = 7};
    double sum = 7;

    assert_false(ears_c1(counts, 6, 1, EARS_Z, &untouched));
    assert_false(ears_c2(counts, 8, 1, EARS_Z, &untouched));
    assert_false(ears_c3_surveillance(counts, 10, 1, EARS_Z_C3, &untouched));
    assert_false(ears_c3_cdc(counts, 10, 1, &sum));
    assert_true(untouched.upper == 7 && sum == 7);
    assert_true(ears_c1(counts, 7, 1, EARS_Z, &untouched));
    assert_true(ears_c2(counts, 9, 1, EARS_Z, &untouched));
    assert_true(ears_c3_surveillance(counts, 11, 1, EARS_Z_C3, &untouched));
    assert_true(ears_c3_cdc(counts, 11, 1, &sum));
}

static void without_sigma_c3_has_no_bound(void **state)
{
    static const double counts[12] = {0};
    struct ears untouched = {.upper = 7};
    double sum = 7;

    assert_false(ears_c3_surveillance(counts, 11, 0, EARS_Z_C3, &untouched));
    assert_false(ears_c3_cdc(counts, 11, 0, &sum));
    assert_true(untouched.upper == 7 && sum == 7);
}

static void what_never_changes_never_alarms(void **state)
{
    static const size_t first[] = {7, 9, 11};

    for (int i = 0; i < 90; i++) {
        double level = 0.7 * i, counts[30];

        for (size_t day = 0; day < ARRAY_LEN(counts); day++) {
            counts[day] = level;
        }
        for (size_t day = 0; day < ARRAY_LEN(counts); day++) {
            for (size_t m = 0; m < ARRAY_LEN(methods); m++) {
                struct ears e = {0};

                assert_int_equal(methods[m].method(counts, day, 0.001, methods[m].z, &e),
                                 day >= first[m]);
                assert_false(e.is_alarm);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(salmonella_alarms_are_those_of_surveillance),
        cmocka_unit_test(complaints_about_one_site_alarm_as_in_surveillance),
        cmocka_unit_test(the_noise_is_found_and_quiet_days_are_not),
        cmocka_unit_test(two_days_are_left_out_by_c2_alone),
        cmocka_unit_test(the_cdc_adds_up_three_days),
        cmocka_unit_test(days_without_enough_before_them_have_no_bound),
        cmocka_unit_test(without_sigma_c3_has_no_bound),
        cmocka_unit_test(what_never_changes_never_alarms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
