/* SPDX-License-Identifier: Apache-2.0 */
/* bg_nbd_properties_test.c - what must hold for any customer and any unit of time. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/model/bg_nbd.h"
#include "common/model/special_function.h"
#include "tests/support/cdnow.h"
#include "tests/support/proof.h"
#include "tests/support/purchase_world.h"

enum {
    CUSTOMERS = 40000
};

static const struct bg_nbd model = {0.243, 4.414, 0.793, 2.426};

/* Where terms vanish or cancel in the paper's formula: a = 1, a + b = 1; and far from there. */
static const struct bg_nbd models[] = {
    {0.243, 4.414, 0.793, 2.426},
    {0.5,   3,     1,     2    },
    {0.5,   3,     0.4,   0.6  },
    {2,     100,   1.5,   0.2  },
    {1e-3,  1e-2,  1e-3,  1e-3 },
    {50,    0.1,   30,    200  },
};

static struct purchase_history histories[CUSTOMERS];
static struct purchase_history others[CUSTOMERS];

/* The paper's equation 10, with Gauss's function summed as it is written. */
static double as_in_the_paper(const struct bg_nbd *m, struct purchase_history h, double ahead)
{
    const double a = m->r + h.x, b = m->b + h.x, c = m->a + m->b + h.x - 1;
    const double z = ahead / (m->alpha + h.t + ahead);
    double term = 1, sum = 1;

    for (double n = 0; fabs(term) > 1e-18 * fabs(sum); n++) {
        term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z;
        sum += term;
    }
    return c / (m->a - 1) * (1 - pow((m->alpha + h.t) / (m->alpha + h.t + ahead), a) * sum) *
           bg_nbd_alive(m, h);
}

static void expectations_equal_the_papers_formula(void **state)
{
    double worst = 0;

    for (int x = 0; x < 40; x++) {
        for (int i = 0; i < 10; i++) {
            const double ahead = 0.5 * pow(2, i);
            const struct purchase_history h = {x, x > 0 ? 30 : 0, 39};
            const double theirs = as_in_the_paper(&model, h, ahead);

            worst = fmax(worst, fabs(bg_nbd_expected(&model, h, ahead) / theirs - 1));
        }
    }
    PROOF("E[Y(t)] by our sum and by the paper's equation 10, largest relative difference",
          "Fader, Hardie, Lee 2005", 0, 1e-9, worst);
}

/* The change from the sum to the integral is at 20,000 terms. */
static void far_futures_join_near_ones(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(models); i++) {
        double before = 0;

        for (int k = 0; k < 102; k++) {
            const double now = bg_nbd_expected_of_new(&models[i], 1e-9 * pow(1.5, k));

            assert_true(isfinite(now) && now >= before * (1 - 1e-12));
            /* Growth slows down: in 1.5 times the time not more than 1.5 times as much. */
            assert_true(before <= 0 || now <= before * 1.5 * (1 + 1e-9));
            before = now;
        }
    }
}

static void chances_lie_between_0_and_1_and_fall_with_silence(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(models); i++) {
        for (int x = 0; x < 100000; x = 3 * x + 1) {
            double before = 1;

            for (int k = 0; k < 22; k++) {
                const struct purchase_history h = {x, x > 0 ? 10 : 0, 10 * pow(1.7, k)};
                const double alive = bg_nbd_alive(&models[i], h);

                assert_true(alive >= 0 && alive <= before);
                assert_true(x > 0 || alive == 1);
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
                const double more = bg_nbd_expected(&models[i], h, 0.01 * pow(2.3, k));

                assert_true(isfinite(more) && more >= before * (1 - 1e-11));
                before = more;
            }
        }
    }
}

static void chances_of_all_counts_sum_to_one(void **state)
{
    for (int i = 0; i < 5; i++) {
        const double t = 0.5 * pow(3, i);
        double sum = 0, mean = 0;

        for (unsigned x = 0; x < 3000; x++) {
            const double p = bg_nbd_pmf(&model, x, t);

            assert_true(p >= 0 && p <= 1);
            sum += p;
            mean += x * p;
        }
        assert_true(fabs(sum - 1) < 1e-9);
        assert_true(fabs(mean - bg_nbd_expected_of_new(&model, t)) < 1e-6);
    }
    assert_true(bg_nbd_pmf(&model, 0, 0) == 1 && bg_nbd_pmf(&model, 3, 0) == 0);
}

static void what_cannot_be_is_read_as_something_that_can(void **state)
{
    static const double odd[] = {0, -1, 1, 5, 1e300, NAN, INFINITY, -INFINITY};

    for (size_t i = 0; i < ARRAY_LEN(odd) * ARRAY_LEN(odd) * ARRAY_LEN(odd); i++) {
        const struct purchase_history h = {odd[i % 8], odd[i / 8 % 8], odd[i / 64]};
        const double alive = bg_nbd_alive(&model, h);

        assert_true(alive >= 0 && alive <= 1);
        assert_true(isfinite(bg_nbd_log_likelihood(&model, h)));
        for (size_t k = 0; k < ARRAY_LEN(odd); k++) {
            if (h.x < 1e6) {
                assert_true(isfinite(bg_nbd_expected(&model, h, fmin(odd[k], 1e9))));
            }
        }
    }
}

