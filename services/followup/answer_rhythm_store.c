/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/answer_rhythm_store.h"

#include <stdlib.h>

#include "common/base/compiler.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"

/* State 2: intake has it. */
#define IS_SMALLER                                                                                 \
    "(y.refusal_purpose = 0 AND excluded.refusal_purpose <> 0"                                     \
    " AND EXISTS (SELECT FROM followup.record_outbox AS o"                                         \
    " WHERE o.bucket = y.bucket AND o.key = y.refusal_key AND o.state <> 2))"

static const struct db_query refuse = {
    "answer_rhythm_store_refuse",
    "INSERT INTO followup.customer_rhythm AS y (bucket, customer_number, last_refusal_at,"
    " refusal_key, refusal_purpose)"
    " SELECT * FROM unnest($1::int2[], $2::int8[], $3::timestamptz[], $4::text[], $5::int2[])"
    " ON CONFLICT (bucket, customer_number) DO UPDATE SET"
    " last_refusal_at = greatest(y.last_refusal_at, excluded.last_refusal_at),"
    " refusal_key = CASE WHEN excluded.refusal_key IS NULL OR " IS_SMALLER
    " THEN y.refusal_key ELSE excluded.refusal_key END,"
    " refusal_purpose = CASE WHEN excluded.refusal_key IS NULL OR " IS_SMALLER
    " THEN y.refusal_purpose ELSE excluded.refusal_purpose END",
    DB_NONE,
};

/* By bucket, then by number. */
static int compare_customers(int64_t a, int64_t b)
{
    int16_t in_a = identifier_bucket(a);
    int16_t in_b = identifier_bucket(b);
    if (in_a != in_b) {
        return in_a < in_b ? -1 : 1;
    }
    return a < b ? -1 : a > b;
}

static int compare_refusals(const void *a, const void *b)
{
    const struct answer_refusal *x = a;
    const struct answer_refusal *y = b;
    return compare_customers(x->customer, y->customer);
}

void answer_rhythm_store_put_refusals(struct db *db, struct answer_refusal *list, size_t count)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_TIME, DB_TEXT, DB_INT2};
    struct db_columns c;
    if (count == 0) {
        return;
    }
    qsort(list, count, sizeof(*list), compare_refusals);
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
