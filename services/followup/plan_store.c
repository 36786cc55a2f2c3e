/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_store.c
 *
 * The keys come as arrays and are joined one by one with an index of the other side: buckets are
 * part of each key, so every probe goes to one place.
 */
#include "services/followup/plan_store.h"

#include <math.h>

#include "common/domain/identifier.h"
#include "services/followup/followup_group.h"
#include "services/followup/followup_row_store.h"

#define KEYS "unnest($1::int2[], $2::int8[]) AS k (bucket, number)"
/* Of a merged one the state of the one that leads; of one that was tried its newest order. */
#define ROW_COLUMNS                                                                                \
    FOLLOWUP_STORE_COLUMNS                                                                         \
    ", CASE WHEN f.state = 9 THEN (SELECT l.state FROM followup.follow_up AS l"                    \
    " WHERE l.bucket = (f.merged_into & 255)::int2 AND l.number = f.merged_into) END,"             \
    " CASE WHEN f.attempts > 0 THEN (SELECT a.ordered_at FROM followup.follow_up_attempt AS a"     \
    " WHERE a.bucket = f.bucket AND a.follow_up_number = f.number AND a.attempt = f.attempts) END"

static const struct db_query rows_of_cases = {
    "plan_store_rows_of_cases",
    "SELECT " ROW_COLUMNS " FROM " KEYS " JOIN followup.follow_up AS f"
    " ON f.bucket = k.bucket AND f.case_number = k.number",
    DB_ROWS,
};

static const struct db_query rows_of_customers = {
    "plan_store_rows_of_customers",
    "SELECT " ROW_COLUMNS " FROM " KEYS " JOIN followup.follow_up AS f"
    " ON f.bucket = k.bucket AND f.customer_number = k.number"
    " AND (f.state IN (1, 2, 3, 8, 9) OR f.subject = ANY ($3::int8[]))",
    DB_ROWS,
};

/* Of the others who are the same person. */
static const struct db_query rows_of_groups = {
    "plan_store_rows_of_groups",
    "SELECT " ROW_COLUMNS ", k.number FROM " KEYS " JOIN intake.customer_public AS c"
    " ON c.bucket = k.bucket AND c.number = k.number"
    " JOIN intake.customer_public AS m ON " OF_GROUP " AND m.number <> c.number"
    " JOIN followup.follow_up AS f ON f.bucket = m.bucket AND f.customer_number = m.number"
    " AND f.state IN (1, 2, 3, 9)",
    DB_ROWS,
};

static const struct db_query cases = {
    "plan_store_cases",
    "SELECT c.number, c.customer_number, c.reopened_count, c.resolved_at, c.kind, c.priority,"
    " c.category, c.product, c.branch FROM " KEYS " JOIN intake.service_case_public AS c"
    " ON c.bucket = k.bucket AND c.number = k.number",
    DB_ROWS,
};

static const struct db_query customers = {
    "plan_store_customers",
    "SELECT c.number, c.time_zone, s.tier, s.churn, c.merged_into IS NOT NULL"
    " FROM " KEYS " JOIN intake.customer_public AS c"
    " ON c.bucket = k.bucket AND c.number = k.number"
    " LEFT JOIN loyalty.customer_score_public AS s"
    " ON s.bucket = c.bucket AND s.customer_number = c.number",
    DB_ROWS,
};

/* A promise that was given anew (states 8 and 9, before or after it was due) has another one in its
 * place, and that may have been given anew again: asked goes back to the first of them, heir on to
 * the last. */
