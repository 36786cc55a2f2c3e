/* SPDX-License-Identifier: Apache-2.0 */
/* plan_index.h - finds rows of a list by a number that several of them may share, in constant time.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_PLAN_INDEX_H
#define TROTH_SERVICES_FOLLOWUP_PLAN_INDEX_H

#include <stddef.h>
#include <stdint.h>

#define PLAN_INDEX_END SIZE_MAX

/* Start with {0}. Rows are added in the order of their places: 0, 1, 2, ... */
struct plan_index {
    struct plan_index_slot {
        int64_t key;
        size_t first, last; /* places; first is PLAN_INDEX_END in a free slot */
    } * slots;
    size_t slot_count, used;
    size_t *next; /* of each place: the next with its key */
    size_t count, capacity;
};

void plan_index_clear(struct plan_index *x);
void plan_index_free(struct plan_index *x);

/* The next place has that key. */
void plan_index_add(struct plan_index *x, int64_t key);

/* The first place with the key, and the one after it; PLAN_INDEX_END: none. */
size_t plan_index_first(const struct plan_index *x, int64_t key);
size_t plan_index_next(const struct plan_index *x, size_t place);

#endif
