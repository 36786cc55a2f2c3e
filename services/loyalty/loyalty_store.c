/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loyalty_store.c
 *
 * OFFSET and DISTINCT keep each look-up by its key: joined as a whole, a plan that was made for a
 * small table would read a large one from end to end.
 */
#include "services/loyalty/loyalty_store.h"

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"
#include "services/loyalty/evidence_store.h"

static const struct db_query read_scores = {
    .name = "loyalty_read_scores",
    .sql = "SELECT s.* FROM unnest($1::int2[], $2::int8[]) AS k (bucket, customer_number)"
           " CROSS JOIN LATERAL (SELECT o.customer_number, o.version, o.index_hundredths, o.churn,"
           " o.churn_level, o.tier, o.is_trust_broken, o.trust, o.first_purchase_at,"
           " o.last_purchase_at, o.purchase_days, o.currency, o.seen_at, o.changed_at,"
           " o.evaluated_at, o.next_change_at FROM loyalty.customer_score AS o"
           " WHERE o.bucket = k.bucket AND o.customer_number = k.customer_number OFFSET 0) AS s",
    .shape = DB_ROWS,
};

static const struct db_query read_sums = {
    .name = "loyalty_read_sums",
    .sql = "SELECT s.* FROM unnest($1::int2[], $2::int8[]) AS k (bucket, customer_number)"
           " CROSS JOIN LATERAL (SELECT o.customer_number, o.measure, o.count, o.weight, o.value"
           " FROM loyalty.score_sum AS o"
           " WHERE o.bucket = k.bucket AND o.customer_number = k.customer_number OFFSET 0) AS s",
    .shape = DB_ROWS,
};

static const struct db_query read_things = {
    .name = "loyalty_read_things",
    .sql = "SELECT " EVIDENCE_COLUMNS " FROM unnest($1::int2[], $2::int8[], $3::int2[], $4::int8[])"
           " AS k (bucket, customer_number, kind, subject)"
           " CROSS JOIN LATERAL (SELECT DISTINCT ON (o.part) o.* FROM loyalty.score_evidence AS o"
           " WHERE o.bucket = k.bucket AND o.customer_number = k.customer_number"
           " AND o.kind = k.kind AND o.subject = k.subject"
           " ORDER BY o.part DESC, o.version DESC) AS e",
    .shape = DB_ROWS,
};

static const struct db_query read_cases = {
    .name = "loyalty_read_cases",
    .sql = "SELECT " EVIDENCE_COLUMNS " FROM unnest($1::int2[], $2::int8[], $3::int8[])"
           " AS k (bucket, customer_number, case_number)"
           " CROSS JOIN LATERAL (SELECT DISTINCT ON (o.kind, o.subject) o.*"
           " FROM loyalty.score_evidence AS o"
           " WHERE o.bucket = k.bucket AND o.customer_number = k.customer_number"
           " AND o.case_number = k.case_number AND o.kind IN (2, 4)"
           " ORDER BY o.kind, o.subject, o.version DESC) AS e",
    .shape = DB_ROWS,
};

/* Those who follow a customer of the batch after a merge, in whatever bucket: the index that finds
 * them has nobody else. Erased customers count for nobody. */
#define OTHERS                                                                                     \
    " FROM unnest($1::int2[], $2::int8[]) AS k (bucket, customer_number)"                          \
    " CROSS JOIN LATERAL (SELECT c.bucket, c.number FROM intake.customer_public AS c"              \
    " WHERE c.merged_into = k.customer_number AND NOT c.is_erased OFFSET 0) AS m"

static const struct db_query read_other_scores = {
    .name = "loyalty_read_other_scores",
    .sql = "SELECT k.customer_number, s.first_purchase_at, s.last_purchase_at, s.purchase_days,"
           " s.currency, s.seen_at" OTHERS
           " CROSS JOIN LATERAL (SELECT * FROM loyalty.customer_score AS o"
           " WHERE o.bucket = m.bucket AND o.customer_number = m.number OFFSET 0) AS s",
    .shape = DB_ROWS,
};

