/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"

enum {
    MOST_PAUSES = 4
};

/* Unless a row says otherwise: started at 100, target 100, so due at 200 without pauses. */
struct history {
    const char *name;
    struct clock_pause pauses[MOST_PAUSES];
    size_t count;
};

static const struct history none = {"no pause", {{0, 0}}, 0};
static const struct history one = {"one pause", {{120, 150}}, 1};
static const struct history open = {"a pause that lasts", {{120, CLOCK_NEVER}}, 1};
static const struct history two = {
    "two pauses", {{120, 130}, {160, 200}},
     2
};
static const struct history overlapping = {
    "overlapping", {{120, 150}, {130, 140}, {145, 170}},
     3
};
static const struct history touching = {
    "touching", {{120, 150}, {150, 170}},
     2
};
static const struct history same_start = {
    "same start", {{120, 130}, {120, 160}},
     2
};
static const struct history before = {
    "before the start", {{10, 50}, {60, 100}},
     2
};
static const struct history across = {"across the start", {{50, 130}}, 1};
static const struct history at_start = {"from the start, open", {{100, CLOCK_NEVER}}, 1};
static const struct history empty = {
    "empty", {{120, 120}, {130, 125}, {140, 150}},
     3
};
static const struct history at_due = {"open at the due instant", {{200, CLOCK_NEVER}}, 1};
static const struct history after_due = {"open after due", {{230, CLOCK_NEVER}}, 1};
static const struct history open_within = {
    "open, another ends", {{120, CLOCK_NEVER}, {130, 150}, {400, 500}},
     3
};
static const struct history unordered = {
    "out of order", {{160, 200}, {120, 130}},
     2
};

static struct clock clock_of(const struct history *h)
{
    return (struct clock){
        .started_us = 100, .target_us = 100, .pauses = h->pauses, .pause_count = h->count};
}

static void reading_tells_counted_time_due_and_whether_paused(void **state)
{
    static const struct {
        const struct history *history;
        int64_t at_us;
        bool want_paused;
        int64_t want_counted_us;
        int64_t want_due_us;
    } cases[] = {
        {&none,        99,   false, 0,   200        },
        {&none,        100,  false, 0,   200        },
        {&none,        150,  false, 50,  200        },
        {&none,        200,  false, 100, 200        },
        {&none,        500,  false, 400, 200        },
        {&one,         110,  false, 10,  230        },
        {&one,         119,  false, 19,  230        },
        {&one,         120,  true,  20,  230        },
        {&one,         149,  true,  20,  230        },
        {&one,         150,  false, 20,  230        },
        {&one,         160,  false, 30,  230        },
        {&one,         230,  false, 100, 230        },
        {&open,        110,  false, 10,  CLOCK_NEVER},
        {&open,        120,  true,  20,  CLOCK_NEVER},
        {&open,        9999, true,  20,  CLOCK_NEVER},
        {&two,         125,  true,  20,  250        },
        {&two,         170,  true,  50,  250        },
        {&two,         250,  false, 100, 250        },
        {&overlapping, 140,  true,  20,  250        },
        {&overlapping, 149,  true,  20,  250        },
        {&overlapping, 169,  true,  20,  250        },
        {&overlapping, 170,  false, 20,  250        },
        {&overlapping, 260,  false, 110, 250        },
        {&touching,    150,  true,  20,  250        },
        {&touching,    180,  false, 30,  250        },
        {&same_start,  140,  true,  20,  240        },
        {&same_start,  160,  false, 20,  240        },
        {&before,      30,   false, 0,   200        },
        {&before,      150,  false, 50,  200        },
        {&across,      60,   false, 0,   230        },
        {&across,      100,  true,  0,   230        },
        {&across,      129,  true,  0,   230        },
        {&across,      140,  false, 10,  230        },
        {&at_start,    100,  true,  0,   CLOCK_NEVER},
        {&at_start,    300,  true,  0,   CLOCK_NEVER},
        {&empty,       120,  false, 20,  210        },
        {&empty,       127,  false, 27,  210        },
        {&empty,       200,  false, 90,  210        },
        {&at_due,      199,  false, 99,  200        },
        {&at_due,      200,  true,  100, 200        },
        {&after_due,   220,  false, 120, 200        },
        {&after_due,   240,  true,  130, 200        },
        {&after_due,   9999, true,  130, 200        },
        {&open_within, 140,  true,  20,  CLOCK_NEVER},
        {&open_within, 160,  true,  20,  CLOCK_NEVER},
        {&open_within, 600,  true,  20,  CLOCK_NEVER},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct clock c = clock_of(cases[i].history);
        struct clock_state got = clock_read(&c, cases[i].at_us);

        if (got.is_paused != cases[i].want_paused || got.counted_us != cases[i].want_counted_us ||
            got.due_us != cases[i].want_due_us) {
            fail_msg("%s at %lld: paused %d, counted %lld, due %lld", cases[i].history->name,
                     (long long)cases[i].at_us, got.is_paused, (long long)got.counted_us,
                     (long long)got.due_us);
        }
    }
}