/* Half a purchase is none, whichever the parameters: b + x - 1 may not fall below 0. */
static void parts_of_purchases_do_not_count(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(models); i++) {
        for (int tenths = 0; tenths < 40; tenths++) {
            const double x = 0.1 * tenths + 0.05;
            const struct purchase_history h = {x, 5, 10}, whole = {floor(x), 5, 10};

            assert_true(bg_nbd_alive(&models[i], h) == bg_nbd_alive(&models[i], whole));
            assert_true(isfinite(bg_nbd_expected(&models[i], h, 10)));
            assert_true(isfinite(bg_nbd_log_likelihood(&models[i], h)));
        }
    }
}

/* ---- fits */

static bool is_near(double a, double b, double relative)
{
    return fabs(a - b) <= relative * fabs(b);
}

static void the_unit_of_time_moves_alpha_alone(void **state)
{
    const struct cdnow *c = cdnow_need();
    const struct bg_nbd_fit weeks = bg_nbd_fit(c->histories, NULL, c->count, &fit_terms_usual);

    for (size_t i = 0; i < c->count; i++) {
        const struct purchase_history h = c->histories[i];

        others[i] = (struct purchase_history){h.x, 7 * h.t_x, 7 * h.t};
    }
    const struct bg_nbd_fit days = bg_nbd_fit(others, NULL, c->count, &fit_terms_usual);

    assert_true(days.report.is_converged);
    PROOF("alpha in days", "Fader, Hardie, Lee 2005, times 7", 30.8952, 1e-3, days.model.alpha);
    assert_true(is_near(days.model.alpha, 7 * weeks.model.alpha, 1e-6));
    assert_true(is_near(days.model.r, weeks.model.r, 1e-6));
    assert_true(is_near(days.model.a, weeks.model.a, 1e-6));
    assert_true(is_near(days.model.b, weeks.model.b, 1e-6));
    assert_true(fabs(days.report.log_likelihood - (weeks.report.log_likelihood - 2457 * log(7))) <
                1e-6);
}

static const struct purchase_world world = {
    {0.6, 8, 0.9, 2.5},
    10, 60, 0
};

static void the_order_of_customers_changes_no_bit(void **state)
{
    purchase_world_make(&world, 7, CUSTOMERS, histories);
    for (size_t i = 0; i < CUSTOMERS; i++) {
        others[i] = histories[i * 12347 % CUSTOMERS]; /* no common factor */
    }
    const struct bg_nbd_fit a = bg_nbd_fit(histories, NULL, CUSTOMERS, &fit_terms_usual);
    const struct bg_nbd_fit b = bg_nbd_fit(others, NULL, CUSTOMERS, &fit_terms_usual);

    assert_true(a.report.is_converged);
    assert_memory_equal(&a.model, &b.model, sizeof(a.model));
    assert_true(a.report.log_likelihood == b.report.log_likelihood);
}

static void counts_stand_for_equal_customers(void **state)
{
    static double twice[CUSTOMERS];
    const size_t half = CUSTOMERS / 2;

    purchase_world_make(&world, 8, half, histories);
    memcpy(histories + half, histories, half * sizeof(*histories));
    for (size_t i = 0; i < half; i++) {
        twice[i] = 2;
    }
    const struct bg_nbd_fit all = bg_nbd_fit(histories, NULL, CUSTOMERS, &fit_terms_usual);
    const struct bg_nbd_fit counted = bg_nbd_fit(histories, twice, half, &fit_terms_usual);

    assert_memory_equal(&all.model, &counted.model, sizeof(all.model));
    assert_true(counted.report.customers == CUSTOMERS);
}