static const struct db_query read_other_sums = {
    .name = "loyalty_read_other_sums",
    .sql = "SELECT k.customer_number, s.measure, s.count, s.weight, s.value" OTHERS
           " CROSS JOIN LATERAL (SELECT * FROM loyalty.score_sum AS o"
           " WHERE o.bucket = m.bucket AND o.customer_number = m.number OFFSET 0) AS s",
    .shape = DB_ROWS,
};

/* Without from_at every purchase is needed. */
static const struct db_query read_purchases = {
    .name = "loyalty_read_purchases",
    .sql = "SELECT " EVIDENCE_COLUMNS " FROM unnest($1::int2[], $2::int8[], $3::timestamptz[])"
           " AS k (bucket, customer_number, from_at)"
           " CROSS JOIN LATERAL (SELECT FROM loyalty.customer_score AS o"
           " WHERE o.bucket = k.bucket AND o.customer_number = k.customer_number"
           " AND (k.from_at IS NULL OR o.last_purchase_at >= k.from_at) OFFSET 0) AS s"
           " CROSS JOIN LATERAL (SELECT DISTINCT ON (o.kind, o.subject) o.*"
           " FROM loyalty.score_evidence AS o"
           " WHERE o.bucket = k.bucket AND o.customer_number = k.customer_number"
           " AND o.kind IN (9, 10) ORDER BY o.kind, o.subject, o.version DESC) AS e",
    .shape = DB_ROWS,
};

/* ---- asking */

static void ask_customers(struct db *db, const struct loyalty_fold *fold)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8};
    struct db_columns keys;
    struct db_params params = {.count = 0};
    const int64_t *customers;
    size_t count = loyalty_fold_customers(fold, &customers);

    db_columns_init(&keys, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&keys.array[0], identifier_bucket(customers[i]));
        db_array_add_int(&keys.array[1], customers[i]);
    }
    db_columns_put(&keys, &params);
    db_query(db, &read_scores, &params);
    db_query(db, &read_sums, &params);
    db_query(db, &read_other_scores, &params);
    db_query(db, &read_other_sums, &params);
    db_params_free(&params);
}

static void ask_things(struct db *db, const struct loyalty_fold *fold)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_INT2, DB_INT8};
    struct db_columns keys;
    const struct fold_thing *things;
    size_t count = loyalty_fold_things(fold, &things);

    db_columns_init(&keys, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&keys.array[0], identifier_bucket(things[i].customer));
        db_array_add_int(&keys.array[1], things[i].customer);
        db_array_add_int(&keys.array[2], things[i].kind);
        db_array_add_int(&keys.array[3], things[i].subject);
    }
    db_columns_query(&keys, db, &read_things);
}

static void ask_cases(struct db *db, const struct loyalty_fold *fold)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_INT8};
    struct db_columns keys;
    const struct fold_case *cases;
    size_t count = loyalty_fold_cases(fold, &cases);

    db_columns_init(&keys, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&keys.array[0], identifier_bucket(cases[i].customer));
        db_array_add_int(&keys.array[1], cases[i].customer);
        db_array_add_int(&keys.array[2], cases[i].service_case);
    }
    db_columns_query(&keys, db, &read_cases);
}

static void ask_purchases(struct db *db, const struct loyalty_fold *fold)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_TIME};
    struct db_columns keys;
    const struct fold_purchases *list;
    size_t count = loyalty_fold_purchases(fold, &list);

    db_columns_init(&keys, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&keys.array[0], identifier_bucket(list[i].customer));
        db_array_add_int(&keys.array[1], list[i].customer);
        db_array_add_time(&keys.array[2], list[i].from_us); /* INT64_MIN is DB_NO_TIME */
    }
    db_columns_query(&keys, db, &read_purchases);
}

void loyalty_store_read(struct db *db, const struct loyalty_fold *fold)
{
    ask_customers(db, fold);
    ask_things(db, fold);
    ask_cases(db, fold);
    ask_purchases(db, fold);
}

