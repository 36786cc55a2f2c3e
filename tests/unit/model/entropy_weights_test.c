/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/entropy_weights.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "tests/support/number_table.h"
#include "tests/support/proof.h"

static void weights_are_those_that_were_published(void **state)
{
    static const double published[5] = {0.104991, 0.069124, 0.071373, 0.449937, 0.304575};
    struct number_table *t = number_table_read("refs/entropy_elsayed2017.csv");
    struct err err = ERR_NONE;
    double weights[5];

    assert_int_equal(entropy_weights(t->cells, t->rows, t->columns, weights, &err), 0);
    for (size_t j = 0; j < 5; j++) {
        char what[48];

        (void)text_format(what, sizeof what, "weight of criterion %zu of 5, 12 rows", j + 1);
        PROOF(what, "Elsayed and others 2017, in the tests of pymcdm", published[j], 1e-6,
              weights[j]);
    }
    number_table_free(t);
}

/* The first column's shares are 1/5 and 4/5, the second's too. */
static void columns_of_the_same_shares_weigh_the_same(void **state)
{
    static const double values[] = {0.01, 2, 0.04, 8};
    double weights[2];

    assert_int_equal(entropy_weights(values, 2, 2, weights, NULL), 0);
    assert_true(fabs(weights[0] - 0.5) < 1e-15 && fabs(weights[1] - 0.5) < 1e-15);
}

static void a_column_that_never_differs_weighs_nothing(void **state)
{
    static const double values[] = {3, 0, 3, 5, 3, 2};
    double weights[2];

    assert_int_equal(entropy_weights(values, 3, 2, weights, NULL), 0);
    assert_true(weights[0] < 1e-12 && fabs(weights[1] - 1.0) < 1e-12);
}

static void what_cannot_be_weighed_is_refused(void **state)
{
    static const struct {
        double values[4];
        size_t rows, columns;
        const char *code;
    } cases[] = {
        {{1, 2},              1, 2, "values_bad"  },
        {{1, 2, -1, 3},       2, 2, "values_bad"  },
        {{1, 2, -0.5, 3},     2, 2, "values_bad"  },
        {{1, 0, 2, 0},        2, 2, "values_bad"  },
        {{1, NAN, 2, 3},      2, 2, "values_bad"  },
        {{1, INFINITY, 2, 3}, 2, 2, "values_bad"  },
        {{7, 3, 7, 3},        2, 2, "values_alike"},
        {{.1, .1, .1},        3, 1, "values_alike"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        double untouched[2] = {7, 8};
        struct err err = ERR_NONE;

        assert_int_equal(
            entropy_weights(cases[i].values, cases[i].rows, cases[i].columns, untouched, &err), -1);
        assert_string_equal(err.code, cases[i].code);
        assert_true(untouched[0] == 7 && untouched[1] == 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_those_that_were_published),
        cmocka_unit_test(columns_of_the_same_shares_weigh_the_same),
        cmocka_unit_test(a_column_that_never_differs_weighs_nothing),
        cmocka_unit_test(what_cannot_be_weighed_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