/* Of 40,000 customers: some three standard errors. */
static void a_fit_finds_what_made_the_customers(void **state)
{
    double sum = 0;

    purchase_world_make(&world, 9, CUSTOMERS, histories);
    const struct bg_nbd_fit f = bg_nbd_fit(histories, NULL, CUSTOMERS, &fit_terms_usual);

    for (size_t i = 0; i < CUSTOMERS; i++) {
        sum += bg_nbd_log_likelihood(&f.model, histories[i]);
    }
    assert_true(f.report.is_converged);
    assert_true(is_near(f.model.r, world.model.r, 0.05));
    assert_true(is_near(f.model.alpha, world.model.alpha, 0.06));
    assert_true(is_near(f.model.a, world.model.a, 0.12));
    assert_true(is_near(f.model.b, world.model.b, 0.2));
    assert_true(fabs(sum - f.report.log_likelihood) < 1e-6);
    for (size_t i = 0; i < 4; i++) {
        struct bg_nbd moved = f.model;
        double *const parameters[] = {&moved.r, &moved.alpha, &moved.a, &moved.b};
        double there = 0;

        *parameters[i] *= 1.01;
        for (size_t k = 0; k < CUSTOMERS; k++) {
            there += bg_nbd_log_likelihood(&moved, histories[k]);
        }
        assert_true(there < sum);
    }
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
        {"nobody",                {1, 2, 3},        0,     "too_few_customers"},
        {"few",                   {1, 2, 3},        99,    "too_few_customers"},
        {"nobody came back",      {0, 0, 30},       COUNT, "no_variation"     },
        {"all are just here",     {3, 30, 30},      COUNT, "no_variation"     },
        {"no time has passed",    {0, 0, 0},        COUNT, "no_variation"     },
        {"not a number",          {NAN, 2, 3},      COUNT, "history_invalid"  },
        {"the last after now",    {1, 4, 3},        COUNT, "history_invalid"  },
        {"a last without repeat", {0, 1, 3},        COUNT, "history_invalid"  },
        {"less than none",        {-1, 1, 3},       COUNT, "history_invalid"  },
        {"half a purchase",       {0.5, 1, 3},      COUNT, "history_invalid"  },
        {"for ever",              {1, 1, INFINITY}, COUNT, "history_invalid"  },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t k = 0; k < COUNT; k++) {
            histories[k] = cases[i].h;
        }
        const struct bg_nbd_fit f = bg_nbd_fit(histories, NULL, cases[i].count, &fit_terms_usual);

        assert_false(f.report.is_converged);
        assert_string_equal(f.report.why_not, cases[i].why_not);
        assert_true(f.model.r > 0 && f.model.alpha > 0 && f.model.a > 0 && f.model.b > 0);
        assert_true(isfinite(f.report.log_likelihood) && isfinite(f.report.customers));
    }
}

/* All buy once a week and never leave: rates do not vary, and nothing says who could leave. */
static void a_likelihood_without_a_top_does_not_converge(void **state)
{
    for (size_t i = 0; i < 1000; i++) {
        const double t = 10 + (double)(i % 30);

        histories[i] = (struct purchase_history){t - 1, t - 1, t};
    }
    const struct bg_nbd_fit f = bg_nbd_fit(histories, NULL, 1000, &fit_terms_usual);

    assert_false(f.report.is_converged);
    assert_non_null(f.report.why_not);
    assert_true(isfinite(f.report.log_likelihood) && isfinite(f.model.alpha));
}

/* All buy at the same rate: r and alpha grow together without end, on ever flatter ground, and far
 * inside the bounds. */
static void a_plateau_is_no_top(void **state)
{
    static const struct purchase_world equal = {
        {1e9, 5e9, 0.9, 2.5},
        10, 60, 0
    };

    for (uint64_t seed = 1; seed <= 10; seed++) {
        purchase_world_make(&equal, seed, 2000, histories);
        const struct bg_nbd_fit f = bg_nbd_fit(histories, NULL, 2000, &fit_terms_usual);

        assert_true(!f.report.is_converged || f.model.r < 1000);
        assert_true(f.report.is_converged || f.report.why_not != NULL);
    }
}

static void too_few_evaluations_are_said(void **state)
{
    const struct fit_terms hasty = {.customers_min = 10, .evaluations_max = 5};

    purchase_world_make(&world, 10, 1000, histories);
    const struct bg_nbd_fit f = bg_nbd_fit(histories, NULL, 1000, &hasty);

    assert_false(f.report.is_converged);
    assert_string_equal(f.report.why_not, "no_optimum");
    assert_true(f.report.evaluations <= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expectations_equal_the_papers_formula),
        cmocka_unit_test(far_futures_join_near_ones),
        cmocka_unit_test(chances_lie_between_0_and_1_and_fall_with_silence),
        cmocka_unit_test(more_time_brings_more_purchases),
        cmocka_unit_test(chances_of_all_counts_sum_to_one),
        cmocka_unit_test(what_cannot_be_is_read_as_something_that_can),
        cmocka_unit_test(parts_of_purchases_do_not_count),
        cmocka_unit_test(the_unit_of_time_moves_alpha_alone),
        cmocka_unit_test(the_order_of_customers_changes_no_bit),
        cmocka_unit_test(counts_stand_for_equal_customers),
        cmocka_unit_test(a_fit_finds_what_made_the_customers),
        cmocka_unit_test(a_fit_says_why_not),
        cmocka_unit_test(a_likelihood_without_a_top_does_not_converge),
        cmocka_unit_test(a_plateau_is_no_top),
        cmocka_unit_test(too_few_evaluations_are_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
