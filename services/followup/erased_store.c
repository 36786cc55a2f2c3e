/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/erased_store.h"

#define CUSTOMERS "unnest($1::int2[], $2::int8[]) AS k (bucket, number)"

/* Intake would refuse them; one that is being sent at this moment ends there. */
static const struct db_query answers = {
    "erased_store_answers",
    "DELETE FROM followup.record_outbox AS o USING " CUSTOMERS
    " JOIN followup.follow_up AS f ON f.bucket = k.bucket AND f.customer_number = k.number"
    " WHERE o.bucket = f.bucket AND o.follow_up_number = f.number",
    DB_NONE,
};

/* The same number has the same handle when the person comes back as somebody new. */
static const struct db_query handles = {
    "erased_store_handles",
    "UPDATE followup.follow_up_attempt AS a SET number_handle = NULL FROM " CUSTOMERS
    " WHERE a.bucket = k.bucket AND a.customer_number = k.number AND a.number_handle IS NOT NULL",
    DB_NONE,
};

void erased_store_put(struct db *db, const struct plan_keys *customers)
{
    struct db_params p = {.count = 0};
    if (customers->numbers.count == 0) {
        return;
    }
    db_put_array(&p, &customers->buckets);
    db_put_array(&p, &customers->numbers);
    db_query(db, &answers, &p);
    db_query(db, &handles, &p);
    db_params_free(&p);
}
