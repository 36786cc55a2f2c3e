/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_rates.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

enum {
    CAPACITY_MIN = 16
};

struct entry {
    int32_t source_id;
    struct token_bucket bucket;
};

/* Sorted by source: few are added, and each record looks for one. */
struct intake_rates {
    struct entry *entries;
    size_t count;
    size_t capacity;
};

struct intake_rates *intake_rates_new(void)
{
    return xcalloc(1, sizeof(struct intake_rates));
}

void intake_rates_free(struct intake_rates *r)
{
    if (r) {
        free(r->entries);
        free(r);
    }
}

size_t intake_rates_count(const struct intake_rates *r)
{
    return r->count;
}

/* The place of the source, or where it would stand. */
static size_t place_of(const struct intake_rates *r, int32_t source_id)
{
    size_t from = 0;
    size_t to = r->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (r->entries[middle].source_id < source_id) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

static void forget_full(struct intake_rates *r, int64_t now_us)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (!token_bucket_is_full(&r->entries[i].bucket, now_us)) {
            r->entries[kept++] = r->entries[i];
        }
    }
    r->count = kept;
}

/* Room for one more: first what is not needed goes, then the memory grows. */
static void make_room(struct intake_rates *r, int64_t now_us)
{
    if (r->count < r->capacity) {
        return;
    }
    forget_full(r, now_us);
    if (r->count > r->capacity / 2 || r->capacity == 0) {
        r->capacity = r->capacity ? 2 * r->capacity : CAPACITY_MIN;
        r->entries = xreallocarray(r->entries, r->capacity, sizeof(*r->entries));
    }
}

static struct token_bucket *bucket_of(struct intake_rates *r, int32_t source_id, int64_t now_us)
{
    size_t at = place_of(r, source_id);
    if (at < r->count && r->entries[at].source_id == source_id) {
        return &r->entries[at].bucket;
    }
    make_room(r, now_us);
    at = place_of(r, source_id);
    memmove(&r->entries[at + 1], &r->entries[at], (r->count - at) * sizeof(*r->entries));
    r->entries[at] = (struct entry){.source_id = source_id};
    r->count++;
    return &r->entries[at].bucket;
}

int64_t intake_rates_take(struct intake_rates *r, int32_t source_id, const struct token_rate *rate,
                          int64_t now_us)
{
    return token_bucket_take(bucket_of(r, source_id, now_us), rate, now_us);
}
