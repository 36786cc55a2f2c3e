/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/plan_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"

#define RESOLVED_US (1000 * DURATION_H)
#define CUSTOMER    (5 << 8 | 7)
#define CASE_NUMBER (9 << 8 | 7)

static struct rulebook *rulebook; /* of one test */

static const char rules_text[] =
    "rules = ("
    "{ name = \"gold\"; trigger = \"case_resolved\"; tier = \"gold\"; window = \"1h\"; },"
    "{ name = \"usual\"; trigger = \"case_resolved\"; kind = \"complaint\"; after = \"24h\";"
    "  window = \"48h\"; priority = 2; channels = (\"person\", \"call\"); },"
    "{ name = \"ask\"; trigger = \"case_resolved\"; topic = \"survey\"; purpose = \"survey\";"
    "  branch = \"south\"; window = \"48h\"; } );";

static int set_up(void **state)
{
    static struct plan plan;
    rulebook = rulebook_parse(rules_text, "test", NULL);
    assert_non_null(rulebook);
    plan = (struct plan){
        .rules = rulebook,
        .rule_version = 3,
        .zone_version = "2025b",
        .now_us = RESOLVED_US,
    };
    plan_begin(&plan);
    *state = &plan;
    return 0;
}

static int tear_down(void **state)
{
    struct plan *p = *state;
    rulebook_free(rulebook);
    plan_free(p);
    return 0;
}

static struct plan_case_change change_of(int32_t reopened_count)
{
    return (struct plan_case_change){
        .customer = CUSTOMER,
        .service_case = CASE_NUMBER,
        .version = 3,
        .occurred_us = RESOLVED_US,
        .reopened_count = reopened_count,
        .branch = "north",
    };
}

static struct plan_case_now now_of(int32_t reopened_count, int64_t resolved_us)
{
    return (struct plan_case_now){
        .is_known = true, .reopened_count = reopened_count, .resolved_us = resolved_us};
}

static const struct rulebook_facts complaint = {
    .trigger = FOLLOW_UP_ON_CASE_RESOLVED, .kind = "complaint", .branch = "north"};

static void resolve(struct plan *p, int32_t reopened_count, int32_t reopened_now)
{
    const struct plan_case_change change = change_of(reopened_count);
    const struct plan_case_now now = now_of(reopened_now, RESOLVED_US);
    plan_case_resolved(p, &change, &now, &complaint, NULL);
}

static void a_resolution_is_planned_as_its_rule_says(void **state)
{
    struct plan *p = *state;

    resolve(p, 0, 0);

    assert_int_equal(p->list.count, 1);
    const struct follow_up *f = &p->list.items[0];
    assert_int_equal(f->number, 0);
    assert_int_equal(f->stored_version, 0);
    assert_int_equal(f->version, 1);
    assert_int_equal(f->state, FOLLOW_UP_PLANNED);
    assert_int_equal(f->customer, CUSTOMER);
    assert_int_equal(f->service_case, CASE_NUMBER);
    assert_int_equal(f->case_version, 3);
    assert_int_equal(f->subject, CASE_NUMBER);
    assert_string_equal(f->rule, "usual");
    assert_int_equal(f->rule_version, 3);
    assert_int_equal(f->trigger, FOLLOW_UP_ON_CASE_RESOLVED);
    assert_string_equal(f->topic, "case_resolved");
    assert_string_equal(f->occurrence, "0");
    assert_string_equal(f->branch, "north");
    assert_int_equal(f->purpose, 1);
    assert_int_equal(f->priority, 2);
    assert_int_equal(f->channel, 4);
    assert_int_equal(f->planned_us, RESOLVED_US);
    assert_int_equal(f->due_us, RESOLVED_US + 24 * DURATION_H);
    assert_int_equal(f->window_end_us, RESOLVED_US + 72 * DURATION_H);
    assert_int_equal(f->next_attempt_us, f->due_us);
    assert_true(f->local_due_us == FOLLOW_UP_NEVER);
}

static void the_first_rule_of_each_topic_is_taken(void **state)
{
    static const struct {
        const char *kind, *tier, *branch;
        const char *want[3];
    } cases[] = {
        {"complaint", NULL,     "north", {"usual", NULL}       },
        {"complaint", "gold",   "north", {"gold", NULL}        },
        {"complaint", "silver", "south", {"usual", "ask", NULL}},
        {"praise",    NULL,     "south", {"ask", NULL}         },
        {"praise",    NULL,     "north", {NULL}                },
    };
    struct plan *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct plan_case_change change = change_of(0);
        const struct plan_case_now now = now_of(0, RESOLVED_US);
        const struct rulebook_facts facts = {.trigger = FOLLOW_UP_ON_CASE_RESOLVED,
                                             .kind = cases[i].kind,
                                             .tier = cases[i].tier,
                                             .branch = cases[i].branch};
        plan_begin(p);
        plan_case_resolved(p, &change, &now, &facts, NULL);
        size_t count = 0;
        for (; cases[i].want[count]; count++) {
            assert_string_equal(p->list.items[count].rule, cases[i].want[count]);
        }
        assert_int_equal(p->list.count, count);
    }
}

