/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define STATE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

static const struct {
    const char *name;
    Troth__V1__PromiseState from;
    enum promise_trigger trigger;
    int to; /* 0: nothing happens */
    bool is_correction;
} pairs[] = {
    {"open gets at risk",         STATE(OPEN),      PROMISE_STEP_AT_RISK, STATE(AT_RISK),   false},
    {"open breaks",               STATE(OPEN),      PROMISE_STEP_DUE,     STATE(BROKEN),    false},
    {"open is kept",              STATE(OPEN),      PROMISE_DONE_IN_TIME, STATE(KEPT),      false},
    {"open is kept late",         STATE(OPEN),      PROMISE_DONE_LATE,    STATE(KEPT_LATE), false},
    {"open is withdrawn",         STATE(OPEN),      PROMISE_TAKEN_BACK,   STATE(WITHDRAWN), false},
    {"at risk is at risk once",   STATE(AT_RISK),   PROMISE_STEP_AT_RISK, 0,                false},
    {"at risk breaks",            STATE(AT_RISK),   PROMISE_STEP_DUE,     STATE(BROKEN),    false},
    {"at risk is kept",           STATE(AT_RISK),   PROMISE_DONE_IN_TIME, STATE(KEPT),      false},
    {"at risk is kept late",      STATE(AT_RISK),   PROMISE_DONE_LATE,    STATE(KEPT_LATE), false},
    {"at risk is withdrawn",      STATE(AT_RISK),   PROMISE_TAKEN_BACK,   STATE(WITHDRAWN), false},
    {"broken breaks once",        STATE(BROKEN),    PROMISE_STEP_DUE,     0,                false},
    {"proof corrects broken",     STATE(BROKEN),    PROMISE_DONE_IN_TIME, STATE(KEPT),      true },
    {"broken is kept late",       STATE(BROKEN),    PROMISE_DONE_LATE,    STATE(KEPT_LATE), false},
    {"broken stays broken",       STATE(BROKEN),    PROMISE_TAKEN_BACK,   0,                false},
    {"kept stays kept",           STATE(KEPT),      PROMISE_STEP_DUE,     0,                false},
    {"kept is not kept twice",    STATE(KEPT),      PROMISE_DONE_LATE,    0,                false},
    {"proof corrects kept late",  STATE(KEPT_LATE), PROMISE_DONE_IN_TIME, STATE(KEPT),      true },
    {"kept late is late once",    STATE(KEPT_LATE), PROMISE_DONE_LATE,    0,                false},
    {"withdrawn stays withdrawn", STATE(WITHDRAWN), PROMISE_DONE_IN_TIME, 0,                false},
};

static void every_pair_is_answered_as_the_table_says(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        const struct promise_rule *rule = promise_rules_find(pairs[i].from, pairs[i].trigger);
        int to = rule ? (int)rule->to : 0;
        bool is_correction = rule && rule->is_correction;
        if (to != pairs[i].to || is_correction != pairs[i].is_correction) {
            fail_msg("%s", pairs[i].name);
        }
    }
}

static void every_rule_has_a_reason_and_is_found(void **state)
{
    size_t count;
    const struct promise_rule *rules = promise_rules(&count);
    for (size_t i = 0; i < count; i++) {
        assert_true(rules[i].because[0] != '\0');
        assert_ptr_equal(promise_rules_find(rules[i].from, rules[i].trigger), &rules[i]);
    }
}

static void it_is_judged_by_when_it_was_done_and_within_the_grace(void **state)
{
    static const struct {
        const char *name;
        struct promise_proof proof;
        enum promise_trigger want;
    } cases[] = {
        {"before it was due",          {STATE(OPEN), 100, 99, 0, 1000, 50},      PROMISE_DONE_IN_TIME},
        {"at the very instant",        {STATE(OPEN), 100, 100, 0, 1000, 50},     PROMISE_DONE_IN_TIME},
        {"after it was due",           {STATE(AT_RISK), 100, 101, 0, 102, 50},   PROMISE_DONE_LATE   },
        {"never due while paused",     {STATE(OPEN), INT64_MAX, 500, 0, 500, 5}, PROMISE_DONE_IN_TIME},
        {"proof at the end of grace",  {STATE(BROKEN), 100, 90, 100, 150, 50},   PROMISE_DONE_IN_TIME},
        {"proof after the grace",      {STATE(BROKEN), 100, 90, 100, 151, 50},   PROMISE_DONE_LATE   },
        {"broken and done late",       {STATE(BROKEN), 100, 120, 100, 130, 50},  PROMISE_DONE_LATE   },
        {"heard of an earlier answer",
         {STATE(KEPT_LATE), 100, 80, 120, 130, 50},
         PROMISE_DONE_IN_TIME                                                                        },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (promise_rules_judge(&cases[i].proof) != cases[i].want) {
            fail_msg("%s", cases[i].name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_is_answered_as_the_table_says),
        cmocka_unit_test(every_rule_has_a_reason_and_is_found),
        cmocka_unit_test(it_is_judged_by_when_it_was_done_and_within_the_grace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
