/* SPDX-License-Identifier: Apache-2.0 */
/* duration.h - lengths of time in microseconds, as people write them: "250ms", "1h30m", "2d". */
#ifndef TROTH_COMMON_BASE_DURATION_H
#define TROTH_COMMON_BASE_DURATION_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"

#define DURATION_MS  INT64_C(1000)
#define DURATION_S   (1000 * DURATION_MS)
#define DURATION_MIN (60 * DURATION_S)
#define DURATION_H   (60 * DURATION_MIN)
#define DURATION_DAY (24 * DURATION_H)

/* Units us, ms, s, m, h, d, each at most once and from large to small; "0" needs none; no sign, no
 * blanks, no fraction. Returns 0, or -1 (malformed or over about 292,000 years) and leaves *ret_us
 * alone. */
MUST_CHECK int duration_parse(const char *text, int64_t *ret_us);

#define DURATION_TEXT_SIZE 48
/* The one usual text, largest unit first and without zero parts ("1h30m"), which duration_parse
 * reads back to the same value. Negative values get a leading '-', which duration_parse refuses. */
const char *duration_format(int64_t us, char ret_text[DURATION_TEXT_SIZE]);

/* For people, rounded to two neighbouring units: "3 d 4 h", "12 min 5 s", "340 ms"; "0 s" for
 * nothing. */
const char *duration_for_people(int64_t us, char ret_text[DURATION_TEXT_SIZE]);

#endif
