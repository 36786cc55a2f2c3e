/* SPDX-License-Identifier: Apache-2.0 */
/* points_sweep_store.c - the part of points_store.h for what time does. */
#include "services/loyalty/points_store.h"

/* Bucket by bucket, so that each look-up goes by the index. */
static const struct db_query points_due = {
    "points_due",
    "SELECT DISTINCT d.customer_number FROM unnest($1::int2[]) AS k (bucket)"
    " CROSS JOIN LATERAL"
    "      (SELECT e.customer_number FROM loyalty.points_entry AS e"
    "        WHERE e.bucket = k.bucket AND e.points_left > 0 AND e.expires_at <= $2"
    "        ORDER BY e.expires_at LIMIT $3) AS d"
    " WHERE NOT EXISTS"
    "       (SELECT FROM log.head AS h LEFT JOIN log.consumer_cursor AS c"
    "            ON (c.consumer, c.stream, c.bucket) = ('loyalty', h.stream, h.bucket)"
    "         WHERE h.bucket = k.bucket AND h.stream LIKE 'intake.%'"
    "           AND h.seq > coalesce(c.seq, 0))"
    " LIMIT $3",
    DB_ROWS};

void points_store_ask_due(struct db *db, const struct db_array *buckets, int64_t until_us,
                          int64_t limit)
{
    struct db_params params = {.count = 0};

    db_put_array(&params, buckets);
    db_put_time(&params, until_us - POINTS_GRACE_US);
    db_put_int8(&params, limit);
    db_query(db, &points_due, &params);
    db_params_free(&params);
}
