/* SPDX-License-Identifier: Apache-2.0 */
/* What a follow-up adds: that it was planned and due, how it ended, who was called. */
#include "services/reporting/follow_up_bundle.h"

#include "common/base/compiler.h"
#include "tests/support/bundle_entries.h"

#define OUTCOME(name) TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_##name
#define STATE(name)   TROTH__V1__FOLLOW_UP_STATE__FOLLOW_UP_STATE_##name

/* Planned on the first day at noon, due the next one at noon. */
static struct follow_up_rows follow_up_of(void)
{
    return (struct follow_up_rows){
        .branch = "north",
        .rule = "after_repair",
        .reason = "",
        .channel = TROTH__V1__CHANNEL__CHANNEL_CALL,
        .trigger = TROTH__V1__FOLLOW_UP_TRIGGER__FOLLOW_UP_TRIGGER_CASE_RESOLVED,
        .state = STATE(PLANNED),
        .planned_us = HOURS(12, 0),
        .due_us = HOURS(36, 0),
        .tried_us = INT64_MIN,
    };
}

static void assert_follow_up(const struct follow_up_rows *f, const char *about, const char *want)
{
    struct figure_bundle bundle = {.count = 0};

    follow_up_bundle_make(f, zone, &bundle);
    assert_bundle(&bundle, about, want);
    figure_bundle_free(&bundle);
}

static void how_it_ended_counts_on_the_day_it_was_due(void **state)
{
    static const struct {
        Troth__V1__FollowUpState state;
        const char *entry;
    } cases[] = {
        {STATE(UNSPECIFIED), ""                                     },
        {STATE(PLANNED),     ""                                     },
        {STATE(CLAIMED),     ""                                     },
        {STATE(ORDERED),     ""                                     },
        {STATE(DONE),        "follow_ups_done d1 reason=why\n"      },
        {STATE(MERGED),      "follow_ups_merged d1 reason=why\n"    },
        {STATE(SUPPRESSED),  "follow_ups_suppressed d1 reason=why\n"},
        {STATE(MISSED),      "follow_ups_missed d1 reason=why\n"    },
        {STATE(FAILED),      "follow_ups_failed d1 reason=why\n"    },
        {STATE(LISTED),      "follow_ups_listed d1 reason=why\n"    },
    };
    char want[200];

    assert_int_equal(ARRAY_LEN(cases), troth__v1__follow_up_state__descriptor.n_values);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct follow_up_rows f = follow_up_of();
        f.state = cases[i].state;
        f.reason = "why";
        (void)text_format(want, sizeof(want), "follow_ups_planned d0\nfollow_ups_due d1\n%s",
                          cases[i].entry);
        assert_follow_up(&f, NULL, want);
    }
}

/* What a telephone and who was there has to do with it, of every outcome that there is. */
static void calls_are_those_in_which_a_telephone_rang(void **state)
{
    static const struct {
        Troth__V1__CallOutcome outcome;
        bool rang, reached;
    } cases[] = {
        {OUTCOME(UNSPECIFIED),       false, false},
        {OUTCOME(ANSWERED),          true,  true },
        {OUTCOME(BUSY),              true,  false},
        {OUTCOME(NO_ANSWER),         true,  false},
        {OUTCOME(VOICEMAIL),         true,  false},
        {OUTCOME(REFUSED),           true,  true },
        {OUTCOME(WRONG_NUMBER),      true,  false},
        {OUTCOME(FAILED),            false, false},
        {OUTCOME(PARTLY_ANSWERED),   true,  true },
        {OUTCOME(MACHINE),           true,  false},
        {OUTCOME(CALL_BACK),         true,  true },
        {OUTCOME(LANGUAGE),          true,  false},
        {OUTCOME(INVALID_NUMBER),    false, false},
        {OUTCOME(SENT),              false, false},
        {(Troth__V1__CallOutcome)99, false, false},
    };

    assert_int_equal(ARRAY_LEN(cases), troth__v1__call_outcome__descriptor.n_values + 1);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct follow_up_call call = {HOURS(40, 0), cases[i].outcome,
                                            TROTH__V1__CHANNEL__CHANNEL_CALL};
        struct follow_up_rows f = follow_up_of();
        char want[200];
        f.calls = &call;
        f.call_count = 1;
        (void)text_format(want, sizeof(want), "%s%s",
                          cases[i].rang ? "calls_placed d1 channel=call\n" : "",
                          cases[i].reached ? "calls_reached d1 channel=call\n" : "");
        assert_follow_up(&f, "calls_placed calls_reached", want);
    }
}

