/* SPDX-License-Identifier: Apache-2.0 */
/* score_find_store.h - who is meant: the customers of a segment, those whose index fell, the
 * sources of a reference; and the trust of groups. Each ..._ask queues one statement. */
#ifndef TROTH_LOYALTY_SCORE_FIND_STORE_H
#define TROTH_LOYALTY_SCORE_FIND_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/loyalty/score_question.h"

/* Which sources may be meant; "": all. A reference's bucket is a hash over the number of its
 * source, so they have to be known first: score_store.h takes the rows. */
void score_find_ask_sources(struct db *db, const char *source);

/* Customers who follow another by a merge are left out: their survivor is in the list. */
void score_find_ask_segment(struct db *db, const struct score_segment *segment, int32_t limit);
void score_find_ask_fallen(struct db *db, int64_t since_us, int32_t limit);

/* Of a segment or of those who fell, in their order: fills at most SCORE_LIST_MAX and returns how
 * many. */
size_t score_find_take(const struct db_rows *rows, int64_t ret_customers[static SCORE_LIST_MAX]);
/* Of those who fell: by how much, in hundredths, below 0; by their place in the list. */
int32_t score_find_fall(const struct db_rows *rows, size_t place);

/* factor: what a forward sum has to be multiplied with to be what it counts now (decay.h). */
void score_find_ask_groups(struct db *db, int32_t grouping, double factor, int32_t limit);

struct score_group {
    const char *name; /* borrowed from the rows; "" of the company */
    int64_t kept, late, broken;
    double weight, value; /* forward sums */
};
struct score_group score_find_group(const struct db_rows *rows, size_t row);

#endif
