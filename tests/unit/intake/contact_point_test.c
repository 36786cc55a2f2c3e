/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/contact_point.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static const struct standard_identity china = {.country_code = "86", .trunk_prefix = "0"};
static const struct standard_identity italy = {.country_code = "39", .trunk_prefix = ""};
static const struct standard_identity nowhere = {.country_code = NULL, .trunk_prefix = "0"};

static void phones_have_one_form(void **state)
{
    static const struct {
        const struct standard_identity *identity;
        const char *text;
        const char *want; /* NULL: it cannot be told */
    } cases[] = {
        {&china,   "+8613800138000",                    "+8613800138000"},
        {&nowhere, "+8613800138000",                    "+8613800138000"},
        {&china,   " +86 138-0013-8000 ",               "+8613800138000"},
        {&china,   "0086 138 0013 8000",                "+8613800138000"},
        {&china,   "13800138000",                       "+8613800138000"},
        {&china,   "013800138000",                      "+8613800138000"},
        {&china,   "(010) 1234.5678",                   "+861012345678" },
        {&china,   "+49 (0)30 / 123456",                "+4930123456"   },
        {&china,   "+49(0) 30 123456",                  "+4930123456"   },
        {&italy,   "06 1234 5678",                      "+390612345678" },
        {&nowhere, "13800138000",                       NULL            },
        {&nowhere, "0086 13800138000",                  "+8613800138000"},
        {&china,   "",                                  NULL            },
        {&china,   "+",                                 NULL            },
        {&china,   "00",                                NULL            },
        {&china,   "0",                                 NULL            },
        {&china,   "120",                               NULL            },
        {&china,   "+86138001380001234",                NULL            },
        {&china,   "+12345678901234567",                NULL            },
        {&china,   "+0138001380",                       NULL            },
        {&china,   "13800138000 ext. 12",               NULL            },
        {&china,   "13800138000#12",                    NULL            },
        {&china,   "13800138000+",                      NULL            },
        {&china,   "unknown",                           NULL            },
        {&china,   "１３８００１３８０００", NULL            },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char got[CONTACT_POINT_SIZE];
        bool is_one =
            contact_point_normalise(CONTACT_POINT_PHONE, cases[i].identity, cases[i].text, got);
        if (is_one != (cases[i].want != NULL)) {
            fail_msg("%s: %s", cases[i].text, is_one ? got : "refused");
        }
        if (is_one) {
            assert_string_equal(got, cases[i].want);
        }
    }
    assert_false(
        contact_point_normalise(CONTACT_POINT_PHONE, &china, NULL, (char[CONTACT_POINT_SIZE]){""}));
}

static void emails_are_the_same_in_any_case(void **state)
{
    static const struct {
        const char *text;
        const char *want;
    } cases[] = {
        {"li@example.org",              "li@example.org"       },
        {" Li.Lei@Example.ORG\t",       "li.lei@example.org"   },
        {"li+garage@example.org",       "li+garage@example.org"},
        {"李雷@example.org",          "李雷@example.org"   },
        {"li@localhost",                NULL                   },
        {"@example.org",                NULL                   },
        {"li@",                         NULL                   },
        {"li@.org",                     NULL                   },
        {"li@example.",                 NULL                   },
        {"li@example..org",             NULL                   },
        {"li@a@example.org",            NULL                   },
        {"li lei@example.org",          NULL                   },
        {"<li@example.org>",            NULL                   },
        {"a@example.org,b@example.org", NULL                   },
        {"none",                        NULL                   },
        {"",                            NULL                   },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char got[CONTACT_POINT_SIZE];
        bool is_one = contact_point_normalise(CONTACT_POINT_EMAIL, &nowhere, cases[i].text, got);
        if (is_one != (cases[i].want != NULL)) {
            fail_msg("%s: %s", cases[i].text, is_one ? got : "refused");
        }
        if (is_one) {
            assert_string_equal(got, cases[i].want);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phones_have_one_form),
        cmocka_unit_test(emails_are_the_same_in_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
