/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/trust_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define CLOSE 1e-12

static void expectation_and_uncertainty_are_those_of_the_paper(void **state)
{
    /* The first figure of the paper: 7 positive and 1 negative make Beta(8, 2), expectation 0.8. */
    static const struct {
        const char *name;
        struct trust_account account;
        double expectation, uncertainty;
    } cases[] = {
        {"nothing known",         {0, 0, 0},      0.5,            1.0        },
        {"the paper's figure",    {7, 0, 1},      0.8,            0.2        },
        {"ten kept",              {10, 0, 0},     11.0 / 12.0,    2.0 / 12.0 },
        {"ten broken",            {0, 0, 10},     1.0 / 12.0,     2.0 / 12.0 },
        {"two late are one each", {0, 2, 0},      0.5,            0.5        },
        {"late is in between",    {1, 1, 0},      2.5 / 4.0,      0.5        },
        {"many",                  {9000, 0, 999}, 9001 / 10001.0, 2 / 10001.0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct trust t = trust_of_account(&cases[i].account);
        double wrong = trust_expectation(t) - cases[i].expectation;
        double off = trust_uncertainty(t) - cases[i].uncertainty;
        if (wrong > CLOSE || wrong < -CLOSE || off > CLOSE || off < -CLOSE) {
            fail_msg("%s: %f %f", cases[i].name, trust_expectation(t), trust_uncertainty(t));
        }
    }
}

static void a_promise_taken_back_leaves_no_trace(void **state)
{
    struct trust_account a = {.kept = 5, .kept_late = 2, .broken = 3};
    struct trust before = trust_of_account(&a);

    a.broken++;
    a.broken--;
    assert_true(trust_expectation(trust_of_account(&a)) == trust_expectation(before));
}

static void better_endings_mean_more_trust(void **state)
{
    const struct trust_account kept = {4, 0, 1}, late = {3, 1, 1}, broken = {3, 0, 2};
    double as_kept = trust_expectation(trust_of_account(&kept));
    double as_late = trust_expectation(trust_of_account(&late));
    double as_broken = trust_expectation(trust_of_account(&broken));

    assert_true(as_kept > as_late);
    assert_true(as_late > as_broken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expectation_and_uncertainty_are_those_of_the_paper),
        cmocka_unit_test(a_promise_taken_back_leaves_no_trace),
        cmocka_unit_test(better_endings_mean_more_trust),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
