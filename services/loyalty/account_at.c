/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/account_at.h"

#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/xalloc.h"
#include "services/loyalty/score_past.h"

#define BROUGHT_IN_AFTER_US (7 * DURATION_DAY)

struct account_builder {
    const struct evidence **things; /* the version of each that counts */
    size_t capacity;
};

int64_t evidence_known_us(const struct evidence *e)
{
    return e->recorded_us - e->at_us > BROUGHT_IN_AFTER_US ? e->at_us : e->recorded_us;
}

struct account_builder *account_builder_new(void)
{
    return xcalloc(1, sizeof(struct account_builder));
}

void account_builder_free(struct account_builder *b)
{
    if (b) {
        free(b->things);
        free(b);
    }
}

static bool is_same_thing(const struct evidence *a, const struct evidence *b)
{
    return a->kind == b->kind && a->subject == b->subject && a->part == b->part;
}

static size_t collect(struct account_builder *b, const struct evidence *rows, size_t count,
                      int64_t known_us)
{
    size_t things = 0;
    if (count > b->capacity) {
        b->capacity = count;
        b->things = xreallocarray(b->things, count, sizeof(const struct evidence *));
    }
    for (size_t from = 0, till; from < count; from = till) {
        const struct evidence *newest = NULL;
        for (till = from; till < count && is_same_thing(&rows[from], &rows[till]); till++) {
            if (evidence_known_us(&rows[till]) <= known_us) {
                newest = &rows[till];
            }
        }
        if (newest) {
            b->things[things++] = newest;
        }
    }
    return things;
}

void account_at(struct account_builder *b, const struct evidence *rows, size_t count,
                const struct score_policy *policy, int64_t known_us, struct account *ret)
{
    size_t things = collect(b, rows, count, known_us);
    *ret = score_past_account(policy, b->things, things);
}