static void a_step_is_when_its_part_of_the_target_has_been_counted(void **state)
{
    static const struct {
        const struct history *history;
        int percent;
        int64_t want_us;
    } cases[] = {
        {&none,        0,   100        },
        {&none,        50,  150        },
        {&none,        80,  180        },
        {&none,        100, 200        },
        {&none,        150, 250        },
        {&none,        -5,  100        },
        {&one,         10,  110        },
        {&one,         20,  120        }, /* reached at the instant the pause begins */
        {&one,         21,  151        },
        {&one,         50,  180        },
        {&one,         80,  210        },
        {&open,        10,  110        },
        {&open,        20,  120        },
        {&open,        21,  CLOCK_NEVER},
        {&open,        100, CLOCK_NEVER},
        {&two,         50,  160        },
        {&two,         51,  201        },
        {&overlapping, 50,  200        },
        {&before,      50,  150        },
        {&across,      0,   100        },
        {&across,      50,  180        },
        {&at_start,    0,   100        },
        {&at_start,    1,   CLOCK_NEVER},
        {&empty,       50,  160        },
        {&at_due,      100, 200        },
        {&at_due,      101, CLOCK_NEVER},
        {&after_due,   100, 200        },
        {&open_within, 50,  CLOCK_NEVER},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct clock c = clock_of(cases[i].history);
        int64_t got = clock_step_us(&c, cases[i].percent);

        if (got != cases[i].want_us) {
            fail_msg("%s, %d percent: %lld", cases[i].history->name, cases[i].percent,
                     (long long)got);
        }
    }
}

/* The two functions answer one question from both ends. */
static void what_is_counted_at_a_step_is_its_part_of_the_target(void **state)
{
    static const struct history *const histories[] = {
        &none,   &one,    &open,     &two,   &overlapping, &touching,  &same_start,
        &before, &across, &at_start, &empty, &at_due,      &after_due, &open_within,
    };

    for (size_t i = 0; i < ARRAY_LEN(histories); i++) {
        struct clock c = clock_of(histories[i]);

        for (int percent = 0; percent <= 120; percent++) {
            int64_t step_us = clock_step_us(&c, percent);

            if (step_us == CLOCK_NEVER) {
                assert_true(clock_read(&c, CLOCK_NEVER - 1).counted_us < percent);
            } else {
                assert_int_equal(clock_read(&c, step_us).counted_us, percent);
                assert_true(percent == 0 || clock_read(&c, step_us - 1).counted_us < percent);
            }
        }
    }
}

static void extreme_values_stop_at_the_ends(void **state)
{
    static const struct clock_pause whole = {INT64_MIN, CLOCK_NEVER};
    const struct clock longest = {INT64_MIN, NULL, INT64_MAX, NULL, 0};
    const struct clock late = {INT64_MAX - 5, NULL, 100, NULL, 0};
    const struct clock backward = {100, NULL, -50, NULL, 0};
    const struct clock stopped = {0, NULL, 100, &whole, 1};
    const struct clock far = {0, NULL, INT64_MAX, NULL, 0};

    assert_true(clock_read(&longest, INT64_MAX).counted_us == INT64_MAX);
    assert_true(clock_step_us(&longest, 100) == -1);
    assert_true(clock_step_us(&late, 100) == INT64_MAX);
    assert_true(clock_step_us(&backward, 100) == 100);
    assert_true(clock_step_us(&stopped, 1) == CLOCK_NEVER);
    assert_true(clock_read(&stopped, INT64_MAX - 1).counted_us == 0);
    assert_true(clock_step_us(&far, 50) == INT64_MAX / 2);
    assert_true(clock_step_us(&far, 1000) == INT64_MAX);
}

/* Not promised, but never wild: nothing is counted twice and nothing is negative. */
static void pauses_out_of_order_do_no_harm(void **state)
{
    struct clock c = clock_of(&unordered);

    for (int64_t at_us = 90; at_us < 300; at_us++) {
        struct clock_state got = clock_read(&c, at_us);

        assert_in_range(got.counted_us, 0, 200);
    }
    assert_in_range(clock_step_us(&c, 100), 200, 250);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_tells_counted_time_due_and_whether_paused),
        cmocka_unit_test(a_step_is_when_its_part_of_the_target_has_been_counted),
        cmocka_unit_test(what_is_counted_at_a_step_is_its_part_of_the_target),
        cmocka_unit_test(extreme_values_stop_at_the_ends),
        cmocka_unit_test(pauses_out_of_order_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
