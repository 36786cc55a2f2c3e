/* SPDX-License-Identifier: Apache-2.0 */
/* report_store.h - what the stores behind reports have in common: one snapshot, what is behind,
 * whom a reference means. */
#ifndef TROTH_REPORTING_REPORT_STORE_H
#define TROTH_REPORTING_REPORT_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"

/* Queues BEGIN and makes it one read-only snapshot; the caller queues questions and db_commit().
 * Its own set of rows stands before those of the questions. */
void report_store_begin(struct db *db);
#define REPORT_STORE_FIRST 1

/* SQL: how many events a consumer of these services has not applied yet. */
#define REPORT_STORE_BEHIND(consumer, services)                                                    \
    "(SELECT coalesce(sum(h.seq - coalesce(c.seq, 0)), 0)::int8 FROM log.head AS h"                \
    " LEFT JOIN log.consumer_cursor AS c"                                                          \
    " ON c.consumer = " consumer " AND c.stream = h.stream AND c.bucket = h.bucket"                \
    " WHERE split_part(h.stream, '.', 1) IN (" services ") AND h.seq > coalesce(c.seq, 0))"

/* Queues the question how many events the figures are behind; one row with one int8. */
void report_store_ask_behind(struct db *db);

/* Who has this reference, in two steps because its bucket is a hash over the number of the source:
 * first the sources that may be meant (source "": any), then the customers. */
void report_store_ask_sources(struct db *db, const char *source);
void report_store_ask_reference(struct db *db, const struct db_rows *sources,
                                const char *reference);
/* How many customers were found (2: two or more); *ret_number is one of them. */
size_t report_store_take_reference(const struct db_rows *rows, int64_t *ret_number);

/* A copy of a text in a row; NULL when it is null or empty. */
char *report_store_text(const struct db_rows *rows, size_t row, int column);

#endif
