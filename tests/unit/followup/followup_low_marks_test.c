/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_low_marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"

enum {
    CALL = 1,
    MAIL = 3,
};

#define NOW_US   (500000 * DURATION_H)
#define SLACK_US (250 * DURATION_MS)

static void each_channel_and_priority_has_a_lane_of_its_own(void **state)
{
    bool is_taken[FOLLOWUP_LANE_COUNT] = {false};
    for (int32_t channel = 1; channel <= FOLLOWUP_CHANNEL_COUNT; channel++) {
        for (int32_t priority = 1; priority <= FOLLOWUP_PRIORITY_COUNT; priority++) {
            size_t lane = followup_lane_of(channel, priority);
            assert_true(lane < FOLLOWUP_LANE_COUNT && !is_taken[lane]);
            is_taken[lane] = true;
        }
    }
}

static void a_mark_follows_the_first_row_and_never_goes_back(void **state)
{
    struct followup_low_marks m;
    size_t lane = followup_lane_of(CALL, 2);
    struct followup_low_finding f = {.channels = 1U << CALL};
    followup_low_marks_clear(&m);
    f.has_row[lane] = true;
    f.first[lane] = (struct followup_low_mark){.from_us = NOW_US - DURATION_H, .from_number = 7};

    followup_low_marks_advance(&m, &f, NOW_US);
    assert_int_equal(m.lanes[lane].from_us, NOW_US - DURATION_H);
    assert_int_equal(m.lanes[lane].from_number, 7);

    f.first[lane].from_number = 5; /* planned into the past meanwhile: a full look finds it */
    followup_low_marks_advance(&m, &f, NOW_US);
    assert_int_equal(m.lanes[lane].from_number, 7);
}

static void an_empty_lane_is_marked_shortly_before_now(void **state)
{
    struct followup_low_marks m;
    struct followup_low_finding f = {.channels = 1U << CALL};
    size_t lane = followup_lane_of(CALL, 2);
    followup_low_marks_clear(&m);

    followup_low_marks_advance(&m, &f, NOW_US);

    assert_int_equal(m.lanes[lane].from_us, NOW_US - SLACK_US);
    assert_int_equal(m.lanes[followup_lane_of(MAIL, 2)].from_us, 0); /* not looked at */
    assert_int_equal(m.window_us, NOW_US - SLACK_US);

    f.has_row[lane] = true; /* due just now: what is committed late may come before it */
    f.first[lane] = (struct followup_low_mark){.from_us = NOW_US};
    followup_low_marks_advance(&m, &f, NOW_US + DURATION_MS);
    assert_int_equal(m.lanes[lane].from_us, NOW_US + DURATION_MS - SLACK_US);
}

static void a_lane_that_the_limit_cut_off_keeps_its_mark(void **state)
{
    struct followup_low_marks m;
    struct followup_low_finding f = {.channels = 1U << CALL, .is_cut = true};
    followup_low_marks_clear(&m);
    f.has_row[followup_lane_of(CALL, 1)] = true;
    f.first[followup_lane_of(CALL, 1)] = (struct followup_low_mark){.from_us = 5};

    followup_low_marks_advance(&m, &f, NOW_US);

    assert_int_equal(m.lanes[followup_lane_of(CALL, 1)].from_us, 5);
    assert_int_equal(m.lanes[followup_lane_of(CALL, 2)].from_us, 0);
}

static void windows_are_looked_at_from_the_first_that_is_open(void **state)
{
    struct followup_low_marks m;
    struct followup_low_finding f = {.has_window = true, .first_window_us = 700};
    followup_low_marks_clear(&m);

    followup_low_marks_advance(&m, &f, NOW_US);

    assert_int_equal(m.window_us, 699);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_channel_and_priority_has_a_lane_of_its_own),
        cmocka_unit_test(a_mark_follows_the_first_row_and_never_goes_back),
        cmocka_unit_test(an_empty_lane_is_marked_shortly_before_now),
        cmocka_unit_test(a_lane_that_the_limit_cut_off_keeps_its_mark),
        cmocka_unit_test(windows_are_looked_at_from_the_first_that_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
