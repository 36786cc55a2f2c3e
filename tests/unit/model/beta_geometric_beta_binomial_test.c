/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/beta_geometric_beta_binomial.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "tests/support/proof.h"
#include "tests/support/reference_data.h"

#define PAPER "Fader, Hardie, Shang 2010"

enum {
    ROWS_MAX = 64,
    LINE_SIZE = 128,
    YEARS = 6, /* 1996 to 2001 */
};

static const struct beta_geometric_beta_binomial printed = {1.204, 0.750, 0.657, 2.783};

/* Who gave money to a radio station in 1995, and in which of the six years after. */
static struct participation histories[ROWS_MAX];
static double counts[ROWS_MAX];
static size_t count;

static void read_donations(void)
{
    struct text path = reference_data_path("cdnow/donations.csv");
    FILE *in = fopen(path.data, "re");
    char line[LINE_SIZE];

    text_free(&path);
    assert_non_null(in);
    assert_non_null(fgets(line, sizeof(line), in)); /* the names of the columns */
    for (count = 0; fgets(line, sizeof(line), in) != NULL; count++) {
        unsigned fields[3] = {0};
        char *at = line;

        assert_true(count < ROWS_MAX);
        for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
            fields[i] = (unsigned)strtoul(at, &at, 10);
            at++;
        }
        histories[count] = (struct participation){fields[0], fields[1], fields[2]};
        counts[count] = strtod(at, NULL);
    }
    (void)fclose(in);
}

static void chances_to_be_there_are_as_published(void **state)
{
    PROOF("P(alive in 2002), never", PAPER, 0.11, 5e-3,
          beta_geometric_beta_binomial_alive(&printed, (struct participation){0, 0, YEARS}));
    PROOF("P(alive in 2002), twice, last in 1999", PAPER, 0.59, 5e-3,
          beta_geometric_beta_binomial_alive(&printed, (struct participation){2, 4, YEARS}));
    PROOF("P(alive in 2002), each year", PAPER, 0.93, 5e-3,
          beta_geometric_beta_binomial_alive(&printed, (struct participation){6, 6, YEARS}));
}

static void donations_are_as_published(void **state)
{
    double customers = 0, at_printed = 0, expected = 0;

    reference_data_need();
    read_donations();
    const struct beta_geometric_beta_binomial_fit f =
        beta_geometric_beta_binomial_fit(histories, counts, count, &fit_terms_usual);

    for (size_t i = 0; i < count; i++) {
        customers += counts[i];
        at_printed +=
            counts[i] * beta_geometric_beta_binomial_log_likelihood(&printed, histories[i]);
        expected += counts[i] * beta_geometric_beta_binomial_expected(&f.model, histories[i], 5);
    }
    assert_true(f.report.is_converged);
    PROOF("alpha", PAPER, 1.204, 5e-4, f.model.alpha);
    PROOF("beta", PAPER, 0.750, 5e-4, f.model.beta);
    PROOF("gamma", PAPER, 0.657, 5e-4, f.model.gamma);
    PROOF("delta", PAPER, 2.783, 5e-4, f.model.delta);
    PROOF("log-likelihood", PAPER, -33225.58, 5e-3, f.report.log_likelihood);
    assert_true(at_printed <= f.report.log_likelihood);
    PROOF("donations expected in the next five years, all together", PAPER, 12884.2, 0.05,
          expected);
    PROOF("donors expected never to come back in six years", PAPER, 3454.9, 0.05,
          customers * beta_geometric_beta_binomial_pmf(&f.model, 0, YEARS));
    PROOF("donors expected each year", PAPER, 1253.1, 0.05,
          customers * beta_geometric_beta_binomial_pmf(&f.model, 6, YEARS));
}

static void chances_and_likelihoods_agree(void **state)
{
    double all = 0;

    for (unsigned x = 0; x <= YEARS; x++) {
        const double chance = beta_geometric_beta_binomial_pmf(&printed, x, YEARS);
        double ways = 0;

        /* (t_x - 1 over x - 1) orders have their last one in t_x. */
        for (unsigned t_x = x; t_x <= (x > 0 ? YEARS : 0); t_x++) {
            const double orders =
                x > 0 ? round(exp(lgamma(t_x) - lgamma(x) - lgamma(t_x - x + 1.0))) : 1;

            ways += orders * exp(beta_geometric_beta_binomial_log_likelihood(
                                 &printed, (struct participation){x, t_x, YEARS}));
        }
        assert_true(fabs(ways - chance) < 1e-12);
        all += chance;
    }
    assert_true(fabs(all - 1) < 1e-12);
    assert_true(beta_geometric_beta_binomial_pmf(&printed, 7, YEARS) == 0);
}

static void more_silence_makes_it_less_likely_that_one_is_there(void **state)
{
    double before = 1;
    double more = 0;

    for (unsigned n = 3; n < 100; n++) {
        const double alive =
            beta_geometric_beta_binomial_alive(&printed, (struct participation){2, 3, n});

        assert_true(alive > 0 && alive < before);
        before = alive;
    }
    for (unsigned ahead = 1; ahead < 100; ahead++) {
        const double next =
            beta_geometric_beta_binomial_expected(&printed, (struct participation){2, 3, 4}, ahead);

        assert_true(next > more && next < ahead);
        more = next;
    }
}

static void a_fit_says_why_not(void **state)
{
    static const struct {
        const char *why_not;
        struct participation h;
        double count;
    } cases[] = {
        {"too_few_customers", {1, 2, 6}, 99 },
        {"no_variation",      {0, 0, 6}, 500},
        {"no_variation",      {6, 6, 6}, 500},
        {"history_invalid",   {3, 2, 6}, 500},
        {"history_invalid",   {0, 2, 6}, 500},
        {"history_invalid",   {1, 7, 6}, 500},
        {"history_invalid",   {1, 2, 6}, NAN},
        {"history_invalid",   {1, 2, 6}, -1 },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct beta_geometric_beta_binomial_fit f =
            beta_geometric_beta_binomial_fit(&cases[i].h, &cases[i].count, 1, &fit_terms_usual);

        assert_false(f.report.is_converged);
        assert_string_equal(f.report.why_not, cases[i].why_not);
        assert_true(isfinite(f.report.customers) && isfinite(f.model.delta));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chances_to_be_there_are_as_published),
        cmocka_unit_test(donations_are_as_published),
        cmocka_unit_test(chances_and_likelihoods_agree),
        cmocka_unit_test(more_silence_makes_it_less_likely_that_one_is_there),
        cmocka_unit_test(a_fit_says_why_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
