/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_forms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void forms_are_told_apart(void **state)
{
    static const struct {
        bool (*is_valid)(const char *text);
        const char *text;
        bool want;
    } cases[] = {
        {intake_form_is_channel,  "wechat",          true },
        {intake_form_is_channel,  "call_center.2-b", true },
        {intake_form_is_channel,  "Phone",           false},
        {intake_form_is_channel,  "电话",          false},
        {intake_form_is_language, "zh-CN",           true },
        {intake_form_is_language, "en",              true },
        {intake_form_is_language, "zh-Hans-CN",      true },
        {intake_form_is_language, "e",               false},
        {intake_form_is_language, "e-CN",            false},
        {intake_form_is_language, "english-",        false},
        {intake_form_is_language, "englishenglish",  false},
        {intake_form_is_language, "12",              false},
        {intake_form_is_language, "zh_CN",           false},
        {intake_form_is_birthday, "1984-02-29",      true },
        {intake_form_is_birthday, "1985-02-29",      false},
        {intake_form_is_birthday, "1900-02-29",      false},
        {intake_form_is_birthday, "2000-02-29",      true },
        {intake_form_is_birthday, "--02-29",         true },
        {intake_form_is_birthday, "--02-30",         false},
        {intake_form_is_birthday, "--12-31",         true },
        {intake_form_is_birthday, "--13-01",         false},
        {intake_form_is_birthday, "--00-10",         false},
        {intake_form_is_birthday, "--04-31",         false},
        {intake_form_is_birthday, "1700-01-01",      false},
        {intake_form_is_birthday, "1984/02/28",      false},
        {intake_form_is_birthday, "1984-2-28",       false},
        {intake_form_is_birthday, "x-02-28",         false},
        {intake_form_is_currency, "CNY",             true },
        {intake_form_is_currency, "AED",             true },
        {intake_form_is_currency, "ZWG",             true },
        {intake_form_is_currency, "RMB",             false},
        {intake_form_is_currency, "cny",             false},
        {intake_form_is_currency, "CN",              false},
        {intake_form_is_currency, "NY ",             false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (cases[i].is_valid(cases[i].text) != cases[i].want) {
            fail_msg("row %zu: %s", i, cases[i].text);
        }
    }
}

static void a_birthday_has_month_and_day(void **state)
{
    int month, day;
    intake_form_birthday("1984-02-29", &month, &day);
    assert_int_equal(month, 2);
    assert_int_equal(day, 29);
    intake_form_birthday("--11-05", &month, &day);
    assert_int_equal(month, 11);
    assert_int_equal(day, 5);
}

static void a_uuid7_tells_when_it_was_made(void **state)
{
    int64_t us = 0;
    /* The example of RFC 9562, appendix A.6. */
    assert_int_equal(intake_form_uuid7_time("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", &us), 0);
    assert_int_equal(us, INT64_C(1645557742000000));
    static const char *const others[] = {
        "017F22E2-79B0-4CC3-98C4-DC0C0C07398F", /* version 4 */
        "017F22E2-79B0-7CC3-18C4-DC0C0C07398F", /* another variant */
        "017F22E279B07CC398C4DC0C0C07398F",     "order-4711", "",
        "017F22E2-79B0-7CC3-98C4-DC0C0C07398G",
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_int_equal(intake_form_uuid7_time(others[i], &us), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_told_apart),
        cmocka_unit_test(a_birthday_has_month_and_day),
        cmocka_unit_test(a_uuid7_tells_when_it_was_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
