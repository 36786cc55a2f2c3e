/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard_words.h - looks for the words of many groups in texts, all in one pass.
 *
 * ASCII letters are the same in both cases. A word that begins or ends with a Latin letter or a
 * digit has to begin or end there in the text, too: "brake" stands in "Brake!" and in "brake坏了",
 * not in "handbrake" or "brakes". Every other word is found wherever it stands: "刹车" in "刹车片".
 * Any run of blanks and line ends is one blank.
 */
#ifndef TROTH_COMMON_DOMAIN_STANDARD_WORDS_H
#define TROTH_COMMON_DOMAIN_STANDARD_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"

enum {
    STANDARD_WORD_BYTES_MAX = 64,
    /* Of all words of one matcher: its table then has at most 30 MB, and usually less than one. */
    STANDARD_WORDS_BYTES_MAX = 60000,
    STANDARD_WORD_GROUPS_MAX = 1024,
};

struct standard_words; /* immutable once built */

/* Which groups were found. */
struct standard_word_set {
    uint64_t bits[STANDARD_WORD_GROUPS_MAX / 64];
};

bool standard_word_set_has(const struct standard_word_set *set, size_t group);

struct standard_words *standard_words_new(void);
void standard_words_free(struct standard_words *w); /* NULL is fine */

/* Word has 1 to STANDARD_WORD_BYTES_MAX bytes of UTF-8. Returns -1 when there are too many bytes of
 * words, and then the word was not added. */
MUST_CHECK int standard_words_add(struct standard_words *w, const char *word, size_t group);
/* After the last word. */
void standard_words_build(struct standard_words *w);

/* Adds to *set the groups any of whose words stand in the text (well-formed UTF-8). */
void standard_words_find(const struct standard_words *w, const char *text,
                         struct standard_word_set *set);

/* ---- one place in a text */

/* The length of the word if it stands at that place by the same rules, except for what is before
 * it; 0: it does not. */
size_t standard_words_length_at(const char *place, const char *word);

#endif
