/* SPDX-License-Identifier: Apache-2.0 */
/* byte_map.h - finds things by a few bytes: customers, cases, references and receipts within one
 * transaction. */
#ifndef TROTH_INTAKE_BYTE_MAP_H
#define TROTH_INTAKE_BYTE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"

/* Start with {0}. */
struct byte_map {
    struct byte_map_slot {
        uint64_t hash;
        struct bytes key; /* data NULL: empty */
        void *value;
    } * slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

/* NULL when there is none. */
void *byte_map_find(const struct byte_map *m, struct bytes key);
/* Adds, or replaces key and value. The key is borrowed for as long as it is in the map, and not
 * empty. */
void byte_map_set(struct byte_map *m, struct bytes key, void *value);
void byte_map_clear(struct byte_map *m); /* keeps the memory */
void byte_map_free(struct byte_map *m);

#endif
