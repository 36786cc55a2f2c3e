/* SPDX-License-Identifier: Apache-2.0 */
/* calendar_words.h - parts of a calendar in words, for people. All append to a text. */
#ifndef TROTH_SERVICES_CLI_CALENDAR_WORDS_H
#define TROTH_SERVICES_CLI_CALENDAR_WORDS_H

#include <stdint.h>

#include "common/base/text.h"
#include "common/base/zone.h"
#include "common/domain/calendar_read.h"

/* "08:00-12:00 13:00-18:00": a day (since 1970-01-01) as its clocks show it, a night where it
 * passes; nothing when it is closed. zone NULL: hours of UTC. */
void calendar_words_hours(struct text *t, const struct calendar *c, const struct zone *zone,
                          int64_t day);
/* "north, all others"; nothing when no branch has this calendar. */
void calendar_words_branches(struct text *t, const struct calendar_book *book,
                             const struct calendar *c);

#endif