static void what_need_not_be_called_ends_at_once(void **state)
{
    static const struct {
        const char *name;
        bool is_historical;
        int32_t reopened_now;
        bool is_resolved;
        int64_t later_us;
        enum follow_up_state want;
        const char *reason;
    } cases[] = {
        {"an old record",       true,  0, true,  0,                   FOLLOW_UP_MISSED,     "history"      },
        {"history comes first", true,  1, true,  90 * DURATION_H,     FOLLOW_UP_MISSED,     "history"      },
        {"too late",            false, 0, true,  72 * DURATION_H,     FOLLOW_UP_MISSED,     "window_passed"},
        {"the last instant",    false, 0, true,  72 * DURATION_H - 1, FOLLOW_UP_PLANNED,    ""             },
        {"open again",          false, 1, true,  0,                   FOLLOW_UP_SUPPRESSED, "case_reopened"},
        {"taken back",          false, 0, false, 0,                   FOLLOW_UP_SUPPRESSED, "record_void"  },
        {"taken back later",    true,  0, false, 0,                   FOLLOW_UP_SUPPRESSED, "record_void"  },
    };
    struct plan *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plan_case_change change = change_of(0);
        const struct plan_case_now now =
            now_of(cases[i].reopened_now, cases[i].is_resolved ? RESOLVED_US : FOLLOW_UP_NEVER);
        change.is_historical = cases[i].is_historical;
        p->now_us = RESOLVED_US + cases[i].later_us;
        plan_begin(p);

        plan_case_resolved(p, &change, &now, &complaint, NULL);

        if (p->list.items[0].state != cases[i].want) {
            fail_msg("%s: %s", cases[i].name, followup_state_name(p->list.items[0].state));
        }
        assert_string_equal(p->list.items[0].reason, cases[i].reason);
    }
}

static void the_same_resolution_is_planned_once(void **state)
{
    struct plan *p = *state;
    for (int i = 0; i < 3; i++) {
        resolve(p, 0, 0);
    }
    assert_int_equal(p->list.count, 1);
}

static void reopening_takes_back_what_is_not_ordered(void **state)
{
    static const struct {
        enum follow_up_state before;
        int leader; /* its state; 0: none */
        enum follow_up_state after;
    } cases[] = {
        {FOLLOW_UP_PLANNED, 0,                 FOLLOW_UP_SUPPRESSED},
        {FOLLOW_UP_CLAIMED, 0,                 FOLLOW_UP_SUPPRESSED},
        {FOLLOW_UP_ORDERED, 0,                 FOLLOW_UP_ORDERED   },
        {FOLLOW_UP_DONE,    0,                 FOLLOW_UP_DONE      },
        {FOLLOW_UP_LISTED,  0,                 FOLLOW_UP_LISTED    },
        {FOLLOW_UP_MISSED,  0,                 FOLLOW_UP_MISSED    },
        {FOLLOW_UP_MERGED,  FOLLOW_UP_PLANNED, FOLLOW_UP_SUPPRESSED},
        {FOLLOW_UP_MERGED,  FOLLOW_UP_ORDERED, FOLLOW_UP_MERGED    },
    };
    struct plan *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct plan_case_change reopened = change_of(1);
        plan_begin(p);
        resolve(p, 0, 0);
        p->list.items[0].state = cases[i].before;
        p->notes[0].leader = (enum follow_up_state)cases[i].leader;

        plan_case_reopened(p, &reopened);

        assert_int_equal(p->list.items[0].state, cases[i].after);
    }
}

static void the_next_resolution_gets_its_own_call(void **state)
{
    struct plan *p = *state;
    const struct plan_case_change reopened = change_of(1);
    resolve(p, 0, 1);
    plan_case_reopened(p, &reopened);
    resolve(p, 1, 1);
    /* The reopening once more, out of order: it says nothing about the later resolution. */
    plan_case_reopened(p, &reopened);

    assert_int_equal(p->list.count, 2);
    assert_int_equal(p->list.items[0].state, FOLLOW_UP_SUPPRESSED);
    assert_int_equal(p->list.items[1].state, FOLLOW_UP_PLANNED);
    assert_string_equal(p->list.items[1].occurrence, "1");
}

