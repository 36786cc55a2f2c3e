/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/promise_history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/domain/clock_view.h"

#define ACTION(name)  TROTH__V1__CASE_ACTION__CASE_ACTION_##name
#define CASE(name)    TROTH__V1__CASE_STATE__CASE_STATE_##name
#define PROMISE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name
#define SAID(name)    TROTH__V1__PROMISE_ACTION__PROMISE_ACTION_##name
#define ORIGIN(name)  TROTH__V1__CONTACT_ORIGIN__CONTACT_ORIGIN_##name

enum {
    MOST = 8
};

static struct promise_history_entry update(int64_t number, int action, int to, int64_t at_us)
{
    return (struct promise_history_entry){
        .kind = HISTORY_UPDATE,
        .number = number,
        .action = action,
        .to = to,
        .occurred_us = at_us,
    };
}

static struct promise_history_entry opening(int64_t at_us)
{
    return (struct promise_history_entry){.kind = HISTORY_OPENING, .occurred_us = at_us};
}

/* A resolution promised at 0 for 100. */
static struct promise_history history(struct promise_history_entry *entries, size_t count)
{
    return (struct promise_history){
        .kind = "resolution",
        .state = PROMISE(OPEN),
        .target_us = 100,
        .due_us = HISTORY_NO_TIME,
        .done_us = HISTORY_NO_TIME,
        .settled_us = HISTORY_NO_TIME,
        .entries = entries,
        .entry_count = count,
        .now_us = 1000,
    };
}

static void each_entry_does_what_the_table_says(void **state)
{
    struct promise_history_entry entries[] = {
        opening(0),
        {.kind = HISTORY_CONTACT, .number = 5, .occurred_us = 5        },
        {.kind = HISTORY_CONTACT, .number = 6, .origin = ORIGIN(BOUNCE), .occurred_us = 6},
        update(10, ACTION(WAITING_CUSTOMER), CASE(WAITING_CUSTOMER), 10),
        {.kind = HISTORY_CONTACT,                       .number = 7,            .is_thanks = true,   .occurred_us = 12},
        {.kind = HISTORY_SAID,      .action = SAID(CONFIRMED),                 .occurred_us = 15                   },
        update(20, ACTION(RESUMED), CASE(OPEN), 20),
        update(30, ACTION(RESOLVED), CASE(RESOLVED), 30),
    };
    static const struct {
        enum clock_effect effect;
        const char *name;
    } want[] = {
        {CLOCK_START,  "opened"                            },
        {CLOCK_NONE,   "the customer wrote again"          },
        {CLOCK_NONE,   "automatic message"                 },
        {CLOCK_PAUSE,  "asked the customer"                },
        {CLOCK_NONE,   "the customer said thanks"          },
        {CLOCK_NONE,   "the customer says that it was kept"},
        {CLOCK_RESUME, "resumed"                           },
        {CLOCK_STOP,   "resolved"                          },
    };
    const struct promise_history h = history(entries, ARRAY_LEN(entries));
    struct promise_history_effect effects[MOST];
    struct clock_timeline *t = promise_history_clock(&h, 100, NULL, effects);

    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_int_equal(effects[i].effect, want[i].effect);
        assert_string_equal(promise_history_entry_name(effects[i].entry), want[i].name);
        assert_non_null(effects[i].because);
    }
    assert_int_equal(clock_timeline_read(t, 1000).counted_us, 20);
    clock_timeline_free(t);
}

