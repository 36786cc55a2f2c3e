/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/points_store.h"

#include "common/base/compiler.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"
#include "services/loyalty/points_entry_row.h"

/* ---- reading */

static const struct db_query points_read_newest = {
    "points_read_newest",
    "SELECT k.customer_number, n.number, n.balance, n.owed"
    "  FROM unnest($1::int2[], $2::int8[]) AS k (bucket, customer_number)"
    "  CROSS JOIN LATERAL"
    "       (SELECT e.number, e.balance, e.owed FROM loyalty.points_entry AS e"
    "         WHERE (e.bucket, e.customer_number) = (k.bucket, k.customer_number)"
    "         ORDER BY e.number DESC LIMIT 1) AS n",
    DB_ROWS};

#define ENTRY "SELECT " POINTS_ENTRY_COLUMNS
/* OFFSET keeps each look-up by its key, as in loyalty_store.c: joined as a whole, all entries were
 * read for each batch. */
#define OF_CUSTOMER                                                                                \
    " CROSS JOIN LATERAL (SELECT o.* FROM loyalty.points_entry AS o"                               \
    "   WHERE (o.bucket, o.customer_number) = (k.bucket, k.customer_number)"

/* Each by an index of its own: entries of the subjects; what ran out; and of who pays, or might,
 * all that can be spent, and all redemptions that were refused, which never run out. */
static const struct db_query points_read_entries = {
    "points_read_entries",
    ENTRY " FROM unnest($5::int2[], $6::int8[], $7::int8[]) AS k (bucket, customer_number, "
          "subject)" OF_CUSTOMER " AND o.subject = k.subject OFFSET 0) AS e"
          " UNION " ENTRY " FROM unnest($1::int2[], $2::int8[], $3::timestamptz[])"
          "      AS k (bucket, customer_number, until)" OF_CUSTOMER
          " AND o.points_left > 0 AND o.expires_at <= k.until OFFSET 0) AS e"
          " UNION " ENTRY " FROM unnest($1::int2[], $2::int8[], $4::bool[]) AS k (bucket, "
          "customer_number, wants_all)" OF_CUSTOMER " AND o.points_left > 0 OFFSET 0) AS e"
          " WHERE k.wants_all OR EXISTS"
          "       (SELECT FROM loyalty.points_entry AS r"
          "         WHERE (r.bucket, r.customer_number) = (k.bucket, k.customer_number)"
          "           AND r.points_left > 0 AND r.kind = 5 AND r.expires_at IS NULL OFFSET 0)",
    DB_ROWS};

static void put_accounts(struct points_batch *b, struct db_columns *newest,
                         struct db_columns *entries)
{
    struct points_account *accounts;
    size_t count = points_batch_accounts(b, &accounts);

    for (size_t i = 0; i < count; i++) {
        int64_t customer = accounts[i].ledger.customer;
        db_array_add_int(&newest->array[0], identifier_bucket(customer));
        db_array_add_int(&newest->array[1], customer);
        db_array_add_int(&entries->array[0], identifier_bucket(customer));
        db_array_add_int(&entries->array[1], customer);
        db_array_add_time(&entries->array[2], accounts[i].until_us - POINTS_GRACE_US);
        db_array_add_bool(&entries->array[3], accounts[i].wants_all);
    }
}

void points_store_read(struct db *db, struct points_batch *b)
{
    static const enum db_type account_types[] = {DB_INT2, DB_INT8, DB_TIME, DB_BOOL};
    static const enum db_type subject_types[] = {DB_INT2, DB_INT8, DB_INT8};
    struct db_columns newest, entries, subjects;
    struct db_params params = {.count = 0};
    const struct points_fact *facts;
    size_t count = points_batch_facts(b, &facts);

    db_columns_init(&newest, account_types, 2);
    db_columns_init(&entries, account_types, ARRAY_LEN(account_types));
    db_columns_init(&subjects, subject_types, ARRAY_LEN(subject_types));
    put_accounts(b, &newest, &entries);
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&subjects.array[0], identifier_bucket(facts[i].customer));
        db_array_add_int(&subjects.array[1], facts[i].customer);
        db_array_add_int(&subjects.array[2], facts[i].subject);
    }
    db_columns_query(&newest, db, &points_read_newest);
    db_columns_put(&entries, &params);
    db_columns_put(&subjects, &params);
    db_query(db, &points_read_entries, &params);
    db_params_free(&params);
}

