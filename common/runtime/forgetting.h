/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forgetting.h - deletes rows that were kept long enough, for jobs named "retention".
 *
 * By the pages of the table, in small transactions with pauses as long as each one took: an index
 * on the age would cost every row something, and rows lie about in the order in which they came.
 * May be stopped at any point, and run twice at once. What is kept how long: deploy/RETENTION.md.
 */
#ifndef TROTH_COMMON_RUNTIME_FORGETTING_H
#define TROTH_COMMON_RUNTIME_FORGETTING_H

#include "common/runtime/db.h"
#include "common/runtime/service.h"

/* $1, $2: pages; $3: the instant before which rows are old, in business time. */
#define FORGETTING_SQL(table, condition)                                                           \
    "WITH gone AS (DELETE FROM " table " WHERE ctid >= format('(%s,0)', $1::int8)::tid"            \
    " AND ctid < format('(%s,0)', $2::int8)::tid AND (" condition ") RETURNING 1)"                 \
    " SELECT (SELECT count(*) FROM gone),"                                                         \
    " pg_relation_size('" table "') / current_setting('block_size')::int8"

struct forgetting {
    const char *setting;          /* "keep_disclosures" */
    int64_t keep_us;              /* 0: for good */
    int64_t least_us;             /* less is refused: somebody needs them */
    const char *what;             /* for people: "disclosures" */
    const struct db_query *query; /* of FORGETTING_SQL */
};

/* All of them, and prints a line of each. 0 or -1; being asked to stop is no failure. */
MUST_CHECK int forgetting_run(struct service *s, struct db *db, const struct forgetting *list,
                              size_t count, struct err *err);

#endif
