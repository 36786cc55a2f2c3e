/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/shrinkage.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static void a_few_are_drawn_to_the_mean_of_all(void **state)
{
    static const struct {
        double sum, count, mean_of_all, strength, shrunk;
    } cases[] = {
        {0,   0,   4.0, 2, 4.0        }, /* nobody said anything */
        {1,   1,   4.0, 2, 3.0        },
        {5,   1,   4.0, 2, 13.0 / 3.0 },
        {100, 100, 4.0, 2, 108. / 102.},
        {3,   2,   4.0, 0, 1.5        }, /* no strength: the mean itself */
        {0,   0,   4.0, 0, 4.0        },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_true(fabs(shrunk_mean(cases[i].sum, cases[i].count, cases[i].mean_of_all,
                                     cases[i].strength) -
                         cases[i].shrunk) < 1e-12);
    }
}

static void more_answers_count_more(void **state)
{
    double before = 4.0;

    for (int n = 1; n < 1000; n++) {
        double now = shrunk_mean(2.0 * n, n, 4.0, 5.0);

        assert_true(now < before && now > 2.0);
        before = now;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_are_drawn_to_the_mean_of_all),
        cmocka_unit_test(more_answers_count_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
