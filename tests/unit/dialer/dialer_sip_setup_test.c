/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_sip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/dialer/dialer_settings.h"

/* The usual settings and one that is set; field NULL: all is well. */
static void settings_are_looked_at_before_a_line_is_made(void **state)
{
    static const struct {
        const char *assignment, *field;
    } cases[] = {
        {"sip_server=pbx.example:5060", NULL           },
        {"sip_server=",                 "sip_server"   },
        {"sip_server=a b",              "sip_server"   },
        {"sip_server=a;b=c",            "sip_server"   },
        {"sip_caller=<evil>",           "sip_caller"   },
        {"sip_caller=+8620123456",      NULL           },
        {"sip_user=me@there",           "sip_user"     },
        {"sip_transport=tcp",           NULL           },
        {"sip_transport=tls",           "sip_transport"},
        {"sip_register=true",           "sip_user"     },
        {"sip_ports=20000-20100",       NULL           },
        {"sip_ports=20000",             "sip_ports"    },
        {"sip_ports=20000-",            "sip_ports"    },
        {"sip_ports=20001-20000",       "sip_ports"    },
        {"sip_ports=20000-70000",       "sip_ports"    },
        {"sip_ports=123456789-20000",   "sip_ports"    },
    };
    const struct setting *const tables[] = {dialer_setting_table};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dialer_settings settings = {.name = NULL};
        void *const values[] = {&settings};
        struct sip_setup setup = {.port_low = 7};
        struct err err = ERR_NONE;
        settings_set_defaults(dialer_setting_table, &settings);
        assert_int_equal(settings_set(tables, values, 1, "sip_server=127.0.0.1", &err), 0);
        assert_int_equal(settings_set(tables, values, 1, cases[i].assignment, &err), 0);
        assert_int_equal(dialer_sip_setup(&settings.sip, &setup, &err), cases[i].field ? -1 : 0);
        assert_string_equal(err.field, cases[i].field ? cases[i].field : "");
        assert_int_equal(setup.port_low, cases[i].field ? 7 : 20000);
        settings_free(dialer_setting_table, &settings);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_looked_at_before_a_line_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
