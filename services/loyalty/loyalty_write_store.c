/* SPDX-License-Identifier: Apache-2.0 */
/* loyalty_write_store.c - the writing half of loyalty_store.h. */
#include "common/base/compiler.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"
#include "services/loyalty/loyalty_store.h"

/* unnest() stands in the list of columns: in FROM each array was written to a store of its own
 * first (twice the time, measured). */
static const struct db_query write_evidence = {
    .name = "loyalty_write_evidence",
    .sql = "INSERT INTO loyalty.score_evidence (bucket, customer_number, kind, subject, part,"
           " version, value, expectation, dimension, is_void, case_number, at, recorded_at,"
           " made_at, due_at, done_at, branch, team, label, event_stream, event_seq)"
           " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int2[]),"
           " unnest($4::int8[]), unnest($5::int2[]), unnest($6::int8[]),"
           " unnest($7::int8[]), unnest($8::int2[]), unnest($9::int2[]),"
           " unnest($10::bool[]), unnest($11::int8[]), unnest($12::timestamptz[]),"
           " unnest($13::timestamptz[]), unnest($14::timestamptz[]),"
           " unnest($15::timestamptz[]), unnest($16::timestamptz[]), unnest($17::text[]),"
           " unnest($18::text[]), unnest($19::text[]), unnest($20::text[]),"
           " unnest($21::int8[])"
           " ON CONFLICT DO NOTHING",
    .shape = DB_NONE,
};

static const struct db_query write_sums = {
    .name = "loyalty_write_sums",
    .sql = "INSERT INTO loyalty.score_sum (bucket, customer_number, measure, count, weight, value)"
           " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int2[]),"
           " unnest($4::int8[]), unnest($5::float8[]), unnest($6::float8[])"
           " ON CONFLICT (bucket, customer_number, measure) DO UPDATE"
           " SET count = excluded.count, weight = excluded.weight, value = excluded.value",
    .shape = DB_NONE,
};

static const struct db_query write_scores = {
    .name = "loyalty_write_scores",
    .sql = "INSERT INTO loyalty.customer_score (bucket, customer_number, version,"
           " index_hundredths, churn, churn_level, tier, is_trust_broken, trust,"
           " first_purchase_at, last_purchase_at, purchase_days, currency, seen_at, changed_at,"
           " evaluated_at, next_change_at, fit_id)"
           " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]),"
           " unnest($4::int4[]), unnest($5::float8[]), unnest($6::int2[]),"
           " unnest($7::int2[]), unnest($8::bool[]), unnest($9::float8[]),"
           " unnest($10::timestamptz[]), unnest($11::timestamptz[]), unnest($12::int4[]),"
           " unnest($13::text[]), unnest($14::timestamptz[]), unnest($15::timestamptz[]),"
           " unnest($16::timestamptz[]), unnest($17::timestamptz[]), $18::int8"
           " ON CONFLICT (bucket, customer_number) DO UPDATE"
           " SET version = excluded.version, index_hundredths = excluded.index_hundredths,"
           " churn = excluded.churn, churn_level = excluded.churn_level, tier = excluded.tier,"
           " is_trust_broken = excluded.is_trust_broken, trust = excluded.trust,"
           " first_purchase_at = excluded.first_purchase_at,"
           " last_purchase_at = excluded.last_purchase_at,"
           " purchase_days = excluded.purchase_days, currency = excluded.currency,"
           " seen_at = excluded.seen_at, changed_at = excluded.changed_at,"
           " evaluated_at = excluded.evaluated_at, next_change_at = excluded.next_change_at,"
           " fit_id = excluded.fit_id",
    .shape = DB_NONE,
};