struct points_entry points_entry_row(const struct db_rows *rows, size_t row)
{
    return (struct points_entry){
        .subject = db_get_int(rows, row, 1),
        .kind = (enum points_kind)db_get_int(rows, row, 2),
        .number = db_get_int(rows, row, 3),
        .points = db_get_int(rows, row, 4),
        .left = db_get_int(rows, row, 5),
        .at_us = db_get_time(rows, row, 6),
        .expires_us = db_is_null(rows, row, 7) ? POINTS_NEVER : db_get_time(rows, row, 7),
        .of = points_subject_named(db_get_text(rows, row, 8)),
        .stream = db_get_text(rows, row, 9),
        .seq = db_get_int(rows, row, 10),
    };
}

void points_store_take(const struct db_rows *const *rows, struct points_batch *b)
{
    for (size_t i = 0; i < db_row_count(rows[0]); i++) {
        struct points_ledger *l = points_batch_find(b, db_get_int(rows[0], i, 0));
        if (l != NULL) {
            l->number = db_get_int(rows[0], i, 1);
            l->balance = db_get_int(rows[0], i, 2);
            l->owed = db_get_int(rows[0], i, 3);
        }
    }
    for (size_t i = 0; i < db_row_count(rows[1]); i++) {
        struct points_ledger *l = points_batch_find(b, db_get_int(rows[1], i, 0));
        const struct points_entry entry = points_entry_row(rows[1], i);
        if (l != NULL) {
            points_ledger_learn(l, &entry);
        }
    }
}

/* ---- writing */

static const struct db_query points_write_entries = {
    "points_write_entries",
    "INSERT INTO loyalty.points_entry (bucket, customer_number, subject, kind, number, points,"
    "       points_left, balance, owed, at, expires_at, reason, event_stream, event_seq)"
    " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]), unnest($4::int2[]),"
    "      unnest($5::int8[]), unnest($6::int8[]), unnest($7::int8[]), unnest($8::int8[]),"
    "      unnest($9::int8[]), unnest($10::timestamptz[]), unnest($11::timestamptz[]),"
    "      unnest($12::text[]), unnest($13::text[]), unnest($14::int8[])",
    DB_NONE};

static const struct db_query points_write_left = {
    "points_write_left",
    "UPDATE loyalty.points_entry AS e SET points_left = u.points_left"
    "  FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int2[], $5::int8[])"
    "       AS u (bucket, customer_number, subject, kind, points_left)"
    " WHERE (e.bucket, e.customer_number, e.subject, e.kind)"
    "       = (u.bucket, u.customer_number, u.subject, u.kind)",
    DB_NONE};

static void put_key(struct db_columns *to, const struct points_ledger *l,
                    const struct points_entry *e)
{
    db_array_add_int(&to->array[0], identifier_bucket(l->customer));
    db_array_add_int(&to->array[1], l->customer);
    db_array_add_int(&to->array[2], e->subject);
    db_array_add_int(&to->array[3], e->kind);
}

static void put_entry(struct db_columns *to, const struct points_ledger *l,
                      const struct points_entry *e)
{
    put_key(to, l, e);
    db_array_add_int(&to->array[4], e->number);
    db_array_add_int(&to->array[5], e->points);
    db_array_add_int(&to->array[6], e->left);
    db_array_add_int(&to->array[7], e->balance);
    db_array_add_int(&to->array[8], e->owed);
    db_array_add_time(&to->array[9], e->at_us);
    if (e->expires_us == POINTS_NEVER) {
        db_array_add_null(&to->array[10]);
    } else {
        db_array_add_time(&to->array[10], e->expires_us);
    }
    db_array_add_text(&to->array[11], points_subject_name(e->of));
    db_array_add_text(&to->array[12], e->stream);
    db_array_add_int(&to->array[13], e->seq);
}

static size_t send(struct db_columns *columns, struct db *db, const struct db_query *query)
{
    if (db_columns_rows(columns) == 0) {
        db_columns_free(columns);
        return 0;
    }
    db_columns_query(columns, db, query);
    return 1;
}

size_t points_store_write(struct db *db, struct points_batch *b)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_INT8, DB_INT2, DB_INT8,
                                         DB_INT8, DB_INT8, DB_INT8, DB_INT8, DB_TIME,
                                         DB_TIME, DB_TEXT, DB_TEXT, DB_INT8};
    struct db_columns entries, left;
    struct points_account *accounts;
    size_t count = points_batch_accounts(b, &accounts);

    db_columns_init(&entries, types, ARRAY_LEN(types));
    db_columns_init(&left, types, 5);
    for (size_t i = 0; i < count; i++) {
        const struct points_ledger *l = &accounts[i].ledger;
        for (size_t k = 0; k < l->count; k++) {
            const struct points_entry *e = &l->entries[k];
            if (e->is_new) {
                put_entry(&entries, l, e);
            } else if (e->is_changed) {
                put_key(&left, l, e);
                db_array_add_int(&left.array[4], e->left);
            }
        }
    }
    return send(&entries, db, &points_write_entries) + send(&left, db, &points_write_left);
}
