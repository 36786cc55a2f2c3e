/* SPDX-License-Identifier: Apache-2.0 */
/* calendar_read.h - the calendars of a standards file. */
#ifndef TROTH_COMMON_DOMAIN_CALENDAR_READ_H
#define TROTH_COMMON_DOMAIN_CALENDAR_READ_H

#include <libconfig.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/domain/calendar.h"
#include "common/domain/standard_read.h"

struct calendar_book; /* all calendars of one file; owns them */

/* Reads "calendars" and the lists "days_NAME" that they name from the root of a file. An absent
 * "calendars" is an empty book. NULL with err (code standard_invalid) on failure. */
MUST_CHECK struct calendar_book *calendar_book_read(const struct standard_reader *r,
                                                    const config_setting_t *root);
void calendar_book_free(struct calendar_book *b); /* NULL is fine */

/* NULL: there is none of that name. "24x7" is no calendar: see calendar.h. */
const struct calendar *calendar_book_find(const struct calendar_book *b, const char *name);
/* The calendar that names the branch, else the one that is for all branches; NULL: neither (then
 * every hour counts). branch may be NULL. */
const struct calendar *calendar_book_of_branch(const struct calendar_book *b, const char *branch);

size_t calendar_book_count(const struct calendar_book *b);
const struct calendar *calendar_book_at(const struct calendar_book *b, size_t i);
/* The branches of one of its calendars, in order; NULL behind the last one. "*" is all others. */
const char *calendar_book_branch(const struct calendar_book *b, const struct calendar *c, size_t i);

#endif
