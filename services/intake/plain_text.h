/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain_text.h - what somebody said, as bare letters: what fingerprints and word counts are made
 * of. Pure.
 *
 * Full-width forms become ordinary ones and capitals small. Digits, also four and more in Han
 * letters, e-mail addresses, known names and everything that is no letter become breaks, so that no
 * number of a phone, an order or a plate and no name goes any further.
 */
#ifndef TROTH_INTAKE_PLAIN_TEXT_H
#define TROTH_INTAKE_PLAIN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A letter that is a word, or a syllable of one, by itself (Han, kana, hangul), or a letter of an
 * alphabet. */
enum letter_kind {
    LETTER_NONE = 0,
    LETTER_WIDE,
    LETTER_ALPHABETIC
};
enum letter_kind letter_kind_of(uint32_t code_point);

/* Start with {0}. Letters and, between them, at most one break (0). */
struct plain_text {
    uint32_t *letters;
    size_t len;
    size_t capacity;
};

/* Adds a text in UTF-8 behind a break; NULL adds nothing. */
void plain_text_add(struct plain_text *t, const char *text);
/* Makes breaks of a person's name wherever it stands: each of its words, also with an 's'; of three
 * wide letters or more also what follows the first one, and of four or more also all but the last
 * two and all but the first two (Ouyang Nana; Li Lei with a title behind). */
void plain_text_mask_name(struct plain_text *t, const char *name);
void plain_text_clear(struct plain_text *t); /* keeps the memory */
void plain_text_free(struct plain_text *t);

/* The letters from at on that are of one kind: their number; 0 at the end. *ret_from is where they
 * begin, breaks are passed over. */
size_t plain_text_run(const struct plain_text *t, size_t at, size_t *ret_from);

#endif