static const struct db_query promises = {
    "plan_store_promises",
    "WITH RECURSIVE asked (bucket, number) AS (SELECT * FROM unnest($1::int2[], $2::int8[])"
    " UNION SELECT p.bucket, p.replaces FROM asked AS k JOIN intake.promise_public AS p"
    " ON p.bucket = k.bucket AND p.number = k.number WHERE p.replaces IS NOT NULL)"
    " SELECT p.number, p.case_number, p.customer_number, p.state, p.clock_version,"
    " coalesce(h.due_at, p.due_at), p.kind, p.branch, p.is_void, coalesce(m.is_void, false),"
    " p.replaces, coalesce(h.state, p.state)"
    " FROM asked AS k JOIN intake.promise_public AS p"
    " ON p.bucket = k.bucket AND p.number = k.number"
    " LEFT JOIN intake.compensation_public AS m"
    " ON m.bucket = p.bucket AND m.promise_number = p.number"
    " LEFT JOIN LATERAL (WITH RECURSIVE heir (number, state, due_at, step) AS ("
    " SELECT r.number, r.state, r.due_at, 1 FROM intake.promise_public AS r"
    " WHERE p.state IN (8, 9) AND r.bucket = p.bucket AND r.case_number = p.case_number"
    " AND r.replaces = p.number AND NOT r.is_void"
    " UNION ALL SELECT r.number, r.state, r.due_at, o.step + 1 FROM heir AS o"
    " JOIN intake.promise_public AS r ON r.bucket = p.bucket AND r.case_number = p.case_number"
    " AND r.replaces = o.number AND NOT r.is_void WHERE o.state IN (8, 9))"
    " SELECT state, due_at FROM heir ORDER BY step DESC LIMIT 1) AS h ON true",
    DB_ROWS,
};

static const struct db_query voids = {
    "plan_store_voids",
    "SELECT a.number FROM " KEYS " JOIN intake.survey_answer_public AS a"
    " ON a.bucket = k.bucket AND a.number = k.number AND a.is_void UNION ALL"
    " SELECT s.number FROM unnest($3::int2[], $4::int8[]) AS k (bucket, number)"
    " JOIN intake.device_signal_public AS s"
    " ON s.bucket = k.bucket AND s.number = k.number AND s.is_void",
    DB_ROWS,
};

/* A fault that its device has been reporting is told once: what came before it, in the order in
 * which intake got them. */
static const struct db_query repeats = {
    "plan_store_repeats",
    "SELECT s.number FROM " KEYS " JOIN intake.device_signal_public AS s"
    " ON s.bucket = k.bucket AND s.number = k.number AND s.device IS NOT NULL"
    " AND s.fault_code IS NOT NULL WHERE EXISTS (SELECT FROM intake.device_signal_public AS o"
    " WHERE o.bucket = s.bucket AND o.device = s.device AND o.fault_code = s.fault_code"
    " AND o.customer_number = s.customer_number AND NOT o.is_void"
    " AND o.occurred_at > s.occurred_at - interval '30 days'"
    " AND o.occurred_at < s.occurred_at + interval '30 days'"
    " AND (o.received_at, o.number) < (s.received_at, s.number))",
    DB_ROWS,
};

#define READING_OF_DEVICE                                                                          \
    "intake.device_signal_public AS d WHERE d.bucket = k.bucket AND d.device = k.device"           \
    " AND d.customer_number = k.number AND NOT d.is_void"                                          \
    " AND (d.mileage_km IS NOT NULL OR d.usage IS NOT NULL)"

/* A device that reports every minute must not fill the memory, nor know of today alone: its newest
 * readings, and when these are many, the last one of each of the weeks before them. */
static const struct db_query readings = {
    "plan_store_readings",
    "SELECT k.number, k.device, s.occurred_at, s.mileage_km, s.usage, s.usage_unit, s.product"
    " FROM unnest($1::int2[], $2::int8[], $3::bytea[]) AS k (bucket, number, device)"
    " CROSS JOIN LATERAL (WITH newest AS MATERIALIZED (SELECT * FROM " READING_OF_DEVICE
    " ORDER BY d.occurred_at DESC LIMIT 500),"
    " oldest AS (SELECT min(occurred_at) AS at FROM newest HAVING count(*) = 500)"
    " SELECT * FROM newest UNION ALL SELECT w.* FROM oldest CROSS JOIN generate_series(1, 57) AS n"
    " CROSS JOIN LATERAL (SELECT * FROM " READING_OF_DEVICE
    " AND d.occurred_at < oldest.at - (n - 1) * interval '7 days'"
    " AND d.occurred_at >= oldest.at - n * interval '7 days'"
    " ORDER BY d.occurred_at DESC LIMIT 1) AS w) AS s ORDER BY k.number, k.device, s.occurred_at",
    DB_ROWS,
};

