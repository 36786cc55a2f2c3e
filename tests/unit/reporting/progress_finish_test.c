/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_finish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"

#define H DURATION_H

/* A tenth is done after each hour, up to ten. */
static const struct survival_step steps[] = {
    {1 * H,  0.9, 0},
    {2 * H,  0.8, 0},
    {3 * H,  0.7, 0},
    {4 * H,  0.6, 0},
    {5 * H,  0.5, 0},
    {6 * H,  0.4, 0},
    {7 * H,  0.3, 0},
    {8 * H,  0.2, 0},
    {9 * H,  0.1, 0},
    {10 * H, 0.0, 0},
};

/* By hand: after 2 h 0.8 are open; half of them, 0.4, after 6 h; a tenth, 0.08, after 10 h. */
static const struct {
    const char *name;
    int64_t counted_us, known_us, past;
    size_t steps;
    bool is_known;
    int64_t half_us, most_us; /* from now */
} rows[] = {
    {"just opened",                    0,      SURVIVAL_NEVER, 100, 10, true,  5 * H,     9 * H     },
    {"before the first was ever done", H / 2,  SURVIVAL_NEVER, 100, 10, true,  9 * H / 2, 17 * H / 2},
    {"two hours on",                   2 * H,  SURVIVAL_NEVER, 100, 10, true,  4 * H,     8 * H     },
    {"five hours on",                  5 * H,  SURVIVAL_NEVER, 100, 10, true,  3 * H,     5 * H     },
    {"nearly all others were done",    9 * H,  SURVIVAL_NEVER, 100, 10, true,  H,         H         },
    {"longer than any was",            10 * H, SURVIVAL_NEVER, 100, 10, false, 0,         0         },
    {"too few",                        0,      SURVIVAL_NEVER, 29,  10, false, 0,         0         },
    {"just enough",                    0,      SURVIVAL_NEVER, 30,  10, true,  5 * H,     9 * H     },
    {"more is not known than 8 h",     0,      8 * H,          100, 10, false, 0,         0         },
    {"and 9 h are needed",             0,      9 * H,          100, 10, true,  5 * H,     9 * H     },
    {"it takes longer than is known",  6 * H,  5 * H,          100, 10, false, 0,         0         },
    {"so many were never done",        0,      SURVIVAL_NEVER, 100, 6,  false, 0,         0         },
    {"nothing was ever done",          0,      SURVIVAL_NEVER, 100, 0,  false, 0,         0         },
};

static void dates_are_those_of_the_cases_that_took_longer_than_this(void **state)
{
    const int64_t now_us = INT64_C(1700000000000000);
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct progress_curve curve = {steps, rows[i].steps, rows[i].known_us, rows[i].past};
        struct progress_finish f = {0};
        bool is_known = progress_finish_ask(&curve, NULL, rows[i].counted_us, now_us, &f);
        if (is_known != rows[i].is_known ||
            (is_known && (f.half_us - now_us != rows[i].half_us ||
                          f.most_us - now_us != rows[i].most_us || f.past_cases != rows[i].past))) {
            fail_msg("%s: %d, %.2f h, %.2f h", rows[i].name, is_known,
                     (double)(f.half_us - now_us) / (double)H,
                     (double)(f.most_us - now_us) / (double)H);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_those_of_the_cases_that_took_longer_than_this)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
