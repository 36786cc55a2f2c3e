/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/pareto_nbd.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/cdnow.h"
#include "tests/support/proof.h"

#define BTYD     "R package BTYD 2.4.3"
#define VIGNETTE "BTYD vignette"
#define MANUAL   "BTYD manual"

enum {
    NAME_SIZE = 80
};

static const struct pareto_nbd manual = {0.55, 10.56, 0.61, 11.64};
/* BTYD's own estimates for CDNOW. */
static const struct pareto_nbd btyd = {0.553397143257, 10.580198543474, 0.606062497118,
                                       11.656223670708};

static void chances_to_be_alive_are_as_published(void **state)
{
    static const struct pareto_nbd clv_tools = {0.5143, 2.8845, 0.2856, 14.1087};
    static const struct {
        struct purchase_history h;
        double published;
    } many[] = {
        {{221, 103.42857, 103.57143}, .999596052},
        {{254, 97.14286, 97.28571},   .999558226},
        {{161, 94.71429, 98},         .749487752},
        {{204, 98.57143, 99.42857},   .994255080},
    };
    char name[NAME_SIZE];

    PROOF("P(alive), x 0, T 39", MANUAL, 0.2941633, 1e-6,
          pareto_nbd_alive(&btyd, (struct purchase_history){0, 0, 39}));
    PROOF("P(alive), x 23, t_x 39, T 39", MANUAL, 1, 1e-15,
          pareto_nbd_alive(&btyd, (struct purchase_history){23, 39, 39}));
    for (size_t i = 0; i < ARRAY_LEN(many); i++) {
        (void)snprintf(name, sizeof(name), "P(alive), x %g", many[i].h.x);
        PROOF(name, "the integral, computed elsewhere; CLVTools asks for a finite number",
              many[i].published, 1e-7, pareto_nbd_alive(&clv_tools, many[i].h));
    }
}

static void expectations_are_as_published(void **state)
{
    static const struct purchase_history often = {26, 30.85714, 31};
    static const double paradox[] = {0.7062289, 0.1442396, 0.02250658, 0.00309267};
    static const double of_new[] = {0,        .0507782, .0991609, .1454251, .1897993,
                                    .2324747, .2736127, .3133516, .3518102, .3890921};
    char name[NAME_SIZE];

    /* The vignette's own estimates are not printed; they lie elsewhere on the flat top of the
     * likelihood, which moves this number by 2e-3. */
    PROOF("E[Y(52)], customer 1516", VIGNETTE, 25.45647, 5e-3,
          pareto_nbd_expected(&btyd, often, 52));
    PROOF("the same, at these very estimates", BTYD, 25.4541821, 1e-3,
          pareto_nbd_expected(&btyd, often, 52));
    PROOF("P(alive), customer 1516", VIGNETTE, 0.997874, 1e-3, pareto_nbd_alive(&btyd, often));
    PROOF("E[X(52)]", VIGNETTE, 1.473434, 1e-3, pareto_nbd_expected_of_new(&btyd, 52));
    PROOF("E[X(52)]", BTYD, 1.4731127, 1e-6, pareto_nbd_expected_of_new(&btyd, 52));
    for (size_t i = 0; i < ARRAY_LEN(paradox); i++) {
        const double x = 10 + 5 * (double)i;

        (void)snprintf(name, sizeof(name), "E[Y(52)], x %g, t_x 20, T 39", x);
        PROOF(name, VIGNETTE, paradox[i], 1e-3 * paradox[i],
              pareto_nbd_expected(&btyd, (struct purchase_history){x, 20, 39}, 52));
    }
    for (size_t i = 0; i < ARRAY_LEN(of_new); i++) {
        (void)snprintf(name, sizeof(name), "E[X(%zu)]", i);
        PROOF(name, MANUAL, of_new[i], 1e-6, pareto_nbd_expected_of_new(&manual, (double)i));
    }
}

