/* SPDX-License-Identifier: Apache-2.0 */
/* pareto_nbd_properties_test.c - what must hold for any customer and any unit of time. */
#include "common/model/pareto_nbd.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/cdnow.h"
#include "tests/support/proof.h"

static const struct pareto_nbd models[] = {
    {0.553, 10.578, 0.606, 11.669},
    {0.5,   3,      1,     2     }, /* s = 1: the formula is 0 / 0 */
    {2,     100,    1.5,   0.2   },
    {1e-3,  1e-2,   1e-3,  1e-3  },
    {50,    0.1,    30,    200   },
    {0.5,   3,      1e5,   1e5   },
};

static struct purchase_history histories[CDNOW_CUSTOMERS];

static bool is_near(double a, double b, double relative)
{
    return fabs(a - b) <= relative * fabs(b);
}

/* ---- chances and expectations */

static void chances_lie_between_0_and_1_and_fall_with_silence(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(models); i++) {
        for (int x = 0; x < 100000; x = 3 * x + 1) {
            double before = 1;

            for (int k = 0; k < 22; k++) {
                const struct purchase_history h = {x, x > 0 ? 10 : 0, 10 * pow(1.7, k)};
                const double alive = pareto_nbd_alive(&models[i], h);

                assert_true(alive >= 0 && alive <= before * (1 + 1e-12));
                before = alive;
            }
        }
    }
}

static void more_time_brings_more_purchases(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(models); i++) {
        for (int x = 0; x < 10000; x = 3 * x + 1) {
            const struct purchase_history h = {x, x > 0 ? 9.5 : 0, 10};
            double before = 0;

            for (int k = 0; k < 20; k++) {
                const double more = pareto_nbd_expected(&models[i], h, 0.01 * pow(2.3, k));

                assert_true(isfinite(more) && more >= before * (1 - 1e-11));
                before = more;
            }
        }
    }
}

/* Where alpha is beta the integral has a closed form (Fader, Hardie, note 009): however fast
 * customers leave, it is not missed. */
static void chances_are_those_of_the_closed_form(void **state)
{
    const struct purchase_history h = {3, 20, 39};
    double worst = 0;

    for (int i = 0; i < 21; i++) {
        for (int k = 0; k < 18; k++) {
            const double s = 1e-3 * pow(3, i), alpha = 1e-6 * pow(5, k);
            const struct pareto_nbd m = {0.5, alpha, s, alpha};
            const double both = m.r + h.x + s;
            const double odds_gone =
                s / both * expm1(both * log1p((h.t - h.t_x) / (alpha + h.t_x)));

            worst = fmax(worst, fabs(pareto_nbd_alive(&m, h) - 1 / (1 + odds_gone)));
        }
    }
    PROOF("P(alive) where alpha = beta, largest difference", "closed form: Fader, Hardie, note 009",
          0, 1e-12, worst);
}

static void who_leaves_at_once_buys_no_more(void **state)
{
    static const struct pareto_nbd hasty[] = {
        {0.5, 3,   1e6, 1e-3},
        {0.5, 3,   1e4, 1e-6},
        {0.5, 3,   1e6, 1e3 },
        {30,  0.1, 1e6, 10  },
    };

    for (size_t i = 0; i < ARRAY_LEN(hasty); i++) {
        assert_true(pareto_nbd_alive(&hasty[i], (struct purchase_history){2, 10, 39}) < 1e-6);
        assert_true(pareto_nbd_alive(&hasty[i], (struct purchase_history){0, 0, 39}) < 1e-6);
    }
    assert_true(pareto_nbd_pmf(&hasty[0], 0, 39) > 1 - 1e-6);
}

/* Next to no discount: the purchases to come have a mean when s is above 1. */
static void all_that_is_to_come_is_finite(void **state)
{
    const struct purchase_history h = {7, 39, 39};

    for (int i = 0; i < 15; i++) {
        const double s = 2 * pow(3, i);
        const struct pareto_nbd m = {0.55, 10.58, s, 11.67};
        const double all =
            (m.r + h.x) / (m.alpha + h.t) * (m.beta + h.t) / (s - 1) * pareto_nbd_alive(&m, h);

        assert_true(is_near(pareto_nbd_discounted(&m, h, 1e-12), all, 1e-8));
    }
}

