/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/beta_reputation.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/proof.h"

#define PAPER "Josang and Ismail 2002"
/* The paper was not at hand for its numbers; they also follow from its formulas. */
#define FIGURE     PAPER ", first figure, quoted from memory"
#define NEAR(a, b) assert_true(fabs((a) - (b)) <= 1e-12)

static void seven_kept_and_one_broken_are_beta_8_2(void **state)
{
    struct reputation r = {0};

    for (int i = 0; i < 7; i++) {
        r = reputation_add(r, 1.0, 1.0);
    }
    r = reputation_add(r, -1.0, 1.0);
    PROOF("positive feedback + 1 of 7 kept, 1 broken", FIGURE, 8, 0, r.positive + 1.0);
    PROOF("negative feedback + 1", FIGURE, 2, 0, r.negative + 1.0);
    PROOF("expectation", FIGURE, 0.8, 1e-12, reputation_expectation(r));
    PROOF("rating", FIGURE, 0.6, 1e-12, reputation_rating(r));
}

static void nobody_knows_anything_of_a_stranger(void **state)
{
    const struct reputation none = {0};

    PROOF("expectation without history", PAPER, 0.5, 0, reputation_expectation(none));
    PROOF("rating without history", PAPER, 0, 0, reputation_rating(none));
    PROOF("uncertainty without history", PAPER, 1, 0, reputation_uncertainty(none));
    NEAR(reputation_belief(none), 0.0);
    NEAR(reputation_disbelief(none), 0.0);
}

/* n kept promises, before each of which everything known is forgotten by the same factor. */
static double rating_after(int n, double factor)
{
    struct reputation r = {0};

    for (int i = 0; i < n; i++) {
        r.positive *= factor;
        r.negative *= factor;
        r = reputation_add(r, 1.0, 1.0);
    }
    return reputation_rating(r);
}

static void forgetting_bounds_what_can_be_earned(void **state)
{
    static const struct {
        const char *what;
        int kept;
        double factor, published;
    } cases[] = {
        {"rating after 10 kept, nothing forgotten",  10,   1.0, 10.0 / 12.0},
        {"rating after 50 kept, nothing forgotten",  50,   1.0, 50.0 / 52.0},
        {"rating tends to, forgetting factor 0.9",   2000, 0.9, 0.833333333},
        {"rating tends to, forgetting factor 0.7",   2000, 0.7, 0.625      },
        {"rating tends to, forgetting factor 0.5",   2000, 0.5, 0.5        },
        {"rating tends to, everything is forgotten", 2000, 0.0, 1.0 / 3.0  },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        PROOF(cases[i].what, "closed forms: n / (n + 2); 1 / (3 - 2 factor)", cases[i].published,
              5e-7, rating_after(cases[i].kept, cases[i].factor));
    }
}

static void a_grade_divides_its_weight(void **state)
{
    static const struct {
        double grade, weight, positive, negative;
    } cases[] = {
        {1.0,  1.0,  1.0,   0.0  },
        {-1.0, 2.25, 0.0,   2.25 },
        {0.0,  1.0,  0.5,   0.5  },
        {0.5,  2.0,  1.5,   0.5  },
        {-0.5, 0.5,  0.125, 0.375},
        {1.0,  0.0,  0.0,   0.0  },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reputation r =
            reputation_add((struct reputation){3, 4}, cases[i].grade, cases[i].weight);

        NEAR(r.positive, 3.0 + cases[i].positive);
        NEAR(r.negative, 4.0 + cases[i].negative);
    }
}

static void sums_say_what_the_things_themselves_say(void **state)
{
    struct reputation one_by_one = {0}, of_sums;
    double weight = 0.0, weighted_grade = 0.0;

    for (int i = 0; i < 20; i++) {
        double grade = (i % 5 - 2) / 2.0, w = 0.3 + i;

        one_by_one = reputation_add(one_by_one, grade, w);
        weight += w;
        weighted_grade += w * grade;
    }
    of_sums = reputation_of_sums(weight, weighted_grade);
    NEAR(of_sums.positive, one_by_one.positive);
    NEAR(of_sums.negative, one_by_one.negative);
}

static void rounding_never_leaves_less_than_nothing(void **state)
{
    struct reputation kept = reputation_of_sums(1.0, 1.0 + 1e-12);
    struct reputation broken = reputation_of_sums(1.0, -1.0 - 1e-12);

    assert_true(kept.negative == 0.0);
    assert_true(broken.positive == 0.0);
}

static void belief_disbelief_and_uncertainty_are_all_there_is(void **state)
{
    for (int positive = 0; positive < 10; positive++) {
        const struct reputation r = {positive, 0.5 * positive + 1};

        NEAR(reputation_belief(r) + reputation_disbelief(r) + reputation_uncertainty(r), 1.0);
        NEAR(reputation_belief(r) - reputation_disbelief(r), reputation_rating(r));
        NEAR(2.0 * reputation_expectation(r) - 1.0, reputation_rating(r));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seven_kept_and_one_broken_are_beta_8_2),
        cmocka_unit_test(nobody_knows_anything_of_a_stranger),
        cmocka_unit_test(forgetting_bounds_what_can_be_earned),
        cmocka_unit_test(a_grade_divides_its_weight),
        cmocka_unit_test(sums_say_what_the_things_themselves_say),
        cmocka_unit_test(rounding_never_leaves_less_than_nothing),
        cmocka_unit_test(belief_disbelief_and_uncertainty_are_all_there_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
