/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

#define STATE(name)  TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name
#define ACTION(name) TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_##name

/* What a trigger makes of a state; BACK(): by taking back what it said. */
#define BACK(state) (-(int)STATE(state))
#define TO(state)   ((int)STATE(state))
#define NONE        0

static const enum promise_trigger triggers[] = {
    PROMISE_STEP_AT_RISK,      PROMISE_STEP_DUE,       PROMISE_DONE_IN_TIME,
    PROMISE_DONE_LATE,         PROMISE_TAKEN_BACK,     PROMISE_RENEGOTIATED_IN_TIME,
    PROMISE_RENEGOTIATED_LATE, PROMISE_WAIVED_IN_TIME, PROMISE_WAIVED_LATE,
    PROMISE_WITHDRAWN_IN_TIME, PROMISE_WITHDRAWN_LATE, PROMISE_RETARGETED,
    PROMISE_EXPLAINED,         PROMISE_CONFIRMED,      PROMISE_DISPUTED,
    PROMISE_CORRECTED,
};

/* clang-format off */
static const struct {
    Troth__V1__PromiseState from;
    int to[ARRAY_LEN(triggers)]; /* in the order of triggers */
} cells[] = {
    {STATE(OPEN),
     {TO(AT_RISK), TO(BROKEN), TO(KEPT), TO(KEPT_LATE), TO(WITHDRAWN), TO(RENEGOTIATED),
      TO(RENEGOTIATED_LATE), TO(WAIVED), NONE, TO(WITHDRAWN), NONE, NONE, NONE, NONE, NONE, NONE}},
    {STATE(AT_RISK),
     {NONE, TO(BROKEN), TO(KEPT), TO(KEPT_LATE), TO(WITHDRAWN), TO(RENEGOTIATED),
      TO(RENEGOTIATED_LATE), TO(WAIVED), NONE, TO(WITHDRAWN), NONE, BACK(OPEN), NONE, NONE, NONE,
      NONE}},
    {STATE(BROKEN),
     {NONE, NONE, BACK(KEPT), TO(KEPT_LATE), NONE, BACK(RENEGOTIATED),
      TO(RENEGOTIATED_LATE), BACK(WAIVED), NONE, BACK(WITHDRAWN), NONE, NONE, TO(BROKEN),
      TO(BROKEN), TO(BROKEN), BACK(KEPT)}},
    {STATE(KEPT_LATE),
     {NONE, NONE, BACK(KEPT), NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, TO(KEPT_LATE),
      TO(KEPT_LATE), TO(KEPT_LATE), BACK(KEPT)}},
    {STATE(KEPT),
     {NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, TO(KEPT),
      TO(KEPT), NONE}},
    {STATE(WITHDRAWN),
     {NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE,
      NONE}},
    {STATE(WAIVED),
     {NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE,
      NONE}},
    {STATE(RENEGOTIATED),
     {NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE,
      NONE}},
    {STATE(RENEGOTIATED_LATE),
     {NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE,
      TO(RENEGOTIATED_LATE), NONE, NONE, NONE}},
};
/* clang-format on */

static int outcome(Troth__V1__PromiseState from, enum promise_trigger trigger)
{
    const struct promise_rule *rule = promise_rules_find(from, trigger);
    return rule ? (int)rule->to * (rule->is_correction ? -1 : 1) : NONE;
}

static void every_trigger_in_every_state_does_what_the_table_says(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cells) * ARRAY_LEN(triggers); i++) {
        Troth__V1__PromiseState from = cells[i / ARRAY_LEN(triggers)].from;
        enum promise_trigger trigger = triggers[i % ARRAY_LEN(triggers)];
        int want = cells[i / ARRAY_LEN(triggers)].to[i % ARRAY_LEN(triggers)];
        if (outcome(from, trigger) != want) {
            fail_msg("%s, trigger %d: %d", promise_rules_state_name(from), (int)trigger,
                     outcome(from, trigger));
        }
    }
}

static void no_state_and_no_trigger_is_without_a_cell(void **state)
{
    assert_int_equal(ARRAY_LEN(triggers), PROMISE_CORRECTED);
    assert_int_equal(ARRAY_LEN(cells), troth__v1__promise_state__descriptor.n_values - 1);
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
        bool is_in_time = cases[i].want == PROMISE_DONE_IN_TIME;
        if (promise_rules_judge(ACTION(KEPT), &cases[i].proof) != cases[i].want ||
            promise_rules_judge(ACTION(WAIVED), &cases[i].proof) !=
                (is_in_time ? PROMISE_WAIVED_IN_TIME : PROMISE_WAIVED_LATE) ||
            promise_rules_judge(ACTION(WITHDRAWN), &cases[i].proof) !=
                (is_in_time ? PROMISE_WITHDRAWN_IN_TIME : PROMISE_WITHDRAWN_LATE) ||
            promise_rules_judge(ACTION(RENEGOTIATED), &cases[i].proof) !=
                (is_in_time ? PROMISE_RENEGOTIATED_IN_TIME : PROMISE_RENEGOTIATED_LATE)) {
            fail_msg("%s", cases[i].name);
        }
    }
}

static void a_person_needs_no_grace_and_the_customer_no_instant(void **state)
{
    static const struct promise_proof long_after = {STATE(BROKEN), 100, 90, 100, 5000, 50};
    static const struct promise_proof late = {STATE(BROKEN), 100, 101, 100, 110, 50};
    assert_int_equal(promise_rules_judge(ACTION(CORRECTED), &long_after), PROMISE_CORRECTED);
    assert_int_equal(promise_rules_judge(ACTION(CORRECTED), &late), 0);
    const struct promise_proof *const any[] = {&long_after, &late};
    for (size_t i = 0; i < ARRAY_LEN(any); i++) {
        assert_int_equal(promise_rules_judge(ACTION(EXPLAINED), any[i]), PROMISE_EXPLAINED);
        assert_int_equal(promise_rules_judge(ACTION(CONFIRMED), any[i]), PROMISE_CONFIRMED);
        assert_int_equal(promise_rules_judge(ACTION(DISPUTED), any[i]), PROMISE_DISPUTED);
    }
}

static void every_state_and_action_has_a_name(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        assert_string_not_equal(promise_rules_state_name(cells[i].from), "unknown");
    }
    for (int action = ACTION(RENEGOTIATED); action <= (int)ACTION(CORRECTED); action++) {
        assert_string_not_equal(promise_rules_action_name((Troth__V1__PromiseAction)action),
                                "unknown");
    }
    assert_string_equal(promise_rules_action_name((Troth__V1__PromiseAction)99), "unknown");
    assert_null(promise_rules_find(
        STATE(OPEN), promise_rules_judge(ACTION(UNSPECIFIED), &(struct promise_proof){0})));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_trigger_in_every_state_does_what_the_table_says),
        cmocka_unit_test(no_state_and_no_trigger_is_without_a_cell),
        cmocka_unit_test(every_rule_has_a_reason_and_is_found),
        cmocka_unit_test(every_state_and_action_has_a_name),
        cmocka_unit_test(a_person_needs_no_grace_and_the_customer_no_instant),
        cmocka_unit_test(it_is_judged_by_when_it_was_done_and_within_the_grace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
