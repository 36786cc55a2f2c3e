/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/case_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define STATE(name)  TROTH__V1__CASE_STATE__CASE_STATE_##name
#define ACTION(name) TROTH__V1__CASE_ACTION__CASE_ACTION_##name

static void every_pair_has_at_most_one_rule_and_every_rule_a_reason(void **state)
{
    size_t count;
    const struct case_rule *rules = case_rules(&count);
    for (size_t i = 0; i < count; i++) {
        assert_true(rules[i].because[0] != '\0');
        assert_ptr_equal(case_rules_find(rules[i].from, rules[i].action), &rules[i]);
    }
}

static void every_state_takes_notes_and_answers_without_being_undone(void **state)
{
    for (int s = STATE(NEW); s <= STATE(CLOSED); s++) {
        const struct case_rule *note = case_rules_find((Troth__V1__CaseState)s, ACTION(NOTE));
        assert_non_null(note);
        assert_int_equal(note->to, s);
        assert_non_null(case_rules_find((Troth__V1__CaseState)s, ACTION(RESPONDED)));
    }
    assert_int_equal(case_rules_find(STATE(CLOSED), ACTION(RESPONDED))->to, STATE(CLOSED));
}

static void what_makes_no_sense_has_no_rule(void **state)
{
    static const struct {
        Troth__V1__CaseState from;
        Troth__V1__CaseAction action;
    } missing[] = {
        {STATE(NEW),         ACTION(REOPENED)        },
        {STATE(NEW),         ACTION(RESUMED)         },
        {STATE(OPEN),        ACTION(REOPENED)        },
        {STATE(RESOLVED),    ACTION(RESOLVED)        },
        {STATE(RESOLVED),    ACTION(RESUMED)         },
        {STATE(CLOSED),      ACTION(CLOSED)          },
        {STATE(CLOSED),      ACTION(RESOLVED)        },
        {STATE(CLOSED),      ACTION(WAITING_CUSTOMER)},
        {STATE(OPEN),        ACTION(UNSPECIFIED)     },
        {STATE(UNSPECIFIED), ACTION(NOTE)            },
    };
    for (size_t i = 0; i < ARRAY_LEN(missing); i++) {
        assert_null(case_rules_find(missing[i].from, missing[i].action));
    }
}

static void every_open_state_leads_to_an_end(void **state)
{
    for (int s = STATE(NEW); s <= STATE(WAITING_THIRD_PARTY); s++) {
        assert_int_equal(case_rules_find((Troth__V1__CaseState)s, ACTION(RESOLVED))->to,
                         STATE(RESOLVED));
        assert_int_equal(case_rules_find((Troth__V1__CaseState)s, ACTION(CLOSED))->to,
                         STATE(CLOSED));
    }
}

static void a_contact_wakes_what_waits_or_was_done(void **state)
{
    assert_int_equal(case_rules_of_contact(STATE(NEW)), ACTION(UNSPECIFIED));
    assert_int_equal(case_rules_of_contact(STATE(OPEN)), ACTION(UNSPECIFIED));
    assert_int_equal(case_rules_of_contact(STATE(WAITING_THIRD_PARTY)), ACTION(UNSPECIFIED));
    for (int s = STATE(NEW); s <= STATE(CLOSED); s++) {
        Troth__V1__CaseAction action = case_rules_of_contact((Troth__V1__CaseState)s);
        if (action != ACTION(UNSPECIFIED)) {
            assert_int_equal(case_rules_find((Troth__V1__CaseState)s, action)->to, STATE(OPEN));
        }
    }
    assert_int_equal(case_rules_of_contact(STATE(CLOSED)), ACTION(REOPENED));
}

static void clocks_stand_only_while_the_customer_is_waited_for(void **state)
{
    for (int s = STATE(NEW); s <= STATE(CLOSED); s++) {
        assert_int_equal(case_rules_is_paused((Troth__V1__CaseState)s),
                         s == STATE(WAITING_CUSTOMER));
    }
}

static void names_are_words_of_people(void **state)
{
    assert_string_equal(case_rules_state_name(STATE(WAITING_CUSTOMER)), "waiting for the customer");
    assert_string_equal(case_rules_action_name(ACTION(REOPENED)), "reopened");
    assert_string_equal(case_rules_state_name((Troth__V1__CaseState)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_has_at_most_one_rule_and_every_rule_a_reason),
        cmocka_unit_test(every_state_takes_notes_and_answers_without_being_undone),
        cmocka_unit_test(what_makes_no_sense_has_no_rule),
        cmocka_unit_test(every_open_state_leads_to_an_end),
        cmocka_unit_test(a_contact_wakes_what_waits_or_was_done),
        cmocka_unit_test(clocks_stand_only_while_the_customer_is_waited_for),
        cmocka_unit_test(names_are_words_of_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
