/* SPDX-License-Identifier: Apache-2.0 */
/* Each cell of the table, written down a second time. */
#include "common/domain/clock_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "intake.pb-c.h"

static const struct {
    enum clock_kind kind;
    enum clock_event event;
    enum clock_effect want;
} cells[] = {
    {CLOCK_FIRST_RESPONSE, CLOCK_OPENED,            CLOCK_START  },
    {CLOCK_FIRST_RESPONSE, CLOCK_CONTACT,           CLOCK_NONE   },
    {CLOCK_FIRST_RESPONSE, CLOCK_THANKS,            CLOCK_NONE   },
    {CLOCK_FIRST_RESPONSE, CLOCK_MACHINE,           CLOCK_NONE   },
    {CLOCK_FIRST_RESPONSE, CLOCK_RESPONDED,         CLOCK_STOP   },
    {CLOCK_FIRST_RESPONSE, CLOCK_NOTE,              CLOCK_NONE   },
    {CLOCK_FIRST_RESPONSE, CLOCK_ASKED_CUSTOMER,    CLOCK_PAUSE  },
    {CLOCK_FIRST_RESPONSE, CLOCK_ASKED_THIRD_PARTY, CLOCK_RESUME },
    {CLOCK_FIRST_RESPONSE, CLOCK_RESUMED,           CLOCK_RESUME },
    {CLOCK_FIRST_RESPONSE, CLOCK_RESOLVED,          CLOCK_STOP   },
    {CLOCK_FIRST_RESPONSE, CLOCK_CLOSED,            CLOCK_STOP   },
    {CLOCK_FIRST_RESPONSE, CLOCK_REOPENED,          CLOCK_NONE   },
    {CLOCK_FIRST_RESPONSE, CLOCK_RECLASSIFIED,      CLOCK_NONE   },
    {CLOCK_FIRST_RESPONSE, CLOCK_MERGED,            CLOCK_STOP   },
    {CLOCK_NEXT_UPDATE,    CLOCK_OPENED,            CLOCK_START  },
    {CLOCK_NEXT_UPDATE,    CLOCK_CONTACT,           CLOCK_NONE   },
    {CLOCK_NEXT_UPDATE,    CLOCK_THANKS,            CLOCK_NONE   },
    {CLOCK_NEXT_UPDATE,    CLOCK_MACHINE,           CLOCK_NONE   },
    {CLOCK_NEXT_UPDATE,    CLOCK_RESPONDED,         CLOCK_RESTART},
    {CLOCK_NEXT_UPDATE,    CLOCK_NOTE,              CLOCK_NONE   },
    {CLOCK_NEXT_UPDATE,    CLOCK_ASKED_CUSTOMER,    CLOCK_RESTART},
    {CLOCK_NEXT_UPDATE,    CLOCK_ASKED_THIRD_PARTY, CLOCK_NONE   },
    {CLOCK_NEXT_UPDATE,    CLOCK_RESUMED,           CLOCK_NONE   },
    {CLOCK_NEXT_UPDATE,    CLOCK_RESOLVED,          CLOCK_STOP   },
    {CLOCK_NEXT_UPDATE,    CLOCK_CLOSED,            CLOCK_STOP   },
    {CLOCK_NEXT_UPDATE,    CLOCK_REOPENED,          CLOCK_START  },
    {CLOCK_NEXT_UPDATE,    CLOCK_RECLASSIFIED,      CLOCK_NONE   },
    {CLOCK_NEXT_UPDATE,    CLOCK_MERGED,            CLOCK_STOP   },
    {CLOCK_RESOLUTION,     CLOCK_OPENED,            CLOCK_START  },
    {CLOCK_RESOLUTION,     CLOCK_CONTACT,           CLOCK_NONE   },
    {CLOCK_RESOLUTION,     CLOCK_THANKS,            CLOCK_NONE   },
    {CLOCK_RESOLUTION,     CLOCK_MACHINE,           CLOCK_NONE   },
    {CLOCK_RESOLUTION,     CLOCK_RESPONDED,         CLOCK_RESUME },
    {CLOCK_RESOLUTION,     CLOCK_NOTE,              CLOCK_NONE   },
    {CLOCK_RESOLUTION,     CLOCK_ASKED_CUSTOMER,    CLOCK_PAUSE  },
    {CLOCK_RESOLUTION,     CLOCK_ASKED_THIRD_PARTY, CLOCK_RESUME },
    {CLOCK_RESOLUTION,     CLOCK_RESUMED,           CLOCK_RESUME },
    {CLOCK_RESOLUTION,     CLOCK_RESOLVED,          CLOCK_STOP   },
    {CLOCK_RESOLUTION,     CLOCK_CLOSED,            CLOCK_STOP   },
    {CLOCK_RESOLUTION,     CLOCK_REOPENED,          CLOCK_START  },
    {CLOCK_RESOLUTION,     CLOCK_RECLASSIFIED,      CLOCK_NONE   },
    {CLOCK_RESOLUTION,     CLOCK_MERGED,            CLOCK_STOP   },
    {CLOCK_CALLBACK,       CLOCK_OPENED,            CLOCK_START  },
    {CLOCK_CALLBACK,       CLOCK_CONTACT,           CLOCK_NONE   },
    {CLOCK_CALLBACK,       CLOCK_THANKS,            CLOCK_NONE   },
    {CLOCK_CALLBACK,       CLOCK_MACHINE,           CLOCK_NONE   },
    {CLOCK_CALLBACK,       CLOCK_RESPONDED,         CLOCK_STOP   },
    {CLOCK_CALLBACK,       CLOCK_NOTE,              CLOCK_NONE   },
    {CLOCK_CALLBACK,       CLOCK_ASKED_CUSTOMER,    CLOCK_NONE   },
    {CLOCK_CALLBACK,       CLOCK_ASKED_THIRD_PARTY, CLOCK_NONE   },
    {CLOCK_CALLBACK,       CLOCK_RESUMED,           CLOCK_NONE   },
    {CLOCK_CALLBACK,       CLOCK_RESOLVED,          CLOCK_NONE   },
    {CLOCK_CALLBACK,       CLOCK_CLOSED,            CLOCK_STOP   },
    {CLOCK_CALLBACK,       CLOCK_REOPENED,          CLOCK_NONE   },
    {CLOCK_CALLBACK,       CLOCK_RECLASSIFIED,      CLOCK_NONE   },
    {CLOCK_CALLBACK,       CLOCK_MERGED,            CLOCK_STOP   },
    {CLOCK_DATE,           CLOCK_OPENED,            CLOCK_NONE   },
    {CLOCK_DATE,           CLOCK_CONTACT,           CLOCK_NONE   },
    {CLOCK_DATE,           CLOCK_THANKS,            CLOCK_NONE   },
    {CLOCK_DATE,           CLOCK_MACHINE,           CLOCK_NONE   },
    {CLOCK_DATE,           CLOCK_RESPONDED,         CLOCK_NONE   },
    {CLOCK_DATE,           CLOCK_NOTE,              CLOCK_NONE   },
    {CLOCK_DATE,           CLOCK_ASKED_CUSTOMER,    CLOCK_NONE   },
    {CLOCK_DATE,           CLOCK_ASKED_THIRD_PARTY, CLOCK_NONE   },
    {CLOCK_DATE,           CLOCK_RESUMED,           CLOCK_NONE   },
    {CLOCK_DATE,           CLOCK_RESOLVED,          CLOCK_NONE   },
    {CLOCK_DATE,           CLOCK_CLOSED,            CLOCK_NONE   },
    {CLOCK_DATE,           CLOCK_REOPENED,          CLOCK_NONE   },
    {CLOCK_DATE,           CLOCK_RECLASSIFIED,      CLOCK_NONE   },
    {CLOCK_DATE,           CLOCK_MERGED,            CLOCK_NONE   },
};

