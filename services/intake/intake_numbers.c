/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_numbers.h"

#include <string.h>

#include "common/base/log.h"
#include "common/domain/identifier.h"

size_t intake_numbers_missing(const struct intake_numbers *n, size_t count)
{
    size_t left = 0;
    for (size_t i = 0; i < n->range_count; i++) {
        left += (size_t)(n->ranges[i].end - n->ranges[i].next);
    }
    return left >= count ? 0 : (count - left + NUMBERS_BLOCK - 1) / NUMBERS_BLOCK;
}

void intake_numbers_add_block(struct intake_numbers *n, int64_t first_counter)
{
    if (n->range_count == NUMBERS_RANGES_MAX) {
        return; /* never asked for that many; a lost block is only a gap */
    }
    n->ranges[n->range_count].next = first_counter;
    n->ranges[n->range_count++].end = first_counter + NUMBERS_BLOCK;
}

int64_t intake_numbers_take_spare(struct intake_numbers *n, int16_t bucket)
{
    return intake_numbers_missing(n, n->reserved + 1) > 0 ? 0 : intake_numbers_take(n, bucket);
}

int64_t intake_numbers_take(struct intake_numbers *n, int16_t bucket)
{
    if (n->range_count == 0) {
        BUG("no counters left for numbers");
    }
    int64_t counter = n->ranges[0].next++;
    if (n->ranges[0].next == n->ranges[0].end) { /* the oldest first, so that numbers ascend */
        n->range_count--;
        memmove(&n->ranges[0], &n->ranges[1], n->range_count * sizeof(n->ranges[0]));
    }
    return identifier_make(counter, bucket);
}
