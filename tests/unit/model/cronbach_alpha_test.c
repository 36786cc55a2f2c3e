/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/cronbach_alpha.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "tests/support/number_table.h"
#include "tests/support/proof.h"

#define NEAR(a, b) assert_true(fabs((a) - (b)) <= 1e-12)
#define KIOSKS     "kiosk-servqual-research, 194 people, computed with R"

static const struct {
    const char *name;
    size_t count, items[5];
    double of_perceptions, of_expectations;
} dimensions[] = {
    {"tangible",    4, {4, 5, 6, 22},        .7888, .8555},
    {"security",    3, {19, 20, 21},         .8318, .8569},
    {"economy",     3, {10, 11, 18},         .7768, .5817},
    {"convenience", 5, {13, 14, 15, 16, 17}, .7247, .7984},
    {"reliability", 3, {1, 2, 3},            .6440, .6742},
    {"control",     2, {7, 8},               .7592, .7255},
};

static double alpha_of(const struct number_table *t, const char *what, const size_t *items,
                       size_t count)
{
    double *scores = xcalloc(t->rows * count, sizeof *scores);
    double alpha;

    for (size_t person = 0; person < t->rows; person++) {
        for (size_t i = 0; i < count; i++) {
            char column[16];

            (void)text_format(column, sizeof column, "%s%02zu", what, items[i]);
            scores[person * count + i] = number_table_at(t, person, column);
        }
    }
    assert_true(cronbach_alpha(scores, t->rows, count, &alpha));
    free(scores);
    return alpha;
}

static void alphas_of_a_real_survey_are_those_of_r(void **state)
{
    struct number_table *t = number_table_read("kiosk_servqual/kiosk_clean_numeric.csv");

    for (size_t d = 0; d < ARRAY_LEN(dimensions); d++) {
        char what[64];

        (void)text_format(what, sizeof what, "%s, alpha of perceptions", dimensions[d].name);
        PROOF(what, KIOSKS, dimensions[d].of_perceptions, 5e-5,
              alpha_of(t, "P", dimensions[d].items, dimensions[d].count));
        (void)text_format(what, sizeof what, "%s, alpha of expectations", dimensions[d].name);
        PROOF(what, KIOSKS, dimensions[d].of_expectations, 5e-5,
              alpha_of(t, "E", dimensions[d].items, dimensions[d].count));
    }
    number_table_free(t);
}

static void items_that_say_the_same_have_alpha_1(void **state)
{
    static const double same[] = {1, 1, 1, 4, 4, 4, 2, 2, 2};
    static const double shifted[] = {1, 3, 4, 6, 2, 4};
    static const double close[] = {1, 1, 1.125, 1.125};
    double alpha;

    assert_true(cronbach_alpha(same, 3, 3, &alpha));
    NEAR(alpha, 1.0);
    assert_true(cronbach_alpha(shifted, 3, 2, &alpha));
    NEAR(alpha, 1.0);
    assert_true(cronbach_alpha(close, 2, 2, &alpha)); /* however little they vary */
    NEAR(alpha, 1.0);
}

static void without_variance_there_is_no_alpha(void **state)
{
    static const double constant[] = {3, 3, 3, 3, 3, 3};
    static const double opposed[] = {1, 5, 5, 1};
    double untouched = 7;

    assert_false(cronbach_alpha(constant, 3, 2, &untouched));
    assert_false(cronbach_alpha(opposed, 2, 2, &untouched)); /* every total is 6 */
    assert_false(cronbach_alpha(opposed, 1, 2, &untouched));
    assert_false(cronbach_alpha(opposed, 2, 1, &untouched));
    assert_true(untouched == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alphas_of_a_real_survey_are_those_of_r),
        cmocka_unit_test(items_that_say_the_same_have_alpha_1),
        cmocka_unit_test(without_variance_there_is_no_alpha),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
