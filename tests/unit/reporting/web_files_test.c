/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/web_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static void the_end_of_a_name_says_what_a_file_is(void **state)
{
    static const struct {
        const char *name, *type;
    } cases[] = {
        {"/index.html",       "text/html; charset=utf-8"      },
        {"/assets/a-1.js",    "text/javascript; charset=utf-8"},
        {"/assets/a.min.css", "text/css; charset=utf-8"       },
        {"/icon.svg",         "image/svg+xml"                 },
        {"/a.woff2",          "font/woff2"                    },
        {"/a.js.map",         "application/octet-stream"      },
        {"/js",               "application/octet-stream"      },
        {".js",               "application/octet-stream"      },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_string_equal(web_files_type(cases[i].name), cases[i].type);
    }
}

static void gzip_is_sent_to_who_takes_it(void **state)
{
    static const struct {
        const char *accept;
        bool takes;
    } cases[] = {
        {NULL,                     false},
        {"",                       false},
        {"gzip",                   true },
        {"deflate, GZIP, br",      true },
        {"gzip;q=0.5",             true },
        {"br;q=1.0, gzip;q=0.001", true },
        {"gzip;q=0",               false},
        {"gzip; q=0.000",          false},
        {"*",                      false},
        {"identity",               false},
        {"xgzip, gzipx",           false},
        {",,;q=,gzip",             true },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (web_files_takes_gzip(cases[i].accept) != cases[i].takes) {
            fail_msg("%s", cases[i].accept ? cases[i].accept : "(none)");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_a_name_says_what_a_file_is),
        cmocka_unit_test(gzip_is_sent_to_who_takes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
