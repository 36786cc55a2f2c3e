/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/points_account_store.h"

#include "common/domain/identifier.h"
#include "services/loyalty/points_entry_row.h"

/* Whom: k, by number or by a reference under its sources; c, those of them who are known. OFFSET 0
 * keeps each look-up by its key. */
#define WHOM                                                                                       \
    "WITH k AS MATERIALIZED (SELECT $1::int2 AS bucket, $2::int8 AS number WHERE $2 <> 0"          \
    " UNION SELECT (f.customer_number & 255)::int2, f.customer_number"                             \
    " FROM unnest($3::int2[], $4::text[]) AS s (bucket, source)"                                   \
    " CROSS JOIN LATERAL (SELECT r.customer_number FROM intake.customer_reference_public AS r"     \
    " WHERE r.bucket = s.bucket AND r.source = s.source AND r.reference = $5 OFFSET 0) AS f),"     \
    " c AS MATERIALIZED (SELECT o.* FROM k CROSS JOIN LATERAL"                                     \
    " (SELECT p.* FROM intake.customer_public AS p"                                                \
    " WHERE p.bucket = k.bucket AND p.number = k.number OFFSET 0) AS o)"

/* Those who are the same person: the one who is followed, and all who follow. Sums of what has run
 * out and is not yet written off, and of what will soon. */
/* The statement does not stand well in columns. */
/* clang-format off */
#define BALANCE(of)                                                                                \
    "(SELECT e.balance FROM loyalty.points_entry AS e"                                             \
    " WHERE e.bucket = " of ".bucket AND e.customer_number = " of ".number"                        \
    " ORDER BY e.number DESC LIMIT 1)"
#define LEFT                                                                                       \
    "(SELECT sum(e.points_left)::int8 FROM loyalty.points_entry AS e"                              \
    " WHERE e.bucket = c.bucket AND e.customer_number = c.number AND e.points_left > 0"

static const struct db_query points_account = {
    "points_account",
    WHOM
    " SELECT c.number, c.is_erased, coalesce(" BALANCE("c") ", 0),"
    " coalesce(" LEFT " AND e.expires_at <= $6), 0),"
    " coalesce(" LEFT " AND e.expires_at > $6 AND e.expires_at <= $7), 0),"
    " coalesce((SELECT sum(" BALANCE("m") ")::int8 FROM"
    " (SELECT o.bucket, o.number FROM intake.customer_public AS o"
    " WHERE o.bucket = (c.merged_into & 255)::int2 AND o.number = c.merged_into"
    " UNION ALL SELECT o.bucket, o.number FROM intake.customer_public AS o"
    " WHERE (c.merged_into IS NOT NULL OR c.follower_count > 0)"
    " AND o.merged_into = coalesce(c.merged_into, c.number) AND o.number <> c.number) AS m), 0)"
    " FROM c ORDER BY c.number LIMIT 2",
    DB_ROWS};
/* clang-format on */

static const struct db_query points_account_entries = {
    "points_account_entries",
    WHOM " SELECT " POINTS_ENTRY_COLUMNS
         ", e.balance FROM c CROSS JOIN LATERAL (SELECT o.* FROM loyalty.points_entry AS o"
         " WHERE o.bucket = c.bucket AND o.customer_number = c.number"
         " ORDER BY o.number DESC LIMIT 50) AS e WHERE NOT c.is_erased"
         " ORDER BY e.customer_number, e.number DESC",
    DB_ROWS};
_Static_assert(POINTS_ENTRIES_MAX == 50, "as the statement says");

static void put_whom(struct db_params *p, const struct points_asked *asked)
{
    struct db_array buckets, names;

    db_array_init(&buckets, DB_INT2);
    db_array_init(&names, DB_TEXT);
    for (size_t i = 0; asked->customer == 0 && i < db_row_count(asked->sources); i++) {
        int32_t id = (int32_t)db_get_int(asked->sources, i, 0);
        db_array_add_int(&buckets, identifier_bucket_of_reference(id, asked->reference));
        db_array_add_text(&names, db_get_text(asked->sources, i, 1));
    }
    db_put_int2(p, identifier_bucket(asked->customer));
    db_put_int8(p, asked->customer);
    db_put_array(p, &buckets);
    db_put_array(p, &names);
    db_put_text(p, asked->customer == 0 ? asked->reference : "");
    db_array_free(&buckets);
    db_array_free(&names);
}

void points_account_ask(struct db *db, const struct points_asked *asked)
{
    struct db_params p = {.count = 0};

    put_whom(&p, asked);
    db_query(db, &points_account_entries, &p);
    db_put_time(&p, asked->now_us);
    db_put_time(&p, asked->now_us + POINTS_SOON_US);
    db_query(db, &points_account, &p);
    db_params_free(&p);
}

void points_account_take(const struct db_reply *reply, struct points_found *ret)
{
    const struct db_rows *entries = reply->rows[0];
    const struct db_rows *account = reply->rows[1];

    *ret = (struct points_found){.customers = db_row_count(account)};
    if (ret->customers != 1) {
        return;
    }
    ret->customer = db_get_int(account, 0, 0);
    ret->is_erased = db_get_bool(account, 0, 1);
    ret->balance = db_get_int(account, 0, 2) - db_get_int(account, 0, 3);
    ret->soon = db_get_int(account, 0, 4);
    ret->elsewhere = db_get_int(account, 0, 5);
    for (size_t i = 0; i < db_row_count(entries) && i < POINTS_ENTRIES_MAX; i++) {
        ret->entries[i] = points_entry_row(entries, i);
        ret->entries[i].balance = db_get_int(entries, i, POINTS_ENTRY_COLUMN_COUNT);
        ret->count++;
    }
}
