/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/loyalty_store.h"

#include <math.h>

#include "common/base/compiler.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"

/* ---- reading */

static const struct db_query read_customers = {
    .name = "loyalty_read_customers",
    .sql =
        "SELECT k.customer_number, a.kept, a.kept_late, a.broken, s.version,"
        " s.base_points, s.trust_points, s.satisfaction_points, s.recommendation_points,"
        " s.csat_count, s.csat_sum, s.nps_promoters, s.nps_passives, s.nps_detractors, s.changed_at"
        " FROM unnest($1::int2[], $2::int8[]) AS k (bucket, customer_number)"
        " JOIN loyalty.customer_score AS s USING (bucket, customer_number)"
        " JOIN loyalty.trust_account AS a USING (bucket, customer_number)",
    .shape = DB_ROWS,
};

static const struct db_query read_evidence = {
    .name = "loyalty_read_evidence",
    .sql = "SELECT e.customer_number, e.kind, e.subject, e.version, e.value, e.is_void"
           " FROM unnest($1::int2[], $2::int8[], $3::int2[], $4::int8[])"
           " AS k (bucket, customer_number, kind, subject)"
           " JOIN loyalty.score_evidence AS e USING (bucket, customer_number, kind, subject)",
    .shape = DB_ROWS,
};

void loyalty_store_read(struct db *db, struct loyalty_fold *fold)
{
    static const enum db_type key_types[] = {DB_INT2, DB_INT8, DB_INT2, DB_INT8};
    struct db_columns keys;
    struct loyalty_customer *customers;
    struct evidence *evidence;
    size_t count = loyalty_fold_customers(fold, &customers);

    db_columns_init(&keys, key_types, 2);
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&keys.array[0], identifier_bucket(customers[i].number));
        db_array_add_int(&keys.array[1], customers[i].number);
    }
    db_columns_query(&keys, db, &read_customers);

    count = loyalty_fold_evidence(fold, &evidence);
    db_columns_init(&keys, key_types, 4);
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&keys.array[0], identifier_bucket(evidence[i].customer));
        db_array_add_int(&keys.array[1], evidence[i].customer);
        db_array_add_int(&keys.array[2], evidence[i].kind);
        db_array_add_int(&keys.array[3], evidence[i].subject);
    }
    db_columns_query(&keys, db, &read_evidence);
}

static void take_customer(const struct db_rows *rows, size_t row, struct loyalty_fold *fold)
{
    struct loyalty_customer *c = loyalty_fold_find_customer(fold, db_get_int(rows, row, 0));

    if (c == NULL) {
        return;
    }
    c->account.kept = db_get_int(rows, row, 1);
    c->account.kept_late = db_get_int(rows, row, 2);
    c->account.broken = db_get_int(rows, row, 3);
    c->version = db_get_int(rows, row, 4);
    for (int i = 0; i < CONTRIBUTION_COUNT; i++) {
        c->index.hundredths[i] = (int32_t)lround(100.0 * db_get_float8(rows, row, 5 + i));
    }
    c->answers.csat_count = db_get_int(rows, row, 9);
    c->answers.csat_sum = db_get_int(rows, row, 10);
    c->answers.nps_promoters = db_get_int(rows, row, 11);
    c->answers.nps_passives = db_get_int(rows, row, 12);
    c->answers.nps_detractors = db_get_int(rows, row, 13);
    c->changed_us = db_get_time(rows, row, 14);
}

void loyalty_store_take(const struct db_reply *reply, struct loyalty_fold *fold)
{
    const struct db_rows *customers = reply->rows[0];
    const struct db_rows *evidence = reply->rows[1];

    for (size_t i = 0; i < db_row_count(customers); i++) {
        take_customer(customers, i, fold);
    }
    for (size_t i = 0; i < db_row_count(evidence); i++) {
        struct evidence *e = loyalty_fold_find_evidence(
            fold, db_get_int(evidence, i, 0), (enum evidence_kind)db_get_int(evidence, i, 1),
            db_get_int(evidence, i, 2));
        if (e != NULL) {
            e->version = db_get_int(evidence, i, 3);
            e->value = (int32_t)db_get_int(evidence, i, 4);
            e->is_void = db_get_bool(evidence, i, 5);
        }
    }
}

