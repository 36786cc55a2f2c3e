/* SPDX-License-Identifier: Apache-2.0 */
/* byte_map.c - open addressing with linear probing, at most half full, without deletion. */
#include "services/intake/byte_map.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

enum {
    FIRST_CAPACITY = 64
};

/* Where the key stands, or the empty slot where it belongs. */
static struct byte_map_slot *slot_of(const struct byte_map *m, uint64_t hash, struct bytes key)
{
    size_t at = (size_t)hash & (m->capacity - 1);
    for (;;) {
        struct byte_map_slot *s = &m->slots[at];
        if (!s->key.data || (s->hash == hash && bytes_equal(s->key, key))) {
            return s;
        }
        at = (at + 1) & (m->capacity - 1);
    }
}

void *byte_map_find(const struct byte_map *m, struct bytes key)
{
    return m->count > 0 ? slot_of(m, bytes_hash64(key), key)->value : NULL;
}

static void grow(struct byte_map *m)
{
    struct byte_map larger = {.capacity = m->capacity ? 2 * m->capacity : FIRST_CAPACITY};
    larger.slots = xcalloc(larger.capacity, sizeof(*larger.slots));
    for (size_t i = 0; i < m->capacity; i++) {
        if (m->slots[i].key.data) {
            *slot_of(&larger, m->slots[i].hash, m->slots[i].key) = m->slots[i];
        }
    }
    larger.count = m->count;
    free(m->slots);
    *m = larger;
}

void byte_map_set(struct byte_map *m, struct bytes key, void *value)
{
    uint64_t hash = bytes_hash64(key);
    if (2 * (m->count + 1) > m->capacity) {
        grow(m);
    }
    struct byte_map_slot *s = slot_of(m, hash, key);
    m->count += !s->key.data;
    *s = (struct byte_map_slot){.hash = hash, .key = key, .value = value};
}

void byte_map_clear(struct byte_map *m)
{
    if (m->count > 0) {
        memset(m->slots, 0, m->capacity * sizeof(*m->slots));
        m->count = 0;
    }
}

void byte_map_free(struct byte_map *m)
{
    free(m->slots);
    *m = (struct byte_map){.capacity = 0};
}
