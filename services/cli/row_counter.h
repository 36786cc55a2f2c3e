/* SPDX-License-Identifier: Apache-2.0 */
/* row_counter.h - how often a row has been seen: 16 bytes for each different one. */
#ifndef TROTH_SERVICES_CLI_ROW_COUNTER_H
#define TROTH_SERVICES_CLI_ROW_COUNTER_H

#include <stddef.h>
#include <stdint.h>

struct row_counter { /* start with {0} */
    struct row_count *slots;
    size_t capacity; /* a power of two */
    size_t used;
};

/* How often this was asked for the same hash before. Two rows with one 64-bit hash share a count,
 * which does no harm: their keys differ all the same, and come out the same in every repetition. */
uint32_t row_counter_add(struct row_counter *c, uint64_t hash);
void row_counter_free(struct row_counter *c);

#endif
