/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/row_counter.h"

#include <stdlib.h>

#include "common/base/xalloc.h"

enum {
    FIRST_CAPACITY = 1024
};

struct row_count {
    uint64_t hash;
    uint32_t count; /* 0: the slot is free */
};

static struct row_count *find(struct row_counter *c, uint64_t hash)
{
    size_t i = hash & (c->capacity - 1);

    while (c->slots[i].count > 0 && c->slots[i].hash != hash) {
        i = (i + 1) & (c->capacity - 1);
    }
    return &c->slots[i];
}

static void grow(struct row_counter *c)
{
    struct row_counter bigger = {.capacity = c->capacity ? 2 * c->capacity : FIRST_CAPACITY,
                                 .used = c->used};

    bigger.slots = xcalloc(bigger.capacity, sizeof(*bigger.slots));
    for (size_t i = 0; i < c->capacity; i++) {
        if (c->slots[i].count > 0) {
            *find(&bigger, c->slots[i].hash) = c->slots[i];
        }
    }
    free(c->slots);
    *c = bigger;
}

uint32_t row_counter_add(struct row_counter *c, uint64_t hash)
{
    struct row_count *slot;

    if (2 * c->used >= c->capacity) {
        grow(c);
    }
    slot = find(c, hash);
    if (slot->count == 0) {
        slot->hash = hash;
        c->used++;
    }
    return slot->count++;
}

void row_counter_free(struct row_counter *c)
{
    free(c->slots);
    *c = (struct row_counter){.slots = NULL};
}
