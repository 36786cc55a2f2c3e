/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/shifted_beta_geometric.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/proof.h"

#define PAPER    "Fader, Hardie 2007"
#define FORETELL "R package foretell"
#define THEIRS   "test of shifted_beta_geometric"

enum {
    NAME_SIZE = 80,
    YEARS = 7, /* that are fitted; 5 more are forecast */
};

/* Survivors of a hundred customers, year by year: Fader, Hardie 2007, table 1. */
static const double high_end[] = {100,  86.9, 74.3, 65.3, 59.3, 55.1, 51.7,
                                  49.1, 46.8, 44.5, 42.7, 40.9, 39.4};
static const double regular[] = {100,  63.1, 46.8, 38.2, 32.6, 28.9, 26.2,
                                 24.1, 22.3, 20.7, 19.4, 18.3, 17.3};

struct segment {
    const char *name, *source;
    const double *alive;
    struct shifted_beta_geometric printed, exact;
    double negative_log_likelihood;
    double survival[12]; /* percent after 1 to 12 years */
};

static const struct segment segments[] = {
    {"High End",
     THEIRS,   high_end,
     {0.668, 3.806},
     {0.66808870, 3.80611529},
     161.1158147, {85.068, 74.686, 66.979, 60.992, 56.184, 52.222, 48.891, 46.044, 43.578, 41.417, 39.506,
      37.800}},
    {"Regular",
     FORETELL, regular,
     {0.704, 1.182},
     {0.70409378, 1.18202927},
     168.0265189, {62.670, 47.381, 38.796, 33.206, 29.234, 26.245, 23.901, 22.008, 20.440, 19.118, 17.986,
      17.003}},
};

static void check_segment(const struct segment *s)
{
    const struct contract_cohort cohort = {s->alive, YEARS + 1};
    const struct shifted_beta_geometric_fit f =
        shifted_beta_geometric_fit(&cohort, 1, &fit_terms_usual);
    char name[NAME_SIZE];

    assert_true(f.report.is_converged);
    /* foretell's search ends a little beside the top; what it prints has digits to spare. */
    (void)snprintf(name, sizeof(name), "%s: alpha", s->name);
    PROOF(name, PAPER, s->printed.alpha, 5e-4, f.model.alpha);
    PROOF(name, FORETELL, s->exact.alpha, 5e-5, f.model.alpha);
    (void)snprintf(name, sizeof(name), "%s: beta", s->name);
    PROOF(name, PAPER, s->printed.beta, 5e-4, f.model.beta);
    PROOF(name, FORETELL, s->exact.beta, 5e-5, f.model.beta);
    (void)snprintf(name, sizeof(name), "%s: log-likelihood per hundred", s->name);
    PROOF(name, FORETELL, -s->negative_log_likelihood, 1e-7, f.report.log_likelihood);
    for (unsigned t = 1; t <= ARRAY_LEN(s->survival); t++) {
        (void)snprintf(name, sizeof(name), "%s: %% left after %u years%s", s->name, t,
                       t > YEARS ? ", forecast" : "");
        PROOF(name, s->source, s->survival[t - 1], 5e-4,
              100 * shifted_beta_geometric_survival(&s->exact, t));
    }
}

static void the_two_segments_of_the_paper_are_as_published(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(segments); i++) {
        check_segment(&segments[i]);
    }
}

static void other_numbers_are_as_published(void **state)
{
    static const double alive[] = {10000, 8000, 6480, 5307, 4391};
    const struct contract_cohort cohorts[] = {
        {alive, 5},
        {alive, 4},
        {alive, 3},
        {alive, 2}
    };
    const struct shifted_beta_geometric ones = {1, 1};
    const struct shifted_beta_geometric_fit f =
        shifted_beta_geometric_fit(cohorts, ARRAY_LEN(cohorts), &fit_terms_usual);

    /* Cut after three digits there, not rounded. */
    PROOF("High End at alpha 1, beta 1: log-likelihood per customer", THEIRS, -2.115, 1e-3,
          shifted_beta_geometric_log_likelihood(&ones,
                                                (struct contract_cohort){high_end, YEARS + 1}) /
              100);
    assert_true(f.report.is_converged);
    PROOF("four cohorts of 10,000: alpha", THEIRS, 3.80, 5e-3, f.model.alpha);
    PROOF("four cohorts of 10,000: beta", THEIRS, 15.19, 5e-3, f.model.beta);
    assert_true(f.report.customers == 40000);
}

static void its_functions_agree(void **state)
{
    const struct shifted_beta_geometric m = {0.668, 3.806};
    double left = 0;
    double before = 0;

    for (unsigned t = 1; t < 200; t++) {
        const double retention = shifted_beta_geometric_retention(&m, t);

        left += shifted_beta_geometric_leaves(&m, t);
        assert_true(fabs(left + shifted_beta_geometric_survival(&m, t) - 1) < 1e-12);
        assert_true(retention > before && retention < 1);
        assert_true(
            fabs(shifted_beta_geometric_stays(&m, t, 5) * shifted_beta_geometric_survival(&m, t) -
                 shifted_beta_geometric_survival(&m, t + 5)) < 1e-12);
        before = retention;
    }
    assert_true(shifted_beta_geometric_survival(&m, 0) == 1);
}

static void a_fit_says_why_not(void **state)
{
    static const double rising[] = {100, 90, 95}, missing[] = {100, NAN, 50},
                        all[] = {100, 100, 100}, none[] = {100, 0, 0}, once[] = {100, 80},
                        few[] = {10, 8, 7}, steady[] = {1000, 500, 250, 125};
    static const struct {
        const char *why_not;
        struct contract_cohort cohort;
    } cases[] = {
        {"history_invalid",   {rising, 3} },
        {"history_invalid",   {missing, 3}},
        {"no_variation",      {all, 3}    },
        {"no_variation",      {none, 3}   },
        {"no_variation",      {once, 2}   },
        {"too_few_customers", {few, 3}    },
        {"too_few_customers", {few, 0}    },
        {"at_bound",          {steady, 4} },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct shifted_beta_geometric_fit f =
            shifted_beta_geometric_fit(&cases[i].cohort, 1, &fit_terms_usual);

        assert_false(f.report.is_converged);
        assert_string_equal(f.report.why_not, cases[i].why_not);
        assert_true(f.model.alpha > 0 && isfinite(f.model.alpha) && isfinite(f.model.beta));
        assert_true(isfinite(f.report.customers) && isfinite(f.report.log_likelihood));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_two_segments_of_the_paper_are_as_published),
        cmocka_unit_test(other_numbers_are_as_published),
        cmocka_unit_test(its_functions_agree),
        cmocka_unit_test(a_fit_says_why_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
