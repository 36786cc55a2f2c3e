/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/gamma_gamma.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/cdnow.h"
#include "tests/support/proof.h"

#define NOTE     "Fader, Hardie 2013, note 025"
#define HARDIE   "Hardie's spreadsheet, as in a test of lifetimes"
#define BTYD     "R package BTYD 2.4.3"
#define CLVTOOLS "test of R package CLVTools"

enum {
    NAME_SIZE = 80
};

static const struct gamma_gamma printed = {6.25, 3.74, 15.44};

static void means_are_as_published(void **state)
{
    PROOF("E[M] of a new customer", BTYD, 35.2189781022, 5e-11, gamma_gamma_mean(&printed, 0, 0));
    PROOF("E[M], mean 35 of 3", BTYD, 35.0279199628, 5e-11, gamma_gamma_mean(&printed, 3, 35));
    PROOF("E[M], mean 40 of 2", BTYD, 39.1404199475, 5e-11, gamma_gamma_mean(&printed, 2, 40));
}

static void the_fit_is_as_published(void **state)
{
    static const double first[] = {24.65, 18.91, 35.17, 35.17, 35.17,
                                   71.46, 18.91, 35.17, 27.28, 35.17};
    const struct cdnow *c = cdnow_need();
    const struct gamma_gamma_fit f = gamma_gamma_fit(c->spends, NULL, c->count, &fit_terms_usual);
    double at_printed = 0;
    char name[NAME_SIZE];

    for (size_t i = 0; i < c->count; i++) {
        const struct purchase_spend s = c->spends[i];

        at_printed += s.x > 0 ? gamma_gamma_log_likelihood(&printed, s.x, s.mean) : 0;
    }
    assert_true(f.report.is_converged);
    PROOF("customers with repeat purchases", BTYD, 946, 0, f.report.customers);
    PROOF("p", NOTE, 6.25, 5e-3, f.model.p);
    PROOF("q", NOTE, 3.74, 5e-3, f.model.q);
    PROOF("gamma", NOTE, 15.44, 5e-3, f.model.gamma);
    /* BTYD stops before the top, which is flat: its likelihood there is smaller by 1e-8. */
    PROOF("p", BTYD, 6.24934918, 5e-4, f.model.p);
    PROOF("q", BTYD, 3.74425633, 5e-4, f.model.q);
    PROOF("gamma", BTYD, 15.44430668, 1e-3, f.model.gamma);
    PROOF("log-likelihood", CLVTOOLS, -4055.9177, 1e-3, f.report.log_likelihood);
    PROOF("log-likelihood at the printed parameters", BTYD, -4055.91923205, 1e-6, at_printed);
    for (size_t i = 0; i < ARRAY_LEN(first); i++) {
        (void)snprintf(name, sizeof(name), "E[M] of customer %zu", i + 1);
        PROOF(name, HARDIE, first[i], 0.1,
              gamma_gamma_mean(&f.model, c->spends[i].x, c->spends[i].mean));
    }
}

static void golden_customers_are_as_the_reference_has_them(void **state)
{
    const struct cdnow *c = cdnow_need();
    static double golden[CDNOW_CUSTOMERS][GOLDEN_COLUMNS];
    const size_t count = cdnow_golden_read(golden);
    double difference = 0;

    (void)c;
    for (size_t i = 0; i < count; i++) {
        const double ours =
            gamma_gamma_mean(&printed, golden[i][GOLDEN_X], golden[i][GOLDEN_SPEND]);

        difference = fmax(difference, fabs(ours - golden[i][GOLDEN_MEAN_SPEND]));
    }
    assert_true(count >= 1200);
    PROOF("E[M] of each golden customer, largest difference", BTYD, 0, 1e-9, difference);
}

