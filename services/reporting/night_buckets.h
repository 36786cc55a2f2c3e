/* SPDX-License-Identifier: Apache-2.0 */
/*
 * night_buckets.h - tasks that are the same few statements for every bucket of customers, a few
 * buckets in one transaction.
 *
 * Each statement takes the first so many of: $1 the buckets (int2[]), $2 the day (text), $3 its end
 * (the first instant of the next one), $4 business time now, $5 the time zone.
 */
#ifndef TROTH_REPORTING_NIGHT_BUCKETS_H
#define TROTH_REPORTING_NIGHT_BUCKETS_H

#include <stddef.h>

#include "services/reporting/night_task.h"

enum {
    NIGHT_STATEMENTS_MAX = 4
};

struct night_statement {
    const struct db_query *query; /* DB_NONE */
    int params;                   /* 1 to 5 */
};

struct night_plan {
    struct night_statement statements[NIGHT_STATEMENTS_MAX]; /* ended by a NULL query */
    int slice;                                               /* buckets at a time; divides 256 */
};

/* For the functions of a struct night_task. plan is borrowed for ever. */
void *night_buckets_begin(const struct night_plan *plan, const struct night_world *world,
                          const struct night_range *range);
bool night_buckets_ask(void *work, struct db *db);
enum night_step night_buckets_take(void *work, const struct db_reply *reply);
void night_buckets_end(void *work);

#endif
