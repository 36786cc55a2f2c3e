/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_store.c - SQL over followup.follow_up.
 *
 * The states in the statements are those of enum follow_up_state; the partial index of open work
 * names the same ones, so that planner and code agree on it.
 */
#include "services/followup/followup_store.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"
#include "intake.pb-c.h"

#define IS_DUE                                                                                     \
    " f.state IN (1, 2) AND f.next_attempt_at <= $2"                                               \
    " AND (f.state = 1 OR f.claim_holder <> $4 OR f.claim_until <= $3)"                            \
    " AND ($5 OR f.window_end_at <= $2)"

static const struct db_query number_block = {
    "followup_store_number_block",
    "SELECT nextval('followup.number_block')",
    DB_ONE,
};

static const struct db_query lock_cases = {
    "followup_store_lock_cases",
    "SELECT " FOLLOWUP_STORE_COLUMNS " FROM followup.follow_up AS f"
    " WHERE f.bucket = $1 AND f.case_number = ANY ($2) ORDER BY f.number FOR UPDATE",
    DB_ROWS,
};

static const struct db_query cases_now = {
    "followup_store_cases_now",
    "SELECT number, reopened_count, resolved_at FROM intake.service_case_public"
    " WHERE bucket = $1 AND number = ANY ($2)",
    DB_ROWS,
};

static const struct db_query insert = {
    "followup_store_insert",
    "INSERT INTO followup.follow_up (bucket, number, version, customer_number, case_number,"
    " case_version, rule, subject, occurrence, branch, state, reason, planned_at, due_at,"
    " window_end_at, next_attempt_at, attempts, calls, is_historical, settled_at)"
    " SELECT bucket, number, version, customer_number, nullif(case_number, 0), case_version, rule,"
    " subject, occurrence, nullif(branch, ''), state, reason, planned_at, due_at, window_end_at,"
    " next_attempt_at, 0, 0, is_historical, settled_at"
    " FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[],"
    " $7::text[], $8::int8[], $9::text[], $10::text[], $11::int2[], $12::text[],"
    " $13::timestamptz[], $14::timestamptz[], $15::timestamptz[], $16::timestamptz[],"
    " $17::bool[], $18::timestamptz[])"
    " AS n (bucket, number, version, customer_number, case_number, case_version, rule, subject,"
    " occurrence, branch, state, reason, planned_at, due_at, window_end_at, next_attempt_at,"
    " is_historical, settled_at)",
    DB_NONE,
};

static const struct db_query due_buckets = {
    "followup_store_due_buckets",
    "SELECT b.bucket FROM unnest($1::int2[]) AS b (bucket) CROSS JOIN LATERAL ("
    " SELECT f.next_attempt_at FROM followup.follow_up AS f"
    " WHERE f.bucket = b.bucket AND" IS_DUE " ORDER BY f.next_attempt_at LIMIT 1) AS first"
    " ORDER BY first.next_attempt_at, b.bucket LIMIT $6",
    DB_ROWS,
};

/* Customers who are the same person as c by a merge, c itself among them; few customers are. */
#define SURVIVOR "coalesce(c.merged_into, c.number)"
#define OF_GROUP                                                                                   \
    "(c.merged_into IS NOT NULL OR c.follower_count > 0)"                                          \
    " AND (m.merged_into = " SURVIVOR " OR (m.bucket = (" SURVIVOR " & 255)::int2"                 \
    " AND m.number = " SURVIVOR "))"

/* The customer of f, or who is the same person, wants no such call; 2 is the bit of
 * PURPOSE_SERVICE_CALL. */
#define SAID_NO                                                                                    \
    "SELECT FROM intake.customer_public AS c"                                                      \
    " WHERE c.bucket = f.bucket AND c.number = f.customer_number"                                  \
    " AND (c.do_not_call OR c.refusals & 2 <> 0"                                                   \
    " OR EXISTS (SELECT FROM intake.customer_public AS m WHERE " OF_GROUP                          \
    " AND (m.do_not_call OR m.refusals & 2 <> 0)))"
_Static_assert(1 << TROTH__V1__PURPOSE__PURPOSE_SERVICE_CALL == 2, "SAID_NO has that bit");

/* A call that is ordered goes before all others; of two that are due for one person the survivor's
 * goes first, then the older one. */
#define IS_JOINED                                                                                  \
    "EXISTS (SELECT FROM intake.customer_public AS m JOIN followup.follow_up AS o"                 \
    " ON o.bucket = m.bucket AND o.customer_number = m.number"                                     \
    " WHERE " OF_GROUP " AND m.number <> c.number AND o.window_end_at > $2"                        \
    " AND (o.state = 3 OR (o.state IN (1, 2) AND o.next_attempt_at <= $2"                          \
    " AND c.merged_into IS NOT NULL AND (m.number = c.merged_into OR o.number < f.number))))"

