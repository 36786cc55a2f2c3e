/* SPDX-License-Identifier: Apache-2.0 */
/* zone_rule.h - the POSIX TZ text at the end of a TZif file: what happens after its last
 * transition. For zone.c alone. */
#ifndef TROTH_COMMON_BASE_ZONE_RULE_H
#define TROTH_COMMON_BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/compiler.h"

enum zone_day_kind {
    ZONE_DAY_MONTH = 1,
    ZONE_DAY_JULIAN,
    ZONE_DAY_ZERO_BASED
};

struct zone_day {
    enum zone_day_kind kind;
    int month;      /* 1 to 12 */
    int week;       /* 1 to 5; 5 is the last one */
    int day;        /* of the week, 0 is Sunday; or of the year */
    int32_t time_s; /* local, in force until then; may be negative or above a day */
};

struct zone_rule {
    int32_t standard_s; /* seconds east of UTC */
    int32_t summer_s;
    bool has_summer;
    struct zone_day begin;
    struct zone_day end;
};

/* "CET-1CEST,M3.5.0,M10.5.0/3". Returns 0, or -1 and leaves *ret_rule alone. */
MUST_CHECK int zone_rule_parse(const char *text, struct zone_rule *ret_rule);

struct zone_change {
    int64_t at_s;
    int32_t offset_s; /* from then on */
};

/* The two changes of a year (of a rule with summer time), earlier one first. */
void zone_rule_changes(const struct zone_rule *r, int year, struct zone_change ret_changes[2]);

#endif
