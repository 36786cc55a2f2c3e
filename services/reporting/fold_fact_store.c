/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/fold_fact_store.h"

#include "common/base/compiler.h"
#include "common/domain/identifier.h"

/* ---- reading */

static const struct db_query case_versions = {
    .name = "fold_case_versions",
    .sql = "SELECT k.number, f.version FROM unnest($1::int2[], $2::int8[]) AS k (bucket, number)"
           " CROSS JOIN LATERAL (SELECT o.version FROM reporting.case_fact AS o"
           " WHERE o.bucket = k.bucket AND o.case_number = k.number OFFSET 0) AS f",
    .shape = DB_ROWS,
};

static const struct db_query other_versions[] = {
    {
     .name = "fold_follow_up_versions",
     .sql =
            "SELECT k.number, f.version FROM unnest($1::int2[], $2::int8[]) AS k (bucket, number)"
            " CROSS JOIN LATERAL (SELECT o.version FROM reporting.other_fact AS o"
            " WHERE o.bucket = k.bucket AND o.subject = 'F' AND o.number = k.number OFFSET 0) AS f", .shape = DB_ROWS,
     },
    {
     .name = "fold_answer_versions",
     .sql =
            "SELECT k.number, f.version FROM unnest($1::int2[], $2::int8[]) AS k (bucket, number)"
            " CROSS JOIN LATERAL (SELECT o.version FROM reporting.other_fact AS o"
            " WHERE o.bucket = k.bucket AND o.subject = 'A' AND o.number = k.number OFFSET 0) AS f",                                                                                                    .shape = DB_ROWS,
     },
};

/* Cases of which one of these may be the return: resolved within the window before it opened. */
static const struct db_query returned_cases = {
    .name = "fold_returned_cases",
    .sql = "SELECT f.case_number FROM unnest($1::int2[], $2::int8[]) AS k (bucket, number)"
           " CROSS JOIN LATERAL (SELECT o.customer_number, o.opened_at"
           "   FROM intake.service_case_public AS o"
           "  WHERE o.bucket = k.bucket AND o.number = k.number OFFSET 0) AS s"
           " CROSS JOIN LATERAL (SELECT o.case_number FROM reporting.case_fact AS o"
           "  WHERE o.bucket = k.bucket AND o.customer_number = s.customer_number"
           "    AND o.case_number <> k.number AND o.resolved_at < s.opened_at"
           "    AND o.resolved_at >= s.opened_at - $3::int8 * interval '1 microsecond'"
           " OFFSET 0) AS f",
    .shape = DB_ROWS,
};

static const struct db_query cases_of_tier = {
    .name = "fold_cases_of_tier",
    .sql = "SELECT f.case_number"
           " FROM unnest($1::int2[], $2::int8[], $3::timestamptz[]) AS k (bucket, number, at)"
           " CROSS JOIN LATERAL (SELECT o.case_number FROM reporting.case_fact AS o"
           "  WHERE o.bucket = k.bucket AND o.customer_number = k.number AND o.opened_at >= k.at"
           " OFFSET 0) AS f",
    .shape = DB_ROWS,
};

static void init_keys(struct db_columns *columns)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8};

    db_columns_init(columns, types, ARRAY_LEN(types));
}

static void ask_versions(struct db *db, const struct db_query *q, const struct fold_key_list *keys)
{
    struct db_columns columns;

    init_keys(&columns);
    for (size_t i = 0; i < keys->count; i++) {
        db_array_add_int(&columns.array[0], identifier_bucket(keys->list[i].number));
        db_array_add_int(&columns.array[1], keys->list[i].number);
    }
    db_columns_query(&columns, db, q);
}

static void ask_returned(struct db *db, const struct fold_key_list *cases, int64_t window_us)
{
    struct db_columns columns;
    struct db_params params = {.count = 0};

    init_keys(&columns);
    for (size_t i = 0; i < cases->count; i++) {
        if (cases->list[i].is_class) {
            db_array_add_int(&columns.array[0], identifier_bucket(cases->list[i].number));
            db_array_add_int(&columns.array[1], cases->list[i].number);
        }
    }
    db_columns_put(&columns, &params);
    db_put_int8(&params, window_us);
    db_query(db, &returned_cases, &params);
    db_params_free(&params);
}

static void ask_tiers(struct db *db, const struct fold_key_list *tiers)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8, DB_TIME};
    struct db_columns columns;

    db_columns_init(&columns, types, ARRAY_LEN(types));
    for (size_t i = 0; i < tiers->count; i++) {
        db_array_add_int(&columns.array[0], identifier_bucket(tiers->list[i].number));
        db_array_add_int(&columns.array[1], tiers->list[i].number);
        db_array_add_time(&columns.array[2], tiers->list[i].at_us);
    }
    db_columns_query(&columns, db, &cases_of_tier);
}

