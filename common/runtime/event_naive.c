/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/event_naive.h"

#ifdef TROTH_CRASH_POINTS

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/event_aside.h"

enum {
    COLUMN_NUMBER = 5
};

struct event_naive_head {
    char stream[EVENT_STREAM_SIZE];
    int64_t bucket, seq;
};

void event_naive_free(struct event_naive *n)
{
    free(n->heads);
}

void event_naive_find(struct event_naive *n, const struct db_rows *rows)
{
    if (n->capacity < db_row_count(rows)) {
        n->capacity = db_row_count(rows);
        n->heads = xreallocarray(n->heads, n->capacity, sizeof(*n->heads));
    }
    n->count = db_row_count(rows);
    for (size_t row = 0; row < n->count; row++) {
        struct event_naive_head *h = &n->heads[row];
        (void)text_copy(h->stream, sizeof(h->stream), db_get_text(rows, row, 0));
        h->bucket = db_get_int(rows, row, 1);
        h->seq = db_get_int(rows, row, 3);
    }
}

static bool was_there(const struct event_naive *n, const struct db_rows *rows, size_t row)
{
    for (size_t i = 0; i < n->count; i++) {
        if (n->heads[i].bucket == db_get_int(rows, row, 1) &&
            strcmp(n->heads[i].stream, db_get_text(rows, row, 0)) == 0) {
            return db_get_int(rows, row, 3) <= n->heads[i].seq;
        }
    }
    return false;
}

void event_naive_read(struct event_naive *n, const struct db_rows *rows, size_t limit)
{
    n->newest = n->last;
    for (size_t row = 0; db_row_count(rows) < limit && row < db_row_count(rows); row++) {
        int64_t number = db_get_int(rows, row, COLUMN_NUMBER);
        if (number > n->newest && was_there(n, rows, row)) {
            n->newest = number;
        }
    }
}

bool event_naive_misses(const struct event_naive *n, const struct db_rows *rows, size_t row)
{
    return db_get_int(rows, row, COLUMN_NUMBER) < n->last;
}

void event_naive_commit(struct event_naive *n)
{
    n->last = n->newest;
}

#endif
