/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_order_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "intake.pb-c.h"

static void a_key_reads_back_to_follow_up_and_attempt(void **state)
{
    static const struct {
        int64_t follow_up;
        int32_t attempt;
    } cases[] = {
        {572,                    1        },
        {(INT64_C(1) << 40) + 7, 12       },
        {INT64_MAX,              INT32_MAX}
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char key[FOLLOWUP_ORDER_KEY_SIZE];
        int64_t follow_up = 0;
        int32_t attempt = 0;
        (void)followup_order_key(cases[i].follow_up, cases[i].attempt, key);

        assert_int_equal(followup_order_key_parse(key, &follow_up, &attempt, NULL), 0);
        assert_int_equal(follow_up, cases[i].follow_up);
        assert_int_equal(attempt, cases[i].attempt);
    }
}

static void a_key_looks_as_people_read_it_out(void **state)
{
    char key[FOLLOWUP_ORDER_KEY_SIZE];

    assert_string_equal(followup_order_key(572, 3, key), "F-572-4/3");
}

static void what_is_no_key_is_refused(void **state)
{
    static const char *const cases[] = {
        "",           "F-572-4",     "F-572-4/",   "F-572-4/0",           "F-572-4/-1", "F-572-5/1",
        "C-572-4/1",  "f-572-4/1",   "F 572 4/1",  "F-572-4/01",          "F-572-4/1x", "/1",
        "F-572-4//1", "F-572-4/1/1", "F-0572-4/1", "F-572-4/99999999999",
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t follow_up = 17;
        int32_t attempt = 18;
        struct err err = ERR_NONE;

        if (followup_order_key_parse(cases[i], &follow_up, &attempt, &err) == 0) {
            fail_msg("\"%s\" was taken", cases[i]);
        }
        assert_string_equal(err.code, "order_key_invalid");
        assert_int_equal(follow_up, 17);
        assert_int_equal(attempt, 18);
    }
    assert_int_equal(followup_order_key_parse(NULL, &(int64_t){0}, &(int32_t){0}, NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_reads_back_to_follow_up_and_attempt),
        cmocka_unit_test(a_key_looks_as_people_read_it_out),
        cmocka_unit_test(what_is_no_key_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
