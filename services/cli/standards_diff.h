/* SPDX-License-Identifier: Apache-2.0 */
/* standards_diff.h - what changes for whom from one standard to another. Pure. */
#ifndef TROTH_SERVICES_CLI_STANDARDS_DIFF_H
#define TROTH_SERVICES_CLI_STANDARDS_DIFF_H

#include <stdint.h>

#include <jansson.h>

#include "common/domain/standard.h"

/* An array of {"part": "rule", "name": "complaint", "change": "first response: 2h instead of 4h"},
 * for json_decref(). Parts: rule, calendar, standard. Days of calendars are compared from
 * first_day (since 1970-01-01) to last_day. */
json_t *standards_diff(const struct standard *before, const struct standard *after,
                       int64_t first_day, int64_t last_day);

/* The part of calendars alone. */
void standards_diff_calendars(json_t *list, const struct standard *before,
                              const struct standard *after, int64_t first_day, int64_t last_day);

/* Adds one change. */
void standards_diff_add(json_t *list, const char *part, const char *name, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

#endif
