/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_naive.h - a control of the test build (make CRASH=1, TROTH_CRASH_CONTROL=naive_cursor): the
 * reader of events that everybody writes first, `WHERE number > last ORDER BY number`.
 *
 * A number is given when a row is written, and seen when its transaction commits: who writes first
 * may commit last, below a number that the reader has passed. The log has no such number; that of
 * the writing transaction is one. The reader of the control keeps the greatest that it has seen, of
 * all streams and buckets together, and takes whatever turns up below it for seen: its cursor moves
 * over it, and its effect is never made. Checkers must find that.
 *
 * Only a round that read all there was moves the mark, and only up to what stood there when the
 * round began: a batch that ends early misses nothing. A process that starts again has no mark.
 *
 * Any other build has nothing of it.
 */
#ifndef TROTH_COMMON_RUNTIME_EVENT_NAIVE_H
#define TROTH_COMMON_RUNTIME_EVENT_NAIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"

struct event_naive {
    int64_t last;                   /* the mark */
    int64_t newest;                 /* what the round under way will make of it */
    struct event_naive_head *heads; /* what stood there when it began */
    size_t count, capacity;
};

void event_naive_free(struct event_naive *n);

/* A round: what event_log_find_behind() answered, what event_log_read() answered (limit: how many
 * events the round may have), which of these rows are missed, and that it was committed. */
void event_naive_find(struct event_naive *n, const struct db_rows *rows);
void event_naive_read(struct event_naive *n, const struct db_rows *rows, size_t limit);
bool event_naive_misses(const struct event_naive *n, const struct db_rows *rows, size_t row);
void event_naive_commit(struct event_naive *n);

#endif