static void each_cell_is_decided(void **state)
{
    bool seen[CLOCK_KIND_COUNT][CLOCK_EVENT_COUNT] = {{false}};

    assert_int_equal(ARRAY_LEN(cells), CLOCK_KIND_COUNT * CLOCK_EVENT_COUNT);
    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        const struct clock_rule *rule = clock_rules_find(cells[i].kind, cells[i].event);

        if (rule->effect != cells[i].want) {
            fail_msg("%s, %s: %s", clock_rules_kind_name(cells[i].kind),
                     clock_rules_event_name(cells[i].event), clock_rules_effect_name(rule->effect));
        }
        seen[cells[i].kind][cells[i].event] = true;
    }
    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        assert_true(seen[i / CLOCK_EVENT_COUNT][i % CLOCK_EVENT_COUNT]);
    }
}

static void each_cell_says_why(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        const struct clock_rule *rule = clock_rules_find(cells[i].kind, cells[i].event);

        if (!rule->because || strlen(rule->because) < 5) {
            fail_msg("%s, %s: no reason", clock_rules_kind_name(cells[i].kind),
                     clock_rules_event_name(cells[i].event));
        }
    }
}

/* Who waits for the customer is not silent: the next update goes on. */
static void waiting_for_the_customer_pauses_answer_and_solution_alone(void **state)
{
    assert_true(clock_rules_pauses(CLOCK_FIRST_RESPONSE));
    assert_true(clock_rules_pauses(CLOCK_RESOLUTION));
    assert_false(clock_rules_pauses(CLOCK_NEXT_UPDATE));
    assert_false(clock_rules_pauses(CLOCK_CALLBACK));
    assert_false(clock_rules_pauses(CLOCK_DATE));
}