static void the_unit_of_money_moves_gamma_alone(void **state)
{
    const struct cdnow *c = cdnow_need();
    static struct purchase_spend cents[CDNOW_CUSTOMERS];
    const struct gamma_gamma_fit f = gamma_gamma_fit(c->spends, NULL, c->count, &fit_terms_usual);

    for (size_t i = 0; i < c->count; i++) {
        const struct purchase_spend s = c->spends[c->count - 1 - i]; /* in another order, too */

        cents[i] = (struct purchase_spend){s.x, 100 * s.mean};
    }
    const struct gamma_gamma_fit g = gamma_gamma_fit(cents, NULL, c->count, &fit_terms_usual);

    assert_true(fabs(g.model.p - f.model.p) < 1e-6);
    assert_true(fabs(g.model.q - f.model.q) < 1e-6);
    assert_true(fabs(g.model.gamma - 100 * f.model.gamma) < 1e-3);
    assert_true(fabs(g.report.log_likelihood - f.report.log_likelihood + 946 * log(100)) < 1e-6);
}

static void a_mean_lies_between_ones_own_and_everybodys(void **state)
{
    const double everybody = gamma_gamma_mean(&printed, 0, 0);
    double before = everybody;

    for (int i = 0; i < 13; i++) {
        const double x = pow(3, i);
        const double mean = gamma_gamma_mean(&printed, x, 80);

        assert_true(mean > before && mean < 80);
        before = mean;
    }
    assert_true(80 - before < 0.01);
}

static void what_cannot_be_is_read_as_a_new_customer(void **state)
{
    static const double odd[][2] = {
        {0,        10      },
        {-1,       10      },
        {NAN,      10      },
        {3,        NAN     },
        {3,        -1      },
        {3,        INFINITY},
        {INFINITY, 10      },
        {1e300,    1e300   },
    };

    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        assert_true(gamma_gamma_mean(&printed, odd[i][0], odd[i][1]) ==
                    gamma_gamma_mean(&printed, 0, 0));
    }
}

static void a_fit_says_why_not(void **state)
{
    static struct purchase_spend few[50], equal[200], free_gifts[200];
    static const struct {
        const struct purchase_spend *spends;
        size_t count;
        const char *why_not;
    } cases[] = {
        {few,        0,                     "too_few_customers"},
        {few,        ARRAY_LEN(few),        "too_few_customers"},
        {equal,      ARRAY_LEN(equal),      "no_variation"     },
        {free_gifts, ARRAY_LEN(free_gifts), "too_few_customers"},
    };

    for (size_t i = 0; i < ARRAY_LEN(equal); i++) {
        few[i % ARRAY_LEN(few)] = (struct purchase_spend){2, 10 + (double)i};
        equal[i] = (struct purchase_spend){2, 10};
        free_gifts[i] = (struct purchase_spend){2, i % 2 == 0 ? 0 : NAN};
    }
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct gamma_gamma_fit f =
            gamma_gamma_fit(cases[i].spends, NULL, cases[i].count, &fit_terms_usual);

        assert_false(f.report.is_converged);
        assert_string_equal(f.report.why_not, cases[i].why_not);
        assert_true(isfinite(f.model.p) && isfinite(f.model.q) && isfinite(f.model.gamma));
    }
}

/* All spend about the same: p and q go to infinity together. */
static void a_likelihood_without_a_top_does_not_converge(void **state)
{
    static struct purchase_spend spends[400];

    for (size_t i = 0; i < ARRAY_LEN(spends); i++) {
        spends[i] =
            (struct purchase_spend){(double)(i % 7 + 1), 100 + 1e-3 * (double)(i * 37 % 11)};
    }
    const struct gamma_gamma_fit f =
        gamma_gamma_fit(spends, NULL, ARRAY_LEN(spends), &fit_terms_usual);

    assert_false(f.report.is_converged);
    assert_non_null(f.report.why_not);
    assert_true(isfinite(f.report.log_likelihood) && isfinite(f.model.gamma));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_are_as_published),
        cmocka_unit_test(the_fit_is_as_published),
        cmocka_unit_test(golden_customers_are_as_the_reference_has_them),
        cmocka_unit_test(the_unit_of_money_moves_gamma_alone),
        cmocka_unit_test(a_mean_lies_between_ones_own_and_everybodys),
        cmocka_unit_test(what_cannot_be_is_read_as_a_new_customer),
        cmocka_unit_test(a_fit_says_why_not),
        cmocka_unit_test(a_likelihood_without_a_top_does_not_converge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
