/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_attempt_store.h"

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"
#include "intake.pb-c.h"
#include "services/followup/followup_group.h"
#include "services/followup/followup_store.h"

/* 3 is CHANNEL_MAIL. */
static const struct db_query insert = {
    "followup_attempt_store_insert",
    "INSERT INTO followup.follow_up_attempt (bucket, follow_up_number, attempt, order_key,"
    " customer_number, channel, number_handle, dialer, journal, state, ordered_at, start_by)"
    " SELECT n.bucket, n.number, n.attempt, n.order_key, n.customer, n.channel,"
    " coalesce(nullif(n.handle, 0),"
    " CASE WHEN n.channel = 3 THEN c.email_handle ELSE c.phone_handle END),"
    " n.dialer, n.journal, n.state, n.ordered_at, n.start_by"
    " FROM unnest($1::int2[], $2::int8[], $3::int4[], $4::text[], $5::int8[], $6::int2[],"
    " $7::int8[], $8::text[], $9::text[], $10::int2[], $11::timestamptz[], $12::timestamptz[])"
    " AS n (bucket, number, attempt, order_key, customer, channel, handle, dialer, journal, state,"
    " ordered_at, start_by)"
    " LEFT JOIN intake.customer_public AS c ON c.bucket = n.bucket AND c.number = n.customer",
    DB_NONE,
};
_Static_assert(TROTH__V1__CHANNEL__CHANNEL_MAIL == 3, "the statement has that number");

#define ATTEMPT_COLUMNS                                                                            \
    "a.attempt, a.dialer, a.journal, a.state, a.ordered_at, a.start_by, a.outcome, a.started_at,"  \
    " a.ended_at, a.finished_at, a.customer_number, a.channel, a.number_handle, a.stage"
#define ATTEMPT_COLUMN_COUNT 14

/* Before a person calls: a machine has an order to the same person, or another person calls
 * already. What others only hold stands in nobody's way, or two of them would keep each other from
 * it. */
#define CALLED_ELSEWHERE                                                                           \
    "(starts_with(a.dialer, 'person/') AND a.state = 1"                                            \
    " AND EXISTS (SELECT FROM " FOLLOWUP_ATTEMPTS_OF_F " WHERE " OTHER_CALL                        \
    " UNION ALL SELECT FROM intake.customer_public AS m"                                           \
    " CROSS JOIN LATERAL " FOLLOWUP_ATTEMPTS_OF_M " WHERE " OF_GROUP " AND " OTHER_CALL "))"
#define OTHER_CALL                                                                                 \
    "o.follow_up_number <> f.number"                                                               \
    " AND (o.state = 2 OR (o.state = 1 AND NOT starts_with(o.dialer, 'person/')))"

static const struct db_query lock_attempts = {
    "followup_attempt_store_lock",
    "SELECT " FOLLOWUP_STORE_COLUMNS ", " ATTEMPT_COLUMNS ","
    " (SELECT count(*) FROM followup.follow_up_attempt AS p WHERE p.bucket = a.bucket"
    " AND p.follow_up_number = a.follow_up_number AND p.attempt < a.attempt"
    " AND p.channel = a.channel AND p.outcome = n.outcome),"
    " coalesce(c.time_zone, f.zone,"
    " (SELECT min(b.time_zone) FROM intake.branch_public AS b WHERE b.branch = f.branch)),"
    " coalesce(c.merged_into, f.customer_number), " CALLED_ELSEWHERE
    " FROM followup.follow_up_attempt AS a"
    " JOIN followup.follow_up AS f ON f.bucket = a.bucket AND f.number = a.follow_up_number"
    " JOIN unnest($1::int8[], $2::int4[], $3::int2[]) AS n (number, attempt, outcome)"
    " ON a.bucket = (n.number & 255)::int2 AND a.follow_up_number = n.number"
    " AND a.attempt = n.attempt LEFT JOIN intake.customer_public AS c"
    " ON c.bucket = f.bucket AND c.number = f.customer_number"
    " ORDER BY f.bucket, f.number, a.attempt FOR UPDATE OF f, a",
    DB_ROWS,
};