/* A group that counts nothing has sums of exactly 0: rounding leaves no trace. */
static const struct db_query write_groups = {
    .name = "loyalty_write_groups",
    .sql = "INSERT INTO loyalty.group_trust AS g (bucket, grouping, name, kept, late, broken,"
           " weight, value)"
           " SELECT unnest($1::int2[]), unnest($2::int2[]), unnest($3::text[]),"
           " unnest($4::int8[]), unnest($5::int8[]), unnest($6::int8[]),"
           " unnest($7::float8[]), unnest($8::float8[])"
           " ON CONFLICT (bucket, grouping, name) DO UPDATE"
           " SET kept = g.kept + excluded.kept, late = g.late + excluded.late,"
           " broken = g.broken + excluded.broken,"
           " weight = CASE WHEN (g.kept + excluded.kept, g.late + excluded.late,"
           " g.broken + excluded.broken) <> (0, 0, 0) THEN g.weight + excluded.weight ELSE 0 END,"
           " value = CASE WHEN (g.kept + excluded.kept, g.late + excluded.late,"
           " g.broken + excluded.broken) <> (0, 0, 0) THEN g.value + excluded.value ELSE 0 END",
    .shape = DB_NONE,
};

static const struct db_query write_history = {
    .name = "loyalty_write_history",
    .sql = "INSERT INTO loyalty.score_history (bucket, customer_number, version, at,"
           " before_hundredths, after_hundredths, churn, reason, event_stream, event_seq,"
           " occurred_at)"
           " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]),"
           " unnest($4::timestamptz[]), unnest($5::int4[]), unnest($6::int4[]),"
           " unnest($7::float8[]), unnest($8::text[]), unnest($9::text[]),"
           " unnest($10::int8[]), unnest($11::timestamptz[])",
    .shape = DB_NONE,
};

static const struct db_query write_standings = {
    .name = "loyalty_write_standings",
    .sql = "INSERT INTO loyalty.standing_history (bucket, customer_number, version, at, what,"
           " before, after, is_by_time, index_hundredths, churn, occurred_at)"
           " SELECT unnest($1::int2[]), unnest($2::int8[]), unnest($3::int8[]),"
           " unnest($4::timestamptz[]), unnest($5::int2[]), unnest($6::int2[]),"
           " unnest($7::int2[]), unnest($8::bool[]), unnest($9::int4[]),"
           " unnest($10::float8[]), unnest($11::timestamptz[])",
    .shape = DB_NONE,
};

/* In one order for all processes, so that none waits in a circle: these rows are anybody's. One
 * that is there is locked: who takes it waits for us, and then sees what we have written. */
static const struct db_query request_looks = {
    .name = "loyalty_request_looks",
    .sql = "INSERT INTO loyalty.look_request (bucket, customer_number)"
           " SELECT DISTINCT (c.merged_into & 255)::int2, c.merged_into"
           " FROM unnest($1::int2[], $2::int8[]) AS k (bucket, customer_number)"
           " CROSS JOIN LATERAL (SELECT o.merged_into FROM intake.customer_public AS o"
           " WHERE o.bucket = k.bucket AND o.number = k.customer_number"
           " AND o.merged_into IS NOT NULL OFFSET 0) AS c ORDER BY 1, 2"
           " ON CONFLICT (bucket, customer_number) DO UPDATE SET bucket = excluded.bucket",
    .shape = DB_NONE,
};

static void add_or_null(struct db_array *to, int64_t v)
{
    if (v == 0) {
        db_array_add_null(to);
    } else {
        db_array_add_int(to, v);
    }
}

static void put_evidence(struct db *db, const struct loyalty_fold *fold)
{
    static const enum db_type types[] = {
        DB_INT2, DB_INT8, DB_INT2, DB_INT8, DB_INT2, DB_INT8, DB_INT8,
        DB_INT2, DB_INT2, DB_BOOL, DB_INT8, DB_TIME, DB_TIME, DB_TIME,
        DB_TIME, DB_TIME, DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT, DB_INT8,
    };
    struct db_columns to;
    const struct evidence *list;
    size_t count = loyalty_fold_evidence(fold, &list);

    db_columns_init(&to, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        const struct evidence *e = &list[i];
        struct db_array *a = to.array;
        db_array_add_int(&a[0], identifier_bucket(e->customer));
        db_array_add_int(&a[1], e->customer);
        db_array_add_int(&a[2], e->kind);
        db_array_add_int(&a[3], e->subject);
        db_array_add_int(&a[4], e->part);
        db_array_add_int(&a[5], e->version);
        db_array_add_int(&a[6], e->value);
        add_or_null(&a[7], e->expectation);
        add_or_null(&a[8], e->dimension);
        db_array_add_bool(&a[9], e->is_void);
        add_or_null(&a[10], e->service_case);
        db_array_add_time(&a[11], e->at_us);
        db_array_add_time(&a[12], e->recorded_us);
        db_array_add_time(&a[13], e->made_us == 0 ? DB_NO_TIME : e->made_us);
        db_array_add_time(&a[14], e->due_us == 0 ? DB_NO_TIME : e->due_us);
        db_array_add_time(&a[15], e->done_us == 0 ? DB_NO_TIME : e->done_us);
        db_array_add_text(&a[16], e->branch);
        db_array_add_text(&a[17], e->team);
        db_array_add_text(&a[18], e->label);
        db_array_add_text(&a[19], e->stream);
        db_array_add_int(&a[20], e->seq);
    }
    db_columns_query(&to, db, &write_evidence);
}

