/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/correlation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "tests/support/number_table.h"
#include "tests/support/proof.h"

#define NEAR(a, b) assert_true(fabs((a) - (b)) <= 1e-12)
#define KIOSKS     "kiosk-servqual-research, 194 people, computed with R"

enum {
    KIOSK_ITEMS = 24
};

/* Each person's mean over the items. */
static double *mean_of_items(const struct number_table *t, const char *what)
{
    double *means = xcalloc(t->rows, sizeof *means);

    for (size_t item = 1; item <= KIOSK_ITEMS; item++) {
        char column[16];

        (void)text_format(column, sizeof column, "%s%02zu", what, item);
        for (size_t person = 0; person < t->rows; person++) {
            means[person] += number_table_at(t, person, column) / KIOSK_ITEMS;
        }
    }
    return means;
}

static double correlate(const double *x, const double *y, size_t count)
{
    double r = NAN;

    assert_true(correlation_pearson(x, y, count, &r));
    return r;
}

/* Perceptions alone go with satisfaction better than gaps do: J. J. Cronin, S. A. Taylor, Measuring
 * Service Quality: A Reexamination and Extension, Journal of Marketing 56, 1992. */
static void correlations_of_a_real_survey_are_those_of_r(void **state)
{
    struct number_table *t = number_table_read("kiosk_servqual/kiosk_clean_numeric.csv");
    double *satisfied = number_table_column(t, "OUT_satisfied");
    double *recommend = number_table_column(t, "OUT_recommend");
    double *reuse = number_table_column(t, "OUT_reuse");
    double *perception = mean_of_items(t, "P");
    double *gap = mean_of_items(t, "E");

    for (size_t i = 0; i < t->rows; i++) {
        gap[i] = perception[i] - gap[i];
    }
    PROOF("satisfied with mean gap", KIOSKS, .418203, 5e-7, correlate(satisfied, gap, t->rows));
    PROOF("satisfied with mean perception", KIOSKS, .521959, 5e-7,
          correlate(satisfied, perception, t->rows));
    PROOF("satisfied with recommends", KIOSKS, .542575, 5e-7,
          correlate(satisfied, recommend, t->rows));
    PROOF("satisfied with uses again", KIOSKS, .600142, 5e-7, correlate(satisfied, reuse, t->rows));
    free(satisfied);
    free(recommend);
    free(reuse);
    free(perception);
    free(gap);
    number_table_free(t);
}

static void a_line_has_correlation_1_and_its_mirror_minus_1(void **state)
{
    static const double little[] = {1, 1.125};
    static const double x[] = {1, 2, 3, 4.5}, up[] = {10, 30, 50, 80}, down[] = {4, 3, 2, 0.5};

    NEAR(correlate(x, up, 4), 1.0);
    NEAR(correlate(x, down, 4), -1.0);
    NEAR(correlate(little, down, 2), -1.0); /* two pairs are enough, and little is, too */
    NEAR(correlate(up, little, 2), 1.0);
    NEAR(correlate(x, x, 4), correlate(up, up, 4));
}

static void what_never_varies_goes_with_nothing(void **state)
{
    static const double x[] = {1, 2, 3}, flat[] = {5, 5, 5};
    double untouched = 7;

    assert_false(correlation_pearson(x, flat, 3, &untouched));
    assert_false(correlation_pearson(flat, x, 3, &untouched));
    assert_false(correlation_pearson(x, x, 1, &untouched));
    assert_true(untouched == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(correlations_of_a_real_survey_are_those_of_r),
        cmocka_unit_test(a_line_has_correlation_1_and_its_mirror_minus_1),
        cmocka_unit_test(what_never_varies_goes_with_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
