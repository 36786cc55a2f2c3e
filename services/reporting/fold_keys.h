/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold_keys.h - which cases, follow-ups and answers the events of a batch are about: each once,
 * sorted by bucket and number. Pure.
 */
#ifndef TROTH_REPORTING_FOLD_KEYS_H
#define TROTH_REPORTING_FOLD_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.pb-c.h"

struct fold_key {
    int64_t number;
    int64_t version; /* the newest of its events: who has looked at that has seen all of them */
    int64_t at_us;   /* of a tier: when it changed */
    bool is_class;   /* of a case: opened or reclassified, so that it may be another one's return */
};

struct fold_key_list {
    struct fold_key *list;
    size_t count, room;
};

/* Starts with {0}. */
struct fold_keys {
    struct fold_key_list cases, follow_ups, answers;
    struct fold_key_list tiers; /* customers whose tier changed, and when first */
};
void fold_keys_clear(struct fold_keys *k); /* keeps the memory */
void fold_keys_free(struct fold_keys *k);

void fold_keys_add(struct fold_keys *k, const Troth__V1__Event *event);
/* Sorts all lists and leaves one of each number. */
void fold_keys_seal(struct fold_keys *k);

void fold_key_list_add(struct fold_key_list *l, const struct fold_key *key);
void fold_key_list_seal(struct fold_key_list *l);
/* In a sealed list; NULL: it is not there. */
struct fold_key *fold_key_list_find(const struct fold_key_list *l, int64_t number);

#endif
