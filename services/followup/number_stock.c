/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/number_stock.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/followup/followup_store.h"

static size_t left(const struct number_stock *s)
{
    return s->count * FOLLOWUP_NUMBERS_PER_BLOCK - (size_t)s->used;
}

bool number_stock_ask(const struct number_stock *s, struct db *db, size_t needed)
{
    if (left(s) >= needed) {
        return false;
    }
    size_t missing = needed - left(s);
    followup_store_put_number_blocks(
        db, (int32_t)((missing + FOLLOWUP_NUMBERS_PER_BLOCK - 1) / FOLLOWUP_NUMBERS_PER_BLOCK));
    return true;
}

void number_stock_load(struct number_stock *s, const struct db_rows *rows)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        if (s->count == s->capacity) {
            s->capacity = s->capacity > 0 ? 2 * s->capacity : 8;
            s->blocks = xreallocarray(s->blocks, s->capacity, sizeof(*s->blocks));
        }
        s->blocks[s->count++] = followup_store_get_number_block(rows, i);
    }
}

int64_t number_stock_take(struct number_stock *s, int16_t bucket)
{
    if (s->count == 0) {
        BUG("more numbers were taken than asked for");
    }
    int64_t number = identifier_make(s->blocks[0] + s->used, bucket);
    if (++s->used == FOLLOWUP_NUMBERS_PER_BLOCK) {
        memmove(s->blocks, s->blocks + 1, (s->count - 1) * sizeof(*s->blocks));
        s->count--;
        s->used = 0;
    }
    return number;
}

void number_stock_free(struct number_stock *s)
{
    free(s->blocks);
    *s = (struct number_stock){.blocks = NULL};
}