void fold_fact_store_ask(struct db *db, const struct fold_keys *keys, int64_t return_window_us)
{
    ask_versions(db, &case_versions, &keys->cases);
    ask_versions(db, &other_versions[0], &keys->follow_ups);
    ask_versions(db, &other_versions[1], &keys->answers);
    ask_returned(db, &keys->cases, return_window_us);
    ask_tiers(db, &keys->tiers);
}

/* Whoever has seen the newest event of a thing has seen all that they say. */
static void drop_seen(const struct db_rows *rows, struct fold_key_list *keys)
{
    size_t kept = 0;

    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct fold_key *key = fold_key_list_find(keys, db_get_int(rows, i, 0));
        if (key != NULL && db_get_int(rows, i, 1) >= key->version) {
            key->version = -1;
        }
    }
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->list[i].version >= 0) {
            keys->list[kept++] = keys->list[i];
        }
    }
    keys->count = kept;
}

static void add_related(const struct db_rows *rows, struct fold_key_list *cases)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        fold_key_list_add(cases, &(struct fold_key){.number = db_get_int(rows, i, 0)});
    }
}

void fold_fact_store_take(const struct db_rows *const *sets, struct fold_keys *keys)
{
    drop_seen(sets[0], &keys->cases);
    drop_seen(sets[1], &keys->follow_ups);
    drop_seen(sets[2], &keys->answers);
    add_related(sets[3], &keys->cases);
    add_related(sets[4], &keys->cases);
    fold_key_list_seal(&keys->cases);
}

/* ---- writing */

#define CASE_COLUMNS                                                                               \
    "bucket, case_number, customer_number, version, state, kind, channel, branch, team, staff,"    \
    " category, product, tier, priority, opened_at, first_response_at, resolved_at, reopened_at,"  \
    " broken_at, low_answer_at, next_due_at, bundle, overdue_at, overdue, running, asks"

static const struct db_query write_cases = {
    .name = "fold_write_cases",
    .sql = "INSERT INTO reporting.case_fact (" CASE_COLUMNS ")"
           " SELECT * FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int8[], $5::int2[],"
           " $6::int2[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],"
           " $12::text[], $13::text[], $14::int2[], $15::timestamptz[], $16::timestamptz[],"
           " $17::timestamptz[], $18::timestamptz[], $19::timestamptz[], $20::timestamptz[],"
           " $21::timestamptz[], $22::bytea[], $23::timestamptz[], $24::int2[], $25::int2[],"
           " $26::bool[])"
           " ON CONFLICT (bucket, case_number) DO UPDATE SET"
           " (customer_number, version, state, kind, channel, branch, team, staff, category,"
           " product, tier, priority, opened_at, first_response_at, resolved_at, reopened_at,"
           " broken_at, low_answer_at, next_due_at, bundle, overdue_at, overdue, running, asks)"
           " = (excluded.customer_number,"
           " excluded.version, excluded.state, excluded.kind, excluded.channel, excluded.branch,"
           " excluded.team, excluded.staff, excluded.category, excluded.product, excluded.tier,"
           " excluded.priority, excluded.opened_at, excluded.first_response_at,"
           " excluded.resolved_at, excluded.reopened_at, excluded.broken_at,"
           " excluded.low_answer_at, excluded.next_due_at, excluded.bundle,"
           " excluded.overdue_at, excluded.overdue, excluded.running, excluded.asks)",
    .shape = DB_NONE,
};

static const struct db_query drop_cases = {
    .name = "fold_drop_cases",
    .sql = "DELETE FROM reporting.case_fact AS o"
           " USING unnest($1::int2[], $2::int8[]) AS k (bucket, number)"
           " WHERE o.bucket = k.bucket AND o.case_number = k.number",
    .shape = DB_NONE,
};

static const struct db_query write_others = {
    .name = "fold_write_others",
    .sql = "INSERT INTO reporting.other_fact (bucket, subject, number, version, bundle)"
           " SELECT k.bucket, k.subject::\"char\", k.number, k.version, k.bundle"
           " FROM unnest($1::int2[], $2::text[], $3::int8[], $4::int8[], $5::bytea[])"
           " AS k (bucket, subject, number, version, bundle)"
           " ON CONFLICT (bucket, subject, number)"
           " DO UPDATE SET version = excluded.version, bundle = excluded.bundle",
    .shape = DB_NONE,
};

static const struct db_query drop_others = {
    .name = "fold_drop_others",
    .sql = "DELETE FROM reporting.other_fact AS o"
           " USING unnest($1::int2[], $2::text[], $3::int8[]) AS k (bucket, subject, number)"
           " WHERE o.bucket = k.bucket AND o.subject = k.subject::\"char\""
           "   AND o.number = k.number",
    .shape = DB_NONE,
};

