/* SPDX-License-Identifier: Apache-2.0 */
/* calendar_days.h - a list of special days, as it stands in a file: days_china = ( ... ). */
#ifndef TROTH_COMMON_DOMAIN_CALENDAR_DAYS_H
#define TROTH_COMMON_DOMAIN_CALENDAR_DAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libconfig.h>

#include "common/base/compiler.h"
#include "common/domain/calendar_build.h"
#include "common/domain/standard_read.h"

#define CALENDAR_DAYS_PREFIX "days_" /* of the list's name */

struct calendar_day {
    int64_t day;                     /* since 1970-01-01 */
    const char *name;                /* borrowed from the tree, as all texts */
    const char *notice;              /* who decided it */
    bool is_work;                    /* else it is off */
    int like;                        /* weekday whose hours it has, 0 is Monday; -1: not said */
    struct calendar_hours hours;     /* of its own; none: not said */
    const config_setting_t *setting; /* where it stands */
};

/* Start with {0}. */
struct calendar_days {
    struct calendar_day *days; /* ascending, each once */
    size_t count;
};

/* ret: freed by the caller, also after a failure. */
MUST_CHECK int calendar_days_read(const struct standard_reader *r, const config_setting_t *list,
                                  struct calendar_days *ret);
void calendar_days_free(struct calendar_days *d);

/* NULL: that day is not in the list. */
const struct calendar_day *calendar_days_find(const struct calendar_days *d, int64_t day);

#endif
