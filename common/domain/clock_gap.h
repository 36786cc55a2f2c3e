/* SPDX-License-Identifier: Apache-2.0 */
/* clock_gap.h - why nothing counts between two instants: night, a break, a day off, a holiday. */
#ifndef TROTH_COMMON_DOMAIN_CLOCK_GAP_H
#define TROTH_COMMON_DOMAIN_CLOCK_GAP_H

#include <stdint.h>

#include "common/domain/calendar.h"

enum clock_gap_reason {
    CLOCK_GAP_NIGHT = 1,     /* before the first hour of a day, or after the last one */
    CLOCK_GAP_BREAK,         /* between two intervals of one day: lunch */
    CLOCK_GAP_DAY_OFF,       /* a weekday without hours */
    CLOCK_GAP_SPECIAL_DAY,   /* a holiday: the calendar says its name */
    CLOCK_GAP_SPECIAL_HOURS, /* as night, on a day with hours of its own: a half day */
};

struct clock_gap {
    enum clock_gap_reason reason;
    int64_t from_us;
    int64_t to_us;
    const char *day; /* the special day's name, borrowed from the calendar; NULL on other days, and
                        for breaks */
    const char *notice; /* who decided that; NULL: nobody, or an ordinary day */
};

typedef void clock_gap_fn(void *ctx, const struct clock_gap *gap);

/* Calls fn for each part of a stretch in which the calendar is closed, in order and without holes:
 * a weekend is one part, so is a holiday of several days. Nothing when from_us >= to_us. */
void clock_gap_split(const struct calendar *c, int64_t from_us, int64_t to_us, clock_gap_fn *fn,
                     void *ctx);

const char *clock_gap_reason_name(enum clock_gap_reason reason);

#endif
