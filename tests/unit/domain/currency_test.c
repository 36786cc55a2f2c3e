/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/currency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static void amounts_have_the_digits_of_their_currency(void **state)
{
    static const struct {
        const char *code;
        int digits;
    } cases[] = {
        {"CNY", 2},
        {"EUR", 2},
        {"JPY", 0},
        {"KRW", 0},
        {"VND", 0},
        {"KWD", 3},
        {"TND", 3},
        {"CLF", 4},
        {"MGA", 2}, /* five to the whole, and written with two
  */
        {"XXX", 2},
        {"",    2},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(currency_digits(cases[i].code), cases[i].digits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_have_the_digits_of_their_currency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
