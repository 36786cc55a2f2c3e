/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_backlog.h"

#include <stdlib.h>

#include "common/base/hash_table.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"

/* One that holds nothing is forgotten. */
struct source {
    int32_t id;
    struct intake_load holds;
    UT_hash_handle hh;
};

struct intake_backlog {
    struct source *sources;
    struct intake_load total;
};

struct intake_backlog *intake_backlog_new(void)
{
    return xcalloc(1, sizeof(struct intake_backlog));
}

/* NOLINTNEXTLINE(readability-function-size): of uthash */
static void forget(struct intake_backlog *b, struct source *s)
{
    HASH_DELETE(hh, b->sources, s); /* NOLINT(clang-analyzer-*): uthash keeps 'sources' */
    free(s);
}

void intake_backlog_free(struct intake_backlog *b)
{
    struct source *s, *next;
    if (!b) {
        return;
    }
    HASH_ITER(hh, b->sources, s, next)
    {
        forget(b, s);
    }
    free(b);
}

struct intake_load intake_backlog_total(const struct intake_backlog *b)
{
    return b->total;
}

/* NOLINTNEXTLINE(readability-function-size): of uthash */
static struct source *find(const struct intake_backlog *b, int32_t source_id)
{
    struct source *s = NULL;
    HASH_FIND(hh, b->sources, &source_id, sizeof(source_id), s);
    return s;
}

static size_t left_of(size_t most, size_t used)
{
    return most > used ? most - used : 0; /* a reload may have made it smaller */
}

bool intake_backlog_has_room(const struct intake_backlog *b, int32_t source_id, size_t more_bytes,
                             struct intake_load most)
{
    const struct source *s = find(b, source_id);
    const struct intake_load held = s ? s->holds : (struct intake_load){0};
    return held.records < left_of(most.records, b->total.records) &&
           held.bytes + more_bytes <= left_of(most.bytes, b->total.bytes);
}

/* NOLINTNEXTLINE(readability-function-size): of uthash */
void intake_backlog_add(struct intake_backlog *b, int32_t source_id, struct intake_load more)
{
    struct source *s = find(b, source_id);
    if (!s) {
        s = xcalloc(1, sizeof(*s));
        s->id = source_id;
        HASH_ADD(hh, b->sources, id, sizeof(source_id), s);
    }
    s->holds.records += more.records;
    s->holds.bytes += more.bytes;
    b->total.records += more.records;
    b->total.bytes += more.bytes;
}

void intake_backlog_remove(struct intake_backlog *b, int32_t source_id, struct intake_load less)
{
    struct source *s = find(b, source_id);
    if (!s || s->holds.records < less.records || s->holds.bytes < less.bytes) {
        BUG("a source gives back what it does not hold");
    }
    s->holds.records -= less.records;
    s->holds.bytes -= less.bytes;
    b->total.records -= less.records;
    b->total.bytes -= less.bytes;
    if (s->holds.records == 0) {
        forget(b, s);
    }
}