void fold_facts_begin(struct fold_facts *f)
{
    static const enum db_type cases[] = {
        DB_INT2, DB_INT8, DB_INT8, DB_INT8,  DB_INT2, DB_INT2, DB_TEXT, DB_TEXT, DB_TEXT,
        DB_TEXT, DB_TEXT, DB_TEXT, DB_TEXT,  DB_INT2, DB_TIME, DB_TIME, DB_TIME, DB_TIME,
        DB_TIME, DB_TIME, DB_TIME, DB_BYTES, DB_TIME, DB_INT2, DB_INT2, DB_BOOL};
    static const enum db_type others[] = {DB_INT2, DB_TEXT, DB_INT8, DB_INT8, DB_BYTES};
    static const enum db_type gone[] = {DB_INT2, DB_INT8};

    db_columns_init(&f->cases, cases, ARRAY_LEN(cases));
    db_columns_init(&f->gone_cases, gone, ARRAY_LEN(gone));
    db_columns_init(&f->others, others, ARRAY_LEN(others));
    db_columns_init(&f->gone_others, others, 3);
}

void fold_facts_free(struct fold_facts *f)
{
    db_columns_free(&f->cases);
    db_columns_free(&f->gone_cases);
    db_columns_free(&f->others);
    db_columns_free(&f->gone_others);
}

static void put_text(struct db_array *a, const char *text)
{
    db_array_add_text(a, text != NULL ? text : "");
}

static void put_time(struct db_array *a, int64_t us)
{
    if (us == CASE_NO_TIME) {
        db_array_add_null(a);
    } else {
        db_array_add_time(a, us);
    }
}

void fold_facts_add_case(struct fold_facts *f, const struct case_rows *c,
                         const struct case_marks *marks, struct bytes bundle)
{
    struct db_array *a = f->cases.array;

    db_array_add_int(a++, identifier_bucket(c->number));
    db_array_add_int(a++, c->number);
    db_array_add_int(a++, c->customer);
    db_array_add_int(a++, c->version);
    db_array_add_int(a++, (int64_t)c->state);
    db_array_add_int(a++, (int64_t)c->kind);
    put_text(a++, c->channel);
    put_text(a++, c->branch);
    put_text(a++, c->team);
    put_text(a++, marks->staff);
    put_text(a++, c->category);
    put_text(a++, c->product);
    put_text(a++, c->tier);
    db_array_add_int(a++, c->priority);
    put_time(a++, c->opened_us);
    put_time(a++, c->first_response_us);
    put_time(a++, marks->resolved_us);
    put_time(a++, marks->reopened_us);
    put_time(a++, marks->broken_us);
    put_time(a++, marks->low_answer_us);
    put_time(a++, marks->next_due_us);
    db_array_add_bytes(a++, bundle);
    put_time(a++, marks->overdue_us);
    db_array_add_int(a++, marks->overdue);
    db_array_add_int(a++, marks->running);
    db_array_add_bool(a, marks->asks);
}

void fold_facts_drop_case(struct fold_facts *f, int64_t number)
{
    db_array_add_int(&f->gone_cases.array[0], identifier_bucket(number));
    db_array_add_int(&f->gone_cases.array[1], number);
}

void fold_facts_add_other(struct fold_facts *f, const char *subject, const struct fold_key *key,
                          struct bytes bundle)
{
    db_array_add_int(&f->others.array[0], identifier_bucket(key->number));
    db_array_add_text(&f->others.array[1], subject);
    db_array_add_int(&f->others.array[2], key->number);
    db_array_add_int(&f->others.array[3], key->version);
    db_array_add_bytes(&f->others.array[4], bundle);
}

void fold_facts_drop_other(struct fold_facts *f, const char *subject, int64_t number)
{
    db_array_add_int(&f->gone_others.array[0], identifier_bucket(number));
    db_array_add_text(&f->gone_others.array[1], subject);
    db_array_add_int(&f->gone_others.array[2], number);
}

static size_t write_or_free(struct db_columns *columns, struct db *db, const struct db_query *q)
{
    if (db_columns_rows(columns) == 0) {
        db_columns_free(columns);
        return 0;
    }
    db_columns_query(columns, db, q);
    return 1;
}

size_t fold_facts_write(struct fold_facts *f, struct db *db)
{
    return write_or_free(&f->cases, db, &write_cases) +
           write_or_free(&f->gone_cases, db, &drop_cases) +
           write_or_free(&f->others, db, &write_others) +
           write_or_free(&f->gone_others, db, &drop_others);
}