/* Its row stays, and says that the case stayed as it was. */
static void an_update_that_a_correction_made_impossible_does_nothing(void **state)
{
    static const struct {
        int action, from_and_to;
    } cases[] = {
        {ACTION(WAITING_CUSTOMER),    CASE(RESOLVED)},
        {ACTION(WAITING_THIRD_PARTY), CASE(RESOLVED)},
        {ACTION(RESOLVED),            CASE(CLOSED)  },
        {ACTION(CLOSED),              CASE(OPEN)    },
        {ACTION(MERGED),              CASE(OPEN)    },
        {ACTION(REOPENED),            CASE(NEW)     },
        {ACTION(RESUMED),             CASE(NEW)     },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct promise_history_entry entries[] = {
            opening(0),
            update(1, cases[i].action, cases[i].from_and_to, 10),
        };
        const struct promise_history h = history(entries, ARRAY_LEN(entries));
        struct promise_history_effect effects[MOST];
        struct clock_timeline *t = promise_history_clock(&h, 100, NULL, effects);

        assert_int_equal(effects[1].effect, CLOCK_NONE);
        assert_string_equal(effects[1].because, "a correction has made it impossible");
        assert_int_equal(clock_timeline_read(t, 50).counted_us, 50);
        clock_timeline_free(t);
    }
}

/* A contact may have the number of the event that it caused. */
static void a_contact_starts_no_clock(void **state)
{
    struct promise_history_entry entries[] = {
        opening(0),
        update(1, ACTION(RESOLVED), CASE(RESOLVED), 10),
        {.kind = HISTORY_CONTACT, .number = 2, .occurred_us = 20},
        update(2, ACTION(REOPENED), CASE(OPEN), 20),
    };
    struct promise_history h = history(entries, ARRAY_LEN(entries));
    struct promise_history_effect effects[MOST];

    h.made_by = 2;
    h.made_us = 20;
    struct clock_timeline *t = promise_history_clock(&h, 100, NULL, effects);
    assert_int_equal(effects[2].effect, CLOCK_NONE);
    assert_int_equal(effects[3].effect, CLOCK_START);
    clock_timeline_free(t);
}

static void what_was_decided_about_the_promise_stands(void **state)
{
    static const struct {
        const char *name;
        int state;
        int64_t done_us, settled_us;
        int said_to; /* 0: nothing was said */
        int64_t want_us;
    } cases[] = {
        {"open",                      PROMISE(OPEN),         HISTORY_NO_TIME, HISTORY_NO_TIME, 0,                     CLOCK_NEVER},
        {"broken",                    PROMISE(BROKEN),       HISTORY_NO_TIME, 100,             0,                     CLOCK_NEVER},
        {"kept by what a person saw", PROMISE(KEPT),         70,              500,             0,                     70         },
        {"kept late",                 PROMISE(KEPT_LATE),    150,             150,             0,                     150        },
        {"waived",                    PROMISE(WAIVED),       HISTORY_NO_TIME, 300,             PROMISE(WAIVED),       60         },
        {"withdrawn",                 PROMISE(WITHDRAWN),    HISTORY_NO_TIME, 300,             PROMISE(WITHDRAWN),    60         },
        {"withdrawn by its case",     PROMISE(WITHDRAWN),    HISTORY_NO_TIME, 300,             0,                     300        },
        {"renegotiated",              PROMISE(RENEGOTIATED), HISTORY_NO_TIME, 300,             PROMISE(RENEGOTIATED), 60         },
        {"the last word counts",      PROMISE(WAIVED),       HISTORY_NO_TIME, 300,             PROMISE(BROKEN),       300        },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct promise_history_entry entries[] = {
            opening(0),
            {.kind = HISTORY_SAID,
                 .from = PROMISE(OPEN),
                 .to = cases[i].said_to,
                 .occurred_us = 60},
        };
        struct promise_history h = history(entries, cases[i].said_to ? 2 : 1);

        h.state = cases[i].state;
        h.done_us = cases[i].done_us;
        h.settled_us = cases[i].settled_us;
        struct clock_timeline *t = promise_history_clock(&h, 100, NULL, NULL);
        if (clock_timeline_stopped_us(t) != cases[i].want_us) {
            fail_msg("%s: %lld", cases[i].name, (long long)clock_timeline_stopped_us(t));
        }
        clock_timeline_free(t);
    }
}

