/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_rates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S 1000000

static const struct token_rate two_at_once = {.per_second = 1, .burst = 2};

static void each_source_has_a_bucket_of_its_own(void **state)
{
    struct intake_rates *r = intake_rates_new();
    for (int round = 0; round < 2; round++) {
        for (int32_t id = 100; id > 0; id--) {
            assert_int_equal(intake_rates_take(r, id * 37 % 101, &two_at_once, S), 0);
        }
    }
    for (int32_t id = 1; id <= 100; id++) {
        assert_int_equal(intake_rates_take(r, id, &two_at_once, S), S);
    }
    assert_int_equal(intake_rates_count(r), 100);
    intake_rates_free(r);
    intake_rates_free(NULL);
}

static void sources_that_send_no_more_are_forgotten(void **state)
{
    struct intake_rates *r = intake_rates_new();
    size_t most = 0;
    for (int32_t id = 1; id <= 100000; id++) {
        assert_int_equal(intake_rates_take(r, id, &two_at_once, (int64_t)id * S / 10), 0);
        most = intake_rates_count(r) > most ? intake_rates_count(r) : most;
    }
    assert_in_range(most, 10, 40); /* ten come within the second that a bucket takes */
    intake_rates_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_source_has_a_bucket_of_its_own),
        cmocka_unit_test(sources_that_send_no_more_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