/* ---- writing */

static const struct db_query write_evidence = {
    .name = "loyalty_write_evidence",
    .sql = "INSERT INTO loyalty.score_evidence (bucket, customer_number, kind, subject,"
           " version, value, case_number, at, event_stream, event_seq, is_void)"
           " SELECT * FROM unnest($1::int2[], $2::int8[], $3::int2[], $4::int8[], $5::int8[],"
           " $6::int2[], $7::int8[], $8::timestamptz[], $9::text[], $10::int8[], $11::bool[])"
           " ON CONFLICT (bucket, customer_number, kind, subject) DO UPDATE"
           " SET version = excluded.version, value = excluded.value,"
           " case_number = excluded.case_number, at = excluded.at,"
           " event_stream = excluded.event_stream, event_seq = excluded.event_seq,"
           " is_void = excluded.is_void",
    .shape = DB_NONE,
};

static const struct db_query write_accounts = {
    .name = "loyalty_write_accounts",
    .sql = "INSERT INTO loyalty.trust_account (bucket, customer_number, kept, kept_late, broken)"
           " SELECT * FROM unnest($1::int2[], $2::int8[], $3::int4[], $4::int4[], $5::int4[])"
           " ON CONFLICT (bucket, customer_number) DO UPDATE"
           " SET kept = excluded.kept, kept_late = excluded.kept_late, broken = excluded.broken",
    .shape = DB_NONE,
};

static const struct db_query write_scores = {
    .name = "loyalty_write_scores",
    .sql = "INSERT INTO loyalty.customer_score (bucket, customer_number, version, index,"
           " base_points, trust_points, satisfaction_points, recommendation_points,"
           " csat_count, csat_sum, nps_promoters, nps_passives, nps_detractors, changed_at)"
           " SELECT * FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::float8[],"
           " $5::float8[], $6::float8[], $7::float8[], $8::float8[], $9::int4[], $10::int8[],"
           " $11::int4[], $12::int4[], $13::int4[], $14::timestamptz[])"
           " ON CONFLICT (bucket, customer_number) DO UPDATE"
           " SET version = excluded.version, index = excluded.index,"
           " base_points = excluded.base_points, trust_points = excluded.trust_points,"
           " satisfaction_points = excluded.satisfaction_points,"
           " recommendation_points = excluded.recommendation_points,"
           " csat_count = excluded.csat_count, csat_sum = excluded.csat_sum,"
           " nps_promoters = excluded.nps_promoters, nps_passives = excluded.nps_passives,"
           " nps_detractors = excluded.nps_detractors, changed_at = excluded.changed_at",
    .shape = DB_NONE,
};

static const struct db_query write_history = {
    .name = "loyalty_write_history",
    .sql = "INSERT INTO loyalty.score_history (bucket, customer_number, version, at,"
           " index_before, index, reason)"
           " SELECT * FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::timestamptz[],"
           " $5::float8[], $6::float8[], $7::text[])",
    .shape = DB_NONE,
};

static size_t put_evidence(struct db *db, struct loyalty_fold *fold)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_INT2, DB_INT8, DB_INT8, DB_INT2,
                                         DB_INT8, DB_TIME, DB_TEXT, DB_INT8, DB_BOOL};
    struct db_columns to;
    struct evidence *list;
    size_t count = loyalty_fold_evidence(fold, &list);

    db_columns_init(&to, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        const struct evidence *e = &list[i];
        if (!e->is_changed) {
            continue;
        }
        db_array_add_int(&to.array[0], identifier_bucket(e->customer));
        db_array_add_int(&to.array[1], e->customer);
        db_array_add_int(&to.array[2], e->kind);
        db_array_add_int(&to.array[3], e->subject);
        db_array_add_int(&to.array[4], e->version);
        db_array_add_int(&to.array[5], e->value);
        if (e->service_case == 0) {
            db_array_add_null(&to.array[6]);
        } else {
            db_array_add_int(&to.array[6], e->service_case);
        }
        db_array_add_time(&to.array[7], e->at_us);
        db_array_add_text(&to.array[8], e->stream);
        db_array_add_int(&to.array[9], e->seq);
        db_array_add_bool(&to.array[10], e->is_void);
    }
    db_columns_query(&to, db, &write_evidence);
    return 1;
}