static const struct db_query branches = {
    "plan_store_branches",
    "SELECT branch, min(time_zone) FROM intake.branch_public WHERE time_zone IS NOT NULL"
    " GROUP BY branch",
    DB_ROWS,
};

/* ---- keys */

void plan_keys_init(struct plan_keys *k)
{
    db_array_init(&k->buckets, DB_INT2);
    db_array_init(&k->numbers, DB_INT8);
    k->seen = (struct plan_index){.slots = NULL};
}

void plan_keys_clear(struct plan_keys *k)
{
    db_array_clear(&k->buckets);
    db_array_clear(&k->numbers);
    plan_index_clear(&k->seen);
}

void plan_keys_free(struct plan_keys *k)
{
    db_array_free(&k->buckets);
    db_array_free(&k->numbers);
    plan_index_free(&k->seen);
}

void plan_keys_add(struct plan_keys *k, int64_t number)
{
    if (number > 0 && plan_index_first(&k->seen, number) == PLAN_INDEX_END) {
        db_array_add_int(&k->buckets, identifier_bucket(number));
        db_array_add_int(&k->numbers, number);
        plan_index_add(&k->seen, number);
    }
}

void plan_devices_init(struct plan_devices *d)
{
    db_array_init(&d->buckets, DB_INT2);
    db_array_init(&d->customers, DB_INT8);
    db_array_init(&d->hashes, DB_BYTES);
    d->seen = (struct plan_index){.slots = NULL};
}

void plan_devices_clear(struct plan_devices *d)
{
    db_array_clear(&d->buckets);
    db_array_clear(&d->customers);
    db_array_clear(&d->hashes);
    plan_index_clear(&d->seen);
}

void plan_devices_free(struct plan_devices *d)
{
    db_array_free(&d->buckets);
    db_array_free(&d->customers);
    db_array_free(&d->hashes);
    plan_index_free(&d->seen);
}

void plan_devices_add(struct plan_devices *d, int64_t customer, int64_t number, struct bytes hash)
{
    if (plan_index_first(&d->seen, number) == PLAN_INDEX_END) {
        db_array_add_int(&d->buckets, identifier_bucket(customer));
        db_array_add_int(&d->customers, customer);
        db_array_add_bytes(&d->hashes, hash);
        plan_index_add(&d->seen, number);
    }
}

static void put_keys(struct db *db, const struct db_query *q, const struct plan_keys *k)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, &k->buckets);
    db_put_array(&p, &k->numbers);
    db_query(db, q, &p);
    db_params_free(&p);
}

/* ---- */

void plan_store_put_rows(struct db *db, const struct plan_keys *of_cases,
                         const struct plan_keys *of_customers, const struct plan_keys *subjects)
{
    struct db_params p = {.count = 0};
    put_keys(db, &rows_of_cases, of_cases);
    db_put_array(&p, &of_customers->buckets);
    db_put_array(&p, &of_customers->numbers);
    db_put_array(&p, &subjects->numbers);
    db_query(db, &rows_of_customers, &p);
    db_params_free(&p);
}

void plan_store_put_rows_of_groups(struct db *db, const struct plan_keys *of_customers)
{
    put_keys(db, &rows_of_groups, of_customers);
}

int64_t plan_store_get_customer_of(const struct db_rows *r, size_t row)
{
    struct follow_up f;
    followup_store_get(r, row, &f);
    return f.customer;
}

int64_t plan_store_get_asked(const struct db_rows *r, size_t row)
{
    return db_get_int(r, row, FOLLOWUP_STORE_COLUMN_COUNT + 2);
}

void plan_store_get_row(const struct db_rows *r, size_t row, struct follow_up *ret,
                        enum follow_up_state *ret_leader, int64_t *ret_ordered_us)
{
    followup_store_get(r, row, ret);
    *ret_leader = (enum follow_up_state)db_get_int(r, row, FOLLOWUP_STORE_COLUMN_COUNT);
    *ret_ordered_us = db_get_time(r, row, FOLLOWUP_STORE_COLUMN_COUNT + 1);
}