static const struct db_query lock_due = {
    "followup_store_lock_due",
    "SELECT " FOLLOWUP_STORE_COLUMNS ", coalesce(g.has_phone, c.has_phone),"
    " coalesce(g.refusals, c.refusals), c.language, s.reopened_count,"
    " (SELECT count(*) FROM intake.promise_public AS p"
    " WHERE p.bucket = f.bucket AND p.case_number = f.case_number AND p.state = 3),"
    " (SELECT count(*) FROM intake.promise_public AS p"
    " WHERE p.bucket = f.bucket AND p.case_number = f.case_number AND p.state IN (4, 5, 9)),"
    " coalesce(g.do_not_call, c.do_not_call), " IS_JOINED " FROM followup.follow_up AS f"
    " LEFT JOIN intake.customer_public AS c"
    " ON c.bucket = f.bucket AND c.number = f.customer_number"
    " LEFT JOIN LATERAL (SELECT bool_or(m.do_not_call) AS do_not_call,"
    " bool_or(m.has_phone) AS has_phone, bit_or(m.refusals) AS refusals FROM "
    "intake.customer_public AS m WHERE " OF_GROUP ") AS g"
    " ON true"
    " LEFT JOIN intake.service_case_public AS s"
    " ON s.bucket = f.bucket AND s.number = f.case_number"
    " WHERE f.bucket = $1 AND" IS_DUE
    " ORDER BY f.next_attempt_at, f.number LIMIT $6 FOR UPDATE OF f SKIP LOCKED",
    DB_ROWS,
};

static const struct db_query change = {
    "followup_store_change",
    "UPDATE followup.follow_up AS f SET version = n.version, state = n.state, reason = n.reason,"
    " planned_at = n.planned_at, due_at = n.due_at, window_end_at = n.window_end_at,"
    " next_attempt_at = n.next_attempt_at, attempts = n.attempts, calls = n.calls,"
    " last_outcome = nullif(n.last_outcome, 0), settled_at = n.settled_at,"
    " claim_holder = CASE WHEN n.state = 2 THEN $11 END,"
    " claim_until = CASE WHEN n.state = 2 THEN $12::timestamptz END"
    " FROM unnest($2::int8[], $3::int8[], $4::int8[], $5::int2[], $6::text[], $7::timestamptz[],"
    " $8::int4[], $9::int4[], $10::int2[], $13::timestamptz[], $14::timestamptz[],"
    " $15::timestamptz[], $16::timestamptz[])"
    " AS n (number, stored_version, version, state, reason, next_attempt_at, attempts, calls,"
    " last_outcome, settled_at, planned_at, due_at, window_end_at)"
    " WHERE f.bucket = $1 AND f.number = n.number AND f.version = n.stored_version"
    " AND (n.state <> 3 OR NOT EXISTS (" SAID_NO "))"
    " RETURNING f.number",
    DB_ROWS,
};

static const struct db_query worklist = {
    "followup_store_worklist",
    "SELECT " FOLLOWUP_STORE_COLUMNS " FROM followup.follow_up AS f"
    " WHERE cardinality($1::int2[]) = 0 OR f.state = ANY ($1)"
    " ORDER BY f.due_at DESC, f.number DESC LIMIT $2",
    DB_ROWS,
};

/* ---- rows in */

void followup_store_get(const struct db_rows *r, size_t row, struct follow_up *ret)
{
    *ret = (struct follow_up){
        .number = db_get_int(r, row, 0),
        .version = db_get_int(r, row, 1),
        .stored_version = db_get_int(r, row, 1),
        .customer = db_get_int(r, row, 2),
        .service_case = db_get_int(r, row, 3),
        .case_version = db_get_int(r, row, 4),
        .subject = db_get_int(r, row, 6),
        .state = (enum follow_up_state)db_get_int(r, row, 9),
        .planned_us = db_get_time(r, row, 11),
        .due_us = db_get_time(r, row, 12),
        .window_end_us = db_get_time(r, row, 13),
        .next_attempt_us = db_get_time(r, row, 14),
        .attempts = (int32_t)db_get_int(r, row, 15),
        .calls = (int32_t)db_get_int(r, row, 16),
        .last_outcome = (int32_t)db_get_int(r, row, 17),
        .is_historical = db_get_bool(r, row, 18),
        .settled_us = db_get_time(r, row, 19),
    };
    (void)text_copy(ret->rule, sizeof(ret->rule), db_get_text(r, row, 5));
    (void)text_copy(ret->occurrence, sizeof(ret->occurrence), db_get_text(r, row, 7));
    (void)text_copy(ret->branch, sizeof(ret->branch), db_get_text(r, row, 8));
    (void)text_copy(ret->reason, sizeof(ret->reason), db_get_text(r, row, 10));
}