static void what_cannot_be_is_read_as_something_that_can(void **state)
{
    static const double odd[] = {0, -1, 1, 1.5, 5, 1e300, NAN, INFINITY, -INFINITY};
    const size_t count = ARRAY_LEN(odd);

    for (size_t i = 0; i < count * count * count; i++) {
        const struct purchase_history h = {odd[i % count], odd[i / count % count],
                                           odd[i / count / count]};
        const double alive = pareto_nbd_alive(&models[0], h);

        assert_true(alive >= 0 && alive <= 1);
        assert_true(isfinite(pareto_nbd_log_likelihood(&models[0], h)));
    }
}

/* ---- fits */

/* In days, and in another order: the first changes alpha and beta alone, the second nothing. */
static void neither_unit_nor_order_changes_a_fit(void **state)
{
    const struct cdnow *c = cdnow_need();
    const struct pareto_nbd_fit weeks =
        pareto_nbd_fit(c->histories, NULL, c->count, &fit_terms_usual);

    for (size_t i = 0; i < c->count; i++) {
        histories[i] = c->histories[i * 1009 % c->count]; /* no common factor */
    }
    const struct pareto_nbd_fit shuffled =
        pareto_nbd_fit(histories, NULL, c->count, &fit_terms_usual);

    assert_memory_equal(&shuffled.model, &weeks.model, sizeof(weeks.model));
    assert_true(shuffled.report.log_likelihood == weeks.report.log_likelihood);
    for (size_t i = 0; i < c->count; i++) {
        const struct purchase_history h = c->histories[i];

        histories[i] = (struct purchase_history){h.x, 7 * h.t_x, 7 * h.t};
    }
    const struct pareto_nbd_fit days = pareto_nbd_fit(histories, NULL, c->count, &fit_terms_usual);

    assert_true(days.report.is_converged);
    PROOF("alpha in days", "our fit in weeks, times 7", 7 * weeks.model.alpha, 1e-3,
          days.model.alpha);
    PROOF("beta in days", "our fit in weeks, times 7", 7 * weeks.model.beta, 1e-3, days.model.beta);
    assert_true(is_near(days.model.r, weeks.model.r, 1e-5));
    assert_true(is_near(days.model.s, weeks.model.s, 1e-5));
    assert_true(fabs(days.report.log_likelihood - (weeks.report.log_likelihood - 2457 * log(7))) <
                1e-6);
}

static void a_fit_says_why_not(void **state)
{
    enum {
        COUNT = 500
    };
    static const struct {
        const char *name;
        struct purchase_history h; /* all are so */
        size_t count;
        const char *why_not;
    } cases[] = {
        {"nobody",           {1, 2, 3},   0,     "too_few_customers"},
        {"few",              {1, 2, 3},   99,    "too_few_customers"},
        {"nobody came back", {0, 0, 30},  COUNT, "no_variation"     },
        {"not a number",     {NAN, 2, 3}, COUNT, "history_invalid"  },
        {"half a purchase",  {0.5, 1, 3}, COUNT, "history_invalid"  },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t k = 0; k < COUNT; k++) {
            histories[k] = cases[i].h;
        }
        const struct pareto_nbd_fit f =
            pareto_nbd_fit(histories, NULL, cases[i].count, &fit_terms_usual);

        assert_false(f.report.is_converged);
        assert_string_equal(f.report.why_not, cases[i].why_not);
        assert_true(f.model.r > 0 && f.model.alpha > 0 && f.model.s > 0 && f.model.beta > 0);
        assert_true(isfinite(f.report.log_likelihood) && isfinite(f.report.customers));
    }
}

/* All buy once a week and never leave. */
static void a_likelihood_without_a_top_does_not_converge(void **state)
{
    enum {
        COUNT = 300
    };

    for (size_t i = 0; i < COUNT; i++) {
        const double t = 10 + (double)(i % 30);

        histories[i] = (struct purchase_history){t - 1, t - 1, t};
    }
    const struct pareto_nbd_fit f = pareto_nbd_fit(histories, NULL, COUNT, &fit_terms_usual);

    assert_false(f.report.is_converged);
    assert_non_null(f.report.why_not);
    assert_true(isfinite(f.report.log_likelihood) && isfinite(f.model.beta));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chances_lie_between_0_and_1_and_fall_with_silence),
        cmocka_unit_test(more_time_brings_more_purchases),
        cmocka_unit_test(chances_are_those_of_the_closed_form),
        cmocka_unit_test(who_leaves_at_once_buys_no_more),
        cmocka_unit_test(all_that_is_to_come_is_finite),
        cmocka_unit_test(what_cannot_be_is_read_as_something_that_can),
        cmocka_unit_test(neither_unit_nor_order_changes_a_fit),
        cmocka_unit_test(a_fit_says_why_not),
        cmocka_unit_test(a_likelihood_without_a_top_does_not_converge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
