/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/rhythm_store.h"

#include <stdlib.h>

#include "common/base/compiler.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"
#include "services/followup/servqual_round.h"

/* greatest() passes over NULL. */
static const struct db_query put = {
    "rhythm_store_put",
    "INSERT INTO followup.customer_rhythm AS r"
    " (bucket, customer_number, last_contact_at, last_purchase_at, last_refusal_at,"
    " servqual_asked)"
    " SELECT * FROM unnest($1::int2[], $2::int8[], $3::timestamptz[], $4::timestamptz[],"
    " $5::timestamptz[], $6::int4[]) ORDER BY 1, 2" /* all writers lock rows in one order */
    " ON CONFLICT (bucket, customer_number) DO UPDATE"
    " SET last_contact_at = greatest(r.last_contact_at, excluded.last_contact_at),"
    " last_purchase_at = greatest(r.last_purchase_at, excluded.last_purchase_at),"
    " last_refusal_at = greatest(r.last_refusal_at, excluded.last_refusal_at),"
    " servqual_asked = CASE WHEN r.servqual_asked | excluded.servqual_asked = $7 THEN 0"
    " ELSE r.servqual_asked | excluded.servqual_asked END"
    " WHERE excluded.last_contact_at"
    " > coalesce(r.last_contact_at, '-infinity') + interval '1 hour'"
    " OR excluded.last_purchase_at > coalesce(r.last_purchase_at, '-infinity') + interval '1 hour'"
    " OR excluded.last_refusal_at > coalesce(r.last_refusal_at, '-infinity')"
    " OR excluded.servqual_asked & ~r.servqual_asked <> 0",
    DB_NONE,
};

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b; /* DB_NO_TIME is before all others */
}

void rhythm_list_add(struct rhythm_list *l, const struct rhythm_beat *beat)
{
    size_t place = plan_index_first(&l->by_customer, beat->customer);
    if (place != PLAN_INDEX_END) {
        struct rhythm_beat *b = &l->items[place];
        b->contact_us = later(b->contact_us, beat->contact_us);
        b->purchase_us = later(b->purchase_us, beat->purchase_us);
        b->refusal_us = later(b->refusal_us, beat->refusal_us);
        b->servqual |= beat->servqual;
        return;
    }
    if (l->count == l->capacity) {
        l->capacity = l->capacity > 0 ? 2 * l->capacity : 64;
        l->items = xreallocarray(l->items, l->capacity, sizeof(*l->items));
    }
    l->items[l->count++] = *beat;
    plan_index_add(&l->by_customer, beat->customer);
}

void rhythm_list_clear(struct rhythm_list *l)
{
    l->count = 0;
    plan_index_clear(&l->by_customer);
}

void rhythm_list_free(struct rhythm_list *l)
{
    free(l->items);
    plan_index_free(&l->by_customer);
    *l = (struct rhythm_list){.items = NULL};
}

void rhythm_store_put(struct db *db, const struct rhythm_list *list)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_TIME, DB_TIME, DB_TIME, DB_INT4};
    struct db_columns c;
    struct db_params p = {.count = 0};
    if (list->count == 0) {
        return;
    }
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < list->count; i++) {
        const struct rhythm_beat *b = &list->items[i];
        db_array_add_int(&c.array[0], identifier_bucket(b->customer));
        db_array_add_int(&c.array[1], b->customer);
        db_array_add_time(&c.array[2], b->contact_us);
        db_array_add_time(&c.array[3], b->purchase_us);
        db_array_add_time(&c.array[4], b->refusal_us);
        db_array_add_int(&c.array[5], (int64_t)b->servqual);
    }
    db_columns_put(&c, &p);
    db_put_int4(&p, SERVQUAL_ROUND_ALL);
    db_query(db, &put, &p);
    db_params_free(&p);
}
