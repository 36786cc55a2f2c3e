/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_index.c - open addressing with linear probing; a slot for each key, a chain through the
 * places that share it. Never more than half full, so a probe ends soon.
 */
#include "services/followup/plan_index.h"

#include <stdlib.h>

#include "common/base/xalloc.h"

enum {
    SLOTS_MIN = 64
};

/* Multiplicative hashing (D. Knuth, The Art of Computer Programming 3, 6.4): the high bits mix. */
static size_t slot_of(const struct plan_index *x, int64_t key)
{
    return (size_t)(((uint64_t)key * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (x->slot_count - 1);
}

static struct plan_index_slot *find(const struct plan_index *x, int64_t key)
{
    size_t i = slot_of(x, key);
    while (x->slots[i].first != PLAN_INDEX_END && x->slots[i].key != key) {
        i = (i + 1) & (x->slot_count - 1);
    }
    return &x->slots[i];
}

static void make_slots(struct plan_index *x, size_t count)
{
    x->slots = xcalloc(count, sizeof(*x->slots));
    x->slot_count = count;
    for (size_t i = 0; i < count; i++) {
        x->slots[i].first = PLAN_INDEX_END;
    }
}

static void grow(struct plan_index *x)
{
    struct plan_index_slot *old = x->slots;
    size_t old_count = x->slot_count;
    make_slots(x, old_count > 0 ? 2 * old_count : SLOTS_MIN);
    for (size_t i = 0; i < old_count; i++) {
        if (old[i].first != PLAN_INDEX_END) {
            *find(x, old[i].key) = old[i];
        }
    }
    free(old);
}

void plan_index_clear(struct plan_index *x)
{
    for (size_t i = 0; i < x->slot_count; i++) {
        x->slots[i].first = PLAN_INDEX_END;
    }
    x->used = x->count = 0;
}

void plan_index_free(struct plan_index *x)
{
    free(x->slots);
    free(x->next);
    *x = (struct plan_index){.slots = NULL};
}

void plan_index_add(struct plan_index *x, int64_t key)
{
    size_t place = x->count++;
    if (x->count > x->capacity) {
        x->capacity = x->capacity > 0 ? 2 * x->capacity : SLOTS_MIN;
        x->next = xreallocarray(x->next, x->capacity, sizeof(*x->next));
    }
    x->next[place] = PLAN_INDEX_END;
    if (2 * (x->used + 1) > x->slot_count) {
        grow(x);
    }
    struct plan_index_slot *s = find(x, key);
    if (s->first == PLAN_INDEX_END) {
        *s = (struct plan_index_slot){.key = key, .first = place, .last = place};
        x->used++;
        return;
    }
    x->next[s->last] = place;
    s->last = place;
}

size_t plan_index_first(const struct plan_index *x, int64_t key)
{
    return x->slot_count > 0 ? find(x, key)->first : PLAN_INDEX_END;
}

size_t plan_index_next(const struct plan_index *x, size_t place)
{
    return x->next[place];
}
