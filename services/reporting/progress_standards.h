/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_standards.h - the last few standards that were needed, read from the database: by them
 * the calendar of a case's promise is found. Nearly all cases are decided by the one in force; but
 * a round of forecasts is written down for ever, and finds all that it read.
 */
#ifndef TROTH_REPORTING_PROGRESS_STANDARDS_H
#define TROTH_REPORTING_PROGRESS_STANDARDS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/domain/standard.h"

struct progress_standards;

struct progress_standards *progress_standards_new(void);
void progress_standards_free(struct progress_standards *s); /* NULL is fine */

bool progress_standards_knows(const struct progress_standards *s, int32_t id);
/* A text that cannot be read counts as known, and finds nothing. It takes the place of the one that
 * was added first. */
void progress_standards_add(struct progress_standards *s, int32_t id, const char *text);

/* The calendar of the promise to solve a case; false: the standard is not here, or promises no
 * solution. *ret_calendar NULL: every hour counts. Borrowed until the next add. */
bool progress_standards_calendar(const struct progress_standards *s, int32_t id, const char *rule,
                                 const char *branch, const struct calendar **ret_calendar);

#endif
