/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_zone_store.c - SQL over followup.follow_up by zone_version.
 *
 * "Another release" is two ranges, below and above it, for the index has an order and no "other
 * than". The state is FOLLOW_UP_PLANNED, the rest is that of the partial index.
 */
#include "services/followup/followup_zone_store.h"

#include "services/followup/followup_row_store.h"

#define IS_OF_ANOTHER_RELEASE                                                                      \
    " f.local_due IS NOT NULL AND f.state IN (1, 2) AND f.state = 1"                               \
    " AND (f.zone_version < $2 OR f.zone_version > $2)"

static const struct db_query buckets_of = {
    "followup_zone_store_buckets",
    "SELECT b.bucket FROM unnest($1::int2[]) AS b (bucket) WHERE EXISTS ("
    " SELECT FROM followup.follow_up AS f WHERE f.bucket = b.bucket AND" IS_OF_ANOTHER_RELEASE ")"
    " ORDER BY b.bucket LIMIT $3",
    DB_ROWS,
};

static const struct db_query lock = {
    "followup_zone_store_lock",
    "SELECT " FOLLOWUP_STORE_COLUMNS " FROM followup.follow_up AS f"
    " WHERE f.bucket = $1 AND" IS_OF_ANOTHER_RELEASE
    " ORDER BY f.number LIMIT $3 FOR UPDATE SKIP LOCKED",
    DB_ROWS,
};

void followup_zone_store_put_buckets(struct db *db, const struct db_array *buckets,
                                     const char *version, int32_t limit)
{
    struct db_params p = {.count = 0};

    db_put_array(&p, buckets);
    db_put_text(&p, version);
    db_put_int4(&p, limit);
    db_query(db, &buckets_of, &p);
    db_params_free(&p);
}

int16_t followup_zone_store_get_bucket(const struct db_rows *r, size_t row)
{
    return (int16_t)db_get_int(r, row, 0);
}

void followup_zone_store_put_lock(struct db *db, int16_t bucket, const char *version, int32_t limit)
{
    struct db_params p = {.count = 0};

    db_put_int2(&p, bucket);
    db_put_text(&p, version);
    db_put_int4(&p, limit);
    db_query(db, &lock, &p);
    db_params_free(&p);
}