/* Nobody was ever to make it, or it might never have been planned: its calls were made. */
static void what_was_taken_back_or_is_history_counts_its_calls_alone(void **state)
{
    static const struct {
        const char *reason;
        bool is_counted;
    } cases[] = {
        {"record_void", false},
        {"history",     false},
        {"",            true },
        {NULL,          true },
        {"histor",      true },
        {"window",      true },
    };
    const struct follow_up_call call = {HOURS(36, 0), OUTCOME(ANSWERED),
                                        TROTH__V1__CHANNEL__CHANNEL_CALL};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct follow_up_rows f = follow_up_of();
        f.reason = cases[i].reason;
        f.tried_us = f.due_us;
        f.calls = &call;
        f.call_count = 1;
        assert_follow_up(&f, NULL,
                         cases[i].is_counted
                             ? "follow_ups_planned d0\nfollow_ups_due d1\n"
                               "calls_placed d1 channel=call\ncalls_reached d1 channel=call\n"
                               "follow_up_lateness d1 0m\n"
                             : "calls_placed d1 channel=call\ncalls_reached d1 channel=call\n");
    }
}

static void lateness_is_from_due_to_the_first_try_and_never_below_0(void **state)
{
    static const struct {
        int64_t tried_us;
        const char *want;
    } cases[] = {
        {INT64_MIN,                        ""},
        {             INT64_MIN + 1,    "follow_up_lateness d1 0m\n"  },
        {      HOURS(35,    59),      "follow_up_lateness d1 0m\n"},
        {      HOURS(36,    0),      "follow_up_lateness d1 0m\n"},
        {      HOURS(36,    1),      "follow_up_lateness d1 1m\n"},
        { HOURS(36 + 48, 0),   "follow_up_lateness d1 2880m\n"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct follow_up_rows f = follow_up_of();
        f.tried_us = cases[i].tried_us;
        assert_follow_up(&f, "follow_up_lateness", cases[i].want);
    }
}

/* 1 November 2026, 2 o'clock: New York puts its clocks back; the day has 25 hours. */
static void days_of_25_hours_end_at_midnight_too(void **state)
{
    const int64_t midnight_us = INT64_C(1793505600000000); /* 2026-11-01T00:00-04:00 */
    const int64_t end_us = midnight_us + 25 * DURATION_H;
    const struct follow_up_call calls[] = {
        {midnight_us - 1, OUTCOME(BUSY), 0},
        {midnight_us,     OUTCOME(BUSY), 0},
        {end_us - 1,      OUTCOME(BUSY), 0},
        {end_us,          OUTCOME(BUSY), 0},
    };
    static const int32_t days[] = {0, 1, 1, 2};
    struct follow_up_rows f = follow_up_of();
    struct figure_bundle bundle = {.count = 0};
    struct err err = ERR_NONE;
    struct zone *new_york = zone_open("America/New_York", &err);

    assert_non_null(new_york);
    f.reason = "history";
    f.calls = calls;
    f.call_count = ARRAY_LEN(calls);
    follow_up_bundle_make(&f, new_york, &bundle);
    assert_int_equal(bundle.count, ARRAY_LEN(calls));
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        assert_int_equal(bundle.entries[i].day, bundle.entries[0].day + days[i]);
    }
    figure_bundle_free(&bundle);
    zone_free(new_york);
}

static void all_of_it_counts_for_branch_rule_trigger_and_channel(void **state)
{
    const struct follow_up_call call = {HOURS(36, 0), OUTCOME(BUSY),
                                        TROTH__V1__CHANNEL__CHANNEL_PERSON};
    struct follow_up_rows f = follow_up_of();
    struct figure_bundle bundle = {.count = 0};

    f.calls = &call;
    f.call_count = 1;
    follow_up_bundle_make(&f, zone, &bundle);
    assert_string_equal(bundle.values[DIMENSION_BRANCH], "north");
    assert_string_equal(bundle.values[DIMENSION_RULE], "after_repair");
    assert_string_equal(bundle.values[DIMENSION_TRIGGER], "case_resolved");
    assert_string_equal(bundle.values[DIMENSION_CHANNEL], "call");
    const struct figure_entry *placed = &bundle.entries[2];
    assert_int_equal(placed->measure, MEASURE_CALLS_PLACED);
    assert_string_equal(figure_bundle_value(&bundle, placed, DIMENSION_CHANNEL), "person");
    assert_string_equal(figure_bundle_value(&bundle, placed, DIMENSION_RULE), "after_repair");
    figure_bundle_free(&bundle);
}

/* NULL is none, everywhere. */
static void a_row_of_nothing_harms_nobody(void **state)
{
    const struct follow_up_rows f = {.tried_us = INT64_MIN};

    assert_follow_up(&f, "follow_ups_done calls_placed", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_it_ended_counts_on_the_day_it_was_due),
        cmocka_unit_test(calls_are_those_in_which_a_telephone_rang),
        cmocka_unit_test(what_was_taken_back_or_is_history_counts_its_calls_alone),
        cmocka_unit_test(lateness_is_from_due_to_the_first_try_and_never_below_0),
        cmocka_unit_test(days_of_25_hours_end_at_midnight_too),
        cmocka_unit_test(all_of_it_counts_for_branch_rule_trigger_and_channel),
        cmocka_unit_test(a_row_of_nothing_harms_nobody),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
