/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/points_account_store.h"

#include "services/loyalty/points_entry_row.h"

/* c: those of k who are known. */
#define WHOM                                                                                       \
    SCORE_WHOM                                                                                     \
    ", c AS MATERIALIZED (SELECT o.* FROM k CROSS JOIN LATERAL"                                    \
    " (SELECT p.* FROM intake.customer_public AS p"                                                \
    " WHERE p.bucket = k.bucket AND p.number = k.number OFFSET 0) AS o)"

/* Those who are the same person: the one who is followed, and all who follow. Sums of what has run
 * out and is not yet written off, which no balance that is said has, and of what will soon. */
/* The statement does not stand well in columns. */
/* clang-format off */
#define BALANCE(of)                                                                                \
    "(SELECT e.balance FROM loyalty.points_entry AS e"                                             \
    " WHERE e.bucket = " of ".bucket AND e.customer_number = " of ".number"                        \
    " ORDER BY e.number DESC LIMIT 1)"
#define LEFT(of)                                                                                   \
    "(SELECT sum(e.points_left)::int8 FROM loyalty.points_entry AS e"                              \
    " WHERE e.bucket = " of ".bucket AND e.customer_number = " of ".number AND e.points_left > 0"
#define SPENDABLE(of)                                                                              \
    "coalesce(" BALANCE(of) ", 0) - coalesce(" LEFT(of) " AND e.expires_at <= $6), 0)"

static const struct db_query points_account = {
    "points_account",
    WHOM
    " SELECT c.number, c.is_erased, " SPENDABLE("c") ","
    " coalesce(" LEFT("c") " AND e.expires_at > $6 AND e.expires_at <= $7), 0),"
    " coalesce((SELECT sum(" SPENDABLE("m") ")::int8 FROM"
    " (SELECT o.bucket, o.number, o.is_erased FROM intake.customer_public AS o"
    " WHERE o.bucket = (c.merged_into & 255)::int2 AND o.number = c.merged_into"
    " UNION ALL SELECT o.bucket, o.number, o.is_erased FROM intake.customer_public AS o"
    " WHERE (c.merged_into IS NOT NULL OR c.follower_count > 0)"
    " AND o.merged_into = coalesce(c.merged_into, c.number) AND o.number <> c.number) AS m"
    " WHERE NOT m.is_erased), 0)"
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

/* The sets of rows of the answer, in this order. */
enum {
    SET_ENTRIES = SCORE_WHOM_SETS,
    SET_ACCOUNT,
};

void points_account_ask(struct db *db, const struct score_whom *whom, int64_t now_us)
{
    struct db_params p = {.count = 0};

    score_whom_put(&p, whom);
    score_whom_begin(db);
    db_query(db, &points_account_entries, &p);
    db_put_time(&p, now_us);
    db_put_time(&p, now_us + POINTS_SOON_US);
    db_query(db, &points_account, &p);
    db_commit(db);
    db_params_free(&p);
}

void points_account_take(const struct db_reply *reply, struct points_found *ret)
{
    const struct db_rows *entries = reply->rows[SET_ENTRIES];
    const struct db_rows *account = reply->rows[SET_ACCOUNT];

    *ret = (struct points_found){.customers = db_row_count(account)};
    if (ret->customers != 1) {
        return;
    }
    ret->customer = db_get_int(account, 0, 0);
    ret->is_erased = db_get_bool(account, 0, 1);
    ret->balance = db_get_int(account, 0, 2);
    ret->soon = db_get_int(account, 0, 3);
    ret->elsewhere = db_get_int(account, 0, 4);
    for (size_t i = 0; i < db_row_count(entries) && i < POINTS_ENTRIES_MAX; i++) {
        ret->entries[i] = points_entry_row(entries, i);
        ret->entries[i].balance = db_get_int(entries, i, POINTS_ENTRY_COLUMN_COUNT);
        ret->count++;
    }
}