static void many_purchases_do_not_underflow(void **state)
{
    static const struct pareto_nbd m = {0.55, 10.58, 0.61, 11.67};

    PROOF("E[Y(10)], x 132, t_x 200, T 200", "test of lifetimes", 6.2060517889632, 1e-8,
          pareto_nbd_expected(&m, (struct purchase_history){132, 200, 200}, 10));
    PROOF("E[Y(10)], x 133 (BTYD: NaN)", "test of lifetimes", 6.2528722475748, 1e-8,
          pareto_nbd_expected(&m, (struct purchase_history){133, 200, 200}, 10));
    assert_true(pareto_nbd_alive(&m, (struct purchase_history){1000, 10, 100}) < 1e-300);
    assert_true(isfinite(pareto_nbd_log_likelihood(&m, (struct purchase_history){1000, 10, 100})));
}

static void chances_of_so_many_purchases_are_as_published(void **state)
{
    double sum = 0;

    PROOF("P(X(2) = 10)", BTYD, 1.89370759595e-9, 1.9e-15, pareto_nbd_pmf(&manual, 10, 2));
    PROOF("P(X(39) = 0)", BTYD, 0.595938069598, 6e-7, pareto_nbd_pmf(&manual, 0, 39));
    for (unsigned x = 0; x < 400; x++) {
        sum += pareto_nbd_pmf(&manual, x, 39);
    }
    assert_true(fabs(sum - 1) < 1e-9);
}

static void later_purchases_count_less(void **state)
{
    static const struct pareto_nbd m = {.5629966, 12.5590370, .4081095, 10.5148048};
    static const struct purchase_history h = {7, 35, 77.86};

    PROOF("DERT, 0.27 % per week, x 7, t_x 35, T 77.86", BTYD ", example of its manual",
          1.86418332807, 1e-6, pareto_nbd_discounted(&m, h, 0.0027));
    assert_true(pareto_nbd_discounted(&m, h, 0.0026) > pareto_nbd_discounted(&m, h, 0.0027));
    assert_true(isfinite(pareto_nbd_discounted(&m, h, 0)));
}

static void likelihood_and_expectations_agree_on_cdnow(void **state)
{
    const struct cdnow *c = cdnow_need();
    static double golden[CDNOW_CUSTOMERS][GOLDEN_COLUMNS];
    const size_t count = cdnow_golden_read(golden);
    double log_likelihood = 0, sum = 0, alive = 0, expected = 0;

    for (size_t i = 0; i < c->count; i++) {
        log_likelihood += pareto_nbd_log_likelihood(&btyd, c->histories[i]);
        sum += pareto_nbd_expected(&btyd, c->histories[i], CDNOW_HOLDOUT_WEEKS);
    }
    for (size_t i = 0; i < count; i++) {
        const double *g = golden[i];
        const struct purchase_history h = {g[GOLDEN_X], g[GOLDEN_T_X], g[GOLDEN_T]};

        alive = fmax(alive, fabs(pareto_nbd_alive(&btyd, h) - g[GOLDEN_PARETO_ALIVE]));
        expected = fmax(expected, fabs(pareto_nbd_expected(&btyd, h, CDNOW_HOLDOUT_WEEKS) -
                                       g[GOLDEN_PARETO_EXPECTED]));
    }
    assert_true(count >= 1200);
    PROOF("log-likelihood of CDNOW at BTYD's estimates", BTYD, -9594.97619847, 1e-6,
          log_likelihood);
    PROOF("sum of E[Y(39)]", BTYD, 1665.428188, 1e-3, sum);
    PROOF("P(alive) of each golden customer, largest difference", BTYD, 0, 1e-9, alive);
    PROOF("E[Y(39)] of each golden customer, largest difference", BTYD, 0, 1e-8, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chances_to_be_alive_are_as_published),
        cmocka_unit_test(expectations_are_as_published),
        cmocka_unit_test(many_purchases_do_not_underflow),
        cmocka_unit_test(chances_of_so_many_purchases_are_as_published),
        cmocka_unit_test(later_purchases_count_less),
        cmocka_unit_test(likelihood_and_expectations_agree_on_cdnow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
