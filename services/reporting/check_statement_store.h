/* SPDX-License-Identifier: Apache-2.0 */
/* check_statement_store.h - of what the statements of check_facts_store.c, check_case_facts_store.c
 * and check_loyalty_facts_store.c are made. */
#ifndef TROTH_REPORTING_CHECK_STATEMENT_STORE_H
#define TROTH_REPORTING_CHECK_STATEMENT_STORE_H

#include "common/runtime/db.h"

/* $1: buckets of the lane; $2 and $3: from, until; $4: the zone. A source says of each thing that
 * counts: which measure (below 0: it is taken off), when, in which branch, and what it adds to the
 * sum: check_sum_of(). */
#define FACTS(sources)                                                                             \
    "SELECT abs(f.measure), (f.at AT TIME ZONE $4)::date - DATE '1970-01-01',"                     \
    " coalesce(f.branch, ''), sum(sign(f.measure))::int8,"                                         \
    " mod(coalesce(sum(f.adds), 0)::numeric, 4611686018427387904)::int8 FROM "                     \
    "(" sources ") AS f (measure, at, branch, adds)"                                               \
    " WHERE f.at >= $2 AND f.at < $3 GROUP BY 1, 2, 3"
#define ALSO " UNION ALL "
/* An interval in microseconds. */
#define US(from, to) "greatest(0, extract(epoch FROM " to " - " from ") * 1000000)::int8"

/* A case that was taken back counts nowhere. */
#define CASES(measure, at, adds, where)                                                            \
    "SELECT " #measure ", c." at ", c.branch, " adds " FROM intake.service_case_public AS c"       \
    " WHERE c.bucket = ANY ($1::int2[]) AND c.state <> 7" where
#define OF_CASES(table, short, measure, at, adds, where)                                           \
    "SELECT " #measure ", " at ", c.branch, " adds " FROM intake." table                           \
    " AS " short " JOIN intake.service_case_public AS c ON c.bucket "                              \
                 "= " short ".bucket"                                                              \
                            " AND c.number = " short ".case_number AND "                           \
                                                     "c.state <> 7"                                \
                                                     " WHERE " short ".buck"                       \
                                                                     "et = "                       \
                                                                     "ANY "                        \
                                                                     "($1::"                       \
                                                                     "int2["                       \
                                                                     "]) "                         \
                                                                     "AND "                        \
                                                                     "NOT"                         \
                                                                     " " short ".is_void" where

#define RESOLVED " AND c.state IN (5, 6) AND c.joined_case IS NULL AND c.resolved_at IS NOT NULL"

/* Queues the statements about cases, each with $1 to $5: buckets, from, until, zone, and the return
 * window in microseconds. */
enum {
    CHECK_CASE_SETS = 3
};
void check_case_facts_ask(struct db *db, const struct db_params *params);
/* Likewise, one set: quantiles, of all buckets of a lane at once. */
void check_case_durations_ask(struct db *db, const struct db_params *params);

/* Of purchases and of moves of the index, tier, risk and trust. */
extern const struct db_query check_loyalty_facts;
/* The last day on which loyalty started over; none: before all others. */
void check_told_again_ask(struct db *db, const char *time_zone);
int64_t check_told_again_take(const struct db_rows *rows);

#endif
