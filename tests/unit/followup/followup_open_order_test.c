/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_open_order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"

static void open_orders_are_waited_for_asked_about_or_given_up(void **state)
{
    const int64_t start_by_us = 100 * DURATION_MIN;
    static const struct {
        const char *name;
        bool is_connected, is_new, is_same_journal, was_asked;
        int64_t absent_min, now_min;
        enum followup_order_step want;
    } cases[] = {
        {"before its start-by",               true,  false, true,  true,  0,   99,  FOLLOWUP_ORDER_WAIT        },
        {"after its start-by",                true,  false, true,  true,  0,   101, FOLLOWUP_ORDER_ASK         },
        {"a dialer that came back",           true,  true,  true,  true,  0,   99,  FOLLOWUP_ORDER_ASK         },
        {"with another journal",              true,  true,  false, true,  0,   99,  FOLLOWUP_ORDER_JOURNAL_LOST},
        {"after too long a call",             true,  false, true,  true,  0,   131, FOLLOWUP_ORDER_UNKNOWN     },
        {"long over, but nobody asked",       true,  false, true,  false, 0,   131, FOLLOWUP_ORDER_ASK         },
        {"long over, and its dialer is new",  true,  true,  true,  true,  0,   131, FOLLOWUP_ORDER_ASK         },
        {"a dialer that just left",           false, false, false, true,  100, 101, FOLLOWUP_ORDER_WAIT        },
        {"a dialer long gone",                false, false, false, true,  90,  103, FOLLOWUP_ORDER_DIALER_GONE },
        {"gone, but the order may begin yet", false, false, false, true,  1,   99,
         FOLLOWUP_ORDER_WAIT                                                                                   },
        {"gone after the start-by",           false, false, false, true,  110, 111, FOLLOWUP_ORDER_WAIT        },
        {"gone for good",                     false, false, false, true,  110, 113, FOLLOWUP_ORDER_DIALER_GONE },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct followup_open_order o = {
            .start_by_us = start_by_us,
            .is_dialer_connected = cases[i].is_connected,
            .is_dialer_new = cases[i].is_new,
            .is_same_journal = cases[i].is_same_journal,
            .was_asked = cases[i].was_asked,
            .absent_from_us = cases[i].absent_min * DURATION_MIN,
            .ask_for_us = 2 * DURATION_MIN,
            .call_limit_us = 30 * DURATION_MIN,
        };

        enum followup_order_step got =
            followup_open_order_step(&o, cases[i].now_min * DURATION_MIN);

        if (got != cases[i].want) {
            fail_msg("%s: %d", cases[i].name, (int)got);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_orders_are_waited_for_asked_about_or_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
