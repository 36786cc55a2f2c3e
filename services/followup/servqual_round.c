/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/servqual_round.h"

#include "common/domain/questionnaire.h"

enum {
    ITEMS = QUESTIONNAIRE_SERVQUAL_ITEMS,
    /* From one item to the next: has no divisor in common with 22, so that all are met, and is as
     * large as the largest dimension, so that neighbours are of different ones. */
    STRIDE = 5,
};

size_t servqual_round_next(uint32_t asked, uint64_t seed, int ret_items[SERVQUAL_PER_CONTACT])
{
    uint32_t open = SERVQUAL_ROUND_ALL & ~asked;
    unsigned at = (unsigned)(seed % ITEMS);
    size_t count = 0;
    if (open == 0) { /* a full mask is never stored; should one be, a round begins */
        open = SERVQUAL_ROUND_ALL;
    }
    for (int i = 0; i < ITEMS && count < SERVQUAL_PER_CONTACT; i++) {
        if (open & servqual_round_bit((int)at + 1)) {
            ret_items[count++] = (int)at + 1;
        }
        at = (at + STRIDE) % ITEMS;
    }
    return count;
}

uint32_t servqual_round_bit(int item)
{
    return item >= 1 && item <= ITEMS ? UINT32_C(1) << item : 0;
}
