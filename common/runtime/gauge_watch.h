/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gauge_watch.h - numbers of /metrics that only the database knows, such as how old a queue's
 * oldest row is: asked every now and then, on a connection of its own, never when somebody asks
 * for /metrics.
 *
 * Its connection gives up after 2 s, so that watching neither waits behind work nor
 * holds it up. What could not be read is METRICS_NONE until it can be again.
 * troth_watch_last_read_timestamp_seconds says when all of it was read last.
 */
#ifndef TROTH_COMMON_RUNTIME_GAUGE_WATCH_H
#define TROTH_COMMON_RUNTIME_GAUGE_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "common/runtime/service.h"

enum {
    GAUGE_COLUMNS_MAX = 12,
};

/* For a column in microseconds: the age of an instant; 0 where there is none. */
#define GAUGE_AGE(now, at)                                                                         \
    "coalesce(greatest(0, extract(epoch FROM " now " - " at ") * 1000000), 0)::bigint"

/* A column of an answer, int8: SQL NULL is METRICS_NONE. */
struct gauge_column {
    const char *name, *help;
    bool is_micro;   /* in microseconds or millionths */
    bool is_counter; /* since the server was started or its statistics were reset */
};

/* A question without parameters, or with one: business time. All of it is static. Ended in a list
 * by a NULL query. */
struct gauge_question {
    const struct db_query *query; /* DB_ONE; with a label DB_ROWS of few rows */
    const char *label;            /* its value is the first column, a text; NULL: none */
    bool wants_now;
    struct gauge_column columns[GAUGE_COLUMNS_MAX]; /* ended by a NULL name, or full */
};

struct gauge_watch;

/* Asks at once and then every common->watch_us. s outlives it. is_ours(ctx) says whether this
 * process is to ask now (of several, one): while it is not, all is METRICS_NONE; NULL: always. */
struct gauge_watch *gauge_watch_new(const struct service *s, const struct gauge_question *questions,
                                    bool (*is_ours)(const void *ctx), const void *ctx);
void gauge_watch_free(struct gauge_watch *w); /* NULL is fine */

#endif
