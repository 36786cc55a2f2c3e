/* SPDX-License-Identifier: Apache-2.0 */
/*
 * working_hours.h - when somebody works, in one line: "Mon-Fri 09:00-18:00, Sat 10:00-14:00". Pure.
 *
 * Spans are parted by commas; each has days (Mon, Mon-Fri, Sat-Mon) and local times from and until,
 * until not included. 24:00 is the end of the day; until before from goes over midnight into the
 * next day. An empty line means always. For holidays and exceptions see calendar.h: a dialer says
 * no more about itself than this.
 */
#ifndef TROTH_COMMON_DOMAIN_WORKING_HOURS_H
#define TROTH_COMMON_DOMAIN_WORKING_HOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/zone.h"

enum {
    WORKING_HOURS_SPANS_MAX = 16,
    WORKING_HOURS_TEXT_SIZE = 256, /* the longest line, with the NUL */
};

struct working_hours {
    struct {
        unsigned days; /* bit (1 << weekday) of the begin, 0 is Monday */
        int from_minute, until_minute;
    } spans[WORKING_HOURS_SPANS_MAX];
    size_t count; /* 0: always */
};

/* Returns 0, or -1 (code "hours_invalid"). */
MUST_CHECK int working_hours_read(const char *text, struct working_hours *ret, struct err *err);

/* zone NULL: UTC. */
bool working_hours_are_open(const struct working_hours *h, const struct zone *zone, int64_t us);

#endif