static const struct db_query change = {
    "followup_attempt_store_change",
    "UPDATE followup.follow_up_attempt AS a SET state = n.state, outcome = nullif(n.outcome, 0),"
    " started_at = n.started_at, ended_at = n.ended_at, finished_at = n.finished_at,"
    " stage = nullif(n.stage, 0)"
    " FROM unnest($1::int8[], $2::int4[], $3::int2[], $4::int2[], $5::timestamptz[],"
    " $6::timestamptz[], $7::timestamptz[], $8::int2[])"
    " AS n (number, attempt, state, outcome, started_at, ended_at, finished_at, stage)"
    " WHERE a.bucket = (n.number & 255)::int2 AND a.follow_up_number = n.number"
    " AND a.attempt = n.attempt",
    DB_NONE,
};

static const struct db_query open_orders = {
    "followup_attempt_store_open",
    "SELECT a.follow_up_number, " ATTEMPT_COLUMNS " FROM followup.follow_up_attempt AS a"
    " WHERE a.bucket = ANY ($1) AND a.state IN (1, 2) AND (a.start_by < $2 OR a.dialer = ANY ($3))"
    " AND NOT starts_with(a.dialer, 'person/')"
    " AND (a.start_by, a.follow_up_number) > ($5, $6)"
    " ORDER BY a.start_by, a.follow_up_number LIMIT $4",
    DB_ROWS,
};

static const struct db_query session = {
    "followup_attempt_store_session",
    "INSERT INTO followup.dialer_session AS s (dialer, journal, free_lines, last_seen, channels,"
    " hours) VALUES ($1, $2, $3, $4, $5, $6)"
    " ON CONFLICT (dialer) DO UPDATE SET journal = excluded.journal,"
    " free_lines = excluded.free_lines, last_seen = excluded.last_seen,"
    " channels = excluded.channels, hours = excluded.hours",
    DB_NONE,
};

void followup_attempt_store_put_insert(struct db *db, const struct followup_attempt *list,
                                       size_t count)
{
    static const enum db_type types[] = {
        DB_INT2, DB_INT8, DB_INT4, DB_TEXT, DB_INT8, DB_INT2,
        DB_INT8, DB_TEXT, DB_TEXT, DB_INT2, DB_TIME, DB_TIME,
    };
    struct db_columns c;
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        const struct followup_attempt *a = &list[i];
        char key[FOLLOWUP_ORDER_KEY_SIZE];
        db_array_add_int(&c.array[0], identifier_bucket(a->follow_up));
        db_array_add_int(&c.array[1], a->follow_up);
        db_array_add_int(&c.array[2], a->attempt);
        db_array_add_text(&c.array[3], followup_order_key(a->follow_up, a->attempt, key));
        db_array_add_int(&c.array[4], a->customer);
        db_array_add_int(&c.array[5], a->channel);
        db_array_add_int(&c.array[6], a->handle);
        db_array_add_text(&c.array[7], a->dialer);
        db_array_add_text(&c.array[8], a->journal);
        db_array_add_int(&c.array[9], a->state);
        db_array_add_time(&c.array[10], a->ordered_us);
        db_array_add_time(&c.array[11], a->start_by_us);
    }
    db_columns_query(&c, db, &insert);
}

void followup_attempt_store_put_lock(struct db *db, const struct db_array *numbers,
                                     const struct db_array *attempts,
                                     const struct db_array *outcomes)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, numbers);
    db_put_array(&p, attempts);
    db_put_array(&p, outcomes);
    db_query(db, &lock_attempts, &p);
    db_params_free(&p);
}

