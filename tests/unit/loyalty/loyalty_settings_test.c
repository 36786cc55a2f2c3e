/* SPDX-License-Identifier: Apache-2.0 */
/* Settings that are each in range, and what they say together. */
#include "services/loyalty/loyalty_settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/xalloc.h"

static void set_currency(struct loyalty_settings *s, const char *code)
{
    free(s->points_currency);
    s->points_currency = xstrdup(code);
}

static void points_are_earned_in_a_currency_or_in_any(void **state)
{
    static const struct {
        const char *code;
        bool is_good;
    } cases[] = {
        {"",     true },
        {"CNY",  true },
        {"cny",  false},
        {"RMB ", false},
        {"Euro", false},
        {"$",    false},
    };
    struct loyalty_settings s = {0};
    struct score_policy policy;

    settings_set_defaults(loyalty_settings, &s);
    assert_string_equal(s.points_currency, "");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        set_currency(&s, cases[i].code);
        int rc = loyalty_settings_policy(&s, &policy, &err);
        assert_int_equal(rc, cases[i].is_good ? 0 : -1);
        assert_string_equal(err.field, cases[i].is_good ? "" : "points_currency");
        if (rc == 0) {
            assert_string_equal(loyalty_settings_points(&s).currency, cases[i].code);
        }
    }
    settings_free(loyalty_settings, &s);
}

static void settings_that_do_not_go_together_name_the_one_to_change(void **state)
{
    static const struct {
        const char *field;
        double silver, churn_raised, weight_left;
    } cases[] = {
        {"",               60.0, 0.3, 0.1  },
        {"tier_gold",      75.0, 0.3, 0.1  },
        {"churn_high",     60.0, 0.6, 0.1  },
        {"process_window", 60.0, 0.3, 1e-12},
    };
    struct loyalty_settings s = {0};
    struct score_policy policy;

    settings_set_defaults(loyalty_settings, &s);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        s.tier_silver = cases[i].silver;
        s.churn_raised = cases[i].churn_raised;
        s.weight_left = cases[i].weight_left;
        int rc = loyalty_settings_policy(&s, &policy, &err);
        assert_int_equal(rc, cases[i].field[0] ? -1 : 0);
        assert_string_equal(err.field, cases[i].field);
    }
    settings_free(loyalty_settings, &s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_earned_in_a_currency_or_in_any),
        cmocka_unit_test(settings_that_do_not_go_together_name_the_one_to_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
