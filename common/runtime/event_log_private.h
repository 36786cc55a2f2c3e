/* SPDX-License-Identifier: Apache-2.0 */
/* event_log_private.h - the questions that readers of the log put to it: event_consumer.c, and
 * intake's record of all its events. The SQL stands in event_log.c. */
#ifndef TROTH_COMMON_RUNTIME_EVENT_LOG_PRIVATE_H
#define TROTH_COMMON_RUNTIME_EVENT_LOG_PRIVATE_H

#include "common/runtime/db.h"

/* A place in the log: the cursor stands at `from`, the batch goes up to `to`. */
struct event_position {
    const char *stream; /* borrowed */
    int16_t bucket;
    int64_t from, to;
    bool is_cut; /* a gap follows */
};

struct event_question {
    const char *consumer;
    const struct db_array *streams; /* text */
    const struct db_array *lanes;   /* int2: bucket % lane_count is one of them */
    size_t lane_count;
    const struct event_position
        *after; /* begin with what follows it, so that every place gets its turn */
    size_t limit;
};

/* Queues "where is the consumer behind?". Rows: (stream text, bucket int2, from int8, head int8),
 * at most limit. */
void event_log_find_behind(struct db *db, const struct event_question *q);

struct event_read {
    size_t limit, limit_each; /* in all, the first places first; of each */
    bool is_all;              /* in the closed parts of the log, too; else in the newest alone */
};
/* Queues "the events after `from` at these places".
 * Rows: (stream text, bucket int2, from int8, seq int8, body bytea), ordered by stream, bucket and
 * seq. */
void event_log_read(struct db *db, const struct event_position *places, size_t count,
                    const struct event_read *how);
/* Whether places whose heads are ahead lack their next event in such rows: numbers have no gaps, so
 * it stands in a closed part. */
bool event_log_is_short(const struct db_rows *rows, size_t count, size_t limit);

/* Queues the move of the cursors; it has no set of rows. */
void event_log_advance(struct db *db, const char *consumer, const struct event_position *positions,
                       size_t count);

#endif