static void put_sums(struct db *db, const struct loyalty_fold *fold)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_INT2, DB_INT8, DB_FLOAT8, DB_FLOAT8};
    struct db_columns to;
    const struct fold_sum *list;
    size_t count = loyalty_fold_sums(fold, &list);

    db_columns_init(&to, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&to.array[0], identifier_bucket(list[i].customer));
        db_array_add_int(&to.array[1], list[i].customer);
        db_array_add_int(&to.array[2], list[i].measure);
        db_array_add_int(&to.array[3], list[i].sum.count);
        db_array_add_float8(&to.array[4], list[i].sum.weight);
        db_array_add_float8(&to.array[5], list[i].sum.value);
    }
    db_columns_query(&to, db, &write_sums);
}

static void put_scores(struct db *db, const struct loyalty_fold *fold, int64_t fit_id)
{
    static const enum db_type types[] = {
        DB_INT2, DB_INT8, DB_INT8, DB_INT4, DB_FLOAT8, DB_INT2, DB_INT2, DB_BOOL, DB_FLOAT8,
        DB_TIME, DB_TIME, DB_INT4, DB_TEXT, DB_TIME,   DB_TIME, DB_TIME, DB_TIME,
    };
    struct db_columns to;
    struct db_params params = {.count = 0};
    const struct customer_score *list;
    size_t count = loyalty_fold_scores(fold, &list);

    db_columns_init(&to, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        const struct customer_score *s = &list[i];
        struct db_array *a = to.array;
        db_array_add_int(&a[0], identifier_bucket(s->customer));
        db_array_add_int(&a[1], s->customer);
        db_array_add_int(&a[2], s->version);
        db_array_add_int(&a[3], s->index_hundredths);
        db_array_add_float8(&a[4], s->churn);
        db_array_add_int(&a[5], s->standing.churn_level);
        db_array_add_int(&a[6], s->standing.tier);
        db_array_add_bool(&a[7], s->standing.is_trust_broken);
        db_array_add_float8(&a[8], s->trust);
        db_array_add_time(&a[9], s->first_purchase_us); /* INT64_MIN is DB_NO_TIME */
        db_array_add_time(&a[10], s->last_purchase_us);
        db_array_add_int(&a[11], s->purchase_days);
        db_array_add_text(&a[12], s->currency);
        db_array_add_time(&a[13], s->seen_us);
        /* Known by the evidence of others alone. */
        db_array_add_time(&a[14], s->changed_us == INT64_MIN ? s->evaluated_us : s->changed_us);
        db_array_add_time(&a[15], s->evaluated_us);
        db_array_add_time(&a[16], s->next_change_us == INT64_MAX ? DB_NO_TIME : s->next_change_us);
    }
    db_columns_put(&to, &params);
    db_put_int8(&params, fit_id);
    db_query(db, &write_scores, &params);
    db_params_free(&params);
}

