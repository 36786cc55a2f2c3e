/* SPDX-License-Identifier: Apache-2.0 */
/*
 * triage_features.h - what a text is made of, for triage: its character n-grams, hashed.
 *
 * No word list and no segmenter: a pair of Chinese characters is a word more often than not, and
 * where letters make the words, runs of three and four of them are most of a word. Training and
 * predicting use this alone, so that both see the same.
 *
 * Before it is cut, a text is made even: full width becomes half width, upper case lower case,
 * every digit '0' (numbers tell who writes, not what about), blanks one blank, and a blank stands
 * at both ends. Texts of one contact follow each other as one text.
 *
 * Pure. The hash is not keyed and can be tried out: what is stored of features (triage_model.h)
 * leaves out those that only one text had.
 */
#ifndef TROTH_COMMON_DOMAIN_TRIAGE_FEATURES_H
#define TROTH_COMMON_DOMAIN_TRIAGE_FEATURES_H

#include <stddef.h>
#include <stdint.h>

enum {
    TRIAGE_HASH_BITS = 18, /* part of the form of stored models */
    TRIAGE_HASHES = 1 << TRIAGE_HASH_BITS,
    TRIAGE_CODE_POINTS_MAX = 2000, /* what comes after them is not looked at */
    TRIAGE_GRAM_MAX = 4,
    TRIAGE_FEATURES_MAX = TRIAGE_GRAM_MAX * (TRIAGE_CODE_POINTS_MAX + 2),
};

struct triage_feature {
    uint32_t hash;  /* less than TRIAGE_HASHES */
    uint32_t count; /* how often it stands in the text; at least 1 */
};

/* Large: of the heap, and used again for the next text. */
struct triage_features {
    struct triage_feature list[TRIAGE_FEATURES_MAX]; /* ascending by hash, each one once */
    size_t count;
    uint32_t code_points[TRIAGE_CODE_POINTS_MAX + 2]; /* the even text; of use in here only */
    uint32_t hashes[2][TRIAGE_FEATURES_MAX];
};

/* NULL among the texts is an empty one. What is no UTF-8 counts as one strange character for each
 * byte. No text at all has no features. */
void triage_features_read(struct triage_features *f, const char *const *texts, size_t count);

#endif
