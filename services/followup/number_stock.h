/* SPDX-License-Identifier: Apache-2.0 */
/* number_stock.h - numbers for new follow-ups: blocks of counters that are ours alone, asked for
 * before they are needed. What a process leaves unused is never given again. */
#ifndef TROTH_SERVICES_FOLLOWUP_NUMBER_STOCK_H
#define TROTH_SERVICES_FOLLOWUP_NUMBER_STOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"

/* Start with {0}. */
struct number_stock {
    int64_t *blocks; /* first counters */
    size_t count, capacity;
    int64_t used; /* of the first block */
};

/* Queues the question for enough blocks for so many numbers; its rows are the next set of the step,
 * for number_stock_load(). False: there are enough, and nothing was queued. */
bool number_stock_ask(const struct number_stock *s, struct db *db, size_t needed);
void number_stock_load(struct number_stock *s, const struct db_rows *rows);

/* A number in that bucket. More than were asked for is our bug. */
int64_t number_stock_take(struct number_stock *s, int16_t bucket);

void number_stock_free(struct number_stock *s);

#endif