static void get_attempt(const struct db_rows *r, size_t row, int column,
                        struct followup_attempt *ret)
{
    ret->attempt = (int32_t)db_get_int(r, row, column);
    (void)text_copy(ret->dialer, sizeof(ret->dialer), db_get_text(r, row, column + 1));
    (void)text_copy(ret->journal, sizeof(ret->journal), db_get_text(r, row, column + 2));
    ret->state = (enum followup_attempt_state)db_get_int(r, row, column + 3);
    ret->ordered_us = db_get_time(r, row, column + 4);
    ret->start_by_us = db_get_time(r, row, column + 5);
    ret->outcome = (int32_t)db_get_int(r, row, column + 6);
    ret->started_us = db_get_time(r, row, column + 7);
    ret->ended_us = db_get_time(r, row, column + 8);
    ret->finished_us = db_get_time(r, row, column + 9);
    ret->customer = db_get_int(r, row, column + 10);
    ret->channel = (int32_t)db_get_int(r, row, column + 11);
    ret->handle = db_get_int(r, row, column + 12);
    ret->stage = (int32_t)db_get_int(r, row, column + 13);
}

void followup_attempt_store_get_locked(const struct db_rows *r, size_t row,
                                       struct followup_locked *ret)
{
    int column = FOLLOWUP_STORE_COLUMN_COUNT;
    *ret = (struct followup_locked){.same_count = 0};
    followup_store_get(r, row, &ret->follow_up);
    ret->attempt.follow_up = ret->follow_up.number;
    get_attempt(r, row, column, &ret->attempt);
    ret->same_count = (int32_t)db_get_int(r, row, column + ATTEMPT_COLUMN_COUNT);
    (void)text_copy(ret->zone, sizeof(ret->zone),
                    db_get_text(r, row, column + ATTEMPT_COLUMN_COUNT + 1));
    ret->person = db_get_int(r, row, column + ATTEMPT_COLUMN_COUNT + 2);
    ret->is_called_elsewhere = db_get_bool(r, row, column + ATTEMPT_COLUMN_COUNT + 3);
}

static void add_change(struct db_columns *c, const struct followup_attempt *a)
{
    db_array_add_int(&c->array[0], a->follow_up);
    db_array_add_int(&c->array[1], a->attempt);
    db_array_add_int(&c->array[2], a->state);
    db_array_add_int(&c->array[3], a->outcome);
    db_array_add_time(&c->array[4], a->started_us);
    db_array_add_time(&c->array[5], a->ended_us);
    db_array_add_time(&c->array[6], a->finished_us);
    db_array_add_int(&c->array[7], a->stage);
}

size_t followup_attempt_store_put_changes(struct db *db, const struct followup_attempt *list,
                                          size_t count)
{
    static const enum db_type types[] = {
        DB_INT8, DB_INT4, DB_INT2, DB_INT2, DB_TIME, DB_TIME, DB_TIME, DB_INT2,
    };
    struct db_columns c;
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < count; i++) {
        if (list[i].is_changed) {
            add_change(&c, &list[i]);
        }
    }
    if (db_columns_rows(&c) == 0) {
        db_columns_free(&c);
        return 0;
    }
    db_columns_query(&c, db, &change);
    return 1;
}

void followup_attempt_store_put_open(struct db *db, const struct db_array *buckets,
                                     int64_t machine_now_us, const struct db_array *dialers,
                                     const struct followup_open_page *page)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, buckets);
    db_put_time(&p, machine_now_us);
    db_put_array(&p, dialers);
    db_put_int4(&p, page->limit);
    db_put_time(&p, page->after_start_by_us);
    db_put_int8(&p, page->after_number);
    db_query(db, &open_orders, &p);
    db_params_free(&p);
}

void followup_attempt_store_get_open(const struct db_rows *r, size_t row,
                                     struct followup_attempt *ret)
{
    *ret = (struct followup_attempt){.follow_up = db_get_int(r, row, 0)};
    get_attempt(r, row, 1, ret);
}

void followup_attempt_store_put_session(struct db *db, const struct followup_dialer *dialer,
                                        int64_t machine_now_us)
{
    struct db_params p = {.count = 0};
    db_put_text(&p, dialer->name);
    db_put_text(&p, dialer->journal);
    db_put_int4(&p, dialer->free_lines);
    db_put_time(&p, machine_now_us);
    db_put_int4(&p, (int32_t)dialer->channels);
    db_put_text(&p, dialer->hours_text);
    db_query(db, &session, &p);
    db_params_free(&p);
}