static void a_promise_has_the_clock_of_its_kind_and_a_date_that_of_a_date(void **state)
{
    assert_int_equal(clock_rules_kind("first_response", false), CLOCK_FIRST_RESPONSE);
    assert_int_equal(clock_rules_kind("next_update", false), CLOCK_NEXT_UPDATE);
    assert_int_equal(clock_rules_kind("resolution", false), CLOCK_RESOLUTION);
    assert_int_equal(clock_rules_kind("callback", false), CLOCK_CALLBACK);
    assert_int_equal(clock_rules_kind("callback", true), CLOCK_DATE);
    assert_int_equal(clock_rules_kind("next_update", true), CLOCK_DATE);
    assert_int_equal(clock_rules_kind("custom", true), CLOCK_DATE);
    assert_int_equal(clock_rules_kind("custom", false), CLOCK_DATE);
    assert_int_equal(clock_rules_kind("date", false), CLOCK_DATE);
}

/* An action that is new in the contract needs a place here. */
static void each_case_action_is_an_event_to_clocks(void **state)
{
    static const struct {
        Troth__V1__CaseAction action;
        enum clock_event want;
    } cases[] = {
        {TROTH__V1__CASE_ACTION__CASE_ACTION_UNSPECIFIED,         CLOCK_NOTE             },
        {TROTH__V1__CASE_ACTION__CASE_ACTION_RESPONDED,           CLOCK_RESPONDED        },
        {TROTH__V1__CASE_ACTION__CASE_ACTION_NOTE,                CLOCK_NOTE             },
        {TROTH__V1__CASE_ACTION__CASE_ACTION_WAITING_CUSTOMER,    CLOCK_ASKED_CUSTOMER   },
        {TROTH__V1__CASE_ACTION__CASE_ACTION_WAITING_THIRD_PARTY, CLOCK_ASKED_THIRD_PARTY},
        {TROTH__V1__CASE_ACTION__CASE_ACTION_RESUMED,             CLOCK_RESUMED          },
        {TROTH__V1__CASE_ACTION__CASE_ACTION_RESOLVED,            CLOCK_RESOLVED         },
        {TROTH__V1__CASE_ACTION__CASE_ACTION_REOPENED,            CLOCK_REOPENED         },
        {TROTH__V1__CASE_ACTION__CASE_ACTION_CLOSED,              CLOCK_CLOSED           },
        {TROTH__V1__CASE_ACTION__CASE_ACTION_RECLASSIFIED,        CLOCK_RECLASSIFIED     },
        {TROTH__V1__CASE_ACTION__CASE_ACTION_MERGED,              CLOCK_MERGED           },
        {TROTH__V1__CASE_ACTION__CASE_ACTION_REFERENCE_MARKED,    CLOCK_NOTE             },
        {TROTH__V1__CASE_ACTION__CASE_ACTION_REFERENCE_UNMARKED,  CLOCK_NOTE             },
    };

    assert_int_equal(ARRAY_LEN(cases), troth__v1__case_action__descriptor.n_values);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(clock_rules_event_of((int)cases[i].action), cases[i].want);
    }
    assert_int_equal(clock_rules_event_of(99), CLOCK_NOTE);
}

/* What people read is what is computed: a row of the table in the README for each event. */
static void the_table_in_the_readme_is_this_one(void **state)
{
    FILE *f = fopen("common/README.md", "r");
    char *readme = NULL;
    size_t size = 0;

    assert_non_null(f);
    assert_true(getdelim(&readme, &size, '\0', f) > 0);
    (void)fclose(f);
    for (enum clock_event e = CLOCK_OPENED; e < CLOCK_EVENT_COUNT; e++) {
        struct text row = {0};

        text_appendf(&row, "| %s |", clock_rules_event_name(e));
        for (enum clock_kind k = CLOCK_FIRST_RESPONSE; k < CLOCK_KIND_COUNT; k++) {
            const enum clock_effect effect = clock_rules_find(k, e)->effect;

            if (effect == CLOCK_NONE) {
                text_append(&row, " |");
            } else {
                text_appendf(&row, " %s |", clock_rules_effect_name(effect));
            }
        }
        if (!strstr(readme, row.data)) {
            fail_msg("missing: %s", row.data);
        }
        text_free(&row);
    }
    free(readme);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cell_is_decided),
        cmocka_unit_test(each_cell_says_why),
        cmocka_unit_test(waiting_for_the_customer_pauses_answer_and_solution_alone),
        cmocka_unit_test(a_promise_has_the_clock_of_its_kind_and_a_date_that_of_a_date),
        cmocka_unit_test(each_case_action_is_an_event_to_clocks),
        cmocka_unit_test(the_table_in_the_readme_is_this_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
