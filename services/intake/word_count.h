/* SPDX-License-Identifier: Apache-2.0 */
/*
 * word_count.h - which words many customers used: counted over the texts of one day. Pure.
 *
 * In an alphabet a word is what stands between breaks: three letters or more, no stop word
 * (word_stop.h). Chinese has no blanks, so every two to four Han letters in a row are counted, and
 * those are taken for a word that
 *
 * - hold together: in whatever two parts they are cut, they stand together at least eight times as
 *   often as the parts would by chance (pointwise mutual information of 3 bits; where everybody
 *   speaks of the same, 70 % of what it could be at most), and
 * - stand free: at least three different letters (or ends of a run) stood before them, and behind;
 * - do not begin or end with a particle, and are not nearly always part of a longer such word.
 *
 * What fewer customers than asked for used never leaves the counter.
 */
#ifndef TROTH_INTAKE_WORD_COUNT_H
#define TROTH_INTAKE_WORD_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/intake/plain_text.h"

enum {
    WORD_TEXT_SIZE = 72, /* in UTF-8; longer words of an alphabet are none */
    WORD_CUSTOMERS_MIN = 5,
    WORDS_MAX = 200, /* of a day and kind: they fit into one event */
};

struct word_counter;

/* entries_max: when there are more different ones, those of a single customer are forgotten; a
 * power of two. */
struct word_counter *word_counter_new(size_t entries_max);
void word_counter_free(struct word_counter *w); /* NULL is fine */
void word_counter_clear(struct word_counter *w);

/* Texts come customer by customer. is_counted false: who is known to be one with another customer
 * adds contacts, and no customer. */
void word_counter_customer(struct word_counter *w, bool is_counted);
/* The texts of one contact of that customer. */
void word_counter_add(struct word_counter *w, const struct plain_text *t);
/* For what is not made of texts: a product, so many contacts of so many customers. Longer ones than
 * WORD_TEXT_SIZE are left out. */
void word_counter_add_name(struct word_counter *w, const char *name, int64_t contacts,
                           int64_t customers);

struct word_found {
    char text[WORD_TEXT_SIZE];
    int64_t contacts, customers;
};
struct word_list {
    struct word_found at[WORDS_MAX];
    size_t count;
};
/* Those of at least customers_min customers, most customers first. */
void word_counter_select(const struct word_counter *w, int64_t customers_min,
                         struct word_list *ret);

#endif