void plan_store_put_cases(struct db *db, const struct plan_keys *keys)
{
    put_keys(db, &cases, keys);
}

void plan_store_get_case(const struct db_rows *r, size_t row, struct plan_case_row *ret)
{
    *ret = (struct plan_case_row){
        .number = db_get_int(r, row, 0),
        .customer = db_get_int(r, row, 1),
        .reopened_count = (int32_t)db_get_int(r, row, 2),
        .resolved_us = db_get_time(r, row, 3),
        .kind = (int32_t)db_get_int(r, row, 4),
        .priority = (int32_t)db_get_int(r, row, 5),
        .category = db_get_text(r, row, 6),
        .product = db_get_text(r, row, 7),
        .branch = db_get_text(r, row, 8),
    };
}

void plan_store_put_customers(struct db *db, const struct plan_keys *keys)
{
    put_keys(db, &customers, keys);
}

void plan_store_get_customer(const struct db_rows *r, size_t row, struct plan_customer_row *ret)
{
    *ret = (struct plan_customer_row){
        .number = db_get_int(r, row, 0),
        .zone = db_get_text(r, row, 1),
        .tier = db_get_text(r, row, 2),
        .churn = db_is_null(r, row, 3) ? (double)NAN : db_get_float8(r, row, 3),
        .is_merged = db_get_bool(r, row, 4),
    };
}

void plan_store_put_promises(struct db *db, const struct plan_keys *keys)
{
    put_keys(db, &promises, keys);
}

void plan_store_get_promise(const struct db_rows *r, size_t row, struct plan_promise_row *ret)
{
    *ret = (struct plan_promise_row){
        .number = db_get_int(r, row, 0),
        .service_case = db_get_int(r, row, 1),
        .customer = db_get_int(r, row, 2),
        .state = (int32_t)db_get_int(r, row, 3),
        .clock_version = (int32_t)db_get_int(r, row, 4),
        .due_us = db_get_time(r, row, 5),
        .kind = db_get_text(r, row, 6),
        .branch = db_get_text(r, row, 7),
        .is_void = db_get_bool(r, row, 8),
        .is_compensation_void = db_get_bool(r, row, 9),
        .replaces = db_get_int(r, row, 10),
        .last_state = (int32_t)db_get_int(r, row, 11),
    };
}

void plan_store_put_void(struct db *db, const struct plan_keys *answers,
                         const struct plan_keys *signals)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, &answers->buckets);
    db_put_array(&p, &answers->numbers);
    db_put_array(&p, &signals->buckets);
    db_put_array(&p, &signals->numbers);
    db_query(db, &voids, &p);
    db_params_free(&p);
}

int64_t plan_store_get_void(const struct db_rows *r, size_t row)
{
    return db_get_int(r, row, 0);
}

void plan_store_put_repeats(struct db *db, const struct plan_keys *signals)
{
    put_keys(db, &repeats, signals);
}

void plan_store_put_readings(struct db *db, const struct plan_devices *devices)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, &devices->buckets);
    db_put_array(&p, &devices->customers);
    db_put_array(&p, &devices->hashes);
    db_query(db, &readings, &p);
    db_params_free(&p);
}

void plan_store_get_reading(const struct db_rows *r, size_t row, struct plan_reading_row *ret)
{
    *ret = (struct plan_reading_row){
        .customer = db_get_int(r, row, 0),
        .device = db_get_bytes(r, row, 1),
        .at_us = db_get_time(r, row, 2),
        .km = db_is_null(r, row, 3) ? (double)NAN : db_get_float8(r, row, 3),
        .usage = db_is_null(r, row, 4) ? (double)NAN : db_get_float8(r, row, 4),
        .usage_unit = db_get_text(r, row, 5),
        .product = db_get_text(r, row, 6),
    };
}

void plan_store_put_branches(struct db *db)
{
    db_query(db, &branches, NULL);
}

const char *plan_store_get_branch(const struct db_rows *r, size_t row, const char **ret_zone)
{
    *ret_zone = db_get_text(r, row, 1);
    return db_get_text(r, row, 0);
}
