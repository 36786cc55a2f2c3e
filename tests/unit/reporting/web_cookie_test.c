/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/web_cookie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define A16   "aaaaaaaaaaaaaaaa"
#define TOKEN A16 A16 A16 A16

static void our_cookie_is_found_among_others_and_only_once(void **state)
{
    static const struct {
        const char *header;
        bool is_found;
    } cases[] = {
        {NULL,                                           false},
        {"",                                             false},
        {"__Host-troth=" TOKEN,                          true },
        {"a=b; __Host-troth=" TOKEN "; c=d",             true },
        {"a=b;__Host-troth=" TOKEN ";c=d",               true },
        {" ; ;;__Host-troth=" TOKEN " ;",                true },
        {"__Host-troth=" TOKEN "; __Host-troth=x",       false},
        {"__Host-troth=x; __Host-troth=" TOKEN,          false},
        {"__Host-troth=" TOKEN "; __Host-troth=" TOKEN,  false},
        {"__Host-troth=" TOKEN "a",                      false},
        {"__Host-troth=" A16 A16 A16,                    false},
        {"__Host-troth=\"" TOKEN "\"",                   false},
        {"__Host-troth=" A16 A16 A16 "AAAAAAAAAAAAAAAA", false},
        {"__Host-troth =" TOKEN,                         false},
        {"x__Host-troth=" TOKEN,                         false},
        {"a=__Host-troth=" TOKEN,                        false},
        {"troth=" TOKEN,                                 false},
        {"__Host-troth",                                 false},
        {"__Host-troth=",                                false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char value[WEB_TOKEN_TEXT_SIZE] = "untouched";
        int rc = web_cookie_find(cases[i].header, web_cookie_name(false), value);
        if ((rc == 0) != cases[i].is_found ||
            strcmp(value, cases[i].is_found ? TOKEN : "untouched") != 0) {
            fail_msg("%s", cases[i].header ? cases[i].header : "(none)");
        }
    }
}

static void a_cookie_says_who_may_have_it(void **state)
{
    static const struct {
        const char *token;
        bool is_insecure;
        const char *want;
    } cases[] = {
        {"ab", false, "__Host-troth=ab; Path=/; HttpOnly; SameSite=Strict; Secure"         },
        {"",   false, "__Host-troth=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure"},
        {"ab", true,  "troth=ab; Path=/; HttpOnly; SameSite=Strict"                        },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text out = {0};
        web_cookie_print(cases[i].token, cases[i].is_insecure, &out);
        assert_string_equal(out.data, cases[i].want);
        text_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_cookie_is_found_among_others_and_only_once),
        cmocka_unit_test(a_cookie_says_who_may_have_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