int64_t followup_store_get_number_block(const struct db_rows *r)
{
    return db_get_int(r, 0, 0);
}

void followup_store_get_case_now(const struct db_rows *r, size_t row, int64_t *ret_case,
                                 struct followup_case_now *ret_now)
{
    *ret_case = db_get_int(r, row, 0);
    ret_now->reopened_count = (int32_t)db_get_int(r, row, 1);
    ret_now->resolved_us = db_get_time(r, row, 2);
}

int16_t followup_store_get_due_bucket(const struct db_rows *r, size_t row)
{
    return (int16_t)db_get_int(r, row, 0);
}

void followup_store_get_due(const struct db_rows *r, size_t row, struct followup_due *ret)
{
    int column = FOLLOWUP_STORE_COLUMN_COUNT;
    followup_store_get(r, row, &ret->follow_up);
    int64_t refusals = db_get_int(r, row, column + 1);
    ret->circumstances = (struct followup_circumstances){
        .has_phone = db_get_bool(r, row, column),
        .has_refused_calls =
            (refusals & (INT64_C(1) << TROTH__V1__PURPOSE__PURPOSE_SERVICE_CALL)) != 0,
        .reopened_now = (int32_t)db_get_int(r, row, column + 3),
        .must_not_call = db_get_bool(r, row, column + 6),
        .is_joined = db_get_bool(r, row, column + 7),
    };
    (void)text_copy(ret->language, sizeof(ret->language), db_get_text(r, row, column + 2));
    ret->promises_kept = (int32_t)db_get_int(r, row, column + 4);
    ret->promises_broken = (int32_t)db_get_int(r, row, column + 5);
}

int64_t followup_store_get_changed(const struct db_rows *r, size_t row)
{
    return db_get_int(r, row, 0);
}

/* ---- statements out */

void followup_store_put_number_block(struct db *db)
{
    db_query(db, &number_block, NULL);
}

static void put_cases(struct db *db, const struct db_query *q, int16_t bucket,
                      const struct db_array *cases)
{
    struct db_params p = {.count = 0};
    db_put_int2(&p, bucket);
    db_put_array(&p, cases);
    db_query(db, q, &p);
    db_params_free(&p);
}

void followup_store_put_lock_cases(struct db *db, int16_t bucket, const struct db_array *cases)
{
    put_cases(db, &lock_cases, bucket, cases);
}

void followup_store_put_cases_now(struct db *db, int16_t bucket, const struct db_array *cases)
{
    put_cases(db, &cases_now, bucket, cases);
}

static void put_due_query(struct db_params *p, const struct followup_due_query *q)
{
    db_put_time(p, q->now_us);
    db_put_time(p, q->machine_now_us);
    db_put_text(p, q->holder);
    db_put_bool(p, q->has_lines);
    db_put_int4(p, q->limit);
}

void followup_store_put_due_buckets(struct db *db, const struct followup_due_query *q,
                                    const struct db_array *buckets)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, buckets);
    put_due_query(&p, q);
    db_query(db, &due_buckets, &p);
    db_params_free(&p);
}

void followup_store_put_lock_due(struct db *db, const struct followup_due_query *q, int16_t bucket)
{
    struct db_params p = {.count = 0};
    db_put_int2(&p, bucket);
    put_due_query(&p, q);
    db_query(db, &lock_due, &p);
    db_params_free(&p);
}

/* ---- sets of follow-ups: one array per column */

static void add_insert(struct db_columns *c, const struct follow_up *f)
{
    struct db_array *a = c->array;
    db_array_add_int(&a[0], identifier_bucket(f->number));
    db_array_add_int(&a[1], f->number);
    db_array_add_int(&a[2], f->version);
    db_array_add_int(&a[3], f->customer);
    db_array_add_int(&a[4], f->service_case);
    db_array_add_int(&a[5], f->case_version);
    db_array_add_text(&a[6], f->rule);
    db_array_add_int(&a[7], f->subject);
    db_array_add_text(&a[8], f->occurrence);
    db_array_add_text(&a[9], f->branch);
    db_array_add_int(&a[10], f->state);
    db_array_add_text(&a[11], f->reason);
    db_array_add_time(&a[12], f->planned_us);
    db_array_add_time(&a[13], f->due_us);
    db_array_add_time(&a[14], f->window_end_us);
    db_array_add_time(&a[15], f->next_attempt_us);
    db_array_add_bool(&a[16], f->is_historical);
    db_array_add_time(&a[17], f->settled_us);
}