/* ---- learning */

static void learn_score(const struct db_rows *rows, size_t row, struct loyalty_fold *fold)
{
    struct customer_score s = {
        .customer = db_get_int(rows, row, 0),
        .version = db_get_int(rows, row, 1),
        .index_hundredths = (int32_t)db_get_int(rows, row, 2),
        .churn = db_get_float8(rows, row, 3),
        .standing.churn_level = (enum churn_level)db_get_int(rows, row, 4),
        .standing.tier = (enum tier)db_get_int(rows, row, 5),
        .standing.is_trust_broken = db_get_bool(rows, row, 6),
        .trust = db_get_float8(rows, row, 7),
        .first_purchase_us = db_get_time(rows, row, 8),
        .last_purchase_us = db_get_time(rows, row, 9),
        .purchase_days = (int32_t)db_get_int(rows, row, 10),
        .seen_us = db_get_time(rows, row, 12),
        .changed_us = db_get_time(rows, row, 13),
        .evaluated_us = db_get_time(rows, row, 14),
        .next_change_us = db_is_null(rows, row, 15) ? INT64_MAX : db_get_time(rows, row, 15),
    };

    (void)text_copy(s.currency, sizeof(s.currency), db_get_text(rows, row, 11));
    loyalty_fold_learn_score(fold, &s);
}

static void learn_sum(const struct db_rows *rows, size_t row, struct loyalty_fold *fold)
{
    const struct measure_sum sum = {
        .count = db_get_int(rows, row, 2),
        .weight = db_get_float8(rows, row, 3),
        .value = db_get_float8(rows, row, 4),
    };

    loyalty_fold_learn_sum(fold, db_get_int(rows, row, 0), (enum measure)db_get_int(rows, row, 1),
                           &sum);
}

static void learn_other_score(const struct db_rows *rows, size_t row, struct loyalty_fold *fold)
{
    struct account other = account_empty;

    other.first_purchase_us = db_get_time(rows, row, 1); /* NULL is INT64_MIN */
    other.last_purchase_us = db_get_time(rows, row, 2);
    other.purchase_days = (int32_t)db_get_int(rows, row, 3);
    (void)text_copy(other.currency, sizeof(other.currency), db_get_text(rows, row, 4));
    other.seen_us = db_get_time(rows, row, 5);
    loyalty_fold_learn_other(fold, db_get_int(rows, row, 0), &other);
}

static void learn_other_sum(const struct db_rows *rows, size_t row, struct loyalty_fold *fold)
{
    struct account other = account_empty;
    int64_t m = db_get_int(rows, row, 1);

    if (m < 1 || m >= MEASURE_END) {
        return;
    }
    other.sums[m] = (struct measure_sum){
        .count = db_get_int(rows, row, 2),
        .weight = db_get_float8(rows, row, 3),
        .value = db_get_float8(rows, row, 4),
    };
    loyalty_fold_learn_other(fold, db_get_int(rows, row, 0), &other);
}

void loyalty_store_take(const struct db_rows *const *rows, struct loyalty_fold *fold)
{
    for (size_t i = 0; i < db_row_count(rows[0]); i++) {
        learn_score(rows[0], i, fold);
    }
    for (size_t i = 0; i < db_row_count(rows[1]); i++) {
        learn_sum(rows[1], i, fold);
    }
    for (size_t i = 0; i < db_row_count(rows[2]); i++) {
        learn_other_score(rows[2], i, fold);
    }
    for (size_t i = 0; i < db_row_count(rows[3]); i++) {
        learn_other_sum(rows[3], i, fold);
    }
    for (size_t set = 4; set < LOYALTY_STORE_SETS; set++) { /* things, cases, purchases */
        for (size_t i = 0; i < db_row_count(rows[set]); i++) {
            const struct evidence e = evidence_store_take(rows[set], i, 0);
            loyalty_fold_learn_evidence(fold, &e);
        }
    }
}