static void what_is_planned_follows_a_case_that_was_corrected(void **state)
{
    static const struct {
        enum follow_up_state before;
        const char *reason_before;
        int32_t attempts, reopened_now;
        bool is_resolved;
        enum follow_up_state want;
        const char *reason;
    } cases[] = {
        {FOLLOW_UP_PLANNED,    "",              0, 0, false, FOLLOW_UP_SUPPRESSED, "record_void"  },
        {FOLLOW_UP_CLAIMED,    "",              0, 0, false, FOLLOW_UP_SUPPRESSED, "record_void"  },
        {FOLLOW_UP_PLANNED,    "",              1, 0, false, FOLLOW_UP_SUPPRESSED, "record_void"  },
        {FOLLOW_UP_ORDERED,    "",              1, 0, false, FOLLOW_UP_ORDERED,    ""             },
        {FOLLOW_UP_DONE,       "answered",      1, 0, false, FOLLOW_UP_DONE,       "answered"     },
        {FOLLOW_UP_MISSED,     "history",       0, 0, false, FOLLOW_UP_SUPPRESSED, "record_void"  },
        {FOLLOW_UP_LISTED,     "dialer_gone",   1, 0, false, FOLLOW_UP_LISTED,     "dialer_gone"  },
        {FOLLOW_UP_LISTED,     "no_phone",      0, 0, false, FOLLOW_UP_SUPPRESSED, "record_void"  },
        {FOLLOW_UP_PLANNED,    "",              0, 0, true,  FOLLOW_UP_PLANNED,    ""             },
        {FOLLOW_UP_SUPPRESSED, "case_reopened", 0, 0, true,  FOLLOW_UP_PLANNED,    ""             },
        {FOLLOW_UP_SUPPRESSED, "record_void",   0, 0, true,  FOLLOW_UP_PLANNED,    ""             },
        {FOLLOW_UP_SUPPRESSED, "do_not_call",   0, 0, true,  FOLLOW_UP_SUPPRESSED, "do_not_call"  },
        {FOLLOW_UP_PLANNED,    "",              0, 1, false, FOLLOW_UP_SUPPRESSED, "case_reopened"},
    };
    struct plan *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct plan_case_now now =
            now_of(cases[i].reopened_now,
                   cases[i].is_resolved ? RESOLVED_US + DURATION_H : FOLLOW_UP_NEVER);
        plan_begin(p);
        resolve(p, 0, 0);
        struct follow_up *f = &p->list.items[0];
        f->state = cases[i].before;
        f->attempts = cases[i].attempts;
        (void)text_copy(f->reason, sizeof(f->reason), cases[i].reason_before);

        plan_case_corrected(p, CASE_NUMBER, &now, NULL);

        if (f->state != cases[i].want) {
            fail_msg("row %zu: %s", i, followup_state_name(f->state));
        }
        assert_string_equal(f->reason, cases[i].reason);
        if (f->state == FOLLOW_UP_PLANNED) { /* of the resolution that there is now */
            assert_int_equal(f->due_us, RESOLVED_US + 25 * DURATION_H);
            assert_int_equal(f->next_attempt_us, f->due_us);
        }
    }
}

static void a_resolution_that_was_taken_back_may_happen_anew(void **state)
{
    struct plan *p = *state;
    struct plan_case_change change = change_of(0);
    struct plan_case_now now = now_of(0, FOLLOW_UP_NEVER); /* before its event was read */
    plan_case_resolved(p, &change, &now, &complaint, NULL);
    assert_string_equal(p->list.items[0].reason, "record_void");
    now.resolved_us = RESOLVED_US + DURATION_H;
    change.occurred_us += DURATION_H;
    plan_case_resolved(p, &change, &now, &complaint, NULL);
    assert_int_equal(p->list.count, 1);
    assert_int_equal(p->list.items[0].state, FOLLOW_UP_PLANNED);
    assert_int_equal(p->list.items[0].due_us, RESOLVED_US + 25 * DURATION_H);
    assert_string_equal(p->notes[0].step, "planned_again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_resolution_is_planned_as_its_rule_says, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_first_rule_of_each_topic_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_need_not_be_called_ends_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_same_resolution_is_planned_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reopening_takes_back_what_is_not_ordered, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_next_resolution_gets_its_own_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_planned_follows_a_case_that_was_corrected, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_resolution_that_was_taken_back_may_happen_anew, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