void followup_store_put_insert(struct db *db, const struct follow_up_list *list)
{
    static const enum db_type types[] = {
        DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_INT8, DB_INT8, DB_TEXT, DB_INT8, DB_TEXT,
        DB_TEXT, DB_INT2, DB_TEXT, DB_TIME, DB_TIME, DB_TIME, DB_TIME, DB_BOOL, DB_TIME,
    };
    struct db_columns c;
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].stored_version == 0) {
            add_insert(&c, &list->items[i]);
        }
    }
    db_columns_query(&c, db, &insert);
}

static bool is_changed(const struct follow_up *f)
{
    return f->stored_version > 0 && f->version > f->stored_version;
}

size_t followup_store_count_changes(const struct follow_up_list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        count += is_changed(&list->items[i]) ? 1 : 0;
    }
    return count;
}

static void add_change(struct db_columns *c, const struct follow_up *f)
{
    struct db_array *a = c->array;
    db_array_add_int(&a[0], f->number);
    db_array_add_int(&a[1], f->stored_version);
    db_array_add_int(&a[2], f->version);
    db_array_add_int(&a[3], f->state);
    db_array_add_text(&a[4], f->reason);
    db_array_add_time(&a[5], f->next_attempt_us);
    db_array_add_int(&a[6], f->attempts);
    db_array_add_int(&a[7], f->calls);
    db_array_add_int(&a[8], f->last_outcome);
    db_array_add_time(&a[9], f->settled_us);
    db_array_add_time(&a[10], f->planned_us);
    db_array_add_time(&a[11], f->due_us);
    db_array_add_time(&a[12], f->window_end_us);
}

static void put_changes_of(struct db *db, int16_t bucket, const struct db_columns *c,
                           const struct followup_claim_mark *mark)
{
    struct db_params p = {.count = 0};
    db_put_int2(&p, bucket);
    for (size_t i = 0; i < 9; i++) {
        db_put_array(&p, &c->array[i]);
    }
    db_put_text(&p, mark ? mark->holder : NULL);
    db_put_time(&p, mark ? mark->until_us : DB_NO_TIME);
    for (size_t i = 9; i < c->count; i++) {
        db_put_array(&p, &c->array[i]);
    }
    db_query(db, &change, &p);
    db_params_free(&p);
}

static int by_bucket(const void *a, const void *b)
{
    const struct follow_up *const *x = a;
    const struct follow_up *const *y = b;
    int order = identifier_bucket((*x)->number) - identifier_bucket((*y)->number);
    return order ? order : ((*x)->number > (*y)->number) - ((*x)->number < (*y)->number);
}

/* Buckets and numbers ascending: all writers lock rows in one order. */
size_t followup_store_put_changes(struct db *db, const struct follow_up_list *list,
                                  const struct followup_claim_mark *mark)
{
    static const enum db_type types[] = {
        DB_INT8, DB_INT8, DB_INT8, DB_INT2, DB_TEXT, DB_TIME, DB_INT4,
        DB_INT4, DB_INT2, DB_TIME, DB_TIME, DB_TIME, DB_TIME,
    };
    size_t total = 0;
    size_t statements = 0;
    const struct follow_up **sorted = xcalloc(list->count + 1, sizeof(struct follow_up *));
    for (size_t i = 0; i < list->count; i++) {
        if (is_changed(&list->items[i])) {
            sorted[total++] = &list->items[i];
        }
    }
    if (total > 0) {
        qsort(sorted, total, sizeof(struct follow_up *), by_bucket);
    }
    for (size_t i = 0; i < total;) {
        int16_t bucket = identifier_bucket(sorted[i]->number);
        struct db_columns c;
        db_columns_init(&c, types, ARRAY_LEN(types));
        for (; i < total && identifier_bucket(sorted[i]->number) == bucket; i++) {
            add_change(&c, sorted[i]);
        }
        put_changes_of(db, bucket, &c, mark);
        db_columns_free(&c);
        statements++;
    }
    free(sorted);
    return statements;
}

void followup_store_put_worklist(struct db *db, const struct db_array *states, int32_t limit)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, states);
    db_put_int4(&p, limit);
    db_query(db, &worklist, &p);
    db_params_free(&p);
}
