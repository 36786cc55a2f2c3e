/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_outbox_store.h"

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"

static const struct db_query insert = {
    "followup_outbox_store_insert",
    "INSERT INTO followup.record_outbox (bucket, key, follow_up_number, record, state, code,"
    " added_at)"
    " SELECT n.bucket, n.key, n.number, n.record, 1, '', n.added_at"
    " FROM unnest($1::int2[], $2::text[], $3::int8[], $4::bytea[], $5::timestamptz[])"
    " AS n (bucket, key, number, record, added_at) ON CONFLICT (bucket, key) DO NOTHING",
    DB_NONE,
};

/* A clock that was set back makes answers come from the future, for a while: intake would only say
 * so. Left out, or the first of them would stand in the way of all others. */
static const struct db_query waiting = {
    "followup_outbox_store_waiting",
    "SELECT o.follow_up_number, o.key, o.record FROM followup.record_outbox AS o"
    " WHERE o.bucket = ANY ($1) AND o.state = 1 AND o.added_at <= $2"
    " ORDER BY o.bucket, o.key LIMIT $3",
    DB_ROWS,
};

/* Whom an answer is about was erased while it was on its way: nothing of it is kept. */
static const struct db_query erased = {
    "followup_outbox_store_erased",
    "DELETE FROM followup.record_outbox AS o"
    " USING unnest($2::text[], $3::text[]) AS n (key, code)"
    " WHERE o.bucket = $1 AND o.key = n.key AND o.state = 1 AND n.code = 'customer_erased'",
    DB_NONE,
};

static const struct db_query receipts = {
    "followup_outbox_store_receipts",
    "UPDATE followup.record_outbox AS o SET state = CASE WHEN n.code = '' THEN 2 ELSE 3 END,"
    " code = n.code, record = CASE WHEN n.code = '' THEN NULL ELSE o.record END, settled_at = $4"
    " FROM unnest($2::text[], $3::text[]) AS n (key, code)"
    " WHERE o.bucket = $1 AND o.key = n.key AND o.state = 1",
    DB_NONE,
};

void followup_outbox_store_put_insert(struct db *db, const struct followup_outbox_record *list,
                                      size_t count, int64_t now_us)
{
    static const enum db_type types[] = {DB_INT2, DB_TEXT, DB_INT8, DB_BYTES, DB_TIME};
    struct db_columns c;
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&c.array[0], identifier_bucket(list[i].follow_up));
        db_array_add_text(&c.array[1], list[i].key);
        db_array_add_int(&c.array[2], list[i].follow_up);
        db_array_add_bytes(&c.array[3], list[i].record);
        db_array_add_time(&c.array[4], now_us);
    }
    db_columns_query(&c, db, &insert);
}

void followup_outbox_store_put_waiting(struct db *db, const struct db_array *buckets,
                                       int64_t now_us, int32_t limit)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, buckets);
    db_put_time(&p, now_us);
    db_put_int4(&p, limit);
    db_query(db, &waiting, &p);
    db_params_free(&p);
}

void followup_outbox_store_get_waiting(const struct db_rows *r, size_t row,
                                       struct followup_outbox_record *ret)
{
    *ret = (struct followup_outbox_record){
        .follow_up = db_get_int(r, row, 0),
        .record = db_get_bytes(r, row, 2),
    };
    (void)text_copy(ret->key, sizeof(ret->key), db_get_text(r, row, 1));
}

static void put_receipts_of(struct db *db, int16_t bucket,
                            const struct followup_outbox_receipt *list, size_t count,
                            int64_t now_us)
{
    struct db_array keys;
    struct db_array codes;
    struct db_params p = {.count = 0};
    db_array_init(&keys, DB_TEXT);
    db_array_init(&codes, DB_TEXT);
    for (size_t i = 0; i < count; i++) {
        if (identifier_bucket(list[i].follow_up) == bucket) {
            db_array_add_text(&keys, list[i].key);
            db_array_add_text(&codes, list[i].code);
        }
    }
    db_put_int2(&p, bucket);
    db_put_array(&p, &keys);
    db_put_array(&p, &codes);
    db_query(db, &erased, &p);
    db_put_time(&p, now_us);
    db_query(db, &receipts, &p);
    db_params_free(&p);
    db_array_free(&keys);
    db_array_free(&codes);
}

void followup_outbox_store_put_receipts(struct db *db, const struct followup_outbox_receipt *list,
                                        size_t count, int64_t now_us)
{
    bool is_in[BUCKET_COUNT] = {false};
    for (size_t i = 0; i < count; i++) {
        is_in[identifier_bucket(list[i].follow_up)] = true;
    }
    for (int16_t bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        if (is_in[bucket]) {
            put_receipts_of(db, bucket, list, count, now_us);
        }
    }
}