static size_t put_customers(struct db *db, struct loyalty_fold *fold)
{
    static const enum db_type account_types[] = {DB_INT2, DB_INT8, DB_INT4, DB_INT4, DB_INT4};
    static const enum db_type score_types[] = {
        DB_INT2,   DB_INT8, DB_INT8, DB_FLOAT8, DB_FLOAT8, DB_FLOAT8, DB_FLOAT8,
        DB_FLOAT8, DB_INT4, DB_INT8, DB_INT4,   DB_INT4,   DB_INT4,   DB_TIME,
    };
    struct db_columns accounts, scores;
    struct loyalty_customer *list;
    size_t count = loyalty_fold_customers(fold, &list);

    db_columns_init(&accounts, account_types, ARRAY_LEN(account_types));
    db_columns_init(&scores, score_types, ARRAY_LEN(score_types));
    for (size_t i = 0; i < count; i++) {
        const struct loyalty_customer *c = &list[i];
        if (!c->is_changed) {
            continue;
        }
        db_array_add_int(&accounts.array[0], identifier_bucket(c->number));
        db_array_add_int(&accounts.array[1], c->number);
        db_array_add_int(&accounts.array[2], c->account.kept);
        db_array_add_int(&accounts.array[3], c->account.kept_late);
        db_array_add_int(&accounts.array[4], c->account.broken);
        db_array_add_int(&scores.array[0], identifier_bucket(c->number));
        db_array_add_int(&scores.array[1], c->number);
        db_array_add_int(&scores.array[2], c->version);
        db_array_add_float8(&scores.array[3], index_sum(&c->index));
        for (int k = 0; k < CONTRIBUTION_COUNT; k++) {
            db_array_add_float8(&scores.array[4 + k],
                                index_points(&c->index, (enum contribution)k));
        }
        db_array_add_int(&scores.array[8], c->answers.csat_count);
        db_array_add_int(&scores.array[9], c->answers.csat_sum);
        db_array_add_int(&scores.array[10], c->answers.nps_promoters);
        db_array_add_int(&scores.array[11], c->answers.nps_passives);
        db_array_add_int(&scores.array[12], c->answers.nps_detractors);
        db_array_add_time(&scores.array[13], c->changed_us);
    }
    db_columns_query(&accounts, db, &write_accounts);
    db_columns_query(&scores, db, &write_scores);
    return 2;
}

static size_t put_history(struct db *db, const struct loyalty_fold *fold)
{
    static const enum db_type types[] = {DB_INT2,   DB_INT8,   DB_INT8, DB_TIME,
                                         DB_FLOAT8, DB_FLOAT8, DB_TEXT};
    struct db_columns to;
    const struct index_change *list;
    size_t count = loyalty_fold_changes(fold, &list);

    db_columns_init(&to, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&to.array[0], identifier_bucket(list[i].customer));
        db_array_add_int(&to.array[1], list[i].customer);
        db_array_add_int(&to.array[2], list[i].version);
        db_array_add_time(&to.array[3], list[i].at_us);
        db_array_add_float8(&to.array[4], list[i].before);
        db_array_add_float8(&to.array[5], list[i].after);
        db_array_add_text(&to.array[6], contribution_name(list[i].reason));
    }
    db_columns_query(&to, db, &write_history);
    return 1;
}

size_t loyalty_store_write(struct db *db, struct loyalty_fold *fold)
{
    return put_evidence(db, fold) + put_customers(db, fold) + put_history(db, fold);
}
