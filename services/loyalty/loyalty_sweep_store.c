/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/loyalty_sweep_store.h"

/* Bucket by bucket, so that each look-up goes by the index. */
static const struct db_query due = {
    .name = "loyalty_sweep_due",
    .sql = "SELECT d.customer_number FROM unnest($1::int2[]) AS k (bucket)"
           " CROSS JOIN LATERAL (SELECT s.customer_number FROM loyalty.customer_score AS s"
           " WHERE s.bucket = k.bucket AND s.next_change_at <= $2"
           " ORDER BY s.next_change_at LIMIT $3) AS d LIMIT $3",
    .shape = DB_ROWS,
};

static const struct db_query requested = {
    .name = "loyalty_sweep_requested",
    .sql = "SELECT r.customer_number FROM loyalty.look_request AS r"
           " WHERE r.bucket = ANY ($1::int2[]) LIMIT $2",
    .shape = DB_ROWS,
};

static const struct db_query outdated = {
    .name = "loyalty_sweep_outdated",
    .sql = "SELECT s.customer_number FROM loyalty.customer_score AS s"
           " WHERE s.bucket = $1 AND s.customer_number > $2 AND s.fit_id <> $3"
           " ORDER BY s.customer_number LIMIT $4",
    .shape = DB_ROWS,
};

/* Locked in the order of who makes them. */
static const struct db_query take_requests = {
    .name = "loyalty_sweep_take_requests",
    .sql = "WITH held AS (SELECT r.bucket, r.customer_number FROM loyalty.look_request AS r"
           " JOIN unnest($1::int2[], $2::int8[]) AS k (bucket, customer_number)"
           " ON r.bucket = k.bucket AND r.customer_number = k.customer_number"
           " ORDER BY 1, 2 FOR UPDATE OF r),"
           " gone AS (DELETE FROM loyalty.look_request AS r USING held AS h"
           " WHERE r.bucket = h.bucket AND r.customer_number = h.customer_number RETURNING 1)"
           " SELECT count(*) FROM gone",
    .shape = DB_HIDDEN,
};

void loyalty_sweep_store_ask_due(struct db *db, const struct db_array *buckets, int64_t now_us,
                                 int64_t limit)
{
    struct db_params params = {.count = 0};

    db_put_array(&params, buckets);
    db_put_time(&params, now_us);
    db_put_int8(&params, limit);
    db_query(db, &due, &params);
    db_params_clear(&params);
    db_put_array(&params, buckets);
    db_put_int8(&params, limit);
    db_query(db, &requested, &params);
    db_params_free(&params);
}

void loyalty_sweep_store_ask_outdated(struct db *db, int16_t bucket, int64_t after, int64_t fit_id,
                                      int64_t limit)
{
    struct db_params params = {.count = 0};

    db_put_int2(&params, bucket);
    db_put_int8(&params, after);
    db_put_int8(&params, fit_id);
    db_put_int8(&params, limit);
    db_query(db, &outdated, &params);
    db_params_free(&params);
}

void loyalty_sweep_store_take_requests(struct db *db, const struct db_array *buckets,
                                       const struct db_array *customers)
{
    struct db_params params = {.count = 0};

    db_put_array(&params, buckets);
    db_put_array(&params, customers);
    db_query(db, &take_requests, &params);
    db_params_free(&params);
}
