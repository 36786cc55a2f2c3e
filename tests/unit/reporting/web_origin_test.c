/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/web_origin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void only_pages_of_ours_and_machines_may_change_things(void **state)
{
    static const struct {
        const char *fetch_site, *origin, *host;
        bool is_ours;
    } cases[] = {
        {NULL,          NULL,              "a:1", true },
        {"same-origin", "http://a:1",      "a:1", true },
        {"same-origin", "https://a:1",     "a:1", true },
        {NULL,          "HTTP://A:1",      "a:1", true },
        {"same-origin", NULL,              "a:1", true },
        {"same-origin", "http://b:1",      "a:1", false},
        {NULL,          "http://a:2",      "a:1", false},
        {NULL,          "http://a",        "a:1", false},
        {NULL,          "http://a:1.evil", "a:1", false},
        {NULL,          "http://evil/a:1", "a:1", false},
        {NULL,          "null",            "a:1", false},
        {NULL,          "",                "a:1", false},
        {NULL,          "http://",         "",    false},
        {NULL,          "http://a:1",      NULL,  false},
        {NULL,          "ftp://a:1",       "a:1", false},
        {"cross-site",  NULL,              "a:1", false},
        {"same-site",   "http://a:1",      "a:1", false},
        {"none",        NULL,              "a:1", false},
        {"",            NULL,              "a:1", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct web_origin o = {cases[i].fetch_site, cases[i].origin, cases[i].host};
        if (web_origin_is_ours(&o) != cases[i].is_ours) {
            fail_msg("case %zu", i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_pages_of_ours_and_machines_may_change_things),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
