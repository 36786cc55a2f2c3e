/* SPDX-License-Identifier: Apache-2.0 */
/* score_whom_store.h - the customers whom a question names, in a statement. */
#ifndef TROTH_LOYALTY_SCORE_WHOM_STORE_H
#define TROTH_LOYALTY_SCORE_WHOM_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"

/* All borrowed. */
struct score_whom {
    const int64_t *numbers; /* customers; count 0: by reference */
    size_t count;
    const struct db_rows *sources; /* answer of score_find_ask_sources(); NULL: by number */
    const char *reference;
};

/* A statement begins with it: k, their buckets and numbers; known to intake or not. OFFSET 0 keeps
 * each look-up by its key. Its parameters are the first five: */
#define SCORE_WHOM                                                                                 \
    "WITH k AS MATERIALIZED (SELECT u.bucket, u.number"                                            \
    " FROM unnest($1::int2[], $2::int8[]) AS u (bucket, number)"                                   \
    " UNION SELECT (f.customer_number & 255)::int2, f.customer_number"                             \
    " FROM unnest($3::int2[], $4::text[]) AS s (bucket, source)"                                   \
    " CROSS JOIN LATERAL (SELECT r.customer_number FROM intake.customer_reference_public AS r"     \
    " WHERE r.bucket = s.bucket AND r.source = s.source AND r.reference = $5 OFFSET 0) AS f)"
void score_whom_put(struct db_params *params, const struct score_whom *whom);

/* Begins a transaction that only reads, of one snapshot, and that does not plan each statement for
 * its parameters: that takes longer than to run it. Answered by so many sets of no rows. */
#define SCORE_WHOM_SETS 2
void score_whom_begin(struct db *db);

#endif