static void the_verdict_is_that_of_the_terms(void **state)
{
    static const struct {
        int state;
        int64_t stopped_us, target_us;
        const char *want;
    } cases[] = {
        {PROMISE(KEPT),         70, 100,  "kept"             },
        {PROMISE(KEPT),         70, 70,   "kept"             },
        {PROMISE(KEPT),         70, 69,   "kept late"        },
        {PROMISE(KEPT_LATE),    70, 100,  "kept"             },
        {PROMISE(OPEN),         0,  100,  "broken"           },
        {PROMISE(BROKEN),       0,  1000, "broken"           },
        {PROMISE(BROKEN),       0,  1001, "open"             },
        {PROMISE(WAIVED),       70, 10,   "waived"           },
        {PROMISE(WITHDRAWN),    70, 10,   "withdrawn"        },
        {PROMISE(RENEGOTIATED), 70, 100,  "renegotiated"     },
        {PROMISE(RENEGOTIATED), 70, 10,   "renegotiated late"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct promise_history_entry entries[] = {opening(0)};
        struct promise_history h = history(entries, 1);
        const struct clock_terms terms = {.rule = "r", .target_us = cases[i].target_us};
        struct clock_view v;

        h.state = cases[i].state;
        h.done_us = h.settled_us = cases[i].stopped_us;
        clock_view_make(&h, &terms, &v);
        assert_string_equal(clock_view_verdict(&h, &v), cases[i].want);
        assert_true(clock_view_adds_up(&v));
        clock_view_free(&v);
    }
}

/* Intake ends it with the update: what the case is resolved by later is no news to it. */
static void what_its_case_was_taken_for_ends_it(void **state)
{
    struct promise_history_entry entries[] = {
        opening(0),
        update(1, ACTION(RECLASSIFIED), CASE(OPEN), 20),
        update(2, ACTION(RECLASSIFIED), CASE(OPEN), 40),
        update(3, ACTION(RESOLVED), CASE(RESOLVED), 70),
    };
    static const struct {
        int state;
        int64_t settled_us;
        int64_t want_us;
    } cases[] = {
        {PROMISE(WITHDRAWN), 45, 40},
        {PROMISE(WITHDRAWN), 25, 20},
        {PROMISE(BROKEN),    45, 70},
    };

    for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
        entries[i].received_us = entries[i].occurred_us + 5;
    }
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct promise_history h = history(entries, ARRAY_LEN(entries));

        h.state = cases[i].state;
        h.settled_us = cases[i].settled_us;
        struct clock_timeline *t = promise_history_clock(&h, 100, NULL, NULL);
        assert_int_equal(clock_timeline_stopped_us(t), cases[i].want_us);
        clock_timeline_free(t);
    }
}

static void it_agrees_with_intake_or_says_that_it_does_not(void **state)
{
    struct promise_history_entry entries[] = {
        opening(0),
        update(1, ACTION(WAITING_CUSTOMER), CASE(WAITING_CUSTOMER), 10),
    };
    struct promise_history h = history(entries, ARRAY_LEN(entries));
    const struct clock_terms terms = {.target_us = 100};
    struct clock_view v;

    clock_view_make(&h, &terms, &v);
    assert_true(v.is_paused);
    assert_string_equal(clock_view_verdict(&h, &v), "open, paused");
    assert_true(clock_view_agrees(&h, &v)); /* neither is due */
    h.due_us = 110;
    assert_false(clock_view_agrees(&h, &v));
    assert_int_equal(v.counted_us, 10);
    assert_int_equal(v.paused_us, 990);
    assert_int_equal(v.sum_count, 1);
    assert_string_equal(v.sums[0].reason, "waiting for the customer");
    clock_view_free(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_entry_does_what_the_table_says),
        cmocka_unit_test(an_update_that_a_correction_made_impossible_does_nothing),
        cmocka_unit_test(a_contact_starts_no_clock),
        cmocka_unit_test(what_was_decided_about_the_promise_stands),
        cmocka_unit_test(the_verdict_is_that_of_the_terms),
        cmocka_unit_test(what_its_case_was_taken_for_ends_it),
        cmocka_unit_test(it_agrees_with_intake_or_says_that_it_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
