/* SPDX-License-Identifier: Apache-2.0 */
/* clock_words.h - instants and lengths of time as a service manager reads them, and why something
 * did not count. */
#ifndef TROTH_COMMON_DOMAIN_CLOCK_WORDS_H
#define TROTH_COMMON_DOMAIN_CLOCK_WORDS_H

#include <stdint.h>

#include "common/base/zone.h"
#include "common/domain/clock_timeline.h"

#define CLOCK_WORDS_SIZE 192

/* "Mon 2026-01-05 09:00", with seconds when there are some. zone NULL: UTC. */
const char *clock_words_instant(const struct zone *zone, int64_t us, char ret[CLOCK_WORDS_SIZE]);

/* "7 h 30 min", "12 s", "-1 h": whole seconds, and hours as the largest unit, for a day of working
 * time has as many as its calendar says. */
const char *clock_words_length(int64_t us, char ret[CLOCK_WORDS_SIZE]);

/* Whole seconds of a length, as that rounds them: halves away from 0. */
int64_t clock_words_seconds(int64_t us);

/* "night", "lunch", "weekend", "春节", "waiting for the customer"; "counted". */
const char *clock_words_reason(const struct zone *zone, const struct clock_interval *i,
                               char ret[CLOCK_WORDS_SIZE]);

/* The same with the times of a break, which may be a part of the usual one: "lunch 12:00-12:03". */
const char *clock_words_why(const struct zone *zone, const struct clock_interval *i,
                            char ret[CLOCK_WORDS_SIZE]);

#endif
