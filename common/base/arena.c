/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.c - blocks that double in size, newest first; allocations are cut from the newest alone.
 *
 * The budget counts what was asked for, rounded up to the alignment, and not the blocks: whether a
 * message fits then depends on the message alone, never on how it fell into blocks.
 */
#include "common/base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

enum {
    ALIGNMENT = _Alignof(max_align_t),
    FIRST_BLOCK_BYTES = 16 * 1024,
    LARGEST_STEP_BYTES = 1024 * 1024,
};

/* Far above every budget that makes sense, and small enough that no sum below can overflow. */
#define LARGEST_BUDGET (SIZE_MAX / 4)

struct block {
    struct block *older;
    size_t capacity;
    size_t used;
    _Alignas(max_align_t) unsigned char data[];
};

struct arena {
    ProtobufCAllocator allocator;
    struct block *newest;
    size_t budget;
    size_t counted;
    size_t next_block_bytes;
    bool is_exhausted;
};

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t round_up(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void *allocator_alloc(void *data, size_t size)
{
    return arena_alloc(data, size);
}

static void allocator_free(void *data, void *p)
{
    (void)data;
    (void)p; /* arena_reset() frees all at once */
}

struct arena *arena_new(size_t budget_bytes)
{
    struct arena *a = xcalloc(1, sizeof(*a));

    a->allocator = (ProtobufCAllocator){
        .alloc = allocator_alloc,
        .free = allocator_free,
        .allocator_data = a,
    };
    a->budget = round_up(min_size(budget_bytes, LARGEST_BUDGET));
    a->next_block_bytes = min_size(FIRST_BLOCK_BYTES, a->budget);
    return a;
}

static void free_blocks(struct block *b)
{
    while (b) {
        struct block *older = b->older;

        free(b);
        b = older;
    }
}

void arena_free(struct arena *a)
{
    if (a) {
        free_blocks(a->newest);
        free(a);
    }
}

/* size is within the budget. The rest of the old block stays unused: at most as much again as was
 * asked for. */
static struct block *add_block(struct arena *a, size_t size)
{
    size_t capacity = a->next_block_bytes > size ? a->next_block_bytes : size;
    struct block *b;

    /* Ends the process when there is none: a good message must not be refused for good because we
     * are short of memory, and the budget has said that this one is not large. */
    b = xreallocarray(NULL, 1, sizeof(*b) + capacity);
    b->older = a->newest;
    b->capacity = capacity;
    b->used = 0;
    a->newest = b;
    a->next_block_bytes = min_size(a->next_block_bytes * 2, LARGEST_STEP_BYTES);
    return b;
}

static void *refuse(struct arena *a)
{
    a->is_exhausted = true;
    return NULL;
}

void *arena_alloc(struct arena *a, size_t size)
{
    struct block *b = a->newest;
    size_t rounded;
    void *p;

    if (size > a->budget) { /* first: a wild size would overflow the rounding */
        return refuse(a);
    }
    rounded = round_up(size == 0 ? 1 : size);
    if (rounded > a->budget - a->counted) {
        return refuse(a);
    }
    if (!b || rounded > b->capacity - b->used) {
        b = add_block(a, rounded);
    }
    p = b->data + b->used;
    b->used += rounded;
    a->counted += rounded;
    return p;
}

char *arena_copy_text(struct arena *a, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = arena_alloc(a, size);

    if (copy) {
        memcpy(copy, text, size);
    }
    return copy;
}

bool arena_is_exhausted(const struct arena *a)
{
    return a->is_exhausted;
}

void arena_reset(struct arena *a)
{
    if (a->newest) {
        free_blocks(a->newest->older);
        a->newest->older = NULL;
        a->newest->used = 0;
    }
    a->counted = 0;
    a->is_exhausted = false;
}

ProtobufCAllocator *arena_allocator(struct arena *a)
{
    return &a->allocator;
}