static void put_groups(struct db *db, const struct loyalty_fold *fold)
{
    static const enum db_type types[] = {DB_INT2, DB_INT2, DB_TEXT,   DB_INT8,
                                         DB_INT8, DB_INT8, DB_FLOAT8, DB_FLOAT8};
    struct db_columns to;
    const struct fold_group *list;
    size_t count = loyalty_fold_groups(fold, &list);

    db_columns_init(&to, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&to.array[0], list[i].bucket);
        db_array_add_int(&to.array[1], list[i].grouping);
        db_array_add_text(&to.array[2], list[i].name);
        db_array_add_int(&to.array[3], list[i].kept);
        db_array_add_int(&to.array[4], list[i].late);
        db_array_add_int(&to.array[5], list[i].broken);
        db_array_add_float8(&to.array[6], list[i].weight);
        db_array_add_float8(&to.array[7], list[i].value);
    }
    db_columns_query(&to, db, &write_groups);
}

/* Not stored when it is the instant of the row. */
static int64_t occurred_us(int64_t occurred, int64_t at)
{
    return occurred == at ? DB_NO_TIME : occurred;
}

static void put_history(struct db *db, const struct loyalty_fold *fold)
{
    static const enum db_type types[] = {DB_INT2,   DB_INT8, DB_INT8, DB_TIME, DB_INT4, DB_INT4,
                                         DB_FLOAT8, DB_TEXT, DB_TEXT, DB_INT8, DB_TIME};
    struct db_columns to;
    const struct index_change *list;
    size_t count = loyalty_fold_index_changes(fold, &list);

    db_columns_init(&to, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&to.array[0], identifier_bucket(list[i].customer));
        db_array_add_int(&to.array[1], list[i].customer);
        db_array_add_int(&to.array[2], list[i].version);
        db_array_add_time(&to.array[3], list[i].at_us);
        db_array_add_int(&to.array[4], list[i].before.index_hundredths);
        db_array_add_int(&to.array[5], list[i].after.index_hundredths);
        db_array_add_float8(&to.array[6], list[i].after.churn);
        db_array_add_text(&to.array[7], contribution_name(list[i].reason));
        db_array_add_text(&to.array[8], list[i].stream);
        db_array_add_int(&to.array[9], list[i].seq);
        db_array_add_time(&to.array[10], occurred_us(list[i].occurred_us, list[i].at_us));
    }
    db_columns_query(&to, db, &write_history);
}

static void put_standings(struct db *db, const struct loyalty_fold *fold)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_INT8, DB_TIME,   DB_INT2, DB_INT2,
                                         DB_INT2, DB_BOOL, DB_INT4, DB_FLOAT8, DB_TIME};
    struct db_columns to;
    const struct standing_change *list;
    size_t count = loyalty_fold_standing_changes(fold, &list);

    db_columns_init(&to, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&to.array[0], identifier_bucket(list[i].customer));
        db_array_add_int(&to.array[1], list[i].customer);
        db_array_add_int(&to.array[2], list[i].version);
        db_array_add_time(&to.array[3], list[i].at_us);
        db_array_add_int(&to.array[4], list[i].what);
        db_array_add_int(&to.array[5], list[i].before);
        db_array_add_int(&to.array[6], list[i].after);
        db_array_add_bool(&to.array[7], list[i].is_by_time);
        db_array_add_int(&to.array[8], list[i].score.index_hundredths);
        db_array_add_float8(&to.array[9], list[i].score.churn);
        db_array_add_time(&to.array[10], occurred_us(list[i].occurred_us, list[i].at_us));
    }
    db_columns_query(&to, db, &write_standings);
}

void loyalty_store_request_looks(struct db *db, const struct loyalty_fold *fold)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8};
    struct db_columns keys;
    const struct customer_score *list;
    size_t count = loyalty_fold_scores(fold, &list);

    db_columns_init(&keys, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(&keys.array[0], identifier_bucket(list[i].customer));
        db_array_add_int(&keys.array[1], list[i].customer);
    }
    db_columns_query(&keys, db, &request_looks);
}

size_t loyalty_store_write_evidence(struct db *db, const struct loyalty_fold *fold)
{
    put_evidence(db, fold);
    return 1;
}

size_t loyalty_store_write(struct db *db, const struct loyalty_fold *fold, int64_t fit_id)
{
    put_scores(db, fold, fit_id);
    put_sums(db, fold);
    put_groups(db, fold);
    put_history(db, fold);
    put_standings(db, fold);
    return 5;
}
