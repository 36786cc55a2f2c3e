/* SPDX-License-Identifier: Apache-2.0 */
/* clock_translate.h - what clocks say, in other languages than English. */
#ifndef TROTH_COMMON_DOMAIN_CLOCK_TRANSLATE_H
#define TROTH_COMMON_DOMAIN_CLOCK_TRANSLATE_H

#include "common/domain/clock_words.h"

/* english: of clock_words_why(), clock_words_reason(), a `because` of clock_rules.h, or the name of
 * an entry of a promise's history. language: "zh-Hans" (all that begins with "zh") is Chinese; any
 * other, or NULL, leaves it as it is; so does a text that is not ours, such as the name of a
 * holiday. Returns ret. */
const char *clock_translate(const char *language, const char *english, char ret[CLOCK_WORDS_SIZE]);

/* A step that a promise's clock took: 50, 80, 100 percent of its time, or 100 + n, the n-th after
 * that. tell: whom the standard said to tell; NULL: nobody in particular. Returns ret. */
const char *clock_translate_step(const char *language, int step, const char *tell,
                                 char ret[CLOCK_WORDS_SIZE]);

#endif
