/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/answer_rhythm_store.h"

#include "common/base/compiler.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"

/* What intake has by now (state 2) is left out. Sorted: rows are locked in one order. */
static const struct db_query refuse = {
    "answer_rhythm_store_refuse",
    "INSERT INTO followup.customer_rhythm AS y (bucket, customer_number, last_refusal_at,"
    " refusal_keys, refusal_purposes)"
    " SELECT n.bucket, n.customer, max(n.at), array_agg(n.key) FILTER (WHERE n.key IS NOT NULL),"
    " array_agg(n.purpose) FILTER (WHERE n.key IS NOT NULL)"
    " FROM unnest($1::int2[], $2::int8[], $3::timestamptz[], $4::text[], $5::int2[])"
    " AS n (bucket, customer, at, key, purpose)"
    " GROUP BY n.bucket, n.customer ORDER BY n.bucket, n.customer"
    " ON CONFLICT (bucket, customer_number) DO UPDATE SET"
    " last_refusal_at = greatest(y.last_refusal_at, excluded.last_refusal_at),"
    " (refusal_keys, refusal_purposes) = (SELECT array_agg(k.key), array_agg(k.purpose) FROM ("
    "SELECT k.key, k.purpose FROM unnest(y.refusal_keys, y.refusal_purposes) AS k (key, purpose)"
    " WHERE EXISTS (SELECT FROM followup.record_outbox AS o"
    " WHERE o.bucket = y.bucket AND o.key = k.key AND o.state <> 2)"
    " UNION SELECT k.key, k.purpose"
    " FROM unnest(excluded.refusal_keys, excluded.refusal_purposes) AS k (key, purpose)) AS k)",
    DB_NONE,
};

void answer_rhythm_store_put_refusals(struct db *db, const struct answer_refusal *list,
                                      size_t count)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_TIME, DB_TEXT, DB_INT2};
    struct db_columns c;
    if (count == 0) {
        return;
    }
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&c.array[0], identifier_bucket(list[i].customer));
        db_array_add_int(&c.array[1], list[i].customer);
        db_array_add_time(&c.array[2], list[i].refused_us);
        if (list[i].key[0]) {
            db_array_add_text(&c.array[3], list[i].key);
            db_array_add_int(&c.array[4], list[i].purpose);
        } else {
            db_array_add_null(&c.array[3]);
            db_array_add_null(&c.array[4]);
        }
    }
    db_columns_query(&c, db, &refuse);
}
